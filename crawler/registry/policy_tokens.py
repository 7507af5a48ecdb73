"""Turns `policy_tokens.toml` into the tokens that stand for a purpose, by their spelling."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from crawler.model import Purpose
from crawler.registry.agents import RegistryError, Verification

_KEYS = {"purpose", "spellings", "draft", "announced", "operators", "verification"}


@dataclass(frozen=True, slots=True)
class PolicyToken:
    """One purpose's token. `operators` are names with the day of their announcement."""

    purpose: Purpose
    spellings: tuple[str, ...]
    draft: str
    announced: str
    operators: tuple[tuple[str, str], ...]
    verification: Verification


@dataclass(frozen=True, slots=True)
class PolicyTokens:
    """All tokens; `by_spelling` is in lower case."""

    version: str
    tokens: tuple[PolicyToken, ...]
    by_spelling: Mapping[str, PolicyToken]


@functools.cache
def load() -> PolicyTokens:
    """Return the tokens this release ships."""
    content = resources.files("crawler.registry").joinpath("policy_tokens.toml").read_bytes()
    return parse(content)


def parse(content: bytes) -> PolicyTokens:
    """Read a file's bytes; raises RegistryError naming the entry."""
    try:
        document = tomllib.loads(content.decode())
        tokens = tuple(_token(entry) for entry in document["policy_token"])
        version = str(document["version"])
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"policy tokens: {error}") from error
    spelt = [(name.lower(), token) for token in tokens for name in token.spellings]
    if len(dict(spelt)) < len(spelt):
        raise RegistryError("policy tokens: a spelling is listed twice (case does not count)")
    return PolicyTokens(version, tokens, MappingProxyType(dict(spelt)))


def _token(entry: dict[str, object]) -> PolicyToken:
    if entry.keys() != _KEYS:
        raise ValueError(f"an entry has {sorted(entry)} and not {sorted(_KEYS)}")
    spellings, operators = entry["spellings"], entry["operators"]
    if not isinstance(spellings, list) or not isinstance(operators, list):
        raise TypeError("spellings and operators are lists")
    return PolicyToken(
        Purpose(str(entry["purpose"])),
        tuple(str(name) for name in spellings),
        str(entry["draft"]),
        str(entry["announced"]),
        tuple((str(one["name"]), str(one["announced"])) for one in operators),
        Verification(str(entry["verification"])),
    )
