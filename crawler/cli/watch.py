"""`optout watch`: check sites again, and tell only what changed in meaning since the last time."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import click

from analysis.safe_text import safe_text
from crawler.cli.ask import CONTACT, contact_of
from crawler.cli.check import DELAY, DO_NOT_SURVEY, HOSTS, TIMEOUT, checker_of
from crawler.cli.refusal import Refusal, print_json, refusing

if TYPE_CHECKING:
    from crawler.creator.advice import Advice

KEPT = 100
"""Changes that the feed keeps."""
CHANGED = 1


@click.command()
@click.argument("sites", nargs=-1, metavar="SITE...")
@click.option(
    "--panel", type=click.Path(path_type=Path, exists=True), help="A file, a site a line."
)
@click.option(
    "--state", type=click.Path(path_type=Path), default=Path("optout-watch.json"),
    show_default=True, help="What was found the last time.",
)  # fmt: skip
@click.option("--mail", type=click.Path(path_type=Path), help="Write a mail, if anything changed.")
@click.option("--feed", type=click.Path(path_type=Path), help="Write an Atom feed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each site.")
@HOSTS
@CONTACT
@DELAY
@TIMEOUT
@DO_NOT_SURVEY
def watch(  # noqa: PLR0913 - one for each option
    sites: tuple[str, ...], *, panel: Path | None, state: Path, mail: Path | None,
    feed: Path | None, as_json: bool, **options: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Check SITES again, and tell what changed in meaning: the light, who is asked, what is broken.

    A list of crawlers that grew old counts too. Meant for cron or a timer; the first run only
    remembers. Exit codes: 0 nothing changed; 1 something changed; 2 usage.
    """
    listed = panel.read_text("utf-8").splitlines() if panel else []
    named = dict.fromkeys(each.strip() for each in (*sites, *listed) if each.strip())
    if not named:
        raise Refusal("name a site, such as example.org, or a file with --panel")
    before = _read(state)
    now = asyncio.run(_check(list(named), {**options, "contact": contact_of(options)}))
    day = datetime.now(UTC).isoformat(timespec="seconds")
    found = {site: list(changes(before["sites"].get(site), now[site])) for site in now}
    news = [{"site": site, "at": day, "changes": told} for site, told in found.items() if told]
    kept = [*news, *before["news"]][:KEPT]
    with refusing(OSError):
        state.write_text(json.dumps({"sites": before["sites"] | now, "news": kept}), "utf-8")
        if feed:
            feed.write_text(atom(kept, day), "utf-8")
        if mail and news:
            mail.write_text(letter(news), "utf-8")
    for site, told in found.items():
        if as_json:
            print_json({"site": site, "changes": told, **now[site]})
        for line in [] if as_json else told:
            click.echo(safe_text(f"{site}: {line}"))
    if news:
        raise click.exceptions.Exit(CHANGED)


def _read(state: Path) -> dict[str, Any]:
    if not state.exists():
        return {"sites": {}, "news": []}
    with refusing(OSError, ValueError):
        found: dict[str, Any] = json.loads(state.read_text("utf-8"))
        return found


async def _check(sites: list[str], options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    from crawler.checker.checks import AskError, Site  # noqa: PLC0415
    from crawler.creator.advice import advise  # noqa: PLC0415

    checker = checker_of(options)
    try:
        with refusing(AskError):
            return {site: meaning(advise(await checker.visit(Site.parse(site)))) for site in sites}
    finally:
        await checker.close()


def meaning(advice: "Advice") -> dict[str, Any]:
    """What is compared: no dates, no counts of lines, nothing that changes by itself."""
    shown = asdict(advice.screen)
    roots = {ask.token: str(ask.root) for o in advice.operators for ask in o.asks}
    return {
        "light": shown["light"],
        "roots": roots,
        "broken": sorted({fault.title for fault in advice.failing}),
        "steps": [step["title"] for step in shown["steps"]],
    }


def changes(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[str]:
    """What differs, in words; nothing for a site that is new, or that could not be read today."""
    if before is None or now["light"] == "unread":
        return
    if before["light"] != now["light"]:
        yield f"was {before['light']}, is {now['light']}"
    roots = before["roots"]
    for token, root in now["roots"].items():
        if token in roots and roots[token] != root:
            yield f"{token}: was {roots[token]}, is {root}"
        if token not in roots and root == "allowed":
            yield f"{token} is new, and not asked to stay away"
    yield from (f"broken now: {each}" for each in now["broken"] if each not in before["broken"])
    yield from (f"works again: {each}" for each in before["broken"] if each not in now["broken"])
    yield from (f"to do: {each}" for each in now["steps"] if each not in before["steps"])


def letter(news: list[dict[str, Any]]) -> str:
    """A mail as a mail program takes it from a file."""
    lines = [f"{each['site']}: {line}" for each in news for line in each["changes"]]
    names = ", ".join(each["site"] for each in news)
    return f"Subject: Opt-out changed: {names}\n\n" + "\n".join(map(safe_text, lines)) + "\n"


def atom(news: list[dict[str, Any]], day: str) -> str:
    """An Atom feed (RFC 4287) of changes, the newest first."""
    entries = "".join(
        f"<entry><id>urn:optout:{escape(each['site'])}:{each['at']}</id>"
        f"<title>{escape(each['site'])}</title><updated>{each['at']}</updated>"
        f"<content>{escape(safe_text('; '.join(each['changes'])))}</content></entry>"
        for each in news
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        "<id>urn:optout:watch</id><title>Opt-out watch</title><author><name>optout</name></author>"
        f"<updated>{day}</updated>{entries}</feed>\n"
    )
