"""`optout import`: what others have published, as a wave that can be judged again."""

from datetime import UTC, datetime
from pathlib import Path

import click

from analysis.safe_text import safe_text
from crawler import __version__
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, refusing
from crawler.panel.published import PROVENANCE, Format, Imported, ImportingError, read


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice([each.value for each in Format]))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@DB
@click.option("--wave", required=True, help="Name of the wave, which must be a new one.")
@click.option("--date", required=True, help="Day of the data, as in 2026-06-30.")
@click.option("--panel", help="Name of the panel [that of the format].")
def import_(form: str, path: Path, db: Path, wave: str, date: str, panel: str | None) -> None:  # noqa: PLR0913, PLR0917
    """Load somebody else's robots.txt files as a wave, and judge it.

    A published table can then be recomputed under any definition: see v_definitions. Labels are not
    loaded. Use a database of its own: of such a site nothing but robots.txt is known.

    \b
    robots-folder  a folder of files HOST.robots.txt
    robots-csv     a CSV with columns `Website` (or host, domain) and `robots`, the text
    robots-json    a folder of JSON files, or one, with `domain` and `robotsTxt`
    rules-json     the same with `http_status` and `rules` by agent: the file is rebuilt from them

    Files may be packed by gzip (.gz). Captures and wave are marked as imported. Text that is not
    there is not known: such a site is unreachable, and never a site without a file. Months of the
    same hosts are waves of one panel.
    """
    from crawler.wave.rejudge import judge_wave  # noqa: PLC0415

    with refusing(OSError, ImportingError):
        day = _day(date)
        imported = read(path, Format(form), name=panel or f"{PROVENANCE} {form}", date=day)
        _store(db, wave, day, Format(form), path, imported)
        judged = judge_wave(db, wave)
    panel_ = imported.panel
    told = f"{panel_.rows_read} rows: {len(panel_.sites)} sites, {len(panel_.rejections)} rejected,"
    click.echo(
        safe_text(
            f"wave {wave}: {told} {len(panel_.duplicates)} duplicates; judged by ruleset"
            f" {judged.ruleset}"
        )
    )


def _day(text: str) -> str:
    try:
        return (
            datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).strftime("%Y-%m-%dT00:00:00Z")
        )
    except ValueError as error:
        raise Refusal(f"{text!r}: not a day; write it as in 2026-06-30") from error


def _store(  # noqa: PLR0913, PLR0917 - a wave is recorded with all that made it what it is
    db: Path, wave: str, day: str, form: Format, path: Path, imported: Imported
) -> None:
    from crawler.signals import RULESET  # noqa: PLC0415
    from crawler.store import facts  # noqa: PLC0415
    from crawler.store.database import StoreError, writing  # noqa: PLC0415

    with writing(db) as connection:
        if connection.execute("SELECT 1 FROM waves WHERE name = ?", (wave,)).fetchone():
            raise StoreError(f"wave {wave!r} is in this database already; choose another name")
        opened = facts.open_wave(
            connection,
            wave,
            facts.put_panel(connection, imported.panel),
            seed=0,
            software=f"optout-observatory {__version__} import",
            settings={"provenance": PROVENANCE, "format": form.value, "file": path.name},
            user_agent=f"({PROVENANCE})",
            vantage=None,
            ruleset=RULESET,
        )
        connection.execute(
            "UPDATE waves SET started_at = ?, finished_at = ? WHERE wave_id = ?",
            (day, day, opened.wave_id),
        )
        facts.put_visits(
            connection,
            opened,
            (
                facts.Visit(site, ending, reason, PROVENANCE, (capture,), day, day)
                for site, ending, reason, capture in imported.visits
            ),
        )
