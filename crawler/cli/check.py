"""`optout check`: what a site says about AI, to whom, what fails, and how to mend it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.safe_text import safe_text
from crawler.cli.ask import CONTACT
from crawler.cli.refusal import Refusal, print_json, reading, refusing

if TYPE_CHECKING:
    from crawler.checker.checks import Checker
    from crawler.creator.advice import Advice, Evidence, Piece
    from crawler.model import Preference, Purpose
    from crawler.visit.result import VisitResult

WISH = click.Choice(["yes", "no", "conditional"])
HOSTS = click.option(
    "--hosts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Hosts file, for a web on this machine.",
)
DELAY = click.option(
    "--delay", type=click.FloatRange(0), default=1.0, show_default=True,
    help="Seconds between requests to one domain.",
)  # fmt: skip
TIMEOUT = click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), default=20.0, show_default=True,
    help="Seconds for one request.",
)  # fmt: skip

DO_NOT_SURVEY = click.option(
    "--do-not-survey",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="List of hosts and networks that are never asked.",
)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SITE_OR_FILE...")
@click.option("--train", type=WISH, help="What you want of training AI models.")
@click.option("--search", type=WISH, help="What you want of search.")
@click.option("--ai-input", type=WISH, help="What you want of answers that AI systems give.")
@click.option("--reply-to", help="For terms: mailto:you@example.org or a web address.")
@click.option("--url", help="Address of what is in a file or folder.")
@click.option("--html", type=click.Path(path_type=Path), help="Write one page to keep or send.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each site.")
@click.option(
    "--history",
    is_flag=False,
    flag_value="survey.db",
    type=click.Path(path_type=Path),
    metavar="[DB]",
    help="Tell what public crawls took of the site, from a database that was given it"
    " (optout history); write it after the site. [survey.db]",
)
@HOSTS
@CONTACT
@DELAY
@TIMEOUT
@DO_NOT_SURVEY
def check(
    sources: tuple[str, ...], html: Path | None, as_json: bool, reply_to: str | None,
    history: Path | None,
    **options: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Tell what a site says about AI, who is asked to stay away, what fails, and how to mend it.

    A source is a site (example.org), a folder as you would upload it, or a saved answer
    (.http). A site is asked for what a survey asks for, if its robots.txt lets us. Files are
    looked at where they lie, and nothing is sent anywhere.

    The mend says what the site says already, and where that is nothing: no training, no
    answers, but search. Name other wishes with --train, --search and --ai-input.
    """
    from crawler.creator.advice import advise  # noqa: PLC0415
    from crawler.creator.generate import WishError  # noqa: PLC0415
    from crawler.creator.wording import say  # noqa: PLC0415

    if html is not None and len(sources) > 1:
        raise Refusal("--html writes one page: name one site")
    wishes = _wishes(options)
    for visited in _visits(sources, options):
        with refusing(WishError):
            advice = advise(visited, wishes, reply_to)
        if html is not None:
            _write(html, advice)
        past = _past(history, visited) if history else ()
        if as_json:
            print_json(asdict(advice) | ({"history": past} if history else {}))
            continue
        for line in (*told(advice), *(("", *past) if past else ())):
            click.echo(safe_text(line))
        click.echo(f"\n{say('cli.wishes')}")


def _past(db: Path, visited: "VisitResult") -> tuple[str, ...]:
    from crawler.history.of_site import told as told_of  # noqa: PLC0415

    if visited.host is None:
        raise Refusal("--history is about a site: give its address with --url")
    with reading(db) as connection:
        return told_of(connection, visited.host)


def _wishes(options: Mapping[str, Any]) -> "dict[Purpose, Preference]":
    from crawler.creator.generate import NO, TERMS, YES  # noqa: PLC0415
    from crawler.model import Purpose  # noqa: PLC0415

    values = {"yes": YES, "no": NO, "conditional": TERMS}
    return {p: values[options[p.value]] for p in Purpose if options[p.value]}


def _visits(sources: tuple[str, ...], options: Mapping[str, Any]) -> "Iterator[VisitResult]":
    for source in sources:
        path = Path(source)
        if "://" not in source and path.exists():
            yield _saved(path, options["url"])
        else:
            yield asyncio.run(_asked(source, options))


def _saved(path: Path, url: str | None) -> "VisitResult":
    from crawler.checker.checks import AskError, Site  # noqa: PLC0415
    from crawler.checker.saved import UNNAMED, folder, response  # noqa: PLC0415

    with refusing(AskError):
        host = Site.parse(url).host if url else None
    try:
        if path.is_dir():
            return folder(path, host)
        return response(path, url or f"https://{UNNAMED}/")
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from error


async def _asked(source: str, options: Mapping[str, Any]) -> "VisitResult":
    from crawler.checker.checks import AskError, Site  # noqa: PLC0415

    with refusing(AskError):
        site = Site.parse(source)
    checker = checker_of(options)
    try:
        with refusing(AskError):
            return await checker.visit(site, lambda url: click.echo(safe_text(url), err=True))
    finally:
        await checker.close()


def checker_of(options: Mapping[str, Any]) -> "Checker":
    """Make ready what visits sites, inside an event loop; raises Refusal for bad options."""
    from crawler.checker.checks import AskError, Checker  # noqa: PLC0415
    from crawler.fetch.address_guard import HostsFile  # noqa: PLC0415
    from crawler.panel.exclusions import DoNotSurvey  # noqa: PLC0415

    with refusing(AskError, ValueError, OSError):
        hosts = HostsFile.read(options["hosts"]) if options["hosts"] else None
        return Checker(
            hosts, options["contact"], delay=options["delay"], timeout=options["timeout"],
            exclusions=DoNotSurvey(options["do_not_survey"]),
        )  # fmt: skip


def _write(path: Path, advice: "Advice") -> None:
    from crawler.checker.page import advice_page  # noqa: PLC0415

    try:
        path.write_text(advice_page(advice, inline=True), encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from error


def told(advice: "Advice") -> Iterator[str]:
    """Write advice for a terminal, line by line."""
    from crawler.checker.page import wish_words  # noqa: PLC0415
    from crawler.creator.wording import plain, say  # noqa: PLC0415

    yield advice.site
    yield ""
    yield advice.answer
    yield from advice.notes
    yield from _head("uses", say("intro.uses"))
    for use in advice.uses:
        yield f"  {use.title}: {use.words}"
        yield from (f"    {_shown(each)}" for each in use.evidence)
    yield from _head("operators", say("intro.operators"))
    yield from _operators(advice)
    yield from _head("failing", "" if advice.failing else say("intro.failing_none"))
    for fault in advice.failing:
        yield f"  {plain(fault.title)}"
        yield from (f"    {_shown(each)}" for each in fault.evidence)
        yield f"    {plain(fault.effect)} {plain(fault.why)}"
        yield f"    {say('labels.mend')} {plain(fault.mend)}"
    yield from _head("against", "" if advice.against else say("intro.against_none"))
    for each in advice.against:
        yield f"  {each.title}: {_shown(each.one)}"
        yield f"    but: {_shown(each.other)}"
    if advice.works:
        yield from _head("works", say("intro.works"))
        yield from (f"  {each}" for each in advice.works)
    yield from _head("missing", "" if advice.missing else say("intro.missing_none"))
    yield from (f"  {each}" for each in advice.missing)
    yield from _head("cannot")
    yield from (f"  {each}" for each in advice.cannot)
    yield from _head("mend", wish_words(advice.wish))
    yield from (f"  {each}" for each in (*advice.mend_notes, *advice.settings, *advice.removals))
    yield from _pieces(advice)
    yield from _head("limits")
    yield from (f"  {each}" for each in advice.limits)
    yield from _head("glossary")
    yield from (f"  {word}: {means}" for word, means in advice.glossary)


def _head(key: str, intro: str = "") -> Iterator[str]:
    from crawler.creator.wording import say  # noqa: PLC0415

    title = say(f"headings.{key}")
    yield from ("", title, "-" * len(title))
    if intro:
        yield intro


def _shown(evidence: "Evidence") -> str:
    return f'"{evidence.quote}" ({evidence.where})' if evidence.quote else evidence.where


def _operators(advice: "Advice") -> Iterator[str]:
    from crawler.creator.wording import say  # noqa: PLC0415

    for operator in advice.operators:
        yield f"  {operator.name}"
        for ask in operator.asks:
            ends = "; ".join(say(f"titles.{purpose}") for purpose in ask.purposes)
            yield f"    {ends}: {ask.words}."
            if ask.evidence:
                yield f"      {_shown(ask.evidence)}"
            if ask.obeys:
                yield f"      {ask.obeys}"
        for each in operator.reads:
            dated = "; ".join(part for part in (each.dated, each.note) if part)
            yield f"    {each.family}: {each.words}{f' ({dated})' if dated else ''}"


def _pieces(advice: "Advice") -> Iterator[str]:
    """All texts; of those for web servers the one that is needed, or the list of them."""
    from crawler.creator.wording import say  # noqa: PLC0415

    servers = [piece for piece in advice.pieces if piece.server]
    for piece in advice.pieces:
        if not piece.server:
            yield from _piece(piece)
    if servers:
        yield from ("", f"{say('pieces.headers')}: {say('mend.server')}")
    if advice.server:
        yield say("mend.detected", server=advice.server)
    for piece in servers:
        if advice.server in (None, piece.server):
            yield from _piece(piece)
    if not advice.pieces and not advice.removals:
        yield say("intro.mend_none")


def _piece(piece: "Piece") -> Iterator[str]:
    yield from ("", f"----- {piece.server or piece.name} -----", f"{piece.what} {piece.where}", "")
    yield from piece.text.splitlines()
