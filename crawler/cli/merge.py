"""`optout merge`: the databases of `optout survey --shard` or `--jobs` into one."""

from contextlib import ExitStack
from pathlib import Path

import click

from analysis.queries import query
from analysis.safe_text import safe_text
from crawler.cli.refusal import Refusal, reading, refusing


class Lacking(Refusal):
    """Shards are missing or unfinished: nothing is wrong, and nothing was written."""

    exit_code = 1


@click.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    required=True,
    help="Database file; made if it is not there.",
)
@click.option("--wave", "waves", multiple=True, help="Only this wave; may repeat [all].")
@click.option("--partial", is_flag=True, help="Merge although shards are missing or unfinished.")
@click.option("--no-judge", is_flag=True, help="Only merge; `optout judge` can follow later.")
def merge(
    shards: tuple[Path, ...], into: Path, waves: tuple[str, ...], partial: bool, no_judge: bool
) -> None:
    """Merge the database files SHARDS of a survey with `--shard` or `--jobs`, and judge it.

    The parts must be of one panel file, seed, ruleset and way of asking, each of them once.
    Of a site that two workers visited the visit that was finished first is kept.
    Merging again adds what is new and changes nothing else. Exit code 1: a part is missing or
    unfinished, and nothing was merged.
    """
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.join import Source, plan  # noqa: PLC0415
    from crawler.store.join import merge as merge_plans  # noqa: PLC0415

    given = [path.resolve() for path in shards]
    if repeated := sorted({str(path) for path in given if given.count(path) > 1}):
        raise Refusal(f"{repeated[0]}: named twice: name each part once")
    if into.resolve() in given:
        raise Refusal(f"{into}: one of the shards: name another file with --into")
    with ExitStack() as stack, refusing():
        sources = [Source(path, stack.enter_context(reading(path))) for path in shards]
        plans = plan(sources, waves)
        lacking = [f"wave {each.wave!r}: {one}" for each in plans for one in each.lacking]
        if lacking and not partial:
            remedy = "nothing was merged; --partial merges what there is"
            raise Lacking("\n".join([*lacking, remedy]))
        merged = merge_plans(stack.enter_context(writing(into)), plans)
    for line in lacking:
        click.echo(safe_text(f"merged without: {line}"), err=True)
    for wave in merged:
        told = f"wave {wave.wave}: {wave.added} visits added, {wave.visits} in {into}"
        if wave.twice:
            told += f"; {wave.twice} of sites that another worker had finished before are left out"
        click.echo(safe_text(told))
        if not no_judge:
            _judge(into, wave.wave)


def _judge(db: Path, wave: str) -> None:
    """Judge a wave unless all its visits are judged by this program's ruleset already."""
    from crawler.signals import RULESET  # noqa: PLC0415
    from crawler.wave.rejudge import judge_wave  # noqa: PLC0415

    with reading(db) as connection:
        judged = connection.execute(
            query(__name__, "judged_whole"),
            (wave, RULESET),
        ).fetchone()
    if judged is None:
        with refusing():
            judge_wave(db, wave)
