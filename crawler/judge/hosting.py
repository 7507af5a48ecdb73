"""Which platform serves a site: what its address, headers, pages, robots.txt and pictures tell.

No statement of preference: a platform says nothing about AI use, it decides what its creators can
say. Purely over captures, by the marks of `crawler.registry.platforms`. The captures are those of
robots.txt and the home page, whatever their status: an error page of a platform is its as well.

Marks of different kinds strengthen each other: two that are likely make it sure, two hints make it
likely. Where several are found (software on a hosting service), the main one is the surest; at one
strength a service that decides for its creators comes before hosting, and hosting before software.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.addresses import host_of
from crawler.answers import Answer, classify
from crawler.judge.work_hosts import AssetHost
from crawler.model import Capture
from crawler.parsers.html.page import Meta
from crawler.parsers.http import header_values
from crawler.parsers.robots import syntax
from crawler.registry import platforms
from crawler.registry.platforms import Kind, Mark, Platform, Platforms, Strength
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import is_html, quote
from crawler.signals.reading.robots_authorship import authors

ROBOTS = "/robots.txt"
HOME = "/"
MAX_EVIDENCE = 8
LOOK = 512 * 1024
"""Octets of the home page in which a path is looked for."""
FEWEST_PICTURES = 2
"""Pictures from a platform's hosts that tell it, if they are at least half of the page's."""

_ORDER = (Strength.SURE, Strength.LIKELY, Strength.HINT)
_LAST = (Kind.HOSTING, Kind.SOFTWARE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mark found. `carrier`: host, header, generator, path, robots or assets."""

    carrier: str
    strength: Strength
    quote: str
    seq: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A platform that a visit shows, with all that shows it, the strongest first."""

    platform: str
    strength: Strength
    evidence: tuple[Evidence, ...]


def detect(
    captures: Sequence[Capture], assets: Iterable[AssetHost] = ()
) -> tuple[Sighting, ...] | None:
    """Find the platforms of one visit, the main one first; None where nothing answered.

    `assets` are the hosts of the site's pictures, as `crawler.judge.work_hosts` finds them.
    """
    answered = [
        (seq, capture)
        for seq, capture in enumerate(captures)
        if not capture.superseded
        and capture.resource in {ROBOTS, HOME}
        and classify(capture) is not Answer.FAILED
    ]
    if not answered:
        return None
    registry = platforms.load()
    found: dict[str, list[Evidence]] = {}
    for seq, capture in answered:
        for platform, evidence in _marks(registry, seq, capture):
            found.setdefault(platform, []).append(evidence)
    home = next((seq for seq, capture in answered if capture.resource == HOME), answered[0][0])
    for platform, evidence in _pictures(registry, home, list(assets)):
        found.setdefault(platform, []).append(evidence)
    sightings = (_sighting(platform, evidence) for platform, evidence in found.items())
    return tuple(sorted(sightings, key=lambda s: _rank(registry.entries[s.platform], s)))


def _marks(registry: Platforms, seq: int, capture: Capture) -> Iterator[tuple[str, Evidence]]:
    yield from _of_host(registry, seq, capture)
    metas = _generators(capture)
    disallowed = _disallowed(capture)
    for platform in registry.entries.values():
        for mark in platform.marks:
            if mark.header is not None:
                found = _in_headers(mark, mark.header, seq, capture)
            elif mark.path is not None:
                found = _in_addresses(mark, mark.path, seq, capture)
            elif mark.rules:
                found = _in_rules(mark, disallowed, seq)
            else:
                found = _in_generators(mark, metas, seq)
            for evidence in found:
                yield platform.id, evidence
    for author, line, said in _authors(capture):
        if author in registry.entries:
            yield author, Evidence("robots", Strength.LIKELY, quote(said), seq, line)


def _in_headers(mark: Mark, name: str, seq: int, capture: Capture) -> Iterator[Evidence]:
    for value in header_values(capture.headers, name):
        if mark.has in value.lower():
            yield Evidence("header", mark.strength, quote(f"{name}: {value}"), seq)


def _in_rules(mark: Mark, disallowed: dict[str, int], seq: int) -> Iterator[Evidence]:
    if all(rule in disallowed for rule in mark.rules):
        said = f"Disallow: {', '.join(mark.rules)}"
        yield Evidence("robots", mark.strength, said, seq, disallowed[mark.rules[0]])


def _disallowed(capture: Capture) -> dict[str, int]:
    """Values of Disallow in a robots.txt, with the line of the first."""
    found: dict[str, int] = {}
    if capture.resource == ROBOTS and classify(capture) is Answer.CONTENT:
        for line, kind, _, value in syntax.parse(capture.body).records:
            if kind is syntax.Kind.DISALLOW:
                found.setdefault(value.decode("utf-8", "replace"), line)
    return found


def _in_generators(mark: Mark, metas: list[Meta], seq: int) -> Iterator[Evidence]:
    for meta in metas:
        if mark.has in (meta.content or "").lower():
            yield Evidence("generator", mark.strength, quote(meta.raw), seq, meta.line)


def _in_addresses(mark: Mark, path: str, seq: int, capture: Capture) -> Iterator[Evidence]:
    """The first address that begins with the path, on the own host: one of others tells nothing."""
    if capture.resource != HOME or classify(capture) is not Answer.CONTENT or not is_html(capture):
        return
    text = capture.body[:LOOK]
    own = host_of(capture.final_url).encode("utf-8", "replace")
    for before in (b"//" + own, b'"', b"'"):
        place = text.find(before + path.encode())
        if place >= 0:
            said = text[place + len(before) :][:80].decode("utf-8", "replace")
            line = text.count(b"\n", 0, place) + 1
            yield Evidence("path", mark.strength, quote(said), seq, line)
            return


def _of_host(registry: Platforms, seq: int, capture: Capture) -> Iterator[tuple[str, Evidence]]:
    """The host asked and the host that answered; a redirect away tells where the site lives."""
    for url in dict.fromkeys((capture.url, capture.final_url)):
        host = host_of(url)
        if platform := registry.sites.owner(host):
            yield platform, Evidence("host", Strength.SURE, quote(host), seq)


def _generators(capture: Capture) -> list[Meta]:
    if capture.resource != HOME or not is_html(capture):
        return []
    metas = parsed(capture).metas
    return [meta for meta in metas if (meta.name or "").strip().lower() == "generator"]


def _authors(capture: Capture) -> list[tuple[str, int, str]]:
    if capture.resource != ROBOTS or classify(capture) is not Answer.CONTENT:
        return []
    return [(span.author, span.first_line, span.marker) for span in authors(capture.body)]


def _pictures(
    registry: Platforms, seq: int, assets: list[AssetHost]
) -> Iterator[tuple[str, Evidence]]:
    """A platform on which sites have domains of their own, if most pictures come from it."""
    every = sum(asset.images for asset in assets)
    counts: Counter[str] = Counter()
    for asset in assets:
        if asset.images and (owner := registry.assets.owner(asset.host)):
            counts[owner] += asset.images
    for platform, images in counts.items():
        if registry.entries[platform].builds:
            most = images >= FEWEST_PICTURES and 2 * images >= every
            strength = Strength.LIKELY if most else Strength.HINT
            yield platform, Evidence("assets", strength, f"{images} of {every} pictures", seq)


def _sighting(platform: str, evidence: list[Evidence]) -> Sighting:
    ordered = sorted(dict.fromkeys(evidence), key=lambda e: _ORDER.index(e.strength))
    best = ordered[0].strength
    carriers = {e.carrier for e in ordered if e.strength is best}
    if best is not Strength.SURE and len(carriers) > 1:
        best = _ORDER[_ORDER.index(best) - 1]
    return Sighting(platform, best, tuple(ordered[:MAX_EVIDENCE]))


def _rank(platform: Platform, sighting: Sighting) -> tuple[int, int, int, str]:
    kind = 1 + _LAST.index(platform.kind) if platform.kind in _LAST else 0
    place = _ORDER.index(sighting.strength)
    return place, kind, -len(sighting.evidence), platform.id
