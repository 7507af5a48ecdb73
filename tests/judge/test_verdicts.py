"""Captures of a visit to verdicts by ordered, named rules."""

import pytest

from crawler.judge.verdicts import Rule, judge_visit, robots_state, stopped_visit
from crawler.model import Capture, Failure, Preference, Purpose, Reading, RobotsState
from crawler.signals import resources

ROOT = "https://site.example"
TDM = "/.well-known/tdmrep.json"
RESERVED = b'[{"location": "/", "tdm-reservation": 1}]'
OPEN = b'[{"location": "/", "tdm-reservation": 0}]'
JSON = ((b"Content-Type", b"application/json"),)
HTML = ((b"Content-Type", b"text/html"),)


def capture(resource, body=b"", status=200, headers=(), **more):
    url = ROOT + resource.removeprefix("sibling:")
    return Capture(resource, url, url, status=status, body=body, headers=headers, **more)


ROBOTS = capture("/robots.txt", b"User-agent: *\nDisallow:\n")
NO_FILES = [capture(path, status=404) for path in resources() if path not in {"/", "/robots.txt"}]


def home(*headers, metas="", status=200):
    body = f"<html><head>{metas}</head><body>x</body></html>".encode()
    return capture("/", body, status, HTML + headers)


def verdict(captures, purpose=Purpose.TRAIN):
    return next(v for v in judge_visit(captures).verdicts if v.purpose is purpose)


def meta(name, content):
    return f'<meta name="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("captures", "strict", "rule"),
    [
        ([ROBOTS, home(), *NO_FILES], Preference.UNSTATED, Rule.NOTHING_STATED),
        ([ROBOTS, home(), capture(TDM, status=503)], Preference.UNSTATED, Rule.PARTLY_READ),
        ([capture("/robots.txt", status=503)], Preference.UNSTATED, Rule.NOTHING_READ),
        (
            [ROBOTS, home(), capture(TDM, RESERVED, headers=JSON)],
            Preference.DISALLOWED,
            Rule.SOLE_STATEMENT,
        ),
        (
            [ROBOTS, home((b"tdm-reservation", b"true")), *NO_FILES],
            Preference.UNSTATED,
            Rule.LENIENT_ONLY,
        ),
        # TDMRep report, priority: header over file, meta over header.
        (
            [ROBOTS, home((b"tdm-reservation", b"0")), capture(TDM, RESERVED, headers=JSON)],
            Preference.ALLOWED,
            Rule.TDMREP_CHANNEL,
        ),
        (
            [
                ROBOTS,
                home((b"tdm-reservation", b"0"), metas=meta("tdm-reservation", "1")),
                *NO_FILES,
            ],
            Preference.DISALLOWED,
            Rule.TDMREP_CHANNEL,
        ),
        # A page's noai beats what the file says of the site.
        (
            [ROBOTS, home(metas=meta("robots", "noai")), capture(TDM, OPEN, headers=JSON)],
            Preference.DISALLOWED,
            Rule.MOST_SPECIFIC,
        ),
        (
            [ROBOTS, home((b"tdm-reservation", b"0"), metas=meta("robots", "noai")), *NO_FILES],
            Preference.DISALLOWED,
            Rule.MOST_RESTRICTIVE,
        ),
        (
            [ROBOTS, home((b"X-Robots-Tag", b"noai"), metas=meta("robots", "noai")), *NO_FILES],
            Preference.DISALLOWED,
            Rule.AGREEMENT,
        ),
        # Agent-scoped and asset-scoped statements do not speak about the page to everybody.
        (
            [ROBOTS, home((b"X-Robots-Tag", b"examplebot: noai")), *NO_FILES],
            Preference.UNSTATED,
            Rule.NOTHING_STATED,
        ),
        (
            [ROBOTS, home(metas=meta("robots", "noimageai")), *NO_FILES],
            Preference.UNSTATED,
            Rule.NOTHING_STATED,
        ),
    ],
)
def test_the_rule_that_decides_is_named(captures, strict, rule):
    found = verdict(captures)
    assert (found.strict, found.rule) == (strict, rule)


def test_of_a_tdmrep_file_the_first_matching_rule_holds_for_the_home_page():
    rules = (
        b'[{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
    )
    assert verdict([ROBOTS, home(), capture(TDM, rules, headers=JSON)]).strict is (
        Preference.DISALLOWED
    )
    only_open = b'[{"location": "/open/", "tdm-reservation": 0}]'
    assert verdict([ROBOTS, home(), capture(TDM, only_open, headers=JSON)]).strict is (
        Preference.UNSTATED
    )


def test_opposite_values_make_a_conflict_with_both_quotations():
    judged = judge_visit(
        [ROBOTS, home((b"tdm-reservation", b"1")), capture(TDM, OPEN, headers=JSON)]
    )
    (conflict,) = judged.conflicts
    assert {conflict.signal_a, conflict.signal_b} == {"tdmrep_header", "tdmrep_file"}
    assert "1" in conflict.quote_a + conflict.quote_b
    assert [v.conflict for v in judged.verdicts if v.purpose is Purpose.TRAIN] == [True]
    assert [v.conflict for v in judged.verdicts if v.purpose is Purpose.SEARCH] == [False]


def test_a_file_equal_to_its_random_sibling_is_no_file():
    shell = b'[{"location": "/", "tdm-reservation": 1}]'
    sibling = capture(f"sibling:{TDM}", shell)
    judged = judge_visit([ROBOTS, home(), capture(TDM, shell, headers=JSON), sibling])
    (finding,) = [r.finding for r in judged.readings if r.signal == "tdmrep_file"]
    assert (finding.outcome, finding.note) == (Reading.ABSENT, "soft_404")


def test_a_superseded_capture_is_not_read():
    https = capture("/robots.txt", status=None, failure=Failure.TLS_FAILURE, superseded=True)
    judged = judge_visit([https, ROBOTS, home(), *NO_FILES])
    assert judged.robots_seq == 1
    assert [r.seq for r in judged.readings if r.signal == "robots_access"] == [1]


@pytest.mark.parametrize(
    ("robots", "state"),
    [
        (ROBOTS, RobotsState.RULES),
        (capture("/robots.txt", b"\n# nothing\n"), RobotsState.EMPTY),
        (capture("/robots.txt", status=404), RobotsState.ABSENT),
        (capture("/robots.txt", status=410), RobotsState.ABSENT),
        (capture("/robots.txt", status=401), RobotsState.REFUSED),
        (capture("/robots.txt", status=403), RobotsState.REFUSED),
        (capture("/robots.txt", status=429), RobotsState.REFUSED),
        (capture("/robots.txt", headers=((b"cf-mitigated", b"challenge"),)), RobotsState.REFUSED),
        (capture("/robots.txt", status=500), RobotsState.UNREACHABLE),
        (capture("/robots.txt", status=301), RobotsState.UNREACHABLE),
        (capture("/robots.txt", status=999), RobotsState.UNREACHABLE),
        (
            capture("/robots.txt", status=None, failure=Failure.DNS_NXDOMAIN),
            RobotsState.UNREACHABLE,
        ),
        (capture("/robots.txt", b"<!doctype html><p>hello"), RobotsState.NOT_ROBOTS),
        (capture("/robots.txt", b"User-agent: *\nDisallow: /\n" * 20_000), RobotsState.TOO_LARGE),
        (capture("/robots.txt", b"<!doctype html>" + b"x" * 600_000), RobotsState.NOT_ROBOTS),
        (capture("/robots.txt", b"<br>\nUser-agent: *\nDisallow: /"), RobotsState.RULES),
        (capture("/robots.txt", "User-agent: *".encode("utf-16")), RobotsState.NOT_ROBOTS),
    ],
)
def test_the_state_of_robots_txt_is_kept_apart_from_its_rules(robots, state):
    assert robots_state(robots) is state


@pytest.mark.parametrize("body", [b"{}", b"<error/>", b'["no"]'])
def test_what_a_site_answers_on_every_path_is_no_robots_txt(body):
    asked = [capture("/robots.txt", body), home(), capture(f"sibling:{TDM}", body)]
    assert judge_visit(asked).robots_state is RobotsState.NOT_ROBOTS
    assert judge_visit(asked[:2]).robots_state is RobotsState.EMPTY


def test_a_visit_without_robots_txt_is_unreachable_not_absent():
    judged = judge_visit([])
    assert judged.robots_state is RobotsState.UNREACHABLE
    assert judged.robots_seq is None


def test_a_visit_whose_judging_was_stopped_is_unmeasured_but_keeps_its_robots_txt():
    judged = stopped_visit([ROBOTS, home()], "cpu_cap")
    assert judged.robots_state is RobotsState.RULES
    assert {r.finding.outcome for r in judged.readings} == {Reading.UNMEASURED}
    assert {r.finding.note for r in judged.readings} == {"cpu_cap"}
    assert {v.rule for v in judged.verdicts} == {Rule.NOTHING_READ}


def test_judging_is_a_function_of_the_captures():
    captures = [ROBOTS, home((b"X-Robots-Tag", b"noai")), *NO_FILES]
    assert judge_visit(captures) == judge_visit(captures)


def test_a_policy_that_the_nearer_channel_leaves_out_stays_in_force():
    """TDMRep report, priority section: an absent property never resets a value."""
    policy = b'[{"location":"/","tdm-reservation":1,"tdm-policy":"https://site.example/p"}]'
    captures = [ROBOTS, home((b"tdm-reservation", b"1")), capture(TDM, policy, headers=JSON)]
    found = verdict(captures)
    assert (found.strict, found.rule) == (Preference.CONDITIONAL, Rule.TDMREP_CHANNEL)


def test_a_header_that_frees_a_page_frees_it_for_ai_input_too():
    captures = [ROBOTS, home((b"tdm-reservation", b"0")), capture(TDM, RESERVED, headers=JSON)]
    found = verdict(captures, Purpose.AI_INPUT)
    assert (found.strict, found.rule) == (Preference.UNSTATED, Rule.TDMREP_CHANNEL)


def test_a_conflict_repeated_word_for_word_is_one_conflict():
    twice = meta("robots", "noai") + "\n" + meta("robots", "noai")
    judged = judge_visit([ROBOTS, home((b"tdm-reservation", b"0"), metas=twice), *NO_FILES])
    assert len(judged.conflicts) == 1


def test_a_converters_default_header_decides_nothing_and_contradicts():
    permits = (b"Content-Signal", b"ai-train=yes, search=yes, ai-input=yes")
    robots = capture("/robots.txt", b"User-agent: *\nContent-Signal: ai-train=no\n")
    judged = judge_visit([robots, home(permits), *NO_FILES])
    verdict = next(v for v in judged.verdicts if v.purpose is Purpose.TRAIN)
    assert (verdict.strict, verdict.conflict) == (Preference.DISALLOWED, True)
    (conflict,) = (c for c in judged.conflicts if c.purpose is Purpose.TRAIN)
    assert {conflict.signal_a, conflict.signal_b} == {
        "robots_content_signal",
        "content_signal_header",
    }
