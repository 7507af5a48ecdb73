"""Reads what the user has: lists of creators with addresses, in the forms that they come in.

- CSV with a header, a plain list of hosts, `rank,domain` without a header (Tranco and the like);
- JSON: a list of objects, an object that holds one such list, SPARQL 1.1 query results; NDJSON.

Columns are known by several names (`COLUMNS`), so that an export of a directory and the result
of a Wikidata query with `?website ?occupation ?occupationLabel ?countryCode` need no editing.
Columns of another name, people's names among them, are not kept. A row that cannot be used is a
`Dropped` with file, line and reason, never an exception; a file that cannot be read at all is a
PanelError.
"""

import csv
import hashlib
import json
import re
import sys
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from crawler.panel.addresses import host_of, is_unknown, split
from crawler.panel.reading import (
    MAX_LINE,
    UTF_16,
    Line,
    PanelError,
    be_a_file,
    lines,
    quoted,
    read_country,
    read_rank,
)
from crawler.registry.sectors import Sectors

MAX_JSON = 512 * 1024 * 1024  # bytes of a JSON document, which is held in memory
MAX_ROW = 20  # lines of one row after the first
MAX_CELL = 200  # characters of a text that goes into a panel
MAX_ADDRESSES = 100  # web addresses of one creator

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "host": (
        "host", "url", "urls", "website", "websites", "officialwebsite", "site", "homepage",
        "domain", "address", "web",
    ),
    "sector": ("sector", "subsector"),
    "occupation": (
        "occupationlabel", "creatortype", "occupation", "profession", "discipline", "type",
    ),
    "country": ("countrycode", "iso", "country"),
    "region": ("region", "nation", "county"),
    "size": ("size", "sizeclass"),
    "rank": ("rank",),
    "owner": ("owner", "cluster", "group", "ownerlabel"),
    "platform": ("platform",),
}  # fmt: skip
"""What a panel takes from an input, and the columns it may stand in, best first; case, blanks,
hyphens and underscores in a column's name do not count."""

TEXTS = ("occupation", "region", "size", "owner", "platform")

_SUFFIXES = {".csv", ".txt", ".json", ".srj", ".ndjson", ".jsonl"}
_NAME = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9]{1,18}")
_ENTITY = re.compile(r"https?://www\.wikidata\.org/(?:entity|wiki)/(Q[0-9]+)")
_SHARE = re.compile(r"0(\.[0-9]{1,9})?|1(\.0{1,9})?")
_ITEM = re.compile(r"Q[0-9]+")
_BINDINGS = re.compile(r'"bindings"\s*:\s*\[\s*')
_HELD_LIST = re.compile(r'\s*\{\s*"[^"\\]*"\s*:\s*\[\s*')
_LIST = re.compile(r"\s*\[\s*")
_AFTER_ITEM = re.compile(r"\s*([,\]])\s*")
_CLOSING = re.compile(r"[\s}]*")
_BAD_BYTE = re.compile(r"[\udc80-\udcff]")
_DECODER = json.JSONDecoder(strict=False)  # a NUL costs its item and not the file


class Kind(StrEnum):
    """Why a row of an input is no site of its own in the population."""

    UNREADABLE = "unreadable"
    EXCLUDED = "excluded"
    RULE = "rule"
    DUPLICATE = "duplicate"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row that is dropped. `text` is the row as it stood, or its host; both are as found."""

    source: str
    line: int
    kind: Kind
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that names a public host. `line` counts from 1; None: the row does not say."""

    source: str
    line: int
    host: str
    path: str = ""
    """The first part of the address's path: many under one host may mean many creators."""
    sector: str | None = None
    occupation: str | None = None
    country: str | None = None
    region: str | None = None
    size: str | None = None
    rank: int | None = None
    owner: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An input: `rows` are one per web address, `unused` its columns that were not kept."""

    name: str
    sha256: str
    rows: int
    unused: tuple[str, ...]
    unmapped: Mapping[str, int]
    """Occupations, and sectors, that the table does not know, with the number of rows."""
    no_country: Mapping[str, int]
    """Why countries could not be read, with the number of rows; these are unknown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an input comes to: `source.rows == len(entries) + len(dropped)`."""

    source: Source
    entries: tuple[Entry, ...]
    dropped: tuple[Dropped, ...]


Record = tuple[int, Mapping[str, Any] | str, str]
"""Line, the row by column or the problem with it, and the row as it stands."""


def files(inputs: Sequence[Path]) -> list[Path]:
    """Return the files to read: a folder stands for the lists in it. Sorted by name.

    PanelError for a folder without any, and for two files of one name: places could not be told.
    """
    found: list[Path] = []
    for path in inputs:
        inside = [p for p in path.iterdir() if p.suffix in _SUFFIXES] if path.is_dir() else [path]
        if not inside:
            raise PanelError(f"{path}: no list in this folder ({', '.join(sorted(_SUFFIXES))})")
        found += inside
    names = [path.name for path in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PanelError(f"{twice[0]}: two inputs of this name: rename one of them")
    return sorted(found, key=lambda path: path.name)


def read(path: Path, sectors: Sectors) -> Reading:
    """Read one file; its ending, else its first sign, tells the form."""
    be_a_file(path)
    return _Reader(path, sectors).read()


def read_ranks(path: Path, wanted: Collection[str]) -> tuple[dict[str, int], str]:
    """Read `rank,host` lines for the hosts that are wanted; return their best ranks and sha256.

    Memory grows with `wanted`, not with the list. PanelError with the line for any other row.
    """
    be_a_file(path)
    digest = hashlib.sha256()
    ranks: dict[str, int] = {}
    for line in lines(path, digest.update):
        if line.problem:
            raise PanelError(f"{path}:{line.number}: {line.problem}")
        rank, comma, host = line.text.partition(",")
        if not comma and not rank.strip():
            continue
        host = host.strip().lower()
        try:
            place = read_rank(rank.strip())
        except ValueError as error:
            raise PanelError(f"{path}:{line.number}: not `rank,host`: {error}") from error
        if host in wanted:
            ranks[host] = min(place, ranks.get(host, place))
    return ranks, digest.hexdigest()


def read_expected(path: Path) -> tuple[dict[str, Fraction], str]:
    """Read `stratum,share` lines with a header: expected shares (0..1); and the file's sha256."""
    be_a_file(path)
    digest = hashlib.sha256()
    shares: dict[str, Fraction] = {}
    rows = [line for line in lines(path, digest.update) if line.text.strip()]
    for line in rows[1:]:
        row = _cells(line, ("stratum", "share"))
        share = row if isinstance(row, str) else row["share"].strip()
        if isinstance(row, str) or not _SHARE.fullmatch(share):
            raise PanelError(f"{path}:{line.number}: not `stratum,share` with a share from 0 to 1")
        shares[row["stratum"].strip()] = Fraction(share)
    return shares, digest.hexdigest()


class _Reader:
    """One pass over one file."""

    def __init__(self, path: Path, sectors: Sectors) -> None:
        self._path = path
        self._name = path.name
        self._sectors = sectors
        self._digest = hashlib.sha256()
        self._columns: dict[str, dict[str, int]] = {}
        self._unused: set[str] = set()
        self._unmapped: dict[str, int] = {}
        self._no_country: dict[str, int] = {}

    def read(self) -> Reading:
        entries: list[Entry] = []
        dropped: list[Dropped] = []
        for line, row, text in self._records():
            for found in self._entries(line, row):
                if isinstance(found, Entry):
                    entries.append(found)
                else:
                    dropped.append(Dropped(self._name, line, Kind.UNREADABLE, found, quoted(text)))
        if not entries and not dropped:
            raise PanelError(f"{self._path}:1: no row in it: write one creator a line")
        source = Source(
            self._name,
            self._digest.hexdigest(),
            len(entries) + len(dropped),
            tuple(sorted(self._unused)),
            self._unmapped,
            self._no_country,
        )
        return Reading(source, tuple(entries), tuple(dropped))

    def _records(self) -> Iterator[Record]:
        suffix = self._path.suffix.lower()
        if suffix in (".ndjson", ".jsonl"):
            return self._ndjson()
        if suffix in (".json", ".srj"):
            return self._json()
        return self._csv()

    def _csv(self) -> Iterator[Record]:
        columns: Sequence[str] | None = None
        further = lines(self._path, self._digest.update)
        waiting: deque[Line] = deque()
        while line := waiting.popleft() if waiting else next(further, None):
            if line.whole and (not line.text.strip() or line.text.startswith("#")):
                continue
            if columns is None:
                columns, is_header = self._header(line)
                if is_header:
                    continue
            if _is_open(line):
                line = _closed(line, columns, further, waiting)
            yield line.number, _cells(line, columns), line.text

    def _header(self, line: Line) -> tuple[Sequence[str], bool]:
        """Return the columns that the first row announces, and whether it is a header."""
        place = f"{self._path}:{line.number}"
        if "," not in line.text and (";" in line.text or "\t" in line.text):
            raise PanelError(f"{place}: separated by semicolons or tabs: save it with commas")
        cells = [cell.strip().strip('"') for cell in line.text.split(",")]
        if not line.whole:
            raise PanelError(f"{place}: {line.problem}")
        if len({_name(cell) for cell in cells}) < len(cells):
            raise PanelError(f"{place}: a column is there twice: rename or remove one")
        if any(_name(cell) in COLUMNS["host"] for cell in cells):
            return cells, True
        if len(cells) == 1:
            return ("host",), False
        if len(cells) == 2 and _NUMBER.fullmatch(cells[0]):
            return ("rank", "host"), False
        raise PanelError(
            f"{place}: no column with a web address: begin with a header that has one of"
            f" {', '.join(COLUMNS['host'])}"
        )

    def _ndjson(self) -> Iterator[Record]:
        for line in lines(self._path, self._digest.update):
            if line.whole and not line.text.strip():
                continue
            yield line.number, _object(line), line.text

    def _json(self) -> Iterator[Record]:
        """Yield the objects of the one list in a document, one after another."""
        with self._path.open("rb") as file:
            content = file.read(MAX_JSON + 1)
        if len(content) > MAX_JSON:
            raise PanelError(f"{self._path}: over {MAX_JSON} bytes: save it as NDJSON")
        self._digest.update(content)
        if content.startswith(UTF_16):
            raise PanelError(f"{self._path}: UTF-16: save it as UTF-8 text")
        text = content.decode("utf-8-sig", "surrogateescape")
        start = _LIST.match(text) or _BINDINGS.search(text) or _HELD_LIST.match(text)
        if start is None:
            raise PanelError(
                f"{self._path}:1: neither a list of objects nor SPARQL results; one object a line"
                " is NDJSON: give the file that ending"
            )
        yield from self._items(text, start.end())

    def _items(self, text: str, at: int) -> Iterator[Record]:
        number, counted = 1, 0
        if text.startswith("]", at):
            return
        while True:
            number, counted = number + text.count("\n", counted, at), at
            try:
                item, end = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                raise PanelError(f"{self._path}:{number}: not readable JSON: {error}") from error
            yield number, _item(item, text[at:end]), text[at:end]
            after = _AFTER_ITEM.match(text, end)
            if after is None:
                raise PanelError(f"{self._path}:{number}: the list does not go on: cut off?")
            at = after.end()
            if after.group(1) == "]":
                break
        if not _CLOSING.fullmatch(text, at):
            raise PanelError(f"{self._path}: more than one list in it: save each by itself")

    def _entries(self, line: int, row: Mapping[str, Any] | str) -> Iterator[Entry | str]:
        """Yield an entry, or the problem, for each web address of a row."""
        if isinstance(row, str):
            yield row
            return
        try:
            values = self._values(row)
            addresses, words = _addresses(values.get("host", []))
            common = self._common(values)
        except ValueError as error:
            yield str(error)
            return
        hosts: list[tuple[str, str]] = []
        for address in addresses:
            try:
                hosts.append(host_of(address))
            except ValueError as error:  # HostError is one
                yield str(error)
        if words:
            yield f"words beside an address ({quoted(' '.join(words))}): write the address alone"
        if len(hosts) > 1 and common["owner"] is None:
            common["owner"] = min(host for host, _ in hosts)  # they are one creator's
        for host, path in hosts:
            yield Entry(self._name, line, host, sys.intern(path[:MAX_CELL]), **common)

    def _values(self, row: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Gather a row's cells by what they are, best column first."""
        found: dict[str, dict[int, Any]] = {}
        for key, value in row.items():
            for field, order in self._meaning(str(key)).items():
                found.setdefault(field, {})[order] = value
        return {field: [cells[i] for i in sorted(cells)] for field, cells in found.items()}

    def _meaning(self, column: str) -> Mapping[str, int]:
        """Return what a column holds and how good it is for it; {} and a note if nothing."""
        if column not in self._columns:
            name = _name(column)
            known = {f: names.index(name) for f, names in COLUMNS.items() if name in names}
            self._columns[column] = known
            if not known:
                self._unused.add(quoted(column))
        return self._columns[column]

    def _common(self, values: Mapping[str, list[Any]]) -> dict[str, Any]:
        texts = {
            field: [text for cell in cells if (text := _text(field, cell))]
            for field, cells in values.items()
            if field not in {"host", "country"}
        }
        first = {field: found[0] if found else None for field, found in texts.items()}
        rank = first.get("rank")
        return {
            "sector": self._sector(texts.get("sector", []), texts.get("occupation", [])),
            "country": self._country(values.get("country", [])),
            "rank": read_rank(rank) if rank else None,
        } | {field: first.get(field) for field in TEXTS}

    def _country(self, cells: Sequence[Any]) -> str | None:
        """Read the best cell that can be read; where none can, the first problem is counted."""
        problems: list[str] = []
        for cell in cells:
            try:
                if text := _text("country", cell):
                    return _code(text)
            except ValueError as error:
                problems.append(str(error))
        for problem in problems[:1]:
            self._no_country[problem] = self._no_country.get(problem, 0) + 1
        return None

    def _sector(self, sectors: Sequence[str], occupations: Sequence[str]) -> str | None:
        found = [self._sectors.sector(word) for word in sectors]
        found += [self._sectors.of_occupation(word) for word in occupations]
        for sector in found:
            if sector is not None:
                return sector
        for word in (*sectors, *occupations)[:1]:
            self._unmapped[word] = self._unmapped.get(word, 0) + 1
        return None


def _name(column: str) -> str:
    return _NAME.sub("", column.casefold())


def _is_open(line: Line) -> bool:
    return line.problem is None and line.text.count('"') % 2 == 1


def _closed(
    first: Line, columns: Sequence[str], further: Iterator[Line], waiting: deque[Line]
) -> Line:
    """Join the lines of a row whose quoted cell goes on, if the next ones make it a row.

    Else the first line stays alone, and the others wait for their own turn.
    """
    taken: list[Line] = []
    text = first.text
    while len(taken) < MAX_ROW and (
        following := waiting.popleft() if waiting else next(further, None)
    ):
        taken.append(following)
        text += f"\n{following.text}"
        if following.problem or len(text) > MAX_LINE:
            break
        if text.count('"') % 2 == 0:
            joined = Line(first.number, text, whole=True)
            if isinstance(_cells(joined, columns), dict):
                return joined
            break
    waiting.extendleft(reversed(taken))
    return first


def _cells(line: Line, columns: Sequence[str]) -> Mapping[str, Any] | str:
    """Read one CSV row; a text is the problem with it."""
    if line.problem:
        return line.problem
    try:
        cells = next(csv.reader([line.text], strict=True))
    except csv.Error as error:
        return f"not a CSV row ({error}): a row is one line with its quotation marks closed"
    if len(cells) != len(columns):
        return f"{len(cells)} cells where {len(columns)} are expected"
    return dict(zip(columns, cells, strict=True))


def _item(value: object, text: str) -> Mapping[str, Any] | str:
    """Check one item of a list, and its text, in which bytes that are no UTF-8 are surrogates."""
    if _BAD_BYTE.search(text):
        return "not UTF-8: save the list as UTF-8 text"
    if "\0" in text:
        return "a NUL byte: save the list as UTF-8 text"
    return value if isinstance(value, dict) else "not an object"


def _object(line: Line) -> Mapping[str, Any] | str:
    """Read one line of NDJSON; a text is the problem with it."""
    if line.problem:
        return line.problem
    try:
        value = json.loads(line.text)
    except (ValueError, RecursionError) as error:
        return f"not readable JSON: {error}"
    return value if isinstance(value, dict) else "not an object"


def _addresses(cells: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Return the web addresses of the best column that has any, and the words beside them."""
    for cell in cells:
        listed = cell if isinstance(cell, list) else [cell]
        found, words = [], []
        for text in [_plain("host", item) for item in listed[: MAX_ADDRESSES + 1]]:
            addresses, others = split(text) if text else ([], [])
            found += addresses
            words += others
        if len(found) > MAX_ADDRESSES:
            raise ValueError(f"over {MAX_ADDRESSES} web addresses of one creator")
        if found:
            return found, words
    return [""], []


def _text(field: str, cell: object) -> str:
    """Return a cell as a text that may be shown; a ValueError says what is wrong."""
    text = _plain(field, cell)
    if len(text) > MAX_CELL:
        raise ValueError(f"{field}: longer than {MAX_CELL} characters: shorten it")
    if entity := _ENTITY.fullmatch(text):
        text = entity.group(1)
    if is_unknown(text):
        return ""
    if field == "country" and _ITEM.fullmatch(text):
        raise ValueError(
            "country is a Wikidata item: ask for its code too (?country wdt:P297 ?countryCode)"
        )
    return sys.intern(text)


def _code(text: str) -> str:
    code = read_country(text)
    return "GB" if code == "UK" else code  # what people write; ISO 3166-1 only reserves it


def _plain(field: str, cell: object) -> str:
    """Return a cell's text; SPARQL results wrap it (SPARQL 1.1 JSON results, section 3.2.2)."""
    if isinstance(cell, dict):
        cell = f"_:{cell.get('value')}" if cell.get("type") == "bnode" else cell.get("value")
    if cell is None:
        return ""
    if isinstance(cell, str | int | float) and not isinstance(cell, bool):
        return str(cell).strip()
    raise ValueError(f"{field}: neither a text nor a number")
