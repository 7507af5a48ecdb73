"""The indicators of a wave as tables for a terminal, each with its question and caveat."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.numbers.indicator import Measured, Share, Spread
from analysis.numbers.summary import WHOLE_PANEL
from analysis.safe_text import safe_text
from analysis.terminal.summary import percent

SHARE = ("k", "n", "share", "95 %", "weighted", "none..all", "clusters 95 %")
"""Columns; `none..all` is the share if none, or all, of the unobserved sites counted."""
SPREAD = ("n", "10 %", "median", "90 %", "mean", "weighted")


def print_indicators(measured: Iterable[Measured], console: Console, *, strata: bool) -> None:
    """Print what was measured, then what was not and why. `strata`: a line for each, too."""
    lacking = []
    for m in measured:
        if m.lacks:
            lacking.append(m)
        else:
            _print(m, console, strata=strata)
    if lacking:
        console.print(Text("Not computed", style="bold"))
    for m in lacking:
        text = f"{m.indicator.id} {m.indicator.name}: {m.indicator.question} {m.lacks}"
        console.print(Text(safe_text(text)))


def _print(m: Measured, console: Console, *, strata: bool) -> None:
    first = m.primary()
    rows = sorted(m.rows, key=lambda row: (row.stratum != WHOLE_PANEL, row.stratum, row != first))
    shown = [row for row in rows if strata or row.stratum == WHOLE_PANEL]
    title = f"{m.indicator.id} {m.indicator.name}: {m.indicator.title}"
    console.print(Text(safe_text(title), style="bold"))
    console.print(Text(safe_text(m.indicator.question), style="italic"))
    console.print(_table(shown, strata=strata) if shown else Text("nothing to count"))
    for field in ("numerator", "denominator", "caveat", "literature"):
        console.print(Text(safe_text(f"{field}: {getattr(m.indicator, field)}"), style="dim"))
    if m.rows and m.rows[0].before is not None:
        console.print(Text(safe_text(f"wave before: {m.rows[0].before}"), style="dim"))
    console.print()


def _table(rows: list[Share | Spread], *, strata: bool) -> Table:
    """Rows with their place in front; columns in which nothing stands are left out."""
    names = SHARE if isinstance(rows[0], Share) else SPREAD
    cells = [list(_share(row) if isinstance(row, Share) else _spread(row)) for row in rows]
    used = [column for column in range(len(names)) if any(line[column] != "-" for line in cells)]
    places = [f"{row.stratum}: {row.label}" if strata else row.label for row in rows]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=False)
    table.add_column("", min_width=min(18, max(map(len, places))), overflow="fold")
    for column in used:
        table.add_column(names[column], justify="right", no_wrap=True)
    for place, line in zip(places, cells, strict=True):
        table.add_row(Text(safe_text(place)), *(line[column] for column in used))
    return table


def _share(row: Share) -> Iterator[str]:
    yield from (str(row.k), str(row.n), percent(row.share), _range(row.low, row.high))
    yield percent(row.weighted_share)
    yield _range(row.if_none, row.if_all)
    yield _range(row.cluster_low, row.cluster_high)


def _spread(row: Spread) -> Iterator[str]:
    yield str(row.n)
    for value in (row.p10, row.median, row.p90, row.mean, row.weighted_mean):
        yield "-" if value is None else f"{value:.3g}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "-"
    return f"{100 * low:.1f}–{100 * high:.1f}\N{NO-BREAK SPACE}%"
