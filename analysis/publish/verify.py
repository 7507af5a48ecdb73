"""Whether a bundle is what it says: its checksums, and every number and table computed again.

A bundle is untrusted: its names must lie inside it, and whatever is wrong with its files is a
finding, not a crash. What is computed comes from the bundle's own database and this program's SQL;
fractions may differ by a billionth, since computers differ in their last digits.
"""

import csv
import json
import math
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from analysis.database import AnalysisError, open_database
from analysis.publish import export
from analysis.publish.bundle import (
    DATABASE,
    FIELDS,
    KEY,
    NUMBERS,
    PACKAGE,
    SUMS,
    TABLES,
    bundled_tables,
    digest,
    files,
    listed_files,
    numbers,
)
from analysis.publish.export import Format, Row, Table

TOLERANCE = 1e-9
UNREADABLE = (
    AnalysisError, sqlite3.Error, csv.Error, OSError, ValueError, KeyError, TypeError,
    RecursionError,
)  # fmt: skip
"""What damaged files lead to; Arrow's own errors are among these."""
_PLACES = tuple(FIELDS.index(name) for name in KEY)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared; `parquet` is False where its library is not there."""

    files: int
    numbers: int
    rows: int
    parquet: bool


@dataclass(slots=True)
class Check:
    """One look at a bundle; `problems` may be run through once, then `verified` is complete."""

    folder: Path
    verified: Verified = Verified(0, 0, 0, parquet=False)

    def problems(self) -> Iterator[str]:
        """Yield a sentence for everything that is wrong. AnalysisError if it is no bundle."""
        if not (self.folder / SUMS).is_file():
            raise AnalysisError(f"{self.folder}: no bundle, for it has no {SUMS}")
        listed = listed_files(self.folder)
        yield from self._checksums(listed)
        try:
            with closing(open_database(self.folder / DATABASE)) as connection:
                connection.execute("PRAGMA trusted_schema = OFF")
                with export.one_state(connection):
                    yield from self._recomputed(connection, len(listed))
        except UNREADABLE as error:
            yield f"cannot be computed again: {error}"

    def _checksums(self, listed: dict[str, str]) -> Iterator[str]:
        present = set(files(self.folder))
        for name, expected in listed.items():
            path = self.folder / name
            if name not in present:
                yield f"{name}: missing"
            elif path.is_symlink():
                yield f"{name}: a link, not a file"
            elif digest(path) != expected:
                yield f"{name}: its checksum is not the one in {SUMS}"
        yield from (f"{name}: not in {SUMS}" for name in sorted(present - set(listed)))

    def _recomputed(self, connection: sqlite3.Connection, count: int) -> Iterator[str]:
        about = json.loads((self.folder / PACKAGE).read_text("utf-8"))["optout"]
        waves = tuple(map(str, about["waves"]))
        found = list(numbers(connection, waves, about["seed"]))
        yield from _numbers(self.folder / NUMBERS, found)
        try:
            export.pyarrow()
            parquet = True
        except AnalysisError:
            parquet = False
        rows = 0
        for table in bundled_tables(connection):
            stem = self.folder / TABLES / table.name
            for form in (Format.CSV, Format.PARQUET) if parquet else (Format.CSV,):
                path = stem.with_name(f"{table.name}.{form}")
                if form is Format.CSV or path.exists():
                    published = _READERS[form](path)
                    expected = export.rows(connection, table, waves)
                    rows += yield from _rows(path.name, table, published, expected)
        self.verified = Verified(count, len(found), rows, parquet)


def _numbers(path: Path, found: list[Row]) -> Iterator[str]:
    lines = export.read_csv(path)
    if tuple(next(lines, ())) != FIELDS:
        yield f"{path.name}: its columns are not those of published numbers"
        return
    expected = {_key(cells): cells for cells in map(_cells, found)}
    for cells in lines:
        key = _key(cells) if len(cells) == len(FIELDS) else ()
        computed = expected.pop(key, None)
        if computed is None:
            yield f"{path.name}: {_named(key)} is published, and the database has no such number"
            continue
        for field, said, is_ in zip(FIELDS, cells, computed, strict=True):
            if not _same(said, is_):
                yield (
                    f"{path.name}: {_named(key)}: {field} is {said or 'null'}, but by the database"
                    f" {is_ or 'null'}"
                )
    for key in expected:
        yield f"{path.name}: {_named(key)} is in the database and not published"


def _key(cells: list[str]) -> tuple[str, ...]:
    return tuple(cells[place] for place in _PLACES)


def _named(key: tuple[str, ...]) -> str:
    if not key:
        return "a line of another length"
    kind, name, wave, stratum, about = key
    return f"{kind} {name}, wave {wave}, stratum {stratum}" + (f", {about}" if about else "")


def _cells(row: Row) -> list[str]:
    """Give a row as `read_csv` does."""
    return ["" if v is None else v if isinstance(v, str) else repr(v) for v in row]


def _same(said: str, computed: str) -> bool:
    if said == computed:
        return True
    try:
        return math.isclose(float(said), float(computed), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except ValueError:
        return False


def _rows(
    name: str, table: Table, published: Iterator[list[str]], expected: Iterator[Row]
) -> Generator[str, None, int]:
    """Compare a table line by line, and tell the first difference; return how many are alike."""
    header = [column.name for column in table.columns]
    if next(published, None) != header:
        yield f"{name}: its columns are not those of {table.name}"
        return 0
    number = 0
    for number, (said, row) in enumerate(zip_longest(published, expected), start=1):
        computed = None if row is None else _cells(row)
        if said is None or computed is None:
            more = "database" if said is None else "file"
            yield f"{name}: the {more} has more rows than the other, from row {number}"
            return number - 1
        if len(said) != len(computed) or not all(map(_same, said, computed)):
            odd = _first_odd(header, said, computed)
            yield f"{name}, row {number}: {odd}"
            return number - 1
    return number


def _first_odd(header: list[str], said: list[str], computed: list[str]) -> str:
    for column, a, b in zip(header, said, computed, strict=False):
        if not _same(a, b):
            return f"{column} is {a or 'null'}, but in the database {b or 'null'}"
    return "another number of cells than columns"


def _read_parquet(path: Path) -> Iterator[list[str]]:
    _, parquet = export.pyarrow()
    file = parquet.ParquetFile(path)
    yield list(file.schema_arrow.names)
    for batch in file.iter_batches(batch_size=export.BATCH):
        yield from map(_cells, zip(*(column.to_pylist() for column in batch.columns), strict=True))


_READERS = {Format.CSV: export.read_csv, Format.PARQUET: _read_parquet}
