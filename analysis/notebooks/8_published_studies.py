# %% [markdown]
# # Comparing with published studies
#
# **Answers:** how do our numbers compare with what others have published, and why may they differ?
#
# Every indicator carries what others have published. A difference can come from the panel (whose
# sites), the day (lists of agents grow), the definition (what counts as "blocking"), the
# denominator (are failures left out?) and the reader (RFC 9309 or something simpler). Values
# marked as secondary sources were not read in the original and are unverified.

# %%
import pandas as pd

from analysis.database import latest_wave
from analysis.notebooks.show import database, load, table
from analysis.numbers import indicator

db = database()
wave = latest_wave(db)
measured = indicator.run(db, wave)

# %% [markdown]
# ## Each indicator beside the literature, and why ours may differ

# %%
rows = []
for m in measured:
    ours = m.primary()
    value = None
    if ours:
        value = ours.share if hasattr(ours, "share") else ours.median
    i = m.indicator
    rows.append(
        (i.id, i.title, value, ours.label if ours else "", i.literature, i.caveat or m.lacks)
    )
columns = ["id", "indicator", "ours", "which", "published", "why it may differ"]
table(pd.DataFrame(rows, columns=columns))

# %% [markdown]
# ## The definition alone
# On the same files, only what is counted differs.

# %%
known = load(db, "v_definitions", wave=wave).sort_values("k", ascending=False)
table(known.assign(share=known.k / known.n)[["title", "counts", "source", "k", "n", "share"]])

# %% [markdown]
# ## The reader alone
# The same rules as other programs read them: sites where a reader's answer for an agent differs
# from RFC 9309.

# %%
read = load(db, "v_reader_disagreements", wave=wave)
print(
    f"{read.host.nunique()} sites with a difference:"
    f" {read[read.google_root != read.rfc9309_root].host.nunique()} by Google's reader,"
    f" {read[read.protego_root != read.rfc9309_root].host.nunique()} by Protego"
)
