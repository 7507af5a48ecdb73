"""The survey: ask each site for robots.txt, then for what the registered signals read.

A visit is one unit of work: all requests of a site run one after another in the slot of its
registrable domain, and its captures are stored together with its outcome or not at all.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.access import OwnAccess, origin_of
from crawler.answers import Answer, classify
from crawler.handler import CaptureResponse
from crawler.hosts import registrable
from crawler.model import Capture, Failure, Hop, Outcome, Reason, Site
from crawler.outcome import HOME, ROBOTS, outcome, stops_the_visit
from crawler.signals import SIBLING, VARIANT, links, resources, sibling_path
from crawler.store.facts import Visit, now
from crawler.survey import SurveyRun

# Only where https could not be had at all is http asked; an answer, even a bad one, stands.
TRY_HTTP = frozenset(
    {
        Failure.CONNECT_REFUSED,
        Failure.CONNECT_TIMEOUT,
        Failure.CONNECT_FAILED,
        Failure.CONNECTION_RESET,
        Failure.TLS_FAILURE,
        Failure.TLS_TIMEOUT,
        Failure.EMPTY_REPLY,
        Failure.NOT_HTTP,
    }
)


class Interrupted(Exception):  # noqa: N818 - not a fault
    """The crawl is stopping; the visit under way is dropped and stays pending."""


class SurveySpider(Spider):
    """`scrapy crawl survey -a panel=panel.csv -a wave=2026-11` (or `optout survey`)."""

    name = "survey"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401
        """Read the panel and open the wave; both arguments are required."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        missing = [name for name in ("panel", "wave") if not kwargs.get(name)]
        if missing:
            raise ValueError(f"the survey needs -a {missing[0]}=...")
        settings = crawler.settings
        spider.run = SurveyRun.open(kwargs["panel"], kwargs["wave"], settings)
        settings.set("USER_AGENT", spider.run.user_agent, priority="spider")
        spider.schemes = (
            ("https", "http")
            if settings["SURVEY_SCHEME"] == "auto"
            else (settings["SURVEY_SCHEME"],)
        )
        spider.trouble = None
        # Twice the downloads in flight keeps every slot busy and memory flat.
        spider.capacity = asyncio.Semaphore(2 * settings.getint("CONCURRENT_REQUESTS"))
        return spider

    run: SurveyRun
    schemes: tuple[str, ...]
    trouble: Exception | None
    capacity: asyncio.Semaphore

    async def start(self) -> AsyncIterator[Request]:
        """Yield each pending site's first request, never more than there is capacity for."""
        for site in self.run.pending():
            await self.capacity.acquire()
            visiting = Visiting(self, site)
            yield visiting.request(
                f"{self.schemes[0]}://{site.host}{ROBOTS}",
                ROBOTS,
                callback=self.visit,
                errback=self.lost,
                cb_kwargs={"visiting": visiting},
            )

    async def visit(self, response: Response, visiting: "Visiting") -> AsyncIterator[Visit]:
        """Complete the visit that robots.txt began; a fault of ours is an outcome, not a gap."""
        assert isinstance(response, CaptureResponse)  # noqa: S101
        try:
            yield await visiting.complete(response.capture)
        except Interrupted:
            pass
        except Exception as error:
            self.logger.exception("visit of %s failed", visiting.site.host)
            yield visiting.failed(error)
        finally:
            self.capacity.release()

    async def lost(self, failure: Any) -> AsyncIterator[Visit]:  # noqa: ANN401
        """Record a request that Scrapy itself lost, unless we are stopping."""
        self.capacity.release()
        if self.crawler.crawling:
            yield failure.request.cb_kwargs["visiting"].failed(failure.value)

    def stop(self) -> None:
        """End the crawl now; what is in flight is dropped and stays pending."""
        engine = self.crawler.engine
        if engine is not None and self.crawler.crawling:
            self.crawler.crawling = False
            self._stopping = asyncio.ensure_future(engine.stop_async())


class Visiting:
    """The conversation with one site."""

    def __init__(self, spider: SurveySpider, site: Site) -> None:
        self.spider = spider
        self.settings = spider.settings
        self.site = site
        self.captures: list[Capture] = []
        self.access: dict[str, OwnAccess] = {}
        self.started_at = now()

    def request(self, url: str, resource: str, **more: Any) -> Request:  # noqa: ANN401
        """Build one request in the slot of its registrable domain."""
        host = urlsplit(url).hostname or ""
        robots = resource.endswith(ROBOTS)
        meta = {
            "resource": resource,
            "download_slot": registrable(host)[0] or host,
            "max_bytes": self.settings.getint(
                "SURVEY_ROBOTS_MAX_BYTES" if robots else "SURVEY_MAX_BYTES"
            ),
            "max_redirects": self.settings.getint("SURVEY_MAX_REDIRECTS"),
            # Rules reached by redirect hold for the origin asked (RFC 9309 section 2.3.1.2).
            "may_follow": None if robots else self.may_follow,
            "verbatim_url": True,
        }
        return Request(url, meta=meta, dont_filter=True, **more)

    def may_follow(self, url: str) -> bool:
        """Follow a redirect at once only inside an origin whose rules we know and that permit."""
        access = self.access.get(origin_of(url))
        return access is not None and access.may_fetch(url)

    async def complete(self, first: Capture) -> Visit:
        """Ask for everything else and return the finished visit."""
        robots = await self.settle_scheme(first)
        origin = origin_of(robots.url)
        self.learn(robots)
        home_disallowed = False
        if not stops_the_visit(robots):
            home_disallowed = not self.access[origin].may_fetch(origin + HOME)
            for resource in resources():
                if resource != ROBOTS and self.access[origin].may_fetch(origin + resource):
                    await self.ask_for(origin, resource)
            await self.ask_further()
            for variant in self.variants(origin):
                await self.rules_of(variant)
        result = outcome(self.captures, home_disallowed=home_disallowed)
        return self.finished(*result)

    async def settle_scheme(self, first: Capture) -> Capture:
        """Keep the https answer, or ask http where https cannot be had; both are recorded."""
        if first.failure in TRY_HTTP and len(self.spider.schemes) > 1:
            url = f"{self.spider.schemes[1]}://{self.site.host}{ROBOTS}"
            second = await self.download(url, ROBOTS)
            if second.failure is None:
                self.captures += [replace(first, superseded=True), second]
                return second
            self.captures += [first, replace(second, superseded=True)]
            return first
        self.captures.append(first)
        return first

    def learn(self, robots: Capture) -> None:
        """Remember an origin's rules; a robots.txt that redirects to another's speaks for both."""
        rules = OwnAccess(robots, self.settings["SURVEY_PRODUCT_TOKEN"])
        self.access[origin_of(robots.url)] = rules
        if urlsplit(robots.final_url).path == ROBOTS:
            self.access.setdefault(origin_of(robots.final_url), rules)

    async def ask_for(self, origin: str, resource: str) -> None:
        """Capture one resource and, for a file that is there, a sibling that cannot be."""
        capture = await self.fetch(origin + resource, resource)
        self.captures.append(capture)
        sibling = sibling_path(resource, f"{self.spider.run.wave.seed}:{self.site.host}")
        if sibling is None or classify(capture) is not Answer.CONTENT:
            return
        if self.access[origin].may_fetch(origin + sibling):
            self.captures.append(await self.fetch(origin + sibling, SIBLING + resource))

    async def ask_further(self) -> None:
        """Capture the documents that the captures so far point to, where robots.txt permits it."""
        settled = [capture for capture in self.captures if not capture.superseded]
        asked = {capture.url for capture in settled}
        for link in await asyncio.to_thread(links, settled):  # parsing stays out of the reactor
            if link.url in asked:
                continue
            rules = await self.rules_of(origin_of(link.url))
            if rules.failure is None and rules.may_fetch(link.url):
                self.captures.append(await self.fetch(link.url, link.resource))

    def variants(self, origin: str) -> list[str]:
        """The same site by its other scheme, and with or without `www.`: its rules may differ."""
        scheme, _, host = origin.partition("://")
        if ":" in host:
            return []
        others = [f"{other}://{host}" for other in self.spider.schemes if other != scheme]
        domain = registrable(host)[0]
        if host == domain:
            others.append(f"{scheme}://www.{host}")
        elif host == f"www.{domain}":
            others.append(f"{scheme}://{domain}")
        return others

    async def fetch(self, url: str, resource: str) -> Capture:
        """Fetch, following redirects to other origins where their robots.txt permits it."""
        capture = await self.download(url, resource)
        while (target := self.target(capture)) is not None:
            rules = await self.rules_of(origin_of(target))
            if rules.failure is not None:
                return replace(capture, failure=rules.failure, detail=target)
            if not rules.may_fetch(target):
                return replace(capture, detail=f"robots.txt there keeps us from {target}")
            further = await self.download(target, resource)
            hop = Hop(capture.final_url, capture.status or 0, target)
            capture = replace(further, url=url, hops=(*capture.hops, hop, *further.hops))
        return capture

    def target(self, capture: Capture) -> str | None:
        """Where an unfollowed redirect points, while the limit is not reached."""
        limit = self.settings.getint("SURVEY_MAX_REDIRECTS")
        if classify(capture) is not Answer.REDIRECT or len(capture.hops) >= limit:
            return None
        for name, value in capture.headers:
            if name.lower() == b"location":
                target = urljoin(capture.final_url, value.decode("latin-1").strip())
                return target if target not in {hop.url for hop in capture.hops} else None
        return None

    async def rules_of(self, origin: str) -> OwnAccess:
        """Ask the robots.txt of a new origin before the first request to it."""
        if origin not in self.access:
            robots = await self.download(origin + ROBOTS, VARIANT + ROBOTS)
            self.captures.append(robots)
            self.access[origin] = OwnAccess(robots, self.settings["SURVEY_PRODUCT_TOKEN"])
        return self.access[origin]

    async def download(self, url: str, resource: str) -> Capture:
        """Send one request through Scrapy's downloader, in its slot."""
        crawler = self.spider.crawler
        if not crawler.crawling or crawler.engine is None:
            raise Interrupted
        response = await crawler.engine.download_async(self.request(url, resource))
        assert isinstance(response, CaptureResponse)  # noqa: S101
        return response.capture

    def finished(self, result: Outcome, reason: Reason, detail: str | None) -> Visit:
        """The visit as it will be stored."""
        return Visit(
            self.site, result, reason, detail, tuple(self.captures), self.started_at, now()
        )

    def failed(self, error: BaseException) -> Visit:
        """A visit that our own fault ended: a row, never a gap."""
        detail = f"{type(error).__name__}: {error}"[:300]
        return self.finished(Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR, detail)
