"""Turns `platforms.toml` into the places where creators publish, and what they can do there.

A cell that has no line is unknown, and stays so: nothing is concluded from silence. Every error
names the file, the line and the field, since the file is edited by hand.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.registry import fields
from crawler.registry.fields import RegistryError

FILE = "platforms.toml"
UNKNOWN = "unknown"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+")
_SECTION = re.compile(r"\[([^\]]++)\]")
_KEY = re.compile(r"([\w.-]++)\s*+=")


class Kind(StrEnum):
    """What a creator uses the platform for."""

    BUILDER = "builder"
    SHOP = "shop"
    BLOG = "blog"
    PORTFOLIO = "portfolio"
    MARKETPLACE = "marketplace"
    MUSIC = "music"
    VIDEO = "video"
    PHOTO = "photo"
    SOCIAL = "social"
    HOSTING = "hosting"  # files of the creator's own
    SOFTWARE = "software"  # runs anywhere: says nothing of who runs it


class Strength(StrEnum):
    """How surely one mark tells the platform, and how surely all of them do."""

    SURE = "sure"  # its servers alone send this
    LIKELY = "likely"
    HINT = "hint"  # others have it as well


_YES_NO = ("yes", "no")
_PARTLY = ("yes", "no", "partly")
_TERMS = ("licenses", "opt-out", "opt-in", "forbids", "silent")
CELLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "robots_edit": _PARTLY,
        "ai_switch": _YES_NO,
        "ai_switch_default": ("on", "off"),
        "ai_switch_writes": ("robots", "page", "none"),
        "header_edit": _YES_NO,
        "meta_edit": _YES_NO,
        "root_files": _PARTLY,
        "needs_domain": _YES_NO,
        "needs_plan": _YES_NO,
        "robots_default": ("names-ai", "silent-on-ai"),
        "image_metadata": ("kept", "stripped", "partly"),
        "terms_ai_platform": _TERMS,
        "terms_ai_others": _TERMS,
    }
)
"""What can be known of a platform, and the values; the head of the file says what they mean."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells a platform: a header (by name, lower case), the generator's meta, path or rules.

    `path` is how addresses of the site's own host begin on its home page, `rules` are values of
    Disallow that stand together in its robots.txt.
    """

    id: str
    strength: Strength
    source: str
    as_of: str
    header: str | None = None
    generator: bool = False
    path: str | None = None
    rules: tuple[str, ...] = ()
    has: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One known cell; `as_of` and `since` are days, or months whose day is unknown."""

    cell: str
    value: str
    source: str
    as_of: str
    since: str | None = None
    verified: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """The crawlers that the AI switch of a platform named on a day."""

    as_of: str
    agents: tuple[str, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Platform:
    """One place; the head of `platforms.toml` says what every field means."""

    id: str
    title: str
    kind: Kind
    source: str
    as_of: str
    verified: bool = False
    hosts: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    cnames: tuple[str, ...] = ()
    builds: bool = False
    marks: tuple[Mark, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    switches: tuple[Switch, ...] = ()

    def state(self, cell: str) -> str:
        """Give a cell's value, or `unknown`."""
        return self.facts[cell].value if cell in self.facts else UNKNOWN


class Suffixes:
    """Finds what a host belongs to: `x` is only x, `.x` all below it.

    `but_www`: not `www.x`, which is the platform's own site.
    """

    def __init__(self, owners: Mapping[str, str], *, but_www: bool = False) -> None:
        self._owners = owners
        self._but_www = but_www

    def owner(self, host: str) -> str | None:
        """Return the owner of the longest entry that fits; linear in the labels."""
        name = host.partition(":")[0]
        if name in self._owners:
            return self._owners[name]
        own = name.removeprefix("www") if self._but_www and name.startswith("www.") else ""
        parent = name
        while "." in parent:
            parent = parent.partition(".")[2]
            if f".{parent}" in self._owners and f".{parent}" != own:
                return self._owners[f".{parent}"]
        return None


@dataclass(frozen=True, slots=True)
class Platforms:
    """All platforms by id, in the order of the file, and the delivery networks."""

    version: str
    entries: Mapping[str, Platform]
    sites: Suffixes
    """Hosts where creators' sites or pages are, to the platform's id."""
    assets: Suffixes
    """Hosts of platforms that serve works, to the platform's id."""
    networks: Suffixes
    """Hosts of delivery networks, to `shared` or `tenant`."""

    def serving(self, host: str) -> Platform | None:
        """Return the platform whose host this is, of works or of pages."""
        found = self.assets.owner(host) or self.sites.owner(host)
        return self.entries[found] if found else None


@functools.cache
def load() -> Platforms:
    """Return the platforms this release knows."""
    return parse(resources.files("crawler.registry").joinpath(FILE).read_bytes())


def parse(content: bytes) -> Platforms:
    """Read a file's bytes; raises RegistryError naming the file, the line and the field."""
    try:
        text = content.decode()
        document = tomllib.loads(text)
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"{FILE}: not a TOML file: {error}") from error
    lines = dict(_lines(text))
    tables = {name: value for name, value in document.items() if isinstance(value, dict)}
    rest = {name: value for name, value in document.items() if name not in tables}
    top = fields.entry(FILE, rest, _TOP, _TOP)
    entries = {name: _platform(name, table, lines) for name, table in tables.items()}
    networks = dict.fromkeys(top["shared_cdns"], "shared") | dict.fromkeys(
        top["tenant_cdns"], "tenant"
    )
    return Platforms(
        top["version"],
        MappingProxyType(entries),
        Suffixes(_owners(entries, "hosts", lines), but_www=True),
        Suffixes(_owners(entries, "assets", lines)),
        Suffixes(networks),
    )


def _lines(text: str) -> Iterator[tuple[tuple[str, str], int]]:
    """Give the line of every section (key empty) and key: each stands on a line of its own."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _SECTION.match(line):
            section = heading[1]
            yield (section, ""), number
        elif key := _KEY.match(line):
            yield (section, key[1]), number


class _Place:
    """Where a platform's fields stand, for errors."""

    def __init__(self, name: str, lines: Mapping[tuple[str, str], int]) -> None:
        self._name = name
        self._lines = lines

    def of(self, key: str = "") -> str:
        number = self._lines.get((self._name, key)) or self._lines.get((self._name, ""), 0)
        return ": ".join(filter(None, (f"{FILE}:{number}", self._name, key)))


def _platform(
    name: str, table: Mapping[str, Any], lines: Mapping[tuple[str, str], int]
) -> Platform:
    place = _Place(name, lines)
    if not _ID.fullmatch(name):
        raise RegistryError(f"{place.of()}: small letters, digits and hyphens are expected")
    fields.refuse_unknown(place.of(), table, (*_PLATFORM, *_GROUPS))
    for required in ("title", "kind", "source", "as_of"):
        if required not in table:
            raise RegistryError(f"{place.of()}: {required}: missing")
    plain = {
        key: fields.read(place.of(key), "value", reader, table[key])
        for key, reader in _PLATFORM.items()
        if key in table
    }
    groups = {group: _group(place, table, group) for group in _GROUPS}
    marks = tuple(_mark(place.of(f"marks.{key}"), key, t) for key, t in groups["marks"])
    facts = {key: _fact(place.of(f"facts.{key}"), key, t) for key, t in groups["facts"]}
    switches = tuple(_switch(place.of(f"switch.{key}"), key, t) for key, t in groups["switch"])
    if switches and ("ai_switch" not in facts or facts["ai_switch"].value == "no"):
        raise RegistryError(f"{place.of()}: switch: without facts.ai_switch that says yes")
    switches = tuple(sorted(switches, key=lambda switch: switch.as_of))
    return Platform(id=name, marks=marks, facts=MappingProxyType(facts), switches=switches, **plain)


def _group(place: _Place, table: Mapping[str, Any], group: str) -> list[tuple[str, Any]]:
    """The lines `group.KEY = { ... }` of a platform."""
    found = table.get(group, {})
    if not isinstance(found, dict):
        raise RegistryError(f"{place.of(group)}: write {group}.NAME = {{ ... }}")
    for key, value in found.items():
        if not isinstance(value, dict):
            raise RegistryError(f"{place.of(f'{group}.{key}')}: {{ ... }} is expected")
    return list(found.items())


def _mark(place: str, key: str, table: Mapping[str, object]) -> Mark:
    mark = Mark(id=key, **fields.entry(place, table, _MARK, ("strength", "source", "as_of")))
    if sum(map(bool, (mark.header, mark.generator, mark.path, mark.rules))) != 1:
        raise RegistryError(f"{place}: one of header, generator, path and rules")
    if mark.generator and not mark.has:
        raise RegistryError(f"{place}: has: missing; any page may have a generator")
    return mark


def _fact(place: str, cell: str, table: Mapping[str, object]) -> Fact:
    if cell not in CELLS:
        raise RegistryError(f"{place}: no such cell; known are {', '.join(CELLS)}")
    fact = Fact(cell=cell, **fields.entry(place, table, _FACT, ("value", "source", "as_of")))
    if fact.value not in CELLS[cell]:
        hint = "leave the line out" if fact.value == UNKNOWN else ", ".join(CELLS[cell])
        raise RegistryError(f"{place}: value: {fact.value!r}: expected: {hint}")
    return fact


def _switch(place: str, key: str, table: Mapping[str, object]) -> Switch:
    as_of = fields.read(place, "day", fields.day, key)
    return Switch(as_of=as_of, **fields.entry(place, table, _SWITCH, _SWITCH))


def _owners(
    entries: Mapping[str, Platform], group: str, lines: Mapping[tuple[str, str], int]
) -> dict[str, str]:
    owners: dict[str, str] = {}
    for platform in entries.values():
        for host in getattr(platform, group):
            if owners.setdefault(host, platform.id) != platform.id:
                place = _Place(platform.id, lines).of(group)
                raise RegistryError(f"{place}: {host} is listed under {owners[host]} as well")
    return owners


def _hosts(value: object) -> tuple[str, ...]:
    texts = fields.texts(value)
    for text in texts:
        if not _HOST.fullmatch(text):
            raise ValueError(f"{text!r} is neither a host nor a suffix that begins with a dot")
    return texts


def _path(value: object) -> str:
    text = fields.text(value)
    if not text.startswith("/") or not text.isascii() or len(text) < 4:
        raise ValueError(f"{text!r} is not a path that tells anything")
    return text


def _lower(value: object) -> str:
    """Accept a text that is compared in lower case; an outer blank may be part of it."""
    if not isinstance(value, str) or not value.strip() or value != value.lower():
        raise ValueError(f"{value!r} is not a text in lower case")
    return value


_TOP: Mapping[str, fields.Reader] = {
    "version": fields.day,
    "shared_cdns": _hosts,
    "tenant_cdns": _hosts,
}
_PLATFORM: Mapping[str, fields.Reader] = {
    "title": fields.text,
    "kind": Kind,
    "hosts": _hosts,
    "assets": _hosts,
    "cnames": _hosts,
    "builds": fields.flag,
    "source": fields.text,
    "as_of": fields.day,
    "verified": fields.flag,
}
_GROUPS = ("marks", "facts", "switch")
_MARK: Mapping[str, fields.Reader] = {
    "header": _lower,
    "generator": fields.flag,
    "path": _path,
    "rules": fields.texts,
    "has": _lower,
    "strength": Strength,
    "source": fields.text,
    "as_of": fields.day,
    "verified": fields.flag,
}
_FACT: Mapping[str, fields.Reader] = {
    "value": fields.text,
    "since": fields.day,
    "source": fields.text,
    "as_of": fields.day,
    "verified": fields.flag,
    "note": fields.text,
}
_SWITCH: Mapping[str, fields.Reader] = {
    "source": fields.text,
    "verified": fields.flag,
    "agents": fields.texts,
}
