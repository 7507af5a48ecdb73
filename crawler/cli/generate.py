"""`optout generate`: a creator's wishes to files, with what each does and cannot do."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.safe_text import safe_text
from crawler.cli.refusal import Refusal, print_json, refusing

if TYPE_CHECKING:
    from crawler.creator.generate import File, Plan, Statement
    from crawler.registry.honours import Family, Row

WISH = click.Choice(["yes", "no", "conditional"])
GUIDE = "READ-ME.txt"
QUESTIONS = {
    "train": "May AI models be trained on it?",
    "search": "May it be found by searching?",
    "ai_input": "May AI systems answer questions with it?",
}
IN_WORDS = {
    "nobody but search": ("no", "yes", "no"),
    "only search": ("no", "yes", "no"),
    "everything off": ("no", "no", "no"),
    "nothing": ("no", "no", "no"),
    "no training": ("no", "", ""),
    "no ai": ("no", "", "no"),
    "everything": ("yes", "yes", "yes"),
}
"""Wishes in words: the answers to QUESTIONS, empty where nothing is said."""
LIMITS = (
    "Copies that were collected before today stay collected.",
    "Whoever does not obey these files is not stopped by them: they are requests, no locks.",
    "Reposts of your work on other sites follow the files of those sites, not yours.",
    "What the files mean in law, in your country or another, is not said here.",
)

STANDS = {
    "documented": "Documented by the operator",
    "partly": "In part",
    "announced": "Announced",
    "enforces": "Enforced for its customers",
    "endorsed": "Welcomed, but not said to be read",
    "contested": "In dispute",
    "stated-not": "Said not to be read",
    "not-read": "Not read",
    "declined": "Asked, gave no answer",
    "no-statement": "No statement",
    "nothing-found": "No word on it found",
}
"""What is known of an operator (`crawler.registry.honours.Stand`), in plain words."""


@click.command()
@click.argument("words", nargs=-1, metavar="[WISH]")
@click.option("--train", type=WISH, help="May AI models be trained on it?")
@click.option("--search", type=WISH, help="May it be found by searching?")
@click.option("--ai-input", type=WISH, help="May AI systems answer questions with it?")
@click.option("--folder", "folders", multiple=True, help="Only for this folder, such as /art/.")
@click.option("--pictures", is_flag=True, help="Only for pictures.")
@click.option("--agent", "only", multiple=True, help="Only for this crawler, such as GPTBot.")
@click.option("--contact", help="Who may be asked: mailto:you@example.org or a web address.")
@click.option("--policy-url", help="Your own page of terms, if you have one: https://...")
@click.option("--site", help="The name of your web site, example.org; files can then name it.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use the crawlers known on this day; by default the newest list here.",
)
@click.option("--merge", type=Path, help="Your present robots.txt, to be added to.")
@click.option("--out", type=Path, help="Write the files into this folder; none is overwritten.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def generate(
    as_json: bool, out: Path | None, words: tuple[str, ...], **options: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Write the files that say what AI systems may do with your work.

    A WISH is in words: "nobody but search", "everything off", "no training". Or answer three
    questions, here or when asked: `yes` and `no` are plain; `conditional` is "ask me first", and
    needs a --contact. What you do not speak about stays as it is.

    An illustrator who wants to be found, but not trained on:

      optout generate --train no --search yes --ai-input no --site example.org

    The same, added to a robots.txt that exists, into a folder:

      optout generate --train no --search yes --ai-input no --merge robots.txt --out files

    Nothing is sent anywhere: you put the files on your site yourself. For each one the output
    says what it does, where it goes, who says that they read it, and what it cannot do.
    """
    from crawler.creator.generate import WishError, plan  # noqa: PLC0415
    from crawler.creator.robots_edit import MergeError  # noqa: PLC0415

    existing = options.pop("merge")
    options |= _wished(" ".join(words), options)
    with refusing(WishError):
        statement = _statement(**options)
        try:
            found = plan(statement, _read(existing))
        except MergeError as error:
            raise Refusal(f"{existing}: nothing is added: {error}") from error
    if out is not None:
        _write(out, found, statement)
    if as_json:
        print_json(_as_json(found, statement))
        return
    for line in _guide(found, statement):
        click.echo(safe_text(line))
    if out is None:
        for file in found.files:
            click.echo(f"\n----- {file.name} -----")
            for line in file.text.decode("utf-8", "replace").splitlines():
                click.echo(safe_text(line))


def _wished(words: str, options: dict[str, Any]) -> dict[str, str]:
    """The three answers: of words, of options, or asked for where there are neither."""
    given = {name: options[name] for name in QUESTIONS if options[name]}
    plain = " ".join(words.lower().replace(",", " ").split())
    if plain and plain not in IN_WORDS:
        known = "; ".join(IN_WORDS)
        raise Refusal(f"{words}: type one of these: {known}; or --train, --search, --ai-input")
    if plain:
        return dict(zip(QUESTIONS, IN_WORDS[plain], strict=True)) | given
    if not given and (options["only"] or options["folders"] or options["pictures"]):
        return {"train": "no", "ai_input": "no"}
    if given:
        return given
    asked = {
        name: click.prompt(question, type=click.Choice([*WISH.choices, "skip"]), default="skip")
        for name, question in QUESTIONS.items()
    }
    found = {name: value for name, value in asked.items() if value != "skip"}
    if not found:
        raise Refusal("nothing is wished: answer at least one question")
    if "conditional" in found.values() and not options["contact"]:
        options["contact"] = click.prompt("Who may be asked (mailto:you@example.org)?")
    return found


def _statement(  # noqa: PLR0913 - one for each option
    *, as_of: datetime | None, site: str | None, contact: str | None, policy_url: str | None,
    folders: tuple[str, ...], pictures: bool, only: tuple[str, ...], **wishes: str,
) -> "Statement":  # fmt: skip
    from crawler.creator.generate import (  # noqa: PLC0415
        AS_IS,
        NO,
        PICTURES,
        TERMS,
        YES,
        Statement,
    )
    from crawler.hosts import HostError, normalise  # noqa: PLC0415
    from crawler.model import Purpose  # noqa: PLC0415
    from crawler.registry import timeline  # noqa: PLC0415

    values = {"yes": YES, "no": NO, "conditional": TERMS}
    try:
        host = normalise(site).ascii if site else None
    except HostError as error:
        raise Refusal(f"--site {site}: {error}") from error
    return Statement(
        {p: values[wishes[p.value]] if wishes.get(p.value) else AS_IS for p in Purpose},
        as_of.date() if as_of else timeline.last_day(),
        contact,
        policy_url,
        host,
        paths=(*(f"/{folder.strip('/')}/" for folder in folders), *(PICTURES if pictures else ())),
        only=only,
    )


def _read(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path}: cannot be read: {error.strerror}") from error


def _write(folder: Path, found: "Plan", statement: "Statement") -> None:
    """Write all files and the guide, or none."""
    guide = "\n".join(_guide(found, statement)).encode() + b"\n"
    texts = {file.name: file.text for file in found.files} | {GUIDE: guide}
    for name in texts:
        if (folder / name).exists():
            raise Refusal(f"{folder / name}: is there already: name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written: {error.strerror}") from error


def _guide(found: "Plan", statement: "Statement") -> Iterator[str]:
    """Say everything that a person needs to know, line by line."""
    from crawler.creator.generate import TITLES, reach  # noqa: PLC0415

    words = {"allowed": "yes", "disallowed": "no", "conditional": "conditional",
             "unstated": "as it is now"}  # fmt: skip
    wishes = (f"{TITLES[p]}: {words[v]}" for p, v in statement.wish.items())
    yield f"Your wishes: {'; '.join(wishes)}."
    read: dict[Family, None] = {}
    for file in found.files:
        yield ""
        yield f"{file.name}: {file.what}"
        yield f"  Where: {file.where}"
        families = reach(file, statement.wish)
        yield f"  Reaches whoever reads: {', '.join(family.title for family in families)}."
        read |= dict.fromkeys(families)
        for gap in file.gaps:
            yield f"  Cannot: {gap}"
    if found.unsaid:
        yield ""
        yield from found.unsaid
    yield ""
    yield "Who reads them, as far as it is known:"
    for family in read:
        yield f"  {family.title}"
        yield from _readers(family)
    yield ""
    yield from _crawlers(found)
    yield from _merging(found)
    yield ""
    yield from _ageing(found, statement.as_of)
    yield ""
    yield "What none of this can do:"
    for limit in _limits(found):
        yield f"  {limit}"


def _readers(family: "Family") -> Iterator[str]:
    """Each operator of whom something is known, under what is known."""
    for stand, words in STANDS.items():
        rows = [row for row in family.rows if row.value == stand]
        if rows:
            yield f"    {words}: {'; '.join(_operator(row) for row in rows)}"


def _operator(row: "Row") -> str:
    told = [row.note] if row.note else []
    told += [] if row.verified else ["unverified"]
    return f"{row.operator} ({', '.join(told)})" if told else row.operator


def _crawlers(found: "Plan") -> Iterator[str]:
    from crawler.creator.generate import TITLES, YES  # noqa: PLC0415

    closed = [c for c in found.choices if c.preference is not YES]
    yield f"Crawlers kept out by robots.txt: {len(closed)}."
    for choice in found.mixed:
        reasons = ", ".join(choice.agent.purposes)
        yield (
            f"  {choice.agent.token} fetches for several ends ({reasons}), which you wish"
            f" differently: kept out, because of {TITLES[choice.purpose]}."
        )
    if found.unaddressable:
        yield f"  Names that robots.txt cannot address safely: {', '.join(found.unaddressable)}."
    if found.left:
        yield f"  Left alone, since your wishes do not speak about them: {', '.join(found.left)}."
    for token, reader in found.merged.unreached:
        yield f"  Not as wished: {token}, by the reader {reader}."


def _merging(found: "Plan") -> Iterator[str]:
    merged = found.merged
    for title, lines in (
        ("Let in by groups of their own", merged.opened),
        ("Got a copy of the rules they had", merged.shielded),
        ("Lines of your file that gave way", merged.removed),
        ("Lines of your file that speak for themselves, kept", merged.kept),
    ):
        if lines:
            yield f"{title}: {'; '.join(lines)}"
    for mend in found.mends:
        place = f"line {mend.line} ({mend.quote})" if mend.line else "the whole file"
        yield f"A fault in your file, {place}: {mend.effect} Mend: {mend.mend}"


def _ageing(found: "Plan", as_of: date) -> Iterator[str]:
    for aged in found.aged:
        yield (
            f"Of the {aged.names} names on the list of {aged.day}, a copy made {aged.months}"
            f" months earlier held {aged.share:.0%}."
        )
    for aged in found.aged[:1]:
        if aged.half_life is not None:
            yield f"A copy older than {aged.half_life} days held less than half of them."
        if as_of > aged.day:
            yield f"What changed between {aged.day} and {as_of} is not known here."
    yield "So repeat this a few times a year: new names are kept out by no older file."


def _limits(found: "Plan") -> Iterator[str]:
    from crawler.registry.agents import Honours  # noqa: PLC0415

    if deaf := found.deaf(Honours.NO):
        yield f"Said not to obey robots.txt (unverified): {', '.join(deaf)}."
    if asked := found.deaf(Honours.USER_TRIGGERED_IGNORES):
        yield (
            "Do not apply robots.txt to what a person asks them to fetch, by their operators'"
            f" accounts: {', '.join(asked)}."
        )
    yield from LIMITS


def _as_json(found: "Plan", statement: "Statement") -> dict[str, Any]:
    from crawler.creator.generate import YES, reach  # noqa: PLC0415

    return {
        "wish": dict(statement.wish),
        "as_of": str(statement.as_of),
        "files": [_file(file, reach(file, statement.wish)) for file in found.files],
        "unsaid": found.unsaid,
        "kept_out": [c.agent.token for c in found.choices if c.preference is not YES],
        "mixed": [c.agent.token for c in found.mixed],
        "unaddressable": found.unaddressable,
        "left_alone": found.left,
        "merge": {
            name: getattr(found.merged, name)
            for name in ("closed", "opened", "shielded", "removed", "kept", "unreached")
        },
        "mends": [
            {"line": m.line, "quote": m.quote, "effect": m.effect, "mend": m.mend}
            for m in found.mends
        ],
        "ageing": [
            {"day": str(a.day), "names": a.names, "months": a.months, "share": a.share,
             "half_life_days": a.half_life}
            for a in found.aged
        ],
        "limits": list(_limits(found)),
    }  # fmt: skip


def _file(file: "File", families: tuple["Family", ...]) -> dict[str, Any]:
    return {
        "name": file.name,
        "text": file.text.decode("utf-8", "replace"),
        "what": file.what,
        "where": file.where,
        "says": file.says,
        "cannot": file.gaps,
        "reach": [
            {"family": f.id, "operator": r.operator, "value": r.value, "verified": r.verified}
            for f in families
            for r in f.rows
        ],
    }
