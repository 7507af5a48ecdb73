"""Common Crawl's host index: one row a host and crawl, in Parquet.

Its keys are names in reversed order (`org,commoncrawl,www`); `fetch_200` are pages, `robots_*` the
statuses of robots.txt. The form is in testing and may change, so that a missing column is an error.
A row tells no days: captures lie somewhere between the collection's first and last day.
"""

from bisect import bisect_left
from collections.abc import Collection as Hosts
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.history.commoncrawl import Collection
from crawler.history.errors import HistoryError
from crawler.history.index_files import IndexFile
from crawler.store.history import PublicCapture

COLUMNS = (
    "surt_host_name", "fetch_200", "robots_200", "robots_3xx", "robots_4xx", "robots_5xx"
)  # fmt: skip
ROWS = 256 * 1024  # read at once: some tens of megabytes


@dataclass(slots=True)
class Account:
    """Rows of the files, and those of hosts that were asked for."""

    rows: int = 0
    found: int = 0


def surt(host: str) -> str:
    """Write a host as the index does."""
    return ",".join(reversed(host.split(".")))


def read(
    files: Sequence[IndexFile],
    hosts: Hosts[str],
    collections: Mapping[str, Collection],
    account: Account,
    *,
    whole: bool = False,
) -> Iterator[PublicCapture]:
    """Yield a row for each of these hosts that the files have.

    `whole`: the files are all of the index of their collections, so that a host that is not in
    them gets a row of 0 pages. Raises HistoryError, naming the file.
    """
    wanted = sorted(map(surt, hosts))
    of_collection: dict[Collection, list[IndexFile]] = {}
    for file in files:
        of_collection.setdefault(collection_of(file, collections), []).append(file)
    for collection, its_files in of_collection.items():
        seen: set[str] = set()
        for file in its_files:
            for row in _rows(file, wanted, collection, account):
                if whole:
                    seen.add(row.host)
                yield row
        if whole:
            yield from (_none(host, collection) for host in hosts if host not in seen)


def _rows(
    file: IndexFile, wanted: list[str], collection: Collection, account: Account
) -> Iterator[PublicCapture]:
    name = PurePosixPath(file.where).name
    values = pa.array(wanted, pa.string())
    start = 0
    try:
        with file.open() as opened, pq.ParquetFile(opened) as parquet:
            names = parquet.schema_arrow.names
            if lacking := [each for each in COLUMNS if each not in names]:
                raise HistoryError(f"{file.where}: no column {', '.join(lacking)}")
            for group in range(parquet.num_row_groups):
                in_group = parquet.metadata.row_group(group)
                if _may_hold(in_group.column(names.index(COLUMNS[0])).statistics, wanted):
                    place = start
                    for batch in parquet.iter_batches(ROWS, [group], list(COLUMNS)):
                        for number, row in _found(batch, values):
                            account.found += 1
                            yield _capture(row, collection, name, place + number + 1)
                        place += len(batch)
                start += in_group.num_rows
                account.rows += in_group.num_rows
    except (pa.ArrowException, OSError) as error:
        raise HistoryError(f"{file.where}: not a file of Parquet, or damaged: {error}") from error


def _may_hold(told: Any, wanted: list[str]) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Say whether a group of rows can have one of the hosts, by its least and greatest name."""
    if told is None or not told.has_min_max:
        return True
    place = bisect_left(wanted, told.min)
    return place < len(wanted) and wanted[place] <= told.max


def _found(batch: pa.RecordBatch, wanted: pa.Array) -> Iterator[tuple[int, dict[str, Any]]]:
    numbers = pc.indices_nonzero(pc.is_in(batch[COLUMNS[0]], value_set=wanted))
    for number, row in zip(numbers.to_pylist(), batch.take(numbers).to_pylist(), strict=True):
        if row["fetch_200"] is not None:
            yield number, row


def collection_of(file: IndexFile, collections: Mapping[str, Collection]) -> Collection:
    """Find the collection by the folder `crawl=...` in which the file lies, or by its name."""
    for part in reversed(PurePosixPath(file.where).parts):
        if found := collections.get(part.removeprefix("crawl=").removesuffix(".parquet")):
            return found
    raise HistoryError(
        f"{file.where}: in no folder crawl=NAME of a collection whose days are known"
    )


def _capture(
    row: Mapping[str, Any], collection: Collection, source: str, number: int
) -> PublicCapture:
    host = ".".join(reversed(row["surt_host_name"].split(",")))
    return PublicCapture(
        host, collection.id, collection.first, collection.last, "collection",
        row["fetch_200"], row["robots_200"], row["robots_3xx"], row["robots_4xx"],
        row["robots_5xx"], source, number,
    )  # fmt: skip


def _none(host: str, collection: Collection) -> PublicCapture:
    return PublicCapture(
        host, collection.id, collection.first, collection.last, "collection", 0,
        None, None, None, None, "not in the index", None,
    )  # fmt: skip
