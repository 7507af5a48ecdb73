"""`optout summary` and `optout report`: the first published numbers."""

from pathlib import Path

import click
from rich.console import Console

from analysis import report as reports
from analysis import summary as summaries
from analysis.database import latest_wave
from analysis.terminal import print_summary
from crawler.cli.judge import DB
from crawler.cli.refusal import reading, refusing

WAVE = click.option("--wave", help="Name of the wave [the newest].")


@click.command()
@DB
@WAVE
@click.option("--json", "style", flag_value="json", help="One JSON object.")
@click.option("--csv", "style", flag_value="csv", help="One row a number and stratum.")
def summary(db: Path, wave: str | None, style: str | None) -> None:
    """Print the numbers of a wave, each with k, n and a 95 % interval."""
    with reading(db) as connection:
        result = summaries.run(connection, wave or latest_wave(connection))
    if style == "json":
        click.echo(summaries.to_json(result))
    elif style == "csv":
        click.echo(summaries.to_csv(result), nl=False)
    else:
        print_summary(result, Console())


@click.command()
@DB
@WAVE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder for the static site.",
)
@click.option("--no-sites", is_flag=True, help="Without the pages of single sites.")
def report(db: Path, wave: str | None, out: Path, no_sites: bool) -> None:
    """Write a static HTML report of a wave; it opens without a server."""
    with refusing(OSError), reading(db) as connection:
        chosen = wave or latest_wave(connection)
        index = reports.build(connection, chosen, out, sites=not no_sites)
    click.echo(f"report: {index}")
