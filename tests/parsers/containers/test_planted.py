"""Every carrier with a wish planted in it: found, verbatim, and where it says it is."""

import json
import os
import shutil
import subprocess

import pytest

from crawler.parsers.containers import segment
from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.segment import Container, Kind, Problem
from crawler.parsers.containers.work import extract, extract_whole
from crawler.parsers.containers.xmp import read_packet
from tests.factories import works
from tests.factories.works import PLANTED

PLUS = ("http://ns.useplus.org/ldf/xmp/1.0/", "DataMining")
TDM = ("http://www.w3.org/ns/tdmrep/", "reservation")
# What only pypdf can read, or find in what it reads.
DEEP = {"pdf-deflated.pdf", "signed.pdf"}


def found_in(extracted: segment.Extract) -> str:
    """The letters of PLANTED."""
    packets = [read_packet(s.data) for s in extracted.segments if s.kind is Kind.XMP]
    kinds = {s.kind for s in extracted.segments}
    letters = "P" if any(packet.values(*PLUS) for packet in packets) else ""
    opf = any(b"tdm:reservation" in s.data for s in extracted.segments if s.kind is Kind.OPF)
    letters += "T" if opf or any(packet.values(*TDM) for packet in packets) else ""
    letters += "C" if Kind.ASSERTION in kinds else ""
    return letters + ("F" if Kind.FIELD in kinds else "")


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_found(name: str):
    planted, make = PLANTED[name]
    data = make()
    extracted = extract_deeply(((0, data),), len(data))
    assert found_in(extracted) == planted
    assert extracted.problem is None
    assert (extracted.length, extracted.fetched) == (len(data), len(data))
    assert segment.read(segment.write(extracted)) == extracted
    if name not in DEEP:
        assert extract_whole(data).segments == extracted.segments


@pytest.mark.parametrize("name", PLANTED)
def test_a_segment_stands_where_it_says(name: str):
    """Where it stands in one piece and as it is; else at the offset its first piece begins."""
    data = PLANTED[name][1]()
    for each in extract_whole(data).segments:
        if each.kind is Kind.XMP and each.data in data:
            assert data[each.offset :].startswith(each.data)
        assert 0 <= each.offset < len(data)


@pytest.mark.parametrize("name", PLANTED)
def test_a_work_cut_anywhere_is_read_as_far_as_it_goes_and_never_told_absent(name: str):
    planted, make = PLANTED[name]
    data = make()
    for size in range(0, len(data), max(1, len(data) // 150)):
        cut = extract(((0, data[:size]),), len(data))
        assert cut.problem is not None or found_in(cut) == planted


def test_a_large_work_is_read_in_two_parts():
    for data in (
        works.webp((b"junk", bytes(300_000)), (b"XMP ", works.XMP)),
        works.bmff(b"isom", works.box(b"mdat", bytes(300_000)), works.uuid_xmp(works.XMP)),
        works.pdf(works.packet() + bytes(300_000) + works.XMP),
        works.archive({
            "big": "x" * 300_000,
            "META-INF/container.xml": works.OCF,
            "OEBPS/book.opf": works.RESERVED3 + "tdm:reservation",
        }),
    ):  # fmt: skip
        parts = ((0, data[:4096]), (len(data) - 4096, data[-4096:]))
        assert found_in(extract(parts, len(data))) in {"PT", "T"}
        assert extract(parts[:1], len(data)).problem is Problem.TRUNCATED


def test_a_packet_past_a_hole_is_found_by_its_opening():
    data = works.png(works.chunk(b"IDAT", bytes(200_000)), after=works.itxt(works.XMP))
    parts = ((0, data[:3000]), (150_000, data[150_000:]))
    found = extract(parts, len(data))
    assert found.problem is None or found.segments
    assert found_in(found) == "PT"
    gap = works.png(works.chunk(b"IDAT", bytes(9)), works.chunk(b"IDAT", bytes(200_000)),
                    works.chunk(b"IDAT", bytes(9)), after=works.itxt(works.XMP))  # fmt: skip
    behind = extract(((0, gap[:60]), (150_000, gap[150_000:])), len(gap))
    assert (behind.problem, found_in(behind)) == (Problem.TRUNCATED, "PT")
    assert [s.place for s in behind.segments] == ["png-packet"]


@pytest.mark.parametrize("name", ["signed.jpg", "signed.png"])
def test_a_manifest_that_was_not_fetched_to_its_end_still_states_its_wish(name: str):
    data = PLANTED[name][1]()
    entry = data.find(b"notAllowed") + len(b"notAllowed")
    cut = extract(((0, data[:entry]),), len(data))
    assert (found_in(cut), cut.problem is not None) == ("C", True)


def test_extended_packets_that_nobody_names_are_marked_and_missing_pieces_told():
    orphan = extract_whole(works.jpeg(works.app1(works.packet()), works.extended(works.XMP)))
    assert [s.place for s in orphan.segments] == ["jpeg-app1", "jpeg-app1-extended-orphan"]
    whole = works.extended(works.XMP)
    holed = whole[: len(whole) // 3] + whole[len(whole) // 3 * 2 :]
    assert extract_whole(works.jpeg(works.app1(works.POINTER), holed)).problem is Problem.DAMAGED


def test_notices_are_kept_by_name():
    picture = works.jpeg(works.app1_exif(), works.app13())
    assert [(s.name, s.data) for s in extract_whole(picture).segments] == [
        ("exif:Copyright", b"(c) A. Maker"),
        ("iim:CopyrightNotice", b"(c) A. Maker"),
    ]
    for sound in (
        works.mp3(works.frame(b"TCOP", b"\3(c) A. Maker")),
        works.wav((b"LIST", b"INFOICOP\x0c\0\0\0(c) A. Maker")),
        works.bmff(b"isom", works.moov(works.box(b"\xa9cpy", b"\0\x0c\0\0(c) A. Maker"))),
        works.bmff(b"isom", works.moov(works.box(b"cprt", bytes(6) + b"(c) A. Maker"))),
        works.flac("Copyright=(c) A. Maker"),
        works.ogg("COPYRIGHT=(c) A. Maker", opus=True),
        works.png(works.chunk(b"tEXt", b"Copyright\0(c) A. Maker")),
        works.png(works.chunk(b"eXIf", works.exif())),
        works.png(works.raw_profile(works.app13()[18:], "iptc")),
        works.flac("LICENSE=(c) A. Maker"),
        works.webp((b"EXIF", works.exif())),
        works.tiff((0x8298, 2, b"(c) A. Maker\0")),
        works.tiff((0x83BB, 7, b"\x1c\2\x74\0\x0c(c) A. Maker")),
    ):
        (kept,) = extract_whole(sound).segments
        assert (kept.kind, kept.data) == (Kind.FIELD, b"(c) A. Maker")


def test_only_our_own_words_are_an_extract():
    assert segment.read(b"GIF89a") is None
    for body in (b"", b"x}", b'"container": "jpeg"}', b'"container": "jpeg", "length": 3}'):
        assert segment.read(segment.MAGIC + body) is None
    extracted = extract_whole(segment.MAGIC + b"}")
    assert (extracted.container, extracted.problem) == (Container.UNKNOWN, Problem.TYPE)
    assert extract((), None).problem is Problem.TRUNCATED


EXIFTOOL = os.environ.get("EXIFTOOL") or shutil.which("exiftool")
UNREAD = {
    **dict.fromkeys(("flac-vorbis.flac", "ogg-vorbis.ogg"), "comments are in groups of their own"),
    **dict.fromkeys(("epub2.epub", "epub3.epub", "epub3-deflated.epub"), "it reads no package"),
    **dict.fromkeys(("signed.mp3", "signed.flac"), "it reads no manifest out of ID3"),
    "signed.pdf": "nothing in our file refers to the manifest",
}
"""What ExifTool 13.59 does not find, and why."""


@pytest.mark.skipif(not EXIFTOOL, reason="exiftool is not installed")
def test_exiftool_finds_the_same(tmp_path):
    """An oracle. Before version 13 it reads manifests in JPEG and PNG only."""
    version = subprocess.run([EXIFTOOL, "-ver"], capture_output=True, text=True, check=True).stdout
    for name, (_, make) in PLANTED.items():
        (tmp_path / name).write_bytes(make())
    groups = ("-XMP-plus:all", "-XMP-tdm:all", "-JUMBF:all", "-JSON:all", "-CBOR:all")
    told = subprocess.run(
        [EXIFTOOL, "-j", "-a", "-G1", "-n", *groups, str(tmp_path)],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    by_name = {row["SourceFile"].rpartition("/")[2]: str(row) for row in json.loads(told.stdout)}
    for name, (planted, _) in PLANTED.items():
        row = by_name[name]
        is_old = float(version) < 13 and not name.endswith((".jpg", ".png"))
        of_13 = planted == "C" or name == "webp-by-imagemagick.webp"
        if name in UNREAD or (is_old and of_13):
            assert not {"DataMining", "eservation", "c2pa.assertions"} & set(row.split("'"))
            continue
        read = "P" if "DataMining" in row else ""
        read += "T" if "eservation" in row else ""
        assert read + ("C" if "c2pa" in row.lower() else "") == planted, name


SAMPLES = works.box(b"mdat", bytes(100)) + works.box(b"moov", works.box(b"mvhd", bytes(100)))
BARE = {
    "jpg": works.jpeg(),
    "png": works.png(),
    "gif": works.gif(),
    "tif": works.tiff((256, 3, b"\1\0"), (257, 3, b"\1\0")),
    "webp": works.webp(),
    "mp4": works.bmff(b"isom", SAMPLES),
    "m4a": works.bmff(b"M4A ", SAMPLES),
    "mov": works.bmff(b"qt  ", SAMPLES),
    "pdf": works.pdf(None),
    "xmp": works.packet(),
}
"""Works without a wish that ExifTool can write to; it writes to no sound, and to no picture in
boxes that has no media data."""


@pytest.mark.skipif(not EXIFTOOL, reason="exiftool is not installed")
def test_what_exiftool_plants_is_found(tmp_path):
    """Files by another hand than ours: its way to write each carrier."""
    (tmp_path / "packet").write_bytes(works.XMP)
    for ending, data in BARE.items():
        (tmp_path / f"a.{ending}").write_bytes(data)
    planting = f"-XMP<={tmp_path / 'packet'}"
    subprocess.run([EXIFTOOL, "-q", "-m", "-overwrite_original", planting,
                    *map(str, tmp_path.glob("a.*"))], check=True, timeout=120)  # fmt: skip
    for ending, data in BARE.items():
        planted = (tmp_path / f"a.{ending}").read_bytes()
        found = extract_deeply(((0, planted),), len(planted))
        assert (ending, found_in(extract_deeply(((0, data),), len(data)))) == (ending, "")
        assert (ending, found_in(found), found.problem) == (ending, "PT", None)
