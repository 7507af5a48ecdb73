"""Asks an archive about the robots.txt of each site of a panel, and keeps what it has."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crawler.history import commoncrawl, robots_files, warc, wayback
from crawler.history.client import Service
from crawler.history.errors import HistoryError
from crawler.history.warc import Account, RobotsCapture

Ask = Callable[[Service, Service, str, str], Iterator[RobotsCapture]]
"""Of index, data, collection and host the captures."""


def of_common_crawl(
    index: Service, data: Service, collection: str, host: str
) -> Iterator[RobotsCapture]:
    """Yield the captures of a collection; what is no record there is an error."""
    for row in commoncrawl.robots_captures(index, collection, host):
        place = f"{row.filename}, byte {row.offset}"
        found = warc.read_bytes(commoncrawl.record(data, row), place)
        if [capture.url for capture in found] != [row.url]:
            raise HistoryError(f"{place}: not the record of {row.url}")
        yield from found


def of_wayback(
    index: Service, playback: Service, collection: str, host: str
) -> Iterator[RobotsCapture]:
    """Yield the captures between two days, written as one: 20240101-20240331."""
    first, _, last = collection.partition("-")
    for row in wayback.robots_captures(index, host, first, last):
        if capture := wayback.robots_capture(playback, host, row):
            yield capture


ASK: dict[str, Ask] = {"commoncrawl": of_common_crawl, "wayback": of_wayback}


def write(  # noqa: PLR0913, PLR0917 - two services, what is asked of them, where it goes
    ask: Ask,
    index: Service,
    data: Service,
    collection: str,
    hosts: Sequence[str],
    folder: Path,
    progress: Callable[[int, int], None],
) -> int:
    """Write all captures of these hosts into one file of a folder; returns how many."""
    account = Account()

    def captures() -> Iterator[RobotsCapture]:
        for number, host in enumerate(hosts, start=1):
            for capture in ask(index, data, collection, host):
                account.responses += 1
                account.kept += 1
                yield capture
            if number % 100 == 0:
                progress(number, len(hosts))

    folder.mkdir(parents=True, exist_ok=True)
    robots_files.write(folder / "asked.parquet", captures(), account)
    return account.kept
