"""JPEG, PNG, GIF and TIFF to their metadata segments.

Sources: ITU T.81 (JPEG), W3C PNG (third edition), GIF89a, TIFF 6.0, XMP part 3 (2020), C2PA 2.2
appendix A, IIM 4.2. Read is up to the pixels, in PNG and GIF to the end.
"""

import struct
from collections import defaultdict

from crawler.parsers.containers.found import Found, inflated, steps
from crawler.parsers.containers.segment import MAX_SEGMENT, Kind, Problem
from crawler.parsers.containers.source import DamagedError, Source

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF = b"Exif\0\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_APP1, _APP11, _APP13 = 0xE1, 0xEB, 0xED
_RAW_PROFILES = frozenset({b"Raw profile type xmp", b"Raw profile type APP1"})
_IPTC_PROFILES = frozenset({b"Raw profile type iptc", b"Raw profile type 8bim"})
_IIM = {40: "iim:SpecialInstructions", 116: "iim:CopyrightNotice"}
_EXIF_TAGS = frozenset({0x8298})
_TIFF_TAGS = frozenset({700, 0x8298, 0x83BB, 0xCD41})
_PNG_FIELDS = frozenset({b"copyright", b"license", b"rsl", b"tdm-reservation", b"tdm-policy"})
_PNG_TEXTS = frozenset({b"iTXt", b"zTXt", b"tEXt", b"eXIf"})
MAX_SUB_BLOCKS = 400_000


def jpeg(source: Source, found: Found) -> None:
    """Up to the start of scan (SOS), behind which no application segment of the file stands."""
    walk = _Jpeg(found)
    try:
        _segments(source, walk)
    finally:
        walk.join()


def _segments(source: Source, walk: "_Jpeg") -> None:
    offset = 2
    for _ in steps():
        first, marker = source.numbers("BB", offset)
        if first != 0xFF:
            raise DamagedError(f"no marker at {offset}")
        if marker == 0xFF:  # fill byte
            offset += 1
            continue
        if marker in {0xD9, 0xDA}:
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            offset += 2
            continue
        (size,) = source.numbers(">H", offset + 2)
        if size < 2:
            raise DamagedError(f"a segment of {size} bytes")
        if marker == _APP11:  # a store that is cut off is read as far as it goes
            walk.take(marker, offset + 4, source.upto(offset + 4, size - 2))
        if marker in {_APP1, _APP11, _APP13}:
            walk.take(marker, offset + 4, source.read(offset + 4, size - 2))
        offset += 2 + size


class _Jpeg:
    """Puts together what JPEG cuts into segments of 64 KiB."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._guids = b""
        self._extended: dict[bytes, dict[int, tuple[int, bytes]]] = defaultdict(dict)
        self._lengths: dict[bytes, int] = {}
        self._boxes: dict[int, dict[int, tuple[int, bytes]]] = defaultdict(dict)

    def take(self, marker: int, offset: int, data: bytes) -> None:
        """One application segment."""
        if marker == _APP1 and data.startswith(_XMP):
            packet = data[len(_XMP) :]
            self._guids += packet
            self._found.add(Kind.XMP, "jpeg-app1", offset + len(_XMP), packet)
        elif marker == _APP1 and data.startswith(_EXTENDED):
            head = data[len(_EXTENDED) : len(_EXTENDED) + 40]
            if len(head) == 40:
                self._lengths[head[:32]], at = struct.unpack(">II", head[32:])
                self._extended[head[:32]][at] = offset, data[len(_EXTENDED) + 40 :]
        elif marker == _APP1 and data.startswith(_EXIF):
            exif(data[len(_EXIF) :], offset + len(_EXIF), self._found)
        elif marker == _APP13 and data.startswith(_PHOTOSHOP):
            photoshop(data[len(_PHOTOSHOP) :], offset + len(_PHOTOSHOP), self._found)
        elif marker == _APP11 and data[:2] == b"JP" and len(data) >= 16:
            number, packet_number = struct.unpack(">HI", data[2:8])
            self._boxes[number][packet_number] = offset + 8, data[8:]

    def join(self) -> None:
        """Extended XMP by its offsets, JUMBF by its packet numbers, whatever their order."""
        for guid, pieces in self._extended.items():
            place = "jpeg-app1-extended" if guid in self._guids else "jpeg-app1-extended-orphan"
            offsets = sorted(pieces)
            joined = b"".join(pieces[at][1] for at in offsets)
            before = sum(len(pieces[at][1]) for at in offsets[:-1])
            if before != offsets[-1] or len(joined) != self._lengths[guid]:
                raise DamagedError("a piece of the extended packet is missing")
            self._found.add(Kind.XMP, place, pieces[offsets[0]][0], joined)
        for parts in self._boxes.values():
            first, *others = (parts[number] for number in sorted(parts))
            # Each packet repeats the head of the box (ISO/IEC 19566-5, D.2).
            joined = b"".join([first[1], *(data[8:] for _, data in others)])
            self._found.manifests("jpeg-app11", first[0], joined)


def photoshop(data: bytes, offset: int, found: Found) -> None:
    """Image resources: of IPTC-NAA (0x0404) the texts about rights."""
    at = 0
    for _ in steps():
        if data[at : at + 4] != b"8BIM" or at + 12 > len(data):
            return
        (kind,) = struct.unpack_from(">H", data, at + 4)
        name = data[at + 6] + 1
        at += 6 + name + name % 2
        if at + 4 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, at)
        if kind == 0x0404:
            iim(data[at + 4 : at + 4 + size], offset + at + 4, found)
        at += 4 + size + size % 2


def iim(data: bytes, offset: int, found: Found) -> None:
    """Data sets of record 2, by IIM 4.2 section 1.5."""
    at = 0
    for _ in steps():
        if at + 5 > len(data) or data[at] != 0x1C:
            return
        record, number, size = struct.unpack_from(">BBH", data, at + 1)
        if size & 0x8000:  # extended data sets are longer than any text about rights
            return
        if record == 2 and number in _IIM:
            found.text("iim", offset + at, data[at + 5 : at + 5 + size], _IIM[number])
        at += 5 + size


def exif(data: bytes, offset: int, found: Found) -> None:
    """The copyright tag of an Exif block; a damaged block is not a damaged file."""
    try:
        _directories(Source.whole(data), found, offset, only_exif=True)
    except DamagedError:
        return


def png(source: Source, found: Found) -> None:
    """Chunks to the end: text may stand before and after the pixels."""
    offset = 8
    for _ in steps():
        size, kind = struct.unpack(">I4s", source.read(offset, 8))
        if kind == b"IEND":
            return
        if size > 0x7FFFFFFF:
            raise DamagedError("a chunk longer than PNG permits")
        if kind == b"caBX":  # a store that is cut off is read as far as it goes
            found.manifests("png-cabx", offset + 8, source.upto(offset + 8, size))
        elif kind in _PNG_TEXTS and size <= MAX_SEGMENT:
            _png_text(kind, offset + 8, source.read(offset + 8, size), found)
        elif kind in _PNG_TEXTS and _speaks(source.upto(offset + 8, 80).partition(b"\0")[0]):
            found.trouble(Problem.LIMIT)
        offset += 12 + size


def _png_text(kind: bytes, offset: int, data: bytes, found: Found) -> None:
    if kind == b"eXIf":
        exif(data, offset, found)
        return
    keyword, _, rest = data.partition(b"\0")
    name = keyword[:79].decode("latin-1")
    if kind == b"zTXt":
        rest = inflated(rest[1:])
    elif kind == b"iTXt":
        if len(rest) < 2:
            raise DamagedError("an iTXt chunk without its flags")
        deflated, parts = rest[0], rest[2:].split(b"\0", 2)
        if len(parts) < 3:
            raise DamagedError("an iTXt chunk without its text")
        rest = inflated(parts[2]) if deflated else parts[2]
        offset += 0 if deflated else len(data) - len(rest)
    place = f"png-{kind.decode('ascii').lower()}"
    if keyword == b"XML:com.adobe.xmp":
        found.add(Kind.XMP, place, offset, rest)
    elif keyword in _RAW_PROFILES:
        _raw_profile(_profile(rest), f"{place}-raw-profile", offset, found)
    elif keyword in _IPTC_PROFILES:
        photoshop(_profile(rest), offset, found)
    elif _speaks(keyword):
        found.text(place, offset, rest, name)


def _speaks(keyword: bytes) -> bool:
    """True for the keywords of text that is read."""
    packets = keyword in _RAW_PROFILES or keyword == b"XML:com.adobe.xmp"
    return packets or keyword in _IPTC_PROFILES or keyword.lower() in _PNG_FIELDS


def _raw_profile(data: bytes, place: str, offset: int, found: Found) -> None:
    """A packet, or what stood in an APP1 segment of a JPEG."""
    if data.startswith(_EXIF):
        exif(data[len(_EXIF) :], offset, found)
    else:
        found.add(Kind.XMP, place, offset, data.removeprefix(_XMP))


def _profile(text: bytes) -> bytes:
    """What ImageMagick wrote: a name, a length, then hexadecimal digits."""
    try:
        return bytes.fromhex(text.split(b"\n", 3)[3].decode())
    except (ValueError, IndexError):
        raise DamagedError("a raw profile that is not hexadecimal") from None


def gif(source: Source, found: Found) -> None:
    """Blocks to the trailer."""
    flags = source.read(10, 1)[0]
    offset = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    room = [MAX_SUB_BLOCKS]
    for _ in steps():
        opening = source.read(offset, 1)[0]
        if opening == 0x3B:
            return
        if opening == 0x2C:
            flags = source.read(offset + 9, 1)[0]
            offset += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
            offset = _sub_blocks(source, offset, room)
            continue
        if opening != 0x21:
            raise DamagedError(f"no block at {offset}")
        label = source.read(offset + 1, 1)[0]
        end = _sub_blocks(source, offset + 2, room)
        if label == 0xFF:
            _gif_application(source.read(offset + 2, end - offset - 2), offset + 2, found)
        offset = end


def _sub_blocks(source: Source, offset: int, room: list[int]) -> int:
    """Where a chain of sub-blocks ends, behind its empty one."""
    while size := source.read(offset, 1)[0]:
        offset += 1 + size
        room[0] -= 1
        if room[0] < 0:
            raise DamagedError("more sub-blocks than are read")
    return offset + 1


def _gif_application(data: bytes, offset: int, found: Found) -> None:
    name = data[1:12]
    if name == b"XMP DataXMP":  # the packet is not cut up; 257 bytes lead readers to its end
        found.add(Kind.XMP, "gif-application", offset + 12, data[12:-258])
    elif name[:8] == b"C2PA_GIF":
        at, pieces = 12, list[bytes]()
        while at < len(data) and data[at]:
            pieces.append(data[at + 1 : at + 1 + data[at]])
            at += 1 + data[at]
        found.manifests("gif-application", offset + 12, b"".join(pieces))


def tiff(source: Source, found: Found) -> None:
    """The chain of directories; sub-directories hold no metadata of the work."""
    _directories(source, found, 0, only_exif=False)


def _directories(source: Source, found: Found, base: int, *, only_exif: bool) -> None:
    order = {b"II": "<", b"MM": ">"}.get(source.read(0, 2))
    if order is None or source.numbers(f"{order}H", 2) != (42,):
        raise DamagedError("not a TIFF")
    (offset,) = source.numbers(f"{order}I", 4)
    seen: set[int] = set()
    turns = steps()
    while offset and offset not in seen:
        seen.add(offset)
        (count,) = source.numbers(f"{order}H", offset)
        for index, _ in zip(range(count), turns, strict=False):
            entry = offset + 2 + 12 * index
            tag, kind, number, value = source.numbers(f"{order}HHII", entry)
            _tag(source, found, (tag, kind, number, value, entry + 8), base, only_exif=only_exif)
        next(turns)
        (offset,) = source.numbers(f"{order}I", offset + 2 + 12 * count)
        if only_exif:
            return


def _tag(
    source: Source,
    found: Found,
    entry: tuple[int, int, int, int, int],
    base: int,
    *,
    only_exif: bool,
) -> None:
    tag, kind, number, value, inline = entry
    if tag not in (_EXIF_TAGS if only_exif else _TIFF_TAGS):
        return
    size = number * {1: 1, 2: 1, 4: 4, 7: 1}.get(kind, 1)
    at = inline if size <= 4 else value
    data = source.read(at, size)
    if tag == 700:
        found.add(Kind.XMP, "tiff-700", base + at, data)
    elif tag == 0xCD41:
        found.manifests("tiff-c2pa", base + at, data)
    elif tag == 0x83BB:
        iim(data, base + at, found)
    else:
        found.text("exif", base + at, data.rstrip(b"\0"), "exif:Copyright")
