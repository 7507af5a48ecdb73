"""The published numbers of one wave: every `summary/<id>.sql` into rows of k, n and interval.

The SQL files are the definitions and can be run by hand with `:wave` bound, after the files
whose names begin with `_`, which hold what several count from; nothing here changes a count. A
number's id is its file name and never gets another meaning.
"""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

from analysis.database import check_wave, scratch
from analysis.safe_text import safe_cell
from analysis.statistics import wilson

WHOLE_PANEL = "*"
SHARED = ("_sites.sql", "_signals.sql")
HEADER_FIELDS = ("title", "question", "numerator", "denominator", "unit", "caveat")


@dataclass(frozen=True, slots=True)
class Number:
    """One published number: what is counted over what, and the SQL that counts it."""

    definition: str
    title: str
    question: str
    numerator: str
    denominator: str
    unit: str
    caveat: str
    sql: str


@dataclass(frozen=True, slots=True)
class Row:
    """One count. `stratum` is `*` for the whole panel, `key` an agent, signal, reason or ''.

    `share`, `low` and `high` (Wilson, 95 %) lie in 0..1 and are None where n is 0.
    """

    definition: str
    wave: str
    panel: str
    stratum: str
    key: str
    k: int
    n: int
    share: float | None
    low: float | None
    high: float | None
    ruleset: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """A number with its rows, the whole panel first."""

    number: Number
    rows: tuple[Row, ...]

    def row(self, stratum: str = WHOLE_PANEL, key: str = "") -> Row | None:
        """Give the row of one stratum and key, if there is one."""
        return next((r for r in self.rows if (r.stratum, r.key) == (stratum, key)), None)

    def keys(self) -> tuple[str, ...]:
        """Give the keys in the order of the rows."""
        return tuple(dict.fromkeys(row.key for row in self.rows))


@dataclass(frozen=True, slots=True)
class Summary:
    """All numbers of one wave; `ruleset` is None as long as the wave has not been judged."""

    wave: str
    panel: str
    ruleset: int | None
    agents_version: str | None
    results: tuple[Result, ...]

    def __getitem__(self, definition: str) -> Result:
        return next(r for r in self.results if r.number.definition == definition)

    def strata(self) -> tuple[str, ...]:
        """Give the strata by name, without the whole panel."""
        rows = self["attempted"].rows
        return tuple(row.stratum for row in rows if row.stratum != WHOLE_PANEL)


@cache
def numbers() -> tuple[Number, ...]:
    """Read every published number with its header, by id. ValueError for a faulty header."""
    folder = resources.files("analysis.numbers").joinpath("summary")
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql") and f.name[0] != "_")
    return tuple(
        _number(name.removesuffix(".sql"), folder.joinpath(name).read_text("utf-8"))
        for name in files
    )


def _number(definition: str, sql: str) -> Number:
    header = re.match(r"(?:--[^\n]*\n)*", sql)
    fields: dict[str, str] = {}
    name = ""
    for line in header[0].splitlines() if header else ():
        start = re.match(r"-- (\w+): (.*)", line)
        if start:
            name, text = start.groups()
            fields[name] = text
        else:
            fields[name] += " " + line.removeprefix("--").strip()
    if tuple(fields) != HEADER_FIELDS:
        raise ValueError(f"{definition}.sql: header has {tuple(fields)}, not {HEADER_FIELDS}")
    return Number(definition, **fields, sql=sql)


def run(connection: sqlite3.Connection, wave: str) -> Summary:
    """Compute every number of a wave from one consistent state of the database.

    Raises UnknownWaveError. A wave that is not judged yet has rows only for what needs
    no judgement.
    """
    check_wave(connection, wave)
    with prepared(connection, wave):
        panel, ruleset, agents_version = connection.execute(
            "SELECT p.name, r.ruleset, r.agents_version FROM waves w JOIN panels p USING (panel_id)"
            " LEFT JOIN current_rulesets j USING (wave_id)"
            " LEFT JOIN rulesets r ON r.ruleset = j.ruleset"
            " WHERE w.name = ?",
            (wave,),
        ).fetchone()
        results = tuple(_result(connection, number, wave, ruleset) for number in numbers())
    return Summary(wave, panel, ruleset, agents_version, results)


@contextmanager
def prepared(connection: sqlite3.Connection, wave: str) -> Iterator[None]:
    """Make the tables that several numbers share, in one state of the database, for a while."""
    with scratch(connection):
        for text in shared_sql().values():
            for statement in filter(str.strip, text.split(";\n")):
                connection.execute(statement, {"wave": wave})
        yield


def shared_sql() -> dict[str, str]:
    """Give the files that come before the numbers, by name, in the order of running."""
    folder = resources.files("analysis.numbers").joinpath("summary")
    return {name: folder.joinpath(name).read_text("utf-8") for name in SHARED}


def _result(
    connection: sqlite3.Connection, number: Number, wave: str, ruleset: int | None
) -> Result:
    counted = connection.execute(number.sql, {"wave": wave})
    return Result(number, tuple(_row(number.definition, ruleset, row) for row in counted))


def _row(definition: str, ruleset: int | None, counted: tuple[str, str, str, str, int, int]) -> Row:
    wave, panel, stratum, key, k, n = counted
    low, high = wilson(k, n) or (None, None)
    share = k / n if n else None
    return Row(definition, wave, panel, stratum, key, k, n, share, low, high, ruleset)


def to_json(summary: Summary) -> str:
    """Write one JSON object.

    `{"wave", "panel", "ruleset", "agents_version", "numbers": [{"definition", "title",
    "question", "numerator", "denominator", "unit", "caveat", "rows": [Row, ...]}, ...]}`;
    shares lie in 0..1, and null stands where nothing was measured.
    """
    document = {
        "wave": summary.wave,
        "panel": summary.panel,
        "ruleset": summary.ruleset,
        "agents_version": summary.agents_version,
        "numbers": [_published(result) for result in summary.results],
    }
    return json.dumps(document, allow_nan=False, indent=2)


def _published(result: Result) -> dict[str, object]:
    number = {f: getattr(result.number, f) for f in ("definition", *HEADER_FIELDS)}
    return {**number, "rows": [asdict(row) for row in result.rows]}


def to_csv(summary: Summary, definitions: Collection[str] | None = None) -> str:
    """Write the rows of all numbers, or of some, as RFC 4180 with the Row's fields as header.

    Text that a spreadsheet would take for a formula starts with `'`.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(Row.__slots__)
    for result in summary.results:
        if definitions is None or result.number.definition in definitions:
            writer.writerows(map(safe_cell, asdict(row).values()) for row in result.rows)
    return text.getvalue()
