"""Turns `operators.toml` into a card for each operator: what it documents, cell by cell.

A cell that has no line is unknown, and stays so: nothing is concluded from silence. Whether there
is a way to removal or to a licence follows from `routes.toml`.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.registry import agents, fields, routes
from crawler.registry.fields import RegistryError
from crawler.registry.routes import Covers, Routes, Source

FILE = "operators.toml"
UNKNOWN = "unknown"
ANSWERS = ("yes", "partly", "no")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")

COUNTRIES = ("seat", "jurisdiction")
"""Cells whose value is a country (ISO 3166-1 alpha-2); in all others it is one of ANSWERS."""
CELLS = (
    *COUNTRIES,
    *("agents_documented", "product_token", "training_token"),
    *("addresses_published", "dns_verification", "signed_requests"),
    *("robots_training", "robots_search", "robots_user", "crawl_delay"),
    *("training_summary", "code_of_practice", "removal", "licensing"),
)
"""What can be known of an operator; the head of the file says what each cell means."""


class Effect(StrEnum):
    """What an operator says follows when robots.txt refuses one of its agents."""

    LEAVES_TRAINING = "leaves-training"
    LEAVES_ANSWERS = "leaves-answers"
    MAY_BE_IGNORED = "may-be-ignored"
    LEAVES_PREVIEWS = "leaves-previews"
    LEAVES_ADS = "leaves-ads"


@dataclass(frozen=True, slots=True)
class Fact:
    """One known cell; day and verification are those of its source."""

    cell: str
    value: str
    source: Source
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Blocking:
    """What follows from refusing one agent."""

    agent: str
    effects: tuple[Effect, ...]
    source: Source
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One card. `name` is the operator's in `agents.toml`."""

    id: str
    name: str
    facts: Mapping[str, Fact]
    blocking: tuple[Blocking, ...] = ()

    def state(self, cell: str) -> str:
        """Give a cell's value, or `unknown`."""
        return self.facts[cell].value if cell in self.facts else UNKNOWN


@dataclass(frozen=True, slots=True)
class Operators:
    """All cards by id, in the order of the file."""

    version: str
    entries: Mapping[str, Operator]


@dataclass(frozen=True, slots=True)
class Change:
    """A cell, or an agent's effects, that differs between two versions; `unknown` is a value."""

    operator: str
    what: str
    before: str
    after: str


@functools.cache
def load() -> Operators:
    """Return the operators this release knows."""
    return parse(resources.files("crawler.registry").joinpath(FILE).read_bytes(), routes.load())


def parse(content: bytes, ways: Routes) -> Operators:
    """Read a file's bytes; raises RegistryError naming the entry and the field."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"{FILE}: not a TOML file: {error}") from error
    sources = routes.sources(FILE, document.pop("source", {}))
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    rest = {name: value for name, value in document.items() if name not in tables}
    top = fields.entry(FILE, rest, {"version": fields.day}, ("version",))
    entries = {
        name: _operator(f"{FILE}: [{name}]", name, table, sources, ways)
        for name, table in tables.items()
    }
    if len({operator.name for operator in entries.values()}) < len(entries):
        raise RegistryError(f"{FILE}: name: an operator is listed twice")
    return Operators(top["version"], MappingProxyType(entries))


def changes(older: Operators, newer: Operators) -> Iterator[Change]:
    """Yield what differs, operator by operator; one that is not listed is unknown throughout."""
    before, after = _cells(older), _cells(newer)
    for key in sorted(before | after):
        was, now = before.get(key, UNKNOWN), after.get(key, UNKNOWN)
        if was != now:
            yield Change(*key, was, now)


def _cells(cards: Operators) -> dict[tuple[str, str], str]:
    return {
        (card.name, fact.cell): fact.value for card in cards.entries.values()
        for fact in card.facts.values()
    } | {
        (card.name, blocking.agent): ", ".join(blocking.effects)
        for card in cards.entries.values()
        for blocking in card.blocking
    }  # fmt: skip


def _operator(
    place: str, name: str, table: Mapping[str, Any], known: Mapping[str, Source], ways: Routes
) -> Operator:
    if not _ID.fullmatch(name):
        raise RegistryError(f"{place}: small letters, digits and hyphens are expected")
    fields.refuse_unknown(place, table, ("name", "facts", "effects"))
    operator = fields.read(place, "name", routes.operator, table.get("name"))
    facts = {
        cell: _fact(f"{place}: facts.{cell}", cell, line, known)
        for cell, line in table.get("facts", {}).items()
    }
    for fact in _derived(operator, ways):
        if fact.cell in facts:
            raise RegistryError(f"{place}: facts.{fact.cell}: {routes.FILE} has a way")
        facts[fact.cell] = fact
    blocking = tuple(
        _blocking(f"{place}: effects.{token}", operator, token, line, known)
        for token, line in table.get("effects", {}).items()
    )
    return Operator(name, operator, MappingProxyType(facts), blocking)


def _derived(operator: str, ways: Routes) -> Iterator[Fact]:
    """Whether there is a way follows from the ways; one that nobody documents is `partly` one."""
    removals = [way for way in ways.removals if way.operator == operator]
    whole = [way for way in removals if way.documented and way.covers is not Covers.PERSONAL_DATA]
    if removals:
        best = (whole or removals)[0]
        yield Fact("removal", "yes" if whole else "partly", best.source, best.title)
    offers = [offer for offer in ways.licences if offer.operator == operator]
    if offers:
        yield Fact("licensing", "yes", offers[0].source, offers[0].title)


def _fact(place: str, cell: str, line: Mapping[str, object], known: Mapping[str, Source]) -> Fact:
    if cell not in CELLS:
        raise RegistryError(f"{place}: no such cell; known are {', '.join(CELLS)}")
    values = fields.entry(place, line, _FACT, ("value", "source"))
    value = values["value"]
    if cell in COUNTRIES and not _COUNTRY.fullmatch(value):
        raise RegistryError(f"{place}: value: {value!r} is not two capital letters")
    if cell not in COUNTRIES and value not in ANSWERS:
        hint = "leave the line out" if value == UNKNOWN else ", ".join(ANSWERS)
        raise RegistryError(f"{place}: value: {value!r}: expected: {hint}")
    source = routes.source(place, values.pop("source"), known)
    return Fact(cell=cell, source=source, **values)


def _blocking(
    place: str, operator: str, token: str, line: Mapping[str, object], known: Mapping[str, Source]
) -> Blocking:
    agent = agents.load().by_token(token)
    if agent is None or agent.operator != operator:
        raise RegistryError(f"{place}: no agent of {operator} has this name")
    values = fields.entry(place, line, _BLOCKING, ("value", "source"))
    source = routes.source(place, values.pop("source"), known)
    return Blocking(agent.token, values.pop("value"), source, **values)


def _effects(value: object) -> tuple[Effect, ...]:
    return tuple(Effect(text) for text in fields.texts(value))


_FACT: Mapping[str, fields.Reader] = {
    "value": fields.text,
    "source": fields.text,
    "note": fields.text,
}
_BLOCKING: Mapping[str, fields.Reader] = {**_FACT, "value": _effects}
