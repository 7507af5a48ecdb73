"""Whose turn it is: one connection to a registrable domain at a time, a pause after each.

The rule is kept where connections are made, so it holds for redirects, for the robots.txt of
other origins and for hosts of one domain that are visited side by side. An address that hosts many
domains, as those of hosters and edge servers do, has a few connections at a time in all.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from crawler.fetch.usage import Usage
from crawler.hosts import registrable

_REMEMBERED_DOMAINS = 8192
_IDLE_SECONDS = 120.0


@dataclass(slots=True)
class _Domain:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    left: float | None = None
    """When our last connection ended; monotonic."""
    held: float = 0.0
    """The domain wants to be left alone until then; monotonic."""


@dataclass(slots=True)
class _Address:
    free: asyncio.Semaphore
    users: int = 0
    open: int = 0


class Politeness:
    """Hands out turns. `delay` is the least pause in seconds, `jitter` its random addition.

    `connections` bounds those open at once, waiting excluded, and `of_address` those to one
    address: a hoster's has many domains. `longest_hold` is the most seconds that a
    Retry-After holds up the other hosts of its domain.
    """

    def __init__(
        self,
        delay: float = 0.0,
        jitter: float = 0.0,
        *,
        connections: int = 1024,
        of_address: int = 8,
        longest_hold: float = 60.0,
    ) -> None:
        self._delay = delay
        self._jitter = jitter
        self.longest_hold = longest_hold
        self.connections = connections
        self._free = asyncio.Semaphore(connections)
        self._domains: dict[str, _Domain] = {}
        self._of_address = of_address
        self._addresses: dict[str, _Address] = {}

    @asynccontextmanager
    async def turn(
        self, host: str, usage: Usage, address: str | None = None
    ) -> AsyncIterator[float]:
        """Wait until `host` may be connected to; yields the seconds waited.

        `address` is the one tried first; None: nobody shares it.
        """
        began = monotonic()
        domain = self._domain(host)
        domain.users += 1
        try:
            async with domain.lock:
                await self._rested(domain, usage)
                async with self._place(address), self._free:
                    now = monotonic()
                    gap = None if domain.left is None else now - domain.left
                    usage.take_turn(now - began, gap)
                    try:
                        yield now - began
                    finally:
                        domain.left = monotonic()
        finally:
            domain.users -= 1

    @asynccontextmanager
    async def _place(self, address: str | None) -> AsyncIterator[None]:
        """One of the few connections that an address has at once."""
        if address is None:
            yield
            return
        shared = self._addresses.setdefault(address, _Address(asyncio.Semaphore(self._of_address)))
        shared.users += 1
        try:
            async with shared.free:
                shared.open += 1
                try:
                    yield
                finally:
                    shared.open -= 1
        finally:
            shared.users -= 1
            if not shared.users:
                del self._addresses[address]

    def room(self, address: str) -> int | None:
        """How many connections an address may have besides those in turns; None: any number."""
        shared = self._addresses.get(address)
        return None if shared is None else self._of_address - shared.open

    def left(self, host: str) -> None:
        """Note that a connection to the host's domain has ended outside a turn."""
        self._domain(host).left = monotonic()

    async def rest(self, usage: Usage) -> None:
        """Pause within a turn, before a second connection."""
        await asyncio.sleep(max(self._delay, usage.pause or 0.0))

    def soon_again(self, host: str, usage: Usage, seconds: float) -> bool:
        """Whether the next turn at the domain is likely to be this visit's, and so soon."""
        pause = max(self._delay * (1 + self._jitter), usage.pause or 0.0)
        domain = self._domain(host)
        return pause < seconds and domain.users == 1 and domain.held <= monotonic()

    def hold(self, host: str, seconds: float) -> None:
        """Leave the host's whole domain alone, as it asked."""
        domain = self._domain(host)
        domain.held = max(domain.held, monotonic() + min(seconds, self.longest_hold))

    async def _rested(self, domain: _Domain, usage: Usage) -> None:
        """Wait until the pause after the last connection is over.

        A kept connection may end, and others may be asked to leave the domain alone, meanwhile.
        """
        pause = self._delay * (1 + self._jitter * random.random())  # noqa: S311 - no secret
        pause = max(pause, usage.pause or 0.0)
        while True:
            rested = 0.0 if domain.left is None else domain.left + pause
            if (seconds := max(domain.held, rested) - monotonic()) <= 0:
                return
            await asyncio.sleep(seconds)

    def _domain(self, host: str) -> _Domain:
        name = registrable(host)[0] or host
        if name not in self._domains:
            self._forget_idle()
            self._domains[name] = _Domain()
        return self._domains[name]

    def _forget_idle(self) -> None:
        if len(self._domains) < _REMEMBERED_DOMAINS:
            return
        before = monotonic() - max(_IDLE_SECONDS, 2 * self._delay)
        self._domains = {
            name: domain
            for name, domain in self._domains.items()
            if domain.users or max(domain.left or 0.0, domain.held) > before
        }
