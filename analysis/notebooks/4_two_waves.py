# %% [markdown]
# # Two waves
#
# **Answers:** has the share moved from one wave to the next, and is that more than chance? Which
# sites changed, and do opt-outs last?
#
# The waves of one panel are the same sites, so shares must not be compared as if they were two
# samples: what counts is who gained and who lost. Both waves are read under one ruleset, and what
# is compared is what they *mean*: a comment changes nothing, a slash may change everything.

# %%
from itertools import islice

import pandas as pd

from analysis.database import latest_wave
from analysis.notebooks.show import database, frame, load, table
from analysis.numbers import indicator
from analysis.statistics import holm, mcnemar, newcombe_paired
from analysis.waves import changes

db = database()
wave = latest_wave(db)
ruleset = int(load(db, "v_robots", wave=wave).ruleset.max())
before = changes.earlier_wave(db, wave, ruleset)
alone = f"No earlier wave of this panel was judged by ruleset {ruleset}"
print(f"{before} -> {wave}, ruleset {ruleset}" if before else alone)

# %% [markdown]
# ## Sites that were measured both times

# %%
agents = load(db, "agent_panels", ruleset=ruleset, agent_panel="strict8").merge(load(db, "agents"))
rows = []
for agent in agents.token if before else ():
    then, now = (
        rows_of[rows_of.whole.astype(bool)].set_index("host").root == "disallowed"
        for rows_of in (load(db, "v_access", wave=name, agent=agent) for name in (before, wave))
    )
    both = pd.concat({"then": then, "now": now}, axis=1, join="inner")
    stay, gained = int((both.then & both.now).sum()), int((~both.then & both.now).sum())
    lost, never = int((both.then & ~both.now).sum()), int((~both.then & ~both.now).sum())
    low, high = newcombe_paired(stay, gained, lost, never)
    rows.append(
        (agent, len(both), both.then.mean(), both.now.mean(), gained, lost,
         (gained - lost) / len(both), low, high, mcnemar(gained, lost))
    )  # fmt: skip
moved = pd.DataFrame(
    rows,
    columns=["agent", "n", "then", "now", "gained", "lost", "difference", "low", "high", "p"],
)
table(moved.assign(adjusted=holm(list(moved.p))))

# %% [markdown]
# McNemar's test asks whether as many gained as lost. Sites of one owner change together: where a
# few owners have most changes, the interval over owners in `optout indicators --bootstrap` is the
# honest one.
#
# ## How many sites changed, and how

# %%
tally = changes.tally(db, before, wave) if before else []
table(frame(tally).head(20))

# %% [markdown]
# ## Site by site

# %%
first = list(islice(changes.changes(db, before, wave), 40)) if before else []
table(pd.DataFrame(
    [(c.host, c.kind, c.subject, c.before, c.after, c.id) for c in first],
    columns=["host", "kind", "subject", "before", "after", "id"],
))  # fmt: skip

# %% [markdown]
# ## Do opt-outs last?
# Reversal: allowed again. Persistence: notices still there. Volatility: any change.

# %%
lasting = frame(
    row
    for m in indicator.run(db, wave, ["reversal", "persistence", "volatility"])
    for row in m.rows
)
columns = ["indicator", "label", "k", "n", "share", "low", "high"]
table(lasting[lasting.stratum == "*"][columns] if len(lasting) else lasting)
