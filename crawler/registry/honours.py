"""Turns `honours.toml` into dated rows: which operator says that it reads which signal.

What has no row is unknown, and stays so (`unknown` in the view `v_reserved`): nothing is
concluded from silence.
"""

import functools
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from crawler.registry import agents, fields, inventory
from crawler.registry.fields import RegistryError

FILE = "honours.toml"


class Stand(StrEnum):
    """What is known of an operator and a signal; `honours.toml` says what each means."""

    DOCUMENTED = "documented"
    PARTLY = "partly"
    ANNOUNCED = "announced"
    ENFORCES = "enforces"
    ENDORSED = "endorsed"
    STATED_NOT = "stated-not"
    NOT_READ = "not-read"
    DECLINED = "declined"
    NO_STATEMENT = "no-statement"
    CONTESTED = "contested"
    NOTHING_FOUND = "nothing-found"


@dataclass(frozen=True, slots=True)
class Row:
    """What one operator says or shows; `as_of` is a day, or a month whose day is unknown."""

    operator: str
    value: Stand
    source: str
    as_of: str
    note: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """Signals that operators treat as one thing; no `words`: all of it, no `agents`: all."""

    id: str
    title: str
    signals: tuple[str, ...]
    rows: tuple[Row, ...]
    words: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Honours:
    """All families, in the order of the file."""

    version: str
    families: tuple[Family, ...]

    def of(self, signal: str) -> tuple[Family, ...]:
        """Return the families that a signal of the inventory belongs to."""
        return tuple(family for family in self.families if signal in family.signals)


@functools.cache
def load() -> Honours:
    """Return the rows this release ships."""
    return parse(resources.files("crawler.registry").joinpath(FILE).read_bytes())


def parse(content: bytes) -> Honours:
    """Read a file's bytes; raises RegistryError naming the file, the entry and the field."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"{FILE}: not a TOML file: {error}") from error
    top = fields.entry(FILE, document, _TOP, ("version", "family"))
    operators = {agent.operator for agent in agents.load().agents if agent.operator}
    known = operators.union(top.get("others", ()))
    families = tuple(_family(table, known) for table in top["family"])
    if len({family.id for family in families}) < len(families):
        raise RegistryError(f"{FILE}: a family's id is listed twice")
    return Honours(top["version"], families)


def _family(table: dict[str, Any], known: Collection[str]) -> Family:
    place = f"{FILE}: [[family]] {table.get('id', 'without id')}"
    values = fields.entry(place, table, _FAMILY, ("id", "title", "signals", "source", "as_of"))
    common = {name: values.pop(name) for name in ("source", "as_of")}
    silent = values.pop("nothing_found", ())
    rows = [
        *(_row(place, row, common) for row in values.pop("row", ())),
        *(Row(operator, Stand.NOTHING_FOUND, **common) for operator in silent),
    ]
    _check(place, rows, known)
    return Family(rows=tuple(rows), **values)


def _row(place: str, table: Mapping[str, object], common: dict[str, Any]) -> Row:
    place = f"{place}: {table.get('operator', 'row without operator')}"
    return Row(**(common | fields.entry(place, table, _ROW, ("operator", "value"))))


def _check(place: str, rows: list[Row], known: Collection[str]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.operator not in known:
            raise RegistryError(f"{place}: {row.operator}: neither in agents.toml nor in others")
        if row.operator in seen:
            raise RegistryError(f"{place}: {row.operator}: listed twice")
        if row.value is Stand.NOTHING_FOUND and row.verified:
            raise RegistryError(f"{place}: {row.operator}: verified: nobody can read everything")
        seen.add(row.operator)


def _signals(value: object) -> tuple[str, ...]:
    texts = fields.texts(value)
    for text in texts:
        if text not in inventory.load().entries:
            raise ValueError(f"{text!r} is not in {inventory.FILE}")
    return texts


def _words(value: object) -> tuple[str, ...]:
    """Accept words to look for in a quotation, which is compared in lower case."""
    texts = fields.texts(value)
    for text in texts:
        if not text.replace("-", "").isalnum() or text != text.lower():
            raise ValueError(f"{text!r} is not a word of small letters, digits and hyphens")
    return texts


def _tokens(value: object) -> tuple[str, ...]:
    texts = fields.texts(value)
    for text in texts:
        if agents.load().by_token(text) is None:
            raise ValueError(f"{text!r} is not in agents.toml")
    return texts


_TOP: Mapping[str, fields.Reader] = {
    "version": fields.day,
    "others": fields.texts,
    "family": fields.tables,
}
_FAMILY: Mapping[str, fields.Reader] = {
    "id": fields.text,
    "title": fields.text,
    "signals": _signals,
    "words": _words,
    "agents": _tokens,
    "source": fields.text,
    "as_of": fields.day,
    "nothing_found": fields.texts,
    "row": fields.tables,
}
_ROW: Mapping[str, fields.Reader] = {
    "operator": fields.text,
    "value": Stand,
    "note": fields.text,
    "source": fields.text,
    "as_of": fields.day,
    "verified": fields.flag,
}
