# %% [markdown]
# # Your own panel
#
# A panel is a CSV with a column `host`; strata, weights and owners make numbers defensible. This
# page shows what each column does to a result. Survey yours with
# `optout survey panel.csv --wave NAME --db survey.db --contact ADDRESS`.

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import chart, database, query, table
from analysis.numbers import indicator

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## What the panel is made of

# %%
query(
    db,
    "SELECT p.name AS panel, ps.stratum, count(*) AS sites, min(ps.weight) AS least_weight,"
    " max(ps.weight) AS greatest_weight"
    " FROM panels p JOIN panel_sites ps USING (panel_id) GROUP BY 1, 2 ORDER BY 1, 2",
)

# %% [markdown]
# ## One indicator by stratum

# %%
(found,) = indicator.run(db, wave, ["any_signal"])
chart("Sites with any signal", [row for row in found.rows if row.stratum != "*"])

# %% [markdown]
# ## Weights, owners and what was not seen
# `weighted` speaks for the population behind the panel. Sites of one owner decide together:
# the bootstrap draws owners, not sites, and its interval is wider where owners are large. The
# last two columns are the share if none, or all, of the unobserved sites had counted.

# %%
(found,) = indicator.run(db, wave, ["any_signal"], seed=1)
table(
    ["stratum", "share", "weighted", "effective n", "low", "high", "owners low", "owners high",
     "if none", "if all"],
    [
        (r.stratum, r.share, r.weighted_share, r.effective_n, r.low, r.high, r.cluster_low,
         r.cluster_high, r.if_none, r.if_all)
        for r in found.rows
    ],
)  # fmt: skip
