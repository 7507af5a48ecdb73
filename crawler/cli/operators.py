"""`optout operators`: what operators of AI agents document, card by card."""

import csv
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.safe_text import safe_cell, safe_text
from crawler.cli.refusal import Refusal, print_json, refusing

if TYPE_CHECKING:
    from crawler.registry.operators import Fact, Operator, Operators

COLUMNS = ("id", "name", "seat", "robots_training", "robots_user", "removal", "licensing", "known")
QUESTIONS = {
    "seat": "Where does it sit?",
    "jurisdiction": "Whose law do its terms name?",
    "agents_documented": "Does it say which agents it has, and what each is for?",
    "product_token": "Does it document a stable name that robots.txt can address?",
    "training_token": "Is there a name by which training alone is refused?",
    "addresses_published": "Does it publish the addresses of its agents?",
    "dns_verification": "Can a request be verified by reverse DNS?",
    "signed_requests": "Are requests signed?",
    "robots_training": "Does it say that it follows robots.txt where it collects for training?",
    "robots_search": "Does it say so where it builds an index?",
    "robots_user": "Does it say so where a person asked for the page?",
    "crawl_delay": "Does it follow Crawl-delay?",
    "training_summary": "Did it publish a summary of training content by the EU's template?",
    "code_of_practice": "Did it sign the EU's code of practice?",
    "removal": "Is there a way to have something removed?",
    "licensing": "Does it run a way to a licence?",
}


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Every cell of every card as CSV.")
@click.option(
    "--since",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What changed since an older operators.toml.",
)
@click.option("--unknown", is_flag=True, help="Of each cell: how many cards know nothing of it.")
@click.option("--mechanisms", is_flag=True, help="The fewest mechanisms that reach everybody.")
def operators(  # noqa: PLR0913, PLR0917 - the options of the command
    name: str | None,
    as_json: bool,
    as_csv: bool,
    since: Path | None,
    unknown: bool,
    mechanisms: bool,
) -> None:
    """List the operators that are known, or show the whole card of one.

    NAME is an id (`openai`) or the operator's name. A line each, set apart by tabs; what is not
    known is `unknown`. Cards say what operators document and what others tell of them, never what
    their crawlers do.
    """
    from crawler.registry import operators as registry  # noqa: PLC0415

    known = registry.load()
    if sum((name is not None, as_csv, since is not None, unknown, mechanisms)) > 1:
        raise click.UsageError("choose one of NAME, --csv, --since, --unknown and --mechanisms")
    if since is not None:
        _print_changes(since, known, as_json=as_json)
    elif mechanisms:
        _print_mechanisms(as_json=as_json)
    elif unknown:
        _print_unknown(known, as_json=as_json)
    elif as_csv:
        click.echo(_csv(known), nl=False)
    elif name is not None:
        _print_card(_card(known, name), as_json=as_json)
    elif as_json:
        cards = [_described(card) for card in known.entries.values()]
        print_json({"version": known.version, "operators": cards})
    else:
        for row in (COLUMNS, *map(_row, known.entries.values())):
            click.echo("\t".join(row))


def _print_changes(since: Path, known: "Operators", *, as_json: bool) -> None:
    from crawler.registry import operators as registry  # noqa: PLC0415
    from crawler.registry import routes  # noqa: PLC0415
    from crawler.registry.fields import RegistryError  # noqa: PLC0415

    with refusing(RegistryError):
        older = registry.parse(since.read_bytes(), routes.load())
    changed = list(registry.changes(older, known))
    if as_json:
        rows = [
            {"operator": c.operator, "what": c.what, "before": c.before, "after": c.after}
            for c in changed
        ]
        print_json({"from": older.version, "to": known.version, "changes": rows})
        return
    click.echo(f"{len(changed)} changes from {older.version} to {known.version}")
    for change in changed:
        click.echo(
            safe_text(f"{change.operator}: {change.what}: {change.before} -> {change.after}")
        )


def _print_unknown(known: "Operators", *, as_json: bool) -> None:
    cards = known.entries.values()
    counts = {
        cell: sum(cell not in card.facts for card in cards) for cell in QUESTIONS
    }  # fmt: skip
    if as_json:
        print_json({"version": known.version, "operators": len(cards), "unknown": counts})
        return
    for cell, count in counts.items():
        click.echo(f"{cell}\t{count} of {len(cards)}\t{count / len(cards):.0%}")


NOT_ABOUT_TRAINING = ("snippets", "data-nosnippet", "prose")
"""Families that are not about training, or not for machines: no mechanism of a refusal."""


def _reach(*, partly: bool, verified: bool) -> dict[str, set[str]]:
    """Whom each family of signals reaches: who documents reading it and trains, or says so of it.

    By robots.txt a refusal of training reaches an operator only by an agent that trains.
    """
    from crawler.registry import agents, honours  # noqa: PLC0415

    trainers = {a.operator for a in agents.load().agents if "train" in a.purposes}
    stands = {honours.Stand.DOCUMENTED} | ({honours.Stand.PARTLY} if partly else set())
    return {
        family.id: {
            row.operator
            for row in family.rows
            if row.value in stands
            and (row.verified or not verified)
            and (family.id != "robots" or row.operator in trainers)
        }
        for family in honours.load().families
        if family.id not in NOT_ABOUT_TRAINING
    }


def _print_mechanisms(*, as_json: bool) -> None:
    from analysis.numbers.mechanisms import smallest  # noqa: PLC0415
    from crawler.registry import agents  # noqa: PLC0415

    trainers = {a.operator for a in agents.load().agents if "train" in a.purposes and a.operator}
    for name, partly, verified in (
        ("verified", False, True),
        ("documented", False, False),
        ("possible", True, False),
    ):
        reach = _reach(partly=partly, verified=verified)
        sets = smallest(reach)
        reached = set().union(*reach.values())
        unreached = sorted(trainers - reached)
        if as_json:
            row = {"by": name, "sets": sets, "reached": sorted(reached), "unreached": unreached}
            print_json(row)
            continue
        click.echo(f"{name}: {len(sets[0])} mechanisms reach {len(reached)} operators")
        for chosen in sets:
            click.echo(f"    {', '.join(chosen)}")
        click.echo(f"    no mechanism reaches: {', '.join(unreached)}")


def _csv(known: "Operators") -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ("id", "operator", "cell", "value", "verified", "as_of", "source", "address", "note")
    )
    for card in known.entries.values():
        for cell in QUESTIONS:
            row = (card.id, card.name, cell, *_cells(card.facts.get(cell)))
            writer.writerow(map(safe_cell, row))
    return text.getvalue()


def _cells(fact: "Fact | None") -> tuple[object, ...]:
    if fact is None:
        return ("unknown", None, None, None, None, None)
    source = fact.source
    return fact.value, source.verified, source.as_of, source.title, source.address, fact.note


def _card(known: "Operators", name: str) -> "Operator":
    wanted = name.strip().lower()
    names = {card.name.lower(): card for card in known.entries.values()} | dict(known.entries)
    if wanted in names:
        return names[wanted]
    near = get_close_matches(wanted, names)
    hint = f"did you mean {', '.join(near)}?" if near else "`optout operators` lists them"
    raise Refusal(f"{name}: no operator of that name: {hint}")


def _row(card: "Operator") -> tuple[str, ...]:
    known = f"{len(card.facts)} of {len(QUESTIONS)}"
    return card.id, card.name, *map(card.state, COLUMNS[2:-1]), known


def _described(card: "Operator") -> dict[str, Any]:
    """The whole card, as JSON; a cell that is not known is null."""
    facts: dict[str, Any] = dict.fromkeys(QUESTIONS)
    for cell, fact in card.facts.items():
        facts[cell] = {"value": fact.value, "note": fact.note} | _sourced(fact)
    return {
        "id": card.id,
        "name": card.name,
        "facts": facts,
        "agents": [
            {"token": a.token, "purposes": a.purposes, "documentation": a.documentation,
             "verification": a.verification}
            for a in _agents(card)
        ],
        "reads": [
            {"family": family, "value": row.value, "verified": row.verified, "as_of": row.as_of}
            for family, row in _reads(card)
        ],
        "effects": [
            {"agent": b.agent, "effects": b.effects, "note": b.note} | _sourced(b)
            for b in card.blocking
        ],
        "removals": [
            {"route": way.id, "title": way.title, "removes": way.removes, "covers": way.covers,
             "how": way.how, "address": way.address, "days": way.days, "account": way.account,
             "documented": way.documented, "note": way.note} | _sourced(way)
            for way in _removals(card)
        ],
        "licences": [
            {"route": way.id, "title": way.title, "kind": way.kind, "asks": way.asks,
             "open_to": way.open_to, "note": way.note} | _sourced(way)
            for way in _licences(card)
        ],
    }  # fmt: skip


def _sourced(fact: Any) -> dict[str, object]:  # noqa: ANN401 - whatever has a source
    source = fact.source
    return {"source": source.title, "address_of_source": source.address, "as_of": source.as_of,
            "verified": source.verified}  # fmt: skip


def _agents(card: "Operator") -> list[Any]:
    from crawler.registry import agents  # noqa: PLC0415

    return [agent for agent in agents.load().agents if agent.operator == card.name]


def _reads(card: "Operator") -> list[tuple[str, Any]]:
    from crawler.registry import honours  # noqa: PLC0415

    return [
        (family.id, row)
        for family in honours.load().families
        for row in family.rows
        if row.operator == card.name
    ]


def _removals(card: "Operator") -> list[Any]:
    from crawler.registry import routes  # noqa: PLC0415

    return [way for way in routes.load().removals if way.operator == card.name]


def _licences(card: "Operator") -> list[Any]:
    from crawler.registry import routes  # noqa: PLC0415

    return [way for way in routes.load().licences if way.operator == card.name]


def _print_card(card: "Operator", *, as_json: bool) -> None:
    if as_json:
        print_json(_described(card))
        return
    for line in _page(card):
        click.echo(line)


def _page(card: "Operator") -> Iterator[str]:
    yield card.name
    yield ""
    for cell, question in QUESTIONS.items():
        fact = card.facts.get(cell)
        yield f"{question} {fact.value if fact else 'unknown'}"
        if fact:
            yield from _evidence(fact)
    yield ""
    yield "Agents:"
    for agent in _agents(card):
        yield f"    {agent.token}: {', '.join(agent.purposes)} ({agent.verification})"
    yield "What it says it reads (elsewhere nothing was found, or nobody looked):"
    for family, row in _reads(card):
        if row.value != "nothing-found":
            yield f"    {family}: {row.value}{'' if row.verified else ' (unverified)'}"
    if card.blocking:
        yield "What follows when robots.txt refuses an agent, it says:"
    for blocking in card.blocking:
        yield f"    {blocking.agent}: {', '.join(blocking.effects)}"
        yield from _evidence(blocking)
    for way in (*_removals(card), *_licences(card)):
        yield f"Way: {way.title}"
        yield from _evidence(way)


def _evidence(fact: Any) -> Iterator[str]:  # noqa: ANN401 - whatever has a source
    if fact.note:
        yield f"    {fact.note}"
    checked = "" if fact.source.verified else ", unverified"
    yield f"    ({fact.source.title}; as of {fact.source.as_of}{checked})"
