"""Turns `fallbacks.toml` into the operators' own rules for crawlers that a file does not name."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from crawler.registry import agents
from crawler.registry.agents import RegistryError, Verification

_KEYS = {"agent", "to", "source", "verification"}


@dataclass(frozen=True, slots=True)
class Fallback:
    """One rule; the head of `fallbacks.toml` says what every field means."""

    agent: str
    to: str
    source: str
    verification: Verification


@functools.cache
def load() -> Mapping[str, Fallback]:
    """Return the rules this release ships, by the crawler's token in lower case."""
    return parse(resources.files("crawler.registry").joinpath("fallbacks.toml").read_bytes())


def parse(content: bytes) -> Mapping[str, Fallback]:
    """Read a file's bytes; raises RegistryError with the fault."""
    try:
        rules = [_rule(entry) for entry in tomllib.loads(content.decode())["fallback"]]
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"fallbacks: {error}") from error
    found = {rule.agent.lower(): rule for rule in rules}
    if len(found) < len(rules):
        raise RegistryError("fallbacks: an agent is listed twice (case does not count)")
    return MappingProxyType(found)


def _rule(entry: dict[str, object]) -> Fallback:
    if entry.keys() != _KEYS:
        raise ValueError(f"an entry has {sorted(entry)} and not {sorted(_KEYS)}")
    rule = Fallback(
        str(entry["agent"]),
        str(entry["to"]),
        str(entry["source"]),
        Verification(str(entry["verification"])),
    )
    if agents.load().by_token(rule.to) is None:
        raise ValueError(f"{rule.agent}: to: no agent is called {rule.to!r}")
    return rule
