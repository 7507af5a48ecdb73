"""The rules of one group to what they come to: groups with equal keys answer alike for every path.

Two groups may differ in order, spelling and needless rules and still say the same, so they are
compared after all of these are gone. Equal keys prove equal answers; where three and more rules
overlap by wildcards, two groups of different keys may still answer alike.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from crawler.parsers.robots.paths import EVERYTHING, Pattern

STARS = re.compile(rb"\*+")


class Key(NamedTuple):
    """A rule that matters. `beats`: patterns of the other kind that lose to it where both match."""

    allows: bool
    pattern: bytes
    beats: frozenset[bytes]


Effect = Mapping[Key, int]
"""The rules that matter to the line of each."""


class _Rule(NamedTuple):
    octets: int
    allows: bool
    pattern: bytes
    line: int

    def beats(self, other: "_Rule") -> bool:
        """The longer one decides, of equals the one that allows (RFC 9309 section 2.2.2)."""
        return (self.octets, self.allows) > (other.octets, other.allows)


UNSAID = _Rule(octets=0, allows=True, pattern=EVERYTHING, line=0)
"""Who is not disallowed is allowed."""


def effect(rules: Iterable[tuple[Pattern, int, bool]]) -> Effect:
    """Take rules as `Ranked.rules` has them: pattern, line, whether it allows, strongest first."""
    strongest: dict[bytes, _Rule] = {}
    for pattern, line, allows in rules:
        if pattern.octets:
            core = _one_spelling(pattern.core)
            strongest.setdefault(core, _Rule(pattern.octets, allows, core, line))
    kept = dict(strongest)
    for rule in strongest.values():
        if _is_needless(rule, kept):
            del kept[rule.pattern]
    return {
        Key(
            rule.allows,
            rule.pattern,
            frozenset(o.pattern for o in _others(rule, kept) if rule.beats(o)),
        ): rule.line
        for rule in kept.values()
    }


def _one_spelling(core: bytes) -> bytes:
    """Every path begins with a slash, so `*.pdf` and `/*.pdf` match the same ones."""
    core = STARS.sub(b"*", core)
    return b"/" + core if core[:1] == b"*" and core[1:2] != b"/" else core


def _others(rule: _Rule, kept: Mapping[bytes, _Rule]) -> Iterator[_Rule]:
    """Rules of the other kind that may match a path that this one matches."""
    start = _literal(rule.pattern)
    for other in kept.values():
        if other.allows is not rule.allows:
            begin = _literal(other.pattern)
            if start.startswith(begin) or begin.startswith(start):
                yield other


def _is_needless(rule: _Rule, kept: Mapping[bytes, _Rule]) -> bool:
    """Where it matches another rule of its kind does, and none of the other kind comes between."""
    beaten = [other for other in _others(rule, kept) if rule.beats(other)]
    return any(
        all(cover.beats(other) for other in beaten)
        for cover in (UNSAID, *_covers(rule, kept))
        if cover.allows is rule.allows and cover.octets < rule.octets
    )


def _covers(rule: _Rule, kept: Mapping[bytes, _Rule]) -> Iterator[_Rule]:
    """Rules that match every path that this one matches: for every path, or for a beginning."""
    start = _literal(rule.pattern)
    for begin in (EVERYTHING, *(start[:end] for end in range(2, len(start) + 1))):
        if begin in kept:
            yield kept[begin]


def _literal(pattern: bytes) -> bytes:
    """What every path that matches begins with; all of it for a pattern without `*` and `$`."""
    return pattern.partition(b"*")[0].removesuffix(b"$")
