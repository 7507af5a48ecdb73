"""The do-not-survey list: whom we never ask, whatever a panel, a redirect or a link says.

A list is a text file, one entry a line (`ENTRY DATE REASON`, `#` starts a comment), or TOML
with tables `[[exclude]]` of `entry`, `since` and `reason`. An entry is

- a host, `www.example.org`: that host alone;
- a suffix, `.example.org`: the name and everything below it;
- an address or network, `192.0.2.0/24`: every host with an address in it.

Date and reason are required: a list that nobody can explain cannot be kept in order.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

from crawler.hosts import HostError, normalise

IP = IPv4Address | IPv6Address
Numbers = dict[tuple[int, int], dict[int, "Exclusion"]]
"""Networks by version and length of prefix, then by the bits of the prefix."""


class ExclusionError(ValueError):
    """A list that cannot be used; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One entry in its normal form. `since` is an ISO day."""

    entry: str
    since: str
    reason: str


class DoNotSurvey:
    """The entries in force; `refresh` takes over what has changed in the file.

    `path` None or empty: only `standing` entries, which no file can take back.
    Raises ExclusionError for a file that cannot be used.
    """

    def __init__(self, path: Path | None = None, standing: Iterable[Exclusion] = ()) -> None:
        self._path = path
        self._standing = tuple(standing)
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, Exclusion] = {}
        self._networks: Numbers = {}
        self._take(self._standing)
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if it is another than before; a fault leaves the old list."""
        if self._path is None:
            return
        try:
            found = self._path.stat()
        except OSError as error:
            raise ExclusionError(f"{self._path}: {error.strerror}") from error
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._take((*read(self._path), *self._standing))
            self._stamp = stamp

    def host(self, host: str) -> Exclusion | None:
        """The entry that a host name (with or without port) falls under."""
        name = host.partition(":")[0]
        if found := self._names.get(name):
            return found
        parts = name.split(".")
        suffixes = ("." + ".".join(parts[start:]) for start in range(len(parts)))
        return next((self._names[s] for s in suffixes if s in self._names), None)

    def address(self, address: str | IP) -> Exclusion | None:
        """The entry that a numeric address, or an IPv4 address embedded in it, falls under."""
        if not self._networks:
            return None
        ip = ip_address(address)
        if isinstance(ip, IPv6Address) and (inner := ip.ipv4_mapped or ip.sixtofour):
            return self.address(inner) or self._network(ip)
        return self._network(ip)

    def named(self, entry: str) -> Exclusion | None:
        """The entry of exactly that text."""
        networks = (each for group in self._networks.values() for each in group.values())
        return self._names.get(entry) or next((n for n in networks if n.entry == entry), None)

    def _network(self, ip: IP) -> Exclusion | None:
        for (version, length), networks in self._networks.items():
            if version == ip.version and (
                found := networks.get(int(ip) >> (ip.max_prefixlen - length))
            ):
                return found
        return None

    def _take(self, entries: Iterable[Exclusion]) -> None:
        names: dict[str, Exclusion] = {}
        networks: Numbers = {}
        for exclusion in entries:
            if "/" not in exclusion.entry:
                names[exclusion.entry] = exclusion
                continue
            network = ip_network(exclusion.entry)
            bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            networks.setdefault((network.version, network.prefixlen), {})[bits] = exclusion
        self._names, self._networks = names, networks


def read(path: Path) -> tuple[Exclusion, ...]:
    """Read a list; raises ExclusionError naming the place and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExclusionError(f"{path}: not UTF-8: save it as UTF-8") from error
    except OSError as error:
        raise ExclusionError(f"{path}: {error.strerror}") from error
    rows = _tables(text, path) if path.suffix == ".toml" else _lines(text, path)
    return tuple(_exclusion(*row) for row in rows)


def normal(entry: str) -> str:
    """The one spelling of an entry; raises ValueError saying what is wrong with it."""
    try:
        return str(ip_network(entry))
    except ValueError:
        if "/" in entry:
            raise
    dot = "." if entry.startswith((".", "*.")) else ""
    try:
        return dot + normalise(entry.removeprefix("*").removeprefix(".")).ascii
    except HostError as error:
        raise ValueError(str(error)) from error


Row = tuple[str, str, str, str]
"""Place, entry, day, reason."""


def _lines(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split(maxsplit=2)
        if words:
            entry, since, reason = (*words, "", "")[:3]
            yield f"{path}:{number}", entry, since, reason


def _tables(text: str, path: Path) -> Iterator[Row]:
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ExclusionError(f"{path}: {error}") from error
    if document.keys() - {"exclude"} or not isinstance(document.get("exclude", []), list):
        raise ExclusionError(f"{path}: only tables [[exclude]] are expected")
    for number, table in enumerate(document.get("exclude", []), 1):
        place = f"{path}: entry {number}"
        if not isinstance(table, dict) or table.keys() != {"entry", "since", "reason"}:
            raise ExclusionError(f"{place}: entry, since and reason are expected, nothing else")
        yield place, str(table["entry"]), str(table["since"]), str(table["reason"])


def _exclusion(place: str, entry: str, since: str, reason: str) -> Exclusion:
    if not reason.strip():
        raise ExclusionError(f"{place}: write entry, date and reason: `{entry} 2026-11-25 asked`")
    try:
        return Exclusion(normal(entry), date.fromisoformat(since).isoformat(), reason.strip())
    except ValueError as error:
        raise ExclusionError(f"{place}: {entry} {since}: {error}") from error
