"""Writes the generated parts of the README: `make docs` runs it, a test compares.

The demo wave is surveyed for real unless OPTOUT_DEMO_DB names a database that holds it.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import click

from crawler.cli import main
from crawler.signals import SIGNALS


@cache
def demo_db() -> sqlite3.Connection:
    """The database of a demo survey."""
    path = os.environ.get("OPTOUT_DEMO_DB")
    if path is None:
        folder = tempfile.mkdtemp()
        subprocess.run(
            [sys.executable, "-m", "crawler", "demo", "survey", "--out", folder, "--quiet"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        path = str(Path(folder, "survey.db"))
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def first_queries() -> str:
    """Each query with what it prints."""
    parts = []
    for file in sorted(resources.files("analysis").joinpath("first_queries").iterdir(), key=str):
        sql = file.read_text("utf-8").strip()
        parts.append(f"```sql\n{sql}\n```\n\n{table(sql)}\n")
    return "\n".join(parts)


def table(sql: str) -> str:
    """The result as a Markdown table; cells are escaped, invisible characters shown."""
    from analysis.safe_text import safe_text

    cursor = demo_db().execute(sql)
    names = [column[0] for column in cursor.description]
    rows = [["" if cell is None else safe_text(str(cell)) for cell in row] for row in cursor]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def commands() -> str:
    """Help of every command, as a terminal of 96 columns shows it."""
    parts = [_help(main, "optout")]
    for name, command in sorted(main.commands.items()):
        parts.append(_help(command, f"optout {name}"))
        for sub, inner in sorted(getattr(command, "commands", {}).items()):
            parts.append(_help(inner, f"optout {name} {sub}"))
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, max_content_width=96, terminal_width=96)
    text = command.get_help(context)
    head = f"<details><summary><code>{name}</code></summary>"
    return f"{head}\n\n```text\n{text}\n```\n\n</details>\n"


def signals() -> str:
    """One row a signal."""
    lines = ["| signal | id | what | status | read in |", "|---|---|---|---|---|"]
    for s in SIGNALS:
        read_in = ", ".join(f"`{resource}`" for resource in s.resources)
        lines.append(f"| `{s.name}` | {s.id} | {s.title} | {s.status} | {read_in} |")
    return "\n".join(lines)


def views() -> str:
    """The data dictionary."""
    text = resources.files("crawler.dictionary").joinpath("dictionary.toml").read_text("utf-8")
    words = tomllib.loads(text)
    parts = []
    for view, sentence in words["views"].items():
        columns = [row[1] for row in demo_db().execute(f"PRAGMA table_info({view})")]
        rows = "\n".join(f"| `{c}` | {words['columns'][c]} |" for c in columns)
        parts.append(
            f"<details><summary><code>{view}</code>: {sentence}</summary>\n\n"
            f"| column | is |\n|---|---|\n{rows}\n\n</details>\n"
        )
    return "\n".join(parts)


def schema() -> str:
    """Every table as a real database holds it."""
    rows = demo_db().execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY rowid"
    )
    ddl = "\n\n".join(row[0] + ";" for row in rows)
    return f"<details><summary>All tables</summary>\n\n```sql\n{ddl}\n```\n\n</details>"
