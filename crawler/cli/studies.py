"""`optout studies`: what others measured at the door, kept apart from what we observe."""

from datetime import date
from pathlib import Path

import click

from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, print_json, reading, refusing
from crawler.panel.studies import StudyError, StudyFormat, parse

_LIST = """
SELECT study, made_by, day, title, method, source,
       (SELECT count(*) FROM probes p WHERE p.study = s.study) AS probes,
       (SELECT count(*) FROM compliance_rates r WHERE r.study = s.study) AS rates, unanswered
FROM studies s ORDER BY study
"""


@click.group()
def studies() -> None:
    """Load and list what others measured at the door: probes and rates of compliance.

    Each study is an observation of its makers, with its day and method. No survey makes such rows,
    and no number mixes them with ours: indicators that use them name the study.
    """


@studies.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice([each.value for each in StudyFormat]))
@click.argument(
    "path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@DB
@click.option("--study", required=True, help="Id of the study, as in hasdata-2026-07.")
@click.option("--date", "day", required=True, help="Day of the measurements, as in 2026-07-23.")
@click.option("--title", required=True, help="Who measured what, in a few words.")
@click.option("--method", required=True, help="From where and how, in a sentence.")
@click.option("--source", required=True, help="Where it was published: an address or a DOI.")
def import_(  # noqa: PLR0913, PLR0917 - a study is told with all that makes it citable
    form: str, path: Path, db: Path, study: str, day: str, title: str, method: str, source: str
) -> None:
    """Load a published file of probe results or of rates of compliance.

    \b
    probes-jsonl  a JSON object a line: domain, ua_label, class, status (rows of `browser` control)
    probes-csv    host, agent, class, and perhaps control and status
    verdicts-csv  host, agent, verdict: allow, refuse, pay; unknown and disallow tell of no answer
    rates-csv     agent, directive, obeyed, n, and perhaps traffic
    """
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.studies import About, put_study  # noqa: PLC0415

    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise Refusal(f"{day!r}: not a day; write it as in 2026-07-23") from error
    with refusing(OSError, StudyError):
        found = parse(path.read_bytes(), StudyFormat(form), path.name)
        with writing(db) as connection:
            about = About(study, title, method, source, day, "third-party", form)
            forgotten = put_study(connection, about, found)
    told = f"study {study}: {len(found.probes)} probes, {len(found.rates)} rates"
    told += f", {found.unanswered} rows without an answer" if found.unanswered else ""
    told += f", {forgotten} of hosts that are forgotten" if forgotten else ""
    click.echo(safe_text(told))


@studies.command("list")
@DB
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(db: Path, as_json: bool) -> None:
    """List the studies of a database with their methods."""
    with reading(db) as connection:
        cursor = connection.execute(_LIST)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    if as_json:
        print_json({"studies": rows})
        return
    for row in rows:
        click.echo(safe_text(f"{row['study']} ({row['made_by']}, {row['day']}): {row['title']}"))
        click.echo(safe_text(f"    {row['probes']} probes, {row['rates']} rates; {row['method']}"))
        click.echo(safe_text(f"    {row['source']}"))
