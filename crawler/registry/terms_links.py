"""Turns `terms_links.toml` into what tells links to terms, copyright and legal pages."""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from crawler.registry.agents import RegistryError
from crawler.registry.prose import any_of, fold

MAX_TEXT = 80
"""Characters of a link's text or a heading; what is longer is a headline or a sentence."""

MAX_PATH = 2000
MAX_PATH_WORDS = 6
_GAP = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class TermsLinks:
    """`kinds` by name, best first, `any` of them; `paths` to try by language (BCP 47)."""

    version: str
    skip: re.Pattern[str]
    any: re.Pattern[str]
    kinds: Mapping[str, re.Pattern[str]]
    paths: Mapping[str, tuple[str, ...]]

    def rank(self, text: str, path: str) -> int | None:
        """Give the place of a link's kind by its text, else by its path; None for other links."""
        said = [_short(text), _words_of(path)]
        if not any(self.any.search(words) for words in said):
            return None
        if any(self.skip.search(words) for words in said):
            return None
        ranks = (rank for words in said if (rank := self._kind(words)) is not None)
        return next(ranks, None)

    def names_legal(self, title: str) -> bool:
        """Say whether a title or heading is that of such a page."""
        return self._kind(_short(title)) is not None

    def _kind(self, words: str) -> int | None:
        kinds = enumerate(self.kinds.values())
        return next((rank for rank, pattern in kinds if pattern.search(words)), None)


def _words_of(path: str) -> str:
    """A path as words, without the parts that are the title of an article."""
    words, gaps = _GAP.subn(" ", path[:MAX_PATH])
    if gaps < MAX_PATH_WORDS:  # no part has so many words
        return fold(words)
    parts = (_GAP.sub(" ", part).strip() for part in path[:MAX_PATH].split("/"))
    return fold(" ".join(part for part in parts if part.count(" ") < MAX_PATH_WORDS))


def _short(text: str) -> str:
    return fold(text) if len(text) <= MAX_TEXT else ""


@functools.cache
def load() -> TermsLinks:
    """Return the words this release ships."""
    return parse(resources.files("crawler.registry").joinpath("terms_links.toml").read_bytes())


def parse(content: bytes) -> TermsLinks:
    """Read a file's bytes; raises RegistryError with the fault."""
    try:
        document = tomllib.loads(content.decode())
        paths = {code: tuple(found) for code, found in document["path"].items()}
        if not all(path.startswith("/") for found in paths.values() for path in found):
            raise ValueError("a path does not begin with a slash")  # noqa: TRY301
        return TermsLinks(
            str(document["version"]),
            any_of(document["skip"]),
            any_of(list(dict.fromkeys(w for kind in document["kind"] for w in kind["words"]))),
            {kind["name"]: any_of(kind["words"]) for kind in document["kind"]},
            paths,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"terms links: {error}") from error
