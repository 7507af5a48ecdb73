# %% [markdown]
# # Your own definition
#
# **Answers:** how much of "so many per cent of sites block AI crawlers" is the definition? And what
# is the share under mine?

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import database, frame, load, table
from analysis.numbers import indicator
from analysis.statistics import wilson

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## What others count
# The same files under every published definition. The spread between the rows is no disagreement
# about the web.

# %%
known = load(db, "v_definitions", wave=wave).sort_values("k", ascending=False)
table(known.assign(share=known.k / known.n)[["title", "counts", "k", "n", "share", "source"]])

# %% [markdown]
# ## Yours
# As an example: a site opts out if it names at least one training agent itself and closes all of
# the site to it. A rule for everybody (`*`) is not counted, nor a part of the site. Change the
# second cell; the denominator stays the sites whose whole file is known.

# %%
ruleset = int(load(db, "v_robots", wave=wave).ruleset.max())
purposes = load(db, "agent_purposes", ruleset=ruleset, purpose="train").merge(load(db, "agents"))
access = load(db, "v_access", wave=wave)
access = access[access.agent.isin(purposes.token)]


# %%
def opts_out(rows):
    """Say of each site and agent whether it counts."""
    return (rows.basis == "own") & (rows.extent == "all")


# %%
def share(definition, rows):
    """Give k, n and the interval of the sites for which a row of theirs counts."""
    rows = rows[rows.whole.astype(bool)]
    sites = definition(rows).groupby(rows.host).any()
    return int(sites.sum()), len(sites), wilson(int(sites.sum()), len(sites))


k, n, interval = share(opts_out, access)
print(f"{k} of {n} sites, 95 % interval {interval[0]:.3f} to {interval[1]:.3f}")

# %% [markdown]
# ## A check
# With the definition of a published indicator, the same steps must give the published number.

# %%
(published,) = indicator.run(db, wave, ["effective_block"])
gptbot = next(row for row in published.rows if row.stratum == "*" and row.key == "GPTBot")
mine = share(lambda rows: rows.root == "disallowed", access[access.agent == "GPTBot"])
assert mine == (gptbot.k, gptbot.n, (gptbot.low, gptbot.high)), (
    "by hand and published must be equal"
)
table(frame([gptbot])[["indicator", "key", "k", "n", "share", "low", "high"]])
