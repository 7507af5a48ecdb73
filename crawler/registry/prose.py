"""Turns `prose.toml` into patterns that find reservations in a folded sentence."""

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources

from crawler.registry.agents import RegistryError

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "’": "'"})
_WORDS = ("mining", "scraping", "refusals", "reserved", "offers", "exceptions")
_EVERYWHERE = ("asides", "denials")
_SYNTAX = {"{": "(?:", "}": ")", "|": "|", "!": r"\b"}


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language, ready to search in folded text; `prose.toml` explains them."""

    code: str
    mining: re.Pattern[str]
    scraping: re.Pattern[str]
    refusals: re.Pattern[str]
    reserved: re.Pattern[str]
    offers: re.Pattern[str]
    exceptions: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Prose:
    """The words of all languages.

    `objects` are the mining and scraping of any of them. `asides` and `denials` hold for all
    at once, since the languages share objects: "data mining" is in most of the lists.
    """

    version: str
    laws: re.Pattern[str]
    templates: re.Pattern[str]
    site: re.Pattern[str]
    own: re.Pattern[str]
    objects: re.Pattern[str]
    asides: re.Pattern[str]
    denials: re.Pattern[str]
    languages: tuple[Language, ...]


def fold(text: str) -> str:
    """Bring text to the form of the list: lower case, no accents, single blanks."""
    if text.isascii():
        return " ".join(text.lower().split())
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
        entries = document["language"]
        languages = tuple(_language(entry) for entry in entries)
        return Prose(
            str(document["version"]),
            any_of(document["laws"]),
            any_of(document["templates"]),
            any_of(document["site"]),
            any_of(document["own"]),
            _union(entries, "mining", "scraping"),
            _union(entries, "asides"),
            _union(entries, "denials"),
            languages,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"prose: {error}") from error


def _language(entry: dict[str, object]) -> Language:
    if entry.keys() != {"code", *_WORDS, *_EVERYWHERE}:
        raise ValueError(f"a language has {sorted(entry)}: some lists are missing or unknown")
    words = {name: any_of(entry[name]) for name in _WORDS}
    words["exceptions"] = re.compile(f"{words['exceptions'].pattern}[^,;]{{0,300}}")
    return Language(str(entry["code"]), **words)


def _union(entries: list[dict[str, list[str]]], *names: str) -> re.Pattern[str]:
    """Match what any language has in these lists; languages may share words."""
    return any_of(list(dict.fromkeys(w for e in entries for name in names for w in e[name])))


def any_of(words: object) -> re.Pattern[str]:
    """Match any of the words (syntax as in `prose.toml`) where one begins.

    A gap is bounded, so time stays linear. Raises ValueError for a list that is none.
    """
    if not isinstance(words, list) or not all(isinstance(w, str) and w == fold(w) for w in words):
        raise ValueError(f"{words!r} is not a list of folded texts")
    if not words or len(set(words)) < len(words):
        raise ValueError(f"{words!r} is empty or says something twice")
    return re.compile(rf"\b(?:{'|'.join(_spelt(word) for word in words)})")


def _spelt(word: str) -> str:
    """The pattern of one entry; only `..`, braces, bars and `!` mean something in it."""
    gap = r"\w*+\b.{0,60}?\b"
    parts = (re.sub(r"[{}|!]|[^{}|!]+", _part, part) for part in word.split(" .. "))
    return gap.join(parts)


def _part(piece: re.Match[str]) -> str:
    return _SYNTAX.get(piece[0]) or re.escape(piece[0])
