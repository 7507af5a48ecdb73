"""Whom a line about use does not reach: crawlers that the file gives a group of their own.

Groups do not inherit (RFC 9309 section 2.2.1): a line in the group of `*` speaks to nobody who is
named elsewhere. Where such a crawler is kept out altogether, that does no harm.
"""

from collections.abc import Iterable, Iterator

from crawler.model import Defect, Extent, Preference, Purpose, Severity
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.registry.agents import Agent, AgentPurpose
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_lines import Said

_EFFECT = "Crawlers with a group of their own do not read the line: it stands in the group of *."
_PURPOSES = {purpose.value: purpose for purpose in Purpose} | {AgentPurpose.DATASET: Purpose.TRAIN}


def unreached(file: syntax.RobotsFile, said: Iterable[Said]) -> Iterator[Defect]:
    """Name the lines that refuse a use to everybody, and miss a crawler made for that use."""
    all_said = list(said)
    refusing = [one for one in all_said if one.preference is not Preference.ALLOWED]
    reached = {agent.lower() for one in all_said for agent in one.field.agents}
    if "*" not in reached:
        return
    missed = {purpose for agent in _let_in(file, reached) for purpose in _purposes(agent)}
    lines = {
        one.field.number: one.field
        for one in refusing
        if "*" in one.field.agents and one.purpose in missed
    }
    for line in lines.values():
        words = quote(line.raw)
        yield Defect("use-line-own-groups", Severity.CHANGES, words, _EFFECT, line.number)


def _let_in(file: syntax.RobotsFile, reached: set[str]) -> Iterator[Agent]:
    """Crawlers of the registry with a group of their own that leaves them a part of the site."""
    policy = rfc9309.read(file)
    for agent in agents.load().agents:
        name = agent.token.lower()
        is_apart = name not in reached and name.encode() in policy.names
        if is_apart and policy.decide(agent.token).extent is not Extent.ALL:
            yield agent


def _purposes(agent: Agent) -> Iterator[Purpose]:
    yield from (_PURPOSES[one] for one in agent.purposes if one in _PURPOSES)
