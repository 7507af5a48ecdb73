"""Run every notebook from top to bottom and write it with its results as a page.

The pages need no network: text, tables and SVG. A cell that fails ends the run with its error.
"""

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import click
import jupytext
from jinja2 import Environment
from jupyter_client.manager import AsyncKernelManager
from markupsafe import Markup
from nbclient import NotebookClient
from nbconvert import HTMLExporter

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · Opt-Out Observatory</title>
<style>
{{ style }}
main pre { white-space: pre-wrap; width: auto; }
.jp-OutputArea { margin: .6rem 0 1.2rem; overflow-x: auto; }
</style>
</head>
<body><main class="wide">{{ body }}</main></body>
</html>
"""


def notebooks() -> Iterator[Path]:
    """Give the files in the order in which they are meant to be read."""
    folder = Path(str(resources.files("analysis").joinpath("notebooks")))
    yield from sorted(folder.glob("[0-9]*.py"))


def run(path: Path) -> str:
    """Run one notebook and give its page; nbclient.CellExecutionError where a cell fails."""
    notebook = jupytext.read(path)
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc")  # no port is opened
    NotebookClient(notebook, km=kernel, timeout=600).execute()
    exporter = HTMLExporter(template_name="basic", anchor_link_text="")  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(notebook)
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    style = resources.files("analysis.report").joinpath("templates", "style.css").read_text("utf-8")
    template = Environment(autoescape=True).from_string(PAGE)
    return template.render(title=title, style=Markup(style), body=Markup(body))  # noqa: S704


@click.command()
@click.option("--db", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the pages.")
def main(db: Path, out: Path) -> None:
    """Run all notebooks on a survey database."""
    os.environ["OPTOUT_DB"] = str(db.resolve())
    out.mkdir(parents=True, exist_ok=True)
    for path in notebooks():
        page = out / f"{path.stem}.html"
        page.write_text(run(path), "utf-8")
        click.echo(page)


if __name__ == "__main__":
    main()
