"""Turns `authors.toml` into the marks by which services and plug-ins can be told.

A mark is evidence only for as long as somebody has seen it, so each carries its months.
"""

import functools
import re
import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib import resources
from typing import Any

_SEEN = re.compile(r"\d{4}-\d{2}/\d{4}-\d{2}")


class AuthorsError(ValueError):
    """A fault in the marks' data; the message names the entry."""


class Covers(StrEnum):
    """How much of a file a mark speaks for."""

    BLOCK = "block"
    LINE = "line"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark; the head of `authors.toml` says what every field means."""

    id: str
    title: str
    kind: str
    begin: bytes
    covers: Covers
    seen: str
    verified: bool
    end: bytes | None = None
    unless: str | None = None


@functools.cache
def load() -> tuple[Mark, ...]:
    """Return the marks this release knows."""
    return parse(resources.files("crawler.registry").joinpath("authors.toml").read_bytes())


def parse(content: bytes) -> tuple[Mark, ...]:
    """Read a file of marks; raises AuthorsError naming the entry and what is wrong."""
    return tuple(_mark(table) for table in tomllib.loads(content.decode())["author"])


def _mark(table: dict[str, Any]) -> Mark:
    place = f"{table.get('id')} ({table.get('begin')})"
    known = {field.name for field in fields(Mark)}
    if wrong := sorted((table.keys() - known) | (known - {"end", "unless"} - table.keys())):
        raise AuthorsError(f"{place}: missing or unknown: {', '.join(wrong)}")
    if not _SEEN.fullmatch(table["seen"]):
        raise AuthorsError(f"{place}: seen: two months are expected")
    texts = {name: table[name].encode() for name in ("begin", "end") if name in table}
    if any(not text.startswith(b"#") or text != text.lower() for text in texts.values()):
        raise AuthorsError(f"{place}: marks are comments in lower case")
    try:
        covers = Covers(table["covers"])
    except ValueError as error:
        raise AuthorsError(f"{place}: {error}") from error
    return Mark(**(table | texts | {"covers": covers}))
