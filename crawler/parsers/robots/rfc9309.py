"""Groups and rules of a robots.txt to decisions, to the letter of RFC 9309.

How a name is compared (section 2.2.1): a crawler has one product token, made of letters,
`_` and `-`; a line names it if the *whole value* is that token, ignoring case. A value that
is no product token (`GPTBot/1.0`, `GPTBot, CCBot`) opens a group that names nobody; nothing
is cut off to make it fit. Names that can never be valid tokens (`AI2Bot`) are compared in
the same way, so a file that names them as their operators do is read as it is meant.

The same algorithm serves other readers: a `Dialect` holds all that they may do differently.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import compress
from typing import NamedTuple

from crawler.model import Access, Basis, Decision, Extent
from crawler.parsers.robots.effect import Effect, effect
from crawler.parsers.robots.paths import (
    PLAIN,
    STAR,
    Pattern,
    canonical,
    canonical_uri,
    path_of,
    pattern_of,
)
from crawler.parsers.robots.rules import Patterns, Ranked, Rule, Rules, Side, extent, judge_root
from crawler.parsers.robots.syntax import (
    AGENT,
    ALLOW,
    DISALLOW,
    FOR_GOOGLE,
    STRICTLY,
    Kept,
    Memo,
    RobotsFile,
    spans,
    value_of,
)

LONGEST_REMEMBERED = 256
ONLY_ALLOW = bytes(octet == ALLOW for octet in range(256))
ONLY_DISALLOW = bytes(octet == DISALLOW for octet in range(256))
ONLY_AGENT = bytes(octet == AGENT for octet in range(256))


class Root(NamedTuple):
    """What one group comes to at the root; `line` counts from 1 in the group."""

    access: Access
    rule: Rule
    line: int | None
    extent: Extent


@dataclass(frozen=True)
class Dialect:
    """What one reader makes of lines, names and patterns."""

    google: bool
    """Take lines for what Google takes them for."""
    name: Callable[[bytes], bytes | None]
    """The value of a user-agent line to a name in lower case, `*`, or None for nobody."""
    allow: Callable[[bytes], tuple[Pattern, ...]]
    """The value of an allow rule to the patterns it stands for, one or more."""
    disallow: Callable[[bytes], tuple[Pattern, ...]]
    canonical: Callable[[bytes], bytes]
    """A path and query to its comparable form."""
    free: bytes | None = b"/robots.txt"
    """The path that is allowed whatever the rules say (RFC 9309 section 2.2.2)."""

    @cached_property
    def names(self) -> Memo[bytes | None]:
        """Whole user-agent lines to what `name` makes of them."""
        return Memo(lambda raw: self.name(value_of(raw)), most=1 << 12, longest=128)

    @cached_property
    def patterns(self) -> tuple[Patterns, Patterns]:
        """Whole lines that allow, and lines that disallow, to their patterns; 8 MB when full."""
        return (
            Memo(lambda raw: self.allow(value_of(raw)), most=1 << 13, longest=LONGEST_REMEMBERED),
            Memo(
                lambda raw: self.disallow(value_of(raw)), most=1 << 13, longest=LONGEST_REMEMBERED
            ),
        )

    @cached_property
    def roots(self) -> Kept[Root]:
        """The lines of one block to what their rules come to; 8 MB when full."""
        return Kept(most=1 << 12, longest=1 << 11)

    def letters(self, file: RobotsFile) -> bytes:
        """One of `LETTERS` for every line."""
        return file.codes.translate(FOR_GOOGLE if self.google else STRICTLY)

    def rules(self, raws: list[bytes], letters: bytes, before: int, *, colons: bool) -> Rules:
        """Take the rules of one block that `before` lines stand before."""
        lines = range(before + 1, before + len(raws) + 1)
        chosen = [letters.translate(only) for only in (ONLY_ALLOW, ONLY_DISALLOW)]
        return Rules(
            *(
                Side(compress(lines, marks), compress(raws, marks), patterns, colons=colons)
                for marks, patterns in zip(chosen, self.patterns, strict=True)
            )
        )

    def root(self, raws: list[bytes], letters: bytes, *, colons: bool) -> Root:
        """Judge one block; templates and plug-ins write the same one into many files."""
        text = b"".join(raws)
        if (known := self.roots.get(text)) is not None:
            return known
        parts = [self.rules(raws, letters, 0, colons=colons)]
        return self.roots.keep(text, Root(*judge_root(parts), extent(parts)))


class Policy:
    """The groups of one file as one reader sees them; answers are worked out once."""

    def __init__(self, file: RobotsFile, lines: RobotsFile, dialect: Dialect) -> None:
        """`lines` are the file's, or what the dialect makes of them, as many."""
        self._file = file
        self._lines = lines
        self._dialect = dialect
        self._letters = letters = dialect.letters(lines)
        self._colons = letters == lines.codes.translate(STRICTLY)  # RFC 9309 wants a colon
        self._spans = spans(letters)
        self._rules: dict[int, Rules] = {}
        self._ranked: dict[tuple[int, ...], Ranked] = {}
        self._decisions: dict[tuple[int, ...], Decision] = {}
        self._owners: dict[bytes, list[int]] = {}
        names, owners, index = dialect.names, self._owners, 0
        for place, raw in compress(enumerate(lines.raws), letters.translate(ONLY_AGENT)):
            index += place >= self._spans[index][2]  # no block is without an agent
            name = names[raw]
            if name is None:
                continue
            if name not in owners:
                owners[name] = [index]
            elif owners[name][-1] != index:
                owners[name].append(index)

    @property
    def names(self) -> Set[bytes]:
        """Names with a group of their own, in lower case, `*` among them."""
        return self._owners.keys()

    @property
    def groups(self) -> int:
        """How many distinct groups are left after merging (section 2.2.1)."""
        return len(set(map(tuple, self._owners.values())))

    @property
    def has_rules(self) -> bool:
        """Say whether any group holds a rule."""
        return any(rules < end for _, rules, end in self._spans)

    def _choose(self, agent: str) -> tuple[Basis, tuple[int, ...]]:
        """Choose the group: the agent's own, else `*`, else none (section 2.2.1)."""
        name = agent.strip().encode("utf-8", "replace").lower()
        if name != STAR and name in self._owners:
            return Basis.OWN, tuple(self._owners[name])
        if STAR in self._owners:
            return Basis.STAR, tuple(self._owners[STAR])
        return Basis.NONE, ()

    def decide(self, agent: str) -> Decision:
        """Decide the root path for an agent, and how much of the site it is kept from."""
        basis, chosen = self._choose(agent)
        if chosen not in self._decisions:
            self._decisions[chosen] = self._decision(chosen, basis)
        known = self._decisions[chosen]
        return known if known.basis is basis else replace(known, basis=basis)

    def _decision(self, chosen: tuple[int, ...], basis: Basis) -> Decision:
        if not chosen:
            return Decision(Access.ALLOWED, Extent.NONE, basis, Rule.NO_GROUP)
        access, rule, line, reach = self._root(chosen)
        if line is None:
            return _silent(access, reach, basis, rule)
        return Decision(access, reach, basis, rule, line, self._file.text(line))

    def _root(self, chosen: tuple[int, ...]) -> Root:
        if len(chosen) > 1:
            parts = self._chosen(chosen)
            return Root(*judge_root(parts), extent(parts))
        _, start, end = self._spans[chosen[0]]
        raws, letters = self._lines.raws[start:end], self._letters[start:end]
        root = self._dialect.root(raws, letters, colons=self._colons)
        return root if root.line is None else root._replace(line=root.line + start)

    def allowed(self, agent: str, path: str) -> tuple[Access, Basis, Rule, int | None]:
        """Decide one path with its query, or a whole address."""
        basis, chosen = self._choose(agent)
        octets = path_of(path).encode("utf-8", "surrogatepass")
        if octets == self._dialect.free:
            return Access.ALLOWED, basis, Rule.ROBOTS_TXT, None
        if not chosen:
            return Access.ALLOWED, basis, Rule.NO_GROUP, None
        access, rule, line = self._rank(chosen).judge(self._dialect.canonical(octets))
        return access, basis, rule, line

    def effect(self, agent: str) -> Effect:
        """Reduce the rules for an agent to what they come to, with the lines that say it."""
        _, chosen = self._choose(agent)
        return effect(self._rank(chosen).rules)

    def _rank(self, chosen: tuple[int, ...]) -> Ranked:
        if chosen not in self._ranked:
            self._ranked[chosen] = Ranked(self._chosen(chosen))
        return self._ranked[chosen]

    def _chosen(self, chosen: tuple[int, ...]) -> list[Rules]:
        for index in chosen:
            if index not in self._rules:
                _, start, end = self._spans[index]
                raws, letters = self._lines.raws[start:end], self._letters[start:end]
                rules = self._dialect.rules(raws, letters, start, colons=self._colons)
                self._rules[index] = rules
        return [self._rules[index] for index in chosen]


@cache
def _silent(access: Access, reach: Extent, basis: Basis, rule: Rule) -> Decision:
    """The decision that rests on no line: one of few."""
    return Decision(access, reach, basis, rule)


def _name(value: bytes) -> bytes | None:
    return value.lower() or None


def _compile(value: bytes) -> tuple[Pattern, ...]:
    if PLAIN.fullmatch(value):
        return (pattern_of(value),)
    text = canonical(value)
    return (pattern_of(text[:-1].replace(b"$", b"%24") + text[-1:]),)


RFC9309 = Dialect(
    google=False, name=_name, allow=_compile, disallow=_compile, canonical=canonical_uri
)


def read(file: RobotsFile) -> Policy:
    """Read a file to the letter of RFC 9309."""
    return Policy(file, file, RFC9309)
