"""One fetch against a badly behaved web: each hazard has its expected Capture."""

import asyncio
import contextlib
import errno
import gzip
import os
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fetch.address_guard import HostsFile, Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.connect import Trust, dial
from crawler.fetch.content_coding import Content
from crawler.fetch.http1 import Wire, parse_head
from crawler.fetch.limits import Deadline, Failed
from crawler.fetch.usage import Usage
from crawler.model import Capture, Failure, Hop
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, chunked, coded, drips, redirect, resets, says, sized

LIMITS = Limits(dns=0.5, connect=0.5, tls=0.5, first_byte=0.5, total=1.0)
CAP = 64 * 1024
SLACK = 3.0  # seconds a busy machine may add; what has no limit would take 9 and more
RULES = b"User-agent: GPTBot\nDisallow: /\n"
OK = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Hazard:
    """What a server does, and what the Capture says of it; `at_most` bounds its seconds."""

    serve: Callable[..., Awaitable[None]]
    expect: dict[str, Any] = field(default_factory=dict)
    at_least: float = 0.0
    at_most: float = 0.9


def good(serve: Callable[..., Awaitable[None]], body: bytes = b"ok", **expect: Any) -> Hazard:
    return Hazard(serve, {"status": 200, "failure": None, "body": body, **expect})


def fails(serve: Callable[..., Awaitable[None]], failure: Failure, **expect: Any) -> Hazard:
    return Hazard(serve, {"failure": failure, "body": b"", **expect})


def takes(least: float, most: float, hazard: Hazard) -> Hazard:
    return Hazard(hazard.serve, hazard.expect, least, most)


def lines(*headers: bytes, body: bytes = b"ok") -> Callable[..., Awaitable[None]]:
    return says(answer(body, *headers))


def pairs(*raw: tuple[bytes, bytes]) -> tuple[tuple[bytes, bytes], ...]:
    return raw


HAZARDS: dict[str, Hazard] = {
    # connect, time, size
    "rst-accept": fails(resets(ask=False), Failure.CONNECTION_RESET, status=None),
    "rst-request": fails(resets(), Failure.CONNECTION_RESET),
    "rst-header": fails(resets(OK + b"X: 1"), Failure.CONNECTION_RESET),
    "rst-body": good(
        resets(sized(RULES + bytes(9))[:-5]),
        RULES + bytes(4),
        data_loss=True,
        detail="connection_reset",
    ),
    "fin": fails(says(), Failure.EMPTY_REPLY),
    "fin-at-accept": fails(says(ask=False), Failure.EMPTY_REPLY),
    "silent": takes(0.45, 0.95, fails(says(9.0), Failure.TIMEOUT_FIRST_BYTE)),
    "slow-headers": takes(
        0.95, 1.6, fails(drips(OK, b"X: 1\r\n", 0.05), Failure.TIMEOUT_TOTAL, status=None)
    ),
    "slow-body": takes(
        0.95,
        1.6,
        Hazard(
            drips(answer(RULES), b"#", 0.05),
            {"status": 200, "failure": None, "data_loss": True, "detail": "timeout_total"},
        ),
    ),
    "slow-chunks": takes(
        0.95,
        1.6,
        Hazard(
            drips(answer(b"", b"Transfer-Encoding: chunked"), b"1\r\nx\r\n", 0.05),
            {"status": 200, "failure": None, "data_loss": True, "detail": "timeout_total"},
        ),
    ),
    "slow-but-fine": takes(0.3, 0.95, good(says(0.2, OK, 0.1, b"\r\no", 0.1, b"k"))),
    "stalls-in-body": takes(
        0.95, 1.6, good(says(answer(RULES, b"Content-Length: 99"), 9.0), RULES, data_loss=True)
    ),
    "body-infinite": good(drips(answer(RULES), bytes(8192), 0), truncated=True, body=None),
    "body-infinite-chunked": good(
        drips(answer(b"", b"Transfer-Encoding: chunked"), b"2000\r\n%s\r\n" % bytes(8192), 0),
        bytes(CAP),
        truncated=True,
        data_loss=False,
    ),
    "body-cl-1tb": good(
        drips(answer(b"", b"Content-Length: 1000000000000"), bytes(8192), 0),
        bytes(CAP),
        truncated=True,
    ),
    "body-one-below-cap": good(says(sized(bytes(CAP - 1))), bytes(CAP - 1), truncated=False),
    "body-at-cap": good(says(sized(bytes(CAP))), bytes(CAP), truncated=False),
    "body-at-cap-by-close": good(says(answer(bytes(CAP))), bytes(CAP), truncated=False),
    "body-one-over-cap": good(says(sized(bytes(CAP + 1))), bytes(CAP), truncated=True),
    "cl-short": good(says(answer(RULES, b"Content-Length: 500")), RULES, data_loss=True),
    "cl-long-extra-ignored": good(says(sized(b"ok") + b"HTTP/1.1 500 No\r\n\r\n")),
    # other protocols and status lines
    "ssh-banner": fails(says(b"SSH-2.0-OpenSSH_9.6\r\n", 9.0, ask=False), Failure.NOT_HTTP),
    "random": fails(says(os.urandom(3) + b"\xff" + os.urandom(99), ask=False), Failure.NOT_HTTP),
    "http-09": fails(says(b"<html>old"), Failure.NOT_HTTP, detail="begins b'<html>old'"),
    "status-colon": fails(says(b"HTTP/1.1 200: OK\r\n\r\nx"), Failure.NOT_HTTP),
    "status-letters": fails(says(b"HTTP/1.1 abc OK\r\n\r\nx"), Failure.NOT_HTTP),
    "status-four-digits": fails(says(b"HTTP/1.1 2000 OK\r\n\r\nx"), Failure.NOT_HTTP),
    "status-cut": fails(says(b"HTT"), Failure.NOT_HTTP),
    "status-999": good(says(answer(status=b"999 Denied")), status=999, reason_phrase="Denied"),
    "status-530": good(says(answer(status=b"530 ")), status=530, reason_phrase=""),
    "status-no-reason": good(says(b"HTTP/1.1 200\r\n\r\nok"), reason_phrase=""),
    "status-latin1": good(says(answer(status=b"200 Gr\xfc\xdfe")), reason_phrase="Grüße"),
    "http-10": good(says(b"HTTP/1.0 200 OK\r\n\r\nok"), http_version="HTTP/1.0"),
    "http-2-by-name": good(says(b"HTTP/2 200 \r\n\r\nok"), http_version="HTTP/2"),
    "lower-case": good(says(b"http/1.1 200 ok\r\n\r\nok")),
    "blank-lines-first": good(says(b"\r\n\r\n" + answer())),
    "1-byte-at-a-time": good(says(*(bytes([byte]) for byte in sized(b"ok", b"A: b")))),
    "switches-protocols": fails(
        says(b"HTTP/1.1 101 Switching\r\n\r\n\x00\x01", 9.0), Failure.NOT_HTTP, status=101
    ),
    "early-hints": good(says(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", 0.05, answer()),
                        headers=()),
    "eight-interim": good(says(b"HTTP/1.1 100 Go\r\n\r\n" * 8 + answer())),
    "1xx-flood": fails(drips(b"", b"HTTP/1.1 100 Go\r\n\r\n", 0), Failure.NOT_HTTP),
    "s204-with-body": good(says(answer(b"body", status=b"204 None"), 9.0), b"", status=204),
    "s304-unasked": fails(
        says(answer(b"body", status=b"304 Same"), 9.0), Failure.NOT_MODIFIED, status=304
    ),
    "s206-unasked": good(says(answer(b"part", status=b"206 Part")), b"part", status=206),
    "s404-rules": good(says(answer(RULES, status=b"404 No")), RULES, status=404),
    "s503-rules": good(says(answer(RULES, status=b"503 No")), RULES, status=503),
    # header block
    "hdr-flood": fails(drips(OK, b"X: %s\r\n" % (b"y" * 8000), 0), Failure.HEADER_TOO_LARGE),
    "hdr-one-endless": fails(drips(OK + b"X: ", b"y" * 8000, 0), Failure.HEADER_TOO_LARGE),
    "hdr-many-short": fails(lines(*[b"a:b"] * 1001), Failure.HEADER_TOO_LARGE),
    "hdr-1000": good(lines(*[b"a:b"] * 1000)),
    "hdr-20k": good(lines(b"Content-Security-Policy: " + b"x" * 20_000)),
    "hdr-200k": good(lines(b"X: " + b"x" * 200_000)),
    "hdr-order-case-twice": good(
        lines(b"X-Robots-Tag: noai", b"link: a", b"x-robots-tag:noimageai ", b"Link: b"),
        headers=pairs(
            (b"X-Robots-Tag", b"noai"),
            (b"link", b"a"),
            (b"x-robots-tag", b"noimageai"),
            (b"Link", b"b"),
        ),
    ),
    "hdr-nocolon": good(
        lines(b"garbage", b" and its fold", b"tdm-reservation: 1"),
        headers=pairs((b"tdm-reservation", b"1")),
    ),
    "hdr-no-name": good(lines(b": 1", b"a: 2"), headers=pairs((b"a", b"2"))),
    "hdr-space-before-colon": good(
        lines(b"tdm-reservation : 1"), headers=pairs((b"tdm-reservation", b"1"))
    ),
    "hdr-folded": good(
        lines(b"X-Robots-Tag: noai,", b"\t noimageai", b"A:", b" b"),
        headers=pairs((b"X-Robots-Tag", b"noai, noimageai"), (b"A", b"b")),
    ),
    "hdr-fold-first": good(lines(b" fold", b"a: b"), headers=pairs((b"a", b"b"))),
    "hdr-bytes": good(
        lines(b"X: a\x00b\xffc\rd"), headers=pairs((b"X", b"a\x00b\xffc\rd"))
    ),
    "hdr-lf-only": good(says(b"HTTP/1.1 200 OK\nA: b\n\nok"), headers=pairs((b"A", b"b"))),
    "hdr-mixed-ends": good(says(b"HTTP/1.1 200 OK\r\nA: b\n\r\nok"), headers=pairs((b"A", b"b"))),
    "hdr-cut": good(says(OK + b"A: b\r\n"), b"", data_loss=True, headers=pairs((b"A", b"b"))),
    # framing
    "cl-text": good(lines(b"Content-Length: many")),
    "cl-negative": good(lines(b"Content-Length: -1")),
    "cl-5000-digits": good(lines(b"Content-Length: " + b"9" * 5000)),
    "cl-two-equal": good(lines(b"Content-Length: 2", b"Content-Length: 2", body=b"ok+")),
    # RFC 9112 section 6.3, item 5, and Fetch, "extract a length": an error
    "cl-two-different": good(lines(b"Content-Length: 1", b"Content-Length: 2"), data_loss=True),
    "cl-list-different": good(lines(b"Content-Length: 2, many"), data_loss=True),
    "cl-list-with-empty": good(lines(b"Content-Length: 2,", body=b"ok+")),
    "cl-empty": good(lines(b"Content-Length:")),
    "cl-zero": good(says(sized(b""), 9.0), b""),
    "te-and-cl": good(
        says(answer(b"2\r\nok\r\n0\r\n\r\n", b"Transfer-Encoding: chunked", b"Content-Length: 4"))
    ),
    "te-unknown": good(lines(b"Transfer-Encoding: warp"), coding_error=True),
    "chunks": good(says(chunked(b"a", b"bc", b"d" * 3000)), b"abc" + b"d" * 3000),
    "chunk-lf-and-extension": good(
        says(answer(b"2 ;x=y\nok\n0\n\n", b"transfer-encoding: Chunked"), 9.0)
    ),
    "chunk-trailer-not-read": good(says(chunked(b"ok", end=b"0\r\nX: 1\r\n"), 9.0)),
    "chunk-unended": good(says(chunked(RULES, end=b"")), RULES, data_loss=True),
    "chunk-garbage": good(says(chunked(RULES, end=b"zz\r\n"), 9.0), RULES, data_loss=True),
    "chunk-negative": good(says(chunked(RULES, end=b"-1\r\n"), 9.0), RULES, data_loss=True),
    "chunk-2-64": good(
        says(chunked(RULES, end=b"1" + b"0" * 16 + b"\r\nmore")), RULES + b"more", data_loss=True
    ),
    "chunk-too-long": good(
        says(answer(b"2\r\nokmore\r\n", b"Transfer-Encoding: chunked"), 9.0), data_loss=True
    ),
    "chunk-endless-extension": good(
        drips(answer(b"2;", b"Transfer-Encoding: chunked"), b"x" * 999, 0), b"", data_loss=True
    ),
    "chunk-flood-of-framing": good(
        drips(answer(b"", b"Transfer-Encoding: chunked"), b"1;%s\r\nx\r\n" % (b"e" * 4000), 0),
        None,
        truncated=True,
        data_loss=False,
    ),
    # content-coding
    "gzip": good(says(coded(gzip.compress(RULES), b"gzip")), RULES),
    "x-gzip-upper-case": good(says(coded(gzip.compress(RULES), b"X-GZip")), RULES),
    "gzip-two-members": good(says(coded(gzip.compress(b"o") + gzip.compress(b"k"), b"gzip"))),
    "gzip-padding": good(says(coded(gzip.compress(b"ok") + bytes(50), b"gzip"))),
    "gzip-chunked": good(
        says(
            answer(
                b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(RULES)), gzip.compress(RULES)),
                b"Transfer-Encoding: chunked",
                b"Content-Encoding: gzip",
            )
        ),
        RULES,
    ),
    "gzip-by-transfer": good(
        says(answer(gzip.compress(RULES), b"Transfer-Encoding: gzip")), RULES
    ),
    "deflate-zlib": good(says(coded(zlib.compress(RULES), b"deflate")), RULES),
    "deflate-bare": good(says(coded(zlib.compress(RULES)[2:-4], b"deflate")), RULES),
    "gzip-empty-body": good(says(coded(b"", b"gzip")), b"", data_loss=False),
    "gzip-identity": good(says(coded(gzip.compress(b"ok"), b"identity, gzip,"))),
    "gzip-truncated": good(
        says(coded(gzip.compress(os.urandom(9000))[:5000], b"gzip")),
        None,
        data_loss=True,
        coding_error=False,
    ),
    "gzip-lie": good(says(coded(RULES, b"gzip")), RULES, coding_error=True),
    "gzip-breaks-inside": good(
        says(coded(gzip.compress(RULES)[:-6] + b"\0\0\0\0\0\0", b"gzip")),
        gzip.compress(RULES)[:-6] + b"\0\0\0\0\0\0",
        coding_error=True,
    ),
    "gzip-undeclared": good(says(sized(b"\x1f\x8b\x08")), b"\x1f\x8b\x08"),
    "gzip-in-gzip": good(says(coded(bad.twice_gzipped(RULES), b"gzip, gzip")), RULES),
    "gzip-three-layers": good(says(coded(b"xyz", b"gzip, gzip, gzip")), b"xyz", coding_error=True),
    "gzip-cut-before-its-first-byte": good(
        says(answer(b"", b"Content-Encoding: gzip")), b"", data_loss=True
    ),
    "gzip-at-cap": good(
        says(coded(gzip.compress(bytes(CAP)), b"gzip")), bytes(CAP), truncated=False
    ),
    "gzip-over-cap": good(
        says(coded(gzip.compress(bytes(CAP + 1)), b"gzip")), bytes(CAP), truncated=True
    ),
    "gzip-at-cap-then-cut": good(
        says(coded(gzip.compress(bytes(CAP))[:-8], b"gzip")), bytes(CAP), data_loss=True
    ),
    "enc-none": good(lines(b"Content-Encoding: none"), coding_error=False),
    "enc-charset": good(lines(b"Content-Encoding: UTF-8"), coding_error=False),
    "enc-brotli": good(lines(b"Content-Encoding: br"), coding_error=True),
    "enc-1000": good(says(coded(b"xyz", b",".join([b"gzip"] * 1000))), b"xyz", coding_error=True),
    "br-unasked": good(says(coded(b"xyz", b"br")), b"xyz", coding_error=True),
    "enc-unknown": good(says(coded(b"xyz", b"rot13")), b"xyz", coding_error=True),
    "gzip-bomb": good(says(coded(bad.gzip_bomb(64), b"gzip")), bytes(CAP), truncated=True),
    "gzip-bomb-nested": good(
        says(coded(gzip.compress(bad.gzip_bomb(64)), b"gzip, gzip")), bytes(CAP), truncated=True
    ),
    "gzip-bomb-of-nothing": good(
        says(coded(gzip.compress(b"\x00\x00\x00\xff\xff" * 2_000_000), b"deflate, gzip")),
        b"",
        truncated=True,
    ),
    # redirects of one hop; longer ways have tests of their own
    "redir-file": fails(says(redirect(b"file:///etc/passwd")), Failure.REDIRECT_SCHEME, status=302),
    "redir-ftp": fails(says(redirect(b"ftp://good.test/")), Failure.REDIRECT_SCHEME),
    "redir-data": fails(says(redirect(b"data:text/plain,x")), Failure.REDIRECT_SCHEME),
    "redir-javascript": fails(says(redirect(b"javascript:alert(1)")), Failure.REDIRECT_SCHEME),
    "redir-s3": fails(says(redirect(b"s3://bucket/key")), Failure.REDIRECT_SCHEME),
    "redir-noloc": fails(
        says(answer(status=b"301 Moved")), Failure.BAD_REDIRECT, detail="301 without Location"
    ),
    "redir-empty": fails(says(redirect(b"")), Failure.BAD_REDIRECT),
    "redir-badloc": fails(says(redirect(b"http://[bad/")), Failure.BAD_REDIRECT),
    "redir-nul": fails(says(redirect(b"/a\x00b")), Failure.BAD_REDIRECT),
    "redir-cr": fails(says(redirect(b"/a\rX: b")), Failure.BAD_REDIRECT),
    "redir-9k": fails(says(redirect(b"/" + b"a" * 9000)), Failure.BAD_REDIRECT),
    "redir-1mb": fails(says(redirect(b"/" + b"a" * 1_000_000)), Failure.HEADER_TOO_LARGE),
    "redir-userinfo": fails(says(redirect(b"http://u@good.test/")), Failure.BAD_REDIRECT),
    "redir-self": fails(says(redirect(b"/robots.txt#again")), Failure.REDIRECT_LOOP, status=302),
    "redir-bomb": good(drips(redirect(b"http://good.test/"), bytes(8192), 0)),
    "redir-300": good(says(redirect(b"/x", status=b"300 Many")), b"", status=300, hops=()),
    "redir-private": fails(
        says(redirect(b"http://10.0.0.5/")),
        Failure.PRIVATE_ADDRESS,
        status=None,
        final_url="http://10.0.0.5/",
        detail="10.0.0.5 is 10.0.0.5",
    ),
    "redir-loopback": fails(says(redirect(b"http://127.0.0.1:8080/")), Failure.PRIVATE_ADDRESS),
    "redir-metadata": fails(says(redirect(b"//169.254.169.254/")), Failure.PRIVATE_ADDRESS),
    "redir-v6mapped": fails(says(redirect(b"http://[::ffff:10.0.0.5]/")), Failure.PRIVATE_ADDRESS),
    "redir-decimal": fails(says(redirect(b"http://2130706433/")), Failure.PRIVATE_ADDRESS),
    "redir-port": fails(says(redirect(b"http://93.184.216.34:22/")), Failure.PRIVATE_ADDRESS),
    "redir-localhost": fails(says(redirect(b"http://localhost/")), Failure.PRIVATE_ADDRESS),
    "redir-nowhere": fails(
        says(redirect(b"http://gone.test/")),
        Failure.DNS_NXDOMAIN,
        hops=(Hop("http://redir-nowhere.test/robots.txt", 302, "http://gone.test/"),),
    ),
    "good": good(lines(b"Server: x"), http_version="HTTP/1.1", reason_phrase="OK", tls=None),
}  # fmt: skip


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def capture_all() -> tuple[dict[str, Capture], int]:
    """Fetch every hazard at once; also the file descriptors that stayed open."""
    before = open_files()
    async with bad.serving({name: hazard.serve for name, hazard in HAZARDS.items()}) as web:
        fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1")
        gate = asyncio.Semaphore(16)

        async def one(name: str) -> Capture:
            async with gate:
                url = f"http://{name}.test/robots.txt"
                return await fetcher.fetch(url, "/robots.txt", max_bytes=CAP)

        names = list(HAZARDS)
        captures = dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))
        await fetcher.close()
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) == 1
    return captures, open_files() - before


@pytest.fixture(scope="module")
def captured() -> tuple[dict[str, Capture], int]:
    return asyncio.run(capture_all())


@pytest.mark.parametrize("name", HAZARDS)
def test_a_hazard_ends_as_expected_and_within_its_time(name, captured) -> None:
    capture, hazard = captured[0][name], HAZARDS[name]
    flags = {"truncated": False, "data_loss": False, "coding_error": False}
    for attribute, value in (flags | hazard.expect).items():
        if attribute != "body" or value is not None:
            assert getattr(capture, attribute) == value, (attribute, capture.detail)
    assert hazard.at_least <= capture.elapsed <= hazard.at_most + SLACK
    assert capture.url == f"http://{name}.test/robots.txt"
    assert capture.resource == "/robots.txt"
    assert capture.started_at.startswith("20")
    assert capture.started_at.endswith("Z")
    assert len(capture.body) <= CAP
    assert capture.first_byte is None or capture.first_byte <= capture.elapsed


def test_a_capped_body_keeps_its_first_bytes(captured) -> None:
    assert captured[0]["body-infinite"].body == RULES + bytes(CAP - len(RULES))


def test_a_stopped_body_keeps_its_first_bytes(captured) -> None:
    assert captured[0]["slow-body"].body.startswith(RULES + b"#####")


def test_no_connection_stays_open(captured) -> None:
    assert captured[1] <= 0


# The ways a fetch can go ------------------------------------------------------------------


def run(behaviours: dict[str, Any], url: str, **options: Any) -> tuple[Capture, dict[str, int]]:
    """Fetch one URL of a web; also how often each of its servers was connected to."""
    tls, ca_file = options.pop("tls", None), options.pop("ca_file", None)
    times = options.pop("times", 1)

    async def go() -> tuple[Capture, dict[str, int]]:
        async with bad.serving(behaviours, tls) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1", ca_file=ca_file)
            for _ in range(times):
                capture = await fetcher.fetch(url, "/r", **options)
            await fetcher.close()
            return capture, web.connections

    return asyncio.run(go())


def test_the_request_is_exactly_this() -> None:
    async def echo(reader, writer):
        writer.write(OK + b"\r\n" + await bad.asked(reader))

    capture, _ = run({"a": echo}, "http://A.test:8080/p%2f;x/ \u00fc?q='<\"&r#frag")
    assert capture.body == (
        b"GET /p%2f;x/%20%C3%BC?q=%27%3C%22&r HTTP/1.1\r\nHost: a.test:8080\r\nUser-Agent: T/1\r\n"
        b"Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n"
    )
    assert capture.address is not None
    assert capture.address.startswith("127.0.0.1:")
    assert capture.size == len(capture.body) + len(OK) + 2


CHAIN = {f"h{n}": says(redirect(b"http://h%d.test/x" % (n + 1))) for n in range(7)} | {
    "h5": says(sized(b"there"))
}


@pytest.mark.parametrize(("allowed", "failure"), [(5, None), (4, Failure.REDIRECT_LIMIT)])
def test_redirects_are_followed_up_to_the_limit_and_each_hop_is_kept(allowed, failure) -> None:
    capture, _ = run(CHAIN, "http://h0.test/", max_redirects=allowed)
    assert capture.failure is failure
    assert [hop.url for hop in capture.hops] == [
        "http://h0.test/",
        *(f"http://h{n}.test/x" for n in range(1, allowed)),
    ]
    assert capture.final_url == f"http://h{allowed}.test/x"
    assert capture.body == (b"" if failure else b"there")
    assert capture.status == (302 if failure else 200)


def test_a_loop_over_two_addresses_is_found() -> None:
    loop = {"a": says(redirect(b"//b.test/")), "b": says(redirect(b"http://A.test"))}
    capture, connections = run(loop, "http://a.test/")
    assert capture.failure is Failure.REDIRECT_LOOP
    assert connections == {"a": 1, "b": 1}


def test_a_redirect_that_may_not_be_followed_is_itself_the_capture() -> None:
    asked: list[str] = []
    capture, connections = run(
        CHAIN, "http://h4.test/", may_follow=lambda url: asked.append(url) is not None
    )
    assert asked == ["http://h5.test/x"]
    assert (capture.status, capture.failure, capture.hops) == (302, None, ())
    assert capture.headers == ((b"Location", b"http://h5.test/x"),)
    assert capture.detail == "redirect not followed"
    assert connections == {"h4": 1}


def test_a_relative_location_with_blanks_and_an_idn_host_is_understood() -> None:
    web = {
        "a": says(redirect(b" ../x y?z#f ")),
        "xn--bcher-kva": says(answer(b"idn")),
        "b": says(redirect("http://b\u00fccher.test/".encode())),
        "c": says(redirect(b"/caf\xe9")),
    }
    assert run(web, "http://a.test/d/e", max_redirects=1)[0].final_url == "http://a.test/x%20y?z"
    assert run(web, "http://b.test/")[0].body == b"idn"
    assert run(web, "http://c.test/", max_redirects=1)[0].final_url == "http://c.test/caf%C3%A9"


def leading(*locations: bytes, more: tuple[bytes, ...] = ()) -> Callable[..., Awaitable[None]]:
    told = (b"Location: " + location for location in locations)
    return says(answer(b"", *told, *more, status=b"302 Found"))


def test_two_different_locations_are_no_redirect_and_the_same_one_twice_is() -> None:
    web = {"a": leading(b"http://b.test/", b"/x"), "b": says(answer(b"there"))}
    capture, connections = run(web, "http://a.test/")
    assert (capture.failure, capture.status) == (Failure.BAD_REDIRECT, 302)
    assert capture.detail == "302 with 2 different Location lines"
    assert connections == {"a": 1}
    web["a"] = leading(b"http://b.test/", b" http://b.test/ ")
    assert run(web, "http://a.test/")[0].body == b"there"


@pytest.mark.parametrize("status", [b"301 M", b"302 F", b"303 S", b"307 T", b"308 P"])
def test_retry_after_on_a_redirect_is_waited_for_before_the_domain_is_asked_again(status) -> None:
    moved = answer(b"", b"Location: http://b.a.test/", b"Retry-After: 1", status=status)
    usage, began = Usage(), time.monotonic()
    capture, _ = run({"a": says(moved), "b.a": says(answer(b"x"))}, "http://a.test/", usage=usage)
    assert capture.body == b"x"
    assert time.monotonic() - began >= 1.0
    assert usage.retry_after == 1.0
    assert usage.waited >= 0.9
    assert capture.elapsed < 0.9  # our waiting is in no limit


def test_a_redirect_that_asks_for_more_patience_than_we_have_is_not_followed() -> None:
    web = {"a": leading(b"/x", more=(b"Retry-After: 86400",))}
    capture, connections = run(web, "http://a.test/")
    assert (capture.failure, connections) == (Failure.REDIRECT_LIMIT, {"a": 1})
    assert capture.detail == "redirect with Retry-After of 86400 s"


def test_only_characters_of_a_uri_are_sent() -> None:
    async def echo(reader, writer):
        writer.write(OK + b"\r\n" + await bad.asked(reader))

    capture, _ = run({"a": echo}, "http://a.test/x/../{1}|/%2e?q={2}|\\^`[]&%zz")
    line = capture.body.partition(b"\r\n")[0]
    assert line == b"GET /%7B1%7D%7C/?q=%7B2%7D%7C%5C%5E%60[]&%zz HTTP/1.1"
    assert capture.final_url == "http://a.test/%7B1%7D|/?q={2}|\\^`[]&%zz"


def test_the_time_of_a_whole_way_is_limited() -> None:
    slow = {f"s{n}": says(0.2, redirect(b"http://s%d.test/" % (n + 1))) for n in range(9)}
    capture, _ = run(slow, "http://s0.test/", max_redirects=20)
    assert capture.failure is Failure.TIMEOUT_TOTAL
    assert 0.95 <= capture.elapsed <= 1.4 + SLACK
    assert 1 <= len(capture.hops) <= 4


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("http://gone.test/", Failure.DNS_NXDOMAIN),
        ("http://127.0.0.1/", Failure.PRIVATE_ADDRESS),
        ("ftp://a.test/", Failure.REDIRECT_SCHEME),
        ("", Failure.BAD_REDIRECT),
        ("http://u:p@a.test/", Failure.BAD_REDIRECT),
        ("http://\ud800.test/", Failure.BAD_REDIRECT),
    ],
)
def test_an_address_that_cannot_be_asked_is_a_capture_too(url, failure) -> None:
    capture, connections = run({"a": says(answer())}, url)
    assert (capture.failure, capture.status, connections) == (failure, None, {})
    assert capture.final_url == url


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (RuntimeError("no verdict"), Failure.INTERNAL_ERROR),
        (OSError(errno.EINVAL, "a bug"), Failure.INTERNAL_ERROR),
        (OSError(errno.EMFILE, "too many open files"), Failure.INTERNAL_STALL),  # may pass
    ],
)
def test_a_fault_of_ours_is_a_capture_too(error: Exception, failure: Failure) -> None:
    def broken(_url: str) -> bool:
        raise error

    capture, _ = run(CHAIN, "http://h4.test/", may_follow=broken)
    assert capture.failure is failure
    assert capture.detail == f"{type(error).__name__}: {error}"


def test_a_user_agent_that_would_add_a_header_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="not a header value"):
        Fetcher(Resolver(), user_agent="T/1\r\nCookie: x")


def test_cancelling_is_not_swallowed() -> None:
    async def go() -> None:
        async with bad.serving({"a": says(9.0)}) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1")
            task = asyncio.ensure_future(fetcher.fetch("http://a.test/", "/"))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(go())


# Connecting -------------------------------------------------------------------------------


def closed_port() -> int:
    with contextlib.closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def fetch_listed(hosts: str, limits: Limits = LIMITS, **options: Any) -> Capture:
    async def go() -> Capture:
        resolver = Resolver(HostsFile.parse(hosts), **options)
        return await Fetcher(resolver, limits, user_agent="T/1").fetch("http://a.test/", "/")

    return asyncio.run(go())


def test_a_refused_connection_says_so() -> None:
    capture = fetch_listed(f"127.0.0.1:{closed_port()} a.test")
    assert capture.failure is Failure.CONNECT_REFUSED
    assert capture.elapsed < 0.3


def test_an_unreachable_network_says_so_and_a_refusal_says_more(monkeypatch) -> None:
    connect = socket.socket.connect

    def no_route_inland(sock, address) -> None:
        if not address[0].startswith("127."):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", no_route_inland)
    capture = fetch_listed("10.9.9.9:80 a.test")
    assert capture.failure is Failure.CONNECT_FAILED
    assert capture.detail == "Network is unreachable"
    both = f"10.9.9.9:80 a.test\n127.0.0.1:{closed_port()} a.test"
    assert fetch_listed(both).failure is Failure.CONNECT_REFUSED


def test_a_black_hole_ends_at_the_connect_limit_and_at_most_three_addresses_are_tried() -> None:
    async def go(hosts: int, total: float) -> tuple[Failure, float]:
        # A listener whose backlog is full drops further SYNs, as a black hole does.
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(contextlib.closing(socket.socket()))
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(4):
                filler = stack.enter_context(contextlib.closing(socket.socket()))
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            loop = asyncio.get_running_loop()
            started = loop.time()
            with pytest.raises(Failed) as failed:
                await dial([listener.getsockname()] * hosts, Deadline(total), 0.15)
            return failed.value.failure, loop.time() - started

    failure, elapsed = asyncio.run(go(9, 5))
    assert failure is Failure.CONNECT_TIMEOUT
    assert 0.44 <= elapsed <= 0.8 + SLACK
    failure, elapsed = asyncio.run(go(1, 0.1))
    assert failure is Failure.TIMEOUT_TOTAL
    assert elapsed <= 0.3 + SLACK


def test_a_silent_name_server_ends_at_the_dns_limit() -> None:
    async def go() -> Capture:
        resolver = Resolver(lookup=lambda _name: time.sleep(0.4) or [])
        limits = Limits(dns=0.1)
        return await Fetcher(resolver, limits, user_agent="T/1").fetch("http://slow.org/", "/")

    capture = asyncio.run(go())
    assert capture.failure is Failure.DNS_TIMEOUT
    assert 0.09 <= capture.elapsed <= 0.3


def test_limits_keep_their_proportions_when_scaled() -> None:
    assert Limits.scaled(20.0) == Limits()
    assert Limits.scaled(2.0).first_byte == 1.0


# TLS --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pems(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tls")
    names = {"good.test": 1, "expired.test": -1, "other.test": 1}
    return {name: bad.certificate(folder, name, days=days) for name, days in names.items()}


TLS_CASES = {
    "good": ("good.test", "good.test", "verified"),
    "self": ("good.test", None, "unverified: self-signed certificate"),
    "expired": ("expired.test", "expired.test", "unverified: certificate has expired"),
    "wrong": ("other.test", "other.test", "unverified: Hostname mismatch"),
}


@pytest.mark.parametrize("case", TLS_CASES)
def test_a_certificate_is_verified_first_and_its_fault_recorded(case, pems) -> None:
    pem, ca_file, expected = TLS_CASES[case]
    host = "expired" if case == "expired" else "good"
    context, hellos = bad.server_context(pems[pem]), []
    context.sni_callback = lambda _sock, name, _context: hellos.append(name)
    capture, _ = run(
        {host: says(sized(b"secret"))},
        f"https://{host}.test/",
        tls={host: context},
        ca_file=pems[ca_file] if ca_file else None,
        times=2,
    )
    assert (capture.body, capture.failure, capture.tls) == (b"secret", None, expected)
    # The second fetch remembers the fault: one handshake too many, not two.
    assert hellos == [f"{host}.test"] * (2 if case == "good" else 3)


def test_a_body_that_ends_with_the_connection_is_whole_over_tls(pems) -> None:
    body = os.urandom(200_000)
    capture, _ = run(
        {"good": says(answer(body))},
        "https://good.test/",
        tls={"good": bad.server_context(pems["good.test"])},
        ca_file=pems["good.test"],
    )
    assert capture.body == body
    assert not capture.data_loss


def ends_without_notice(body: bytes) -> Callable[..., Awaitable[None]]:
    """Closes TCP under TLS; `says` sends close_notify before."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says(body)(reader, writer)
        await asyncio.sleep(0.05)
        writer.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    return behaviour


@pytest.mark.parametrize(
    ("raw", "lost"),
    [
        (answer(RULES), True),  # RFC 9112 sections 8 and 9.8: the alert alone makes it complete
        (sized(RULES), False),
        (chunked(RULES), False),
    ],
)
def test_over_tls_only_its_farewell_ends_a_body_without_a_length(raw, lost, pems):
    behaviours = {"ragged": ends_without_notice(raw), "noticed": says(raw)}
    tls = dict.fromkeys(behaviours, bad.server_context(pems["good.test"]))

    async def both() -> list[Capture]:
        async with bad.serving(behaviours, tls) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="test")
            try:
                urls = [f"https://{name}.test/robots.txt" for name in behaviours]
                return [await fetcher.fetch(url, "/robots.txt") for url in urls]
            finally:
                await fetcher.close()

    ragged, noticed = asyncio.run(both())
    assert (ragged.body, ragged.data_loss) == (RULES, lost)
    assert (noticed.body, noticed.data_loss) == (RULES, False)


def test_a_server_that_demands_our_certificate_is_a_tls_failure(pems) -> None:
    context = bad.server_context(pems["good.test"], ask_certificate=True)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        # In a thread: a server over asyncio drops the alert that this is about.
        connection, _ = listener.accept()
        with contextlib.closing(connection), contextlib.suppress(ConnectionResetError):
            tls = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with contextlib.suppress(ssl.SSLError):
                tls.do_handshake()
            # Taking the request before closing keeps a reset from overtaking the alert.
            with socket.socket(fileno=tls.detach()) as raw:
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(4096):
                    pass

    async def go() -> Capture:
        hosts = HostsFile.parse(f"127.0.0.1:{listener.getsockname()[1]} good.test")
        fetcher = Fetcher(Resolver(hosts), LIMITS, user_agent="T/1", ca_file=pems["good.test"])
        return await fetcher.fetch("https://good.test/", "/")

    thread = threading.Thread(target=serve)
    with contextlib.closing(listener):
        thread.start()
        capture = asyncio.run(go())
        thread.join()
    assert capture.failure is Failure.TLS_FAILURE
    assert "certificate required" in capture.detail


def alerts(code: int) -> Callable[..., Awaitable[None]]:
    """Answer the handshake with a fatal alert (RFC 8446 section 6)."""
    return says(b"\x15\x03\x03\x00\x02\x02" + bytes([code]), ask=False)


@pytest.mark.parametrize(
    ("serve", "failure", "detail", "at_least"),
    [
        (says(9.0, ask=False), Failure.TLS_TIMEOUT, "tls_timeout", 0.45),
        (says(b"\x16\x03\x03", 9.0, ask=False), Failure.TLS_TIMEOUT, "tls_timeout", 0.45),
        (resets(ask=False), Failure.CONNECTION_RESET, "during the TLS handshake", 0),
        (says(ask=False), Failure.TLS_FAILURE, "closed during the TLS handshake", 0),
        (says(answer(), ask=False), Failure.TLS_FAILURE, "wrong version number", 0),
        # alert records: fatal handshake_failure, protocol_version, unrecognized_name
        (alerts(0x28), Failure.TLS_FAILURE, "alert handshake failure", 0),
        (alerts(0x46), Failure.TLS_FAILURE, "alert protocol version", 0),
        (alerts(0x70), Failure.TLS_FAILURE, "unrecognized name", 0),
    ],
    ids=["hang", "drip", "rst", "fin", "plain-http", "alert", "old-version", "no-such-name"],
)  # fmt: skip
def test_a_failed_handshake_says_how(serve, failure, detail, at_least) -> None:
    capture, _ = run({"a": serve}, "https://a.test/")
    assert capture.failure is failure
    assert detail in capture.detail
    assert at_least <= capture.elapsed <= 0.95 + SLACK
    assert capture.address is not None
    assert capture.tls is None


# Memory and parsers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "serve",
    [
        says(coded(bad.gzip_bomb(64), b"gzip")),
        drips(answer(), bytes(1 << 16), 0),
        drips(OK, b"X: %s\r\n" % (b"y" * 8000), 0),
        drips(redirect(b"/x"), bytes(1 << 16), 0),
    ],
    ids=["bomb", "endless-body", "endless-headers", "endless-redirect-body"],
)
def test_memory_stays_within_a_few_times_the_cap(serve) -> None:
    async def go() -> int:
        async with bad.serving({"a": serve}) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1")
            tracemalloc.start()
            await asyncio.gather(
                *(fetcher.fetch("http://a.test/", "/", max_bytes=1 << 20) for _ in range(4))
            )
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return peak

    # Four fetches at once, each with a cap of 1 MiB; the server's own buffers are in it.
    assert asyncio.run(go()) < 4 * 5 * (1 << 20)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: OK + b + b"\r\n\r\n"))
@settings(max_examples=200, deadline=None)
def test_any_bytes_parse_as_a_head_or_none(block: bytes) -> None:
    head = parse_head(block)
    if head is not None:
        assert 0 <= head.status <= 999
        assert head.length is None or head.length >= 0
        assert all(name and b"\n" not in name + value for name, value in head.headers)
        assert isinstance(head.codings, list)


FRAMING = [b"", b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n",
           b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate, gzip\r\n"]  # fmt: skip


@given(st.sampled_from(FRAMING), st.binary(max_size=300), st.integers(1, 64))
@settings(max_examples=200, deadline=None)
def test_any_bytes_on_the_wire_end_in_an_answer_or_a_reason(head, body, cap) -> None:
    async def go() -> Content | None:
        reader = asyncio.StreamReader()
        reader.feed_data(OK + head + b"\r\n" + body)
        reader.feed_eof()
        wire = Wire(reader)
        try:
            read, _ = await wire.head(LIMITS)
        except Failed:
            return None
        content = Content(read.codings, cap)
        await wire.body(read, content, 2 * cap + 65536)
        return content

    content = asyncio.run(go())
    assert content is None or len(content.body) <= cap


@given(st.binary(max_size=3000), st.integers(1, 50), st.sampled_from([b"gzip", b"deflate"]))
@settings(max_examples=100, deadline=None)
def test_a_coded_body_is_the_same_in_whatever_pieces_it_comes(body, step, coding) -> None:
    sent = gzip.compress(body) if coding == b"gzip" else zlib.compress(body)
    content = Content([coding], 10_000)
    for start in range(0, len(sent), step):
        content.feed(sent[start : start + step])
    assert (content.body, content.cut, content.full, content.coding_error) == (
        body, False, False, False,
    )  # fmt: skip


def test_the_hosts_known_for_a_bad_certificate_are_bounded() -> None:
    trust, error = Trust(), ssl.SSLCertVerificationError()
    error.verify_message = "self-signed certificate"
    for number in range(10_001):
        trust.distrust(f"h{number}.test", error)
    assert trust.reason("h0.test") is None
    assert trust.reason("h10000.test") == "self-signed certificate"


def test_the_weak_context_still_refuses_what_is_older_than_tls_1_2() -> None:
    assert Trust().accepting.minimum_version >= ssl.TLSVersion.TLSv1_2
