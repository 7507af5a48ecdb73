"""One survey run: a panel, a wave and the database they are stored in."""

import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from scrapy.settings import BaseSettings

from crawler import __version__
from crawler.fetch.address_guard import HostsFile, is_special_use
from crawler.fetch.conditional import Stored
from crawler.fetch.dns import system_servers
from crawler.model import Failure, Reason, Site
from crawler.panel import reading
from crawler.panel.exclusions import DoNotSurvey, Exclusion
from crawler.panel.reading import Panel
from crawler.panel.shards import part_of
from crawler.signals import RULESET
from crawler.store import facts
from crawler.store.database import writing
from crawler.store.facts import Earlier, Visit, Wave
from crawler.store.forget import tombstones
from crawler.store.join import check_part
from crawler.wave.jobs import Jobs, Stream, Table

RECORDED = (
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "DOWNLOAD_TIMEOUT",
    "SURVEY_CONDITIONAL",
    "SURVEY_ADDRESS_CONNECTIONS",
    "SURVEY_BROWSER",
    "SURVEY_CANARIES",
    "SURVEY_CANARY_SECONDS",
    "SURVEY_CLOAKING_CHECK",
    "SURVEY_COUNTRY",
    "SURVEY_DO_NOT_SURVEY",
    "SURVEY_HOSTS_FILE",
    "SURVEY_IP_FAMILY",
    "SURVEY_PROXY",
    "SURVEY_MAX_CRAWL_DELAY",
    "SURVEY_MAX_RETRY_AFTER",
    "SURVEY_RETRY_PAUSES",
    "SURVEY_SITE_BYTES",
    "SURVEY_SITE_REQUESTS",
    "SURVEY_SITE_SECONDS",
    "SURVEY_MAX_BYTES",
    "SURVEY_MAX_REDIRECTS",
    "SURVEY_PRODUCT_TOKEN",
    "SURVEY_ROBOTS_MAX_BYTES",
    "SURVEY_ROBOTS_STAY_OUT",
    "SURVEY_SCHEME",
    "SURVEY_SHARD",
)
PACKAGES = ("scrapy", "twisted", "protego", "lxml", "ada-url", "tldextract", "sqlite-utils")
OF_WORKS = ("pypdf", "c2pa-python")
"""Packages of the extra `media`, which read works while they are fetched, where they are there."""


JOBS = "SURVEY_JOBS"
"""Of its setting only is kept that jobs were shared: an address may hold a password."""


class ContactError(Exception):
    """A live survey names nobody whom a site owner could ask."""


def software() -> str:
    """Name and version of all that takes part in a crawl."""
    parts = [f"optout-observatory {__version__}"]
    parts += [f"{name} {version(name)}" for name in PACKAGES]
    for name in OF_WORKS:
        with suppress(PackageNotFoundError):
            parts.append(f"{name} {version(name)}")
    parts.append(f"{platform.python_implementation()} {sys.version.split()[0]}")
    return "; ".join(parts)


def user_agent(settings: BaseSettings, sites: tuple[Site, ...]) -> str:
    """The User-Agent header with its contact.

    Raises ContactError when a site could be a stranger's and nobody is named: a contact is
    not needed only where the hosts file answers for every host of the panel, or the host
    can be nobody's.
    """
    contact = settings.get("SURVEY_CONTACT")
    base = settings["USER_AGENT"]
    if contact:
        if not (contact.isascii() and contact.isprintable()):
            raise ContactError(
                f"the contact {contact!r} cannot stand in a header: write it in plain ASCII"
            )
        return f"{base} (+{contact})"
    hosts_file = settings.get("SURVEY_HOSTS_FILE")
    known = HostsFile.read(Path(hosts_file)) if hosts_file else HostsFile.parse("")
    hosts = [*(site.host for site in sites), *settings.getlist("SURVEY_CANARIES")]
    names = (host.partition(":")[0] for host in hosts)
    if not all(name in known or is_special_use(name) for name in names):
        raise ContactError(
            "a survey of other people's sites must say whom to ask: give --contact "
            "(an address or a page about your survey) or set OPTOUT_CONTACT"
        )
    return f"{base} (replay)"


class SurveyRun:
    """An open wave. `pending` and `due` say what is left to do, `put` stores what is done.

    `exclusions` is the do-not-survey list in force, with all that was ever forgotten here.
    """

    def __init__(self, path: Path, source: Panel, wave_name: str, settings: BaseSettings) -> None:
        self.path = path
        self.user_agent = user_agent(settings, source.sites)
        self._stack = ExitStack()
        self.connection = self._stack.enter_context(writing(path))
        self._under_way: set[str] = set()
        self._conditional = settings.getbool("SURVEY_CONDITIONAL")
        try:
            listed = settings.get("SURVEY_DO_NOT_SURVEY")
            self.exclusions = DoNotSurvey(
                Path(listed) if listed else None, tombstones(self.connection)
            )
            panel_id = facts.put_panel(self.connection, source)
            check_part(self.connection, panel_id, source, settings.get("SURVEY_SHARD") or "")
            self.wave: Wave = facts.open_wave(
                self.connection,
                wave_name,
                panel_id,
                seed=settings.getint("SURVEY_SEED"),
                software=software(),
                settings={name: settings.get(name) for name in RECORDED}
                | {"NAME_SERVERS": [address for address, _ in system_servers()]}
                | {JOBS: bool(settings.get(JOBS))},
                user_agent=self.user_agent,
                vantage=settings.get("SURVEY_VANTAGE") or None,
                ruleset=RULESET,
            )
            self.jobs = self._jobs(source, settings.get("SURVEY_JOBS") or "")
        except BaseException:
            self._stack.close()
            raise
        self.total, self.done = facts.count_pending(self.connection, self.wave)

    @classmethod
    def open(cls, panel_path: str, wave_name: str, settings: BaseSettings) -> Self:
        """Read the panel and open its wave in the database named by SURVEY_DB."""
        source = reading.read(Path(panel_path), strict=settings.getbool("SURVEY_STRICT_PANEL"))
        part = part_of(source, settings.get("SURVEY_SHARD") or "")
        return cls(Path(settings["SURVEY_DB"]), part, wave_name, settings)

    def _jobs(self, source: Panel, url: str) -> Jobs:
        """The wave table, or the shared jobs at an address; raises JobsError."""
        if not url:
            return Table(lambda: facts.pending(self.connection, self.wave))
        name = f"optout:{self.wave.name}:{source.sha256[:16]}"
        stream = Stream(url, name, lambda site: facts.is_visited(self.connection, self.wave, site))
        stream.load(source.sites)
        return stream

    def pending(self) -> Iterator[Site]:
        """Sites that can be begun now and of which nothing is known yet."""
        for job in self.jobs.pending():
            yield from (site for site in job if site.host not in self._under_way)

    def more(self) -> list[Site]:
        """Sites of one further shared job, new or left by a worker that is gone."""
        if not self.jobs.shared:
            return []
        job = next(self.jobs.pending(), ())
        return [site for site in job if site.host not in self._under_way]

    @property
    def left(self) -> int:
        """Sites still to do for this worker; with shared jobs none, once nobody has any."""
        return 0 if self.jobs.shared and self.jobs.over() else self.total - self.done

    def due(self) -> list[tuple[float, Site]]:
        """Sites to visit once more, with the Unix time from which on; none that is under way."""
        found = facts.due(self.connection, self.wave)
        return [(moment, site) for moment, site in found if site.host not in self._under_way]

    @property
    def is_idle(self) -> bool:
        """Whether every visit begun has been put or dropped."""
        return not self._under_way

    def begin(self, site: Site) -> Earlier:
        """Note that a visit begins; returns the attempts before it."""
        self._under_way.add(site.host)
        return facts.begin_attempt(self.connection, self.wave, site)

    def attempts(self, site: Site) -> Iterator[Visit]:
        """Earlier visits of the wave to a site, with what they brought."""
        return facts.attempts_of(self.connection, self.wave, site)

    def answers(self, site: Site) -> dict[str, Stored]:
        """By address, what earlier waves have of a site; empty where all is to be asked anew."""
        return facts.answers(self.connection, self.wave, site) if self._conditional else {}

    def asked_elsewhere(self) -> Iterator[tuple[str, str]]:
        """Site and address of each robots.txt of another origin that the wave has asked for."""
        return facts.asked_elsewhere(self.connection, self.wave)

    def body(self, stored: Stored) -> bytes | None:
        """The body of a stored answer, or None where it has been removed."""
        return facts.body(self.connection, stored.body_id)

    def drop(self, site: Site) -> None:
        """Let a visit go that we stopped ourselves."""
        self._under_way.discard(site.host)

    def put(self, visits: list[Visit]) -> None:
        """Store finished visits in one transaction."""
        facts.put_visits(self.connection, self.wave, visits, self._exclusions_of(visits))
        self._under_way.difference_update(visit.site.host for visit in visits)
        for visit in visits:
            if visit.again_at is None:
                self.jobs.done(visit.site)
        self.done += sum(visit.again_at is None for visit in visits)

    def note_canaries(self, result: str) -> None:
        """Keep with the wave how many of the probed hosts answered, and when."""
        facts.note_canaries(self.connection, self.wave, result)

    def _exclusions_of(self, visits: list[Visit]) -> list[Exclusion]:
        words = [v.detail for v in visits if v.reason is Reason.EXCLUDED]
        words += [c.detail for v in visits for c in v.captures if c.failure is Failure.EXCLUDED]
        found = (self.exclusions.named(word) for word in words if word)
        return [exclusion for exclusion in found if exclusion is not None]

    def close(self) -> None:
        """Stamp the wave if nothing is pending, and let the database go."""
        try:
            facts.interrupt_attempts(self.connection, self.wave)
            if facts.count_pending(self.connection, self.wave) == (self.total, self.total):
                facts.finish_wave(self.connection, self.wave)
        finally:
            self._stack.close()
