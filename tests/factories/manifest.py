"""The truth about each demo site beside what a survey database says, difference by difference."""

import sqlite3
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from crawler.demo.web import DEFAULT, SIGNALS, DemoSite

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
        yield from _renditions(connection, site, wave)


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


def _renditions(connection: sqlite3.Connection, site: DemoSite, wave: str) -> Iterator[str]:
    rows = connection.execute(
        "SELECT url, wish_fate FROM v_works WHERE wave = ? AND host = ? AND service IS NOT NULL",
        (wave, site.host),
    )
    found = {urlsplit(url).path: fate for url, fate in rows}
    if found != site.truth.renditions:
        yield f"{site.host}: renditions {found}, truth {dict(site.truth.renditions)}"


def _signals(connection: sqlite3.Connection, site: DemoSite, wave: str) -> Iterator[str]:
    """Signals of the manifest one by one; what it does not name is nowhere present or faulty.

    A signal that several captures of a site are read for counts as the most that it says.
    """
    rows = connection.execute(
        "SELECT signal, outcome FROM v_signals WHERE wave = ? AND host = ?", (wave, site.host)
    ).fetchall()
    found = {signal: _most(o for s, o in rows if s == signal) for signal, _ in rows}
    for signal in (*SIGNALS, *(s for s in site.truth.signals if s not in {*SIGNALS, DEFAULT})):
        wanted = site.truth.reading(signal)
        if found.get(signal, "unasked") != wanted:
            yield f"{site.host}: {signal} {found.get(signal, 'unasked')}, truth {wanted}"
    for signal, outcome in found.items():
        if outcome in {"present", "malformed"} and signal not in (*SIGNALS, *site.truth.signals):
            yield f"{site.host}: {signal} {outcome}, not in the truth"


def _most(outcomes: Iterable[str]) -> str:
    return min(outcomes, key=("present", "malformed", "unmeasured", "absent").index)
