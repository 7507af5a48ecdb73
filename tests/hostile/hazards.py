"""The hazards of the web, one invented site each, and what a survey must say of it.

`number` is that of the hazard in our catalogue. The expectation is the outcome and reason by
the definitions in `crawler.model`, written down before the survey was run.
"""

import gzip
import os
from dataclasses import dataclass

from crawler.model import Outcome, Reason
from tests.factories import bad_server as bad
from tests.factories.bad_server import (
    Behaviour,
    answer,
    by_turns,
    chunked,
    coded,
    drips,
    paths,
    redirect,
    resets,
    says,
    sized,
)

RULES = b"User-agent: *\nDisallow: /private\n"
PAGE = b"<!doctype html><html><head><title>A site</title></head><body>Words</body></html>"
OK = b"HTTP/1.1 200 OK\r\n"
TEXT = b"Content-Type: text/plain"
HTML = b"Content-Type: text/html"
TDMREP = "/.well-known/tdmrep.json"

ROBOTS_FINE = says(sized(RULES, TEXT))
HOME_FINE = says(sized(PAGE, HTML))
FINE = paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE})


@dataclass(frozen=True)
class Hazard:
    """One site; `attempts` is how often it must have been visited, where that matters."""

    number: int
    name: str
    serve: Behaviour
    outcome: Outcome
    reason: Reason
    attempts: int | None = None


def robots(serve: Behaviour) -> Behaviour:
    """A site whose robots.txt behaves so; everything else is fine."""
    return paths({"/robots.txt": serve, "/": HOME_FINE})


def home(serve: Behaviour) -> Behaviour:
    return paths({"/robots.txt": ROBOTS_FINE, "/": serve})


def status(line: bytes, *headers: bytes, body: bytes = b"no") -> Behaviour:
    return says(answer(body, *headers, status=line))


def hop(number: int) -> Behaviour:
    return says(redirect(b"/hop%d" % number))


def chain(hops: int) -> Behaviour:
    """A robots.txt that is `hops` redirects away."""
    routes = {f"/hop{n}": hop(n + 1) for n in range(1, hops)} | {f"/hop{hops}": ROBOTS_FINE}
    return paths({"/robots.txt": hop(1), **routes, "/": HOME_FINE})


def json(body: bytes) -> Behaviour:
    """A site with that tdmrep.json."""
    file = says(sized(body, b"Content-Type: application/json"))
    return paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE, TDMREP: file})


def many_names(names: int, rules: int) -> bytes:
    agents = b"".join(b"User-agent: bot%d\n" % n for n in range(names))
    return agents + b"".join(b"Disallow: /p%d\n" % n for n in range(rules))


UNREACHABLE, MALFORMED, PARTIAL = Outcome.UNREACHABLE, Outcome.MALFORMED, Outcome.OK_PARTIAL
REFUSED, SERVER, DENIED = Outcome.REFUSED_BY_US, Outcome.SERVER_ERROR, Outcome.DENIED
COMPLETE = (Outcome.OK, Reason.COMPLETE)
CHALLENGE = sized(b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", HTML)

HAZARDS = (
    # connect, time, size
    Hazard(3, "rst-accept", resets(ask=False), UNREACHABLE, Reason.CONNECTION_RESET),
    Hazard(3, "rst-request", resets(), UNREACHABLE, Reason.CONNECTION_RESET),
    Hazard(4, "rst-body", robots(resets(sized(RULES + bytes(9))[:-5])), PARTIAL, Reason.DATA_LOSS),
    Hazard(4, "cl-short", home(says(answer(PAGE, b"Content-Length: 999"))), PARTIAL, Reason.DATA_LOSS),
    Hazard(4, "chunk-unended", robots(says(chunked(RULES, end=b""))), PARTIAL, Reason.DATA_LOSS),
    Hazard(5, "silent", says(30.0), UNREACHABLE, Reason.TIMEOUT_FIRST_BYTE, 3),
    Hazard(6, "slow-headers", drips(OK, b"X: 1\r\n", 0.1), UNREACHABLE, Reason.TIMEOUT_TOTAL),
    Hazard(6, "slow-body", home(drips(answer(PAGE), b" ", 0.1)), PARTIAL, Reason.DATA_LOSS),
    Hazard(6, "slow-chunks", robots(drips(answer(b"", b"Transfer-Encoding: chunked"), b"1\r\n#\r\n", 0.1)), PARTIAL, Reason.DATA_LOSS),
    Hazard(7, "slow-but-fine", robots(says(0.3, OK, 0.1, b"\r\n", 0.1, RULES)), *COMPLETE),
    Hazard(8, "fin", says(), UNREACHABLE, Reason.EMPTY_REPLY),
    Hazard(8, "fin-at-accept", says(ask=False), UNREACHABLE, Reason.EMPTY_REPLY),
    Hazard(9, "flaky", by_turns(resets(), resets(), FINE), *COMPLETE, 3),
    Hazard(10, "ssh-banner", says(b"SSH-2.0-OpenSSH_9.6\r\n", 9.0, ask=False), MALFORMED, Reason.NOT_HTTP, 1),
    Hazard(10, "random-bytes", says(b"\x00\xff" + os.urandom(99), ask=False), MALFORMED, Reason.NOT_HTTP),
    Hazard(11, "body-infinite", robots(drips(answer(RULES), b"#" * 8192, 0)), PARTIAL, Reason.TRUNCATED),
    Hazard(11, "html-infinite", home(drips(answer(PAGE), b" " * 8192, 0)), PARTIAL, Reason.TRUNCATED),
    Hazard(12, "body-infinite-chunked", robots(drips(answer(b"", b"Transfer-Encoding: chunked"), b"2000\r\n%s\r\n" % bytes(8192), 0)), PARTIAL, Reason.TRUNCATED),
    Hazard(14, "body-cl-1tb", home(drips(answer(b"", b"Content-Length: 1000000000000"), bytes(8192), 0)), PARTIAL, Reason.TRUNCATED),
    Hazard(15, "robots-rule-490k", robots(says(sized(b"#" * 490 * 1024 + b"\n" + RULES))), *COMPLETE),
    Hazard(16, "robots-rule-5mb", robots(says(sized(b"#\n" * 2_500_000 + RULES))), PARTIAL, Reason.TRUNCATED),
    Hazard(17, "robots-one-line-10mb", robots(says(sized(b"Disallow: /" + b"a" * 10_000_000))), PARTIAL, Reason.TRUNCATED),
    # header block and framing
    Hazard(18, "hdr-flood", drips(OK, b"X: %s\r\n" % (b"y" * 8000), 0), MALFORMED, Reason.HEADER_TOO_LARGE),
    Hazard(19, "hdr-one-endless", drips(OK + b"X: ", b"y" * 8000, 0), MALFORMED, Reason.HEADER_TOO_LARGE),
    Hazard(20, "hdr-20k", home(says(sized(PAGE, b"Content-Security-Policy: " + b"x" * 20_000))), *COMPLETE),
    Hazard(21, "hdr-600", home(says(sized(PAGE, *[b"X: 1"] * 600))), *COMPLETE),
    Hazard(22, "hdr-nocolon", home(says(sized(PAGE, b"garbage", b"X: \x00\xff", b" fold"))), *COMPLETE),
    Hazard(23, "hdr-1xx-flood", drips(b"", b"HTTP/1.1 100 Go\r\n\r\n", 0), MALFORMED, Reason.NOT_HTTP),
    Hazard(24, "hdr-103-then-ok", robots(says(b"HTTP/1.1 103 Early Hints\r\n\r\n", sized(RULES))), *COMPLETE),
    Hazard(24, "hdr-101", says(b"HTTP/1.1 101 Switching\r\n\r\n\x00", 9.0), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "http-09", says(b"<html>old"), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "status-colon", says(b"HTTP/1.1 200: OK\r\n\r\nx"), MALFORMED, Reason.NOT_HTTP),
    Hazard(26, "status-999", status(b"999 Denied"), SERVER, Reason.UNKNOWN_STATUS),
    Hazard(26, "status-no-reason", robots(says(b"HTTP/1.1 200\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(27, "cl-text", home(says(answer(PAGE, b"Content-Length: many"))), *COMPLETE),
    Hazard(27, "cl-5000-digits", home(says(answer(PAGE, b"Content-Length: " + b"9" * 5000))), *COMPLETE),
    Hazard(27, "cl-two", home(says(answer(PAGE, b"Content-Length: 1", b"Content-Length: 2"))), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "te-and-cl", robots(says(answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(RULES), RULES), b"Transfer-Encoding: chunked", b"Content-Length: 4"))), *COMPLETE),
    Hazard(28, "chunk-garbage", robots(says(chunked(RULES, end=b"zz\r\n"), 9.0)), PARTIAL, Reason.DATA_LOSS),
    Hazard(29, "desync-extra", robots(says(sized(RULES) + b"HTTP/1.1 500 No\r\n\r\n")), *COMPLETE),
    Hazard(30, "s204", robots(status(b"204 None", body=b"")), Outcome.ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(30, "s206-unasked", robots(status(b"206 Part", body=RULES)), PARTIAL, Reason.DATA_LOSS),
    Hazard(30, "s304-unasked", robots(status(b"304 Same")), MALFORMED, Reason.NOT_MODIFIED),
    # statuses that are no answers
    Hazard(31, "robots-404", robots(status(b"404 No")), Outcome.ABSENT, Reason.ROBOTS_MISSING),
    Hazard(31, "robots-410", robots(status(b"410 Gone")), Outcome.ABSENT, Reason.ROBOTS_MISSING),
    Hazard(31, "robots-empty", robots(says(sized(b""))), Outcome.ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(31, "home-404", home(status(b"404 No")), PARTIAL, Reason.HOME_MISSING),
    Hazard(32, "s401", robots(status(b"401 No")), DENIED, Reason.HTTP_401, 1),
    Hazard(32, "s402", robots(status(b"402 Pay")), DENIED, Reason.HTTP_402, 1),
    Hazard(32, "s403", robots(status(b"403 No")), DENIED, Reason.HTTP_403, 1),
    Hazard(32, "s451", robots(status(b"451 No")), DENIED, Reason.HTTP_451, 1),
    Hazard(33, "s403-challenge", status(b"403 No", b"CF-Mitigated: challenge"), DENIED, Reason.CHALLENGE, 1),
    Hazard(33, "s200-challenge", home(says(CHALLENGE)), DENIED, Reason.CHALLENGE, 1),
    Hazard(33, "s503-challenge", status(b"503 Wait", b"cf-mitigated: challenge"), DENIED, Reason.CHALLENGE, 1),
    Hazard(34, "s429-forever", status(b"429 Slow"), Outcome.RATE_LIMITED, Reason.HTTP_429, 3),
    Hazard(34, "s429-once", by_turns(status(b"429 Slow", b"Retry-After: 1"), FINE), *COMPLETE, 2),
    Hazard(34, "s429-year", status(b"429 Slow", b"Retry-After: 31536000"), Outcome.RATE_LIMITED, Reason.HTTP_429, 1),
    Hazard(34, "s429-junk", by_turns(status(b"429 Slow", b"Retry-After: soon"), FINE), *COMPLETE, 2),
    Hazard(34, "s429-past", by_turns(status(b"429 Slow", b"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"), FINE), *COMPLETE, 2),
    Hazard(34, "home-429", home(status(b"429 Slow")), Outcome.RATE_LIMITED, Reason.HTTP_429, 3),
    Hazard(35, "s503", status(b"503 No"), SERVER, Reason.HTTP_5XX, 3),
    Hazard(35, "s500-rules", robots(status(b"500 No", body=RULES)), SERVER, Reason.HTTP_5XX),
    Hazard(36, "s404-rules", robots(status(b"404 No", body=RULES)), Outcome.ABSENT, Reason.ROBOTS_MISSING),
    Hazard(37, "s503-twice", by_turns(status(b"503 No"), status(b"503 No"), FINE), *COMPLETE, 3),
    Hazard(37, "s522-edge", status(b"522 Timed Out", b"Server: cloudflare"), SERVER, Reason.CDN_ERROR),
    # redirects
    Hazard(39, "redir-self", says(redirect(b"/robots.txt")), REFUSED, Reason.REDIRECT_LOOP, 1),
    Hazard(39, "redir-6", chain(6), REFUSED, Reason.REDIRECT_LIMIT),
    Hazard(40, "redir-5", chain(5), *COMPLETE),
    Hazard(41, "redir-file", says(redirect(b"file:///etc/passwd")), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(41, "redir-javascript", home(says(redirect(b"javascript:alert(1)"))), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(42, "redir-private", says(redirect(b"http://10.0.0.5/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "redir-port", says(redirect(b"http://93.184.216.34:22/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "home-private", home(says(redirect(b"http://127.0.0.1/"))), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(43, "redir-metadata", says(redirect(b"//169.254.169.254/latest/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(44, "redir-v6mapped", says(redirect(b"http://[::ffff:10.0.0.5]/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(44, "redir-decimal", says(redirect(b"http://2130706433/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(44, "redir-userinfo", says(redirect(b"http://u@good0.test/")), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(45, "meta-refresh", robots(says(sized(b'<html><meta http-equiv="refresh" content="0;url=http://10.0.0.5/">', HTML))), Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(51, "redir-parked", home(says(sized(b'<frameset><frame src="//sedoparking.com/x">', HTML))), PARTIAL, Reason.PARKED),
    Hazard(53, "redir-noloc", says(answer(status=b"301 Moved")), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(53, "redir-badloc", says(redirect(b"http://[bad/")), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(53, "redir-1mb", says(redirect(b"/" + b"a" * 1_000_000)), MALFORMED, Reason.HEADER_TOO_LARGE),
    Hazard(54, "redir-bomb", paths({"/robots.txt": drips(redirect(b"/r"), bytes(8192), 0), "/r": ROBOTS_FINE, "/": HOME_FINE}), *COMPLETE),
    # content coding
    Hazard(55, "gzip-bomb", home(says(coded(bad.gzip_bomb(64), b"gzip"))), PARTIAL, Reason.TRUNCATED),
    Hazard(55, "gzip-bomb-nested", robots(says(coded(gzip.compress(bad.gzip_bomb(64)), b"gzip, gzip"))), PARTIAL, Reason.TRUNCATED),
    Hazard(57, "enc-1000", home(says(coded(PAGE, b",".join([b"gzip"] * 1000)))), MALFORMED, Reason.BAD_CONTENT_CODING),
    Hazard(58, "gzip-truncated", home(says(coded(gzip.compress(os.urandom(9000))[:5000], b"gzip"))), PARTIAL, Reason.DATA_LOSS),
    Hazard(58, "gzip-lie", robots(says(coded(RULES, b"gzip"))), MALFORMED, Reason.ROBOTS_UNREAD),
    Hazard(58, "br-unasked", home(says(coded(b"\x0b\x02\x80xyz\x03", b"br"))), MALFORMED, Reason.BAD_CONTENT_CODING),
    # robots.txt as data
    Hazard(59, "robots-html", robots(says(sized(PAGE, TEXT))), Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(60, "robots-png", robots(says(sized(b"\x89PNG\r\n\x1a\n" + bytes(99)))), Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(61, "robots-utf16", robots(says(sized(RULES.decode().encode("utf-16")))), Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(62, "robots-nul", robots(says(sized(b"User-agent: *\x00\nDisallow: /x\x00\n"))), *COMPLETE),
    Hazard(63, "robots-unicode-eol", robots(says(sized("# a\u2028User-agent: *\u2028Disallow: /\n".encode()))), *COMPLETE),
    Hazard(65, "robots-redos", robots(says(sized(b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"$\n"))), *COMPLETE),
    Hazard(66, "robots-agents-x-rules", robots(says(sized(many_names(5000, 5000)))), *COMPLETE),
    Hazard(68, "delay-year", robots(says(sized(RULES + b"Crawl-delay: 31536000\n"))), PARTIAL, Reason.CRAWL_DELAY, 1),
    Hazard(68, "delay-nan", robots(says(sized(RULES + b"Crawl-delay: nan\nCrawl-delay: -5\n"))), *COMPLETE),
    # pages and files
    Hazard(70, "html-attr-40k", home(says(sized(b"<p " + b"".join(b"a%d=x " % n for n in range(40_000)) + b">", HTML))), *COMPLETE),
    Hazard(71, "html-deep", home(says(sized(b"<div>" * 100_000, HTML))), *COMPLETE),
    Hazard(72, "html-unclosed", home(says(sized(b'<a b="' + b"<!--" * 50_000, HTML))), *COMPLETE),
    Hazard(75, "html-charset-lie", home(says(sized(b"\xff\xfe\x00<", b"Content-Type: text/html; charset=utf-7"))), *COMPLETE),
    Hazard(77, "json-deep", json(b"[" * 100_000), *COMPLETE),
    Hazard(79, "json-surrogate", json(b'["\\ud800", "\\u0000"]'), *COMPLETE),
    # names and permission
    Hazard(89, "dns-nxdomain.invalid", FINE, UNREACHABLE, Reason.DNS_NXDOMAIN, 1),
    Hazard(89, "redir-nxdomain", says(redirect(b"http://gone.invalid/")), UNREACHABLE, Reason.DNS_NXDOMAIN),
    Hazard(79, "out-hostile-words", robots(status(b"404 \x1b[31m=cmd", b"X: <script>\x00")), Outcome.ABSENT, Reason.ROBOTS_MISSING),
    Hazard(0, "disallows-us", robots(says(sized(b"User-agent: OptOutObservatory\nDisallow: /\n"))), REFUSED, Reason.ROBOTS_DISALLOWS_US, 1),
    Hazard(0, "excluded", FINE, REFUSED, Reason.EXCLUDED, 1),
    Hazard(0, "redir-excluded", home(says(redirect(b"http://excluded.test/"))), REFUSED, Reason.EXCLUDED, 1),
)  # fmt: skip
