"""`optout studies`: what others measured at the door, kept apart from what we observe."""

import asyncio
import hashlib
from dataclasses import astuple
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.safe_text import safe_text
from crawler.cli.judge import DB
from crawler.cli.refusal import Refusal, print_json, reading, refusing
from crawler.panel.studies import Probe, Study, StudyError, StudyFormat, parse

if TYPE_CHECKING:
    from crawler.panel.exclusions import Exclusion
    from crawler.wave.door import Consented, Result

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


@studies.command("ask")
@click.argument("panel", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@DB
@click.option("--agent", "agents", multiple=True, required=True, help="A name to try; repeat it.")
@click.option("--contact", envvar="OPTOUT_CONTACT", help="Whom to ask about us [$OPTOUT_CONTACT].")
@click.option("--send", is_flag=True, help="Try the names; without it consent is only looked for.")
@click.option("--study", help="Id under which the answers are kept; needed with --send.")
@click.option("--hosts", type=click.Path(path_type=Path, exists=True), help="Hosts file.")
@click.option("--scheme", type=click.Choice(["https", "http"]), default="https", show_default=True)
@click.option(
    "--do-not-survey", type=click.Path(path_type=Path, exists=True), help="Whom never to ask."
)
@click.option("--delay", default=1.0, show_default=True, help="Seconds between two requests.")
def ask(  # noqa: PLR0913, PLR0917 - each option narrows what may be asked
    panel: Path,
    db: Path,
    agents: tuple[str, ...],
    contact: str | None,
    send: bool,
    study: str | None,
    hosts: Path | None,
    scheme: str,
    do_not_survey: Path | None,
    delay: float,
) -> None:
    """Ask sites whose owners have consented under the names of agents, beside a control.

    PANEL is a list of sites with a column `consent`: the token that the owner gave you. The site
    itself must serve /.well-known/optout-probe.txt with that token, and it is read again before
    every single request; a site without both is asked for nothing under another name. Every request
    carries our own name and contact.

    What comes back shows what the server does to a name. It does not show what it does to the
    agent: many servers also check addresses or signatures.
    """
    from crawler.panel.reading import read  # noqa: PLC0415
    from crawler.wave.door import Consented  # noqa: PLC0415

    if not contact:
        raise Refusal("to ask under another name, say whom a site can ask about it: --contact")
    if send and not study:
        raise Refusal("name the study under which the answers are kept: --study")
    with refusing(OSError, ValueError):
        sites = [Consented(site.host, site.consent, site.line or 0) for site in read(panel).sites]
        found = asyncio.run(
            _ask(sites, agents, contact, db, hosts, do_not_survey, scheme, delay, send)
        )
    for result in found:
        click.echo(safe_text(_told(result)))
    probes = tuple(result for result in found if isinstance(result, Probe))
    if send and study and probes:
        _keep(db, study, probes)


async def _ask(  # noqa: PLR0913, PLR0917 - as above
    sites: "list[Consented]", names: tuple[str, ...], contact: str, db: Path, hosts: Path | None,
    do_not_survey: Path | None, scheme: str, delay: float, send: bool,
) -> "list[Result]":  # fmt: skip
    """Ask one site after the other; nobody waits for a survey of consenting sites."""
    from crawler import settings  # noqa: PLC0415
    from crawler.fetch.address_guard import HostsFile, Resolver  # noqa: PLC0415
    from crawler.fetch.client import Fetcher, Limits  # noqa: PLC0415
    from crawler.fetch.politeness import Politeness  # noqa: PLC0415
    from crawler.panel.exclusions import DoNotSurvey  # noqa: PLC0415
    from crawler.wave.door import Door  # noqa: PLC0415

    exclusions = DoNotSurvey(do_not_survey, _forgotten(db))
    fetcher = Fetcher(
        Resolver(HostsFile.read(hosts) if hosts else HostsFile(), excluded=exclusions),
        Limits.scaled(settings.DOWNLOAD_TIMEOUT),
        user_agent=f"{settings.USER_AGENT} (+{contact})",
        politeness=Politeness(delay, settings.DOWNLOAD_DELAY_JITTER),
    )
    door = Door(fetcher.fetch, contact, exclusions, scheme=scheme, send=send)
    try:
        return [result for site in sites for result in await door.ask(site, names)]
    finally:
        await fetcher.close()


def _forgotten(db: Path) -> "tuple[Exclusion, ...]":
    """Who was forgotten in the database, if there is one."""
    from crawler.store.forget import tombstones  # noqa: PLC0415

    if not db.exists():
        return ()
    with reading(db) as connection:
        return tombstones(connection)


def _told(result: "Result") -> str:
    from crawler.wave.door import Refused  # noqa: PLC0415

    about = f"{result.host} as {result.agent}"
    if isinstance(result, Probe):
        return f"{about}: {result.came}; control: {result.control or 'not known'}"
    if isinstance(result, Refused):
        return f"{about}: not asked: {result.denial}"
    return f"{about}: consents; nothing was sent, for want of --send"


def _keep(db: Path, study: str, probes: tuple[Probe, ...]) -> None:
    from crawler import __version__  # noqa: PLC0415
    from crawler.store.database import writing  # noqa: PLC0415
    from crawler.store.studies import About, put_study  # noqa: PLC0415

    written = "\n".join(str(astuple(probe)) for probe in probes)
    found = Study(hashlib.sha256(written.encode()).hexdigest(), probes)
    about = About(
        study,
        "Asked by us with the owners' consent",
        "one request under each name and one as a browser, from one address, our own name and"
        " contact in each; consent read again before every request",
        f"optout-observatory {__version__}",
        datetime.now(UTC).date().isoformat(),
        "us",
        "asked",
    )
    with refusing(), writing(db) as connection:
        put_study(connection, about, found)


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
