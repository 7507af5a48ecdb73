# %% [markdown]
# # A test between strata
#
# **Answers:** do kinds of sites differ in how often they block an agent, or is that chance? What do
# weights, owners and unmeasured sites do to the shares?

# %%
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.database import latest_wave
from analysis.notebooks.show import database, frame, load, table
from analysis.numbers import indicator
from analysis.statistics import holm, newcombe

AGENT = "GPTBot"
db = database()
wave = latest_wave(db)

# %% [markdown]
# ## The shares
# Sites that were not measured are no "no": they are left out.

# %%
access = load(db, "v_access", wave=wave, agent=AGENT)
measured = access[access.whole.astype(bool)].assign(blocks=lambda rows: rows.root == "disallowed")
counted = measured.groupby("stratum").blocks.agg(k="sum", n="count").reset_index()
table(counted.assign(share=counted.k / counted.n))

# %% [markdown]
# ## Do they differ at all?
# A permutation test: if the strata were only labels, how often would labels dealt anew lie as far
# apart? It assumes nothing but that sites could be exchanged; where one owner has many sites, deal
# out owners.

# %%
dice = np.random.default_rng(1)
labels, strata = pd.factorize(measured.stratum)
sizes = np.bincount(labels)


def apart(blocks):
    """Weighted sum of squared distances of the strata's shares from that of all."""
    shares = np.bincount(labels, weights=blocks) / sizes
    return float((sizes * (shares - blocks.mean()) ** 2).sum())


blocks = measured.blocks.to_numpy(float)
rounds = [apart(dice.permutation(blocks)) for _ in range(2000)]
p = (1 + sum(found >= apart(blocks) for found in rounds)) / (1 + len(rounds))
print(f"{len(blocks)} sites in {len(strata)} strata: p = {p:.4f}")

# %% [markdown]
# ## Which ones?
# The difference of each pair with Newcombe's interval. Many pairs are looked at, so each p is
# raised by Holm's method before anybody calls it a finding; with few sites most pairs stay open,
# which is no proof that they are alike.

# %%
pairs = []
for a, b in combinations(counted.itertuples(), 2):
    low, high = newcombe(a.k, a.n, b.k, b.n)
    both = measured[measured.stratum.isin([a.stratum, b.stratum])]
    first, yes = (both.stratum == a.stratum).to_numpy(), both.blocks.to_numpy(float)
    gaps = (
        yes[order].mean() - yes[~order].mean()
        for order in (dice.permutation(first) for _ in range(500))
    )
    seen = abs(a.k / a.n - b.k / b.n)
    p = (1 + sum(abs(gap) >= seen for gap in gaps)) / 501
    pairs.append((a.stratum, b.stratum, a.k / a.n - b.k / b.n, low, high, p))
tested = pd.DataFrame(pairs, columns=["stratum", "other", "difference", "low", "high", "p"])
table(tested.assign(adjusted=holm(list(tested.p))).sort_values("adjusted"))

# %% [markdown]
# ## Weights, owners and what was not seen
# `weighted_share` speaks for the population behind the panel. Sites of one owner decide together:
# the bootstrap draws owners, and its interval (`cluster_`) is wider where owners are large. The
# last two columns are the share if none, or all, of the unobserved sites had counted.

# %%
(found,) = indicator.run(db, wave, ["any_signal"], seed=1)
table(frame(found.rows)[
    ["stratum", "k", "n", "share", "low", "high", "weighted_share", "effective_n", "cluster_low",
     "cluster_high", "if_none", "if_all"]
])  # fmt: skip
