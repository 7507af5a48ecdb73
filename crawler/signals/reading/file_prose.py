"""Reservations in plain words in a text file, by the word list of the prose in robots.txt.

What is said there about prose holds here: contested in law, read by nobody that is known, so
every statement is lenient and derived. `stance` is the class of the sentence.
"""

import re
from collections.abc import Iterator

from crawler.model import Purpose, Scope, Statement, Strictness
from crawler.signals.reading.readable import quote
from crawler.signals.reading.reservation import PREFERENCES, classify, sentences

MAX_TEXT = 64 * 1024
"""Characters of a text in which sentences are looked for."""

MAX_SENTENCES = 20
_LINE = re.compile(r"\r\n|\r|\n")
_MARKS = " \t#*->•+_|"


def read(text: str) -> list[Statement]:
    """Find the sentences that refuse, reserve or offer mining or AI training."""
    found: list[Statement] = []
    for line, words, around in _sentences(text[:MAX_TEXT]):
        said = classify(words, around)
        if said is None or said.stance not in PREFERENCES:
            continue
        found.append(
            Statement(
                Purpose.TRAIN,
                PREFERENCES[said.stance],
                Strictness.LENIENT,
                Scope.SITE,
                quote(words),
                line=line,
                derived=True,
                stance=said.stance,
                language=said.language,
            )
        )
        if len(found) == MAX_SENTENCES:
            break
    return found


def goes_on(text: str) -> bool:
    """Whether a text is longer than what `read` looks through."""
    return len(text) > MAX_TEXT


def _sentences(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, sentence and paragraph; a bullet or a heading is a paragraph of its own."""
    for line, words in _paragraphs(text):
        for _, sentence in sentences(words):
            yield line, sentence, words


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    begun, parts = 0, list[str]()
    for number, raw in enumerate(_LINE.split(text), 1):
        words = raw.strip(_MARKS)
        alone = raw.lstrip(" \t")[:2] in ("- ", "* ", "• ", "##")
        if parts and (alone or not words):
            yield begun, " ".join(parts)
            parts = []
        if words:
            begun = begun if parts else number
            parts.append(words)
    if parts:
        yield begun, " ".join(parts)
