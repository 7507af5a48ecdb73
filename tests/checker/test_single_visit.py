"""A visit outside a wave against the survey: the same questions, the same end."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from crawler import settings
from crawler.checker.single_visit import visit
from crawler.demo.web import Answer, DemoSite, load_sites
from crawler.judge.verdicts import judge_visit
from crawler.model import Capture, Failure, Hop, Outcome, Preference, Reason
from crawler.visit.outcome import ROBOTS
from tests.factories.demo_fetch import DemoFetch
from tests.factories.manifest import _most

SITES = load_sites()


def visited(host, sites=SITES, **more):
    return asyncio.run(visit(DemoFetch(sites), host, **more))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.host)
def test_every_visit_comes_to_the_truth(site):
    found = visited(site.host)
    truth = site.truth
    assert (found.outcome, found.reason) == (truth.outcome, truth.reason)
    judged = judge_visit(found.captures)
    assert judged.robots_state == truth.robots
    assert {v.purpose: v.strict for v in judged.verdicts} == {
        v.purpose: truth.preference(v.purpose) for v in judged.verdicts
    }
    outcomes = {}
    for read in judged.readings:
        outcomes.setdefault(read.signal, []).append(read.finding.outcome.value)
    for signal in truth.signals.keys() - {"default"}:
        most = _most(outcomes[signal]) if signal in outcomes else "unasked"
        assert most == truth.reading(signal), signal


def test_a_site_is_asked_for_what_a_survey_asks_for(demo):
    """One list of addresses a site, in one order, superseded and foreign ones among them."""
    with closing(sqlite3.connect(f"file:{demo}/survey.db?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT s.host, c.resource, c.url, c.superseded FROM captures c"
            " JOIN visits v USING (visit_id) JOIN sites s USING (site_id)"
            " ORDER BY c.visit_id, c.seq"
        ).fetchall()
    surveyed = {}
    for host, *told in rows:
        surveyed.setdefault(host, []).append(tuple(told))
    for site in SITES:
        found = visited(site.host).captures
        mine = [(c.resource, c.url, int(c.superseded)) for c in found]
        assert mine == surveyed[site.host], site.host


def site(*answers, host="one.example", **more):
    robots = Answer("/robots.txt", body=b"User-agent: *\nAllow: /\n")
    return DemoSite(host, tuple(answers) if answers[:1] == (None,) else (robots, *answers), **more)


def test_the_watcher_is_told_before_each_request():
    told = []
    found = visited("one.example", [site(Answer("/", body=b"<p>x"))], watch=told.append)
    assert told[0] == "https://one.example/robots.txt"
    assert len(told) == len(found.captures)


def test_one_scheme_is_kept_to():
    found = visited("plain-http-only.example", schemes=("https",))
    assert found.outcome is Outcome.UNREACHABLE
    asked = [f"https://{www}plain-http-only.example{ROBOTS}" for www in ("", "www.")]
    assert [c.url for c in found.captures] == asked


def test_a_site_that_is_there_by_its_other_name_only_is_heard_there():
    found = visited("one.example", [site(Answer("/", body=b"<p>x"), host="www.one.example")])
    assert (found.outcome, found.reason) == (Outcome.OK, Reason.COMPLETE)
    robots = [(c.url, c.superseded) for c in found.captures if c.resource == ROBOTS]
    assert robots[0] == ("https://one.example/robots.txt", True)
    assert robots[-1] == ("https://www.one.example/robots.txt", False)
    assert all(c.url.startswith("https://www.") for c in found.captures if c.resource == "/")


def test_a_redirect_to_what_was_had_already_is_not_asked_again():
    away = (("Location", "/"),)
    found = visited("one.example", [site(Answer("/", body=b"<p>x"), Answer("/ai.txt", 302, away))])
    home, led = (next(c for c in found.captures if c.resource == r) for r in ("/", "/ai.txt"))
    assert (led.body, led.final_url, led.status) == (home.body, home.url, 200)
    assert led.hops == (Hop("https://one.example/ai.txt", 302, "https://one.example/"),)
    assert led.url == "https://one.example/ai.txt"


def test_a_site_that_sends_every_path_to_one_page_stays_under_the_ceiling():
    requests = []

    async def fetch(url, resource, *, usage, may_follow, **more):
        requests.append(url)
        usage.requests += 1
        if resource.endswith(ROBOTS):
            return Capture(resource, url, url, status=404)
        home = "https://one.example/"
        if url == home:
            return Capture(resource, url, url, status=200, body=b"<p>x")
        assert not may_follow(home)
        return Capture(resource, url, url, status=302, headers=((b"Location", home.encode()),))

    found = asyncio.run(visit(fetch, "one.example"))
    assert (found.outcome, found.reason) == (Outcome.ABSENT, Reason.ROBOTS_MISSING)
    assert requests.count("https://one.example/") == 1
    assert len(requests) < settings.SURVEY_SITE_REQUESTS


def test_another_name_of_the_site_is_asked_for_rules_and_headers():
    body = b"<p>%s" % bytes(99)
    pair = [site(Answer("/", body=body)), site(Answer("/", body=body), host="www.one.example")]
    found = visited("one.example", pair)
    there = [c for c in found.captures if c.url.startswith("https://www.")]
    assert [c.resource for c in there] == ["variant:/robots.txt", "variant:/"]
    assert (found.outcome, found.reason) == (Outcome.OK, Reason.COMPLETE)


@pytest.mark.parametrize(
    ("ceiling", "value", "reason"),
    [
        ("SURVEY_SITE_REQUESTS", 3, Reason.SITE_CEILING),
        ("SURVEY_SITE_BYTES", 30, Reason.SITE_CEILING),
        ("SURVEY_SITE_SECONDS", 5.0, Reason.SITE_DEADLINE),
    ],
)
def test_the_ceilings_of_a_survey_hold(monkeypatch, ceiling, value, reason):
    monkeypatch.setattr(settings, ceiling, value)
    inner = DemoFetch([site(Answer("/", body=b"<p>x</p>" * 9))])

    async def fetch(url, resource, *, usage, **more):
        capture = await inner(url, resource, usage=usage, **more)
        usage.bytes += len(capture.body)
        usage.spent += 2.0
        return capture

    found = asyncio.run(visit(fetch, "one.example"))
    assert (found.outcome, found.reason) == (Outcome.OK_PARTIAL, reason)
    assert len(found.captures) <= 3


def test_a_ceiling_may_be_reached_before_the_scheme_is_settled(monkeypatch):
    monkeypatch.setattr(settings, "SURVEY_SITE_REQUESTS", 1)
    found = visited("plain-http-only.example")
    assert (found.outcome, len(found.captures)) == (Outcome.UNREACHABLE, 1)


def test_a_site_that_wants_peace_gets_it():
    busy = Answer("/", 503, (("Retry-After", "9"),))
    found = visited("one.example", [site(busy)])
    assert [c.resource for c in found.captures] == [ROBOTS, "/"]
    found = visited("one.example", [site(Answer("/", 429))])
    assert found.outcome is Outcome.RATE_LIMITED


def test_a_long_crawl_delay_costs_one_page():
    slow = Answer("/robots.txt", body=b"User-agent: *\nCrawl-delay: 99\nAllow: /\n")
    one = DemoSite("one.example", (slow, Answer("/", body=b"<p>x")))
    found = visited("one.example", [one])
    assert (found.reason, len(found.captures)) == (Reason.CRAWL_DELAY, 2)


def test_a_redirect_to_an_origin_that_fails_or_refuses_is_not_followed():
    def leads_to(url):
        return site(Answer("/", 302, (("Location", url),)))

    home = visited("one.example", [leads_to("https://gone.example/")]).captures
    (capture,) = (c for c in home if c.resource == "/")
    assert capture.failure is Failure.DNS_NXDOMAIN
    shut = DemoSite("shut.example", (Answer("/robots.txt", body=b"User-agent: *\nDisallow: /"),))
    home = visited("one.example", [leads_to("https://shut.example/"), shut]).captures
    (capture,) = (c for c in home if c.resource == "/")
    assert "robots.txt there keeps us from" in capture.detail


def test_the_ceiling_may_be_reached_between_two_origins(monkeypatch):
    monkeypatch.setattr(settings, "SURVEY_SITE_REQUESTS", 3)
    away = site(Answer("/", 302, (("Location", "https://two.example/"),)))
    found = visited("one.example", [away, site(host="two.example")])
    assert found.reason is Reason.SITE_CEILING


@pytest.mark.parametrize(
    "headers", [(), ((b"Location", b"http://["),), ((b"location", b"https://one.example/"),)]
)
def test_redirects_that_lead_nowhere_are_kept_as_they_are(headers):
    async def fetch(url, resource, *, usage, **more):
        usage.requests += 1
        if resource.endswith(ROBOTS):
            return Capture(resource, url, url, status=404)
        return Capture(
            resource, url, url, status=302, headers=headers,
            hops=(Hop("https://one.example/", 302, "x"),) if headers else (),
        )  # fmt: skip

    found = asyncio.run(visit(fetch, "one.example:8443"))
    assert found.outcome is Outcome.REFUSED_BY_US
    assert all(v.strict is Preference.UNSTATED for v in judge_visit(found.captures).verdicts)


def test_redirects_between_origins_are_bounded():
    async def fetch(url, resource, *, usage, **more):
        usage.requests += 1
        if resource.endswith(ROBOTS):
            return Capture(resource, url, url, status=404)
        number = int(url.partition("//n")[2].partition(".")[0] or 0) + 1
        location = f"https://n{number}.example/".encode()
        return Capture(resource, url, url, status=302, headers=((b"Location", location),))

    found = asyncio.run(visit(fetch, "n0.example"))
    (home,) = (c for c in found.captures if c.resource == "/")
    assert len(home.hops) == settings.SURVEY_MAX_REDIRECTS
