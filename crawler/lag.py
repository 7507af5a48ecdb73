"""Notices when our own process stood still, so that no site is blamed for it.

A time-out that fires after the event loop was blocked says nothing about the server: six
pages that keep a parser busy turned 25 of 60 healthy slow hosts into "time-outs" when tried.
"""

import asyncio
from collections import deque

INTERVAL = 0.1


class LagProbe:
    """Looks at the clock every 0.1 s; a look that comes late by `seconds` or more is a stall."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stalls: deque[tuple[float, float]] = deque(maxlen=256)
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin to look, on the running loop; more than once does no harm."""
        if self._timer is None:
            self._look_again(asyncio.get_running_loop())

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def worst_since(self, moment: float) -> float:
        """The longest stall that ended after `moment` (loop time), in seconds, or 0."""
        return max((late for ended, late in self._stalls if ended >= moment), default=0.0)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + INTERVAL
        # A plain timer, not a task: it runs in the same round of the loop as the time-outs
        # it judges, and so before any of them is acted upon.
        self._timer = loop.call_at(self._due, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._due >= self._seconds:
            self._stalls.append((now, now - self._due))
        self._look_again(loop)
