"""Works signed by c2pa-python: we find the assertion, the library says whether it holds."""

import pytest

from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.segment import Kind
from crawler.signals.c2pa_training_mining import find
from tests.factories import works
from tests.signals.test_work_signals import capture

pytest.importorskip("c2pa")

from tests.factories.signing import signed

SAMPLES = works.box(b"mdat", bytes(100)) + works.box(b"moov", works.box(b"mvhd", bytes(100)))
UNSIGNED = {
    "image/jpeg": works.jpeg(),
    "image/png": works.png(),
    "image/gif": works.gif(),
    "image/tiff": works.tiff((256, 3, b"\1\0"), (257, 3, b"\1\0")),
    "image/webp": works.webp(),
    "image/svg+xml": works.svg(works.packet()),
    "audio/mpeg": works.mp3(works.frame(b"TIT2", b"\3x")),
    "audio/wav": works.wav(),
    "audio/flac": works.flac("TITLE=x"),
    "audio/mp4": works.bmff(b"M4A ", SAMPLES),
    "video/mp4": works.bmff(b"isom", SAMPLES),
    "application/pdf": works.pdf(works.packet()),
}


@pytest.mark.parametrize("media_type", UNSIGNED)
@pytest.mark.parametrize("label", ["cawg.training-mining", "c2pa.training-mining"])
def test_an_assertion_is_found_and_its_signature_is_told_apart(media_type, label):
    data = signed(UNSIGNED[media_type], media_type, label)
    found = extract_deeply(((0, data),), len(data))
    assert [s.name for s in found.segments if s.kind is Kind.ASSERTION] == [label]
    assert (found.problem, found.signature) == (None, "Valid")
    assert [s.preference for s in find(capture(data)).statements] == ["disallowed"]


def test_a_work_that_was_changed_has_its_wish_and_no_valid_signature():
    data = bytearray(signed(works.jpeg(), "image/jpeg"))
    data[-3] ^= 1
    found = extract_deeply(((0, bytes(data)),), len(data))
    assert found.signature == "Invalid"
    assert any(s.kind is Kind.ASSERTION for s in found.segments)
