"""Writing facts: panels, waves, visits with their captures. Append-only and idempotent.

The wave table is the queue: what is pending is the panel minus the visits, so a run that
was killed goes on where the last transaction ended, and a finished wave has nothing to do.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from crawler.model import Capture, Outcome, Reason, Site
from crawler.panel import Panel
from crawler.store.database import StoreError, transaction

COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave as stored; `ruleset` is the one the fetch plan was made from."""

    wave_id: int
    panel_id: int
    name: str
    seed: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One finished visit: its outcome with everything that was asked and answered."""

    site: Site
    outcome: Outcome
    reason: Reason
    detail: str | None
    captures: tuple[Capture, ...]
    started_at: str
    finished_at: str


def now() -> str:
    """UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put_panel(connection: sqlite3.Connection, panel: Panel) -> int:
    """Store a panel version once (by sha256) and return its id."""
    row = connection.execute(
        "SELECT panel_id FROM panels WHERE sha256 = ?", (panel.sha256,)
    ).fetchone()
    if row:
        return int(row[0])
    with transaction(connection):
        panel_id = _insert(
            connection,
            "panels",
            name=panel.name,
            sha256=panel.sha256,
            source=panel.metadata.source,
            licence=panel.metadata.licence,
            inclusion_rules=panel.metadata.inclusion_rules,
            suffix_list=panel.suffix_list,
            rows_read=panel.rows_read,
            accepted=len(panel.sites),
            rejected=len(panel.rejections),
            duplicates=len(panel.duplicates),
            loaded_at=now(),
        )
        _put_refusals(connection, panel_id, panel)
        _put_sites(connection, panel_id, panel.sites)
    return panel_id


def _put_refusals(connection: sqlite3.Connection, panel_id: int, panel: Panel) -> None:
    rows = [
        (panel_id, refusal.line, kind, refusal.text, refusal.problem)
        for kind, refusals in (("rejected", panel.rejections), ("duplicate", panel.duplicates))
        for refusal in refusals
    ]
    connection.executemany("INSERT INTO panel_rejections VALUES (?, ?, ?, ?, ?)", rows)


def _put_sites(connection: sqlite3.Connection, panel_id: int, sites: Sequence[Site]) -> None:
    connection.executemany(
        "INSERT INTO sites (host, registrable_domain, registrable_domain_private)"
        " VALUES (?, ?, ?) ON CONFLICT (host) DO NOTHING",
        ((s.host, s.registrable_domain, s.registrable_domain_private) for s in sites),
    )
    connection.executemany(
        "INSERT INTO panel_sites"
        " SELECT ?, site_id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sites WHERE host = ?",
        (
            (panel_id, s.stratum, s.sector, s.creator_type, s.country, s.platform, s.rank)
            + (s.weight, s.cluster, s.note, s.line or 0, s.host)
            for s in sites
        ),
    )


def open_wave(  # noqa: PLR0913 - a wave is recorded with all that made it what it is
    connection: sqlite3.Connection,
    name: str,
    panel_id: int,
    *,
    seed: int,
    software: str,
    settings: dict[str, object],
    user_agent: str,
    vantage: str | None,
    ruleset: int,
) -> Wave:
    """Start a wave, or take up one of that name again. Its panel can never change."""
    row = connection.execute(
        "SELECT wave_id, panel_id, seed FROM waves WHERE name = ?", (name,)
    ).fetchone()
    if row and row[1] != panel_id:
        raise StoreError(
            f"wave {name!r} surveys another version of the panel in this database; "
            "choose a new wave name, or survey the panel file it was begun with"
        )
    if row:
        return Wave(row[0], row[1], name, row[2])
    with transaction(connection):
        wave_id = _insert(
            connection,
            "waves",
            name=name,
            panel_id=panel_id,
            seed=seed,
            software=software,
            settings=json.dumps(settings, sort_keys=True),
            user_agent=user_agent,
            vantage=vantage,
            plan_ruleset=ruleset,
            started_at=now(),
        )
    return Wave(wave_id, panel_id, name, seed)


def find_wave(connection: sqlite3.Connection, name: str) -> Wave:
    """Return the wave of that name; StoreError lists the known ones otherwise."""
    row = connection.execute(
        "SELECT wave_id, panel_id, seed FROM waves WHERE name = ?", (name,)
    ).fetchone()
    if row is None:
        known = [r[0] for r in connection.execute("SELECT name FROM waves ORDER BY started_at")]
        listed = ", ".join(known) or "none"
        raise StoreError(f"no wave {name!r} in this database; waves here: {listed}")
    return Wave(row[0], row[1], name, row[2])


def pending(connection: sqlite3.Connection, wave: Wave, batch: int = 500) -> Iterator[Site]:
    """Yield the sites of a wave that have no visit yet, in the wave's own random order.

    Read in batches by key, so memory stays flat and no read transaction stays open.
    """
    order = [
        site_id
        for (site_id,) in connection.execute(
            "SELECT site_id FROM panel_sites ps WHERE panel_id = ? AND NOT EXISTS"
            " (SELECT 1 FROM visits v WHERE v.wave_id = ? AND v.site_id = ps.site_id)",
            (wave.panel_id, wave.wave_id),
        )
    ]
    order.sort(key=lambda site_id: hashlib.blake2b(f"{wave.seed}:{site_id}".encode()).digest())
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        marks = ",".join("?" * len(chosen))
        rows = connection.execute(
            "SELECT site_id, host, registrable_domain, registrable_domain_private"  # noqa: S608
            f" FROM sites WHERE site_id IN ({marks})",
            chosen,
        )
        found = {row[0]: Site(*row[1:]) for row in rows}
        yield from (found[site_id] for site_id in chosen)


def count_pending(connection: sqlite3.Connection, wave: Wave) -> tuple[int, int]:
    """Sites of the wave's panel, and how many of them have their visit."""
    sites = connection.execute(
        "SELECT count(*) FROM panel_sites WHERE panel_id = ?", (wave.panel_id,)
    ).fetchone()[0]
    done = connection.execute(
        "SELECT count(*) FROM visits WHERE wave_id = ?", (wave.wave_id,)
    ).fetchone()[0]
    return sites, done


def put_visits(connection: sqlite3.Connection, wave: Wave, visits: Iterable[Visit]) -> None:
    """Store visits with their captures in one transaction; a visit already there stays as it is."""
    with transaction(connection):
        for visit in visits:
            _put_visit(connection, wave, visit)


def _put_visit(connection: sqlite3.Connection, wave: Wave, visit: Visit) -> None:
    row = connection.execute(
        "INSERT INTO visits (wave_id, site_id, outcome, reason, detail, requests, bytes,"
        " started_at, finished_at) SELECT ?, site_id, ?, ?, ?, ?, ?, ?, ? FROM sites"
        " WHERE host = ? ON CONFLICT (wave_id, site_id) DO NOTHING RETURNING visit_id",
        (
            wave.wave_id,
            visit.outcome,
            visit.reason,
            visit.detail,
            sum(1 + len(capture.hops) for capture in visit.captures),
            sum(capture.size for capture in visit.captures),
            visit.started_at,
            visit.finished_at,
            visit.site.host,
        ),
    ).fetchone()
    if row is None:
        return
    for seq, capture in enumerate(visit.captures):
        _put_capture(connection, row[0], seq, capture)


def _put_capture(connection: sqlite3.Connection, visit_id: int, seq: int, capture: Capture) -> None:
    answered = capture.status is not None
    _insert(
        connection,
        "captures",
        visit_id=visit_id,
        seq=seq,
        resource=capture.resource,
        url=capture.url,
        final_url=capture.final_url,
        hops=json.dumps([asdict(hop) for hop in capture.hops]),
        status=capture.status,
        http_version=capture.http_version,
        reason_phrase=capture.reason_phrase,
        failure=capture.failure,
        detail=capture.detail,
        headers_id=_put_headers(connection, capture) if answered else None,
        body_id=_put_body(connection, capture.body) if answered else None,
        bytes=capture.size,
        truncated=capture.truncated,
        data_loss=capture.data_loss,
        coding_error=capture.coding_error,
        superseded=capture.superseded,
        address=capture.address,
        tls=capture.tls,
        fetched_at=capture.started_at,
        elapsed=capture.elapsed,
        first_byte=capture.first_byte,
    )


def pack_headers(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Header lines as received: `name: value`, one a line, order and repeats kept."""
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)


def unpack_headers(content: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Give the pairs that `pack_headers` was given."""
    lines = content.split(b"\r\n")[:-1]
    return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))


def _put_headers(connection: sqlite3.Connection, capture: Capture) -> int:
    return _put_content(connection, "headers", "headers_id", pack_headers(capture.headers))


def _put_body(connection: sqlite3.Connection, body: bytes) -> int:
    return _put_content(connection, "bodies", "body_id", body)


def _put_content(connection: sqlite3.Connection, table: str, key: str, content: bytes) -> int:
    digest = hashlib.sha256(content).hexdigest()
    row = connection.execute(
        f"SELECT {key} FROM {table} WHERE sha256 = ?",  # noqa: S608 - our own names
        (digest,),
    ).fetchone()
    if row:
        return int(row[0])
    columns: dict[str, object] = {
        "sha256": digest,
        "content": zlib.compress(content, COMPRESSION),
    }
    if table == "bodies":
        columns["size"] = len(content)
    return _insert(connection, table, **columns)


def finish_wave(connection: sqlite3.Connection, wave: Wave) -> None:
    """Stamp a wave that has no pending site; the first stamp stays."""
    connection.execute(
        "UPDATE waves SET finished_at = ? WHERE wave_id = ? AND finished_at IS NULL",
        (now(), wave.wave_id),
    )


def _insert(connection: sqlite3.Connection, table: str, **columns: object) -> int:
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    cursor = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
        tuple(storable(value) for value in columns.values()),
    )
    return int(cursor.lastrowid or 0)


def storable(value: object) -> object:
    """Text that SQLite takes: no lone surrogates (they would lose the batch), no NUL."""
    if not isinstance(value, str):
        return value
    return (
        value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
