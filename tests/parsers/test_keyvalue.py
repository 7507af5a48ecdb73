"""Texts of `Key: value` lines, whatever stands in them, to pairs, comments and other lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.decoding import decode
from crawler.parsers.keyvalue import LIMIT, MAX_LINE, Pair, Words, parse


def pairs(text: str | bytes, separator: str = ":") -> list[tuple[str, str]]:
    body = text.encode() if isinstance(text, str) else text
    return [(pair.name, pair.value) for pair in parse(body, separator).pairs]


@pytest.mark.parametrize(
    ("data", "text", "leniencies"),
    [
        (b"a\xc3\xa9", "aé", ()),
        (b"\xef\xbb\xbfa", "a", ("bom",)),
        (b"\xff\xfea\x00", "a", ("bom", "not_utf8")),
        (b"\xfe\xff\x00a", "a", ("bom", "not_utf8")),
        (b"\xe9", "é", ("not_utf8",)),
        (b"\xef\xbb\xbf\x81", "\ufffd", ("bom", "not_utf8")),
    ],
)
def test_bytes_become_text_whatever_they_are(data: bytes, text: str, leniencies: tuple):
    assert decode(data) == (text, leniencies)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Training: deny", ("Training", "deny")),
        ("  Training :deny  ", ("Training", "deny")),
        ("Site-Name: a: b", ("Site-Name", "a: b")),
        ("Training: deny # for now", ("Training", "deny")),
        ("Training: deny\t# for now #2", ("Training", "deny")),
        ("Training: # nothing", ("Training", "")),
        ("URL: https://a.example/#top", ("URL", "https://a.example/#top")),
        ("- **AI training**: no", ("AI training", "no")),
        ("* AI training: no", ("AI training", "no")),
        ("**AI training:** no", ("AI training", "** no")),
        ("`training`: no", ("training", "no")),
        ("[Agent: QuietBot]", ("Agent", "QuietBot")),
        ("Ünüblich: ja", ("Ünüblich", "ja")),
        ("policy:", ("policy", "")),
    ],
)
def test_what_is_a_pair(line: str, expected: tuple[str, str]):
    assert pairs(line) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "words without a separator",
        "https://a.example/",
        "1: a number",
        ": no name",
        "a" * 62 + ": too long a name",
        "Note, this is a sentence: it ends here",
        "-",
        "\x00a: b",
    ],
)
def test_what_is_none(line: str):
    document = parse(line.encode())
    assert (document.pairs, document.others) == ((), (Words(1, line),))


def test_lines_keep_number_indent_and_what_they_look_like():
    document = parse(b"# One\r\n\r\nAgent: *\r  \tTraining: deny\n- a: b\n\n##  two #")
    assert document.pairs == (
        Pair(3, 0, "Agent", "*", "Agent: *", plain=True),
        Pair(4, 3, "Training", "deny", "Training: deny", plain=True),
        Pair(5, 0, "a", "b", "- a: b", plain=False),
    )
    assert document.comments == (Words(1, "One"), Words(7, "two #"))
    assert document.text.startswith("# One")


def test_only_cr_and_lf_end_a_line():
    assert pairs("a: b\u2028c: d\x0be: f\x85g: h") == [("a", "b\u2028c: d\x0be: f\x85g: h")]


def test_another_separator():
    assert pairs("datatrainingallowed=no\ncontact=https://a.example/?b=c", "=") == [
        ("datatrainingallowed", "no"),
        ("contact", "https://a.example/?b=c"),
    ]
    assert pairs("datatrainingallowed: no", "=") == []


def test_what_is_too_long_is_left_and_said():
    document = parse(b"a: " + b"x" * (LIMIT + 5))
    assert document.cut
    assert len(document.pairs[0].raw) == MAX_LINE
    assert not parse(b" " * LIMIT).cut


@settings(max_examples=300)
@given(
    st.binary(max_size=60)
    | st.text(alphabet="ab:=#-*[] \t\r\n`\u2028é\ufeff", max_size=60).map(str.encode)
)
def test_every_line_is_in_one_list_and_nothing_raises(data: bytes):
    document = parse(data)
    lines = [*document.pairs, *document.comments, *document.others]
    numbers = sorted(line.line for line in lines)
    assert numbers == sorted(set(numbers))
    text = document.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert numbers == [n for n, line in enumerate(text, 1) if line.strip(" \t")]
    for pair in document.pairs:
        assert pair.name == pair.name.strip(" \t")
        assert pair.raw in text[pair.line - 1]
