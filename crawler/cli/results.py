"""What a survey comes to: `optout summary`, `indicators`, `changes`, `trends`, `report`."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from analysis.database import latest_wave, panel_of
from analysis.numbers import indicator
from analysis.numbers import summary as summaries
from analysis.publish.bundle import FIELDS, numbers
from analysis.report import site as reports
from analysis.safe_text import safe_text
from analysis.terminal.indicators import print_indicators
from analysis.terminal.summary import print_summary
from analysis.terminal.waves import print_trends
from analysis.waves import changes as moved
from analysis.waves import trends as lines
from crawler.cli.judge import DB
from crawler.cli.refusal import print_json, reading, refusing

WAVE = click.option("--wave", help="Name of the wave [the newest].")
BEFORE = click.option(
    "--before",
    metavar="WAVE",
    help="Compare with this wave [the last one before, of the panel of the same name].",
)
SEED = click.option(
    "--bootstrap",
    type=click.IntRange(min=0),
    metavar="SEED",
    help="Also draw whole clusters (owners, registrable domains) again, from this seed.",
)


@click.command()
@DB
@WAVE
@click.option("--json", "style", flag_value="json", help="One JSON object.")
@click.option("--csv", "style", flag_value="csv", help="One row a number and stratum.")
@SEED
def summary(db: Path, wave: str | None, style: str | None, bootstrap: int | None) -> None:
    """Print the numbers of a wave, each with k, n and a 95 % interval.

    JSON and CSV also have each share weighted by the panel's weights, adjusted stratum by stratum
    for sites that were not measured, and as it would be if none, or all, of these counted. With
    --bootstrap they have intervals that allow for sites of one owner, and for sites with one and
    the same text of robots.txt (too narrow below about 200 of them).

    The agents are those known on the day of the wave; the complete opt-out comes by the list of
    today, too, and without each single agent.
    """
    with reading(db) as connection:
        result = summaries.run(connection, wave or latest_wave(connection), seed=bootstrap)
    if style == "json":
        click.echo(summaries.to_json(result))
    elif style == "csv":
        click.echo(summaries.to_csv(result), nl=False)
    else:
        print_summary(result, Console())


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@DB
@WAVE
@click.option("--json", "style", flag_value="json", help="One JSON object.")
@click.option(
    "--csv", "style", flag_value="csv", help="One row a share; distributions are left out."
)
@click.option("--strata", is_flag=True, help="A line for every stratum, too.")
@BEFORE
@SEED
@click.option(
    "--save",
    is_flag=True,
    help="Keep all numbers of the wave in the database, as published_numbers, instead.",
)
def indicators(  # noqa: PLR0913, PLR0917 - the options of the command
    names: tuple[str, ...],
    db: Path,
    wave: str | None,
    style: str | None,
    strata: bool,
    before: str | None,
    bootstrap: int | None,
    save: bool,
) -> None:
    """Measure how practical opting out is: adoption, coverage, effort, errors, change.

    Each NAME is a file analysis/indicators/NAME.sql, which defines it; without a NAME all are
    computed. A share comes as k of n with its Wilson 95 % interval, weighted by the panel's
    weights, and with what it would be if none, or all, of the unobserved sites counted. Sites of
    one owner decide together: --bootstrap gives an interval that allows for it (too narrow below
    about 200 owners).

    Indicators over two waves compare with the panel's wave before, or that of --before, on the
    sites common to both. Those that cannot be computed
    from this database are listed at the end with what they need.
    """
    with reading(db) as connection:
        chosen = wave or latest_wave(connection)
        if save:
            _save(db, chosen, list(numbers(connection, [chosen], bootstrap)))
            return
        found = indicator.run(connection, chosen, names, seed=bootstrap, before=before)
    if style == "json":
        click.echo(indicator.to_json(found))
    elif style == "csv":
        click.echo(indicator.to_csv(found), nl=False)
    else:
        print_indicators(found, Console(), strata=strata)


def _save(db: Path, wave: str, rows: list[tuple[str | int | float | None, ...]]) -> None:
    from crawler.store import judgement  # noqa: PLC0415
    from crawler.store.database import transaction, writing  # noqa: PLC0415

    ruleset = int(rows[0][FIELDS.index("ruleset")] or 0)
    with refusing(), writing(db) as connection, transaction(connection):
        count = judgement.put_numbers(connection, wave, ruleset, rows)
    click.echo(safe_text(f"{count} rows of wave {wave} in published_numbers"))


@click.command()
@click.argument("wave_from", metavar="A")
@click.argument("wave_to", metavar="B")
@DB
@click.option("--site", metavar="HOST", help="Only this site, as the panel names it.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in moved.ChangeKind]),
    metavar="KIND",
    help="Only changes of this kind.",
)
@click.option("--after", default="", metavar="ID", help="Go on behind this change.")
@click.option("--json", "as_json", is_flag=True, help="NDJSON: one object a change.")
def changes(  # noqa: PLR0913, PLR0917 - the options of the command
    wave_from: str,
    wave_to: str,
    db: Path,
    site: str | None,
    kind: str | None,
    after: str,
    as_json: bool,
) -> None:
    """Show what changed in meaning from wave A to wave B, site by site.

    A change is about an agent's access (`access:GPTBot`; `access:*` are the agents that neither
    robots.txt names), about a use (`use:train`), about a signal (`signal:tdmrep_file`) or about
    who wrote robots.txt. Only verdicts of one ruleset are compared: the newest that both waves
    have in common.

    \b
    gained, lost       a refusal of access, or a statement on use, came or went
    altered            permission became refusal or condition, or the reverse
    widened, narrowed  it covers more or less: a greater extent, conditional to disallowed
    moved              the same answer from another group (own, star) or from other signals
    author_changed     another service, plug-in or list wrote robots.txt
    broke, mended      a fault takes the effect of a signal away, or is mended
    became_measured, became_unmeasured   nothing is known of one of the waves

    Every change has an id, which is the same whenever it is computed again, and rows come in the
    order of their ids: --after ID goes on behind the last one read.
    """
    with reading(db) as connection:
        found = moved.changes(connection, wave_from, wave_to, host=site, kind=kind, after=after)
        count = 0
        with closing(found):
            for change in found:
                count += 1
                _print_change(change, as_json=as_json)
        panel = moved.membership(connection, wave_from, wave_to)
    if not as_json:
        members = f"{panel.common} sites in both panels, {panel.joined} joined, {panel.left} left"
        click.echo(safe_text(f"{count} changes from {wave_from} to {wave_to}; {members}"))


def _print_change(change: moved.Change, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(change))
        return
    words = f"{change.host}  {change.kind}  {change.subject}: {change.before} -> {change.after}"
    click.echo(safe_text(f"{words}  [{change.id}]"))


@click.command()
@click.argument("panel", required=False, metavar="[PANEL]")
@DB
@click.option("--ruleset", type=int, help="Only what this ruleset judged [a line for each].")
@click.option("--json", "style", flag_value="json", help="NDJSON: one object a point.")
@click.option("--csv", "style", flag_value="csv", help="One row a point.")
def trends(panel: str | None, db: Path, ruleset: int | None, style: str | None) -> None:
    """Show the headlines over all waves of a panel [that of the newest wave].

    A panel is its name, whatever sites joined or left it. Every line comes twice: `full`, of all
    sites that answer in a wave, and `core`, of those that answer in every wave. A line belongs to
    one ruleset: verdicts of two are never mixed in one.

    \b
    complete        all agents of strict8 that were known on the wave's day are blocked
    access:AGENT    this agent is kept from the root; from the first wave that it was known in
    use:PURPOSE     the use is refused or conditioned, of complete visits
    """
    with reading(db) as connection:
        chosen = panel or panel_of(connection, latest_wave(connection))
        points = lines.trends(connection, chosen, ruleset)
    if style == "json":
        for point in points:
            print_json(asdict(point))
    elif style == "csv":
        click.echo(lines.to_csv(points), nl=False)
    else:
        print_trends(points, Console())


@click.command()
@DB
@WAVE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder for the static site.",
)
@click.option("--no-sites", is_flag=True, help="Without the pages of single sites.")
@BEFORE
def report(db: Path, wave: str | None, out: Path, no_sites: bool, before: str | None) -> None:
    """Write a static HTML report of a wave; it opens without a server."""
    with refusing(OSError), reading(db) as connection:
        chosen = wave or latest_wave(connection)
        index = reports.publish(connection, chosen, out, sites=not no_sites, before=before)
    click.echo(f"report: {index}")
