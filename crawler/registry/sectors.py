"""Turns `sectors.toml` into the creative sub-sector of an occupation; the file has the sources."""

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from crawler.registry import fields
from crawler.registry.fields import RegistryError

_SEPARATORS = re.compile(r"[\W_]+")
_CODE = re.compile(r"[a-z]+")
_SOC = re.compile(r"\d{4}")
_ITEM = re.compile(r"Q[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Sector:
    """A sub-sector. `id` is what panels say; `also` are other words for it."""

    id: str
    title: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occupation:
    """A unit of occupations of one sub-sector. `soc` None: an addition of ours."""

    title: str
    sector: str
    names: tuple[str, ...]
    source: str
    verified: bool
    soc: str | None = None
    wikidata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sectors:
    """The table: `sectors` by id, `occupations` in file order."""

    version: str
    classification: str
    sectors: Mapping[str, Sector]
    occupations: tuple[Occupation, ...]
    _by_word: Mapping[str, str]
    _by_occupation: Mapping[str, str]

    def sector(self, word: str) -> str | None:
        """Return the id of the sub-sector that a list calls `word`."""
        return self._by_word.get(folded(word))

    def of_occupation(self, occupation: str) -> str | None:
        """Return the id of an occupation's sub-sector: a name in English, or a Wikidata item."""
        return self._by_occupation.get(folded(occupation))


def folded(word: str) -> str:
    """Return what is compared: no case, one blank for everything that is no letter or digit."""
    return _SEPARATORS.sub(" ", word.casefold()).strip()


@functools.cache
def load() -> Sectors:
    """Return the table this release ships."""
    return parse(resources.files("crawler.registry").joinpath("sectors.toml").read_bytes())


def parse(content: bytes) -> Sectors:
    """Read a file's bytes; raises RegistryError with the place and the fault."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:
        raise RegistryError(f"sectors: not a readable TOML file: {error}") from error
    file = fields.entry("sectors", document, _FILE, _FILE)
    sectors = [
        Sector(**fields.entry(f"sector {number}", table, _SECTOR, ("id", "title")))
        for number, table in enumerate(file["sector"], 1)
    ]
    occupations = tuple(
        Occupation(**fields.entry(f"occupation {number}", table, _OCCUPATION, _REQUIRED))
        for number, table in enumerate(file["occupation"], 1)
    )
    by_id = {sector.id: sector for sector in sectors}
    for occupation in occupations:
        if occupation.sector not in by_id:
            raise RegistryError(f"{occupation.title}: sector: no sector {occupation.sector!r}")
    return Sectors(
        file["version"],
        file["classification"],
        by_id,
        occupations,
        _index((word, sector.id) for sector in sectors for word in _words(sector)),
        _index(
            (word, unit.sector) for unit in occupations for word in (*unit.names, *unit.wikidata)
        ),
    )


def _words(sector: Sector) -> Iterator[str]:
    words = (sector.id, sector.title, *sector.also)
    return iter({folded(word): word for word in words}.values())


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for word, sector in pairs:
        if folded(word) in found:
            raise RegistryError(f"sectors: {word!r} is listed twice")
        found[folded(word)] = sector
    return found


def _matching(pattern: re.Pattern[str], what: str) -> fields.Reader:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        return value

    return read


def _items(value: object) -> tuple[str, ...]:
    item = _matching(_ITEM, "a Wikidata item, such as Q483501")
    return tuple(item(each) for each in fields.texts(value))


_FILE: dict[str, Any] = {
    "version": fields.day,
    "classification": fields.text,
    "sector": fields.tables,
    "occupation": fields.tables,
}
_SECTOR: dict[str, Any] = {
    "id": _matching(_CODE, "a word in small letters"),
    "title": fields.text,
    "also": fields.texts,
}
_OCCUPATION: dict[str, Any] = {
    "soc": _matching(_SOC, "a code of four digits"),
    "title": fields.text,
    "sector": fields.text,
    "names": fields.texts,
    "wikidata": _items,
    "source": fields.text,
    "verified": fields.flag,
}
_REQUIRED = ("title", "sector", "names", "source", "verified")
