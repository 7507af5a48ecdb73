"""Bytes from a connection become one HTTP/1.1 answer: head, framing, body.

Tolerant about syntax, because servers are (RFC 9112 sections 2.2, 5 and 6.3 say how far),
and strict about resources: every wait reads at most 64 KiB and every loop has a budget.
One answer is read at a time; what else the sender puts behind it is never looked at.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from crawler.fetch.content_coding import Content
from crawler.fetch.limits import Failed, Limits
from crawler.model import Failure

Headers = tuple[tuple[bytes, bytes], ...]

_READ = 64 * 1024
_NO_BODY = frozenset({101, 204, 304})
_CHUNK_LINE = 4096
_STATUS_LINE = re.compile(rb"(HTTP/\d(?:\.\d)?)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,32})[ \t]*(?:;.*)?", re.DOTALL)


@dataclass(frozen=True)
class Head:
    """Status line and header lines; `headers` in the order and spelling received."""

    version: str
    status: int
    reason: str
    headers: Headers

    @cached_property
    def _named(self) -> dict[bytes, list[bytes]]:
        named: dict[bytes, list[bytes]] = {}
        for key, value in self.headers:
            named.setdefault(key.lower(), []).append(value)
        return named

    def values(self, name: bytes) -> list[bytes]:
        """Every value of a header, `name` in lower case."""
        return self._named.get(name, [])

    def tokens(self, name: bytes) -> list[bytes]:
        """The comma-separated members of every value of a header, in lower case."""
        joined = b",".join(self.values(name)).lower()
        return [token.strip() for token in joined.split(b",")] if joined else []

    @property
    def codings(self) -> list[bytes]:
        """What was done to the content, in the order applied (RFC 9112 section 6.1)."""
        transfer = [token for token in self.tokens(b"transfer-encoding") if token != b"chunked"]
        return self.tokens(b"content-encoding") + transfer

    @property
    def chunked(self) -> bool:
        """Transfer-Encoding wins over Content-Length (RFC 9112 section 6.3)."""
        return b"chunked" in self.tokens(b"transfer-encoding")

    @property
    def persists(self) -> bool:
        """Whether the answer says where it ends, in one way only, and nobody wants to leave.

        RFC 9112 sections 6.3 and 9.3; of two ways to tell the length one may be wrong.
        """
        if self.version.upper() != "HTTP/1.1" or b"close" in self.tokens(b"connection"):
            return False
        if self.status in _NO_BODY:
            return self.status != 101 and not self.values(b"transfer-encoding")
        sized = len(self.values(b"content-length")) == 1 and self.length is not None
        coded = self.tokens(b"transfer-encoding") == [b"chunked"]
        return sized != coded and (sized or not self.values(b"content-length"))

    @cached_property
    def length(self) -> int | None:
        """Content-Length, or None to read to the end of the connection.

        One value that is garbage is as good as none, as the Fetch standard has it ("extract a
        length"); such a connection is not used again, so nothing can be smuggled.
        """
        if len(self._lengths) != 1:
            return None
        (text,) = self._lengths
        return int(text) if text.isdigit() and len(text) <= 19 else None

    @property
    def contradicts_itself(self) -> bool:
        """Whether it tells several lengths: RFC 9112 section 6.3 and Fetch both call it an error.

        Nobody knows then whether all of the body came.
        """
        return len(self._lengths) > 1 and not self.chunked

    @property
    def _lengths(self) -> set[bytes]:
        return set(filter(None, self.tokens(b"content-length")))


def parse_head(block: bytes) -> Head | None:
    """Read a header block; None if it does not begin with a status line.

    Lines end at LF or CRLF. Lines without a colon are skipped, folded ones joined by one
    space (RFC 9112 section 5.2), space between name and colon removed (section 5.1).
    """
    first, *lines = block.lstrip(b"\r\n").split(b"\n")
    match = _STATUS_LINE.fullmatch(first.rstrip(b"\r \t"))
    if match is None:
        return None
    version, status, reason = match.groups(b"")
    return Head(
        version=version.decode("ascii"),
        status=int(status),
        reason=reason.decode("latin-1"),
        headers=_headers(lines),
    )


def _headers(lines: list[bytes]) -> Headers:
    read: list[tuple[bytes, list[bytes]]] = []
    open_value: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            open_value.append(line.strip())
            continue
        name, colon, value = line.partition(b":")
        # A fold after a line that is skipped belongs to that line, not to the one before.
        open_value = [value.strip()]
        if colon and (name := name.strip()):
            read.append((name, open_value))
    return tuple((name, b" ".join(filter(None, value))) for name, value in read)


class Wire:
    """Reads one answer from a stream; OSErrors of the connection pass through."""

    def __init__(
        self, reader: asyncio.StreamReader, was_told_the_end: Callable[[], bool] = lambda: True
    ) -> None:
        self._reader = reader
        self._was_told_the_end = was_told_the_end
        self._buffer = bytearray()
        self._allowed: int | None = None
        self.received = 0
        """Bytes taken from the connection."""
        self.capped = False
        """Whether a body was left because it and its framing took too many bytes."""

    def begin(self) -> None:
        """Get ready for the next answer."""
        self._buffer.clear()
        self._allowed, self.received, self.capped = None, 0, False

    def settled(self, head: Head) -> bool:
        """Whether nothing is left of an answer whose body has ended, and nothing follows it."""
        return not self._buffer if not head.chunked else bytes(self._buffer) == b"\r\n"

    async def more(self) -> bool:
        """Read what has come, waiting for the first byte of it; False at the end."""
        if self._allowed is not None and self.received >= self._allowed:
            self.capped = True
            return False
        data = await self._reader.read(_READ)
        self.received += len(data)
        self._buffer += data
        return bool(data)

    async def head(self, limits: Limits) -> tuple[Head, bool]:
        """The final answer's head, and whether it came whole; raises Failed."""
        for _ in range(limits.interim_answers + 1):
            block, whole = await self._block(limits)
            head = parse_head(block)
            if head is None:
                raise Failed(Failure.NOT_HTTP, f"begins {block[:60]!r}")
            if not 100 <= head.status <= 199 or head.status == 101:
                return head, whole
        raise Failed(Failure.NOT_HTTP, f"more than {limits.interim_answers} interim answers")

    async def body(self, head: Head, content: Content, allowed: int) -> bool:
        """Feed the body to `content`; False if it may not be all that its sender meant to send.

        At most about `allowed` bytes are read, framing included: `capped` tells.
        """
        self._allowed = self.received + allowed
        if head.status in _NO_BODY:
            return True
        if head.chunked:
            return await self._chunks(content)
        return await self._through(head.length, content) and not head.contradicts_itself

    async def _block(self, limits: Limits) -> tuple[bytes, bool]:
        searched = 0
        while not (end := _blank_line(self._buffer, searched)):
            searched = max(0, len(self._buffer) - 2)
            if len(self._buffer) > limits.header_bytes:
                break
            if not _may_be_http(self._buffer) or not await self.more():
                break
        block = bytes(self._buffer[: end or None])
        del self._buffer[: end or None]
        if len(block) > limits.header_bytes:
            detail = f"more than {limits.header_bytes} bytes of headers"
            raise Failed(Failure.HEADER_TOO_LARGE, detail)
        if block.count(b"\n") - 2 > limits.header_lines:
            detail = f"more than {limits.header_lines} header lines"
            raise Failed(Failure.HEADER_TOO_LARGE, detail)
        return block, end > 0

    async def _through(self, length: int | None, content: Content) -> bool:
        """Feed `length` bytes, or all to the end of the connection.

        RFC 9112 section 8: without a length only an end that was told makes it complete.
        """
        left = length
        while left != 0 and not content.full:
            if not self._buffer and not await self.more():
                return left is None and self._was_told_the_end()
            piece = bytes(self._buffer[:left])
            del self._buffer[:left]
            left = None if left is None else left - len(piece)
            content.feed(piece)
        return True

    async def _chunks(self, content: Content) -> bool:
        """RFC 9112 section 7.1; trailers are not read, no signal is defined for them."""
        while not content.full:
            match = _CHUNK_SIZE.fullmatch(await self._line())
            if match is None:
                return False
            size = int(match[1], 16)
            if size == 0:
                return True
            if not await self._through(size, content):
                return False
            if not content.full and await self._line() != b"":
                return False
        return True

    async def _line(self) -> bytes:
        """One line without its end; of one that is cut or too long, bytes that do not parse."""
        while (end := self._buffer.find(b"\n", 0, _CHUNK_LINE)) < 0:
            if len(self._buffer) >= _CHUNK_LINE or not await self.more():
                return b"\n"
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.rstrip(b"\r \t")


def _blank_line(buffer: bytearray, start: int) -> int:
    """Where the header block ends, 0 if its end has not come."""
    skipped = len(buffer[:4]) - len(buffer[:4].lstrip(b"\r\n"))
    match = _BLANK_LINE.search(buffer, max(start, skipped))
    return match.end() if match else 0


def _may_be_http(buffer: bytearray) -> bool:
    """Decide on the first bytes: another protocol's banner is not waited for."""
    start = bytes(buffer[:9]).lstrip(b"\r\n")[:5].upper()
    return b"HTTP/".startswith(start)
