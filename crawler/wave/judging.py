"""The pure judge as jobs of worker processes.

Apart from `crawler.wave.rejudge`, which a worker would take longer to import than all of this.
"""

from dataclasses import dataclass
from functools import cache

from crawler.judge.definitions import DEFINITIONS
from crawler.judge.verdicts import VisitJudgement, judge_visit
from crawler.model import Capture
from crawler.registry import agents
from crawler.signals import robots_access
from crawler.signals.robots_access import RobotsReading

DEFINITION_PANEL = "strict8"
"""Agents of the headline that is stored under every published definition."""


@cache
def _tokens() -> tuple[str, ...]:
    return tuple(agent.token for agent in agents.load().agents)


def read_body(body: bytes) -> RobotsReading:
    """Judge one robots.txt body for every agent of the registry; runs in a worker."""
    return robots_access.judge(body, _tokens())


def read_robots(body: bytes) -> tuple[RobotsReading, tuple[str, ...]]:
    """Judge one body, and name the definitions by which it blocks; runs in a worker."""
    return read_body(body), blocking(body)


def blocking(body: bytes) -> tuple[str, ...]:
    """Name the published definitions by which a body blocks an agent of DEFINITION_PANEL."""
    panel = agents.load().panels[DEFINITION_PANEL]
    return tuple(each.id for each in DEFINITIONS if each.blocks(body, panel))


def read_visit(captures: tuple[Capture, ...]) -> VisitJudgement:
    """Judge one visit; runs in a worker."""
    return judge_visit(captures)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The part of a robots.txt that came."""

    body: bytes


Job = bytes | Beginning | tuple[Capture, ...]
Read = tuple[RobotsReading, tuple[str, ...]] | RobotsReading | VisitJudgement


def read(job: Job) -> Read:
    """Judge a body, the beginning of one, or a visit; runs in a worker."""
    if isinstance(job, Beginning):
        return robots_access.judge(job.body, _tokens(), cut=True)
    return read_robots(job) if isinstance(job, bytes) else read_visit(job)
