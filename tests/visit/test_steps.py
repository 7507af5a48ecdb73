"""One visit, its spider and its sites played: old rules, a 304 for what is gone, large pages."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from crawler.fetch.conditional import Stored
from crawler.fetch.memory import Memory
from crawler.judge.work_hosts import page_facts
from crawler.model import Capture, Failure, Hop, Outcome, Reason, Site
from crawler.signals import resources
from crawler.store.facts import Earlier
from crawler.wave.workers import StoppedError
from spiders import visit as visiting
from spiders.visit import SurveyVisit

DAY = 24 * 3600.0
HOST = "site.example"


class Clock:
    def __init__(self):
        self.now = 1e9

    def time(self):
        return self.now


class World:
    """Plays the spider, and answers every request with what `answer` makes of its address."""

    def __init__(self, answer, stored=None, bodies=None, attempts=(), **settings):
        self.answer, self.asked, self.pauses = answer, [], ()
        self.attempts = attempts
        self.settings = Settings()
        self.settings.setmodule("crawler.settings")
        self.settings.setdict(settings)
        self.schemes = ("http",)
        self.stay_out = frozenset()
        self.memory = Memory(1 << 20)
        self.desk, self.asset_origins = self, {}
        self.jobs, self.stops = [], False
        exclusions = SimpleNamespace(host=lambda _: None)
        self.run = SimpleNamespace(
            answers=lambda _: stored or {},
            attempts=lambda _: iter(attempts),
            body=lambda one: (bodies or {}).get(one.body_id),
            exclusions=exclusions,
            wave=SimpleNamespace(seed=0),
        )
        self.crawler = SimpleNamespace(crawling=True, engine=self)

    def refresh_exclusions(self):
        pass

    async def fetch(self, request):
        self.asked.append(request)
        request.meta["usage"].requests += 1
        return self.answer(request)

    async def ask(self, function, captures):
        """Plays the desk; `stops` makes every job one without an end."""
        self.jobs.append((function, [capture.resource for capture in captures]))
        if self.stops:
            raise StoppedError("cpu_cap")
        return function(captures)

    def visit(self):
        """Make the whole visit; gives it and what it asked for, in order."""

        async def go():
            tries, spent = len(self.attempts), sum(v.usage.requests for v in self.attempts)
            one = SurveyVisit(self, Site(HOST, HOST, HOST), Earlier(tries, tries, requests=spent))
            return await one.complete(await self.fetch(one.first_request()))

        visit = asyncio.run(go())
        return visit, [request.url.removeprefix(f"http://{HOST}") for request in self.asked]


def got(request, status=200, body=b"", **more):
    return Capture(request.meta["resource"], request.url, request.url, status=status,
                   body=body, size=len(body), **more)  # fmt: skip


def plain(request):
    if request.url.endswith("/robots.txt"):
        return got(request, body=b"User-agent: *\nDisallow:\n")
    return got(request, body=b"<html>") if request.url.endswith(f"{HOST}/") else got(request, 404)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(visiting, "time", clock)
    return clock


def test_a_visit_reads_robots_txt_once(clock):
    visit, asked = World(plain).visit()
    assert visit.outcome is Outcome.OK
    assert asked.count("/robots.txt") == 1
    assert len([c for c in visit.captures if not c.superseded]) == len(visit.captures)


@pytest.mark.parametrize("jump", [DAY + 1, -DAY - 1])
def test_rules_older_than_a_day_are_read_again_before_anything_else(clock, jump):
    def answer(request):
        if len(world.asked) == 3:
            clock.now += jump  # the machine slept while this was asked for
        closed = len(world.asked) > 3 and request.url.endswith("/robots.txt")
        rules = b"User-agent: *\nDisallow: /.well-known/\n"
        return got(request, body=rules) if closed else plain(request)

    world = World(answer)
    visit, asked = world.visit()
    assert asked[0] == asked[3] == "/robots.txt"
    # What the new rules forbid is not asked for any more; all else is, anew.
    assert set(asked[3:]) >= {r for r in resources() if not r.startswith("/.well-known/")}
    assert not [path for path in asked[3:] if path.startswith("/.well-known/")]
    assert [capture.superseded for capture in visit.captures[:3]] == [True] * 3
    assert not any(capture.superseded for capture in visit.captures[3:])
    assert (visit.outcome, visit.reason) == (Outcome.OK, Reason.COMPLETE)
    assert visit.usage.requests == len(asked)


def test_rules_a_day_old_still_hold(clock):
    def answer(request):
        if len(world.asked) == 3:
            clock.now += DAY
        return plain(request)

    world = World(answer)
    assert world.visit()[1].count("/robots.txt") == 1


def test_a_visit_that_would_begin_anew_keeps_to_its_ceiling(clock):
    def answer(request):
        clock.now += DAY if len(world.asked) == 3 else 1
        return plain(request)

    world = World(answer, SURVEY_SITE_REQUESTS=3)
    visit, asked = world.visit()
    assert len(asked) == 3
    assert (visit.outcome, visit.reason) == (Outcome.OK_PARTIAL, Reason.SITE_CEILING)


STORED = {
    f"http://{HOST}/robots.txt": Stored(7, 70, ((b"ETag", b'"a"'), (b"Server", b"x"))),
    f"http://{HOST}/": Stored(8, 80, ((b"ETag", b'"b"'),)),
}


def unmodified(request):
    known = (request.meta["conditions"] or {}).get(request.url)
    return got(request, 304, headers=((b"Server", b"y"),)) if known else plain(request)


def test_a_304_gives_back_what_is_stored():
    world = World(unmodified, STORED, {70: b"User-agent: *\nDisallow: /ai.txt\n"})
    visit, asked = world.visit()
    robots = visit.captures[0]
    assert (robots.status, robots.revalidated_from) == (200, 7)
    assert robots.headers == ((b"ETag", b'"a"'), (b"Server", b"y"))
    assert visit.outcome is Outcome.OK
    assert "/ai.txt" not in asked  # the stored rules hold
    home = next(c for c in visit.captures if c.resource == "/")
    assert (home.status, home.revalidated_from) == (200, None)


def test_a_304_for_a_body_that_is_gone_is_a_failure():
    visit, asked = World(unmodified, STORED, {}).visit()
    assert visit.captures[0].failure is Failure.NOT_MODIFIED
    assert (visit.outcome, visit.reason) == (Outcome.MALFORMED, Reason.NOT_MODIFIED)
    assert asked == ["/robots.txt"]


def page(size):
    """Answer with a home page of at least so many octets: a licence, and a work elsewhere."""
    head = b'<link rel="license" type="application/rsl+xml" href="/own.xml">'
    body = head + b'<img src="http://works.example/a.png">' + b"<p>x" * (size // 4)

    def answer(request):
        if request.url == f"http://{HOST}/":
            return got(request, body=body, headers=((b"Content-Type", b"text/html"),))
        return plain(request)

    return answer


WORKS = "http://works.example/robots.txt"


def test_a_large_page_is_read_elsewhere_in_one_job():
    world = World(page(visiting.READ_IN_THREAD))
    asked = world.visit()[1]
    ((function, resources),) = world.jobs
    assert function is page_facts
    assert {"/", "/robots.txt"} <= set(resources)
    assert "/llms.txt" not in resources  # it links to nothing that is asked for
    assert asked.index("/own.xml") < asked.index(WORKS)


def test_a_small_page_costs_no_process():
    world = World(page(9))
    asked = world.visit()[1]
    assert not world.jobs
    assert asked.index("/own.xml") < asked.index(WORKS)


def test_a_page_without_an_end_ends_the_visit():
    world = World(page(visiting.READ_IN_THREAD))
    world.stops = True
    with pytest.raises(StoppedError):
        world.visit()
    assert "/own.xml" not in [request.url.removeprefix(f"http://{HOST}") for request in world.asked]


NOW = datetime.now(UTC).isoformat()
TWIN_ROBOTS = f"http://www.{HOST}/robots.txt"
ELSEWHERE = "http://elsewhere.example/robots.txt"


def first_visit(answer, **more):
    """A visit as the store gives it back, to be made again."""
    visit, _ = World(answer, **more).visit()
    captures = tuple(replace(c, started_at=c.started_at or NOW) for c in visit.captures)
    return replace(visit, captures=captures)


def stalling(request):
    """Answers all but the robots.txt of the site's other name."""
    if request.url == TWIN_ROBOTS:
        return Capture("variant:/robots.txt", request.url, request.url,
                       failure=Failure.INTERNAL_STALL)  # fmt: skip
    if request.url == f"http://{HOST}/":  # the home page is another host's, whose rules count
        hops = (Hop(request.url, 302, "http://elsewhere.example/"),)
        final = "http://elsewhere.example/"
        return replace(got(request, body=b"<p>home"), final_url=final, hops=hops)
    return plain(request)


def test_a_second_visit_asks_only_for_what_failed_and_for_the_rules():
    first = first_visit(stalling)
    world = World(plain, attempts=(first,))
    second, asked = world.visit()
    assert asked == ["/robots.txt", TWIN_ROBOTS, f"http://www.{HOST}/"]
    assert second.better is None
    had = {(c.resource, c.url) for c in first.captures}
    assert ("variant:/robots.txt", ELSEWHERE) in had
    assert had <= {(c.resource, c.url) for c in second.captures}
    assert not any(c.failure for c in second.captures)


def test_what_is_a_day_old_is_asked_for_again():
    first = first_visit(stalling)
    old = tuple(replace(c, started_at="2020-01-01T00:00:00.000Z") for c in first.captures)
    _, asked = World(plain, attempts=(replace(first, captures=old),)).visit()
    assert len(asked) > len(resources())


def test_a_stall_of_ours_does_not_use_up_the_ceiling():
    first = first_visit(stalling)
    spent = first.usage.requests
    for ceiling, reason in ((spent + 4, first.reason), (spent, Reason.SITE_CEILING)):
        world = World(plain, attempts=(first,), SURVEY_SITE_REQUESTS=ceiling)
        second, asked = world.visit()
        # One for the stalled request is left, whatever the ceiling; the rules take it.
        assert TWIN_ROBOTS in asked or ceiling == spent
        assert second.reason is reason
        assert (second.better is first) is (reason is Reason.SITE_CEILING)


def test_the_better_visit_stands_and_a_refusal_to_our_face_as_well():
    first = first_visit(stalling)
    for status, is_first in ((503, True), (403, False), (200, False)):
        world = World(lambda request, status=status: got(request, status), attempts=(first,))
        second, _ = world.visit()
        assert (second.better is first) is is_first, status
    worse = replace(first, outcome=Outcome.UNREACHABLE)
    world = World(lambda request: got(request, 503), attempts=(first, worse))
    assert world.visit()[0].better is first
    assert World(plain, attempts=(worse,)).visit()[0].better is None


@pytest.mark.parametrize(
    ("led", "is_its_own"),
    [
        ("http://b.example/robots.txt", True),
        ("http://b.example/robots.txt?site=a", False),
        ("http://b.example/robots.txt?", False),
        ("http://b.example//robots.txt", False),
        ("http://b.example/x/robots.txt", False),
    ],
)
def test_only_robots_txt_itself_is_the_file_of_the_host_that_it_was_led_to(led, is_its_own):
    def answer(request):
        if request.url == f"http://{HOST}/robots.txt":
            return replace(plain(request), final_url=led)
        if request.url == f"http://{HOST}/":
            move = ((b"Location", b"http://b.example/landing"),)
            return got(request, 302, headers=move)
        if request.url.startswith("http://b.example"):
            return got(request, body=b"User-agent: *\nDisallow: /\n")
        return plain(request)

    _, asked = World(answer).visit()
    assert ("http://b.example/robots.txt" in asked) is not is_its_own
    assert ("http://b.example/landing" in asked) is is_its_own


def test_a_sibling_that_the_rules_forbid_is_not_asked_for():
    def answer(request):
        if request.url.endswith("/robots.txt"):
            rules = b"User-agent: *\nAllow: /.well-known/tdmrep.json\nDisallow: /.well-known/\n"
            return got(request, body=rules)
        return got(request, body=b"[]") if request.url.endswith("tdmrep.json") else plain(request)

    _, asked = World(answer).visit()
    assert [path for path in asked if path.startswith("/.well-known/")] == [
        "/.well-known/tdmrep.json"
    ]


@pytest.mark.parametrize("shut", [HOST, "b.example", None])
def test_a_linked_document_that_its_own_origin_forbids_is_not_asked_for(shut):
    documents = {HOST: f"http://{HOST}/terms", "b.example": "http://b.example/policy.json"}

    def answer(request):
        if shut is not None and request.url == f"http://{shut}/robots.txt":
            return got(request, body=b"User-agent: *\nDisallow: /terms\nDisallow: /policy\n")
        if request.url == f"http://{HOST}/":
            policy = (b"tdm-policy", documents["b.example"].encode())
            sent = ((b"Content-Type", b"text/html"), (b"tdm-reservation", b"1"), policy)
            return got(request, body=b"<a href=/terms>Terms of use</a>", headers=sent)
        return plain(request)

    world = World(answer)
    world.visit()
    asked = {request.url for request in world.asked}
    assert {host for host, url in documents.items() if url in asked} == documents.keys() - {shut}


def test_the_other_name_is_tried_by_every_scheme():
    def answer(request):
        if request.url.startswith("http://"):
            return plain(request)
        failure = Failure.CONNECT_REFUSED if "www." in request.url else Failure.DNS_NXDOMAIN
        return got(request, None, failure=failure)

    world = World(answer)
    world.schemes = ("https", "http")
    world.visit()
    of_the_other = [r.url for r in world.asked if r.url.endswith(f"//www.{HOST}/robots.txt")]
    assert of_the_other[:2] == [f"{scheme}://www.{HOST}/robots.txt" for scheme in world.schemes]
