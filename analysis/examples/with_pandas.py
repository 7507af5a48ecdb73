"""Which share of the measured sites keeps each agent from its root, by RFC 9309?

Run in the folder of a Parquet export, with pandas and pyarrow:
    optout export --db survey.db --to out --format parquet --table v_access
"""

import pandas as pd

access = pd.read_parquet("v_access.parquet")
measured = access[access["whole"] == 1].assign(blocks=lambda rows: rows["root"] == "disallowed")
shares = measured.groupby(["wave", "agent"])["blocks"].agg(k="sum", n="count").reset_index()
shares["share"] = (shares["k"] / shares["n"]).round(4)
shares = shares.sort_values(["wave", "k", "agent"], ascending=[True, False, True])
print(shares.to_csv(index=False), end="")
