"""The merged rules of one group to a decision about a path and to the extent for a site.

RFC 9309 section 2.2.2; the id of the rule that decided is part of every answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from crawler.model import Access, Extent
from crawler.parsers.robots import ENDINGS, value_of
from crawler.parsers.robots_path import EVERYTHING, ROOT, Compile, Pattern, match


class Rule(StrEnum):
    """What decided; the values are stored and never renamed."""

    LONGEST = "rfc9309-2.2.2-longest-match"  # the match with the most octets
    ALLOW_TIES = "rfc9309-2.2.2-allow-ties"  # allow and disallow match as many octets
    NO_MATCH = "rfc9309-2.2.2-no-match"  # the group has rules, none of them matches
    EMPTY_PATTERN = "rfc9309-2.2.2-empty-pattern"  # `Disallow:` alone restricts nothing
    NO_RULES = "rfc9309-2.2.2-no-rules"  # the group has no rule: all is allowed
    NO_GROUP = "rfc9309-2.2.1-no-group"  # no group for the agent and none for `*`
    ROBOTS_TXT = "rfc9309-2.2.2-robots-txt"  # the file itself is implicitly allowed


class Hit(NamedTuple):
    """The strongest match of one kind: its octets, -1 for none, and its line."""

    octets: int
    line: int


Written = tuple[int, bytes]  # the number of a line and the line
Ready = tuple[int, Pattern]

MISS = Hit(-1, 0)
FEW = 4
ROOTISH = b"/*$ \t\v\f"
"""No other octet is in a disallow pattern that matches the root or every path, in any
dialect; so the others, which are nearly all, need not be compiled to see that."""


def _may_be_rootish(raw: bytes) -> bool:
    """Say no only where the value is none of `ROOTISH` octets: quicker than to find it."""
    return raw.rstrip(ROOTISH + ENDINGS).endswith(b":") or b"#" in raw or b":" not in raw


class Rules:
    """The rules of one block, compiled once however many groups they are merged into."""

    def __init__(self, allows: list[Written], disallows: list[Written], by: Compile) -> None:
        """Compile what is always needed; most disallow rules wait until they are."""
        self._by = by
        self._disallows = disallows
        self.is_empty = not (allows or disallows)
        self.allows = self._ready(allows, allow=True)
        near = [(line, raw) for line, raw in disallows if _may_be_rootish(raw)]
        self._rootish = self._ready([rule for rule in near if not value_of(rule[1]).strip(ROOTISH)])
        self.allow = _weights(self.allows)
        self.shut = _weights(self._rootish).get(EVERYTHING, 0)
        self.root = _strongest(self.allows, ROOT), _strongest(self._rootish, ROOT)

    def hits(self, path: bytes) -> tuple[Hit, Hit]:
        """Find the strongest allow and the strongest disallow for a path."""
        if path == ROOT:
            return self.root
        return _strongest(self.allows, path), _strongest(self.disallows, path)

    @cached_property
    def disallows(self) -> list[Ready]:
        """All disallow rules, compiled."""
        return self._ready(self._disallows)

    def first_disallows(self) -> Iterator[Pattern]:
        """Compile disallow rules one by one: the first usually settles the matter."""
        for _, raw in self._disallows[:FEW]:
            yield from self._by(value_of(raw), allow=False)
        if len(self._disallows) > FEW:
            yield from (pattern for _, pattern in self.disallows)

    @cached_property
    def disallow(self) -> dict[bytes, int]:
        """Weights of the disallow rules."""
        return _weights(self.disallows)

    def _ready(self, rules: list[Written], *, allow: bool = False) -> list[Ready]:
        by = self._by
        return [(line, each) for line, raw in rules for each in by(value_of(raw), allow=allow)]


def judge(parts: Sequence[Rules], path: bytes) -> tuple[Access, Rule, int | None]:
    """Apply the most specific match of merged groups (2.2.2) to a path in comparable form."""
    if all(part.is_empty for part in parts):
        return Access.ALLOWED, Rule.NO_RULES, None
    hits = [part.hits(path) for part in parts]
    allow = max((hit for hit, _ in hits), key=_octets)  # the first of equals is quoted
    disallow = max((hit for _, hit in hits), key=_octets)
    strongest = disallow if disallow.octets > allow.octets else allow
    if strongest is MISS:
        return Access.ALLOWED, Rule.NO_MATCH, None
    if strongest.octets == 0:
        return Access.ALLOWED, Rule.EMPTY_PATTERN, strongest.line
    if strongest is disallow:
        return Access.DISALLOWED, Rule.LONGEST, disallow.line
    tied = allow.octets == disallow.octets
    return Access.ALLOWED, Rule.ALLOW_TIES if tied else Rule.LONGEST, allow.line


def extent(parts: Sequence[Rules]) -> Extent:
    """Say how much merged groups disallow, by comparing rules with each other.

    A rule counts unless one of the other kind for the same paths, or for every path, beats
    it. Overlaps beyond that are not looked into: two rules that together undo a third would
    go unnoticed.
    """
    shut = max(part.shut for part in parts)
    allow = _merged([part.allow for part in parts])
    opened = allow.get(EVERYTHING, 0)
    if shut <= opened:
        kept_out = any(
            pattern.live and pattern.octets > max(opened, allow.get(pattern.core, 0))
            for part in parts
            for pattern in part.first_disallows()
        )
        return Extent.PARTIAL if kept_out else Extent.NONE
    exceptions = [(core, octets) for core, octets in allow.items() if octets >= shut]
    disallow = _merged([part.disallow for part in parts]) if exceptions else {}
    effective = any(octets >= disallow.get(core, 0) for core, octets in exceptions)
    return Extent.ALL_BUT if effective else Extent.ALL


def _octets(hit: Hit) -> int:
    return hit.octets


def _strongest(rules: Iterable[Ready], path: bytes) -> Hit:
    """Find the longest pattern that matches, the first of equals."""
    best = MISS
    for line, pattern in rules:
        if pattern.octets > best.octets and pattern.live and match(pattern, path):
            best = Hit(pattern.octets, line)
    return best


def _weights(rules: Iterable[Ready]) -> dict[bytes, int]:
    """For every core the most octets that a rule spends on it."""
    weights: dict[bytes, int] = {}
    for _, pattern in rules:
        if pattern.live and pattern.octets > weights.get(pattern.core, 0):
            weights[pattern.core] = pattern.octets
    return weights


def _merged(parts: Sequence[dict[bytes, int]]) -> dict[bytes, int]:
    """Combine weights, each core with its most octets."""
    if len(parts) == 1:
        return parts[0]
    merged: dict[bytes, int] = {}
    for part in parts:
        for core, octets in part.items():
            if octets > merged.get(core, 0):
                merged[core] = octets
    return merged
