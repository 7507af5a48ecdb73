"""The visible text of a page, and its links."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.html.page import Kind, Page, Region
from crawler.parsers.html.reader import MAX_TEXT, read_page
from crawler.parsers.html.text import MAX_ANCHOR_TEXT, MAX_ANCHORS, MAX_BLOCKS

MAIN, NAVIGATION, FOOTER = Region


def texts(html: str) -> list[str]:
    return [block.text for block in read_page(html.encode()).blocks]


def regions(html: str) -> list[Region]:
    return [block.region for block in read_page(html.encode()).blocks]


def kinds(html: str) -> list[Kind]:
    return [block.kind for block in read_page(html.encode()).blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain", ["plain"]),
        ("<p>one<p>two", ["one", "two"]),
        ("a <b>bold</b>\n word", ["a bold word"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("line<br>line", ["line line"]),
        ("one<br> <br/>two<br>", ["one", "two"]),
        ("<br><br>x", ["x"]),
        ("<p>caf&eacute; &#38; &lt;b&gt; 3 < 4</p>", ["café & <b> 3 < 4"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("<title>not text</title><p>x", ["x"]),
        ("x<!-- a comment --!>y<!-->z<!---->.", ["xyz."]),
        ("x<!-- never closed", ["x"]),
        ("<!doctype html><?php x ?>x<![CDATA[y]]>", ["x"]),
        ("x<a href='", ["x"]),
        ("<p>x</p junk='>'>y", ["x", "y"]),
    ],
)
def test_text_comes_in_blocks(html: str, expected: list[str]):
    assert texts(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<script>no</script>",
        "<style>no</style>",
        "<noscript><p>no</p></noscript>",
        "<template><template>no</template>no</template>",
        "<svg><text>no</text></svg>",
        "<textarea>no</textarea>",
        "<select><option>no<option>no</select>",
        "<div hidden>no<div>no</div>no<a href=/x>no</a></div>",
        "<p aria-hidden=TRUE>no</p>",
        "<span style='color:red; DISPLAY : none'>no</span>",
        "<span style=visibility:hidden>no</span>",
        "<p hidden>no<div>",
        "<li hidden>no<li>",
    ],
)
def test_what_is_not_shown_is_left_out(html: str):
    assert texts(f"{html}yes") == ["yes"]


@pytest.mark.parametrize(
    "html",
    ["<div hidden=until-found>yes</div>", "<svg/>yes", "<img hidden>yes", "<br hidden>yes"],
)
def test_what_hides_nothing_hides_nothing(html: str):
    assert texts(html) == ["yes"]


def test_hidden_until_its_own_end():
    assert texts("<div hidden><p>a</p></section></div>b<div hidden>c") == ["b"]


def test_kinds():
    html = "<h2>a</h2>b<ul>c<li>d<p>e</p></ul>f</ul>g<li>h<table><td>i</table>j"
    heading, paragraph, item, cell = Kind
    expected = [heading, paragraph, item, item, item, paragraph, item, cell, item]
    assert kinds(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<nav>a<nav>b</nav>c</nav>d", [NAVIGATION, NAVIGATION, NAVIGATION, MAIN]),
        ("<div role=navigation>a</div>b", [NAVIGATION, MAIN]),
        ("<footer><nav>a</nav>b</footer>c", [FOOTER, FOOTER, MAIN]),
        ("<div role=contentinfo>a</div>", [FOOTER]),
        ("<div class='x siteFooter'>a</div><div id=footer>b</div>c", [FOOTER, FOOTER, MAIN]),
        ("<div class=has-footer>a</div><body class=footer>b<span class=footer>c", [MAIN, MAIN]),
        ("<div class=footer>a<main>b</main>c</div>", [FOOTER, MAIN, FOOTER]),
    ],
)
def test_what_every_page_repeats_is_marked(html: str, expected: list[Region]):
    assert regions(html) == expected


def test_lines_are_those_where_text_begins():
    page = read_page(b"<p>\r\n\r\n one\n two</p>\r<a\nhref=/x>\nthree</a>")
    assert [(block.text, block.line) for block in page.blocks] == [("one two", 3), ("three", 7)]
    assert [anchor.line for anchor in page.anchors] == [5]


def test_title_language_and_base():
    page = read_page(b"<html lang=pl><base href=/a/><base href=/b/><html lang=de><title> A\n&amp;")
    assert (page.title, page.language, page.base) == ("A &", "pl", "/a/")
    assert read_page(b"<title>a</title><title>b</title>").title == "a"
    assert read_page(b"") == Page()


def test_anchors():
    html = (
        "<a href='/a?x=1&amp;y=2'> one <b>word</b><br>more</a><a name=x>no</a>"
        "<footer><a href=b>two<a href=c><img></a></footer></a><a href=d>open"
    )
    found = read_page(html.encode()).anchors
    assert [(anchor.href, anchor.text, anchor.line, anchor.region) for anchor in found] == [
        ("/a?x=1&y=2", "one word more", 1, MAIN),
        ("b", "two", 1, FOOTER),
        ("c", "", 1, FOOTER),
        ("d", "open", 1, MAIN),
    ]


def test_the_label_says_how_bytes_are_read():
    (block,) = read_page(b"\xe9", "latin1").blocks
    assert (block.text, block.line, block.kind, block.region) == ("é", 1, Kind.PARAGRAPH, MAIN)


def test_no_more_than_the_limits_are_read():
    assert read_page(b" " * (MAX_TEXT + 1)).cut
    blocks = read_page(b"<p>x" * (MAX_BLOCKS + 2))
    assert (len(blocks.blocks), blocks.cut) == (MAX_BLOCKS, True)
    anchors = read_page(b"<a href=x>" * (MAX_ANCHORS + 2))
    assert (len(anchors.anchors), anchors.cut) == (MAX_ANCHORS, True)
    (anchor,) = read_page(b"<a href=x>" + b"word<b> " * 100).anchors
    assert len(anchor.text) <= MAX_ANCHOR_TEXT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"&#{'1' * 5000};x", "\ufffdx"),
        (f"&#x{'f' * 5000};x", "\ufffdx"),
        ("&#65;&#x42;", "AB"),
        ("&", "&"),
    ],
)
def test_numbers_that_are_no_characters(text: str, expected: str):
    assert texts(text) == [expected]


HOSTILE = {
    "20,000 attributes": b"<p " + b" ".join(b"a%d=b" % n for n in range(20_000)) + b">x",
    "50,000 nested divs": b"<div>" * 50_000,
    "nested hidden divs": b"<div hidden>" * 20_000 + b"</p>" * 5_000,
    "text in an open link": b"<a href=x>" + b"a<b>" * 62_500,
    "words in one block": b"word <b>" * 32_500,
    "line breaks": b"<br>" * 62_500,
    "end tags": b"</footer>" * 27_500,
    "lists": b"<ul><li>" * 32_500,
    "footers": b"<div class=footer>" * 14_500,
    "unclosed titles": b"<title></titl" * 20_000,
    "unclosed comments": b"<!--" * 62_500,
    "references": b"&#" * 125_000,
    "digits": b"&#" + b"1" * 250_000,
    "ampersands": b"&a" * 125_000,
    "angle brackets": b"<" * 250_000,
    "styles": (b"<p style='" + b"display " * 500 + b"'>") * 60,
    "class names": (b"<div class='" + b"has-footer " * 360 + b"'>") * 60,
    "anchors": b"<a href=terms>terms</a>" * 11_250,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_pages_are_read_to_their_end(data: bytes):
    assert isinstance(read_page(data), Page)


PIECES = st.sampled_from(
    [
        *rb"""
    <p> </p> <div~hidden> </div> <nav> </nav> <footer> </footer> <main> <ul> </ul> <li> <br>
    <a~href=x> </a> <h1> <td> <template> </template> <svg> <svg/> <!-- --> <title> </title> <
    &amp; &#65; &#999999999; word . <html~lang=de> <base~href=//[> <script> </script> " '
    """.split(),
        *(b" ", b"\n", b"\r", b"\x00", b"\xff"),
    ]
)


def test_a_text_is_found_behind_a_tag_that_is_opened_again():
    """WHATWG HTML 13.2.4.3: the `a` that was not closed stands in the second paragraph too."""
    page = read_page(b"<p><a href=x>\nword one<p>\nword two")
    assert [block.line for block in page.blocks] == [2, 3]
    assert [anchor.raw for anchor in page.anchors] == ["<a href=x>"] * 2


def test_a_text_is_found_behind_tags_that_are_never_closed():
    """WHATWG HTML 13.2.4.3: of equal ones, at most three are opened again."""
    html = "<p><font size=2><i itemprop=license>" * 5 + "\nfirst<p>\nsecond"
    assert [block.line for block in read_page(html.encode()).blocks] == [2, 3]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.lists(PIECES, max_size=30).map(b"".join))
def test_no_bytes_make_it_raise(data: bytes):
    page = read_page(data.replace(b"~", b" "))
    for block in page.blocks:
        assert block.text == " ".join(block.text.split())
        assert block.text
    lines = [block.line for block in page.blocks]
    assert lines == sorted(lines)
    assert all(line >= 1 for line in lines)
