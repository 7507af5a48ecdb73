"""The first page: what the wave found in sentences, one chart, what is missing, how to cite."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from analysis.numbers.indicator import WHOLE_PANEL, Frame, Measured
from analysis.numbers.questions import Question, questions
from analysis.numbers.summary import Row, Summary
from analysis.report.chart import Bar, Mark, interval_chart, line_chart, round_up
from analysis.report.indicator_pages import round_percent
from analysis.report.sentences import FEW, Sentence, sentence
from analysis.terminal.summary import interval, percent
from analysis.waves import trends
from analysis.waves.trends import Point

COMPLETE = "complete"
_WAVE = "SELECT started_at, finished_at, vantage, user_agent FROM waves WHERE name = ?"


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page shows beside the numbers of the summary."""

    day: str
    collected: str
    contact: str
    findings: Sequence[Sentence]
    silent: Sequence[Sentence]
    questions: Sequence[Question]
    agents: Sequence[str]
    title: str
    blocked: Markup
    earlier: Sequence[str]
    series_title: str
    series: Markup
    breaks: bool
    unmeasured: str
    lacking: Sequence[Measured]


def front(
    connection: sqlite3.Connection, frame: Frame, summary: Summary, measured: Sequence[Measured]
) -> Front:
    """Gather the first page of a wave; one that is not judged has no finding and no chart."""
    by_name = {m.indicator.name: m for m in measured}
    told = [
        sentence(f, by_name[f.indicator]) for q in questions() for f in q.findings if f.headline
    ]
    started, finished, vantage, agent = connection.execute(_WAVE, (summary.wave,)).fetchone()
    judged = summary.ruleset is not None
    lines = trends.trends(connection, frame.panel) if judged else []
    points = [point for point in lines if point.vantage == vantage]
    rows = _agents(summary)
    past = _past(points, summary)
    series = _series(points, summary)
    return Front(
        day=_days(started, finished),
        collected=f"Collected {_days(started, finished)}, from "
        + (f"vantage point {vantage}" if vantage else "one vantage point, not stated"),
        contact=str(agent).partition("(")[2].rstrip(")").removeprefix("+"),
        findings=[s for s in told if s.told],
        silent=[s for s in told if not s.told] if judged else [],
        questions=questions(),
        agents=[row.key for row in rows],
        title=_title(rows),
        blocked=_blocked(rows, past),
        earlier=sorted({p.wave for p in past}),
        series_title=_series_title(series),
        series=_lines(series),
        breaks=len({mark.ruleset for mark in series}) > 1,
        unmeasured=_unmeasured(summary),
        lacking=[m for m in measured if m.lacks],
    )


def _days(started: str, finished: str | None) -> str:
    first, last = started[:10], (finished or "")[:10]
    if not finished:
        return f"since {first}, not finished"
    return f"on {first}" if first == last else f"from {first} to {last}"


def _agents(summary: Summary) -> list[Row]:
    """The agents of strict8 by how many block them."""
    rows = [row for row in summary["agent_blocked"].rows if row.stratum == WHOLE_PANEL]
    return sorted(rows, key=lambda row: (-row.k, row.key))


def _title(rows: Sequence[Row]) -> str:
    seen = [row for row in rows if row.n >= FEW]
    if not seen:
        return "Too few sites to draw"
    most, least = seen[0], seen[-1]
    return (
        f"{most.key} is kept out by most, {most.k} of {most.n} sites;"
        f" {least.key} by fewest, {least.k} of {least.n}."
    )


def _past(points: Sequence[Point], summary: Summary) -> list[Point]:
    """Points of one agent in the panel's last wave before, by the same ruleset."""
    lines = [
        p for p in points
        if p.ruleset == summary.ruleset and p.scope == "full" and p.headline.startswith("access:")
        and p.day <= summary.day and p.wave != summary.wave
    ]  # fmt: skip
    newest = max((p.day, p.wave) for p in lines)[1] if lines else None
    return [p for p in lines if p.wave == newest]


def _blocked(rows: Sequence[Row], past: Sequence[Point]) -> Markup:
    """Draw the agents that enough sites answer; an empty string where there is none."""
    before: Mapping[str, Point] = {p.headline.partition(":")[2]: p for p in past}
    bars = []
    for row in rows:
        if row.n < FEW or row.share is None:
            continue
        words = f"{row.k} of {row.n}, {percent(row.share)} ({interval(row)})"
        point = before.get(row.key)
        if point:
            words += f", before {percent(point.share)}"
        marks = (point.share,) if point else ()
        bars.append(Bar(row.key, row.share, row.low, row.high, words, marks))
    if not bars:
        return Markup("")
    end = round_up(max([bar.high or bar.value or 0.0 for bar in bars] + [p.share for p in past]))
    return interval_chart(
        "Sites that keep each agent out", "Shares with 95 % intervals.", bars, end, round_percent
    )


def _series(points: Sequence[Point], summary: Summary) -> list[Mark]:
    """The complete opt-out in every wave so far, each by its newest ruleset up to this one."""
    newest: dict[str, Point] = {}
    for p in points:
        known = summary.ruleset is not None and p.ruleset <= summary.ruleset
        if p.headline == COMPLETE and p.scope == "full" and known and p.day <= summary.day:
            newest[p.wave] = max(p, newest.get(p.wave, p), key=lambda each: each.ruleset)
    kept = sorted(newest.values(), key=lambda p: (p.day, p.wave))
    marks = [Mark(date.fromisoformat(p.day), p.wave, p.share, p.low, p.high, p.ruleset)
             for p in kept if p.n >= FEW]  # fmt: skip
    return marks if len(marks) > 1 else []


def _series_title(series: Sequence[Mark]) -> str:
    if not series:
        return ""
    first, last = series[0], series[-1]
    return (
        f"Sites that keep every major training agent out: {percent(first.share)} in wave"
        f" {first.wave}, {percent(last.share)} in wave {last.wave}."
    )


def _lines(series: Sequence[Mark]) -> Markup:
    if not series:
        return Markup("")
    end = round_up(max(mark.high or mark.share for mark in series))
    return line_chart("The complete opt-out, wave by wave", series, end, round_percent)


def _unmeasured(summary: Summary) -> str:
    attempted, observed = summary["attempted"].row(), summary["observed"].row()
    if attempted is None or observed is None:
        return "This wave has not been judged."
    missing = observed.n - observed.k
    return (
        f"Of {observed.n} sites attempted, {missing} gave no answer that settles what their"
        " robots.txt says; they count neither as open nor as closed."
    )
