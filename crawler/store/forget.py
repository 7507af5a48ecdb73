"""Removing what is stored of a host that asked for it, and remembering not to ask again.

The visit stays as a row with the outcome `refused_by_us` and the reason `forgotten`, so that
denominators do not move in silence; everything the host sent is gone, from the file too.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.model import Failure, Outcome, Reason
from crawler.panel.exclusions import DoNotSurvey, Exclusion
from crawler.store.database import transaction
from crawler.store.facts import now

FORGOTTEN = "forgotten"

_ATTEMPT_CAPTURE = "wave_id, site_id, attempt, seq"
_OF_CAPTURES = ("statements", "defects", "findings", "refreshes", "works")
_OF_VISITS = (
    "conflicts",
    "link_access",
    "own_links",
    "site_platforms",
    "asset_hosts",
    "judgements",
)
_OF_POLICIES = ("robots_access", "reader_disagreements", "robots_policies")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed: visits of the host, and captures of it in visits of others."""

    visits: int
    captures: int
    bodies: int


def tombstones(connection: sqlite3.Connection) -> tuple[Exclusion, ...]:
    """All that was ever forgotten here, as entries of a do-not-survey list."""
    rows = connection.execute("SELECT entry, forgotten_at, reason FROM tombstones ORDER BY entry")
    return tuple(Exclusion(entry, day[:10], reason) for entry, day, reason in rows)


def forget(connection: sqlite3.Connection, entry: str, reason: str) -> Forgotten:
    """Remove what is stored of a host, or of everything under a `.suffix`, in all waves.

    `entry` is in its normal form (`crawler.panel.exclusions.normal`). Judgement of the visits goes
    too, under every ruleset; `optout judge` makes it anew from what is left.
    """
    connection.execute("PRAGMA secure_delete = ON")
    with transaction(connection):
        forgotten = remove(connection, entry, reason)
    # The log of the last transactions still holds what was removed.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return forgotten


def remove(connection: sqlite3.Connection, entry: str, reason: str) -> Forgotten:
    """Do what `forget` does inside the caller's transaction."""
    asked_out = DoNotSurvey(standing=[Exclusion(entry, now()[:10], reason)])
    connection.execute("INSERT OR IGNORE INTO tombstones VALUES (?, ?, ?)", (entry, now(), reason))
    taken = connection.execute("SELECT DISTINCT host FROM public_captures").fetchall()
    connection.executemany(
        "DELETE FROM public_captures WHERE host = ?",
        [host for host in taken if asked_out.host(host[0])],
    )
    probed = connection.execute("SELECT DISTINCT host FROM probes").fetchall()
    connection.executemany(
        "DELETE FROM probes WHERE host = ?", [host for host in probed if asked_out.host(host[0])]
    )
    connection.execute("DELETE FROM published_numbers")  # they counted what goes now
    visits = [visit for visit, host in _visits(connection) if asked_out.host(host)]
    for visit_id in visits:
        _forget_visit(connection, visit_id)
    captures = _led_there(connection, "captures", "capture_id", asked_out)
    for (capture_id,) in captures:
        _forget_capture(connection, capture_id)
    for key in _led_there(connection, "attempt_captures", _ATTEMPT_CAPTURE, asked_out):
        _blank(connection, "attempt_captures", _ATTEMPT_CAPTURE, key)
    return Forgotten(len(visits), len(captures), _drop_unused(connection))


def _led_there(
    connection: sqlite3.Connection, table: str, key: str, asked_out: DoNotSurvey
) -> list[tuple[int, ...]]:
    """Keys of the captures by which we were led to who asks to be forgotten."""
    rows = connection.execute(f"SELECT url, final_url, {key} FROM {table}").fetchall()  # noqa: S608
    return [
        tuple(found)
        for url, final_url, *found in rows
        if asked_out.host(_host(url)) or asked_out.host(_host(final_url))
    ]


def _visits(connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    yield from connection.execute(
        "SELECT visit_id, host FROM visits JOIN sites USING (site_id)"
    ).fetchall()


def _forget_visit(connection: sqlite3.Connection, visit_id: int) -> None:
    connection.execute(
        "UPDATE visits SET outcome = ?, reason = ?, detail = NULL WHERE visit_id = ?",
        (Outcome.REFUSED_BY_US, Reason.FORGOTTEN, visit_id),
    )
    connection.execute(
        "UPDATE attempts SET detail = NULL WHERE (wave_id, site_id) IN"
        " (SELECT wave_id, site_id FROM visits WHERE visit_id = ?)",
        (visit_id,),
    )
    connection.execute(
        "DELETE FROM attempt_captures WHERE (wave_id, site_id) IN"
        " (SELECT wave_id, site_id FROM visits WHERE visit_id = ?)",
        (visit_id,),
    )
    for table in _OF_VISITS:
        connection.execute(f"DELETE FROM {table} WHERE visit_id = ?", (visit_id,))  # noqa: S608
    for (capture_id,) in connection.execute(
        "SELECT capture_id FROM captures WHERE visit_id = ?", (visit_id,)
    ).fetchall():
        _drop_findings(connection, capture_id)
    connection.execute("DELETE FROM captures WHERE visit_id = ?", (visit_id,))


def _forget_capture(connection: sqlite3.Connection, capture_id: int) -> None:
    """A capture in another site's visit: that we were led there stays, what came does not."""
    _drop_findings(connection, capture_id)
    connection.execute(
        "DELETE FROM conflicts WHERE visit_id ="
        " (SELECT visit_id FROM captures WHERE capture_id = ?)",
        (capture_id,),
    )
    _blank(connection, "captures", "capture_id", (capture_id,))


def _blank(connection: sqlite3.Connection, table: str, columns: str, key: tuple[int, ...]) -> None:
    marks = ", ".join("?" * len(key))
    connection.execute(
        f"UPDATE {table} SET failure = ?, detail = ?, status = NULL, http_version = NULL,"  # noqa: S608
        " reason_phrase = NULL, headers_id = NULL, body_id = NULL, address = NULL, tls = NULL,"
        f" revalidated_from = NULL WHERE ({columns}) = ({marks})",
        (Failure.EXCLUDED, FORGOTTEN, *key),
    )


def _drop_findings(connection: sqlite3.Connection, capture_id: int) -> None:
    connection.execute("DELETE FROM works WHERE origin_capture_id = ?", (capture_id,))
    for table in _OF_CAPTURES:
        connection.execute(f"DELETE FROM {table} WHERE capture_id = ?", (capture_id,))  # noqa: S608


def _drop_unused(connection: sqlite3.Connection) -> int:
    """Remove content that no capture refers to any more; returns how many bodies."""
    unused = (
        "SELECT body_id FROM bodies EXCEPT SELECT body_id FROM captures"
        " EXCEPT SELECT body_id FROM attempt_captures"
    )
    for table in ("robots_attempts", "body_definitions", "robots_bodies"):
        connection.execute(f"DELETE FROM {table} WHERE body_id IN ({unused})")  # noqa: S608
    used = "SELECT policy_id FROM robots_bodies UNION SELECT policy_id FROM judgements"
    for table in _OF_POLICIES:
        connection.execute(f"DELETE FROM {table} WHERE policy_id NOT IN ({used})")  # noqa: S608
    dropped = connection.execute(f"DELETE FROM bodies WHERE body_id IN ({unused})")  # noqa: S608
    connection.execute(
        "DELETE FROM headers WHERE headers_id IN"
        " (SELECT headers_id FROM headers EXCEPT SELECT headers_id FROM captures"
        "  EXCEPT SELECT headers_id FROM attempt_captures)"
    )
    return dropped.rowcount


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
