"""Turns a panel file into sites, and every row that is no site into a counted, explained refusal.

A panel is an input of published figures: `rows_read` equals accepted, rejected and duplicate
rows, and its version is the sha256 of the file's bytes.
"""

import codecs
import csv
import hashlib
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from crawler.hosts import normalise, registrable, suffix_list_date
from crawler.model import Site
from crawler.panel.addresses import be_itself, be_owned

COLUMNS = (
    "host",
    "stratum",
    "sector",
    "creator_type",
    "country",
    "platform",
    "rank",
    "weight",
    "cluster",
    "note",
)

MAX_LINE = 64 * 1024  # bytes
MAX_TEXT = 200  # characters of a row that a refusal quotes
MAX_REFUSALS = 100_000  # bad or repeated rows: beyond it the file is no panel
MAX_METADATA = 1024 * 1024  # bytes
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_POSITIVE = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_COUNTRY = re.compile(r"[A-Z]{2}")


class PanelError(ValueError):
    """The file cannot be used as a panel; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is no new site. `text` is safe to print and at most 200 characters."""

    line: int
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file beside a panel says about it; None where it says nothing."""

    name: str | None = None
    source: str | None = None
    licence: str | None = None
    inclusion_rules: str | None = None
    date: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel version: `rows_read == len(sites) + len(rejections) + len(duplicates)`.

    `sha256` is of the panel file's bytes, `suffix_list` the day of the public suffix list.
    """

    name: str
    path: Path
    sha256: str
    metadata: Metadata
    suffix_list: str
    rows_read: int
    sites: tuple[Site, ...]
    rejections: tuple[Rejection, ...]
    duplicates: tuple[Rejection, ...]
    notes: tuple[Rejection, ...] = ()
    """Countries that could not be read and are unknown; the row is a site or a duplicate."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, without its end; what is no UTF-8 in it is U+FFFD."""

    number: int
    text: str
    whole: bool
    """False: the line is longer than MAX_LINE and `text` its beginning."""
    problem: str | None = None
    """Why no row can be read from it."""


def read(path: Path, *, strict: bool = False) -> Panel:
    """Read a panel: CSV with a header, one host a line, or `rank,domain` without a header.

    Blank lines and lines that begin with `#` are no rows. A bad row becomes a Rejection
    and the others stay; `strict` makes them a PanelError, as a file that is unusable
    as a whole always is.
    """
    be_a_file(path)
    metadata = read_metadata(path.with_suffix(".meta.toml"))
    digest = hashlib.sha256()
    sites: dict[str, Site] = {}
    rejections: list[Rejection] = []
    duplicates: list[Rejection] = []
    notes: list[Rejection] = []
    for line, found in _rows(path, lines(path, digest.update), notes):
        if isinstance(found, str):
            rejections.append(Rejection(line.number, quoted(line.text), quoted(found)))
        elif found.host in sites:
            first = sites[found.host].line
            duplicates.append(
                Rejection(line.number, quoted(line.text), f"{found.host}: already on line {first}")
            )
        else:
            sites[found.host] = found
        if len(rejections) > MAX_REFUSALS or len(duplicates) > MAX_REFUSALS:
            raise _unusable(path, rejections or duplicates)
    if not sites or (strict and rejections):
        raise _unusable(path, rejections)
    return Panel(
        name=metadata.name or path.stem,
        path=path,
        sha256=digest.hexdigest(),
        metadata=metadata,
        suffix_list=suffix_list_date(),
        rows_read=len(sites) + len(rejections) + len(duplicates),
        sites=tuple(sites.values()),
        rejections=tuple(rejections),
        duplicates=tuple(duplicates),
        notes=tuple(notes),
    )


def read_metadata(path: Path) -> Metadata:
    """Read `<panel>.meta.toml`; an absent file says nothing, a faulty one is a PanelError."""
    if not path.exists():
        return Metadata()
    try:
        with path.open("rb") as file:
            values = tomllib.loads(file.read(MAX_METADATA).decode())
    except (OSError, ValueError) as error:
        raise PanelError(f"{path}: not a readable TOML file: {error}") from error
    known = [field.name for field in fields(Metadata)]
    for key, value in values.items():
        if key not in known:
            raise PanelError(f"{path}: unknown key {key!r}; known are {', '.join(known)}")
        if not isinstance(value, str | date):
            raise PanelError(f"{path}: {key}: write a text in quotation marks")
    return Metadata(**{key: str(value) for key, value in values.items()})


def be_a_file(path: Path) -> None:
    """Refuse what cannot be read as a panel: a pipe would never end, a directory never begin."""
    if not path.is_file():
        problem = "not a regular file" if path.exists() else "no such file"
        raise PanelError(f"{path}: {problem}: name a panel file (CSV or one host a line)")


def lines(path: Path, update: Callable[[bytes], None]) -> Iterator[Line]:
    """Yield the lines with every byte passed to `update`; memory is bounded by MAX_LINE."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise PanelError(f"{path}: cannot be opened: {error.strerror}") from error
    with file:
        number = 0
        while piece := file.readline(MAX_LINE):
            number += 1
            update(piece)
            whole = len(piece) < MAX_LINE or piece.endswith(b"\n")
            if number == 1 and piece.startswith(UTF_16):
                raise PanelError(f"{path}:1: UTF-16: save it as UTF-8 text")
            yield _line(number, piece, whole=whole)
            while not whole and (piece := file.readline(MAX_LINE)):
                update(piece)
                whole = piece.endswith(b"\n")


def _line(number: int, piece: bytes, *, whole: bool) -> Line:
    problem = None
    if not whole:
        problem = f"a line over {MAX_LINE} bytes: write one row a line"
    elif b"\0" in piece:
        problem = "a NUL byte: save the list as UTF-8 text"
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        problem = problem or "not UTF-8: save the list as UTF-8 text"
        text = piece.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff") if number == 1 else text
    return Line(number, text.rstrip("\r\n"), whole, problem)


def _rows(
    path: Path, lines: Iterator[Line], notes: list[Rejection]
) -> Iterator[tuple[Line, Site | str]]:
    """Yield every row with its site or the problem; the first row decides the format."""
    columns: Sequence[str] | None = None
    for line in lines:
        if line.whole and (not line.text.strip() or line.text.startswith("#")):
            continue
        if columns is None:
            columns, is_header = _columns(path, line)
            if is_header:
                continue
        yield line, _site(line, columns, notes)


def _columns(path: Path, line: Line) -> tuple[Sequence[str], bool]:
    """Return the columns that the first row announces, and whether it is a header."""
    place = f"{path}:{line.number}"
    if not line.whole:
        raise PanelError(f"{place}: {line.problem}")
    if "," not in line.text and (";" in line.text or "\t" in line.text):
        raise PanelError(f"{place}: separated by semicolons or tabs: save the panel with commas")
    cells = [cell.strip().lower() for cell in line.text.replace('"', "").split(",")]
    if len(cells) == 1 and cells != ["host"]:
        return ("host",), False
    if len(cells) == 2 and _POSITIVE.fullmatch(cells[0]):
        return ("rank", "host"), False
    known = ", ".join(COLUMNS)
    if "host" not in cells:
        raise PanelError(f"{place}: no column `host`: begin with a header; known are {known}")
    for cell in cells:
        if cell not in COLUMNS:
            raise PanelError(
                f"{place}: unknown column {quoted(cell)!r}: rename or remove it; known are {known}"
            )
    if len(set(cells)) < len(cells):
        raise PanelError(f"{place}: a column is there twice: remove one")
    return cells, True


def _site(line: Line, columns: Sequence[str], notes: list[Rejection]) -> Site | str:
    """Read one row; a text is the problem with it. `notes` grows by what costs no row."""
    if line.problem:
        return line.problem
    try:
        cells = next(csv.reader([line.text], strict=True)) if len(columns) > 1 else [line.text]
    except csv.Error as error:
        return f"not a CSV row ({error}): a row is one line with its quotation marks closed"
    if len(cells) != len(columns):
        return f"{len(cells)} cells where {len(columns)} are expected: {', '.join(columns)}"
    row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    country = row.pop("country", "")
    try:
        address = row.pop("host", "")
        be_itself(address)
        host = normalise(address).ascii
        be_owned(host)
        values: dict[str, Any] = {
            name: _VALUES[name](text) if name in _VALUES else text for name, text in row.items()
        }
    except ValueError as error:  # HostError is one
        return str(error)
    return Site(
        host,
        *registrable(host),
        country=_country(line, country, notes),
        **values,
        line=line.number,
    )


def _country(line: Line, text: str, notes: list[Rejection]) -> str | None:
    """Read a country; one that cannot be read is unknown, and a note."""
    try:
        return read_country(text) if text else None
    except ValueError as error:
        notes.append(Rejection(line.number, quoted(text), str(error)))
        return None


def read_rank(text: str) -> int:
    """Read a positive whole number; a ValueError says what to do."""
    if not _POSITIVE.fullmatch(text) or int(text) == 0:
        raise ValueError("rank is not a positive whole number: correct it or leave it empty")
    return int(text)


def _weight(text: str) -> float:
    weight = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise ValueError("weight is not a positive number: correct it or leave it empty")
    return weight


def read_country(text: str) -> str:
    """Read two letters, or a flag, into capitals; a ValueError says what to do."""
    code = (_flag(text) or text).upper()
    if not _COUNTRY.fullmatch(code):
        raise ValueError("country is not two letters (ISO 3166-1): correct it or leave it empty")
    return code


def _flag(text: str) -> str | None:
    """Read a flag's letters; that of a part of a country begins with the country's (UTS 51)."""
    if len(text) == 2 and all("\U0001f1e6" <= c <= "\U0001f1ff" for c in text):
        return "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in text)
    if text.startswith("\U0001f3f4") and text.endswith("\U000e007f"):
        return "".join(chr(ord(c) & 0x7F) for c in text[1:3])
    return None


_VALUES: dict[str, Callable[[str], Any]] = {
    "rank": read_rank,
    "weight": _weight,
}


def quoted(text: str) -> str:
    """Escape what does not print (control, bidi, zero-width) and cut to MAX_TEXT."""
    text = text[:MAX_TEXT]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)[:MAX_TEXT]


def _unusable(path: Path, rejections: Sequence[Rejection]) -> PanelError:
    if not rejections:
        return PanelError(f"{path}:1: no row in it: write one host a line")
    listed = "".join(f"\n{path}:{r.line}: {r.problem}: {r.text}" for r in rejections[:20])
    return PanelError(f"{path}: {len(rejections)} unusable rows, of which the first:{listed}")
