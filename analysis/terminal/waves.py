"""Waves as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.safe_text import safe_text
from analysis.terminal.summary import bounds, percent
from analysis.waves.health import WaveReport
from analysis.waves.overview import GONE_DAYS, Politeness, Reached, WaveLine
from analysis.waves.trends import Point


def print_waves(waves: Sequence[WaveLine], console: Console) -> None:
    """Print one line a wave; at 80 columns nothing is cut off, whatever the names."""
    table = _table("Waves", "wave", "panel")
    table.add_column("from, to", no_wrap=True)
    for name in ("visited", "measured"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ruleset", justify="right")
    for wave in waves:
        table.add_row(
            *(Text(safe_text(word)) for word in (wave.wave, wave.panel)),
            f"{wave.started_at[:10]}\n{(wave.finished_at or wave.state)[:10]}",
            f"{wave.done}/{wave.sites}",
            f"{wave.measured}/{wave.done}\n{percent(wave.share)}\n{_interval(wave)}",
            ", ".join(map(str, wave.rulesets)) or "-",
        )
    console.print(table)


def print_trends(points: Sequence[Point], console: Console) -> None:
    """Print a table for each ruleset and vantage point: line below line, wave by wave."""
    for ruleset, vantage in dict.fromkeys((point.ruleset, point.vantage) for point in points):
        seen = f", seen from {safe_text(vantage)}" if vantage else ""
        table = _table(f"Trends by ruleset {ruleset}{seen}", "headline", "sites", "wave")
        for name in ("k", "n", "share", "95 %", "weighted"):
            table.add_column(name, justify="right", no_wrap=True)
        last = ("", "")
        for point in points:
            if (point.ruleset, point.vantage) != (ruleset, vantage):
                continue
            place = (point.headline, point.scope)
            words = (*(place if place != last else ("", "")), point.wave)
            last = place
            table.add_row(
                *(Text(safe_text(word)) for word in words),
                str(point.k), str(point.n), percent(point.share),
                bounds((point.low, point.high)), percent(point.weighted_share),
            )  # fmt: skip
        console.print(table)


def print_wave(report: WaveReport, console: Console) -> None:
    """Print how far a wave has come, how its visits ended, what it took and what went wrong."""
    print_waves([report.line], console)
    table = _table("How the visits ended", "outcome", "reason")
    for name in ("visits", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    for end in report.ends:
        share = percent(end.visits / report.line.done)
        table.add_row(end.outcome, end.reason, str(end.visits), share)
    console.print(table)
    console.print(_reached(report.reached))
    console.print(_politeness(report.manners))
    for check in report.canaries:
        console.print(Text(safe_text(f"hosts probed that answered: {check}")))
    before = report.before
    title = f"Anomalies against wave {before}" if before else "Anomalies (no wave before)"
    console.print(Text(safe_text(title), style="bold"))
    for anomaly in report.anomalies:
        console.print(Text(safe_text(f"  {anomaly.sentence}")))
    if not report.anomalies:
        console.print(Text("  none"))


def _reached(reached: Reached) -> Table:
    table = _pairs("How many sites there still are")
    for label, value in (
        ("listed", reached.listed),
        ("visited", reached.visited),
        ("  whose name has an address", reached.resolving),
        ("  that answered", reached.answering),
        ("    by their other name, with or without www.", reached.twins),
        (f"  gone: no such name now, nor {GONE_DAYS} days ago or more", reached.gone),
    ):
        table.add_row(label, str(value))
    return table


def _politeness(politeness: Politeness) -> Table:
    table = _pairs("What the wave took")
    gap = politeness.shortest_gap
    for label, value in (
        ("visits begun", f"{politeness.attempts}"),
        ("  of them made again later", f"{politeness.made_again}"),
        ("  of them ended with our process", f"{politeness.unfinished}"),
        ("requests", f"{politeness.requests}"),
        ("most requests to one site", f"{politeness.most_requests}"),
        ("bytes received", f"{politeness.bytes}"),
        ("shortest pause at one domain", "-" if gap is None else f"{gap:.2f} s"),
        ("sites that ask for a Crawl-delay", f"{politeness.crawl_delays}"),
        ("sites that said Retry-After", f"{politeness.retry_afters}"),
        ("sites that we do not ask", f"{politeness.excluded}"),
        ("answers 304, body known", f"{politeness.revalidated}/{politeness.captures}"),
        ("  size of these bodies", f"{politeness.saved_bytes}"),
    ):
        table.add_row(label, value)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _pairs(title: str) -> Table:
    """A table of labels and figures, which need no heading."""
    table = _table(title, "")
    table.add_column("", justify="right", no_wrap=True)
    table.show_header = False
    return table


def _interval(wave: WaveLine) -> str:
    if wave.low is None or wave.high is None:
        return "-"
    return f"{100 * wave.low:.1f}–{100 * wave.high:.1f}"
