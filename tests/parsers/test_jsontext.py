"""Hostile bytes become a JSON value that is safe to keep, or a named problem."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.jsontext import MAX_DEPTH, MAX_SIZE, Object, Parsed, parse_json


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b' [1, -2.5, true, null, "x"] \n', [1, -2.5, True, None, "x"]),
        (b'{"a": {"b": []}}', {"a": {"b": []}}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\ud800"', "\ufffd"),
        (b'"\\ud800\\ud83d\\ude00\\udc00"', "\ufffd😀\ufffd"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'{"\\udfff": 1}', {"\ufffd": 1}),
        (b"1" * 400, int("1" * 400)),
        (b"1" * 5000, "1" * 5000),
        (b"-1e999", "-1e999"),
        (b"1e999", "1e999"),
        (b'"[{,]}"', "[{,]}"),
        (b'"\\u0000"', "\0"),
    ],
)
def test_strict_values(data: bytes, value: object):
    assert parse_json(data) == Parsed(value)


@pytest.mark.parametrize(
    ("data", "value", "leniencies"),
    [
        (b"\xef\xbb\xbf[1]", [1], ("bom",)),
        ("[1]".encode("utf-16"), [1], ("bom", "not_utf8")),
        (b"\xfe\xff\x00[\x00]", [], ("bom", "not_utf8")),
        (b'["\xe9"]', ["é"], ("not_utf8",)),
        (b'[1, {"a": ",]",\n}, ]', [1, {"a": ",]"}], ("trailing_comma",)),
        (b"\xef\xbb\xbf[1,]", [1], ("bom", "trailing_comma")),
    ],
)
def test_lenient_values(data: bytes, value: object, leniencies: tuple):
    assert parse_json(data) == Parsed(value, None, leniencies)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_json"),
        (b"<html>", "not_json"),
        (b"[NaN]", "not_json"),
        (b"[-Infinity]", "not_json"),
        (b'"abc', "not_json"),
        (b'"\\', "not_json"),
        (b"]]]}", "not_json"),
        (b"[1] [2]", "not_json"),
        (b"[" * (MAX_DEPTH + 1), "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b" " * (MAX_SIZE + 1), "too_large"),
        (b"{&quot;a&quot;: &quot;" + b"[" * 3, "not_json"),
        (b"&#91;" * (MAX_DEPTH + 1) + b"&quot;", "too_deep"),
    ],
)
def test_problems(data: bytes, problem: str):
    assert parse_json(data).problem == problem


def test_the_deepest_that_is_read():
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH).problem is None


def test_objects_know_their_line_and_their_doubled_names():
    parsed = parse_json(b'[\r\n{"a": {"c": 1},\r"a": 2, "b": "\\n{"},\n {}]')
    first, second = parsed.value
    assert isinstance(first, Object)
    assert (first, first.line, first.duplicates) == (
        {"a": 2, "b": "\n{"},
        2,
        ("a",),
    )
    assert (second.line, second.duplicates) == (4, ())


HOSTILE = [
    b'"' + b'\\"' * 500_000,
    b"[" + b"," * 1_000_000,
    b"[" + b", " * 500_000,
    b"[" + b"{}," * 100_000 + b"]",
    b'{"a":1,' * 3 + b'"a":1,' * 170_000,
    b'"' * 1_000_000,
    b'"' + b"\\ud800" * 170_000 + b'"',
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_text_is_read_to_its_end(data: bytes):
    assert isinstance(parse_json(data), Parsed)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@settings(max_examples=100)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_all_that_json_writes_is_read_strictly(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse_json(text.encode()) == Parsed(value)


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\u d8019eN', max_size=40).map(str.encode))
def test_no_bytes_make_it_raise(data: bytes):
    parsed = parse_json(data)
    json.dumps(parsed.value, ensure_ascii=False).encode()
