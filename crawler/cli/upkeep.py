"""`optout backup`, `optout vacuum` and `optout metrics`: for whoever keeps a survey running."""

from pathlib import Path

import click

from analysis.database import latest_wave
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, reading, refusing
from crawler.cli.results import WAVE


@click.command()
@DB
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="New file; it must not exist."
)
def backup(db: Path, to: Path) -> None:
    """Copy a database into a new file, also while a survey is writing to it.

    The copy holds the state of one moment, is compact, and is checked before it gets its name.
    """
    from crawler.store.upkeep import backup as copy  # noqa: PLC0415

    with refusing(OSError), reading(db) as connection:
        size = copy(connection, to)
    click.echo(f"{to}: {size} bytes")


@click.command()
@DB
def vacuum(db: Path) -> None:
    """Give the free space inside a database back to the disk, as after `optout forget`.

    Needs free space of up to twice the file's size, and no survey running on the file.
    """
    from crawler.store.upkeep import vacuum as rewrite  # noqa: PLC0415

    if not db.exists():
        raise Refusal(f"{db}: no such file; name a database with --db")
    with refusing():
        before, after = rewrite(db)
    click.echo(f"{db}: {before} bytes before, {after} after")


@click.command()
@DB
@WAVE
@click.option(
    "--to", type=click.Path(path_type=Path), help="File to replace at once [standard output]."
)
def metrics(db: Path, wave: str | None, to: Path | None) -> None:
    """Write a wave's progress and outcomes as Prometheus metrics."""
    if to is None:
        click.echo(_text(db, wave), nl=False)
    else:
        write_metrics(db, wave, to)


def write_metrics(db: Path, wave: str | None, to: Path) -> None:
    """Replace a metrics file at once; what the user can mend becomes a Refusal."""
    from crawler.store import metrics as store  # noqa: PLC0415

    text = _text(db, wave)
    try:
        store.write(to, text)
    except OSError as error:
        raise Refusal(f"{to}: cannot be written ({error.strerror})") from error


def _text(db: Path, wave: str | None) -> str:
    from crawler.store import metrics as store  # noqa: PLC0415

    with reading(db) as connection:
        return store.metrics(connection, wave or latest_wave(connection))
