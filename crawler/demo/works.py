"""Works for the demo web, made here and of nobody: a grain of a picture, a second of silence.

What a site file says of a work is planted in it: `container`, and any of `plus` (a value of PLUS
data mining), `tdm` (a reservation), `training` (the `use` of generative training in a C2PA
manifest, which nobody has signed, so that it is invalid), `notice` (a copyright notice).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
    'xmlns:tdm="http://www.w3.org/ns/tdmrep/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "{}</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_OCF = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
_DAY = (2026, 1, 1, 0, 0, 0)


def work(planted: Mapping[str, str]) -> bytes:
    """Make a work with what is planted in it; raises KeyError for a container not made here."""
    return _MAKERS[planted["container"]](planted)


def _packet(planted: Mapping[str, str]) -> bytes:
    properties = {
        "plus": "<plus:DataMining>http://ns.useplus.org/ldf/vocab/{}</plus:DataMining>",
        "tdm": "<tdm:reservation>{}</tdm:reservation>",
        "notice": "<dc:rights>{}</dc:rights>",
    }
    told = "".join(text.format(planted[key]) for key, text in properties.items() if key in planted)
    return _XMP.format(told).encode() if told else b""


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def _superbox(label: str, content: bytes) -> bytes:
    described = b"c2pa" + bytes.fromhex("00110010800000aa00389b71") + b"\x03"
    return _box(b"jumb", _box(b"jumd", described + label.encode() + b"\0") + content)


def _manifest(use: str) -> bytes:
    """A manifest store with one assertion in CBOR (maps of one pair each), and no signature."""
    said = b"\xa1\x67entries\xa1\x78\x1bcawg.ai_generative_training\xa1\x63use"
    assertion = _superbox("cawg.training-mining", _box(b"cbor", said + _short(use)))
    return _superbox("c2pa", _superbox("urn:c2pa:demo", _superbox("c2pa.assertions", assertion)))


def _short(text: str) -> bytes:
    return bytes([0x60 | len(text)]) + text.encode()


def _jpeg(planted: Mapping[str, str]) -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data

    packet = _packet(planted)
    told = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet) if packet else b""
    if use := planted.get("training"):
        told += segment(0xEB, b"JP" + struct.pack(">HI", 1, 1) + _manifest(use))
    pixels = segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0") + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\0"
    return b"\xff\xd8" + told + pixels + b"\xff\xd9"


def _png(planted: Mapping[str, str]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packet = _packet(planted)
    told = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet) if packet else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + told + pixels + chunk(b"IEND", b"")


def _flac(planted: Mapping[str, str]) -> bytes:
    pairs = {"TDM-RESERVATION": planted.get("tdm"), "COPYRIGHT": planted.get("notice")}
    told = [f"{name}={value}".encode() for name, value in pairs.items() if value]
    comments = struct.pack("<II", 0, len(told))
    comments += b"".join(struct.pack("<I", len(each)) + each for each in told)
    stream = bytes.fromhex("1000100000000000000a0ac440f000000000") + bytes(16)
    head = b"fLaC" + struct.pack(">I", 34) + stream
    return head + struct.pack(">I", 0x84000000 | len(comments)) + comments + b"\xff\xf8" + bytes(99)


def _pdf(planted: Mapping[str, str]) -> bytes:
    packet = _packet(planted)
    head = b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n" % len(packet)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Metadata 3 0 R >>",
        b"<< /Type /Pages /Kids [] /Count 0 >>",
        head + packet + b"\nendstream",
    )
    written = (b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + b"".join(written) + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def _epub(planted: Mapping[str, str]) -> bytes:
    meta = f'<meta property="tdm:reservation">{planted["tdm"]}</meta>' if "tdm" in planted else ""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'prefix="tdm: http://www.w3.org/ns/tdmrep#"><metadata>{meta}</metadata></package>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", _OCF),
            ("book.opf", package),
        ):
            archive.writestr(zipfile.ZipInfo(name, _DAY), text)
    return out.getvalue()


_MAKERS: dict[str, Callable[[Mapping[str, str]], bytes]] = {
    "jpeg": _jpeg,
    "png": _png,
    "flac": _flac,
    "pdf": _pdf,
    "epub": _epub,
}
