"""Captures of robots.txt out of WARC files: what is there, what is damaged, what is left out."""

import gzip
import io

import pytest

from crawler.history import warc
from crawler.history.errors import HistoryError
from tests.factories.public_crawl import DAY, capture
from tests.factories.public_crawl import warc as made

ROBOTS = b"User-agent: CCBot\nDisallow: /\n"
A = "https://a.example/robots.txt"


def read(*captures):
    return warc.read_bytes(made(captures), "x.warc.gz")


def test_a_capture_has_its_bytes_its_day_and_its_place():
    content = made([capture(A, ROBOTS, headers=[("Content-Type", "text/plain"), ("X", "1")])])
    (found,) = warc.read_bytes(content, "x.warc.gz")
    assert (found.host, found.url, found.fetched_at) == ("a.example", A, DAY)
    assert (found.status, found.body, found.size, found.cut) == (200, ROBOTS, len(ROBOTS), False)
    assert found.headers == b"Content-Type: text/plain\r\nX: 1\r\n"
    # The place is that of the record: one range of bytes, as an index of captures gives it.
    assert warc.read_bytes(content[found.offset :], "y")[0].body == ROBOTS


def test_other_files_and_odd_hosts_are_counted_and_left_out():
    account = warc.Account()
    stream = io.BytesIO(
        made(
            capture(url)
            for url in (
                A, "https://a.example/", "https://a.example/robots.txt?x=1", "ftp://a.example/robots.txt",
                "https://10.0.0.1/robots.txt", "https://[/robots.txt",
            )
        )
    )  # fmt: skip
    assert [c.url for c in warc.read(stream, "x", account)] == [A]
    assert account == warc.Account(responses=6, kept=1, refused=5)


def test_a_redirect_says_where_it_leads():
    (found,) = read(capture(A, status="301 Moved", headers=[("location", "/r.txt")]))
    assert (found.status, found.location) == (301, "/r.txt")
    assert read(capture(A, ROBOTS, headers=[("location", "/r.txt")]))[0].location == ""


def test_a_long_body_is_cut_and_so_is_one_that_the_crawl_cut():
    (long,) = read(capture(A, b"#" * 600_000))
    assert (len(long.body), long.size, long.cut) == (512_001, 600_000, True)
    (cut,) = read(capture(A, ROBOTS, **{"WARC-Truncated": "length"}))
    assert (cut.cut, cut.lost) == (False, True)


def test_a_packed_body_is_unpacked_and_one_that_does_not_decode_is_marked():
    packed = [("Content-Encoding", "gzip")]
    (good,) = read(capture(A, gzip.compress(ROBOTS), headers=packed))
    assert (good.body, good.undecoded) == (ROBOTS, False)
    assert read(capture(A, b"no gzip at all", headers=packed))[0].undecoded
    assert read(capture(A, gzip.compress(ROBOTS)[:-12], headers=packed))[0].lost
    assert read(capture(A, b"1\r\nU\r\n0\r\n\r\n", headers=[("Transfer-Encoding", "chunked")]))[
        0
    ].undecoded


@pytest.mark.parametrize("left", [5, 30, 60, 90])
def test_a_file_that_ends_inside_a_record_is_damaged_and_never_a_shorter_body(left):
    """fastwarc 2.0.1 gives the part that came, without an error."""
    content = made([capture(A, bytes(range(256)) * 4), capture(A, bytes(range(256)) * 4)])
    last = warc.read_bytes(content, "x")[1].offset
    with pytest.raises(HistoryError, match=r"x\.warc\.gz: damaged after byte \d+"):
        warc.read_bytes(content[: last + (len(content) - last) * left // 100], "x.warc.gz")


def test_a_flipped_bit_is_damage_with_its_place():
    content = bytearray(made([capture(A, ROBOTS), capture(A, ROBOTS)]))
    content[-40] ^= 0xFF
    with pytest.raises(HistoryError, match="damaged after byte"):
        warc.read_bytes(bytes(content), "x")


@pytest.mark.parametrize("content", [b"", b"<html>sorry</html>", gzip.compress(b"<html>", mtime=0)])
def test_what_is_no_warc_is_told(content):
    with pytest.raises(HistoryError, match="x: "):
        warc.read_bytes(content, "x")


def test_a_file_without_responses_is_no_error():
    assert read() == []
