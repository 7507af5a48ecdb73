"""The reader finds what a browser would, no decoy, and in bounded time."""

import json
import lzma

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.html import reader
from crawler.parsers.html.encoding import octets
from crawler.parsers.html.page import Page
from crawler.parsers.html.reader import MAX_METAS, MAX_OTHERS, MAX_TEXT, read_page
from crawler.parsers.lines import Lines
from tests.paths import CORPUS

PAGES = CORPUS / "responses" / "pages.jsonl.xz"
META = '<meta name="robots" content="noai">'
BOTS = {"googlebot", "googlebot-news", "bingbot", "ccbot", "gptbot", "amazonbot"}


def contents(html: str) -> list[tuple[str | None, bool]]:
    return [(meta.content, meta.in_head) for meta in read_page(html.encode()).metas]


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
    "end tag of a longer name": f"<textarea></textareas>{META}</textarea>",
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
    assert read_page(html.encode()).metas == ()


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
    (meta,) = read_page(html.encode()).metas
    if (expected := ATTRIBUTES[html]) is not None:
        assert meta.content == expected


def test_all_naming_attributes_are_kept_with_line_and_source():
    page = read_page(b"<html>\r\n\r<meta property=p\n http-equiv=h>\n<meta name=n>")
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
        ("<?xé".encode("utf-16-le"), None, "<?xé"),  # section 13.2.3.2: an XML declaration
        ("<?xé".encode("utf-16-be"), None, "<?xé"),
        ("<é".encode("utf-16-le"), None, "<\0\ufffd\0"),  # no browser reads this
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
    assert octets(data, label, 100).decode("utf-8", "replace") == text


LINK = '<link rel="License Next" type="a/b" href="x.xml">'
BLOCK = '<script type="application/ld+json">{"a": "</p>"}</script>'


def links(html: str) -> list[tuple]:
    page = read_page(html.encode())
    return [(link.element, link.rel, link.href, link.type, link.in_head) for link in page.links]


def test_links_and_licence_anchors_are_kept():
    html = f"{LINK}<link><body>{LINK}<a rel=license href=/l>x</a><area rel='x license'><a rel=me>"
    rel = ("license", "next")
    assert links(html) == [
        ("link", rel, "x.xml", "a/b", True),
        ("link", (), None, None, True),
        ("link", rel, "x.xml", "a/b", False),
        ("a", ("license",), "/l", None, False),
        ("area", ("x", "license"), None, None, False),
    ]


SPELLINGS = [
    "<a rel=license>",
    "<A REL=LICENSE>",
    "<a rel='it is license'>",
    '<a rel="x&#x20;&#108;icense">',
    "<a rel = license>",
    "<a x=y rel\n=\n'license'>",
    "<a x'y rel=license>",
    "<a =x rel=license>",
    "<a/rel=license>",
    "<a rel=license rel=me>",
    '<a title="a>b" rel=license>',
]


@pytest.mark.parametrize("tag", SPELLINGS)
def test_an_anchor_is_found_however_it_is_written(tag: str):
    (link,) = read_page(f"<body><p>text{tag}".encode()).links
    assert link.raw == tag


@pytest.mark.parametrize(
    "html",
    ["<a rel=licenses>", "<a rev=license>", "<a rel=me rel=license>", "<p rel=license>"]
    + [f"<{name}><a rel=license></{name}>" for name in ("template", "textarea", "title", "style")],
)
def test_what_is_no_licence_anchor(html: str):
    assert read_page(f"<body><p>{html}".encode()).links == ()


@pytest.mark.parametrize(
    ("outer", "counts"),
    [
        ("<math><annotation-xml encoding='Text/HTML'>", True),
        ("<math><annotation-xml>", False),
        ("<svg><desc>", True),
        ("<svg><g>", False),
    ],
)
def test_an_anchor_of_another_vocabulary_is_none(outer: str, *, counts: bool):
    """WHATWG HTML 13.2.6: HTML begins again at the integration points."""
    assert len(links(f"<body>{outer}<a rel=license>")) == counts


def test_data_blocks_are_kept_as_written():
    page = read_page(f"\n{BLOCK}<body><p>{BLOCK.replace('ld+', 'LD&#43;')}".encode())
    assert [(s.type, s.text, s.line, s.in_head) for s in page.scripts] == [
        ("application/ld+json", '{"a": "</p>"}', 2, True),
        ("application/ld+json", '{"a": "</p>"}', 2, False),
    ]
    assert page.scripts[0].raw == BLOCK[: -len("</script>")]


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("<script type=application/rsl+xml>", True),
        ("<script type=' Application/RSL+XML ; charset=utf-8'>", True),
        ("<script type=application/json>", False),
        ("<script type=application/json+rsl>", False),
        ("<script>", False),
        ("<template><script type=application/rsl+xml>", False),
        ("<!--<script type=application/rsl+xml>", False),
        ("<svg><script type=application/rsl+xml />", False),
    ],
)
def test_scripts_of_two_types_are_data_blocks(tag: str, kept: bool):
    for before in ("", "<body><p>"):
        page = read_page(f"{before}{tag}<rsl/></script>".encode())
        assert [script.text for script in page.scripts] == ["<rsl/>"] * kept


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<meta itemprop=license content=a>", [("license", "a", "meta")]),
        ("<link itemprop='name license' href=a>", [("license", "a", "link")]),
        ("<i itemprop=license><b>a</b>\n c</i>d", [("license", "a c", "i")]),
        ("<i itemprop=creditText>a<i>b</i>c</i>d", [("credittext", "a b c", "i")]),
        ("<i itemprop=creditText>a<!--x--><style>y</style><br/>b", [("credittext", "a b", "i")]),
        ("<i itemprop=creditText>a&amp;b<p c='", [("credittext", "a&b", "i")]),
        ("<img itemprop=license>text", [("license", "", "img")]),
        ("<img itemprop=license src=a>", [("license", "a", "img")]),
        ("<time itemprop=copyrightYear datetime=2026>x", [("copyrightyear", "2026", "time")]),
        ("<i property='dct:license' resource=a>", [("license", "a", "i")]),
        ("<i property='http://schema.org/usageInfo'>a", [("usageinfo", "a", "i")]),
        ("<i property='http://creativecommons.org/ns#license'>a", [("license", "a", "i")]),
        ("<a rel='cc:license' href=a>x</a>", [("license", "a", "a")]),
        ("<i itemprop=license property=schema:license content=a>", [("license", "a", "i")]),
        (
            "<i itemprop='license usageInfo' content=a>",
            [("license", "a", "i"), ("usageinfo", "a", "i")],
        ),
        ("<i itemprop=licensee>a", []),
        ("<i itemprop=name>license", []),
        ("<template><i itemprop=license>a</template>", []),
    ],
)
def test_properties_have_their_values(html: str, expected: list):
    for before in ("", "<body><p>"):
        found = read_page((before + html).encode()).properties
        assert [(p.name, p.value, p.element) for p in found] == expected


def test_the_text_of_an_element_is_looked_at_to_a_limit():
    (found,) = read_page(b"<i itemprop=license>" + b"x" * 9000).properties
    assert len(found.value) == reader.MAX_VALUE


def test_marks_are_kept_on_every_element():
    html = "<html mlnoindex><body><p>a<img DATA-PIN-NOPIN=true><span data-nosnippet=''mlnoindex>b"
    assert [(m.name, m.value, m.element, m.in_head) for m in read_page(html.encode()).marks] == [
        ("mlnoindex", "", "html", False),
        ("data-pin-nopin", "true", "img", False),
        ("data-nosnippet", "", "span", False),
        ("mlnoindex", "", "span", False),
    ]


def test_the_first_base_counts():
    assert read_page(b"<base target=x><base href=/a><base href=/b>").base == "/a"
    assert read_page(b"<p>").base is None


def test_a_refresh_is_among_the_metas():
    (meta,) = read_page(b"<meta http-equiv=Refresh content='0; url=/home'>").metas
    assert (meta.http_equiv, meta.content) == ("Refresh", "0; url=/home")


def test_no_more_than_the_limits_are_read():
    assert read_page(b" " * (MAX_TEXT + 1)).cut
    flood = read_page(META.encode() * (MAX_METAS + 1))
    assert (len(flood.metas), flood.cut) == (MAX_METAS, True)
    flood = read_page(LINK.encode() * (MAX_OTHERS + 1))
    assert (len(flood.links), flood.cut) == (MAX_OTHERS, True)
    flood = read_page(b"<p mlnoindex data-nosnippet>" * (MAX_OTHERS // 2 + 1) + LINK.encode())
    assert (len(flood.marks), len(flood.links), flood.cut) == (MAX_OTHERS, 1, True)
    assert not read_page(LINK.encode() * MAX_OTHERS).cut


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
    "link flood": b"<link rel=license href=a>" * 4_000,
    "mark flood": b"<p data-nosnippet mlnoindex>" * 4_000,
    "property flood": b"<i itemprop=license><title>" * 4_000,
    "nested properties": b"<b itemprop=license>" * 5_000,
    "script flood": b"<script type=application/ld+json></script>" * 4_000,
    "license in values": b"<p rel='licens licens licens' itemprop=x>" * 25_000,
    "open pictures": b"<svg><p>" * 60_000,
    "pictures with CDATA": b"<svg><g><![CDATA[x]]></g></svg>" * 33_000,
    "comments in scripts": b"<script>a<b<!--</script>" * 10_000,
    "unclosed values": b"<p a=\"<p a='" * 80_000,
    "tags in one tag": b"<b " * 300_000,
    "odd attributes": b"<p =a b = c d'e>" * 30_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_pages_are_read_to_their_end(data: bytes):
    assert isinstance(read_page(data), Page)


@pytest.mark.parametrize("hostile", ["40,000 attributes", "attribute flood", "200,000 nested divs"])
def test_a_page_is_cut_before_what_no_page_has(hostile: str):
    """What stands before it is read; what may stand behind it is unmeasured, never absent."""
    page = read_page(META.encode() + HOSTILE[hostile] + META.replace("noai", "x").encode())
    assert ([meta.content for meta in page.metas], page.cut) == (["noai"], True)


@pytest.mark.parametrize("before", [0, 1, 4_999, 5_000, 9_998, 9_999, 10_000])
def test_a_flood_of_attributes_is_found_wherever_it_begins(before: int):
    flood = b"x" * before + b"<p" + b" a" * reader.MAX_ATTRIBUTES
    assert read_page(flood).cut
    assert not read_page(flood[:-2]).cut


def test_many_attributes_and_elements_are_no_reason_to_cut():
    many = b"<p " + b" ".join(b"a%d=b" % n for n in range(9_000)) + b">" + b"<i>x</i>" * 30_000
    page = read_page(many + b"<img>" * 25_000 + META.encode())
    assert ([meta.content for meta in page.metas], page.cut) == (["noai"], False)


@pytest.mark.parametrize("value", ["x", "9" * 5000, "1", "-1", "", "0x1", "99999999"])
def test_a_page_may_use_the_name_that_offsets_have(value: str):
    """Of the tags, `x<1` is one to which none is put."""
    page = read_page(f"<body>\n<x<1\to0='{value}' mlnoindex><p mlnoindex o0=9>".encode())
    assert [mark.line for mark in page.marks][1:] == [2]
    assert page.marks[0].line >= 1


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
    for meta in read_page(b"<meta name=x content=" + data, label).metas:
        assert meta.line >= 1


def is_of_interest(name: str | None) -> bool:
    lower = (name or "").lower()
    return lower == "robots" or lower in BOTS or lower.startswith("tdm-")


def has_no_markup_above(element: lxml.html.HtmlElement) -> bool:
    """libxml2 takes tags for elements where a browser sees text, or no document."""
    text = ("noscript", "template", "textarea", "iframe")
    return not any(up.tag in text for up in element.iterancestors())


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    if not PAGES.exists():
        pytest.skip("the shared corpus is not here")
    with lzma.open(PAGES, "rt", encoding="utf-8", errors="surrogatepass") as file:
        rows = [json.loads(line)["html"] for line in file]
    return [html.encode("utf-8", "replace")[:MAX_TEXT] for html in rows]


def test_real_pages_hold_what_libxml2_finds(pages: list[bytes]):
    found = [0] * 4
    for data in pages:
        tree = lxml.html.fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))
        page = read_page(data, "utf-8")
        theirs = [
            {
                (m.get("name").lower(), m.get("content"))
                for m in tree.iter("meta")
                if is_of_interest(m.get("name")) and has_no_markup_above(m)
            },
            sorted(
                (link.get("href") or "") for link in tree.iter("link") if has_no_markup_above(link)
            ),
            sorted(
                "".join((script.text or "").split())  # libxml2 mends line ends
                for script in tree.iter("script")
                if "ld+json" in (script.get("type") or "") and has_no_markup_above(script)
            ),
            sorted(
                element.tag
                for element in tree.xpath("//*[@data-nosnippet]")
                if has_no_markup_above(element)
            ),
        ]
        ours = [
            {(m.name.lower(), m.content) for m in page.metas if is_of_interest(m.name)},
            sorted((link.href or "") for link in page.links if link.element == "link"),
            sorted("".join(script.text.split()) for script in page.scripts),
            sorted(mark.element for mark in page.marks if mark.name == "data-nosnippet"),
        ]
        assert ours == theirs
        found = [sum(pair) for pair in zip(found, map(len, theirs), strict=True)]
    assert min(found) > 10


def test_a_tree_that_memory_does_not_hold_is_told_as_that(monkeypatch):
    """Lexbor tells it by an error of its own; no document is wrong by HTML."""

    def without_memory(*_, **__):
        raise reader.SelectolaxError("Can't create a tree")

    monkeypatch.setattr(reader, "LexborHTMLParser", without_memory)
    with pytest.raises(MemoryError):
        read_page(META.encode())
