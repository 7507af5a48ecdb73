"""Turns `defects.toml` into the validated catalogue of the ways in which a statement fails.

An id in a database must always find its entry here, and an entry must always say how to mend
the fault; so every mistake in the data is an error that names its place.
"""

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.model import Severity

NOT_DETECTED = "not by this version"
BY_ANY = "any signal"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_READERS = ("rfc9309", "google", "protego")


class CatalogueError(ValueError):
    """A fault in the catalogue's data; the message names the entry."""


class Carrier(StrEnum):
    """Where the faulty statement stands."""

    ROBOTS = "robots"
    META = "meta"
    HEADER = "header"
    HTML = "html"
    TDMREP = "tdmrep"
    POLICY = "policy"
    RSL = "rsl"
    FILE = "file"
    TERMS = "terms"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of fault; the head of `defects.toml` says what every field means.

    What the readers make of it is None outside robots.txt.
    """

    id: str
    carrier: Carrier
    severity: Severity
    detected: str
    title: str
    effect: str
    explanation: str
    intention: str
    mend: str
    rfc9309: str | None = None
    google: str | None = None
    protego: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What is known about names that address nobody, all in lower case.

    `nobody` are no agents' names, `different` no misspellings, `replaced` maps a name given
    up to its successor.
    """

    nobody: frozenset[str]
    different: frozenset[str]
    replaced: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries by id, in the order of the file; `sha256` is of the file's bytes."""

    version: str
    sha256: str
    entries: Mapping[str, Entry]
    names: Names


@functools.cache
def load() -> Catalogue:
    """Return the catalogue this release ships."""
    return parse(resources.files("crawler.registry").joinpath("defects.toml").read_bytes())


def parse(content: bytes) -> Catalogue:
    """Read a catalogue file's bytes; raises CatalogueError naming the entry and the fault."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise CatalogueError(f"not a TOML file: {error}") from error
    entries: dict[str, Entry] = {}
    try:
        for table in document["defect"]:
            entry = _entry(table)
            if entry.id in entries:
                raise CatalogueError(f"{entry.id}: listed twice")
            entries[entry.id] = entry
        names = _names(document["names"])
        version = document["version"]
    except KeyError as error:
        raise CatalogueError(f"{error} is missing") from error
    digest = hashlib.sha256(content).hexdigest()
    return Catalogue(version, digest, MappingProxyType(entries), names)


def _entry(table: dict[str, str]) -> Entry:
    place = table.get("id", "an entry without id")
    known = {field.name for field in fields(Entry)}
    required = known - ({*_READERS} if table.get("carrier") != Carrier.ROBOTS else set())
    if wrong := sorted((table.keys() - known) | (required - table.keys())):
        raise CatalogueError(f"{place}: missing or unknown: {', '.join(wrong)}")
    for name, value in table.items():
        if not isinstance(value, str) or not value or value != value.strip():
            raise CatalogueError(f"{place}: {name}: {value!r} is not a text without outer blanks")
    if not _ID.fullmatch(place):
        raise CatalogueError(f"{place}: id: small letters and digits, joined by hyphens")
    try:
        carrier, severity = Carrier(table["carrier"]), Severity(table["severity"])
    except ValueError as error:
        raise CatalogueError(f"{place}: {error}") from error
    texts = {key: value for key, value in table.items() if key not in {"carrier", "severity"}}
    return Entry(carrier=carrier, severity=severity, **texts)


def _names(table: dict[str, Any]) -> Names:
    return Names(
        nobody=frozenset(map(str.lower, table["nobody"])),
        different=frozenset(map(str.lower, table["different"])),
        replaced=MappingProxyType({old.lower(): new for old, new in table["replaced"].items()}),
    )
