"""Turns `edge_pages.toml` into marks by which pages of edge servers and parkers are told.

What a mark says is a pure function of a stored capture, so a newer list can be read over the
bytes of older waves. A mark is evidence only for as long as somebody has seen it.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib import resources
from typing import Any

from crawler.model import Capture

LOOK = 64 * 1024
"""Octets of a body that are looked at, case ignored."""

_SEEN = re.compile(r"\d{4}-\d{2}/\d{4}-\d{2}")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OPTIONAL = {"headers", "body", "statuses"}


class EdgePageError(ValueError):
    """A fault in the marks' data; the message names the entry."""


class PageKind(StrEnum):
    """What such a page is in truth."""

    CHALLENGE = "challenge"  # an edge server wants proof that we are a person
    PARKED = "parked"  # a parking service answers for a name that has no site
    CDN_ERROR = "cdn_error"  # an edge server tells that the site behind it does not answer


@dataclass(frozen=True, slots=True)
class EdgePage:
    """One mark; the head of `edge_pages.toml` says what every field means."""

    id: str
    kind: PageKind
    who: str
    seen: str
    source: str
    verified: bool
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: tuple[bytes, ...] = ()
    statuses: frozenset[int] = frozenset()

    def may_be(self, status: int) -> bool:
        """Say whether an answer of a status can bear the mark."""
        return not self.statuses or status in self.statuses

    def is_in(self, headers: Mapping[bytes, bytes]) -> bool:
        """Say whether header lines have all that the mark asks for; they are in lower case."""
        for name, text in self.headers:  # noqa: SIM110 - asked for each answer and each mark
            if text not in headers.get(name, b""):
                return False
        return True


def recognise(capture: Capture, kind: PageKind) -> EdgePage | None:
    """Return the first mark of a kind that the capture bears; linear in the list."""
    if capture.status is None:
        return None
    pages = _written_on(capture.body, capture.status, kind)
    return next((page for page in pages if page.is_in(_lines(capture.headers))), None)


@functools.lru_cache(maxsize=8)
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> Mapping[bytes, bytes]:
    """Return the values of each header field, one a line, all in lower case."""
    lines: dict[bytes, bytes] = {}
    for field, value in headers:
        name = field.strip().lower()
        lines[name] = lines[name] + b"\n" + value.lower() if name in lines else value.lower()
    return lines


@functools.lru_cache(maxsize=8)  # whoever asks about a page asks again, for each signal in turn
def _written_on(body: bytes, status: int, kind: PageKind) -> tuple[EdgePage, ...]:
    """Return the marks of a kind whose words are all in a body, in the order of the file."""
    pages = of_kind(kind, status)
    start = body[:LOOK].lower() if pages else b""
    return tuple(page for page in pages if all(text in start for text in page.body))


@functools.lru_cache
def of_kind(kind: PageKind, status: int) -> tuple[EdgePage, ...]:
    """Return the marks of a kind that an answer of a status can bear, in the order of the file."""
    return tuple(page for page in load() if page.kind is kind and page.may_be(status))


@functools.cache
def load() -> tuple[EdgePage, ...]:
    """Return the marks this release knows."""
    return parse(resources.files("crawler.registry").joinpath("edge_pages.toml").read_bytes())


def parse(content: bytes) -> tuple[EdgePage, ...]:
    """Read a file of marks; raises EdgePageError naming the entry and what is wrong."""
    pages = tuple(_page(table) for table in tomllib.loads(content.decode())["page"])
    if len({page.id for page in pages}) < len(pages):
        raise EdgePageError("an id stands twice")
    return pages


def _page(table: dict[str, Any]) -> EdgePage:
    place = f"{table.get('id')} ({table.get('who')})"
    known = {field.name for field in fields(EdgePage)}
    if wrong := sorted((table.keys() - known) | (known - _OPTIONAL - table.keys())):
        raise EdgePageError(f"{place}: missing or unknown: {', '.join(wrong)}")
    if problem := next(_problems(table), None):
        raise EdgePageError(f"{place}: {problem}")
    return EdgePage(
        **table
        | {
            "kind": PageKind(table["kind"]),
            "headers": tuple(
                (name.encode(), text.encode()) for name, text in table.get("headers", {}).items()
            ),
            "body": tuple(text.encode() for text in table.get("body", ())),
            "statuses": frozenset(table.get("statuses", ())),
        }
    )


def _problems(table: dict[str, Any]) -> Iterator[str]:
    headers, body = table.get("headers", {}), table.get("body", [])
    if not _ID.fullmatch(table["id"]):
        yield "id: small letters, digits and hyphens are expected"
    if table["kind"] not in set(PageKind):
        yield f"kind: {table['kind']!r} is none of {', '.join(PageKind)}"
    if not _SEEN.fullmatch(table["seen"]):
        yield "seen: two months are expected"
    if not headers and not body:
        yield "a status alone is no mark: add headers or body"
    if any(text != text.lower() for text in (*headers, *headers.values(), *body)):
        yield "marks are compared in lower case: write them so"
