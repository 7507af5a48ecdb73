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
from functools import cached_property
from itertools import compress
from typing import NamedTuple

from crawler.model import Access, Basis, Decision, Extent
from crawler.parsers.robots import (
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
from crawler.parsers.robots_group import Rule, Rules, extent, judge
from crawler.parsers.robots_path import (
    ROOT,
    STAR,
    Compile,
    Pattern,
    canonical,
    canonical_uri,
    path_of,
    pattern_of,
    remembered,
)

ONLY_ALLOW = bytes(octet == ALLOW for octet in range(256))
ONLY_DISALLOW = bytes(octet == DISALLOW for octet in range(256))


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
    compile: Compile
    canonical: Callable[[bytes], bytes]
    """A path and query to its comparable form."""

    @cached_property
    def names(self) -> Memo[bytes | None]:
        """Whole user-agent lines to what `name` makes of them."""
        return Memo(lambda raw: self.name(value_of(raw)), most=1 << 12, longest=128)

    @cached_property
    def roots(self) -> Kept[Root]:
        """The lines of one block to what their rules come to; 8 MB when full."""
        return Kept(most=1 << 12, longest=1 << 11)

    def letters(self, file: RobotsFile) -> bytes:
        """One of `LETTERS` for every line."""
        return file.codes.translate(FOR_GOOGLE if self.google else STRICTLY)

    def rules(self, raws: list[bytes], letters: bytes, before: int = 0) -> Rules:
        """Take the rules of one block that `before` lines stand before."""
        allows = compress(enumerate(raws, before + 1), letters.translate(ONLY_ALLOW))
        disallows = compress(enumerate(raws, before + 1), letters.translate(ONLY_DISALLOW))
        return Rules(list(allows), list(disallows), self.compile)

    def root(self, raws: list[bytes], letters: bytes) -> Root:
        """Judge one block; templates and plug-ins write the same one into many files."""
        text = b"".join(raws)
        if (known := self.roots.get(text)) is not None:
            return known
        parts = [self.rules(raws, letters)]
        return self.roots.keep(text, Root(*judge(parts, ROOT), extent(parts)))


ROBOTS_TXT = b"/robots.txt"


class Policy:
    """The groups of one file as one reader sees them; answers are worked out once."""

    def __init__(self, file: RobotsFile, lines: RobotsFile, dialect: Dialect) -> None:
        """`lines` are the file's, or what the dialect makes of them, as many."""
        self._file = file
        self._lines = lines
        self._dialect = dialect
        self._letters = letters = dialect.letters(lines)
        self._spans = spans(letters)
        self._rules: dict[int, Rules] = {}
        self._decisions: dict[tuple[int, ...], Decision] = {}
        self._owners: dict[bytes, list[int]] = {}
        names, raws = dialect.names, lines.raws
        for index, (start, rules, _) in enumerate(self._spans):
            for place in range(start, rules):
                if letters[place] == AGENT:
                    self._own(names[raws[place]], index)

    def _own(self, name: bytes | None, index: int) -> None:
        if name is not None:
            owned = self._owners.setdefault(name, [])
            if not owned or owned[-1] != index:
                owned.append(index)

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
        text = self._file.text(line) if line else None
        return Decision(access, reach, basis, rule, line, text)

    def _root(self, chosen: tuple[int, ...]) -> Root:
        if len(chosen) > 1:
            parts = self._chosen(chosen)
            return Root(*judge(parts, ROOT), extent(parts))
        _, start, end = self._spans[chosen[0]]
        root = self._dialect.root(self._lines.raws[start:end], self._letters[start:end])
        return root if root.line is None else root._replace(line=root.line + start)

    def allowed(self, agent: str, path: str) -> tuple[Access, Basis, Rule, int | None]:
        """Decide one path with its query, or a whole address."""
        basis, chosen = self._choose(agent)
        octets = path_of(path).encode("utf-8", "surrogatepass")
        if octets == ROBOTS_TXT:
            return Access.ALLOWED, basis, Rule.ROBOTS_TXT, None
        if not chosen:
            return Access.ALLOWED, basis, Rule.NO_GROUP, None
        access, rule, line = judge(self._chosen(chosen), self._dialect.canonical(octets))
        return access, basis, rule, line

    def _chosen(self, chosen: tuple[int, ...]) -> list[Rules]:
        for index in chosen:
            if index not in self._rules:
                _, start, end = self._spans[index]
                raws, letters = self._lines.raws[start:end], self._letters[start:end]
                self._rules[index] = self._dialect.rules(raws, letters, start)
        return [self._rules[index] for index in chosen]


def _name(value: bytes) -> bytes | None:
    return value.lower() or None


@remembered
def _compile(value: bytes, *, allow: bool) -> tuple[Pattern, ...]:  # noqa: ARG001
    text = canonical(value)
    return (pattern_of(text[:-1].replace(b"$", b"%24") + text[-1:]),)


RFC9309 = Dialect(google=False, name=_name, compile=_compile, canonical=canonical_uri)


def read(file: RobotsFile) -> Policy:
    """Read a file to the letter of RFC 9309."""
    return Policy(file, file, RFC9309)
