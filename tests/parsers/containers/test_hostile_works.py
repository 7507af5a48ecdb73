"""Damaged and hostile works: every one ends, in little time, with a word for what was not read."""

import random
import struct
import time
import zlib

import pytest

from crawler.parsers.containers import jumbf
from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.found import MAX_STEPS
from crawler.parsers.containers.segment import MAX_SEGMENT, Kind, Problem
from crawler.parsers.containers.source import DamagedError, GapError, Source
from crawler.parsers.containers.work import extract, extract_whole
from crawler.parsers.containers.xmp import read_packet
from tests.factories import works
from tests.factories.works import PLANTED, XMP

BIG = 2 * MAX_SEGMENT
RIFF_END = struct.pack("<I", 0xFFFFFFFF)
MANY = b"<x:xmpmeta" * 400_000
DEEP = b"<a>" * 300_000

HOSTILE: dict[str, tuple[bytes, Problem | None]] = {
    "jpeg that ends": (b"\xff\xd8\xff", Problem.DAMAGED),
    "jpeg without markers": (b"\xff\xd8\xff\xe1\0\x02abcd", Problem.DAMAGED),
    "jpeg segment of one byte": (b"\xff\xd8\xff\xe1\0\1", Problem.DAMAGED),
    "jpeg of many segments": (works.jpeg(*[b"\xff\xe2\0\2"] * (MAX_STEPS + 1)), Problem.LIMIT),
    "jpeg of fill bytes": (b"\xff\xd8" + b"\xff" * 90_000, Problem.LIMIT),
    "jpeg of restart markers": (b"\xff\xd8\xff\xd0\xff\x01" + works.jpeg()[2:], None),
    "jpeg of many packets": (works.jpeg(*[works.app1(XMP)] * 65), Problem.LIMIT),
    "jpeg of large packets": (
        works.jpeg(*[works.app1(XMP + bytes(63_000))] * 40), Problem.LIMIT),
    "jpeg with short exif": (works.jpeg(works._segment(0xE1, b"Exif\0\0II*\0")), None),
    "jpeg with exif that is none": (works.jpeg(works._segment(0xE1, b"Exif\0\0xxxxxxxx")), None),
    "jpeg with other app1": (works.jpeg(works._segment(0xE1, b"other")), None),
    "jpeg with short extension": (
        works.jpeg(works._segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0x")), None),
    "jpeg with short jumbf": (works.jpeg(works._segment(0xEB, b"JP\0\1")), None),
    "jpeg with other jumbf": (works.jpeg(works.app11(works.superbox("other"))), None),
    "photoshop that ends": (
        works.jpeg(works._segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0")), None),
    "photoshop with a long name": (
        works.jpeg(works._segment(0xED, b"Photoshop 3.0\x008BIM\4\4\xff" + b"x" * 9)), None),
    "photoshop of other resources": (
        works.jpeg(works._segment(0xED, b"Photoshop 3.0\x008BIM\1\1\0\0\0\0\0\2xx")), None),
    "photoshop of many resources": (
        works.jpeg(works._segment(0xED, b"Photoshop 3.0\0" + b"8BIM\1\1\0\0\0\0\0\0" * 4100)),
        Problem.LIMIT),
    "iim of many data sets": (works.tiff((0x83BB, 7, b"\x1c\2\5\0\0" * 4100)), Problem.LIMIT),
    "gif of many blocks": (works.gif(b"\x21\xfe\0" * 4100), Problem.LIMIT),
    "riff of much info": (
        works.wav((b"LIST", b"INFO" + b"INAM\0\0\0\0" * 4100)), Problem.LIMIT),
    "bmff of many items": (
        works.still(b"avif", XMP).replace(b"\0\1\0\1\0\0\0\0\1", b"\0\1\0\1\0\0\0\0\1"), None),
    "bmff table longer than any": (
        works.still(b"avif", XMP).replace(b"meta", b"meta", 1)[:20] + works.box(b"meta", bytes(4)
        + works.still(b"avif", XMP).partition(b"meta\0\0\0\0")[2].partition(b"iloc")[0][:-4]
        + works.box(b"iloc", bytes(BIG))), Problem.DAMAGED),
    "bmff with idat": (
        works.bmff(b"avif", works.box(b"meta", bytes(4) + works.box(b"idat", b"x"))), None),
    "iim of long data sets": (works.tiff((0x83BB, 7, b"\x1c\2\x74\x80\4xxxxxxx")), None),
    "iim of other data sets": (works.tiff((0x83BB, 7, b"\x1c\2\5\0\1x\x1c\1\x74\0\1x")), None),
    "png that ends": (works.png()[:-12], Problem.DAMAGED),
    "png chunk too long": (works.png()[:33] + b"\xff\xff\xff\xffiTXt", Problem.DAMAGED),
    "png of many chunks": (works.png(*[works.chunk(b"tIME", b"")] * 5000), Problem.LIMIT),
    "png itxt without flags": (works.png(works.chunk(b"iTXt", b"k\0\0")), Problem.DAMAGED),
    "png itxt without text": (works.png(works.chunk(b"iTXt", b"k\0\0\0\0")), Problem.DAMAGED),
    "png bomb": (works.png(works.itxt(bytes(BIG), deflated=True)), Problem.LIMIT),
    "png not deflated": (
        works.png(works.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0zzz")), Problem.DAMAGED),
    "png profile not hex": (
        works.png(works.chunk(b"tEXt", b"Raw profile type xmp\0\nxmp\n1\nzz")), Problem.DAMAGED),
    "png profile that ends": (
        works.png(works.chunk(b"tEXt", b"Raw profile type xmp\0xmp")), Problem.DAMAGED),
    "png with other text": (works.png(works.chunk(b"tEXt", b"Title\0x")), None),
    "png with a large text": (works.png(works.chunk(b"tEXt", bytes(BIG))), None),
    "png with exif that is none": (works.png(works.chunk(b"eXIf", b"x")), None),
    "gif that ends": (works.gif()[:-1], Problem.DAMAGED),
    "gif of another block": (works.gif()[:-1] + b"\x99", Problem.DAMAGED),
    "gif with a palette in its picture": (
        works.gif()[:19] + b"\x2c" + bytes(8) + b"\x80" + bytes(6) + b"\2\0\x3b", None),
    "gif of other extensions": (works.gif(b"\x21\xf9\1x\0", b"\x21\xff\x0bNETSCAPE2.0\0"), None),
    "gif of many sub-blocks": (works.gif(b"\x21\xfe" + b"\1x" * 400_001 + b"\0"), Problem.DAMAGED),
    "gif without a palette": (b"GIF87a\1\0\1\0\0\0\0\x3b", None),
    "tiff that ends": (b"II*\0", Problem.DAMAGED),
    "tiff of another number": (b"II*\0\xff\xff\xff\xff", Problem.DAMAGED),
    "tiff in a circle": (works.tiff()[:-4] + struct.pack("<I", 8), None),
    "tiff of many entries": (
        works.tiff(*[(256, 3, b"")] * 5000), Problem.LIMIT),
    "tiff that says a gigabyte": (
        works.tiff((700, 4, b"12345")).replace(struct.pack("<HHI", 700, 4, 5),
        struct.pack("<HHI", 700, 4, 1 << 28)), Problem.DAMAGED),
    "riff that ends": (b"RIFF", Problem.DAMAGED),
    "riff longer than it says": (works.webp((b"XMP ", XMP)) + b"more", None),
    "riff chunk too long": (works.webp() + b"", None),
    "riff of a huge chunk": (b"RIFF" + RIFF_END + b"WEBPXMP " + RIFF_END, Problem.DAMAGED),
    "riff of large metadata": (
        works.webp((b"EXIF", bytes(BIG)), (b"LIST", bytes(BIG)), (b"XMP ", bytes(BIG))),
        Problem.LIMIT),
    "riff with another list": (works.wav((b"LIST", b"adtlxxxxxxxxxxxx")), None),
    "riff with other info": (works.wav((b"LIST", b"INFOINAM\1\0\0\0x\0")), None),
    "riff of many chunks": (works.webp(*[(b"JUNK", b"")] * 5000), Problem.LIMIT),
    "bmff box too long": (works.bmff(b"isom") + b"\xff\xff\xff\xffmdat", Problem.DAMAGED),
    "bmff box to the end": (works.bmff(b"isom") + b"\0\0\0\0mdatx", None),
    "bmff box too short": (works.bmff(b"isom") + b"\0\0\0\2mdatx", Problem.DAMAGED),
    "bmff box of 64 bits": (works.bmff(b"isom") + b"\0\0\0\1mdat" + struct.pack(">Q", 16), None),
    "bmff box of many bits": (
        works.bmff(b"isom") + b"\0\0\0\1mdat" + b"\xff" * 8, Problem.DAMAGED),
    "bmff of many boxes": (works.bmff(b"isom", *[works.box(b"free", b"")] * 5000), Problem.LIMIT),
    "bmff of short and other uuids": (
        works.bmff(b"isom", works.box(b"uuid", b"x"), works.box(b"uuid", bytes(16))), None),
    "bmff manifest for something else": (
        works.bmff(b"isom", works.box(b"uuid", works.C2PA_UUID + bytes(4) + b"merkle\0")), None),
    "bmff other things in moov": (
        works.bmff(b"isom", works.box(b"moov", works.box(b"mvhd", b"") + works.uuid_xmp(XMP)),
        works.moov(works.box(b"name", b""))), None),
    "bmff meta without tables": (works.bmff(b"avif", works.box(b"meta", bytes(4))), None),
    "bmff items of other types": (
        works.still(b"avif", XMP).replace(b"application/rdf+xml", b"application/rdf+xxx"), None),
    "bmff items of another version": (
        works.still(b"avif", XMP).replace(b"infe\2", b"infe\7"), None),
    "bmff item that is nowhere": (
        works.still(b"avif", XMP).replace(b"infe\2\0\0\0\0\1", b"infe\2\0\0\0\0\7"),
        Problem.DAMAGED),
    "bmff table that ends": (
        works.still(b"avif", XMP).replace(b"iloc\1\0\0\0\x44\0\0\1", b"iloc\1\0\0\0\x44\0\xff\xff"),
        Problem.DAMAGED),
    "mp3 without a tag": (b"\xff\xfb\x90\x00" + bytes(413), None),
    "mp3 tag of gigabytes": (b"ID3\3\0\0\x7f\x7f\x7f\x7f", Problem.DAMAGED),
    "mp3 tag that ends": (b"ID3\3\0\0\0\0\1\0", Problem.DAMAGED),
    "mp3 frame too long": (works.id3(b"PRIV\0\0\1\0\0\0x"), Problem.DAMAGED),
    "mp3 of many frames": (works.mp3(*[works.frame(b"TIT2", b"x")] * 5000), Problem.LIMIT),
    "mp3 bomb": (
        works.mp3(works.frame(b"PRIV", bytes(4) + zlib.compress(bytes(BIG)), 0x80)), Problem.LIMIT),
    "mp3 encrypted frame": (works.mp3(works.frame(b"PRIV", b"x", 0x40)), Problem.ENCRYPTED),
    "mp3 other frames": (
        works.mp3(works.frame(b"PRIV", b"other\0x"), works.frame(b"GEOB", b"\0x"),
        works.frame(b"COMM", b"\0engx\0y")), None),
    "flac that ends": (b"fLaC", Problem.DAMAGED),
    "flac of many blocks": (b"fLaC" + b"\1\0\0\0" * 5000, Problem.LIMIT),
    "flac of short comments": (b"fLaC\x84\0\0\1x", Problem.DAMAGED),
    "flac vendor too long": (b"fLaC\x84\0\0\x08\xff\0\0\0xxxx", Problem.DAMAGED),
    "flac fewer comments than told": (
        b"fLaC\x84\0\0\x08\0\0\0\0\xff\xff\xff\xff", Problem.DAMAGED),
    "flac of applications": (
        b"fLaC\2\0\0\x0cc2paxxxxxxxx\x82\0\0\x0cxxxxjumbxxxx", None),
    "ogg that ends": (b"OggS", Problem.DAMAGED),
    "ogg of other pages": (works._page(b"x") + b"xxxx" + bytes(30), Problem.DAMAGED),
    "ogg without comments": (works._page(b"") * 0 + (b"OggS" + bytes(23)) * 70, Problem.DAMAGED),
    "pdf of openings": (b"%PDF-1.7\n" + MANY, Problem.DAMAGED),
    "pdf under a password": (works.pdf(XMP, extra=b" /Encrypt 9 0 R"), Problem.ENCRYPTED),
    "pdf with a box that is none": (works.pdf(XMP) + b"\0\0\0\1jumb", None),
    "svg of openings": (b"<svg>" + MANY, Problem.DAMAGED),
    "svg deep": (b"<svg>" + DEEP, None),
    "svg manifest without an end": (b"<svg><c2pa:manifest>AAAA", Problem.DAMAGED),
    "svg manifest not base64": (b"<svg><c2pa:manifest>A</c2pa:manifest>", Problem.DAMAGED),
    "svg rdf without an end": (b"<svg><rdf:RDF>", None),
    "svg with bare rdf": (b"<svg><rdf:RDF></rdf:RDF></svg>", None),
    "epub that is no archive": (works.epub("")[:90], Problem.DAMAGED),
    "epub without a container": (works.archive({"x": "y"}), Problem.DAMAGED),
    "epub without a package": (
        works.archive({"META-INF/container.xml": works.OCF}), Problem.DAMAGED),
    "epub container that is not xml": (
        works.archive({"META-INF/container.xml": "<x"}), Problem.DAMAGED),
    "epub container that names nothing": (
        works.archive({"META-INF/container.xml":
        works.OCF.replace("full-path", "path")}), Problem.DAMAGED),
    "epub container of other things": (
        works.archive({"META-INF/container.xml":
        works.OCF.replace("rootfiles>", "links>")}), Problem.DAMAGED),
    "epub bomb": (works.epub(" " * BIG, deflated=True), Problem.LIMIT),
    "epub under a password": (
        works.epub("").replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")
        .replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0"), Problem.ENCRYPTED),
    "nothing that we know": (b"plain words", Problem.TYPE),
    "a page with a drawing": (b"<html><svg></svg></html>", Problem.TYPE),
    "a feed": (b"<?xml version='1.0'?><rss/>", Problem.TYPE),
    "a sidecar of bare rdf": (b"<?xml version='1.0'?><rdf:RDF/>", None),
    "a page": (b"<!doctype html><html></html>", Problem.TYPE),
    "nothing": (b"", Problem.TRUNCATED),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_work_ends_with_its_word(name: str):
    data, problem = HOSTILE[name]
    began = time.process_time()
    extracted = extract_whole(data)
    assert extracted.problem is problem
    assert sum(len(s.data) for s in extracted.segments) <= 2 * MAX_SEGMENT
    assert time.process_time() - began < 2.0


def test_tags_of_all_versions():
    plain = works.frame(b"PRIV", b"XMP\0" + XMP)
    old = b"TCR\0\0\x02\3x" + b"COM\0\0\1x"
    packed = works.frame(b"PRIV", bytes(4) + zlib.compress(b"XMP\0" + XMP), 0x80)
    small = b"XMP\0ab"
    for tag, kept in (
        (works.id3(plain, flags=0x80), XMP),
        (works.id3(bytes([0, 0, 0, 6]) + bytes(6), plain, flags=0x40), XMP),
        (works.id3(bytes([0, 0, 0, 6]) + bytes(2), works.frame(b"PRIV", small), major=4,
                   flags=0x50) + bytes(10), b"ab"),
        (works.id3(works.frame(b"PRIV", bytes(4) + small, 1), major=4), b"ab"),
        (works.id3(works.frame(b"PRIV", b"XMP\0\xff\0b", 2), major=4), b"\xffb"),
        (works.id3(works.frame(b"PRIV", zlib.compress(small), 8), major=4), b"ab"),
        (works.id3(packed), XMP),
        (works.id3(old, major=2), b"x"),
        (works.id3(works.frame(b"WCOP", b"http://a.example\0")), b"http://a.example"),
        (works.id3(works.frame(b"TXXX", b"\1" + "\ufeffTDM-RESERVATION\0\ufeff1".encode("utf-16-le")
                               )), b"1"),
        (works.id3(works.frame(b"COMM", b"\3eng" + b"license\0no training")), b"no training"),
        (works.id3(works.frame(b"USER", b"\3engno training")), b"no training"),
        (works.id3(works.frame(b"TCOP", b"")), b""),
        (works.id3(works.frame(b"PRIV", b"rsl\0<rsl xmlns='https://rslstandard.org/rsl'/>")),
         b"<rsl xmlns='https://rslstandard.org/rsl'/>"),
    ):  # fmt: skip
        assert [s.data for s in extract_whole(tag).segments] == [kept]


def test_a_store_is_read_to_its_limits():
    entries = {"cawg.ai_training": {"use": "allowed"}}
    older = works.manifest(works.assertion(entries, "c2pa.training-mining__2"), name="urn:1")
    newer = works.manifest(works.superbox("c2pa.actions"), name="urn:2")
    read = jumbf.read(works.store(older, newer))
    assert [(box.kind, box.label) for box in read.boxes] == [
        (Kind.INGREDIENT, "c2pa.training-mining__2"),
        (Kind.MANIFEST, "urn:2"),
    ]
    many = works.store(*[works.manifest(name=f"urn:{n}") for n in range(65)])
    assert jumbf.read(many).cut
    crowd = works.store(works.manifest(*[works.superbox("x")] * 4095, works.assertion(entries)))
    assert jumbf.read(crowd).cut
    assert jumbf.read(works.training()[:-3]).cut
    for odd in (b"", b"\0\0\0\4jumb", works.box(b"jumb", b""), works.box(b"jumb", b"\0\0\0\4xxxx"),
                works.box(b"jumb", works.box(b"jumd", bytes(17))),
                works.box(b"jumb", works.box(b"jumd", bytes(20)))):  # fmt: skip
        assert jumbf.read(odd) is None
    assert jumbf.content(b"") is None
    assert jumbf.content(works.superbox("x")) is None
    assert jumbf.content(works.assertion(entries))[0] == b"cbor"
    wide = b"\0\0\0\1jumb" + struct.pack(">Q", len(works.training()) + 8) + works.training()[8:]
    assert jumbf.read(wide).boxes[1].label == "cawg.training-mining"
    to_end = b"\0\0\0\0jumb" + works.training()[8:]
    assert len(jumbf.read(to_end).boxes) == 2
    cut = works.jpeg(works.app11(works.training()[:-3]))
    assert extract_whole(cut).problem is Problem.DAMAGED
    assert len(list(jumbf.children(works.box(b"free", b"") * 5000, 0, 40_000))) == 4096


def test_packets_that_cannot_be_read():
    for data, problem in (
        (b"", "not_xml"),
        (b"<!DOCTYPE x []><x/>", "doctype"),
        (DEEP, "too_deep"),
        (bytes(MAX_SEGMENT + 1), "not_xml"),
        (b"<x>" + bytes(MAX_SEGMENT) + b"</x>", "too_large"),
        (b"<x/>", "no_rdf"),
        (works.packet("<dc:title>x</dc:title>" * 201), "too_many"),
    ):
        assert read_packet(data).problem == problem
    crowded = works.packet().replace(b"</rdf:RDF>", b"<rdf:Bag/></rdf:RDF>")
    assert read_packet(crowded).properties == ()
    alt = works.packet('<dc:rights><rdf:Alt><rdf:li xml:lang="x">a</rdf:li></rdf:Alt></dc:rights>')
    assert [p.value for p in read_packet(alt).properties] == ["a"]
    assert len(read_packet(works.XMP.decode().encode("utf-16-be")).properties) == 2


def test_what_was_not_fetched_is_told_apart_from_what_is_not_there():
    source = Source(((0, b"abcd"), (10, b"xyz")), 13)
    assert source.read(10, 3) == b"xyz"
    assert not source.is_whole
    assert Source((), None).head == b""
    with pytest.raises(GapError):
        source.read(3, 2)
    for offset, size in ((12, 2), (-1, 1), (0, -1)):
        with pytest.raises(DamagedError):
            source.read(offset, size)
    with pytest.raises(GapError):
        Source(((0, b"a"),), None).read(0, 9)
    for name in ("epub3.epub", "sidecar.xmp", "mp4.mp4", "mp3.mp3", "svg.svg", "wav.wav"):
        data = PLANTED[name][1]()
        assert extract(((0, data),), None).problem in {Problem.TRUNCATED, None}
    to_end = works.bmff(b"isom") + b"\0\0\0\0mdatx"
    assert extract(((0, to_end),), None).problem is None
    flac = works.id3(works.geob(works.training())) + works.flac()
    assert extract(((0, flac),), None).problem is None


def test_comments_may_be_longer_than_one_lacing_value():
    long = works.ogg(f"LICENSE={'x' * 600}")
    assert [len(s.data) for s in extract_whole(long).segments] == [600]


def test_a_pdf_under_a_password_is_opened_where_the_password_is_empty():
    import io

    from pypdf import PdfReader, PdfWriter

    for password, problem in (("", None), ("secret", Problem.ENCRYPTED)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(works.pdf(XMP))))
        writer.encrypt(password, "owner", algorithm="AES-256")
        out = io.BytesIO()
        writer.write(out)
        data = out.getvalue()
        locked = extract_deeply(((0, data),), len(data))
        assert locked.problem is problem
        assert len(locked.segments) == (problem is None)
        assert extract_whole(data).problem is Problem.ENCRYPTED


def test_what_pypdf_cannot_do_is_said(monkeypatch):
    for data, problem in (
        (works.pdf(), None),
        (works.pdf()[:60], Problem.DAMAGED),
        (works.pdf(bytes(BIG), deflated=True), Problem.LIMIT),
        (works.pdf(XMP).replace(b"/Type /Metadata", b"/Type /Catalogue"), None),
    ):
        assert extract_deeply(((0, data),), len(data)).problem is problem
    parts = ((0, works.pdf()[:80]), (100, works.pdf()[100:]))
    assert extract_deeply(parts, len(works.pdf())).problem is Problem.NO_READER
    monkeypatch.setattr("crawler.parsers.containers.deep.find_spec", lambda _: None)
    deflated = works.pdf(XMP, deflated=True)
    assert extract_deeply(((0, deflated),), len(deflated)).problem is Problem.NO_READER
    signed = works.jpeg(works.app11(works.training()))
    assert extract_deeply(((0, signed),), len(signed)).signature is None


FUZZED = 100
"""Inputs made of each planted file here; 100,000 a container by hand, see tests/benchmarks."""


@pytest.mark.parametrize("name", PLANTED)
def test_no_damage_makes_a_walk_raise(name: str):
    chance = random.Random(name)
    data = PLANTED[name][1]()
    for _ in range(FUZZED):
        extract_whole(damaged(data, chance))


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, cut out, put in twice, or with the rest gone."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, size = chance.randrange(len(changed) + 1), chance.choice((1, 2, 4, 40))
        match chance.randrange(5):
            case 0:
                changed[at : at + size] = chance.randbytes(size)
            case 1:
                changed[at : at + size] = chance.choice((b"\0", b"\xff", b"\x7f")) * size
            case 2:
                del changed[at : at + size]
            case 3:
                changed[at:at] = changed[at : at + size]
            case _:
                del changed[max(at, len(changed) // 2) :]
        changed = changed or bytearray(b"x")
    return bytes(changed)
