"""A robots.txt to the lines of its extensions, each with the agents of the group it is in.

RFC 9309 section 2.2.4 lets other records stand anywhere and forbids that they interfere with
groups; an extension that calls its line a rule groups otherwise, which `rule=True` follows.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.robots import syntax
from crawler.parsers.robots.paths import canonical, canonical_uri, match, path_of, pattern_of
from crawler.signals.reading.readable import (
    MAX_STATEMENTS,
    answers_alike,
    conclude,
    is_cut,
    looks_like_html,
    quote,
    unreadable,
)

RESOURCE = "/robots.txt"
BINARY = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\x7fELF")
MAX_AGENTS = 200
RESTRICTIVE = (
    Preference.DISALLOWED,
    Preference.CONDITIONAL,
    Preference.ALLOWED,
    Preference.UNSTATED,
)
"""The most restrictive value first."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of an extension. `value` is decoded and without outer blanks and comment."""

    number: int
    name: str
    value: str
    raw: str
    agents: tuple[str, ...]
    """Names of the group as written, each once, `*` first; empty before any group."""
    exact: bool
    """The field is spelt as its specification does, with its colon."""


@lru_cache(maxsize=1)
def parsed(body: bytes) -> syntax.RobotsFile:
    """Parse a body once for all the signals that read it one after the other."""
    return syntax.parse(body)


def is_not_robots(body: bytes) -> bool:
    """Say whether a page, a picture or UTF-16 text stands in place of the file.

    What begins like a page is one only if no group stands in it: a plug-in's comment or a
    warning of PHP above the rules voids none of them (RFC 9309 section 2.3.1.5).
    """
    if body.startswith(BINARY) or syntax.is_utf16(body):
        return True
    return looks_like_html(body) and not has_group(body)


def has_group(body: bytes) -> bool:
    """Say whether any line of a file names whom it speaks to."""
    return any(map(names_of, syntax.blocks(parsed(body).records)))


def is_answer_to_anything(robots: Capture, others: Iterable[Capture]) -> bool:
    """Say whether a file without any group is what the site answers on a random path too.

    JSON, XML or `{}` on every path is no robots.txt that has nothing to say. `others` are
    answers for paths that no site has.
    """
    if not robots.body.strip() or not any(answers_alike(robots, other) for other in others):
        return False
    return not has_group(robots.body)


def unread(capture: Capture) -> Finding | None:
    """The finding for a capture that holds no robots.txt; None where it does."""
    if finding := unreadable(capture):
        return finding
    if not is_not_robots(capture.body):
        return None
    if is_cut(capture):
        return conclude([], [], cut=True)
    note = "soft_404" if looks_like_html(capture.body) else "not_robots"
    return Finding(Reading.ABSENT, note=note)


def fields(body: bytes, names: Collection[bytes], *, rule: bool = False) -> list[Field]:
    """Find the lines with one of these field names (lower case), in the order of the file.

    With `rule` such a line ends a list of agents as Allow and Disallow do.
    """
    file = parsed(body)
    tokens = {
        record[0]: token
        for record in file.records
        if record[1] not in syntax.MEANT
        and (token := syntax.classify(file.raws[record[0] - 1])).field in names
    }
    if not tokens:
        return []
    records = file.records
    if rule:
        records = [(n, syntax.Kind.ALLOW if n in tokens else k, g, v) for n, k, g, v in records]
    found = [
        _field(file, number, tokens[number], agents)
        for block, agents in ((b, names_of(b)) for b in syntax.blocks(records))
        for number in sorted(r[0] for r in (*block.allows, *block.others) if r[0] in tokens)
    ]
    return sorted(found, key=lambda field: field.number)


def _field(
    file: syntax.RobotsFile, number: int, token: syntax.Token, agents: tuple[str, ...]
) -> Field:
    name, value = token.field.decode("utf-8", "replace"), token.value.decode("utf-8", "replace")
    exact = token.kind is syntax.Kind.OTHER
    return Field(number, name, value, file.text(number), agents, exact)


def names_of(block: syntax.Block) -> tuple[str, ...]:
    """The names that open a group: `*` first, since it is what speaks about the site."""
    decoded = (quote(record[3].decode("utf-8", "replace")) for record in block.agents)
    names = list({name.lower(): name for name in decoded if name}.values())
    return tuple(sorted(names, key=lambda name: name != "*")[:MAX_AGENTS])


def covers_all(path: str | None) -> bool:
    """Say whether a path pattern, or none, is the whole site."""
    return path is None or path.rstrip("*") in ("", "/")


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says about one purpose to everybody in its group."""

    field: Field
    purpose: Purpose
    preference: Preference
    strictness: Strictness
    path: str | None = None
    derived: bool = False

    def statements(self) -> list[Statement]:
        """One statement for each agent of the group."""
        scope = Scope.SITE if covers_all(self.path) else Scope.PATH
        return [
            Statement(
                self.purpose,
                self.preference,
                self.strictness,
                scope,
                quote(self.field.raw),
                agent=agent,
                path=self.path and quote(self.path),
                line=self.field.number,
                derived=self.derived,
            )
            for agent in self.field.agents
        ]


def refusals_of_nobody(said: Iterable[Said]) -> Iterator[Said]:
    """What lines before any group refuse, as a tolerant reader takes it: for everybody.

    A permission that is addressed to nobody stays none.
    """
    for one in said:
        if one.preference is not Preference.ALLOWED:
            field = replace(one.field, agents=("*",))
            yield replace(one, field=field, strictness=Strictness.LENIENT)


def ended(
    capture: Capture,
    said: Iterable[Said],
    defects: Iterable[Defect],
    note: str | None = None,
    first: Sequence[Statement] = (),
) -> Finding:
    """The finding of a robots.txt; `note` gives way to what was cut off.

    `first` are statements made by other means than a group's line.
    """
    statements = list(first)
    cut = is_cut(capture) or parsed(capture.body).dropped > 0
    for one in said:
        statements += one.statements()
        if len(statements) > MAX_STATEMENTS:
            break
    found = conclude(statements, list(defects), cut=cut)
    return found if found.note else replace(found, note=note)


def defect(code: str, severity: Severity, effect: str, field: Field) -> Defect:
    """The defect of one line."""
    return Defect(code, severity, quote(field.raw), effect, field.number)


Select = Callable[[tuple[Statement, ...], str], tuple[Statement, ...]]


def longest_match(prefer: tuple[Preference, ...] = RESTRICTIVE) -> Select:
    """Make the rule "longest matching path; on a tie the value that comes first in `prefer`".

    It holds for each agent, and for strict readers apart from tolerant ones.
    """

    def select(statements: tuple[Statement, ...], path: str) -> tuple[Statement, ...]:
        address = canonical_uri(path_of(path).encode("utf-8", "replace"))
        matching = [s for s in statements if _matches(s.path, address)]
        kept: set[Statement] = set()
        for agent in {s.agent.lower() for s in matching}:
            own = [s for s in matching if s.agent.lower() == agent]
            kept |= _best(own, prefer)
            kept |= _best([s for s in own if s.strictness is Strictness.STRICT], prefer)
        return tuple(s for s in matching if s in kept)

    return select


def _best(statements: list[Statement], prefer: tuple[Preference, ...]) -> set[Statement]:
    length = max((_length(s.path) for s in statements), default=0)
    nearest = [s for s in statements if _length(s.path) == length]
    first = {
        purpose: min(prefer.index(s.preference) for s in nearest if s.purpose is purpose)
        for purpose in {s.purpose for s in nearest}
    }
    return {s for s in nearest if prefer.index(s.preference) == first[s.purpose]}


def _octets(path: str) -> bytes:
    return canonical(path.encode("utf-8", "replace"))


def _length(path: str | None) -> int:
    return 0 if path is None else len(_octets(path))


def _matches(path: str | None, address: bytes) -> bool:
    return path is None or match(pattern_of(_octets(path)), address)
