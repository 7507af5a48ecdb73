"""Decides what is one site of the population, what is dropped, and why.

The unit is the site, not the person: rows that lead to one registrable domain are one site,
whether they spell it differently, name a sub-domain of it or are redirected to it. A host under
a platform's suffix is a site of its own, since its neighbours are other people's. The order of
rows and of inputs changes nothing: what rows of one site disagree on is decided by the most
frequent value, then by the alphabet.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.hosts import registrable
from crawler.panel.sampling.sources import Dropped, Entry, Kind
from crawler.registry import platforms

SHARED_BY = 5
"""Different first parts of paths under one domain from which it counts as many people's."""

BANDS = ((1_000, "rank-1k"), (10_000, "rank-10k"), (100_000, "rank-100k"), (1_000_000, "rank-1m"))

SOLD = frozenset({
    "uk.com", "gb.net", "uk.net", "eu.com", "us.com", "de.com", "br.com", "cn.com", "jpn.com",
    "ru.com", "sa.com", "za.com", "se.net", "co.com", "mex.com", "in.net",
})  # fmt: skip
"""Private suffixes that are sold like top-level domains and host nobody (unverified)."""

Platforms = Callable[[str], str | None]
"""The platform that an ASCII host is a sub-domain of; None: a domain of its owner's."""


def platform_of(host: str) -> str | None:
    """Return the platform's id in the registry, or its entry in the public suffix list.

    Of the list that is the private section; platforms that are in neither are not known.
    """
    if owner := platforms.load().sites.owner(host):
        return owner
    public, private = registrable(host)
    return public if public != private and public not in SOLD else None


class Place(StrEnum):
    """Whose domain a site stands on."""

    OWN = "own"
    PLATFORM = "platform"
    SHARED = "shared"
    """One host with many people's pages under paths: none of them writes its robots.txt."""


class Dimension(StrEnum):
    """What sites can be stratified by."""

    SECTOR = "sector"
    PLACE = "place"
    REGION = "region"
    COUNTRY = "country"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Rules:
    """Who belongs to the population; what is empty or None asks nothing.

    `regions` names groups of countries for rows that say no region themselves. `cap` is the
    number of sites that one owner may have in the population.
    """

    countries: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()
    suffixes: tuple[str, ...] = ()
    lowest_rank: int | None = None
    cap: int | None = None
    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def written(self) -> list[str]:
        """Return the inclusion rules in sentences."""
        said = [
            "A row belongs to the population if it names a public web host that is not on the"
            " do-not-survey list.",
            "Rows of one registrable domain, and rows that were redirected to it, are one site.",
        ]
        for values, name in (
            (self.countries, "country"), (self.sectors, "sector"), (self.places, "place"),
            (self.suffixes, "ending of the host"),
        ):  # fmt: skip
            if values:
                said.append(f"The {name} is one of: {', '.join(sorted(values))}.")
        if self.lowest_rank is not None:
            said.append(f"The rank is {self.lowest_rank} or better.")
        if self.cap is not None:
            said.append(f"At most {self.cap} sites of one owner, chosen at random.")
        return said


@dataclass(frozen=True, slots=True)
class Unit:
    """One site of the population. `rows` counts the rows of the inputs that lead to it."""

    key: str
    host: str
    place: Place
    rows: int
    sector: str | None = None
    occupation: str | None = None
    country: str | None = None
    region: str | None = None
    size: str | None = None
    rank: int | None = None
    owner: str | None = None
    platform: str | None = None

    def stratum(self, by: Sequence[Dimension]) -> str:
        """Return the name of the site's stratum."""
        return " / ".join(self._value(dimension) for dimension in by) or "all"

    def _value(self, dimension: Dimension) -> str:
        if dimension is Dimension.PLACE:
            return self.place
        if dimension is Dimension.SECTOR:
            return self.sector or "unmapped"
        if dimension is Dimension.SIZE:
            return self.size or band(self.rank)
        value = self.region if dimension is Dimension.REGION else self.country
        return value or "unknown"


@dataclass(frozen=True, slots=True)
class Frame:
    """The population with its account: rows == len(units) + len(dropped)."""

    units: tuple[Unit, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of hosts beyond the rows.

    `excluded` gives the reason why a host is never asked; `redirects` the host that answered
    for another in an earlier survey; `ranks` are by host or registrable domain.
    """

    excluded: Callable[[str], str | None] = lambda _: None
    platform: Platforms = platform_of
    redirects: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)


def frame(entries: Iterable[Entry], rules: Rules, known: Known, seed: int) -> Frame:
    """Make the population of all entries; the seed chooses whom the cap leaves in."""
    dropped: list[Dropped] = []
    kept: list[Entry] = []
    for entry in entries:
        if reason := _excluded(entry.host, known):
            dropped.append(_drop(entry, Kind.EXCLUDED, reason))
        else:
            kept.append(entry)
    candidates: list[tuple[Unit, Entry]] = []
    for key, group in sorted(_sites(kept, known).items()):
        best = min(group, key=lambda e: _preference(e, known))
        dropped += (
            _drop(e, Kind.DUPLICATE, f"the same site as {best.host} ({best.source}:{best.line})")
            for e in group
            if e is not best
        )
        unit = _unit(key, best.host, group, rules, known)
        if reason := _against(unit, rules):
            dropped.append(_drop(best, Kind.RULE, reason))
        else:
            candidates.append((unit, best))
    units: list[Unit] = []
    beyond = _beyond_cap([unit for unit, _ in candidates], rules.cap, seed)
    for unit, entry in candidates:
        if unit.key in beyond:
            dropped.append(_drop(entry, Kind.CAP, f"over {rules.cap} sites of {unit.owner}"))
        else:
            units.append(unit)
    return Frame(tuple(units), tuple(dropped))


def key_of(host: str, platform: Platforms) -> str:
    """Return what tells sites apart: the registrable domain, under a platform the host."""
    public, private = registrable(host)
    name = host.partition(":")[0].removeprefix("www.")
    unlisted = private == public and platform(host) is not None
    return name if unlisted or private is None else private


def names_of(host: str) -> set[str]:
    """Return the names under which a list of ranks may have a host."""
    name = host.partition(":")[0]
    return {name, registrable(host)[1] or name}


def band(rank: int | None) -> str:
    """Return the size class of a rank."""
    if rank is None:
        return "unranked"
    return next((name for limit, name in BANDS if rank <= limit), "rank-beyond")


def number(seed: int, purpose: str, key: str) -> bytes:
    """Return a site's random number for a purpose, as bytes that sort.

    It depends on nothing but its arguments: neither on the order of rows nor on who else is
    there. Used for drawing, these are permanent random numbers (Ohlsson 1995, "Coordination of
    samples using permanent random numbers"; from memory): a panel drawn again next year from a
    grown list, with the same seed, keeps most of its sites.
    """
    return hashlib.sha256(f"{seed}\0{purpose}\0{key}".encode()).digest()


def _drop(entry: Entry, kind: Kind, reason: str) -> Dropped:
    return Dropped(entry.source, entry.line, kind, reason, entry.host)


def _excluded(host: str, known: Known) -> str | None:
    if reason := known.excluded(host):
        return reason
    target = known.redirects.get(host)
    reason = known.excluded(target) if target else None
    return f"redirected to {target}: {reason}" if reason else None


def _sites(entries: Iterable[Entry], known: Known) -> dict[str, list[Entry]]:
    """Gather entries by site. The site's key is the smallest key that redirects tie together.

    Tied is tied: it does not matter who was redirected to whom, and a ring of redirects ends.
    """
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while (parent := parents.get(key, key)) != key:
            parents[key] = parents.get(parent, parent)  # halves the way for the next one
            key = parent
        return key

    def key(host: str) -> str:
        return key_of(host, known.platform)

    for source, target in sorted(known.redirects.items()):
        low, high = sorted((root(key(source)), root(key(target))))
        parents[high] = low
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[root(key(entry.host))].append(entry)
    return groups


def _preference(entry: Entry, known: Known) -> tuple[bool, int, int, str, str, int]:
    """Best is who answers for itself, then the shortest name."""
    host = entry.host
    target = known.redirects.get(host)
    moved = target is not None and key_of(target, known.platform) != key_of(host, known.platform)
    return moved, host.count("."), len(host), host, entry.source, entry.line


def _unit(key: str, host: str, group: Sequence[Entry], rules: Rules, known: Known) -> Unit:
    country = _usual(e.country for e in group)
    ranks = [e.rank for e in group if e.rank is not None]
    ranks += [known.ranks[name] for name in names_of(host) if name in known.ranks]
    platform = known.platform(host)
    paths = {e.path for e in group if e.path}
    return Unit(
        key,
        host,
        place=_place(platform, len(paths)),
        rows=len(group),
        sector=_usual(e.sector for e in group),
        occupation=_usual(e.occupation for e in group),
        country=country,
        region=_usual(e.region for e in group) or _region(country, rules.regions),
        size=_usual(e.size for e in group),
        rank=min(ranks, default=None),
        owner=_usual(e.owner for e in group),
        platform=_usual(e.platform for e in group) or platform,
    )


def _place(platform: str | None, paths: int) -> Place:
    if platform:
        return Place.PLATFORM
    return Place.SHARED if paths >= SHARED_BY else Place.OWN


def _region(country: str | None, regions: Mapping[str, frozenset[str]]) -> str | None:
    if country is None or not regions:
        return country
    return next((name for name, held in regions.items() if country in held), "elsewhere")


def _usual(values: Iterable[str | None]) -> str | None:
    said = [value for value in values if value]
    if len(said) < 2:
        return said[0] if said else None
    counts = Counter(said)
    return min(counts, key=lambda value: (-counts[value], value))


def _against(unit: Unit, rules: Rules) -> str | None:
    """Return the rule that a site does not meet, with what it has instead."""
    if rules.countries and unit.country not in rules.countries:
        return f"country: {unit.country or 'not said'}"
    if rules.sectors and unit.sector not in rules.sectors:
        return f"sector: {unit.sector or 'not mapped'}"
    if rules.places and unit.place not in rules.places:
        return f"place: {unit.place}"
    name = unit.host.partition(":")[0]
    if rules.suffixes and not any(f".{name}".endswith(suffix) for suffix in rules.suffixes):
        return "ending of the host"
    if rules.lowest_rank is not None and (unit.rank is None or unit.rank > rules.lowest_rank):
        return f"rank: {unit.rank or 'none'}"
    return None


def _beyond_cap(units: Iterable[Unit], cap: int | None, seed: int) -> set[str]:
    """Return the keys of the sites that an owner has too many.

    Who stays is chosen with other random numbers than the sample: with the same ones, the sites
    left of a large owner would have low numbers and be drawn too often.
    """
    if cap is None:
        return set()
    owned: defaultdict[str, list[str]] = defaultdict(list)
    for unit in units:
        if unit.owner:
            owned[unit.owner.casefold()].append(unit.key)
    return set(_beyond(owned.values(), cap, seed))


def _beyond(owned: Iterable[list[str]], cap: int, seed: int) -> Iterator[str]:
    for keys in owned:
        yield from sorted(keys, key=lambda key: number(seed, "cap", key))[cap:]
