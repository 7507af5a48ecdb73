"""One survey run: a panel, a wave and the database they are stored in."""

import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Self

from scrapy.settings import BaseSettings

from crawler import __version__, panel
from crawler.guard import HostsFile, is_special_use
from crawler.model import Site
from crawler.panel import Panel
from crawler.signals import RULESET
from crawler.store import facts
from crawler.store.database import writing
from crawler.store.facts import Visit, Wave

RECORDED = (
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "DOWNLOAD_TIMEOUT",
    "SURVEY_HOSTS_FILE",
    "SURVEY_MAX_BYTES",
    "SURVEY_MAX_REDIRECTS",
    "SURVEY_PRODUCT_TOKEN",
    "SURVEY_ROBOTS_MAX_BYTES",
    "SURVEY_SCHEME",
)
PACKAGES = ("scrapy", "twisted", "protego", "lxml", "idna", "tldextract", "sqlite-utils")


class ContactError(Exception):
    """A live survey names nobody whom a site owner could ask."""


def software() -> str:
    """Name and version of all that takes part in a crawl."""
    parts = [f"optout-observatory {__version__}"]
    parts += [f"{name} {version(name)}" for name in PACKAGES]
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
    names = (site.host.partition(":")[0] for site in sites)
    if not all(name in known or is_special_use(name) for name in names):
        raise ContactError(
            "a survey of other people's sites must say whom to ask: give --contact "
            "(an address or a page about your survey) or set OPTOUT_CONTACT"
        )
    return f"{base} (replay)"


class SurveyRun:
    """An open wave. `pending` yields what is left to do, `put` stores what is done."""

    def __init__(self, path: Path, source: Panel, wave_name: str, settings: BaseSettings) -> None:
        self.path = path
        self.user_agent = user_agent(settings, source.sites)
        self._stack = ExitStack()
        self.connection = self._stack.enter_context(writing(path))
        try:
            panel_id = facts.put_panel(self.connection, source)
            self.wave: Wave = facts.open_wave(
                self.connection,
                wave_name,
                panel_id,
                seed=settings.getint("SURVEY_SEED"),
                software=software(),
                settings={name: settings.get(name) for name in RECORDED},
                user_agent=self.user_agent,
                vantage=settings.get("SURVEY_VANTAGE") or None,
                ruleset=RULESET,
            )
        except BaseException:
            self._stack.close()
            raise
        self.total, self.done = facts.count_pending(self.connection, self.wave)

    @classmethod
    def open(cls, panel_path: str, wave_name: str, settings: BaseSettings) -> Self:
        """Read the panel and open its wave in the database named by SURVEY_DB."""
        source = panel.read(Path(panel_path), strict=settings.getbool("SURVEY_STRICT_PANEL"))
        return cls(Path(settings["SURVEY_DB"]), source, wave_name, settings)

    def pending(self) -> Iterator[Site]:
        """Sites without a visit, in the wave's seeded order."""
        return facts.pending(self.connection, self.wave)

    def put(self, visits: list[Visit]) -> None:
        """Store finished visits in one transaction."""
        facts.put_visits(self.connection, self.wave, visits)
        self.done += len(visits)

    def close(self) -> None:
        """Stamp the wave if nothing is pending, and let the database go."""
        try:
            if facts.count_pending(self.connection, self.wave) == (self.total, self.total):
                facts.finish_wave(self.connection, self.wave)
        finally:
            self._stack.close()
