"""The questions of the policy debate, from `questions.toml`, each with its indicators."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from analysis.numbers.indicator import indicators


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with the figures of one row; `says` has the places for them in braces."""

    indicator: str
    key: str
    says: str
    headline: bool = False
    """Whether it stands on the first page of a report."""


@dataclass(frozen=True, slots=True)
class Question:
    """One claim that is debated. `name` is part of an address and never changes its meaning."""

    name: str
    title: str
    claim: str
    answer: str
    says: str
    cannot: str
    indicators: tuple[str, ...]
    differs: str
    """Why published values are others than ours."""
    findings: tuple[Finding, ...]


@cache
def questions() -> tuple[Question, ...]:
    """Read all questions in their order. ValueError for a wrong field or unknown indicator."""
    text = resources.files("analysis.numbers").joinpath("questions.toml").read_text("utf-8")
    return parse(text)


def parse(text: str) -> tuple[Question, ...]:
    """Read questions from TOML, as `questions` does."""
    return tuple(_question(table) for table in tomllib.loads(text)["question"])


def _question(table: dict[str, object]) -> Question:
    expected = {field.name for field in fields(Question)}
    if odd := sorted(set(table) ^ expected):
        raise ValueError(f"question {table.get('name')}: lacks, or should not have, {odd}")
    listed, told = table.pop("indicators"), table.pop("findings")
    named = tuple(map(str, listed)) if isinstance(listed, list) else ()
    known = {indicator.name for indicator in indicators()}
    if not named or len(set(named)) < len(named) or not known.issuperset(named):
        raise ValueError(f"question {table['name']}: needs known indicators, each once")
    found = tuple(Finding(**each) for each in told) if isinstance(told, list) else ()
    if odd := sorted({each.indicator for each in found} - set(named)):
        raise ValueError(f"question {table['name']}: findings of other indicators: {odd}")
    values = {name: str(value) for name, value in table.items()}
    return Question(**values, indicators=named, findings=found)
