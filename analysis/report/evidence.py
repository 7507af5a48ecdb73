"""What the database holds on the sites of one wave, read site by site for the report."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from analysis.queries import query

KNOWN_POLICIES = 4096
"""Robots decisions kept in memory; a policy met again later is simply read again."""

Record = sqlite3.Row

_SITES = query(__name__, "sites")

_DECISIONS = query(__name__, "decisions")

_CAPTURES = query(__name__, "captures")

_OF_CAPTURES = query(__name__, "readings")


@dataclass(slots=True)
class Evidence:
    """Reads one wave as judged by one ruleset; `ruleset` None finds no judgement at all."""

    connection: sqlite3.Connection
    wave: str
    ruleset: int | None
    _decisions: dict[int, tuple[Record, ...]] = field(default_factory=dict)

    def sites(self) -> Iterator[Record]:
        """Yield visit and site by host, one at a time."""
        yield from self._rows(_SITES, wave=self.wave)

    def decisions(self, policy_id: int | None) -> tuple[Record, ...]:
        """Give what a robots.txt policy answers to each agent of strict8."""
        if policy_id is None:
            return ()
        if policy_id not in self._decisions:
            if len(self._decisions) >= KNOWN_POLICIES:
                self._decisions.clear()
            self._decisions[policy_id] = tuple(self._rows(_DECISIONS, policy=policy_id))
        return self._decisions[policy_id]

    def verdicts(self, use_policy_id: int | None) -> dict[str, Record]:
        """Give the verdict on each purpose."""
        rows = self._rows("SELECT * FROM verdicts WHERE use_policy_id = :use", use=use_policy_id)
        return {row["purpose"]: row for row in rows}

    def captures(self, visit_id: int) -> list[tuple[Record, list[dict[str, object]]]]:
        """Give every request of a visit with its redirect hops, in the order made."""
        rows = self._rows(_CAPTURES, visit=visit_id)
        return [(row, json.loads(row["hops"])) for row in rows]

    def readings(self, visit_id: int) -> dict[str, list[Record]]:
        """Give findings, statements, defects and conflicts of a visit."""
        read = {
            table: list(self._rows(_OF_CAPTURES.format(table=table), visit=visit_id))
            for table in ("findings", "statements", "defects")
        }
        conflicts = "SELECT * FROM conflicts WHERE ruleset = :ruleset AND visit_id = :visit"
        return {**read, "conflicts": list(self._rows(conflicts, visit=visit_id))}

    def _rows(self, sql: str, **values: object) -> Iterator[Record]:
        cursor = self.connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, {"ruleset": self.ruleset, **values})
