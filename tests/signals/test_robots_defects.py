"""Every kind of fault in a robots.txt: found where it is, and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Defect, Severity
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import defects as catalogue
from crawler.signals.reading import robots_defects
from crawler.signals.reading.readable import MAX_DEFECTS
from crawler.signals.reading.robots_defects import CUT, faults
from tests.parsers.robots.test_syntax import BODIES

FAULTY = (
    "User-agent: GPTBot/1.0",
    "User-agent: a, b",
    "User-agent: *bot*",
    'User-agent: "CCBot"',
    "User-agent:",
    "Disalow: /",
    "Disallow /",
    "Disallow: private",
    "Disallow: https://a.example/b",
    "Disallow: /a",
)


def found(body: bytes) -> tuple[Defect, ...]:
    file = syntax.parse(body)
    return faults(file, syntax.facts(body), rfc9309.read(file))


def codes(*lines: str | bytes) -> list[tuple[str, int | None]]:
    body = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return [(defect.code.removeprefix("robots-"), defect.line) for defect in found(body)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "agent-empty"),
        ("GPTBot/1.0", "agent-version"),
        ("iaskspider/2.0", "agent-version"),
        ("GPTBot, CCBot", "agent-list"),
        ("GPTBot|CCBot", "agent-list"),
        ("GPTBot CCBot", "agent-list"),
        ("*, GPTBot", "agent-list-star"),
        ("* GPTBot", "agent-list-star"),
        ("GPTBot*", "agent-wildcard"),
        ("*GPTBot*", "agent-wildcard"),
        ("Mozilla/5.0 (compatible; GPTBot/1.2)", "agent-header"),
        ('"GPTBot"', "quotes"),
        ("“GPTBot”", "quotes"),
        ("'", "quotes"),
        ("Google–Extended", "dash"),
        ("Perplexity\u2011User", "dash"),
        ("GPTBot\xa0", "nbsp"),
        ("GPT\u200bBot", "zero-width"),
        ("GРTBоt", "homoglyph"),  # Cyrillic capital er and small o
        ("ＧＰＴＢｏｔ", "homoglyph"),
        ("робот", "agent-not-token"),
        ("AI2Bot", "agent-not-token"),
        ("Offline Explorer", "agent-not-token"),
        ("Xenu's Link Sleuth", "agent-not-token"),
        ("ChatGPT", "agent-nobody"),
        ("OpenAI", "agent-nobody"),
        ("GPT", "agent-nobody"),
        ("Gemini", "agent-nobody"),
        ("Google Extended", "agent-near"),
        ("Googel-Extended", "agent-near"),
        ("PetalBot Disallow: /", "line-joined"),
        ("b" * 300, None),
        ("Googlebot-Image", None),
        ("dotbot", None),
        ("cohere-training-data-crawler", None),
    ],
)
def test_fault_of_a_name(name: str, code: str | None):
    assert codes(f"User-agent: {name}", "Disallow: /x") == ([(code, 1)] if code else [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Disallow: a/", "path-without-slash"),
        ("Disallow:\xa0/a", "nbsp"),
        ("Disallow: \u200b/a", "zero-width"),
        ("Disallow: https://site.example/a", "path-url"),
        ("Disallow: //cdn.site.example/a", "path-url"),
        ("Disallow: ^/a", "path-regex"),
        ("Disallow: /[0-9]+/a", "path-regex"),
        ("Disallow: /(a|b)/", "path-regex"),
        (r"Disallow: /a\.php", "path-regex"),
        ("Disallow: /a Disallow: /b", "line-joined"),
        ("Disallow: /" + "a" * 300, None),
        ("Disallow: /*?", None),
        ("Disallow: /a:b (c)", None),
        ("Disallow: *.pdf$", None),
        ("Disallow:", None),
        ("Disalow: /a", "field-typo"),
        ("Disallow /a", "no-colon"),
        ("DisallowAITraining: /", "field-prefix"),
        ("User_agent: x", "field-misspelt"),
        ("Dislalow: /a", "field-misspelt"),
        ("D\u200bisallow: /a", "zero-width"),
        ("\xa0Disallow: /a", "nbsp"),
        ("User–agent: x", "dash"),
        ("Dіsallow: /a", "homoglyph"),  # Cyrillic i
        ("Allow：/a", "homoglyph"),
        ("\ufeffUser-agent: x", "bom-inside"),
        ("ï»¿User-agent: x", "bom-inside"),
        ("\ufeffhello: x", None),
        ("Just some words", None),
        ("Länge: 3", None),
        ("Sitemap: https://site.example/s.xml", None),
        ("Disallow: /x" + "a" * 17_000, "line-too-long"),
        (b"Disallow: /caf\xe9", "not-utf8"),
    ],
)
def test_fault_of_a_line(line: str | bytes, code: str | None):
    expected = [(code, 2)] if code else []
    assert [c for c in codes("User-agent: x", line) if c[0] != "line-break"] == expected


def test_a_no_break_space_of_another_encoding_is_one_too():
    expected = [("not-utf8", 2), ("nbsp", 2)]
    assert codes("User-agent: x", b"Disallow: \xa0/a") == expected


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\v", "\f"])
def test_line_breaks_that_only_some_readers_know(mark: str):
    assert ("line-break", 1) in codes(f"User-agent: x{mark}Disallow: /")
    assert codes(f"# x{mark}Disallow: /") == []


STAR = ("User-agent: *", "Disallow: /")
SOME = ("User-agent: *", "Disallow: /a")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((*STAR, "User-agent: x"), [("own-group-lifts-star", 3)]),
        ((*STAR, "User-agent: x", "Crawl-delay: 1"), [("own-group-lifts-star", 3)]),
        ((*STAR, "User-agent: x", "Disallow:"), []),
        ((*SOME, "User-agent: x"), [("group-empty", 3)]),
        ((*SOME, "User-agent: x", "Crawl-delay: 0.5"), [("group-crawl-delay-only", 3)]),
        (("User-agent: x", "Crawl-delay: 5"), []),
        ((*SOME, "User-agent: *"), []),
        (("User-agent: x", "Disallow: /", "Allow: /"), [("allow-cancels", 3)]),
        (("User-agent: x", "Disallow: /", "Allow: /*"), [("allow-cancels", 3)]),
        (("User-agent: x", "Disallow: /*", "Allow: /"), []),
        (("User-agent: x", "Disallow: /", "Allow: /a"), []),
        (
            ("User-agent: x", "Disallow: /", "User-agent: x", "Allow: /"),
            [("groups-contradict", 3)],
        ),
        (
            ("User-agent: x", "Disallow:", "User-agent: X", "Disallow: /"),
            [("groups-contradict", 3)],
        ),
        (("User-agent: x", "Disallow: /", "User-agent: x", "Disallow: /a"), []),
        (("User-agent: x", "Disallow: /b", "User-agent: x", "Disallow: /a"), []),
        (("User-agent: x", "Disallow: /", "User-agent: x", "Disallow: /"), []),
        (("User-agent: x", "License: l", "User-agent: y", "Disallow: /"), [("group-split", 2)]),
        (("User-agent: x", "Sitemap: s", "User-agent: y", "Disallow: /"), []),
        (("User-agent: x", "License: l", "User-agent: y", "Allow: /"), []),
        (("User-agent: x", "User-agent: y", "License: l", "Disallow: /"), []),
        (("Disallow: /", *SOME), [("rule-without-group", 1)]),
    ],
)
def test_fault_of_groups(lines, expected):
    assert codes(*lines) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("GPTBot",), [("broker-open", 1)]),
        (("GPTBot", "CCBot"), []),
        (("AI2Bot",), [("agent-not-token", 1)]),
        (("Googlebot",), [("googlebot-blocked", 1)]),
        (("GPTBot", "OAI-SearchBot", "CCBot"), [("search-with-training", 3)]),
        (("OAI-SearchBot",), []),
        (("anthropic-ai",), [("agent-retired", 1)]),
        (("Claude-Web", "ClaudeBot", "CCBot"), []),
        (("FacebookBot",), [("agent-retired", 1)]),
        (("cohere-ai",), [("agent-retired", 1)]),
        (("omgilibot",), [("agent-retired", 1)]),
        (("Google-NotebookLM",), [("agent-retired", 1)]),
    ],
)
def test_what_blocked_agents_give_away(names, expected):
    lines = [line for name in names for line in (f"User-agent: {name}", "Disallow: /")]
    assert codes(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("User-agent: GPTBot", "Disallow:"), [("training-open", 1)]),
        (("User-agent: GPTBot", "Allow: /"), []),
        (("User-agent: GPTBot", "Disallow: /a"), []),
        (
            (
                *STAR,
                "User-agent: GPTBot",
                "Disallow: /",
                "User-agent: OAI-SearchBot",
                "Disallow: /",
            ),
            [],
        ),
        (
            ("User-agent: CCBot", "Allow: /", "User-agent: GPTBot", "Disallow: /"),
            [("broker-open", 1)],
        ),
    ],
)
def test_what_open_agents_give_away(lines, expected):
    assert codes(*lines) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /a", [("bom", None)]),
        ("User-agent: *".encode("utf-16"), [("utf16", None)]),
        (b"User-agent: *\nDisallow: /a\0", [("nul", None)]),
        (b"<!doctype html>\nallow: x\nUser_agent: x", [("html", None)]),
        (b"<html>\nUser-agent: x\nDisalow: /", [("field-typo", 3)]),  # a group stands in it
        (b"<html>\nDisalow: /", [("html", None)]),
        (b"#" * 512_001, [("oversize", None)]),
        (b"", []),
    ],
)
def test_fault_of_the_whole_file(body: bytes, expected):
    assert codes(body) == expected


def test_the_gravest_are_kept_and_among_equals_those_of_known_agents():
    lists = ["User-agent: a, b"] * 90 + ["User-agent: GPTBot, CCBot", "Disallow: /"]
    kept = codes(*lists, "Disalow: /", "User-agent: Googlebot", "Disallow:")
    assert len(kept) == MAX_DEFECTS
    assert {("defects-cut", None), ("agent-list", 91), ("field-typo", 93)} <= set(kept)
    assert ("agent-list", 90) not in kept


@pytest.mark.parametrize(("count", "cut"), [(MAX_DEFECTS, False), (MAX_DEFECTS + 1, True)])
def test_a_list_that_is_whole_says_nothing_of_a_cut(count: int, cut: bool):
    kept = codes("User-agent: *", *["Disalow: /"] * count)
    assert len(kept) == MAX_DEFECTS
    assert (("defects-cut", None) in kept) is cut


@given(st.lists(st.sampled_from(FAULTY), min_size=MAX_DEFECTS, max_size=3 * MAX_DEFECTS))
@settings(max_examples=150, deadline=None)
def test_no_code_is_lost_by_the_cut_and_no_graver_defect_for_a_lighter(lines: list[str]):
    body = "\n".join(lines).encode()
    kept = found(body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robots_defects, "MAX_DEFECTS", 10**6)
        every = found(body)
    assert {one.code for one in every} == {one.code for one in kept} - {CUT}
    assert (len(every) > MAX_DEFECTS) is (CUT in {one.code for one in kept})
    rank = list(Severity).index
    seen: set[str] = set()
    again = [one for one in kept if one.code in seen or seen.add(one.code)]
    left = [rank(one.severity) for one in every if one not in kept]
    assert max((rank(one.severity) for one in again), default=0) <= min(left, default=9)


def test_severity_and_effect_are_the_catalogues_and_quotes_are_safe():
    (defect,) = found(b"User-agent: x\x1b[31m" + b"y" * 400)
    entry = catalogue.load().entries[defect.code]
    assert (defect.severity, defect.effect) == (entry.severity, entry.effect)
    assert len(defect.quote) == 300
    assert "\x1b" not in defect.quote


@given(BODIES)
@settings(max_examples=150, deadline=None)
def test_no_body_raises_and_the_order_is_that_of_the_lines(body: bytes):
    numbers = [defect.line or 0 for defect in found(body)]
    assert numbers == sorted(numbers)
    assert found(body) == found(body)


@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_names_in_many_groups_cost_no_more_than_their_lines():
    names = "".join(f"User-agent: GPTBot{n}\n" for n in range(8000)).encode()
    body = names + b"Disallow: /\nUser-agent: GPTBot\n" + names + b"Allow: /\n"
    assert {code for code, _ in codes(body)} == {
        "groups-contradict",
        "agent-not-token",
        "defects-cut",
    }


@pytest.mark.parametrize(
    "line",
    ["User-agent: bot{}x{}y\n", "Usre-agent{}: x\n", "User-agent: a, b{}\n", "Disallow: /(a{}|b\n"],
)
def test_hostile_files_are_read_to_their_end(line: str):
    body = "".join(line.replace("{}", str(n)) for n in range(20_000)).encode()[: syntax.LIMIT]
    assert found(body)
