"""How long sites took from the announcement of an agent to refusing it by name.

The day of a refusal lies between two looks at the site: see `survival`. A site counts where its
robots.txt was read at least once on or after the day of the announcement.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class Point:
    """The share of sites that refuse by a day after the announcement.

    `low` and `high` are bounds that come from the gaps between looks, `low95` and `high95` have
    the error of chance too. `km`: by the day on which the refusal was first seen.
    """

    days: int
    low: float
    high: float
    low95: float
    high95: float
    km: float


@dataclass(frozen=True, slots=True)
class Lags:
    """What is known of one agent. Quantiles in days, as bounds; None: not reached.

    `before`: sites left out because they refused the agent by name before it was announced, or
    were not looked at since. `withheld`: days after which fewer than ten sites were under watch.
    """

    agent: str
    announced: str
    sites: int
    refused: int
    before: int
    median_gap: float | None
    quantiles: dict[str, tuple[float, float] | None]
    points: tuple[Point, ...]
    withheld: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Site:
    """When a site refused, in days since the announcement: in (opened, closed]; see `survival`.

    `last`: the day of the refusal as first seen, or of the last look without one.
    """

    stratum: str
    opened: float
    closed: float
    last: float
    counts: bool

    @property
    def refused(self) -> bool:
        return self.closed < inf


def lags(connection: sqlite3.Connection, wave: str, agent: str, *, seed: int = 0) -> Lags:
    """Measure an agent over all waves that were judged as this one was.

    Raises AnalysisError for an unknown agent, and for one whose announcement has no known day.
    """
    check_wave(connection, wave)
    announced = _announced(connection, wave, agent)
    sites = _sites(connection, wave, agent, announced, later=True)
    watched = [site for site in sites if site.counts]
    intervals = [(site.opened, site.closed) for site in watched]
    shown = [day for day in DAYS if _under_watch(watched, day) >= SMALLEST]
    estimate = turnbull(intervals)
    steps = kaplan_meier((site.last, site.refused) for site in watched)
    points = []
    if estimate:
        chance = bootstrap(intervals, shown, seed=seed, rounds=ROUNDS)
        for day, (low95, high95) in zip(shown, chance, strict=True):
            km = max((step.share for step in steps if step.time <= day), default=0.0)
            low, high = estimate.share(day)
            points.append(Point(day, low, high, min(low, low95), max(high, high95), km))
    gaps = [closed - opened for opened, closed in intervals if closed < inf]
    return Lags(
        agent, announced, len(intervals), len(gaps), len(sites) - len(intervals),
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
    sites = _sites(connection, wave, agent, _announced(connection, wave, agent), later=False)
    watched = [site for site in sites if site.counts]
    strata = sorted({site.stratum for site in watched})
    return [
        _times(agent, stratum, [site for site in watched if stratum in {"*", site.stratum}], shares)
        for stratum in (["*", *strata] if watched else [])
    ]


def _times(agent: str, stratum: str, watched: list[_Site], shares: Sequence[float]) -> Times:
    estimate = turnbull((site.opened, site.closed) for site in watched)
    steps = kaplan_meier((site.last, site.refused) for site in watched)
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


def _sites(
    connection: sqlite3.Connection, wave: str, agent: str, announced: str, *, later: bool
) -> list[_Site]:
    start = date.fromisoformat(f"{announced}-01"[:10])
    bound = {"wave": wave, "agent": agent, "later": later}
    found = []
    for stratum, first_closed, last_look, last_open in connection.execute(
        query(__name__, "lags"), bound
    ):
        closed = _since(start, first_closed) if first_closed else inf
        opened = max(_since(start, last_open) if last_open else 0.0, 0.0)
        counts = closed > 0 and _since(start, last_look) > 0
        last = closed if first_closed else opened
        found.append(_Site(stratum, opened, closed, last, counts))
    return found


def _under_watch(watched: list[_Site], day: float) -> int:
    return sum(site.last >= day for site in watched)


def _since(start: date, day: str) -> float:
    return float((date.fromisoformat(day) - start).days)


def _announced(connection: sqlite3.Connection, wave: str, agent: str) -> str:
    row = connection.execute(
        "SELECT a.announced FROM waves w JOIN current_rulesets r USING (wave_id)"
        " JOIN agents a ON a.ruleset = r.ruleset AND a.token = ? WHERE w.name = ?",
        (agent, wave),
    ).fetchone()
    if row is None:
        raise AnalysisError(f"no agent {agent!r} in the registry that judged wave {wave!r}")
    if row[0] is None:
        raise AnalysisError(f"{agent}: the day of its announcement is not known")
    return str(row[0])
