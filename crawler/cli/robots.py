"""`optout robots`: what a robots.txt says, what changed between two, and answers for scripts."""

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from analysis.safe_text import safe_text
from crawler.cli.ask import CONTACT, HOSTS, ask_robots, is_url
from crawler.cli.refusal import Refusal, print_json, refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.creator.explain import AgentView, Change, Explanation, OwnDay
    from crawler.model import Capture

READER = "rfc9309"
READERS = ("rfc9309", "google", "protego")
FORM = 'write one JSON object a line, {"body": ..., "agent": ..., "path": ...}'
PURPOSES = {
    "train": "training",
    "search": "search",
    "ai_input": "answers at the time of a question",
    "agent": "acting for a user",
    "dataset": "data sets that others train on",
    "undocumented": "nobody says what for",
    "other": "other ends",
}
TITLES = {
    "state": "The file itself",
    "agent-gained": "Kept out of more than before",
    "agent-lost": "Kept out of less than before",
    "exceptions-moved": "As much as before, but the start page changed sides",
    "basis-moved": "The same by other lines",
    "rules-moved": "Rules that only one of the files has",
    "path-moved": "Paths asked about",
    "statement-gone": "No longer said",
    "statement-new": "Newly said",
    "defect-mended": "Faults mended",
    "defect-new": "New faults",
    "authorship": "Who wrote it",
}


@click.command()
@click.argument("source", required=False)
@click.option("--agent", "agents", multiple=True, help="Only this crawler; may be repeated.")
@click.option(
    "--path", "paths", multiple=True, help="Also say who may fetch this path; repeatable."
)
@click.option(
    "--reader",
    type=click.Choice(READERS),
    default=READER,
    show_default=True,
    help="Whose reading to explain.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Also hold it against the community list of AI crawlers of this day.",
)
@click.option(
    "--diff", nargs=2, metavar="OLD NEW", help="What changed in meaning between two files."
)
@click.option(
    "--batch",
    type=click.File("rb"),
    is_flag=False,
    flag_value="-",
    help="Answer questions from an NDJSON file, by default from standard input.",
)
@HOSTS
@CONTACT
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def robots(
    source: str | None,
    diff: tuple[str, str] | None,
    batch: BinaryIO | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Explain the robots.txt SOURCE: a file, - for standard input, or a site's address.

    Who is kept out, by which line, of how much; where readers differ; which lines fail and
    how to mend them; who wrote them, as far as that can be told.

    With --batch each line is a question: {"body": TEXT or "body_base64": ..., "agent": TOKEN,
    "path": PATH, "reader": "rfc9309"}, and its answer one line:
    {"allowed": true, "line": null, "basis": "none"}. PATH may be a whole address. A line that
    is no question gets an answer with `error`, and the exit code is 2.
    """
    given = [each for each in (source, diff, batch) if each is not None]
    if len(given) != 1:
        raise Refusal("name one of: a file or an address, --diff OLD NEW, --batch [FILE]")
    asking = {name: options.pop(name) for name in ("hosts", "contact")}
    if batch is not None:
        answer_all(batch)
    elif diff is not None:
        if options["reader"] != READER or options["as_of"]:
            raise Refusal("--diff compares to the letter of RFC 9309: leave out --reader, --as-of")
        from crawler.creator.explain import changes  # noqa: PLC0415

        old, new = (_body(each, **asking) for each in diff)
        print_changes(
            changes(old, new, options["agents"], options["paths"]), as_json=options["as_json"]
        )
    else:
        print_explanation(_body(str(source), **asking), **options)


def print_explanation(  # noqa: PLR0913 - the options of the command
    body: bytes,
    agents: tuple[str, ...],
    paths: tuple[str, ...],
    reader: str,
    as_of: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Write what a file says, for a person or as one JSON object."""
    from crawler.creator.explain import explain  # noqa: PLC0415

    with refusing(ValueError):
        found = explain(body, agents, paths, reader, as_of.date() if as_of else None)
    if as_json:
        authors = [span._asdict() for span in found.authors]
        print_json(asdict(found) | {"authors": authors})
        return
    for line in _explained(found):
        click.echo(safe_text(line))


def answer_all(batch: BinaryIO) -> None:
    """Write one answer for every question, in order; what is none gets one that says why.

    Exit code 2 if there was any such line: the others are answered all the same.
    """
    from crawler.signals import robots_access  # noqa: PLC0415

    refused = False
    for number, line in enumerate(batch, start=1):
        if not line.strip():
            continue
        try:
            answer = robots_access.answer(*_question(line))
        except (ValueError, RecursionError) as error:
            refused = True
            told = f"line {number}: {error}"
            click.echo(safe_text(told), err=True)
            print_json({"allowed": None, "line": None, "basis": None, "error": told})
        else:
            print_json({"allowed": answer.allowed, "line": answer.line, "basis": answer.basis})
    if refused:
        raise SystemExit(Refusal.exit_code)


def _question(line: bytes) -> tuple[bytes, str, str, str]:
    """Read body, agent, path and reader; a ValueError says what is wrong."""
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not a question ({error}): {FORM}") from error
    if not isinstance(asked, dict):
        raise ValueError(f"not a question: {FORM}")  # noqa: TRY004 - the one error of this function
    texts = {"path": "/", "reader": READER} | asked
    body = "body_base64" if "body_base64" in asked else "body"
    for name in (body, "agent", "path", "reader"):
        if not isinstance(texts.get(name), str):
            raise ValueError(f"not a question: {name} is not a text: {FORM}")  # noqa: TRY004
    if texts["reader"] not in READERS:
        known = ", ".join(READERS)
        raise ValueError(f"unknown reader {texts['reader']!r}: write one of {known}")
    return (
        _octets(texts[body], encoded=body != "body"),
        texts["agent"],
        texts["path"],
        texts["reader"],
    )


def _octets(text: str, *, encoded: bool) -> bytes:
    if not encoded:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"not a question: body_base64: {error}: {FORM}") from error


def _body(source: str, hosts: Path | None, contact: str | None) -> bytes:
    """Read a file, standard input or the robots.txt of an address."""
    if source == "-":
        return sys.stdin.buffer.read()
    if is_url(source):
        return _content(ask_robots(source, hosts, contact))
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise Refusal(f"{source}: {error.strerror}; a site is written https://...") from error


def _content(capture: "Capture") -> bytes:
    """Give the body of a good answer; any other one ends the command, and says what it means."""
    from crawler.answers import Answer, classify  # noqa: PLC0415

    answer = classify(capture)
    if answer is Answer.CONTENT:
        return capture.body
    told = capture.failure or capture.status
    meaning = (
        "there is no robots.txt, so nobody is kept out by it"
        if answer is Answer.MISSING
        else "what the site says is unknown; that is not a permission"
    )
    click.echo(safe_text(f"{capture.final_url}: {told}: {meaning}"), err=True)
    raise SystemExit(1)


def _explained(found: "Explanation") -> Iterator[str]:
    """Write an explanation for a person, line by line."""
    from crawler.creator.explain import words  # noqa: PLC0415

    yield f"State: {found.state}; {found.octets} bytes, {found.groups} groups of rules."
    yield f"Read as: {found.reader}."
    for span in found.authors:
        shown = f" ({span.marker})" if span.marker else ""
        yield f"Lines {span.first_line}-{span.last_line} come from {span.author}{shown}."
    yield ""
    others = found.everybody
    yield f"Crawlers that are not named: {words(others.decision)}{_ground(others)}"
    yield from _paths(others)
    for view in found.agents:
        yield ""
        yield from _agent(view)
    if found.own_day:
        yield ""
        yield from _own_day(found.own_day)
    if found.faults:
        yield ""
        yield "What fails, or may fail:"
    for fault in found.faults:
        place = f"line {fault.line}: {fault.quote}" if fault.line else "the whole file"
        yield f"  {place}"
        yield f"    [{fault.code}, {fault.severity}] {fault.effect}"
        yield f"    Why: {fault.explanation}"
        yield f"    Mend: {fault.mend}"


def _own_day(own: "OwnDay") -> Iterator[str]:
    """Hold the file against the list of a day."""
    yield f"Against the list of AI crawlers ai.robots.txt of {own.day}:"
    if own.day > own.known_until:
        yield f"  (known to us until {own.known_until}; that state is taken)"
    share = f"{own.staleness:.0%} do not"
    yield f"  {own.named} of its {own.listed} names have rules of their own ({share});"
    yield f"  {own.kept_out} are kept from the start page, by name or as everybody."
    if own.missing:
        yield f"  Missing: {', '.join(own.missing)}"
    if own.debt:
        yield f"  Listed since and missing: {', '.join(own.debt)}"
    if own.half_life is not None:
        yield f"  Copies older than {own.half_life} days held less than half of that list."
    if own.most_like:
        day, alike = own.most_like
        yield f"  The names are most like the list of {day} (similarity {alike:.0%})."


def _agent(view: "AgentView") -> Iterator[str]:
    from crawler.creator.explain import words  # noqa: PLC0415

    ends = ", ".join(PURPOSES.get(purpose, purpose) for purpose in view.purposes)
    yield f"{view.token} ({view.operator or 'operator unknown'}; {ends or 'purpose unknown'})"
    yield f"  {words(view.decision)}{_ground(view)}"
    if not view.is_token:
        yield "  Not a product token of RFC 9309: readers that cut names look for another one"
    if view.vendor:
        rule, told = view.vendor.rule, view.vendor.decision
        line = f" (line {told.line}: {told.rule_text})" if told.line else ""
        yield f"  By its operator's own rule it follows {rule.to}: {words(told)}{line}"
        yield f"    No reader applies that. Source: {rule.source}"
    if view.readers:
        parts = ", ".join(f"{reader}: {root}" for reader, root in view.readers.items())
        yield f"  Readers differ about the start page: {parts}"
    yield from _paths(view)


def _ground(view: "AgentView") -> str:
    """Say by which part of the file, and by which line."""
    from crawler.creator.explain import basis_words  # noqa: PLC0415

    line = f" (line {view.decision.line}: {view.decision.rule_text})" if view.decision.line else ""
    return f", {basis_words(view.decision)}{line}"


def _paths(view: "AgentView") -> Iterator[str]:
    for answer in view.paths:
        verb = {True: "may fetch", False: "may not fetch", None: "unknown:"}[answer.allowed]
        line = f" (line {answer.line}: {answer.quote})" if answer.line else ""
        yield f"  {verb} {answer.path}{line}"


def print_changes(found: "Sequence[Change]", *, as_json: bool) -> None:
    """Write what changed in meaning, under one heading for each kind of change."""
    if as_json:
        print_json({"changes": [asdict(change) for change in found]})
        return
    if not found:
        click.echo("Nothing changed in meaning.")
    title = ""
    for change in sorted(found, key=lambda change: list(TITLES).index(change.kind)):
        if title != TITLES[change.kind]:
            title = TITLES[change.kind]
            click.echo(f"{title}:")
        one_sided = change.kind == "rules-moved"
        parts = " -> ".join(p or "none" for p in (change.before, change.after) if p or one_sided)
        name = "crawlers that are not named" if change.subject == "*" else change.subject
        click.echo(safe_text(f"  {name}: {parts}"))
