"""Draws sites stratum by stratum and writes the panel that the survey reads.

A site's design weight is the number of sites of its stratum for each one drawn (Horvitz and
Thompson 1952: the inverse of the chance to be drawn), so that the weights of a panel add up to
its population. Same seed and same rows: the same panel to the byte, in whatever order.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from analysis.safe_text import safe_cell, safe_text
from crawler.panel.reading import COLUMNS
from crawler.panel.sampling.allocation import Method, allocate
from crawler.panel.sampling.frame import Dimension, Unit, number
from crawler.panel.sampling.sources import Dropped

REJECTED_COLUMNS = ("file", "line", "kind", "reason", "row")


@dataclass(frozen=True, slots=True)
class Design:
    """How to draw. `sample` None takes everyone; `expected` are shares by stratum for Neyman."""

    seed: int
    sample: int | None = None
    by: tuple[Dimension, ...] = (Dimension.SECTOR, Dimension.PLACE)
    method: Method = Method.SQUARE_ROOT
    minimum: int = 2
    """Sites of each stratum; from a single one no variance can be told."""
    expected: Mapping[str, Fraction] | None = None


@dataclass(frozen=True, slots=True)
class Stratum:
    """A line of the allocation table."""

    name: str
    population: int
    drawn: int

    @property
    def weight(self) -> float:
        """Sites of the population that each drawn one stands for."""
        return self.population / self.drawn


@dataclass(frozen=True, slots=True)
class Drawn:
    """One site of the panel."""

    unit: Unit
    stratum: Stratum


def draw(units: Iterable[Unit], design: Design) -> tuple[tuple[Stratum, ...], tuple[Drawn, ...]]:
    """Return the allocation table, by name, and the drawn sites by stratum and host.

    Raises AllocationError if the sample cannot serve the strata; ValueError for no units.
    """
    strata: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        strata[unit.stratum(design.by)].append(unit)
    sizes = {name: len(members) for name, members in strata.items()}
    counts = allocate(
        sizes,
        sum(sizes.values()) if design.sample is None else design.sample,
        design.method,
        minimum=design.minimum,
        expected=design.expected,
    )
    table = tuple(Stratum(name, sizes[name], counts[name]) for name in sorted(sizes))
    drawn = chain.from_iterable(
        (Drawn(unit, stratum) for unit in _drawn(strata[stratum.name], stratum.drawn, design.seed))
        for stratum in table
    )
    return table, tuple(drawn)


def _drawn(members: Iterable[Unit], count: int, seed: int) -> list[Unit]:
    first = sorted(members, key=lambda unit: number(seed, "draw", unit.key))[:count]
    return sorted(first, key=lambda unit: unit.host)


def panel_csv(drawn: Iterable[Drawn]) -> Iterator[str]:
    """Yield the lines of the panel file. Text of the inputs can neither act nor calculate."""
    yield _line(COLUMNS)
    for each in drawn:
        unit = each.unit
        yield _line((
            unit.host, each.stratum.name, unit.sector, unit.occupation, unit.country,
            unit.platform, unit.rank, repr(each.stratum.weight), unit.owner,
            f"{unit.rows} rows" if unit.rows > 1 else None,
        ))  # fmt: skip


def rejected_csv(dropped: Iterable[Dropped]) -> Iterator[str]:
    """Yield the lines of the list of rows that are no site of the population."""
    yield _line(REJECTED_COLUMNS)
    for each in dropped:
        yield _line((each.source, each.line, each.kind, each.reason, each.text))


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    safe = (safe_cell(safe_text(cell)) if isinstance(cell, str) else cell for cell in cells)
    csv.writer(out, lineterminator="\n").writerow(safe)
    return out.getvalue()
