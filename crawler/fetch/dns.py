"""Why a name has no address: the one thing that the system's resolver does not tell apart.

`getaddrinfo` gives the addresses, as the machine is set up to find them, but merges SERVFAIL,
REFUSED and silence into one error, and a CNAME loop into "no such name". So a name that it
could not resolve, and only such a name, is asked for once more: one question (RFC 1035) to
the machine's own name servers, of whose answer only the code and the aliases are read.
"""

import asyncio
import contextlib
import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.model import Failure

Server = tuple[str, int]

PORT = 53
MAX_SERVERS = 2
MAX_RECORDS = 64
MAX_STEPS = 128  # labels and pointers of one name
RESOLV_CONF = Path("/etc/resolv.conf")

_A, _CNAME, _IN = 1, 5, 1
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_NAMESERVER = re.compile(r"^\s*nameserver\s+(\S+)", re.MULTILINE)
_CODES = {2: Failure.DNS_SERVFAIL, 3: Failure.DNS_NXDOMAIN, 5: Failure.DNS_REFUSED}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is read of an answer: its code (RFC 1035 section 4.1.1) and its answer records."""

    code: int
    aliases: dict[bytes, bytes]
    has_address: bool


class Inquiry:
    """Asks name servers in turn, `seconds` for each."""

    def __init__(self, servers: Sequence[Server], *, seconds: float = 2.0) -> None:
        self._servers = tuple(servers[:MAX_SERVERS])
        self._seconds = seconds

    async def why(self, name: str) -> Failure | None:
        """Return why an ASCII `name` has no address; None where no server could say.

        A server that answers decides; silence of all is `dns_timeout`. An address found
        after all is None too: the failure has passed.
        """
        silent = False
        for server in self._servers:
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await _ask(server, name)
            except TimeoutError:
                silent = True
            except OSError:
                continue
            else:
                return verdict(name, reply)
        return Failure.DNS_TIMEOUT if silent else None


def system_servers(path: Path = RESOLV_CONF) -> list[Server]:
    """The machine's name servers, at most three as its own resolver takes."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return [(found, PORT) for found in _NAMESERVER.findall(path.read_text())[:3]]
    return []


def verdict(name: str, reply: Reply) -> Failure | None:
    """The reason that a reply gives for a name without address."""
    if _loops(name, reply.aliases):
        return Failure.DNS_CNAME_LOOP
    if reply.code in _CODES:
        return _CODES[reply.code]
    if reply.code:
        return Failure.DNS_FAILURE
    return None if reply.has_address else Failure.DNS_NO_ADDRESS


def _loops(name: str, aliases: dict[bytes, bytes]) -> bool:
    seen, at = set[bytes](), name.lower().encode("ascii")
    while at in aliases and at not in seen:
        seen.add(at)
        at = aliases[at]
    return at in seen


def question(name: str, number: int) -> bytes:
    """A query for the address of `name`; raises ValueError for no possible name."""
    labels = name.encode("ascii").removesuffix(b".").split(b".")
    if not all(0 < len(label) < 64 for label in labels):
        raise ValueError(f"not a DNS name: {name[:80]!r}")
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return _HEADER.pack(number, 0x0100, 1, 0, 0, 0) + wire + struct.pack("!HH", _A, _IN)


def read_reply(message: bytes, number: int) -> Reply | None:
    """Read an answer to question `number`; None for any other bytes.

    Records are read as far as they are sound: a cut answer still has its code.
    """
    if len(message) < _HEADER.size:
        return None
    found, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    if found != number or not flags & 0x8000:
        return None
    aliases: dict[bytes, bytes] = {}
    has_address = False
    with contextlib.suppress(struct.error, IndexError):
        place = _HEADER.size
        for _ in range(min(questions, 1)):
            place = _name(message, place)[1] + 4
        for _ in range(min(answers, MAX_RECORDS)):
            owner, place = _name(message, place)
            kind, _, _, size = _RECORD.unpack_from(message, place)
            place += _RECORD.size
            has_address = has_address or kind == _A
            if kind == _CNAME:
                aliases[owner] = _name(message, place)[0]
            place += size
    return Reply(flags & 0x000F, aliases, has_address)


def _name(message: bytes, place: int) -> tuple[bytes, int]:
    """A name in lower case and where it ends (RFC 1035 section 4.1.4); raises IndexError."""
    labels: list[bytes] = []
    end = None
    for _ in range(MAX_STEPS):
        length = message[place]
        if length == 0:
            return b".".join(labels).lower(), end or place + 1
        if length >= 0xC0:
            end = end or place + 2
            place = (length & 0x3F) << 8 | message[place + 1]
        else:
            labels.append(message[place + 1 : place + 1 + length])
            place += 1 + length
    raise IndexError("a name without end")


async def _ask(server: Server, name: str) -> Reply:
    number = secrets.randbelow(1 << 16)
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(
        lambda: _Asking(number, loop.create_future()), remote_addr=server
    )
    try:
        transport.sendto(question(name, number))
        return await asking.reply
    finally:
        transport.close()


class _Asking(asyncio.DatagramProtocol):
    """Waits for the one answer; the socket is connected, so others cannot send one."""

    def __init__(self, number: int, reply: "asyncio.Future[Reply]") -> None:
        self.number = number
        self.reply = reply

    def datagram_received(self, data: bytes, _: object) -> None:
        reply = read_reply(data, self.number)
        if reply is not None and not self.reply.done():
            self.reply.set_result(reply)

    def error_received(self, exc: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(exc)
