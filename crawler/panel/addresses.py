"""What people write into a cell for a website, to the addresses in it and the host of each.

No address is lost: several in one cell are all read, and what stands between them is told. An
address that stands for another one (`stand_ins.toml`) is opened where it tells that one, and
refused where it does not, so that nobody's opt-out is measured at the Internet Archive.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from crawler.hosts import HostError, ends_in_known_suffix, normalise, registrable
from crawler.registry import stand_ins

MOST_WRAPPED = 5

_GAPS = re.compile(r"([\s|;,、，；]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NAME = re.compile(r"(?:www\.)?((?:[\w-]+\.)+[\w-]+)(?::[0-9]+)?(?:[/?#]|$)")
_PATH = re.compile(r"[/?#]+")
_WEB = re.compile(r"https?:/+", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\s|;,])(?=https?://)", re.IGNORECASE)
_COPY = re.compile(r"/(?:[^?#]*/)?[0-9]{8,14}(?:[a-z]{2}_)?/+https?:/", re.IGNORECASE)
_OF_A_DAY = re.compile(r"/(?:[^?#]*/)?(?:web|[0-9]{4,14}|\*)(?:[a-z]{2}_|\*)?/+(?=[^/])(.+)")
_CACHED = re.compile(r"cache:(?:[\w-]{12}:)?([^+&\s]+)")
_ITEM = re.compile(r"https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/Q[0-9]+", re.IGNORECASE)
_UNKNOWN = re.compile(r"_:|.*/\.well-known/genid/", re.IGNORECASE)


def is_unknown(text: str) -> bool:
    """Say whether a value of a query is Wikidata's "unknown value" (RDF 1.1 section 3.5)."""
    return _UNKNOWN.match(text) is not None


def split(cell: str) -> tuple[list[str], list[str]]:
    """Return the addresses in a cell, and the words beside them; without an address, all is one."""
    addresses: list[str] = []
    words: list[str] = []
    for gap, piece in _pieces(cell.strip()):
        if _begins_address(piece):
            addresses.append(piece)
        elif addresses and gap in {",", ";"} and not words and _has_path(addresses[-1]):
            addresses[-1] += gap + piece
        else:
            words.append(piece)
    return (addresses, words) if addresses else ([cell], [])


def host_of(address: str) -> tuple[str, str]:
    """Return the ASCII host of an address and the first part of its path; HostError otherwise."""
    address = _meant(address.strip())
    start, authority, rest = _parts(address)
    host = normalise(start + authority).ascii
    be_owned(host)
    return host, next((part for part in _PATH.split(rest, maxsplit=2)[1:2]), "")


def be_itself(address: str) -> None:
    """Refuse an address that stands for another one; whether it is one at all is not asked."""
    _, authority, rest = _parts(address)
    if reason := stand_ins.reason(_bare(authority), rest):
        raise HostError(reason)


def be_owned(host: str) -> None:
    """Refuse an ASCII host that is a public suffix: nobody has it, many have names below it."""
    if registrable(host)[0] is None:
        raise HostError("a public suffix: a site has a name below it")


def _pieces(cell: str) -> Iterator[tuple[str, str]]:
    """Yield what stands between separators, each with the separator before it."""
    gap = ""
    for number, piece in enumerate(_GAPS.split(cell)):
        if number % 2:
            gap = piece
            continue
        for part in filter(None, _unglued(piece)):
            yield gap, part
            gap = ""


def _unglued(piece: str) -> Iterator[str]:
    """Part addresses that stand in one another's path, unless the first one wraps the second."""
    begin = 0
    for found in _GLUED.finditer(piece):
        before = piece[begin : found.start()]
        if not (set(before) & {"?", "#"} or _wraps(piece[begin:])):
            yield before
            begin = found.start()
    yield piece[begin:]


def _wraps(address: str) -> bool:
    _, authority, rest = _parts(address)
    return bool(stand_ins.reason(_bare(authority), rest) or _COPY.match(rest))


def _begins_address(piece: str) -> bool:
    name = _NAME.match(piece)
    return bool(_SCHEME.match(piece) or (name and ends_in_known_suffix(name[1])))


def _has_path(address: str) -> bool:
    return bool(_parts(address)[2].strip("/"))


def _parts(address: str) -> tuple[str, str, str]:
    """Return scheme, authority, and all behind it."""
    scheme = _SCHEME.match(address)
    start = scheme.end() if scheme else 0
    end = found.start() if (found := _PATH.search(address, start)) else len(address)
    return address[:start], address[start:end], address[end:]


def _bare(authority: str) -> str:
    return authority.rpartition("@")[2].partition(":")[0].lower().removesuffix(".")


def _meant(address: str) -> str:
    """Open an address that stands for another one, as often as need be."""
    for _ in range(MOST_WRAPPED):
        if is_unknown(address):
            raise HostError("an unknown value of Wikidata (genid): no address is known")
        if _ITEM.match(address):
            raise HostError("a Wikidata item: ask for its official website (P856)")
        _, authority, rest = _parts(address)
        reason = stand_ins.reason(_bare(authority), rest)
        if reason is None and not _COPY.match(rest):
            return address
        inner = _inner(rest)
        if inner is None:
            raise HostError(str(reason))
        address = inner
    raise HostError("an address in an address, again and again: write the innermost")


def _inner(rest: str) -> str | None:
    """Find the address that a path or query holds."""
    path, _, query = rest.partition("?")
    if found := _WEB.search(path) or _WEB.search(path := unquote(path)):
        return f"http://{path[found.end() :]}"
    for _, value in parse_qsl(query):
        if found := _WEB.match(value):
            return f"http://{value[found.end() :]}"
        if (cached := _CACHED.match(value)) or _begins_address(value):
            return cached[1] if cached else value
    of_a_day = _OF_A_DAY.match(path)
    return of_a_day[1] if of_a_day and _begins_address(of_a_day[1]) else None
