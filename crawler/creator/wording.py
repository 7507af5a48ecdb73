"""The sentences of `optout check`, found by dotted name and filled in, in the language spoken.

`advice.toml` holds all of them, in English; `advice.de.toml` and `advice.fr.toml` those of the
first screen and of the page. What a language lacks is said in English.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from typing import Any

LANGUAGES = ("en", "de", "fr")
_spoken: ContextVar[str] = ContextVar("_spoken", default="en")


@functools.cache
def load(language: str = "en") -> Mapping[str, Any]:
    """Return all sentences this release ships in a language."""
    name = "advice.toml" if language == "en" else f"advice.{language}.toml"
    return tomllib.loads(resources.files("crawler.creator").joinpath(name).read_text("utf-8"))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say all sentences in a language of LANGUAGES; any other is English."""
    before = _spoken.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """Return the language that is spoken now."""
    return _spoken.get()


def say(name: str, /, **parts: object) -> str:
    """Return the sentence `table.key`, its braces filled; raises KeyError for no such one."""
    try:
        found = _find(load(language()), name)
    except KeyError:
        found = _find(load(), name)
    return found.format(**parts) if parts else found


def _find(table: Any, name: str) -> str:  # noqa: ANN401
    for key in name.split("."):
        table = table[key]
    return str(table)


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
