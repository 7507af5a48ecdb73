"""Tells ten languages apart by their small words; `languages.toml` holds them."""

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from crawler.registry.agents import RegistryError
from crawler.registry.prose import fold

MAX_WORDS = 2000
"""Words looked at of one text."""
SHARE = 0.08
"""Small words among all words, at least: a text in another language has fewer of ours."""
LEAD = 1.2
"""How many times what the next language has the first must have."""
WHOLE = 60  # what a word of one language alone counts; its halves and thirds are whole
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Languages:
    """To each small word the languages (BCP 47) that have it."""

    version: str
    codes: tuple[str, ...]
    by_word: Mapping[str, tuple[str, ...]]


@functools.cache
def load() -> Languages:
    """Return the words this release ships."""
    return parse(resources.files("crawler.registry").joinpath("languages.toml").read_bytes())


def parse(content: bytes) -> Languages:
    """Read a file's bytes; raises RegistryError with the fault."""
    by_word: dict[str, tuple[str, ...]] = {}
    try:
        document = tomllib.loads(content.decode())
        for code, words in document["words"].items():
            if words != fold(words):
                raise ValueError(f"{code}: the words are not folded")  # noqa: TRY301
            for word in dict.fromkeys(words.split()):
                by_word[word] = (*by_word.get(word, ()), code)
        return Languages(str(document["version"]), tuple(document["words"]), by_word)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"languages: {error}") from error


def identify(text: str) -> str | None:
    """Give the language of a text, or None where none of the ten stands out.

    A small word counts the less the more languages have it, and one alone is not enough.
    Only the beginning is looked at. On short sentences None is common, a wrong answer rare.
    """
    by_word = load().by_word
    words = _WORD.findall(fold(text[: 8 * MAX_WORDS]))[:MAX_WORDS]
    scores = Counter[str]()
    for word in words:
        codes = by_word.get(word, ())
        for code in codes:
            scores[code] += WHOLE // len(codes)
    (first, most), (_, next_most) = (*scores.most_common(2), ("", 0), ("", 0))[:2]
    return first if most > max(LEAD * next_most, WHOLE, SHARE * WHOLE * len(words)) else None
