"""`optout survey`: the same crawl as `scrapy crawl survey`, from any folder."""

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit
from typing import Any

import click

from analysis.safe_text import safe_text
from crawler.cli.refusal import Refusal, refusing
from crawler.cli.upkeep import write_metrics
from crawler.cli.waves import health_options, thresholds, what_went_wrong
from crawler.model import Site
from crawler.store.database import explained
from crawler.wave.json_log import Handler, tell

HOSTS_LINE = "`address[:port] name [name...]`"
MAX_RETRIES = 5
MAX_FILES = 16_384
MAX_PAUSE = 24 * 3600
MAX_SEED = 2**63 - 1  # what an INTEGER of SQLite holds


@click.command()
@click.argument("panel", type=click.Path(path_type=Path))
@click.option("--wave", required=True, help="Name of the wave, such as 2026-11.")
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    default=Path("survey.db"),
    show_default=True,
    help="Database file; made if it is not there, taken up again if it is.",
)
@click.option(
    "--hosts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=f"Hosts file: {HOSTS_LINE}. Only these addresses may be private.",
)
@click.option(
    "--scheme",
    type=click.Choice(["auto", "https", "http"]),
    default="auto",
    show_default=True,
    help="auto asks https first, then http where https cannot be had.",
)
@click.option(
    "--contact",
    envvar="OPTOUT_CONTACT",
    help="Whom site owners can ask: an address or URL, sent with every request [$OPTOUT_CONTACT].",
)
@click.option("--strict", is_flag=True, help="Refuse the panel if any row of it is bad.")
@click.option("--dry-run", is_flag=True, help="Print what would be fetched, and fetch nothing.")
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Order of the sites.",
)
@click.option("--vantage", help="Where this runs, as you want it recorded: `Berlin, DE`.")
@click.option("--country", help="Country of this machine's address, two letters, as recorded.")
@click.option(
    "--ip-family",
    type=click.Choice(["any", "4", "6"]),
    default="any",
    show_default=True,
    help="Ask addresses of that version of IP only.",
)
@click.option(
    "--proxy",
    help="http://host:port of a proxy that makes tunnels. Names are resolved here and it is "
    "asked for numeric addresses, so no private address is reached through it by a trick.",
)
@click.option(
    "--cloaking-check",
    is_flag=True,
    help="Ask again for robots.txt and home page as a browser would, and store the answers "
    "beside ours (`v_cloaking`); they are never judged.",
)
@click.option(
    "--works",
    type=click.IntRange(0, 4),
    help="Works of each site, one of each kind, whose metadata is read; 0 for none [3].",
)
@click.option(
    "--canary",
    "canaries",
    multiple=True,
    metavar="HOST",
    help="A site known to answer, probed for reachability; while none does, failures count as"
    " ours. May repeat.",
)
@click.option(
    "--canary-seconds",
    type=click.FloatRange(0),
    help="Such sites are probed at most so often; failures wait for their turn [60].",
)
@click.option(
    "--delay", type=click.FloatRange(0), help="Seconds between requests to one domain [1]."
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), help="Seconds for one request [15]."
)
@click.option(
    "--do-not-survey",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="List of hosts, .suffixes and networks that are never asked, with date and reason.",
)
@click.option(
    "--max-crawl-delay",
    type=click.FloatRange(0),
    help="Longest Crawl-delay, in seconds, that is waited for; over it one page is asked [30].",
)
@click.option(
    "--robots-stay-out",
    type=click.Choice(["401", "403", "401,403"]),
    help="Statuses of robots.txt that keep us off the whole site; RFC 9309 lets us in on them.",
)
@click.option(
    "--retry-pauses",
    help="Seconds before each further visit after a passing failure; `` for none [10,20].",
)
@click.option("--concurrency", type=click.IntRange(1), help="Requests in flight [128].")
@click.option("--no-judge", is_flag=True, help="Only crawl; `optout judge` can follow later.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--log-json", is_flag=True, help="Progress and log as one JSON object a line.")
@click.option(
    "--metrics",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for Prometheus metrics of the wave, replaced at the end.",
)
@click.option(
    "--shard",
    default="",
    metavar="I/N",
    help="Survey part I of N of the panel, by registrable domain; see `optout merge`.",
)
@click.option(
    "--jobs",
    default="",
    metavar="URL",
    help="Share the panel with other workers by a Redis server (6.2 or newer), such as "
    "redis://host:6379/0; each worker has a database of its own. See `optout merge`.",
)
@click.option(
    "--no-conditional",
    is_flag=True,
    help="Ask for everything in full, also for what earlier waves have.",
)
@health_options
def survey(panel: Path, wave: str, db: Path, dry_run: bool, strict: bool, **options: Any) -> None:  # noqa: ANN401
    """Survey the sites of PANEL and store everything in a database.

    PANEL is a CSV with a header (`host` required), a plain list of hosts, or `rank,domain`.
    A wave that was interrupted goes on where it stopped; a finished one has nothing to do.
    """
    if not wave.strip():
        raise Refusal("--wave: give the wave a name, such as 2026-11")
    if dry_run:
        listed, shard = options["do_not_survey"], options["shard"]
        scheme = options["scheme"]
        sites = print_plan(panel, strict=strict, scheme=scheme, do_not_survey=listed, shard=shard)
        click.echo(machines(sites, options["delay"], options["concurrency"]), err=True)
        return
    with _refusals(as_json=options["log_json"]):
        try:
            run_survey(panel, wave, db, strict=strict, **options)
        except SystemExit:  # stopped before the end
            _measure(db, wave, options["metrics"])
            raise
        _measure(db, wave, options["metrics"])
        wrong = what_went_wrong(db, wave, thresholds(options))
    for anomaly in wrong:
        _say(safe_text(anomaly.sentence), as_json=options["log_json"])
    if wrong:
        raise SystemExit(1)


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    """End with a line of the JSON log where click would write a plain one."""
    try:
        yield
    except Refusal as refusal:
        if not as_json:
            raise
        tell("refused", message=refusal.message)
        raise SystemExit(refusal.exit_code) from refusal


def _say(message: str, *, as_json: bool) -> None:
    if as_json:
        tell("end", message=message)
    else:
        click.echo(message, err=True)


def _measure(db: Path, wave: str, to: Path | None) -> None:
    if to is not None:
        write_metrics(db, wave, to)


SECONDS_OF_A_REQUEST = 0.3
"""What an answer takes, pauses apart."""
SITES_OF_A_CORE = 25.0
"""Sites a second that one core fetches, reads and judges: measured, 40 ms of processor each."""


def print_plan(
    panel: Path, *, strict: bool, scheme: str, do_not_survey: Path | None, shard: str = ""
) -> list[Site]:
    """Write one URL a line: the requests a wave would begin with, redirects apart.

    Returns the sites.
    """
    from crawler.panel import reading as panels  # noqa: PLC0415
    from crawler.panel.exclusions import DoNotSurvey, ExclusionError  # noqa: PLC0415
    from crawler.panel.shards import part_of  # noqa: PLC0415
    from crawler.signals import resources  # noqa: PLC0415

    _check_shard(shard)
    with refusing(ExclusionError):
        read = part_of(panels.read(panel, strict=strict), shard)
        excluded = DoNotSurvey(do_not_survey)
    first = "http" if scheme == "http" else "https"
    sites = [site for site in read.sites if not excluded.host(site.host)]
    for site in sites:
        for resource in resources():
            click.echo(f"{first}://{site.host}{resource}")
    click.echo(
        f"{len(sites)} sites, {len(sites) * len(resources())} requests; "
        f"{len(read.rejections)} rows refused, {len(read.duplicates)} duplicates, "
        f"{len(read.sites) - len(sites)} sites on the do-not-survey list",
        err=True,
    )
    return sites


def machines(sites: Sequence[Site], delay: float | None, concurrency: int | None) -> str:
    """Say how long a wave takes, by its delay, the sites at once and its largest domain."""
    from crawler import settings  # noqa: PLC0415
    from crawler.signals import resources  # noqa: PLC0415

    pause = settings.DOWNLOAD_DELAY if delay is None else delay
    pause *= 1 + settings.DOWNLOAD_DELAY_JITTER / 2
    at_once = concurrency or settings.CONCURRENT_REQUESTS
    site = len(resources()) * (pause + SECONDS_OF_A_REQUEST)
    rate = min(at_once / site, SITES_OF_A_CORE)
    domains = Counter(s.registrable_domain or s.host.partition(":")[0] for s in sites)
    largest = max(domains.values(), default=0)
    least = largest * site / 3600
    hours = len(sites) / rate / 3600
    return (
        f"about {site:.0f} s a site, {at_once} at once: {rate:.1f} sites/s, {hours:.1f} h on one"
        f" machine, {hours / 4:.1f} h on four; the largest domain has {largest} sites and takes"
        f" {least:.1f} h on any number"
    )


def run_survey(panel: Path, wave: str, db: Path, **options: Any) -> None:  # noqa: ANN401
    """Crawl a wave to its end in this process; raises Refusal for what the user can mend."""
    from crawler.panel.exclusions import ExclusionError  # noqa: PLC0415
    from crawler.wave.jobs import JobsError  # noqa: PLC0415
    from crawler.wave.run import ContactError  # noqa: PLC0415

    _check_hosts(options.get("hosts"))
    _check_do_not_survey(options.get("do_not_survey"))
    _check_pauses(options.get("retry_pauses"))
    _check_vantage(options.get("country"), options.get("proxy"))
    _check_probes(options.get("canaries") or ())
    _check_shard(options.get("shard") or "")
    if options.get("jobs") and options.get("shard"):
        raise Refusal("--jobs shares the whole panel: leave --shard out")
    _allow_files()
    left, failures = _crawl(panel, wave, _settings(db, options))
    for failure in failures:
        if isinstance(failure, JobsError):
            _say(str(failure), as_json=bool(options.get("log_json")))
            raise SystemExit(1)
    with refusing(ContactError, ExclusionError), explained(db):
        for failure in failures:
            raise failure
    if left:
        _say(
            f"stopped with {left} sites to do; the same command goes on",
            as_json=bool(options.get("log_json")),
        )
        raise SystemExit(1)


def _allow_files() -> None:
    """Raise this process's limit of open files as far as it may: each connection is one."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != RLIM_INFINITY and soft < wanted:
        setrlimit(RLIMIT_NOFILE, (wanted, hard))


def _check_hosts(hosts: Path | None) -> None:
    from crawler.fetch.address_guard import HostsFile  # noqa: PLC0415

    try:
        if hosts is not None:
            HostsFile.read(hosts)
    except (ValueError, OSError) as error:
        raise Refusal(f"{error}: correct it; a line is {HOSTS_LINE}") from error


def _check_do_not_survey(path: Path | None) -> None:
    from crawler.panel.exclusions import ExclusionError, read  # noqa: PLC0415

    with refusing(ExclusionError):
        if path is not None:
            read(path)


def _check_vantage(country: str | None, proxy: str | None) -> None:
    from crawler.wave.handler import proxy_address  # noqa: PLC0415

    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Refusal(f"--country {country}: two letters (ISO 3166-1), such as DE")
    try:
        proxy_address(proxy)
    except ValueError as error:
        raise Refusal(f"--proxy {error}") from error


def _check_probes(hosts: Sequence[str]) -> None:
    from crawler.hosts import HostError, normalise  # noqa: PLC0415

    for host in hosts:
        try:
            normalise(host)
        except HostError as error:
            raise Refusal(f"--canary {host}: {error}") from error


def _check_pauses(text: str | None) -> None:
    try:
        pauses = [float(word) for word in (text or "").split(",") if word]
    except ValueError as error:
        raise Refusal(f"--retry-pauses: {error}: write seconds, such as 10,20") from error
    if not all(0 <= pause <= MAX_PAUSE for pause in pauses) or len(pauses) > MAX_RETRIES:
        raise Refusal(
            f"--retry-pauses: at most {MAX_RETRIES} pauses of 0 to {MAX_PAUSE} s are possible"
        )


def _check_shard(text: str) -> None:
    from crawler.panel.shards import Shard  # noqa: PLC0415

    try:
        if text:
            Shard.parse(text)
    except ValueError as error:
        raise Refusal(f"--shard: {error}") from error


def _crawl(panel: Path, wave: str, named: dict[str, Any]) -> tuple[int, list[BaseException]]:
    """Run the spider; returns how many sites are left to do, and what went wrong."""
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415 - a second to import
    from scrapy.settings import Settings  # noqa: PLC0415

    from spiders.survey import SurveySpider  # noqa: PLC0415

    # What is imported stays; to look through it for garbage would take 4 % of the time.
    gc.freeze()
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(named, priority="cmdline")
    if settings.getbool("SURVEY_LOG_JSON"):
        settings.set("LOG_INSTALL_ROOT_HANDLER", False)
        logging.root.addHandler(Handler(settings["LOG_LEVEL"]))
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(SurveySpider)
    failures: list[BaseException] = []
    task = process.crawl(crawler, panel=str(panel), wave=wave)
    task.add_done_callback(lambda done: failures.extend(filter(None, [done.exception()])))
    process.start()
    spider = crawler.spider
    if not isinstance(spider, SurveySpider):
        return 0, failures
    if spider.trouble is not None:
        failures.append(spider.trouble)
    return spider.run.left, failures


def _settings(db: Path, options: dict[str, Any]) -> dict[str, Any]:
    named = {
        "SURVEY_DB": str(db),
        "SURVEY_HOSTS_FILE": str(options.get("hosts") or ""),
        "SURVEY_DO_NOT_SURVEY": options.get("do_not_survey") and str(options["do_not_survey"]),
        "SURVEY_MAX_CRAWL_DELAY": options.get("max_crawl_delay"),
        "SURVEY_RETRY_PAUSES": options.get("retry_pauses"),
        "SURVEY_ROBOTS_STAY_OUT": options.get("robots_stay_out"),
        "SURVEY_SCHEME": options.get("scheme"),
        "SURVEY_CONTACT": options.get("contact") or os.environ.get("OPTOUT_CONTACT"),
        "SURVEY_STRICT_PANEL": options.get("strict"),
        "SURVEY_SEED": options.get("seed"),
        "SURVEY_SHARD": options.get("shard"),
        "SURVEY_JOBS": options.get("jobs"),
        "SURVEY_LOG_JSON": options.get("log_json"),
        "SURVEY_VANTAGE": options.get("vantage"),
        "SURVEY_CONDITIONAL": not options.get("no_conditional"),
        "SURVEY_CANARIES": list(options.get("canaries") or ()) or None,
        "SURVEY_CANARY_SECONDS": options.get("canary_seconds"),
        "SURVEY_COUNTRY": options.get("country"),
        "SURVEY_IP_FAMILY": options.get("ip_family"),
        "SURVEY_PROXY": options.get("proxy"),
        "SURVEY_CLOAKING_CHECK": options.get("cloaking_check"),
        "SURVEY_WORKS": options.get("works"),
        "SURVEY_JUDGE": not options.get("no_judge"),
        "SURVEY_PROGRESS": not options.get("quiet"),
        "DOWNLOAD_DELAY": options.get("delay"),
        "DOWNLOAD_TIMEOUT": options.get("timeout"),
        "CONCURRENT_REQUESTS": options.get("concurrency"),
    }
    return {name: value for name, value in named.items() if value is not None}
