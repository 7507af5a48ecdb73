"""Sites checked one by one for a person: the survey's client, guard and politeness, no database."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from crawler import settings
from crawler.checker.single_visit import Watch, visit
from crawler.creator.wording import say
from crawler.fetch.address_guard import HostsFile, Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.dns import Inquiry, system_servers
from crawler.fetch.politeness import Politeness
from crawler.hosts import HostError, normalise
from crawler.panel.exclusions import DoNotSurvey
from crawler.visit.result import VisitResult

SCHEMES = ("https", "http")


class AskError(ValueError):
    """What cannot be asked; says what to write instead."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site as written by a person: its name, and the schemes to try in order."""

    host: str
    schemes: tuple[str, ...] = SCHEMES

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name or a web address, of which only the site counts; raises AskError."""
        written = text.strip()
        if "://" not in written and "@" in written and "/" not in written:
            site = written.rpartition("@")[2]
            raise AskError(say("cli.e_mail", text=written, site=site))
        try:
            parts = urlsplit(written if "://" in written else f"https://{written}")
            if parts.scheme not in SCHEMES:
                raise AskError(f"{parts.scheme}: write a web address, such as https://example.org")
            host = normalise(parts.netloc)
        except HostError as error:
            raise AskError(str(error)) from error
        except ValueError as error:
            raise AskError(f"not a web address: {error}") from error
        return cls(host.ascii, ("http",) if parts.scheme == "http" else SCHEMES)


class Checker:
    """Visits sites; must be made and closed inside one event loop.

    `hosts` alone may lead to private addresses. Without a `contact` only names of that file
    are asked. `delay` and `timeout` are in seconds, as in a survey.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        hosts: HostsFile | None = None,
        contact: str | None = None,
        *,
        delay: float = settings.DOWNLOAD_DELAY,
        timeout: float = settings.DOWNLOAD_TIMEOUT,
        exclusions: DoNotSurvey | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self._hosts = hosts or HostsFile()
        self._contact = contact
        if contact and not (contact.isascii() and contact.isprintable()):
            raise AskError(f"the contact {contact!r} cannot stand in a header: use plain ASCII")
        self._fetcher = Fetcher(
            resolver
            or Resolver(
                self._hosts,
                why=Inquiry(system_servers(), seconds=timeout / 10).why,
                excluded=exclusions,
            ),
            Limits.scaled(timeout),
            user_agent=f"{settings.USER_AGENT} ({f'+{contact}' if contact else 'replay'})",
            politeness=Politeness(delay, settings.DOWNLOAD_DELAY_JITTER),
        )

    async def visit(self, site: Site, watch: Watch | None = None) -> VisitResult:
        """Visit a site; raises AskError where nobody is named whom a stranger could ask."""
        if not self._contact and site.host.partition(":")[0] not in self._hosts:
            raise AskError("to ask a stranger's site, say whom it can ask: --contact")
        return await visit(self._fetcher.fetch, site.host, site.schemes, watch)

    async def close(self) -> None:
        """Let go of the threads."""
        await self._fetcher.close()
