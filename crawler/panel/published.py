"""What others have published about robots.txt, as captures: so that it can be judged again.

Each format is read as its authors write it; nothing of theirs comes with this program. Only what a
row says of robots.txt is taken. Its labels are not: they are what is to be recomputed.

| format | is | by |
|---|---|---|
| `robots-folder` | a folder of files `HOST.robots.txt` | samber, The Great GPT Firewall |
| `robots-csv` | columns `Website` (or `host`, `domain`) and `robots` | winterForestStump |
| `robots-json` | JSON, or a folder of it: `domain`, `robotsTxt` | avuim, RobotsTXTCrawler |
| `rules-json` | the same with `http_status` and `rules` by agent, no text | Dear Robots |

A file may be packed by gzip. One that `rules-json` tells is rebuilt from its rules: comments, order
and misspellings are gone, so that definitions which look at lines give other answers than on the
original. A list of rules that was cut short makes a body that was cut short. Empty text is not
known to be an empty file.
Nobody checks that host and text belong together: in one published CSV (winterForestStump, March
2026, its first rows) each text stands one row above its host.
"""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, cast

from crawler.hosts import normalise, registrable, suffix_list_date
from crawler.model import Capture, Failure, Outcome, Reason, Site
from crawler.panel.addresses import be_owned
from crawler.panel.reading import Metadata, Panel, Rejection

PROVENANCE = "imported"
MAX_BODY = 512_001  # bytes: our own cap, one byte over what RFC 9309 asks crawlers to read
MAX_FILE = 64 << 20
ROBOTS = "/robots.txt"
SUFFIX = ".robots.txt"
HOST_COLUMNS = ("Website", "website", "host", "domain")


class ImportingError(ValueError):
    """The file is not of the format; the message says what is wrong and where."""


class Format(StrEnum):
    """What can be read; see the table above."""

    ROBOTS_FOLDER = "robots-folder"
    ROBOTS_CSV = "robots-csv"
    ROBOTS_JSON = "robots-json"
    RULES_JSON = "rules-json"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells of one host; `body` and `status` are None where they do not."""

    host: str
    body: bytes | None = None
    status: int | None = None
    stratum: str | None = None
    fetched_at: str | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """A panel with a capture of robots.txt for each of its sites."""

    panel: Panel
    visits: tuple[tuple[Site, Outcome, Reason, Capture], ...]


def read(path: Path, form: Format, *, name: str, date: str) -> Imported:
    """Read a file or folder. `name`: of the panel; `date`: ISO day, where a row has no time.

    The panel is the set of hosts, so that two months of one set are two waves of one panel.
    Raises ImportingError, and OSError for what cannot be read.
    """
    sites: dict[str, Site] = {}
    rejections: list[Rejection] = []
    duplicates: list[Rejection] = []
    visits = []
    for number, told in enumerate(_READERS[form](path), start=1):
        shown = "".join(c if c.isprintable() else "?" for c in told.host[:200])
        try:
            host = normalise(told.host).ascii
            be_owned(host)
        except ValueError as error:
            rejections.append(Rejection(number, shown, str(error)))
            continue
        if host in sites:
            duplicates.append(Rejection(number, shown, f"{host}: already there"))
            continue
        sites[host] = Site(host, *registrable(host), stratum=told.stratum, line=number)
        visits.append((sites[host], *_visit(host, told, date)))
    if not sites:
        raise ImportingError(f"{path}: no host in it by the format {form}")
    listed = "\n".join(sorted(f"{site.host},{site.stratum or ''}" for site in sites.values()))
    panel = Panel(
        name=name,
        path=path,
        sha256=hashlib.sha256(f"{PROVENANCE}:{name}\n{listed}".encode()).hexdigest(),
        metadata=Metadata(source=f"{PROVENANCE}, format {form}"),
        suffix_list=suffix_list_date(),
        rows_read=len(sites) + len(rejections) + len(duplicates),
        sites=tuple(sites.values()),
        rejections=tuple(rejections),
        duplicates=tuple(duplicates),
    )
    return Imported(panel, tuple(visits))


def _visit(host: str, told: Told, date: str) -> tuple[Outcome, Reason, Capture]:
    """Nothing but robots.txt is known of the site, so no visit is complete."""
    url = f"https://{host}{ROBOTS}"
    body = (told.body or b"")[:MAX_BODY]
    status = told.status if told.status is not None else 200 if told.body else None
    capture = Capture(
        ROBOTS,
        url,
        url,
        status=status,
        body=body,
        size=len(told.body or b""),
        failure=Failure.CONNECT_FAILED if status is None else None,
        detail=PROVENANCE,
        truncated=told.cut or len(told.body or b"") > MAX_BODY,
        started_at=told.fetched_at or date,
    )
    return *_ending(status), capture


def _ending(status: int | None) -> tuple[Outcome, Reason]:
    if status is None:
        return Outcome.UNREACHABLE, Reason.CONNECT_FAILED
    if status in {401, 402, 403, 407, 451}:
        return Outcome.DENIED, Reason(f"http_{status}")
    if status == 429:
        return Outcome.RATE_LIMITED, Reason.HTTP_429
    if status >= 500:
        return Outcome.SERVER_ERROR, Reason.HTTP_5XX
    if 200 <= status < 300 or status >= 400:
        return Outcome.OK_PARTIAL, Reason.RESOURCE_UNMEASURED
    return Outcome.SERVER_ERROR, Reason.UNKNOWN_STATUS


def _robots_folder(path: Path) -> Iterator[Told]:
    if not path.is_dir():
        raise ImportingError(f"{path}: not a folder of files HOST{SUFFIX}")
    for file in _files(path, SUFFIX):
        yield Told(file.name.removesuffix(".gz").removesuffix(SUFFIX), _bytes(file) or None)


def _robots_csv(path: Path) -> Iterator[Told]:
    with _opened(path) as stream:
        reader = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        names = reader.fieldnames or ()
        host = next((name for name in HOST_COLUMNS if name in names), None)
        if host is None or "robots" not in names:
            raise ImportingError(
                f"{path}: no columns `robots` and one of {', '.join(HOST_COLUMNS)}"
            )
        limit = csv.field_size_limit(MAX_FILE)
        try:
            for row in reader:
                text = row["robots"] or ""
                yield Told(row[host] or "", text.encode() or None, stratum=row.get("Category"))
        except csv.Error as error:
            raise ImportingError(f"{path}, line {reader.line_num}: {error}") from error
        finally:
            csv.field_size_limit(limit)


def _robots_json(path: Path) -> Iterator[Told]:
    for about in _objects(path):
        text = about.get("robotsTxt")
        yield Told(str(about.get("domain", "")), _octets(text) if isinstance(text, str) else None)


def _rules_json(path: Path) -> Iterator[Told]:
    for about in _objects(path):
        status, category = about.get("http_status"), about.get("category")
        known = isinstance(status, int) and 100 <= status <= 599
        rules = about.get("rules")
        body, cut = _rebuilt(rules if isinstance(rules, dict) else {})
        yield Told(
            str(about.get("domain", "")),
            body if known and status == 200 else None,
            status if known else None,
            _stored(category) if isinstance(category, str) else None,
            _stored(str(about["checked_at"])) if "checked_at" in about else None,
            cut,
        )


def _rebuilt(rules: dict[str, Any]) -> tuple[bytes, bool]:
    """Write a robots.txt that says what the rules say, and whether any were left out."""
    lines = []
    cut = False
    for agent, group in rules.items():
        lines += ["", f"User-agent: {_line(agent)}"]
        for field, total in (("disallow", "total"), ("allow", "total_allow")):
            paths = group.get(field) if isinstance(group, dict) else None
            found = [_line(path) for path in paths] if isinstance(paths, list) else []
            lines += [f"{field.capitalize()}: {path}" for path in found]
            stated = group.get(total) if isinstance(group, dict) else None
            cut |= isinstance(stated, int) and stated > len(found)
        if lines[-1].startswith("User-agent"):
            lines.append("Disallow:")  # a group without rules still keeps `*` away
    return _octets("\n".join(lines[1:])), cut


def _line(value: object) -> str:
    """A value can hold no line of its own, and no comment."""
    return " ".join(str(value).replace("#", "%23").split())


def _octets(text: str) -> bytes:
    """JSON may hold half a surrogate pair, which is no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def _stored(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, which may hold a list of them, or of a folder's files."""
    for file in _files(path, ".json") if path.is_dir() else [path]:
        try:
            value = json.loads(_bytes(file))
        except (ValueError, RecursionError) as error:
            raise ImportingError(f"{file}: not JSON ({error})") from error
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise ImportingError(f"{file}: not an object, or a list of objects")
            yield each


def _files(folder: Path, suffix: str) -> list[Path]:
    return sorted((*folder.glob(f"*{suffix}"), *folder.glob(f"*{suffix}.gz")))


def _bytes(file: Path) -> bytes:
    with _opened(file) as stream:
        content = stream.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ImportingError(f"{file}: larger than {MAX_FILE} bytes")
    return content


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """Open a file, packed by gzip or not; whatever is wrong with it names it."""
    try:
        with file.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            with gzip.open(stream) if packed else nullcontext(stream) as content:
                yield cast("IO[bytes]", content)
    except UnicodeDecodeError as error:
        raise ImportingError(f"{file}: not UTF-8: {error}") from error
    except (OSError, EOFError, zlib.error) as error:
        told = error.strerror if isinstance(error, OSError) else None
        raise ImportingError(f"{file}: cannot be read: {told or error}") from error


_READERS: dict[Format, Callable[[Path], Iterator[Told]]] = {
    Format.ROBOTS_FOLDER: _robots_folder,
    Format.ROBOTS_CSV: _robots_csv,
    Format.ROBOTS_JSON: _robots_json,
    Format.RULES_JSON: _rules_json,
}
