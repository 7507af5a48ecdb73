"""The pages of the report on questions and indicators, with a CSV and the SQL beside each."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from analysis.numbers.indicator import WHOLE_PANEL, Measured, Share, Spread, to_json
from analysis.numbers.questions import Question, questions
from analysis.queries import query
from analysis.report import figures
from analysis.report.chart import Bar, interval_chart, round_up
from analysis.report.sentences import FEW, sentences
from analysis.safe_text import safe_cell
from analysis.terminal.summary import interval, percent

CHARTED = 12
"""Bars of one chart; the table beside it has every row."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def write_questions(
    environment: Environment,
    measured: Sequence[Measured],
    more: Mapping[str, Mapping[str, object]],
    out: Path,
) -> None:
    """Write questions.html and a page per question into `question/`.

    `more`: what a question that has a template of its own needs, by its name.
    """
    by_name = {m.indicator.name: m for m in measured}
    asked = [(q, [by_name[name] for name in q.indicators], sentences(q, by_name))
             for q in questions()]  # fmt: skip
    page = environment.get_template("questions.html").render(asked=asked)
    (out / "questions.html").write_text(page, "utf-8")
    for question, bearing, told in asked:
        own = more.get(question.name, {})
        template = environment.get_template(f"{question.name if own else 'question'}.html")
        page = template.render(question=question, bearing=bearing, told=told, **own)
        (out / "question" / f"{question.name}.html").write_text(page, "utf-8")


def write_indicators(environment: Environment, measured: Sequence[Measured], out: Path) -> None:
    """Write indicators.html and .json, and page, CSV and SQL per indicator in `indicator/`."""
    page = environment.get_template("indicators.html").render(measured=measured)
    (out / "indicators.html").write_text(page, "utf-8")
    (out / "indicators.json").write_text(to_json(measured) + "\n", "utf-8")
    folder = out / "indicator"
    (folder / "_units.sql").write_text(_sql("_units"), "utf-8")
    template = environment.get_template("indicator.html")
    for m in measured:
        name = m.indicator.name
        for end, drawing in (("", chart(m)), ("_by_stratum", strata_chart(m))):
            if drawing:
                figures.write(drawing, out / "figure" / f"{name}{end}")
        page = template.render(measured=m, indicator=m.indicator, asked_in=_asked_in(name))
        (folder / f"{name}.html").write_text(page, "utf-8")
        (folder / f"{name}.sql").write_text(_sql(name), "utf-8")
        if m.rows:
            _write_rows(folder / f"{name}.csv", m.rows)


def _sql(name: str) -> str:
    return query("analysis.numbers.indicator", f"indicators/{name}")


def _asked_in(name: str) -> list[Question]:
    return [question for question in questions() if name in question.indicators]


def _write_rows(path: Path, rows: Sequence[Share | Spread]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(field.name for field in fields(rows[0]))
        writer.writerows(map(safe_cell, asdict(row).values()) for row in rows)


def whole(measured: Measured) -> list[Share | Spread]:
    """Give the rows of the whole panel: what the title speaks about, then the highest first.

    Those of days stand in their order.
    """
    rows = [row for row in measured.rows if row.stratum == WHOLE_PANEL]
    if all(DAY.fullmatch(row.key) for row in rows):
        return sorted(rows, key=lambda row: row.key)
    first = measured.primary()
    return sorted(rows, key=lambda row: (row != first, -(_value(row) or 0), row.key))


def chart(measured: Measured) -> Markup:
    """Draw the whole panel; an empty string where there is nothing to draw."""
    return _drawn(measured, drawable(whole(measured))[:CHARTED], measured.indicator.title)


def strata_chart(measured: Measured) -> Markup:
    """Draw what the title speaks about in each stratum that has enough units."""
    rows = [replace(row, label=row.stratum) for row in drawable(strata(measured))[:CHARTED]]
    return _drawn(measured, rows, f"{measured.indicator.title}, by stratum")


def strata(measured: Measured) -> list[Share | Spread]:
    """Give the first row of the whole panel in each stratum."""
    first = measured.primary()
    if first is None:
        return []
    return [r for r in measured.rows if r.key == first.key and r.stratum != WHOLE_PANEL]


def drawable(rows: Iterable[Share | Spread]) -> list[Share | Spread]:
    """Give the rows of which there is enough to draw."""
    return [row for row in rows if row.n >= FEW]


def withheld(rows: Iterable[Share | Spread]) -> list[Share | Spread]:
    """Give the rows that no chart draws, since they are of fewer than FEW units."""
    return [row for row in rows if row.n < FEW]


def figure_title(measured: Measured) -> str:
    """Say what a chart shows: the row that the title speaks about, in figures."""
    first = measured.primary()
    title = measured.indicator.title
    if first is None or first.n < FEW:
        return title
    which = "" if first.label == "all" else f", {first.label}"
    return f"{title}{which}: {headline(first)}"


def _drawn(measured: Measured, rows: Sequence[Share | Spread], title: str) -> Markup:
    if not rows:
        return Markup("")
    shares = measured.indicator.kind != "distribution"
    drawn = (
        "Shares; the line over each bar is the 95 % interval."
        if shares
        else "Medians; the line over each bar runs from p10 to p90."
    )
    bars = [_bar(row) for row in rows]
    end = round_up(max(bar.high or bar.value or 0.0 for bar in bars))
    return interval_chart(title, drawn, bars, end, round_percent if shares else number)


def _bar(row: Share | Spread) -> Bar:
    if isinstance(row, Spread):
        return Bar(row.label, row.median, row.p10, row.p90, headline(row))
    return Bar(row.label, row.share, row.low, row.high, headline(row))


def headline(row: Share | Spread) -> str:
    """Say a row in one phrase."""
    if isinstance(row, Spread):
        return f"median {number(row.median)} ({number(row.p10)}–{number(row.p90)}), n {row.n}"
    if row.share is None:
        return "not measured"
    return f"{row.k} of {row.n}, {percent(row.share)} ({interval(row)})"


def _value(row: Share | Spread) -> float | None:
    return row.median if isinstance(row, Spread) else row.share


def number(value: float | None) -> str:
    """Write a value of a distribution: whole from a hundred on, else to three digits."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def round_percent(share: float) -> str:
    """Write a share without needless digits, for an axis."""
    return f"{100 * share:.3g}\N{NO-BREAK SPACE}%"


def computed(measured: Iterable[Measured]) -> list[Measured]:
    """Give those that could be computed."""
    return [m for m in measured if not m.lacks]


def waiting(measured: Iterable[Measured]) -> list[Measured]:
    """Give those for which the database lacks something."""
    return [m for m in measured if m.lacks]


FILTERS = {
    "chart": chart, "computed": computed, "figure_title": figure_title, "headline": headline,
    "number": number, "strata": strata, "strata_chart": strata_chart, "waiting": waiting,
    "whole": whole, "withheld": withheld,
}  # fmt: skip
"""What the templates of these pages call."""
