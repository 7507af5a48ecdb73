# %% [markdown]
# # Comparing with published studies
#
# Every indicator carries what others have published. A difference can come from the panel (whose
# sites), the day (lists of agents grow), the definition (what counts as "blocking"), the
# denominator (are failures left out?) and the reader (RFC 9309 or something simpler). Values
# marked as secondary sources were not read in the original and are unverified.

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import database, query, table
from analysis.numbers import indicator

db = database()
wave = latest_wave(db)
measured = indicator.run(db, wave)

# %% [markdown]
# ## Each indicator beside the literature, and why ours may differ

# %%
rows = []
for m in measured:
    ours = m.primary()
    value = None
    if ours:
        value = ours.share if hasattr(ours, "share") else ours.median
    i = m.indicator
    rows.append(
        (i.id, i.title, value, ours.label if ours else "", i.literature, i.caveat or m.lacks)
    )
table(["id", "indicator", "ours", "which", "published", "why it may differ"], rows)

# %% [markdown]
# ## The definition alone
# On the same files, only what is counted differs.

# %%
query(
    db,
    "SELECT title, counts, source, k, n, round(1.0 * k / n, 3) AS share FROM v_definitions"
    " WHERE wave = :wave ORDER BY k DESC",
    wave=wave,
)

# %% [markdown]
# ## The reader alone
# The same rules as other programs read them: sites where a reader's answer for an agent differs
# from RFC 9309.

# %%
query(
    db,
    "SELECT count(DISTINCT host) AS sites_with_a_difference,"
    " count(DISTINCT CASE WHEN google_root <> rfc9309_root THEN host END) AS google,"
    " count(DISTINCT CASE WHEN protego_root <> rfc9309_root THEN host END) AS protego"
    " FROM v_reader_disagreements WHERE wave = :wave",
    wave=wave,
)
