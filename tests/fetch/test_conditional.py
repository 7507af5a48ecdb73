"""Conditional requests: what is sent, what a 304 becomes, and what is never asked for so."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.address_guard import Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.conditional import conditions, freshened
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, asked, paths, redirect, says
from tests.hostile.survey import survey

TAG = b'"v1"'
DATE = b"Sun, 06 Nov 1994 08:49:37 GMT"  # RFC 9110 section 5.6.7
LATER = b"Sun, 06 Nov 1994 08:50:37 GMT"
SOON = b"Sun, 06 Nov 1994 08:50:36 GMT"


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ([(b"ETag", TAG)], [("If-None-Match", '"v1"')]),
        ([(b"etag", b'W/"v1"')], [("If-None-Match", 'W/"v1"')]),
        ([(b"ETag", b'""')], [("If-None-Match", '""')]),
        ([(b"Last-Modified", DATE), (b"Date", LATER)], [("If-Modified-Since", DATE.decode())]),
        (
            [(b"ETag", TAG), (b"Last-Modified", DATE), (b"Date", LATER)],
            [("If-None-Match", '"v1"'), ("If-Modified-Since", DATE.decode())],
        ),
        # Changed in the minute before it was asked for: it may have changed again since.
        ([(b"Last-Modified", DATE), (b"Date", SOON)], []),
        ([(b"Last-Modified", LATER), (b"Date", DATE)], []),
        ([(b"Last-Modified", DATE)], []),
        # Not an entity-tag (RFC 9110 section 8.8.3), not an IMF-fixdate, or told twice.
        ([(b"ETag", b"v1")], []),
        ([(b"ETag", b'w/"v1"')], []),
        ([(b"ETag", b'"a"b"')], []),
        ([(b"ETag", b'"a b"')], []),
        ([(b"ETag", b'"\r\nX: 1"')], []),
        ([(b"ETag", b'"' + b"x" * 255 + b'"')], []),
        ([(b"ETag", TAG), (b"ETag", b'"v2"')], []),
        ([(b"Last-Modified", b"yesterday"), (b"Date", LATER)], []),
        ([(b"Last-Modified", b"Sun, 99 Nov 1994 08:49:37 GMT"), (b"Date", LATER)], []),
        ([], []),
    ],
)
def test_only_a_well_formed_validator_is_sent(headers, sent):
    assert conditions(tuple(headers)) == tuple(sent)


@given(st.lists(st.tuples(st.sampled_from([b"ETag", b"Last-Modified", b"Date"]), st.binary())))
def test_whatever_a_site_has_sent_stays_on_one_line(headers):
    for name, value in conditions(tuple(headers)):
        assert name in {"If-None-Match", "If-Modified-Since"}
        assert value.isascii()
        assert value.isprintable()


def test_a_304_puts_its_header_lines_over_the_stored_ones():
    stored = (
        (b"Content-Type", b"text/plain"),
        (b"X-Robots-Tag", b"noai"),
        (b"Cache-Control", b"max-age=1"),
        (b"x-robots-tag", b"noindex"),
        (b"Content-Length", b"10"),
    )
    received = (
        (b"X-Robots-Tag", b"all"),
        (b"TDM-Reservation", b"1"),
        # RFC 9111 section 3.2: of the message, and of a coding that is undone by now.
        (b"Content-Length", b"0"),
        (b"Content-Encoding", b"gzip"),
        (b"Connection", b"close"),
    )
    assert freshened(stored, received) == (
        (b"Content-Type", b"text/plain"),
        (b"Cache-Control", b"max-age=1"),
        (b"Content-Length", b"10"),
        (b"X-Robots-Tag", b"all"),
        (b"TDM-Reservation", b"1"),
    )


def heard(into, then):
    """Remember a request's header and go on."""

    async def behaviour(reader, writer):
        into.append(await asked(reader))
        await then(reader, writer)

    return behaviour


def unchanged(tag, body, *headers, seen=None):
    """A resource that answers 304 to whoever has it (RFC 9110 section 13.1.2)."""

    async def behaviour(reader, writer):
        head = await asked(reader)
        if seen is not None:
            seen.append(head)
        known = b"If-None-Match: " + tag in head
        status = b"304 Not Modified" if known else b"200 OK"
        lines = (b"ETag: " + tag, b"Date: " + LATER, *(() if known else headers))
        writer.write(answer(b"" if known else body, *lines, status=status))
        await writer.drain()

    return behaviour


def test_the_condition_goes_with_the_address_it_is_about():
    first, second = [], []
    routes = {
        "/a": heard(first, says(redirect(b"/b"), ask=False)),
        "/b": unchanged(TAG, b"body", seen=second),
    }

    async def go():
        async with bad.serving({"a": paths(routes)}) as web:
            fetcher = Fetcher(Resolver(web.hosts), Limits(), user_agent="T/1")
            known = {"http://a.test/b": (("If-None-Match", '"v1"'),)}
            got = await fetcher.fetch("http://a.test/a", "/a", conditions=known)
            await fetcher.close()
            return got

    capture = asyncio.run(go())
    assert (capture.status, capture.failure, capture.body) == (304, None, b"")
    assert b"If-None-Match" not in first[0]
    assert b'\r\nIf-None-Match: "v1"\r\n' in second[0]


# Two waves of a real survey ---------------------------------------------------------------

RULES = b"User-agent: GPTBot\nDisallow: /\n" + b"# padding\n" * 500
POLICY = b'[{"location": "/", "tdm-reservation": 1}]' + b" " * 2000
TDM = "/.well-known/tdmrep.json"


def rows(db, sql):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """Three waves of a site that never changes, the last in full; and one that lies."""
    folder = tmp_path_factory.mktemp("waves")
    home = []
    site = {
        "/robots.txt": unchanged(TAG, RULES, b"Content-Type: text/plain"),
        "/": unchanged(b'"home"', b"<html>", b"X-Robots-Tag: noai", seen=home),
        TDM: unchanged(b'"p"', POLICY, b"Content-Type: application/json"),
    }
    liar = {
        "/robots.txt": says(answer(b"User-agent: *\nDisallow:\n")),
        "/": says(answer(b"<html>")),
        TDM: says(answer(b"", status=b"304 Not Modified")),
    }
    with bad.served({"site": paths(site), "liar": paths(liar)}) as web:
        names = ("site.test", "liar.test")
        found = []
        for wave in ("1", "2", "full"):
            more = ("--no-conditional",) if wave == "full" else ()
            found.append(
                survey(folder, web.lines, names, "--delay", "0", "--retry-pauses", "",
                       "--wave", wave, *more)
            )  # fmt: skip
    assert [each.code for each in found] == [0] * 3, found
    return found[0].db, home


def of_wave(db, wave, columns, host="site.test"):
    return rows(
        db,
        f"SELECT {columns} FROM v_captures WHERE wave = '{wave}' AND host = '{host}'"
        " AND failure IS NULL AND status < 400 ORDER BY url",
    )


def test_a_304_is_kept_as_such_with_the_bytes_that_it_stands_for(waves):
    db, _ = waves
    shown = "resource, status, body_sha256, revalidated_from IS NOT NULL"
    first, second = of_wave(db, "1", shown), of_wave(db, "2", shown)
    assert [row[1:2] + row[3:] for row in first] == [(200, 0)] * 3
    assert {row[0]: (row[1], row[3]) for row in second} == {
        "/robots.txt": (304, 1),
        TDM: (304, 1),
        "/": (200, 0),
    }
    assert [(row[0], row[2]) for row in first] == [(row[0], row[2]) for row in second]
    came = dict(of_wave(db, "1", "resource, capture_id"))
    meant = dict(of_wave(db, "2", "resource, revalidated_from"))
    assert meant == came | {"/": None}
    assert rows(db, f"SELECT count(*) FROM bodies WHERE size = {len(RULES)}") == [(1,)]


def test_what_is_read_for_its_header_is_asked_for_in_full(waves):
    _, home = waves
    assert len(home) == 3
    assert not [head for head in home if b"If-" in head]


def test_a_second_wave_takes_fewer_bytes_and_a_full_one_does_not(waves):
    db, _ = waves
    taken = dict(rows(db, "SELECT wave, bytes FROM v_politeness WHERE host = 'site.test'"))
    assert taken["1"] - taken["2"] > len(RULES) + len(POLICY) - 500
    assert taken["full"] == taken["1"]


def test_a_304_that_nobody_asked_for_is_a_failure_and_no_absence(waves):
    db, _ = waves
    sql = f"SELECT failure, status FROM v_captures WHERE host = 'liar.test' AND resource = '{TDM}'"
    assert rows(db, sql) == [("not_modified", 304)] * 3
    ends = rows(db, "SELECT DISTINCT outcome, reason FROM v_visits WHERE host = 'liar.test'")
    assert ends == [("ok_partial", "resource_unmeasured")]


def test_the_judge_reads_the_same_in_both_waves(waves):
    from crawler.wave.rejudge import judge_wave

    db, _ = waves
    for wave in ("1", "2"):
        judge_wave(db, wave)
    for view, columns in {
        "v_signals": "host, signal, url, outcome, note, quote, line",
        "v_agent_access": "host, agent, reader, root, basis, line",
        "v_use": "host, purpose, preference_strict, rule",
        "v_robots": "host, state, agents_named, body_sha256",
    }.items():
        first, second = (
            rows(db, f"SELECT {columns} FROM {view} WHERE wave = '{wave}' ORDER BY {columns}")
            for wave in ("1", "2")
        )
        assert first == second
        assert first
    liar = f"SELECT outcome FROM v_signals WHERE host = 'liar.test' AND resource = '{TDM}'"
    assert set(rows(db, liar)) == {("unmeasured",)}
