"""A visit outside a wave: the conversation of a survey with one site, for a person who asks."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from crawler import settings
from crawler.fetch.conditional import Conditions
from crawler.fetch.usage import Usage
from crawler.model import Capture
from crawler.signals import links
from crawler.signals.reading.signal import Link
from crawler.visit.outcome import ROBOTS
from crawler.visit.result import VisitResult
from crawler.visit.steps import Conduct, VisitSteps


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
    first = await talk.download(talk.robots_url(schemes[0]), ROBOTS)
    result = await talk.converse(first)
    return VisitResult(host, tuple(talk.captures), *result)


class _SingleVisit(VisitSteps):
    """A conversation that no other one takes turns with."""

    def __init__(self, fetch: Fetch, host: str, schemes: tuple[str, ...], watch: Watch) -> None:
        conduct = Conduct.of(vars(settings).__getitem__)
        super().__init__(host, schemes, conduct, settings.SURVEY_SEED)
        self._fetch = fetch
        self._watch = watch

    async def send(self, url: str, resource: str) -> Capture:
        """Tell the watcher and send one request."""
        self._watch(url)
        return await self._fetch(url, resource, **self.bounds(resource, url))

    async def read_links(self, captures: Sequence[Capture]) -> Iterable[Link]:
        """Find the documents that captures point to, in a thread: a page takes its time."""
        return await asyncio.to_thread(links, captures)
