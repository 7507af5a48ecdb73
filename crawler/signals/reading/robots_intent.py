"""The groups of a robots.txt to what in them was probably not meant.

Each line here is sound by itself; the fault lies in what groups do to each other, to `*`, or
to the rest of what an operator runs. The codes are entries of `registry/defects.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from crawler.model import Access, Basis, Decision, Extent
from crawler.parsers.robots.rfc9309 import Policy
from crawler.parsers.robots.rules import Rule
from crawler.parsers.robots.syntax import Block, Kind, RobotsFile, classify
from crawler.registry import agents, defects
from crawler.registry.agents import AgentPurpose, AgentStatus

Place = tuple[str, int]
"""Code and line; line 0 is the whole file."""

ROOTS = frozenset({b"/", b"/*", b"*"})
BROKER = "CCBot"
SITE_WIDE = frozenset({b"sitemap", b"sitemaps", b"site-map", b"host"})
"""Fields that do not end Protego's list of agents (0.7.0)."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """One operator's names for training and for search."""

    train: tuple[str, ...]
    search: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roles:
    """The registry's agents by what this module asks about; keys are in lower case."""

    train: frozenset[str]
    core: tuple[str, ...]
    """The documented controls over training, without the broker."""
    rivals: tuple[Rivals, ...]
    successors: dict[str, str]


Owners = dict[str, dict[int, int]]
"""For every name the groups that name it, by index, each with the line of its first mention."""


def of_groups(file: RobotsFile, parts: list[Block], policy: Policy) -> Iterator[Place]:
    """Find the faults of groups; `parts` are the strict reader's blocks, `policy` its reading."""
    groups = parts[1:]
    owners = _owners(groups)
    yield from _empty(groups, policy, owners)
    yield from _contradictions(groups, owners)
    for group in groups:
        yield from _cancelled(group)
        if group.others and len(group.agents) > 1:
            yield from _split(file, group, policy)
    watched = _watched()
    lines = {name: min(owned.values()) for name, owned in owners.items() if name in watched}
    if lines:
        yield from _of_agents(policy, lines)


def _owners(groups: list[Block]) -> Owners:
    owners: Owners = {}
    for index, group in enumerate(groups):
        for number, _, _, value in group.agents:
            owners.setdefault(_name(value), {}).setdefault(index, number)
    return owners


def _name(value: bytes) -> str:
    return value.decode("utf-8", "replace").lower()


def _empty(groups: list[Block], policy: Policy, owners: Owners) -> Iterator[Place]:
    """Find agents that a group without any rule frees from what `*` forbids.

    Only a rule ends a group, so there is no such group but the last.
    """
    star = policy.decide("*")
    if star.extent is Extent.NONE or groups[-1].allows or groups[-1].disallows:
        return
    for number, _, _, value in groups[-1].agents:
        name = _name(value)  # one with a colon swallowed the rule: another fault
        if len(owners[name]) == 1 and name not in {"", "*"} and ":" not in name:
            yield _freed(groups[-1], star), number


def _freed(group: Block, star: Decision) -> str:
    if star.root is Access.DISALLOWED:
        return "robots-own-group-lifts-star"
    return "robots-group-crawl-delay-only" if _is_delay(group) else "robots-group-empty"


def _is_delay(group: Block) -> bool:
    """Say whether the only thing in a group is a number, as behind Crawl-delay."""
    return any(value.replace(b".", b"").isdigit() for _, _, _, value in group.others)


def _contradictions(groups: list[Block], owners: Owners) -> Iterator[Place]:
    """Find agents of which a later group says the opposite of the first one at the root."""
    stances = [_stance(group) for group in groups]
    for owned in owners.values():
        if len(owned) > 1:
            said = [(stances[index], line) for index, line in owned.items() if stances[index]]
            line = next((line for stance, line in said if stance is not said[0][0]), None)
            if line:
                yield "robots-groups-contradict", line


def _stance(group: Block) -> Access | None:
    """Say what one block alone says about the root, if it says that expressly."""
    if _longest(group.allows):
        return Access.ALLOWED
    if _longest(group.disallows):
        return Access.DISALLOWED
    empty = group.disallows and all(not value for _, _, _, value in group.disallows)
    return Access.ALLOWED if empty else None


def _longest(rules: list[tuple[int, Kind, Kind | None, bytes]]) -> int:
    return max((len(value) for _, _, _, value in rules if value in ROOTS), default=0)


def _cancelled(group: Block) -> Iterator[Place]:
    """Find the Allow that undoes a Disallow for everything."""
    shut, opened = _longest(group.disallows), _longest(group.allows)
    if 0 < shut <= opened:
        yield "robots-allow-cancels", next(n for n, _, _, value in group.allows if value in ROOTS)


def _split(file: RobotsFile, group: Block, policy: Policy) -> Iterator[Place]:
    """Find a field between agent lines, where the agents above lose rules that matter."""
    last = group.agents[-1][0]
    between = (n for n, kind, _, _ in group.others if n < last and kind is not Kind.NO_COLON)
    splitting = (n for n in between if classify(file.raws[n - 1]).field not in SITE_WIDE)
    number = next(splitting, 0)
    if not number:
        return
    above = (_name(value) for line, _, _, value in group.agents if line < number)
    if any(policy.decide(name).extent is not Extent.NONE for name in above):
        yield "robots-group-split", number


def _of_agents(policy: Policy, lines: dict[str, int]) -> Iterator[Place]:
    """Find what the names of known agents, taken together, give away about the intention."""
    roles = _roles()
    decisions = {name: policy.decide(name) for name in lines}
    shut = [name for name, made in decisions.items() if made.root is Access.DISALLOWED]
    star_shut = policy.decide("*").root is Access.DISALLOWED
    for name, made in decisions.items():
        if not star_shut and name in roles.train and _is_void(made):
            yield "robots-training-open", lines[name]
    core = [lines[name] for name in shut if name in roles.core]
    if core and policy.decide(BROKER).root is Access.ALLOWED:
        yield "robots-broker-open", lines.get(BROKER.lower(), min(core))
    for name in shut:
        successor = roles.successors.get(name)
        if successor and policy.decide(successor).root is Access.ALLOWED:
            yield "robots-agent-retired", lines[name]
    if not star_shut:
        yield from _searchers(set(shut), lines)


def _is_void(decision: Decision) -> bool:
    """Say whether a group keeps nothing closed, and does not say so by an Allow."""
    silent = decision.rule in {Rule.EMPTY_PATTERN, Rule.NO_MATCH, Rule.NO_RULES}
    return decision.basis is Basis.OWN and decision.extent is Extent.NONE and silent


def _searchers(shut: set[str], lines: dict[str, int]) -> Iterator[Place]:
    """Find search crawlers that are shut out by name, perhaps by mistake."""
    if "googlebot" in shut:
        yield "robots-googlebot-blocked", lines["googlebot"]
    for rivals in _roles().rivals:
        searching = [lines[name] for name in rivals.search if name in shut and name != "googlebot"]
        if searching and shut.intersection(rivals.train):
            yield "robots-search-with-training", min(searching)


@cache
def _watched() -> frozenset[str]:
    roles = _roles()
    rivals = chain.from_iterable((*each.train, *each.search) for each in roles.rivals)
    return frozenset({*roles.train, *roles.successors, *rivals, "googlebot"})


@cache
def _roles() -> Roles:
    registry = agents.load()
    train = frozenset(a.token.lower() for a in registry.agents if AgentPurpose.TRAIN in a.purposes)
    operators = {a.operator for a in registry.agents if a.operator and a.token.lower() in train}
    successors = {
        a.token.lower(): a.superseded_by
        for a in registry.agents
        if a.status is AgentStatus.DEPRECATED and a.superseded_by
    }
    return Roles(
        train=train,
        core=tuple(t.lower() for t in registry.panels["strict8"] if t != BROKER),
        rivals=tuple(_rivals(operator, train) for operator in sorted(operators)),
        successors=successors | dict(defects.load().names.replaced),
    )


def _rivals(operator: str, train: frozenset[str]) -> Rivals:
    """Sort one operator's active names; those for both purposes count as training."""
    own = [a for a in agents.load().agents if a.operator == operator]
    searching = [a for a in own if a.status is AgentStatus.ACTIVE]
    return Rivals(
        tuple(a.token.lower() for a in own if a.token.lower() in train),
        tuple(
            a.token.lower()
            for a in searching
            if AgentPurpose.SEARCH in a.purposes and a.token.lower() not in train
        ),
    )
