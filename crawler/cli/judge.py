"""`optout judge` and `optout diff-rulesets`."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from analysis.safe_text import safe_text
from analysis.waves.ruleset_diff import moved
from crawler.cli.refusal import Refusal, print_json, reading, refusing

DB = click.option(
    "--db", type=click.Path(path_type=Path), default=Path("survey.db"), show_default=True
)


@click.command()
@DB
@click.option("--wave", "waves", multiple=True, help="Only this wave; may repeat [all].")
@click.option("--ruleset", type=int, help="Refuse to judge under any other ruleset than this.")
@click.option("--again", is_flag=True, help="Forget what this ruleset said here before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a wave.")
def judge(
    db: Path, waves: tuple[str, ...], ruleset: int | None, again: bool, as_json: bool
) -> None:
    """Judge stored waves again under this program's ruleset; nothing is fetched.

    Results of other rulesets stay. Equal captures and ruleset give an equal digest.
    """
    from crawler.signals import RULESET  # noqa: PLC0415
    from crawler.wave.rejudge import judge_wave  # noqa: PLC0415

    if ruleset not in (None, RULESET):
        raise Refusal(
            f"this program judges by ruleset {RULESET}; for ruleset {ruleset} use the version "
            "of optout-observatory that the database's `rulesets` table names for it"
        )
    if again and waves:
        raise Refusal("--again replaces what this ruleset says of every wave: leave out --wave")
    with reading(db) as connection:
        known = [row[0] for row in connection.execute("SELECT name FROM waves ORDER BY name")]
    with refusing():
        for wave in waves or known:
            judged = judge_wave(db, wave, again=again)
            again = False
            if as_json:
                print_json(
                    {
                        "wave": judged.wave,
                        "ruleset": judged.ruleset,
                        "visits": judged.visits,
                        "digest": judged.digest,
                    }
                )
            else:
                click.echo(
                    f"wave {judged.wave}: {judged.visits} visits judged by ruleset "
                    f"{judged.ruleset}, digest {judged.digest}"
                )


@click.command("diff-rulesets")
@click.argument("a", type=int)
@click.argument("b", type=int)
@DB
@click.option("--by-rule", is_flag=True, help="Put waves, agents and purposes together.")
@click.option(
    "--examples", type=click.IntRange(0), default=0, help="Name so many hosts of each kind [0]."
)
@click.option("--json", "as_json", is_flag=True, help="NDJSON: one object a kind of move.")
def diff_rulesets(  # noqa: PLR0913, PLR0917 - one parameter an option
    a: int, b: int, db: Path, by_rule: bool, examples: int, as_json: bool
) -> None:
    """Show which verdicts ruleset B moved from what ruleset A said, and by which rule.

    The questions are `access:AGENT`, `use:PURPOSE` and `use-lenient:PURPOSE`, `robots` (the state
    of the file) and `signal:NAME` (what it found; the rules are its notes).
    """
    with reading(db) as connection:
        rows = moved(connection, a, b, by_rule=by_rule, examples=examples)
    if as_json:
        for row in rows:
            print_json(row)
        return
    table = Table(title=f"verdicts moved from ruleset {a} to {b}", caption=f"{len(rows)} kinds")
    columns = ("wave", "question", "before", "after", "rule_before", "rule", "sites")
    for column in (*columns, *(("hosts",) if examples else ())):
        table.add_column(
            column,
            justify="right" if column == "sites" else "left",
            no_wrap=column in {"question", "sites"},
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(safe_text(_shown(value)) for value in row.values()))
    Console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list) else str(value)
