"""Writing facts: panels, waves, visits with their captures. Append-only and idempotent.

The wave table is the queue: what is pending is the panel minus the visits, so a run that
was killed goes on where the last transaction ended, and a finished wave has nothing to do.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from crawler.fetch.conditional import Stored
from crawler.fetch.usage import Usage
from crawler.model import Capture, Failure, Hop, Outcome, Reason, Site
from crawler.panel.exclusions import Exclusion
from crawler.panel.reading import Panel
from crawler.store.database import StoreError, transaction

COMPRESSION = 4  # 57 % of the time of 6, for 5 % more bytes, on 100 captured pages
CANARY_CHECKS = "CANARY_CHECKS"
CAPTURE = (
    "c.resource, c.url, c.final_url, c.hops, iif(c.revalidated_from IS NULL, c.status, 200),"
    " c.http_version, c.reason_phrase, c.failure, c.detail, c.truncated, c.data_loss,"
    " c.coding_error, c.superseded, c.address, c.tls, c.fetched_at, c.elapsed, h.content, b.content"
)
CONTENTS = "LEFT JOIN headers h USING (headers_id) LEFT JOIN bodies b USING (body_id)"


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
    attempt: int = 1
    usage: Usage | None = None
    """What the visit took; None: as the captures have it."""
    crawl_delay: float | None = None
    again_at: float | None = None
    """Unix time from which the site is visited again; None: this visit counts, or `better`."""
    better: "Visit | None" = None
    """The earlier visit that counts in place of this one, which is kept as an attempt."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The attempts at one site in one wave so far."""

    attempts: int = 0
    tries: int = 0
    """Those that ended with an outcome."""
    crashes: int = 0
    """Those during which our process was killed."""
    requests: int = 0
    bytes: int = 0


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


def note_canaries(connection: sqlite3.Connection, wave: Wave, result: str) -> None:
    """Add a result to `CANARY_CHECKS` in the settings of a wave."""
    (text,) = connection.execute(
        "SELECT settings FROM waves WHERE wave_id = ?", (wave.wave_id,)
    ).fetchone()
    settings = json.loads(text)
    settings[CANARY_CHECKS] = [*settings.get(CANARY_CHECKS, []), result]
    connection.execute(
        "UPDATE waves SET settings = ? WHERE wave_id = ?",
        (json.dumps(settings, sort_keys=True), wave.wave_id),
    )


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
    """Yield the sites of a wave that nothing is known of yet, in the wave's own random order.

    Those under way when our process was killed come last: they may be what killed it.
    Read in batches by key, so memory stays flat and no read transaction stays open.
    """
    order = [
        site_id
        for (site_id,) in connection.execute(
            "SELECT site_id FROM panel_sites ps WHERE panel_id = :panel AND NOT EXISTS"
            " (SELECT 1 FROM visits v WHERE v.wave_id = :wave AND v.site_id = ps.site_id)"
            " AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.wave_id = :wave"
            "  AND a.site_id = ps.site_id AND a.outcome IS NOT NULL)",
            {"panel": wave.panel_id, "wave": wave.wave_id},
        )
    ]
    crashed = {
        site_id
        for (site_id,) in connection.execute(
            "SELECT site_id FROM attempts WHERE wave_id = ? AND finished_at IS NULL",
            (wave.wave_id,),
        )
    }
    order.sort(key=lambda site_id: (site_id in crashed, _place(wave, site_id)))
    yield from _sites(connection, order, batch)


def is_visited(connection: sqlite3.Connection, wave: Wave, site: Site) -> bool:
    """Say whether a site's visit in a wave is stored for good."""
    sql = "SELECT 1 FROM visits JOIN sites USING (site_id) WHERE wave_id = ? AND host = ?"
    return connection.execute(sql, (wave.wave_id, site.host)).fetchone() is not None


def due(connection: sqlite3.Connection, wave: Wave) -> list[tuple[float, Site]]:
    """Sites to visit again, with the Unix time from which on: the earliest first."""
    rows = connection.execute(
        "SELECT site_id, max(again_at) FROM attempts a WHERE wave_id = ? AND again_at IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM visits v"
        "  WHERE v.wave_id = a.wave_id AND v.site_id = a.site_id) GROUP BY site_id",
        (wave.wave_id,),
    ).fetchall()
    rows.sort(key=lambda row: (row[1], _place(wave, row[0])))
    sites = _sites(connection, [site_id for site_id, _ in rows])
    return [(again_at, site) for (_, again_at), site in zip(rows, sites, strict=True)]


def _place(wave: Wave, site_id: int) -> bytes:
    return hashlib.blake2b(f"{wave.seed}:{site_id}".encode()).digest()


def _sites(
    connection: sqlite3.Connection, order: Sequence[int], batch: int = 500
) -> Iterator[Site]:
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


def begin_attempt(connection: sqlite3.Connection, wave: Wave, site: Site) -> Earlier:
    """Note that a visit begins, before anything is asked; returns what came before it."""
    with transaction(connection):
        site_id = _site_id(connection, site)
        earlier = Earlier(
            *connection.execute(
                "SELECT coalesce(max(attempt), 0), count(outcome),"
                " coalesce(sum(finished_at IS NULL), 0), coalesce(sum(requests), 0),"
                " coalesce(sum(bytes), 0) FROM attempts WHERE wave_id = ? AND site_id = ?",
                (wave.wave_id, site_id),
            ).fetchone()
        )
        connection.execute(
            "INSERT INTO attempts (wave_id, site_id, attempt, started_at) VALUES (?, ?, ?, ?)",
            (wave.wave_id, site_id, earlier.attempts + 1, now()),
        )
    return earlier


def _site_id(connection: sqlite3.Connection, site: Site) -> int:
    row = connection.execute("SELECT site_id FROM sites WHERE host = ?", (site.host,)).fetchone()
    return int(row[0])


def attempts_of(connection: sqlite3.Connection, wave: Wave, site: Site) -> Iterator[Visit]:
    """Yield what earlier visits of a wave to a site brought, in order: those to be made again."""
    key = "wave_id = ? AND site_id = (SELECT site_id FROM sites WHERE host = ?)"
    rows = connection.execute(
        "SELECT attempt, outcome, reason, detail, started_at, finished_at FROM attempts"  # noqa: S608
        f" WHERE {key} AND outcome IS NOT NULL ORDER BY attempt",
        (wave.wave_id, site.host),
    ).fetchall()
    for attempt, outcome, reason, detail, started_at, finished_at in rows:
        captures = connection.execute(
            f"SELECT c.bytes, c.first_byte, c.revalidated_from, {CAPTURE}"  # noqa: S608
            f" FROM attempt_captures c {CONTENTS} WHERE {key}"
            " AND attempt = ? ORDER BY c.seq",
            (wave.wave_id, site.host, attempt),
        )
        found = tuple(
            replace(capture_of(row), size=row[0], first_byte=row[1], revalidated_from=row[2])
            for row in captures
        )
        yield Visit(
            site, Outcome(outcome), Reason(reason), detail, found, started_at, finished_at, attempt
        )


def capture_of(row: tuple[object, ...]) -> Capture:
    """Build a capture from a row of three other columns and then those of `CAPTURE`."""
    (resource, url, final_url, hops, status, version, phrase, failure, detail) = row[3:12]
    (truncated, data_loss, coding_error, superseded, address, tls, at, elapsed) = row[12:20]
    headers, body = row[20:22]
    return Capture(
        resource=str(resource),
        url=str(url),
        final_url=str(final_url),
        hops=tuple(Hop(**hop) for hop in json.loads(str(hops))),
        status=status,  # type: ignore[arg-type]
        http_version=version,  # type: ignore[arg-type]
        reason_phrase=phrase,  # type: ignore[arg-type]
        headers=unpack_headers(zlib.decompress(headers)) if headers else (),  # type: ignore[arg-type]
        body=zlib.decompress(body) if body else b"",  # type: ignore[arg-type]
        failure=Failure(str(failure)) if failure else None,
        detail=detail,  # type: ignore[arg-type]
        truncated=bool(truncated),
        data_loss=bool(data_loss),
        coding_error=bool(coding_error),
        superseded=bool(superseded),
        address=address,  # type: ignore[arg-type]
        tls=tls,  # type: ignore[arg-type]
        started_at=str(at),
        elapsed=float(elapsed),  # type: ignore[arg-type]
    )


def answers(connection: sqlite3.Connection, wave: Wave, site: Site) -> dict[str, Stored]:
    """By address, the last whole answer that earlier waves have of a site, with its body.

    Kept to the site's own visits: `forget` removes all of them at once.
    """
    rows = connection.execute(
        # The bare columns are of the row with the maximum: https://sqlite.org/lang_select.html.
        "SELECT c.final_url, max(c.fetched_at), coalesce(c.revalidated_from, c.capture_id),"
        " c.body_id, h.content FROM visits v JOIN captures c USING (visit_id)"
        " JOIN bodies b USING (body_id) JOIN headers h USING (headers_id)"
        " WHERE v.wave_id IN (SELECT wave_id FROM waves WHERE wave_id < :wave)"
        " AND v.site_id = :site AND (c.status = 200 OR c.revalidated_from IS NOT NULL)"
        " AND c.failure IS NULL AND NOT (c.truncated OR c.data_loss OR c.coding_error)"
        " GROUP BY c.final_url",
        {"wave": wave.wave_id, "site": _site_id(connection, site)},
    )
    return {
        url: Stored(origin, body_id, unpack_headers(zlib.decompress(headers)))
        for url, _, origin, body_id, headers in rows
    }


def asked_elsewhere(connection: sqlite3.Connection, wave: Wave) -> Iterator[tuple[str, str]]:
    """Yield the robots.txt of other origins that a wave has asked for: site, address.

    Of the visits that are stored, those that are to be made again among them.
    """
    yield from connection.execute(
        "SELECT s.host, c.url FROM visits v JOIN captures c USING (visit_id)"
        " JOIN sites s USING (site_id)"
        " WHERE v.wave_id = :wave AND c.resource = 'variant:/robots.txt'"
        " UNION ALL SELECT s.host, c.url FROM attempt_captures c JOIN sites s USING (site_id)"
        " WHERE c.wave_id = :wave AND c.resource = 'variant:/robots.txt'",
        {"wave": wave.wave_id},
    )


def body(connection: sqlite3.Connection, body_id: int) -> bytes | None:
    """The bytes of a body, or None where they have been removed."""
    row = connection.execute("SELECT content FROM bodies WHERE body_id = ?", (body_id,)).fetchone()
    return zlib.decompress(row[0]) if row else None


def interrupt_attempts(connection: sqlite3.Connection, wave: Wave) -> None:
    """Tell the visits that an orderly stop broke off from those that a crash did."""
    connection.execute(
        "UPDATE attempts SET finished_at = ? WHERE wave_id = ? AND finished_at IS NULL",
        (now(), wave.wave_id),
    )


def put_exclusions(
    connection: sqlite3.Connection, wave: Wave, exclusions: Iterable[Exclusion]
) -> None:
    """Note which entries of the do-not-survey list kept us from something."""
    connection.executemany(
        "INSERT OR IGNORE INTO exclusions VALUES (?, ?, ?, ?)",
        ((wave.wave_id, each.entry, each.since, each.reason) for each in exclusions),
    )


def put_visits(
    connection: sqlite3.Connection,
    wave: Wave,
    visits: Iterable[Visit],
    exclusions: Iterable[Exclusion] = (),
) -> None:
    """Store visits with their captures in one transaction; a visit already there stays as it is.

    A visit that is to be made again, or that an earlier one is better than, is kept as an attempt
    with what it brought.
    """
    with transaction(connection):
        put_exclusions(connection, wave, exclusions)
        for visit in visits:
            _put_attempt(connection, wave, visit)
            if visit.again_at is None:
                _put_visit(connection, wave, visit.better or visit)
            if visit.again_at is not None or visit.better is not None:
                _put_attempt_captures(connection, wave, visit)


def _account(visit: Visit) -> Usage:
    return visit.usage or Usage(
        requests=sum(1 + len(capture.hops) for capture in visit.captures),
        bytes=sum(capture.size for capture in visit.captures),
    )


def _put_attempt(connection: sqlite3.Connection, wave: Wave, visit: Visit) -> None:
    account = _account(visit)
    connection.execute(
        "INSERT OR REPLACE INTO attempts SELECT ?, site_id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        " FROM sites WHERE host = ?",
        (wave.wave_id, visit.attempt, visit.started_at, visit.finished_at)
        + (visit.outcome, visit.reason, storable(visit.detail), account.requests, account.bytes)
        + (account.waited, account.shortest_gap, visit.crawl_delay, account.retry_after)
        + (visit.again_at, visit.site.host),
    )


def _put_visit(connection: sqlite3.Connection, wave: Wave, visit: Visit) -> None:
    account = _account(visit)
    row = connection.execute(
        "INSERT INTO visits (wave_id, site_id, outcome, reason, detail, requests, bytes,"
        " started_at, finished_at) SELECT ?, site_id, ?, ?, ?, ?, ?, ?, ? FROM sites"
        " WHERE host = ? ON CONFLICT (wave_id, site_id) DO NOTHING RETURNING visit_id",
        (
            wave.wave_id,
            visit.outcome,
            visit.reason,
            storable(visit.detail),
            account.requests,
            account.bytes,
            visit.started_at,
            visit.finished_at,
            visit.site.host,
        ),
    ).fetchone()
    if row is None:
        return
    _put_captures(connection, "captures", {"visit_id": row[0]}, visit.captures)


def _put_attempt_captures(connection: sqlite3.Connection, wave: Wave, visit: Visit) -> None:
    key: dict[str, object] = {
        "wave_id": wave.wave_id,
        "site_id": _site_id(connection, visit.site),
        "attempt": visit.attempt,
    }
    stored = "SELECT 1 FROM attempt_captures WHERE (wave_id, site_id, attempt) = (?, ?, ?)"
    if connection.execute(stored, tuple(key.values())).fetchone():
        return
    _put_captures(connection, "attempt_captures", key, visit.captures)


def _put_captures(
    connection: sqlite3.Connection,
    table: str,
    key: dict[str, object],
    captures: Iterable[Capture],
) -> None:
    rows = [
        key | {"seq": seq} | _columns(connection, capture) for seq, capture in enumerate(captures)
    ]
    if rows:
        connection.executemany(_insertion(table, rows[0]), map(_values, rows))


def _columns(connection: sqlite3.Connection, capture: Capture) -> dict[str, object]:
    """A capture as it is stored; its headers and body are put where they belong."""
    answered = capture.status is not None
    return {
        "resource": capture.resource,
        "url": capture.url,
        "final_url": capture.final_url,
        "hops": json.dumps([asdict(hop) for hop in capture.hops]) if capture.hops else "[]",
        "status": capture.status if capture.revalidated_from is None else 304,
        "http_version": capture.http_version,
        "reason_phrase": capture.reason_phrase,
        "failure": capture.failure,
        "detail": capture.detail,
        "headers_id": _put_headers(connection, capture) if answered else None,
        "body_id": _put_body(connection, capture.body) if answered else None,
        "bytes": capture.size,
        "truncated": capture.truncated,
        "data_loss": capture.data_loss,
        "coding_error": capture.coding_error,
        "superseded": capture.superseded,
        "address": capture.address,
        "tls": capture.tls,
        "fetched_at": capture.started_at,
        "elapsed": capture.elapsed,
        "first_byte": capture.first_byte,
        "revalidated_from": capture.revalidated_from,
    }


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
    cursor = connection.execute(_insertion(table, columns), _values(columns))
    return int(cursor.lastrowid or 0)


def _insertion(table: str, columns: Iterable[str]) -> str:
    names = list(columns)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own


def _values(columns: Mapping[str, object]) -> list[object]:
    return [storable(value) if type(value) is str else value for value in columns.values()]


def storable(value: object) -> object:
    """Text that SQLite takes: no lone surrogates (they would lose the batch), no NUL."""
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return value
    return (
        value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
