"""What a notebook begins with: a table of the database as a frame, and what is shown on its page.

Frames are pandas', as every later step of an analysis wants them. What came from websites is shown
as text, whatever it holds.
"""

import io
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from analysis.database import AnalysisError, open_database
from analysis.publish.export import tables
from analysis.safe_text import safe_text

mpl.rcParams["svg.hashsalt"] = "optout"  # equal figures are equal files


@dataclass(frozen=True, slots=True)
class Html:
    """Something that a notebook shows as it is; what came from sites is escaped in it."""

    markup: Markup

    def _repr_html_(self) -> str:
        return str(self.markup)


def database() -> sqlite3.Connection:
    """Open the survey database, to read only: `OPTOUT_DB`, or else demo/survey.db."""
    return open_database(Path(os.environ.get("OPTOUT_DB", "demo/survey.db")))


def load(connection: sqlite3.Connection, name: str, /, **equal: str | int) -> pd.DataFrame:
    """Load a view or table of the dictionary, or of it the rows whose columns are `equal` to these.

    AnalysisError for a table or column that is not there.
    """
    known = tables(connection)
    if name not in known:
        raise AnalysisError(f"no table {name!r}; there are {', '.join(known)}")
    columns = {column.name for column in known[name].columns}
    if unknown := set(equal) - columns:
        raise AnalysisError(f"{name} has no column {', '.join(sorted(unknown))}")
    chosen = " AND ".join(f"{column} = :{column}" for column in equal) or "1"
    sql = f"SELECT * FROM {name} WHERE {chosen}"  # noqa: S608 - names of the schema
    return pd.read_sql_query(sql, connection, params=equal)


def frame(rows: Iterable[Any]) -> pd.DataFrame:
    """Make a frame of the rows of an indicator or number, a column for each of their fields."""
    return pd.DataFrame([asdict(row) for row in rows])


def table(shown: pd.DataFrame) -> Html:
    """Show a frame without its index."""
    cell = Markup("<td>{}</td>").format
    lines = (
        Markup("").join(cell(_text(value)) for value in row)
        for row in shown.itertuples(index=False)
    )
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in shown)
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    return Html(Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        head, body
    ))  # fmt: skip


def figure(drawn: Figure, words: str) -> Html:
    """Show a figure as SVG; `words` say the same as it to whoever does not see it."""
    stream = io.StringIO()
    drawn.savefig(stream, format="svg", metadata={"Date": None})
    plt.close(drawn)  # or a notebook shows it a second time, as a bitmap
    svg = stream.getvalue()
    drawing = Markup(svg[svg.index("<svg") :])  # noqa: S704 - matplotlib has escaped its texts
    return Html(Markup('<figure role="img" aria-label="{}">{}</figure>').format(words, drawing))


def _text(value: object) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else safe_text(str(value))
