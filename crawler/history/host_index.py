"""Common Crawl's host index: one row a host and crawl, in Parquet.

Its keys are names in reversed order (`org,commoncrawl,www`); `fetch_200` are pages, `robots_*` the
statuses of robots.txt. The form is in testing and may change, so that a missing column is an error.
A row tells no days: captures lie somewhere between the collection's first and last day.
"""

from collections.abc import Collection as Hosts
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.history.commoncrawl import Collection
from crawler.history.errors import HistoryError
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
    paths: Sequence[Path],
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
    wanted = pa.array(sorted(map(surt, hosts)), pa.string())
    of_collection: dict[Collection, list[Path]] = {}
    for path in paths:
        of_collection.setdefault(_collection(path, collections), []).append(path)
    for collection, files in of_collection.items():
        seen: set[str] = set()
        for path in files:
            for row in _rows(path, wanted, collection, account):
                if whole:
                    seen.add(row.host)
                yield row
        if whole:
            yield from (_none(host, collection) for host in hosts if host not in seen)


def _rows(
    path: Path, wanted: pa.Array, collection: Collection, account: Account
) -> Iterator[PublicCapture]:
    start = 0
    try:
        with pq.ParquetFile(path) as parquet:
            if lacking := [name for name in COLUMNS if name not in parquet.schema_arrow.names]:
                raise HistoryError(f"{path}: no column {', '.join(lacking)}")
            for batch in parquet.iter_batches(ROWS, columns=list(COLUMNS)):
                numbers = pc.indices_nonzero(pc.is_in(batch["surt_host_name"], value_set=wanted))
                for number, row in zip(
                    numbers.to_pylist(), batch.take(numbers).to_pylist(), strict=True
                ):
                    if row["fetch_200"] is not None:
                        account.found += 1
                        yield _capture(row, collection, path.name, start + number + 1)
                start += len(batch)
                account.rows += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise HistoryError(f"{path}: not a file of Parquet, or damaged: {error}") from error


def _collection(path: Path, collections: Mapping[str, Collection]) -> Collection:
    """Find the collection by the folder `crawl=...` in which the file lies, or by its name."""
    parts = [part.removeprefix("crawl=") for part in path.absolute().parts]
    for name in reversed(parts):
        if found := collections.get(name.removesuffix(".parquet")):
            return found
    raise HistoryError(f"{path}: in no folder crawl=NAME of a collection whose days are known")


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
