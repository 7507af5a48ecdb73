"""A headline of two waves compared on the same sites: difference, interval and test.

Sites of one panel are asked in both waves, so their answers are pairs: what changed is carried
by the sites that differ. Only sites observed in both waves count.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.queries import query
from analysis.statistics import Interval, holm, mcnemar, newcombe_paired

SEED, ROUNDS = 1, 2000
"""Whole owners are drawn again from this seed, as often as this."""

Row = tuple[float, ...]
"""both, gained, lost, neither of one owner's sites; the same weighted; squared weights; owners."""


@dataclass(frozen=True, slots=True)
class Paired:
    """One headline of one stratum (`*`: the panel) then and now; shares lie in 0..1.

    `low` and `high`: Newcombe's paired interval of the difference, 95 %. `p`: McNemar, of sites as
    if each had decided for itself. `adjusted`: the same after Holm, among all headlines of the
    stratum. `weighted_*`: by the panel's weights, the interval with Kish's effective size.
    `owner_low`, `owner_high`: bootstrap of the weighted difference over owners, whose sites change
    together; None where every owner has one site. A census has no intervals.
    """

    stratum: str
    key: str
    n: int
    then: float
    now: float
    gained: int
    lost: int
    difference: float
    low: float | None
    high: float | None
    p: float
    adjusted: float
    weighted_then: float
    weighted_now: float
    weighted_difference: float
    weighted_low: float | None
    weighted_high: float | None
    effective_n: float
    owners: int
    owner_low: float | None
    owner_high: float | None


def run(connection: sqlite3.Connection, censuses: Collection[str] = ()) -> list[Paired]:
    """Compare the two waves that `measuring` has prepared; call it inside, with a wave before.

    `censuses`: strata, and `*`, that were not drawn from anything.
    """
    strata: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for stratum, key, *counts in connection.execute(sql()):
        strata[stratum][key].append(tuple(counts))
    rows = [row for stratum, found in strata.items() for row in _family(stratum, found)]
    return [_counted(row) if row.stratum in censuses else row for row in rows]


def _counted(row: Paired) -> Paired:
    return replace(
        row, low=None, high=None, weighted_low=None, weighted_high=None,
        owner_low=None, owner_high=None,
    )  # fmt: skip


def sql() -> str:
    """Give the definition of what is counted."""
    return query(__name__, "paired")


def _family(stratum: str, found: dict[str, list[Row]]) -> list[Paired]:
    pairs = [_paired(stratum, key, rows) for key, rows in found.items()]
    adjusted = holm([row.p for row in pairs])
    return [replace(row, adjusted=p) for row, p in zip(pairs, adjusted, strict=True)]


def _paired(stratum: str, key: str, rows: Sequence[Row]) -> Paired:
    total = [sum(row[i] * row[-1] for row in rows) for i in range(9)]
    both, gained, lost, _ = map(int, total[:4])
    n = int(sum(total[:4]))
    weight = sum(total[4:8])
    effective = weight**2 / total[8] if total[8] else 0.0
    heavy = [value / weight for value in total[4:8]] if weight else [0.0] * 4
    interval = newcombe_paired(*total[:4])
    p = mcnemar(gained, lost)
    weighted_interval = newcombe_paired(*(share * effective for share in heavy))
    owner_low, owner_high = _over_owners(rows, n) or (None, None)
    assert interval is not None  # noqa: S101 - a group has rows
    weighted_low, weighted_high = weighted_interval or (-1.0, 1.0)
    return Paired(
        stratum, key, n, (both + lost) / n, (both + gained) / n, gained, lost,
        (gained - lost) / n, *interval, p, p,
        heavy[0] + heavy[2], heavy[0] + heavy[1], heavy[1] - heavy[2],
        weighted_low, weighted_high, effective, int(sum(row[-1] for row in rows)),
        owner_low, owner_high,
    )  # fmt: skip


def _over_owners(rows: Sequence[Row], n: int) -> Interval | None:
    """Draw whole owners again; equal ones are drawn as counts."""
    times = np.array([row[-1] for row in rows], dtype=np.int64)
    if times.sum() == n:
        return None
    gains = np.array([row[5] - row[6] for row in rows], dtype=np.float64)
    weights = np.array([sum(row[4:8]) for row in rows], dtype=np.float64)
    drawn = np.random.default_rng(SEED).multinomial(times.sum(), times / times.sum(), ROUNDS)
    heavy = drawn @ weights
    shares = (drawn @ gains)[heavy > 0] / heavy[heavy > 0]
    if not len(shares):
        return None
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)
