"""The conversation with one site outside a wave: what a survey would ask, in the same order.

`spiders.visiting.Visiting` does the same by the same rules, for many sites, with what was fetched
earlier taken into account, and asks the hosts of works too. A test holds the two side by side:
the same site is asked for the same addresses, and the visit ends in the same outcome.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from crawler import settings
from crawler.access import OwnAccess, origin_of
from crawler.answers import REDIRECTS, Answer, classify
from crawler.hosts import twin
from crawler.ledger import Ledger
from crawler.limits import Failed
from crawler.model import Capture, Failure, Hop, Reason
from crawler.outcome import HOME, ROBOTS, Stopped, outcome, stops_the_visit
from crawler.parsers.retry_after import retry_after
from crawler.signals import SIBLING, VARIANT, links, resources, sibling_path
from crawler.target import parse_target
from crawler.visited import Visited

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

NO_SUCH_NAME = frozenset({Failure.DNS_NXDOMAIN, Failure.DNS_NO_ADDRESS})


class Fetch(Protocol):
    """`crawler.fetch.Fetcher.fetch`, or what answers in its place."""

    async def __call__(  # noqa: D102, PLR0913
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int,
        max_redirects: int,
        may_follow: Callable[[str], bool] | None,
        ledger: Ledger,
    ) -> Capture: ...


Watch = Callable[[str], None]
"""Told each address before it is asked for."""


class _Spent(Exception):  # noqa: N818 - not a fault
    """The site has had all that one may take, or has had enough of us."""

    def __init__(self, stopped: Stopped | None) -> None:
        super().__init__(stopped)
        self.stopped = stopped


async def visit(
    fetch: Fetch,
    host: str,
    schemes: tuple[str, ...] = ("https", "http"),
    watch: Watch | None = None,
) -> Visited:
    """Visit a site under the ceilings and manners of a survey (`crawler.settings`).

    `host` is an ASCII name, with `:port` where it is not the usual one; `schemes` are tried
    in order. Only cancelling raises.
    """
    return await _Conversation(fetch, host, schemes, watch or (lambda _: None)).run()


class _Conversation:
    """One visit while it goes on."""

    def __init__(self, fetch: Fetch, host: str, schemes: tuple[str, ...], watch: Watch) -> None:
        self._fetch = fetch
        self._host = host
        self._schemes = schemes
        self._watch = watch
        self._ledger = Ledger()
        self._captures: list[Capture] = []
        self._access: dict[str, OwnAccess] = {}

    async def run(self) -> Visited:
        robots = await self._settle_scheme()
        origin = origin_of(robots.url)
        await self._learn(robots)
        home_disallowed, stopped = False, None
        if not stops_the_visit(robots):
            home_disallowed = not self._access[origin].may_fetch(origin + HOME)
            try:
                await self._ask_everything(origin)
            except _Spent as spent:
                stopped = spent.stopped
        result = outcome(self._captures, home_disallowed=home_disallowed, stopped=stopped)
        return Visited(self._host, tuple(self._captures), *result)

    async def _settle_scheme(self) -> Capture:
        """Keep the first scheme's answer, or that of the next, or of the site's other name."""
        tried: list[Capture] = []
        for scheme in self._schemes:
            tried.append(await self._download(f"{scheme}://{self._host}{ROBOTS}", ROBOTS))
            if tried[-1].failure not in TRY_HTTP:
                break
        name = twin(self._host) if {c.failure for c in tried} <= TRY_HTTP | NO_SUCH_NAME else None
        for scheme in self._schemes if name else ():
            tried.append(await self._download(f"{scheme}://{name}{ROBOTS}", ROBOTS))
            if tried[-1].failure not in TRY_HTTP:
                break
        kept = next((capture for capture in tried if capture.failure is None), tried[0])
        self._captures += [c if c is kept else replace(c, superseded=True) for c in tried]
        return kept

    async def _learn(self, robots: Capture) -> None:
        """Remember an origin's rules; a robots.txt that redirects to another's speaks for both."""
        rules = await _rules_in(robots)
        self._access[origin_of(robots.url)] = rules
        if urlsplit(robots.final_url).path == ROBOTS:
            self._access.setdefault(origin_of(robots.final_url), rules)

    async def _ask_everything(self, origin: str) -> None:
        access, longest = self._access[origin], settings.SURVEY_MAX_CRAWL_DELAY
        self._ledger.pause = access.crawl_delay and min(access.crawl_delay, longest)
        # The home page comes first: without it nothing can be said of the site.
        for resource in sorted(resources(), key=lambda name: name != HOME):
            if resource != ROBOTS and access.may_fetch(origin + resource):
                await self._ask_for(origin, resource)
                if access.crawl_delay and access.crawl_delay > longest:
                    raise _Spent((Reason.CRAWL_DELAY, f"{access.crawl_delay:g} s"))
        await self._ask_further()
        for variant in self._variants(origin):
            await self._ask_variant(variant)

    async def _ask_for(self, origin: str, resource: str) -> None:
        """Capture one resource and, for a file that is there, a sibling that cannot be."""
        capture = await self._travel(origin + resource, resource)
        self._captures.append(capture)
        if wants_to_be_left_alone(capture):
            raise _Spent(None)
        sibling = sibling_path(resource, f"{settings.SURVEY_SEED}:{self._host}")
        if sibling is None or classify(capture) is not Answer.CONTENT:
            return
        if self._access[origin].may_fetch(origin + sibling):
            self._captures.append(await self._travel(origin + sibling, SIBLING + resource))

    async def _ask_further(self) -> None:
        """Capture the documents that the captures so far point to."""
        settled = [capture for capture in self._captures if not capture.superseded]
        asked = {capture.url for capture in settled}
        for link in await asyncio.to_thread(links, settled):
            if link.url in asked:
                continue
            rules = await self._rules_of(origin_of(link.url))
            if rules.failure is None and rules.may_fetch(link.url):
                self._captures.append(await self._travel(link.url, link.resource))

    def _variants(self, origin: str) -> Iterator[str]:
        """The same site by its other scheme, and with or without `www.`."""
        scheme, _, host = origin.partition("://")
        if ":" in host:
            return
        yield from (f"{other}://{host}" for other in self._schemes if other != scheme)
        if (name := twin(host)) is not None:
            yield f"{scheme}://{name}"

    async def _ask_variant(self, origin: str) -> None:
        """Ask another name of the site for its rules, and for the headers of its home page."""
        rules = await self._rules_of(origin)
        url = origin + HOME
        led_there = any(c.resource == HOME and c.final_url == url for c in self._captures)
        if rules.failure is None and rules.may_fetch(url) and not led_there:
            self._captures.append(await self._download(url, VARIANT + HOME))

    async def _travel(self, url: str, resource: str) -> Capture:
        """Fetch, following redirects to other origins where their robots.txt permits it."""
        capture = await self._download(url, resource)
        try:
            while (target := redirected_to(capture, settings.SURVEY_MAX_REDIRECTS)) is not None:
                rules = await self._rules_of(origin_of(target))
                hops = (*capture.hops, Hop(capture.final_url, capture.status or 0, target))
                if rules.failure is not None:
                    return Capture(
                        resource, url, target, hops, size=capture.size,
                        failure=rules.failure, detail=target,
                    )  # fmt: skip
                if not rules.may_fetch(target):
                    return replace(capture, detail=f"robots.txt there keeps us from {target}")
                if had := self._had(target):
                    return led_to(had, capture, hops)
                further = await self._download(target, resource)
                capture = replace(further, url=url, hops=(*hops, *further.hops))
        except _Spent:
            self._captures.append(capture)
            raise
        return capture

    async def _rules_of(self, origin: str) -> OwnAccess:
        """Ask the robots.txt of a new origin before the first request to it."""
        if origin not in self._access:
            robots = await self._download(origin + ROBOTS, VARIANT + ROBOTS)
            self._captures.append(robots)
            self._access[origin] = await _rules_in(robots)
        return self._access[origin]

    def _may_follow(self, url: str) -> bool:
        access = self._access.get(origin_of(url))
        return access is not None and access.may_fetch(url) and self._had(url) is None

    def _had(self, url: str) -> Capture | None:
        """What an address has answered in this visit: many sites send every path to one page."""
        return next((c for c in self._captures if c.final_url == url and is_whole_answer(c)), None)

    async def _download(self, url: str, resource: str) -> Capture:
        """Send one request within the ceilings of a visit; raises _Spent."""
        requests = settings.SURVEY_SITE_REQUESTS - self._ledger.requests
        # A bomb is small on the wire: what it unpacks to counts like what was sent.
        octets = settings.SURVEY_SITE_BYTES - max(self._ledger.bytes, self._ledger.kept)
        if requests <= 0:
            raise _Spent((Reason.SITE_CEILING, f"{settings.SURVEY_SITE_REQUESTS} requests"))
        if octets <= 0:
            raise _Spent((Reason.SITE_CEILING, f"{settings.SURVEY_SITE_BYTES} bytes"))
        if self._ledger.spent >= settings.SURVEY_SITE_SECONDS:
            raise _Spent((Reason.SITE_DEADLINE, f"{settings.SURVEY_SITE_SECONDS} s"))
        self._watch(url)
        rules = resource.endswith(ROBOTS)
        headers_only = resource == VARIANT + HOME
        most = settings.SURVEY_ROBOTS_MAX_BYTES if rules else settings.SURVEY_MAX_BYTES
        return await self._fetch(
            url,
            resource,
            max_bytes=1 if headers_only else min(most, octets),
            max_redirects=min(settings.SURVEY_MAX_REDIRECTS, requests - 1),
            # Rules reached by redirect hold for the origin asked (RFC 9309 section 2.3.1.2).
            may_follow=None if rules else nowhere if headers_only else self._may_follow,
            ledger=self._ledger,
        )


def nowhere(_: str) -> bool:
    """Where redirects are followed to that are themselves what is asked for."""
    return False


async def _rules_in(robots: Capture) -> OwnAccess:
    """Read a robots.txt for ourselves, in a thread: half a megabyte takes its time."""
    return await asyncio.to_thread(OwnAccess, robots, settings.SURVEY_PRODUCT_TOKEN)


def redirected_to(capture: Capture, most: int) -> str | None:
    """Where an unfollowed redirect points, while there were fewer than `most`.

    300, 305 and the like may come without a Location, or with one that nobody is to follow.
    """
    followed = classify(capture) is Answer.REDIRECT and capture.status in REDIRECTS
    if not followed or len(capture.hops) >= most:
        return None
    for name, value in capture.headers:
        if name.lower() == b"location":
            with suppress(Failed):  # a Fetcher has refused it already, others may have not
                target = parse_target(capture.final_url).follow(value).url
                return target if target not in {hop.url for hop in capture.hops} else None
    return None


def wants_to_be_left_alone(capture: Capture) -> bool:
    """Whether an answer means that no more requests are wanted now."""
    if classify(capture) is Answer.RATE_LIMITED:
        return True
    return capture.status == 503 and retry_after(capture.headers, datetime.now(UTC)) is not None


def is_whole_answer(capture: Capture) -> bool:
    """Whether a capture may stand for what its address answers, later in the same visit.

    Not a robots.txt, which has limits of its own, nor the headers of a variant.
    """
    cut = capture.superseded or capture.truncated or capture.data_loss or capture.coding_error
    apart = capture.resource.endswith("/robots.txt") or capture.resource.startswith(VARIANT)
    return not (cut or apart) and classify(capture) is Answer.CONTENT


def led_to(had: Capture, redirect: Capture, hops: tuple[Hop, ...]) -> Capture:
    """The capture of a redirect to an address that has answered in this visit."""
    return replace(
        had,
        resource=redirect.resource,
        url=redirect.url,
        hops=hops,
        size=redirect.size,
        started_at=redirect.started_at,
        elapsed=redirect.elapsed,
        first_byte=redirect.first_byte,
    )
