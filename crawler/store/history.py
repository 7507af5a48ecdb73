"""Facts about public crawls: what they took of which host, and who is said to use them."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice

from crawler.panel.exclusions import DoNotSurvey
from crawler.store.database import transaction
from crawler.store.forget import tombstones

BATCH = 10_000  # rows in one transaction: what was begun when we are killed is done again


@dataclass(frozen=True, slots=True)
class PublicCapture:
    """What a collection took of a host; see `public_captures` in schema.sql."""

    host: str
    collection: str
    first_seen: str
    last_seen: str
    dates: str
    pages: int
    robots_2xx: int | None
    robots_3xx: int | None
    robots_4xx: int | None
    robots_5xx: int | None
    source: str
    row: int | None


@dataclass(frozen=True, slots=True)
class CorpusUser:
    """Who is said to use collections of which names; see `corpus_users` in schema.sql."""

    prefix: str
    agent: str
    first: str | None
    last: str | None
    operator: str
    statement: str
    source: str
    as_of: str
    verified: bool


@dataclass(slots=True)
class Stored:
    """What storing came to, in rows."""

    added: int = 0
    same: int = 0
    """There already, with the same numbers."""
    differing: int = 0
    """There already with other numbers, which stay."""
    forgotten: int = 0
    """Of hosts that asked to be forgotten."""
    first_differing: str = ""


def put_public_captures(
    connection: sqlite3.Connection, captures: Iterable[PublicCapture]
) -> Iterator[Stored]:
    """Store rows once, in batches; yields the account after each. What is there stays."""
    stored = Stored()
    asked_out = DoNotSurvey(standing=tombstones(connection))
    rows = iter(captures)
    while batch := list(islice(rows, BATCH)):
        kept = [row for row in batch if not asked_out.host(row.host)]
        stored.forgotten += len(batch) - len(kept)
        with transaction(connection):
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO public_captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(astuple, kept),
            )
            added = connection.total_changes - before
        stored.added += added
        if added < len(kept):
            _compare(connection, kept, stored, added)
        yield stored


def _compare(
    connection: sqlite3.Connection, kept: list[PublicCapture], stored: Stored, added: int
) -> None:
    """Count the rows of a batch that say something else than what is there."""
    differing = 0
    for row in kept:
        there = connection.execute(
            "SELECT * FROM public_captures WHERE host = ? AND collection = ?",
            (row.host, row.collection),
        ).fetchone()
        if there[2:10] != astuple(row)[2:10]:
            differing += 1
            place = f"{row.source}, row {row.row}" if row.row else row.source
            stored.first_differing = stored.first_differing or (
                f"{place}: {row.host} in {row.collection}: {there[10]} says otherwise"
            )
    stored.differing += differing
    stored.same += len(kept) - added - differing


def put_corpus_users(connection: sqlite3.Connection, users: Iterable[CorpusUser]) -> None:
    """Store who uses which collections, as this program knows it now."""
    with transaction(connection):
        connection.execute("DELETE FROM corpus_users")
        connection.executemany(
            "INSERT INTO corpus_users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, users)
        )


def names(hosts: Iterable[str]) -> Iterator[str]:
    """Yield every host with and without `www.`: indexes write them apart. None has a port."""
    for host in hosts:
        if ":" not in host:
            yield host
            yield host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def hosts_of_panel(connection: sqlite3.Connection, panel_id: int) -> Iterator[str]:
    """Yield the hosts of a panel, in the order of their ids."""
    rows = connection.execute(
        "SELECT host FROM panel_sites JOIN sites USING (site_id) WHERE panel_id = ?"
        " ORDER BY site_id",
        (panel_id,),
    )
    yield from (host for (host,) in rows)


def panel_of_wave(connection: sqlite3.Connection, wave: str) -> int | None:
    """Id of the panel of a wave; None: there is no such wave."""
    row = connection.execute("SELECT panel_id FROM waves WHERE name = ?", (wave,)).fetchone()
    return int(row[0]) if row else None
