"""Scrapy's download handler for http and https: one request in, one Capture out.

Scrapy keeps what it does well (scheduling, one slot a registrable domain, delay and jitter,
stopping) and hands the wire to `crawler.fetch`: its own handlers lose raw header lines, the
prefix of a capped body and the reason of a failure, and cannot refuse a connected address.
"""

from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetch import Fetcher, Limits
from crawler.guard import HostsFile, Resolver
from crawler.model import Capture


class CaptureResponse(Response):
    """A Scrapy response that carries its Capture; `status` is 0 where nothing answered."""

    def __init__(self, request: Request, capture: Capture) -> None:
        super().__init__(url=request.url, status=capture.status or 0, request=request)
        self.capture = capture


class SurveyDownloadHandler(BaseDownloadHandler):
    """Fetches with the Observatory's own client; never raises for what a site does."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        hosts_file = settings.get("SURVEY_HOSTS_FILE")
        hosts = HostsFile.read(Path(hosts_file)) if hosts_file else HostsFile.parse("")
        timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self.fetcher = Fetcher(
            Resolver(hosts, workers=settings.getint("REACTOR_THREADPOOL_MAXSIZE")),
            Limits.scaled(timeout),
            user_agent=settings["USER_AGENT"],
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from settings SURVEY_HOSTS_FILE, DOWNLOAD_TIMEOUT and USER_AGENT."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch `request.url`; meta: resource, max_bytes, max_redirects, may_follow."""
        meta = request.meta
        capture = await self.fetcher.fetch(
            request.url,
            meta["resource"],
            max_bytes=meta["max_bytes"],
            max_redirects=meta["max_redirects"],
            may_follow=meta.get("may_follow"),
        )
        return CaptureResponse(request, capture)

    async def close(self) -> None:
        """Let go of resolver threads."""
        await self.fetcher.close()
