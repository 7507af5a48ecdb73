"""The bytes of a robots.txt to what a person wants to know about it, and two files to what changed.

Two files may differ in every line and say the same, or in one octet and say the opposite; so
`changes` compares what the files come to, crawler by crawler, and not their text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crawler.model import (
    Access,
    Basis,
    Capture,
    Decision,
    Defect,
    Extent,
    Finding,
    RobotsState,
    Statement,
)
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.paths import canonical
from crawler.registry import agents as registry
from crawler.registry import defects as catalogue
from crawler.registry import timeline
from crawler.signals import SIGNALS, robots_access
from crawler.signals.reading import robots_authorship
from crawler.signals.reading.robots_authorship import Span
from crawler.signals.reading.robots_fallback import VendorReading, vendor_reading

EVERYBODY = "*"
"""Stands for every crawler that the file does not name."""

SEVERE = (Extent.NONE, Extent.PARTIAL, Extent.ALL_BUT, Extent.ALL)
"""Extents, from the one that keeps out least."""


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """One agent, one path, one reader; `allowed` is None where the reader cannot be asked."""

    path: str
    allowed: bool | None
    line: int | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class AgentView:
    """What the file says to one agent, by the reader chosen."""

    token: str
    operator: str | None
    purposes: tuple[str, ...]
    decision: Decision
    paths: tuple[PathAnswer, ...]
    readers: Mapping[str, Access]
    """The root by every reader, if they do not agree; else empty."""
    is_token: bool
    """RFC 9309 admits the name as a product token; readers that cut names see another one else."""
    vendor: VendorReading | None
    """What the operator says its crawler follows here; no reader applies it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One defect with what the catalogue knows about it."""

    code: str
    severity: str
    line: int | None
    quote: str
    effect: str
    explanation: str
    mend: str


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A file against the community list of AI crawlers of one day.

    Days are ISO 8601, names in lower case.
    """

    day: str
    known_until: str
    """The last day that the list's history covers; a later `day` has the list of this one."""
    listed: int
    named: int
    """How many of the listed names have a group of their own, to the letter of RFC 9309."""
    kept_out: int
    """How many of them may not fetch the root, be it by `*`."""
    staleness: float
    """Which part of the list the file does not name, from 0 to 1."""
    missing: tuple[str, ...]
    debt: tuple[str, ...]
    """Names that were listed after `day`, still are, and that the file lacks."""
    half_life: int | None
    """Days after which a copy held less than half of the list of `day`; None: not so far."""
    most_like: tuple[str, float] | None
    """The day of the version most like the names, and how much (Jaccard)."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One file explained. `agents` holds those asked for, else those treated in their own way."""

    reader: str
    state: RobotsState
    octets: int
    groups: int
    authors: tuple[Span, ...]
    everybody: AgentView
    agents: tuple[AgentView, ...]
    faults: tuple[Fault, ...]
    own_day: OwnDay | None


class Kind(StrEnum):
    """What can change between two files; the values are stable."""

    STATE = "state"
    AGENT_GAINED = "agent-gained"  # may fetch less than before
    AGENT_LOST = "agent-lost"  # may fetch more than before
    EXCEPTIONS_MOVED = "exceptions-moved"  # the root's answer moved, the extent did not
    BASIS_MOVED = "basis-moved"  # the same extent, by another group
    RULES_MOVED = "rules-moved"  # rules for other paths, or in another precedence
    PATH_MOVED = "path-moved"  # the answer for a path that was asked about
    STATEMENT_NEW = "statement-new"
    STATEMENT_GONE = "statement-gone"
    DEFECT_NEW = "defect-new"
    DEFECT_MENDED = "defect-mended"
    AUTHORSHIP = "authorship"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in meaning; `before` and `after` are plain words, None for nothing."""

    kind: Kind
    subject: str
    before: str | None
    after: str | None


def explain(
    body: bytes,
    agents: Sequence[str] = (),
    paths: Sequence[str] = (),
    reader: str = "rfc9309",
    as_of: date | None = None,
) -> Explanation:
    """Explain a body as one of `robots_access.READERS` reads it.

    Raises KeyError for another reader, ValueError for a day `as_of` which no list is known.
    """
    tokens = _tokens(agents)
    reading = robots_access.judge(body, tokens)
    named = {token for access in reading.access.values() for token in access.named}
    shown = agents or [token for token in tokens if token in named]
    return Explanation(
        reader=reader,
        state=reading.state,
        octets=len(body),
        groups=reading.groups,
        authors=robots_authorship.authors(body),
        everybody=_view(body, EVERYBODY, paths, reader, reading),
        agents=tuple(_view(body, token, paths, reader, reading) for token in shown),
        faults=tuple(map(_fault, finding(body).defects)),
        own_day=own_day(body, as_of) if as_of else None,
    )


def own_day(body: bytes, day: date) -> OwnDay:
    """Hold a body against the list of a day; raises ValueError where none is known."""
    policy = rfc9309.read(syntax.parse(body))
    named = {name.decode("utf-8", "replace") for name in policy.names}
    listed = timeline.listed_on(day)
    alike = timeline.best_match(named)
    return OwnDay(
        day=day.isoformat(),
        known_until=timeline.last_day().isoformat(),
        listed=len(listed),
        named=len(listed & named),
        kept_out=sum(policy.decide(name).root is Access.DISALLOWED for name in listed),
        staleness=timeline.staleness(named, day),
        missing=tuple(sorted(listed - named)),
        debt=tuple(sorted(timeline.missing_since(day, named))),
        half_life=timeline.half_life(day),
        most_like=(alike[0].isoformat(), alike[1]) if alike else None,
    )


def _tokens(agents: Sequence[str]) -> tuple[str, ...]:
    """Give the registry's tokens and whoever else is asked about, each spelling once."""
    known = {agent.token.lower(): agent.token for agent in registry.load().agents}
    return tuple({**known, **{token.lower(): token for token in agents}}.values())


def finding(body: bytes) -> Finding:
    """Find what the access signal finds in a body that came with a 200 answer."""
    return robots_access.find(_capture(body))


def _capture(body: bytes) -> Capture:
    url = "https://site.invalid/robots.txt"
    return Capture("/robots.txt", url, url, status=200, body=body)


def _view(
    body: bytes,
    token: str,
    paths: Sequence[str],
    reader: str,
    reading: robots_access.RobotsReading,
) -> AgentView:
    decisions = {name: _of(access, token) for name, access in reading.access.items()}
    roots = {name: decision.root for name, decision in decisions.items()}
    agent = registry.load().by_token(token)
    return AgentView(
        token=token,
        operator=agent.operator if agent else None,
        purposes=tuple(purpose.value for purpose in agent.purposes) if agent else (),
        decision=decisions[reader],
        paths=tuple(_answer(body, token, path, reader) for path in paths),
        readers=roots if len(set(roots.values())) > 1 else {},
        is_token=token == EVERYBODY or registry.is_product_token(token),
        vendor=vendor_reading(reading.access[reader], token),
    )


def _of(access: robots_access.AgentAccess, token: str) -> Decision:
    return access.named.get(token, access.default)


def _answer(body: bytes, token: str, path: str, reader: str) -> PathAnswer:
    agent = "" if token == EVERYBODY else token
    allowed, line, _ = robots_access.answer(body, agent, path, reader)
    quote = syntax.parse(body).text(line) if line else None
    return PathAnswer(path, allowed, line, quote)


def _fault(defect: Defect) -> Fault:
    entry = catalogue.load().entries[defect.code]
    return Fault(
        code=defect.code,
        severity=defect.severity.value,
        line=defect.line,
        quote=defect.quote,
        effect=defect.effect,
        explanation=entry.explanation,
        mend=entry.mend,
    )


def changes(
    old: bytes, new: bytes, agents: Sequence[str] = (), paths: Sequence[str] = ()
) -> tuple[Change, ...]:
    """Compare what two bodies mean to the letter of RFC 9309.

    For the agents asked about, else for all that are registered or named in a file; and for
    whoever has no group, what may be fetched of all paths and of those asked about.
    """
    policies = [rfc9309.read(syntax.parse(body)) for body in (old, new)]
    tokens = agents or _named(policies)
    readings = [robots_access.judge(body, tuple(tokens)) for body in (old, new)]
    before, after = (reading.access["rfc9309"] for reading in readings)
    concerned = [token for token in tokens if token in before.named or token in after.named]
    found = [
        *_plain(Kind.STATE, "file", *(reading.state for reading in readings)),
        *(
            change
            for token in (EVERYBODY, *(agents or concerned))
            for change in (
                *_moved(token, _of(before, token), _of(after, token)),
                *_rules_moved(token, old, new, *policies),
                *_paths_moved(token, paths, *policies),
            )
        ),
        *_differing(Kind.STATEMENT_GONE, Kind.STATEMENT_NEW, _statements(old), _statements(new)),
        *_differing(Kind.DEFECT_MENDED, Kind.DEFECT_NEW, _defects(old), _defects(new)),
        *_plain(Kind.AUTHORSHIP, "file", *(reading.authorship for reading in readings)),
    ]
    return tuple(found)


def _named(policies: Iterable[rfc9309.Policy]) -> tuple[str, ...]:
    """Give the registry's tokens and all other names in files, these in lower case."""
    names = {name.decode("utf-8", "replace") for policy in policies for name in policy.names}
    known = _tokens(())
    return *known, *sorted(names - {EVERYBODY, *(token.lower() for token in known)})


def _rules_moved(
    token: str, old: bytes, new: bytes, before: rfc9309.Policy, after: rfc9309.Policy
) -> Iterator[Change]:
    """Quote the rules that only one of two files has for an agent, in one order or any."""
    was, now = before.effect(token), after.effect(token)
    gone = _lines(old, (line for key, line in was.items() if key not in now))
    come = _lines(new, (line for key, line in now.items() if key not in was))
    if gone or come:
        yield Change(Kind.RULES_MOVED, token, gone, come)


def _lines(body: bytes, numbers: Iterable[int]) -> str | None:
    file = syntax.parse(body)
    return "; ".join(file.text(number) for number in sorted(numbers)) or None


def _paths_moved(
    token: str, paths: Sequence[str], before: rfc9309.Policy, after: rfc9309.Policy
) -> Iterator[Change]:
    for path in paths:
        answers = [policy.allowed(token, path)[0] for policy in (before, after)]
        yield from _plain(Kind.PATH_MOVED, f"{token} at {path}", *answers)


def _plain(kind: Kind, subject: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(kind, subject, str(before), str(after))


def _moved(token: str, before: Decision, after: Decision) -> Iterator[Change]:
    """Say how one agent's lot changed; where it stands in the file does not matter."""
    ranks = [SEVERE.index(each.extent or Extent.NONE) for each in (before, after)]
    if ranks[0] != ranks[1]:
        kind = Kind.AGENT_GAINED if ranks[1] > ranks[0] else Kind.AGENT_LOST
        yield Change(kind, token, words(before), words(after))
    elif before.root != after.root:
        yield Change(Kind.EXCEPTIONS_MOVED, token, words(before), words(after))
    elif before.basis != after.basis:
        yield Change(Kind.BASIS_MOVED, token, basis_words(before), basis_words(after))


def _statements(body: bytes) -> dict[str, str]:
    """Give what the other signals of the file state: subject to quotation."""
    capture = _capture(body)
    return {
        f"{signal.name}: {each.purpose} {each.preference} for {each.agent} at {_path(each)}": (
            each.quote
        )
        for signal in SIGNALS
        if capture.resource in signal.resources
        for each in signal.find(capture).statements
    }


def _path(statement: Statement) -> str:
    return canonical((statement.path or "/").encode("utf-8", "replace")).decode("ascii", "replace")


def _defects(body: bytes) -> dict[str, str]:
    """Give the faults by code and line, the line without what its spelling may hold."""
    return {f"{each.code}: {_spelling(each.quote)}": each.effect for each in finding(body).defects}


def _spelling(line: str) -> str:
    """Drop a comment, the case of the field's name and of agents, and needless escapes."""
    field, colon, value = line.partition("#")[0].partition(":")
    field, value = field.strip().capitalize(), value.strip()
    if field.casefold().replace("-", "").replace(" ", "") == "useragent":
        return f"{field}{colon} {value.casefold()}"
    return f"{field}{colon} {canonical(value.encode('utf-8', 'replace')).decode('ascii')}".strip()


def _differing(
    gone: Kind, new: Kind, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for subject in (each for each in before if each not in after):
        yield Change(gone, subject, before[subject], None)
    for subject in (each for each in after if each not in before):
        yield Change(new, subject, None, after[subject])


def words(decision: Decision) -> str:
    """Say in plain words what an agent may fetch."""
    if decision.root is Access.UNMEASURED:
        return "unknown"
    match decision.extent:
        case Extent.ALL:
            return "kept out of the whole site"
        case Extent.ALL_BUT:
            start = "" if decision.root is Access.DISALLOWED else ", the start page among them"
            return f"kept out of everything but some paths{start}"
        case Extent.PARTIAL:
            start = "" if decision.root is Access.ALLOWED else ", the start page among them"
            return f"kept out of some paths{start}"
        case Extent.NONE:
            return "may fetch everything"
        case _:  # Protego tells no extent
            return "kept out" if decision.root is Access.DISALLOWED else "may fetch the start page"


def basis_words(decision: Decision) -> str:
    """Say in plain words which part of the file decided."""
    match decision.basis:
        case Basis.OWN:
            return "by rules for it by name"
        case Basis.STAR:
            return "by the rules for everybody (*)"
        case Basis.NONE:
            return "since no rules apply to it"
        case Basis.NO_FILE:
            return "since there is no robots.txt"
        case _:
            return "since the file could not be read"
