"""The addresses of the works in a page, as a browser would ask for them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.parsers.html.page import WorkKind as Kind
from crawler.parsers.html.reader import MAX_OTHERS, read_page
from crawler.parsers.html.works import MAX_CANDIDATES, candidates


def told(page: str) -> list[tuple[Kind, str]]:
    return [(r.kind, r.url) for r in read_page(page.encode()).works]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<img src="a.jpg">', [(Kind.IMAGE, "a.jpg")]),
        ("<IMG SRC=a.jpg>", [(Kind.IMAGE, "a.jpg")]),
        ("<img src=' a.jpg?x=1&amp;y=2 '/>", [(Kind.IMAGE, "a.jpg?x=1&y=2")]),
        ("<img src=a src=b>", [(Kind.IMAGE, "a")]),
        ('<img src="" alt="x">', []),
        ("<img>", []),
        ('<img data-src="late.jpg">', [(Kind.IMAGE, "late.jpg")]),
        ('<img srcset="a 1x, b 2x">', [(Kind.IMAGE, "a"), (Kind.IMAGE, "b")]),
        ('<img src="count.gif" width="1" height="1">', []),
        ('<img src="count.gif" height=0>', []),
        ("<picture><source srcset='p.webp'><img src=p.jpg></picture>",
         [(Kind.IMAGE, "p.webp"), (Kind.IMAGE, "p.jpg")]),
        ("<video src=v.mp4 poster=p.jpg><source src=v.webm></video>",
         [(Kind.VIDEO, "v.mp4"), (Kind.IMAGE, "p.jpg"), (Kind.VIDEO, "v.webm")]),
        ("<audio><source src=a.ogg></audio><picture><source src=i></picture>",
         [(Kind.AUDIO, "a.ogg"), (Kind.IMAGE, "i")]),
        ('<iframe src="https://p.example/1"></iframe>', [(Kind.FRAME, "https://p.example/1")]),
        ("<embed src=book.pdf><object data=s.swf></object>",
         [(Kind.DOCUMENT, "book.pdf"), (Kind.FRAME, "s.swf")]),
        ('<a href="Poems.PDF?x">x</a><area href=b.epub#1><a href=page.html>y</a><a>z</a>',
         [(Kind.DOCUMENT, "Poems.PDF?x"), (Kind.DOCUMENT, "b.epub#1")]),
        ('<meta property="og:image" content="o.jpg"><meta name="Twitter:Image" content=t.jpg>',
         [(Kind.IMAGE, "o.jpg"), (Kind.IMAGE, "t.jpg")]),
        ('<meta property="og:video" content=v><meta property="og:audio" content=a>',
         [(Kind.VIDEO, "v"), (Kind.AUDIO, "a")]),
        ('<meta property="og:title" content=x><meta property="og:image"><meta charset=u>', []),
        ('<link rel=preload as=image href=h imagesrcset="i 1x">',
         [(Kind.IMAGE, "h"), (Kind.IMAGE, "i")]),
        ("<link rel=preload as=font href=f><link rel=icon href=i><link rel=stylesheet href=s>", []),
        ("<link rel=image_src href=i>", [(Kind.IMAGE, "i")]),
        # What is no markup, or only quoted, is not there.
        ("<!-- <img src=a> --><!--><img src=b>", [(Kind.IMAGE, "b")]),
        ("<!doctype html><?x <img src=a>", []),
        ("<!-- <img src=a>", []),
        ('<script>"<img src=a>"</script><style><img src=b></style>', []),
        ('<p title="<img src=a>"><img src=b>', [(Kind.IMAGE, "b")]),
        ("</img src=a><img src=b>", [(Kind.IMAGE, "b")]),
        ("<p/><img/src=b/>", [(Kind.IMAGE, "b/")]),
        ("<p =x><img src=b>", [(Kind.IMAGE, "b")]),
        ('<img src="a', []),
        ("<img src=a", []),
    ],
)  # fmt: skip
def test_what_a_page_shows(page, found):
    assert told(page) == found


def test_lines_base_and_charset():
    media = read_page(b"<base href=/x/><base href=/y/>\n<base>\n<img src='\xe9.jpg'>", "latin1")
    assert media.base == "/x/"
    assert [(w.kind, w.url, w.line) for w in media.works] == [(Kind.IMAGE, "é.jpg", 3)]
    assert not media.cut


def test_what_is_too_much_is_cut():
    many = read_page(b"<img src=a>" * (MAX_OTHERS + 2))
    assert (len(many.works), many.cut) == (MAX_OTHERS, True)
    assert read_page(b" " * (1024 * 1024 + 1)).cut


@pytest.mark.parametrize(
    ("srcset", "found"),
    [
        ("", []),
        (" , ", []),
        ("a", ["a"]),
        ("a 480w, b,c 2x", ["a", "b,c"]),  # a comma inside an address is part of it
        ("a, b", ["a", "b"]),
        ("a,, ,b", ["a", "b"]),
        (
            "data:image/png;base64,xx 1x, /f(1,2).jpg 2x",
            ["data:image/png;base64,xx", "/f(1,2).jpg"],
        ),
        ("a calc(1, 2) , b", ["a", "b"]),
        ("a (1, b", ["a"]),
        (", ".join(f"{n} {n}x" for n in range(20)), [str(n) for n in range(MAX_CANDIDATES)]),
    ],
)
def test_addresses_of_a_srcset(srcset, found):
    assert list(candidates(srcset)) == found


@given(st.binary(max_size=300) | st.text("<>\"'=/ -!abimgsrcp,", max_size=300).map(str.encode))
@example(b"<img srcset='" + b"(" * 300)
@example(b'<a b="' * 300)
def test_any_bytes_are_read(data):
    for reference in read_page(data).works:
        assert reference.url
        assert reference.line >= 1
