"""A robots.txt to who wrote which of its lines, as far as marks and copied lists show it.

A line without a mark is nobody's: that no mark is there does not show that the owner wrote it.
Files of one origin without any mark have their `template` in common.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from crawler.parsers.robots import syntax
from crawler.registry import authors as registry
from crawler.registry import timeline
from crawler.registry.authors import Covers, Mark

UNKNOWN = "unknown"
MIXED = "mixed"
COPIED_LIST = "ai-robots-txt"

MOST = 50
"""Spans kept of one file."""
FEWEST_NAMES = 15
LEAST_ALIKE = 0.9
"""A group is a copy of the list if it has so many names and is so much alike (Jaccard)."""


COMMENT = re.compile(rb"#[^\r\n]*+")
ORIGIN = re.compile(rb"https?://[^/\s]*+")
OF_THE_SITE = (b"sitemap", b"site-map", b"host:")


def template(body: bytes) -> str | None:
    """Digest what is left of a file without what differs from site to site.

    That is comments, blank lines, sitemaps, host names, capitals and blanks around records.
    None where nothing is left.
    """
    text = COMMENT.sub(b"", body[: syntax.LIMIT]).lower()
    lines = filter(None, map(bytes.strip, text.splitlines()))
    kept = b"\n".join(line for line in lines if not line.startswith(OF_THE_SITE))
    if not kept:
        return None
    common = ORIGIN.sub(b"", kept).replace(b": ", b":")
    return hashlib.sha256(common).hexdigest()[:32]


class Span(NamedTuple):
    """Lines of one author, first and last, counted from 1.

    `marker` is the line that shows it (empty for a copied list). `dated` is the months in
    which the mark was seen, or the day of the list's version that is most like the copy.
    """

    first_line: int
    last_line: int
    author: str
    marker: str
    dated: str


def authorship(body: bytes) -> str:
    """Name the one author that can be told, `mixed` for several, `unknown` for none."""
    found = {span.author for span in authors(body)}
    return UNKNOWN if not found else found.pop() if len(found) == 1 else MIXED


def authors(body: bytes) -> tuple[Span, ...]:
    """Find the spans of all authors, in the order of their first lines."""
    text = body[: syntax.LIMIT].lower()
    marks = [mark for mark in registry.load() if mark.begin in text]
    known = {mark.id for mark in marks}
    marks = [mark for mark in marks if mark.unless not in known]
    copied = text.count(b"user-agent") >= FEWEST_NAMES
    if not marks and not copied:
        return ()
    file = syntax.parse(body)
    spans = _marked(file, marks)
    if copied:
        spans.extend(_copied(file))
    return tuple(sorted(spans)[:MOST])


def _marked(file: syntax.RobotsFile, marks: list[Mark]) -> list[Span]:
    lines = [raw.strip().lower() for raw in file.raws] if marks else []
    starts = list(_starts(lines, marks))[:MOST]
    spans = []
    for index, (number, mark) in enumerate(starts):
        following = starts[index + 1][0] if index + 1 < len(starts) else len(lines) + 1
        first, last = _extent(lines, number, mark, following)
        spans.append(Span(first, last, mark.id, file.text(number)[:300], mark.seen))
    return spans


def _starts(lines: list[bytes], marks: list[Mark]) -> Iterator[tuple[int, Mark]]:
    for number, line in enumerate(lines, 1):
        if line.startswith(b"#"):
            for mark in marks:
                if line.startswith(mark.begin):
                    yield number, mark
                    break


def _extent(lines: list[bytes], number: int, mark: Mark, following: int) -> tuple[int, int]:
    """Give the first and last line that a mark speaks for; `following` is the next mark's."""
    if mark.covers is Covers.FILE:
        return 1, len(lines)
    if mark.covers is Covers.LINE:
        return number, number
    for end in range(number, following if mark.end else number):
        if mark.end and lines[end - 1].startswith(mark.end):
            return number, end
    return number, following - 1


def _copied(file: syntax.RobotsFile) -> Iterator[Span]:
    """Find the copy of the community list, in the group that has most names."""
    blocks = syntax.blocks(file.records)
    block = max(blocks, key=lambda block: len(block.agents))
    names = {value.decode("utf-8", "replace") for _, _, _, value in block.agents}
    if len(names) < FEWEST_NAMES:
        return
    best = timeline.best_match(names)
    if best and best[1] >= LEAST_ALIKE:
        first, last = block.agents[0][0], block.agents[-1][0]
        yield Span(first, last, COPIED_LIST, "", best[0].isoformat())
