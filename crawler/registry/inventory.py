"""Turns `inventory.toml` into the list of all signals, also of those that nobody reads here.

Which modules read a signal is not in the data: it follows from `Signal.id`. What no module
reads is described in the data itself, so that the reference leaves no signal out.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.model import Purpose
from crawler.registry import fields
from crawler.registry.fields import RegistryError

FILE = "inventory.toml"

LABELS = MappingProxyType(
    {"train-ai": Purpose.TRAIN, "ai-use": Purpose.AI_INPUT, "search": Purpose.SEARCH}
)
"""Labels of the AIPREF vocabulary (draft-ietf-aipref-vocab-08) to our purposes."""


class Status(StrEnum):
    """How firm the ground is that a signal stands on."""

    STANDARD = "standard"
    COMMUNITY = "community"  # a W3C community group report
    DRAFT = "draft"
    VENDOR = "vendor"
    PROPOSAL = "proposal"
    ABANDONED = "abandoned"


class Coverage(StrEnum):
    """Whether we look at a signal. Persisted."""

    READ = "read"
    NOT_READ = "not-read"  # not by this version
    NOT_VISIBLE = "not-visible"  # to no crawler


class Measure(StrEnum):
    """The kinds of opt-out measures that the EUIPO study tells apart."""

    LEGAL = "legal"
    TECHNICAL = "technical"


class Basis(StrEnum):
    """What a technical measure is bound to, in the typology of the EUIPO study."""

    LOCATION = "location"
    FILE = "file"
    WORK = "work"
    REPERTOIRE = "repertoire"


class Europe(StrEnum):
    """Where a signal stands in the Commission's process; none is on a final list."""

    NAMED = "named"  # by the code of practice itself, not by a list of protocols
    CANDIDATE = "candidate"
    LATER = "later"  # only if the IETF adopts it as a version of robots.txt


@dataclass(frozen=True, slots=True)
class Scheme:
    """A list of others that the inventory refers to, and how well we know it."""

    id: str
    title: str
    date: str
    source: str
    note: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal; the head of `inventory.toml` says what every field means. None is unknown."""

    id: str
    title: str
    place: str
    scope: str
    status: Status
    unread: Coverage | None = None
    reference: str | None = None
    iptc: str | None = None
    iptc_number: int | None = None
    measure: Measure | None = None
    basis: tuple[Basis, ...] = ()
    labels: tuple[str, ...] | None = None
    europe: Europe | None = None
    europe_note: str | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """All signals by id, in the order of the file, and the lists it refers to."""

    version: str
    schemes: Mapping[str, Scheme]
    entries: Mapping[str, Entry]


@functools.cache
def load() -> Inventory:
    """Return the inventory this release ships."""
    return parse(resources.files("crawler.registry").joinpath(FILE).read_bytes())


def parse(content: bytes) -> Inventory:
    """Read a file's bytes; raises RegistryError naming the file, the entry and the field."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"{FILE}: not a TOML file: {error}") from error
    top = fields.entry(FILE, document, _TOP, _TOP)
    schemes: dict[str, Scheme] = {}
    for table in top["scheme"]:
        scheme = Scheme(**fields.entry(_place("scheme", table), table, _SCHEME, _SCHEME))
        _put(schemes, scheme.id, scheme)
    entries: dict[str, Entry] = {}
    for table in top["signal"]:
        entry = _entry(table)
        _put(entries, entry.id, entry)
    return Inventory(top["version"], MappingProxyType(schemes), MappingProxyType(entries))


def _place(kind: str, table: Mapping[str, object]) -> str:
    return f"{FILE}: [[{kind}]] {table.get('id', 'without id')}"


def _put(known: dict[str, Any], identity: str, value: Scheme | Entry) -> None:
    if identity in known:
        raise RegistryError(f"{FILE}: {identity}: listed twice")
    known[identity] = value


def _entry(table: Mapping[str, object]) -> Entry:
    place = _place("signal", table)
    entry = Entry(**fields.entry(place, table, _ENTRY, _REQUIRED))
    if entry.unread is Coverage.READ:
        raise RegistryError(f"{place}: unread: leave it out; the modules tell what is read")
    if (entry.unread is None) != (entry.reference is None):
        raise RegistryError(f"{place}: reference: goes with unread; modules have docstrings")
    if entry.iptc_number is not None and entry.iptc is None:
        raise RegistryError(f"{place}: iptc_number: without iptc, the technique's name")
    if entry.europe_note is not None and entry.europe is None:
        raise RegistryError(f"{place}: europe_note: without europe")
    return entry


def _number(value: object) -> int:
    if type(value) is not int or not 1 <= value <= 99:
        raise ValueError(f"{value!r} is not a number of a technique")
    return value


def _bases(value: object) -> tuple[Basis, ...]:
    return tuple(Basis(text) for text in fields.texts(value))


def _labels(value: object) -> tuple[str, ...]:
    """Accept labels; an empty list says that the signal maps to none."""
    labels = () if value == [] else fields.texts(value)
    for label in labels:
        if label not in LABELS:
            raise ValueError(f"{label!r} is not a label; known are {', '.join(LABELS)}")
    return labels


_TOP: Mapping[str, fields.Reader] = {
    "version": fields.day,
    "scheme": fields.tables,
    "signal": fields.tables,
}
_SCHEME: Mapping[str, fields.Reader] = {
    "id": fields.text,
    "title": fields.text,
    "date": fields.day,
    "source": fields.text,
    "note": fields.text,
    "verified": fields.flag,
}
_ENTRY: Mapping[str, fields.Reader] = {
    "id": fields.text,
    "title": fields.text,
    "place": fields.text,
    "scope": fields.text,
    "status": Status,
    "unread": Coverage,
    "reference": fields.text,
    "iptc": fields.text,
    "iptc_number": _number,
    "measure": Measure,
    "basis": _bases,
    "labels": _labels,
    "europe": Europe,
    "europe_note": fields.text,
}
_REQUIRED = ("id", "title", "place", "scope", "status")
