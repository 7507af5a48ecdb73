"""Connections that are kept for the next request to the same origin, one a registrable domain.

A visit asks one origin for a dozen resources: a handshake for each costs both sides more than
the answers. A connection is kept only after an answer whose end is beyond doubt, and let go of
the moment the other side closes it or says anything unasked, when another origin of its domain
is to be asked, and after a few seconds.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from crawler.fetch.address_guard import Address
from crawler.fetch.connect import Ear
from crawler.fetch.http1 import Wire
from crawler.hosts import registrable

KEEP_SECONDS = 4.0
"""Below the five seconds after which common servers close an idle connection themselves."""

_REMEMBERED_HOSTS = 10_000


class Use(NamedTuple):
    """What a connection is good for: nobody is to see two user agents on one."""

    scheme: str
    host: str
    port: int
    user_agent: str


@dataclass(slots=True)
class Line:
    """An open connection with what is known of it."""

    use: Use
    peer: Address
    reader: Ear
    writer: asyncio.StreamWriter
    tls: str | None = None
    stays: bool = False
    """Whether the request under way lets the other side keep it open."""
    since: float = 0.0
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(self.reader, self.reader.was_told_the_end)

    def drop(self) -> None:
        """Let go at once. Not close(): over TLS that would wait for the other's farewell."""
        self.reader.heard = None
        self.writer.transport.abort()


class ConnectionPool:
    """Idle connections, at most `most` and for at most KEEP_SECONDS; the oldest go first.

    `left` is told the host whenever one ends, for the pause after it.
    """

    def __init__(self, most: int, left: Callable[[str], None]) -> None:
        self._most = most
        self._left = left
        self._idle: dict[str, Line] = {}
        self._shunned: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def give_way(self, use: Use, addresses: Sequence[Address]) -> None:
        """Close what is kept of the domain and will not do; ask before the turn and its pause."""
        line = self._idle.get(_domain(use.host))
        if line is not None and not _fits(line, use, addresses):
            self._forget(line)

    def make_room(self, address: str, room: int) -> None:
        """Close the oldest connections to an address until no more than `room` are kept."""
        lines = [line for line in self._idle.values() if line.peer[0] == address]
        for line in lines[: max(0, len(lines) - room)]:
            self._forget(line)

    def take(self, use: Use, addresses: Sequence[Address]) -> Line | None:
        """Give the connection kept for a use, if the guard still lets us go where it leads."""
        line = self._idle.pop(_domain(use.host), None)
        if line is None:
            return None
        line.reader.heard = None
        if not _fits(line, use, addresses):
            line.drop()
            return None
        return line

    def put(self, line: Line) -> None:
        """Keep a connection whose last answer has come to its end."""
        if line.reader.at_eof():
            line.drop()
            return
        line.since = monotonic()
        line.reader.heard = self._forgetting(line)
        self._idle[_domain(line.use.host)] = line
        if len(self._idle) > self._most:
            self._forget(next(iter(self._idle.values())))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._sweep)

    def shun(self, host: str) -> None:
        """Keep no more connections to a host that leaves the second request unanswered."""
        if len(self._shunned) >= _REMEMBERED_HOSTS:
            del self._shunned[next(iter(self._shunned))]
        self._shunned[host] = None

    def shuns(self, host: str) -> bool:
        """Say whether no connection to a host is to be kept."""
        return host in self._shunned

    def close(self) -> None:
        """Let go of all."""
        for line in list(self._idle.values()):
            self._forget(line)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _forgetting(self, line: Line) -> Callable[[], None]:
        return lambda: self._forget(line)

    def _forget(self, line: Line) -> None:
        domain = _domain(line.use.host)
        if self._idle.get(domain) is line:
            del self._idle[domain]
            self._left(line.use.host)
        line.drop()

    def _sweep(self) -> None:
        """Close what was kept long enough; the oldest comes first."""
        self._timer = None
        now = monotonic()
        for line in list(self._idle.values()):
            if (left := line.since + KEEP_SECONDS - now) > 0:
                self._timer = asyncio.get_running_loop().call_later(left, self._sweep)
                return
            self._forget(line)


def _fits(line: Line, use: Use, addresses: Sequence[Address]) -> bool:
    return line.use == use and line.peer in addresses and not line.reader.at_eof()


def _domain(host: str) -> str:
    return registrable(host)[0] or host
