"""`optout panel`: look at a panel file before surveying it."""

from pathlib import Path

import click

from analysis.safe_text import safe_text
from crawler.cli.refusal import print_json, refusing


@click.group()
def panel() -> None:
    """Check the list of sites a survey would use."""


@panel.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Fail if any row is bad.")
@click.option("--json", "as_json", is_flag=True)
def check(path: Path, strict: bool, as_json: bool) -> None:
    """Say which rows of a panel are accepted, refused or duplicates, and why."""
    from crawler import panel as panels  # noqa: PLC0415

    with refusing():
        read = panels.read(path, strict=strict)
    notes = [
        {"line": note.line, "kind": kind, "text": note.text, "problem": note.problem}
        for kind, listed in (("rejected", read.rejections), ("duplicate", read.duplicates))
        for note in listed
    ]
    if as_json:
        print_json(
            {
                "name": read.name,
                "sha256": read.sha256,
                "rows": read.rows_read,
                "accepted": len(read.sites),
                "suffix_list": read.suffix_list,
                "notes": notes,
            }
        )
        return
    for note in notes:
        click.echo(safe_text(f"{path}:{note['line']}: {note['problem']}: {note['text']}"))
    click.echo(
        f"{read.rows_read} rows: {len(read.sites)} accepted, {len(read.rejections)} refused, "
        f"{len(read.duplicates)} duplicates; version sha256 {read.sha256}"
    )
