"""What the chapter on retroactivity shows besides its indicators: what was loaded of public crawls,
one sentence for each crawl and agent, and how long sites took to refuse."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from analysis.database import AnalysisError
from analysis.numbers.indicator import WHOLE_PANEL, Frame, Measured, Share
from analysis.numbers.lags import DAYS, Lags, lags
from analysis.queries import query

AGENTS = 5
"""Agents, of those that most sites refuse by name, whose lags are shown."""

_CAPTURED = query(__name__, "captured")
_WAVES = """SELECT count(*) FROM judged_waves j JOIN waves w USING (wave_id)
            JOIN panels p USING (panel_id) WHERE p.name = ? AND j.ruleset = ?"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Of `sites` that refuse an agent: surely, possibly taken by a crawl before; nothing known.

    The certain ones are among the possible; the unknown are not. `said`: that the agent's operator
    uses the crawl is told by others.
    """

    crawl: str
    agent: str
    said: bool
    sites: int
    certain: int
    possible: int
    unknown: int

    @property
    def most(self) -> int:
        """Give the highest number that what is known allows."""
        return self.possible + self.unknown


def values(
    connection: sqlite3.Connection, frame: Frame, measured: Sequence[Measured]
) -> dict[str, object]:
    """Give what the template `late.html` needs beside the indicators."""
    rows = {m.indicator.name: m for m in measured}
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return {
        "collections": cursor.execute(_CAPTURED, {"wave": frame.wave}).fetchall(),
        "lag_days": DAYS,
        "taken": taken(rows["after_capture"]),
        "lags": _lags(connection, frame, rows["named_block"]),
    }


def taken(measured: Measured) -> list[Taken]:
    """Put the rows of each crawl and agent together, those of which most is known first."""
    found: dict[str, dict[str, Share]] = {}
    for row in measured.rows:
        if row.stratum == WHOLE_PANEL and isinstance(row, Share):
            who, _, answer = row.key.rpartition(" ")
            found.setdefault(who, {})[answer] = row
    told = (_taken(who, answers) for who, answers in found.items())
    return sorted(told, key=lambda each: (-each.possible, -each.sites, each.agent))


def _taken(who: str, answers: Mapping[str, Share]) -> Taken:
    crawl, agent, *said = who.split(" ")
    certain, possible = (
        int(answers[answer].k) if answer in answers else 0 for answer in ("certain", "possible")
    )
    unknown = answers["unknown"]
    return Taken(crawl, agent, bool(said), int(unknown.n), certain, possible, int(unknown.k))


def _lags(connection: sqlite3.Connection, frame: Frame, named: Measured) -> list[Lags]:
    """Measure the agents that most sites refuse by name; nothing where there is one wave only."""
    (waves,) = connection.execute(_WAVES, (frame.panel, frame.ruleset)).fetchone()
    if waves < 2:
        return []
    rows = [r for r in named.rows if r.stratum == WHOLE_PANEL and isinstance(r, Share) and r.k]
    found: list[Lags] = []
    for row in sorted(rows, key=lambda r: (-r.k, r.key)):
        with suppress(AnalysisError):  # the day of its announcement is not known
            found.append(lags(connection, frame.wave, row.key))
        if len(found) == AGENTS:
            break
    return found
