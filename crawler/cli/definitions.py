"""`optout definitions`, `agreement`: published rules on stored files, beside published labels."""

from collections import Counter
from pathlib import Path

import click

from analysis.database import latest_wave
from analysis.safe_text import safe_text
from analysis.statistics import wilson
from analysis.waves.robots_files import RobotsFile, agents_of_its_day, files
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, print_json, reading, refusing
from crawler.cli.results import WAVE
from crawler.judge.definitions import DEFINITIONS, Definition, Quantifier, by_id
from crawler.panel.published import ImportingError, LabelFormat, labels
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry.agents import PANELS

IDS = [definition.id for definition in DEFINITIONS]
JSON = click.option("--json", "as_json", is_flag=True, help="NDJSON: one object a line.")


@click.command()
@DB
@WAVE
@click.option(
    "--agents",
    default="strict8",
    show_default=True,
    metavar="LIST",
    help=f"{', '.join(PANELS)}; a file with an agent a line; or the name of one agent.",
)
@click.option(
    "--quantifier",
    type=click.Choice(["any", "all", "each"]),
    help="Any or all agents of the list must be blocked, or a line for each [as published].",
)
@click.option("--definition", "chosen", multiple=True, type=click.Choice(IDS), metavar="ID",
              help="Only this definition; may repeat [all].")  # fmt: skip
@JSON
def definitions(  # noqa: PLR0913, PLR0917 - the options of the command
    db: Path, wave: str | None, agents: str, quantifier: str | None, chosen: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Count the sites that block agents, by every published definition of it.

    A list of agents that this program has is taken as it was on the day of the wave; one from a
    file, or a single name, as it is. Only figures with the same quantifier compare. Files that are
    not known, or not to their end, are in no denominator; where there is no file, nothing blocks.
    """
    with reading(db) as connection:
        name = wave or latest_wave(connection)
        known = [file.body for file in files(connection, name) if file.body is not None]
        listed = agents_of_its_day(connection, name, agents) if agents in PANELS else _named(agents)
    if not listed:
        raise Refusal(f"no agent of {agents} was known on the day of wave {name!r}")
    for definition in map(by_id, chosen or IDS):
        for label, members in [(a, (a,)) for a in listed] if quantifier == "each" else [
            (agents, listed)
        ]:  # fmt: skip
            asked = Quantifier(quantifier) if quantifier in {"any", "all"} else None
            k = sum(definition.blocks(body, members, asked) for body in known)
            _print_count(definition, label, asked, k, len(known), as_json=as_json)


def _named(agents: str) -> tuple[str, ...]:
    path = Path(agents)
    if not path.is_file():
        return (agents,)
    with refusing(OSError, UnicodeDecodeError):
        lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
        return tuple(dict.fromkeys(filter(None, lines)))


def _print_count(  # noqa: PLR0913 - all that a figure needs beside it
    definition: Definition, agents: str, asked: Quantifier | None, k: int, n: int, *, as_json: bool
) -> None:
    low, high = wilson(k, n) or (None, None)
    used = asked or definition.quantifier
    if as_json:
        row = {"definition": definition.id, "agents": agents, "quantifier": used, "k": k, "n": n}
        print_json(row | {"share": k / n if n else None, "low": low, "high": high})
        return
    share = "-" if low is None or high is None else f"{k / n:.1%} ({low:.1%}-{high:.1%})"
    click.echo(safe_text(f"{definition.id}  {used} of {agents}  {k}/{n}  {share}"))


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice([each.value for each in LabelFormat]))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@DB
@WAVE
@click.option("--definition", "chosen", default="denied", show_default=True,
              type=click.Choice(IDS), metavar="ID", help="The rule to hold against the labels.",
              )  # fmt: skip
@JSON
def agreement(  # noqa: PLR0913, PLR0917 - the options of the command
    form: str, path: Path, db: Path, wave: str | None, chosen: str, as_json: bool
) -> None:
    """Hold published labels against what a definition says of the stored files.

    Prints the agreement agent by agent, and every disagreement with the line that decides by
    RFC 9309. Labels of sites whose file is not known here count as unmeasured, never as agreeing.

    \b
    agents-csv   a column with the host (Website, host, domain), and one an agent: true or false
    pairs-csv    a row a host and blocked agent (Disallowed Bot, agent, bot); no row: not blocked
    domain-json  JSON, or a folder of it: `domain`, and `specificBots`, `breakdown` or `agenten`
    """
    with refusing(OSError, ImportingError):
        published = labels(path, LabelFormat(form))
    with reading(db) as connection:
        stored = list(files(connection, wave or latest_wave(connection)))
    counted, disagreements = _compared(by_id(chosen), published, stored)
    for agent in sorted({agent for agent, _ in counted}, key=str.lower):
        row = {name: counted[agent, name] for name in ("both", "neither", "labels", "ours")}
        row["unmeasured"] = counted[agent, "unmeasured"]
        if as_json:
            print_json({"agent": agent} | row)
        else:
            told = "  ".join(f"{name} {count}" for name, count in row.items())
            click.echo(safe_text(f"{agent}  {told}"))
    for disagreement in disagreements:
        if as_json:
            print_json(disagreement)
        else:
            click.echo(safe_text("  ".join(f"{k}: {v}" for k, v in disagreement.items())))


def _compared(
    definition: Definition, published: dict[str, dict[str, bool]], stored: list[RobotsFile]
) -> tuple[Counter[tuple[str, str]], list[dict[str, object]]]:
    """Count both, neither, labels (only they say so), ours and unmeasured; list what differs."""
    counted: Counter[tuple[str, str]] = Counter()
    differing: list[dict[str, object]] = []
    for file in stored:
        for agent, label in published.get(file.host, {}).items():
            if file.body is None:
                counted[agent, "unmeasured"] += 1
                continue
            ours = definition.blocks(file.body, (agent,))
            if ours == label:
                counted[agent, "both" if ours else "neither"] += 1
                continue
            counted[agent, "ours" if ours else "labels"] += 1
            decided = rfc9309.read(syntax.parse(file.body)).decide(agent)
            differing.append(
                {"host": file.host, "agent": agent, "label": "blocked" if label else "open",
                 definition.id: "blocked" if ours else "open", "rfc9309": decided.root.value,
                 "basis": decided.basis and decided.basis.value, "line": decided.line,
                 "rule": decided.rule_text}
            )  # fmt: skip
    return counted, differing
