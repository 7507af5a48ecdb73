# %% [markdown]
# # Changes since the last wave
#
# What is compared is what two waves *mean*, not their bytes: a comment changes nothing, a slash
# may change everything. Both waves are read under one ruleset.

# %%
from itertools import islice

from analysis.database import latest_wave
from analysis.notebooks.show import database, table
from analysis.numbers import indicator
from analysis.waves import changes

db = database()
wave = latest_wave(db)
(ruleset,) = db.execute(
    "SELECT ruleset FROM current_rulesets JOIN waves USING (wave_id) WHERE name = ?", (wave,)
).fetchone()
before = changes.earlier_wave(db, wave, ruleset)
print(f"{before} -> {wave}, ruleset {ruleset}")

# %% [markdown]
# ## How many sites changed, and how

# %%
if before:
    counted = changes.tally(db, before, wave)
    shown = table(["kind", "subject", "sites"], [(t.kind, t.subject, t.sites) for t in counted])
else:
    shown = f"No earlier wave of this panel was judged by ruleset {ruleset}: nothing to compare."
shown

# %% [markdown]
# ## Site by site

# %%
first = islice(changes.changes(db, before, wave), 40) if before else ()
table(
    ["host", "kind", "subject", "before", "after", "id"],
    [(c.host, c.kind, c.subject, c.before, c.after, c.id) for c in first],
)

# %% [markdown]
# ## Do opt-outs last?
# Reversal: allowed again. Persistence: notices still there. Volatility: any change.

# %%
rows = [
    (m.indicator.title, row.label, row.k, row.n, row.share, row.low, row.high)
    for m in indicator.run(db, wave, ["reversal", "persistence", "volatility"])
    for row in m.rows
    if row.stratum == "*"
]
table(["indicator", "key", "k", "n", "share", "low", "high"], rows)
