"""MP3 (ID3), FLAC and Ogg to the metadata that may speak of rights.

Sources: ID3v2.2, 2.3 and 2.4 (id3.org), FLAC (RFC 9639), Vorbis I section 5, RFC 7845 (Opus).
No tag of any of them speaks of AI: what is read are packets, manifests, and the fields in which
people write about rights all the same.
"""

import struct

from crawler.parsers.containers.found import Found, inflated, steps
from crawler.parsers.containers.segment import MAX_SEGMENT, Kind, Problem
from crawler.parsers.containers.source import DamagedError, Part, Source

_TEXTS = {"TCOP", "TCR", "WCOP", "WCP", "TXXX", "TXX", "TOWN", "USER", "COMM"}
_FIELDS = ("copyright", "license", "tdm", "rights", "usage", "ai-", "ai_", "noai", "rsl", "contact")
_MARKS_OF_3 = (0x80, 0x40, 0x20)  # deflated, encrypted, in a group (ID3v2.3 section 3.3.1)
_MARKS_OF_4 = (0x08, 0x04, 0x40)  # the same (ID3v2.4 section 4.1.2)
_STREAMS = {  # how a stream of Ogg begins, and what its second packet has before the comments
    b"\1vorbis": 7,
    b"OpusHead": 8,
    b"\x80theora": 7,
    b"\x7fFLAC": 4,
    b"Speex   ": 0,
}
MAX_PAGES = 64


def mp3(source: Source, found: Found) -> None:
    """The ID3 tag at the beginning, and what may follow it in a FLAC file."""
    if source.read(0, 3) != b"ID3":
        return
    end = _id3(source, found)
    if source.length is None or end + 4 <= source.length:
        opening = source.read(end, 4)
        if opening == b"fLaC":
            _flac(source, found, end)


def flac(source: Source, found: Found) -> None:
    """The metadata blocks before the sound."""
    _flac(source, found, 0)


def _id3(source: Source, found: Found) -> int:
    major, _, flags = source.read(3, 3)
    size = _syncsafe(source.read(6, 4))
    end = 10 + size + (10 if flags & 0x10 else 0)
    if size > MAX_SEGMENT * 4:
        raise DamagedError("a tag longer than is read")
    data = source.read(10, size)
    if flags & 0x80 and major < 4:
        data = data.replace(b"\xff\0", b"\xff")
    at = 0
    if flags & 0x40 and major > 2:  # an extended header, whose length 2.4 counts in
        at = _syncsafe(data[:4]) if major == 4 else int.from_bytes(data[:4]) + 4
    wide = major > 2
    head, size_of_name = (10, 4) if wide else (6, 3)
    turns = steps()
    while len(data) - at >= head and (name := data[at : at + size_of_name]).strip(b"\0"):
        next(turns)
        raw = data[at + 4 : at + 8] if wide else data[at + 3 : at + 6]
        length = _length_in_4(raw, data, at + head) if major == 4 else int.from_bytes(raw)
        frame = data[at + head : at + head + length]
        if len(frame) < length:
            raise DamagedError("a frame longer than its tag")
        marks = data[at + 9] if wide else 0
        plain = _plain(frame, marks, major, found)
        _frame(name.decode("latin-1"), plain, 10 + at + head, found)
        at += head + length
    return end


def _plain(frame: bytes, marks: int, major: int, found: Found) -> bytes:
    """A frame without compression and what else its flags say; encrypted ones are not read."""
    packed, locked, grouped = _MARKS_OF_4 if major == 4 else _MARKS_OF_3
    if marks & locked:
        found.trouble(Problem.ENCRYPTED)
        return b""
    says_length = marks & (1 if major == 4 else packed)
    frame = frame[(4 if says_length else 0) + (1 if marks & grouped else 0) :]
    if major == 4 and marks & 2:
        frame = frame.replace(b"\xff\0", b"\xff")
    return inflated(frame) if marks & packed else frame


def _length_in_4(raw: bytes, data: bytes, start: int) -> int:
    """Seven bits a byte; iTunes wrote eight, which shows where the next frame then begins."""
    safe, plain = _syncsafe(raw), int.from_bytes(raw)
    return plain if not _may_end(data, start + safe) and _may_end(data, start + plain) else safe


def _may_end(data: bytes, at: int) -> bool:
    after = data[at : at + 4]
    name = after.isalnum() and after.isupper()
    return at == len(data) or (at < len(data) and (name or not after.strip(b"\0")))


def _frame(name: str, frame: bytes, offset: int, found: Found) -> None:
    if name == "PRIV":
        owner, _, rest = frame.partition(b"\0")
        if owner == b"XMP":
            found.add(Kind.XMP, "id3-priv", offset + 4, rest)
        elif b"rslstandard.org/rsl" in rest:
            found.text("id3-priv", offset, rest, owner.decode("latin-1")[:80])
    elif name in {"GEOB", "GEO"}:
        store = frame.find(b"jumb", 4)
        if store >= 4:
            found.manifests("id3-geob", offset + store - 4, frame[store - 4 :])
    elif name in _TEXTS:
        label, text = _id3_text(name, frame)
        if name not in {"COMM", "TXXX", "TXX"} or _is_field(label):
            found.text("id3", offset, text.encode("utf-8", "replace"), f"id3:{label}")


def _syncsafe(raw: bytes) -> int:
    """Seven bits a byte (ID3v2.4 section 6.2)."""
    number = 0
    for byte in raw:
        number = number << 7 | byte & 127
    return number


def _id3_text(name: str, frame: bytes) -> tuple[str, str]:
    """The label and the text of a frame; TXXX, COMM and USER say what they are about first."""
    if name in {"WCOP", "WCP"}:
        return name, frame.decode("latin-1").rstrip("\0")
    coding = {1: "utf-16", 2: "utf-16-be", 3: "utf-8"}.get(frame[0] if frame else 0, "latin-1")
    text = frame[1:].decode(coding, "replace")
    if name in {"TXXX", "TXX"}:
        label, _, text = text.partition("\0")
        return label[:80] or name, text.lstrip("\ufeff").strip("\0")
    if name in {"COMM", "USER"}:
        language, text = text[:3], text[3:]
        label, _, text = text.rpartition("\0") if name == "COMM" else ("", "", text)
        return label[:80] or name, text.strip("\0") or language
    return name, text.strip("\0")


def _flac(source: Source, found: Found, start: int) -> None:
    offset = start + 4
    for _ in steps():
        head = int.from_bytes(source.read(offset, 4))
        last, kind, size = head >> 31, head >> 24 & 127, head & 0xFFFFFF
        if kind == 4:
            vorbis(source.read(offset + 4, size), offset + 4, "flac-vorbis", found)
        elif kind == 2 and size >= 12:
            data = source.read(offset + 4, min(size, MAX_SEGMENT))
            store = data.find(b"jumb")
            if store >= 4:
                found.manifests("flac-application", offset + store, data[store - 4 :])
        if last:
            return
        offset += 4 + size


def vorbis(data: bytes, offset: int, place: str, found: Found) -> None:
    """Comments `NAME=text`; only fields about rights are kept."""
    if len(data) < 8:
        raise DamagedError("comments that end early")
    (vendor,) = struct.unpack_from("<I", data)
    at = 4 + vendor
    if at + 4 > len(data):
        raise DamagedError("comments that end early")
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    for _, _ in zip(range(count), steps(), strict=False):
        if at + 4 > len(data):
            raise DamagedError("comments that end early")
        (size,) = struct.unpack_from("<I", data, at)
        name, _, text = data[at + 4 : at + 4 + size].partition(b"=")
        label = name[:80].decode("latin-1")
        if _is_field(label):
            found.text(place, offset + at, text, f"vorbis:{label}")
        at += 4 + size


def _is_field(label: str) -> bool:
    return label.lower().startswith(_FIELDS)


def ogg(source: Source, found: Found) -> None:
    """The second packet of each stream, which holds the comments of Vorbis, Opus and their like."""
    streams: dict[bytes, list[list[Part]]] = {}
    offset = 0
    for _ in range(MAX_PAGES):
        if source.read(offset, 4) != b"OggS":
            raise DamagedError(f"no page at {offset}")
        serial = source.read(offset + 14, 4)
        is_new = serial not in streams  # all streams begin before any goes on (RFC 3533, 4)
        offset = _page(source, offset, streams.setdefault(serial, [[]]))
        told = [(head, s) for s in streams.values() if (head := _before_comments(s)) is not None]
        if told and not is_new and all(len(packets) == 3 for _, packets in told):
            for head, (_, second, _) in told:
                data = b"".join(piece for _, piece in second)
                vorbis(data[head:], second[0][0] + head, "ogg-vorbis", found)
            return
    raise DamagedError("no comments in the first pages")


def _page(source: Source, offset: int, packets: list[list[Part]]) -> int:
    """Add one page to the first two packets of its stream; gives where the next page begins."""
    count = source.read(offset + 26, 1)[0]
    at = offset + 27 + count
    for size in source.read(offset + 27, count):
        if len(packets) < 3:
            packets[-1].append((at, source.read(at, size)))
            if size < 255:
                packets.append([])
        at += size
    return at


def _before_comments(packets: list[list[Part]]) -> int | None:
    """Bytes before the comments in the second packet; None for a stream that has none."""
    opening = packets[0][0][1] if packets[0] else b""
    return next((size for name, size in _STREAMS.items() if opening.startswith(name)), None)
