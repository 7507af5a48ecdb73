"""Findings as sentences: every figure in them is of one row, which the sentence names.

A row of fewer than FEW units is no finding: the sentence says how many there were, and no share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.numbers.indicator import WHOLE_PANEL, Indicator, Measured, Share, Spread
from analysis.numbers.questions import Finding, Question
from analysis.terminal.summary import interval, percent

FEW = 10
"""Units below which a share or a median is withheld."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finding in words, with the row that it tells; `told` False: too few, or not measured."""

    finding: Finding
    indicator: Indicator
    text: str
    told: bool


def sentences(question: Question, by_name: Mapping[str, Measured]) -> list[Sentence]:
    """Give the findings of a question, those that could be measured first."""
    found = [sentence(each, by_name[each.indicator]) for each in question.findings]
    return sorted(found, key=lambda each: not each.told)


def sentence(finding: Finding, measured: Measured) -> Sentence:
    """Fill in the figures of the whole panel; say what there is too little of, or what it lacks."""
    indicator = measured.indicator
    row = row_of(measured.rows, finding.key)
    if measured.lacks or row is None:
        lack = measured.lacks or "has no unit that could be counted in this wave"
        return Sentence(finding, indicator, f"{indicator.title}: it {lack}.", told=False)
    if row.n < FEW:
        text = f"{indicator.title}: withheld, since only {row.n} could be counted"
        return Sentence(finding, indicator, f"{text} ({indicator.denominator}).", told=False)
    return Sentence(finding, indicator, finding.says.format_map(figures(row)), told=True)


def row_of(rows: Sequence[Share | Spread], key: str) -> Share | Spread | None:
    """Give the row of a key for the whole panel."""
    return next((r for r in rows if (r.stratum, r.key) == (WHOLE_PANEL, key)), None)


def figures(row: Share | Spread) -> dict[str, str]:
    """Give what a sentence may name; of a share also what the panel's weights make of it."""
    if isinstance(row, Spread):
        levels = {"p10": row.p10, "median": row.median, "p90": row.p90}
        shares = {f"{name}_share": percent(value) for name, value in levels.items()}
        return (
            {"n": str(row.n)}
            | {k: "-" if v is None else f"{v:.3g}" for k, v in levels.items()}
            | shares
        )
    words = percent(row.share)
    if row.low is not None:
        words += f"; 95\N{NO-BREAK SPACE}% interval {interval(row)}"
    if row.weighted_share is not None and row.weighted_share != row.share:
        words += f"; by the panel\u2019s weights {percent(row.weighted_share)}"
    return {"k": str(row.k), "n": str(row.n), "figures": words}
