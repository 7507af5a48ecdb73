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
    """The time left for one fetch, on the event loop's monotonic clock.

    One timer serves all phases, since it is cheaper to let it ring in vain, where a later phase
    ends later, than to set a new one for each; `close` takes it away.
    """

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds
        self._timer: asyncio.TimerHandle | None = None
        self._phase: Phase | None = None

    def extend(self, seconds: float) -> None:
        """Give back time that went by while we waited for our turn."""
        self._end += seconds

    def within(self, seconds: float, failure: Failure) -> "Phase":
        """Limit a phase to `seconds`; raises Failed with `failure`, or TIMEOUT_TOTAL."""
        until = self._loop.time() + seconds
        if self._end < until:
            return self.rest()
        return Phase(self, until, failure)

    def rest(self) -> "Phase":
        """Limit a phase to whatever is left in all."""
        return Phase(self, self._end, Failure.TIMEOUT_TOTAL)

    def watch(self, phase: "Phase | None") -> None:
        """Take the time of a phase that begins, or of none; phases do not overlap."""
        self._phase = phase
        if phase is not None and (self._timer is None or self._timer.when() > phase.until):
            self.close()
            self._timer = self._loop.call_at(phase.until, self._ring)

    def close(self) -> None:
        """Let the timer go."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        rung, self._timer = self._timer, None
        if self._phase is None or rung is None:
            return
        if rung.when() < self._phase.until:
            self.watch(self._phase)
        else:
            self._phase.end()


class Phase:
    """A limit of time on what is done inside; any time-out there ends it with its failure.

    As asyncio.timeout, whose making and setting is a tenth of what a request costs.
    """

    __slots__ = ("_cancelling", "_deadline", "_failure", "_is_over", "_task", "until")

    def __init__(self, deadline: Deadline, until: float, failure: Failure) -> None:
        self.until = until
        self._deadline = deadline
        self._failure = failure
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a fetch is a task
        self._task, self._cancelling = task, task.cancelling()
        self._deadline.watch(self)

    def end(self) -> None:
        """Cancel what is done inside: its time is up."""
        self._is_over = True
        self._deadline.watch(None)
        self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._deadline.watch(None)
        # Who cancels us for another reason is obeyed: then we were cancelled twice.
        over = self._is_over and self._task.uncancel() <= self._cancelling
        if over and kind is asyncio.CancelledError:
            raise Failed(self._failure, self._failure.value) from None
        if kind is not None and issubclass(kind, TimeoutError):  # the system has some of its own
            raise Failed(self._failure, self._failure.value) from None
