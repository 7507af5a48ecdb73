"""Leniency never turns a doubt into a permission, whatever the signal and the damage.

Every statement of every fixture that is refused to the letter is damaged in many ways. No
reading of what is left may say `allowed` about a purpose of which the fixture permits nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.dictionary.signal_reference import cases
from crawler.model import Preference, Purpose, Statement, Strictness
from crawler.parsers.http import parse_response
from crawler.signals import SIGNALS
from crawler.signals.reading.signal import Signal
from tests.paths import FIXTURES

MARKS = ('"', "'", "“", "”", "«", "(", "[", "`", " ", ",", ";", ":", "=", "/", "|", "，", "\0")
APART = " ,;:=/|+-_，"


def find(signal: Signal, data: bytes) -> tuple[Statement, ...]:
    name = signal.resources[0]
    return signal.find(parse_response(data, f"https://site.example{name}", name)).statements


def permitted(signal: Signal, data: bytes) -> set[Purpose]:
    return {s.purpose for s in find(signal, data) if s.preference is Preference.ALLOWED}


def refusals(signal: Signal, data: bytes) -> tuple[set[Purpose], set[str]]:
    """Purposes that a fixture refuses, and the words that refuse them.

    A purpose stays out where a separate permission is left when such words, or a part of them
    between commas, are taken away.
    """
    refused = [
        one
        for one in find(signal, data)
        if one.strictness is Strictness.STRICT and one.preference is Preference.DISALLOWED
    ]
    words = {piece for one in refused for piece in one.quote.split(" | ")}
    given = permitted(signal, data)
    for text in words:
        for part in {text, *text.split(","), *(f"{one}," for one in text.split(","))}:
            given |= permitted(signal, data.replace(part.encode(), b""))
    return {one.purpose for one in refused} - given, words


def damaged(text: str) -> Iterator[str]:
    """The words of a statement with one thing wrong: every place, every kind of damage."""
    for place in range(len(text) + 1):
        yield from (text[:place] + mark + text[place:] for mark in MARKS)
        yield text[:place]
    for place, letter in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield before + after
        yield before + letter.swapcase() + after
        yield before + letter + letter + after
        if letter in APART:
            yield from (before + other + after for other in APART if other != letter)
            yield before + letter  # a value that is missing
    yield from (f"{text}{mark}{text}" for mark in (", ", "; ", " ", "\n"))
    for mark in ("“”", "''", '""', "[]", "()"):
        yield mark[0] + text + mark[1]


def spoilt(data: bytes, words: set[str]) -> Iterator[bytes]:
    """The fixture with each damage, and cut at each octet of its statements."""
    for text in sorted(words):
        before, found, after = data.partition(text.encode())
        if found:
            yield from (before + one.encode() + after for one in damaged(text))
            yield from (data[:cut] for cut in range(len(before), len(data)))


CASES = [
    pytest.param(signal, case, id=f"{signal.name}/{case.stem}")
    for signal in SIGNALS
    for case in cases(FIXTURES / signal.name)
    if refusals(signal, case.read_bytes())[0]
]


@pytest.mark.parametrize(("signal", "case"), CASES)
def test_no_damage_makes_a_permission_of_a_refusal(signal: Signal, case: Path):
    data = case.read_bytes()
    purposes, words = refusals(signal, data)
    for one in spoilt(data, words):
        assert not purposes & permitted(signal, one), one
