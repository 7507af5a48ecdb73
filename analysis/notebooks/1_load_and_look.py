# %% [markdown]
# # Load and look
#
# **Answers:** what is in a survey's database, how do I get it into pandas, and how do I get from a
# verdict back to the bytes it rests on?
#
# One SQLite file holds everything. Its views begin with `v_`; `optout dictionary` has a sentence
# for every column and value. Set `OPTOUT_DB` to look at a survey of your own.

# %%
from analysis.database import latest_wave
from analysis.notebooks.show import database, load, table

db = database()
wave = latest_wave(db)

# %% [markdown]
# ## Load
# A *wave* is one survey of one *panel* (a list of sites). `load` gives a view as a frame, or those
# of its rows that have the values named.

# %%
table(load(db, "waves")[["name", "started_at", "finished_at", "vantage", "software"]])

# %%
visits = load(db, "v_visits", wave=wave)
visits.shape

# %% [markdown]
# ## Look at what failed first
# Every site of the panel ends a wave with one *outcome* and a reason. Nothing is left out, also not
# what failed: the column adds up to the panel.

# %%
table(visits.groupby(["outcome", "reason"]).size().rename("sites").reset_index())

# %% [markdown]
# ## Unknown is not "allowed"
# A robots.txt that was refused or failed is `unmeasured`. `whole` marks the rows that a share may
# be made of: leave the others out of numerator and denominator, and say how many they were.

# %%
access = load(db, "v_access", wave=wave, agent="GPTBot")
table(access.groupby(["root", "whole"]).size().rename("sites").reset_index())

# %%
measured = access[access.whole.astype(bool)]
k, n = int((measured.root == "disallowed").sum()), len(measured)
print(f"{k} of {n} measured sites keep GPTBot out; {len(visits) - n} could not be measured")

# %% [markdown]
# ## From a verdict to its bytes
# A verdict names the line it rests on, a capture the hash of the body in `bodies`.

# %%
blocked = measured[measured.root == "disallowed"]
files = load(db, "v_captures", wave=wave, resource="/robots.txt", superseded=0)
evidence = blocked.merge(files[["host", "final_url", "body_sha256"]], on="host")
table(evidence[["host", "line", "rule_text", "final_url", "body_sha256"]].head())
