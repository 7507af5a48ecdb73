"""`optout serve`: the check as a web page on this machine."""

import asyncio
import sqlite3
import sys
import webbrowser
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.ask import CONTACT, contact_of
from crawler.cli.check import DELAY, DO_NOT_SURVEY, HOSTS, TIMEOUT, checker_of
from crawler.cli.refusal import Refusal, reading

if TYPE_CHECKING:
    from crawler.visit.result import VisitResult

SITES = "SELECT host FROM v_visits WHERE wave = ? ORDER BY host"
VISIT = (
    "SELECT v.visit_id, v.outcome, v.reason, v.detail FROM visits v JOIN sites s USING (site_id)"
    " JOIN waves w USING (wave_id) WHERE w.name = ? AND s.host = ?"
)
LATEST = "SELECT name FROM waves ORDER BY wave_id DESC LIMIT 1"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8043, show_default=True)
@click.option(
    "--address", default="127.0.0.1", show_default=True,
    help="Address to listen on. Others than this machine can then make it fetch sites.",
)  # fmt: skip
@click.option(
    "--db", type=click.Path(path_type=Path), help="Survey whose sites can be looked up, too."
)
@click.option("--wave", help="Wave of that survey; by default the last one.")
@click.option("--browser/--no-browser", default=True, help="Open the page in your browser.")
@click.option(
    "--public",
    metavar="NAME",
    help="Serve everybody, behind a proxy with https under this name (crawler/checker/README.md).",
)
@HOSTS
@CONTACT
@DELAY
@TIMEOUT
@DO_NOT_SURVEY
def serve(db: Path | None, wave: str | None, **options: Any) -> None:  # noqa: ANN401
    """Open a page where you enter a site, watch the check, and read and copy the result.

    Sites want to know whom they can ask about our requests: your --contact is asked for once, and
    kept on this machine. Nothing that is entered is stored. With --db, sites of a survey can be
    looked up there.
    """
    options["contact"] = contact_of(options)
    if options["public"] and (options["hosts"] or not options["contact"]):
        raise Refusal(
            "--public needs a --contact, and no --hosts: those lead into private networks"
        )
    with suppress(KeyboardInterrupt):
        if db is None:
            asyncio.run(_serve(None, "", options))
            return
        with reading(db) as connection:
            asyncio.run(_serve(connection, _wave(connection, wave), options))


def _wave(connection: sqlite3.Connection, wave: str | None) -> str:
    known = [name for (name,) in connection.execute("SELECT name FROM waves ORDER BY wave_id")]
    if not known or (wave is not None and wave not in known):
        raise Refusal(f"no wave {wave or ''} in this database; waves here: {', '.join(known)}")
    return wave or known[-1]


async def _serve(connection: sqlite3.Connection | None, wave: str, options: dict[str, Any]) -> None:
    from crawler.checker.server import serve as run  # noqa: PLC0415

    checker = checker_of(options)
    sites = [row[0] for row in connection.execute(SITES, (wave,))] if connection else []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(checker.close)
        try:
            await run(
                checker, options["address"], options["port"],
                lambda url: _is_ready(url, open_it=options["browser"] and not options["public"]),
                surveyed=(lambda host: visited(connection, wave, host)) if connection else None,
                hosts=sites, public=options["public"],
            )  # fmt: skip
        except OSError as error:
            raise Refusal(f"port {options['port']}: {error.strerror}; choose another") from error


def _is_ready(url: str, *, open_it: bool) -> None:
    click.echo(f"{url}  (Ctrl-C ends it)")
    if open_it and sys.stdout.isatty():
        webbrowser.open(url)


def visited(connection: sqlite3.Connection, wave: str, host: str) -> "VisitResult | None":
    """Read a site's visit back from a survey; None where there is none."""
    from crawler.model import Outcome, Reason  # noqa: PLC0415
    from crawler.store.judgement import captures_of  # noqa: PLC0415
    from crawler.visit.result import VisitResult  # noqa: PLC0415

    row = connection.execute(VISIT, (wave, host)).fetchone()
    if row is None:
        return None
    visit_id, outcome, reason, detail = row
    captures = captures_of(connection, visit_id)
    return VisitResult(host, captures, Outcome(outcome), Reason(reason), detail)
