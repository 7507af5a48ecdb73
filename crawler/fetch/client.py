"""One request becomes one Capture, whatever the other side does.

A client of our own over asyncio streams, because no library's keeps what a survey needs:
raw header lines in order, the prefix of a body over the cap, a limit for every phase, a
refusal at the address connected to, and the reason of each failure. It asks one thing at a
time (GET), again on the same connection where it can, and sends no cookie, referrer or
credential.
"""

import errno
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from crawler.answers import REDIRECTS
from crawler.fetch.address_guard import Address, Resolver, public_address
from crawler.fetch.conditional import Conditions
from crawler.fetch.connect import Trust, dial, handshake, streams, tls_reason, written
from crawler.fetch.connection_pool import KEEP_SECONDS, ConnectionPool, Line, Use
from crawler.fetch.content_coding import Content
from crawler.fetch.event_loop_lag import LagProbe
from crawler.fetch.hops import Exchange
from crawler.fetch.http1 import Head
from crawler.fetch.limits import Deadline, Failed, Limits
from crawler.fetch.politeness import Politeness
from crawler.fetch.urls import Target, location_of, location_text, parse_target
from crawler.fetch.usage import Usage
from crawler.model import Capture, Failure
from crawler.parsers.retry_after import retry_after

__all__ = ["Fetcher", "Limits"]

MAX_BYTES = 1024 * 1024
NOT_FOLLOWED = "redirect not followed"
ASKS_FOR_PATIENCE = REDIRECTS | {429, 503}
SHORT_OF = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
MayFollow = Callable[[str], bool]


class Fetcher:
    """Fetches under the guard of `resolver`; `ca_file` replaces the system's authorities.

    `politeness` hands out the turns: one connection to a registrable domain at a time. `proxy`
    is the numeric address of an HTTP proxy that makes tunnels.
    Raises ValueError for a `user_agent` that no header can hold.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        resolver: Resolver,
        limits: Limits | None = None,
        *,
        user_agent: str,
        ca_file: Path | None = None,
        politeness: Politeness | None = None,
        proxy: Address | None = None,
    ) -> None:
        self._resolver = resolver
        self._limits = limits or Limits()
        if not (user_agent.isascii() and user_agent.isprintable()):
            raise ValueError(f"not a header value: {user_agent!r}")
        self._user_agent = user_agent
        self._trust = Trust(ca_file)
        self._politeness = politeness or Politeness()
        self._lag = LagProbe()
        self._proxy = proxy
        self._pool = ConnectionPool(2 * self._politeness.connections, self._politeness.left)

    async def fetch(  # noqa: PLR0913 - a request is described by all of these
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int = MAX_BYTES,
        max_redirects: int = 5,
        may_follow: MayFollow | None = None,
        usage: Usage | None = None,
        conditions: Mapping[str, Conditions] | None = None,
        user_agent: str | None = None,
        method: str = "GET",
    ) -> Capture:
        """Ask for `url`, follow redirects, and return what came back; only cancelling raises.

        `method` is GET, or HEAD for the header lines alone. `max_bytes` caps the decoded body,
        whose prefix is kept. `may_follow` is asked before each redirect; where it says no, the
        redirect itself is the Capture. A redirect refused for what it says is kept likewise,
        with its failure. `size` counts every
        byte received, of headers and earlier hops too; `first_byte` is in seconds since the
        start, of the answer kept. Waiting for our turn at a domain is in no limit and in no
        time told; `usage` has it. `conditions` maps an address to the header lines that make
        the request for it conditional: a 304 is an answer there, and a failure elsewhere.
        `user_agent` replaces our own, for a comparison.
        """
        self._lag.start()
        exchange = Exchange.begin(resource, url, usage, conditions)
        exchange.user_agent = user_agent or self._user_agent
        exchange.method = method
        try:
            await self._travel(exchange, max_bytes, max_redirects, may_follow)
        except Failed as failed:
            failed = self._blame(failed, exchange)
            exchange.fail(failed.failure, failed.detail)
        except Exception as error:  # noqa: BLE001 - a fault of ours is a row, never a gap
            exchange.fail(_own_fault(error), f"{type(error).__name__}: {error}")
        if exchange.failure is not Failure.INTERNAL_STALL:  # our fault is not the site's time
            exchange.usage.spent += monotonic() - exchange.started
        capture = exchange.capture()
        exchange.usage.kept += len(capture.body)
        return capture

    async def close(self) -> None:
        """Let go of the resolver's threads, of the clock and of kept connections."""
        self._pool.close()
        self._lag.stop()
        self._resolver.close()

    def _blame(self, failed: Failed, exchange: Exchange) -> Failed:
        """Take the blame for a time-out during which our own process stood still."""
        limit = self._limits.of(failed.failure)
        if limit is None:
            return failed
        began = max(exchange.started, monotonic() - limit)
        longest, together = self._lag.since(began)
        if longest < self._limits.stall and together < limit * self._limits.late:
            return failed
        detail = f"{failed.detail} while our process stood still for {together:.1f} s"
        return Failed(Failure.INTERNAL_STALL, detail)

    async def _travel(
        self, exchange: Exchange, max_bytes: int, max_redirects: int, may_follow: MayFollow | None
    ) -> None:
        deadline = Deadline(self._limits.total)
        try:
            await self._follow(exchange, max_bytes, max_redirects, may_follow, deadline)
        finally:
            deadline.close()

    async def _follow(
        self,
        exchange: Exchange,
        max_bytes: int,
        max_redirects: int,
        may_follow: MayFollow | None,
        deadline: Deadline,
    ) -> None:
        target = parse_target(exchange.url)
        exchange.final_url = target.url
        seen = {target.url}
        while (location := await self._visit(exchange, target, max_bytes, deadline)) is not None:
            target = target.follow(location)
            if target.url in seen:
                raise Failed(Failure.REDIRECT_LOOP, target.url)
            if len(exchange.hops) >= max_redirects:
                raise Failed(Failure.REDIRECT_LIMIT, f"more than {max_redirects} redirects")
            if may_follow is not None and not may_follow(target.url):
                exchange.detail = NOT_FOLLOWED
                return
            seen.add(target.url)
            exchange.step(location_text(location), target)

    async def _visit(
        self, exchange: Exchange, target: Target, max_bytes: int, deadline: Deadline
    ) -> bytes | None:
        """Ask one address; returns the Location if the answer is a redirect."""
        with deadline.within(self._limits.dns, Failure.DNS_TIMEOUT):
            addresses = await self._resolver.resolve(target.host, target.port)
        self._pool.give_way(_use(exchange, target), addresses)
        first = addresses[0][0]
        # A private address is one of the operator's own, out of the hosts file.
        shared = first if public_address(first) else None
        async with self._politeness.turn(target.host, exchange.usage, shared) as waited:
            deadline.extend(waited)
            exchange.wait(waited)
            return await self._ask(exchange, target, addresses, max_bytes, deadline)

    async def _ask(
        self,
        exchange: Exchange,
        target: Target,
        addresses: list[Address],
        max_bytes: int,
        deadline: Deadline,
    ) -> bytes | None:
        line = self._pool.take(_use(exchange, target), addresses)
        if line is not None:
            began = monotonic()
            if head := await self._again(exchange, target, line, deadline):
                return await self._read(exchange, target, line, head, max_bytes, deadline)
            await self._politeness.rest(exchange.usage)
            # Once a host at most, and no fault of what it is asked for now.
            deadline.extend(monotonic() - began)
            exchange.wait(monotonic() - began)
        line = await self._open(exchange, target, addresses, deadline)
        try:
            head = await self._answer(exchange, target, line, deadline)
        except BaseException:
            self._leave(exchange, line)
            raise
        return await self._read(exchange, target, line, head, max_bytes, deadline)

    async def _again(
        self, exchange: Exchange, target: Target, line: Line, deadline: Deadline
    ) -> Head | None:
        """Ask on a kept connection; None where it turns out not to be one any more.

        RFC 9112 section 9.3.1: what closes before it answers may be asked anew, and so may what
        says 408 (RFC 9110 section 15.5.9). Who does either is asked on fresh connections from
        then on, so that a host costs one request in vain at most.
        """
        try:
            head = await self._answer(exchange, target, line, deadline)
        except Failed as failed:
            self._leave(exchange, line)
            if line.wire.received or failed.failure is Failure.TIMEOUT_TOTAL:
                raise
            if failed.failure is not Failure.TIMEOUT_FIRST_BYTE:
                exchange.usage.requests -= 1  # closed before it was asked: nobody took it
        except BaseException:
            self._leave(exchange, line)
            raise
        else:
            if head.status != 408:
                return head
            self._leave(exchange, line)
            exchange.head = None
        self._pool.shun(target.host)
        return None

    async def _read(  # noqa: PLR0913, PLR0917 - the steps of one request share all of these
        self,
        exchange: Exchange,
        target: Target,
        line: Line,
        head: Head,
        max_bytes: int,
        deadline: Deadline,
    ) -> bytes | None:
        """Read the rest of an answer; keep its connection where its end is beyond doubt."""
        whole = False
        try:
            self._be_patient(exchange, target, head)
            if head.status == 304 and not exchange.asked_if:
                raise Failed(Failure.NOT_MODIFIED, "304 to a request without a condition")
            if head.status in REDIRECTS:
                return location_of(head.status, head.headers)
            if exchange.method == "HEAD":
                return None  # RFC 9110 section 9.3.2: no content, whatever its length would be
            whole = await self._body(exchange, line, head, max_bytes, deadline)
        finally:
            keep = whole and head.persists and line.wire.settled(head)
            self._leave(exchange, line, keep=keep)
        return None

    def _leave(self, exchange: Exchange, line: Line, *, keep: bool = False) -> None:
        exchange.size += line.wire.received
        exchange.usage.bytes += line.wire.received
        if keep and line.stays and self._may_stay(exchange, line):
            line.wire.begin()
            self._pool.put(line)
        else:
            line.drop()

    def _ours(self, exchange: Exchange) -> bool:
        """Whether a request is of the kind that shares connections."""
        # After HEAD some send a body all the same.
        return exchange.user_agent == self._user_agent and exchange.method == "GET"

    def _may_stay(self, exchange: Exchange, line: Line) -> bool:
        """Whether a connection is to be kept, as far as we are asked."""
        return (
            self._ours(exchange)
            and not self._pool.shuns(line.use.host)
            and self._politeness.soon_again(line.use.host, exchange.usage, KEEP_SECONDS)
        )

    def _be_patient(self, exchange: Exchange, target: Target, head: Head) -> None:
        """Leave a domain alone that says Retry-After (RFC 9110 section 10.2.3, RFC 6585).

        A redirect that asks for more patience than we have is not followed sooner, but not at all.
        """
        if head.status not in ASKS_FOR_PATIENCE:
            return
        if (seconds := retry_after(head.headers, datetime.now(UTC))) is not None:
            exchange.usage.ask_pause(seconds)
            self._politeness.hold(target.host, seconds)
            if head.status in REDIRECTS and seconds > self._politeness.longest_hold:
                raise Failed(Failure.REDIRECT_LIMIT, f"redirect with Retry-After of {seconds:g} s")

    async def _open(
        self, exchange: Exchange, target: Target, addresses: list[Address], deadline: Deadline
    ) -> Line:
        limits, trust = self._limits, self._trust
        shared = addresses[0][0]
        if (room := self._politeness.room(shared)) is not None:
            self._pool.make_room(shared, room)
        sock, peer = await dial(addresses, deadline, limits.connect, self._proxy)
        exchange.address = written(peer)
        use = _use(exchange, target)
        if target.scheme == "http":
            return Line(use, peer, *await streams(sock))
        reason = trust.reason(target.host)
        if reason is None:
            try:
                opened = await handshake(sock, trust.verifying, target.host, deadline, limits.tls)
            except ssl.SSLCertVerificationError as error:
                reason = trust.distrust(target.host, error)
                sock, _ = await dial([peer], deadline, limits.connect, self._proxy)
            else:
                exchange.tls = "verified"
                return Line(use, peer, *opened, tls=exchange.tls)
        opened = await handshake(sock, trust.accepting, target.host, deadline, limits.tls)
        exchange.tls = f"unverified: {reason}"
        return Line(use, peer, *opened, tls=exchange.tls)

    async def _answer(
        self, exchange: Exchange, target: Target, line: Line, deadline: Deadline
    ) -> Head:
        exchange.address = written(line.peer)
        exchange.tls, wire = line.tls, line.wire
        line.stays = self._may_stay(exchange, line)
        try:
            line.writer.write(_request(exchange, target, ours=self._ours(exchange)))
            exchange.usage.requests += 1
            with deadline.within(self._limits.first_byte, Failure.TIMEOUT_FIRST_BYTE):
                answered = await wire.more()
            if not answered:
                raise Failed(Failure.EMPTY_REPLY, "closed without a byte")
            exchange.first_byte = monotonic() - exchange.started
            with deadline.rest():
                head, whole = await wire.head(self._limits)
        except ssl.SSLError as error:
            # In TLS 1.3 a refusal, such as of our having no certificate, comes only now.
            raise Failed(Failure.TLS_FAILURE, tls_reason(error)) from None
        except OSError as error:
            raise Failed(Failure.CONNECTION_RESET, error.strerror or str(error)) from None
        exchange.head, exchange.data_loss = head, not whole
        if head.status == 101:
            raise Failed(Failure.NOT_HTTP, "switched protocols unasked")
        return head

    async def _body(
        self, exchange: Exchange, line: Line, head: Head, max_bytes: int, deadline: Deadline
    ) -> bool:
        """Read what comes of the body, and say whether that is all; one cut short is no failure."""
        wire = line.wire
        # Nothing has no coding, whatever is declared (204, or a length of 0).
        bare = head.length == 0 or head.status == 204
        content = exchange.content = Content(() if bare else head.codings, max_bytes)
        # Room for framing and compression overhead: chunks of one byte are six on the wire.
        allowed = 2 * max_bytes + 64 * 1024
        try:
            with deadline.rest():
                ended = await wire.body(head, content, allowed)
        except Failed as failed:
            if (blamed := self._blame(failed, exchange)) is not failed:
                raise blamed from None
            ended, exchange.detail = False, failed.failure.value
        except OSError:
            ended, exchange.detail = False, Failure.CONNECTION_RESET.value
        exchange.capped = wire.capped
        exchange.data_loss = exchange.data_loss or not (ended or wire.capped)
        return ended and not (wire.capped or content.full or exchange.data_loss)


def _use(exchange: Exchange, target: Target) -> Use:
    return Use(target.scheme, target.host, target.port, exchange.user_agent)


def _request(exchange: Exchange, target: Target, *, ours: bool) -> bytes:
    """The same octets whenever it is asked: whether a connection is kept hangs on the moment."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in exchange.asked_if)
    # A part of a coded body cannot be decoded (RFC 9110 section 14.2).
    in_part = any(name == "Range" for name, _ in exchange.asked_if)
    coding = f"Accept-Encoding: {'identity' if in_part else 'gzip'}\r\n"
    close = "" if ours else "Connection: close\r\n"
    return (
        f"{exchange.method} {target.request_target} HTTP/1.1\r\n"
        f"Host: {target.authority}\r\n"
        f"User-Agent: {exchange.user_agent}\r\n"
        "Accept: */*\r\n"
        f"{coding}{lines}{close}\r\n"
    ).encode("ascii")


def _own_fault(error: Exception) -> Failure:
    """What we have too little of for a moment is worth another visit, a bug is not."""
    short = isinstance(error, OSError) and error.errno in SHORT_OF
    return Failure.INTERNAL_STALL if short else Failure.INTERNAL_ERROR
