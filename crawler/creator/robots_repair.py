"""Broken lines of a robots.txt into what they meant, where that touches nobody else.

A list on one line becomes a line for each name, a dash a hyphen, a misspelt field the field. What a
line meant can be known for names and fields only: which pages a broken path meant, or whom a rule
without a name meant, its author alone knows, and those lines stay.
"""

import codecs
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from crawler.creator.names import BYSTANDERS
from crawler.creator.robots_edit import changed_for
from crawler.model import Capture, Severity
from crawler.parsers.robots import google, syntax
from crawler.registry import agents
from crawler.registry.near import nearest
from crawler.signals import SIGNALS, robots_access
from crawler.signals.reading import robots_words as words
from crawler.signals.reading.signal import Carrier

_JOINED = re.compile(r"\s+(?=(?:user-?agent|disallow|allow)[ \t]*:)", re.IGNORECASE)
_PARTS = re.compile(r"[\s,;|]+")
_UNSEEN = dict.fromkeys(map(ord, words.INVISIBLE | {"\0"}))
_BLANK = dict.fromkeys(map(ord, words.SPACES), " ")
_DASH = dict.fromkeys(map(ord, words.DASHES), "-")
_TIDY = _UNSEEN | _BLANK | _DASH


def repaired(body: bytes, unwelcome: Collection[str]) -> tuple[bytes, tuple[str, ...]]:
    """Give the file with its broken names and fields mended, and the lines that were.

    `unwelcome` are the names whose rules may change by it; a mend that would move anybody else's
    is left out.
    """
    mended: list[str] = []
    if not changed_for(body, unmarked := body.removeprefix(codecs.BOM_UTF8), _names()):
        body = unmarked
    may = {name.lower() for name in unwelcome}
    for number in reversed(_faulty(body)):  # from the end: a mend may add lines
        file = syntax.parse(body)
        raw = file.raws[number - 1]
        end = raw[len(raw.rstrip(syntax.ENDINGS)) :] or b"\n"
        lines = meant(raw)
        ours = [line for line in lines if line.partition(": ")[2].lower() in may]
        for some in (lines, ours):  # of a list, at least those who are to stay away
            after = _with(file, number, b"".join(line.encode() + end for line in some))
            if some and not changed_for(body, after, _names(), may | _strangers(raw)):
                mended += [file.text(number)] if after != body else []
                body = after
                break
    return body, tuple(reversed(mended))


def without_dead_lines(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Take lines out that do nothing, each only if no reader's rules move for anybody.

    A line that names an agent nobody knows may change what holds for that name. A rule whose
    list of agents went is looked at again.
    """
    gone: list[str] = []
    for _ in range(3):  # pragma: no branch - what one round leaves, the second ends
        before = body
        for number in reversed(_dead(body)):
            file = syntax.parse(body)
            after = _with(file, number, b"")
            if not changed_for(body, after, _names(), _strangers(file.raws[number - 1])):
                gone.append(file.text(number))
                body = after
        if body == before:
            break
    return body, tuple(gone)


def meant(raw: bytes) -> list[str]:
    """The lines that a broken one was meant for, without line ends; none where nobody can tell."""
    text = raw.strip(syntax.OUTER).decode("utf-8", "replace")
    if "\ufffd" in text:
        return []
    return [line for part in _JOINED.split(text) for line in _record(part)]


def _record(text: str) -> Iterator[str]:
    """One record, its field and its names as they were meant."""
    name, colon, value = text.translate(_TIDY).replace("：", ":").partition(":")
    if not colon:
        name, _, value = text.translate(_TIDY).strip().partition(" ")
    field = words.field_meant(name.strip().lower())
    if field == "user-agent":
        yield from (f"User-agent: {one}" for one in _names_meant(value.strip()))
    elif field and " " not in value.strip():
        yield f"{field.capitalize()}: {value.strip()}"


def _names_meant(value: str) -> Iterable[str]:
    """The names in a value; a name that is nobody's stays as it is."""
    known = agents.load().by_token
    if known(value):
        return [value]
    if words.HEADER.match(value.encode()):
        inside = (part.partition("/")[0] for part in re.split(r"[\s;()]+", value))
        return list(dict.fromkeys(part for part in inside if known(part)))
    parts = [part.strip("".join(words.QUOTES)) for part in _PARTS.split(value)]
    return list(dict.fromkeys(_name_meant(part) for part in parts if part))


def _name_meant(name: str) -> str:
    if name == "*":
        return name
    bare = name.strip("*").partition("/")[0]
    latin = agents.load().by_token(words.latin(bare))
    return (latin.token if latin else None) or nearest(bare) or bare


def _with(file: syntax.RobotsFile, number: int, raw: bytes) -> bytes:
    raws = list(file.raws)
    raws[number - 1] = raw
    return file.mark + b"".join(raws)


def _capture(body: bytes) -> Capture:
    url = "https://site.invalid/robots.txt"
    return Capture("/robots.txt", url, url, status=200, body=body)


def _faulty(body: bytes) -> list[int]:
    found = robots_access.find(_capture(body)).defects
    return sorted({d.line for d in found if d.line and d.severity is not Severity.COSMETIC})


def _dead(body: bytes) -> list[int]:
    """Numbers of the lines that have no effect."""
    capture = _capture(body)
    found = (s.find(capture).defects for s in SIGNALS if s.carrier is Carrier.ROBOTS)
    return sorted({d.line for ds in found for d in ds if d.line and d.severity is Severity.VOIDS})


def _strangers(raw: bytes) -> set[str]:
    """What readers take for a name in a line, as far as nobody is called so."""
    value = syntax.classify(raw).value
    names = {value, google.GOOGLE.name(value) or value}
    return {name.lower().decode("utf-8", "replace") for name in names} - _known()


@cache
def _names() -> tuple[str, ...]:
    return (*(agent.token for agent in agents.load().agents), *BYSTANDERS)


@cache
def _known() -> frozenset[str]:
    return frozenset(map(str.lower, _names()))
