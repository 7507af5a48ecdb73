"""The conversation with one site: what it is asked for, in which order, and when it has had enough.

`crawler.checker.single_visit` holds it for one person who asks, `spiders.visit` for a survey of
many sites, with what was fetched earlier taken into account. Both ask the same site for the same
addresses, and come to the same outcome; the survey asks the hosts of works, too.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NotRequired, Self, TypedDict

from crawler.addresses import origin_of
from crawler.answers import REDIRECTS, Answer, classify
from crawler.fetch.conditional import Conditions
from crawler.fetch.limits import Failed
from crawler.fetch.urls import location_of, parse_target
from crawler.fetch.usage import Usage
from crawler.hosts import twin
from crawler.model import Capture, Failure, Hop, Reason
from crawler.parsers.containers.file import HEAD, MAX_WHOLE
from crawler.parsers.retry_after import retry_after
from crawler.signals import ASSET, SIBLING, VARIANT, may_link, resources, sibling_path
from crawler.signals.reading.signal import Link
from crawler.signals.reading.work import ORIGIN, WORK
from crawler.visit import works
from crawler.visit.access import OwnAccess
from crawler.visit.outcome import HOME, ROBOTS, Result, Stopped, outcome, stops_the_visit

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

READ_AT_ONCE = 8 * 1024
"""Bytes of a robots.txt, as most have, that are read within a millisecond or two."""

HEADERS_ONLY = frozenset({VARIANT + HOME, ASSET})

FURTHER_PART = f"{VARIANT}work:"
"""The second request for a large work: what it brought is kept with the first."""

LEFT_FOR_OTHERS = 12
"""Requests that works may not use up: the variants of the site come after them."""
LEFT_BYTES = 64 * 1024
"""Likewise bytes."""


class Spent(Exception):  # noqa: N818 - not a fault
    """The site has had all that one may take, or has had enough of us."""

    def __init__(self, stopped: Stopped | None) -> None:
        super().__init__(stopped)
        self.stopped = stopped


@dataclass(frozen=True, slots=True)
class Conduct:
    """How sites are treated: the settings of the same names (`crawler.settings`)."""

    product_token: str
    site_requests: int
    site_bytes: int
    site_seconds: float
    max_bytes: int
    robots_max_bytes: int
    max_redirects: int
    max_crawl_delay: float
    works: int
    stay_out: frozenset[int] = frozenset()

    @classmethod
    def of(cls, setting: Callable[[str], Any], stay_out: frozenset[int] = frozenset()) -> Self:
        """Take over settings, which may be text from a command line; raises ValueError."""
        return cls(
            product_token=setting("SURVEY_PRODUCT_TOKEN"),
            site_requests=int(setting("SURVEY_SITE_REQUESTS")),
            site_bytes=int(setting("SURVEY_SITE_BYTES")),
            site_seconds=float(setting("SURVEY_SITE_SECONDS")),
            max_bytes=int(setting("SURVEY_MAX_BYTES")),
            robots_max_bytes=int(setting("SURVEY_ROBOTS_MAX_BYTES")),
            max_redirects=int(setting("SURVEY_MAX_REDIRECTS")),
            max_crawl_delay=float(setting("SURVEY_MAX_CRAWL_DELAY")),
            works=int(setting("SURVEY_WORKS")),
            stay_out=stay_out,
        )


class Bounds(TypedDict):
    """What one request may cost, and where it may be led: arguments of `Fetcher.fetch`."""

    max_bytes: int
    max_redirects: int
    may_follow: Callable[[str], bool] | None
    usage: Usage
    conditions: NotRequired[Mapping[str, Conditions]]


class VisitSteps(ABC):
    """One visit while it goes on: who holds it says how to send a request and to read pages.

    `host` is an ASCII name, with `:port` where it is not the usual one; `schemes` are tried in
    order; `seed` makes the paths that no site has.
    """

    def __init__(self, host: str, schemes: tuple[str, ...], conduct: Conduct, seed: int) -> None:
        self.host = host
        self.schemes = schemes
        self.conduct = conduct
        self.seed = f"{seed}:{host}"
        self.usage = Usage()
        self.crawl_delay: float | None = None
        self.captures: list[Capture] = []
        self.access: dict[str, OwnAccess] = {}
        self.part: Conditions = ()
        self.kept: dict[tuple[str, str], Capture] = {}
        """What earlier visits brought and need not be asked for again, by resource and address."""

    @abstractmethod
    async def send(self, url: str, resource: str) -> Capture:
        """Send one request within `bounds`, whatever has been asked for before."""

    @abstractmethod
    async def read_links(self, captures: Sequence[Capture]) -> Iterable[Link]:
        """Find the documents that captures point to, while other conversations go on."""

    def is_elsewhere(self, failures: set[Failure | None]) -> bool:
        """Say whether a site that cannot be reached so may be by its name with or without `www.`"""
        return failures <= TRY_HTTP | NO_SUCH_NAME

    def robots_url(self, scheme: str) -> str:
        """Where the site's own rules are, by one of its schemes."""
        return f"{scheme}://{self.host}{ROBOTS}"

    async def converse(self, first: Capture) -> Result:
        """Go on by the answer to the first request, which is for robots.txt, to the outcome."""
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
        return outcome(self.captures, home_disallowed=home_disallowed, stopped=stopped)

    async def settle_scheme(self, first: Capture) -> Capture:
        """Keep the first scheme's answer, or that of the next, or of the site's other name.

        All are recorded; the address of the one kept says what the visit goes by.
        """
        tried = [first]
        with suppress(Spent):  # the next request will say so
            for scheme in self.schemes[1:]:
                if tried[-1].failure not in TRY_HTTP:
                    break
                tried.append(await self.download(self.robots_url(scheme), ROBOTS))
            name = twin(self.host) if self.is_elsewhere({c.failure for c in tried}) else None
            for scheme in self.schemes if name else ():
                tried.append(await self.download(f"{scheme}://{name}{ROBOTS}", ROBOTS))
                if tried[-1].failure not in TRY_HTTP:
                    break
        kept = next((capture for capture in tried if capture.failure is None), first)
        self.captures += [c if c is kept else replace(c, superseded=True) for c in tried]
        return kept

    async def learn(self, robots: Capture) -> None:
        """Remember an origin's rules; a robots.txt that redirects to another's speaks for both.

        Only `/robots.txt` itself is another's file: `/robots.txt?x=y` is another resource, which
        may say something else (RFC 9309 section 2.3).
        """
        rules = await self.rules_in(robots)
        self.access[origin_of(robots.url)] = rules
        if robots.final_url == (other := origin_of(robots.final_url)) + ROBOTS:
            self.access.setdefault(other, rules)

    async def ask_everything(self, origin: str) -> None:
        """Ask for all that robots.txt permits, as slowly as it asks; raises Spent."""
        access, longest = self.access[origin], self.conduct.max_crawl_delay
        self.crawl_delay = access.crawl_delay
        self.usage.pause = self.crawl_delay and min(self.crawl_delay, longest)
        # The home page comes first: without it nothing can be said of the site.
        for resource in sorted(resources(), key=lambda name: name != HOME):
            if resource != ROBOTS and access.may_fetch(origin + resource):
                await self.ask_for(origin, resource)
                if self.crawl_delay and self.crawl_delay > longest:
                    raise Spent((Reason.CRAWL_DELAY, f"{self.crawl_delay:g} s"))
        await self.ask_further()
        for variant in self.variants(origin):
            await self.ask_variant(variant)

    async def ask_for(self, origin: str, resource: str) -> None:
        """Capture one resource and, for a file that is there, a sibling that cannot be."""
        capture = await self.fetch(origin + resource, resource)
        self.captures.append(capture)
        if wants_to_be_left_alone(capture):
            raise Spent(None)
        sibling = sibling_path(resource, self.seed)
        if sibling is None or classify(capture) is not Answer.CONTENT:
            return
        if self.access[origin].may_fetch(origin + sibling):
            self.captures.append(await self.fetch(origin + sibling, SIBLING + resource))

    async def ask_further(self) -> None:
        """Capture the documents that the captures so far point to, where robots.txt permits it."""
        settled = [capture for capture in self.captures if not capture.superseded]
        asked = {capture.url for capture in settled}
        read = [c for c in settled if c.resource == HOME or may_link(c.resource)]
        for link in await self.read_links(read):
            if link.url in asked:
                continue
            rules = await self.rules_of(origin_of(link.url))
            if rules.failure is None and rules.may_fetch(link.url):
                self.captures.append(await self.fetch(link.url, link.resource))

    async def ask_work(self, resource: str, url: str, room: int) -> None:
        """Capture what one work says: whole or in two parts, within `room` bytes.

        Where the rules of its host keep us from it, no other work is looked for in its place.
        """
        rules = await self.work_rules(origin_of(url))
        if rules.failure is not None or not rules.may_fetch(url):
            return
        if had := self.kept.get((resource, url)):  # an extract, not a work any more
            self.captures.append(had)
            return
        self.part = works.asked_for(0, min(HEAD, room))
        first = await self.fetch(url, resource)
        second = None
        # What has moved meanwhile is another answer, and is not put together with the first.
        if further := works.rest_of(first, room - HEAD):
            self.part = further
            with suppress(Spent):
                second = await self.download(first.final_url, resource)
        self.captures.append(await self.keep_work(first, second))
        if second is not None:
            self.captures.append(replace(works.dropped(second), resource=FURTHER_PART))

    async def work_rules(self, origin: str) -> OwnAccess:
        """Give the rules of a host of works."""
        return await self.rules_of(origin)

    async def read_works(self, samples: Sequence[tuple[str, str]]) -> None:
        """Capture works, resource and address each, while requests and bytes are left."""
        samples = samples[: self.conduct.works]
        for number, (resource, url) in enumerate(samples):
            requests_left, bytes_left = self.left()
            room = (bytes_left - LEFT_BYTES) // (len(samples) - number)
            if requests_left <= LEFT_FOR_OTHERS or room < HEAD:
                return
            await self.ask_work(resource, url, min(room, MAX_WHOLE))

    async def keep_work(self, first: Capture, second: Capture | None) -> Capture:
        """Put the metadata of a work in the place of its bytes, while others go on."""
        return await asyncio.to_thread(works.kept, first, second)

    def variants(self, origin: str) -> Iterator[str]:
        """The same site by its other scheme, and with or without `www.`: its rules may differ."""
        scheme, _, host = origin.partition("://")
        if ":" in host:
            return
        yield from (f"{other}://{host}" for other in self.schemes if other != scheme)
        if (name := twin(host)) is not None:
            yield f"{scheme}://{name}"

    async def ask_variant(self, origin: str) -> None:
        """Ask another name of the site for its rules, and for the headers of its home page."""
        rules = await self.rules_of(origin)
        url = origin + HOME
        led_there = any(c.resource == HOME and c.final_url == url for c in self.captures)
        if rules.failure is None and rules.may_fetch(url) and not led_there:
            self.captures.append(await self.download(url, VARIANT + HOME))

    async def fetch(self, url: str, resource: str) -> Capture:
        """Fetch, following redirects to other origins where their robots.txt permits it."""
        capture = await self.download(url, resource)
        try:
            while (target := redirected_to(capture, self.conduct.max_redirects)) is not None:
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
        """Read a robots.txt for ourselves, a large one in a thread: it takes its time."""
        arguments = (robots, self.conduct.product_token, self.conduct.stay_out)
        if len(robots.body) <= READ_AT_ONCE:
            return OwnAccess(*arguments)
        return await asyncio.to_thread(OwnAccess, *arguments)

    def may_follow(self, url: str) -> bool:
        """Follow a redirect at once only inside an origin whose rules we know and that permit."""
        access = self.access.get(origin_of(url))
        return access is not None and access.may_fetch(url) and self.had(url) is None

    def had(self, url: str) -> Capture | None:
        """What an address has answered in this visit: many sites send every path to one page."""
        return next((c for c in self.captures if c.final_url == url and is_whole_answer(c)), None)

    async def download(self, url: str, resource: str) -> Capture:
        """Send one request within the ceilings of a visit; raises Spent."""
        self.check_ceilings()
        return await self.send(url, resource)

    def left(self) -> tuple[int, int]:
        """Requests and bytes that the site may still cost."""
        conduct, usage = self.conduct, self.usage
        # A bomb is small on the wire: what it unpacks to counts like what was sent.
        octets = conduct.site_bytes - max(usage.bytes, usage.kept)
        return conduct.site_requests - usage.requests, octets

    def check_ceilings(self) -> None:
        """Raise Spent where the site has had its requests, its bytes or its time."""
        conduct = self.conduct
        requests_left, bytes_left = self.left()
        if requests_left <= 0:
            raise Spent((Reason.SITE_CEILING, f"{conduct.site_requests} requests"))
        if bytes_left <= 0:
            raise Spent((Reason.SITE_CEILING, f"{conduct.site_bytes} bytes"))
        if self.usage.spent >= conduct.site_seconds:
            raise Spent((Reason.SITE_DEADLINE, f"{conduct.site_seconds} s"))

    def bounds(self, resource: str, url: str) -> Bounds:
        """What a request for a resource may cost now, within what the site may still cost."""
        if resource.startswith((WORK, ORIGIN)):
            return Bounds(
                max_bytes=max(1, min(MAX_WHOLE, self.left()[1] - LEFT_BYTES)),
                max_redirects=max(0, min(self.conduct.max_redirects, self.left()[0] - 1)),
                may_follow=nowhere,
                usage=self.usage,
                conditions={url: self.part},
            )
        requests_left, bytes_left = self.left()
        rules, headers_only = resource.endswith(ROBOTS), resource in HEADERS_ONLY
        most = self.conduct.robots_max_bytes if rules else self.conduct.max_bytes
        return Bounds(
            max_bytes=1 if headers_only else max(1, min(most, bytes_left)),
            max_redirects=max(0, min(self.conduct.max_redirects, requests_left - 1)),
            # Rules reached by redirect hold for the origin asked (RFC 9309 section 2.3.1.2).
            may_follow=None if rules else nowhere if headers_only else self.may_follow,
            usage=self.usage,
        )


def nowhere(_: str) -> bool:
    """Where redirects are followed to that are themselves what is asked for."""
    return False


def redirected_to(capture: Capture, most: int) -> str | None:
    """Where an unfollowed redirect points, while there were fewer than `most`.

    300, 305 and the like may come without a Location, or with one that nobody is to follow.
    """
    followed = classify(capture) is Answer.REDIRECT and capture.status in REDIRECTS
    if not followed or len(capture.hops) >= most:
        return None
    with suppress(Failed):  # a Fetcher has refused it already, others may not have
        location = location_of(capture.status, capture.headers)
        target = parse_target(capture.final_url).follow(location).url
        return target if target not in {hop.url for hop in capture.hops} else None
    return None


def wants_to_be_left_alone(capture: Capture) -> bool:
    """Whether an answer means that no more requests are wanted now."""
    if classify(capture) is Answer.RATE_LIMITED:
        return True
    return capture.status == 503 and retry_after(capture.headers, datetime.now(UTC)) is not None


def is_whole_answer(capture: Capture) -> bool:
    """Whether a capture may stand for what its address answers, later in the same visit.

    Not a robots.txt, which has limits of its own, nor the headers of a variant, nor a work, of
    which the bytes are gone.
    """
    cut = capture.superseded or capture.truncated or capture.data_loss or capture.coding_error
    apart = capture.resource.endswith("/robots.txt") or capture.resource.startswith(
        (VARIANT, WORK, ORIGIN)
    )
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
