"""A text of `Key: value` lines to its pairs, comments and other lines.

Several small files are written like this, and none of their grammars says much: names end at
the first separator, `#` starts a comment, indented lines belong to what stands above. Nothing
is lost and nothing fails; what a name or value means is the caller's business.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from crawler.parsers.decoding import decode

LIMIT = 500 * 1024
"""Octets that are read, as many as of a robots.txt."""

MAX_LINE = 4096
"""Characters of a line that are kept."""

_BLANKS = " \t"
_LINE = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"[^\W\d_][\w .()/&-]{0,60}")
_BULLETS = "-*+•>"
_EMPHASIS = "*_`\"'"


class Pair(NamedTuple):
    """One `name: value`. `plain` says that nothing of Markdown stood around the name."""

    line: int
    """From 1, where CR, LF and CRLF end a line."""
    indent: int
    """Blanks before the line."""
    name: str
    value: str
    """Without outer blanks, and without a comment set off by a blank."""
    raw: str
    plain: bool


class Words(NamedTuple):
    """A line that is no pair, or a comment without its `#`."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """All lines of a text but blank ones, each in one of three lists, in their order."""

    text: str
    pairs: tuple[Pair, ...]
    comments: tuple[Words, ...]
    others: tuple[Words, ...]
    leniencies: tuple[str, ...]
    """As `crawler.parsers.decoding.decode` gives them."""
    cut: bool
    """There was more than LIMIT octets."""


def parse(body: bytes, separator: str = ":") -> Document:
    """Read a body; linear in its size. `separator` is one character."""
    text, leniencies = decode(body[:LIMIT])
    pairs: list[Pair] = []
    comments: list[Words] = []
    others: list[Words] = []
    for number, whole in enumerate(_LINE.split(text), 1):
        raw = whole[:MAX_LINE].strip(_BLANKS)
        if not raw:
            continue
        if raw[0] == "#":
            comments.append(Words(number, raw.lstrip("#").strip(_BLANKS)))
        elif pair := _pair(number, whole, raw, separator):
            pairs.append(pair)
        else:
            others.append(Words(number, raw))
    return Document(
        text, tuple(pairs), tuple(comments), tuple(others), leniencies, len(body) > LIMIT
    )


def _pair(number: int, whole: str, raw: str, separator: str) -> Pair | None:
    bullet = raw[0] in _BULLETS and raw[1:2] in (" ", "\t")
    before, found, after = (raw[1:] if bullet else raw).partition(separator)
    name = before.strip(_BLANKS + _EMPHASIS + "[")
    value = _without_comment(after.strip(_BLANKS))
    if not found or value.startswith("//") or not _NAME.fullmatch(name):
        return None
    if before.lstrip(_BLANKS).startswith("["):
        value = value.rstrip(_BLANKS + "]")
    indent = len(whole) - len(whole.lstrip(_BLANKS))
    plain = not bullet and name == before.rstrip(_BLANKS)
    return Pair(number, indent, name, value, raw, plain)


def _without_comment(value: str) -> str:
    """Only a `#` behind a blank starts a comment: addresses have one too."""
    ends = [place for place in (value.find(" #"), value.find("\t#")) if place >= 0]
    if value.startswith("#"):
        return ""
    return value[: min(ends)].rstrip(_BLANKS) if ends else value
