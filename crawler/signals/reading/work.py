"""Captures of works to what their bytes say: packets, assertions, fields.

What a survey stores of a work is an extract and not the work, so that judging needs no fetch; the
body of a file that somebody inspects is the work itself. Both are read alike, and without any
library of the extra `media` but the one for CBOR.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from crawler.model import Capture, Defect, Finding, Reading, Statement
from crawler.parsers.containers.segment import Extract, Kind, Segment, read
from crawler.parsers.containers.work import extract
from crawler.parsers.containers.xmp import Packet, read_packet
from crawler.signals.reading.readable import conclude, is_cut, unreadable

WORK = "work:"
"""Prefix of the resource name of a work; its kind follows."""
ORIGIN = "origin:"
"""Likewise of a picture that a work on the page was made from: read to compare the two alone."""
KINDS = ("image", "audio", "video", "document")
WORKS = tuple(f"{WORK}{kind}:" for kind in KINDS)
MAX_STATEMENTS = 50


@lru_cache(maxsize=8)
def _extracted(body: bytes, whole: bool) -> Extract:
    return read(body) or extract(((0, body),), len(body) if whole else None)


def extracted(capture: Capture) -> Extract:
    """What is known of the work in a capture."""
    return _extracted(capture.body, not is_cut(capture))


def unread(capture: Capture) -> Finding | None:
    """The finding for a capture that holds no work; None where it does.

    A work that is not where the page says it is was not read: it is no work without a wish.
    """
    finding = unreadable(capture)
    if finding and finding.outcome is Reading.ABSENT:
        return replace(finding, outcome=Reading.UNMEASURED)
    return finding


@lru_cache(maxsize=32)
def _packet(data: bytes) -> Packet:
    return read_packet(data)


def packets(capture: Capture) -> Iterator[tuple[Segment, Packet]]:
    """The XMP packets of a work, in their order, with where each stands."""
    for segment in extracted(capture).segments:
        if segment.kind is Kind.XMP:
            yield segment, _packet(segment.data)


def unreadable_with(capture: Capture, word: bytes) -> Iterator[Segment]:
    """Packets that are no readable XML and name a property all the same."""
    for segment, packet in packets(capture):
        if packet.problem and not packet.properties and word in segment.data.replace(b"\0", b""):
            yield segment


def is_orphan(segment: Segment) -> bool:
    """True for an extended packet that the main one does not name (XMP part 3, 1.1.3.1)."""
    return segment.place.endswith("-orphan")


def ended(
    capture: Capture,
    statements: Sequence[Statement],
    defects: Sequence[Defect],
    note: str | None = None,
    *,
    present: bool = False,
) -> Finding:
    """The finding of a work; `note` gives way to why not all of it was read.

    `present`: the signal is there to the letter, although it states no preference.
    """
    problem = extracted(capture).problem
    crowded = len(statements) > MAX_STATEMENTS
    found = conclude(
        list(statements[:MAX_STATEMENTS]),
        list(defects[:MAX_STATEMENTS]),
        cut=problem is not None or crowded,
    )
    outcome = Reading.PRESENT if present and not statements else found.outcome
    if problem is not None:
        note = problem.value
    return replace(found, outcome=outcome, note=found.note if crowded else note)
