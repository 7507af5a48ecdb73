"""The sentences of `optout check` (`advice.toml`), found by dotted name and filled in."""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any


@functools.cache
def load() -> Mapping[str, Any]:
    """Return all sentences this release ships."""
    return tomllib.loads(
        resources.files("crawler.creator").joinpath("advice.toml").read_text("utf-8")
    )


def say(name: str, /, **parts: object) -> str:
    """Return the sentence `table.key`, its braces filled; raises KeyError for no such one."""
    found: Any = load()
    for key in name.split("."):
        found = found[key]
    return str(found).format(**parts) if parts else str(found)


def glossary(told: str) -> tuple[tuple[str, str], ...]:
    """Return the words to be explained, each with its meaning.

    Some are always; others where `told` holds one of their words in `when`.
    """
    low = told.lower()
    return tuple(
        (entry["word"], entry["means"])
        for entry in load()["glossary"]
        if "when" not in entry or any(word in low for word in entry["when"])
    )


def plain(text: str) -> str:
    """Return one of our sentences without the marks around what is to be written literally."""
    return text.replace("`", "")
