"""`optout platforms`: where creators publish, and what they can do there."""

from collections.abc import Iterator
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.refusal import Refusal, print_json

if TYPE_CHECKING:
    from crawler.registry.platforms import Platform

COLUMNS = ("id", "title", "kind", "robots_edit", "ai_switch", "ai_switch_default", "known")
QUESTIONS = {
    "robots_edit": "May you change robots.txt?",
    "ai_switch": "Is there a switch against AI use?",
    "ai_switch_default": "Is the switch on if you do nothing?",
    "ai_switch_writes": "Where do crawlers find what the switch says?",
    "header_edit": "May you set response headers?",
    "meta_edit": "May you add meta elements to the head of pages?",
    "root_files": "May you put files at the root?",
    "needs_domain": "Do you need a domain of your own for these?",
    "needs_plan": "Do you have to pay for these?",
    "robots_default": "What does robots.txt say of AI crawlers before you touch it?",
    "image_metadata": "Do the pictures that are served keep their metadata?",
    "terms_ai_platform": "Do the terms license your works for AI to the platform?",
    "terms_ai_others": "Do the terms license your works for AI to others?",
}


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def platforms(name: str | None, as_json: bool) -> None:
    """List the platforms that are known, or show what is known of one.

    NAME is an id (`squarespace`). A line each, set apart by tabs; what is not known is `unknown`.
    """
    from crawler.registry import platforms as registry  # noqa: PLC0415

    known = registry.load()
    if name is None:
        if as_json:
            listed = [_described(platform) for platform in known.entries.values()]
            print_json({"version": known.version, "platforms": listed})
            return
        for row in (COLUMNS, *map(_row, known.entries.values())):
            click.echo("\t".join(row))
        return
    platform = known.entries.get(name.strip().lower())
    if platform is None:
        near = get_close_matches(name.strip().lower(), known.entries)
        hint = f"did you mean {', '.join(near)}?" if near else "`optout platforms` lists them"
        raise Refusal(f"{name}: no platform of that name: {hint}")
    if as_json:
        print_json(_described(platform))
        return
    for line in _page(platform):
        click.echo(line)


def _row(platform: "Platform") -> tuple[str, ...]:
    cells = (platform.state(cell) for cell in COLUMNS[3:6])
    known = f"{len(platform.facts)} of {len(QUESTIONS)}"
    return platform.id, platform.title, platform.kind, *cells, known


def _described(platform: "Platform") -> dict[str, Any]:
    """All that is known, as JSON; a cell that is not known is null."""
    facts = dict.fromkeys(QUESTIONS) | {
        cell: {key: value for key, value in asdict(fact).items() if key != "cell"}
        for cell, fact in platform.facts.items()
    }
    plain = ("id", "title", "kind", "hosts", "assets", "cnames", "source", "as_of", "verified")
    return {key: getattr(platform, key) for key in plain} | {
        "marks": [asdict(mark) for mark in platform.marks],
        "facts": facts,
        "switches": [asdict(switch) for switch in platform.switches],
    }


def _page(platform: "Platform") -> Iterator[str]:
    yield f"{platform.title} ({platform.kind})"
    if platform.hosts:
        yield f"Sites at: {', '.join(platform.hosts)}"
    if platform.assets:
        yield f"Works come from: {', '.join(platform.assets)}"
    yield ""
    for cell, question in QUESTIONS.items():
        fact = platform.facts.get(cell)
        if fact is None:
            yield f"{question} unknown"
            continue
        since = f", since {fact.since}" if fact.since else ""
        checked = "" if fact.verified else ", unverified"
        yield f"{question} {fact.value}{since}"
        if fact.note:
            yield f"    {fact.note}"
        yield f"    ({fact.source}; as of {fact.as_of}{checked})"
    for switch in platform.switches:
        checked = "" if switch.verified else ", unverified"
        yield ""
        yield f"The switch names, as of {switch.as_of} ({switch.source}{checked}):"
        yield f"    {', '.join(switch.agents)}"
