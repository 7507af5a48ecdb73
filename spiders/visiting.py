"""One visit: what a site is asked for, in which order, and when it has had enough of us."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scrapy import Request

from crawler.access import OwnAccess, origin_of
from crawler.answers import Answer, classify
from crawler.assets import Control, asset_hosts
from crawler.hosts import registrable, twin
from crawler.ledger import Ledger
from crawler.model import Capture, Failure, Hop, Outcome, Reason, Site
from crawler.outcome import HOME, ROBOTS, Stopped, may_pass, outcome, stops_the_visit
from crawler.revalidation import conditions, freshened
from crawler.signals import (
    ASSET,
    CLOAKING,
    SIBLING,
    SIGNALS,
    VARIANT,
    links,
    may_link,
    resources,
    sibling_path,
)
from crawler.signals.signal import Carrier
from crawler.store.facts import Earlier, Visit, now
from crawler.visit import (
    NO_SUCH_NAME,
    TRY_HTTP,
    is_whole_answer,
    led_to,
    nowhere,
    redirected_to,
    wants_to_be_left_alone,
)

if TYPE_CHECKING:
    from spiders.survey import SurveySpider

Found = TypeVar("Found")

ASKED_IN_FULL = frozenset(
    resource for s in SIGNALS if s.carrier is Carrier.HEADER for resource in s.resources
)
"""What is read for its header, of which a 304 may leave out what is new: see `revalidation`."""

READ_IN_THREAD = 128 * 1024
"""Bytes that are read in a thread: a tenth of a second at the very worst. More than that is read
in another process, which does not keep this one from its clock, and which has limits."""

LEFT_FOR_OTHERS = 12
"""Requests that works may not use up: the variants of the site come after them."""

MAX_CRASHES = 10
"""How often our process may be killed during a visit before the site is given up."""


class Interrupted(Exception):  # noqa: N818 - not a fault
    """The crawl is stopping; the visit under way is dropped and stays pending."""


class RulesTooOld(Exception):  # noqa: N818 - not a fault
    """The robots.txt that the visit goes by was read too long ago."""


class Spent(Exception):  # noqa: N818 - not a fault
    """The site has had all that one may take, or has had enough of us."""

    def __init__(self, stopped: Stopped | None) -> None:
        super().__init__(stopped)
        self.stopped = stopped


class Visiting:
    """The conversation with one site."""

    def __init__(self, spider: "SurveySpider", site: Site, earlier: Earlier) -> None:
        self.spider = spider
        self.settings = spider.settings
        self.site = site
        self.earlier = earlier
        self.ledger = Ledger()
        self.crawl_delay: float | None = None
        self.captures: list[Capture] = []
        self.access: dict[str, OwnAccess] = {}
        self.started_at = now()
        self.rules_since = time.time()
        self.stored = spider.run.answers(site)
        self.conditions = {url: conditions(each.headers) for url, each in self.stored.items()}

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
        """Build the request for robots.txt that a visit begins with."""
        return self.request(self.robots_url(self.spider.schemes[0]), ROBOTS, **more)

    def robots_url(self, scheme: str) -> str:
        """Where the site's own rules are, by one of its schemes."""
        return f"{scheme}://{self.site.host}{ROBOTS}"

    def request(self, url: str, resource: str, **more: Any) -> Request:  # noqa: ANN401
        """Build one request in the slot of its registrable domain, within the site's ceilings."""
        host = urlsplit(url).hostname or ""
        robots = resource.endswith(ROBOTS)
        max_bytes = self.settings.getint(
            "SURVEY_ROBOTS_MAX_BYTES" if robots else "SURVEY_MAX_BYTES"
        )
        headers_only = resource in {VARIANT + HOME, ASSET}
        requests_left, bytes_left = self.left()
        if headers_only:
            max_bytes = 1
        conditional = not (
            headers_only or resource in ASKED_IN_FULL or resource.startswith(CLOAKING)
        )
        meta = {
            "resource": resource,
            "download_slot": registrable(host)[0] or host,
            "max_bytes": max(1, min(max_bytes, bytes_left)),
            "max_redirects": max(
                0, min(self.settings.getint("SURVEY_MAX_REDIRECTS"), requests_left - 1)
            ),
            "ledger": self.ledger,
            "conditions": self.conditions if conditional else None,
            # Rules reached by redirect hold for the origin asked (RFC 9309 section 2.3.1.2).
            "may_follow": None if robots else nowhere if headers_only else self.may_follow,
            "verbatim_url": True,
            "user_agent": self.settings["SURVEY_BROWSER"]
            if resource.startswith(CLOAKING)
            else None,
        }
        method = "HEAD" if resource == ASSET else "GET"
        return Request(url, method=method, meta=meta, dont_filter=True, **more)

    def may_follow(self, url: str) -> bool:
        """Follow a redirect at once only inside an origin whose rules we know and that permit."""
        access = self.access.get(origin_of(url))
        return access is not None and access.may_fetch(url) and self.had(url) is None

    def had(self, url: str) -> Capture | None:
        """What an address has answered in this visit: many sites send every path to one page."""
        return next(
            (c for c in self.captures if c.final_url == url and is_whole_answer(c)),
            None,
        )

    async def complete(self, first: Capture) -> Visit:
        """Ask for everything else and return the finished visit.

        A visit that was held up until its rules are too old begins anew (RFC 9309 section 2.4).
        """
        robots = self.restored(first)
        while True:
            try:
                return await self.converse(robots)
            except RulesTooOld:
                self.rules_since = time.time()
                try:
                    robots = await self.download(self.robots_url(self.spider.schemes[0]), ROBOTS)
                except Spent as spent:
                    return self.finished(*outcome(self.captures, stopped=spent.stopped))
                self.captures = [replace(capture, superseded=True) for capture in self.captures]
                self.access.clear()

    async def converse(self, first: Capture) -> Visit:
        """Go by the rules in robots.txt; raises RulesTooOld."""
        robots = await self.settle_scheme(first)
        origin = origin_of(robots.url)
        await self.learn(robots)
        home_disallowed, stopped = False, None
        if not stops_the_visit(robots):
            home_disallowed = not self.access[origin].may_fetch(origin + HOME)
            try:
                await self.ask_everything(origin)
            except Spent as spent:
                stopped = spent.stopped
        result = outcome(self.captures, home_disallowed=home_disallowed, stopped=stopped)
        return self.finished(*result)

    async def ask_everything(self, origin: str) -> None:
        """Ask for all that robots.txt permits, as slowly as it asks; raises Spent."""
        access = self.access[origin]
        self.crawl_delay = access.crawl_delay
        longest = self.settings.getfloat("SURVEY_MAX_CRAWL_DELAY")
        self.ledger.pause = self.crawl_delay and min(self.crawl_delay, longest)
        # The home page comes first: without it nothing can be said of the site.
        for resource in sorted(resources(), key=lambda name: name != HOME):
            if resource != ROBOTS and access.may_fetch(origin + resource):
                await self.ask_for(origin, resource)
                if self.crawl_delay and self.crawl_delay > longest:
                    raise Spent((Reason.CRAWL_DELAY, f"{self.crawl_delay:g} s"))
        await self.ask_further()
        await self.ask_asset_hosts()
        for variant in self.variants(origin):
            await self.ask_variant(variant)
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
        """Requests and bytes that the site may still cost in this wave."""
        earlier, ledger, settings = self.earlier, self.ledger, self.settings
        return (
            settings.getint("SURVEY_SITE_REQUESTS") - earlier.requests - ledger.requests,
            # A bomb is small on the wire: what it unpacks to counts like what was sent.
            settings.getint("SURVEY_SITE_BYTES") - earlier.bytes - max(ledger.bytes, ledger.kept),
        )

    def check_ceilings(self) -> None:
        """Raise Spent where the site has had its requests, its bytes or its time."""
        settings = self.settings
        requests_left, bytes_left = self.left()
        if requests_left <= 0:
            raise Spent((Reason.SITE_CEILING, f"{settings['SURVEY_SITE_REQUESTS']} requests"))
        if bytes_left <= 0:
            raise Spent((Reason.SITE_CEILING, f"{settings['SURVEY_SITE_BYTES']} bytes"))
        if self.ledger.spent >= settings.getfloat("SURVEY_SITE_SECONDS"):
            raise Spent((Reason.SITE_DEADLINE, f"{settings['SURVEY_SITE_SECONDS']} s"))

    async def settle_scheme(self, first: Capture) -> Capture:
        """Keep the https answer, or ask http, or the site's other name, where it cannot be had.

        All are recorded; the address of the one kept says what the visit goes by.
        """
        tried = [first]
        with suppress(Spent):  # the next request will say so
            if first.failure in TRY_HTTP and len(self.spider.schemes) > 1:
                tried.append(await self.download(self.robots_url(self.spider.schemes[1]), ROBOTS))
            if (twin := self.twin(tried)) is not None:
                for scheme in self.spider.schemes:
                    tried.append(await self.download(f"{scheme}://{twin}{ROBOTS}", ROBOTS))
                    if tried[-1].failure not in TRY_HTTP:
                        break
        kept = next((capture for capture in tried if capture.failure is None), first)
        self.captures += [c if c is kept else replace(c, superseded=True) for c in tried]
        return kept

    def twin(self, tried: list[Capture]) -> str | None:
        """The site's name with or without `www.`, where the name as listed cannot be reached.

        What may pass by itself is waited for first, so that a site is not heard under another
        name in each wave.
        """
        failures = {capture.failure for capture in tried}
        passing = self.earlier.tries < len(self.spider.pauses)
        if failures <= NO_SUCH_NAME or (failures <= TRY_HTTP and not passing):
            return twin(self.site.host)
        return None

    async def learn(self, robots: Capture) -> None:
        """Remember an origin's rules; a robots.txt that redirects to another's speaks for both."""
        rules = await self.rules_in(robots)
        self.access[origin_of(robots.url)] = rules
        if urlsplit(robots.final_url).path == ROBOTS:
            self.access.setdefault(origin_of(robots.final_url), rules)

    async def ask_for(self, origin: str, resource: str) -> None:
        """Capture one resource and, for a file that is there, a sibling that cannot be."""
        capture = await self.fetch(origin + resource, resource)
        self.captures.append(capture)
        if wants_to_be_left_alone(capture):
            raise Spent(None)
        sibling = sibling_path(resource, f"{self.spider.run.wave.seed}:{self.site.host}")
        if sibling is None or classify(capture) is not Answer.CONTENT:
            return
        if self.access[origin].may_fetch(origin + sibling):
            self.captures.append(await self.fetch(origin + sibling, SIBLING + resource))

    async def ask_further(self) -> None:
        """Capture the documents that the captures so far point to, where robots.txt permits it."""
        settled = [capture for capture in self.captures if not capture.superseded]
        asked = {capture.url for capture in settled}
        read = [capture for capture in settled if may_link(capture.resource)]
        for link in await self.read(links, read):
            if link.url in asked:
                continue
            rules = await self.rules_of(origin_of(link.url))
            if rules.failure is None and rules.may_fetch(link.url):
                self.captures.append(await self.fetch(link.url, link.resource))

    async def ask_asset_hosts(self) -> None:
        """Ask the hosts that serve the works for their rules; each host once in a wave."""
        found = await self.read(asset_hosts, self.captures)
        left, own = self.settings.getint("SURVEY_ASSET_HOSTS"), self.site.host
        for host in found.hosts if found else ():
            if not left or host.control is Control.OWN:
                continue
            # By another attempt of our own visit it counts as not asked: that one is not stored.
            if self.spider.asset_origins.setdefault(host.origin, own) == own:
                left -= 1
                rules = await self.rules_of(host.origin)
                await self.ask_works(rules, host.examples)

    async def ask_works(self, rules: OwnAccess, urls: Sequence[str]) -> None:
        """Ask for the header lines of works, where their host lets us and the ceiling is far."""
        for url in urls:
            if self.left()[0] > LEFT_FOR_OTHERS and rules.failure is None and rules.may_fetch(url):
                self.captures.append(await self.download(url, ASSET))

    async def read(
        self, reader: Callable[[list[Capture]], Found], captures: list[Capture]
    ) -> Found:
        """Read pages out of the reactor; raises StoppedError, which is recorded, without an end."""
        if sum(len(capture.body) for capture in captures) <= READ_IN_THREAD:
            return await asyncio.to_thread(reader, captures)
        return await self.spider.desk.ask(reader, captures)

    def variants(self, origin: str) -> list[str]:
        """The same site by its other scheme, and with or without `www.`: its rules may differ."""
        scheme, _, host = origin.partition("://")
        if ":" in host:
            return []
        others = [f"{other}://{host}" for other in self.spider.schemes if other != scheme]
        if (name := twin(host)) is not None:
            others.append(f"{scheme}://{name}")
        return others

    async def ask_variant(self, origin: str) -> None:
        """Ask another name of the site for its rules, and for the headers of its home page."""
        rules = await self.rules_of(origin)
        url = origin + HOME
        led_there = any(c.resource == HOME and c.final_url == url for c in self.captures)
        if rules.failure is None and rules.may_fetch(url) and not led_there:
            self.captures.append(await self.download(url, VARIANT + HOME))

    async def fetch(self, url: str, resource: str) -> Capture:
        """Fetch, following redirects to other origins where their robots.txt permits it."""
        most = self.settings.getint("SURVEY_MAX_REDIRECTS")
        capture = await self.download(url, resource)
        try:
            while (target := redirected_to(capture, most)) is not None:
                rules = await self.rules_of(origin_of(target))
                hops = (*capture.hops, Hop(capture.final_url, capture.status or 0, target))
                if rules.failure is not None:
                    excluded = rules.failure is Failure.EXCLUDED
                    return Capture(
                        resource,
                        url,
                        target,
                        hops,
                        size=capture.size,
                        failure=rules.failure,
                        detail=rules.detail if excluded else target,
                        started_at=capture.started_at,
                        elapsed=capture.elapsed,
                    )
                if not rules.may_fetch(target):
                    return replace(capture, detail=f"robots.txt there keeps us from {target}")
                if had := self.had(target):
                    return led_to(had, capture, hops)
                further = await self.download(target, resource)
                capture = replace(further, url=url, hops=(*hops, *further.hops))
        except Spent:
            self.captures.append(capture)
            raise
        return capture

    async def rules_of(self, origin: str) -> OwnAccess:
        """Ask the robots.txt of a new origin before the first request to it."""
        if origin not in self.access:
            robots = await self.download(origin + ROBOTS, VARIANT + ROBOTS)
            self.captures.append(robots)
            self.access[origin] = await self.rules_in(robots)
        return self.access[origin]

    async def rules_in(self, robots: Capture) -> OwnAccess:
        """Read a robots.txt for ourselves; outside the reactor, which must not stand still."""
        token = self.settings["SURVEY_PRODUCT_TOKEN"]
        return await asyncio.to_thread(OwnAccess, robots, token, self.spider.stay_out)

    async def download(self, url: str, resource: str) -> Capture:
        """Send one request, in the turn of its registrable domain."""
        crawler = self.spider.crawler
        while crawler.crawling and not self.spider.memory.may_take(self):
            await asyncio.sleep(0.05)
        if not crawler.crawling or crawler.engine is None:
            raise Interrupted
        self.spider.refresh_exclusions()
        self.check_ceilings()
        longest = self.settings.getfloat("SURVEY_ROBOTS_MAX_AGE")
        # A clock that was put back tells nothing either.
        if not resource.endswith(ROBOTS) and abs(time.time() - self.rules_since) > longest:
            raise RulesTooOld
        capture = await self.spider.fetch(self.request(url, resource))
        self.spider.memory.hold(self, len(capture.body))
        return self.restored(capture)

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
        """The visit as it will be stored."""
        return Visit(
            self.site,
            result,
            reason,
            detail,
            tuple(self.captures),
            self.started_at,
            now(),
            attempt=self.earlier.attempts + 1,
            ledger=self.ledger,
            crawl_delay=self.crawl_delay,
            again_at=self.again_at(reason),
        )

    def again_at(self, reason: Reason) -> float | None:
        """When to visit again what may have passed by then; None: never in this wave."""
        pauses = self.spider.pauses
        asked = self.ledger.retry_after or 0.0
        if self.earlier.tries >= len(pauses) or not may_pass(reason, self.captures):
            return None
        if asked > self.settings.getfloat("SURVEY_MAX_RETRY_AFTER"):
            return None
        return time.time() + max(pauses[self.earlier.tries], asked)

    def unheard(self, visit: Visit) -> Visit:
        """A failure while no canary answered: ours, until another visit says otherwise."""
        detail = f"{visit.reason} while no canary answered"
        return self.finished(Outcome.INTERNAL_ERROR, Reason.INTERNAL_STALL, detail)

    def failed(self, error: BaseException) -> Visit:
        """A visit that our own fault ended: a row, never a gap."""
        detail = f"{type(error).__name__}: {error}"[:300]
        return self.finished(Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR, detail)


def canary_request(url: str) -> Request:
    """A question to a canary, of whose answer only the head is waited for."""
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
