"""The tokeniser loses nothing and the groups are those of RFC 9309 section 2.2."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.robots import syntax
from crawler.parsers.robots.syntax import Kind, blocks, classify, facts, parse

FRAGMENTS = st.sampled_from(
    [b"User-agent", b"user-AGENT", b"Disallow", b"Disalow", b"Allow", b"Sitemap", b"useragent"]
    + [b":", b" ", b"\t", b"#", b"\n", b"\r", b"\r\n", b"*", b"/", b"$", b"%2f", b"GPTBot", b"\0"]
    + [b"\x0b", b"\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc2\xa0", b"x", b"<"]
)
BODIES = st.one_of(st.binary(max_size=300), st.lists(FRAGMENTS, max_size=80).map(b"".join))


@pytest.mark.parametrize(
    ("raw", "kind", "google", "field", "value"),
    [
        pytest.param(b"", Kind.BLANK, None, b"", b"", id="2.2 emptyline"),
        pytest.param(b" \t\r\n", Kind.BLANK, None, b"", b"", id="2.2 WS is space and tab"),
        pytest.param(b"# User-agent: x", Kind.COMMENT, None, b"", b"", id="2.2 comment"),
        pytest.param(
            b" USER-AGENT\t: GPTBot # x",
            Kind.USER_AGENT,
            Kind.USER_AGENT,
            b"user-agent",
            b"GPTBot",
            id="2.2 case and WS",
        ),
        (b"Disallow:/a#b", Kind.DISALLOW, Kind.DISALLOW, b"disallow", b"/a"),
        (b"allow:", Kind.ALLOW, Kind.ALLOW, b"allow", b""),
        (b"Allow: /a:b", Kind.ALLOW, Kind.ALLOW, b"allow", b"/a:b"),
        pytest.param(
            b"Sitemap: https://x/", Kind.OTHER, Kind.OTHER, b"sitemap", b"https://x/", id="2.2.4"
        ),
        (b"Crawl-delay: 3", Kind.OTHER, None, b"crawl-delay", b"3"),
        (b"DisallowAITraining: /", Kind.OTHER, Kind.DISALLOW, b"disallowaitraining", b"/"),
        (b"Disalow: /", Kind.TYPO, Kind.DISALLOW, b"disalow", b"/"),
        (b"Disallowed: /", Kind.TYPO, Kind.DISALLOW, b"disallowed", b"/"),
        (b"user agent: x", Kind.TYPO, Kind.USER_AGENT, b"user agent", b"x"),
        (b"User_agent: x", Kind.UNKNOWN, None, b"user_agent", b"x"),
        (b"\x0cDisallow: /", Kind.TYPO, Kind.DISALLOW, b"\x0cdisallow", b"/"),
        (b"\xc2\xa0Disallow: /", Kind.UNKNOWN, None, b"\xc2\xa0disallow", b"/"),
        (b"Disallow /", Kind.NO_COLON, Kind.DISALLOW, b"disallow", b"/"),
        (b"Disallow \t /", Kind.NO_COLON, Kind.DISALLOW, b"disallow", b"/"),
        (b"Disallow / /", Kind.NO_COLON, None, b"", b"Disallow / /"),
        (b"<html>", Kind.NO_COLON, None, b"", b"<html>"),
        (b": /", Kind.GARBAGE, None, b"", b"/"),
        (b"a\0b: /", Kind.GARBAGE, None, b"a\0b", b"/"),
    ],
)
def test_line_is_classified(raw, kind, google, field, value):
    token = classify(raw)
    assert token[:4] == (kind, google, field, value)
    assert classify(raw + b"\r\n")[:4] == token[:4]


def test_comment_is_kept():
    assert classify(b"Disallow: / # all of it\n").comment == b" all of it"


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_lines_give_back_the_body(body: bytes):
    file = parse(body)
    lines = list(file.lines())
    assert file.mark + b"".join(line.raw for line in lines) == body
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert all(body[line.offset :].startswith(line.raw) for line in lines)


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_the_short_cut_says_what_the_tokeniser_says(body: bytes):
    file = parse(body)
    silent = {Kind.BLANK, Kind.COMMENT}
    slow = [
        (line.number, line.token.kind, line.token.google, line.token.value)
        for line in file.lines()
        if line.token.kind not in silent
    ]
    assert file.records == slow


@pytest.mark.parametrize("spelling", sorted(syntax.SPELT))
def test_every_short_cut_spelling_is_classified_alike(spelling: bytes):
    for tail in (b": /a # b\r\n", b":\n", b"\n", b" : x", b":#", b":a:b"):
        (line,) = parse(spelling + tail).lines()
        assert parse(spelling + tail).records == [
            (1, line.token.kind, line.token.google, line.token.value)
        ]


def test_only_cr_lf_and_crlf_end_a_line():  # section 2.2: NL = %x0D / %x0A / %x0D.0A
    body = b"a\rb\nc\r\nd\x0be\x0cf\xc2\x85g\xe2\x80\xa8h\n\r"
    assert [raw for _, _, raw, _ in parse(body).lines()] == [
        b"a\r",
        b"b\n",
        b"c\r\n",
        b"d\x0be\x0cf\xc2\x85g\xe2\x80\xa8h\n",
        b"\r",
    ]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xef\xbb", b"\xef", b""])
def test_byte_order_mark_is_skipped_whole_or_broken(mark: bytes):
    file = parse(mark + b"User-agent: a\n")
    assert file.mark == mark
    assert file.records[0][1] is Kind.USER_AGENT
    assert next(file.lines()).offset == len(mark)


@pytest.mark.parametrize(
    ("extra", "dropped"),
    [(0, 0), (-1, 0), (1, 8 + 1)],
    ids=["exactly 500 KiB", "one octet less", "one octet more cuts the last line"],
)
def test_the_limit_drops_the_line_it_cuts(extra: int, dropped: int):  # section 2.5
    body = (b"# 34567\n" * (syntax.LIMIT // 8 + 1))[: syntax.LIMIT - 1] + b"x" * (1 + extra)
    assert parse(body).dropped == dropped


def test_the_limit_keeps_a_line_that_ends_there():
    full = b"x" * (syntax.LIMIT - 2) + b"\r\n"
    assert parse(full + b"User-agent: a").dropped == 13
    assert parse(full[:-2] + b"yz\nlater").dropped == 6
    assert parse(b"x" * (syntax.LIMIT + 5)).raws == []


def shape(body: bytes, *, google: bool = False) -> list[tuple[list[bytes], int, int, int]]:
    return [
        ([r[3] for r in b.agents], len(b.allows), len(b.disallows), len(b.others))
        for b in blocks(parse(body).records, google=google)
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", [([], 0, 0, 0)], id="nothing"),
        pytest.param(
            b"Disallow: /\nUser-agent: a\n",
            [([], 0, 1, 0), ([b"a"], 0, 0, 0)],
            id="2.2.2 rules before a group belong to none",
        ),
        pytest.param(
            b"User-agent: a\n\n# x\nUser-agent: b\nAllow: /\nUser-agent: c\n",
            [([], 0, 0, 0), ([b"a", b"b"], 1, 0, 0), ([b"c"], 0, 0, 0)],
            id="2.2 a rule ends the list of agents",
        ),
        pytest.param(
            b"User-agent: a\nContent-Signal: x\nSitemap: y\nUser-agent: b\nDisallow: /\nHost: z\n",
            [([], 0, 0, 0), ([b"a", b"b"], 0, 1, 3)],
            id="2.2.4 other records do not interfere",
        ),
    ],
)
def test_blocks_form_as_specified(body, expected):
    assert shape(body) == expected


def test_google_forms_blocks_from_what_it_forgives():
    body = b"Useragent: a\nDisalow: /\nUser-agent b\n"
    assert shape(body, google=True) == [([], 0, 0, 0), ([b"a"], 0, 1, 0), ([b"b"], 0, 0, 0)]
    assert blocks(parse(body).records)[0].others == parse(body).records


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (b"", False, True, False, set(), False)),
        (b"\xef\xbb\xbfa\r\n", (b"\xef\xbb\xbf", False, True, False, {b"\r\n"}, False)),
        (b"a\rb\nc\r\n", (b"", False, True, False, {b"\r", b"\n", b"\r\n"}, False)),
        (b"\xe9\0\n", (b"", True, False, False, {b"\n"}, False)),
        ("User".encode("utf-16"), (b"", True, False, True, set(), False)),
        ("User".encode("utf-16-be"), (b"", True, True, True, set(), False)),
        (b"a" * 512_001, (b"", False, True, False, set(), True)),
    ],
    ids=["empty", "bom", "endings", "nul and latin-1", "utf-16", "utf-16 unmarked", "oversize"],
)
def test_facts_of_the_bytes(body, expected):
    found = facts(body)
    assert (found.bom, found.nul, found.utf8, found.utf16) == expected[:4]
    assert (set(found.endings), found.oversize) == expected[4:]


def test_text_of_a_line_is_printable():
    assert parse(b"\n  Disallow: /\xff \r\n").text(2) == "Disallow: /\ufffd"
