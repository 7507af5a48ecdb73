"""How much of a work is asked for, and what is kept of it."""

import pytest

from crawler.model import Capture, Failure
from crawler.parsers.containers.segment import Problem, read
from crawler.visit import works
from tests.factories import works as made

URL = "https://site.example/a"


def capture(body: bytes, status: int = 206, said: str = "", **more: object) -> Capture:
    headers = ((b"Content-Range", said.encode()),) if said else ()
    return Capture("work:image:", URL, URL, status=status, headers=headers, body=body, **more)


def test_a_part_says_where_it_stands():
    assert works.part_of(capture(b"abc", said="bytes 0-2/9")) == ((0, b"abc"), 9)
    assert works.part_of(capture(b"abc", 200)) == ((0, b"abc"), 3)
    assert works.part_of(capture(b"abc", 200, truncated=True)) == ((0, b"abc"), None)
    for odd in (
        capture(b"abc"),
        capture(b"abc", said="bytes */9"),
        capture(b"abc", 404),
        capture(b"abc", 200, coding_error=True),
        capture(b"", 200, failure=Failure.TIMEOUT_TOTAL),
    ):
        assert works.part_of(odd) is None


@pytest.mark.parametrize(
    ("first", "room", "further"),
    [
        (capture(b"abc", 200), 10**9, None),
        (capture(b"abc"), 10**9, None),
        (capture(b"abc", said="bytes 0-2/3"), 10**9, None),
        (capture(b"abc", said="bytes 1-3/9"), 10**9, None),
        (capture(b"abc", said="bytes 0-2/9"), 10**9, "bytes=3-"),
        (capture(b"abc", said="bytes 0-2/9"), 5, None),
        (capture(b"abc", said="bytes 0-2/999999"), 200_000, "bytes=-131072"),
        (capture(b"abc", said="bytes 0-2/99999999"), 10**9, "bytes=-131072"),
    ],
)
def test_the_rest_is_asked_for_where_it_is_small_and_else_the_end(first, room, further):
    asked = works.rest_of(first, room)
    assert asked == (further and (("Range", further),))


def test_two_parts_are_read_as_one_and_the_work_is_not_kept():
    data = made.png(made.itxt(made.XMP))
    first = capture(data[:100], said=f"bytes 0-99/{len(data)}")
    second = capture(data[100:], said=f"bytes 100-{len(data) - 1}/{len(data)}")
    extract = read(works.kept(first, second).body)
    assert (extract.problem, extract.fetched, extract.length) == (None, len(data), len(data))
    assert extract == read(works.kept(capture(data, 200), None).body)
    assert made.PIXELS not in works.kept(first, second).body
    assert read(works.kept(first, None).body).problem is Problem.TRUNCATED
    moved = capture(data[100:], said=f"bytes 100-{len(data) - 1}/{len(data) + 1}")
    assert read(works.kept(first, moved).body).fetched == 100
    apart = capture(data[-50:], said=f"bytes {len(data) - 50}-{len(data) - 1}/{len(data)}")
    assert read(works.kept(first, apart).body).fetched == 150
    assert works.kept(capture(b"Not found", 404), None).body == b""
    assert works.dropped(second).body == b""
