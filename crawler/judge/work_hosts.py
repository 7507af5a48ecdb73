"""Where else the work lives: the hosts that serve a site's pictures, sound, films and documents.

A robots.txt speaks for its own scheme, host and port only (RFC 9309 section 2.3), so what a creator
says on the site does not hold for works on another host. Read is the home page. A player in a frame
counts as sound or film of its host where the registry knows the platform; other frames are left
out, and so are links to documents on hosts of nobody we know: those may be anybody's work. Each
distinct address counts once, so that one picture in many sizes counts several times.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from crawler.addresses import document_base, origin_of, resolve, web_address
from crawler.hosts import registrable
from crawler.judge.renditions import SRCSET, origin_of_rendition
from crawler.model import Capture
from crawler.parsers.html.page import Work
from crawler.parsers.html.page import WorkKind as Kind
from crawler.registry import platforms
from crawler.registry.platforms import Kind as PlatformKind
from crawler.registry.platforms import Platforms
from crawler.signals import links
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import is_cut, is_html, quote, unreadable
from crawler.signals.reading.signal import Link
from crawler.signals.reading.work import ORIGIN, WORK

HOME = "/"
MAX_HOSTS = 50
MAX_URL = 2000

SAMPLED = (Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT)
"""Of each kind one work is read: on the site's own host before others, then the largest by what
the page says of its size, then the first."""

_PLAYERS = {PlatformKind.VIDEO: Kind.VIDEO, PlatformKind.MUSIC: Kind.AUDIO}
_ORIGIN = re.compile(r"(https?)://([\w-]{1,63}+(?:\.[\w-]{1,63}+){0,20}+)\.?(:[0-9]+)?")


class Control(StrEnum):
    """Whose host it is. Persisted: never renamed, never given a new meaning."""

    OWN = "own"  # the host of the home page itself
    DOMAIN = "domain"  # another host of the site's own registrable domain
    PLATFORM = "platform"  # a platform's, for all its creators
    SHARED_CDN = "shared-cdn"  # one host of a network for many customers
    TENANT_CDN = "tenant-cdn"  # a network's, one host for each customer
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AssetHost:
    """One origin with the number of distinct works it serves, and one of their addresses."""

    origin: str
    host: str
    control: Control
    platform: str | None
    images: int
    audio: int
    videos: int
    documents: int
    examples: tuple[str, ...]
    """At most two of their addresses, as they are asked for."""

    @property
    def example(self) -> str:
        """Give the first of them as it is stored, or else the origin."""
        return quote(self.examples[0] if self.examples else self.origin)


@dataclass(frozen=True, slots=True)
class Sample:
    """One work: its kind (`image`, `audio`, `video`, `document`) and its address."""

    kind: str
    url: str
    service: str | None = None
    """What made it out of `origin`, where its address or the page says so (`SERVICES`)."""
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class AssetHosts:
    """The origins in the order of the page, the site's own first. `cut`: not all was read."""

    hosts: tuple[AssetHost, ...]
    cut: bool = False
    works: tuple[Sample, ...] = ()
    """The work of each kind that is asked for."""

    @property
    def wanted(self) -> list[tuple[str, str]]:
        """Resource and address of what is asked for, the most wanted first.

        What a picture was made from comes last: it may not take the place of another kind.
        """
        return [
            *((f"{WORK}{each.kind}:", each.url) for each in self.works),
            *((f"{ORIGIN}{each.kind}:", each.origin) for each in self.works if each.origin),
        ]


def asset_hosts(captures: Sequence[Capture]) -> AssetHosts | None:
    """Find the hosts of one visit; None where the home page was not read.

    The home page's own host is always among them, with or without works of its own: there the
    site speaks.
    """
    home = next((c for c in captures if c.resource == HOME and not c.superseded), None)
    if home is None or unreadable(home) or not is_html(home):
        return None
    try:
        address = resolve(home.final_url)
    except ValueError:
        return None
    if (own := _split(address)) is None:
        return None
    media = parsed(home)
    base = _base(address, media.base)
    registry = platforms.load()
    found: dict[tuple[str, str], dict[str, Kind]] = {own: {}}
    best: dict[Kind, tuple[tuple[bool, int], str, str | None]] = {}
    cut = media.cut or is_cut(home)
    for reference in media.works:
        url = web_address(reference.url, base)
        origin = _split(url) if url and len(url) <= MAX_URL else None
        if not url or not origin:
            continue
        kind = _kind(registry, reference, origin[1])
        if kind is None or (kind is Kind.DOCUMENT and _foreign(registry, own[1], origin[1])):
            continue
        if reference.kind is not Kind.FRAME:  # a player is a page, no film
            rank = origin == own, reference.size
            if reference.kind not in best or rank > best[reference.kind][0]:
                largest = web_address(reference.largest, base) if reference.largest else None
                best[reference.kind] = rank, url, largest
        if origin in found or len(found) < MAX_HOSTS:
            found.setdefault(origin, {}).setdefault(url, kind)
        else:
            cut = True
    hosts = tuple(_host(registry, own, origin, urls) for origin, urls in found.items())
    samples = (_sample(kind, *best[kind][1:]) for kind in SAMPLED if kind in best)
    return AssetHosts(hosts, cut, tuple(samples))


def _sample(kind: Kind, url: str, largest: str | None) -> Sample:
    named = origin_of_rendition(url) if kind is Kind.IMAGE else None
    if named is None and kind is Kind.IMAGE and largest not in {None, url}:
        named = SRCSET, str(largest)
    return Sample(kind.value, url, *(named or ()))


def page_facts(captures: Sequence[Capture]) -> tuple[tuple[Link, ...], AssetHosts | None]:
    """Find the documents that the captures of one visit point to, and the hosts of works.

    All that a visit goes on by, in one job for another process.
    """
    return links(captures), asset_hosts(captures)


def _base(home: str, base: str | None) -> str:
    """What references are relative to; a `base` that is too long says nothing."""
    stated = document_base(home, base)
    return stated if len(stated) <= MAX_URL else home


def _split(url: str) -> tuple[str, str] | None:
    """Origin and host, with a port that is not the scheme's own; None where it has no name."""
    if (found := _ORIGIN.fullmatch(origin_of(url))) is None:
        return None
    host = found[2] + (found[3] or "")
    return f"{found[1]}://{host}", host


def _kind(registry: Platforms, reference: Work, host: str) -> Kind | None:
    if reference.kind is not Kind.FRAME:
        return reference.kind
    platform = registry.serving(host)
    return _PLAYERS.get(platform.kind) if platform else None


def _host(
    registry: Platforms, own: tuple[str, str], origin: tuple[str, str], urls: dict[str, Kind]
) -> AssetHost:
    platform = registry.serving(origin[1])
    kinds = list(urls.values())
    return AssetHost(
        origin=origin[0],
        host=origin[1],
        control=_control(registry, own[1], origin[1]),
        platform=platform.id if platform else None,
        images=kinds.count(Kind.IMAGE),
        audio=kinds.count(Kind.AUDIO),
        videos=kinds.count(Kind.VIDEO),
        documents=kinds.count(Kind.DOCUMENT),
        examples=tuple(islice(urls, 2)),
    )


def _foreign(registry: Platforms, own: str, host: str) -> bool:
    return _control(registry, own, host) is Control.UNKNOWN


def control_of(own: str, origin: str) -> Control:
    """Whose host it is that serves a work, by its origin and the host of the home page."""
    return _control(platforms.load(), own, origin.partition("://")[2])


def _control(registry: Platforms, own: str, host: str) -> Control:
    """Platforms come before domains: on some, sites and pictures share one domain."""
    if host == own:
        return Control.OWN
    if registry.serving(host):
        return Control.PLATFORM
    if network := registry.networks.owner(host):
        return Control.SHARED_CDN if network == "shared" else Control.TENANT_CDN
    domain = registrable(own)[1]
    if domain is not None and registrable(host)[1] == domain:
        return Control.DOMAIN
    return Control.UNKNOWN
