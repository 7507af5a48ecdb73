"""`WWW-Authenticate` values to challenges: RFC 9110, section 11.6.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.challenge import parse_challenges

Short = tuple[str, dict[str, str]]
LINES: dict[str, tuple[list[str], list[Short]]] = {
    "bare": (["Negotiate"], [("negotiate", {})]),
    "parameters": (
        ['Basic realm="a b", charset=UTF-8'],
        [("basic", {"realm": "a b", "charset": "UTF-8"})],
    ),
    # The section's own example.
    "two in one line": (
        ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
        [
            ("basic", {"realm": "simple"}),
            ("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
        ],
    ),
    "two lines": (["A x=1", "B"], [("a", {"x": "1"}), ("b", {})]),
    "token68": (["Negotiate abc, Basic"], [("negotiate", {"": "abc"}), ("basic", {})]),
    "token68 with padding": (["NTLM abc=="], [("ntlm", {"abc": "="})]),
    "a scheme inside quotes": (
        ['Basic realm="x, License error=y"'],
        [("basic", {"realm": "x, License error=y"})],
    ),
    "bad white space": (["License error = x"], [("license", {"error": "x"})]),
    "the first value counts": (["License error=x, Error=y"], [("license", {"error": "x"})]),
    "empty members": ([", ,Basic,,x=1,"], [("basic", {"x": "1"})]),
    "open quote": (['Basic realm="x, y'], [("basic", {"realm": "x, y"})]),
    "backslash at the end": (['Basic realm="x\\'], [("basic", {"realm": "x"})]),
    "parameter without a scheme": (["x=1, Basic"], [("x", {}), ("basic", {})]),
    "nothing": (["", ' ,= "'], []),
    "a word behind parameters": (["A x=1 B"], [("a", {"x": "1"}), ("b", {})]),
}


@pytest.mark.parametrize(("values", "expected"), LINES.values(), ids=LINES)
def test_lines(values: list[str], expected: list[Short]):
    assert [(c.scheme, c.parameters) for c in parse_challenges(values)] == expected


HOSTILE = {"a ": 130_000, "a=": 1, 'a="': 1, ",": 0, " ": 0, '"': 0, "a,": 130_000, ' "': 0}


@pytest.mark.parametrize(("piece", "count"), HOSTILE.items())
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_long_lines_are_read_to_their_end(piece: str, count: int):
    found = parse_challenges([piece * (260_000 // len(piece))])
    assert bool(found) == bool(count)
    assert len(found) <= count


@given(st.lists(st.text(max_size=30) | st.text('aB=,"\\ \t', max_size=30), max_size=3))
def test_no_text_makes_it_raise(values: list[str]):
    assert all(challenge.scheme for challenge in parse_challenges(values))
