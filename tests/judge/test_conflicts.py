"""Sources of one site that oppose each other; access never turns into a verdict on use."""

from dataclasses import replace

import pytest

from crawler.judge.conflicts import access_conflicts, header_conflicts, opposed, stances
from crawler.judge.verdicts import judge_visit
from crawler.model import Access, Capture, Preference, Purpose, Scope, Statement, Strictness
from crawler.parsers.robots import rfc9309, syntax

SITE = "https://site.example"
BLOCK = b"User-agent: GPTBot\nDisallow: /\n"
OPEN = b"User-agent: GPTBot\nAllow: /\n"


def file(body: bytes, url: str = SITE, resource: str = "/robots.txt", **more) -> Capture:
    address = f"{url}/robots.txt"
    return Capture(resource, address, address, **{"status": 200, "body": body} | more)


def variant(body: bytes, url: str, **more) -> Capture:
    return file(body, url, "variant:/robots.txt", **more)


def says(preference: Preference, purpose: Purpose = Purpose.TRAIN) -> list[tuple[str, Statement]]:
    words = f"{purpose}={preference}"
    return [("x", Statement(purpose, preference, Strictness.STRICT, Scope.SITE, words))]


def found(captures, applicable=()):
    return [
        (c.purpose, c.signal_a, c.quote_a, c.signal_b, c.quote_b)
        for c in access_conflicts(captures, applicable)
    ]


ALLOWED, CONDITIONAL, DISALLOWED = (
    Preference.ALLOWED,
    Preference.CONDITIONAL,
    Preference.DISALLOWED,
)


@pytest.mark.parametrize(
    ("body", "preference", "quotes"),
    [
        (BLOCK, ALLOWED, ["Disallow: /"]),
        (BLOCK, DISALLOWED, []),
        (BLOCK, CONDITIONAL, []),  # kept out until terms are agreed: no contradiction
        (OPEN, DISALLOWED, ["Allow: /"]),
        (OPEN, CONDITIONAL, ["Allow: /"]),
        (OPEN, ALLOWED, []),
        (b"User-agent: *\nDisallow: / # all\n", ALLOWED, ["Disallow: / # all"]),
        # Nobody wrote these about AI.
        (b"User-agent: *\nAllow: /\n", DISALLOWED, []),
        (b"User-agent: GPTBot\nDisallow: /x\n", DISALLOWED, []),
        (b"", DISALLOWED, []),
    ],
)
def test_a_rule_against_a_statement(body, preference, quotes):
    rows = found([file(body)], says(preference))
    assert [row[2] for row in rows] == quotes
    assert all(row[:2] == (Purpose.TRAIN, "robots_access") for row in rows)
    assert all(row[3:] == ("x", f"train={preference}") for row in rows)


def test_one_line_that_keeps_many_crawlers_out_is_one_conflict():
    body = b"User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: ClaudeBot\nDisallow: /\n"
    assert len(found([file(body)], says(ALLOWED))) == 1


def test_a_purpose_that_no_rule_speaks_about_has_no_conflict():
    assert found([file(BLOCK)], says(ALLOWED, Purpose.SEARCH)) == []


@pytest.mark.parametrize("fault", [{"status": 503}, {"truncated": True}, {"data_loss": True}])
def test_a_file_that_was_not_read_to_its_end_opposes_nothing(fault):
    assert found([file(BLOCK, **fault)], says(ALLOWED)) == []
    pair = [file(BLOCK), variant(b"", "https://www.site.example", **fault)]
    assert found(pair) == []


def test_without_robots_txt_there_is_nothing_to_compare():
    assert found([file(BLOCK, superseded=True)], says(ALLOWED)) == []


@pytest.mark.parametrize("url", ["https://www.site.example", "http://site.example"])
@pytest.mark.parametrize("status", [200, 404])
def test_a_variant_that_lets_in_whom_the_site_keeps_out(url, status):
    (row,) = found([file(BLOCK), variant(b"", url, status=status)])
    here, there = f"{SITE}/robots.txt: Disallow: /", f"{url}/robots.txt: nothing keeps GPTBot out"
    assert row == (Purpose.TRAIN, "robots_access", here, "robots_access", there)


@pytest.mark.parametrize(
    ("body", "url", "more"),
    [
        (BLOCK, "https://www.site.example", {}),  # the same rules
        (b"", "https://other.example", {}),  # another site
        (b"", "https://www.site.example", {"status": 503}),  # not read
        (b"", "http://site.example", {"final_url": f"{SITE}/robots.txt"}),  # leads to the same file
    ],
)
def test_what_is_no_difference_between_variants(body, url, more):
    assert found([file(BLOCK), replace(variant(body, url), **more)]) == []


def test_a_rule_makes_a_conflict_and_no_verdict_on_use():
    body = b"User-agent: *\nContent-Signal: ai-train=yes\nDisallow: /\n"
    judged = judge_visit([file(body)])
    (conflict,) = (c for c in judged.conflicts if c.purpose is Purpose.TRAIN)
    assert (conflict.signal_a, conflict.quote_a) == ("robots_access", "Disallow: /")
    verdict = next(v for v in judged.verdicts if v.purpose is Purpose.TRAIN)
    assert (verdict.strict, verdict.conflict) == (ALLOWED, False)


def test_every_stance_is_the_matchers_own_decision():
    body = b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: CCBot\nAllow: /\nDisallow: /x\n"
    policy = rfc9309.read(syntax.parse(body))
    said = stances(body)
    assert {s.agent for s in said} == {"GPTBot", "CCBot"}
    for stance in said:
        decision = policy.decide(stance.agent)
        assert stance.quote == decision.rule_text
        assert (stance.preference is DISALLOWED) is (decision.root is Access.DISALLOWED)


def test_conditional_and_disallowed_do_not_oppose_each_other():
    assert not opposed(CONDITIONAL, DISALLOWED)
    assert opposed(ALLOWED, CONDITIONAL)
    assert not opposed(ALLOWED, ALLOWED)


RESERVED = ((b"tdm-reservation", b"1"),)
WWW = "https://www.site.example/"


def page(url=f"{SITE}/", headers=(), resource="/", **more):
    return Capture(resource, url, **{"final_url": url, "status": 200, "headers": headers} | more)


def other(headers=(), url=WWW, **more):
    return page(url, headers, "variant:/", **{"body": b"<", "truncated": True} | more)


@pytest.mark.parametrize(
    ("here", "there", "quotes"),
    [
        (RESERVED, (), (f"{SITE}/: tdm-reservation: 1", f"{WWW}: nothing")),
        ((), RESERVED, (f"{SITE}/: nothing", f"{WWW}: tdm-reservation: 1")),
    ],
)
def test_headers_that_only_one_name_of_the_site_has(here, there, quotes):
    rows = list(header_conflicts([page(headers=here), other(there)]))
    assert {(c.signal_a, c.signal_b) for c in rows} == {("tdmrep_header", "tdmrep_header")}
    assert {(c.quote_a, c.quote_b) for c in rows} == {quotes}
    assert Purpose.TRAIN in {c.purpose for c in rows}


@pytest.mark.parametrize(
    "captures",
    [
        [other(RESERVED)],  # the home page was not had
        [page(status=404), other(RESERVED)],
        [page(headers=RESERVED), other(RESERVED)],  # the same on both
        [page(), other(RESERVED, url="https://other.example/")],  # another site
        [page(), other(RESERVED, status=301)],  # leads elsewhere, and says nothing itself
        [page(final_url=WWW), other(RESERVED)],  # the home page itself
        [page(), other(RESERVED, superseded=True)],
    ],
)
def test_what_is_no_difference_between_headers(captures):
    assert list(header_conflicts(captures)) == []


def test_headers_of_a_variant_are_a_conflict_and_no_statement():
    judged = judge_visit([file(b""), page(), other(RESERVED)])
    assert {v.strict for v in judged.verdicts} == {Preference.UNSTATED}
    assert not any(v.conflict for v in judged.verdicts)
    assert {c.signal_a for c in judged.conflicts} == {"tdmrep_header"}
    assert {read.seq for read in judged.readings} == {0, 1}
