"""Scrapy's download handler for http and https: one request in, one Capture out.

Scrapy keeps what it does well (scheduling, items, signals, stopping) and hands the wire to
`crawler.fetch.client`: its own handlers lose raw header lines, the prefix of a capped body and the
reason of a failure, and cannot refuse a connected address. Only the first request of a visit
comes through Scrapy, which spends more on a request than a fetch takes; the others go to
`fetch` at once. Politeness are kept where we connect, for all of them.
"""

import secrets
import socket
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetch.address_guard import Address, HostsFile, Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.dns import Inquiry, system_servers
from crawler.fetch.politeness import Politeness
from crawler.model import Capture
from crawler.panel.exclusions import DoNotSurvey


class CaptureResponse(Response):
    """A Scrapy response that carries its Capture; `status` is 0 where nothing answered."""

    def __init__(self, request: Request, capture: Capture) -> None:
        super().__init__(url=request.url, status=capture.status or 0, request=request)
        self.capture = capture


def fetcher_of(crawler: Crawler) -> Fetcher:
    """The one client of a crawl: two would each keep their own politeness."""
    spider: Any = crawler.spider
    if spider.fetcher is None:
        spider.fetcher = _fetcher(crawler)
    fetcher: Fetcher = spider.fetcher
    return fetcher


class Asking(NamedTuple):
    """A request that does not come through Scrapy, which takes longer to make one of its own."""

    url: str
    method: str
    meta: dict[str, Any]


async def fetch(crawler: Crawler, request: Request | Asking) -> Capture:
    """Fetch `request.url`; meta: resource and further arguments of `Fetcher.fetch`."""
    meta = request.meta
    return await fetcher_of(crawler).fetch(
        request.url,
        meta["resource"],
        method=request.method,
        max_bytes=meta["max_bytes"],
        max_redirects=meta["max_redirects"],
        may_follow=meta.get("may_follow"),
        usage=meta.get("usage"),
        conditions=meta.get("conditions"),
        user_agent=meta.get("user_agent"),
    )


def _fetcher(crawler: Crawler) -> Fetcher:
    settings = crawler.settings
    hosts_file = settings.get("SURVEY_HOSTS_FILE")
    hosts = HostsFile.read(Path(hosts_file)) if hosts_file else HostsFile.parse("")
    timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
    connections = settings.getint("CONCURRENT_REQUESTS")
    resolver = Resolver(
        hosts,
        # The system may go on asking long after we have given a name up.
        workers=max(settings.getint("REACTOR_THREADPOOL_MAXSIZE"), 3 * connections),
        why=Inquiry(system_servers(), seconds=timeout / 10).why,
        excluded=exclusions_of(crawler),
        version={"4": 4, "6": 6}.get(settings["SURVEY_IP_FAMILY"]),
        probes=[f"{secrets.token_hex(12)}.{top}" for top in ("com", "org")],
    )
    return Fetcher(
        resolver,
        Limits.scaled(timeout),
        user_agent=settings["USER_AGENT"],
        proxy=proxy_address(settings["SURVEY_PROXY"]),
        politeness=Politeness(
            settings.getfloat("DOWNLOAD_DELAY"),
            settings.getfloat("DOWNLOAD_DELAY_JITTER"),
            connections=connections,
            of_address=settings.getint("SURVEY_ADDRESS_CONNECTIONS"),
            longest_hold=settings.getfloat("SURVEY_MAX_RETRY_AFTER"),
        ),
    )


class SurveyDownloadHandler(BaseDownloadHandler):
    """Fetches with the Observatory's own client; never raises for what a site does."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.fetcher = fetcher_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from settings SURVEY_HOSTS_FILE, DOWNLOAD_TIMEOUT and USER_AGENT."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch `request.url`, as `fetch` does."""
        return CaptureResponse(request, await fetch(self.crawler, request))

    async def close(self) -> None:
        """Let go of resolver threads and connections."""
        await self.fetcher.close()


def proxy_address(url: str | None) -> Address | None:
    """The numeric address of `http://host:port`; raises ValueError for anything else.

    The operator's own choice, so the guard has no say in it.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or not parts.port or "@" in parts.netloc:
        raise ValueError(f"{url}: a proxy is written http://host:port")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ValueError(f"{url}: {error.strerror}") from None
    return str(found[0][4][0]), parts.port


def exclusions_of(crawler: Crawler) -> DoNotSurvey:
    """The do-not-survey list of the run, which the spider opened before."""
    exclusions: DoNotSurvey = crawler.spider.run.exclusions  # type: ignore[union-attr]
    return exclusions
