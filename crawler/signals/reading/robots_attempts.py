"""What a robots.txt tries and RFC 9309 does not see: agents that it wants out, by name.

An attempt is a group of an agent's own that would keep it from the root, or from a part of the
site, if the file were read kindly: as Google's parser reads it, or with the faults of writing
mended to what `registry/defects.toml` calls their likely intention (a colon, a spelling, a version
behind a name, several names in one line, an Allow that undoes the Disallow). It is a guess at a
wish, stored to tell a failed attempt from none, and never a statement.

No attempts are: a rule for everybody (`*`, or before any group), an invitation (`Allow: /`), an
empty group or a crawl delay alone, names of nobody's crawler and retired names (RFC 9309 does what
they say), groups that contradict each other, since nobody knows which one is meant, and full
addresses or regular expressions in place of a path. Protego applies a short name to every name that
it begins (`Yandex` to `YandexAdditional`): an accident of that reader, and no wish either.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from crawler.model import Access, Basis, Decision, Extent
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.rfc9309 import Policy
from crawler.registry import agents
from crawler.registry.near import nearest
from crawler.signals.reading.readable import looks_like_html
from crawler.signals.reading.robots_intent import ROOTS
from crawler.signals.reading.robots_words import (
    INVISIBLE,
    PLAIN,
    QUOTES,
    SPACES,
    field_meant,
    latin,
)

MOST = 2000
"""Octets of a line with a fault that are looked at."""
MARKS = str.maketrans(dict.fromkeys(INVISIBLE | {"\0"}, "") | dict.fromkeys(SPACES, " "))
_JOINED = re.compile(r"(?<![\w-])(?=(?:user-?agent|disallow|allow)[ \t]*:)", re.IGNORECASE)
_FIELD = re.compile(r"[ \t]*(user[ -]?agent|[^\s:：]+)[ \t]*[:：]?(.*)", re.IGNORECASE)
_WORDS = re.compile(r"[\s,;|()]+")
_BARE = re.compile(r"[\w.-]+(?:/[\w./-]*)?")
_OUTER = "".join(QUOTES) + " \t"
_AGENT, _ALLOW, _DISALLOW = "user-agent", "allow", "disallow"

Line = tuple[str, bytes]
"""A field in lower case and its value."""


class Attempt(NamedTuple):
    """`whole`: the root is meant, else a part. `reading`: `google`, or `mended`."""

    whole: bool
    reading: str


def attempts(
    file: syntax.RobotsFile, body: bytes, strict: Policy, google: Policy, tokens: Iterable[str]
) -> dict[str, Attempt]:
    """Find what is tried for each of `tokens` and not seen by the strict reader."""
    if looks_like_html(body):  # it is unclear what was meant, often there is no file at all
        return {}
    kind = _kindly(file, body)
    readings = [("google", google), *([("mended", kind)] if kind else [])]
    if not any(policy.names for _, policy in readings):
        return {}
    found = {token: _attempt(token, strict.decide(token), readings) for token in tokens}
    return {token: attempt for token, attempt in found.items() if attempt}


def _attempt(token: str, seen: Decision, readings: Sequence[tuple[str, Policy]]) -> Attempt | None:
    """Give the first reading that wants the root closed, or else a part of the site."""
    by_name = seen.basis is Basis.OWN
    if by_name and seen.root is Access.DISALLOWED:
        return None
    read = [(name, policy.decide(token)) for name, policy in readings]
    own = [(name, made) for name, made in read if made.basis is Basis.OWN]
    for name, made in own:
        if made.root is Access.DISALLOWED:
            return Attempt(whole=True, reading=name)
    if by_name and seen.extent is not Extent.NONE:
        return None
    parts = (Attempt(whole=False, reading=n) for n, made in own if made.extent is not Extent.NONE)
    return next(parts, None)


def _kindly(file: syntax.RobotsFile, body: bytes) -> Policy | None:
    """Read the file with its faults mended; None where there is none to mend."""
    wide = syntax.is_utf16(body)
    if wide:
        file = syntax.parse(_narrowed(body))
    written = [(str(kind), value) for _, kind, _, value in file.records if kind in syntax.MEANT]
    mended = [line for group in _groups(_lines(file)) for line in _without_cancelling(group)]
    if mended == written and not wide:
        return None
    text = b"\n".join(field.encode() + b": " + value for field, value in mended)
    return rfc9309.read(syntax.parse(text))


def _narrowed(body: bytes) -> bytes:
    big = body.startswith(b"\xfe\xff") or not body[:1].strip(b"\0")
    return body.decode("utf-16-be" if big else "utf-16-le", "replace").encode()


def _lines(file: syntax.RobotsFile) -> Iterator[Line]:
    """Mend all records; nothing is left of fields of other specifications."""
    for number, kind, _, value in file.records:
        if kind in syntax.RULES and PLAIN.fullmatch(value):
            yield str(kind), value
        elif kind is not syntax.Kind.OTHER:
            yield from _mended(file.raws[number - 1][:MOST])


@lru_cache(maxsize=1 << 13)
def _mended(raw: bytes) -> tuple[Line, ...]:
    text = raw.decode("utf-8", "replace").partition("#")[0].translate(MARKS)
    parts = (part for line in text.splitlines() for part in _JOINED.split(line))
    return tuple(record for part in parts for record in _record(part))


def _record(text: str) -> Iterator[Line]:
    found = _FIELD.fullmatch(text)
    field = found and field_meant(found[1])
    if not found or not field:
        return
    value = found[2].strip(_OUTER)
    values = _names(value) if field == _AGENT else (_path(value),)
    yield from ((field, each.encode()) for each in values)


def _path(value: str) -> str:
    """Give a path its slash; what else is none stays as it is, and matches nothing."""
    return f"/{value}" if _BARE.fullmatch(value) else value


def _names(value: str) -> tuple[str, ...]:
    """Give the names that were probably meant by the value of a user-agent line."""
    if value == "*" or agents.load().by_token(value):
        return (value,)
    words = [word.strip(_OUTER + "*").partition("/")[0] for word in _WORDS.split(latin(value))]
    told = tuple(known.token for word in words if (known := agents.load().by_token(word)))
    near = nearest(words[0]) if len(words) == 1 else None
    return told or (near or value,)


def _without_cancelling(group: list[Line]) -> Iterator[Line]:
    """Leave out an Allow for everything in a group that disallows everything."""
    shut = any(field == _DISALLOW and value in ROOTS for field, value in group)
    return (
        (field, value)
        for field, value in group
        if not (shut and field == _ALLOW and value in ROOTS)
    )


def _groups(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Part lines into groups: agents, and the rules up to the next agent."""
    group: list[Line] = []
    for line in lines:
        if line[0] == _AGENT and group and group[-1][0] != _AGENT:
            yield group
            group = []
        group.append(line)
    yield group
