"""Files in the place of a site: a folder or zip as it would be uploaded, a saved answer, one file.

No server takes part, so nothing is known of headers unless an answer was saved with its own.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from crawler import settings
from crawler.creator.wording import say
from crawler.judge.verdicts import HOME
from crawler.model import Capture, Outcome, Reason
from crawler.parsers.http import parse_response
from crawler.signals import SIGNALS, links, resources
from crawler.visit.result import VisitResult

UNNAMED = "site.example"
START_PAGES = ("index.html", "index.htm")
TYPES = {
    ".html": b"text/html",
    ".htm": b"text/html",
    ".txt": b"text/plain",
    ".json": b"application/json",
    ".xml": b"application/xml",
}
PLACED = {"tdmrep.json": "/.well-known/tdmrep.json", "robots.txt": "/robots.txt"}
"""Files that count in one place only."""

Files = Callable[[str], tuple[str, bytes] | None]
"""Gives the name and the octets (one more than are read, at most) of the file for a path."""


class SavedError(ValueError):
    """A file that is nothing that can be checked; says what can."""


def response(file: Path, url: str) -> VisitResult:
    """Read one saved answer (status line, headers, body) or one file of a site.

    Raises OSError, and SavedError for a file of another kind.
    """
    body = file.read_bytes()
    host = urlsplit(url).netloc
    if not body.startswith(b"HTTP/"):
        return _alone(file.name, body, host)
    known = {name for signal in SIGNALS for name in signal.resources}
    path = urlsplit(url).path
    capture = replace(parse_response(body, url), resource=path if path in known else HOME)
    return _visit(host, [capture], headers=True)


def _alone(name: str, body: bytes, host: str) -> VisitResult:
    """One file by its name; the others of its site are unknown, and not missing."""
    low, kind = name.lower(), TYPES.get(PurePosixPath(name).suffix.lower())
    paths = [path for path in resources() if PurePosixPath(path).name == low]
    if not paths and kind == b"text/html":
        paths = [HOME]
    if not paths:
        raise SavedError(say("cli.which_file", name=name))
    origin = f"https://{host}"
    return _visit(host, [_whole(paths[0], origin + paths[0], name, body)])


def folder(root: Path, host: str | None) -> VisitResult:
    """Read what a survey would ask for, and what those files point to; raises OSError.

    A file that is not there is one that the site does not have; no path leads out of `root`.
    """
    root = root.resolve(strict=True)
    return _site(lambda path: _on_disk(root, path), host)


def packed(file: Path, host: str | None) -> VisitResult:
    """Read a zip of a site as a folder; raises OSError, and SavedError for what is no zip."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _site(lambda path: _in_zip(archive, path), host)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SavedError(say("cli.bad_zip", name=file.name, why=error)) from error


def misplaced(source: Path) -> Iterator[str]:
    """Say which files of a folder or zip nobody finds, by their names in another place or case."""
    for name in _listed(source):
        low = PurePosixPath(name).name.lower()
        if low in PLACED and f"/{name}" != PLACED[low] and name.count("/") < 2:
            yield say("cli.misplaced", name=name, place=PLACED[low])


def _listed(source: Path) -> list[str]:
    if source.is_dir():
        places = (source, source / ".well-known")
        found = (each for place in places if place.is_dir() for each in place.iterdir())
        return sorted(each.relative_to(source).as_posix() for each in found)
    if not zipfile.is_zipfile(source):
        return [source.name] if source.name != source.name.lower() else []
    with zipfile.ZipFile(source) as archive:
        top = _top(archive)
        return [name.removeprefix(top) for name in archive.namelist()]


def _site(files: Files, host: str | None) -> VisitResult:
    origin = f"https://{host or UNNAMED}"
    captures = [_capture(files, name, origin + name) for name in resources()]
    further = [link for link in links(captures) if link.url.startswith(origin + "/")]
    captures += [_capture(files, link.resource, link.url) for link in further]
    return _visit(host or UNNAMED, captures)


def _visit(host: str, captures: list[Capture], *, headers: bool = False) -> VisitResult:
    return VisitResult(
        None if host == UNNAMED else host, tuple(captures), Outcome.OK_PARTIAL,
        Reason.RESOURCE_UNMEASURED, headers=headers,
    )  # fmt: skip


def _capture(files: Files, resource: str, url: str) -> Capture:
    found = files(unquote(urlsplit(url).path))
    if found is None:
        return Capture(resource, url, url, status=404)
    return _whole(resource, url, *found)


def _whole(resource: str, url: str, name: str, body: bytes) -> Capture:
    most = settings.SURVEY_MAX_BYTES
    kind = TYPES.get(PurePosixPath(name).suffix.lower(), b"application/octet-stream")
    return Capture(
        resource, url, url, status=200, headers=((b"Content-Type", kind),),
        body=body[:most], size=len(body), truncated=len(body) > most,
    )  # fmt: skip


def _on_disk(root: Path, path: str) -> tuple[str, bytes] | None:
    """The file that answers for a path; a folder's is its start page."""
    if "\0" in path:
        return None
    found = root.joinpath(path.lstrip("/"))
    for each in (found, *(found / name for name in START_PAGES)):
        inside = each.resolve()
        if inside.is_relative_to(root) and inside.is_file():
            with inside.open("rb") as stream:
                return inside.name, stream.read(settings.SURVEY_MAX_BYTES + 1)
    return None


def _in_zip(archive: zipfile.ZipFile, path: str) -> tuple[str, bytes] | None:
    """As `_on_disk`; of a packed file no more is unpacked than is read."""
    inside, names = _top(archive) + path.lstrip("/"), set(archive.namelist())
    for name in (inside, *(f"{inside.rstrip('/')}/{page}".lstrip("/") for page in START_PAGES)):
        if name in names and not name.endswith("/"):
            with archive.open(name) as stream:
                return name, stream.read(settings.SURVEY_MAX_BYTES + 1)
    return None


def _top(archive: zipfile.ZipFile) -> str:
    """The one folder that holds all files, if there is one; else nothing."""
    names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    tops = {name.partition("/")[0] for name in names}
    alone = len(tops) == 1 and all("/" in name for name in names)
    return f"{tops.pop()}/" if alone and tops != {".well-known"} else ""
