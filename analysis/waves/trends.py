"""Headlines over all waves of a panel: of all its sites, and of those that answered every time.

A line belongs to one ruleset and one vantage point: neither a change of method nor another view
ever looks like a change of the web. The sites
of a panel change with its versions, so a line comes twice: `full`, of all sites that answer in a
wave, and `core`, of the sites that answer in every wave of the line, whose number stays the same.
"""

import csv
import io
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

from analysis.database import AnalysisError
from analysis.queries import query
from analysis.safe_text import safe_cell
from analysis.statistics import weighted, wilson

SCOPES = ("full", "core")


@dataclass(frozen=True, slots=True)
class Point:
    """One wave of one line. Shares lie in 0..1; `low` and `high`: Wilson, 95 %, none of a census.

    `headline` is `complete`, `access:AGENT` or `use:PURPOSE`; `scope` is full or core.
    `weighted_share` is by the weights of the wave's version of the panel.
    """

    panel: str
    ruleset: int
    headline: str
    scope: str
    wave: str
    day: str
    k: int
    n: int
    share: float
    low: float | None
    high: float | None
    weighted_share: float
    vantage: str | None = None


def panels(connection: sqlite3.Connection) -> list[str]:
    """Name the panels of this database that have a judged wave."""
    rows = connection.execute(
        "SELECT DISTINCT p.name FROM panels p JOIN waves USING (panel_id)"
        " JOIN judged_waves USING (wave_id) ORDER BY 1"
    )
    return [str(name) for (name,) in rows]


def rulesets(connection: sqlite3.Connection, panel: str) -> list[int]:
    """List the rulesets that judged waves of a panel, by name; AnalysisError for an unknown one."""
    if panel not in (known := panels(connection)):
        listed = ", ".join(known) or "none"
        raise AnalysisError(f"no judged wave of a panel {panel!r}; there are {listed}")
    rows = connection.execute(
        "SELECT DISTINCT j.ruleset FROM judged_waves j JOIN waves USING (wave_id)"
        " JOIN panels p USING (panel_id) WHERE p.name = ? ORDER BY 1",
        (panel,),
    )
    return [int(ruleset) for (ruleset,) in rows]


def trends(connection: sqlite3.Connection, panel: str, ruleset: int | None = None) -> list[Point]:
    """Give the points of every line of a panel, line by line and in the order of the waves.

    `ruleset`: only its lines. Raises AnalysisError for a panel without a judged wave, and for a
    ruleset that judged none of its waves.
    """
    known = rulesets(connection, panel)
    if ruleset is not None and ruleset not in known:
        listed = ", ".join(map(str, known))
        raise AnalysisError(f"ruleset {ruleset} judged no wave of {panel!r}; {listed} did")
    chosen = known if ruleset is None else [ruleset]
    views = connection.execute(
        "SELECT DISTINCT vantage FROM waves JOIN panels p USING (panel_id) WHERE p.name = ?"
        " ORDER BY vantage",
        (panel,),
    ).fetchall()
    return [
        replace(point, vantage=vantage)
        for each in chosen
        for (vantage,) in views
        for point in _lines(connection, panel, each, vantage)
    ]


def sql() -> str:
    """Give the definition of what is counted."""
    return query(__name__, "trends")


def _lines(
    connection: sqlite3.Connection, panel: str, ruleset: int, vantage: str | None
) -> Iterable[Point]:
    counted: dict[tuple[str, str], list[tuple[float, int, int, int]]] = defaultdict(list)
    censuses: dict[tuple[str, str], bool] = defaultdict(lambda: True)
    days: dict[str, str] = {}
    bound = {"panel": panel, "ruleset": ruleset, "vantage": vantage}
    for row in connection.execute(sql(), bound):
        wave, started_at, headline, weight, yes, sites, core, alone = row
        counted[headline, wave].append((weight, yes, sites, core))
        censuses[headline, wave] &= bool(alone)
        days[wave] = started_at[:10]
    for headline in dict.fromkeys(headline for headline, _ in counted):
        for place, scope in enumerate(SCOPES):
            for (asked, wave), cells in counted.items():
                if asked == headline:
                    sites = [(weight, cell[place] * yes, cell[place])
                             for weight, yes, *cell in cells]  # fmt: skip
                    for point in _point(panel, ruleset, headline, scope, wave, days[wave], sites):
                        census = censuses[asked, wave]
                        yield replace(point, low=None, high=None) if census else point


def _point(  # noqa: PLR0913, PLR0917 - a point is all that tells it from others
    panel: str, ruleset: int, headline: str, scope: str, wave: str, day: str,
    cells: list[tuple[float, int, int]],
) -> Iterable[Point]:  # fmt: skip
    k, n = sum(cell[1] for cell in cells), sum(cell[2] for cell in cells)
    interval, heavy = wilson(k, n), weighted(cells)
    if interval and heavy:
        yield Point(
            panel, ruleset, headline, scope, wave, day, k, n, k / n, *interval, heavy.share
        )  # fmt: skip


def to_csv(points: Iterable[Point]) -> str:
    """Write points as RFC 4180 with the fields of Point as header."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(field.name for field in fields(Point))
    writer.writerows(map(safe_cell, asdict(point).values()) for point in points)
    return text.getvalue()
