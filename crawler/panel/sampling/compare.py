"""What a panel is made of, what is wrong with it, and how two panels differ."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose

from crawler.hosts import registrable
from crawler.model import Site
from crawler.panel.reading import Panel
from crawler.panel.sampling.frame import key_of, platform_of

_SHA256 = re.compile(r"sha256 ([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class Group:
    """Sites of one stratum; `weights` is their sum, None where a site has none."""

    name: str | None
    sites: int
    weights: float | None


@dataclass(frozen=True, slots=True)
class Description:
    """What a panel is made of. `effective` is Kish's (1965) size of a sample with unequal
    weights, (sum w)^2 / sum w^2: None unless every site has a weight."""

    sites: int
    domains: int
    population: float | None
    effective: float | None
    strata: tuple[Group, ...]
    counts: Mapping[str, Mapping[str | None, int]]
    """Sites by value, most frequent first, for each column that describes sites."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a panel. `line` None: the file as a whole."""

    line: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Move:
    """A site that both panels have and that one column says something else of."""

    host: str
    before: str | float | None
    after: str | float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of the sites of one panel in another. A weight that changes by less than a
    millionth has not changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[Move, ...]
    """By stratum."""
    weighed: tuple[Move, ...]
    same: int
    """Sites in both that neither moved nor changed weight."""


COLUMNS = ("sector", "creator_type", "country", "platform")


def describe(panel: Panel) -> Description:
    """Count a panel's sites by everything it says of them."""
    sites = panel.sites
    strata: defaultdict[str | None, list[Site]] = defaultdict(list)
    for site in sites:
        strata[site.stratum].append(site)
    total = _sum(sites)
    squares = sum(site.weight**2 for site in sites if site.weight)
    return Description(
        len(sites),
        len({site.registrable_domain_private or site.host for site in sites}),
        total,
        total**2 / squares if total else None,
        tuple(
            Group(name, len(strata[name]), _sum(strata[name])) for name in sorted(strata, key=_name)
        ),
        {column: _counts(getattr(site, column) for site in sites) for column in COLUMNS},
    )


def faults(panel: Panel, excluded: Callable[[str], str | None] = lambda _: None) -> list[Fault]:
    """List what makes a panel unfit to publish figures from, by line.

    Bad and repeated rows, sites of one registrable domain, sites that are never to be asked,
    weights that some sites lack, no word on where the panel comes from; and of a panel that
    was drawn here, weights that differ within a stratum, and any change of the file since.
    """
    found = [Fault(row.line, row.problem) for row in (*panel.rejections, *panel.duplicates)]
    found += _kin(panel.sites)
    found += [
        Fault(site.line, f"{site.host}: on the do-not-survey list: {reason}")
        for site in panel.sites
        if (reason := excluded(site.host))
    ]
    said = _SHA256.search(panel.metadata.notes or "")
    found += _unweighed(panel.sites, drawn=said is not None)
    for field in ("source", "licence", "inclusion_rules"):
        if getattr(panel.metadata, field) is None:
            found.append(Fault(None, f"the metadata beside the panel does not say its {field}"))
    if said and said.group(1) != panel.sha256:
        found.append(Fault(None, "changed since it was drawn: its sha256 is not the noted one"))
    return sorted(found, key=lambda fault: (fault.line or 0, fault.problem))


def difference(before: Panel, after: Panel) -> Difference:
    """Compare two panels site by site; hosts in the alphabet's order."""
    old = {site.host: site for site in before.sites}
    new = {site.host: site for site in after.sites}
    both = sorted(old.keys() & new.keys())
    moved = [
        Move(host, old[host].stratum, new[host].stratum)
        for host in both
        if old[host].stratum != new[host].stratum
    ]
    weighed = [
        Move(host, old[host].weight, new[host].weight)
        for host in both
        if not _as_heavy(old[host].weight, new[host].weight)
    ]
    return Difference(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        tuple(moved),
        tuple(weighed),
        len(both) - len({move.host for move in (*moved, *weighed)}),
    )


def _kin(sites: Iterable[Site]) -> Iterator[Fault]:
    first: dict[str, Site] = {}
    for site in sites:
        kin = first.setdefault(key_of(site.host, platform_of), site)
        if kin is not site:
            domain = registrable(site.host)[1] or site.host
            yield Fault(site.line, f"{site.host}: {domain} is already on line {kin.line}")


def _unweighed(sites: Sequence[Site], *, drawn: bool) -> Iterator[Fault]:
    weighed = any(site.weight is not None for site in sites)
    heavy: dict[str | None, Site] = {}
    for site in sites:
        if weighed and site.weight is None:
            yield Fault(site.line, f"{site.host}: no weight, though others have one")
            continue
        first = heavy.setdefault(site.stratum, site)
        if drawn and not _as_heavy(first.weight, site.weight):
            yield Fault(
                site.line,
                f"{site.host}: not the weight of its stratum ({first.weight:g}, line {first.line})",
            )


def _as_heavy(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-6)


def _sum(sites: Iterable[Site]) -> float | None:
    weights = [site.weight for site in sites]
    known = [weight for weight in weights if weight is not None]
    return sum(known) if known and len(known) == len(weights) else None


def _name(stratum: str | None) -> str:
    return stratum or ""


def _counts(values: Iterable[str | None]) -> dict[str | None, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0] or "")))
