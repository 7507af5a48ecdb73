"""The robots.txt of a past crawl as a wave of a panel, judged like all others.

A site that the crawl has no capture of is unreachable, and never a site without a file: of such a
site nothing is known. Its visit is there, so that the share of what is not known can be told.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from crawler import __version__
from crawler.history import robots_files
from crawler.history.robots_files import Chosen
from crawler.history.warc import RobotsCapture
from crawler.hosts import registrable
from crawler.model import Capture, Failure, Hop, Outcome, Reason, Site
from crawler.panel.exclusions import DoNotSurvey
from crawler.panel.published import PROVENANCE, ROBOTS, ending
from crawler.signals import RULESET
from crawler.store import facts
from crawler.store.database import StoreError, transaction
from crawler.store.facts import Visit, Wave
from crawler.store.forget import tombstones
from crawler.store.history import hosts_of_panel

BATCH = 500
NOT_THERE = "not in the public crawl"


@dataclass(frozen=True, slots=True)
class Made:
    """A wave of the past: its sites, and of how many a capture was found."""

    wave: str
    sites: int
    captured: int
    first: str
    last: str


def make(connection: sqlite3.Connection, folder: Path, *, name: str, panel_id: int) -> Made:
    """Make a wave of a panel out of the captures of a folder, or go on with one.

    Raises StoreError where the name belongs to another wave, or the folder has no capture.
    """
    hosts = list(hosts_of_panel(connection, panel_id))
    chosen = robots_files.choose(folder, hosts)
    if not chosen:
        raise StoreError(f"{folder}: no capture of any of the {len(hosts)} sites of the panel")
    first = min(each.last.fetched_at for each in chosen)
    last = max(each.last.fetched_at for each in chosen)
    wave = _opened(connection, name, panel_id)
    asked_out = DoNotSurvey(standing=tombstones(connection))
    captured = [each for each in chosen if not asked_out.host(each.host)]
    known = {each.host for each in captured}
    there = _visited(connection, wave)
    missing = (_missing(host, first, asked_out) for host in hosts if host not in known | there)
    visits = chain(_visits(each for each in captured if each.host not in there), missing)
    while batch := list(islice(visits, BATCH)):
        facts.put_visits(connection, wave, batch)
    with transaction(connection):
        connection.execute(
            "UPDATE waves SET started_at = ?, finished_at = ? WHERE wave_id = ?",
            (first, last, wave.wave_id),
        )
    return Made(name, len(hosts), len(captured), first, last)


def _opened(connection: sqlite3.Connection, name: str, panel_id: int) -> Wave:
    settings: dict[str, object] = {"provenance": PROVENANCE, "format": "public-crawl"}
    there = connection.execute("SELECT settings FROM waves WHERE name = ?", (name,)).fetchone()
    if there and json.loads(there[0]) != settings:
        raise StoreError(f"wave {name!r} is another one in this database; choose another name")
    return facts.open_wave(
        connection,
        name,
        panel_id,
        seed=0,
        software=f"optout-observatory {__version__} history",
        settings=settings,
        user_agent=f"({PROVENANCE})",
        vantage=None,
        ruleset=RULESET,
    )


def _visited(connection: sqlite3.Connection, wave: Wave) -> set[str]:
    """Give the sites that are there already, of a wave whose making was broken off."""
    sql = "SELECT host FROM visits JOIN sites USING (site_id) WHERE wave_id = ?"
    return {host for (host,) in connection.execute(sql, (wave.wave_id,))}


def _visits(chosen: Iterable[Chosen]) -> Iterator[Visit]:
    for each, found in robots_files.load(chosen):
        outcome, reason = ending(found.status)
        capture = _capture(each, found)
        yield Visit(
            Site(each.host, *registrable(each.host)), outcome, reason, PROVENANCE, (capture,),
            found.fetched_at, found.fetched_at,
        )  # fmt: skip


def _capture(each: Chosen, found: RobotsCapture) -> Capture:
    return Capture(
        ROBOTS,
        each.hops[0].url if each.hops else found.url,
        found.url,
        hops=tuple(Hop(row.url, row.status, row.location) for row in each.hops),
        status=found.status,
        headers=facts.unpack_headers(found.headers),
        body=found.body,
        size=found.size,
        detail=f"{PROVENANCE}: {found.source}, byte {found.offset}",
        truncated=found.cut,
        data_loss=found.lost,
        coding_error=found.undecoded,
        started_at=found.fetched_at,
    )


def _missing(host: str, day: str, asked_out: DoNotSurvey) -> Visit:
    site = Site(host, *registrable(host))
    if asked_out.host(host):
        return Visit(site, Outcome.REFUSED_BY_US, Reason.FORGOTTEN, None, (), day, day)
    url = f"https://{host}{ROBOTS}"
    capture = Capture(
        ROBOTS, url, url, failure=Failure.CONNECT_FAILED, detail=f"{PROVENANCE}: {NOT_THERE}",
        started_at=day,
    )  # fmt: skip
    outcome, reason = ending(None)
    return Visit(site, outcome, reason, f"{PROVENANCE}: {NOT_THERE}", (capture,), day, day)
