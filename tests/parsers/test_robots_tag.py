"""`Robots-Tag` values in the two syntaxes of draft-illyes-repext."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.robots_tag import MAX_VALUE, parse_robots_tag

Short = list[tuple[str | None, str, str | None]] | None
LINES: dict[str, Short] = {
    # Revision 00: parts with semicolons.
    "*=noindex, nosnippet; ExampleBot=": [(None, "noindex", None), (None, "nosnippet", None)],
    "ExampleBot=": [],
    "Example-Bot = noai ;": [("Example-Bot", "noai", None)],
    "*=max-snippet:0; a=NoAI": [(None, "max-snippet", "0"), ("a", "noai", None)],
    # Revisions 02 and 03: a List of RFC 9651.
    "*;nosnippet, ExampleBot;noindex": [(None, "nosnippet", None), ("ExampleBot", "noindex", None)],
    "*;noindex;max-snippet=40": [(None, "noindex", None), (None, "max-snippet", "40")],
    "a;noai=?0, b;noml": [("b", "noml", None)],
    # Neither.
    "*;noindex, ExampleBot;": None,  # a semicolon at the end, which RFC 9651 does not parse
    "*;NoIndex": None,  # keys are in lower case
    "(a b);noai": None,
    "5;noai": None,
    "noai, noindex": None,
    "googlebot: noai": None,
    "a=noai; noindex": None,
    ";": None,
    "": None,
    "@99999999999999999;a": None,
}


@pytest.mark.parametrize(("value", "expected"), LINES.items())
def test_lines(value: str, expected: Short):
    found = parse_robots_tag(value, 3)
    assert expected == (None if found is None else [(d.bot, d.name, d.value) for d in found])
    assert all((d.index, d.raw) == (3, value) for d in found or ())


def test_a_long_line_is_read_up_to_the_limit():
    found = parse_robots_tag("*=" + "noai," * MAX_VALUE)
    assert len(found or ()) == (MAX_VALUE - len("*=")) // len("noai,")


@given(st.text(max_size=40) | st.text('*;=,aB:?01"() -', max_size=40))
def test_no_text_makes_it_raise(value: str):
    assert all(d.name and d.raw == value for d in parse_robots_tag(value) or ())
