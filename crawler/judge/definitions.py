"""Published ways to say that a robots.txt blocks AI crawlers, each as a function of the body.

One set of files gives very different headlines under them, so a figure is worth something only
with its definition beside it. Every function takes a body and the agents of a panel.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from crawler.model import Access, Basis, Extent
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.rfc9309 import Policy
from crawler.parsers.robots.syntax import RobotsFile

Blocks = Callable[[bytes, Collection[str]], bool]


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition. `id` is persisted: never renamed; `source` is who publishes by it."""

    id: str
    title: str
    source: str
    counts: str
    blocks: Blocks


@lru_cache(maxsize=1)
def _parse(body: bytes) -> RobotsFile:
    """All definitions look at one body before the next one comes."""
    return syntax.parse(body)


@lru_cache(maxsize=1)
def _read(body: bytes) -> Policy:
    return rfc9309.read(_parse(body))


class Group(NamedTuple):
    """One group as written, not merged: lower-case names, `Disallow: /`, any Allow line."""

    names: frozenset[bytes]
    shut: bool
    allows: bool


@lru_cache(maxsize=1)
def _groups(body: bytes) -> tuple[Group, ...]:
    return tuple(
        Group(
            frozenset(value.lower() for _, _, _, value in block.agents),
            any(value == b"/" for _, _, _, value in block.disallows),
            bool(block.allows),
        )
        for block in syntax.blocks(_parse(body).records)[1:]
    )


def _lowered(agents: Collection[str]) -> set[bytes]:
    return {agent.lower().encode() for agent in agents}


def mentioned(body: bytes, agents: Collection[str]) -> bool:
    """An agent's name stands anywhere in the text, in a comment or an address too."""
    text = body.lower()
    return any(name in text for name in _lowered(agents))


def named(body: bytes, agents: Collection[str]) -> bool:
    """A user-agent line names an agent, whatever its group says."""
    names = _read(body).names
    return any(name in names for name in _lowered(agents))


def denied(body: bytes, agents: Collection[str]) -> bool:
    """An agent may not fetch `/` by RFC 9309, be it by `*`."""
    return any(_read(body).decide(agent).root is Access.DISALLOWED for agent in agents)


def denied_by_name(body: bytes, agents: Collection[str]) -> bool:
    """An agent may not fetch `/` by a group of its own; `*` does not count."""
    decisions = map(_read(body).decide, agents)
    return any(d.root is Access.DISALLOWED and d.basis is Basis.OWN for d in decisions)


def disallow_line_by_name(body: bytes, agents: Collection[str]) -> bool:
    """A group that names an agent holds `Disallow: /`; Allow lines are ignored."""
    wanted = _lowered(agents)
    return any(group.shut and group.names & wanted for group in _groups(body))


def disallow_without_allow(body: bytes, agents: Collection[str]) -> bool:
    """The agent's group, or else that of `*`, holds `Disallow: /` and no Allow line at all."""
    groups = _groups(body)
    everybody = [group for group in groups if b"*" in group.names]
    for name in _lowered(agents):
        applies = [group for group in groups if name in group.names] or everybody
        if any(group.shut for group in applies) and not any(group.allows for group in applies):
            return True
    return False


def next_line(body: bytes, agents: Collection[str]) -> bool:
    """`User-agent: NAME`, letter by letter, and `Disallow: /` in the very next line."""
    lines = [raw.rstrip(syntax.ENDINGS) for raw in _parse(body).raws]
    wanted = {f"User-agent: {agent}".encode() for agent in agents}
    return any(
        line in wanted and following == b"Disallow: /" for line, following in pairwise(lines)
    )


def whole_panel(body: bytes, agents: Collection[str]) -> bool:
    """No agent of the panel may fetch `/` by RFC 9309, be it by `*`."""
    return all(_read(body).decide(agent).root is Access.DISALLOWED for agent in agents)


def kept_from_everything(body: bytes, agents: Collection[str]) -> bool:
    """Nothing of the site is left to an agent: extent `all` by RFC 9309, be it by `*`."""
    return any(_read(body).decide(agent).extent is Extent.ALL for agent in agents)


def _as_published(identity: str, title: str, source: str, blocks: Blocks) -> Definition:
    return Definition(identity, title, source, (blocks.__doc__ or "").strip(), blocks)


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
        "next-line", "Disallow: / in the next line", "winterForestStump, news analyzer", next_line
    ),
    _as_published("whole-panel", "all agents denied", "peers' panels of agents", whole_panel),
    _as_published(
        "kept-from-everything", "extent all, * counts", "this project", kept_from_everything
    ),
)
"""All registered definitions; an agent is any one of the panel unless the title says all."""
