"""Two rulesets' verdicts on the same captures, and what moved: the review of a method change."""

import sqlite3

from analysis.database import AnalysisError
from analysis.queries import query


def moved(connection: sqlite3.Connection, a: int, b: int) -> list[dict[str, object]]:
    """Return one row per wave, question, before, after and rule, with the number of sites.

    Raises AnalysisError when one of the rulesets has judged nothing here.
    """
    known = {row[0] for row in connection.execute("SELECT DISTINCT ruleset FROM judged_waves")}
    for ruleset in (a, b):
        if ruleset not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise AnalysisError(f"ruleset {ruleset} has judged nothing here; known: {listed}")
    cursor = connection.execute(query(__name__, "ruleset_diff"), {"a": a, "b": b})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
