"""Notices when our own process stood still, so that no site is blamed for it.

A time-out that fires after the event loop was blocked says nothing about the server: six
pages that keep a parser busy turned 25 of 60 healthy slow hosts into "time-outs" when tried.
"""

import asyncio
from collections import deque

INTERVAL = 0.1
NOISE = 0.02
"""A look that comes so late, in seconds, is on time."""


class LagProbe:
    """Looks at the clock every 0.1 s and remembers for a while how late the looks came."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=1024)
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

    def since(self, moment: float) -> tuple[float, float]:
        """The longest stall that ended after `moment` (loop time), and all together, in seconds."""
        late = [seconds for ended, seconds in self._late if ended >= moment]
        return max(late, default=0.0), sum(late)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + INTERVAL
        # A plain timer, not a task: it runs in the same round of the loop as the time-outs
        # it judges, and so before any of them is acted upon.
        self._timer = loop.call_at(self._due, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._due >= NOISE:
            self._late.append((now, now - self._due))
        self._look_again(loop)
