# %% [markdown]
# # Was it too late?
#
# Some companies train on copies of the web that others made long ago. This page asks, site by
# site, whether a public copy was made **before** the site began to refuse.
#
# Please do not read into it what it does not say:
#
# * *Captured* means that a public crawl holds pages. Whether anybody trained on them is not seen.
# * Nobody knows the day of a refusal. We know the last day on which the site was seen open, and
#   the first on which it was seen closed. *Certain*: captured before the former. *Possible*:
#   captured before the latter; the certain ones are among them, and the others may be wrong.
# * *Unknown* is neither yes nor no. Add the unknown to the possible for the highest share that the
#   data allow.
# * The index of a crawl starts somewhere. A site that it does not have may be in an older one.
# * A site that keeps Common Crawl's CCBot out is not in later collections: that is its refusal at
#   work, and no sign that it was never copied.
# * A page counts once in each collection that holds it: pages are copies, not different pages.
# * *(unverified)*: that the operator uses the crawl is told by others.

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import database, query, table
from analysis.numbers import indicator

db = database()
wave = latest_wave(db)
wave

# %% [markdown]
# ## What was loaded
# No row: `optout history` was not run on this database, and all that follows is empty.

# %%
query(
    db,
    "SELECT collection, min(first_seen) AS first_day, max(last_seen) AS last_day,"
    " count(DISTINCT host) AS sites_with_a_row, sum(pages) AS pages"
    " FROM v_public_captures GROUP BY 1 ORDER BY 2",
)

# %% [markdown]
# ## Captured before they refused

# %%
measured = indicator.run(db, wave, ["after_capture", "locked_in"])
rows = [
    (m.indicator.title, row.label, row.k, row.n, row.share)
    for m in measured
    for row in m.rows
    if row.stratum == "*"
]
table(["question", "answer", "k", "of", "share"], rows or [("nothing loaded", "", 0, 0, None)])

# %% [markdown]
# ## Days between announcement and refusal, of sites captured in between

# %%
(window,) = indicator.run(db, wave, ["wasted_window"])
spread = [(row.label, row.n, row.p10, row.median, row.p90) for row in window.rows]
table(["answer", "sites", "10 %", "median", "90 %"], spread or [("none", 0, None, None, None)])
