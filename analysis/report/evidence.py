"""What the database holds on the sites of one wave, read site by site for the report."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

KNOWN_POLICIES = 4096
"""Robots decisions kept in memory; a policy met again later is simply read again."""

Record = sqlite3.Row

_SITES = """
SELECT v.visit_id, s.site_id, s.host, coalesce(ps.stratum, '(none)') AS stratum, v.outcome,
       v.reason, v.detail, v.requests, v.bytes, v.started_at, v.finished_at,
       j.robots_state, j.robots_capture_id, j.policy_id, j.use_policy_id
FROM sites s
JOIN waves w ON w.name = :wave
JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = s.site_id
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = s.site_id
LEFT JOIN judgements j ON j.visit_id = v.visit_id AND j.ruleset = :ruleset
ORDER BY s.host
"""

_DECISIONS = """
SELECT a.token, a.operator,
       CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS root,
       CASE WHEN own.policy_id IS NULL THEN other.extent ELSE own.extent END AS extent,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis,
       CASE WHEN own.policy_id IS NULL THEN other.rule ELSE own.rule END AS rule,
       CASE WHEN own.policy_id IS NULL THEN other.line ELSE own.line END AS line,
       CASE WHEN own.policy_id IS NULL THEN other.rule_text ELSE own.rule_text END AS rule_text
FROM agent_panels ap
JOIN agents a USING (ruleset, agent_id)
JOIN robots_access other ON other.policy_id = :policy AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = other.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id
WHERE ap.ruleset = :ruleset AND ap.agent_panel = 'strict8'
ORDER BY a.token COLLATE NOCASE
"""

_CAPTURES = """
SELECT c.*, b.sha256 FROM captures c LEFT JOIN bodies b USING (body_id)
WHERE c.visit_id = :visit ORDER BY c.seq
"""

# CROSS JOIN keeps SQLite from starting with every row of the ruleset, for each site anew.
_OF_CAPTURES = """
SELECT x.*, c.url, c.resource FROM captures c CROSS JOIN {table} x USING (capture_id)
WHERE c.visit_id = :visit AND x.ruleset = :ruleset ORDER BY c.seq, x.signal
"""


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
