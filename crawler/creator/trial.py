"""Texts put into the place of what a visit found, to be judged before anybody is shown them.

What is told to be taken out is taken out first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.creator.generate import TDMREP_PATH, File
from crawler.judge.verdicts import HOME, ROBOTS, VisitJudgement
from crawler.model import Capture, Severity
from crawler.signals import SIBLING, VARIANT
from crawler.signals.reading.signal import Carrier
from crawler.visit.result import VisitResult

PLACES = {
    "robots.txt": (ROBOTS, b"text/plain"),
    "tdmrep.json": (TDMREP_PATH, b"application/json"),
    "tdm-policy.json": ("tdm-policy:", b"application/json"),
    "license.xml": ("rsl:", b"application/rsl+xml"),
}
"""Files by name: the resource and its type."""
OTHER = (VARIANT, SIBLING)
PAGES = (HOME, VARIANT + HOME)
HEADERS = "_headers"
TAGS = "head.html"
_HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)

Headers = tuple[tuple[bytes, bytes], ...]
Found = frozenset[tuple[str, ...]]


def with_files(visited: VisitResult, files: Iterable[File]) -> VisitResult:
    """Give the visit as it would be with these files, tags and headers in place."""
    captures = list(visited.captures)
    for file in files:
        if file.name in PLACES:
            captures = _placed(captures, visited.host or "site.invalid", file)
        elif file.name in (HEADERS, TAGS):
            captures = [_told(c, file) if c.resource in PAGES else c for c in captures]
    return replace(visited, captures=tuple(c for c in captures if _is_asked_for(c, captures)))


def _is_asked_for(capture: Capture, captures: list[Capture]) -> bool:
    """Whether a second visit would ask for a document: something still points to it."""
    if ":" not in capture.resource.partition("/")[0] or capture.resource.startswith(OTHER):
        return True
    path = "/" + capture.url.partition("://")[2].partition("/")[2]
    texts = (b" ".join((c.body, *(value for _, value in c.headers))) for c in captures)
    return any(path.encode() in text for text in texts)


def _placed(captures: list[Capture], host: str, file: File) -> list[Capture]:
    resource, kind = PLACES[file.name]
    url = f"https://{host}{file.path}"
    same = {resource, VARIANT + resource}
    stays = [c for c in captures if c.resource not in same or (c.url != url and ":" in resource)]
    there = [c for c in captures if c not in stays and not c.superseded]
    new = Capture(
        resource, url, url, status=200, headers=((b"Content-Type", kind),), body=file.text
    )
    return [*stays, *(replace(new, resource=c.resource, url=c.url, final_url=c.final_url)
                      for c in there), *([] if there else [new])]  # fmt: skip


def without_quoted(
    headers: Headers, body: bytes, quotation: str, carrier: Carrier
) -> tuple[Headers, bytes]:
    """Give an answer without a header, or a piece of a page, that was quoted."""
    pieces = quotation.split(" | ")
    if carrier is Carrier.HEADER:
        return tuple(h for h in headers if not any(_tells_of(piece, *h) for piece in pieces)), body
    if carrier is Carrier.HTML:
        for piece in pieces:
            body = re.sub(_shown(piece), b"", body)
    return headers, body


def _tells_of(piece: str, name: bytes, value: bytes) -> bool:
    """Whether a quotation is of this header; the values of repeated ones stand in one list."""
    told, _, values = piece.lower().partition(":")
    return told == name.decode("latin-1").lower() and (
        value.decode("latin-1").strip().lower() in values
    )


def _shown(piece: str) -> bytes:
    """What a quotation is of: a blank may stand for line ends, and U+FFFD for a control."""
    signs = {" ": rb"\s+", "\ufffd": rb"[\s\S]"}
    parts = re.split("([ \ufffd])", piece)
    return b"".join(signs.get(part, re.escape(part.encode())) for part in parts)


def _told(capture: Capture, file: File) -> Capture:
    if file.name == HEADERS:
        return replace(capture, headers=(*capture.headers, *_headers(file.text)))
    head = _HEAD.search(capture.body)
    at = head.end() if head else 0
    return replace(capture, body=capture.body[:at] + file.text + capture.body[at:])


def _headers(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The headers for every page, of Netlify's file."""
    for line in text.partition(b"\n/")[0].splitlines()[1:]:
        name, _, value = line.strip().partition(b": ")
        yield name, value


def faults(judgement: VisitJudgement) -> Found:
    """Every fault and every contradiction, each as texts to compare."""
    return frozenset(
        [
            *((d.code, d.quote) for read in judgement.readings for d in read.finding.defects
              if d.severity is not Severity.COSMETIC),
            *(("conflict", c.purpose, c.quote_a, c.quote_b) for c in judgement.conflicts),
        ]
    )  # fmt: skip
