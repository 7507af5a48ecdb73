"""Turns `agents.toml` into an immutable, validated registry of AI user agents.

The data file is edited by hand; every mistake in it is an error that names its place,
because a silently dropped token would change published figures.
"""

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

from crawler.registry import fields

PANELS = ("strict8", "wide12", "cf8", "user-fetch9", "ai-search8")

_PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")

RegistryError = fields.RegistryError


class AgentPurpose(StrEnum):
    """What an agent fetches for."""

    TRAIN = "train"
    SEARCH = "search"
    AI_INPUT = "ai_input"
    AGENT = "agent"
    DATASET = "dataset"
    UNDOCUMENTED = "undocumented"
    OTHER = "other"


class AgentStatus(StrEnum):
    """Whether the name is in use."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    NEVER_CONFIRMED = "never-confirmed"


class Verification(StrEnum):
    """How near the compilers came to the operator's own text."""

    READ = "read"
    READ_COPY = "read-copy"
    READ_EXCERPT = "read-excerpt"
    QUOTED = "quoted"
    CITED = "cited"
    UNVERIFIED = "unverified"


class Honours(StrEnum):
    """What is claimed about the agent and robots.txt."""

    YES = "yes"
    NO = "no"
    USER_TRIGGERED_IGNORES = "user-triggered-ignores"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Agent:
    """One name; None is unknown. The head of `agents.toml` says what every field means.

    `announced`, `first_listed` and `retired` are ISO days, or months where the day is unknown.
    """

    token: str
    purposes: tuple[AgentPurpose, ...]
    operator: str | None = None
    country: str | None = None
    status: AgentStatus | None = None
    announced: str | None = None
    first_listed: str | None = None
    retired: str | None = None
    documentation: str | None = None
    verification: Verification = Verification.UNVERIFIED
    honours_robots: Honours = Honours.UNKNOWN
    panels: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    superseded_by: str | None = None
    parent: str | None = None
    control_token: bool = False
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentRegistry:
    """All agents, sorted by token ignoring case.

    `sha256` is of the data file's bytes; `panels` maps a panel's name to its tokens.
    """

    version: str
    sha256: str
    agents: tuple[Agent, ...]
    panels: Mapping[str, tuple[str, ...]]
    _index: Mapping[str, Agent] = field(repr=False, compare=False)

    def by_token(self, token: str) -> Agent | None:
        """Return the agent of this name, ignoring case (RFC 9309 section 2.2.1), or None.

        Aliases are spellings that address nobody, so they find nobody.
        """
        return self._index.get(token.lower())


def is_product_token(text: str) -> bool:
    """Say whether RFC 9309 section 2.2.1 admits `text` as a product token."""
    return _PRODUCT_TOKEN.fullmatch(text) is not None


@functools.cache
def load() -> AgentRegistry:
    """Return the registry this release ships."""
    return parse(resources.files("crawler.registry").joinpath("agents.toml").read_bytes())


def parse(content: bytes) -> AgentRegistry:
    """Read a registry file's bytes; raises RegistryError naming the entry and the field."""
    try:
        document = tomllib.loads(content.decode())
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError: both give the place
        raise RegistryError(f"not a TOML file: {error}") from error
    fields.refuse_unknown("registry", document, {"version", "source", "agent"})
    version = fields.read("registry", "version", fields.day, document.get("version"))
    entries = fields.read("registry", "agent", fields.tables, document.get("agent"))
    agents = sorted(
        (_agent(number, entry) for number, entry in enumerate(entries, 1)),
        key=lambda agent: agent.token.lower(),
    )
    return AgentRegistry(
        version=version,
        sha256=hashlib.sha256(content).hexdigest(),
        agents=tuple(agents),
        panels=MappingProxyType(
            {panel: tuple(a.token for a in agents if panel in a.panels) for panel in PANELS}
        ),
        _index=MappingProxyType(_index(agents)),
    )


def _agent(number: int, entry: dict[str, object]) -> Agent:
    place = f"[[agent]] {number} ({entry.get('token', 'no token')})"
    values = fields.entry(place, entry, _READERS, ("token", "purposes"))
    for name in values.get("unverified", ()):
        if name not in entry:
            raise RegistryError(f"{place}: unverified: {name!r} is not given in this entry")
    return Agent(**values)


def _index(agents: list[Agent]) -> dict[str, Agent]:
    """Index by lower-case token; refuses a name listed twice and references to nobody."""
    index: dict[str, Agent] = {}
    for agent in agents:
        if agent.token.lower() in index:
            raise RegistryError(f"{agent.token}: token: listed twice (case does not count)")
        index[agent.token.lower()] = agent
    for agent in agents:
        _check_references(agent, index)
    return index


def _check_references(agent: Agent, index: Mapping[str, Agent]) -> None:
    for name, token in (("superseded_by", agent.superseded_by), ("parent", agent.parent)):
        if token is not None and token.lower() not in index:
            raise RegistryError(f"{agent.token}: {name}: no agent is called {token!r}")
    for alias in agent.aliases:
        if alias.lower() in index:
            raise RegistryError(f"{agent.token}: aliases: {alias!r} is itself an agent's token")


def _country(value: object) -> str:
    text = fields.text(value)
    if not _COUNTRY.fullmatch(text):
        raise ValueError(f"{text!r} is not two capital letters")
    return text


def _purposes(value: object) -> tuple[AgentPurpose, ...]:
    return tuple(AgentPurpose(text) for text in fields.texts(value))


def _panels(value: object) -> tuple[str, ...]:
    texts = fields.texts(value)
    for text in texts:
        if text not in PANELS:
            raise ValueError(f"{text!r} is not a panel; known are {', '.join(PANELS)}")
    return texts


_READERS: Mapping[str, fields.Reader] = {
    "token": fields.text,
    "operator": fields.text,
    "country": _country,
    "purposes": _purposes,
    "status": AgentStatus,
    "announced": fields.day,
    "first_listed": fields.day,
    "retired": fields.day,
    "documentation": fields.text,
    "verification": Verification,
    "honours_robots": Honours,
    "panels": _panels,
    "aliases": fields.texts,
    "superseded_by": fields.text,
    "parent": fields.text,
    "control_token": fields.flag,
    "unverified": fields.texts,
}
