"""The second set of works, made when the readers were done: read as their signals read them.

At the first run 52 of 72 came out right. Of the others 8 were told to be unreadable, 11 to state
nothing, and one still stated what a later revision of it had taken back.
"""

import struct

import pytest

from crawler.model import Reading
from crawler.parsers.containers import segment
from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.segment import Problem
from crawler.parsers.containers.source import Source
from crawler.parsers.containers.work import extract, extract_whole
from crawler.signals import (
    c2pa_training_mining,
    media_fields,
    plus_data_mining,
    tdmrep_embedded,
)
from tests.factories import works
from tests.factories.works_held_back import HELD_BACK, OTHER, extended, frame4, id3, pages, svg
from tests.signals.test_work_signals import capture

LETTERS = {"P": plus_data_mining, "T": tdmrep_embedded, "C": c2pa_training_mining}
LETTERS["F"] = media_fields
UNREAD = {
    "utf16.svg": Reading.UNMEASURED,  # RDF without a packet in UTF-16
    "user-password.pdf": Reading.UNMEASURED,
}


def stated(data: bytes) -> str:
    extracted = extract_deeply(((0, data),), len(data))
    kept = capture(segment.write(extracted))
    return "".join(k for k, signal in LETTERS.items() if signal.find(kept).statements) or "-"


@pytest.mark.parametrize("name", HELD_BACK)
def test_what_was_planted_is_stated(name: str):
    planted, make = HELD_BACK[name]
    data = make()
    if name not in UNREAD:
        assert stated(data) == planted
        return
    kept = capture(segment.write(extract_deeply(((0, data),), len(data))))
    assert plus_data_mining.find(kept).outcome is UNREAD[name]


@pytest.mark.parametrize("name", HELD_BACK)
def test_a_cut_work_never_states_nothing_where_something_is(name: str):
    planted, make = HELD_BACK[name]
    data = make()
    for size in range(0, len(data), max(1, len(data) // 60)):
        cut = extract(((0, data[:size]),), len(data))
        found = {k: LETTERS[k].find(capture(segment.write(cut))) for k in planted.strip("-?")}
        assert all(f.statements or f.outcome is not Reading.ABSENT for f in found.values()), size


def test_a_value_with_qualifiers_is_its_rdf_value():
    """XMP part 1, 7.8: the value and its qualifiers, in a Description or as a resource."""
    value = f"<rdf:value>{works.PLUS}DMI-PROHIBITED</rdf:value>"
    note = "<xmpNote:x>why</xmpNote:x>"
    for form in (
        f"<rdf:Description>{note}{value}</rdf:Description>",
        f"<rdf:Description xmpNote:x='why'>{value}</rdf:Description>",
        f"{note}{value}",
    ):
        given = works.packet(f"<plus:DataMining>{form}</plus:DataMining>")
        assert stated(works.jpeg(works.app1(given))) == "P", form
    other = works.packet(
        f"<plus:DataMining><rdf:Description>{note}</rdf:Description></plus:DataMining>"
    )
    kept = capture(segment.write(extract_whole(works.jpeg(works.app1(other)))))
    assert plus_data_mining.find(kept).statements == ()


def test_a_piece_that_is_missing_is_told():
    whole = extended(OTHER, (0, 1, 2, 3))
    last = whole.rfind(b"\xff\xe1")
    assert extract_whole(works.jpeg(whole[:last])).problem is Problem.DAMAGED
    packed = works.itxt(OTHER, deflated=True)[8:-4]
    for size in (40, 100, len(packed) - 1):
        assert extract_whole(works.png(works.chunk(b"iTXt", packed[:size]))).problem is not None


def test_a_text_too_long_to_read_is_told_where_it_could_speak():
    for keyword, problem in (
        (b"XML:com.adobe.xmp", Problem.LIMIT),
        (b"Raw profile type APP1", Problem.LIMIT),
        (b"Copyright", Problem.LIMIT),
        (b"workflow", None),
    ):
        picture = works.png(works.chunk(b"tEXt", keyword + b"\0" + bytes(1024 * 1024)))
        assert extract_whole(picture).problem is problem


def test_exif_may_stand_in_a_profile_too():
    picture = works.png(works.raw_profile(b"Exif\0\0" + works.exif(), "APP1"))
    assert [s.name for s in extract_whole(picture).segments] == ["exif:Copyright"]


@pytest.mark.parametrize(
    "drawing",
    [
        svg("<a xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"),
        svg("<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'></r:RDF>")[:-18],
        b"<svg xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    ],
)
def test_rdf_that_cannot_be_cut_out_of_a_drawing_is_told(drawing):
    assert extract_whole(drawing).problem is Problem.DAMAGED


def test_rdf_without_a_prefix_is_rdf():
    inner = OTHER[OTHER.index(b"<r:RDF") : OTHER.index(b"</m:xmpmeta>")].replace(
        b"xmlns:r=", b"xmlns="
    )
    drawing = svg(inner.replace(b"<r:", b"<").replace(b"</r:", b"</").replace(b" r:", b" "))
    assert stated(drawing) == "PT"


def test_a_frame_of_either_length_is_read_to_where_the_next_begins():
    for size in (5, 127, 128, 300, 70_000):
        tag = frame4(b"TXXX", b"\0TDM-RESERVATION\0001") + frame4(b"APIC", b"x" * size)
        assert stated(id3(tag, frame4(b"TCOP", b"\0me"), major=4)) == "F"
        plain = works.frame(b"APIC", b"x" * size) + works.frame(b"TXXX", b"\0TDM-RESERVATION\0001")
        assert stated(id3(plain, major=4)) == "F"


def test_an_ogg_file_of_streams_without_comments_is_not_one_without_a_wish():
    assert extract_whole(pages((1, b"fishead\0"), (1, b"x"))).problem is Problem.DAMAGED
    two = pages((1, b"\1vorbis"), (1, b"\3vorbis" + works.comments("LICENSE=x")))
    at = two.rfind(b"OggS") + 26  # one more packet of no bytes in the second page
    three = (
        two[:at]
        + bytes([two[at] + 1])
        + two[at + 1 : at + 1 + two[at]]
        + b"\0"
        + two[at + 1 + two[at] :]
    )
    assert extract_whole(three).problem is None
    assert extract_whole(pages((1, b"\1vorbis"), (2, b"\1vorbis"))).problem is Problem.DAMAGED


def test_what_is_here_of_a_part_is_given_from_either():
    source = Source(((0, b"ab"), (5, b"cd")), 7)
    assert [source.upto(at, 9) for at in (1, 3, 5)] == [b"b", b"", b"cd"]
    assert list(Source.whole(b"aaaa").find_all(b"a", 2)) == [0, 1]


def item(kind: bytes, data: bytes, *, placed: bool = True) -> bytes:
    """A picture in boxes with one item of a kind, in `idat`."""
    info = works.box(b"infe", bytes([2, 0, 0, 0]) + b"\0\1\0\0" + kind)
    iinf = works.box(b"iinf", bytes(4) + b"\0\1" + info)
    entry = struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(data)) if placed else b""
    count = struct.pack(">H", int(placed))
    iloc = works.box(b"iloc", bytes([1, 0, 0, 0, 0x44, 0]) + count + entry)
    return works.bmff(
        b"avif", works.box(b"meta", bytes(4) + iinf + iloc + works.box(b"idat", data))
    )


def test_the_exif_of_a_picture_in_boxes_is_read():
    for before in (b"", b"Exif\0\0"):
        data = struct.pack(">I", len(before)) + before + works.exif()
        (kept,) = extract_whole(item(b"Exif\0", data)).segments
        assert (kept.name, kept.data) == ("exif:Copyright", b"(c) A. Maker")


def test_an_item_that_is_not_read_is_told():
    packet = b"mime\0application/rdf+xml\0"
    assert extract_whole(item(packet, OTHER, placed=False)).problem is Problem.DAMAGED
    assert extract_whole(item(packet, bytes(1024 * 1024 + 1))).problem is Problem.LIMIT
    assert extract_whole(item(b"mime\0text/plain\0", OTHER)).problem is None


@pytest.mark.parametrize("version", [bytes(4), b""])
def test_the_notice_in_a_list_of_itunes_is_read(version):
    text = works.box(b"data", b"\0\0\0\1" + bytes(4) + b"(c) A. Maker")
    fields = works.box(b"\xa9nam", text) + works.box(b"cprt", text)
    handler = works.box(b"hdlr", bytes(24))
    listed = works.box(b"meta", version + handler + works.box(b"ilst", fields))
    (kept,) = extract_whole(works.bmff(b"M4A ", works.moov(listed))).segments
    assert (kept.place, kept.data) == ("bmff-ilst", b"(c) A. Maker")
