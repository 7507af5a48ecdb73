"""WARC files into Parquet, file by file and in parallel; from there into a wave of a panel.

A file of Parquet is named by the digest of the WARC file it was read from and gets its name when
it is whole, so that reading goes on after any stop, and no file is there twice.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.addresses import web_address
from crawler.history import warc
from crawler.history.errors import HistoryError
from crawler.history.warc import Account, RobotsCapture

SCHEMA = pa.schema(
    [
        ("host", pa.string()),
        ("url", pa.string()),
        ("fetched_at", pa.string()),
        ("status", pa.int16()),
        ("location", pa.string()),
        ("headers", pa.binary()),
        ("body", pa.binary()),
        ("size", pa.int64()),
        ("cut", pa.bool_()),
        ("lost", pa.bool_()),
        ("undecoded", pa.bool_()),
        ("source", pa.string()),
        ("offset", pa.int64()),
    ]
)
ROWS = 1000  # in one group: some megabytes are in memory at once
MAX_HOPS = 5  # RFC 9309 section 2.3.1.2
_NOTED = (b"responses", b"kept", b"refused")
KEYS = ["host", "url", "fetched_at", "status", "location"]


@dataclass(frozen=True, slots=True)
class FileRead:
    """What reading one file came to; `problem` is empty where it went well."""

    name: str
    responses: int = 0
    kept: int = 0
    refused: int = 0
    again: bool = False
    """It had been read before."""
    problem: str = ""


def read_files(paths: Sequence[Path], folder: Path, jobs: int) -> Iterator[FileRead]:
    """Read WARC files into a folder; yields one result a file, as they come."""
    folder.mkdir(parents=True, exist_ok=True)
    if jobs == 1 or len(paths) == 1:
        yield from (_read_file((path, folder)) for path in paths)
        return
    spawn = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_end_with_parent) as pool:
        yield from pool.map(_read_file, ((path, folder) for path in paths), chunksize=1)


def _end_with_parent() -> None:
    """End a worker whose parent was killed: the pool's own pipe never tells it."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _read_file(job: tuple[Path, Path]) -> FileRead:
    path, folder = job
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            there = folder / f"{digest}.parquet"
            if there.exists():
                return replace(_noted(path.name, there), again=True)
            stream.seek(0)
            account = Account()
            write(there, warc.read(stream, path.name, account), account)
    except (HistoryError, OSError) as error:
        return FileRead(path.name, problem=str(error))
    return FileRead(path.name, **asdict(account))


def write(target: Path, captures: Iterable[RobotsCapture], account: Account) -> None:
    """Write a file of captures, whole or not at all, with the account in its metadata."""
    # A worker may live on for a file after its parent was killed, and the next run reads the same.
    unfinished = target.with_suffix(f".{os.getpid()}.unfinished")
    try:
        with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as writer:
            rows: list[dict[str, object]] = []
            for capture in captures:
                rows.append({name: getattr(capture, name) for name in SCHEMA.names})
                if len(rows) == ROWS:
                    writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
                    rows = []
            writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
            writer.add_key_value_metadata({k: str(v) for k, v in asdict(account).items()})
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _noted(name: str, path: Path) -> FileRead:
    metadata = pq.read_metadata(path).metadata or {}
    responses, kept, refused = (int(metadata.get(key, 0)) for key in _NOTED)
    return FileRead(name, responses, kept, refused)


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One capture without its bytes. The greatest one counts: an answer, then the newest."""

    answers: bool
    fetched_at: str
    url: str
    file: Path
    number: int
    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The capture that counts for a site, with the redirects that led to it."""

    host: str
    hops: tuple[Row, ...]
    last: Row


def choose(folder: Path, hosts: Collection[str]) -> list[Chosen]:
    """Choose one capture for each host that has any, following redirects within the folder."""
    first = _best(folder, "host", hosts)
    chains = {host: [row] for host, row in first.items()}
    for _ in range(MAX_HOPS):
        targets = {host: target for host, rows in chains.items() if (target := _target(rows))}
        found = _best(folder, "url", set(targets.values())) if targets else {}
        for host, target in targets.items():
            if target in found:
                chains[host].append(found[target])
    chosen = [Chosen(host, tuple(rows[:-1]), rows[-1]) for host, rows in chains.items()]
    return sorted(chosen, key=lambda each: (each.last.file, each.last.number, each.host))


def _target(rows: Sequence[Row]) -> str | None:
    """Where the last capture leads, if that is a place not seen yet."""
    last = rows[-1]
    target = web_address(last.location, last.url) if last.location else None
    return None if target in {row.url for row in rows} else target


def _best(folder: Path, column: str, wanted: Collection[str]) -> dict[str, Row]:
    """Give the greatest row for each value that is wanted, reading no bodies."""
    values = pa.array(sorted(wanted), pa.string())
    best: dict[str, Row] = {}
    for file in sorted(folder.glob("*.parquet")):
        table = pq.read_table(file, columns=KEYS)
        numbers = pc.indices_nonzero(pc.is_in(table[column], value_set=values))
        for number, row in zip(numbers.to_pylist(), table.take(numbers).to_pylist(), strict=True):
            found = Row(
                not 300 <= row["status"] < 400, row["fetched_at"], row["url"], file, number,
                row["status"], row["location"],
            )  # fmt: skip
            best[row[column]] = max(found, best.get(row[column], found))
    return best


def load(chosen: Iterable[Chosen]) -> Iterator[tuple[Chosen, RobotsCapture]]:
    """Read the bytes of what was chosen, file by file; memory holds one group of rows."""
    by_file: dict[Path, dict[int, list[Chosen]]] = defaultdict(lambda: defaultdict(list))
    for each in chosen:
        by_file[each.last.file][each.last.number].append(each)
    for file, numbers in by_file.items():
        start = 0
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=ROWS):
                here = [n for n in range(start, start + len(batch)) if n in numbers]
                rows: list[dict[str, Any]] = batch.take([n - start for n in here]).to_pylist()
                for number, row in zip(here, rows, strict=True):
                    for each in numbers[number]:
                        yield each, RobotsCapture(**row)
                start += len(batch)
