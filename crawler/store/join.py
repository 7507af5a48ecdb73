"""Parts of a survey into one database: the facts are copied, judgement is made anew.

What can be checked from the parts alone is checked before anything is written (`plan`);
one transaction then takes over all waves (`merge`). A visit that is there already is left as
it is, so merging again changes nothing, and what was forgotten on either side stays forgotten.

Parts are shards, which never share a site, or the databases of workers that shared jobs: there a
site may have been visited twice, when a worker was slow or died. The visit that was finished first
is kept, whatever the order of the parts, and the other is counted.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.panel.reading import Panel
from crawler.panel.shards import Shard
from crawler.store.database import StoreError, transaction
from crawler.store.facts import CANARY_CHECKS
from crawler.store.forget import remove

Row = Mapping[str, Any]

SHARD = "SURVEY_SHARD"
JOBS = "SURVEY_JOBS"
INTO = "the database to merge into"
OF_ONE_MACHINE = frozenset(
    {SHARD, CANARY_CHECKS, "CONCURRENT_REQUESTS", "SURVEY_DO_NOT_SURVEY", "SURVEY_HOSTS_FILE"}
)
"""Settings that may differ between the machines of one wave: none of them moves an answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """A database to merge from, open for reading."""

    path: Path
    connection: sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of one wave: the rows of `waves` and `panels` that it was surveyed under.

    `shared`: a worker's part of shared jobs, which holds any sites of the whole panel.
    """

    source: Source
    shard: Shard
    wave: Row
    panel: Row
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A wave that can be merged; `lacking` says what it would be without."""

    wave: str
    pieces: tuple[Piece, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging a wave came to."""

    wave: str
    added: int
    """Visits that were not there before."""
    visits: int
    twice: int = 0
    """Visits that another worker had finished before, and that were left out."""


def check_part(connection: sqlite3.Connection, panel_id: int, source: Panel, shard: str) -> None:
    """Refuse a database that holds another part of this panel than is to be surveyed.

    `source` is the part (`2/4`), or the whole panel where `shard` is empty.
    """
    held = {
        str(json.loads(text).get(SHARD) or "")
        for (text,) in connection.execute(
            "SELECT settings FROM waves WHERE panel_id = ?", (panel_id,)
        )
    }
    hosts = {
        host
        for (host,) in connection.execute(
            "SELECT host FROM panel_sites JOIN sites USING (site_id) WHERE panel_id = ?",
            (panel_id,),
        )
    }
    if held - {shard} or hosts != {site.host for site in source.sites}:
        there = " and ".join(sorted(_part(text) for text in held - {shard})) or "another part"
        raise StoreError(
            f"this database holds {there} of the panel, not {_part(shard)}: "
            "give each shard a database file of its own"
        )


def _part(shard: str) -> str:
    return f"shard {shard}" if shard else "the whole"


def plan(sources: Sequence[Source], waves: Sequence[str] = ()) -> list[Plan]:
    """Say which waves (all, or those named) the sources hold in shards.

    Raises StoreError, naming the file, where they are not shards of one and the same wave.
    """
    names = list(waves) or _names(sources)
    if not names:
        raise StoreError(f"{sources[0].path}: no wave in it")
    return [_plan(name, sources) for name in names]


def _names(sources: Sequence[Source]) -> list[str]:
    found = {
        row["name"]: row["started_at"]
        for source in reversed(sources)
        for row in _rows(source.connection, "SELECT name, started_at FROM waves")
    }
    return sorted(found, key=lambda name: (found[name], name))


def _plan(name: str, sources: Sequence[Source]) -> Plan:
    pieces = [piece for source in sources if (piece := _piece(source, name))]
    if not pieces:
        listed = ", ".join(_names(sources)) or "none"
        raise StoreError(f"no wave {name!r} in any of the files; waves there: {listed}")
    pieces.sort(key=lambda piece: piece.shard.number)
    first = pieces[0]
    for earlier, piece in pairwise(pieces):
        same = piece.shard.of == first.shard.of and piece.shard == earlier.shard
        if same and not (piece.shared and earlier.shared):
            raise StoreError(
                f"{piece.source.path}: wave {name!r}: shard {piece.shard}, as is "
                f"{earlier.source.path}: name each shard once"
            )
        _compare(first, piece)
    given = {piece.shard.number for piece in pieces}
    of = first.shard.of
    lacking = [f"shard {n}/{of} is missing" for n in range(1, of + 1) if n not in given]
    lacking += [
        f"{piece.source.path}: shard {piece.shard} is not finished"
        for piece in pieces
        if piece.wave["finished_at"] is None and not piece.shared
    ]
    if first.shared and (open_sites := _sites_without_visit(pieces)):
        lacking.append(f"{open_sites} sites of the panel have no visit in any of the parts")
    return Plan(name, tuple(pieces), tuple(lacking))


def _sites_without_visit(pieces: Sequence[Piece]) -> int:
    """Count them outside memory: a panel may have a million sites."""
    sql = (
        "SELECT host, EXISTS (SELECT 1 FROM visits v WHERE v.wave_id = ?"
        " AND v.site_id = ps.site_id) FROM panel_sites ps JOIN sites USING (site_id)"
        " WHERE panel_id = ?"
    )
    with closing(sqlite3.connect("")) as seen:
        seen.execute("CREATE TABLE sites (host PRIMARY KEY, visited) WITHOUT ROWID")
        for piece in pieces:
            seen.executemany(
                "INSERT INTO sites VALUES (?, ?) ON CONFLICT DO UPDATE"
                " SET visited = max(visited, excluded.visited)",
                piece.source.connection.execute(
                    sql, (piece.wave["wave_id"], piece.panel["panel_id"])
                ),
            )
        return int(seen.execute("SELECT count(*) FROM sites WHERE NOT visited").fetchone()[0])


def _piece(source: Source, name: str) -> Piece | None:
    """Find a wave in a file; raises StoreError where it is no shard or holds others' sites."""
    wave = _first(source.connection, "SELECT * FROM waves WHERE name = ?", name)
    if wave is None:
        return None
    settings = _settings(wave)
    shared = bool(settings.get(JOBS))
    try:
        shard = Shard(1, 1) if shared else Shard.parse(str(settings.get(SHARD) or ""))
    except ValueError as error:
        raise StoreError(
            f"{source.path}: wave {name!r} was not surveyed with --shard or --jobs: "
            "nothing to merge"
        ) from error
    panel = _first(source.connection, "SELECT * FROM panels WHERE panel_id = ?", wave["panel_id"])
    assert panel is not None  # noqa: S101 - a foreign key
    for site in _rows(
        source.connection,
        "SELECT host, registrable_domain FROM panel_sites JOIN sites USING (site_id)"
        " WHERE panel_id = ?",
        wave["panel_id"],
    ):
        if not shard.holds(site["host"], site["registrable_domain"]):
            raise StoreError(f"{source.path}: {site['host']} does not belong to shard {shard}")
    return Piece(source, shard, wave, panel, shared)


def _compare(first: Piece, other: Piece) -> None:
    """Refuse two pieces that were not surveyed in one and the same way."""
    _agree(other, _identity(first.wave, first.panel, first.shard.of), str(first.source.path))


def _agree(piece: Piece, expected: Row, place: str) -> None:
    found = _identity(piece.wave, piece.panel, piece.shard.of)
    for what in expected.keys() | found.keys():
        if found.get(what) != expected.get(what):
            raise StoreError(
                f"{piece.source.path}: wave {piece.wave['name']!r}: {what} is "
                f"{found.get(what)!r}, but {expected.get(what)!r} in {place}"
            )


def _identity(wave: Row, panel: Row, of: int) -> dict[str, object]:
    """What all shards of a wave must agree in, in the words of the error message."""
    return {
        "the panel's sha256": panel["sha256"],
        "the public suffix list": panel["suffix_list"],
        "the number of shards": of,
        "the ruleset": wave["plan_ruleset"],
        "the seed": wave["seed"],
        "the User-Agent": wave["user_agent"],
        "the vantage": wave["vantage"],
    } | {name: value for name, value in _settings(wave).items() if name not in OF_ONE_MACHINE}


def merge(connection: sqlite3.Connection, plans: Sequence[Plan]) -> list[Merged]:
    """Copy the facts of all plans in one transaction; judge the waves afterwards.

    What a plan lacks is left open. Raises StoreError where the database holds other facts
    under the same names.
    """
    connection.execute("PRAGMA secure_delete = ON")
    with transaction(connection):
        merged = [_merge_wave(connection, each) for each in plans]
        for piece in (piece for each in plans for piece in each.pieces):
            _merge_history(connection, piece.source.connection)
        _merge_tombstones(connection, plans, again=any(wave.added for wave in merged))
    # The log of the transaction may hold what was removed.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return merged


def _merge_wave(connection: sqlite3.Connection, planned: Plan) -> Merged:
    panel_id = _merge_panel(connection, planned.pieces)
    wave_id = _merge_wave_row(connection, planned, panel_id)
    added = twice = 0
    for piece in planned.pieces:
        later: set[str] = set()
        for visit in _rows(
            piece.source.connection,
            "SELECT v.*, s.host FROM visits v JOIN sites s USING (site_id)"
            " WHERE wave_id = ? ORDER BY visit_id",
            piece.wave["wave_id"],
        ):
            taken = _merge_visit(connection, piece, wave_id, visit)
            added += taken is Taken.NEW
            twice += taken in {Taken.LATER, Taken.BETTER}
            if taken is Taken.LATER:
                later.add(visit["host"])
        _merge_attempts(connection, piece, wave_id, without=later)
        for row in _of_wave(piece, "exclusions"):
            _insert(connection, "exclusions", row, wave_id=wave_id, or_ignore=True)
    _finish(connection, wave_id)
    (visits,) = connection.execute(
        "SELECT count(*) FROM visits WHERE wave_id = ?", (wave_id,)
    ).fetchone()
    return Merged(planned.wave, added, visits, twice)


def _merge_panel(connection: sqlite3.Connection, pieces: Sequence[Piece]) -> int:
    """Take over the panel with the sites of every piece; returns its id here."""
    sha256 = pieces[0].panel["sha256"]
    there = _first(connection, "SELECT * FROM panels WHERE sha256 = ?", sha256)
    if there is None:
        panel_id = _insert(connection, "panels", pieces[0].panel, panel_id=None)
        for row in _of_panel(pieces[0], "panel_rejections"):
            _insert(connection, "panel_rejections", row, panel_id=panel_id)
    else:
        panel_id = there["panel_id"]
    for piece in pieces:
        for site in _of_panel(piece, "panel_sites JOIN sites USING (site_id)"):
            _merge_site(connection, panel_id, site)
    connection.execute(
        "UPDATE panels SET accepted = n, rows_read = n + rejected + duplicates"
        " FROM (SELECT count(*) AS n FROM panel_sites WHERE panel_id = :panel)"
        " WHERE panel_id = :panel",
        {"panel": panel_id},
    )
    return panel_id


SITE = ("host", "registrable_domain", "registrable_domain_private")


def _merge_site(connection: sqlite3.Connection, panel_id: int, site: Row) -> None:
    _insert(connection, "sites", {name: site[name] for name in SITE}, or_ignore=True)
    entry = {name: value for name, value in site.items() if name not in SITE}
    site_id = _site_id(connection, site["host"])
    _insert(connection, "panel_sites", entry, panel_id=panel_id, site_id=site_id, or_ignore=True)


def _merge_wave_row(connection: sqlite3.Connection, planned: Plan, panel_id: int) -> int:
    """Make or bring up to date the row of the wave; returns its id here."""
    pieces, of = planned.pieces, planned.pieces[0].shard.of
    there = _first(connection, "SELECT * FROM waves WHERE name = ?", planned.wave)
    if there is not None:
        panel = _first(connection, "SELECT * FROM panels WHERE panel_id = ?", there["panel_id"])
        assert panel is not None  # noqa: S101 - a foreign key
        _agree(pieces[0], _identity(there, panel, of), INTO)
    held = {piece.shard.number for piece in pieces} | _held(there, of)
    listed = ",".join(map(str, sorted(held)))
    earlier = [] if there is None else [there]
    waves = [piece.wave for piece in pieces] + earlier
    row = {
        "software": " | ".join(
            sorted({w for wave in waves for w in wave["software"].split(" | ")})
        ),
        "settings": json.dumps(
            _common_settings(waves) | {SHARD: "" if len(held) == of else f"{listed}/{of}"},
            sort_keys=True,
        ),
        "started_at": min(wave["started_at"] for wave in waves),
    }
    if there is None:
        new = {**pieces[0].wave, **row, "finished_at": None}
        return _insert(connection, "waves", new, wave_id=None, panel_id=panel_id)
    connection.execute(
        "UPDATE waves SET software = :software, settings = :settings, started_at = :started_at"
        " WHERE wave_id = :wave_id",
        {**row, "wave_id": there["wave_id"]},
    )
    return int(there["wave_id"])


def _finish(connection: sqlite3.Connection, wave_id: int) -> None:
    """Stamp a wave that has all shards, and the visit of every site, with the last one's end."""
    connection.execute(
        "UPDATE waves AS w SET finished_at ="
        " (SELECT max(v.finished_at) FROM visits v WHERE v.wave_id = w.wave_id)"
        " WHERE wave_id = ? AND json_extract(settings, ?) = ''"
        " AND (SELECT count(*) FROM visits v WHERE v.wave_id = w.wave_id)"
        " = (SELECT count(*) FROM panel_sites ps WHERE ps.panel_id = w.panel_id)",
        (wave_id, f"$.{SHARD}"),
    )


def _held(wave: Row | None, of: int) -> set[int]:
    """Numbers of the shards that a merged wave has already; `1,3/4` is how it says so."""
    if wave is None:
        return set()
    numbers, _, total = str(_settings(wave).get(SHARD) or "").partition("/")
    if not total:
        return set(range(1, of + 1))
    if int(total) != of:
        raise StoreError(
            f"wave {wave['name']!r} in {INTO} is made of {total} shards, "
            f"not of {of}: name a new file with --into"
        )
    return {int(number) for number in numbers.split(",")}


def _common_settings(waves: Sequence[Row]) -> dict[str, object]:
    """The settings of a wave; of one that differs between machines, every value."""
    merged: dict[str, object] = _settings(waves[0])
    for name in OF_ONE_MACHINE & merged.keys():
        values: set[object] = set()
        for wave in waves:
            value = _settings(wave).get(name)
            values |= set(value) if isinstance(value, list) else {value}
        merged[name] = sorted(values, key=str) if len(values) > 1 else values.pop()
    return merged


class Taken(Enum):
    """What became of a visit of a part."""

    NEW = auto()
    THERE = auto()
    """The very same visit was merged before."""
    LATER = auto()
    """Another worker had finished before."""
    BETTER = auto()
    """It took the place of one that another worker finished later."""


def _merge_visit(connection: sqlite3.Connection, piece: Piece, wave_id: int, visit: Row) -> Taken:
    """Take over a visit with its captures, unless another one stands."""
    site_id = _site_id(connection, visit["host"])
    there = _first(
        connection,
        "SELECT finished_at, started_at FROM visits WHERE wave_id = ? AND site_id = ?",
        wave_id,
        site_id,
    )
    taken = Taken.NEW
    if there is not None:
        if all(there[name] == visit[name] for name in there):
            return Taken.THERE
        if not piece.shared:
            raise StoreError(
                f"{piece.source.path}: wave {piece.wave['name']!r}: {visit['host']} was visited "
                f"at {visit['started_at']}, but {INTO} has a visit of "
                f"{there['started_at']}: name a new file with --into"
            )
        if tuple(there.values()) < (visit["finished_at"], visit["started_at"]):
            return Taken.LATER
        taken = Taken.BETTER
    if piece.shared:  # what a worker that died had begun goes, too
        _remove_visit(connection, wave_id, site_id)
    row = {name: value for name, value in visit.items() if name != "host"}
    visit_id = _insert(connection, "visits", row, visit_id=None, wave_id=wave_id, site_id=site_id)
    captures = "SELECT * FROM captures WHERE visit_id = ? ORDER BY seq"
    for capture in _rows(piece.source.connection, captures, visit["visit_id"]):
        _insert(
            connection,
            "captures",
            capture,
            capture_id=None,
            visit_id=visit_id,
            headers_id=_content(connection, piece, "headers", "headers_id", capture),
            body_id=_content(connection, piece, "bodies", "body_id", capture),
            revalidated_from=_revalidated(connection, piece, capture["revalidated_from"]),
        )
    return taken


def _remove_visit(connection: sqlite3.Connection, wave_id: int, site_id: int) -> None:
    """Make room for a visit that was finished earlier; contents that it alone had stay unused."""
    place = (wave_id, site_id)
    connection.execute(
        "DELETE FROM captures WHERE visit_id ="
        " (SELECT visit_id FROM visits WHERE wave_id = ? AND site_id = ?)",
        place,
    )
    for table in ("attempt_captures", "attempts", "visits"):
        connection.execute(
            f"DELETE FROM {table} WHERE wave_id = ? AND site_id = ?",  # noqa: S608 - our own names
            place,
        )


_PLACE = """
SELECT {} FROM captures c JOIN visits v USING (visit_id) JOIN waves w USING (wave_id)
JOIN sites s USING (site_id) WHERE {}
"""


def _revalidated(connection: sqlite3.Connection, piece: Piece, source: int | None) -> int | None:
    """Find here the capture that brought the bytes of a 304; 0 where it was not merged."""
    if source is None:
        return None
    place = piece.source.connection.execute(
        _PLACE.format("w.name, s.host, c.seq", "c.capture_id = ?"), (source,)
    ).fetchone()
    there = (
        place
        and connection.execute(
            _PLACE.format("c.capture_id", "w.name = ? AND s.host = ? AND c.seq = ?"), tuple(place)
        ).fetchone()
    )
    return int(there[0]) if there else 0


def _content(
    connection: sqlite3.Connection, piece: Piece, table: str, key: str, capture: Row
) -> int | None:
    """Find or take over the content of a capture, by its hash; returns its id here."""
    if capture[key] is None:
        return None
    source = piece.source.connection
    (sha256,) = source.execute(
        f"SELECT sha256 FROM {table} WHERE {key} = ?",  # noqa: S608 - our own names
        (capture[key],),
    ).fetchone()
    there = connection.execute(
        f"SELECT {key} FROM {table} WHERE sha256 = ?",  # noqa: S608
        (sha256,),
    ).fetchone()
    if there:
        return int(there[0])
    row = _first(source, f"SELECT * FROM {table} WHERE {key} = ?", capture[key])  # noqa: S608
    assert row is not None  # noqa: S101 - its hash was just read
    columns = {name: value for name, value in row.items() if name != key}
    return _insert(connection, table, columns)


def _merge_attempts(
    connection: sqlite3.Connection, piece: Piece, wave_id: int, without: Collection[str]
) -> None:
    for row in _of_wave(piece, "attempts JOIN sites USING (site_id)"):
        if row["host"] in without or _is_elsewhere(connection, piece, wave_id, row["host"]):
            continue
        site_id = _site_id(connection, row["host"])
        # One that was under way when the shard was merged before may have ended since.
        connection.execute(
            "DELETE FROM attempts WHERE wave_id = ? AND site_id = ? AND attempt = ?"
            " AND finished_at IS NULL",
            (wave_id, site_id, row["attempt"]),
        )
        attempt = {name: value for name, value in row.items() if name not in SITE}
        _insert(connection, "attempts", attempt, wave_id=wave_id, site_id=site_id, or_ignore=True)
    for row in _of_wave(piece, "attempt_captures JOIN sites USING (site_id)"):
        if row["host"] in without or _is_elsewhere(connection, piece, wave_id, row["host"]):
            continue
        capture = {name: value for name, value in row.items() if name not in SITE}
        _insert(
            connection,
            "attempt_captures",
            capture,
            or_ignore=True,
            wave_id=wave_id,
            site_id=_site_id(connection, row["host"]),
            headers_id=_content(connection, piece, "headers", "headers_id", row),
            body_id=_content(connection, piece, "bodies", "body_id", row),
        )


def _is_elsewhere(connection: sqlite3.Connection, piece: Piece, wave_id: int, host: str) -> bool:
    """Whether a shared job that this part had begun was finished by another worker."""
    visit = (
        "SELECT 1 AS there FROM visits JOIN sites USING (site_id) WHERE wave_id = ? AND host = ?"
    )
    return (
        piece.shared
        and _first(piece.source.connection, visit, piece.wave["wave_id"], host) is None
        and _first(connection, visit, wave_id, host) is not None
    )


def _merge_history(connection: sqlite3.Connection, source: sqlite3.Connection) -> None:
    """Take over what public crawls took and studies found, where the database can hold it."""
    for table in ("public_captures", "corpus_users", "studies", "probes", "compliance_rates"):
        if _first(source, "SELECT 1 AS there FROM sqlite_master WHERE name = ?", table):
            for row in _rows(source, f"SELECT * FROM {table}"):  # noqa: S608 - our own names
                _insert(connection, table, row, or_ignore=True)


def _merge_tombstones(
    connection: sqlite3.Connection, plans: Sequence[Plan], *, again: bool
) -> None:
    """What was forgotten on one side must not come back from the other."""
    for each in plans:
        for piece in each.pieces:
            for stone in _rows(piece.source.connection, "SELECT * FROM tombstones"):
                known = "SELECT entry FROM tombstones WHERE entry = ?"
                if _first(connection, known, stone["entry"]) is None:
                    _insert(connection, "tombstones", stone)
                    again = True
    if again:
        for stone in list(_rows(connection, "SELECT * FROM tombstones")):
            remove(connection, stone["entry"], stone["reason"])


def _of_panel(piece: Piece, tables: str) -> Iterator[Row]:
    sql = f"SELECT * FROM {tables} WHERE panel_id = ? ORDER BY line"  # noqa: S608 - our own names
    return _rows(piece.source.connection, sql, piece.panel["panel_id"])


def _of_wave(piece: Piece, tables: str) -> Iterator[Row]:
    sql = f"SELECT * FROM {tables} WHERE wave_id = ?"  # noqa: S608 - our own names
    return _rows(piece.source.connection, sql, piece.wave["wave_id"])


def _settings(wave: Row) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(wave["settings"])
    return settings


def _site_id(connection: sqlite3.Connection, host: str) -> int:
    row = connection.execute("SELECT site_id FROM sites WHERE host = ?", (host,)).fetchone()
    return int(row[0])


def _rows(connection: sqlite3.Connection, sql: str, *parameters: object) -> Iterator[Row]:
    """Yield rows by name of column: columns that a later schema adds are copied as well."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _first(connection: sqlite3.Connection, sql: str, *parameters: object) -> Row | None:
    return next(_rows(connection, sql, *parameters), None)


def _insert(
    connection: sqlite3.Connection,
    table: str,
    row: Row,
    *,
    or_ignore: bool = False,
    **ids: int | None,
) -> int:
    """Insert a row under the ids it has here; returns its rowid, where the table has any."""
    columns = {**row, **ids}
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    cursor = connection.execute(
        f"{verb} INTO {table} ({names}) VALUES ({marks})",
        tuple(columns.values()),
    )
    return int(cursor.lastrowid or 0)
