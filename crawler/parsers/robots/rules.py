"""The merged rules of one group to a decision about a path and to the extent for a site.

RFC 9309 section 2.2.2; the id of the rule that decided is part of every answer.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from crawler.model import Access, Extent
from crawler.parsers.robots.paths import EVERYTHING, ROOT, Pattern, match
from crawler.parsers.robots.syntax import Memo, value_of


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
Patterns = Memo[tuple[Pattern, ...]]  # a whole line to the patterns that its value stands for

MISS = Hit(-1, 0)
FEW = 4
ROOTISH = b"/*$ \t\v\f"
"""No other octet is in a pattern that matches the root or every path, in any dialect, but for
Google's index pages; so the others, which are nearly all, need not be compiled to see that."""
INDEX = b"index.htm"
NEAR = re.compile(rb":[/*$ \t\v\f]*+(?:[\r\n#]|\Z|index\.htm)")
"""Found in the lines of rules with such a value, if every rule has its colon."""


class Side:
    """The rules of one kind in one block, compiled as far as they are needed."""

    def __init__(
        self, lines: Iterable[int], raws: Iterable[bytes], patterns: Patterns, *, colons: bool
    ) -> None:
        """`raws` are the lines with these numbers; `colons` says that none lacks its colon."""
        self._lines = list(lines)
        self._raws = list(raws)
        self._patterns = patterns
        may_be = not colons or NEAR.search(b"".join(self._raws))
        rootish = self._ready(self._bare()) if may_be else []
        self.root = _strongest(rootish, ROOT)
        self.everything = _weights(rootish).get(EVERYTHING, 0)
        """Octets of the longest pattern that matches every path; 0 for none."""

    def __bool__(self) -> bool:
        """Say whether there is any rule."""
        return bool(self._raws)

    @cached_property
    def ready(self) -> list[Ready]:
        """All rules, compiled."""
        return self._ready(self._written())

    @cached_property
    def weights(self) -> dict[bytes, int]:
        """For every core the most octets that a rule spends on it."""
        return _weights(self.ready)

    def patterns(self) -> Iterator[Pattern]:
        """Compile rules one by one: the first usually settle the matter."""
        for raw in self._raws[:FEW]:
            yield from self._patterns[raw]
        if len(self._raws) > FEW:
            yield from (pattern for _, pattern in self.ready)

    def _bare(self) -> Iterator[Written]:
        """Find the rules whose patterns may match the root."""
        for line, raw in self._written():
            rest = value_of(raw).strip(ROOTISH)
            if not rest or rest.startswith(INDEX):
                yield line, raw

    def _written(self) -> Iterator[Written]:
        return zip(self._lines, self._raws, strict=True)

    def _ready(self, rules: Iterable[Written]) -> list[Ready]:
        return [(line, each) for line, raw in rules for each in self._patterns[raw]]


class Rules(NamedTuple):
    """The rules of one block, compiled once however many groups they are merged into."""

    allow: Side
    disallow: Side


class Verdict(NamedTuple):
    """What merged groups say of one path; `line` is that of the rule that decided."""

    access: Access
    rule: Rule
    line: int | None


NO_RULES = Verdict(Access.ALLOWED, Rule.NO_RULES, None)


def judge_root(parts: Sequence[Rules]) -> Verdict:
    """Apply the most specific match of merged groups (2.2.2) to the root."""
    if not any(part.allow or part.disallow for part in parts):
        return NO_RULES
    allow = max((part.allow.root for part in parts), key=_octets)
    disallow = max((part.disallow.root for part in parts), key=_octets)
    if disallow.octets > allow.octets:
        return _verdict(disallow, allows=False, tied=False)
    return _verdict(allow, allows=True, tied=disallow.octets == allow.octets)


class Ranked:
    """The rules of merged groups in the order in which they decide: for many paths."""

    def __init__(self, parts: Sequence[Rules]) -> None:
        self._any = any(part.allow or part.disallow for part in parts)
        first: dict[tuple[Pattern, bool], int] = {}
        for part in parts:
            for side, allows in ((part.allow, True), (part.disallow, False)):
                for line, pattern in side.ready:
                    if pattern.live:
                        first.setdefault((pattern, allows), line)
        rules = [(pattern, line, allows) for (pattern, allows), line in first.items()]
        # The most octets first, of equals what allows.
        self._rules = sorted(rules, key=lambda rule: (-rule[0].octets, not rule[2]))
        self._plain = tuple({p.pieces[0] for p, _, _ in rules if _is_plain(p)})
        self._others = [rule for rule in self._rules if not _is_plain(rule[0])]

    @property
    def rules(self) -> list[tuple[Pattern, int, bool]]:
        """Pattern, line, and whether it allows; the strongest first."""
        return self._rules

    def judge(self, path: bytes) -> Verdict:
        """Apply the most specific match (2.2.2) to a path in comparable form."""
        if not self._any:
            return NO_RULES
        # Most paths begin like no rule: one look at all that are plain says so.
        rules = self._rules if path.startswith(self._plain) else self._others
        hits = ((p.octets, line, allows) for p, line, allows in rules if match(p, path))
        octets, line, allows = next(hits, (*MISS, True))
        equals = takewhile(lambda hit: hit[0] == octets, hits) if allows else ()
        tied = any(not allows for _, _, allows in equals)
        return _verdict(Hit(octets, line), allows=allows, tied=tied)


def _verdict(hit: Hit, *, allows: bool, tied: bool) -> Verdict:
    if hit.octets == MISS.octets:
        return Verdict(Access.ALLOWED, Rule.NO_MATCH, None)
    if hit.octets == 0:
        return Verdict(Access.ALLOWED, Rule.EMPTY_PATTERN, hit.line)
    if not allows:
        return Verdict(Access.DISALLOWED, Rule.LONGEST, hit.line)
    return Verdict(Access.ALLOWED, Rule.ALLOW_TIES if tied else Rule.LONGEST, hit.line)


def _is_plain(pattern: Pattern) -> bool:
    return len(pattern.pieces) == 1 and not pattern.anchored and pattern.octets > 0


def extent(parts: Sequence[Rules]) -> Extent:
    """Say how much merged groups disallow, by comparing rules with each other.

    A rule counts unless one of the other kind for the same paths, or for every path, beats
    it. Overlaps beyond that are not looked into: two rules that together undo a third would
    go unnoticed.
    """
    if not any(part.disallow for part in parts):
        return Extent.NONE
    shut = max(part.disallow.everything for part in parts)
    opened = max(part.allow.everything for part in parts)
    if shut <= opened:
        allow = _merged([part.allow.weights for part in parts])
        kept_out = any(
            pattern.live and pattern.octets > max(opened, allow.get(pattern.core, 0))
            for part in parts
            for pattern in part.disallow.patterns()
        )
        return Extent.PARTIAL if kept_out else Extent.NONE
    if not any(part.allow for part in parts):
        return Extent.ALL
    disallow = _merged([part.disallow.weights for part in parts])
    let_in = any(
        pattern.live and pattern.octets >= max(shut, disallow.get(pattern.core, 0))
        for part in parts
        for pattern in part.allow.patterns()
    )
    return Extent.ALL_BUT if let_in else Extent.ALL


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
