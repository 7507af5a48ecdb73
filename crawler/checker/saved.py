"""Files in the place of a site: a folder as it would be uploaded, or one saved answer.

No server takes part, so nothing is known of headers where a folder is read.
"""

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crawler import settings
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


def response(file: Path, url: str) -> VisitResult:
    """Read one saved answer (status line, headers, blank line, body); raises OSError."""
    known = {name for signal in SIGNALS for name in signal.resources}
    path = urlsplit(url).path
    capture = replace(
        parse_response(file.read_bytes(), url), resource=path if path in known else HOME
    )
    host = urlsplit(url).netloc
    return VisitResult(
        None if host == UNNAMED else host, (capture,), Outcome.OK_PARTIAL,
        Reason.RESOURCE_UNMEASURED,
    )  # fmt: skip


def folder(root: Path, host: str | None) -> VisitResult:
    """Read what a survey would ask for, and what those files point to; raises OSError.

    A file that is not there is one that the site does not have; no path leads out of `root`.
    """
    root = root.resolve(strict=True)
    origin = f"https://{host or UNNAMED}"
    captures = [_capture(root, name, origin + name) for name in resources()]
    further = [link for link in links(captures) if link.url.startswith(origin + "/")]
    captures += [_capture(root, link.resource, link.url) for link in further]
    return VisitResult(
        host, tuple(captures), Outcome.OK_PARTIAL, Reason.RESOURCE_UNMEASURED, headers=False
    )


def _capture(root: Path, resource: str, url: str) -> Capture:
    file = _file(root, unquote(urlsplit(url).path))
    if file is None:
        return Capture(resource, url, url, status=404)
    most = settings.SURVEY_MAX_BYTES
    with file.open("rb") as stream:
        body = stream.read(most + 1)
    kind = TYPES.get(file.suffix.lower(), b"application/octet-stream")
    return Capture(
        resource, url, url, status=200, headers=((b"Content-Type", kind),),
        body=body[:most], size=len(body), truncated=len(body) > most,
    )  # fmt: skip


def _file(root: Path, path: str) -> Path | None:
    """The file that answers for a path; a folder's is its start page."""
    if "\0" in path:
        return None
    found = root.joinpath(path.lstrip("/"))
    for each in (found, *(found / name for name in START_PAGES)):
        inside = each.resolve()
        if inside.is_relative_to(root) and inside.is_file():
            return inside
    return None
