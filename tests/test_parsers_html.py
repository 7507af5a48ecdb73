"""The tag tokenizer finds the metas a browser would, no decoy, and in linear time."""

import json
import lzma
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.html import MAX_METAS, MAX_TEXT, Page, decode, parse_html
from crawler.parsers.lines import Lines

CORPUS = Path(__file__).parents[2] / "shared/corpus/dev/responses/pages.jsonl.xz"
META = '<meta name="robots" content="noai">'
BOTS = {"googlebot", "googlebot-news", "bingbot", "ccbot", "gptbot", "amazonbot"}


def contents(html: str) -> list[tuple[str | None, bool]]:
    return [(meta.content, meta.in_head) for meta in parse_html(html.encode()).metas]


# WHATWG HTML 13.2.5 (tokenization) and 13.2.6 (tree construction), named by subsection.
NOTHING = {
    "comment": f"<!-- {META} -->",
    "comment never closed": f"<!-- {META}",
    "comment with --!>": f"<!-- {META} --!>",
    "bogus comment <?": "<? <meta name=a content=b>",
    "bogus comment </ ": "</ <meta name=a content=b>",
    "bogus comment <!": "<!x <meta name=a content=b>",
    "script": f"<script>'{META}'</script>",
    "script never closed": f"<script>{META}",
    "script end needs a delimiter": f"<script></scripting>{META}</script>",
    "script double escaped": f"<script><!-- <script></script>{META}--></script>",
    "style": f"<STYLE>{META}</style>",
    "textarea": f"<textarea>{META}</textarea>",
    "title": f"<title>{META}</title >",
    "noscript": f"<noscript>{META}</noscript>",
    "iframe": f"<iframe>{META}</iframe>",
    "xmp": f"<xmp>{META}</xmp>",
    "plaintext": f"<plaintext>{META}</plaintext>{META}",
    "template": f"<template>{META}</template>",
    "nested templates": f"<template><template></template>{META}</template>",
    "template with text": f"<template>text <p> </body>{META}</template>",
    "CDATA in svg": f"<svg><![CDATA[{META}{META}]]></svg>",
    "CDATA never closed": f"<svg><![CDATA[{META}{META}",
    "attribute value": "<p title='<meta name=a content=b>'>",
    "attribute never closed": f'<p title="{META[:-2]}>',
    "tag never closed": "<meta name=robots content=noai",
    "not a tag": "< meta name=robots content=noai>",
    "end tag": "</meta name=robots content=noai>",
}


@pytest.mark.parametrize("html", NOTHING.values(), ids=NOTHING)
def test_decoys_are_not_metas(html: str):
    assert parse_html(html.encode()).metas == ()


HEAD, BODY = [("noai", True)], [("noai", False)]
PLACES = {
    "bare": (META, HEAD),
    "in head": (f"<!doctype html><html><head>{META}</head>", HEAD),
    "after </head>, before body": (f"<head></head>\n{META}", HEAD),
    "after a text": (f"<head>text{META}</head>", BODY),
    "after a paragraph": (f"<head><p>{META}</head>", BODY),
    "after <body>": (f"<body>{META}", BODY),
    "after </body>": (f"</body>{META}", BODY),
    "after an unknown end tag": (f"<head></div>{META}", HEAD),
    "after comment, script, style": (f"<!--x--><script>x</script><style>x</style>{META}", HEAD),
    "after an empty comment": (f"<!-->{META}", HEAD),
    "after an empty comment with a dash": (f"<!--->{META}-->", HEAD),
    "after an escaped script": (f"<script><!-- <script></script> --></script>{META}", HEAD),
    "after a script with <!-->": (f"<script><!--><script></script>{META}", HEAD),
    "after a template": (f"<template><p>text</template>{META}", HEAD),
    "after a stray </template>": (f"</template>{META}", HEAD),
    "after self-closing title in svg": (f"<svg><title/>{META}</svg>", BODY),
    "after svg and math": (f"<svg></svg><math/></math></svg>{META}", BODY),
    "after CDATA outside svg": (f"<![CDATA[ x > ]]>{META}", BODY),
    "after an attribute with >": (f"<link title='a>b'>{META}", HEAD),
    "after </>": (f"</>{META}", HEAD),
}


@pytest.mark.parametrize(("html", "expected"), PLACES.values(), ids=PLACES)
def test_where_a_meta_stands(html: str, expected: list):
    assert contents(html) == expected


ATTRIBUTES = {
    "<meta name=a content=b>": "b",
    "<META NAME=a CONTENT='b c'/>": "b c",
    '<meta name = "a" content\n=\n"b">': "b",
    "<meta content=b content=c name=a>": "b",  # the first counts (13.2.5.33)
    "<meta name=a content=no&#97;i&comma;>": "noai,",
    "<meta name=a content=b/>": "b/",  # an unquoted value takes the slash (13.2.5.38)
    "<meta name='a'/content=>": "",
    "<meta name=a content>": "",
    '<meta ="x" name=a content="b"c=d>': "b",
    "<meta name=a / content=b / >": "b",
    f"<meta name=a content='&#{'1' * 9000};'>": None,
}


@pytest.mark.parametrize("html", ATTRIBUTES)
def test_attributes(html: str):
    (meta,) = parse_html(html.encode()).metas
    if (expected := ATTRIBUTES[html]) is not None:
        assert meta.content == expected


def test_all_naming_attributes_are_kept_with_line_and_source():
    page = parse_html(b"<html>\r\n\r<meta property=p\n http-equiv=h>\n<meta name=n>")
    first, second = page.metas
    assert (first.name, first.property, first.http_equiv, first.content) == (None, "p", "h", None)
    assert (first.line, second.line) == (3, 5)
    assert first.raw == "<meta property=p\n http-equiv=h>"
    assert not page.cut


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"\xef\xbb\xbf\xc3\xa9", "windows-1252", "é"),
        ("é".encode("utf-16"), "utf-8", "é"),
        (b"\xfe\xff\x00\xe9", None, "é"),
        ("<é".encode("utf-16-le"), None, "<é"),
        ("<é".encode("utf-16-be"), None, "<é"),
        (b"\xe9", "ISO-8859-1", "é"),
        (b"\x80", "us-ascii", "€"),
        (b"\xc3\xa9", "utf-7", "é"),
        (b"+ADw-", "utf-7", "+ADw-"),
        (b"\xc3\xa9", "base64", "é"),
        (b"\xc3\xa9", "no such charset", "é"),
        (b"\xc3\xa9", "\0", "é"),
        (b"\xff", None, "\ufffd"),
        (b"<meta charset=latin1>\xe9", None, "<meta charset=latin1>é"),
        (b"<meta charset=utf-16>\xc3\xa9", None, "<meta charset=utf-16>é"),
    ],
)
def test_charset_is_bom_then_sane_label_then_utf8(data: bytes, label: str | None, text: str):
    assert decode(data, label) == text


def test_no_more_than_the_limits_are_read():
    assert parse_html(b" " * (MAX_TEXT + 1)).cut
    flood = parse_html(META.encode() * (MAX_METAS + 1))
    assert (len(flood.metas), flood.cut) == (MAX_METAS, True)


HOSTILE = {
    "40,000 attributes": b"<p " + b" ".join(b"a%d=b" % n for n in range(40_000)) + b">",
    "200,000 nested divs": b"<div>" * 200_000,
    "attribute flood": b"<p" + b" a" * 500_000,
    "unclosed quotes": b"<p a=\"b' " * 100_000,
    "unclosed comments": b"<!--" * 250_000,
    "unclosed scripts": b"<script><!--<script" * 50_000,
    "comment dashes": b"<script>" + b"<!---" * 200_000,
    "unclosed titles": b"<title></titl" * 80_000,
    "cdata flood": b"<svg>" + b"<![CDATA[" * 100_000,
    "meta flood": META.encode() * 30_000,
    "angle brackets": b"<" * 1_000_000,
    "end tags": b"</a" * 300_000,
    "5 MB attribute": b'<meta content="' + b"x" * 5_000_000 + b'">',
    "charset bait": b"<meta " * 200_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_pages_are_read_to_their_end(data: bytes):
    assert isinstance(parse_html(data), Page)


def test_the_meta_after_a_hostile_tag_is_found():
    page = parse_html(HOSTILE["40,000 attributes"] + META.encode())
    assert [meta.content for meta in page.metas] == ["noai"]


@given(st.text(alphabet="a\r\n\u2028\x0b", max_size=40))
def test_lines_are_counted_at_cr_lf_and_crlf_only(text: str):
    lines = Lines(text)
    counted = [lines.at(n) for n in range(len(text) + 1) if text[n - 1 : n + 1] != "\r\n"]
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    assert counted[-1] == normal.count("\n") + 1
    assert counted == sorted(counted)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, "utf-7", "utf-16", "latin1", "big5"]))
def test_no_bytes_make_it_raise(data: bytes, label: str | None):
    for meta in parse_html(b"<meta name=x content=" + data, label).metas:
        assert meta.line >= 1


def is_of_interest(name: str | None) -> bool:
    lower = (name or "").lower()
    return lower == "robots" or lower in BOTS or lower.startswith("tdm-")


def test_real_pages_hold_the_metas_that_libxml2_finds():
    if not CORPUS.exists():
        pytest.skip("the shared corpus is not here")
    with lzma.open(CORPUS, "rt", encoding="utf-8", errors="surrogatepass") as file:
        pages = [json.loads(line)["html"] for line in file]
    compared = 0
    for html in pages:
        data = html.encode("utf-8", "replace")[:MAX_TEXT]
        tree = lxml.html.fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))
        theirs = {
            (m.get("name").lower(), m.get("content"))
            for m in tree.iter("meta")
            if is_of_interest(m.get("name"))
            and not any(up.tag in ("noscript", "template") for up in m.iterancestors())
        }
        ours = {
            (m.name.lower(), m.content) for m in parse_html(data).metas if is_of_interest(m.name)
        }
        assert ours == theirs
        compared += len(theirs)
    assert compared > 100
