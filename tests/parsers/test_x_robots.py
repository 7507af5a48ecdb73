"""Directives of X-Robots-Tag lines and robots metas, after Google's robots meta page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.x_robots import Directive, parse_content, parse_x_robots

Short = tuple[str | None, str, str | None]


def short(*values: str) -> list[Short]:
    return [(d.bot, d.name, d.value) for d in parse_x_robots(values)]


DATE = "Wed, 25 Jun 2031 15:00:00 GMT"
LINES: dict[str, tuple[list[str], list[Short]]] = {
    "one": (["noai"], [(None, "noai", None)]),
    "case and space": ([" NoAI ,\tNOINDEX "], [(None, "noai", None), (None, "noindex", None)]),
    "bot": (["OtherBot: noai, none"], [("OtherBot", "noai", None), ("OtherBot", "none", None)]),
    "bot and space": (["otherbot : noai"], [("otherbot", "noai", None)]),
    "bot for one line only": (["b: noai", "noml"], [("b", "noai", None), (None, "noml", None)]),
    "joined by a proxy": (["a: x, b: y"], [("a", "x", None), ("b", "y", None)]),
    "star": (["a: x, *: y"], [("a", "x", None), (None, "y", None)]),
    "colon trap": (
        ["max-snippet:-1, noai"],
        [(None, "max-snippet", "-1"), (None, "noai", None)],
    ),
    "all valued": (
        ["Max-Snippet: 0, max-image-preview:large, max-video-preview :-1"],
        [
            (None, "max-snippet", "0"),
            (None, "max-image-preview", "large"),
            (None, "max-video-preview", "-1"),
        ],
    ),
    "valued after a bot": (["a: max-snippet:0, x"], [("a", "max-snippet", "0"), ("a", "x", None)]),
    "date": (
        [f"unavailable_after: {DATE}, noai"],
        [(None, "unavailable_after", DATE), (None, "noai", None)],
    ),
    "date last, with a bot": (
        [f"a: unavailable_after: {DATE}"],
        [("a", "unavailable_after", DATE)],
    ),
    "two dates": (
        [f"unavailable_after: {DATE}, unavailable_after: 1 Jan 2032"],
        [(None, "unavailable_after", DATE), (None, "unavailable_after", "1 Jan 2032")],
    ),
    "digits elsewhere": (["noai, 25 Jun"], [(None, "noai", None), (None, "25 jun", None)]),
    "nothing": (["", " , ,", "a:"], []),
    "words in one item": (["no  ai"], [(None, "no ai", None)]),
}


@pytest.mark.parametrize(("values", "expected"), LINES.values(), ids=LINES)
def test_lines(values: list[str], expected: list[Short]):
    assert short(*values) == expected


def test_each_directive_knows_its_line():
    assert parse_x_robots(["a", "b; c"]) == [
        Directive("a", None, None, 0, "a"),
        Directive("b", None, None, 1, "b; c", loose=True),
        Directive("c", None, None, 1, "b; c", loose=True),
    ]


def test_the_content_of_a_meta_names_no_bot():
    found = [(d.bot, d.name, d.value) for d in parse_content("a: noai, max-snippet: 5")]
    assert found == [(None, "a", None), (None, "noai", None), (None, "max-snippet", "5")]


HOSTILE = {"a:" * 130_000: 1, "a:b," * 65_000: 65_000, "," * 260_000: 0, ";a" * 130_000: 130_000}


@pytest.mark.parametrize(
    ("value", "words"), HOSTILE.items(), ids=["names", "pairs", "commas", "semicolons"]
)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_long_lines_are_read_to_their_end(value: str, words: int):
    assert len(parse_x_robots([value])) == words


@given(
    st.lists(st.text(alphabet="a1:,; *-_\tunavailable_after", max_size=30) | st.text(), max_size=3)
)
def test_no_text_makes_it_raise(values: list[str]):
    for directive in parse_x_robots(values):
        assert directive.raw == values[directive.index]
        assert directive.name
