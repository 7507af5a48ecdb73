"""Sites known to answer: while none of them does, it is our own network that is down.

A visit that ends without an HTTP answer is believed where a canary has answered lately; where
none did, it is recorded as a stall of ours and the site is visited again. Canaries are asked when
the crawl begins and ends and, between, only when a failure is to be believed: at most once in
`seconds`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from crawler.store.facts import now


class Canaries:
    """`ask` says whether a host gave any HTTP answer.

    `tell` is given what is worth keeping: the first result and each other than the one before, as
    time, canaries that answered, canaries asked (`2026-11-25T16:48:18.000Z 2/3`).
    """

    def __init__(
        self,
        hosts: Sequence[str],
        seconds: float,
        ask: Callable[[str], Awaitable[bool]],
        tell: Callable[[str], None],
    ) -> None:
        self._hosts = tuple(hosts)
        self._seconds = seconds
        self._ask = ask
        self._tell = tell
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._answered: int | None = None

    async def sing(self, within: float | None = None) -> bool:
        """Whether one of them answers, asked at most `within` seconds ago; True without any."""
        if not self._hosts:
            return True
        async with self._asking:
            if monotonic() - self._asked_at > (self._seconds if within is None else within):
                answers = await asyncio.gather(*map(self._ask, self._hosts))
                self._asked_at = monotonic()
                if sum(answers) != self._answered:
                    self._tell(f"{now()} {sum(answers)}/{len(answers)}")
                self._answered = sum(answers)
        return bool(self._answered)
