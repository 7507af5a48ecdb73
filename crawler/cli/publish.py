"""`optout publish` and `optout verify`: a bundle that can be cited, and whether it is true."""

from pathlib import Path

import click

from analysis.database import latest_wave
from analysis.publish import bundle, citing
from analysis.publish.verify import Check
from analysis.safe_text import safe_text
from crawler import __version__
from crawler.cli.judge import DB
from crawler.cli.refusal import reading, refusing


@click.command()
@DB
@click.option("--wave", "waves", multiple=True, help="May repeat [the newest].")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("bundle"),
    show_default=True,
    help="Folder for the bundle.",
)
@click.option(
    "--author",
    "authors",
    multiple=True,
    metavar="NAME",
    help="Whom to cite: 'Family, Given' or an organisation, with an ORCID behind it or without;"
    " may repeat.",
)
@click.option("--title", metavar="TEXT", help="What the bundle is called [the waves].")
@click.option("--doi", metavar="DOI", help="The DOI that a repository has reserved for it.")
@click.option("--with-bodies", is_flag=True, help="Add a database with all bodies and headers.")
@click.option("--no-parquet", is_flag=True, help="CSV only; needs no further library.")
@click.option(
    "--bootstrap",
    type=click.IntRange(min=0),
    metavar="SEED",
    help="Give intervals over clusters too, drawn from this seed.",
)
def publish(  # noqa: PLR0913, PLR0917 - the options of the command
    db: Path,
    waves: tuple[str, ...],
    out: Path,
    authors: tuple[str, ...],
    title: str | None,
    doi: str | None,
    with_bodies: bool,
    no_parquet: bool,
    bootstrap: int | None,
) -> None:
    """Write a bundle that can be cited and computed again.

    It holds the database, every number with k, n and interval (numbers.csv), the tables as CSV and
    Parquet, methodology, dictionary and codebook, datapackage.json, dataset.jsonld (schema.org),
    CITATION.cff, .zenodo.json, DATA_ARTICLE.md and variables.csv (for a journal of data), the
    licences (data CC BY 4.0, program Apache-2.0) and SHA256SUMS. The database has all waves of the
    file; numbers and tables are of the waves that are named. Authors, title and DOI go into every
    document; for a DOI, reserve one first (Zenodo does before files are there) and publish again.

    Third-party text stays out: no bodies and no headers of answers, only their sizes and hashes,
    and quotations of at most 300 characters. --with-bodies adds a second database that has
    them, which the licence does not cover. Hosts that were forgotten and folders of the machine
    that surveyed are in neither. Equal databases give equal bundles, byte by byte.
    """
    from crawler.dictionary import codebook  # noqa: PLC0415 - reads every registry

    words = {
        table.name: {"": table.about} | {column.name: column.about for column in table.columns}
        for table in codebook.tables()
    }
    with refusing(OSError), reading(db) as connection:
        request = bundle.Request(
            waves=tuple(dict.fromkeys(waves)) or (latest_wave(connection),),
            authors=tuple(map(citing.author, authors or (citing.PROGRAM_AUTHORS,))),
            title=title,
            doi=None if doi is None else citing.doi(doi),
            software=f"optout-observatory {__version__}",
            bodies=with_bodies,
            parquet=not no_parquet,
            seed=bootstrap,
        )
        documents = {"DICTIONARY.md": codebook.to_markdown()}
        folder = bundle.publish(connection, out, request, documents, words)
    click.echo(safe_text(f"bundle: {folder}, {len(bundle.listed_files(folder))} files"))


@click.command()
@click.argument("folder", metavar="BUNDLE", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Check a bundle: its checksums, and every number and table computed again.

    Everything is computed from the bundle's own database by this program. Any difference is
    named and ends with exit code 1; what is no bundle at all, with 2.
    """
    check = Check(folder)
    count = 0
    with refusing(OSError):
        for count, problem in enumerate(check.problems(), start=1):  # noqa: B007 - counted
            click.echo(safe_text(problem))
    if count:
        click.echo(safe_text(f"{folder}: {count} differences"))
        raise click.exceptions.Exit(1)
    done = check.verified
    click.echo(
        safe_text(
            f"{folder}: {done.files} files, {done.numbers} numbers and {done.rows} rows are as"
            " published"
        )
    )
    if not done.parquet:
        click.echo("Parquet was not read, for pyarrow is not installed: checksums only.")
