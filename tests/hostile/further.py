"""More hazards, found by going through the catalogue line by line and asking what was left out."""

import gzip
import os
import zlib

from crawler.model import Outcome, Reason
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, by_turns, coded, drips, paths, redirect, says, sized
from tests.hostile.hazards import (
    COMPLETE,
    FINE,
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
    TEXT,
    UNREACHABLE,
    Hazard,
    home,
    robots,
    status,
)

ABSENT = Outcome.ABSENT
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(RULES), RULES)
NEITHER = (MALFORMED, Reason.BAD_CONTENT_CODING)


def raw_deflate(body: bytes) -> bytes:
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    return pack.compress(body) + pack.flush()


def named_gzip(body: bytes) -> bytes:
    """A member whose header holds a file name of 100 kB (RFC 1952 section 2.3)."""
    return b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 100_000 + b"\0" + gzip.compress(body)[10:]


def linking(*targets: bytes) -> bytes:
    """A robots.txt and a page that point to further documents in every way we follow."""
    return b"".join(b"License: %s\n" % target for target in targets)


def page_linking(*targets: bytes) -> bytes:
    links = b"".join(
        b'<link rel="license" type="application/rsl+xml" href="%s"><a href="%s">Terms of use</a>'
        b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="%s">'
        % (target, target, target)
        for target in targets
    )
    return b"<!doctype html><html><head>" + links + b"</head></html>"


ODD = (
    b"http://[bad/x", b"http://[::1", b"javascript:alert(1)", b"data:text/plain,x", b"file:///etc",
    b"http:///nothing", b"http://u:p@good0.test/x", b"http://good0.test:99999/x",
    b"http://good0.test:x/", b"http://10.0.0.5/rsl.xml", b"http://[::ffff:10.0.0.5]/r",
    b"http://good0.test:22/r", b"//", b"http://\xff\xfe.test/", b"http://a\x00b.test/",
    "http://\u202egood.test/".encode(), b"http://" + b"a" * 300 + b".test/", b"?", b"#", b"\\\\x\\y",
    "/\ud800".encode("utf-8", "surrogatepass"), b"http://xn--a.test/", b"HTTP://EXAMPLE..test/",
    b"http://good0.test/" + b"a" * 9000, b"mailto:me@good0.test", b"http://-x.test/",
    b"http://1.2.3.4.5/", b"http://%31.test/", b"http://a b.test/", "http://\u2488.test/".encode(),
)  # fmt: skip

FURTHER = (
    # connect, time, size
    Hazard(6, "one-byte-at-a-time", drips(b"H", b"T", 0.2), MALFORMED, Reason.NOT_HTTP),
    Hazard(6, "status-drip", says(*[x for c in b"HTTP/1.1 200 OK" for x in (bytes([c]), 0.2)]), UNREACHABLE, Reason.TIMEOUT_TOTAL),
    Hazard(6, "length-never-reached", home(says(answer(PAGE, b"Content-Length: 100000"), 30.0)), PARTIAL, Reason.DATA_LOSS),
    Hazard(6, "hop-after-slow-hop", paths({"/robots.txt": says(0.8, redirect(b"/a")), "/a": says(0.8, redirect(b"/b")), "/b": says(0.8, redirect(b"/c"))}), UNREACHABLE, Reason.TIMEOUT_TOTAL),
    Hazard(7, "late-first-byte", robots(says(0.5, sized(RULES))), *COMPLETE),
    Hazard(10, "smtp-banner", says(b"220 mail.test ESMTP\r\n", 9.0, ask=False), MALFORMED, Reason.NOT_HTTP),
    Hazard(10, "icy", says(b"ICY 200 OK\r\n\r\n"), MALFORMED, Reason.NOT_HTTP),
    Hazard(10, "http2-preface", says(b"\x00\x00\x12\x04" + bytes(30), 9.0, ask=False), MALFORMED, Reason.NOT_HTTP),
    Hazard(16, "robots-exactly-500k", robots(says(sized((RULES + b"#" * 600_000)[: 500 * 1024]))), *COMPLETE),
    Hazard(16, "robots-500k-and-one", robots(says(sized((RULES + b"#" * 600_000)[: 500 * 1024 + 2]))), PARTIAL, Reason.TRUNCATED),
    # header block and framing
    Hazard(18, "hdr-999-lines", robots(says(answer(RULES, *[b"X: 1"] * 999))), *COMPLETE),
    Hazard(18, "hdr-1001-lines", robots(says(answer(RULES, *[b"X: 1"] * 1001))), MALFORMED, Reason.HEADER_TOO_LARGE),
    Hazard(20, "hdr-100k", robots(says(answer(RULES, b"Set-Cookie: a=" + b"b" * 100_000))), *COMPLETE),
    Hazard(22, "hdr-lf-only", robots(says(b"HTTP/1.1 200 OK\nContent-Type: text/plain\n\n" + RULES)), *COMPLETE),
    Hazard(22, "hdr-fold-first", robots(says(b"HTTP/1.1 200 OK\r\n folded\r\nX: 1\r\n\t2\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(22, "hdr-empty-names", robots(says(b"HTTP/1.1 200 OK\r\n: a\r\n:\r\n\x00: b\r\n=: c\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(22, "hdr-many-tags", home(says(sized(PAGE, *[b"X-Robots-Tag: noai"] * 300))), *COMPLETE),
    Hazard(22, "hdr-blank-first", robots(says(b"\r\n\r\n" + sized(RULES))), *COMPLETE),
    Hazard(22, "hdr-cut", says(OK + b"Content-Type: text/pl"), PARTIAL, Reason.DATA_LOSS),
    Hazard(23, "hdr-8-interim", robots(says(b"HTTP/1.1 102 Wait\r\n\r\n" * 8, sized(RULES))), *COMPLETE),
    Hazard(23, "hdr-100-then-silence", says(b"HTTP/1.1 100 Go\r\n\r\n", 30.0), UNREACHABLE, Reason.TIMEOUT_TOTAL),
    Hazard(24, "hdr-103-dripping", drips(b"", b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n", 0.4), UNREACHABLE, Reason.TIMEOUT_TOTAL),
    Hazard(25, "http-10", robots(says(b"HTTP/1.0 200 OK\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(25, "http-2-text", robots(says(b"HTTP/2 200\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(25, "http-lower", robots(says(b"http/1.1 200 ok\r\n\r\n" + RULES)), *COMPLETE),
    Hazard(25, "status-letters", says(b"HTTP/1.1 abc OK\r\n\r\nx"), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "status-four-digits", says(b"HTTP/1.1 2000 OK\r\n\r\nx"), MALFORMED, Reason.NOT_HTTP),
    Hazard(25, "status-huge", says(b"HTTP/1.1 200 " + b"x" * 300_000 + b"\r\n\r\n"), MALFORMED, Reason.HEADER_TOO_LARGE),
    Hazard(26, "status-000", status(b"000 Zero"), SERVER, Reason.UNKNOWN_STATUS),
    Hazard(26, "status-600", status(b"600 More"), SERVER, Reason.UNKNOWN_STATUS),
    Hazard(26, "s530-plain", status(b"530 Frozen"), SERVER, Reason.HTTP_5XX),
    Hazard(27, "cl-negative", home(says(answer(PAGE, b"Content-Length: -1"))), *COMPLETE),
    Hazard(27, "cl-plus", home(says(answer(PAGE, b"Content-Length: +5"))), *COMPLETE),
    Hazard(27, "cl-twice-same", home(says(answer(PAGE, b"Content-Length: %d" % len(PAGE), b"Content-Length: %d" % len(PAGE)))), *COMPLETE),
    Hazard(27, "cl-list", home(says(answer(PAGE, b"Content-Length: %d, %d" % (len(PAGE), len(PAGE))))), *COMPLETE),
    Hazard(27, "cl-unicode-digits", home(says(answer(PAGE, "Content-Length: \u0661\u0662".encode()))), *COMPLETE),
    Hazard(28, "chunk-2-64", robots(says(answer(b"10000000000000000\r\n" + RULES, CHUNKED))), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "chunk-40-digits", robots(says(answer(b"f" * 40 + b"\r\n" + RULES, CHUNKED))), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "chunk-extension-endless", robots(drips(answer(b"5;x=", CHUNKED), b"y" * 8192, 0)), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "chunk-extensions-many", robots(drips(answer(b"", CHUNKED), b"1;%s\r\n#\r\n" % (b"x" * 4000), 0)), PARTIAL, Reason.TRUNCATED),
    Hazard(28, "chunk-negative", robots(says(answer(b"-5\r\nhello\r\n0\r\n\r\n", CHUNKED))), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "chunk-0x", robots(says(answer(b"0x5\r\nhello\r\n0\r\n\r\n", CHUNKED))), PARTIAL, Reason.DATA_LOSS),
    Hazard(28, "chunk-lf", robots(says(answer(CHUNKS.replace(b"\r\n", b"\n"), CHUNKED))), *COMPLETE),
    Hazard(28, "trailers-endless", robots(drips(answer(CHUNKS[:-2], CHUNKED), b"X-Robots-Tag: noai\r\n", 0)), *COMPLETE),
    Hazard(28, "te-case", robots(says(answer(CHUNKS, b"Transfer-Encoding: CHUNKED"))), *COMPLETE),
    Hazard(28, "te-twice", robots(says(answer(CHUNKS, CHUNKED, CHUNKED))), *COMPLETE),
    Hazard(28, "te-gzip", robots(says(answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(RULES, mtime=0)), gzip.compress(RULES, mtime=0)), b"Transfer-Encoding: gzip, chunked"))), *COMPLETE),
    Hazard(28, "te-unknown", robots(says(answer(RULES, b"Transfer-Encoding: x-funny"))), MALFORMED, Reason.ROBOTS_UNREAD),
    Hazard(28, "te-identity", robots(says(answer(RULES, b"Transfer-Encoding: identity"))), *COMPLETE),
    Hazard(30, "s205", robots(status(b"205 Reset", body=b"")), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(30, "s300", robots(status(b"300 Choose", b"Location: /x")), MALFORMED, Reason.UNKNOWN_STATUS),
    # statuses
    Hazard(31, "s418", robots(status(b"418 Teapot")), ABSENT, Reason.ROBOTS_MISSING),
    Hazard(31, "robots-blank", robots(says(sized(b" \r\n\t\r\n"))), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(32, "s407", robots(status(b"407 Proxy")), Outcome.DENIED, Reason.HTTP_407, 1),
    Hazard(32, "home-403", home(status(b"403 No")), Outcome.DENIED, Reason.HTTP_403, 1),
    Hazard(34, "s429-huge", status(b"429 Slow", b"Retry-After: " + b"9" * 400), Outcome.RATE_LIMITED, Reason.HTTP_429),
    Hazard(34, "s429-date-far", status(b"429 Slow", b"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"), Outcome.RATE_LIMITED, Reason.HTTP_429, 1),
    Hazard(34, "s503-retry-year", status(b"503 Later", b"Retry-After: 31536000"), SERVER, Reason.HTTP_5XX, 1),
    Hazard(37, "home-500", home(status(b"500 No")), SERVER, Reason.HTTP_5XX, 3),
    Hazard(38, "s-flap", by_turns(FINE, status(b"404 No"), FINE, status(b"404 No")), PARTIAL, Reason.HOME_MISSING),
    # redirects
    Hazard(39, "redir-endless", paths({}, by_turns(*[says(redirect(b"/n%d" % n)) for n in range(60)])), REFUSED, Reason.REDIRECT_LIMIT),
    Hazard(39, "home-loop-across", home(says(redirect(b"http://home-loop-back.test/"))), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(39, "home-loop-back", home(says(redirect(b"http://home-loop-across.test/"))), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(39, "redir-fragment", robots(says(redirect(b"/robots.txt#again"))), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(41, "redir-data", says(redirect(b"data:text/plain,User-agent: *")), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(41, "redir-ftp", says(redirect(b"ftp://good0.test/")), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(41, "redir-gopher", says(redirect(b"gopher://good0.test/")), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(41, "redir-s3", says(redirect(b"s3://bucket/x")), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(41, "redir-mailto", home(says(redirect(b"mailto:me@good0.test"))), REFUSED, Reason.REDIRECT_SCHEME),
    Hazard(42, "redir-port-6379", says(redirect(b"http://93.184.216.34:6379/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "redir-private-name", says(redirect(b"http://localhost/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "redir-own-loopback", says(redirect(b"http://127.0.0.1:8080/")), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(42, "home-octal", home(says(redirect(b"http://0177.0.0.1/"))), REFUSED, Reason.PRIVATE_ADDRESS),
    Hazard(48, "robots-links-odd", paths({"/robots.txt": says(sized(RULES + linking(*ODD[:15]), TEXT)), "/": HOME_FINE}), *COMPLETE),
    Hazard(48, "robots-links-odder", paths({"/robots.txt": says(sized(RULES + linking(*ODD[15:]), TEXT)), "/": HOME_FINE}), *COMPLETE),
    *(Hazard(48, f"page-link-{n}", paths({"/robots.txt": ROBOTS_FINE, "/": says(sized(page_linking(target), HTML))}), *COMPLETE) for n, target in enumerate(ODD)),
    Hazard(51, "redir-home-for-robots", robots(says(redirect(b"/"))), ABSENT, Reason.ROBOTS_NOT_ROBOTS),
    Hazard(52, "redir-case", home(says(redirect(b"HTTP://REDIR-CASE.TEST:80/x"))), PARTIAL, Reason.HOME_MISSING),
    Hazard(53, "redir-empty", says(redirect(b"")), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(53, "redir-crlf", says(redirect(b"/x%0d%0aSet-Cookie: a=b")), REFUSED, Reason.REDIRECT_LOOP),
    Hazard(53, "redir-nul", says(redirect(b"/a\x00b")), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(53, "redir-two-locations", robots(says(answer(b"", b"Location: /a", b"Location: http://10.0.0.5/", status=b"302 F"))), MALFORMED, Reason.BAD_REDIRECT),
    Hazard(53, "redir-utf8", paths({"/robots.txt": ROBOTS_FINE, "/": says(redirect("/café".encode())), "/caf%C3%A9": HOME_FINE}), *COMPLETE),
    Hazard(51, "redir-offsite", home(says(redirect(b"http://good0.test/"))), Outcome.OK, Reason.OFFSITE),
    Hazard(51, "redir-offsite-no-robots", paths({"/": says(redirect(b"//GOOD0.test/", b"301 Moved"))}), ABSENT, Reason.OFFSITE),
    Hazard(53, "redir-utf8-away", home(says(redirect("http://utf8-there.test/café".encode()))), Outcome.OK, Reason.OFFSITE),
    Hazard(53, "utf8-there", paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE, "/caf%C3%A9": HOME_FINE}), *COMPLETE),
    # content coding
    Hazard(55, "gzip-bomb-robots", robots(says(coded(bad.gzip_bomb(64), b"gzip"))), PARTIAL, Reason.TRUNCATED),
    Hazard(57, "gzip-matryoshka", home(says(coded(gzip.compress(gzip.compress(gzip.compress(PAGE))), b"gzip, gzip, gzip"))), *NEITHER),
    Hazard(57, "gzip-twice", home(says(coded(bad.twice_gzipped(PAGE), b"gzip, gzip"))), *COMPLETE),
    Hazard(57, "enc-blank", home(says(coded(PAGE, b""))), *COMPLETE),
    Hazard(58, "gzip-members", robots(says(coded(gzip.compress(RULES[:9]) + gzip.compress(RULES[9:]), b"gzip"))), *COMPLETE),
    Hazard(58, "gzip-padded", robots(says(coded(gzip.compress(RULES) + bytes(99), b"gzip"))), *COMPLETE),
    Hazard(58, "gzip-trailing-rubbish", robots(says(coded(gzip.compress(RULES) + b"\x1f\x8brubbish", b"gzip"))), MALFORMED, Reason.ROBOTS_UNREAD),
    Hazard(58, "gzip-empty", robots(says(coded(b"", b"gzip"))), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(58, "gzip-long-name", robots(says(coded(named_gzip(RULES), b"gzip"))), *COMPLETE),
    Hazard(58, "gzip-bad-crc", robots(says(coded(gzip.compress(RULES)[:-8] + bytes(8), b"gzip"))), MALFORMED, Reason.ROBOTS_UNREAD),
    Hazard(58, "gzip-members-flood", robots(says(coded(gzip.compress(b"") * 50_000, b"gzip"))), ABSENT, Reason.ROBOTS_EMPTY),
    Hazard(58, "deflate-raw", robots(says(coded(raw_deflate(RULES), b"deflate"))), *COMPLETE),
    Hazard(58, "deflate-zlib", robots(says(coded(zlib.compress(RULES), b"deflate"))), *COMPLETE),
    Hazard(58, "x-gzip", robots(says(coded(gzip.compress(RULES), b"X-GZip"))), *COMPLETE),
    Hazard(58, "zstd-unasked", home(says(coded(b"\x28\xb5\x2f\xfd" + os.urandom(60), b"zstd"))), *NEITHER),
    Hazard(58, "gzip-undeclared", robots(says(sized(gzip.compress(RULES), TEXT))), Outcome.OK, Reason.COMPLETE),
    # robots.txt as data
    Hazard(61, "robots-utf16-no-bom", robots(says(sized(RULES.decode().encode("utf-16-le")))), *COMPLETE),
    Hazard(64, "robots-bom", robots(says(sized(b"\xef\xbb\xbf" + RULES))), *COMPLETE),
    Hazard(64, "robots-cr", robots(says(sized(RULES.replace(b"\n", b"\r")))), *COMPLETE),
    Hazard(64, "robots-latin1", robots(says(sized(b"# caf\xe9\n" + RULES))), *COMPLETE),
    Hazard(67, "robots-100k-rules", robots(says(sized(b"User-agent: *\n" + b"Disallow: /a\n" * 39_000))), *COMPLETE),
    Hazard(67, "robots-50k-agents", robots(says(sized(b"User-agent: a\nDisallow:/\n" * 20_000))), *COMPLETE),
    Hazard(65, "robots-stars-many", robots(says(sized(b"User-agent: *\n" + b"Disallow: /*a*b*c*d*e*f*g*h$\n" * 17_000))), *COMPLETE),
    Hazard(65, "robots-star-long", robots(says(sized(b"User-agent: *\nDisallow: /" + b"*" * 400_000 + b"x$\n"))), *COMPLETE),
    Hazard(68, "delay-1e308", robots(says(sized(RULES + b"Crawl-delay: 1e308\nCrawl-delay: inf\n"))), *COMPLETE),
    Hazard(69, "robots-unknown-fields", robots(says(sized(b"X%d: y\n" * 1 % 5 + b"Content-Signal: ai-train=no\n" * 5000 + RULES))), *COMPLETE),
    # pages and files
    Hazard(70, "html-attr-flood", home(says(sized(b"<p " + b"a=x " * 300_000 + b">", HTML))), PARTIAL, Reason.TRUNCATED),
    Hazard(70, "html-attr-many-names", home(says(sized(b"<a " + b"".join(b"a%d " % n for n in range(120_000)) + b">", HTML))), *COMPLETE),
    Hazard(73, "html-meta-flood", home(says(sized(b'<meta name="robots" content="noai">' * 29_000, HTML))), *COMPLETE),
    Hazard(73, "html-anchor-flood", home(says(sized(b'<a href="/terms">Terms</a>' * 39_000, HTML))), *COMPLETE),
    Hazard(73, "html-base-flood", home(says(sized(b'<base href="http://10.0.0.5/">' * 30_000 + b"<a href=terms>Terms of service</a>", HTML))), *COMPLETE),
    Hazard(73, "html-entities", home(says(sized(b"&amp;" * 200_000, HTML))), *COMPLETE),
    Hazard(73, "html-lt-flood", home(says(sized(b"<" * 1_000_000, HTML))), *COMPLETE),
    Hazard(73, "html-script-open", home(says(sized(b"<script>" + b"</scrip" * 140_000, HTML))), *COMPLETE),
    Hazard(73, "html-jsonld-flood", home(says(sized(b'<script type="application/ld+json">{"license":"/x"}</script>' * 17_000, HTML))), *COMPLETE),
    Hazard(73, "html-jsonld-deep", home(says(sized(b'<script type="application/ld+json">' + b"[" * 900_000 + b"</script>", HTML))), *COMPLETE),
    Hazard(72, "html-comments", home(says(sized(b"<!" * 500_000, HTML))), *COMPLETE),
    Hazard(76, "html-as-bin", home(says(sized(PAGE, b"Content-Type: application/octet-stream", b"Content-Disposition: attachment; filename=../../x"))), *COMPLETE),
    Hazard(45, "refresh-header", home(says(sized(PAGE, HTML, b"Refresh: 0; url=http://10.0.0.5/"))), *COMPLETE),
    Hazard(45, "meta-refresh-loop", home(says(sized(b'<meta http-equiv=refresh content="0;url=/">', HTML))), *COMPLETE),
    Hazard(49, "cookies", robots(says(sized(RULES, b"Set-Cookie: a=b; Domain=.test", b"Set-Cookie2: x"))), *COMPLETE),
)  # fmt: skip
