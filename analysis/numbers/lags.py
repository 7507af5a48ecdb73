"""How long it took: from an announcement to the refusal, from a refusal to the day on which it was
taken back, from copying a list of agents to the day on which it named less than half of them.

The day of a change lies between two looks at the site: see `survival`. A site counts where its
robots.txt was read at least once after the day from which the time runs.
"""

import sqlite3
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
    if event is Event.REFUSAL and announced is None:
        raise AnalysisError(f"{agent}: the day of its announcement is not known")
    statement = "".join(query(__name__, name) for name in _QUERIES[event])
    rows = connection.execute(statement, {"wave": wave, "agent": agent}).fetchall()
    intervals: list[tuple[float, float]] = []
    watched: list[tuple[float, bool]] = []
    for begun, first_changed, last_look, last_before in rows:
        start = date.fromisoformat(begun or f"{announced}-01"[:10])
        changed = _since(start, first_changed) if first_changed else inf
        before = max(_since(start, last_before) if last_before else 0.0, 0.0)
        if changed <= 0 or _since(start, last_look) <= 0:
            continue
        intervals.append((before, changed))
        watched.append((changed if first_changed else before, bool(first_changed)))
    shown = [day for day in DAYS if sum(time >= day for time, _ in watched) >= SMALLEST]
    estimate = turnbull(intervals)
    steps = kaplan_meier(watched)
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
        event, agent, announced, len(intervals), len(gaps), len(rows) - len(intervals),
        median(gaps) if gaps else None,
        {f"{q:g}": estimate.quantile(q) if estimate else None for q in QUANTILES},
        tuple(points), tuple(day for day in DAYS if day not in shown),
    )  # fmt: skip


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
