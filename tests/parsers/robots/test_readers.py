"""The readers side by side: Google's against its own parser, Protego's bounds, the signal."""

import gzip
import importlib.util
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.model import Access, Basis, Capture, Extent, Failure, Reading, RobotsState
from crawler.parsers.http import parse_response
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import protego as robots_protego
from crawler.parsers.robots import rfc9309, syntax
from crawler.signals import robots_access
from crawler.signals.robots_access import answer, find, judge, unavailable
from tests.parsers.robots.test_syntax import BODIES
from tests.paths import FIXTURES

ACCESS_FIXTURES = FIXTURES / "robots_access"
TOKENS = ("GPTBot", "CCBot", "Google-Extended", "Applebot", "Applebot-Extended", "AI2Bot")
PATHS = ("/", "/a/page?x=%2f", "/index.html")


def lines(*parts: str) -> bytes:
    return "\n".join(parts).encode()


NAMES = ["*", "GPTBot", "gptbot/1.0", "* x", "CCBot, GPTBot", "AI2Bot", "Applebot", "", "*\x0b"]
VALUES = ["/", "", "/a", "/a*e$", "/*", "*", "/$", "/index.htm", "/index.html", "/é", "/a/%70", "x"]
FIELDS = ["User-agent", "useragent", "USER AGENT", "Disallow", "Disalow", "Allow", "Allows"]
MADE = st.lists(
    st.one_of(
        st.builds("User-agent: {}".format, st.sampled_from(NAMES)),
        st.builds(
            "{}{}{}".format,
            st.sampled_from([*FIELDS, "Sitemap", "Content-Signal", "DisallowAITraining", "#"]),
            st.sampled_from([": ", ":", " ", "\t", "\x0b:"]),
            st.sampled_from([*VALUES, *NAMES, "/a # x", "/\0a", "\x0c/"]),
        ),
        st.just(""),
    ),
    max_size=14,
).flatmap(
    lambda rows: st.sampled_from(["\n", "\r", "\r\n"]).map(lambda end: end.join(rows).encode())
)


@pytest.fixture(scope="module")
def google():
    """Google's own parser, bound to Python."""
    module = pytest.importorskip(
        "jwm.robotstxt.googlebot", reason="no build of Google's parser for this platform"
    )
    return module.RobotsMatcher()


def assert_as_google(oracle, body: bytes) -> None:
    policy = robots_google.read(syntax.parse(body))
    for token in TOKENS:
        for path in PATHS:
            access, _, _, line = policy.allowed(token, path)
            expected = oracle.OneAgentAllowedByRobots(body, token, path)
            assert (access is Access.ALLOWED) == expected, (token, path, body)
            assert line == (oracle.matching_line() or None), (token, path, body)


@given(st.one_of(MADE, BODIES, MADE.map(lambda body: b"\xef\xbb\xbf" + body)))
@settings(max_examples=200, deadline=None)
def test_google_reader_is_googles_parser_on_made_files(google, body: bytes):
    assert_as_google(google, body)


def test_google_cuts_long_lines_where_its_parser_does(google):
    for size in range(robots_google.LONGEST_LINE - 14, robots_google.LONGEST_LINE + 3):
        body = b"User-agent: *\nDisallow: /" + b" " * (size - 11) + b"x\nAllow: /a"
        assert_as_google(google, body)


@pytest.fixture(scope="module")
def load(corpus):
    """The reader of the captured corpus."""
    spec = importlib.util.spec_from_file_location("corpus_load", corpus / "load.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["corpus_load"] = module
    spec.loader.exec_module(module)
    return module


def test_google_reader_is_googles_parser_on_captured_files(google, load):
    count = 0
    for row in load.rows("robots/bodies.jsonl.xz"):
        body = load.body_bytes(row)
        if len(body) <= 20_000:
            assert_as_google(google, body)
            count += 1
        if count == 300:
            break
    assert count == 300


EXCEPTIONS = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text("utf-8"))[
    "exception"
]


def named_cases() -> Iterator[tuple[str, str]]:
    """Every case of the table of exceptions, with its reason."""
    for exception in EXCEPTIONS:
        for case in exception["cases"]:
            suite, _, numbers = case.partition(":")
            first, _, last = numbers.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield f"{suite}:{number}", exception["id"]


def test_exceptions_are_named_once_and_by_a_section():
    cases = [case for case, _ in named_cases()]
    assert len(set(cases)) == len(cases)
    assert all(re.fullmatch(r"2\.[0-9.]+", each["section"]) for each in EXCEPTIONS)
    assert all(each["why"].strip() for each in EXCEPTIONS)


def test_cases_of_other_suites_hold_but_for_named_exceptions(load):
    """No case fails without a reason, and none has a reason that it does not need."""
    failed = set()
    count = 0
    for case in load.suite_cases():
        count += 1
        asked = isinstance(case["agent"], str)
        path = case["url"] or "/"
        if (
            not asked
            or answer(case["body"], case["agent"], path).allowed is not (case["expected_allowed"])
        ):
            failed.add(case["id"])
    assert count > 1000
    assert failed == {case for case, _ in named_cases()}


@pytest.mark.parametrize(
    ("body", "agent", "strict", "lenient", "protego"),
    [
        (lines("User-agent: Applebot", "Disallow: /"), "Applebot-Extended", True, True, False),
        (lines("User-agent: GPTBot/1.0", "Disallow: /"), "GPTBot", True, False, True),
        (lines("User-agent: GPTBot, CCBot", "Disallow: /"), "GPTBot", True, False, True),
        (lines("User-agent: AI2Bot", "Disallow: /"), "AI2Bot", False, True, False),
        (lines("User-agent: GPTBot", "License: x", "User-agent: *", "Disallow: /"), "GPTBot")
        + (False, False, True),
        (lines("User-agent: *", "Disalow: /"), "GPTBot", True, False, False),
        (lines("User-agent: *", "Disallowed: /"), "GPTBot", True, False, True),
        (lines("User-agent: * everybody", "Disallow: /"), "GPTBot", True, False, True),
        (lines("User-agent: *", "#\u2028Disallow: /"), "GPTBot", True, True, False),
        (lines("User-agent: *", "DisallowAITraining: /"), "GPTBot", True, False, True),
    ],
)
def test_readers_part_where_they_are_known_to(body, agent, strict, lenient, protego):
    found = [answer(body, agent, "/", reader).allowed for reader in robots_access.READERS]
    assert found == [strict, lenient, protego]


def test_an_unknown_reader_is_an_error():
    with pytest.raises(KeyError):
        answer(b"", "GPTBot", "/", "nutch")


@given(st.one_of(MADE, BODIES))
@settings(max_examples=200, deadline=None)
def test_protego_is_asked_about_every_agent_it_could_tell_apart(body: bytes):
    access = judge(body, TOKENS).access["protego"]
    parser = Protego.parse(body.decode("utf-8-sig", "replace"))
    for token in TOKENS:
        decision = access.named.get(token, access.default)
        assert (decision.root is Access.ALLOWED) == parser.can_fetch("https://x/", token)


@given(MADE)
@settings(max_examples=100, deadline=None)
def test_named_agents_are_exactly_those_that_differ(body: bytes):
    for reader, policy in (("rfc9309", rfc9309), ("google", robots_google)):
        access = judge(body, TOKENS).access[reader]
        for token in TOKENS:
            expected = policy.read(syntax.parse(body)).decide(token)
            assert access.named.get(token, access.default) == expected
            assert access.named.get(token) != access.default


@given(MADE, st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=150, deadline=None)
def test_protego_without_far_rules_says_the_same_about_the_root(body: bytes, end: str):
    body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", end.encode())
    whole = robots_protego.ProtegoPolicy(body)
    part = robots_protego.ProtegoPolicy(body, root_only=True)
    assert part.named(TOKENS) == whole.named(TOKENS)
    for token in ("x", *TOKENS):
        assert part.decide(token) == whole.decide(token)


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ("Disallow: /a\nDisallow: /b*$\nallow:c\n", ""),
        ("Disallow: https://site.example/\r\n", ""),
        ("Allow: /index.html\nDisallow: /\n", "Allow: /index.html\nDisallow: /\n"),
        ("Disallow: /a\u2028Disallow: /\n", "Disallow: /a\u2028Disallow: /\n"),
        ("Di\u017fallow: /a\n", "Di\u017fallow: /a\n"),  # a long s, which lower() keeps
        ("Disallow: /*\nDisallow:\n", "Disallow: /*\nDisallow:\n"),
    ],
)
def test_only_rules_that_cannot_match_the_root_are_kept_from_protego(rules: str, kept: str):
    expected = kept or robots_protego.NO_RULE
    assert robots_protego.FAR.sub(robots_protego.NO_RULE, rules) == expected


def test_protego_is_spared_what_would_keep_it_busy():
    body = b"User-agent: a\n" * 1100 + b"Disallow: /\n" * 1100
    default = judge(body, TOKENS).access["protego"].default
    assert (default.root, default.rule) == (Access.UNMEASURED, robots_protego.NOT_ASKED)
    assert answer(body, "GPTBot", "/", "protego") == (None, None, Basis.NONE)
    assert judge(body, ("A",)).access["rfc9309"].named["A"].root is Access.DISALLOWED


@pytest.mark.parametrize("stage", ["parse", "can_fetch"])
def test_a_fault_of_protego_is_unmeasured(monkeypatch, stage: str):
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(robots_protego.Protego, stage, fail)
    policy = robots_protego.ProtegoPolicy(b"User-agent: *\nDisallow: /\n")
    assert policy.decide("x").rule == robots_protego.FAILED


def test_protego_names_the_group_it_used():
    body = lines("User-agent: Google", "Disallow: /a", "User-agent: *", "Disallow: /")
    bases = [answer(body, agent, "/", "protego").basis for agent in ("Google-Extended", "x")]
    assert bases == [Basis.OWN, Basis.STAR]
    assert answer(b"", "x", "/", "protego").basis is Basis.NONE


CASES = sorted(ACCESS_FIXTURES.glob("*.http"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_fixture_agents_are_judged_as_expected(case: Path):
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    capture = parse_response(case.read_bytes(), "https://site.example/robots.txt")
    finding = find(capture)
    assert (finding.outcome, finding.note) == (expected["outcome"], expected["note"])
    agents = expected.get("agents", {})
    access = judge(capture.body, tuple(agents)).access["rfc9309"]
    for token, wanted in agents.items():
        decision = access.named.get(token, access.default)
        assert {k: getattr(decision, k) for k in ("root", "basis", "line")} == wanted


@pytest.mark.parametrize(
    ("body", "state", "groups", "named", "author"),
    [
        (b"", RobotsState.EMPTY, 0, 0, "unknown"),
        (b"User-agent: GPTBot\n", RobotsState.EMPTY, 1, 1, "unknown"),
        (
            b"# we use Shopify as our ecommerce platform\nUser-agent: *\nDisallow: /a",
            RobotsState.RULES,
            1,
            0,
            "shopify",
        ),
        (b"User-agent: a\nUser-agent: b\nAllow: /", RobotsState.RULES, 1, 0, "unknown"),
        (b"<!doctype html><p>User-agent: *", RobotsState.NOT_ROBOTS, 0, 0, "unknown"),
        (
            b"<!doctype html>\nUser-agent: CCBot\nDisallow: /",
            RobotsState.RULES,
            1,
            1,
            "unknown",
        ),
        (b"<!DOCTYPE html5>\n<head>\n", RobotsState.NOT_ROBOTS, 0, 0, "unknown"),
        (b"\x89PNG\r\n\x1a\n\0\0", RobotsState.NOT_ROBOTS, 0, 0, "unknown"),
        (b"#" * 512_001, RobotsState.TOO_LARGE, 0, 0, "unknown"),
        (b"# START YOAST BLOCK\n", RobotsState.EMPTY, 0, 0, "yoast"),
        (b"# BEGIN Cloudflare Managed content\n", RobotsState.EMPTY, 0, 0, "cloudflare-managed"),
    ],
)
def test_reading_of_a_body(body, state, groups, named, author):
    reading = judge(body, TOKENS)
    assert (reading.state, reading.groups, reading.agents_named) == (state, groups, named)
    assert reading.authorship == author


def test_a_page_over_the_limit_is_a_page_and_permits_nothing():
    page = b"<!doctype html>" + b"<p>" * 170_662
    reading = judge(page, TOKENS, cut=True)
    assert reading.state is RobotsState.NOT_ROBOTS
    assert robots_access.state_of(capture(page, truncated=True)) is RobotsState.NOT_ROBOTS
    assert robots_access.state_of(capture(page[:999], truncated=True)) is RobotsState.UNREAD
    roots = {reader: access.default.root for reader, access in reading.access.items()}
    # Google's reader stops at 500 KiB by itself, and is asked as in any file of this size.
    unknown = dict.fromkeys(("rfc9309", "protego"), Access.UNMEASURED)
    assert roots == {**unknown, "google": Access.ALLOWED}


def test_a_page_without_groups_is_no_file_and_one_with_groups_counts():
    nothing = judge(b"<html><p>Hello", TOKENS).access["rfc9309"]
    assert (nothing.default.basis, nothing.default.rule) == (Basis.NO_FILE, "not-robots-no-group")
    page = judge(b"<html>\nUser-agent: CCBot\nDisallow: /", TOKENS).access["rfc9309"]
    assert page.named["CCBot"].root is Access.DISALLOWED
    assert page.default.basis is Basis.NONE


@pytest.mark.parametrize(
    ("state", "root", "extent", "basis", "rule"),
    [
        (RobotsState.ABSENT, "allowed", Extent.NONE, Basis.NO_FILE, "rfc9309-2.3.1.3-unavailable"),
        (RobotsState.REFUSED, "unmeasured", None, None, "refused-unmeasured"),
        (RobotsState.UNREACHABLE, "unmeasured", None, None, "rfc9309-2.3.1.4-unreachable"),
    ],
)
def test_without_a_file_everybody_has_one_answer(state, root, extent, basis, rule):
    decision = unavailable(state)
    assert (decision.root, decision.extent, decision.basis, decision.rule) == (
        root,
        extent,
        basis,
        rule,
    )


def test_state_of_a_body_needs_no_agents():
    assert robots_access.state_of(capture(b"User-agent: a\nAllow: /")) is RobotsState.RULES


def test_a_stopped_judgement_is_unmeasured_for_every_reader():
    reading = robots_access.stopped("cpu_cap")
    assert {access.default.root for access in reading.access.values()} == {Access.UNMEASURED}
    assert set(reading.access) == set(robots_access.READERS)


ALL = b"User-agent: *\nDisallow: /"


def capture(body: bytes = b"", **changes: object) -> Capture:
    url = "https://site.example/robots.txt"
    return Capture("/robots.txt", url, url, **({"status": 200, "body": body} | changes))


@pytest.mark.parametrize(
    ("found", "outcome", "note"),
    [
        (capture(failure=Failure.DNS_TIMEOUT, status=None), Reading.UNMEASURED, "no_answer"),
        (capture(b"User-agent: x", truncated=True), Reading.UNMEASURED, "truncated"),
        (capture(ALL + b"\n", truncated=True), Reading.PRESENT, "disallows_all"),
        (capture(ALL, truncated=True), Reading.UNMEASURED, "truncated"),  # half a line, maybe
        (capture(gzip.compress(ALL + b"\n")[:-9]), Reading.PRESENT, "disallows_all"),
        (capture(gzip.compress(ALL)[:-5] + bytes(5)), Reading.UNMEASURED, "coding_error"),
        (capture(b"<html>", data_loss=True), Reading.UNMEASURED, "truncated"),
        # RFC 9309 section 2.5: nobody must read on behind 500 KiB, so what came is a page.
        (capture(b"<html>" * 85_334, truncated=True), Reading.MALFORMED, "soft_404"),
        (capture(b"\x89PNG"), Reading.MALFORMED, "not_robots"),
        (capture(b"Useragent: *\nDisallow: /"), Reading.MALFORMED, "lenient_only"),
        (capture(b"User-agent: x\nDisallow: /"), Reading.ABSENT, None),
    ],
)
def test_finding(found, outcome, note):
    finding = find(found)
    assert (finding.outcome, finding.note, finding.statements) == (outcome, note, ())


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"User-agent: GPTBot|x\nDisallow: a/\n", ["agent-list", "path-without-slash"]),
        (b"User-agent: AI2Bot\nDisallow: /\n", ["agent-not-token"]),
        (b"User-agent: *\nDisallowAITraining: /\nCrawl-delay: 2\n", ["field-prefix"]),
        (b"User-agent: a\0\nDisallow: /\n", ["nul", "agent-not-token"]),
        (b"#" * 512_001, ["oversize"]),
        (b"Allow: /\n" * 90, ["defects-cut"] + ["rule-without-group"] * 49),
        (
            b"User-agent: *\nDisallow: /\nUser-agent: a\nUser-agent: */2\n",
            ["agent-not-token", "own"],
        ),
        (b"User-agent: *\nDisallow: /\nUser-agent: x\nUser-agent: x\nAllow: /a\n", []),
        (b"User-agent: *\nDisallow: /\nUser-agent: x\nDisallow: /\nUser-agent: x\n", []),
    ],
)
def test_defects_have_codes(body: bytes, codes: list[str]):
    found = [defect.code.removeprefix("robots-") for defect in find(capture(body)).defects]
    assert [
        code[: len(wanted)] for code, wanted in zip(sorted(found), sorted(codes), strict=False)
    ] == (sorted(codes))


@given(BODIES)
@settings(max_examples=150, deadline=None)
def test_nothing_in_a_body_raises(body: bytes):
    finding = find(capture(body))
    count = len(syntax.parse(body).raws)
    assert all(defect.line is None or 1 <= defect.line <= count for defect in finding.defects)
    judge(body, TOKENS)
    for reader in robots_access.READERS:
        answer(body, "GPTBot", "/[", reader)


def test_google_takes_an_allowed_index_page_for_its_folder():
    """GoogleOnly_IndexHTMLisDirectory of google/robotstxt; RFC 9309 knows no such thing."""
    body = b"User-agent: *\nDisallow: /works/\nAllow: /works/index.html\n"
    for reader, allowed in (("google", True), ("rfc9309", False)):
        assert robots_access.answer(body, "GPTBot", "/works/", reader).allowed is allowed
        assert robots_access.answer(body, "GPTBot", "/works/a", reader).allowed is False
