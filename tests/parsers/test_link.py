"""`Link` values by the algorithm of RFC 8288, and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import resolve
from crawler.parsers.link import WebLink, parse_links

BASE = "https://site.example/a/b?c"


def short(*values: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(link.target, link.relations) for link in parse_links(values, BASE)]


X, Y = ("https://site.example/x", ("r",)), ("https://site.example/y", ("s",))
LINES: dict[str, tuple[list[str], list[tuple[str, tuple[str, ...]]]]] = {
    "one": (["</x>; rel=r"], [X]),
    "several lines": (["</x>; rel=r", "</y>; rel=s"], [X, Y]),
    "one line with a comma": (["</x>;rel=r,</y>;rel=s"], [X, Y]),
    "empty members": ([", ,</x>;rel=r,\t,</y>;rel=s,"], [X, Y]),  # RFC 9110, 5.6.1.2
    "no comma between": (['</x>;rel="r" </y>;rel=s'], [X, Y]),  # B.2 asks for none
    "comma in the address": (["</x,y>; rel=r"], [("https://site.example/x,y", ("r",))]),
    "comma and bracket in quotes": (['</x>; title="a, <b>"; rel=r'], [X]),
    "escapes": (['</x>; title="a\\"; rel=q"; rel=r'], [X]),
    "list of relations": (['</x>; rel="r  S r"'], [("https://site.example/x", ("r", "s"))]),
    "the first rel counts": (["</x>; rel=r; rel=s"], [X]),  # 3.3
    "names in any case": (["</x>; REL=R"], [X]),
    "bad white space": (["</x> ;\trel = r ; a"], [X]),
    "single quotes are no quotes": (["</x>; rel='r'"], [("https://site.example/x", ("'r'",))]),
    "no rel": (["</x>"], [("https://site.example/x", ())]),
    "empty parameters": (["</x>;;rel=r;"], [X]),
    "quote that nothing closes": (
        ['</x>; rel="r, </y>; rel=s'],
        [(X[0], ("r,", "</y>;", "rel=s"))],
    ),
    "backslash at the end": (['</x>; rel="r\\'], [X]),
    "relative": (["<d?e>; rel=r"], [("https://site.example/a/d?e", ("r",))]),
    "empty address": (["<>; rel=r"], [(BASE, ("r",))]),
    "absolute": (["<ftp://a.example/>; rel=r"], [("ftp://a.example/", ("r",))]),
    "no brackets": (["/x; rel=r, </y>; rel=s"], []),  # B.2 step 2.2: the line ends
    "after a link": (["</x>; rel=r, y, </y>; rel=s"], [X]),
    "after a quoted string": (['</x>; rel="r" y; a, </y>; rel=s'], [X]),
    "bracket that nothing closes": (["</x; rel=r", "</y>; rel=s"], [Y]),
    "no address": (["<//[>; rel=r, </y>; rel=s"], [Y]),
}


@pytest.mark.parametrize(("values", "expected"), LINES.values(), ids=LINES)
def test_lines(values: list[str], expected: list[tuple[str, tuple[str, ...]]]):
    assert short(*values) == expected


def only(value: str, base: str = BASE) -> WebLink:
    (link,) = parse_links([value], base)
    return link


def test_a_link_keeps_its_parameters_and_its_words():
    link = only("</x>; rel=r; Type=a/b ; hreflang=de; hreflang=fr; flag")
    pairs = (("type", "a/b"), ("hreflang", "de"), ("hreflang", "fr"), ("flag", ""))
    assert link.parameters == pairs
    assert (link.get("hreflang"), link.get("flag"), link.get("x")) == ("de", "", None)
    assert link.raw == "</x>; rel=r; Type=a/b ; hreflang=de; hreflang=fr; flag"


@pytest.mark.parametrize(
    ("anchor", "context"),
    [
        ("", BASE),
        ('; anchor="#one"', f"{BASE}#one"),
        ('; anchor="/z"; anchor="/y"', "https://site.example/z"),
    ],
)
def test_the_context_is_the_answer_or_what_anchor_says(anchor: str, context: str):
    assert only(f"</x>; rel=r{anchor}").context == context


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("UTF-8''%e2%82%ac%20rates", "€ rates"),  # RFC 8187, 3.2.3
        ("utf-8'en'a%zz", "a%zz"),
        ("iso-8859-1'en'%A3", "plain"),  # not required, left out
        ("UTF-8''%ff", "plain"),
        ("UTF-8", "plain"),
    ],
)
def test_the_extended_title_goes_first(value: str, title: str):
    assert only(f"</x>; title=plain; title*={value}").get("title") == title


@pytest.mark.parametrize("value", ["</x>; rel=r", "<>; rel=r", '</x>; rel=r; anchor="//["'])
def test_a_base_or_anchor_that_is_no_address_gives_no_link(value: str):
    assert parse_links([value], "http://[") == []


def test_an_empty_base_resolves_nothing():
    assert parse_links(["<//[>; rel=r"], "") == []
    assert parse_links(["</x>; rel=r"], "") == []


def written(target: str, relations: list[str], parameters: list[tuple[str, str]]) -> str:
    """One link as RFC 8288 section 3 writes it."""
    escaped = [(n, v.replace("\\", "\\\\").replace('"', '\\"')) for n, v in parameters]
    shown = "".join(f'; {name}="{value}"' for name, value in escaped)
    return f'<{target}>; rel="{" ".join(relations)}"{shown}'


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
NAMES = TOKENS.filter(lambda name: name not in ("rel", "anchor"))
PATHS = st.text("abc/,;=?&%-\"' ", max_size=12).map(
    lambda path: resolve(f"https://t.example/{path}x")
)


@given(
    st.lists(
        st.tuples(
            PATHS,
            st.lists(TOKENS, min_size=1, max_size=3, unique=True),
            st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=4),
        ),
        max_size=4,
    ),
    st.sampled_from([", ", ",", " , ,"]),
)
def test_what_is_written_is_read(links, between: str):
    values = [written(*link) for link in links]
    for read in (parse_links([between.join(values)], BASE), parse_links(values, BASE)):
        assert [(k.target, list(k.relations), list(k.parameters)) for k in read] == links
        assert [link.raw for link in read] == values


HOSTILE = {
    "<": 0,
    "<>": 130_000,
    "<>,": 86_666,
    ",": 0,
    "<>;": 1,
    '<>;a="': 1,
    "<>;a*=utf-8''%": 1,
    ";": 0,
    '<>;a="\\': 1,
}


@pytest.mark.parametrize(("piece", "least"), HOSTILE.items())
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_long_lines_are_read_to_their_end(piece: str, least: int):
    assert len(parse_links([piece * (260_000 // len(piece))], BASE)) >= least


@given(st.lists(st.text(max_size=30) | st.text("<>;,=\"\\' relx*'%a/[:", max_size=40), max_size=3))
def test_no_text_makes_it_raise(values: list[str]):
    for link in parse_links(values, BASE):
        assert link.raw in "\n".join(values)
        link.get("title")
