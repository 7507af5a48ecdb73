"""The summary of a wave as tables for a terminal: each number with k, n, share and interval."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.numbers.indicator import Share
from analysis.numbers.summary import WHOLE_PANEL, Result, Row, Summary
from analysis.safe_text import safe_text
from analysis.waves.trends import Point

LABEL_WIDTH = 40
COUNTS_WIDTH = 46
"""Columns that k, n, share and interval take, frames included."""


def percent(share: float | None) -> str:
    """Write a share; `-` where nothing was measured."""
    return "-" if share is None else f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def interval(row: Row | Share | Point) -> str:
    """Write the 95 % interval of a row in percent."""
    return bounds((row.low, row.high))


def bounds(pair: tuple[float | None, float | None]) -> str:
    """Write two shares as a range in percent; `-` where there is none."""
    low, high = pair
    if low is None or high is None:
        return "-"
    return f"{100 * low:.1f}–{100 * high:.1f}\N{NO-BREAK SPACE}%"


def p_value(p: float) -> str:
    """Write a p-value: no test ever gives zero."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def print_summary(summary: Summary, console: Console) -> None:
    """Print sites, signals, agents and reservations of one wave."""
    ruleset = summary.ruleset if summary.ruleset is not None else "none: not judged yet"
    console.print(
        Text(
            safe_text(
                f"Wave {summary.wave} of panel {summary.panel} · ruleset {ruleset}"
                f" · agents {summary.agents_version or '-'}"
            ),
            style="bold",
        )
    )
    sections = (
        ("Sites", _one_each(summary, "attempted", "observed")),
        ("Not observed, by reason", _keyed(summary["unmeasured"])),
        ("Signals present, of sites where measured", _keyed(summary["signal_share"])),
        ("Training agents kept from the root", _agents(summary)),
        ("Training opt-out", _opt_outs(summary)),
    )
    strata = summary.strata() if len(summary.strata()) > 1 else ()
    for title, lines in sections:
        for table in _tables(title, lines, strata, console.width):
            console.print(table)
    console.print(Text("Shares with Wilson 95 % intervals. Unmeasured sites are in no share."))
    for sentence in _headline(summary):
        console.print(Text(safe_text(sentence)))


def _headline(summary: Summary) -> Iterator[str]:
    """Say what the complete opt-out comes to under other weights, and how much hangs on what."""
    row = summary["complete_training_optout"].row()
    today = summary["complete_training_optout_today"].row()
    if not (row and today and row.n):
        return
    title = summary["complete_training_optout"].number.title
    yield (
        f"{title}: weighted {percent(row.weighted_share)}"
        f" ({bounds((row.weighted_low, row.weighted_high))}), adjusted for sites not measured"
        f" {percent(row.adjusted_share)} ({bounds((row.adjusted_low, row.adjusted_high))}); if"
        f" none or all of those did so {bounds((row.weighted_if_none, row.weighted_if_all))}."
    )
    if found := summary.sensitivity():
        least, most = found
        yield (
            f"Without any one agent: {percent(least.share)} (without {least.key}) to"
            f" {percent(most.share)} (without {most.key})."
        )
    yield (
        f"Agents known on {summary.day}; by the list of today ({summary.agents_version}):"
        f" {today.k}/{today.n}, {percent(today.share)}."
    )


Line = tuple[str, Result, str]
"""Label, number, key: one line of a table."""


def _one_each(summary: Summary, *definitions: str) -> list[Line]:
    return [(summary[d].number.title, summary[d], "") for d in definitions]


def _keyed(result: Result) -> list[Line]:
    return [(result.label(key), result, key) for key in result.keys()]  # noqa: SIM118 - not a mapping


def _agents(summary: Summary) -> list[Line]:
    parts = (
        ("", "agent_blocked"),
        ("  named", "agent_blocked_named"),
        ("  via *", "agent_blocked_star"),
    )
    return [
        (label or agent, summary[definition], agent)
        for agent in summary["agent_blocked"].keys()  # noqa: SIM118
        for label, definition in parts
    ]


def _opt_outs(summary: Summary) -> list[Line]:
    use = summary["use_reserved"]
    return [
        *_one_each(summary, "complete_training_optout"),
        *((f"{use.number.title}: {use.label(key)}", use, key) for key in use.keys()),  # noqa: SIM118
    ]


def _tables(title: str, lines: list[Line], strata: Sequence[str], width: int) -> Iterator[Table]:
    """Counts of the whole panel with its strata beside them, or below where that is too wide."""
    if not lines:
        return
    room = width - LABEL_WIDTH
    beside = list(_chunks(strata, room - COUNTS_WIDTH))
    if len(beside) < 2:
        yield _table(title, lines, strata, counts=True)
        return
    yield _table(title, lines, (), counts=True)
    for chunk in _chunks(strata, room):
        yield _table(f"{title}, by stratum", lines, chunk, counts=False)


def _chunks(strata: Sequence[str], room: int) -> Iterator[list[str]]:
    """Split the strata so that each group's columns fit into `room` characters."""
    chunk: list[str] = []
    used = 0
    for stratum in strata:
        wide = max(len(safe_text(stratum)), len("100/100")) + 3
        if chunk and used + wide > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(stratum)
        used += wide
    if chunk:
        yield chunk


def _table(title: str, lines: Iterable[Line], strata: Sequence[str], *, counts: bool) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    table.add_column("", max_width=LABEL_WIDTH)
    for name in ("k", "n", "share", "95 %") if counts else ():
        table.add_column(name, justify="right", no_wrap=True)
    for stratum in strata:
        table.add_column(Text(safe_text(stratum)), justify="right", no_wrap=True)
    for label, result, key in lines:
        whole = result.row(WHOLE_PANEL, key)
        if whole:
            numbers = (str(whole.k), str(whole.n), percent(whole.share), interval(whole))
            cells = [_cell(result.row(stratum, key)) for stratum in strata]
            table.add_row(Text(safe_text(label)), *(numbers if counts else ()), *cells)
    return table


def _cell(row: Row | None) -> str:
    return f"{row.k}/{row.n}" if row else "-"
