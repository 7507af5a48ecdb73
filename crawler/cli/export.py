"""`optout export`: the database for DuckDB, pandas, R and spreadsheets."""

from pathlib import Path

import click

from analysis.publish import export as exports
from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import reading, refusing


@click.command()
@DB
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder for the files."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in exports.Format]),
    default=exports.Format.CSV.value,
    show_default=True,
)
@click.option("--table", "names", multiple=True, metavar="NAME", help="May repeat [see above].")
@click.option("--wave", "waves", multiple=True, help="Only this wave; may repeat [all].")
def export(
    db: Path, folder: Path, form: str, names: tuple[str, ...], waves: tuple[str, ...]
) -> None:
    """Write the documented views and the reference tables, a file each.

    `optout dictionary` tells every column. Without --table everything is written but the views
    that multiply sites by captures, links or operators (v_signals, v_link_access, v_reserved),
    v_access, which is the part of v_agent_access by the main reader, and `body_texts`: every body
    as text, by its sha256, and somebody else's. Rows are sorted by their columns from left to
    right; memory does not grow with the database.

    \b
    parquet  typed and compressed; needs the extra `export` (pyarrow)
    ndjson   one object a line, values as they are
    csv      text always quoted, numbers never: nothing is null, "" is empty text

    What sites wrote could be a formula to a spreadsheet. In CSV, text that begins with
    ' = + - @ a tab, a line end or the full-width forms of these signs gets a ' in front. Take one
    leading ' off to have the text as it was; Parquet and NDJSON need no such thing.
    """
    with refusing(OSError), reading(db) as connection:
        found = exports.export(connection, folder, exports.Format(form), names=names, waves=waves)
        for path, rows in found:
            click.echo(safe_text(f"{path}: {rows} rows"))
