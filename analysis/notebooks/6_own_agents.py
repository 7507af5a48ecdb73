# %% [markdown]
# # Your own agents
#
# **Answers:** how many sites keep out the agents that I care about: one of them, all of them, by
# name or only because they close to everybody?

# %%
from matplotlib import pyplot as plt
from matplotlib.ticker import PercentFormatter

from analysis.database import latest_wave
from analysis.notebooks.show import database, figure, load, table

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## The list
# Names as robots.txt has them. The registry has operator, purpose and the day since when each is
# known; a name that it lacks is counted by `optout definitions --agents`, from the stored files.

# %%
MINE = ["GPTBot", "ClaudeBot", "CCBot", "PerplexityBot", "Bytespider"]
ruleset = int(load(db, "v_robots", wave=wave).ruleset.max())
agents = load(db, "agents", ruleset=ruleset)
assert set(MINE) <= set(agents.token), "not in the registry: " + ", ".join(
    set(MINE) - set(agents.token)
)
table(agents[agents.token.isin(MINE)][["token", "operator", "status", "announced", "first_listed"]])

# %% [markdown]
# ## How many of them does a site keep out?
# One row per site. An agent that nobody knew on the day of the wave could not be blocked by name:
# compare `announced` with the wave before you call a low share a finding.

# %%
access = load(db, "v_access", wave=wave)
access = access[access.agent.isin(MINE) & access.whole.astype(bool)]
blocked = access.assign(blocks=access.root == "disallowed").pivot(
    index="host", columns="agent", values="blocks"
)
kept = blocked.sum(axis=1).value_counts().reindex(range(len(MINE) + 1), fill_value=0)
table(
    kept.rename_axis("agents kept out")
    .rename("sites")
    .reset_index()
    .assign(share=lambda t: t.sites / len(blocked))
)

# %% [markdown]
# ## By name, or with everybody?
# `own`: the site has rules for this agent. `star`: its rules for all crawlers close the root.

# %%
closed = access[access.root == "disallowed"]
ways = closed.pivot_table(
    index="agent", columns="basis", values="host", aggfunc="count", fill_value=0
)
ways = ways.reindex(index=MINE, columns=["own", "star"], fill_value=0).div(len(blocked))

drawn, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
ways.plot.barh(stacked=True, ax=axes)
axes.xaxis.set_major_formatter(PercentFormatter(1))
axes.set_xlabel(f"Share of {len(blocked)} measured sites")
axes.set_ylabel("")
axes.legend(title="Rules for", labels=["this agent", "everybody"])
figure(
    drawn, "Shares of sites that keep each agent out, by its own rules or by those for everybody"
)

# %%
table(ways.rename(columns={"own": "by name", "star": "with everybody"}).reset_index())
