"""`optout replay`: a published table beside ours, and every site on which they differ."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.database import latest_wave
from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, print_json, reading, refusing
from crawler.cli.results import WAVE

if TYPE_CHECKING:
    from analysis.waves.robots_files import RobotsFile
    from crawler.judge.replay import Recipe
    from crawler.panel.published import Labels


@click.command()
@click.argument("recipe", required=False)
@click.argument("labels", required=False, type=click.Path(path_type=Path, exists=True))
@DB
@WAVE
@click.option("--sites", is_flag=True, help="Every site on which the tables differ.")
@click.option("--json", "as_json", is_flag=True, help="NDJSON: one object a line.")
def replay(  # noqa: PLR0913, PLR0917 - the options of the command
    recipe: str | None, labels: Path | None, db: Path, wave: str | None, sites: bool, as_json: bool
) -> None:
    """Set a published table beside ours on the same files, and explain the difference.

    Without RECIPE the sets are listed that can be replayed. Load the files first:
    `optout import FORMAT FILES --db theirs.db --wave DAY --date DAY`; then name the recipe and the
    file or folder of published labels.

    For each agent: how many sites the publisher counts, how many by the publisher's rule on these
    files, how many may not fetch the root by RFC 9309, and the causes that make the difference.
    """
    from analysis.waves.robots_files import files  # noqa: PLC0415
    from crawler.judge.replay import recipes  # noqa: PLC0415
    from crawler.panel.published import ImportingError  # noqa: PLC0415
    from crawler.panel.published import labels as read  # noqa: PLC0415

    if recipe is None:
        _list(as_json)
        return
    known = recipes().get(recipe)
    if known is None:
        raise Refusal(f"{recipe}: no such recipe; there are {', '.join(recipes())}")
    if known.labels is None or labels is None:
        raise Refusal(f"{recipe}: name the file of its labels. {known.note}")
    with refusing(OSError, ImportingError):
        published = read(labels, known.labels)
    with reading(db) as connection:
        stored = list(files(connection, wave or latest_wave(connection)))
    for row in _rows(known, published, stored, sites=sites):
        if as_json:
            print_json(row)
        else:
            click.echo(safe_text("  ".join(f"{key} {value}" for key, value in row.items())))


def _list(as_json: bool) -> None:
    from crawler.judge.replay import recipes  # noqa: PLC0415

    for each in recipes().values():
        row = {
            "recipe": each.id, "title": each.title, "files": each.files.value,
            "labels": each.labels and each.labels.value, "definition": each.definition.id,
            "source": each.source, "note": each.note,
        }  # fmt: skip
        if as_json:
            print_json(row)
        else:
            click.echo(safe_text("  ".join(f"{key}: {value}" for key, value in row.items())))


def _rows(
    recipe: "Recipe", published: "Labels", stored: "list[RobotsFile]", *, sites: bool
) -> Iterator[dict[str, Any]]:
    """Yield a row an agent; behind each, where `sites` is asked for, a row a differing site."""
    from crawler.judge.replay import THEY_BLOCK, Cause, compare  # noqa: PLC0415

    bodies = {file.host: file.body for file in stored}
    agents = sorted({agent for known in published.values() for agent in known}, key=str.lower)
    for agent in agents:
        counts: Counter[str] = Counter()
        causes: Counter[Cause] = Counter()
        differing = []
        for host in sorted(bodies.keys() | published.keys()):
            body = bodies.get(host)
            label = published.get(host, {}).get(agent)
            cell = compare(body, agent, label, recipe.definition)
            counts["theirs"] += bool(cell.theirs)
            counts["of"] += cell.theirs is not None
            if body is not None and label is not None:
                counts["rebuilt"] += recipe.definition.blocks(body, (agent,))
            counts["ours"] += bool(cell.ours)
            counts["of ours"] += cell.ours is not None
            if cell.cause is not None:
                causes[cell.cause] += 1
                differing.append({"host": host, "agent": agent, "cause": cell.cause.value,
                                  "line": cell.line})  # fmt: skip
        row: dict[str, Any] = {"agent": agent}
        row |= {name: counts[name] for name in ("theirs", "of", "rebuilt", "ours", "of ours")}
        signed = {c: (1 if c in THEY_BLOCK else -1) * causes[c] for c in Cause if causes[c]}
        yield row | {cause.value: f"{number:+d}" for cause, number in signed.items()}
        if sites:
            yield from differing
