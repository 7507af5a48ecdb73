"""Reachability probes: while no site known to answer does, it is our own network that is down.

A visit that ends without an HTTP answer is believed where a probed host has answered since the
request that failed began; where none did, it is recorded as a stall of ours and the site is visited
again. Hosts are probed when the crawl begins and ends and, between, only when a failure is to be
believed. Never twice within `seconds`: a failure in between waits for its turn, and all that wait
are told the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from crawler.store.facts import now


class ReachabilityProbes:
    """`ask` says whether a host gave any HTTP answer; `goes_on`, whether to wait at all.

    `tell` is given what is worth keeping: the first result and each other than the one before, as
    time, hosts that answered, hosts asked (`2026-11-25T16:48:18.000Z 2/3`).
    """

    def __init__(
        self,
        hosts: Sequence[str],
        seconds: float,
        ask: Callable[[str], Awaitable[bool]],
        tell: Callable[[str], None],
        goes_on: Callable[[], bool],
    ) -> None:
        self._hosts = tuple(hosts)
        self._seconds = seconds
        self._ask = ask
        self._tell = tell
        self._goes_on = goes_on
        self._asking = asyncio.Lock()
        self._began = float("-inf")
        self._answered: int | None = None

    async def any_answers(self, since: float | None = None) -> bool:
        """Whether one of them answers, asked after `since`; True where there are none.

        `since` is of the monotonic clock; None: what they said within `seconds` will do. False as
        well where the crawl ends before they could be asked.
        """
        if not self._hosts:
            return True
        async with self._asking:
            if self._began > (monotonic() - self._seconds if since is None else since):
                return bool(self._answered)
            while monotonic() < self._began + self._seconds:
                if not self._goes_on():
                    return False
                await asyncio.sleep(min(0.2, self._seconds))
            self._began = monotonic()
            answers = await asyncio.gather(*map(self._ask, self._hosts))
            if not self._goes_on():  # nobody asks any more, so that silence says nothing
                return False
            if sum(answers) != self._answered:
                self._tell(f"{now()} {sum(answers)}/{len(answers)}")
            self._answered = sum(answers)
        return bool(self._answered)
