"""Turns `routes.toml` into ways out, by which something is removed, and ways to a licence.

A way that is not listed is unknown. That one is documented says nothing about whether it works:
nobody has tried it here.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.registry import agents, fields, honours, inventory
from crawler.registry.fields import RegistryError

FILE = "routes.toml"


class Removes(StrEnum):
    """What a removal takes the content out of."""

    INDEX = "index"  # of a search engine or an archive that is looked up
    CORPUS = "corpus"  # a collection or a data set that others train from
    MODEL = "model"
    ANSWERS = "answers"  # what a model or assistant says, whatever it was trained on


class Covers(StrEnum):
    """Whose removal it is."""

    WORKS = "works"
    PERSONAL_DATA = "personal-data"
    BOTH = "both"


class Kind(StrEnum):
    """How a licence is come to."""

    TERMS = "terms"  # terms for machines on the site itself: RSL, a TDM policy
    PAYMENT = "payment"  # an answer 402 with a price
    MARKETPLACE = "marketplace"
    COLLECTIVE = "collective"
    DIRECT = "direct"  # an agreement with the operator


class Account(StrEnum):
    """Whether one needs an account for it."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from. `verified`: we read the operator's own words or its program."""

    id: str
    title: str
    as_of: str
    address: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """One way out; None is unknown. `documented`: by the operator itself.

    `corpus`: how the names of the collections begin, as in `public_captures`. `days`: within which
    the operator says that it answers.
    """

    id: str
    operator: str
    title: str
    removes: Removes
    covers: Covers
    how: str
    source: Source
    documented: bool
    corpus: str | None = None
    address: str | None = None
    days: int | None = None
    account: Account | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """One way to a licence; `operator` where an operator of agents runs it, `run_by` otherwise.

    `signals`: what says so on a site, by ids of `inventory.toml`.
    """

    id: str
    title: str
    kind: Kind
    asks: str
    open_to: str
    source: Source
    operator: str | None = None
    run_by: str | None = None
    signals: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Routes:
    """All ways, in the order of the file."""

    version: str
    removals: tuple[Removal, ...]
    licences: tuple[Licence, ...]


@functools.cache
def load() -> Routes:
    """Return the ways this release knows."""
    return parse(resources.files("crawler.registry").joinpath(FILE).read_bytes())


def parse(content: bytes) -> Routes:
    """Read a file's bytes; raises RegistryError naming the entry and the field."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"{FILE}: not a TOML file: {error}") from error
    known = sources(FILE, document.pop("source", {}))
    top = fields.entry(FILE, document, _TOP, ("version", "removal", "licence"))
    return Routes(
        top["version"],
        tuple(_removal(name, table, known) for name, table in top["removal"].items()),
        tuple(_licence(name, table, known) for name, table in top["licence"].items()),
    )


def sources(file: str, tables: Mapping[str, Mapping[str, object]]) -> Mapping[str, Source]:
    """Read the tables `[source.ID]` of a file."""
    return MappingProxyType(
        {
            name: Source(
                id=name,
                **fields.entry(f"{file}: [source.{name}]", table, _SOURCE, ("title", "as_of")),
            )
            for name, table in tables.items()
        }
    )


def source(place: str, name: str, known: Mapping[str, Source]) -> Source:
    """Return a source by its id; RegistryError where the file has none of that name."""
    if name not in known:
        raise RegistryError(f"{place}: source: no [source.{name}] in this file")
    return known[name]


def operator(value: object) -> str:
    """Accept an operator that some other file of the registry knows, or one of OTHERS."""
    text = fields.text(value)
    known = {agent.operator for agent in agents.load().agents}
    known |= {row.operator for family in honours.load().families for row in family.rows}
    if text not in known | OTHERS:
        raise ValueError(f"{text!r} is no operator of agents.toml or {honours.FILE}")
    return text


OTHERS = frozenset({"BigCode", "Swiss AI Initiative"})
"""Makers of models and data sets that send no crawler of their own."""


def _removal(name: str, table: Mapping[str, object], known: Mapping[str, Source]) -> Removal:
    place = f"{FILE}: [removal.{name}]"
    needed = ("operator", "title", "removes", "covers", "how", "source", "documented")
    values = fields.entry(place, table, _REMOVAL, needed)
    values["source"] = source(place, values["source"], known)
    return Removal(id=name, **values)


def _licence(name: str, table: Mapping[str, object], known: Mapping[str, Source]) -> Licence:
    place = f"{FILE}: [licence.{name}]"
    values = fields.entry(place, table, _LICENCE, ("title", "kind", "asks", "open_to", "source"))
    if ("operator" in values) is ("run_by" in values):
        raise RegistryError(f"{place}: one of operator and run_by")
    values["source"] = source(place, values["source"], known)
    return Licence(id=name, **values)


def _days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{value!r} is not a number of days")
    return value


def _signals(value: object) -> tuple[str, ...]:
    texts = fields.texts(value)
    for text in texts:
        if text not in inventory.load().entries:
            raise ValueError(f"{text!r} is not in {inventory.FILE}")
    return texts


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(line, dict) for line in value.values()):
        raise ValueError("tables by id are expected")
    return value


_TOP: Mapping[str, fields.Reader] = {
    "version": fields.day,
    "removal": _table,
    "licence": _table,
}
_SOURCE: Mapping[str, fields.Reader] = {
    "title": fields.text,
    "address": fields.text,
    "as_of": fields.day,
    "verified": fields.flag,
}
_REMOVAL: Mapping[str, fields.Reader] = {
    "operator": operator,
    "title": fields.text,
    "removes": Removes,
    "covers": Covers,
    "how": fields.text,
    "source": fields.text,
    "documented": fields.flag,
    "corpus": fields.text,
    "address": fields.text,
    "days": _days,
    "account": Account,
    "note": fields.text,
}
_LICENCE: Mapping[str, fields.Reader] = {
    "title": fields.text,
    "kind": Kind,
    "asks": fields.text,
    "open_to": fields.text,
    "source": fields.text,
    "operator": operator,
    "run_by": fields.text,
    "signals": _signals,
    "note": fields.text,
}
