"""The addresses of works that one element gives: pictures, sound, films, documents.

Read are `img`, `source`, `video`, `audio`, `iframe`, `embed` and `object`, the addresses that
scripts put in place of a missing one when a picture comes into view (`data-src`), the previews of
Open Graph and Twitter, `link` with `preload` or `image_src`, and links to documents. Style sheets
are not read, nor icons: they are design, not work. Pictures of one pixel are counters of visits.
"""

import re
from collections.abc import Iterator, Mapping

from crawler.parsers.html.page import WorkKind

MAX_CANDIDATES = 8
"""Addresses kept of one `srcset`: they are sizes of one picture."""
_MEDIA = {"audio": WorkKind.AUDIO, "video": WorkKind.VIDEO}
"""What a `source` inside these elements is."""

_CANDIDATE = re.compile(r"[\t\n\f\r ,]*+([^\t\n\f\r ]++)")
_COMMA = re.compile(r"(?:[^(,]++|\([^)]*+\)?+)*+,?+")
_SIZE = re.compile(r"[\t\n\f\r ]*+([0-9]{1,6}(?:\.[0-9]{1,3})?)[wx]")
_DOCUMENTS = ("pdf", "epub", "mobi", "doc", "odt", "rtf", "ppt", "odp")
_DOCUMENT = re.compile(rf"\.(?:{'|'.join(_DOCUMENTS)}|docx|pptx)(?:[?#]|\Z)", re.IGNORECASE)
_TO_DOCUMENTS = ", ".join(f'[href*=".{ending}" i]' for ending in _DOCUMENTS)
SELECTED = (
    *("audio", "embed", "iframe", "img", "link", "meta", "object", "source", "video"),
    f":is(a, area):is({_TO_DOCUMENTS})",
)
"""Elements that may give any."""
_META = {
    **dict.fromkeys(
        ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"),
        WorkKind.IMAGE,
    ),
    **dict.fromkeys(("og:video", "og:video:url", "og:video:secure_url"), WorkKind.VIDEO),
    **dict.fromkeys(("og:audio", "og:audio:url", "og:audio:secure_url"), WorkKind.AUDIO),
}

Told = Iterator[tuple[WorkKind, str]]


def works_of(name: str, given: Mapping[str, str], outer: str | None) -> Told:
    """Kind and address, as written; `outer` is what a `source` stands in."""
    match name:
        case "img":
            yield from () if _is_counter(given) else _addresses(WorkKind.IMAGE, given)
        case "source":
            yield from _addresses(_MEDIA.get(outer or "", WorkKind.IMAGE), given)
        case "video" | "audio":
            yield from _addresses(_MEDIA[name], given)
            yield from _given(WorkKind.IMAGE, given, "poster")
        case "iframe" | "embed" | "object":
            for kind, url in _given(WorkKind.FRAME, given, "src", "data-src", "data"):
                yield WorkKind.DOCUMENT if _DOCUMENT.search(url) else kind, url
        case "meta":
            about = (_stripped(given, "property") or _stripped(given, "name")).lower()
            yield from _given(_META[about], given, "content") if about in _META else ()
        case "link":
            yield from _linked(given)
        case "a" | "area" if _DOCUMENT.search(url := _stripped(given, "href")):
            yield WorkKind.DOCUMENT, url


def _stripped(given: Mapping[str, str], key: str) -> str:
    return given.get(key, "").strip()


def size_of(given: Mapping[str, str]) -> int:
    """Width times height of an element; 0 where either is missing or no plain number."""
    sides = [given.get(side, "").strip() for side in ("width", "height")]
    digits = all(side.isascii() and side.isdigit() and len(side) <= 6 for side in sides)
    return int(sides[0]) * int(sides[1]) if digits else 0


def largest_of(given: Mapping[str, str]) -> str:
    """The address of an element's `srcset` with the greatest width or density; "" without one."""
    srcset = given.get("srcset") or given.get("data-srcset", "")
    return max(_sized(srcset), key=lambda told: told[1], default=("", 0.0))[0]


def _given(kind: WorkKind, given: Mapping[str, str], *keys: str) -> Told:
    for key in keys:
        if url := _stripped(given, key):
            yield kind, url


def _addresses(kind: WorkKind, given: Mapping[str, str]) -> Told:
    yield from _given(kind, given, "src", "data-src")
    for key in ("srcset", "data-srcset"):
        for url in candidates(given.get(key, "")):
            yield kind, url


def _linked(given: Mapping[str, str]) -> Told:
    words = given.get("rel", "").lower().split()
    wanted = _stripped(given, "as").lower() if "preload" in words else ""
    if "image_src" in words:
        wanted = "image"
    if wanted not in {"image", "audio", "video"}:
        return
    yield from _given(WorkKind(wanted), given, "href")
    for url in candidates(given.get("imagesrcset", "")):
        yield WorkKind.IMAGE, url


def _is_counter(given: Mapping[str, str]) -> bool:
    return any(_stripped(given, side) in {"0", "1"} for side in ("width", "height"))


def candidates(srcset: str) -> Iterator[str]:
    """The addresses of a `srcset`, without their sizes (WHATWG HTML section 4.8.4.2)."""
    yield from (url for url, _ in _sized(srcset))


def _sized(srcset: str) -> Iterator[tuple[str, float]]:
    """Each address with its width in pixels or its density; 1 is the density of one without."""
    position = 0
    for _ in range(MAX_CANDIDATES):
        match = _CANDIDATE.match(srcset, position)
        if match is None:
            return
        url, size = match[1].rstrip(","), ""
        position = match.end()
        if url == match[1]:  # no comma at its end: its size follows, up to the next comma
            told = _COMMA.match(srcset, position)
            size, position = (told[0], told.end()) if told else ("", len(srcset))
        stated = _SIZE.match(size)
        yield url, float(stated[1]) if stated else 1.0
