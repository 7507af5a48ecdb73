# %% [markdown]
# # A figure for a paper
#
# **Answers:** which share of sites keeps each training agent out, how sure is that, and what has to
# stand under the figure?

# %%
from pathlib import Path
from tempfile import mkdtemp

from matplotlib import pyplot as plt
from matplotlib.ticker import PercentFormatter

from analysis.database import latest_wave
from analysis.notebooks.show import database, figure, frame, load, table
from analysis.numbers import summary

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## The numbers
# As `optout summary` publishes them: k of n, with Wilson's interval at 95 %, and what the share
# would be if none, or all, of the unmeasured sites blocked the agent.

# %%
published = summary.run(db, wave)["agent_blocked"]
shares = frame(row for row in published.rows if row.stratum == "*").sort_values("share")
table(shares[["label", "k", "n", "share", "low", "high", "if_none", "if_all"]])

# %% [markdown]
# ## The figure
# Points with their intervals, in order, from zero on. A census has no interval: there is no sample
# whose chance it could show.

# %%
drawn, axes = plt.subplots(figsize=(6, 3), layout="constrained")
ends = abs(shares[["low", "high"]].astype(float).sub(shares.share, axis=0)).T
census = ends.isna().any(axis=None)
axes.errorbar(shares.share, shares.label, xerr=None if census else ends, fmt="o")
axes.set_xlim(left=0)
axes.xaxis.set_major_formatter(PercentFormatter(1))
axes.set_xlabel("Share of the measured sites that disallow the root")

least, most = shares.iloc[0], shares.iloc[-1]
title = f"{most.share:.0%} of measured sites keep {most.label} out, {least.share:.0%} {least.label}"
axes.set_title(title, loc="left", fontsize="medium")
figure(drawn, title)

# %% [markdown]
# For a paper it is a PDF; name a folder of your own.

# %%
folder = Path(mkdtemp())
drawn.savefig(folder / "agents.pdf")
(folder / "agents.pdf").stat().st_size

# %% [markdown]
# ## What stands under it
# Panel, day, vantage point, ruleset, definition and what is left out: without these a share cannot
# be compared with anybody's.

# %%
(about,) = load(db, "waves", name=wave).itertuples()
number = published.number
print(
    f"Figure 1. {title} (k/n: {', '.join(f'{r.label} {r.k}/{r.n}' for r in shares.itertuples())};"
    f" bars: 95 % Wilson intervals). Panel {most.panel}, wave {wave}, begun {about.started_at},"
    f" from {about.vantage or 'a vantage point not stated'}. Counted: {number.numerator}; of:"
    f" {number.denominator}. {number.caveat}"
)
