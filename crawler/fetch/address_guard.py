"""A host name becomes the addresses we may connect to, or the reason why there are none.

Refusal happens here, on the numeric address that is connected to afterwards, and not by
looking at URLs: no redirect, number notation or rebinding name server gets past it.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import chain, zip_longest
from pathlib import Path
from typing import Self

from ada_url import idna_to_ascii

from crawler.fetch.limits import Failed
from crawler.model import Failure
from crawler.panel.exclusions import DoNotSurvey, Exclusion

Address = tuple[str, int]
"""A numeric address and a port."""
Lookup = Callable[[str], Iterable[str]]
"""Asks the system for a name's addresses; raises socket.gaierror."""
Why = Callable[[str], Awaitable[Failure | None]]
"""Finds out why a name has no address; None where that cannot be said."""

PORTS = frozenset({80, 443, 8080, 8443})

logger = logging.getLogger(__name__)

_CANARY_SECONDS = 2.0

# IANA special-purpose address registries (RFC 6890); a table of our own because the
# standard library's `is_global` changed its answers between patch releases.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    # IETF protocols (Teredo among them: an embedded address nobody serves a site from),
    # documentation (RFC 3849, RFC 9637).
    for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")

# Names that exist in no public DNS: RFC 6761, 6762, 7686, 8375, 9476, ICANN 2024. Asking
# for them would only tell a stranger's name server about a mistake of ours.
_SPECIAL_USE = frozenset({"test", "example", "invalid", "local", "onion", "internal", "alt"})


class Refused(Failed):
    """We will not connect there."""


class Unresolved(Failed):
    """The name brought no address."""


@lru_cache(maxsize=1024)  # asked again before each request
def public_address(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether this is global unicast, and so is every IPv4 address embedded in it."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_V4)
    if ip.scope_id is not None:
        return False
    if (embedded := ip.ipv4_mapped or ip.sixtofour) is not None:
        return public_address(embedded)
    if ip in _NAT64:
        return public_address(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)


@dataclass(frozen=True, slots=True)
class HostsFile:
    """Names with addresses of their own, for the demo web, replays and staging.

    Only a *name* listed here reaches its address: the address itself, written in a URL
    or answered by a name server, is refused like any other private one.
    """

    entries: Mapping[str, tuple[tuple[str, int | None], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; raises ValueError naming file and line, or OSError."""
        return cls.parse(path.read_text(encoding="utf-8-sig"), str(path))

    @classmethod
    def parse(cls, text: str, source: str = "hosts") -> Self:
        """Read lines `address[:port] name [name...]`; `#` starts a comment."""
        entries: dict[str, tuple[tuple[str, int | None], ...]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                address, names = _endpoint(words[0]), [_listed_name(word) for word in words[1:]]
            except ValueError as error:
                raise ValueError(f"{source}:{number}: {error}") from None
            if not names:
                raise ValueError(f"{source}:{number}: {words[0]} has no name")
            for name in names:
                entries[name] = (*entries.get(name, ()), address)
        return cls(entries)

    def __contains__(self, host: str) -> bool:
        return host in self.entries

    def addresses(self, host: str, port: int) -> list[Address]:
        """The listed addresses of a name; `port` serves where the file gives none."""
        return [(address, own or port) for address, own in self.entries.get(host, ())]


def _endpoint(word: str) -> tuple[str, int | None]:
    if word.startswith("["):
        address, bracket, rest = word[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"not an address: {word}")
        port = rest[1:] if rest else None
    elif word.count(":") == 1:
        address, _, port = word.partition(":")
    else:
        address, port = word, None
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"not a port: {word}")
    return str(ip_address(address)), None if port is None else int(port)


def _listed_name(word: str) -> str:
    name = word.removesuffix(".").lower()
    if not (encoded := name if name.isascii() else idna_to_ascii(name).decode()):
        raise ValueError(f"not a name: {word}")
    return encoded


def system_lookup(name: str) -> list[str]:
    """Ask the system's resolver; blocks, so call it in a thread."""
    # The closing dot keeps the machine's search domains out of the question.
    found = socket.getaddrinfo(f"{name}.", None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class Resolver:
    """Resolves names under the guard: hosts file, then literals, then the system.

    `workers` must not be below the number of fetches at once: silent name servers would
    otherwise delay healthy sites (40 of them delayed 100 others from 0.6 s to 17 s on a
    pool of 10). Answers are kept `ttl` seconds. A time limit is the caller's: `Fetcher`
    has it. What `excluded` names is refused before anything is asked, whatever the hosts
    file says; `why` is asked for names without an address. `probes` are names that nobody
    has: whatever addresses they get are the resolver's invention, and no site's. `version`
    is 4 or 6 where only such addresses are to be asked.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        hosts: HostsFile | None = None,
        *,
        workers: int = 64,
        ttl: float = 60.0,
        lookup: Lookup = system_lookup,
        why: Why | None = None,
        excluded: DoNotSurvey | None = None,
        probes: Iterable[str] = (),
        version: int | None = None,
    ) -> None:
        self._hosts = hosts or HostsFile()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="dns")
        self._ttl = ttl
        self._lookup = lookup
        self._why = why
        self._excluded = excluded or DoNotSurvey()
        self._probes = tuple(probes)
        self._version = version
        self._invented: asyncio.Future[frozenset[str]] | None = None
        self._cache: dict[str, tuple[float, list[str]]] = {}

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Addresses to connect to, families alternating; raises Refused or Unresolved.

        `host` is lower-case ASCII, an IP literal in any notation comes without brackets.
        """
        _refuse_excluded(self._excluded.host(host))
        if listed := self._hosts.addresses(host, port):
            self._refuse_addresses(address for address, _ in listed)
            return listed
        if port not in PORTS:
            raise Refused(Failure.PRIVATE_ADDRESS, f"port {port} is never asked")
        found = [literal] if (literal := _literal(host)) else await self._ask(host)
        self._refuse_addresses(address.partition("%")[0] for address in found)
        public = [address for address in found if public_address(address)]
        if not public:
            raise Refused(Failure.PRIVATE_ADDRESS, f"{host} is {found[0]}")
        if self._version:
            public = [each for each in public if ip_address(each).version == self._version]
        if not public:
            raise Unresolved(Failure.DNS_NO_ADDRESS, f"{host}: none of IPv{self._version}")
        return [(address, port) for address in _alternating(public)]

    def _refuse_addresses(self, addresses: Iterable[str]) -> None:
        """One address of the list is enough: the host is among those who asked us out."""
        for address in addresses:
            _refuse_excluded(self._excluded.address(address))

    def close(self) -> None:
        """Let go of the threads; look-ups under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, name: str) -> list[str]:
        _refuse_special_use(name)
        kept = self._cache.get(name)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        invented = self._invented = self._invented or asyncio.ensure_future(self._ask_canaries())
        try:
            found = await self._look_up(name)
        except socket.gaierror as error:
            known = await self._why(name) if self._why else None
            raise _unresolved(name, error, known) from None
        except UnicodeError:
            raise Unresolved(Failure.DNS_NXDOMAIN, f"{name} is no possible name") from None
        if not found:
            raise Unresolved(Failure.DNS_NO_ADDRESS, name)
        await asyncio.wait({invented}, timeout=_CANARY_SECONDS)
        if invented.done() and invented.result().issuperset(found):
            detail = f"{name}: this resolver answers {found[0]} for names that nobody has"
            raise Unresolved(Failure.DNS_NXDOMAIN, detail)
        self._keep(name, found)
        return found

    async def _look_up(self, name: str) -> list[str]:
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, name)
        return list(dict.fromkeys(await running))

    async def _ask_canaries(self) -> frozenset[str]:
        """The addresses that the resolver gives where it ought to say NXDOMAIN."""
        found = set[str]()
        for name in self._probes:
            with suppress(OSError):  # gaierror is one: as it should be
                found.update(await self._look_up(name))
        if found:
            logger.warning("the resolver makes up addresses: %s", ", ".join(sorted(found)))
        return frozenset(found)

    def _keep(self, name: str, found: list[str]) -> None:
        if len(self._cache) >= 4096:
            del self._cache[next(iter(self._cache))]
        self._cache[name] = (time.monotonic() + self._ttl, found)


def _literal(host: str) -> str | None:
    """The address a host spells, in every notation that the socket layer reads as one."""
    if ":" in host:
        return host
    try:
        # Decimal, octal, hexadecimal and shortened forms, as connect() would take them.
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def is_special_use(name: str) -> bool:
    """Say whether a name can be nobody's on the public web."""
    top = name.rpartition(".")[2]
    return top in _SPECIAL_USE or top.isdigit() or name.endswith(".home.arpa")


def _refuse_special_use(name: str) -> None:
    top = name.rpartition(".")[2]
    if top == "localhost":  # RFC 6761 section 6.3: loopback, never a question to DNS
        raise Refused(Failure.PRIVATE_ADDRESS, f"{name} is loopback")
    if is_special_use(name):
        raise Unresolved(Failure.DNS_NXDOMAIN, f"{name} is not in the public DNS")


def _refuse_excluded(exclusion: Exclusion | None) -> None:
    if exclusion is not None:
        raise Refused(Failure.EXCLUDED, exclusion.entry)


def _unresolved(name: str, error: socket.gaierror, known: Failure | None) -> Unresolved:
    if known is not None:
        return Unresolved(known, f"{name}: {known.value.removeprefix('dns_')}")
    # The system merges SERVFAIL, REFUSED and time-outs into EAI_AGAIN: one reason here too.
    no_address = {getattr(socket, "EAI_NODATA", -5), getattr(socket, "EAI_ADDRFAMILY", -9)}
    if error.errno in no_address:
        failure = Failure.DNS_NO_ADDRESS
    elif error.errno == socket.EAI_NONAME:
        failure = Failure.DNS_NXDOMAIN
    else:
        failure = Failure.DNS_FAILURE
    return Unresolved(failure, f"{name}: {error.strerror}")


def _alternating(addresses: list[str]) -> list[str]:
    """One of each family by turns, the system's first choice first (RFC 8305 section 4)."""
    same = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in set(same)]
    pairs = zip_longest(same, other)
    return [address for address in chain.from_iterable(pairs) if address is not None]
