"""Asking a site under an agent's name, with its owner's consent, beside a control.

Nothing of this is part of a survey. Every request, control and probe alike, is preceded by a look
at the file of consent, and carries our own name and contact beside the name that is tried. What a
name without the agent's address and signature is answered with shows what a server does to names,
and no more: one that verifies agents turns us away and lets the agent in, or the reverse.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from crawler import settings
from crawler.answers import Answer, classify
from crawler.model import Capture
from crawler.panel.exclusions import DoNotSurvey
from crawler.panel.studies import Probe, ProbeClass
from crawler.registry import agents
from crawler.visit.access import OwnAccess
from crawler.visit.consent import FILE, MAX_BYTES, Denial, denied

ROBOTS, HOME = "/robots.txt", "/"
MOST_AGENTS = 8
MINUTE = 60.0
"""Seconds that may lie between control and probe."""


class Fetch(Protocol):
    """What `Fetcher.fetch` is, as far as it is used here."""

    def __call__(  # noqa: PLR0913 - as the client's
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int = ...,
        max_redirects: int = ...,
        may_follow: Callable[[str], bool] | None = ...,
        user_agent: str | None = ...,
    ) -> Awaitable[Capture]:
        """Ask for an address."""


@dataclass(frozen=True, slots=True)
class Consented:
    """A site of the panel, with the token that its owner gave us; None: no consent."""

    host: str
    token: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A site and agent about which nothing was asked under another name, and why."""

    host: str
    agent: str
    denial: Denial


def named(agent: str, contact: str) -> str:
    """Give the User-Agent of a probe: the agent's name, and who really asks.

    ValueError for a name that is no agent's, that no request carries, or without a contact.
    """
    known = agents.load().by_token(agent)
    if known is None or not agents.is_product_token(known.token):
        raise ValueError(f"{agent}: no agent of the registry has this product token")
    if known.control_token:
        raise ValueError(f"{agent}: no request carries this name; ask as {known.parent}")
    return f"Mozilla/5.0 (compatible; {known.token}; probe by {_ourselves(contact)})"


def control(contact: str) -> str:
    """Give the User-Agent of the control: a browser's, and who really asks."""
    return f"{settings.SURVEY_BROWSER} ({_ourselves(contact)})"


def _ourselves(contact: str) -> str:
    if not contact or not (contact.isascii() and contact.isprintable()):
        raise ValueError("say whom a site can ask about us, in plain ASCII")
    return f"{settings.USER_AGENT}; +{contact}"


@dataclass(frozen=True, slots=True)
class Looked:
    """A site that consents to being asked as an agent, and was not asked."""

    host: str
    agent: str


Result = Probe | Refused | Looked


class Door:
    """Asks sites one by one; `send` False looks for consent only and tries no name."""

    def __init__(  # noqa: PLR0913 - each but three has a default
        self,
        fetch: Fetch,
        contact: str,
        exclusions: DoNotSurvey,
        *,
        today: Callable[[], date] = date.today,
        scheme: str = "https",
        send: bool = False,
    ) -> None:
        self._fetch = fetch
        self._contact = contact
        self._exclusions = exclusions
        self._today = today
        self._scheme = scheme
        self._send = send
        self._control = control(contact)

    async def ask(self, site: Consented, names: Sequence[str]) -> list[Result]:
        """Ask a site under each name; ValueError for a name that cannot be tried, before asking.

        A site without a token, or one that is excluded, is asked for nothing at all.
        """
        if len(names) > MOST_AGENTS:
            raise ValueError(f"at most {MOST_AGENTS} agents of one site")
        tried = {name: named(name, self._contact) for name in names}
        denial = await self._may_begin(site)
        if denial is not None:
            return [Refused(site.host, name, denial) for name in names]
        return [await self._one(site, name, agent) for name, agent in tried.items()]

    async def _may_begin(self, site: Consented) -> Denial | None:
        if site.token is None:
            return Denial.NO_TOKEN
        if self._exclusions.host(site.host):
            return Denial.EXCLUDED
        origin = self._origin(site)
        robots = await self._fetch(
            origin + ROBOTS, ROBOTS, max_bytes=settings.SURVEY_ROBOTS_MAX_BYTES
        )
        access = OwnAccess(robots, settings.SURVEY_PRODUCT_TOKEN)
        return None if access.may_fetch(origin + HOME) else Denial.ROBOTS

    async def _one(self, site: Consented, name: str, agent: str) -> Result:
        if denial := await self._denial(site, name):
            return Refused(site.host, name, denial)
        if not self._send:
            return Looked(site.host, name)
        beside = await self._home(site, self._control)
        if denial := await self._denial(site, name):
            return Refused(site.host, name, denial)
        came = await self._home(site, agent)
        return Probe(
            site.host,
            name,
            probe_class(came),
            probe_class(beside) if _apart(beside, came) <= MINUTE else None,
            came.status,
            site.line,
        )

    async def _denial(self, site: Consented, name: str) -> Denial | None:
        """Read the file of consent once more, under our own name."""
        origin = self._origin(site)
        capture = await self._fetch(origin + FILE, FILE, max_bytes=MAX_BYTES, max_redirects=0)
        return denied(capture, origin, site.token, name, self._today())

    async def _home(self, site: Consented, user_agent: str) -> Capture:
        """Ask for the home page; nobody has consented for another origin."""
        origin = self._origin(site)
        return await self._fetch(
            origin + HOME,
            HOME,
            max_redirects=settings.SURVEY_MAX_REDIRECTS,
            may_follow=lambda url: url.startswith(origin + "/"),
            user_agent=user_agent,
        )

    def _origin(self, site: Consented) -> str:
        return f"{self._scheme}://{site.host}"


def probe_class(capture: Capture) -> ProbeClass:
    """Give the class of what came back."""
    if capture.status == 402:
        return ProbeClass.PAYMENT
    return _CLASSES.get(classify(capture), ProbeClass.ERROR)


_CLASSES = {
    Answer.CONTENT: ProbeClass.OK,
    Answer.REFUSED: ProbeClass.REFUSED,
    Answer.CHALLENGE: ProbeClass.CHALLENGE,
    Answer.RATE_LIMITED: ProbeClass.RATE_LIMITED,
}


def _apart(one: Capture, other: Capture) -> float:
    """Seconds between the beginnings of two requests."""
    began = [datetime.fromisoformat(capture.started_at) for capture in (one, other)]
    return abs((began[1] - began[0]).total_seconds())
