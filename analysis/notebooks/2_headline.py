# %% [markdown]
# # Reproducing the headline
#
# "So many per cent of sites block AI crawlers" can mean many things. Here the headline of the
# newest wave is counted by hand, compared with what `optout indicators` publishes, and then
# shown under every published definition.

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import chart, database, query, table
from analysis.numbers import indicator
from analysis.statistics import wilson

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## By hand
# k: sites whose robots.txt keeps GPTBot from the root. n: sites whose file is known to its end (of
# one that was cut short only a yes could be known).

# %%
k, n = db.execute(
    "SELECT sum(root = 'disallowed'), count(*) FROM v_access"
    " WHERE wave = ? AND agent = 'GPTBot' AND whole",
    (wave,),
).fetchone()
low, high = wilson(k, n)
table(["wave", "k", "n", "share", "low", "high"], [(wave, k, n, k / n, low, high)])

# %% [markdown]
# ## As published
# The same number comes from `analysis/indicators/effective_block.sql`.

# %%
(published,) = indicator.run(db, wave, ["effective_block"])
panel = [row for row in published.rows if row.stratum == "*"]
gptbot = next(row for row in panel if row.key == "GPTBot")
assert (gptbot.k, gptbot.n) == (k, n), "by hand and published must be equal"
chart("Sites that keep each agent out", sorted(panel, key=lambda row: -(row.share or 0)))

# %% [markdown]
# ## Under every definition
# The same files, counted as other studies count. The spread is the part of a headline that is
# its definition.

# %%
query(
    db,
    "SELECT title, k, n, round(1.0 * k / n, 3) AS share, source FROM v_definitions"
    " WHERE wave = :wave ORDER BY k DESC",
    wave=wave,
)
