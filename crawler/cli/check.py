"""`optout check`: one screen on what a site says about AI, and what to do; the rest if asked."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from analysis.safe_text import safe_text
from crawler.cli.ask import CONTACT, contact_of
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

LANG = click.option(
    "--lang", type=click.Choice(["en", "de", "fr"]), default="en", show_default=True,
    help="Language of the first screen; German and French are not reviewed.",
)  # fmt: skip
WIDTH = 96
"""Columns of a line; longer sentences go on in the next."""

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
@click.option("--full", is_flag=True, help="Tell everything, company by company, with all texts.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the files to upload here.")
@LANG
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
def check(  # noqa: PLR0913 - one for each option
    sources: tuple[str, ...], *, html: Path | None, as_json: bool, reply_to: str | None,
    history: Path | None, full: bool, out: Path | None, lang: str,
    **options: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Tell what a site says about AI, who is asked to stay away, what fails, and how to mend it.

    A source is a site (example.org), a folder or zip as you would upload it, one of its files
    (robots.txt, a page), or a saved answer (.http). A site is asked for what a survey asks for,
    if its robots.txt lets us. Files are looked at where they lie, and nothing is sent anywhere.

    The mend says no to training and answers unless your site says otherwise; search stays as it
    is, and no permission is written that you do not ask for: --train, --search, --ai-input.
    """
    from crawler.creator.advice import advise  # noqa: PLC0415
    from crawler.creator.generate import WishError  # noqa: PLC0415
    from crawler.creator.wording import say, speaking  # noqa: PLC0415

    if (html or out) is not None and len(sources) > 1:
        raise Refusal(f"--{'html' if html else 'out'} writes for one site: name one site")
    wishes = _wishes(options)
    with speaking(lang):
        for source in sources:
            visited, lost = _visit(source, options)
            with refusing(WishError):
                advice = advise(visited, wishes, reply_to)
            advice = replace(advice, notes=(*lost, *advice.notes))
            if html is not None:
                _write(html, advice)
            if out is not None:
                _write_files(out, advice)
            past = _past(history, visited) if history else ()
            if as_json:
                print_json(asdict(advice) | ({"history": past} if history else {}))
                continue
            shown = told(advice) if full else first_screen(advice, source, lost)
            for line in (*shown, *(("", *past) if past else ())):
                click.echo(safe_text(line))
            if full:
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


def _visit(source: str, options: Mapping[str, Any]) -> "tuple[VisitResult, tuple[str, ...]]":
    """Visit a site or read files, and say which files nobody will find."""
    path = Path(source)
    if "://" not in source and path.exists():
        return _saved(path, options["url"])
    if "://" not in source and looks_like_path(source):
        from crawler.creator.wording import say  # noqa: PLC0415

        raise Refusal(say("cli.no_file", text=source))
    return asyncio.run(_asked(source, options)), ()


def looks_like_path(source: str) -> bool:
    """Whether a text that names no file here was meant for one, and not for a site."""
    ends = (".txt", ".html", ".htm", ".json", ".xml", ".zip", ".http")
    return "\\" in source or source.startswith(("/", ".", "~")) or source.lower().endswith(ends)


def _saved(path: Path, url: str | None) -> "tuple[VisitResult, tuple[str, ...]]":
    from crawler.checker.checks import AskError, Site  # noqa: PLC0415
    from crawler.checker.saved import (  # noqa: PLC0415
        UNNAMED,
        SavedError,
        folder,
        misplaced,
        packed,
        response,
    )  # fmt: skip

    with refusing(AskError):
        host = Site.parse(url).host if url else None
    try:
        with refusing(SavedError):
            if path.is_dir():
                visited = folder(path, host)
            elif path.suffix.lower() == ".zip":
                visited = packed(path, host)
            else:
                visited = response(path, url or f"https://{UNNAMED}/")
            return visited, tuple(misplaced(path))
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from error


async def _asked(source: str, options: Mapping[str, Any]) -> "VisitResult":
    from crawler.checker.checks import AskError, Site  # noqa: PLC0415

    with refusing(AskError):
        site = Site.parse(source)
    checker = checker_of({**options, "contact": contact_of(options)})
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


def _write_files(folder: Path, advice: "Advice") -> None:
    """Write the texts of the steps as they are to be uploaded; none is overwritten."""
    needed = {name for step in advice.screen.steps for name in step.files}
    for piece in advice.pieces:
        if piece.name in needed:
            place = folder / (piece.path or piece.name).lstrip("/")
            if place.exists():
                raise Refusal(f"{place}: is there already: name another folder")
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(piece.text.encode())
            except OSError as error:
                raise Refusal(f"{place}: cannot be written: {error.strerror}") from error
            click.echo(f"{place}: {piece.where}", err=True)


def first_screen(advice: "Advice", source: str, lost: tuple[str, ...] = ()) -> Iterator[str]:
    """Write the first screen: at most 40 lines of WIDTH columns."""
    from crawler.creator.wording import say  # noqa: PLC0415

    shown = advice.screen
    yield f"{advice.site}: {shown.word}"
    yield from _wrapped(shown.answer)
    for line in lost:
        yield from _wrapped(line)
    if shown.light == "unread":
        yield from _wrapped(shown.then)
        return
    for line in shown.reached:
        yield from _wrapped(line, "  ")
    if shown.broken:
        yield from ("", f"{say('screen.headings.broken')}:")
        for line in shown.broken:
            yield from _wrapped(line, "  - ")
    if shown.steps:
        yield from ("", f"{say('screen.headings.steps')}:")
    for number, step in enumerate(shown.steps, 1):
        yield from _wrapped(step.title, f"  {number}. ")
        yield from _wrapped(step.how, "     ")
    yield ""
    if not shown.steps:
        yield from _wrapped(shown.then)
    else:
        yield say("cli.again", source=source)
        if any(step.files for step in shown.steps):
            yield say("cli.out", source=source)
    yield say("cli.full", source=source)


def _wrapped(text: str, lead: str = "") -> list[str]:
    return wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead),
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


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
