"""Common Crawl over HTTP: list of collections, index of captures, records, lists of files.

Addresses and pauses are those that its operators publish or ask for; all can be given, so that a
mirror or a test server serves them. The index is for panels of some thousands of sites: it answers
about 100,000 questions an hour for the whole world. For more, use the files.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.history.captures_csv import day
from crawler.history.client import NotThereError, Service
from crawler.history.errors import HistoryError
from crawler.panel.published import ROBOTS

INDEX = "https://index.commoncrawl.org/"
DATA = "https://data.commoncrawl.org/"
INDEX_PAUSE, DATA_PAUSE = 1.0, 0.55  # seconds, as the crawl's own client keeps them
MAX_RECORD = 4 << 20  # bytes of one record of a robots.txt, packed


@dataclass(frozen=True, slots=True)
class Collection:
    """One crawl: its name and the days of its first and last capture, ISO 8601."""

    id: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Indexed:
    """One row of the index: where a capture lies. `timestamp` has 14 digits."""

    url: str
    timestamp: str
    status: str
    filename: str
    offset: int
    length: int


def collections(index: Service) -> list[Collection]:
    """Ask for all collections, the newest first."""
    return listed(index.base + "collinfo.json", index.get("collinfo.json", fresh=True))


def listed(where: str, content: bytes) -> list[Collection]:
    """Read a list of collections (`collinfo.json`); `where` it is from stands in errors."""
    told = _json(where, content)
    if not isinstance(told, list):
        raise HistoryError(f"{where}: not a list")
    return [_collection(where, each) for each in told]


def _collection(where: str, told: Any) -> Collection:  # noqa: ANN401 - JSON
    try:
        return Collection(str(told["id"]), day(told["from"]), day(told["to"]))
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryError(f"{where}: {str(told)[:100]}: {error}") from error


def robots_question(collection: str, host: str) -> tuple[str, dict[str, str]]:
    """Give path and parameters that ask the index for a host's robots.txt."""
    return f"{collection}-index", {"url": host + ROBOTS, "output": "json"}


def robots_captures(index: Service, collection: str, host: str) -> list[Indexed]:
    """Ask for the captures of a host's robots.txt; the index may say that there are none."""
    path, parameters = robots_question(collection, host)
    where = f"{index.base}{path}: {host}"
    try:
        content = index.get(path, parameters, check=lambda told: _rows(where, told))
    except NotThereError as error:
        if b"No Captures found" in error.body:
            return []
        raise
    return _rows(where, content)


def _rows(where: str, content: bytes) -> list[Indexed]:
    return [_indexed(where, line) for line in content.splitlines() if line.strip()]


def _indexed(where: str, line: bytes) -> Indexed:
    told = _json(where, line)
    try:
        return Indexed(
            str(told["url"]), str(told["timestamp"]), str(told["status"]), str(told["filename"]),
            int(told["offset"]), int(told["length"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryError(f"{where}: a row of the index without {error}") from error


def record(data: Service, row: Indexed) -> bytes:
    """Ask for the bytes of one record: a WARC file of its own. HistoryError for a broken range."""
    if not 0 < row.length <= MAX_RECORD or row.offset < 0:
        raise HistoryError(f"{row.filename}: {row.length} bytes from {row.offset}: no record")
    return data.get(row.filename, part=(row.offset, row.length))


def files(data: Service, path: str) -> Iterator[str]:
    """Yield what a list of files names (`*.paths.gz`): paths from the root of the server."""
    where = f"{data.base}{path}"
    content = _gunzipped(where, data.get(path, check=lambda told: _gunzipped(where, told)))
    yield from (line for line in content.decode("utf-8", "replace").splitlines() if line)


def _gunzipped(where: str, content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise HistoryError(f"{where}: not a gzip file, or damaged: {error}") from error


def _json(where: str, content: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        shown = content[:60].decode("utf-8", "replace")
        raise HistoryError(f"{where}: not JSON: {shown!r}") from error
