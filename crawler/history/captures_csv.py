"""Reads `host,collection,first_seen,last_seen,pages`: what anybody can export from an index.

Days or times are ISO 8601 or the 14 digits of an index; only the day is kept. They are the host's
own. `pages` 0 says that the host was looked for in the whole index and is not there.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from crawler.history.errors import HistoryError
from crawler.hosts import normalise
from crawler.store.history import PublicCapture

COLUMNS = ("host", "collection", "first_seen", "last_seen", "pages")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)([T ]?\d\d:?\d\d.*)?")
_COLLECTION = re.compile(r"[\w.:-]{1,100}")


def read(path: Path) -> Iterator[PublicCapture]:
    """Yield the rows of a file. HistoryError names file and line; OSError as usual."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        try:
            if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise HistoryError(f"{path}, line 1: no column {', '.join(lacking)}")
            for row in reader:
                try:
                    yield _capture(row, path.name, reader.line_num)
                except ValueError as error:
                    raise HistoryError(f"{path}, line {reader.line_num}: {error}") from error
        except UnicodeDecodeError as error:
            raise HistoryError(f"{path}: after line {reader.line_num}: not UTF-8") from error
        except csv.Error as error:
            raise HistoryError(f"{path}, line {reader.line_num}: {error}") from error


def _capture(row: dict[str, str | None], source: str, line: int) -> PublicCapture:
    if None in row or None in row.values():
        raise ValueError("more or fewer cells than the header has")
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    first, last = day(cells["first_seen"]), day(cells["last_seen"])
    if first > last:
        raise ValueError(f"first_seen {first} is after last_seen {last}")
    if not _COLLECTION.fullmatch(cells["collection"]):
        raise ValueError(f"collection {cells['collection']!r}: not a name of letters and digits")
    if not re.fullmatch(r"[0-9]{1,15}", cells["pages"]):
        raise ValueError(f"pages {cells['pages']!r}: not a number")
    return PublicCapture(
        normalise(cells["host"]).ascii, cells["collection"], first, last, "captures",
        int(cells["pages"]), None, None, None, None, source, line,
    )  # fmt: skip


def day(text: str) -> str:
    """Give the ISO day of a day, a time or the 14 digits of an index. ValueError for others."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r}: not a day; write it as in 2026-06-30")
    return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
