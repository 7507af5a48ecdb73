"""SQLite in and out: facts are appended, judgement is rebuilt, nothing is per site x agent.

`database` opens and migrates a file, `facts` writes panels, waves and visits,
`judgement` reads captures for the judge and writes what it says.
"""
