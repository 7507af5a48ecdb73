"""Time to an event that was seen in an interval only: Turnbull's estimate, and Kaplan and Meier's.

Between two looks at a site nobody knows on which day it changed. Turnbull (1976), "The empirical
distribution function with arbitrarily grouped, censored and truncated data", gives the distribution
that is most likely; inside an innermost interval the data do not say where its mass lies, so that
every share and quantile comes as a pair of bounds. Kaplan and Meier (1958) is given beside it: it
takes the day on which the event was first seen for the day of the event, which is too late.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 20_000
TOLERANCE = 1e-9
ROUGH = 1e-6
"""How exact the many estimates of a bootstrap are."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Masses of the innermost intervals (left, right], in the order of time; they add up to 1.

    The last right end is infinite where some have not had the event.
    """

    left: Floats
    right: Floats
    mass: Floats

    def share(self, time: float) -> tuple[float, float]:
        """Give the bounds of the share that has had the event by a time."""
        low = float(self.mass[self.right <= time].sum())
        high = float(self.mass[self.left < time].sum())
        return low, max(low, high)

    def quantile(self, share: float) -> tuple[float, float] | None:
        """Give the bounds of the time by which a share has had the event; None: not reached."""
        reached = np.flatnonzero(np.cumsum(self.mass) >= share - 1e-9)
        if not len(reached) or self.right[reached[0]] == inf:
            return None
        return float(self.left[reached[0]]), float(self.right[reached[0]])


def turnbull(intervals: Iterable[tuple[float, float]]) -> Estimate | None:
    """Estimate from intervals (left, right] that hold the event each; right may be infinite.

    None without intervals; ValueError unless 0 <= left < right.
    """
    counted = Counter(intervals)
    if not counted:
        return None
    pairs = sorted(counted)
    ends = np.array(pairs, dtype=np.float64)
    if (ends[:, 0] < 0).any() or (ends[:, 0] >= ends[:, 1]).any():
        raise ValueError("an interval must be 0 <= left < right")
    counts = np.array([counted[pair] for pair in pairs], dtype=np.float64)
    return _estimate(ends, counts, TOLERANCE)


def _estimate(ends: Floats, counts: Floats, tolerance: float) -> Estimate:
    left, right = _innermost(ends)
    held = (ends[:, :1] <= left) & (right <= ends[:, 1:])
    mass = np.full(len(left), 1 / len(left))
    for _ in range(STEPS):
        # Turnbull's self-consistency: each event is spread as the estimate says.
        seen = held @ mass
        new = mass * (held.T @ (counts / seen)) / counts.sum()
        moved = np.abs(new - mass).max()
        mass = new
        if moved < tolerance:
            break
    return Estimate(left, right, mass / mass.sum())


def _innermost(ends: Floats) -> tuple[Floats, Floats]:
    """Give the intervals from a left end to a right end with no other end in between."""
    marks = [(float(time), 1) for time in np.unique(ends[:, 0])]
    marks += [(float(time), 0) for time in np.unique(ends[:, 1])]
    # At one time a right end comes first: (a, b] and (b, c] have nothing in common.
    marks.sort()
    found = [
        (marks[i][0], marks[i + 1][0])
        for i in range(len(marks) - 1)
        if marks[i][1] == 1 and marks[i + 1][1] == 0
    ]
    pairs = np.array(found, dtype=np.float64)
    return pairs[:, 0], pairs[:, 1]


def bootstrap(
    intervals: Iterable[tuple[float, float]], times: Iterable[float], *, seed: int, rounds: int
) -> list[tuple[float, float]]:
    """Give 95 % intervals of the shares by some times: the bounds, with their chance error.

    The lower end is the 2.5 % point of the lower bounds over samples of the sites with
    replacement, the upper end the 97.5 % point of the upper bounds (Efron 1979).
    """
    counted = Counter(intervals)
    pairs = sorted(counted)
    ends = np.array(pairs, dtype=np.float64)
    counts = np.array([counted[pair] for pair in pairs], dtype=np.int64)
    total = int(counts.sum())
    generator = np.random.default_rng(seed)
    asked = list(times)
    drawn = np.empty((rounds, len(asked), 2))
    for number in range(rounds):
        sample = generator.multinomial(total, counts / total)
        estimate = _estimate(ends[sample > 0], sample[sample > 0].astype(np.float64), ROUGH)
        drawn[number] = [estimate.share(time) for time in asked]
    low = np.quantile(drawn[:, :, 0], 0.025, axis=0)
    high = np.quantile(drawn[:, :, 1], 0.975, axis=0)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


@dataclass(frozen=True, slots=True)
class Step:
    """From this time on this share has had the event; `at_risk` were under watch just before."""

    time: float
    share: float
    at_risk: int


def kaplan_meier(observed: Iterable[tuple[float, bool]]) -> list[Step]:
    """Estimate from times, each with whether it is that of the event or of the last look."""
    pairs = list(observed)
    times = np.array([time for time, _ in pairs], dtype=np.float64)
    events = np.array([event for _, event in pairs], dtype=bool)
    steps = []
    alive = 1.0
    for time in np.unique(times[events]):
        at_risk = int((times >= time).sum())
        alive *= 1 - int((events & (times == time)).sum()) / at_risk
        steps.append(Step(float(time), 1 - alive, at_risk))
    return steps
