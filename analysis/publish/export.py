"""Documented views and reference tables as files: CSV, NDJSON or Parquet, in bounded memory.

Rows come sorted by their columns from left to right, wave by wave, so that equal databases give
equal files. NDJSON and Parquet hold the values as they are. So does CSV (RFC 4180, UTF-8, CRLF),
with two rules that make it exact:

- Text is always quoted and a number never; nothing between two commas is null, `""` is empty text.
- Text that begins with `'` or with what a spreadsheet takes for a formula (`FORMULA_STARTS`) gets
  a `'` in front, since sites wrote it. Whoever reads the file takes one leading `'` off.
"""

import csv
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from analysis.database import AnalysisError, check_wave
from analysis.safe_text import FORMULA_STARTS

BATCH = 20_000
"""Rows in memory, and in a row group of Parquet."""

BODY_TEXTS = "body_texts"
"""Every body as text: the one table here that is not of the schema, where bodies are compressed."""

WIDE = frozenset({"v_access", "v_opt_outs", "v_reserved", "v_signals", "v_link_access", BODY_TEXTS})
"""What multiplies sites by operators, captures or links, is a part of v_agent_access, or is
third-party text; only exported where asked for."""

REFERENCE = (
    "panels", "waves", "rulesets", "judged_waves", "readers", "signals", "inventory", "agents",
    "agent_purposes", "agent_panels", "agent_fallbacks", "honours", "definitions",
)  # fmt: skip
"""Tables without a row per site that are exported beside the views."""

Value = str | int | float | None
Row = tuple[Value, ...]


class Format(StrEnum):
    """Kinds of files; the value is the extension."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


class Type(StrEnum):
    """Types of columns, by the names of the Frictionless table schema."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"


_DECLARED = {"INTEGER": Type.INTEGER, "REAL": Type.NUMBER, "TEXT": Type.STRING}
_COMPUTED = {
    **dict.fromkeys(("attempts", "requests", "bytes", "groups", "agents_named"), Type.INTEGER),
    **dict.fromkeys(("line", "sites", "domains", "bodies", "derived"), Type.INTEGER),
    **dict.fromkeys(("allowed", "ruleset", "k", "n", "works"), Type.INTEGER),
    **dict.fromkeys(("made_again", "same_body", "whole", "captures"), Type.INTEGER),
    **dict.fromkeys(("agents", "cells_unknown", "ruleset_from"), Type.INTEGER),
    "weight": Type.NUMBER,
    **dict.fromkeys(("waited", "shortest_gap", "crawl_delay", "retry_after"), Type.NUMBER),
    "share": Type.NUMBER,
}
"""Columns that a view computes, for which SQLite knows no type; all others hold text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported table; every value is of the type, or null."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Table:
    """A view or table that can be exported; `wave` is the column that names the wave, if any."""

    name: str
    columns: tuple[Column, ...]
    wave: str | None


class Cover(Protocol):
    """What takes the names of sites out of rows; see `analysis.publish.pseudonyms`."""

    def covers(self, table: Table) -> bool:
        """Say whether a table has rows of single sites."""

    def rows(self, table: Table, found: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows without what names a site."""


def tables(connection: sqlite3.Connection) -> dict[str, Table]:
    """Give all that can be exported from this database: the documented views, then reference."""
    views = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'view' AND name GLOB 'v_*'"
        " AND name NOT GLOB '*_all' ORDER BY rowid"
    )
    names = [*(str(name) for (name,) in views), *REFERENCE]
    columns = (Column("sha256", Type.STRING), Column("size", Type.INTEGER))
    texts = Table(BODY_TEXTS, (*columns, Column("text", Type.STRING)), None)
    return {name: _table(connection, name) for name in names} | {BODY_TEXTS: texts}


def usual(connection: sqlite3.Connection) -> list[str]:
    """Name what is exported where nothing is asked for: everything but `WIDE`."""
    return [name for name in tables(connection) if name not in WIDE]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    described = connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,))
    columns = tuple(
        Column(column, _DECLARED.get(declared) or _COMPUTED.get(column, Type.STRING))
        for column, declared in described
    )
    known = {column.name for column in columns}
    wave = next((each for each in ("wave", "wave_to") if each in known), None)
    return Table(name, columns, wave)


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read everything from the same state of a database that may be written to meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def export(  # noqa: PLR0913 - what a command can say
    connection: sqlite3.Connection,
    folder: Path,
    form: Format,
    *,
    names: Collection[str] = (),
    waves: Collection[str] = (),
    cover: Cover | None = None,
) -> Iterator[tuple[Path, int]]:
    """Write a file per table and yield it with its number of rows as soon as it is complete.

    `names` empty: everything but `WIDE`. `waves` empty: all. Files of the same name are replaced.
    `cover` takes the names of sites out of the rows of the tables that have any.
    Raises AnalysisError for an unknown table or wave, and for Parquet without its library.
    """
    with one_state(connection):
        known = tables(connection)
        if unknown := [name for name in names if name not in known]:
            raise AnalysisError(f"no table {unknown[0]!r} to export; there are {', '.join(known)}")
        for wave in waves:
            check_wave(connection, wave)
        folder.mkdir(parents=True, exist_ok=True)
        for name in names or usual(connection):
            path, table = folder / f"{name}.{form}", known[name]
            found = rows(connection, table, waves)
            if cover and cover.covers(table):
                found = cover.rows(table, found)
            yield path, write(path, form, table, found)


def rows(
    connection: sqlite3.Connection, table: Table, waves: Collection[str] = ()
) -> Iterator[Row]:
    """Yield the rows of a table in their fixed order; of a table without waves, all of them."""
    order = ", ".join(str(place) for place in range(1, len(table.columns) + 1))
    if table.name == BODY_TEXTS:
        yield from connection.execute(
            "SELECT sha256, size, body_text(content) FROM bodies ORDER BY sha256"
        )
        return
    if table.wave is None:
        yield from connection.execute(f"SELECT * FROM {table.name} ORDER BY {order}")  # noqa: S608
        return
    known = connection.execute("SELECT name FROM waves ORDER BY started_at, wave_id").fetchall()
    for (wave,) in known:
        if wave in waves or not waves:
            # Equality, not IN: so SQLite starts from the one wave.
            sql = f"SELECT * FROM {table.name} WHERE {table.wave} = ? ORDER BY {order}"  # noqa: S608
            yield from connection.execute(sql, (wave,))


def write(path: Path, form: Format, table: Table, found: Iterable[Row]) -> int:
    """Write one file, complete or not at all, and return the number of rows."""
    part = path.with_name(path.name + ".part")
    try:
        count = _WRITERS[form](part, table, found)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def csv_lines(columns: Sequence[str], found: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a CSV file, its header first."""
    yield ",".join(_cell(name) for name in columns) + "\r\n"
    for row in found:
        yield ",".join(map(_cell, row)) + "\r\n"


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    return '"' + guarded(value).replace('"', '""') + '"'


def guarded(text: str) -> str:
    """Put a `'` before text that a spreadsheet would calculate, or that begins with one."""
    return "'" + text if text.startswith(("'", *FORMULA_STARTS)) else text


def read_csv(path: Path) -> Iterator[list[str]]:
    """Yield the lines of a CSV file of ours, text as it was before `guarded`; null is ''."""
    with path.open(encoding="utf-8", newline="") as stream:
        for cells in csv.reader(stream, strict=True):
            yield [cell.removeprefix("'") for cell in cells]


def _write_csv(path: Path, table: Table, found: Iterable[Row]) -> int:
    names = [column.name for column in table.columns]
    count = -1  # the header is no row
    with path.open("w", encoding="utf-8", newline="") as stream:
        for count, line in enumerate(csv_lines(names, found)):  # noqa: B007 - counted
            stream.write(line)
    return count


def _write_ndjson(path: Path, table: Table, found: Iterable[Row]) -> int:
    names = [column.name for column in table.columns]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        for count, row in enumerate(found, start=1):  # noqa: B007 - counted
            stream.write(json.dumps(dict(zip(names, row, strict=True)), allow_nan=False) + "\n")
    return count


def _write_parquet(path: Path, table: Table, found: Iterable[Row]) -> int:
    pa, parquet = pyarrow()
    types = {Type.INTEGER: pa.int64(), Type.NUMBER: pa.float64(), Type.STRING: pa.string()}
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches(found):
            count += len(batch)
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return count


def batches(found: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows by `BATCH`."""
    rest = iter(found)
    while batch := list(islice(rest, BATCH)):
        yield batch


def pyarrow() -> tuple[Any, Any]:
    """Give the modules that write Parquet. AnalysisError names the remedy where they lack."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - of the extra `export`
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise AnalysisError(
            "Parquet needs pyarrow, which is not installed: run `pip install -e '.[export]'` in"
            " the checkout, or do without: choose csv or ndjson, or publish --no-parquet"
        ) from error
    return pa, parquet


_WRITERS: dict[Format, Callable[[Path, Table, Iterable[Row]], int]] = {
    Format.PARQUET: _write_parquet,
    Format.CSV: _write_csv,
    Format.NDJSON: _write_ndjson,
}
