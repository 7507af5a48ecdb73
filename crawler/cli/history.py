"""`optout history`: what public crawls took, and what robots.txt said then, into the database."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from analysis.numbers.lags import SMALLEST, Event
from analysis.numbers.lags import lags as measure
from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, print_json, reading, refusing
from crawler.cli.waves import JSON
from crawler.store.history import PublicCapture, Stored, names

if TYPE_CHECKING:
    from crawler.history.client import Service
    from crawler.history.index_files import IndexFile

WAVE = click.option("--wave", help="Wave whose panel of sites is meant.")
AS = click.option("--as", "as_", metavar="NAME", help="Name of the wave to make.")
_NETWORK = (
    click.option("--contact", envvar="OPTOUT_CONTACT", show_envvar=True,
                 help="Whom the archive may ask about us."),
    click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
                 help="Folder in which answers are kept."),
    click.option("--pause", type=click.FloatRange(0), default=None,
                 help="Seconds between requests [what each archive asks for]."),
    click.option("--cc-index", default="https://index.commoncrawl.org/", show_default=True),
    click.option("--cc-data", default="https://data.commoncrawl.org/", show_default=True),
    click.option("--wayback", default="https://web.archive.org/", show_default=True),
)  # fmt: skip
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


def NETWORK(command: Callable[..., None]) -> Callable[..., None]:  # noqa: N802 - as the others
    """Add who asks, how fast, and where the archives are."""
    for option in reversed(_NETWORK):
        command = option(command)
    return command


@click.group()
def history() -> None:
    """Load what public crawls took of sites, and the robots.txt that they saw.

    What is loaded are facts: captures of a host in a collection, and waves of past days. The
    indicators after_capture, locked_in and wasted_window read them.
    """


@history.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@DB
@DRY_RUN
@JSON
def import_(file: Path, db: Path, dry_run: bool, as_json: bool) -> None:
    """Load a CSV with the columns host, collection, first_seen, last_seen and pages.

    Anybody can make it from an index of a crawl; crawler/history/README.md has the SQL. A host in
    no row is one of which nothing is known; 0 pages say that the whole index was searched. Rows
    that are there already stay as they are, so the same file may be loaded again.
    """
    from crawler.history.captures_csv import read  # noqa: PLC0415
    from crawler.history.errors import HistoryError  # noqa: PLC0415

    with refusing(OSError, HistoryError):
        if dry_run:
            rows = sum(1 for _ in read(file))
            _tell(as_json, f"{file}: {rows} rows; nothing was written", rows=rows, dry_run=True)
            return
        _store(db, read(file), str(file), as_json)


@history.command()
@click.option("--index", "index", multiple=True, required=True, metavar="FILE|FOLDER|URL",
              help="The index (crawl=NAME/*.parquet), or the URL of a file or of a list of files"
                   " (.paths.gz); may repeat.")  # fmt: skip
@DB
@WAVE
@click.option("--collections", "listed", type=click.Path(path_type=Path, exists=True),
              help="The list of collections as a file (collinfo.json) [asked for].")  # fmt: skip
@click.option("--only", multiple=True, metavar="COLLECTION",
              help="Of all files those of this collection; may repeat.")  # fmt: skip
@click.option("--whole", is_flag=True,
              help="The files are all of the index: who is not in them has 0 pages.")  # fmt: skip
@NETWORK
@DRY_RUN
@JSON
def hosts(  # noqa: PLR0913, PLR0917
    index: tuple[str, ...],
    db: Path,
    wave: str | None,
    listed: Path | None,
    only: tuple[str, ...],
    whole: bool,
    dry_run: bool,
    as_json: bool,
    **network: Any,  # noqa: ANN401
) -> None:
    """Load from Common Crawl's host index how many pages of the panel's sites each crawl took.

    Every site is looked for with and without `www.`. A site that is in no file stays unknown,
    unless --whole says that the files are all there are. Of files at a URL only the columns and
    rows that are needed are asked for; --cache keeps them, so that a run that was broken off asks
    for nothing twice.
    """
    from crawler.history import commoncrawl, host_index  # noqa: PLC0415
    from crawler.history.errors import HistoryError  # noqa: PLC0415

    with refusing(OSError, HistoryError), ExitStack() as stack:
        if listed:
            known = commoncrawl.listed(str(listed), listed.read_bytes())
        else:
            known = commoncrawl.collections(stack.enter_context(_service(network, "cc_index")))
        by_name = {each.id: each for each in known}
        files = [
            file
            for file in _index_files(index, network, stack)
            if not only or host_index.collection_of(file, by_name).id in only
        ]
        if dry_run:
            size = sum(file.size() for file in files)
            told = f"{len(files)} files, {size} bytes; nothing was read"
            _tell(as_json, told, files=len(files), bytes=size, dry_run=True)
            return
        asked_for = list(names(_hosts(db, _named(wave))))
        account = host_index.Account()
        captures = host_index.read(files, asked_for, by_name, account, whole=whole)
        _store(db, captures, f"{len(files)} files", as_json)


def _index_files(
    index: Iterable[str], network: dict[str, Any], stack: ExitStack
) -> Iterator["IndexFile"]:
    from crawler.history import index_files  # noqa: PLC0415

    for where in index:
        if where.startswith(("https://", "http://")):
            server, _, path = where.partition("://")[2].partition("/")
            root = f"{where.partition('://')[0]}://{server}/"
            yield from index_files.there(stack.enter_context(_service(network, root)), path)
        else:
            yield from index_files.here(Path(where))


def _named(wave: str | None) -> str:
    if wave is None:
        raise Refusal("name with --wave the wave whose panel of sites is meant")
    return wave


def _hosts(db: Path, wave: str) -> list[str]:
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.facts import find_wave  # noqa: PLC0415
    from crawler.store.history import hosts_of_panel  # noqa: PLC0415

    with writing(db) as connection:
        return list(hosts_of_panel(connection, find_wave(connection, wave).panel_id))


def _service(network: dict[str, Any], name: str) -> "Service":
    """Make a client for one of the archives, or for files at a root, as the options say."""
    from crawler.history import commoncrawl, wayback  # noqa: PLC0415
    from crawler.history.client import Service  # noqa: PLC0415

    base, pause = {
        "cc_index": (network["cc_index"], commoncrawl.INDEX_PAUSE),
        "cc_data": (network["cc_data"], commoncrawl.DATA_PAUSE),
        "wayback_index": (network["wayback"], wayback.INDEX_PAUSE),
        "wayback_pages": (network["wayback"], wayback.PLAYBACK_PAUSE),
    }.get(name, (name, commoncrawl.DATA_PAUSE))
    if not network["contact"]:
        raise Refusal("say whom the archive may ask about us: --contact, or OPTOUT_CONTACT")
    given = network["pause"]
    return Service(
        base,
        pause=pause if given is None else given,
        contact=network["contact"],
        cache=network["cache"],
    )


@history.command()
@DB
@WAVE
@AS
@click.option("--collections", required=True, help="Collections, separated by commas.")
@click.option("--from", "source", type=click.Choice(["commoncrawl", "wayback"]),
              default="commoncrawl", show_default=True,
              help="Wayback: a collection is two days, as in 20240101-20240331.")  # fmt: skip
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder for the files of Parquet, one a collection.")  # fmt: skip
@NETWORK
@DRY_RUN
@JSON
def robots(  # noqa: PLR0913, PLR0917
    db: Path,
    wave: str | None,
    as_: str | None,
    collections: str,
    source: str,
    folder: Path,
    dry_run: bool,
    as_json: bool,
    **network: Any,  # noqa: ANN401
) -> None:
    """Ask an archive for the robots.txt of a panel's sites in past crawls; make a wave of each.

    For panels up to some thousands of sites: an archive is asked about a site a second, and whole
    crawls are read with `optout history warc`. Answers are kept in --cache, so that a run that
    was broken off asks for nothing twice. The waves are named after the collections, with --as
    and a hyphen before.
    """
    from crawler.history import robots_questions  # noqa: PLC0415
    from crawler.history.errors import HistoryError  # noqa: PLC0415

    names = [name for name in collections.split(",") if name]
    with refusing(OSError, HistoryError), ExitStack() as stack:
        sites = _hosts(db, _named(wave))
        first, second = (
            ("cc_index", "cc_data") if source == "commoncrawl"
            else ("wayback_index", "wayback_pages")
        )  # fmt: skip
        index = stack.enter_context(_service(network, first))
        data = stack.enter_context(_service(network, second))
        ask = robots_questions.ASK[source]
        if dry_run:
            told = f"{len(sites) * len(names)} questions to {index.base}, and the records that"
            _tell(as_json, f"{told} it tells of; nothing was asked",
                  questions=len(sites) * len(names), dry_run=True)  # fmt: skip
            return
        for name in names:
            found = robots_questions.write(ask, index, data, name, sites, folder / name, _progress)
            made = _past_wave(db, folder / name, _named(wave), f"{as_}-{name}" if as_ else name)
            told = f"{name}: {found} captures, {index.asked + data.asked} requests so far"
            _tell(as_json, told + _told_wave(made), captures=found,
                  requests=index.asked + data.asked, **made)  # fmt: skip


def _progress(done: int, of: int) -> None:
    click.echo(f"{done} of {of} sites", err=True)


@history.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder for the files of Parquet, one for each WARC file.")  # fmt: skip
@DB
@WAVE
@AS
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True,
              help="Files read at once.")  # fmt: skip
@DRY_RUN
@JSON
def warc(  # noqa: PLR0913, PLR0917
    files: tuple[Path, ...],
    folder: Path,
    db: Path,
    wave: str | None,
    as_: str | None,
    jobs: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read the robots.txt captures out of WARC FILES, such as Common Crawl's robotstxt subset.

    Every file is read once, and reading goes on after any stop. With --wave and --as the captures
    in the folder become a wave of that wave's panel, which is judged: give every crawl a folder
    of its own. A site without a capture there is unmeasured in it.

    Exit code 1: files were damaged; what is in them is not taken.
    """
    from crawler.history.errors import HistoryError  # noqa: PLC0415
    from crawler.history.robots_files import read_files  # noqa: PLC0415

    if (wave is None) is not (as_ is None):
        raise Refusal("--wave (whose panel) and --as (the new wave) go together")
    if dry_run:
        size = sum(file.stat().st_size for file in files)
        told = f"{len(files)} files, {size} bytes; nothing was read"
        _tell(as_json, told, files=len(files), bytes=size, dry_run=True)
        return
    read = again = problems = captures = 0
    with refusing(OSError, HistoryError):
        for number, file in enumerate(read_files(files, folder, jobs), start=1):
            read += not file.again and not file.problem
            again += file.again
            problems += bool(file.problem)
            captures += file.kept
            if file.problem:
                click.echo(safe_text(file.problem), err=True)
            if number % 100 == 0:
                click.echo(f"{number} of {len(files)} files, {captures} captures", err=True)
        told = f"{read} files read, {again} were read before, {problems} damaged:"
        document: dict[str, object] = {"files": read, "again": again, "damaged": problems}
        document["captures"] = captures
        made = _past_wave(db, folder, wave, as_) if wave and as_ else {}
    told += f" {captures} captures in {folder}"
    _tell(as_json, told + _told_wave(made), **document, **made)
    if problems:
        raise SystemExit(1)


def _past_wave(db: Path, folder: Path, wave: str, name: str) -> dict[str, object]:
    """Make a wave of the captures in a folder, and judge it."""
    from crawler.history.past_wave import make  # noqa: PLC0415
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.facts import find_wave  # noqa: PLC0415
    from crawler.wave.rejudge import judge_wave  # noqa: PLC0415

    with writing(db) as connection:
        panel_id = find_wave(connection, wave).panel_id
        made = make(connection, folder, name=name, panel_id=panel_id)
    return asdict(made) | {"ruleset": judge_wave(db, name).ruleset}


def _told_wave(made: dict[str, object]) -> str:
    if not made:
        return ""
    return (
        f"; wave {made['wave']}: {made['captured']} of {made['sites']} sites have a capture, from"
        f" {made['first']} to {made['last']}; judged by ruleset {made['ruleset']}"
    )


@history.command("lags")
@click.argument("agent", required=False)
@DB
@click.option("--wave", required=True, help="Wave whose panel and ruleset are meant.")
@click.option("--of", "event", type=click.Choice([each.value for each in Event]),
              default=Event.REFUSAL.value, show_default=True,
              help="What is waited for; list needs no AGENT.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@JSON
def lags(  # noqa: PLR0913, PLR0917
    agent: str | None, db: Path, wave: str, event: str, seed: int, as_json: bool
) -> None:
    """Measure how long sites took from the announcement of AGENT to refusing it by name.

    Over all waves that were judged as this one, those of past crawls among them. The day of a
    refusal lies between two looks at a site: `known` is what the looks alone say, from certainly
    to possibly; Turnbull's estimate and days take the looks for independent of the refusals; the
    last column takes the day on which it was first seen (Kaplan and Meier), which is too late.

    --of reversal: from the day on which a refusal by name was first seen to the day on which it
    was gone. --of list: from the day on which a file named at least ten agents and half of those
    on the public lists, to the day on which it named less than half of those listed by then.
    """
    if (agent is None) is not (event == Event.LIST):
        raise Refusal("name an AGENT for refusals and reversals, and none for lists")
    with reading(db) as connection:
        found = measure(connection, wave, agent, event=Event(event), seed=seed)
    if as_json:
        print_json(asdict(found))
        return
    of = "lists of agents" if agent is None else f"{agent}, announced {found.announced or '?'}"
    told = f"{of}: {found.changed} of {found.sites} sites {_CHANGED[found.event]}"
    gap = "none" if found.median_gap is None else f"{found.median_gap:g} days"
    told += f"; {found.left_out} are left out; median gap between looks around the change: {gap}"
    click.echo(safe_text(told))
    table = Table()
    for column in ("by day", "known", "Turnbull", "95 %", "first seen"):
        table.add_column(column, justify="right")
    for p in found.points:
        table.add_row(
            str(p.days),
            f"{p.certain:.1%} to {p.possible:.1%}",
            f"{p.low:.1%} to {p.high:.1%}",
            f"{p.low95:.1%} to {p.high95:.1%}",
            f"{p.km:.1%}",
        )
    Console().print(table)
    for share, bounds in found.quantiles.items():
        days = "not reached" if bounds is None else f"{bounds[0]:g} to {bounds[1]:g} days"
        click.echo(f"{float(share):.0%} of sites: {days}")
    if found.withheld:
        days = ", ".join(map(str, found.withheld))
        click.echo(f"withheld, fewer than {SMALLEST} sites under watch: day {days}")


_CHANGED = {
    Event.REFUSAL: "refuse it by name",
    Event.REVERSAL: "no longer refuse it by name",
    Event.LIST: "name less than half of the agents listed by then",
}


def _store(db: Path, captures: Iterable[PublicCapture], source: str, as_json: bool) -> None:
    """Write captures with the list of who uses the crawls; tell what came of it."""
    from crawler.history import users  # noqa: PLC0415
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.history import put_corpus_users, put_public_captures  # noqa: PLC0415

    stored = Stored()
    with writing(db) as connection:
        put_corpus_users(connection, users.load())
        for number, stored in enumerate(put_public_captures(connection, captures), start=1):
            if number % 100 == 0:
                click.echo(f"{stored.added} rows stored", err=True)
    told = f"{source}: {stored.added} rows added, {stored.same} there already"
    told += f", {stored.forgotten} of hosts that are forgotten" if stored.forgotten else ""
    if stored.differing:
        told += f"; {stored.differing} say otherwise than what is there, which stays:"
        told += f" {stored.first_differing}"
    _tell(as_json, told, source=source, **asdict(stored))


def _tell(as_json: bool, told: str, **document: object) -> None:
    if as_json:
        print_json(document)
    else:
        click.echo(safe_text(told))
