"""Published ways to say that a robots.txt blocks AI crawlers, each as a function of the body.

One set of files gives very different headlines under them, so a figure is worth something only
with its definition beside it. A definition has two halves: a rule, which says of one file and one
agent whether it is blocked, and a quantifier, which makes a headline of a list of agents. The
second can be chosen anew, so that a rule can be compared with others like with like, and a
published table be rebuilt agent by agent.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from crawler.model import Access, Basis, Extent
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.rfc9309 import Policy
from crawler.parsers.robots.syntax import RobotsFile

Rule = Callable[[bytes, str], bool]
"""Says of a body whether it blocks an agent."""


class Quantifier(StrEnum):
    """How many agents of a list must be blocked (persisted: never renamed)."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition. `id` is persisted: never renamed; `source` is who publishes by it."""

    id: str
    title: str
    source: str
    counts: str
    rule: Rule
    quantifier: Quantifier = Quantifier.ANY

    def blocks(
        self, body: bytes, agents: Collection[str], quantifier: Quantifier | None = None
    ) -> bool:
        """Say whether the body blocks any, or all, of the agents; none are never blocked."""
        asked = (self.rule(body, agent) for agent in agents)
        if (quantifier or self.quantifier) is Quantifier.ALL:
            return bool(agents) and all(asked)
        return any(asked)


@lru_cache(maxsize=1)
def _parse(body: bytes) -> RobotsFile:
    """All definitions look at one body before the next one comes."""
    return syntax.parse(body)


@lru_cache(maxsize=1)
def _read(body: bytes) -> Policy:
    return rfc9309.read(_parse(body))


class Group(NamedTuple):
    """One group as written, not merged: lower-case names, paths of its Disallow and Allow lines."""

    names: frozenset[bytes]
    disallows: tuple[bytes, ...]
    allows: tuple[bytes, ...]


@lru_cache(maxsize=1)
def _groups(body: bytes) -> tuple[Group, ...]:
    return tuple(
        Group(
            frozenset(value.lower() for _, _, _, value in block.agents),
            tuple(value for _, _, _, value in block.disallows),
            tuple(value for _, _, _, value in block.allows),
        )
        for block in syntax.blocks(_parse(body).records)[1:]
    )


@lru_cache(maxsize=1)
def _lines(body: bytes) -> tuple[bytes, ...]:
    return tuple(raw.rstrip(syntax.ENDINGS) for raw in _parse(body).raws)


def _named_groups(body: bytes, agent: str) -> list[Group]:
    name = agent.lower().encode()
    return [group for group in _groups(body) if name in group.names]


def mentioned(body: bytes, agent: str) -> bool:
    """The agent's name stands anywhere in the text, in a comment or an address too."""
    return agent.lower().encode() in body.lower()


def named(body: bytes, agent: str) -> bool:
    """A user-agent line names the agent, whatever its group says."""
    return agent.lower().encode() in _read(body).names


def denied(body: bytes, agent: str) -> bool:
    """The agent may not fetch `/` by RFC 9309, be it by `*`."""
    return _read(body).decide(agent).root is Access.DISALLOWED


def denied_by_name(body: bytes, agent: str) -> bool:
    """The agent may not fetch `/` by a group of its own; `*` does not count."""
    decision = _read(body).decide(agent)
    return decision.root is Access.DISALLOWED and decision.basis is Basis.OWN


def disallow_line_by_name(body: bytes, agent: str) -> bool:
    """A group that names the agent holds `Disallow: /`; Allow lines are ignored."""
    return any(b"/" in group.disallows for group in _named_groups(body, agent))


def disallow_without_allow(body: bytes, agent: str) -> bool:
    """The agent's group, or else that of `*`, holds `Disallow: /` and no Allow line at all."""
    applies = _named_groups(body, agent) or _named_groups(body, "*")
    shut = any(b"/" in group.disallows for group in applies)
    return shut and not any(group.allows for group in applies)


class Written(NamedTuple):
    """A group as one publisher's program splits lines: names and values letter by letter."""

    names: set[str]
    rules: set[tuple[str, str]]


@lru_cache(maxsize=1)
def _written(body: bytes) -> tuple[Written, ...]:
    """Split at line feeds; a comment behind a value is part of it, and a line needs its colon."""
    groups: list[Written] = []
    for line in body.decode("utf-8", "replace").removeprefix("\ufeff").split("\n"):
        field, colon, value = line.strip().partition(":")
        if colon and field.lower() == "user-agent":
            if not groups or groups[-1].rules:
                groups.append(Written(set(), set()))
            groups[-1].names.add(value.strip())
        elif colon and groups and field.lower() in {"allow", "disallow"}:
            groups[-1].rules.add((field.lower(), value.strip()))
    return tuple(groups)


def empty_disallow_too(body: bytes, agent: str) -> bool:
    """A group that names the agent, and not `*`, holds `Disallow: /` or an empty `Disallow:`.

    `Allow: /` or an empty `Allow:` in that same group cancels it; all other Allow lines are
    ignored. Groups of one name are not merged: one that is shut is enough (of `*` the first one
    speaks). Names and values count letter by letter, a comment behind a value with it.
    """
    groups = [group for group in _written(body) if agent in group.names]
    asked = groups[:1] if agent == "*" else [g for g in groups if "*" not in g.names]
    return any(
        {("disallow", "/"), ("disallow", "")} & group.rules
        and not {("allow", "/"), ("allow", "")} & group.rules
        for group in asked
    )


def first_group(body: bytes, agent: str) -> bool:
    """The agent may not fetch `/` by the first group that names it, or else the last of `*`.

    Groups of one name are not merged; inside the group the longest match wins, as in RFC 9309.
    """
    own, everybody = _named_groups(body, agent)[:1], _named_groups(body, "*")[-1:]
    for group in own or everybody:
        lines = [b"User-agent: *", *(b"Disallow: " + path for path in group.disallows)]
        lines += [b"Allow: " + path for path in group.allows]
        alone = rfc9309.read(syntax.parse(b"\n".join(lines)))
        return alone.decide(agent).root is Access.DISALLOWED
    return False


def next_line(body: bytes, agent: str) -> bool:
    """`User-agent: NAME`, letter by letter, and `Disallow: /` in the very next line."""
    wanted = f"User-agent: {agent}".encode()
    return any(
        line == wanted and following == b"Disallow: /" for line, following in pairwise(_lines(body))
    )


def kept_from_everything(body: bytes, agent: str) -> bool:
    """Nothing of the site is left to the agent: extent `all` by RFC 9309, be it by `*`."""
    return _read(body).decide(agent).extent is Extent.ALL


def _as_published(
    identity: str, title: str, source: str, rule: Rule, quantifier: Quantifier = Quantifier.ANY
) -> Definition:
    counts = " ".join((rule.__doc__ or "").split())
    if quantifier is Quantifier.ALL:
        counts = f"Of every agent of the list: {counts[:1].lower()}{counts[1:]}"
    return Definition(identity, title, source, counts, rule, quantifier)


DEFINITIONS = (
    _as_published("mentioned", "name anywhere", "samber, The Great GPT Firewall", mentioned),
    _as_published("named", "named in any group", "HTTP Archive, Web Almanac", named),
    _as_published("denied", "root denied, * counts", "RFC 9309", denied),
    _as_published("denied-by-name", "root denied by own group", "HasData", denied_by_name),
    _as_published(
        "disallow-line-by-name", "own Disallow: /, Allow ignored", "Crawlora", disallow_line_by_name
    ),
    _as_published(
        "disallow-without-allow",
        "Disallow: / and no Allow",
        "Data Provenance Initiative, Consent in Crisis",
        disallow_without_allow,
    ),
    _as_published(
        "empty-disallow-too",
        "own Disallow: / or empty Disallow",
        "avuim, RobotsTXTCrawler (evaluateBotAccess as of August 2025)",
        empty_disallow_too,
    ),
    _as_published(
        "first-group", "root denied by the first group", "peppe1337, KI-Zugangsindex", first_group
    ),
    _as_published(
        "next-line", "Disallow: / in the next line", "winterForestStump, news analyzer", next_line
    ),
    _as_published(
        "whole-panel", "all agents denied", "peers' panels of agents", denied, Quantifier.ALL
    ),
    _as_published(
        "kept-from-everything", "extent all, * counts", "this project", kept_from_everything
    ),
)
"""All registered definitions, by the quantifier that their publishers use."""


def by_id(identity: str) -> Definition:
    """Return a definition; KeyError for an unknown id."""
    return {each.id: each for each in DEFINITIONS}[identity]
