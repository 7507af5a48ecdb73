"""Captures of a visit to its one outcome."""

from dataclasses import replace

import pytest

from crawler.answers import Answer, classify
from crawler.model import Capture, Failure, Outcome, Reason
from crawler.visit.outcome import (
    PLACE,
    TRANSIENT,
    can_be_kept,
    may_pass,
    outcome,
    stands,
    stops_the_visit,
)


def capture(resource="/robots.txt", status=200, body=b"User-agent: *\nDisallow:\n", **more):
    url = f"https://site.example{resource}"
    return Capture(resource, url, url, status=status, body=body, **more)


HOME = capture("/", body=b"<html>")
FILE = "/.well-known/tdmrep.json"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.CONTENT),
        (204, Answer.CONTENT),
        (301, Answer.REDIRECT),
        (304, Answer.REDIRECT),
        (401, Answer.REFUSED),
        (402, Answer.REFUSED),
        (403, Answer.REFUSED),
        (404, Answer.MISSING),
        (410, Answer.MISSING),
        (418, Answer.MISSING),
        (429, Answer.RATE_LIMITED),
        (451, Answer.REFUSED),
        (500, Answer.SERVER_ERROR),
        (503, Answer.SERVER_ERROR),
        (103, Answer.UNKNOWN_STATUS),
        (999, Answer.UNKNOWN_STATUS),
    ],
)
def test_a_status_belongs_to_one_class(status, answer):
    assert classify(capture(status=status)) is answer


def test_an_edge_challenge_is_neither_content_nor_refusal_by_status():
    challenged = capture(status=200, headers=((b"CF-Mitigated", b" Challenge "),))
    assert classify(challenged) is Answer.CHALLENGE
    assert classify(capture(headers=((b"cf-mitigated", b"off"),))) is Answer.CONTENT


@pytest.mark.parametrize(
    ("captures", "expected"),
    [
        ([capture(), HOME], (Outcome.OK, Reason.COMPLETE)),
        ([capture(status=404), HOME], (Outcome.ABSENT, Reason.ROBOTS_MISSING)),
        ([capture(body=b" \n"), HOME], (Outcome.ABSENT, Reason.ROBOTS_EMPTY)),
        ([capture(body=b"<!DOCTYPE html>"), HOME], (Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS)),
        # RFC 9309 section 2.3.1.5: a group below a line of HTML counts.
        ([capture(body=b"<!-- x -->\nUser-agent: *\n"), HOME], (Outcome.OK, Reason.COMPLETE)),
        ([capture(body=b"<!doctypehtml>"), HOME], (Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS)),
        ([capture(body=b"<!DOCTYPE rss><a/>"), HOME], (Outcome.OK, Reason.COMPLETE)),
        (
            [capture(body="User-agent: *".encode("utf-16")), HOME],
            (Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
        ),
        (
            [capture(body=b"{}"), HOME, capture("sibling:/ai.txt", body=b"{}")],
            (Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS),
        ),
        (
            [capture(body=b"{}"), HOME, capture("sibling:/ai.txt", status=404, body=b"{}")],
            (Outcome.OK, Reason.COMPLETE),
        ),
        (
            [capture(body=b"User-agent: *"), HOME, capture("sibling:/a", body=b"User-agent: *")],
            (Outcome.OK, Reason.COMPLETE),
        ),
        ([capture(body=b"\x89PNG\r\n"), HOME], (Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS)),
        # RFC 9309 section 2.3.1.4: unreachable stops us; the home page was never asked for.
        ([capture(status=503)], (Outcome.SERVER_ERROR, Reason.HTTP_5XX)),
        ([capture(status=999)], (Outcome.SERVER_ERROR, Reason.UNKNOWN_STATUS)),
        ([capture(status=429)], (Outcome.RATE_LIMITED, Reason.HTTP_429)),
        ([capture(status=403), HOME], (Outcome.DENIED, Reason.HTTP_403)),
        ([capture(status=451), HOME], (Outcome.DENIED, Reason.HTTP_451)),
        (
            [capture(headers=((b"cf-mitigated", b"challenge"),)), HOME],
            (Outcome.DENIED, Reason.CHALLENGE),
        ),
        ([capture(status=301)], (Outcome.REFUSED_BY_US, Reason.REDIRECT_DISALLOWED)),
        ([capture(), capture("/", status=404)], (Outcome.OK_PARTIAL, Reason.HOME_MISSING)),
        ([capture(), capture("/", status=402)], (Outcome.DENIED, Reason.HTTP_402)),
        (
            [capture(status=522, headers=((b"Server", b"cloudflare"),))],
            (Outcome.SERVER_ERROR, Reason.CDN_ERROR),
        ),
        ([capture(status=304)], (Outcome.MALFORMED, Reason.UNKNOWN_STATUS)),
        ([capture(status=206), HOME], (Outcome.OK_PARTIAL, Reason.DATA_LOSS)),
        (
            [capture(), capture("/", body=b"<script src=//www.parkingcrew.net/p.js>")],
            (Outcome.OK_PARTIAL, Reason.PARKED),
        ),
        (
            [capture(), capture("/", status=200, body=b'<script id="anubis_challenge">')],
            (Outcome.DENIED, Reason.CHALLENGE),
        ),
        ([capture(data_loss=True), HOME], (Outcome.OK_PARTIAL, Reason.DATA_LOSS)),
        ([capture(truncated=True), HOME], (Outcome.OK_PARTIAL, Reason.TRUNCATED)),
        (
            [capture(), capture("/", coding_error=True)],
            (Outcome.MALFORMED, Reason.BAD_CONTENT_CODING),
        ),
        (
            [capture(), HOME, capture(FILE, status=503)],
            (Outcome.OK_PARTIAL, Reason.RESOURCE_UNMEASURED),
        ),
        ([capture(), HOME, capture(FILE, status=404)], (Outcome.OK, Reason.COMPLETE)),
        ([], (Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR)),
        ([capture()], (Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR)),
    ],
)
def test_the_first_rule_that_fits_decides(captures, expected):
    assert outcome(captures)[:2] == expected


def test_our_own_obedience_is_an_outcome_of_its_own():
    result = outcome([capture()], home_disallowed=True)
    assert result[:2] == (Outcome.REFUSED_BY_US, Reason.ROBOTS_DISALLOWS_US)


CEILING = (Reason.SITE_CEILING, "32 requests")


@pytest.mark.parametrize(
    ("captures", "expected"),
    [
        ([capture()], (Outcome.REFUSED_BY_US, *CEILING)),
        ([capture(), capture("/", status=302)], (Outcome.REFUSED_BY_US, *CEILING)),
        ([capture(), HOME], (Outcome.OK_PARTIAL, *CEILING)),
        ([capture(), capture("/", status=403)], (Outcome.DENIED, Reason.HTTP_403, None)),
        ([capture(status=503)], (Outcome.SERVER_ERROR, Reason.HTTP_5XX, "503")),
    ],
)
def test_a_visit_that_we_ended_early_says_so_unless_it_had_failed_before(captures, expected):
    assert outcome(captures, stopped=CEILING) == expected


def test_what_may_pass_is_no_answer_of_the_site_about_itself():
    assert may_pass(Reason.HTTP_5XX, [])
    assert not may_pass(Reason.COMPLETE, [capture(), HOME])
    stalled = capture(FILE, status=None, failure=Failure.INTERNAL_STALL)
    assert may_pass(Reason.RESOURCE_UNMEASURED, [capture(), HOME, stalled])
    assert not may_pass(Reason.HTTP_403, [capture(status=403), stalled])
    for_good = {Reason.DNS_NXDOMAIN, Reason.HTTP_403, Reason.CHALLENGE, Reason.TLS_FAILURE}
    assert not for_good & TRANSIENT


def test_a_stall_of_ours_is_never_the_sites_failure():
    result = outcome([capture(status=None, failure=Failure.INTERNAL_STALL)])
    assert result[:2] == (Outcome.INTERNAL_ERROR, Reason.INTERNAL_STALL)


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_its_outcome(failure):
    kind, reason, detail = outcome([capture(status=None, failure=failure, detail="why")])
    assert reason.value == failure.value
    assert detail == "why"
    assert kind in {
        Outcome.UNREACHABLE,
        Outcome.REFUSED_BY_US,
        Outcome.MALFORMED,
        Outcome.INTERNAL_ERROR,
    }


def test_a_superseded_capture_does_not_count():
    https = capture(status=None, failure=Failure.CONNECT_REFUSED, superseded=True)
    assert outcome([https, capture(), HOME])[0] is Outcome.OK


def test_the_outcome_of_a_failure_without_a_word_is_ours():
    assert outcome([capture(status=None)])[0] is Outcome.INTERNAL_ERROR


@pytest.mark.parametrize(
    ("status", "stops"), [(200, False), (404, False), (403, False), (429, True), (500, True)]
)
def test_what_stops_a_visit_after_robots(status, stops):
    assert stops_the_visit(capture(status=status)) is stops


def test_a_challenge_with_503_is_unreachable_all_the_same():
    assert stops_the_visit(capture(status=503, headers=((b"cf-mitigated", b"challenge"),)))


AWAY = "two.example"


def moved(url, **more):
    """A site whose home page is at `url` in the end."""
    robots = replace(capture(**more), url="https://www.one.example/robots.txt")
    return [robots, replace(HOME, url="https://www.one.example/", final_url=url)]


@pytest.mark.parametrize(
    ("captures", "expected"),
    [
        (moved("https://www.one.example/start"), (Outcome.OK, Reason.COMPLETE, None)),
        (moved("http://one.example:8080/"), (Outcome.OK, Reason.COMPLETE, None)),
        (moved("https://two.example/"), (Outcome.OK, Reason.OFFSITE, "two.example")),
        (
            moved("https://two.example/", status=404),
            (Outcome.ABSENT, Reason.OFFSITE, "two.example"),
        ),
        # what is no answer, or no whole one, says more than where it came from
        (moved("https://two.example/", status=503), (Outcome.SERVER_ERROR, Reason.HTTP_5XX, "503")),
        (
            moved("https://two.example/", truncated=True),
            (Outcome.OK_PARTIAL, Reason.TRUNCATED, "/robots.txt"),
        ),
    ],
)
def test_a_home_page_of_another_registrable_domain_is_told(captures, expected):
    assert outcome(captures) == expected


def test_tenants_of_one_hoster_are_different_sites():
    home = replace(HOME, url="https://a.github.io/", final_url="https://b.github.io/")
    assert outcome([capture(), home]) == (Outcome.OK, Reason.OFFSITE, "b.github.io")


def _told(outcome: Outcome, reason: Reason = Reason.COMPLETE) -> tuple[Outcome, Reason, None]:
    return outcome, reason, None


@pytest.mark.parametrize(
    ("earlier", "had", "later", "has", "expected"),
    [
        (_told(Outcome.OK), 3, _told(Outcome.OK_PARTIAL, Reason.SITE_CEILING), 9, True),
        (_told(Outcome.OK), 3, _told(Outcome.UNREACHABLE, Reason.DNS_FAILURE), 1, True),
        (_told(Outcome.OK), 3, _told(Outcome.ABSENT, Reason.ROBOTS_MISSING), 3, False),
        (_told(Outcome.OK), 3, _told(Outcome.DENIED, Reason.HTTP_403), 1, False),
        (_told(Outcome.OK), 3, _told(Outcome.REFUSED_BY_US, Reason.EXCLUDED), 0, False),
        (_told(Outcome.OK_PARTIAL), 4, _told(Outcome.OK_PARTIAL, Reason.SITE_CEILING), 3, True),
        (_told(Outcome.OK_PARTIAL), 4, _told(Outcome.OK_PARTIAL, Reason.SITE_CEILING), 4, False),
        (_told(Outcome.UNREACHABLE), 1, _told(Outcome.SERVER_ERROR, Reason.HTTP_5XX), 1, False),
    ],
)
def test_of_two_visits_the_one_that_tells_more_stands(earlier, had, later, has, expected):
    one = Capture("/x", "http://a.example/x", "http://a.example/x", status=200)
    lost = replace(one, status=None, failure=Failure.TIMEOUT_TOTAL)
    gone = replace(one, superseded=True)
    first, second = ([one] * number + [lost, gone] for number in (had, has))
    assert stands(earlier, first, later, second + [gone, lost]) is expected


def test_every_outcome_has_its_place():
    assert set(PLACE) == set(Outcome)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"status": 404}, True),
        ({"status": 403}, True),
        ({"truncated": True}, True),
        ({"status": 503}, False),
        ({"status": 429}, False),
        ({"status": None, "failure": Failure.INTERNAL_STALL}, False),
        ({"data_loss": True}, False),
        ({"superseded": True}, False),
    ],
)
def test_only_what_did_not_fail_is_kept_for_the_next_visit(change, expected):
    one = Capture("/x", "http://a.example/x", "http://a.example/x", status=200, body=b"x")
    assert can_be_kept(replace(one, **change)) is expected


@pytest.mark.parametrize(
    ("page", "result"),
    [
        ({"coding_error": True}, (Outcome.MALFORMED, Reason.BAD_CONTENT_CODING)),
        ({"data_loss": True}, (Outcome.OK_PARTIAL, Reason.DATA_LOSS)),
        ({"truncated": True}, (Outcome.OK_PARTIAL, Reason.TRUNCATED)),
    ],
)
def test_a_page_that_did_not_come_whole_is_told(page, result):
    """Beside a robots.txt that did."""
    assert outcome([capture(), replace(HOME, **page)])[:2] == result
