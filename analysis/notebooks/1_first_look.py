# %% [markdown]
# # A first look at the database
#
# One SQLite file holds everything: which sites were asked, what they answered (the raw bytes),
# what each signal was read to say, and what it all comes to. This page walks from a site to a
# number. Set `OPTOUT_DB` to look at a survey of your own.

# %%
from analysis.notebooks.show import database, query

db = database()

# %% [markdown]
# ## Waves
# A *wave* is one survey of one *panel* (a list of sites). Every site of the panel ends a wave
# with exactly one *outcome* and a reason: nothing is left out, also not what failed.

# %%
query(db, "SELECT name AS wave, started_at, finished_at FROM waves ORDER BY wave_id")

# %%
query(
    db,
    "SELECT wave, outcome, reason, count(*) AS sites FROM v_visits"
    " GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC LIMIT 20",
)

# %% [markdown]
# ## From a verdict to its bytes
# A statement names the words it rests on, the line, and the address; a capture has the hash of
# the body. So every number can be followed back to what was served.

# %%
query(
    db,
    "SELECT s.host, s.signal, s.purpose, s.preference, s.quote, substr(c.body_sha256, 1, 12) AS body"
    " FROM v_statements s JOIN v_captures c ON c.wave = s.wave AND c.host = s.host"
    " AND c.url = s.url AND c.superseded = 0"
    " WHERE s.strictness = 'strict' AND s.purpose = 'train' ORDER BY s.host LIMIT 12",
)

# %% [markdown]
# ## Unknown is not "allowed"
# A robots.txt that was refused or failed is `unmeasured` for every agent. Leave those rows out of
# a denominator; never count them as allowed.

# %%
query(
    db,
    "SELECT wave, root, count(*) AS sites FROM v_agent_access"
    " WHERE reader = 'rfc9309' AND agent = 'GPTBot' GROUP BY 1, 2",
)
