"""The truth about each demo site beside what a survey database says, difference by difference."""

import sqlite3
from collections.abc import Iterator

from crawler.demo.web import SIGNALS, DemoSite

STRICT8 = (
    "SELECT token FROM agents JOIN agent_panels USING (ruleset, agent_id)"
    " WHERE agent_panel = 'strict8'"
)


def differences(
    connection: sqlite3.Connection, sites: tuple[DemoSite, ...], wave: str
) -> Iterator[str]:
    """Yield a line for every verdict that is not what the manifest says."""
    for site in sites:
        truth = site.truth
        found = connection.execute(
            "SELECT outcome, reason FROM v_visits WHERE wave = ? AND host = ?", (wave, site.host)
        ).fetchall()
        if found != [(truth.outcome, truth.reason)]:
            yield f"{site.host}: visit {found}, truth {truth.outcome}:{truth.reason}"
        (state,) = connection.execute(
            "SELECT state FROM v_robots WHERE wave = ? AND host = ?", (wave, site.host)
        ).fetchone()
        if state != truth.robots:
            yield f"{site.host}: robots {state}, truth {truth.robots}"
        yield from _access(connection, site, wave)
        yield from _use(connection, site, wave)
        yield from _signals(connection, site, wave)


def _access(connection: sqlite3.Connection, site: DemoSite, wave: str) -> Iterator[str]:
    for (token,) in connection.execute(STRICT8).fetchall():
        (root,) = connection.execute(
            "SELECT root FROM v_agent_access WHERE wave = ? AND host = ? AND agent = ?"
            " AND reader = 'rfc9309'",
            (wave, site.host, token),
        ).fetchone()
        if root != site.truth.access(token):
            yield f"{site.host}: {token} {root}, truth {site.truth.access(token)}"


def _use(connection: sqlite3.Connection, site: DemoSite, wave: str) -> Iterator[str]:
    rows = connection.execute(
        "SELECT purpose, preference_strict FROM v_use WHERE wave = ? AND host = ?",
        (wave, site.host),
    )
    for purpose, preference in rows:
        if preference != site.truth.preference(purpose):
            wanted = site.truth.preference(purpose)
            yield f"{site.host}: use for {purpose} {preference}, truth {wanted}"


def _signals(connection: sqlite3.Connection, site: DemoSite, wave: str) -> Iterator[str]:
    rows = connection.execute(
        "SELECT signal, outcome FROM v_signals WHERE wave = ? AND host = ?", (wave, site.host)
    ).fetchall()
    found = dict(rows)
    if len(found) != len(rows):
        yield f"{site.host}: a signal was read twice: {rows}"
    for signal in SIGNALS:
        wanted = site.truth.reading(signal)
        if found.get(signal, "unasked") != wanted:
            yield f"{site.host}: {signal} {found.get(signal, 'unasked')}, truth {wanted}"
