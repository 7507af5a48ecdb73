"""What a stranger's farm might have besides: the corners between two rules that are both kept."""

import gzip

from crawler.model import Outcome, Reason
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, chunked, coded, drips, paths, redirect, says, sized
from tests.hostile.further import CHUNKED, CHUNKS
from tests.hostile.hazards import (
    COMPLETE,
    DENIED,
    HOME_FINE,
    HTML,
    MALFORMED,
    OK,
    PAGE,
    PARTIAL,
    REFUSED,
    ROBOTS_FINE,
    RULES,
    SERVER,
    TDMREP,
    TEXT,
    UNREACHABLE,
    Hazard,
    home,
    json,
    robots,
    status,
)

ABSENT = Outcome.ABSENT
LOST = (PARTIAL, Reason.DATA_LOSS)
UNMEASURED = (PARTIAL, Reason.RESOURCE_UNMEASURED)
NO_LINE = (MALFORMED, Reason.UNKNOWN_STATUS)

LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha") for n in range(9)
)
BOMB_XML = b'<?xml version="1.0"?><!DOCTYPE rsl [%s]><rsl>&l8;</rsl>' % LAUGHS
XXE = b'<!DOCTYPE rsl [<!ENTITY x SYSTEM "file:///etc/passwd">]><rsl xmlns="https://rslstandard.org/rsl">&x;</rsl>'


def rsl(body: bytes, *headers: bytes) -> bad.Behaviour:
    """A site whose robots.txt points to that document."""
    rules = says(sized(RULES + b"License: /rsl.xml\n", TEXT))
    document = says(sized(body, b"Content-Type: application/rsl+xml", *headers))
    return paths({"/robots.txt": rules, "/": HOME_FINE, "/rsl.xml": document})


def file(serve: bad.Behaviour) -> bad.Behaviour:
    """A site whose tdmrep.json behaves so."""
    return paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE, TDMREP: serve})


def files(serve: bad.Behaviour) -> bad.Behaviour:
    """A site some of whose files behave so.

    Not all of them: a visit that a stall of ours repeats must stay under the ceiling of requests.
    """
    some = dict.fromkeys((TDMREP, "/ai.txt", "/llms.txt"), serve)
    return paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE, **some})


def leads(location: bytes) -> bad.Behaviour:
    return home(says(redirect(location)))


STRANGE = (
    # time, at each stage
    Hazard(6, "body-never-closed", robots(says(OK + b"\r\n" + RULES, 30.0)), *LOST),
    Hazard(6, "chunk-size-slow", robots(drips(answer(b"", CHUNKED), b"0", 0.3)), *LOST),
    Hazard(6, "trailers-slow", robots(drips(answer(CHUNKS[:-2], CHUNKED), b"X: y\r\n", 0.3)), *COMPLETE),
    Hazard(6, "redirect-slow-body", paths({"/robots.txt": says(redirect(b"/r"), 30.0), "/r": ROBOTS_FINE, "/": HOME_FINE}), *COMPLETE),
    Hazard(6, "blank-lines-for-ever", drips(b"", b"\r\n", 0), MALFORMED, Reason.NOT_HTTP),
    Hazard(6, "returns-for-ever", drips(b"", b"\r" * 4096, 0), MALFORMED, Reason.HEADER_TOO_LARGE),
    # header block and framing
    Hazard(18, "hdr-cookies", home(says(sized(PAGE, *[b"Set-Cookie: c%d=1" % n for n in range(900)]))), *COMPLETE),
    Hazard(20, "status-text-200k", robots(says(b"HTTP/1.1 200 " + b"x" * 200_000 + b"\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(22, "hdr-cr-only", robots(says(b"HTTP/1.1 200 OK\rContent-Length: 3\r\r" + RULES)), *LOST),
    Hazard(22, "hdr-robots-commas", home(says(sized(PAGE, b"X-Robots-Tag: " + b"noai," * 40_000))), *COMPLETE),
    Hazard(22, "hdr-link-flood", home(says(sized(PAGE, b"Link: " + b'<x>;rel="license",' * 12_000))), *COMPLETE),
    Hazard(22, "hdr-link-quotes", home(says(sized(PAGE, b'Link: <x>;rel="' + b'\\"' * 100_000))), *COMPLETE),
    Hazard(22, "hdr-policy-huge", home(says(sized(PAGE, b"tdm-reservation: 1", b"tdm-policy: /" + b"a" * 200_000))), *COMPLETE),
    Hazard(24, "ws-upgrade", home(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 9.0)), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "http-3-text", robots(says(b"HTTP/3.0 200 OK\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(25, "status-minus", says(b"HTTP/1.1 -200 OK\r\n\r\nx"), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "http2-goaway", says(b"\x00\x00\x08\x07" + bytes(13)), MALFORMED, Reason.NOT_HTTP),
    Hazard(27, "cl-zero-with-body", home(says(answer(PAGE, b"Content-Length: 0"))), *COMPLETE),
    Hazard(28, "te-chunked-first", robots(says(answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(RULES, mtime=0)), gzip.compress(RULES, mtime=0)), b"Transfer-Encoding: chunked, gzip"))), *COMPLETE),
    Hazard(28, "te-xchunked", robots(says(answer(CHUNKS, b"Transfer-Encoding: xchunked"))), MALFORMED, Reason.ROBOTS_UNREAD),
    Hazard(28, "te-chunked-in-trailer", robots(says(answer(CHUNKS[:-2] + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n", CHUNKED))), *COMPLETE),
    Hazard(28, "chunk-gzip-cut", robots(says(chunked(gzip.compress(RULES)[:20]).replace(b"Transfer", b"Content-Encoding: gzip\r\nTransfer", 1))), *LOST),
    Hazard(28, "te-chunked-but-none", robots(says(answer(RULES, CHUNKED))), *LOST),
    # statuses
    Hazard(30, "s204-with-body", robots(status(b"204 None", body=RULES)), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(30, "home-204", home(status(b"204 None", body=b"")), *COMPLETE),
    Hazard(30, "home-206-range-lie", home(says(answer(PAGE, b"Content-Range: bytes 900-1000/5", status=b"206 Part"))), *LOST),
    Hazard(30, "s200-content-range", robots(says(sized(RULES, b"Content-Range: bytes 5-9/3"))), *COMPLETE),
    Hazard(30, "s416", robots(status(b"416 Range")), ABSENT, Reason.ROBOTS_MISSING),
    Hazard(30, "home-304-unasked", home(status(b"304 Same")), MALFORMED, Reason.NOT_MODIFIED),
    Hazard(30, "home-300-no-location", home(status(b"300 Choose")), *NO_LINE),
    Hazard(30, "home-300-location", home(status(b"300 Choose", b"Location: /x")), *NO_LINE),
    Hazard(30, "home-300-bad-location", home(status(b"300 Choose", b"Location: http://[bad")), *NO_LINE),
    Hazard(30, "home-305-proxy", home(status(b"305 Use", b"Location: http://10.0.0.5:3128/")), *NO_LINE),
    Hazard(30, "home-399", home(status(b"399 What")), *NO_LINE),
    Hazard(30, "file-300", file(status(b"300 Choose")), *UNMEASURED),
    Hazard(32, "files-403", files(status(b"403 No")), *UNMEASURED),
    Hazard(32, "home-402-rsl", home(status(b"402 Pay", b'WWW-Authenticate: License realm="' + b"x" * 90_000)), DENIED, Reason.HTTP_402, 1),
    Hazard(34, "file-429", file(status(b"429 Slow", b"Retry-After: 9999")), *UNMEASURED),
    Hazard(34, "s503-waits-flood", status(b"503 Later", *[b"Retry-After: %d" % n for n in range(900)]), SERVER, Reason.HTTP_5XX, 1),
    # redirects
    Hazard(39, "redir-cookie-wall", paths({"/robots.txt": ROBOTS_FINE, "/": says(answer(b"", b"Set-Cookie: seen=1", b"Location: /?c", status=b"302 F")), "/?c": says(redirect(b"/"))}), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(39, "redir-cookie-endless", paths({"/robots.txt": ROBOTS_FINE} | {f"/{path}": says(answer(b"", b"Set-Cookie: a=%d" % n, b"Location: /?%d" % n, status=b"303 See")) for n, path in enumerate(["", *[f"?{n}" for n in range(9)]])}), REFUSED, Reason.REDIRECT_LIMIT),
    Hazard(39, "home-fragment", leads(b"/#again"), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(42, "home-v6-any", leads(b"http://[::]/"), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "home-6to4", leads(b"http://[2002:a00:5::]/"), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "home-nat64", leads(b"http://[64:ff9b::a00:5]/"), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "home-full-width", leads("http://\uff11\uff12\uff17.0.0.1/".encode()), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(44, "home-zone-id", leads(b"http://[fe80::1%25eth0]/"), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(44, "home-userinfo", leads(b"http://good0.test@10.0.0.5/"), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(44, "home-homograph", leads("http://\u0430pple.test/".encode()), UNREACHABLE, Reason.DNS_NXDOMAIN),
    Hazard(44, "home-punycode", leads(b"http://xn--pple-43d.test/"), UNREACHABLE, Reason.DNS_NXDOMAIN),
    Hazard(51, "home-to-silence", leads(b"http://silent.test/"), UNREACHABLE, Reason.TIMEOUT_FIRST_BYTE),
    Hazard(51, "home-to-who-refuses", leads(b"http://disallows-us.test/"), REFUSED, Reason.REDIRECT_DISALLOWED),
    Hazard(51, "home-to-who-is-broken", leads(b"http://http-09.test/"), MALFORMED, Reason.NOT_HTTP),
    Hazard(52, "home-to-https", leads(b"https://home-to-https.test/"), UNREACHABLE, Reason.TLS_TIMEOUT),
    Hazard(53, "home-dots", leads(b"/../../../etc/passwd"), PARTIAL, Reason.HOME_MISSING),
    Hazard(51, "files-home", files(says(redirect(b"/"))), *COMPLETE),
    Hazard(51, "files-page", files(HOME_FINE), *COMPLETE),
    Hazard(51, "files-away", files(says(redirect(b"http://good0.test/"))), *COMPLETE),
    Hazard(51, "files-loop", files(says(redirect(b"/ai.txt"))), *UNMEASURED),
    # content coding
    Hazard(58, "enc-two-headers", home(says(sized(gzip.compress(PAGE), b"Content-Encoding: gzip", b"Content-Encoding: identity"))), *COMPLETE),
    Hazard(55, "gzip-bomb-file", file(says(coded(bad.gzip_bomb(64), b"gzip"))), PARTIAL, Reason.TRUNCATED),
    Hazard(55, "gzip-bomb-rsl", rsl(bad.gzip_bomb(64), b"Content-Encoding: gzip"), PARTIAL, Reason.TRUNCATED),
    # robots.txt as data
    Hazard(60, "robots-zip", robots(says(sized(b"PK\x03\x04" + bytes(99)))), ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(60, "robots-pdf", robots(says(sized(b"%PDF-1.7\n" + bytes(99)))), ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(60, "robots-json", robots(says(sized(b'{"error": "no such page"}'))), *COMPLETE),
    Hazard(61, "robots-utf32", robots(says(sized(RULES.decode().encode("utf-32")))), *COMPLETE),
    Hazard(61, "robots-utf16-odd", robots(says(sized(RULES.decode().encode("utf-16")[:-1]))), *COMPLETE),
    Hazard(62, "robots-only-nul", robots(says(sized(bytes(400_000)))), *COMPLETE),
    Hazard(64, "robots-two-boms", robots(says(sized(b"\xef\xbb\xbf" * 2 + RULES))), *COMPLETE),
    Hazard(64, "robots-cr-many", robots(says(sized(b"\r" * 500_000))), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(67, "robots-million-groups", robots(says(sized(b"user-agent:a\ndisallow:/\n" * 1_000_000))), PARTIAL, Reason.TRUNCATED),
    Hazard(67, "robots-many-names", robots(says(sized(b"".join(b"user-agent:%x\ndisallow:/\n" % n for n in range(18_000))))), *COMPLETE),
    Hazard(69, "robots-signal-commas", robots(says(sized(RULES + b"Content-Signal: " + b"ai-train=no," * 35_000))), *COMPLETE),
    Hazard(69, "robots-licences", robots(says(sized(RULES + b"".join(b"License: /l%d\n" % n for n in range(30_000))))), *COMPLETE),
    Hazard(69, "robots-words", robots(says(sized(b"# we do not allow training of AI models, text and data mining\n" * 8_000))), *COMPLETE),
    # pages and files
    Hazard(71, "html-deep-b", home(says(sized(b"<b>" * 340_000, HTML))), *COMPLETE),
    Hazard(73, "html-meta-enormous", home(says(sized(b'<meta name="robots" content="' + b"noai," * 200_000 + b'">', HTML))), *COMPLETE),
    Hazard(73, "html-policy-enormous", home(says(sized(b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/' + b"a" * 900_000 + b'">', HTML))), *COMPLETE),
    Hazard(73, "html-base-script", home(says(sized(b'<base href="javascript:alert(1)//"><a href="terms">Terms of use</a>', HTML))), *COMPLETE),
    Hazard(73, "html-srcset", home(says(sized(b'<img srcset="' + b"a 1x, " * 160_000 + b'">', HTML))), *COMPLETE),
    Hazard(73, "html-refresh-bad", home(says(sized(b'<meta http-equiv="refresh" content="' + b"0;url=" * 100_000 + b'">', HTML))), *COMPLETE),
    Hazard(78, "json-huge-number", json(b'[{"location": "/", "tdm-reservation": ' + b"1" * 900_000 + b"}]"), *COMPLETE),
    Hazard(78, "json-exponent", json(b'[{"location": "/", "tdm-reservation": 1e999999999}]'), *COMPLETE),
    Hazard(78, "json-nan", json(b'[{"location": "/", "tdm-reservation": NaN}, -Infinity]'), *COMPLETE),
    Hazard(77, "json-deep-objects", json(b'{"a":' * 150_000), *COMPLETE),
    Hazard(80, "json-same-keys", json(b"[{" + b'"tdm-reservation": 1, "tdm-reservation": 0,' * 20_000 + b'"location": "/"}]'), *COMPLETE),
    Hazard(80, "json-million", json(b"[" + b'{"location":"/","tdm-reservation":1},' * 900_000 + b"{}]"), PARTIAL, Reason.TRUNCATED),
    Hazard(80, "json-paths", json(b"[" + b",".join(b'{"location":"/%s*%d","tdm-reservation":1}' % (b"*a" * 20, n) for n in range(12_000)) + b"]"), *COMPLETE),
    Hazard(80, "json-utf16", json('[{"location": "/", "tdm-reservation": 1}]'.encode("utf-16")), *COMPLETE),
    Hazard(81, "rsl-laughs", rsl(BOMB_XML), *COMPLETE),
    Hazard(82, "rsl-xxe", rsl(XXE), *COMPLETE),
    Hazard(83, "rsl-deep", rsl(b"<a>" * 300_000), *COMPLETE),
    Hazard(83, "rsl-attributes", rsl(b"<rsl " + b"".join(b'a%d="x" ' % n for n in range(60_000)) + b"/>"), *COMPLETE),
    Hazard(83, "rsl-contents", rsl(b'<rsl xmlns="https://rslstandard.org/rsl">' + b'<content url="/"><license><prohibits type="usage">ai-train</prohibits></license></content>' * 9_000 + b"</rsl>"), *COMPLETE),
)  # fmt: skip
