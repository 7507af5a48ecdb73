"""A second set of works with wishes, made when the readers were done, in forms the first has not.

Other prefixes, other places of the same value, other versions of the tags, text encodings, and
ways to cut and pack. Same letters as `works.PLANTED`; `-` is a work that states nothing.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise

from tests.factories import works
from tests.factories.works import PLUS

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
WISH = "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"
PLUS_NS, TDM_NS = "http://ns.useplus.org/ldf/xmp/1.0/", "http://www.w3.org/ns/tdmrep/"


def xmp(inner: str, attributes: str = "", *, meta: str = "m:xmpmeta", rdf: str = "r") -> bytes:
    """A packet whose prefixes are not the usual ones; no `xpacket` around it."""
    prefix = meta.partition(":")[0]
    return (
        f'<{meta} xmlns:{prefix}="adobe:ns:meta/"><{rdf}:RDF xmlns:{rdf}="{RDF}" '
        f'xmlns:p="{PLUS_NS}" xmlns:t="{TDM_NS}"><{rdf}:Description {rdf}:about="" {attributes}>'
        f"{inner}</{rdf}:Description></{rdf}:RDF></{meta}>"
    ).encode()


VALUES = f"<p:DataMining>{PLUS}{WISH}</p:DataMining><t:reservation>1</t:reservation>"
OTHER = xmp(VALUES)
ATTRIBUTES = xmp("", f"p:DataMining='{PLUS}{WISH}' t:reservation='1'")
QUALIFIED = xmp(
    f'<p:DataMining r:parseType="Resource"><r:value>{PLUS}{WISH}</r:value>'
    "<t:note>x</t:note></p:DataMining><t:reservation><r:Description><r:value>1</r:value>"
    "</r:Description></t:reservation>"
)
ARRAY = xmp(f"<p:DataMining><r:Bag><r:li>{PLUS}{WISH}</r:li></r:Bag></p:DataMining>")
TWO = xmp("<t:other>x</t:other></r:Description><r:Description r:about=''>" + VALUES)
CDATA = xmp(VALUES.replace("1<", "<![CDATA[1]]><"))
COMMENTED = xmp(VALUES.replace("1<", "<!-- x -->1<"))
NOTHING = xmp("<t:other>x</t:other>")
BARE = OTHER[OTHER.index(b"<r:RDF") : OTHER.index(b"</m:xmpmeta>")]
WRAPPED = b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>" + BARE + b"<?xpacket end='r'?>"
OLD = xmp(VALUES, meta="x:xapmeta")
WIDE = b"\xfe\xff" + OTHER.decode().encode("utf-16-be")


def extended(text: bytes, order: tuple[int, ...]) -> bytes:
    """Extended XMP in four pieces of unlike length, in an order of choice."""
    guid = hashlib.md5(text).hexdigest().upper().encode()
    marks = [0, 90, 91, len(text) // 2, len(text)]
    pieces = [
        works._segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0" + guid
            + struct.pack(">II", len(text), marks[at]) + text[marks[at] : marks[at + 1]],
        )
        for at in order
    ]  # fmt: skip
    pointer = works.app1(works.packet("", f'xmpNote:HasExtendedXMP="{guid.decode()}"'))
    return pieces[0] + pointer + b"".join(pieces[1:])


def app1_profile(data: bytes) -> bytes:
    return works.raw_profile(b"http://ns.adobe.com/xap/1.0/\0" + data, "APP1")


def itxt(text: bytes) -> bytes:
    """With a language and a translated keyword, deflated."""
    head = b"XML:com.adobe.xmp\0\1\0en-GB\0Metadaten\0"
    return works.chunk(b"iTXt", head + zlib.compress(text, 9))


def second_directory(text: bytes, order: str) -> bytes:
    """A TIFF whose packet is in its second directory."""
    mark = b"II" if order == "<" else b"MM"
    first = struct.pack(f"{order}HHHIHHI", 1, 256, 3, 1, 1, 0, 26)
    second = struct.pack(f"{order}HHHIII", 1, 700, 2, len(text), 44, 0)
    return mark + struct.pack(f"{order}HI", 42, 8) + first + second + text


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def id3(*frames: bytes, major: int, flags: int = 0) -> bytes:
    body = b"".join(frames)
    sound = b"\xff\xfb\x90\x00" + bytes(413)
    return b"ID3" + bytes([major, 0, flags]) + syncsafe(len(body)) + body + sound


def frame4(name: bytes, data: bytes, flags: int = 0, *, head: bytes = b"") -> bytes:
    data = head + data
    return name + syncsafe(len(data)) + bytes([0, flags]) + data


PRIV = b"XMP\0" + OTHER
UNSYNC = b"\xff\0".join(PRIV.split(b"\xff"))
TXXX16 = b"\1" + "TDM-RESERVATION".encode("utf-16") + b"\0\0" + "1".encode("utf-16")
TXXX_BE = b"\2" + "TDM-RESERVATION\0001".encode("utf-16-be")


def size22(data: bytes) -> bytes:
    return struct.pack(">I", len(data))[1:]


def pages(*packets: tuple[int, bytes]) -> bytes:
    return b"".join(
        b"OggS\0" + bytes(9) + struct.pack("<I", serial) + bytes(8)
        + bytes([len(data) // 255 + 1]) + bytes([255] * (len(data) // 255) + [len(data) % 255])
        + data
        for serial, data in packets
    )  # fmt: skip


COMMENTS = works.comments("ARTIST=x", "tdm-reservation=1")
FLAC_INFO = bytes.fromhex("1000100000000000000a0ac440f000000000") + bytes(16)
IN_OGG = b"\x7fFLAC\1\0\0\1fLaC\0\0\0\x22" + FLAC_INFO
BLOCK = struct.pack(">I", 0x84000000 | len(COMMENTS)) + COMMENTS

ROOT = f'<svg:svg xmlns:svg="http://www.w3.org/2000/svg" xmlns:r="{RDF}" xmlns:p="{PLUS_NS}" '
ROOT += f'xmlns:t="{TDM_NS}">'
ELSEWHERE = f'<r:RDF><r:Description r:about="">{VALUES}</r:Description></r:RDF>'


def svg(inner: str | bytes, root: str = '<svg xmlns="http://www.w3.org/2000/svg">') -> bytes:
    text = inner.decode() if isinstance(inner, bytes) else inner
    name = root[1:].partition(" ")[0]
    return f"<?xml version='1.0'?>\n{root}<metadata>{text}</metadata></{name}>".encode()


def pdf_stream(number: int, data: bytes, *, deflated: bool = True) -> bytes:
    body = zlib.compress(data) if deflated else data
    how = b"/Filter/FlateDecode" if deflated else b""
    told = b"%d 0 obj<</Type/Metadata/Subtype/XML/Length %d%s>>stream\r\n" % (
        number, len(body), how,
    )  # fmt: skip
    return told + body + b"\r\nendstream endobj\n"


def pdf_of_streams(packet: bytes, *, extra: bytes = b"") -> bytes:
    """PDF 1.5: the catalogue is in an object stream, the table of places is a stream."""
    inner = [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    ]
    inner.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    at, head = 0, b""
    for number, each in enumerate(inner, 1):
        head += b"%d %d " % (number, at)
        at += len(each) + 1
    packed = zlib.compress(head + b" ".join(inner))
    data = b"%PDF-1.5\n" + extra
    meta = len(data)
    data += pdf_stream(4, packet)
    objects = len(data)
    data += b"5 0 obj<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n" % (
        len(head), len(packed),
    )  # fmt: skip
    data += packed + b"\nendstream endobj\n"
    start = len(data)
    rows = [
        (0, 0, 0),
        (2, 5, 0),
        (2, 5, 1),
        (2, 5, 2),
        (1, meta, 0),
        (1, objects, 0),
        (1, start, 0),
    ]
    table = zlib.compress(b"".join(struct.pack(">BIB", *row) for row in rows))
    data += b"6 0 obj<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Filter/FlateDecode"
    data += b"/Length %d>>" % len(table)
    return data + b"stream\n" + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % start


def pdf_updated(old: bytes, new: bytes, *, deflated: bool) -> bytes:
    """A PDF with a later revision appended, which has another metadata stream."""
    data = works.pdf(old)
    before = int(data.rpartition(b"startxref\n")[2].split()[0])
    at = len(data)
    data += pdf_stream(4, new, deflated=deflated)
    start = len(data)
    data += b"xref\n4 1\n%010d 00000 n \ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\n" % (at, before)
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def pdf_locked(password: str) -> bytes:
    """By pypdf: AES-256, with an owner's password, and one of the reader's where given."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(works.pdf(OTHER))))
    writer.encrypt(password, "owner", algorithm="AES-256-R5")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def image_in_pdf() -> bytes:
    """A packet of an embedded picture in the clear; the document's own is deflated."""
    return pdf_of_streams(OTHER, extra=pdf_stream(9, NOTHING, deflated=False))


def opf(metadata: str, attributes: str, *, encoding: str = "utf-8", path: str = "x y.opf") -> bytes:
    """An EPUB with prefixes on every element, and the package at an odd place."""
    package = (
        f"<?xml version='1.0' encoding='{encoding}'?>"
        f"<o:package xmlns:o='http://www.idpf.org/2007/opf' {attributes}>"
        f"<o:metadata>{metadata}</o:metadata></o:package>"
    )
    ocf = (
        "<c:container xmlns:c='urn:oasis:names:tc:opendocument:xmlns:container' version='1.0'>"
        f"<c:rootfiles><c:rootfile media-type='application/oebps-package+xml' full-path='{path}'/>"
        "</c:rootfiles></c:container>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/epub+zip")
        made.writestr(path, package.encode(encoding), zipfile.ZIP_DEFLATED)
        made.writestr("META-INF/container.xml", ocf, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def meta_item(text: bytes, *, pieces: int, idat: bool) -> bytes:
    """HEIC whose packet is in `idat`, or in pieces in `mdat` counted from a base."""
    info = works.box(b"infe", bytes([2, 0, 0, 1]) + b"\0\7\0\0mimex\0application/rdf+xml\0\0")
    iinf = works.box(b"iinf", b"\1\0\0\0\0\0\0\1" + info)
    cuts = [len(text) * n // pieces for n in range(pieces + 1)]

    def made(base: int) -> bytes:
        spans = b"".join(struct.pack(">QQ", a, b - a) for a, b in pairwise(cuts))
        entry = struct.pack(">HHHQH", 7, int(idat), 0, base, pieces) + spans
        iloc = works.box(b"iloc", bytes([1, 0, 0, 0, 0x88, 0x80]) + struct.pack(">H", 1) + entry)
        data = works.box(b"idat", text) if idat else b""
        return works.box(b"meta", bytes(4) + iloc + data + iinf)

    head = works.bmff(b"mif1", made(0))
    rest = b"" if idat else works.box(b"mdat", text)
    return works.bmff(b"mif1", made(0 if idat else len(head) + 8)) + rest


def large_box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(data)) + data


def assertion_of_1_0() -> bytes:
    """The old label, an instance, no `entries`, in the second of two manifests."""
    told = works.assertion(
        {"c2pa.ai_training": {"use": "constrained", "constraint_info": "ask"}},
        "c2pa.training-mining__2", wrapped=False,
    )  # fmt: skip
    other = works.manifest(works.assertion({"x": {"use": "allowed"}}, "c2pa.actions"), name="urn:a")
    return works.store(other, works.manifest(told, name="urn:b"))


def app11_late(jumbf: bytes) -> bytes:
    """Pieces of a store in falling order, with another box's between."""
    pieces = works.app11(jumbf, 150).split(b"\xff\xeb")[1:]
    foreign = works._segment(0xEB, b"JP" + struct.pack(">HI", 9, 1) + works.box(b"free", bytes(9)))
    return foreign.join(b"\xff\xeb" + piece for piece in reversed(pieces))


HELD_BACK: dict[str, tuple[str, Callable[[], bytes]]] = {
    "prefixes.jpg": ("PT", lambda: works.jpeg(works.app1(OTHER))),
    "attributes.jpg": ("PT", lambda: works.jpeg(works.app1(ATTRIBUTES))),
    "qualified.jpg": ("PT", lambda: works.jpeg(works.app1(QUALIFIED))),
    "array.jpg": ("P", lambda: works.jpeg(works.app1(ARRAY))),
    "two-descriptions.jpg": ("PT", lambda: works.jpeg(works.app1(TWO))),
    "cdata.jpg": ("PT", lambda: works.jpeg(works.app1(CDATA))),
    "comment.jpg": ("PT", lambda: works.jpeg(works.app1(COMMENTED))),
    "no-wrapper.jpg": ("PT", lambda: works.jpeg(works.app1(WRAPPED))),
    "xapmeta.jpg": ("PT", lambda: works.jpeg(works.app1(OLD))),
    "utf16-mark.jpg": ("PT", lambda: works.jpeg(works.app1(WIDE))),
    "fill-bytes.jpg": ("PT", lambda: works.jpeg(b"\xff\xff\xff" + works.app1(OTHER))),
    "extended-3102.jpg": ("PT", lambda: works.jpeg(extended(OTHER, (3, 1, 0, 2)))),
    "extended-0213.jpg": ("PT", lambda: works.jpeg(extended(ATTRIBUTES, (0, 2, 1, 3)))),
    "second-packet.jpg": ("PT", lambda: works.jpeg(works.app1(NOTHING), works.app1(OTHER))),
    "itxt-language.png": ("PT", lambda: works.png(itxt(OTHER))),
    "itxt-language-after.png": ("PT", lambda: works.png(after=itxt(ATTRIBUTES))),
    "profile-app1.png": ("PT", lambda: works.png(app1_profile(OTHER))),
    "text.png": ("PT", lambda: works.png(works.chunk(b"tEXt", b"XML:com.adobe.xmp\0" + OTHER))),
    "comment-before.gif": ("PT", lambda: works.gif(b"\x21\xfe\3abc\0", works.gif_xmp(OTHER))),
    "second-directory.tif": ("PT", lambda: second_directory(OTHER, "<")),
    "second-directory-mm.tif": ("PT", lambda: second_directory(ATTRIBUTES, ">")),
    "odd-chunks.webp": ("PT", lambda: works.webp((b"ICCP", b"abc"), (b"XMP ", OTHER + b" "))),
    "xmp-before-data.wav": ("PT", lambda: works.riff(b"WAVE", (b"_PMX", WRAPPED),
                                                       (b"data", b"xx"))),
    "idat.heic": ("PT", lambda: meta_item(OTHER, pieces=1, idat=True)),
    "three-extents.heic": ("PT", lambda: meta_item(ATTRIBUTES, pieces=3, idat=False)),
    "large-boxes.mp4": ("PT", lambda: works.bmff(b"mp42", large_box(b"mdat", bytes(9)),
                                                large_box(b"uuid", works.XMP_UUID + OTHER))),
    "uuid-in-moov.mov": ("PT", lambda: works.bmff(b"qt  ",
                                                 works.box(b"moov", works.uuid_xmp(OTHER)))),
    "v24.mp3": ("PT", lambda: id3(frame4(b"PRIV", PRIV), major=4)),
    "v24-sizes-of-v23.mp3": ("PT", lambda: id3(works.frame(b"PRIV", PRIV),
                                              works.frame(b"TIT2", b"\3x"), major=4)),
    "v24-unsync.mp3": ("PT", lambda: id3(frame4(b"PRIV", UNSYNC, 3, head=syncsafe(len(PRIV))),
                                        major=4, flags=0x80)),
    "v24-grouped.mp3": ("PT", lambda: id3(frame4(b"PRIV", PRIV, 0x40, head=b"G"), major=4)),
    "v24-deflated.mp3": ("PT", lambda: id3(frame4(b"PRIV", zlib.compress(PRIV), 9,
                                                 head=syncsafe(len(PRIV))), major=4)),
    "v23-grouped.mp3": ("PT", lambda: id3(works.frame(b"PRIV", b"G" + PRIV, 0x20), major=3)),
    "v23-deflated.mp3": ("PT", lambda: id3(works.frame(
        b"PRIV", struct.pack(">I", len(PRIV)) + zlib.compress(PRIV), 0x80), major=3)),
    "v23-extended-header.mp3": ("PT", lambda: id3(b"\0\0\0\6" + bytes(6),
                                                 works.frame(b"PRIV", PRIV), major=3, flags=0x40)),
    "v24-extended-header.mp3": ("PT", lambda: id3(b"\0\0\0\6\1\0", frame4(b"PRIV", PRIV),
                                                 major=4, flags=0x40)),
    "v23-utf16.mp3": ("F", lambda: id3(works.frame(b"TXXX", TXXX16), major=3)),
    "v24-utf16-be.mp3": ("F", lambda: id3(frame4(b"TXXX", TXXX_BE), major=4)),
    "v22.mp3": ("F", lambda: id3(b"TXX" + size22(b"\0TDM-RESERVATION\0001")
                                + b"\0TDM-RESERVATION\0001", major=2)),
    "padding-first.flac": ("F", lambda: b"fLaC\0\0\0\x22" + FLAC_INFO
                           + b"\1\0\0\5" + bytes(5) + BLOCK),
    "flac-in-ogg.ogg": ("F", lambda: pages((7, IN_OGG), (7, BLOCK))),
    "two-streams.ogg": ("F", lambda: pages((1, b"fishead\0" + bytes(56)),
                                          (2, b"\1vorbis" + bytes(23)),
                                          (2, b"\3vorbis" + COMMENTS))),
    "speex.ogg": ("F", lambda: pages((3, b"Speex   " + bytes(72)), (3, COMMENTS))),
    "own-prefixes.svg": ("PT", lambda: svg(OTHER)),
    "another-root.svg": ("PT", lambda: svg(ELSEWHERE, ROOT.replace("svg:", "g:", 1)
                                           .replace("xmlns:svg", "xmlns:g"))),
    "bare.svg": ("PT", lambda: svg(BARE)),
    "declared-at-root.svg": ("PT", lambda: svg(ELSEWHERE, ROOT)),
    "wrapped.svg": ("PT", lambda: svg(WRAPPED)),
    "utf16.svg": ("PT", lambda: svg(BARE).decode().encode("utf-16")),
    "bare.xmp": ("PT", lambda: BARE),
    "declaration.xmp": ("PT", lambda: b"\xef\xbb\xbf<?xml version='1.0'?>\n" + OTHER),
    "utf16.xmp": ("PT", lambda: WIDE),
    "object-streams.pdf": ("PT", lambda: pdf_of_streams(OTHER)),
    "picture-in-the-clear.pdf": ("PT", image_in_pdf),
    "owner-password.pdf": ("PT", lambda: pdf_locked("")),
    "user-password.pdf": ("?", lambda: pdf_locked("secret")),
    "updated-clear.pdf": ("PT", lambda: pdf_updated(works.packet(), OTHER, deflated=False)),
    "updated-deflated.pdf": ("PT", lambda: pdf_updated(works.packet(), OTHER, deflated=True)),
    "taken-back.pdf": ("-", lambda: pdf_updated(works.XMP, NOTHING, deflated=False)),
    "bare-clear.pdf": ("PT", lambda: works.pdf(WRAPPED)),
    "prefixes2.epub": ("T", lambda: opf('<o:meta name="tdm:reservation" content="1"/>',
                                       'version="2.0"')),
    "prefixes3.epub": ("T", lambda: opf('<o:meta property="tdm:reservation"> 1 </o:meta>',
        'version="3.0" prefix="a: http://a.invalid/ tdm: http://www.w3.org/ns/tdmrep#"')),
    "own-prefix3.epub": ("T", lambda: opf('<o:meta property="x:reservation">1</o:meta>',
        'version="3.0" prefix="x: http://www.w3.org/ns/tdmrep#"')),
    "utf16.epub": ("T", lambda: opf('<o:meta name="tdm:reservation" content="1"/>',
                                   'version="2.0"', encoding="utf-16")),
    "escaped-path.epub": ("T", lambda: opf(
        '<o:meta name="tdm:reservation" content="1"/>', 'version="2.0"', path="a%20b/c.opf")),
    "nothing.jpg": ("-", lambda: works.jpeg(works.app1(NOTHING))),
    "falling.jpg": ("C", lambda: works.jpeg(app11_late(works.training()))),
    "of-1-0.jpg": ("C", lambda: works.jpeg(works.app11(assertion_of_1_0()))),
    "of-1-0.png": ("C", lambda: works.png(after=works.chunk(b"caBX", assertion_of_1_0()))),
    "of-1-0.webp": ("C", lambda: works.webp((b"XMP ", NOTHING), (b"C2PA", assertion_of_1_0()))),
    "of-1-0.mp4": ("C", lambda: works.bmff(b"isom", large_box(b"uuid", works.C2PA_UUID + bytes(4)
                                          + b"manifest\0" + bytes(8) + assertion_of_1_0()))),
    "v24.geob.mp3": ("C", lambda: id3(frame4(b"GEOB", b"\3application/x-c2pa\0c2pa\0c2pa"
                                            b"\0" + assertion_of_1_0()), major=4)),
    "of-1-0.tif": ("C", lambda: works.tiff((0xCD41, 1, assertion_of_1_0()), order=">")),
}  # fmt: skip
"""Name of a file to what is in it; `?`: it is locked, and nobody without its password can say."""
