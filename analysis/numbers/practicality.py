"""The practicality score (I-53): a few indicators in one number, its parts always beside it.

The score of a stratum is the weighted geometric mean of its parts: a chain is as practical as
its weakest link, and one part at zero makes it zero. It is taken per stratum and not per site,
since each part has a denominator of its own. A part that was not measured is left out and
named; with fewer than `FEWEST` parts there is no score. How far the choice of parts and weights
carries is the range over leaving each part out and over doubling each weight.
(Composite, range and equal weights after OECD/JRC, Handbook on Constructing Composite
Indicators, 2008, steps 6 and 7.)
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from analysis.numbers.indicator import WHOLE_PANEL, Measured, Share, Spread, indicators

FEWEST = 3
"""Parts without which a mean would be a part under another name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of `practicality.toml`."""

    name: str
    title: str
    indicator: str
    key: str
    turned: bool
    weight: float
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """A part of one stratum, 0..1, with what its denominator counts; None: not measured."""

    part: Part
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one stratum (`*`: the panel), 0..1; None with fewer than `FEWEST` parts.

    `low` and `high` are the range over other weights and parts, not an interval of confidence.
    """

    stratum: str
    values: tuple[Value, ...]
    score: float | None
    low: float | None
    high: float | None


@cache
def parts() -> tuple[Part, ...]:
    """Read the parts in their order. ValueError for a wrong field or an unknown indicator."""
    return parse(
        resources.files("analysis.numbers").joinpath("practicality.toml").read_text("utf-8")
    )


def parse(text: str) -> tuple[Part, ...]:
    """Read parts from TOML, as `parts` does."""
    try:
        tables = tomllib.loads(text)["part"]
        found = tuple(Part(**table | {"of": tuple(table.get("of", ()))}) for table in tables)
    except (KeyError, TypeError) as error:
        raise ValueError(f"practicality.toml: {error}") from error
    known = {indicator.name for indicator in indicators()}
    if odd := [part.name for part in found if part.indicator not in known or part.weight <= 0]:
        raise ValueError(f"practicality.toml: {odd[0]} needs a known indicator and a weight")
    return found


def scores(measured: Iterable[Measured]) -> tuple[Score, ...]:
    """Give the score of the panel, then those of its strata by name."""
    rows = {m.indicator.name: m.rows for m in measured}
    strata = {row.stratum for part in parts() for row in rows.get(part.indicator, ())}
    ordered = sorted(strata, key=lambda s: (s != WHOLE_PANEL, s))
    return tuple(
        score(s, tuple(_value(part, s, rows.get(part.indicator, ())) for part in parts()))
        for s in ordered
    )


def score(stratum: str, values: tuple[Value, ...]) -> Score:
    """Put the parts of a stratum together."""
    known = [(v.value, v.part.weight) for v in values if v.value is not None]
    if len(known) < FEWEST:
        return Score(stratum, values, None, None, None)
    others = [_mean(weights) for weights in _otherwise(known)]
    mean = _mean(known)
    return Score(stratum, values, mean, min(mean, *others), max(mean, *others))


def _value(part: Part, stratum: str, rows: Sequence[Share | Spread]) -> Value:
    here = {row.key: row for row in rows if row.stratum == stratum}
    value, n = _among(part, here) if part.of else _row(here.get(part.key))
    return Value(part, 1 - value if part.turned and value is not None else value, n)


def _among(part: Part, rows: Mapping[str, Share | Spread]) -> tuple[float | None, int]:
    counts = {key: row.k for key, row in rows.items() if isinstance(row, Share)}
    n = sum(counts.get(key, 0) for key in part.of)
    return (counts.get(part.key, 0) / n if n else None), n


def _row(row: Share | Spread | None) -> tuple[float | None, int]:
    if row is None:
        return None, 0
    return (row.mean if isinstance(row, Spread) else row.share), row.n


def _mean(known: Sequence[tuple[float, float]]) -> float:
    """The weighted geometric mean; zero where one value is."""
    if any(value == 0 for value, _ in known):
        return 0.0
    total = sum(weight for _, weight in known)
    return math.exp(sum(weight * math.log(value) for value, weight in known) / total)


def _otherwise(known: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """The same parts with one left out, and with one counted twice, each in its turn."""
    for i, (value, weight) in enumerate(known):
        rest = [*known[:i], *known[i + 1 :]]
        yield rest
        yield [*rest, (value, 2 * weight)]
