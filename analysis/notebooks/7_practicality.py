# %% [markdown]
# # How practical is opting out?
#
# **Answers:** do attempts take effect, whom do they reach, does prose reach machines, who decides?
# The score puts the parts together; the parts come first.

# %%
import pandas as pd

from analysis.database import latest_wave
from analysis.notebooks.show import database, table
from analysis.numbers import indicator
from analysis.numbers.practicality import scores
from analysis.numbers.questions import questions

db = database()
measured = indicator.run(db, latest_wave(db))
by_name = {m.indicator.name: m for m in measured}

# %% [markdown]
# ## The score and its parts
# A part that could not be measured stays empty; with fewer than three parts there is no score.
# The range is over other choices of parts and weights.

# %%
found = scores(measured)
parts = [value.part.name for value in found[0].values]
table(pd.DataFrame(
    [(s.stratum, *(v.value for v in s.values), s.score, s.low, s.high) for s in found],
    columns=["stratum", *parts, "score", "low", "high"],
))  # fmt: skip

# %% [markdown]
# ## The claims of the debate
# For each claim: the indicators that bear on it, for the whole panel.

# %%
rows = []
for question in questions():
    for name in question.indicators:
        if row := by_name[name].primary():
            value = row.share if hasattr(row, "share") else row.median
            title = by_name[name].indicator.title
            rows.append((question.title, title, row.label, value, row.n))
columns = ["question", "indicator", "which", "share or median", "n"]
table(pd.DataFrame(rows, columns=columns))

# %% [markdown]
# ## What could not be measured, and why
# An indicator without data says what it needs; nothing is made up for it.

# %%
lacking = [(m.indicator.title, m.lacks) for m in measured if m.lacks]
table(pd.DataFrame(lacking, columns=["indicator", "lacks"]))
