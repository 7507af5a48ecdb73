"""Asking one site for one thing, for the commands that look at a single answer."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from crawler.addresses import origin_of, resolve
from crawler.cli.refusal import Refusal, refusing

if TYPE_CHECKING:
    from crawler.fetch.client import Fetcher
    from crawler.model import Capture

ROBOTS = "/robots.txt"
HOSTS = click.option(
    "--hosts", type=click.Path(path_type=Path, exists=True), help="Hosts file for a URL."
)
CONTACT = click.option(
    "--contact", envvar="OPTOUT_CONTACT", help="Whom to ask about us [$OPTOUT_CONTACT]."
)


def contact_of(options: Mapping[str, Any]) -> str | None:
    """Whom sites can ask about us: as told, as kept on this machine, or asked for once."""
    kept = Path(click.get_app_dir("optout")) / "contact"
    if options["contact"] or options.get("hosts"):
        return options["contact"]  # type: ignore[no-any-return]
    with suppress(OSError):
        return kept.read_text("utf-8").strip() or None
    if not sys.stdin.isatty():
        return None
    from crawler.creator.wording import say  # noqa: PLC0415

    contact = str(click.prompt(say("cli.contact"))).strip()
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(contact, "utf-8")
    return contact


class KeptOut(Refusal):
    """The site's robots.txt does not let us, or could not be read (RFC 9309 section 2.3.1.4)."""

    exit_code = 1


def is_url(source: str) -> bool:
    """Tell an address from the name of a file."""
    return source.startswith(("http://", "https://"))


def ask_robots(url: str, hosts: Path | None, contact: str | None) -> "Capture":
    """Fetch the robots.txt of an address' site and nothing else."""
    return asyncio.run(_ask(url, None, hosts, contact))


def ask(url: str, resource: str, hosts: Path | None, contact: str | None) -> "Capture":
    """Fetch an address if its site's robots.txt lets us; redirects inside the site are followed.

    Raises Refusal for what the user can mend, and KeptOut.
    """
    return asyncio.run(_ask(url, resource, hosts, contact))


async def _ask(
    url: str, resource: str | None, hosts: Path | None, contact: str | None
) -> "Capture":
    """Ask under the address guard, identifying ourselves."""
    from crawler import settings  # noqa: PLC0415
    from crawler.fetch.address_guard import HostsFile, Resolver  # noqa: PLC0415
    from crawler.fetch.client import Fetcher  # noqa: PLC0415

    try:
        url = resolve(url)
    except ValueError:
        raise Refusal(f"{url} is no address: write one such as https://example.org/") from None
    with refusing(ValueError):
        host = urlsplit(url).hostname or ""
        known = HostsFile.read(hosts) if hosts else HostsFile()
        if not contact and host not in known:
            raise Refusal("to ask a stranger's site, say whom it can ask: --contact")
        agent = f"{settings.USER_AGENT} ({f'+{contact}' if contact else 'replay'})"
        fetcher = Fetcher(Resolver(known), user_agent=agent)
    try:
        return await _answer(fetcher, url, resource)
    finally:
        await fetcher.close()


async def _answer(fetcher: "Fetcher", url: str, resource: str | None) -> "Capture":
    from crawler import settings  # noqa: PLC0415
    from crawler.visit.access import OwnAccess  # noqa: PLC0415

    origin, redirects = origin_of(url), settings.SURVEY_MAX_REDIRECTS
    robots = await fetcher.fetch(
        origin + ROBOTS,
        ROBOTS,
        max_bytes=settings.SURVEY_ROBOTS_MAX_BYTES,
        max_redirects=redirects,
    )
    if resource is None or resource == ROBOTS:
        return robots
    if robots.failure:
        return replace(robots, resource=resource)
    access = OwnAccess(robots, settings.SURVEY_PRODUCT_TOKEN)
    if not access.may_fetch(url):
        us, status = settings.SURVEY_PRODUCT_TOKEN, robots.status
        raise KeptOut(f"{origin}{ROBOTS} (status {status}) does not let {us} fetch {url}")
    return await fetcher.fetch(
        url,
        resource,
        max_bytes=settings.SURVEY_MAX_BYTES,
        max_redirects=redirects,
        may_follow=lambda target: origin_of(target) == origin and access.may_fetch(target),
    )
