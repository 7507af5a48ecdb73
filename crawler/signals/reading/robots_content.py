"""How much of a robots.txt there is to read: all of it, its beginning, or nothing.

What came counts, and what is missing could have named any agent: see `robots_access.cut_short`.
A gzip file that no Content-Encoding declares (nginx's gzip_static and uploads of `robots.txt.gz`
make them) is unpacked first; no rule is lost by it, since nobody can read the file as it is.
"""

import re
import zlib
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from crawler.model import Capture
from crawler.parsers.http import header_values
from crawler.parsers.robots.syntax import LIMIT
from crawler.signals.reading.readable import is_cut

GZIP = b"\x1f\x8b"
_FROM_THE_START = re.compile(r"bytes 0-\d+/(?:\d+|\*)", re.IGNORECASE)


class Came(StrEnum):
    """How much of a file came."""

    WHOLE = "whole"
    PART = "part"  # its beginning
    NOTHING = "nothing"  # it did not decode, or what came is not its beginning


class Opened(NamedTuple):
    """A body as text, and how much of it there is."""

    text: bytes
    came: Came


@lru_cache(maxsize=2)
def opened(body: bytes) -> Opened:
    """Unpack a gzip file, at most to one octet over the limit; give any other body as it is."""
    if not body.startswith(GZIP):
        return Opened(body, Came.WHOLE)
    text, rest = b"", body
    while rest.startswith(GZIP) and len(text) <= LIMIT:  # RFC 1952 section 2.2: several members
        unpack = zlib.decompressobj(31)
        try:
            text += unpack.decompress(rest, LIMIT + 1 - len(text))
        except zlib.error:
            return Opened(body, Came.NOTHING)
        if not unpack.eof:
            return Opened(text, Came.PART)
        rest = unpack.unused_data
    return Opened(text, Came.WHOLE)


def whole_lines(body: bytes) -> bytes:
    """Leave out the last line of a beginning, which may be the half of one."""
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]


def came(capture: Capture) -> Came:
    """How much of a robots.txt came with a 2xx answer.

    RFC 9110 section 15.3.7: a 206 may hold any part, or several, and nobody asked for one.
    """
    inside = opened(capture.body).came
    ranges = header_values(capture.headers, "content-range")
    elsewhere = capture.status == 206 and not (
        len(ranges) == 1 and _FROM_THE_START.fullmatch(ranges[0])
    )
    if capture.coding_error or inside is Came.NOTHING or elsewhere:
        return Came.NOTHING
    return Came.PART if is_cut(capture) or inside is Came.PART else Came.WHOLE


def is_partial(capture: Capture) -> bool:
    """Whether anything could be missing: more than came, or than the limit lets through."""
    return came(capture) is not Came.WHOLE or len(opened(capture.body).text) > LIMIT


def as_read(capture: Capture) -> Capture:
    """The capture with what of its text counts: unpacked, and no line that may be cut."""
    if (text := text_of(capture)) == capture.body:
        return capture
    return replace(
        capture,
        body=text,
        coding_error=came(capture) is Came.NOTHING,
        data_loss=capture.data_loss or opened(capture.body).came is Came.PART,
    )


def text_of(capture: Capture) -> bytes:
    """The text of a robots.txt as far as it counts; a part over the limit is left to `parse`."""
    how = came(capture)
    if how is Came.NOTHING:
        return b""
    text = opened(capture.body).text
    return whole_lines(text) if how is Came.PART and len(text) <= LIMIT else text
