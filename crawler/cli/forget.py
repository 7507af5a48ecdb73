"""`optout forget`: a site that asks for it is removed from the store and never asked again."""

from pathlib import Path

import click

from crawler.cli.refusal import Refusal, refusing


@click.command()
@click.argument("host")
@click.option("--db", type=click.Path(path_type=Path), default=Path("survey.db"), show_default=True)
@click.option("--reason", default="asked to be forgotten", show_default=True)
def forget(host: str, db: Path, reason: str) -> None:
    """Remove what is stored of HOST in all waves, and never survey it again with this database.

    HOST is a host, or a suffix such as `.example.org` for a name and everything below it.
    The visits stay as rows that say `forgotten`; run `optout judge` afterwards.
    """
    from crawler.panel.exclusions import normal  # noqa: PLC0415
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.forget import forget as forget_entry  # noqa: PLC0415

    try:
        entry = normal(host)
    except ValueError as error:
        raise Refusal(f"{host}: {error}") from error
    if "/" in entry:
        raise Refusal(f"{host}: what is stored is known by host name: give a host or a .suffix")
    if not db.exists():
        raise Refusal(f"{db}: no such file; name a database with --db")
    with refusing(), writing(db) as connection:
        gone = forget_entry(connection, entry, reason)
    click.echo(
        f"{entry}: {gone.visits} visits, {gone.captures} captures in other sites' visits and "
        f"{gone.bodies} bodies removed; it will not be asked again"
    )
