"""What a walk has found so far, within limits that no hostile file gets over."""

import zlib
from collections.abc import Iterator
from itertools import product

from crawler.parsers.containers import jumbf
from crawler.parsers.containers.segment import (
    MAX_KEPT,
    MAX_SEGMENT,
    MAX_SEGMENTS,
    Kind,
    Problem,
    Segment,
)
from crawler.parsers.containers.source import DamagedError, Source

MAX_STEPS = 4096
"""Segments, chunks, boxes, frames or entries that are looked at in one work."""
MAX_MANIFEST = 4 * 1024 * 1024
MAX_FIELD = 4096
PACKETS = (("<x:xmpmeta", "</x:xmpmeta>"), ("<?xpacket begin", "<?xpacket end"))
"""How a packet begins and ends in the clear; the second may be around the first."""
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")  # XMP part 1, 7.1; the others are not met
_RSL = b"rslstandard.org/rsl"


class LimitError(Exception):
    """More than is read."""


class Found:
    """Segments in the order in which they were found; `problem` is the first one met."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.problem: Problem | None = None
        self._kept = 0

    def add(self, kind: Kind, place: str, offset: int, data: bytes, name: str = "") -> None:
        """Keep one segment; raises LimitError where it is too large, or one too many."""
        self._kept += len(data)
        too_large = len(data) > MAX_SEGMENT or self._kept > MAX_KEPT
        if too_large or len(self.segments) >= MAX_SEGMENTS:
            raise LimitError
        self.segments.append(Segment(kind, place, offset, data, name))

    def text(self, place: str, offset: int, data: bytes, name: str) -> None:
        """Keep a named text: a field, cut to MAX_FIELD bytes, or an RSL document."""
        if _RSL in data:
            self.add(Kind.RSL, place, offset, data, name)
        else:
            self.add(Kind.FIELD, place, offset, data[:MAX_FIELD], name)

    def manifests(self, place: str, offset: int, data: bytes) -> None:
        """Keep what a C2PA manifest store says of training, and that it is there."""
        store = jumbf.read(data[:MAX_MANIFEST])
        if store is None:
            return
        if store.cut:
            self.trouble(Problem.DAMAGED)
        for box in store.boxes:
            self.add(box.kind, place, offset + box.start, box.data, box.label)

    def trouble(self, problem: Problem) -> None:
        """Note why not everything could be read."""
        self.problem = self.problem or problem


def steps() -> Iterator[None]:
    """As many turns as a walk may take; then LimitError."""
    yield from (None for _ in range(MAX_STEPS))
    raise LimitError


def inflated(data: bytes) -> bytes:
    """Deflated bytes, unpacked to at most MAX_SEGMENT; raises LimitError, DamagedError."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, MAX_SEGMENT)
    except zlib.error as error:
        raise DamagedError("not deflated") from error
    if unpacker.unconsumed_tail:
        raise LimitError
    if not unpacker.eof:
        raise DamagedError("deflated bytes that end early")
    return plain


def scan(source: Source, found: Found, place: str) -> None:
    """Keep the XMP packets that stand in the clear, found without walking the format."""
    for (first, last), encoding in product(PACKETS, ENCODINGS):
        known = [s.offset for s in found.segments if s.kind is Kind.XMP]
        opening, closing = first.encode(encoding), last.encode(encoding)
        for start, data in source.parts:
            end = 0
            for _ in range(MAX_SEGMENTS):
                begun = data.find(opening, end)
                if begun < 0:
                    break
                closed = data.find(closing, begun, begun + MAX_SEGMENT)
                end = begun + len(opening) if closed < 0 else closed + len(closing)
                stop = end if first == "<x:xmpmeta" else closed
                if closed < 0:
                    found.trouble(Problem.DAMAGED)
                elif not any(-600 < offset - start - begun < end - begun for offset in known):
                    found.add(Kind.XMP, place, start + begun, data[begun:stop])
