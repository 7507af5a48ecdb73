"""The budgets of one fetch, the clock that enforces them, and the failure they end in."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from crawler.model import Failure


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets in seconds and bytes.

    `total` covers a whole fetch with all its redirects, so that a chain of slow servers
    cannot hold a slot longer than one slow server. `dns`, `connect` (per address tried),
    `tls` and `first_byte` apply to each hop and end earlier when `total` runs out.
    """

    dns: float = 5.0
    connect: float = 5.0
    tls: float = 5.0
    first_byte: float = 10.0
    total: float = 20.0
    header_bytes: int = 256 * 1024
    header_lines: int = 1000
    interim_answers: int = 8
    stall: float = 1.0
    """A time-out during which our own process stood still so long is not the site's."""
    late: float = 0.5
    """Nor is one during which it was late, all stalls together, for that share of the limit."""

    @classmethod
    def scaled(cls, total: float) -> Self:
        """The default proportions of the time limits for another `total`, in seconds."""
        dns, first_byte = total / 4, total / 2
        return cls(dns=dns, connect=dns, tls=dns, first_byte=first_byte, total=total)

    def of(self, failure: Failure) -> float | None:
        """The limit in seconds that a time-out has gone over; None for any other failure."""
        return {
            Failure.DNS_TIMEOUT: self.dns,
            Failure.CONNECT_TIMEOUT: self.connect,
            Failure.TLS_TIMEOUT: self.tls,
            Failure.TIMEOUT_FIRST_BYTE: self.first_byte,
            Failure.TIMEOUT_TOTAL: self.total,
        }.get(failure)


class Failed(Exception):  # noqa: N818 - it names an outcome on its way into a Capture
    """A fetch that ended without a complete answer; never leaves the fetch layer."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(failure, detail)
        self.failure = failure
        self.detail = detail


class Deadline:
    """The time left for one fetch, on the event loop's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._end = self._clock() + seconds

    def extend(self, seconds: float) -> None:
        """Give back time that went by while we waited for our turn."""
        self._end += seconds

    def within(self, seconds: float, failure: Failure) -> "Phase":
        """Limit a phase to `seconds`; raises Failed with `failure`, or TIMEOUT_TOTAL."""
        left = self._end - self._clock()
        if left < seconds:
            seconds, failure = left, Failure.TIMEOUT_TOTAL
        return Phase(seconds, failure)

    def rest(self) -> "Phase":
        """Limit a phase to whatever is left in all."""
        return Phase(self._end - self._clock(), Failure.TIMEOUT_TOTAL)


class Phase:
    """A limit of time on what is done inside; any time-out there ends it with its failure.

    A class, because a generator in its place is a tenth of what a request costs.
    """

    __slots__ = ("_failure", "_timeout")

    def __init__(self, seconds: float, failure: Failure) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._failure = failure

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            kind = TimeoutError
        if kind is not None and issubclass(kind, TimeoutError):  # the system has some of its own
            raise Failed(self._failure, self._failure.value) from None
