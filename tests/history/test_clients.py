"""Clients of archives against a server of our own: forms, errors, waiting, ranges, cache."""

import gzip
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawler.history import commoncrawl, warc, wayback
from crawler.history.client import Service
from crawler.history.errors import HistoryError
from tests.factories.archive_server import ArchiveServer
from tests.factories.public_crawl import capture
from tests.factories.public_crawl import warc as made

ROBOTS = b"User-agent: CCBot\nDisallow: /\n"
CC = "CC-MAIN-2024-10"
URL = "https://a.example/robots.txt"


@contextmanager
def service(answers, tmp_path=None, **more):
    slept = []
    with ArchiveServer(answers) as server:
        options = {"pause": 0, "contact": "test@a.example", "sleep": slept.append} | more
        with Service(server.base, cache=tmp_path, **options) as asked:
            asked.slept, asked.server = slept, server
            yield asked


def row(**more):
    """One line of the index in the form of Common Crawl's pywb."""
    told = {
        "urlkey": "example,a)/robots.txt", "timestamp": "20240220100000", "url": URL,
        "mime": "text/plain", "mime-detected": "text/plain", "status": "200", "digest": "ABC",
        "length": "400", "offset": "10", "filename": "crawl-data/x.warc.gz",
    }  # fmt: skip
    return json.dumps(told | more).encode()


def test_we_say_who_asks():
    with service({"/x": [(200, {}, b"1")]}) as asked:
        asked.get("x")
    assert asked.server.asked[0][1]["User-Agent"].startswith("OptOutObservatory/")
    assert "(+test@a.example)" in asked.server.asked[0][1]["User-Agent"]


def test_the_pause_between_two_requests_is_kept():
    with service({"/x": [(200, {}, b"1")]}, pause=5.0) as asked:
        asked.get("x")
        assert asked.slept == []
        asked.get("x")
    assert asked.slept == [pytest.approx(5, abs=0.5)]


def test_an_answer_is_kept_and_asked_for_once(tmp_path):
    answers = {"/x": [(200, {}, b"1"), (200, {}, b"2")]}
    with service(answers, tmp_path) as asked:
        assert not asked.has("x")
        assert (asked.get("x"), asked.get("x"), asked.asked) == (b"1", b"1", 1)
        assert asked.has("x")
        assert asked.get("x", fresh=True) == b"2"
        assert asked.get("x") == b"2"
    assert not list(tmp_path.rglob("*.unfinished"))


@pytest.mark.parametrize(
    ("told", "pauses"),
    [
        ({}, [2.0, 4.0]),
        ({"Retry-After": "30"}, [30.0, 30.0]),
        ({"Retry-After": "1"}, [2.0, 4.0]),  # a service that asks for less than we wait anyway
        ({"Retry-After": "soon"}, [2.0, 4.0]),
    ],
)
def test_a_service_that_is_busy_is_asked_again_when_it_says(told, pauses):
    busy = (429, told, b"slow down")
    with service({"/x": [busy, busy, (200, {}, b"1")]}) as asked:
        assert asked.get("x") == b"1"
    assert asked.slept == pauses


def test_a_date_to_come_again_is_understood():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    with service({"/x": [(503, {"Retry-After": later}, b""), (200, {}, b"1")]}) as asked:
        asked.get("x")
    assert asked.slept == [pytest.approx(40, abs=3)]


def test_a_service_that_wants_us_away_for_long_is_left_alone():
    with (
        service({"/x": [(429, {"Retry-After": "3600"}, b"")]}) as asked,
        pytest.raises(HistoryError, match="429, to be asked again in 3600 seconds"),
    ):
        asked.get("x")
    assert (asked.asked, asked.slept) == (1, [])


def test_five_failures_are_enough():
    with (
        service({"/x": [(500, {}, b"")]}) as asked,
        pytest.raises(HistoryError, match="status 500; asked 5 times"),
    ):
        asked.get("x")
    assert (asked.asked, asked.slept) == (5, [2.0, 4.0, 8.0, 16.0])


def test_an_answer_that_breaks_off_is_asked_for_again():
    broken = (200, {"Content-Length": "100"}, b"half")
    with service({"/x": [broken, (200, {}, b"whole")]}) as asked:
        assert asked.get("x") == b"whole"


@pytest.mark.parametrize("status", [400, 403, 410])
def test_a_refusal_is_told_at_once(status):
    with (
        service({"/x": [(status, {}, b"")]}) as asked,
        pytest.raises(HistoryError, match=f"status {status}$"),
    ):
        asked.get("x")
    assert asked.asked == 1


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((200, {"raw": "1"}, b"x" * 100), "asked for 10 bytes from 5, given 200"),
        ((206, {"Content-Range": "bytes 0-9/100"}, b"x" * 10), "given bytes 0-9/100"),
        ((206, {}, b"x" * 10), "given 206"),
        ((206, {"Content-Range": "bytes 5-14/100"}, b"x" * 7), "7 of 10 bytes came"),
        ((206, {"Content-Range": "bytes 5-14/100"}, b"x" * 11), "more than the 10 bytes"),
    ],
)
def test_a_broken_range_is_refused_and_not_kept(answer, problem, tmp_path):
    with service({"/x": [answer]}, tmp_path) as asked:
        with pytest.raises(HistoryError, match=problem):
            asked.get("x", part=(5, 10))
        assert not asked.has("x", part=(5, 10))


def test_a_part_that_nobody_asked_for_is_refused():
    with service({"/x": [(206, {}, b"x")]}) as asked, pytest.raises(HistoryError, match="a part"):
        asked.get("x")


@pytest.mark.parametrize(
    "said", [(200, {}, b"<html>too busy</html>"), (200, {}, row()[:50]), (200, {}, b"[1, 2")]
)
def test_a_page_in_place_of_an_answer_is_not_kept(said, tmp_path):
    """It would be taken from the cache for ever."""
    none = (404, {}, b'{"message": "No Captures found"}')
    rows = json.dumps([HEAD, ["20240101000000", URL, "200", "D"]]).encode()
    answers = {f"/{CC}-index": [said, (200, {}, row())], CDX: [said, (200, {}, rows)]}
    path = f"/crawl-data/{CC}/robotstxt.paths.gz"
    answers[path] = [said, (200, {}, gzip.compress(b"a.warc.gz\n")), none]
    with service(answers, tmp_path) as asked:
        for ask in (
            lambda: commoncrawl.robots_captures(asked, CC, "a.example"),
            lambda: wayback.robots_captures(asked, "a.example", "2023", "2024"),
            lambda: list(commoncrawl.files(asked, path)),
        ):
            with pytest.raises(HistoryError):
                ask()
            assert [len(ask()), len(ask())] == [1, 1]
    assert asked.asked == 6


def test_a_packed_answer_is_unpacked_and_one_that_breaks_off_is_asked_for_again():
    packed = gzip.compress(ROBOTS)
    coded = {"Content-Encoding": "gzip"}
    with service({"/x": [(200, coded, packed[:-9]), (200, coded, packed)]}) as asked:
        assert asked.get("x") == ROBOTS
    assert asked.slept == [2.0]
    with (
        service({"/x": [(200, coded, packed[:20])]}) as asked,
        pytest.raises(HistoryError, match="breaks off; asked 5 times"),
    ):
        asked.get("x")


def test_an_answer_that_unpacks_to_more_than_is_read_is_refused(monkeypatch):
    monkeypatch.setattr("crawler.history.client.MAX_BYTES", 1000)
    bomb = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(100_000)))
    with service({"/x": [bomb]}) as asked, pytest.raises(HistoryError, match="when unpacked"):
        asked.get("x")


# Common Crawl -------------------------------------------------------------------


def test_collections_have_their_days():
    told = [{"id": CC, "name": "February", "cdx-api": "x", "timegate": "y",
             "from": "2024-02-20T20:00:00", "to": "2024-03-05T09:00:00"}]  # fmt: skip
    with service({"/collinfo.json": [(200, {}, json.dumps(told).encode())]}) as index:
        assert commoncrawl.collections(index) == [
            commoncrawl.Collection(CC, "2024-02-20", "2024-03-05")
        ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>down</html>", "not JSON: '<html>down"),
        (b"{}", "not a list"),
        (b'[{"id": "x"}]', "collinfo.json: .*'from'"),
        (b'["x"]', "collinfo.json: x"),
        (b'[{"id": "x", "from": "soon", "to": "2024-01-01"}]', "not a day"),
    ],
)
def test_a_list_of_collections_that_is_none_is_told(body, problem):
    with (
        service({"/collinfo.json": [(200, {}, body)]}) as index,
        pytest.raises(HistoryError, match=problem),
    ):
        commoncrawl.collections(index)


def test_a_host_is_looked_up_in_the_index():
    with service({f"/{CC}-index": [(200, {}, row() + b"\n" + row(status="301") + b"\n")]}) as index:
        found = commoncrawl.robots_captures(index, CC, "a.example")
    assert [(r.status, r.offset, r.length) for r in found] == [("200", 10, 400), ("301", 10, 400)]
    assert "url=a.example%2Frobots.txt&output=json" in index.server.asked[0][0]


def test_no_captures_is_an_answer_and_an_unknown_collection_is_none():
    none = json.dumps({"message": "No Captures found for: a.example/robots.txt"}).encode()
    with service({f"/{CC}-index": [(404, {}, none)]}) as index:
        assert commoncrawl.robots_captures(index, CC, "a.example") == []
        with pytest.raises(HistoryError, match=r"CC-MAIN-1-index.*404"):
            commoncrawl.robots_captures(index, "CC-MAIN-1", "a.example")


@pytest.mark.parametrize("body", [b"<html>", b'{"url": "x"}', b"[]", row(offset="x"), row()[:40]])
def test_a_row_of_the_index_that_is_none_is_told(body):
    with (
        service({f"/{CC}-index": [(200, {}, body)]}) as index,
        pytest.raises(HistoryError, match=r"a.example: (not JSON|a row of the index)"),
    ):
        commoncrawl.robots_captures(index, CC, "a.example")


def test_a_record_is_a_range_of_bytes_of_its_file():
    content = made([capture("https://b.example/robots.txt", b"#"), capture(URL, ROBOTS)])
    offset = warc.read_bytes(content, "x")[1].offset
    place = commoncrawl.Indexed(URL, "20240220100000", "200", "x.warc.gz", offset,
                                len(content) - offset)  # fmt: skip
    with service({"/x.warc.gz": [(200, {}, content)]}) as data:
        (found,) = warc.read_bytes(commoncrawl.record(data, place), "x")
    assert (found.url, found.body) == (URL, ROBOTS)
    assert data.server.asked[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(("offset", "length"), [(0, 0), (-1, 5), (0, 1 << 30)])
def test_a_place_that_can_be_no_record_is_not_asked_for(offset, length):
    with service({}) as data, pytest.raises(HistoryError, match="no record"):
        commoncrawl.record(data, commoncrawl.Indexed(URL, "x", "200", "x", offset, length))


def test_the_files_of_a_collection_are_listed_and_a_damaged_list_is_told():
    path = f"/crawl-data/{CC}/robotstxt.paths.gz"
    packed = gzip.compress(b"a.warc.gz\nb.warc.gz\n")
    with service({path: [(200, {}, packed), (200, {}, packed[:-9]), (200, {}, b"<html>")]}) as data:
        assert list(commoncrawl.files(data, path)) == ["a.warc.gz", "b.warc.gz"]
        for _ in range(2):
            with pytest.raises(HistoryError, match="not a gzip file, or damaged"):
                list(commoncrawl.files(data, path))


# Wayback --------------------------------------------------------------------------

CDX = "/cdx/search/cdx"
HEAD = ["timestamp", "original", "statuscode", "digest"]


def archived(*rows):
    return {CDX: [(200, {}, json.dumps([HEAD, *rows]).encode() if rows else b"")]}


def test_wayback_tells_captures_and_gives_the_bytes_of_the_answers():
    rows = [["20240101000000", URL, status, "D"] for status in ("200", "404", "301", "503", "-")]
    answers = archived(*rows) | {f"/web/20240101000000id_/{URL}": [(200, {}, ROBOTS)]}
    with service(answers) as asked:
        found = wayback.robots_captures(asked, "a.example", "20230101", "20241231")
        taken = [wayback.robots_capture(asked, "a.example", each) for each in found]
        assert asked.asked == 2
    assert [t and (t.status, t.body, t.fetched_at) for t in taken] == [
        (200, ROBOTS, "2024-01-01T00:00:00Z"),
        (404, b"", "2024-01-01T00:00:00Z"),
        None,
        (503, b"", "2024-01-01T00:00:00Z"),
        None,
    ]


@pytest.mark.parametrize(
    "said",
    [
        (302, {"Location": f"/web/20250101000000id_/{URL}"}, b""),  # the nearest day it has
        (404, {}, b"<html>"),
        (200, {"Content-Encoding": "br"}, b"\x0b\x02\x80abc"),
    ],
)
def test_what_playback_does_not_have_is_lost_and_never_the_file_of_another_day(said):
    answers = {
        f"/web/20240101000000id_/{URL}": [said],
        f"/web/20250101000000id_/{URL}": [(200, {}, b"")],
    }
    with service(answers) as asked:
        row = wayback.Archived("20240101000000", URL, 200, "D")
        found = wayback.robots_capture(asked, "a.example", row)
        assert asked.asked == 1
    assert (found.status, found.body, found.lost) == (200, b"", True)


def test_wayback_without_captures_is_an_empty_answer():
    with service(archived()) as asked:
        assert wayback.robots_captures(asked, "a.example", "2023", "2024") == []


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'[["x"]]', json.dumps([HEAD, ["now", "x", "200", "D"]]).encode(),
             json.dumps([HEAD, ["20240101000000"]]).encode()],
)  # fmt: skip
def test_an_answer_of_wayback_that_is_none_is_told(body):
    with (
        service({CDX: [(200, {}, body)]}) as asked,
        pytest.raises(HistoryError, match=r"search/cdx: a\.example: "),
    ):
        wayback.robots_captures(asked, "a.example", "2023", "2024")
