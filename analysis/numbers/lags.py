"""How long it took: from an announcement to the refusal, from a refusal to the day on which it was
taken back, from copying a list of agents to the day on which it named less than half of them.

The day of a change lies between two looks at the site: see `survival`. A site counts where its
robots.txt was read at least once after the day from which the time runs.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import inf
from statistics import median

from analysis.database import AnalysisError, check_wave
from analysis.numbers.survival import bootstrap, kaplan_meier, turnbull
from analysis.queries import query

SMALLEST = 10
"""Sites under watch below which a point is withheld: few sites make great steps."""
ROUNDS = 200
DAYS = (30, 90, 180, 365, 730)
QUANTILES = (0.1, 0.25, 0.5)


class Event(StrEnum):
    """What is waited for, and from which day the time runs.

    `refusal`: of the agent by name, from the day of its announcement. `reversal`: the agent is no
    longer refused by name, from the day on which the refusal was first seen. `list`: the file
    names less than half of the agents that are on the public lists by then, from the day on which
    it was first seen with ten of them and at least half.
    """

    REFUSAL = "refusal"
    REVERSAL = "reversal"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Point:
    """The share of sites that have changed by a day after the beginning.

    `certain` and `possible` are what the looks alone say: changed by then, and not seen unchanged
    since then. `low` and `high` are Turnbull's estimate, which takes the days of looks for chosen
    without regard to the change; `low95` and `high95` have the error of chance too. `km`: by the
    day on which the change was first seen.
    """

    days: int
    certain: float
    possible: float
    low: float
    high: float
    low95: float
    high95: float
    km: float


@dataclass(frozen=True, slots=True)
class Lags:
    """What is known of one agent, or of lists. Quantiles in days, as bounds; None: not reached.

    `announced`: of the agent; None for lists. `changed`: sites that were seen to have changed.
    `left_out`: sites that were not looked at after the day from which their time runs, or refused
    the agent by name before it was announced. `withheld`: days after which fewer than ten sites
    were under watch.
    """

    event: Event
    agent: str | None
    announced: str | None
    sites: int
    changed: int
    left_out: int
    median_gap: float | None
    quantiles: dict[str, tuple[float, float] | None]
    points: tuple[Point, ...]
    withheld: tuple[int, ...]


_QUERIES = {
    Event.REFUSAL: ("_looks", "lags"),
    Event.REVERSAL: ("_looks", "reversals"),
    Event.LIST: ("lists",),
}


@dataclass(frozen=True, slots=True)
class _Site:
    """When a site changed, in days since the beginning: in (before, changed]; see `survival`.

    `last`: the day of the change as first seen, or of the last look without one.
    """

    stratum: str
    before: float
    changed: float
    last: float
    counts: bool

    @property
    def has_changed(self) -> bool:
        return self.changed < inf


def lags(
    connection: sqlite3.Connection,
    wave: str,
    agent: str | None,
    *,
    event: Event = Event.REFUSAL,
    seed: int = 0,
) -> Lags:
    """Measure over all waves that were judged as this one was; `agent` is None for lists.

    Raises AnalysisError for an unknown agent, and for one whose announcement has no known day.
    """
    check_wave(connection, wave)
    announced = None if agent is None else _announced(connection, wave, agent)
    sites = _sites(connection, wave, agent, announced, event, later=True)
    watched = [site for site in sites if site.counts]
    intervals = [(site.before, site.changed) for site in watched]
    shown = [day for day in DAYS if _under_watch(watched, day) >= SMALLEST]
    estimate = turnbull(intervals)
    steps = kaplan_meier((site.last, site.has_changed) for site in watched)
    points = []
    if estimate and shown:
        chance = bootstrap(intervals, shown, seed=seed, rounds=ROUNDS)
        for day, (low95, high95) in zip(shown, chance, strict=True):
            km = max((step.share for step in steps if step.time <= day), default=0.0)
            low, high = estimate.share(day)
            certain = sum(changed <= day for _, changed in intervals) / len(intervals)
            possible = sum(before < day for before, _ in intervals) / len(intervals)
            points.append(
                Point(day, certain, possible, low, high, min(low, low95), max(high, high95), km)
            )
    gaps = [changed - before for before, changed in intervals if changed < inf]
    return Lags(
        event, agent, announced, len(intervals), len(gaps), len(sites) - len(intervals),
        median(gaps) if gaps else None,
        {f"{q:g}": estimate.quantile(q) if estimate else None for q in QUANTILES},
        tuple(points), tuple(day for day in DAYS if day not in shown),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """Days by which shares of the sites under watch refused, in the order of the shares asked for.

    `at_least` and `at_most` are Turnbull's bounds, `first_seen` is Kaplan and Meier's. None: not
    reached, or with fewer than ten sites under watch by then.
    """

    agent: str
    stratum: str
    sites: int
    at_least: tuple[float | None, ...]
    at_most: tuple[float | None, ...]
    first_seen: tuple[float | None, ...]


def times(
    connection: sqlite3.Connection, wave: str, agent: str, shares: Sequence[float]
) -> list[Times]:
    """Measure an agent over the waves up to this one: the panel (`*`) and each stratum.

    Strata without a site under watch are left out. Raises as `lags` does.
    """
    announced = _announced(connection, wave, agent)
    sites = _sites(connection, wave, agent, announced, Event.REFUSAL, later=False)
    watched = [site for site in sites if site.counts]
    strata = sorted({site.stratum for site in watched})
    return [
        _times(agent, stratum, [site for site in watched if stratum in {"*", site.stratum}], shares)
        for stratum in (["*", *strata] if watched else [])
    ]


def _times(agent: str, stratum: str, watched: list[_Site], shares: Sequence[float]) -> Times:
    estimate = turnbull((site.before, site.changed) for site in watched)
    steps = kaplan_meier((site.last, site.has_changed) for site in watched)
    bounds = [estimate.quantile(share) if estimate else None for share in shares]
    kept = [
        pair if pair and _under_watch(watched, pair[1]) >= SMALLEST else None for pair in bounds
    ]
    first = [next((step for step in steps if step.share >= share - 1e-9), None) for share in shares]
    return Times(
        agent, stratum, len(watched), tuple(pair and pair[0] for pair in kept),
        tuple(pair and pair[1] for pair in kept),
        tuple(step.time if step and step.at_risk >= SMALLEST else None for step in first),
    )  # fmt: skip


def _sites(  # noqa: PLR0913 - of whom, of what, and over which waves
    connection: sqlite3.Connection,
    wave: str,
    agent: str | None,
    announced: str | None,
    event: Event,
    *,
    later: bool,
) -> list[_Site]:
    if event is Event.REFUSAL and announced is None:
        raise AnalysisError(f"{agent}: the day of its announcement is not known")
    statement = "".join(query(__name__, name) for name in _QUERIES[event])
    bound = {"wave": wave, "agent": agent, "later": later}
    found = []
    for stratum, begun, first_changed, last_look, last_before in connection.execute(
        statement, bound
    ):
        start = date.fromisoformat(begun or f"{announced}-01"[:10])
        changed = _since(start, first_changed) if first_changed else inf
        before = max(_since(start, last_before) if last_before else 0.0, 0.0)
        counts = changed > 0 and _since(start, last_look) > 0
        last = changed if first_changed else before
        found.append(_Site(stratum, before, changed, last, counts))
    return found


def _under_watch(watched: list[_Site], day: float) -> int:
    return sum(site.last >= day for site in watched)


def _since(start: date, day: str) -> float:
    return float((date.fromisoformat(day) - start).days)


def _announced(connection: sqlite3.Connection, wave: str, agent: str) -> str | None:
    row = connection.execute(
        "SELECT a.announced FROM waves w JOIN current_rulesets r USING (wave_id)"
        " JOIN agents a ON a.ruleset = r.ruleset AND a.token = ? WHERE w.name = ?",
        (agent, wave),
    ).fetchone()
    if row is None:
        raise AnalysisError(f"no agent {agent!r} in the registry that judged wave {wave!r}")
    return row[0] and str(row[0])
