"""The survey: ask each site for robots.txt, then for what the registered signals read.

A visit is one unit of work: all requests of a site run one after another in the slot of its
registrable domain, and its captures are stored together with its outcome or not at all.
A visit that ends in a passing failure is made again when the first visit to all sites has begun,
after a pause that is the same for all, and for a bounded number of times.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.addresses import origin_of
from crawler.fetch.client import Fetcher
from crawler.fetch.memory import Memory
from crawler.hosts import twin
from crawler.model import Capture, Outcome, Site
from crawler.panel.exclusions import ExclusionError
from crawler.signals import VARIANT
from crawler.store.database import StoreError
from crawler.store.facts import Visit
from crawler.visit.access import OwnAccess
from crawler.visit.outcome import ROBOTS
from crawler.wave.handler import Asking, CaptureResponse, fetch
from crawler.wave.jobs import LEASE
from crawler.wave.reachability import ReachabilityProbes
from crawler.wave.run import SurveyRun
from crawler.wave.workers import Desk
from spiders.visit import Interrupted, SurveyVisit, canary_request

SECONDS_BETWEEN_LOOKS = 0.5
"""At what is to be visited again: of a hundred thousand sites a look takes a tenth of a second."""


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
        spider.pauses = tuple(
            float(pause) for pause in settings.getlist("SURVEY_RETRY_PAUSES") if pause != ""
        )
        spider.stay_out = frozenset(
            int(status) for status in settings.getlist("SURVEY_ROBOTS_STAY_OUT") if status != ""
        )
        spider.trouble = None
        spider.asset_origins = {}
        spider.asset_rules = {}
        for host, url in spider.run.asked_elsewhere():
            spider.note_origin(host, url)
        spider.desk = Desk(settings.getint("SURVEY_READERS"))
        spider.memory = Memory(settings.getint("SURVEY_MEMORY"))
        spider.probes = ReachabilityProbes(
            [h for h in settings.getlist("SURVEY_CANARIES") if not spider.run.exclusions.host(h)],
            settings.getfloat("SURVEY_CANARY_SECONDS"),
            spider.answers,
            spider.run.note_canaries,
            lambda: spider.crawler.crawling,
        )
        # Twice the downloads in flight keeps every slot busy and memory flat.
        spider.capacity = asyncio.Semaphore(2 * settings.getint("CONCURRENT_REQUESTS"))
        return spider

    run: SurveyRun
    schemes: tuple[str, ...]
    pauses: tuple[float, ...]
    stay_out: frozenset[int]
    trouble: Exception | None
    asset_origins: dict[str, str]
    """Origins that are not asked again for the sake of works, with the site that asked first."""
    asset_rules: dict[str, tuple[float, OwnAccess]]
    """Rules of hosts of works, the oldest first, with the time they were read."""
    capacity: asyncio.Semaphore
    memory: Memory
    desk: Desk
    probes: ReachabilityProbes
    fetcher: Fetcher | None = None

    def closed(self, _: str) -> None:
        """Let the reading processes go."""
        self.desk.close()

    async def answers(self, host: str) -> bool:
        """Whether a probed host gives any HTTP answer."""
        for scheme in self.schemes:
            engine = self.crawler.engine
            if engine is None or not self.crawler.crawling:
                break
            response = await engine.download_async(canary_request(f"{scheme}://{host}/robots.txt"))
            assert isinstance(response, CaptureResponse)  # noqa: S101
            if response.capture.status is not None:
                return True
        return False

    async def start(self) -> AsyncIterator[Request | Visit]:
        """Yield each site's first request, never more than there is capacity for; then again."""
        beats = asyncio.ensure_future(self.keep_jobs())
        try:
            if not await self.probes.any_answers():
                self.logger.warning("no probed host answers: is this machine connected?")
            for site in self.run.pending():
                yield await self.begin(site)
            while due := await self.due():
                for site in due:
                    yield await self.begin(site)
            await self.probes.any_answers()
        except Interrupted:
            pass
        except (sqlite3.Error, StoreError) as error:
            self.give_up(error)
        finally:
            beats.cancel()
        self.trouble = self.trouble or self.run.jobs.trouble

    async def keep_jobs(self) -> None:
        """Say again and again that the jobs held are worked on, long before a lease runs out."""
        while self.run.jobs.shared:
            await asyncio.sleep(LEASE / 4)
            self.run.jobs.keep()

    async def due(self) -> list[Site]:
        """What is to be visited again now: waited for, while visits under way may come to that.

        A slow site keeps nobody from a second visit.
        """
        while self.crawler.crawling:
            waiting = self.run.due()
            due = [site for moment, site in waiting if moment <= time.time()]
            due += self.run.more()
            if due or (not waiting and self.run.is_idle and self.run.jobs.over()):
                return due
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS if waiting or self.run.is_idle else 0.05)
        return []

    async def begin(self, site: Site) -> Request | Visit:
        """Begin a visit with a request for robots.txt, or end one that is not to be made."""
        await self.capacity.acquire()
        visiting = SurveyVisit(self, site, self.run.begin(site))
        if refused := visiting.refused():
            self.capacity.release()
            return refused
        return visiting.first_request(
            callback=self.visit,
            errback=self.lost,
            cb_kwargs={"visiting": visiting},
        )

    async def fetch(self, request: Asking) -> Capture:
        """Send one request of a visit that Scrapy began."""
        return await fetch(self.crawler, request)

    def refresh_exclusions(self) -> None:
        """Take over what has changed in the do-not-survey list; stop if it cannot be read."""
        try:
            self.run.exclusions.refresh()
        except ExclusionError as error:
            self.give_up(error)
            raise Interrupted from error

    async def visit(self, response: Response, visiting: SurveyVisit) -> AsyncIterator[Visit]:
        """Complete the visit that robots.txt began; a fault of ours is an outcome, not a gap."""
        assert isinstance(response, CaptureResponse)  # noqa: S101
        self.memory.hold(visiting, len(response.capture.body))
        try:
            try:
                visit = await visiting.complete(response.capture)
            finally:
                # Who waits for the probes has nothing in flight, and keeps nobody from theirs.
                self.capacity.release()
            for capture in visit.captures:
                if capture.resource == VARIANT + ROBOTS:
                    self.note_origin(visit.site.host, capture.url)
            yield visit if await self.is_believed(visit) else visiting.unheard(visit)
        except Interrupted:
            self.run.drop(visiting.site)
        except Exception as error:
            self.logger.exception("visit of %s failed", visiting.site.host)
            yield visiting.failed(error)
        finally:
            self.memory.release(visiting)

    def note_origin(self, site: str, url: str) -> None:
        """Keep that the wave has asked an origin; not for a site's own names: one a site adds up.

        Of a wave that goes on they are read again from what is stored.
        """
        name = site.partition(":")[0]
        if urlsplit(url).hostname not in {name, twin(name)}:
            self.asset_origins.setdefault(origin_of(url), site)

    async def is_believed(self, visit: Visit) -> bool:
        """Whether it is the site that did not answer, and not our network; raises Interrupted."""
        if visit.outcome is not Outcome.UNREACHABLE:
            return True
        # Its last request began when the failing one did, or later.
        heard = await self.probes.any_answers(since=monotonic() - visit.captures[-1].elapsed)
        if not heard and not self.crawler.crawling:
            raise Interrupted
        return heard

    async def lost(self, failure: Any) -> AsyncIterator[Visit]:  # noqa: ANN401
        """Record a request that Scrapy itself lost, unless we are stopping."""
        self.capacity.release()
        self.run.drop(failure.request.cb_kwargs["visiting"].site)
        if self.crawler.crawling:
            yield failure.request.cb_kwargs["visiting"].failed(failure.value)

    def give_up(self, error: Exception) -> None:
        """End the crawl with its reason, which the command tells."""
        self.trouble = self.trouble or error
        self.stop()

    def stop(self) -> None:
        """End the crawl now; what is in flight is dropped and stays pending."""
        engine = self.crawler.engine
        if engine is not None and self.crawler.crawling:
            self.crawler.crawling = False
            self._stopping = asyncio.ensure_future(engine.stop_async())
