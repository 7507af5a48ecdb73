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
from crawler.parsers.containers.segment import MAGIC, Problem
from crawler.signals import resources
from crawler.signals.reading.work import extracted
from crawler.store.facts import Earlier
from crawler.visit.steps import FURTHER_PART
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
        self.desk, self.asset_origins, self.asset_rules = self, {}, {}
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

    async def ask(self, function, *arguments):
        """Plays the desk; `stops` makes every job one without an end."""
        captures = arguments[0] if function is page_facts else filter(None, arguments)
        self.jobs.append((function, [capture.resource for capture in captures]))
        if self.stops:
            raise StoppedError("cpu_cap")
        return function(*arguments)

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


def works_page(work, status=200, rules=b"", page=b"<html><img src=/a.jpg>", **more):
    """A site whose page shows works that all answer so."""

    def answer(request):
        if request.url.endswith("/robots.txt"):
            return got(request, body=rules)
        if request.url.endswith(f"{HOST}/"):
            return got(request, body=page, headers=((b"Content-Type", b"text/html"),))
        if request.meta["resource"].startswith("work:"):
            return got(request, status, work, **more)
        return got(request, 404)

    return answer


def of_works(visit):
    return [capture for capture in visit.captures if capture.resource.startswith("work:")]


def test_a_small_work_is_read_in_a_thread_and_a_large_one_or_a_pdf_elsewhere():
    for body, elsewhere in (
        (b"GIF89a", 0), (b"%PDF-1.7", 1), (b"GIF89a" + bytes(20_000), 1), (b"GIF89a jumb", 1),
    ):  # fmt: skip
        world = World(works_page(body))
        (kept,) = of_works(world.visit()[0])
        assert kept.body.startswith(MAGIC)
        assert len(world.jobs) == elsewhere


def test_a_work_whose_reading_has_no_end_is_kept_as_cut():
    def answer(request):
        world.stops = request.meta["resource"].startswith("work:")
        return works_page(b"%PDF-1.7")(request)

    world = World(answer)
    (kept,) = of_works(world.visit()[0])
    assert (kept.body, kept.truncated, kept.detail) == (b"", True, "cpu_cap")
    assert extracted(kept).problem is Problem.TRUNCATED


def test_works_are_not_asked_for_where_rules_or_ceilings_keep_us_from_them():
    refused = World(works_page(b"GIF89a", rules=b"User-agent: *\nDisallow: /a.jpg\n"))
    assert of_works(refused.visit()[0]) == []
    for setting in ({"SURVEY_SITE_REQUESTS": 24}, {"SURVEY_SITE_BYTES": 100_000},
                    {"SURVEY_WORKS": 0}):  # fmt: skip
        assert of_works(World(works_page(b"GIF89a"), **setting).visit()[0]) == []


def test_a_large_work_is_asked_for_in_two_parts_of_which_one_capture_is_read():
    def answer(request):
        start = 0 if b"0-" in request.meta["conditions"].get(request.url)[0][1].encode() else 9
        said = ((b"Content-Range", b"bytes %d-%d/300000" % (start, start + 8)),)
        return works_page(b"GIF89a\1\0\1", 206, headers=said)(request)

    def either(request):
        is_work = request.meta["resource"].startswith("work:")
        return (answer if is_work else works_page(b""))(request)

    visit, asked = World(either).visit()
    (kept,) = of_works(visit)
    assert asked.count("/a.jpg") == 2
    assert kept.body.startswith(MAGIC)
    (further,) = (c for c in visit.captures if c.resource == FURTHER_PART)
    assert further.body == b""
    assert visit.reason is Reason.ROBOTS_EMPTY


def test_the_ceiling_between_two_parts_keeps_the_first():
    def either(request):
        if request.meta["resource"].startswith("work:"):
            request.meta["usage"].requests += 40
            said = ((b"Content-Range", b"bytes 0-8/300000"),)
            return got(request, 206, b"GIF89a\1\0\1", headers=said)
        return works_page(b"")(request)

    visit, _ = World(either).visit()
    assert len(of_works(visit)) == 1
    assert visit.reason is Reason.SITE_CEILING


def test_rules_of_hosts_of_works_are_shared_for_a_day_and_not_for_ever(clock, monkeypatch):
    page = b"<html><img src=http://works.example/a.jpg>"
    world = World(works_page(b"GIF89a", page=page), SURVEY_ASSET_HOSTS=0)
    for seconds, times in ((0, 1), (60, 1), (DAY + 1, 2)):
        clock.now += seconds
        world.visit()
        assert [r.url for r in world.asked].count(WORKS) == times
    monkeypatch.setattr(visiting, "MAX_SHARED_RULES", 0)
    clock.now += DAY + 1
    world.visit()
    assert world.asset_rules == {}


RENDITION = b"<html><img src=/uploads/a-30x20.jpg>"


def test_what_a_picture_was_made_from_is_asked_for_after_every_kind_of_work():
    of_both = World(works_page(b"GIF89a", page=RENDITION)).visit()[1]
    asked = [url for url in of_both if "uploads" in url]
    assert asked == ["/uploads/a-30x20.jpg", "/uploads/a.jpg"]
    more = RENDITION + b"<audio src=/b.mp3></audio><video src=/c.mp4></video>"
    _, asked = World(works_page(b"GIF89a", page=more)).visit()
    assert "/uploads/a.jpg" not in asked
    assert {"/b.mp3", "/c.mp4"} <= {*asked}
    _, asked = World(works_page(b"GIF89a", page=RENDITION), SURVEY_WORKS=1).visit()
    assert "/uploads/a.jpg" not in asked


def test_a_work_that_an_earlier_visit_has_kept_is_not_asked_for_nor_read_again():
    def answer(request):
        if request.url == TWIN_ROBOTS:
            return stalling(request)
        return works_page(b"GIF89a", page=RENDITION)(request)

    first = first_visit(answer)
    world = World(works_page(b"GIF89a", page=RENDITION), attempts=(first,))
    second, asked = world.visit()
    assert not [url for url in asked if "uploads" in url]
    had, has = ([c for c in v.captures if "uploads" in c.url] for v in (first, second))
    assert [c.resource for c in has] == ["work:image:", "origin:image:"]
    assert has == had


def test_a_picture_that_is_led_to_another_is_read_anew():
    """What is kept of the other is no picture any more, and cannot stand for its answer."""

    def answer(request):
        if request.url.endswith("a-30x20.jpg"):
            return got(request, 302, headers=((b"Location", b"/uploads/b.jpg"),))
        return works_page(b"GIF89a", page=RENDITION)(request)

    page = RENDITION + b"<audio src=/uploads/b.jpg></audio>"
    world = World(lambda r: answer(r) if r.url != f"http://{HOST}/" else got(
        r, body=page, headers=((b"Content-Type", b"text/html"),)))  # fmt: skip
    visit, asked = world.visit()
    assert asked.count("/uploads/b.jpg") == 2
    assert all(extracted(c).container == "gif" for c in of_works(visit))


@pytest.mark.parametrize(
    "came",
    [
        {"data_loss": True},
        {"truncated": True},
        {"status": 206},
        {"status": 503},
        {"coding_error": True},
    ],
)
def test_where_the_rules_of_a_host_of_works_did_not_come_whole_its_works_are_left_alone(came):
    page = b"<html><img src=http://works.example/a.jpg>"

    def answer(request):
        found = works_page(b"GIF89a", page=page, rules=b"User-agent: *\nAllow: /\n")(request)
        return replace(found, **came) if request.url == WORKS else found

    visit, asked = World(answer, SURVEY_ASSET_HOSTS=0).visit()
    assert WORKS in asked
    assert of_works(visit) == []


def test_a_stall_of_ours_speaks_for_no_host_of_works(clock):
    page = b"<html><img src=http://works.example/a.jpg>"

    def answer(request):
        if request.url == WORKS:
            return got(request, None, failure=Failure.INTERNAL_STALL)
        return works_page(b"GIF89a", page=page)(request)

    world = World(answer, SURVEY_ASSET_HOSTS=0)
    world.visit()
    assert world.asset_rules == {}
