"""A robots.txt as Google's open-source parser reads it (robots.cc of 2026-04-01).

It shares the tokeniser and the algorithm with the strict reader and forgives more:
misspelt and prolonged field names, a missing colon, whatever follows the letters of a name.
On the other hand it decodes no escape in a rule, leaves the address as it is given, and has
rules for /robots.txt as for any path: a crawler built on it never asks about that one.
"""

import re

from crawler.parsers.robots.paths import STAR, Pattern, pattern_of
from crawler.parsers.robots.rfc9309 import Dialect, Policy
from crawler.parsers.robots.syntax import ENDINGS, RobotsFile

LONGEST_LINE = 2083 * 8 - 1
"""Octets of a line that Google keeps; the rest of the line is not read."""

LETTERS = re.compile(rb"[A-Za-z_-]*")
ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}|[\x80-\xff]")
SPACE = b" \t\n\v\f\r"
INDEX = b"/index.htm"


def read(file: RobotsFile) -> Policy:
    """Read a file as Google does."""
    return Policy(file, _cut(file), GOOGLE)


def _cut(file: RobotsFile) -> RobotsFile:
    """Cut lines at their first NUL and at the longest line Google keeps."""
    raws = file.raws
    if max(map(len, raws), default=0) <= LONGEST_LINE and b"\0" not in b"".join(raws):
        return file
    cut = (raw[:LONGEST_LINE].partition(b"\0")[0].rstrip(ENDINGS) for raw in raws)
    return RobotsFile(file.mark, [raw + b"\n" for raw in cut], file.dropped)


def _name(value: bytes) -> bytes | None:
    """Take `*`, alone or before white space, for everybody; else keep the leading letters."""
    value = value.strip(SPACE)
    if value.startswith(STAR) and value[1:2] in SPACE:
        return STAR
    letters = LETTERS.match(value)
    return letters[0].lower() if letters and letters[0] else None


def _disallow(value: bytes) -> tuple[Pattern, ...]:
    return (pattern_of(_text(value)),)


def _allow(value: bytes) -> tuple[Pattern, ...]:
    text = _text(value)
    return tuple(map(pattern_of, (text, *_index(text))))


def _text(value: bytes) -> bytes:
    return ESCAPE.sub(_escaped, value.strip(SPACE))


def _escaped(octets: re.Match[bytes]) -> bytes:
    text = octets[0]
    return text.upper() if len(text) > 1 else b"%%%02X" % text[0]


def _index(text: bytes) -> tuple[bytes, ...]:
    """An allowed `/index.htm…` that does not match is tried again as its directory."""
    folder, slash, _ = text.rpartition(b"/")
    if slash and text[len(folder) :].startswith(INDEX):
        return (folder + slash + b"$",)
    return ()


GOOGLE = Dialect(
    google=True, name=_name, allow=_allow, disallow=_disallow, canonical=bytes, free=None
)
