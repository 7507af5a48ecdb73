"""A headline of two waves compared on the same sites: difference, interval and test.

Sites of one panel are asked in both waves, so their answers are pairs: what changed is carried
by the sites that differ. Only sites observed in both waves count.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from analysis.queries import query
from analysis.statistics import holm, mcnemar, newcombe_paired


@dataclass(frozen=True, slots=True)
class Paired:
    """One headline of one stratum (`*`: the panel) then and now; shares lie in 0..1.

    `low` and `high`: Newcombe's paired interval of the difference, 95 %. `p`: McNemar.
    `adjusted`: the same after Holm, among all headlines of the stratum.
    """

    stratum: str
    key: str
    n: int
    then: float
    now: float
    gained: int
    lost: int
    difference: float
    low: float
    high: float
    p: float
    adjusted: float


def run(connection: sqlite3.Connection) -> list[Paired]:
    """Compare the two waves that `measuring` has prepared; call it inside, with a wave before."""
    strata: dict[str, list[tuple[str, int, int, int, int]]] = defaultdict(list)
    for stratum, *rest in connection.execute(sql()):
        strata[stratum].append((rest[0], rest[1], rest[2], rest[3], rest[4]))
    return [row for stratum, cells in strata.items() for row in _family(stratum, cells)]


def sql() -> str:
    """Give the definition of what is counted."""
    return query(__name__, "paired")


def _family(stratum: str, cells: list[tuple[str, int, int, int, int]]) -> list[Paired]:
    tested = [mcnemar(gained, lost) for _, _, gained, lost, _ in cells]
    rows = []
    for (key, *counts), p, adjusted in zip(cells, tested, holm(tested), strict=True):
        both, gained, lost, neither = counts
        n = sum(counts)
        interval = newcombe_paired(both, gained, lost, neither)
        assert interval is not None  # noqa: S101 - a group has rows
        rows.append(
            Paired(
                stratum, key, n, (both + lost) / n, (both + gained) / n, gained, lost,
                (gained - lost) / n, *interval, p, adjusted,
            )
        )  # fmt: skip
    return rows
