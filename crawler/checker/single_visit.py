"""A visit outside a wave: the conversation of a survey with one site, for a person who asks."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from crawler import settings
from crawler.fetch.conditional import Conditions
from crawler.fetch.usage import Usage
from crawler.judge.work_hosts import AssetHosts, page_facts
from crawler.model import Capture
from crawler.signals.reading.signal import Link
from crawler.visit.outcome import ROBOTS
from crawler.visit.result import VisitResult
from crawler.visit.steps import Conduct, VisitSteps
from crawler.wave.workers import Desk
from crawler.wave.works_apart import read_apart


class Fetch(Protocol):
    """`crawler.fetch.client.Fetcher.fetch`, or what answers in its place."""

    async def __call__(  # noqa: D102, PLR0913
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int,
        max_redirects: int,
        may_follow: Callable[[str], bool] | None,
        usage: Usage,
        conditions: Mapping[str, Conditions] | None = None,
    ) -> Capture: ...


Watch = Callable[[str], None]
"""Told each address before it is asked for."""


async def visit(
    fetch: Fetch,
    host: str,
    schemes: tuple[str, ...] = ("https", "http"),
    watch: Watch | None = None,
) -> VisitResult:
    """Visit a site under the ceilings and politeness of a survey (`crawler.settings`).

    `host` is an ASCII name, with `:port` where it is not the usual one; `schemes` are tried
    in order. Only cancelling raises.
    """
    talk = _SingleVisit(fetch, host, schemes, watch or (lambda _: None))
    try:
        first = await talk.download(talk.robots_url(schemes[0]), ROBOTS)
        result = await talk.converse(first)
    finally:
        talk.desk.close()
    return VisitResult(host, tuple(talk.captures), *result)


class _SingleVisit(VisitSteps):
    """A conversation that no other one takes turns with."""

    def __init__(self, fetch: Fetch, host: str, schemes: tuple[str, ...], watch: Watch) -> None:
        conduct = Conduct.of(vars(settings).__getitem__)
        super().__init__(host, schemes, conduct, settings.SURVEY_SEED)
        self._fetch = fetch
        self._watch = watch
        self.desk = Desk(1)
        self._works: AssetHosts | None = None

    async def send(self, url: str, resource: str) -> Capture:
        """Tell the watcher and send one request."""
        self._watch(url)
        return await self._fetch(url, resource, **self.bounds(resource, url))

    async def read_links(self, captures: Sequence[Capture]) -> Iterable[Link]:
        """Find the documents that captures point to, in a thread: a page takes its time."""
        found = await asyncio.to_thread(page_facts, captures)
        further, self._works = found
        return further

    async def ask_further(self) -> None:
        """Ask for what the captures point to, then for a few works."""
        await super().ask_further()
        await self.read_works(self._works.wanted if self._works else [])

    async def keep_work(self, first: Capture, second: Capture | None) -> Capture:
        """Read a work in a process that has limits; small ones in a thread."""
        return await read_apart(self.desk, first, second) or await super().keep_work(first, second)
