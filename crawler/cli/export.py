"""`optout export`: the database for DuckDB, pandas, R and spreadsheets."""

from pathlib import Path

import click

from analysis.publish import export as exports
from analysis.publish.pseudonyms import LEFT_OUT, Pseudonyms, left
from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, reading, refusing


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
@click.option("--pseudonyms", is_flag=True, help="Name no site: see above.")
def export(  # noqa: PLR0913, PLR0917 - the options of the command
    db: Path,
    folder: Path,
    form: str,
    names: tuple[str, ...],
    waves: tuple[str, ...],
    pseudonyms: bool,
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

    With --pseudonyms hosts and owners are pseudonyms, equal in all tables of this export and in no
    other; addresses, quotations, hashes and hours are left out, and so are tables of captures.
    """
    cover = Pseudonyms() if pseudonyms else None
    if cover and (named := sorted(LEFT_OUT.intersection(names))):
        raise Refusal(f"--table {named[0]}: its rows would tell which site they are of")
    with refusing(OSError), reading(db) as connection:
        if cover and not names:
            names = tuple(left(exports.usual(connection)))
        form_of = exports.Format(form)
        found = exports.export(connection, folder, form_of, names=names, waves=waves, cover=cover)
        for path, rows in found:
            click.echo(safe_text(f"{path}: {rows} rows"))
