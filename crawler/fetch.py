"""One request becomes one Capture, whatever the other side does.

A client of our own over asyncio streams, because no library's keeps what a survey needs:
raw header lines in order, the prefix of a body over the cap, a limit for every phase, a
refusal at the address connected to, and the reason of each failure. It asks one thing per
connection (GET, `Connection: close`) and sends no cookie, referrer or credential.
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from crawler.coding import Content
from crawler.connect import Streams, Trust, dial, handshake, tls_reason
from crawler.guard import Resolver
from crawler.journey import Journey
from crawler.limits import Deadline, Failed, Limits
from crawler.model import Capture, Failure
from crawler.target import Target, location_text, parse_target
from crawler.wire import Head, Wire

__all__ = ["Fetcher", "Limits"]

MAX_BYTES = 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_FOLLOWED = "redirect not followed"

MayFollow = Callable[[str], bool]


class Fetcher:
    """Fetches under the guard of `resolver`; `ca_file` replaces the system's authorities.

    Raises ValueError for a `user_agent` that no header can hold.
    """

    def __init__(
        self,
        resolver: Resolver,
        limits: Limits | None = None,
        *,
        user_agent: str,
        ca_file: Path | None = None,
    ) -> None:
        self._resolver = resolver
        self._limits = limits or Limits()
        if not (user_agent.isascii() and user_agent.isprintable()):
            raise ValueError(f"not a header value: {user_agent!r}")
        self._user_agent = user_agent
        self._trust = Trust(ca_file)

    async def fetch(
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int = MAX_BYTES,
        max_redirects: int = 5,
        may_follow: MayFollow | None = None,
    ) -> Capture:
        """GET `url`, follow redirects, and return what came back; only cancelling raises.

        `max_bytes` caps the decoded body, whose prefix is kept. `may_follow` is asked before
        each redirect; where it says no, the redirect itself is the Capture. A redirect
        refused for what it says is kept likewise, with its failure. `size` counts every
        byte received, of headers and earlier hops too; `first_byte` is in seconds since the
        start, of the answer kept.
        """
        journey = Journey.begin(resource, url)
        try:
            await self._travel(journey, max_bytes, max_redirects, may_follow)
        except Failed as failed:
            journey.fail(failed.failure, failed.detail)
        except Exception as error:  # noqa: BLE001 - a fault of ours is a row, never a gap
            journey.fail(Failure.INTERNAL_ERROR, f"{type(error).__name__}: {error}")
        return journey.capture()

    async def close(self) -> None:
        """Let go of the resolver's threads."""
        self._resolver.close()

    async def _travel(
        self, journey: Journey, max_bytes: int, max_redirects: int, may_follow: MayFollow | None
    ) -> None:
        deadline = Deadline(self._limits.total)
        target = parse_target(journey.url)
        seen = {target.url}
        while (location := await self._visit(journey, target, max_bytes, deadline)) is not None:
            target = target.follow(location)
            if target.url in seen:
                raise Failed(Failure.REDIRECT_LOOP, target.url)
            if len(journey.hops) >= max_redirects:
                raise Failed(Failure.REDIRECT_LIMIT, f"more than {max_redirects} redirects")
            if may_follow is not None and not may_follow(target.url):
                journey.detail = NOT_FOLLOWED
                return
            seen.add(target.url)
            journey.step(location_text(location), target)

    async def _visit(
        self, journey: Journey, target: Target, max_bytes: int, deadline: Deadline
    ) -> bytes | None:
        """Ask one address; returns the Location if the answer is a redirect."""
        reader, writer = await self._open(journey, target, deadline)
        wire = Wire(reader)
        try:
            writer.write(self._request(target))
            head = await self._answer(journey, wire, deadline)
            if head.status in REDIRECTS:
                return _location(head)
            await self._body(journey, wire, head, max_bytes, deadline)
        finally:
            journey.size += wire.received
            # Not close(): over TLS that would wait for the other side's farewell.
            writer.transport.abort()
        return None

    async def _open(self, journey: Journey, target: Target, deadline: Deadline) -> Streams:
        limits, trust = self._limits, self._trust
        async with deadline.within(limits.dns, Failure.DNS_TIMEOUT):
            addresses = await self._resolver.resolve(target.host, target.port)
        sock, peer = await dial(addresses, deadline, limits.connect)
        journey.address = f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
        if target.scheme == "http":
            return await asyncio.open_connection(sock=sock)
        reason = trust.reason(target.host)
        if reason is None:
            try:
                streams = await handshake(sock, trust.verifying, target.host, deadline, limits.tls)
            except ssl.SSLCertVerificationError as error:
                reason = trust.distrust(target.host, error)
                sock, _ = await dial([peer], deadline, limits.connect)
            else:
                journey.tls = "verified"
                return streams
        streams = await handshake(sock, trust.accepting, target.host, deadline, limits.tls)
        journey.tls = f"unverified: {reason}"
        return streams

    def _request(self, target: Target) -> bytes:
        return (
            f"GET {target.path} HTTP/1.1\r\n"
            f"Host: {target.authority}\r\n"
            f"User-Agent: {self._user_agent}\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n"
        ).encode("ascii")

    async def _answer(self, journey: Journey, wire: Wire, deadline: Deadline) -> Head:
        try:
            async with deadline.within(self._limits.first_byte, Failure.TIMEOUT_FIRST_BYTE):
                answered = await wire.more()
            if not answered:
                raise Failed(Failure.EMPTY_REPLY, "closed without a byte")
            journey.first_byte = monotonic() - journey.started
            async with deadline.rest():
                head, whole = await wire.head(self._limits)
        except ssl.SSLError as error:
            # In TLS 1.3 a refusal, such as of our having no certificate, comes only now.
            raise Failed(Failure.TLS_FAILURE, tls_reason(error)) from None
        except OSError as error:
            raise Failed(Failure.CONNECTION_RESET, error.strerror or str(error)) from None
        journey.head, journey.data_loss = head, not whole
        if head.status == 101:
            raise Failed(Failure.NOT_HTTP, "switched protocols unasked")
        return head

    async def _body(
        self, journey: Journey, wire: Wire, head: Head, max_bytes: int, deadline: Deadline
    ) -> None:
        """Read what comes of the body; a body that is cut short is no failure."""
        content = journey.content = Content(head.codings, max_bytes)
        # Room for framing and compression overhead: chunks of one byte are six on the wire.
        allowed = 2 * max_bytes + 64 * 1024
        try:
            async with deadline.rest():
                ended = await wire.body(head, content, allowed)
        except Failed as failed:
            ended, journey.detail = False, failed.failure.value
        except OSError:
            ended, journey.detail = False, Failure.CONNECTION_RESET.value
        journey.capped = wire.capped
        journey.data_loss = journey.data_loss or not (ended or wire.capped)


def _location(head: Head) -> bytes:
    if locations := head.values(b"location"):
        return locations[0]
    raise Failed(Failure.BAD_REDIRECT, f"{head.status} without Location")
