"""Works signed by c2pa-python: we find the assertion, the library says whether it holds."""

import io
import json

import pytest

from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.segment import Kind
from crawler.signals.c2pa_training_mining import find
from tests.factories import works
from tests.paths import CORPUS
from tests.signals.test_work_signals import capture

c2pa = pytest.importorskip("c2pa")

from tests.factories.signing import signed  # noqa: E402

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


REAL = sorted(
    path for path in CORPUS.glob("wellknown/images/*") if path.suffix in {".jpg", ".png", ".webp"}
)
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


@pytest.mark.skipif(not REAL, reason="no captured corpus beside the checkout")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_are_read_as_by_the_library(path):
    data = path.read_bytes()
    found = extract_deeply(((0, data),), len(data))
    ours = [s.name for s in found.segments if s.kind is Kind.ASSERTION]
    context = c2pa.Context(settings=c2pa.Settings.from_dict(OFFLINE))
    try:
        with c2pa.Reader(TYPES[path.suffix], io.BytesIO(data), context=context) as reader:
            told = json.loads(reader.json())
    except c2pa.C2paError:
        assert (ours, found.signature) == ([], None)
        return
    active = told["manifests"][told["active_manifest"]]["assertions"]
    assert ours == [a["label"] for a in active if "training-mining" in a["label"]]
    assert found.signature == told["validation_state"]
