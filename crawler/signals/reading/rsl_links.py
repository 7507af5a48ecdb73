"""The links of a response that may lead to a licence in RSL, whatever the status."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import resolve, web_address
from crawler.model import Capture
from crawler.parsers.http import header_values
from crawler.parsers.link import WebLink, parse_links
from crawler.signals.reading.signal import Link

MAX_LINKS = 10
TYPE = "application/rsl+xml"
_XML = frozenset({"", "application/xml", "text/xml"})
_NAMED_RSL = re.compile(r"(?:^|/)(?:rsl|licen[sc]e)\.xml$|\.rsl$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link that may lead to RSL, and what is wrong with it; None = nothing."""

    link: WebLink
    fault: str | None

    @property
    def followed(self) -> bool:
        """Whether the address is worth asking for."""
        return self.fault not in {"rsl-link-target", "rsl-link-anchor"}


def targets(capture: Capture) -> tuple[Link, ...]:
    """Name the addresses that may hold a licence, each once, at most `MAX_LINKS`."""
    values = header_values(capture.headers, "link")
    found = (one for value in values for one in pointers(value, capture.final_url))
    urls = dict.fromkeys(one.link.target for one in found if one.followed)
    return tuple(Link("rsl:", url) for url in urls)[:MAX_LINKS]


def pointers(value: str, here: str) -> Iterator[Pointer]:
    """The links of one header line that may lead to RSL; `here` is the address of the answer."""
    links = parse_links([value], here)
    return (pointer for link in links if (pointer := _pointer(link, here)))


def _pointer(link: WebLink, here: str) -> Pointer | None:
    is_license = "license" in link.relations
    kind = (link.get("type") or "").partition(";")[0].strip().lower()
    if kind == TYPE:
        fault = None if is_license else "rsl-link-relation"
    elif is_license and kind in _XML and _NAMED_RSL.search(urlsplit(link.target).path):
        fault = "rsl-link-type"
    else:
        return None
    if link.context.partition("#")[0] != resolve(here).partition("#")[0]:
        fault = "rsl-link-anchor"
    elif web_address(link.target) is None:
        fault = "rsl-link-target"
    return Pointer(link, fault)
