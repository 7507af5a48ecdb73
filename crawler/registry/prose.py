"""Turns `prose.toml` into patterns that find reservations in a folded sentence."""

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources

from crawler.registry.agents import RegistryError

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'"})
_LANGUAGE = {"code", "mining", "scraping", "refusals", "exceptions"}


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language, ready to search in folded text."""

    code: str
    mining: re.Pattern[str]
    scraping: re.Pattern[str]
    refusals: re.Pattern[str]
    exceptions: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Prose:
    """The words of all languages."""

    version: str
    laws: re.Pattern[str]
    templates: re.Pattern[str]
    languages: tuple[Language, ...]


def fold(text: str) -> str:
    """Bring text to the form of the list: lower case, no accents, single blanks."""
    text = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(plain.split())


@functools.cache
def load() -> Prose:
    """Return the words this release ships."""
    return parse(resources.files("crawler.registry").joinpath("prose.toml").read_bytes())


def parse(content: bytes) -> Prose:
    """Read a file's bytes; raises RegistryError with the fault."""
    try:
        document = tomllib.loads(content.decode())
        return Prose(
            str(document["version"]),
            _any_of(document["laws"]),
            _any_of(document["templates"]),
            tuple(_language(entry) for entry in document["language"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"prose: {error}") from error


def _language(entry: dict[str, object]) -> Language:
    if entry.keys() != _LANGUAGE:
        raise ValueError(f"a language has {sorted(entry)} and not {sorted(_LANGUAGE)}")
    words = _any_of(entry["exceptions"]).pattern
    return Language(
        str(entry["code"]),
        _any_of(entry["mining"]),
        _any_of(entry["scraping"]),
        _any_of(entry["refusals"]),
        re.compile(f"(?:{words})[^,;]{{0,300}}"),
    )


def _any_of(words: object) -> re.Pattern[str]:
    """Match any of the words at its beginning; a gap is bounded, so time stays linear."""
    if not isinstance(words, list) or not all(isinstance(w, str) and w == fold(w) for w in words):
        raise ValueError(f"{words!r} is not a list of folded texts")
    if not words or len(set(words)) < len(words):
        raise ValueError(f"{words!r} is empty or says something twice")
    gap = r"[a-z]*\b.{0,60}?\b"
    spelt = (gap.join(re.escape(part) for part in word.split(" .. ")) for word in words)
    return re.compile(rf"\b(?:{'|'.join(spelt)})")
