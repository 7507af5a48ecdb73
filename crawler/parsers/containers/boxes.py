"""RIFF (WebP, WAV, AVI) and ISO base media (AVIF, HEIC, MP4, M4A, MOV) to metadata segments.

Sources: RIFF (1991) and the WebP container, XMP part 3 (2020), ISO/IEC 14496-12 (boxes, items),
QuickTime File Format (`udta`), C2PA 2.2 appendix A. Pixels and samples are stepped over.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.parsers.containers.found import MAX_MANIFEST, Found, steps
from crawler.parsers.containers.images import exif
from crawler.parsers.containers.segment import MAX_SEGMENT, Kind, Problem
from crawler.parsers.containers.source import DamagedError, Source

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")

_NOTICES = frozenset({b"cprt", b"\xa9cpy"})
_PACKETS = {
    b"XMP ": "riff-xmp",
    b"XMP\0": "riff-xmp",  # as ImageMagick 6.9.11 writes it
    b"_PMX": "riff-_pmx",
}


def riff(source: Source, found: Found) -> None:
    """Chunks in turn; a `LIST` of `INFO` gives the copyright notice."""
    offset = 12
    (total,) = source.numbers("<I", 4)
    # A file may go on after what RIFF counts, or be one byte of padding short.
    end = min(8 + total, source.length) if source.length is not None else 8 + total
    for _ in steps():
        if offset + 8 > end:
            return
        name, size = struct.unpack("<4sI", source.read(offset, 8))
        at = offset + 8
        if name in _PACKETS:
            found.add(Kind.XMP, _PACKETS[name], at, source.read(at, size))
        elif name == b"C2PA":
            found.manifests("riff-c2pa", at, source.read(at, min(size, MAX_MANIFEST)))
        elif name == b"EXIF" and size <= MAX_SEGMENT:
            exif(source.read(at, size).removeprefix(b"Exif\0\0"), at, found)
        elif name == b"LIST" and size <= MAX_SEGMENT:
            _info(source.read(at, size), at, found)
        offset = at + size + size % 2


def _info(data: bytes, offset: int, found: Found) -> None:
    at = 4
    for _ in steps():
        if data[:4] != b"INFO" or at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"ICOP":
            text = data[at + 8 : at + 8 + size].rstrip(b"\0")
            found.text("riff-info", offset + at, text, "info:ICOP")
        at += 8 + size + size % 2


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its four letters, where its content begins and where it ends."""

    type: bytes
    content: int
    end: int


def bmff(source: Source, found: Found) -> None:
    """Boxes of the first level, and of `meta` and `moov` those that hold metadata."""
    for box in _boxes(source, 0, source.length):
        match box.type:
            case b"uuid":
                _uuid(source, box, found)
            case b"meta":
                _Items(source, box, found).read()
            case b"moov":
                for inner in _boxes(source, box.content, box.end):
                    if inner.type == b"udta":
                        _user_data(source, inner, found)
                    elif inner.type == b"uuid":
                        _uuid(source, inner, found)
            case _:
                pass


def _boxes(source: Source, offset: int, end: int | None) -> Iterator[Box]:
    for _ in steps():
        if end is not None and end - offset < 8:
            return
        size, kind = struct.unpack(">I4s", source.read(offset, 8))
        content = offset + 8
        if size == 1:
            ((size,), content) = source.numbers(">Q", offset + 8), offset + 16
        if size == 0:
            if end is None:  # to the end of a work of unknown length
                return
            stop = end
        else:
            stop = offset + size
        if stop < content or (end is not None and stop > end):
            raise DamagedError(f"a box of {size} bytes at {offset}")
        yield Box(kind, content, stop)
        offset = stop


def _uuid(source: Source, box: Box, found: Found) -> None:
    if box.end - box.content < 16:
        return
    name, at = source.read(box.content, 16), box.content + 16
    if name == XMP_UUID:
        found.add(Kind.XMP, "bmff-uuid", at, source.read(at, box.end - at))
    elif name == C2PA_UUID:  # version and flags, what for, eight bytes of an offset
        data = source.read(at, min(box.end - at, MAX_MANIFEST))
        purpose, _, rest = data[4:].partition(b"\0")
        if purpose == b"manifest":
            found.manifests("bmff-uuid", at + 4 + len(purpose) + 9, rest[8:])


def _user_data(source: Source, udta: Box, found: Found) -> None:
    for box in _boxes(source, udta.content, udta.end):
        size = box.end - box.content
        if box.type == b"XMP_":
            found.add(Kind.XMP, "bmff-udta", box.content, source.read(box.content, size))
        elif box.type == b"meta":
            _listed(source, box, found)
        elif box.type in {b"\xa9cpy", b"cprt"} and size <= MAX_SEGMENT:
            text = source.read(box.content, size)[4 if box.type[0] == 0xA9 else 6 :]
            found.text("bmff-udta", box.content, text.rstrip(b"\0"), "udta:copyright")


def _listed(source: Source, meta: Box, found: Found) -> None:
    """The notice in the list that iTunes writes: `ilst`, a box a field, its text in `data`."""
    # QuickTime's `meta` has no version before its first box, which is `hdlr`.
    version = 0 if source.upto(meta.content + 4, 4) == b"hdlr" else 4
    for listed in _boxes(source, meta.content + version, meta.end):
        for field in _boxes(source, listed.content, listed.end) if listed.type == b"ilst" else ():
            for data in _boxes(source, field.content, field.end) if field.type in _NOTICES else ():
                text = source.read(data.content, min(data.end - data.content, MAX_SEGMENT))[8:]
                found.text("bmff-ilst", data.content, text, "udta:copyright")


class _Items:
    """The items of a `meta` box: names in `iinf`, places in `iloc` (14496-12, 8.11)."""

    def __init__(self, source: Source, meta: Box, found: Found) -> None:
        self._source = source
        self._found = found
        self._meta = meta
        self._idat = 0

    def read(self) -> None:
        """Keep the items of type `mime` that are RDF, and the notice of those that are Exif."""
        packets: dict[int, bytes] = {}
        places: dict[int, list[tuple[int, int]]] = {}
        boxes = {b.type: b for b in _boxes(self._source, self._meta.content + 4, self._meta.end)}
        if b"idat" in boxes:
            self._idat = boxes[b"idat"].content
        if b"iinf" in boxes:
            packets = self._packets(boxes[b"iinf"])
        if packets and b"iloc" in boxes:
            places = self._places(boxes[b"iloc"])
        for item in sorted(packets):
            pieces = places.get(item, [])
            if not pieces or sum(size for _, size in pieces) > MAX_SEGMENT:
                self._found.trouble(Problem.LIMIT if pieces else Problem.DAMAGED)
                continue
            data = b"".join(self._source.read(at, size) for at, size in pieces)
            if packets[item] == b"Exif":  # four bytes say how far before the TIFF (23008-12, A.2.1)
                start = 4 + int.from_bytes(data[:4])
                exif(data[start:], pieces[0][0] + start, self._found)
            else:
                self._found.add(Kind.XMP, "bmff-item", pieces[0][0], data)

    def _packets(self, iinf: Box) -> dict[int, bytes]:
        version = self._source.read(iinf.content, 1)[0]
        found = {}
        for box in _boxes(self._source, iinf.content + (8 if version else 6), iinf.end):
            data = self._source.read(box.content, min(box.end - box.content, 300))
            if box.type != b"infe" or len(data) < 12 or data[0] not in {2, 3}:
                continue
            wide = data[0] == 3
            number = int.from_bytes(data[4:8] if wide else data[4:6])
            rest = data[10 if wide else 8 :]
            content_type = rest[4:].split(b"\0")[1:2]
            if rest[:4] == b"Exif" or content_type == [b"application/rdf+xml"]:
                found[number] = rest[:4]
        return found

    def _places(self, iloc: Box) -> dict[int, list[tuple[int, int]]]:
        if iloc.end - iloc.content > MAX_SEGMENT:
            raise DamagedError("a table of items longer than any")
        reader = _Numbers(self._source.read(iloc.content, iloc.end - iloc.content))
        version = reader.take(1)
        reader.take(3)
        sizes = reader.take(2)
        offset_size, length_size, base_size, index_size = (sizes >> s & 15 for s in (12, 8, 4, 0))
        wide = version == 2
        places: dict[int, list[tuple[int, int]]] = {}
        turns = steps()
        for _ in range(reader.take(4 if wide else 2)):
            item = reader.take(4 if wide else 2)
            method = reader.take(2) & 15 if version in {1, 2} else 0
            reader.take(2)
            base = reader.take(base_size)
            start = self._idat if method == 1 else 0
            for _ in range(reader.take(2)):
                next(turns)
                if version in {1, 2}:
                    reader.take(index_size)
                at, size = reader.take(offset_size), reader.take(length_size)
                if method < 2:  # an item made of other items holds no packet
                    places.setdefault(item, []).append((start + base + at, size))
            next(turns)
        return places


class _Numbers:
    """Big-endian numbers one after another; raises DamagedError at the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> int:
        """The next number of so many bytes; 0 for none."""
        piece = self._data[self._at : self._at + size]
        if len(piece) < size:
            raise DamagedError("a table that ends early")
        self._at += size
        return int.from_bytes(piece)
