"""How the notebooks show things: a table of a query, and a chart of shares."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from analysis.database import open_database
from analysis.numbers.indicator import Share
from analysis.report.chart import Bar, interval_chart, round_up
from analysis.report.indicator_pages import headline, round_percent
from analysis.safe_text import safe_text


@dataclass(frozen=True, slots=True)
class Html:
    """Something that a notebook shows as it is; what came from sites is escaped in it."""

    markup: Markup

    def _repr_html_(self) -> str:
        return str(self.markup)


def database() -> sqlite3.Connection:
    """Open the survey database, to read only: `OPTOUT_DB`, or else demo/survey.db."""
    return open_database(Path(os.environ.get("OPTOUT_DB", "demo/survey.db")))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """Show rows under their names."""
    cell = Markup("<td>{}</td>").format
    lines = (Markup("").join(cell(_text(value)) for value in row) for row in rows)
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    return Html(Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        head, body
    ))  # fmt: skip


def query(connection: sqlite3.Connection, sql: str, **values: object) -> Html:
    """Show what a SELECT gives."""
    cursor = connection.execute(sql, values)
    return table([column[0] for column in cursor.description], cursor)


def chart(title: str, shares: Iterable[Share]) -> Html:
    """Draw shares with their 95 % intervals, in the order in which they come."""
    bars = [
        Bar(s.label if s.key else s.stratum, s.share, s.low, s.high, headline(s)) for s in shares
    ]
    end = round_up(max((bar.high or 0.0 for bar in bars), default=1.0))
    return Html(interval_chart(title, "Shares with 95 % intervals.", bars, end, round_percent))


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else safe_text(str(value))
