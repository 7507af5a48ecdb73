"""One visit of a survey: the conversation with a site that may be one of many, and not the first.

Beyond `crawler.visit.steps`: what earlier visits of the wave have cost, and earlier waves have
brought; the hosts of works; and rules that have grown old while the visit was held up.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request

from crawler.addresses import origin_of
from crawler.answers import Answer, classify
from crawler.fetch.conditional import conditions, freshened
from crawler.hosts import registrable
from crawler.judge.work_hosts import AssetHosts, Control, page_facts
from crawler.model import Capture, Failure, Outcome, Reason, Site
from crawler.signals import ASSET, CLOAKING, SIGNALS
from crawler.signals.reading.signal import Carrier, Link
from crawler.store.facts import Earlier, Visit, now
from crawler.visit.access import OwnAccess
from crawler.visit.outcome import HOME, ROBOTS, can_be_kept, may_pass, outcome, stands
from crawler.visit.steps import (
    HEADERS_ONLY,
    LEFT_FOR_OTHERS,
    NO_SUCH_NAME,
    TRY_HTTP,
    Conduct,
    Spent,
    VisitSteps,
    nowhere,
)
from crawler.wave.handler import Asking
from crawler.wave.workers import READ_IN_THREAD
from crawler.wave.works_apart import read_apart

if TYPE_CHECKING:
    from spiders.survey import SurveySpider

ASKED_IN_FULL = frozenset(
    resource for s in SIGNALS if s.carrier is Carrier.HEADER for resource in s.resources
)
"""What is read for its header, of which a 304 may leave out what is new: see `revalidation`."""

NEVER_CONDITIONAL = HEADERS_ONLY | ASKED_IN_FULL

MAX_SHARED_RULES = 512
"""Hosts of works whose rules are remembered between visits: a wave meets any number of them."""

MAX_CRASHES = 10
"""How often our process may be killed during a visit before the site is given up."""


class Interrupted(Exception):  # noqa: N818 - not a fault
    """The crawl is stopping; the visit under way is dropped and stays pending."""


class RulesTooOld(Exception):  # noqa: N818 - not a fault
    """The robots.txt that the visit goes by was read too long ago."""


class SurveyVisit(VisitSteps):
    """The conversation with one site."""

    def __init__(self, spider: "SurveySpider", site: Site, earlier: Earlier) -> None:
        conduct = Conduct.of(spider.settings.get, spider.stay_out)
        super().__init__(site.host, spider.schemes, conduct, spider.run.wave.seed)
        self.spider = spider
        self.settings = spider.settings
        self.site = site
        self.earlier = earlier
        self.works: AssetHosts | None = None
        self.started_at = now()
        self.rules_since = time.time()
        self.stored = spider.run.answers(site)
        attempts = tuple(spider.run.attempts(site)) if earlier.tries else ()
        self.best = reduce(_better, attempts) if attempts else None
        self.stalled = sum(1 + len(c.hops) for v in attempts for c in v.captures if is_stall(c))
        kept = self.best.captures if self.best else ()
        self.kept = {(c.resource, c.url): c for c in kept if can_be_kept(c) and self.is_fresh(c)}
        self.conditions = {url: conditions(each.headers) for url, each in self.stored.items()}

    def is_fresh(self, capture: Capture) -> bool:
        """Say whether an answer of an earlier visit is no older than rules may be."""
        age = time.time() - datetime.fromisoformat(capture.started_at).timestamp()
        return abs(age) <= self.settings.getfloat("SURVEY_ROBOTS_MAX_AGE")

    def refused(self) -> Visit | None:
        """The visit to a site that is not to be asked for anything."""
        self.spider.refresh_exclusions()
        if exclusion := self.spider.run.exclusions.host(self.site.host):
            return self.finished(Outcome.REFUSED_BY_US, Reason.EXCLUDED, exclusion.entry)
        if self.earlier.crashes >= MAX_CRASHES:
            detail = f"our process ended {self.earlier.crashes} times during the visit"
            return self.finished(Outcome.INTERNAL_ERROR, Reason.REPEATED_CRASH, detail)
        return None

    def first_request(self, **more: Any) -> Request:  # noqa: ANN401
        """Build the request for robots.txt that a visit begins with, in its domain's slot."""
        url, method, meta = self.asking(self.robots_url(self.schemes[0]), ROBOTS)
        host = urlsplit(url).hostname or ""
        meta |= {"download_slot": registrable(host)[0] or host, "verbatim_url": True}
        return Request(url, method=method, meta=meta, dont_filter=True, **more)

    def asking(self, url: str, resource: str) -> Asking:
        """Say how to ask for one resource, within the site's ceilings."""
        browser = resource.startswith(CLOAKING)
        conditional = not (browser or resource in NEVER_CONDITIONAL)
        meta = {
            "resource": resource,
            "conditions": self.conditions if conditional else None,
            **self.bounds(resource, url),
            "user_agent": self.settings["SURVEY_BROWSER"] if browser else None,
        }
        return Asking(url, "HEAD" if resource == ASSET else "GET", meta)

    async def complete(self, first: Capture) -> Visit:
        """Ask for everything else and return the finished visit.

        A visit that was held up until its rules are too old begins anew (RFC 9309 section 2.4).
        """
        robots = self.restored(first)
        while True:
            try:
                return self.finished(*await self.converse(robots))
            except RulesTooOld:
                self.rules_since = time.time()
                try:
                    robots = await self.download(self.robots_url(self.schemes[0]), ROBOTS)
                except Spent as spent:
                    return self.finished(*outcome(self.captures, stopped=spent.stopped))
                self.captures = [replace(capture, superseded=True) for capture in self.captures]
                self.access.clear()

    async def ask_everything(self, origin: str) -> None:
        """Ask for all that robots.txt permits, and as a browser where that is to be compared."""
        await super().ask_everything(origin)
        if self.settings.getbool("SURVEY_CLOAKING_CHECK"):
            await self.ask_as_browser()

    async def ask_as_browser(self) -> None:
        """Ask for what we were given once more as a browser; only on the operator's request.

        Never judged, and no way around a refusal: 403 is compared, since that is how cloaking
        looks; who wants a login, money, patience or a person is not asked again.
        """
        ours = [c for c in self.captures if c.resource in {ROBOTS, HOME} and not c.superseded]
        for capture in ours:
            rules = self.access.get(origin_of(capture.final_url))
            answered = classify(capture) in {Answer.CONTENT, Answer.MISSING}
            if (answered or capture.status == 403) and rules and rules.may_fetch(capture.final_url):
                name = CLOAKING + capture.resource
                self.captures.append(await self.download(capture.final_url, name))

    def left(self) -> tuple[int, int]:
        """Requests and bytes that the site may still cost in this wave; our stalls cost nothing."""
        requests, octets = super().left()
        stalled = self.stalled + sum(1 + len(c.hops) for c in self.captures if is_stall(c))
        return requests - self.earlier.requests + stalled, octets - self.earlier.bytes

    def is_elsewhere(self, failures: set[Failure | None]) -> bool:
        """Say whether to ask a site's other name.

        What may pass by itself is waited for first, so that a site is not heard under another
        name in each wave.
        """
        passing = self.earlier.tries < len(self.spider.pauses)
        return failures <= NO_SUCH_NAME or (failures <= TRY_HTTP and not passing)

    async def read_links(self, captures: Sequence[Capture]) -> Iterable[Link]:
        """Find documents and the hosts of works at once, out of the reactor.

        Raises StoppedError, which is recorded, for pages without an end.
        """
        if sum(len(capture.body) for capture in captures) <= READ_IN_THREAD:
            found = await asyncio.to_thread(page_facts, captures)
        else:
            found = await self.spider.desk.ask(page_facts, captures)
        further, self.works = found
        return further

    async def ask_further(self) -> None:
        """Capture what the captures so far point to, ask the hosts of works, and a few works."""
        await super().ask_further()
        await self.ask_asset_hosts()
        await self.read_works(self.works.wanted if self.works else [])

    async def work_rules(self, origin: str) -> OwnAccess:
        """As another visit of the wave has read them lately: many sites share one such host."""
        known, oldest = self.spider.asset_rules, self.settings.getfloat("SURVEY_ROBOTS_MAX_AGE")
        since, shared = known.get(origin, (0.0, None))
        if origin not in self.access and shared and abs(time.time() - since) <= oldest:
            self.access[origin] = shared
        elif origin not in self.access:
            rules = await super().work_rules(origin)
            if rules.failure is Failure.INTERNAL_STALL:  # ours, and no other visit's
                return rules
            known[origin] = time.time(), rules
            while len(known) > MAX_SHARED_RULES:
                del known[next(iter(known))]
        return self.access[origin]

    async def keep_work(self, first: Capture, second: Capture | None) -> Capture:
        """Read a work in another process, which has limits; small ones in a thread."""
        desk = self.spider.desk
        return await read_apart(desk, first, second) or await super().keep_work(first, second)

    async def ask_asset_hosts(self) -> None:
        """Ask the hosts that serve the works for their rules; each host once in a wave."""
        left, own = self.settings.getint("SURVEY_ASSET_HOSTS"), self.site.host
        for host in self.works.hosts if self.works else ():
            if not left or host.control is Control.OWN:
                continue
            # By another attempt of our own visit it counts as not asked: that one is not stored.
            if self.spider.asset_origins.setdefault(host.origin, own) == own:
                left -= 1
                rules = await self.work_rules(host.origin)
                await self.ask_works(rules, host.examples)

    async def ask_works(self, rules: OwnAccess, urls: Sequence[str]) -> None:
        """Ask for the header lines of works, where their host lets us and the ceiling is far."""
        for url in urls:
            if self.left()[0] > LEFT_FOR_OTHERS and rules.failure is None and rules.may_fetch(url):
                self.captures.append(await self.download(url, ASSET))

    async def fetch(self, url: str, resource: str) -> Capture:
        """Fetch what no earlier visit of the wave has brought; robots.txt on its way as always."""
        if (kept := self.kept.get((resource, url))) is None:
            return await super().fetch(url, resource)
        for origin in dict.fromkeys(
            origin_of(at) for at in (*(h.url for h in kept.hops), kept.final_url)
        ):
            await self.rules_of(origin)
        self.spider.memory.hold(self, len(kept.body))
        return kept

    async def download(self, url: str, resource: str) -> Capture:
        """Send one request, in the turn of its registrable domain, if it is not answered yet.

        The site's own rules are asked for anew: by them the visit goes on.
        """
        if resource != ROBOTS and (kept := self.kept.get((resource, url))):
            self.spider.memory.hold(self, len(kept.body))
            return kept
        crawler = self.spider.crawler
        while crawler.crawling and not self.spider.memory.may_take(self):
            await asyncio.sleep(0.05)
        if not crawler.crawling or crawler.engine is None:
            raise Interrupted
        self.spider.refresh_exclusions()
        return self.restored(await super().download(url, resource))

    async def send(self, url: str, resource: str) -> Capture:
        """Send one request by rules that are not too old; raises RulesTooOld."""
        longest = self.settings.getfloat("SURVEY_ROBOTS_MAX_AGE")
        # A clock that was put back tells nothing either.
        if not resource.endswith(ROBOTS) and abs(time.time() - self.rules_since) > longest:
            raise RulesTooOld
        capture = await self.spider.fetch(self.asking(url, resource))
        self.spider.memory.hold(self, len(capture.body))
        return capture

    def restored(self, capture: Capture) -> Capture:
        """Put the earlier answer that a 304 stands for in its place."""
        if capture.status != 304 or capture.failure is not None:
            return capture
        stored = self.stored.get(capture.final_url)
        body = None if stored is None else self.spider.run.body(stored)
        if stored is None or body is None:
            detail = "304, and the body that it stands for is not stored any more"
            return replace(capture, failure=Failure.NOT_MODIFIED, detail=detail)
        return replace(
            capture,
            status=200,
            headers=freshened(stored.headers, capture.headers),
            body=body,
            revalidated_from=stored.origin,
        )

    def finished(self, result: Outcome, reason: Reason, detail: str | None) -> Visit:
        """The visit as it will be stored, or the better one before it."""
        visit = Visit(
            self.site,
            result,
            reason,
            detail,
            tuple(self.captures),
            self.started_at,
            now(),
            attempt=self.earlier.attempts + 1,
            usage=self.usage,
            crawl_delay=self.crawl_delay,
            again_at=self.again_at(reason),
        )
        if visit.again_at is None and self.best and _better(self.best, visit) is self.best:
            return replace(visit, better=self.best)
        return visit

    def again_at(self, reason: Reason) -> float | None:
        """When to visit again what may have passed by then; None: never in this wave."""
        pauses = self.spider.pauses
        asked = self.usage.retry_after or 0.0
        if self.earlier.tries >= len(pauses) or not may_pass(reason, self.captures):
            return None
        if asked > self.settings.getfloat("SURVEY_MAX_RETRY_AFTER"):
            return None
        return time.time() + max(pauses[self.earlier.tries], asked)

    def unheard(self, visit: Visit) -> Visit:
        """A failure while no probed host answered: ours, until another visit says otherwise."""
        detail = f"{visit.reason} while no probed host answered"
        return self.finished(Outcome.INTERNAL_ERROR, Reason.INTERNAL_STALL, detail)

    def failed(self, error: BaseException) -> Visit:
        """A visit that our own fault ended: a row, never a gap."""
        detail = f"{type(error).__name__}: {error}"[:300]
        return self.finished(Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR, detail)


def is_stall(capture: Capture) -> bool:
    """Say whether a request came to nothing because our own process stood still."""
    return capture.failure is Failure.INTERNAL_STALL


def _better(earlier: Visit, later: Visit) -> Visit:
    """Of two visits the one that counts."""
    results = [(visit.outcome, visit.reason, visit.detail) for visit in (earlier, later)]
    is_earlier = stands(results[0], earlier.captures, results[1], later.captures)
    return earlier if is_earlier else later


def canary_request(url: str) -> Request:
    """A reachability probe, of whose answer only the head is waited for."""
    host = urlsplit(url).hostname or ""
    meta = {
        "resource": ROBOTS,
        "download_slot": registrable(host)[0] or host,
        "max_bytes": 1,
        "max_redirects": 1,
        "may_follow": nowhere,
        "verbatim_url": True,
    }
    return Request(url, meta=meta, dont_filter=True)
