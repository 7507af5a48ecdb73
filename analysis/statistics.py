"""Counts into shares, intervals, differences and tests.

Shares lie in 0..1. Every function is pure; what is random takes its seed. Testing many
strata or agents at once finds differences by chance: give such a family of p-values to
`holm` before any of them is called significant.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, erfc, exp, log, sqrt

import numpy as np

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided 95 % interval."""
EXACT_BELOW = 25
"""Discordant pairs below which McNemar's test is exact."""

Interval = tuple[float, float]


def wilson(k: float, n: float, z: float = Z95) -> Interval | None:
    """Give the score interval of the share k/n, or None where nothing was measured (n = 0).

    Wilson (1927), "Probable inference, the law of succession, and statistical inference";
    recommended for small n and shares near 0 or 1 by Brown, Cai and DasGupta (2001),
    "Interval estimation for a binomial proportion". Weighted counts may be fractions.
    ValueError unless 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a share")
    if n == 0:
        return None
    share = k / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    # At the ends the bound is exactly 0 or 1; rounding would leave a stray 1e-17.
    return (0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)


def newcombe(k1: int, n1: int, k2: int, n2: int, z: float = Z95) -> Interval | None:
    """Give the interval of the difference k1/n1 - k2/n2 of two independent shares.

    Newcombe (1998), "Interval estimation for the difference between independent
    proportions", method 10: the score intervals of both, squared and added.
    None where one of them was not measured. The waves of one panel are not independent:
    for them see `newcombe_paired` and `mcnemar`.
    """
    first, second = wilson(k1, n1, z), wilson(k2, n2, z)
    if first is None or second is None:
        return None
    p1, p2 = k1 / n1, k2 / n2
    below = sqrt((p1 - first[0]) ** 2 + (second[1] - p2) ** 2)
    above = sqrt((first[1] - p1) ** 2 + (p2 - second[0]) ** 2)
    return p1 - p2 - below, p1 - p2 + above


def newcombe_paired(
    both: float, gained: float, lost: float, neither: float, z: float = Z95
) -> Interval | None:
    """Give the interval of the difference now less then of two shares of the same sites.

    Newcombe (1998), "Improved confidence intervals for the difference between binomial
    proportions based on paired data", method 10: as `newcombe`, less what the two shares have
    in common (the phi coefficient with a continuity correction). `gained` are in the share
    now only, `lost` were in it then only. Weighted counts may be fractions. None where nothing was
    measured in both.
    """
    n = both + gained + lost + neither
    now, then = wilson(both + gained, n, z), wilson(both + lost, n, z)
    if now is None or then is None:
        return None
    p1, p2 = (both + gained) / n, (both + lost) / n
    phi = _phi(both, gained, lost, neither)
    below = _joined(p1 - now[0], then[1] - p2, phi)
    above = _joined(now[1] - p1, p2 - then[0], phi)
    return max(-1.0, p1 - p2 - below), min(1.0, p1 - p2 + above)


def _phi(both: float, gained: float, lost: float, neither: float) -> float:
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if not margins:
        return 0.0
    agreement: float = both * neither - gained * lost
    if agreement > 0:
        agreement = max(0.0, agreement - (both + gained + lost + neither) / 2)
    return agreement / sqrt(margins)


def _joined(a: float, b: float, phi: float) -> float:
    return sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))


def mcnemar(gained: int, lost: int) -> float:
    """Give the two-sided p-value that as many sites gained as lost something.

    McNemar (1947) on the discordant pairs of two waves of one panel: exact binomial below
    EXACT_BELOW pairs, else chi-squared with Edwards' continuity correction. 1.0 without
    any change.
    """
    pairs = gained + lost
    if pairs == 0:
        return 1.0
    if pairs < EXACT_BELOW:
        tail = sum(comb(pairs, i) for i in range(min(gained, lost) + 1))
        return float(min(1.0, 2 * tail / 2**pairs))
    chi_squared = max(0.0, abs(gained - lost) - 1) ** 2 / pairs
    return erfc(sqrt(chi_squared / 2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust a family of p-values so that one false alarm in all of them stays rare.

    Holm (1979), "A simple sequentially rejective multiple test procedure"; in the order given.
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


def missing_bounds(k: float, n: float, missing: float, told: float = 0) -> Interval | None:
    """Give the share if none, and if all, of the unmeasured were counted (Manski bounds).

    `told` of the missing are known to be counted whatever was not read of them. Counts may be
    sums of weights: bounds are weighted like the share that they stand beside.
    """
    whole = n + missing
    return ((k + told) / whole, (k + missing) / whole) if whole else None


def finite_population(n: int, population: int) -> float:
    """Give the factor by which an interval shrinks when n of a finite population were seen.

    1.0 for a small sample, 0.0 for a census. ValueError for more seen than there are.
    """
    if not 0 <= n <= population:
        raise ValueError(f"{n} of {population} cannot have been seen")
    return sqrt((population - n) / (population - 1)) if population > 1 else float(n == 0)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A weighted share with Kish's effective sample size and an interval of that size."""

    share: float
    effective_n: float
    low: float
    high: float


def weighted(cells: Iterable[tuple[float, int, int]]) -> Weighted | None:
    """Give the share over cells of (weight of one site, k, n); None where nothing counts.

    The interval is Wilson's with Kish's (1965) effective size (sum w)^2 / sum w^2, as
    Korn and Graubard (1998) propose for score intervals of surveys.
    ValueError for a negative weight.
    """
    listed = [(weight, k, n) for weight, k, n in cells if n]
    if any(weight < 0 for weight, _, _ in listed):
        raise ValueError("a weight is negative")
    total = sum(weight * n for weight, _, n in listed)
    if total == 0:
        return None
    share = min(1.0, sum(weight * k for weight, k, _ in listed) / total)
    effective = total**2 / sum(weight**2 * n for weight, _, n in listed)
    low, high = wilson(share * effective, effective) or (0.0, 1.0)
    return Weighted(share, effective, low, high)


def post_stratified(
    strata: Iterable[tuple[float, Sequence[tuple[float, int, int]]]],
) -> Weighted | None:
    """Weigh strata of (true size, cells as in `weighted`) to their true sizes.

    With the weight of all sites of a stratum as its size this adjusts for those not measured: a
    stratum of which half was measured counts whole, as if the other half were like it (Holt and
    Smith 1979, "Post stratification"). One that nobody was seen of is left out, as if it were
    like the others: say so.
    """
    adjusted: list[tuple[float, int, int]] = []
    for size, cells in strata:
        if seen := sum(weight * n for weight, _, n in cells):
            adjusted += ((weight * size / seen, k, n) for weight, k, n in cells)
    return weighted(adjusted)


def cluster_bootstrap(
    clusters: Iterable[tuple[float, float]], *, seed: int, rounds: int = 2000
) -> Interval | None:
    """Give the 95 % percentile interval of a share whose sites come in clusters of (k, n).

    Whole clusters (an owner, a template, a registrable domain) are drawn again, because
    their sites decide together (Efron 1979; Davison and Hinkley 1997, section 3.8). Equal
    clusters are drawn as counts, so that cost grows with distinct pairs, not with sites.
    Too narrow where few clusters carry the share: of owners with 1 to 30 sites and a share of
    5 %, 47 % of the intervals hold the truth with 20 owners, 63 % with 50, 92 % with 200
    (`python -m tests.benchmarks.coverage`).
    """
    counts = Counter((k, n) for k, n in clusters if n)
    if not counts:
        return None
    pairs = np.array(list(counts), dtype=np.float64)
    times = np.array(list(counts.values()), dtype=np.int64)
    drawn = np.random.default_rng(seed).multinomial(times.sum(), times / times.sum(), rounds)
    shares = (drawn @ pairs[:, 0]) / (drawn @ pairs[:, 1])
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Step:
    """Survival just after a time: how many were watched, how many ended, what is left."""

    time: float
    at_risk: int
    events: int
    survival: float
    low: float
    high: float


def kaplan_meier(lags: Iterable[tuple[float, bool]]) -> list[Step]:
    """Give the survival curve of (time, whether it ended then) with log-log intervals.

    Kaplan and Meier (1958); variance by Greenwood, interval on the log(-log) scale
    (Kalbfleisch and Prentice). False marks what had not ended when it was last seen: it
    counts as watched until then and never as ended.
    """
    ended: Counter[float] = Counter()
    seen: Counter[float] = Counter()
    for time, event in lags:
        seen[time] += 1
        ended[time] += event
    at_risk, survival, variance = seen.total(), 1.0, 0.0
    steps: list[Step] = []
    for time in sorted(seen):
        if events := ended[time]:
            survival *= 1 - events / at_risk
            variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
            low, high = _log_log(survival, variance)
            steps.append(Step(time, at_risk, events, survival, low, high))
        at_risk -= seen[time]
    return steps


def _log_log(survival: float, variance: float) -> Interval:
    if survival <= 0:
        return 0.0, 0.0
    half = Z95 * sqrt(variance) / log(survival)
    return survival ** exp(-half), survival ** exp(half)


def median_survival(steps: Iterable[Step]) -> float | None:
    """Give the first time at which half or fewer are left; None if that was never seen."""
    return next((step.time for step in steps if step.survival <= 0.5), None)
