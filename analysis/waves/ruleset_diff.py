"""Two rulesets' verdicts on the same captures, and what moved: the review of a method change."""

import sqlite3

from analysis.database import AnalysisError
from analysis.queries import query


def moved(
    connection: sqlite3.Connection, a: int, b: int, *, by_rule: bool = False, examples: int = 0
) -> list[dict[str, object]]:
    """Return one row per wave, question, before, after and both rules, with the number of sites.

    `by_rule` puts waves, agents and purposes together; a site that moved for several agents counts
    once a wave. `examples`: how many hosts to name in each row, as `hosts`.
    Raises AnalysisError when one of the rulesets has judged nothing here.
    """
    known = {row[0] for row in connection.execute("SELECT DISTINCT ruleset FROM judged_waves")}
    for ruleset in (a, b):
        if ruleset not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise AnalysisError(f"ruleset {ruleset} has judged nothing here; known: {listed}")
    bound = {"a": a, "b": b, "by_rule": by_rule, "examples": examples}
    cursor = connection.execute(query(__name__, "ruleset_diff"), bound)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in rows:
        hosts = sorted(set((row.pop("hosts") or "").split()))
        if examples:
            row["hosts"] = hosts[:examples]
    return rows
