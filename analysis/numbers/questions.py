"""The questions of the policy debate, from `questions.toml`, each with its indicators."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from analysis.numbers.indicator import indicators


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
    listed = table.pop("indicators")
    named = tuple(map(str, listed)) if isinstance(listed, list) else ()
    known = {indicator.name for indicator in indicators()}
    if not named or len(set(named)) < len(named) or not known.issuperset(named):
        raise ValueError(f"question {table['name']}: needs known indicators, each once")
    return Question(**{name: str(value) for name, value in table.items()}, indicators=named)
