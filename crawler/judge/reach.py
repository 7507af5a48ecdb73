"""The site's own links as its home page lists them, and how many of them an agent may fetch.

The extent of a rule says `partial` for one forgotten folder and for half a site alike; the links
of the home page tell them apart. Only RFC 9309's reading is counted, only distinct paths of the
home page's own authority, at most MAX_LINKS of them. `*` stands for an agent that no group names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.addresses import document_base, origin_of, resolve, web_address
from crawler.answers import Answer, classify
from crawler.model import Access, Capture, Extent
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import is_html, unreadable
from crawler.signals.reading.robots_content import is_partial

ROBOTS = "/robots.txt"
HOME = "/"
MAX_LINKS = 500
PANELS = ("strict8", "ai-search8", "user-fetch9")
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Reach:
    """Distinct own links, and how many each agent may fetch; agents with all or none left out."""

    links: int
    allowed: Mapping[str, int]


def reach(captures: Sequence[Capture]) -> Reach | None:
    """Count for one visit; None where robots.txt or the home page could not be read."""
    settled = {c.resource: c for c in reversed(captures) if not c.superseded}
    rules, home = settled.get(ROBOTS), settled.get(HOME)
    if rules is None or home is None or unreadable(home) or not is_html(home):
        return None
    if classify(rules) not in {Answer.CONTENT, Answer.MISSING} or is_partial(rules):
        return None
    paths = own_links(home)
    body = rules.body if classify(rules) is Answer.CONTENT else b""
    return Reach(len(paths), _partly(body, paths))


def own_links(home: Capture) -> tuple[str, ...]:
    """Paths with their queries, in the order of the page, without the home page itself."""
    page = parsed(home)
    try:
        base = document_base(home.final_url, page.base)
    except ValueError:
        return ()
    own = _authority(resolve(home.final_url))
    found: dict[str, None] = {}
    for anchor in page.anchors:
        path = _path(base, anchor.href, own)
        if path is not None and path != HOME:
            found[path] = None
        if len(found) == MAX_LINKS:
            break
    return tuple(found)


def _path(base: str, href: str, own: str) -> str | None:
    url = web_address(href, base)
    return url.removeprefix(origin_of(url)) if url and _authority(url) == own else None


def _authority(url: str) -> str:
    return origin_of(url).partition("://")[2]


def _partly(body: bytes, paths: tuple[str, ...]) -> dict[str, int]:
    """Count for `*` and each agent whose own group keeps it from a part of the site."""
    policy = rfc9309.read(syntax.parse(body))
    registry = agents.load()
    named = {name.decode("ascii", "replace") for name in policy.names}
    tokens = {token for panel in PANELS for token in registry.panels[panel]}
    asked = [OTHERS, *sorted(token for token in tokens if token.lower() in named)]
    partly = {Extent.PARTIAL, Extent.ALL_BUT}
    asked = [token for token in asked if policy.decide(token).extent in partly]
    alike = {policy.groups_of(token): token for token in asked}
    counted = {
        groups: sum(policy.allowed(token, path)[0] is Access.ALLOWED for path in paths)
        for groups, token in alike.items()
    }
    return {token: counted[policy.groups_of(token)] for token in asked}
