"""Small works of every container, with metadata planted in them; nothing of anybody's in them."""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

PLUS = "http://ns.useplus.org/ldf/vocab/"
NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
    'xmlns:tdm="http://www.w3.org/ns/tdmrep/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
)
GUID = b"0123456789ABCDEF0123456789ABCDEF"


def packet(inner: str = "", attributes: str = "") -> bytes:
    """An XMP packet with properties as elements and as attributes."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        f'{NAMESPACES}><rdf:Description rdf:about="" {attributes}>{inner}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()


def reserved(value: str = "DMI-PROHIBITED-AIMLTRAINING") -> bytes:
    """A packet with both wishes: PLUS data mining and TDMRep."""
    return packet(
        f"<plus:DataMining>{PLUS}{value}</plus:DataMining><tdm:reservation>1</tdm:reservation>"
    )


# JUMBF and C2PA ------------------------------------------------------------------


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def superbox(label: str, *content: bytes, uuid: bytes = b"c2pa") -> bytes:
    tail = bytes.fromhex("00110010800000aa00389b71")
    described = box(b"jumd", uuid + tail + b"\x03" + label.encode() + b"\0")
    return box(b"jumb", described + b"".join(content))


def cbor(value: object) -> bytes:
    """The few kinds of CBOR that an assertion is made of."""
    match value:
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            pairs = b"".join(cbor(k) + cbor(v) for k, v in value.items())
            return _head(5, len(value)) + pairs
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
    raise TypeError(value)


def _head(kind: int, size: int) -> bytes:
    return bytes([kind << 5 | size]) if size < 24 else bytes([kind << 5 | 24, size])


def assertion(entries: dict, label: str = "cawg.training-mining", *, wrapped: bool = True) -> bytes:
    body = {"entries": entries} if wrapped else entries
    return superbox(label, box(b"cbor", cbor(body)), uuid=b"cbor")


def manifest(*assertions: bytes, name: str = "urn:c2pa:made-in-a-test") -> bytes:
    return superbox(name, superbox("c2pa.assertions", *assertions, uuid=b"c2as"), uuid=b"c2ma")


def store(*manifests: bytes) -> bytes:
    return superbox("c2pa", *manifests)


def training(use: str = "notAllowed") -> bytes:
    """A store of one manifest that speaks of generative training; it has no signature."""
    return store(manifest(assertion({"cawg.ai_generative_training": {"use": use}})))


# Pictures ------------------------------------------------------------------------


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


def jpeg(*segments: bytes) -> bytes:
    """A JPEG of no pixels worth seeing: markers are in their places."""
    frame = _segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0")
    return (
        b"\xff\xd8" + b"".join(segments) + frame + _segment(0xDA, b"\1\1\0\0\x3f\0") + b"\0\xff\xd9"
    )


def app1(xmp: bytes) -> bytes:
    return _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)


def extended(xmp: bytes, guid: bytes = GUID, cuts: int = 3) -> bytes:
    """Extended XMP in pieces, the last one first."""
    size = len(xmp) // cuts + 1
    pieces = [
        _segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0"
            + guid
            + struct.pack(">II", len(xmp), at)
            + xmp[at : at + size],
        )
        for at in range(0, len(xmp), size)
    ]
    return b"".join(reversed(pieces))


def app11(jumbf: bytes, size: int = 60_000) -> bytes:
    head, rest = jumbf[:8], jumbf[8:]
    return b"".join(
        _segment(0xEB, b"JP" + struct.pack(">HI", 1, number) + head + rest[at : at + size])
        for number, at in enumerate(range(0, len(rest), size), 1)
    )


def tiff(*entries: tuple[int, int, bytes], order: str = "<") -> bytes:
    """One directory; values longer than four bytes follow it."""
    mark = b"II" if order == "<" else b"MM"
    at = 8 + 2 + 12 * len(entries) + 4
    directory, values = struct.pack(f"{order}H", len(entries)), b""
    for tag, kind, data in entries:
        small = (
            data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(f"{order}I", at + len(values))
        )
        directory += struct.pack(f"{order}HHI", tag, kind, len(data)) + small
        values += data if len(data) > 4 else b""
    return mark + struct.pack(f"{order}HI", 42, 8) + directory + bytes(4) + values


def exif(notice: str = "(c) A. Maker") -> bytes:
    return tiff((0x8298, 2, notice.encode() + b"\0"))


def app1_exif(notice: str = "(c) A. Maker") -> bytes:
    return _segment(0xE1, b"Exif\0\0" + exif(notice))


def app13(notice: str = "(c) A. Maker") -> bytes:
    sets = b"\x1c\2\x74" + struct.pack(">H", len(notice)) + notice.encode()
    sets += b"\0" * (len(sets) % 2)
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(sets)) + sets
    return _segment(0xED, b"Photoshop 3.0\0" + resource)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0"))


def png(*chunks: bytes, after: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + PIXELS + after + chunk(b"IEND", b"")


def itxt(text: bytes, keyword: bytes = b"XML:com.adobe.xmp", *, deflated: bool = False) -> bytes:
    body = zlib.compress(text) if deflated else text
    return chunk(b"iTXt", keyword + b"\0" + bytes([deflated, 0]) + b"\0\0" + body)


def raw_profile(data: bytes, kind: str = "xmp") -> bytes:
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\n{kind}\n{len(data):8}\n{lines}\n".encode()
    return chunk(b"zTXt", f"Raw profile type {kind}\0\0".encode() + zlib.compress(text))


def gif(*extensions: bytes) -> bytes:
    head = b"GIF89a\1\0\1\0\x80\0\0" + bytes(6)
    image = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return head + b"".join(extensions) + image + b"\x3b"


def gif_xmp(xmp: bytes) -> bytes:
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return b"\x21\xff\x0bXMP DataXMP" + xmp + trailer


def gif_c2pa(jumbf: bytes) -> bytes:
    blocks = b"".join(
        bytes([len(piece)]) + piece
        for piece in (jumbf[at : at + 255] for at in range(0, len(jumbf), 255))
    )
    return b"\x21\xff\x0bC2PA_GIF\1\0\0" + blocks + b"\0"


# RIFF and ISO base media -----------------------------------------------------------


def riff(form: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + form + body


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    return riff(b"WEBP", (b"VP8X", bytes([4]) + bytes(9)), (b"VP8 ", b"pixels"), *chunks)


def wav(*chunks: tuple[bytes, bytes]) -> bytes:
    layout = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    return riff(b"WAVE", (b"fmt ", layout), (b"data", b"\x80\x80"), *chunks)


XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def bmff(brand: bytes, *boxes: bytes) -> bytes:
    return box(b"ftyp", brand + bytes(4) + brand) + b"".join(boxes)


def uuid_xmp(xmp: bytes) -> bytes:
    return box(b"uuid", XMP_UUID + xmp)


def uuid_c2pa(jumbf: bytes) -> bytes:
    return box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8) + jumbf)


def moov(*user_data: bytes) -> bytes:
    return box(b"moov", box(b"udta", b"".join(user_data)))


def still(brand: bytes, xmp: bytes, *, version: int = 1) -> bytes:
    """AVIF or HEIC: the packet is an item, named in `iinf` and placed by `iloc`."""
    wide = version == 2
    number = struct.pack(">I" if wide else ">H", 1)
    info = box(
        b"infe",
        bytes([3 if wide else 2, 0, 0, 0]) + number + bytes(2) + b"mimeXMP\0application/rdf+xml\0",
    )
    iinf = box(b"iinf", bytes(4) + struct.pack(">H", 1) + info)

    def meta(at: int) -> bytes:
        method = b"" if version == 0 else struct.pack(">H", 0)
        entry = number + method + struct.pack(">HHII", 0, 1, at, len(xmp))
        count = struct.pack(">I" if wide else ">H", 1)
        iloc = box(b"iloc", bytes([version, 0, 0, 0, 0x44, 0]) + count + entry)
        return box(b"meta", bytes(4) + iinf + iloc)

    head = bmff(brand, meta(0))
    return bmff(brand, meta(len(head) + 8), box(b"mdat", xmp))


# Sound -------------------------------------------------------------------------------


def frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">I", len(data)) + bytes([0, flags]) + data


def id3(*frames: bytes, major: int = 3, flags: int = 0) -> bytes:
    body = b"".join(frames)
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([major, 0, flags]) + size + body


def mp3(*frames: bytes) -> bytes:
    return id3(*frames) + b"\xff\xfb\x90\x00" + bytes(413)


def geob(jumbf: bytes) -> bytes:
    return frame(b"GEOB", b"\0application/c2pa\0c2pa\0c2pa manifest store\0" + jumbf)


def comments(*pairs: str) -> bytes:
    told = [struct.pack("<I", len(p.encode())) + p.encode() for p in pairs]
    return struct.pack("<I", 4) + b"test" + struct.pack("<I", len(told)) + b"".join(told)


def flac(*pairs: str) -> bytes:
    told = comments(*pairs)
    info = bytes.fromhex("1000100000000000000a0ac440f000000000") + bytes(16)
    return (
        b"fLaC\0\0\0\x22"
        + info
        + struct.pack(">I", 0x84000000 | len(told))
        + told
        + b"\xff\xf8"
        + bytes(20)
    )


def ogg(*pairs: str, opus: bool = False) -> bytes:
    first = b"OpusHead" + bytes(11) if opus else b"\1vorbis" + bytes(23)
    second = (b"OpusTags" if opus else b"\3vorbis") + comments(*pairs)
    return _page(first) + _page(second)


def _page(data: bytes) -> bytes:
    lacing = bytes([255] * (len(data) // 255) + [len(data) % 255])
    return b"OggS" + bytes(22) + bytes([len(lacing)]) + lacing + data


# Documents ---------------------------------------------------------------------------


def svg(xmp: bytes = b"", jumbf: bytes = b"") -> bytes:
    inner = xmp.partition(b"?>\n")[2].partition(b"\n<?xpacket")[0]
    told = base64.b64encode(jumbf).decode()
    signed = f'<c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">{told}</c2pa:manifest>'
    metadata = b"<metadata>" + inner + (signed.encode() if jumbf else b"") + b"</metadata>"
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">' + metadata + b"</svg>"


def pdf(xmp: bytes | None = None, *, deflated: bool = False, extra: bytes = b"") -> bytes:
    """One empty page; the packet is the catalogue's metadata stream."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R" + (b" /Metadata 4 0 R" if xmp else b"") + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    if xmp:
        body = zlib.compress(xmp) if deflated else xmp
        how = b" /Filter /FlateDecode" if deflated else b""
        head = b"<< /Type /Metadata /Subtype /XML /Length %d%s >>" % (len(body), how)
        objects.append(head + b"\nstream\n" + body + b"\nendstream")
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    data += b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, extra, start,
    )  # fmt: skip
    return data


OCF = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)


def epub(
    metadata: str, attributes: str = "", *, version: str = "3.0", deflated: bool = False
) -> bytes:
    opf = (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}" {attributes}>'
        f"<metadata>{metadata}</metadata></package>"
    )
    return archive(
        {"META-INF/container.xml": OCF, "OEBPS/book.opf": opf},
        zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED,
    )


def archive(members: dict[str, str], how: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of fixed dates, so that equal works are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, text in {"mimetype": "application/epub+zip", **members}.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else how
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, stored)
    return out.getvalue()


EPUB3 = 'prefix="tdm: http://www.w3.org/ns/tdmrep#"'
RESERVED3 = '<meta property="tdm:reservation">1</meta>'
RESERVED2 = '<meta name="tdm:reservation" content="1"/>'
XMP = reserved()
ATTRIBUTE = packet("", f'plus:DataMining="{PLUS}DMI-PROHIBITED" tdm:reservation="1"')
RESOURCE = packet(
    f'<plus:DataMining rdf:resource="{PLUS}DMI-PROHIBITED"/><tdm:reservation>1</tdm:reservation>'
)
POINTER = packet("", f'xmpNote:HasExtendedXMP="{GUID.decode()}"')
WIDE = XMP.decode().encode("utf-16-le")

PLANTED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg-element.jpg": ("PT", lambda: jpeg(app1(XMP))),
    "jpeg-attribute.jpg": ("PT", lambda: jpeg(app1(ATTRIBUTE))),
    "jpeg-resource.jpg": ("PT", lambda: jpeg(app1(RESOURCE))),
    "jpeg-extended.jpg": ("PT", lambda: jpeg(app1(POINTER), extended(XMP))),
    "jpeg-utf16.jpg": ("PT", lambda: jpeg(app1(WIDE))),
    "png-itxt.png": ("PT", lambda: png(itxt(XMP))),
    "png-itxt-after.png": ("PT", lambda: png(after=itxt(XMP))),
    "png-itxt-deflated.png": ("PT", lambda: png(itxt(XMP, deflated=True))),
    "png-raw-profile.png": ("PT", lambda: png(raw_profile(XMP))),
    "webp.webp": ("PT", lambda: webp((b"XMP ", XMP))),
    "webp-by-imagemagick.webp": ("PT", lambda: webp((b"XMP\0", XMP))),
    "tiff.tif": ("PT", lambda: tiff((700, 1, XMP))),
    "tiff-big-endian.tif": ("PT", lambda: tiff((700, 7, XMP), order=">")),
    "avif.avif": ("PT", lambda: still(b"avif", XMP)),
    "heic.heic": ("PT", lambda: still(b"heic", XMP, version=0)),
    "heic-wide.heic": ("PT", lambda: still(b"heic", XMP, version=2)),
    "gif.gif": ("PT", lambda: gif(gif_xmp(XMP))),
    "svg.svg": ("PT", lambda: svg(XMP)),
    "sidecar.xmp": ("PT", lambda: XMP),
    "mp4.mp4": ("PT", lambda: bmff(b"isom", uuid_xmp(XMP))),
    "m4a.m4a": ("PT", lambda: bmff(b"M4A ", uuid_xmp(XMP))),
    "mov.mov": ("PT", lambda: bmff(b"qt  ", moov(box(b"XMP_", XMP)))),
    "wav.wav": ("PT", lambda: wav((b"_PMX", XMP))),
    "mp3.mp3": ("PT", lambda: mp3(frame(b"PRIV", b"XMP\0" + XMP))),
    "pdf.pdf": ("PT", lambda: pdf(XMP)),
    "pdf-deflated.pdf": ("PT", lambda: pdf(XMP, deflated=True)),
    "epub2.epub": ("T", lambda: epub(RESERVED2, version="2.0")),
    "epub3.epub": ("T", lambda: epub(RESERVED3, EPUB3)),
    "epub3-deflated.epub": ("T", lambda: epub(RESERVED3, EPUB3, deflated=True)),
    "flac-vorbis.flac": ("F", lambda: flac("TITLE=x", "TDM-RESERVATION=1")),
    "ogg-vorbis.ogg": ("F", lambda: ogg("TDM-RESERVATION=1")),
    "signed.jpg": ("C", lambda: jpeg(app11(training()))),
    "signed-cut-up.jpg": ("C", lambda: jpeg(app11(training(), 100))),
    "signed.png": ("C", lambda: png(chunk(b"caBX", training()))),
    "signed.webp": ("C", lambda: webp((b"C2PA", training()))),
    "signed.wav": ("C", lambda: wav((b"C2PA", training()))),
    "signed.gif": ("C", lambda: gif(gif_c2pa(training()))),
    "signed.tif": ("C", lambda: tiff((0xCD41, 7, training()))),
    "signed.svg": ("C", lambda: svg(jumbf=training())),
    "signed.mp4": ("C", lambda: bmff(b"isom", uuid_c2pa(training()))),
    "signed.m4a": ("C", lambda: bmff(b"M4A ", uuid_c2pa(training()))),
    "signed.avif": ("C", lambda: bmff(b"avif", uuid_c2pa(training()))),
    "signed.heic": ("C", lambda: bmff(b"heic", uuid_c2pa(training()))),
    "signed.mp3": ("C", lambda: mp3(geob(training()))),
    "signed.flac": ("C", lambda: id3(geob(training())) + flac()),
    "signed.pdf": ("C", lambda: pdf(extra=b"") + b"stream\n" + training() + b"\nendstream"),
}
"""Name of a planted file to what is in it: P (PLUS), T (TDMRep), C (C2PA), F (folk field)."""
