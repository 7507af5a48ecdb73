"""Where the sites of a worker come from: its own wave table, or jobs that several workers share.

A shared job is a registrable domain with all its sites of the panel, an entry of a Redis stream
that a consumer group reads. Redis holds what is to do and who has it, never a result: a visit is
committed to SQLite before its job is acknowledged. A worker that dies leaves its jobs to the
others when their lease runs out; a job that is done twice so is sorted out by `optout merge`.
"""

import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Protocol

from crawler.model import Site

LEASE = float(os.environ.get("OPTOUT_JOBS_LEASE", "60"))
"""Seconds without a sign of life after which another worker takes a job."""
GROUP = "workers"
_BATCH = 500


class JobsError(Exception):
    """The jobs cannot be reached; what was held has been finished, and the rest goes on later."""


class Jobs(Protocol):
    """Sites to begin, a job at a time, and word of what is done."""

    shared: bool
    trouble: JobsError | None

    def pending(self) -> Iterator[Sequence[Site]]:
        """Take jobs as long as there is one to be had now."""

    def done(self, site: Site) -> None:
        """Note that a site's visit is stored for good; the last one ends its job."""

    def keep(self) -> None:
        """Say that the jobs held are still worked on."""

    def over(self) -> bool:
        """Say that nobody has anything left to do."""


@dataclass(slots=True)
class Table:
    """The wave table as the queue of one worker: accepted sites without a final visit."""

    sites: Callable[[], Iterator[Site]]
    shared: bool = False
    trouble: JobsError | None = None

    def pending(self) -> Iterator[Sequence[Site]]:
        """Give each site as a job."""
        return ((site,) for site in self.sites())

    def done(self, site: Site) -> None:
        """Nothing: the visit that is stored says it."""

    def keep(self) -> None:
        """Nothing: nobody else works on this table."""

    def over(self) -> bool:
        """Nothing comes from elsewhere."""
        return True


@dataclass(slots=True)
class Stream:
    """Jobs in a Redis stream, from version 6.2 on. `visited` says what this database has already.

    After the first error of Redis nothing more is taken: `trouble` says why.
    """

    url: str
    name: str
    visited: Callable[[Site], bool]
    lease: float = LEASE
    shared: bool = True
    trouble: JobsError | None = None
    held: dict[bytes, set[str]] = field(default_factory=dict)
    me: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.urandom(4).hex()}")
    redis: Any = None

    def __post_init__(self) -> None:
        """Connect; raises JobsError where the extra `redis` is not installed."""
        try:
            from redis import Redis  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise JobsError("--jobs needs the extra `redis`: pip install redis") from error
        self.redis = Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=5)

    def load(self, sites: Sequence[Site]) -> None:
        """Write the panel's jobs, each once however many workers do so, and after any stop.

        Entry n is written under the id 1-n, which Redis takes only if it is greater than the
        last: who comes second is refused, and who goes on begins behind the last one.
        """
        jobs = list(_jobs(sites))

        def write() -> None:
            self._make_group()
            last = int(self.redis.xinfo_stream(self.name)["last-generated-id"].split(b"-")[1])
            for start in range(last, len(jobs), _BATCH):
                pipe = self.redis.pipeline(transaction=False)
                for number, job in enumerate(jobs[start : start + _BATCH], start + 1):
                    pipe.xadd(self.name, {"job": job}, id=f"1-{number}")
                pipe.execute(raise_on_error=False)

        self._ask(write)
        if self.trouble:
            raise self.trouble

    def _make_group(self) -> None:
        from redis import ResponseError  # noqa: PLC0415

        try:
            self.redis.xgroup_create(self.name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def pending(self) -> Iterator[Sequence[Site]]:
        """Take new jobs, then those whose worker gave no sign of life."""
        while not self.trouble and (taken := self._ask(self._take)):
            entry, sites = taken
            left = [site for site in sites if not self.visited(site)]
            self.held[entry] = {site.host for site in left}
            if left:
                yield left
            else:
                self._end(entry)

    def _take(self) -> tuple[bytes, list[Site]] | None:
        found = self.redis.xreadgroup(GROUP, self.me, {self.name: ">"}, count=1)
        entries = found[0][1] if found else []
        start = b"0-0"
        while not entries:
            idle = int(self.lease * 1000)
            start, entries, *_ = self.redis.xautoclaim(
                self.name, GROUP, self.me, min_idle_time=idle, start_id=start, count=1
            )
            entries = [each for each in entries if each[1] and each[0] not in self.held]
            if start == b"0-0":
                break
        for entry, told in entries:
            return entry, [Site(**site) for site in json.loads(told[b"job"])]
        return None

    def done(self, site: Site) -> None:
        """Acknowledge a job whose last site this is; else its lease runs out, later."""
        for entry, hosts in list(self.held.items()):
            if site.host in hosts:
                hosts.discard(site.host)
                if not hosts:
                    self._end(entry)

    def _end(self, entry: bytes) -> None:
        del self.held[entry]

        def acknowledge() -> None:
            pipe = self.redis.pipeline(transaction=True)
            pipe.xack(self.name, GROUP, entry)
            pipe.xdel(self.name, entry)
            pipe.execute()

        self._ask(acknowledge)

    def keep(self) -> None:
        """Renew the leases of all jobs held."""
        if self.held:
            self._ask(
                lambda: self.redis.xclaim(
                    self.name, GROUP, self.me, 0, list(self.held), justid=True
                )
            )

    def over(self) -> bool:
        """Say that no job is left, with us or with others; True after a trouble, too."""
        return bool(self.trouble) or not self._ask(lambda: self.redis.xlen(self.name))

    def _ask(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Call Redis; its first error is kept, and later calls are not made."""
        from redis import RedisError  # noqa: PLC0415

        if self.trouble:
            return None
        try:
            return call()
        except (RedisError, OSError) as error:
            self.trouble = JobsError(
                f"the jobs at {_without_password(self.url)} cannot be reached ({error}): what was"
                " begun has been finished, and the same command goes on"
            )
            return None


def _jobs(sites: Sequence[Site]) -> Iterator[str]:
    """Sites of one registrable domain as JSON, in a random order that is the panel's alone."""

    def place(site: Site) -> tuple[str, str]:
        domain = site.registrable_domain or site.host.partition(":")[0]
        return hashlib.sha256(domain.encode()).hexdigest(), domain

    for _, together in groupby(sorted(sites, key=lambda s: (place(s), s.host)), key=place):
        yield json.dumps([asdict(site) for site in together])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
