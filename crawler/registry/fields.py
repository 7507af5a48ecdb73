"""The fields of a registry's entries: each is read by one function that says what is wrong.

Data files are edited by hand, so every mistake is an error that names its place.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

Reader = Callable[[Any], Any]
"""Gives a field's value, or raises ValueError with what is wrong about it."""

_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")


class RegistryError(ValueError):
    """A fault in the registry's data; the message names the entry and the field."""


def entry(
    place: str,
    table: Mapping[str, object],
    readers: Mapping[str, Reader],
    required: Collection[str],
) -> dict[str, Any]:
    """Read all fields of one entry."""
    refuse_unknown(place, table, readers)
    for name in required:
        if name not in table:
            raise RegistryError(f"{place}: {name}: missing")
    return {name: read(place, name, readers[name], value) for name, value in table.items()}


def refuse_unknown(place: str, table: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse a key that means nothing here: it is a misspelling."""
    for name in table:
        if name not in known:
            raise RegistryError(f"{place}: unknown key {name!r}; known are {', '.join(known)}")


def read(place: str, name: str, reader: Reader, value: object) -> Any:  # noqa: ANN401
    """Apply a field's reader; its ValueError becomes an error that names the place."""
    try:
        return reader(value)
    except ValueError as error:
        raise RegistryError(f"{place}: {name}: {error}") from error


def text(value: object) -> str:
    """Accept a text that is not empty and has no outer blanks."""
    if not isinstance(value, str) or not value or value != value.strip():
        raise ValueError(f"{value!r} is not a text without outer blanks")
    return value


def texts(value: object) -> tuple[str, ...]:
    """Accept a list of different texts that is not empty."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"{value!r} is not a list of texts (leave an empty one out)")
    found = tuple(text(item) for item in value)
    if len(set(found)) < len(found):
        raise ValueError(f"{value!r} says something twice")
    return found


def flag(value: object) -> bool:
    """Accept true or false."""
    if value is True or value is False:
        return value
    raise ValueError(f"{value!r} is neither true nor false")


def day(value: object) -> str:
    """Accept a day, or a month whose day is unknown, and return it as written."""
    written = text(value)
    if not _DATE.fullmatch(written):
        raise ValueError(f"{written!r} is not YYYY-MM-DD or YYYY-MM")
    date.fromisoformat(written if len(written) == 10 else f"{written}-01")
    return written


def tables(value: object) -> list[dict[str, Any]]:
    """Accept an array of tables."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("[[...]] tables are expected")
    return value
