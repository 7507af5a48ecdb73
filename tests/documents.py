"""Writes the generated parts of the READMEs: `make docs` runs it, a test compares.

`python -m tests.documents` has cog rewrite every README that holds a cog block; other arguments
than none go to cog in place of `-r`. `python -m tests.documents --picture FOLDER` takes the
picture of the report that lies in FOLDER.
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
from click.testing import CliRunner
from cogapp import Cog

from analysis.numbers import indicator
from analysis.safe_text import safe_text
from crawler import cli
from tests.paths import ROOT

ROOMS = ("crawler", "spiders", "analysis", "tests", "requirements")
PICTURE = ROOT / "analysis" / "report" / "picture.png"


def documents() -> list[Path]:
    """Every page of this repository, in fixed order."""
    return [
        *sorted(ROOT.glob("*.md")),
        *(p for r in ROOMS for p in sorted((ROOT / r).rglob("*.md"))),
    ]


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
    cursor = demo_db().execute(sql)
    names = [column[0] for column in cursor.description]
    rows = [["" if cell is None else safe_text(str(cell)) for cell in row] for row in cursor]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


EXAMPLE = """\
User-agent: GPTBot
User-agent: CCBot
Disallow: /

User-agent: Claude-Web
Disallow /
"""


def explained() -> str:
    """A robots.txt with a fault, and what `optout robots` says of it."""
    result = CliRunner().invoke(cli.main, ["robots", "-"], input=EXAMPLE, catch_exceptions=False)
    said = result.stdout.strip()
    return f"of\n\n```text\n{EXAMPLE}```\n\nsays\n\n```text\n{said}\n```"


def commands() -> str:
    """Help of every command, as a terminal of 96 columns shows it."""
    parts = [_help(cli.main, "optout")]
    for name, command in sorted(cli.main.commands.items()):
        parts.append(_help(command, f"optout {name}"))
        for sub, inner in sorted(getattr(command, "commands", {}).items()):
            parts.append(_help(inner, f"optout {name} {sub}"))
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> str:
    settings = cli.main.context_settings
    context = click.Context(command, info_name=name, terminal_width=96, **settings)
    text = command.get_help(context)
    head = f"<details><summary><code>{name}</code></summary>"
    return f"{head}\n\n```text\n{text}\n```\n\n</details>\n"


def indicators() -> str:
    """One row an indicator."""
    lines = ["| id | indicator | what | question | needs |", "|---|---|---|---|---|"]
    for i in indicator.indicators():
        needs = i.needs or ("an earlier wave" if i.waves else "")
        link = f"[`{i.name}`](numbers/indicators/{i.name}.sql)"
        lines.append(f"| {i.id} | {link} | {i.title} | {i.question} | {needs} |")
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


def picture(report: Path) -> None:
    """Take the picture of the README: the first page of a report, as a browser shows it."""
    from tests.factories.browser import browsing

    with browsing() as page:
        page.open(f"{(report / 'index.html').resolve().as_uri()}#blocked", width=1000, height=684)
        page.run("document.documentElement.style.scrollbarWidth = 'none'")
        page.picture(PICTURE)


def main(arguments: list[str]) -> int:
    """Run cog, or take the picture."""
    if arguments[:1] == ["--picture"]:
        picture(Path(arguments[1]))
        return 0
    blocks = [str(p) for p in documents() if "[[[cog" in p.read_text("utf-8")]
    return Cog().main(["cog", *(arguments or ["-r"]), *blocks])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
