"""The bytes of an HTML page to the addresses of the works in it: pictures, sound, films, documents.

Read are `img`, `source`, `video`, `audio`, `iframe`, `embed` and `object`, the addresses that
scripts put in place of a missing one when a picture comes into view (`data-src`), the previews of
Open Graph and Twitter, `link` with `preload` or `image_src`, and links to documents. Style sheets
are not read, nor icons: they are design, not work. Pictures of one pixel are counters of visits.

One pass with `crawler.parsers.html.tags`: nothing backtracks, nothing recurses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from crawler.parsers.html.elements import MAX_TEXT, MAX_VALUE, decode
from crawler.parsers.html.tags import TOKEN, WITHOUT_MARKUP, after_mark, after_text
from crawler.parsers.html.text import unescaped
from crawler.parsers.lines import Lines

MAX_REFERENCES = 2000
MAX_CANDIDATES = 8
"""Addresses kept of one `srcset`: they are sizes of one picture."""

_ATTRIBUTE = re.compile(
    r"""([^\t\n\f\r />=]++)[\t\n\f\r ]*+(?:=[\t\n\f\r ]*+("[^"]*+"|'[^']*+'|[^\t\n\f\r >]*+))?+"""
)
_WANTED = frozenset(
    {"a", "area", "audio", "base", "embed", "iframe", "img", "link", "meta", "object", "picture"}
    | {"source", "video"}
)
_LINKS = frozenset({"a", "area"})
_CANDIDATE = re.compile(r"[\t\n\f\r ,]*+([^\t\n\f\r ]++)")
_COMMA = re.compile(r"(?:[^(,]++|\([^)]*+\)?+)*+,?+")
_DOCUMENT = re.compile(r"\.(?:pdf|epub|mobi|docx?|odt|rtf|pptx?|odp)(?:[?#]|\Z)", re.IGNORECASE)
_DOCUMENTS = re.compile(r"\.(?:pdf|epub|mobi|doc|odt|rtf|ppt|odp)|&", re.IGNORECASE)
"""In every link to a document; `&` may spell anything."""


class Kind(StrEnum):
    """What stands at an address; `frame` is a page in the page, such as a player."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    FRAME = "frame"


_META = {
    "og:image": Kind.IMAGE,
    "og:image:url": Kind.IMAGE,
    "og:image:secure_url": Kind.IMAGE,
    "twitter:image": Kind.IMAGE,
    "twitter:image:src": Kind.IMAGE,
    "og:video": Kind.VIDEO,
    "og:video:url": Kind.VIDEO,
    "og:video:secure_url": Kind.VIDEO,
    "og:audio": Kind.AUDIO,
    "og:audio:url": Kind.AUDIO,
    "og:audio:secure_url": Kind.AUDIO,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One address as written, relative or not, with its line, counted from 1."""

    kind: Kind
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class Media:
    """What was read of a page. `base` is the `href` of the first `base`, `cut`: not all was."""

    references: tuple[Reference, ...]
    base: str | None = None
    cut: bool = False


def parse_media(data: bytes, label: str | None = None) -> Media:
    """Read a page whose Content-Type names the charset `label`; never an error."""
    text = decode(data, label)
    reader = _Reader(text[:MAX_TEXT])
    reader.read()
    cut = len(text) > MAX_TEXT or len(reader.found) > MAX_REFERENCES
    return Media(tuple(reader.found[:MAX_REFERENCES]), reader.base, cut)


class _Reader:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self.found: list[Reference] = []
        self.base: str | None = None
        self._text = text
        self._lines = Lines(text)
        self._inside = Kind.IMAGE  # what a `source` is of: that of the last media element

    def read(self) -> None:
        position: int | None = 0
        while position is not None:
            position = self._read_from(position)

    def _read_from(self, start: int) -> int | None:
        """Read up to what is no markup; returns where that ends, None at the end of the text."""
        for token in TOKEN.finditer(self._text, start):  # pragma: no branch - it has the end, too
            _, end, name, rest, mark = token.groups()
            if mark:
                return after_mark(self._text, mark, token.end())
            if rest is None:
                break
            if end:
                continue
            name = name.lower()
            if name in _WANTED and (name not in _LINKS or _DOCUMENTS.search(rest)):
                self._take(name, rest, token.start("name"))
            if len(self.found) > MAX_REFERENCES:
                break
            if name in WITHOUT_MARKUP:
                return after_text(self._text, name, token.end())
        return None

    def _take(self, name: str, rest: str, start: int) -> None:
        line, given = self._lines.at(start), _attributes(rest[:-1])
        self.found += (Reference(kind, url, line) for kind, url in _told(name, given, self._inside))
        if name in {"picture", "audio", "video"}:
            self._inside = Kind.IMAGE if name == "picture" else Kind(name)
        elif name == "base" and self.base is None:
            self.base = given.get("href")


def _attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag; the first of a name counts, empty ones do not."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest):
        value = match[2] or ""
        if value[:1] in {'"', "'"}:
            value = value[1:-1]
        found.setdefault(match[1].lower(), unescaped(value[:MAX_VALUE]).strip())
    return {name: value for name, value in found.items() if value}


def _told(name: str, given: dict[str, str], inside: Kind) -> Iterator[tuple[Kind, str]]:
    """The addresses that one element gives."""
    match name:
        case "img":
            yield from () if _is_counter(given) else _addresses(Kind.IMAGE, given)
        case "source":
            yield from _addresses(inside, given)
        case "video" | "audio":
            yield from _addresses(Kind(name), given)
            yield from _given(Kind.IMAGE, given, "poster")
        case "iframe" | "embed" | "object":
            for kind, url in _given(Kind.FRAME, given, "src", "data-src", "data"):
                yield Kind.DOCUMENT if _DOCUMENT.search(url) else kind, url
        case "meta":
            about = (given.get("property") or given.get("name", "")).lower()
            yield from _given(_META[about], given, "content") if about in _META else ()
        case "link":
            yield from _linked(given)
        case _ if _DOCUMENT.search(given.get("href", "")):
            yield Kind.DOCUMENT, given["href"]


def _given(kind: Kind, given: dict[str, str], *keys: str) -> Iterator[tuple[Kind, str]]:
    for key in keys:
        if key in given:
            yield kind, given[key]


def _addresses(kind: Kind, given: dict[str, str]) -> Iterator[tuple[Kind, str]]:
    yield from _given(kind, given, "src", "data-src")
    for key in ("srcset", "data-srcset"):
        for url in candidates(given.get(key, "")):
            yield kind, url


def _linked(given: dict[str, str]) -> Iterator[tuple[Kind, str]]:
    words = given.get("rel", "").lower().split()
    wanted = given.get("as", "").lower() if "preload" in words else ""
    if "image_src" in words:
        wanted = "image"
    if wanted not in {"image", "audio", "video"}:
        return
    yield from _given(Kind(wanted), given, "href")
    for url in candidates(given.get("imagesrcset", "")):
        yield Kind.IMAGE, url


def _is_counter(given: dict[str, str]) -> bool:
    return given.get("width") in {"0", "1"} or given.get("height") in {"0", "1"}


def candidates(srcset: str) -> Iterator[str]:
    """The addresses of a `srcset`, without their sizes (WHATWG HTML section 4.8.4.2)."""
    position = 0
    for _ in range(MAX_CANDIDATES):
        match = _CANDIDATE.match(srcset, position)
        if match is None:
            return
        url = match[1].rstrip(",")
        yield url
        position = match.end()
        if url == match[1]:  # no comma at its end: its size follows, up to the next comma
            size = _COMMA.match(srcset, position)
            position = size.end() if size else len(srcset)
