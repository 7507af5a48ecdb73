# %% [markdown]
# # Was it too late?
#
# **Answers:** had a public crawl copied a site before the site began to refuse?
#
# Some companies train on copies of the web that others made long ago. This page asks it site by
# site.
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
import pandas as pd

from analysis.database import latest_wave
from analysis.notebooks.show import database, frame, load, table
from analysis.numbers import indicator

db = database()
wave = latest_wave(db)
wave

# %% [markdown]
# ## What was loaded
# No row: `optout history` was not run on this database, and all that follows is empty.

# %%
captured = load(db, "v_public_captures")
table(captured.groupby("collection").agg(
    first_day=("first_seen", "min"), last_day=("last_seen", "max"),
    sites_with_a_row=("host", "nunique"), pages=("pages", "sum"),
).reset_index())  # fmt: skip

# %% [markdown]
# ## Captured before they refused

# %%
measured = indicator.run(db, wave, ["after_capture", "locked_in"])
rows = [(m.indicator.title, row.label, row.k, row.n, row.share) for m in measured for row in m.rows
        if row.stratum == "*"]  # fmt: skip
table(pd.DataFrame(rows or [("nothing loaded", "", 0, 0, None)],
                   columns=["question", "answer", "k", "of", "share"]))  # fmt: skip

# %% [markdown]
# ## Days between announcement and refusal, of sites captured in between

# %%
(window,) = indicator.run(db, wave, ["wasted_window"])
spread = frame(window.rows)
table(spread[["label", "n", "p10", "median", "p90"]] if len(spread) else spread)
