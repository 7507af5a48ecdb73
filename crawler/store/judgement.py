"""Captures out for the judge, judgement in: keyed by ruleset, rebuilt at will, in fixed order.

Ids follow the order of the visits, so judging the same captures twice gives the same bytes.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass

from crawler.judge.hosting import Evidence
from crawler.judge.survival import WorkRead
from crawler.judge.verdicts import VisitJudgement
from crawler.model import (
    Access,
    Capture,
    Decision,
    Finding,
    Reading,
    RobotsState,
)
from crawler.signals import SIGNALS
from crawler.signals.reading.robots_content import Came, came
from crawler.signals.robots_access import (
    READERS,
    WITHOUT_FILE,
    AgentAccess,
    RobotsReading,
    unavailable,
)
from crawler.store.facts import CAPTURE, Wave, capture_of, now, storable

PLAIN_ABSENCES = (Finding(Reading.ABSENT), Finding(Reading.ABSENT, note="missing"))
"""Not stored: see `findings` in schema.sql."""

OTHERS = 0
"""agent_id of the row that answers for every agent without a row of its own."""


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A visit read back: its captures with their ids and the ids of their bodies."""

    visit_id: int
    capture_ids: tuple[int, ...]
    body_ids: tuple[int | None, ...]
    captures: tuple[Capture, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a ruleset number stands for, as stored beside its results."""

    ruleset: int
    digest: str
    versions: Mapping[str, str]
    agents_version: str
    agents_sha256: str
    agents: tuple[tuple[object, ...], ...]
    agent_purposes: tuple[tuple[int, str], ...]
    agent_panels: tuple[tuple[str, int], ...]
    agent_fallbacks: tuple[tuple[int, int, str, str], ...]
    readers: Mapping[str, str]
    definitions: tuple[tuple[str, str, str, str, str], ...]
    """Id, title, source, what it counts and quantifier, of every published definition."""
    agent_ids: Mapping[str, int]
    inventory: tuple[tuple[object, ...], ...]
    honours: tuple[tuple[object, ...], ...]
    honours_signals: tuple[tuple[str, ...], ...]
    platforms: tuple[tuple[str, ...], ...]
    platform_facts: tuple[tuple[object, ...], ...]
    platform_switches: tuple[tuple[object, ...], ...]
    operators: tuple[tuple[str, ...], ...]
    operator_facts: tuple[tuple[object, ...], ...]
    operator_effects: tuple[tuple[object, ...], ...]
    removal_routes: tuple[tuple[object, ...], ...]
    licence_routes: tuple[tuple[object, ...], ...]


def put_ruleset(connection: sqlite3.Connection, inputs: Inputs) -> None:
    """Store a ruleset's reference data once.

    Raises ValueError when the number is taken by other inputs: then it must be raised.
    """
    row = connection.execute(
        "SELECT digest FROM rulesets WHERE ruleset = ?", (inputs.ruleset,)
    ).fetchone()
    if row and row[0] != inputs.digest:
        raise ValueError(
            f"this database holds a ruleset {inputs.ruleset} made from other inputs "
            f"({row[0][:12]}, ours {inputs.digest[:12]})"
        )
    if row:
        return
    number = inputs.ruleset
    connection.execute(
        "INSERT INTO rulesets VALUES (?, ?, ?, ?, ?)",
        (
            number,
            inputs.digest,
            json.dumps(dict(inputs.versions), sort_keys=True),
            inputs.agents_version,
            inputs.agents_sha256,
        ),
    )
    _many(connection, "agents", ((number, *agent) for agent in inputs.agents))
    _many(connection, "agent_purposes", ((number, *row) for row in inputs.agent_purposes))
    _many(connection, "agent_panels", ((number, *row) for row in inputs.agent_panels))
    _many(connection, "agent_fallbacks", ((number, *row) for row in inputs.agent_fallbacks))
    _many(connection, "readers", ((number, *row) for row in sorted(inputs.readers.items())))
    _many(connection, "inventory", ((number, *row) for row in inputs.inventory))
    _many(connection, "honours", ((number, *row) for row in inputs.honours))
    _many(connection, "honours_signals", ((number, *row) for row in inputs.honours_signals))
    _many(connection, "definitions", ((number, *row) for row in inputs.definitions))
    _many(connection, "platforms", ((number, *row) for row in inputs.platforms))
    _many(connection, "platform_facts", ((number, *row) for row in inputs.platform_facts))
    _many(connection, "platform_switches", ((number, *row) for row in inputs.platform_switches))
    _many(connection, "operators", ((number, *row) for row in inputs.operators))
    _many(connection, "operator_facts", ((number, *row) for row in inputs.operator_facts))
    _many(connection, "operator_effects", ((number, *row) for row in inputs.operator_effects))
    _many(connection, "removal_routes", ((number, *row) for row in inputs.removal_routes))
    _many(connection, "licence_routes", ((number, *row) for row in inputs.licence_routes))
    _many(
        connection,
        "signals",
        ((number, s.name, s.id, s.title, s.status, s.spec, s.spec_version) for s in SIGNALS),
    )
    _many(
        connection,
        "signal_resources",
        ((number, resource, s.name) for s in SIGNALS for resource in s.resources),
    )


def _many(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    listed = [tuple(storable(value) for value in row) for row in rows]
    if listed:
        marks = ", ".join("?" * len(listed[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)  # noqa: S608


def forget_judgement(connection: sqlite3.Connection, wave: Wave, ruleset: int) -> None:
    """Delete one ruleset's rows of one wave. Policies of bodies stay: they are shared."""
    forget_numbers(connection, wave.name, ruleset)
    captures = "SELECT capture_id FROM captures JOIN visits USING (visit_id) WHERE wave_id = :wave"
    visits = "SELECT visit_id FROM visits WHERE wave_id = :wave"
    for table, key, chosen in (
        ("statements", "capture_id", captures),
        ("defects", "capture_id", captures),
        ("findings", "capture_id", captures),
        ("works", "capture_id", captures),
        ("conflicts", "visit_id", visits),
        ("link_access", "visit_id", visits),
        ("own_links", "visit_id", visits),
        ("site_platforms", "visit_id", visits),
        ("asset_hosts", "visit_id", visits),
        ("refreshes", "visit_id", visits),
        ("judgements", "visit_id", visits),
        ("judged_waves", "wave_id", ":wave"),
    ):
        connection.execute(
            f"DELETE FROM {table} WHERE ruleset = :ruleset AND {key} IN ({chosen})",  # noqa: S608
            {"wave": wave.wave_id, "ruleset": ruleset},
        )


def forget_ruleset(connection: sqlite3.Connection, ruleset: int) -> None:
    """Delete everything a ruleset has said about any wave; facts and other rulesets stay."""
    for table in (
        "published_numbers",
        "statements",
        "defects",
        "findings",
        "works",
        "conflicts",
        "link_access",
        "own_links",
        "site_platforms",
        "asset_hosts",
        "refreshes",
        "judgements",
        "judged_waves",
        "robots_bodies",
        "robots_attempts",
        "body_definitions",
        "definitions",
        "signal_resources",
        "signals",
        "honours_signals",
        "honours",
        "inventory",
        "readers",
        "platform_switches",
        "platform_facts",
        "platforms",
        "operator_effects",
        "operator_facts",
        "operators",
        "removal_routes",
        "licence_routes",
        "agent_fallbacks",
        "agent_panels",
        "agent_purposes",
        "agents",
    ):
        connection.execute(f"DELETE FROM {table} WHERE ruleset = ?", (ruleset,))  # noqa: S608
    for table, parent, key in (
        ("robots_access", "robots_policies", "policy_id"),
        ("reader_disagreements", "robots_policies", "policy_id"),
        ("verdicts", "use_policies", "use_policy_id"),
    ):
        connection.execute(
            f"DELETE FROM {table} WHERE {key} IN"  # noqa: S608
            f" (SELECT {key} FROM {parent} WHERE ruleset = ?)",
            (ruleset,),
        )
    for table in ("robots_policies", "use_policies"):
        connection.execute(f"DELETE FROM {table} WHERE ruleset = ?", (ruleset,))  # noqa: S608
    connection.execute("DELETE FROM rulesets WHERE ruleset = ?", (ruleset,))


def put_numbers(
    connection: sqlite3.Connection, wave: str, ruleset: int, rows: Iterable[tuple[object, ...]]
) -> int:
    """Keep the published numbers of a wave, in place of those kept before; give their number.

    `rows` have the columns of `published_numbers`.
    """
    forget_numbers(connection, wave, ruleset)
    listed = list(rows)
    _many(connection, "published_numbers", listed)
    return len(listed)


def forget_numbers(connection: sqlite3.Connection, wave: str, ruleset: int) -> None:
    """Take away the numbers that were kept of a wave: they are of what is no longer there."""
    connection.execute(
        "DELETE FROM published_numbers WHERE wave = ? AND ruleset = ?", (wave, ruleset)
    )


def unread_body_ids(connection: sqlite3.Connection, wave: Wave, ruleset: int) -> list[int]:
    """List the robots.txt bodies of the wave that the ruleset has not read yet, in order.

    Those of other origins too: of the hosts that serve the works. What did not decode is none.
    """
    rows = connection.execute(
        "SELECT DISTINCT c.body_id FROM captures c JOIN visits v USING (visit_id)"
        " WHERE v.wave_id = ? AND c.resource IN ('/robots.txt', 'variant:/robots.txt')"
        " AND (c.status BETWEEN 200 AND 299 OR c.revalidated_from IS NOT NULL)"
        " AND c.coding_error = 0"
        " AND c.body_id NOT IN (SELECT body_id FROM robots_bodies WHERE ruleset = ?)"
        " ORDER BY c.body_id",
        (wave.wave_id, ruleset),
    )
    return [row[0] for row in rows]


def cut_body_ids(connection: sqlite3.Connection, wave: Wave) -> list[int]:
    """List the bodies of the wave that are the beginning of a site's robots.txt, in order."""
    rows = connection.execute(
        "SELECT DISTINCT c.body_id FROM captures c JOIN visits v USING (visit_id)"
        " WHERE v.wave_id = ? AND c.resource = '/robots.txt' AND c.body_id IS NOT NULL"
        " AND c.coding_error = 0 AND (c.truncated OR c.data_loss OR c.status = 206)"
        " ORDER BY c.body_id",
        (wave.wave_id,),
    )
    return [row[0] for row in rows]


def bodies(connection: sqlite3.Connection, ids: Iterable[int]) -> Iterator[bytes]:
    """Yield the bytes of each body, in the order of the ids."""
    for body_id in ids:
        row = connection.execute("SELECT content FROM bodies WHERE body_id = ?", (body_id,))
        yield zlib.decompress(row.fetchone()[0])


def visits(connection: sqlite3.Connection, wave: Wave, batch: int = 16) -> Iterator[StoredVisit]:
    """Yield the visits of a wave with their captures, by visit_id, a batch in memory at a time."""
    last = 0
    while True:
        ids = [
            row[0]
            for row in connection.execute(
                "SELECT visit_id FROM visits WHERE wave_id = ? AND visit_id > ?"
                " ORDER BY visit_id LIMIT ?",
                (wave.wave_id, last, batch),
            )
        ]
        if not ids:
            return
        yield from _stored(connection, ids)
        last = ids[-1]


def captures_of(connection: sqlite3.Connection, visit_id: int) -> tuple[Capture, ...]:
    """Return the captures of one visit in the order they were made."""
    (visit,) = _stored(connection, [visit_id])
    return visit.captures


def _stored(connection: sqlite3.Connection, ids: list[int]) -> Iterator[StoredVisit]:
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        f"SELECT c.visit_id, c.capture_id, c.body_id, {CAPTURE} FROM captures c"  # noqa: S608
        " LEFT JOIN headers h USING (headers_id) LEFT JOIN bodies b USING (body_id)"
        f" WHERE c.visit_id IN ({marks}) ORDER BY c.visit_id, c.seq",
        ids,
    )
    grouped: dict[int, list[tuple[int, int | None, Capture]]] = {visit_id: [] for visit_id in ids}
    for row in rows:
        grouped[row[0]].append((row[1], row[2], capture_of(row)))
    for visit_id, members in grouped.items():
        yield StoredVisit(
            visit_id,
            tuple(member[0] for member in members),
            tuple(member[1] for member in members),
            tuple(member[2] for member in members),
        )


def _disagreements(rows: list[tuple[str, int, Decision]]) -> Iterator[tuple[object, ...]]:
    """Find the agents about whom readers disagree: roots, extents and lines of each reader."""
    told: dict[str, dict[int, Decision]] = {}
    for reader, agent, decision in rows:
        told.setdefault(reader, {})[agent] = decision
    for agent in sorted({agent for _, agent, _ in rows}):
        rfc, google, protego = (told[name].get(agent, told[name][OTHERS]) for name in READERS)
        roots = rfc.root, google.root, protego.root
        if len({*roots} - {Access.UNMEASURED}) > 1 or rfc.extent != google.extent:
            yield agent, *roots, rfc.extent, google.extent, rfc.line, google.line


def _as_json(evidence: Iterable[Evidence], visit: StoredVisit) -> str:
    """Marks of a platform with the captures that bear them; site text, hence ASCII only."""
    return json.dumps(
        [
            {
                "carrier": mark.carrier,
                "strength": mark.strength,
                "quote": mark.quote,
                "line": mark.line,
                "capture_id": visit.capture_ids[mark.seq],
            }
            for mark in evidence
        ]
    )


class JudgementWriter:
    """Writes one ruleset's judgement of one wave; policies are shared by content."""

    def __init__(self, connection: sqlite3.Connection, wave: Wave, inputs: Inputs) -> None:
        self.connection = connection
        self.wave = wave
        self.ruleset = inputs.ruleset
        self.agent_ids = inputs.agent_ids
        self.readers = tuple(sorted(inputs.readers))
        self.digest = hashlib.sha256()
        self.visits = 0
        self._cut: dict[int, int] = {}
        """Policies of bodies of which only the beginning came, by body. Other sites may have
        the same octets as a whole file, so these are never looked up by the body alone."""

    def put_body(
        self, body_id: int, reading: RobotsReading, definitions: Iterable[str] = ()
    ) -> None:
        """Store what one robots.txt body says to every agent and reader.

        `definitions`: ids of the published definitions by which it blocks AI crawlers.
        """
        _many(
            self.connection,
            "robots_bodies",
            [
                (
                    self.ruleset,
                    body_id,
                    self._policy(self._rows(reading.access)),
                    reading.state,
                    reading.groups,
                    reading.agents_named,
                    reading.authorship,
                    reading.template,
                )
            ],
        )
        _many(
            self.connection,
            "body_definitions",
            [(self.ruleset, body_id, definition) for definition in definitions],
        )
        _many(
            self.connection,
            "robots_attempts",
            sorted(
                (self.ruleset, body_id, self.agent_ids[token], attempt.whole, attempt.reading)
                for token, attempt in reading.attempts.items()
            ),
        )

    def put_cut_body(self, body_id: int, reading: RobotsReading) -> None:
        """Keep what the beginning of a file says, for the visits to which no more came."""
        self._cut[body_id] = self._policy(self._rows(reading.access))

    def _rows(self, access: Mapping[str, AgentAccess]) -> list[tuple[str, int, Decision]]:
        return [
            (reader, agent_id, decision)
            for reader, told in sorted(access.items())
            for agent_id, decision in [
                (OTHERS, told.default),
                *sorted((self.agent_ids[token], d) for token, d in told.named.items()),
            ]
        ]

    def _policy(self, rows: list[tuple[str, int, Decision]]) -> int:
        content = repr([(reader, agent, astuple(decision)) for reader, agent, decision in rows])
        digest = hashlib.sha256(content.encode()).hexdigest()
        policy_id, new = self._shared("robots_policies", "policy_id", digest)
        if new:
            _many(
                self.connection,
                "robots_access",
                [
                    (policy_id, reader, agent, d.root, d.extent, d.basis, d.rule, d.line)
                    + (d.rule_text,)
                    for reader, agent, d in rows
                ],
            )
            _many(
                self.connection,
                "reader_disagreements",
                ((policy_id, *row) for row in _disagreements(rows)),
            )
        return policy_id

    def _shared(self, table: str, key: str, digest: str) -> tuple[int, bool]:
        """Find or make the row of a content; say whether it is new."""
        row = self.connection.execute(
            f"SELECT {key} FROM {table} WHERE ruleset = ? AND digest = ?",  # noqa: S608
            (self.ruleset, digest),
        ).fetchone()
        if row:
            return int(row[0]), False
        cursor = self.connection.execute(
            f"INSERT INTO {table} (ruleset, digest) VALUES (?, ?)",  # noqa: S608
            (self.ruleset, digest),
        )
        return int(cursor.lastrowid or 0), True

    def put_visit(self, visit: StoredVisit, judgement: VisitJudgement) -> None:
        """Store what one visit comes to."""
        seq = judgement.robots_seq
        self.digest.update(repr((visit.visit_id, judgement)).encode("utf-8", "replace"))
        self.visits += 1
        capture_id = None if seq is None else visit.capture_ids[seq]
        body_id = None if seq is None else visit.body_ids[seq]
        row = (
            self.ruleset,
            visit.visit_id,
            judgement.robots_state,
            capture_id,
            self._policy_of(
                judgement.robots_state,
                body_id,
                cut=seq is not None and came(visit.captures[seq]) is Came.PART,
            ),
            self._use_policy(judgement),
        )
        _many(self.connection, "judgements", [row])
        self._put_findings(visit, judgement)
        _many(
            self.connection,
            "conflicts",
            [
                (self.ruleset, visit.visit_id, n, c.purpose, c.signal_a, c.quote_a)
                + (c.signal_b, c.quote_b)
                for n, c in enumerate(judgement.conflicts)
            ],
        )
        if (reach := judgement.reach) is not None:
            key = (self.ruleset, visit.visit_id)
            _many(self.connection, "own_links", [(*key, reach.links)])
            counted = [
                (*key, self.agent_ids.get(token, OTHERS), allowed)
                for token, allowed in reach.allowed.items()
            ]
            _many(self.connection, "link_access", counted)
        self._put_places(visit, judgement)

    def _put_places(self, visit: StoredVisit, judgement: VisitJudgement) -> None:
        """Store who serves the site, which hosts serve its works, and where its page leads."""
        key = (self.ruleset, visit.visit_id)
        sightings = [
            (*key, s.platform, number == 0, s.strength, _as_json(s.evidence, visit))
            for number, s in enumerate(judgement.platforms or ())
        ]
        _many(self.connection, "site_platforms", sightings)
        hosts = judgement.assets.hosts if judgement.assets else ()
        _many(
            self.connection,
            "asset_hosts",
            [(*key, *astuple(host)[:-1], host.example) for host in hosts],
        )
        _many(self.connection, "works", [self._work(visit, work) for work in judgement.works])
        if (sent := judgement.refresh) is not None:
            row = (*key, visit.capture_ids[sent.seq], *astuple(sent)[1:])
            _many(self.connection, "refreshes", [row])

    def _work(self, visit: StoredVisit, work: WorkRead) -> tuple[object, ...]:
        read = work.extract
        at = None if work.origin_seq is None else visit.capture_ids[work.origin_seq]
        return (
            (self.ruleset, visit.capture_ids[work.seq], work.control, read.container, read.length)
            + (read.fetched, read.sha256, read.problem, read.signature, work.service, work.origin)
            + (at, work.wish, work.notice)
        )

    def _policy_of(self, state: RobotsState, body_id: int | None, *, cut: bool) -> int:
        if state in WITHOUT_FILE:
            decision = unavailable(state)
            return self._policy([(reader, OTHERS, decision) for reader in self.readers])
        if cut and body_id in self._cut:
            return self._cut[body_id]
        policy_id, digest = self.connection.execute(
            "SELECT policy_id, digest FROM robots_bodies JOIN robots_policies"
            " USING (policy_id, ruleset) WHERE ruleset = ? AND body_id = ?",
            (self.ruleset, body_id),
        ).fetchone()
        self.digest.update(digest.encode())
        return int(policy_id)

    def _use_policy(self, judgement: VisitJudgement) -> int:
        content = repr([astuple(verdict) for verdict in judgement.verdicts])
        digest = hashlib.sha256(content.encode()).hexdigest()
        policy_id, new = self._shared("use_policies", "use_policy_id", digest)
        if new:
            _many(
                self.connection,
                "verdicts",
                [
                    (policy_id, v.purpose, v.strict, v.lenient, v.rule, v.conflict)
                    for v in judgement.verdicts
                ],
            )
        return policy_id

    def _put_findings(self, visit: StoredVisit, judgement: VisitJudgement) -> None:
        for read in judgement.readings:
            finding = read.finding
            if finding in PLAIN_ABSENCES:
                continue
            key = (self.ruleset, visit.capture_ids[read.seq], read.signal)
            _many(self.connection, "findings", [(*key, finding.outcome, finding.note)])
            _many(
                self.connection,
                "statements",
                [
                    (*key, n, s.purpose, s.preference, s.strictness, s.agent, s.path, s.scope)
                    + (s.quote, s.line, s.derived, s.stance, s.language)
                    for n, s in enumerate(finding.statements)
                ],
            )
            _many(
                self.connection,
                "defects",
                [
                    (*key, n, d.code, d.severity, d.quote, d.effect, d.line)
                    for n, d in enumerate(finding.defects)
                ],
            )

    def finish(self) -> str:
        """Stamp the wave as judged and return the digest of all that was judged."""
        digest = self.digest.hexdigest()
        _many(
            self.connection,
            "judged_waves",
            [(self.wave.wave_id, self.ruleset, digest, self.visits, now())],
        )
        return digest
