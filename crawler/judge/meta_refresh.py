"""Whether a home page sends the browser on by itself: recorded, never followed.

A browser that comes to such a page soon shows another, of which we have seen nothing. So what the
site says there is not known, the more so where it is somebody else's. Read is the `Refresh` header
field, then each `meta` of the page; the first that the browser would obey counts (WHATWG HTML,
shared declarative refresh steps). What stands in `noscript` or `template` counts for no browser
that runs scripts.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import document_base, resolve
from crawler.hosts import HostError, normalise, registrable
from crawler.model import Capture
from crawler.parsers.http import header_values
from crawler.parsers.meta_refresh import parse_refresh
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import is_html, quote, unreadable

HOME = "/"
MAX_URL = 2000


@dataclass(frozen=True, slots=True)
class SentOn:
    """After how many seconds a browser leaves the page, and for which address.

    `other_domain`: of another registrable domain than the page; None where it has no host, such
    as `about:blank`. `line` is None for the header field.
    """

    seq: int
    seconds: int
    to: str
    other_domain: bool | None
    quote: str
    line: int | None


def sent_on(captures: Sequence[Capture]) -> SentOn | None:
    """Find where the home page of one visit sends the browser; None where it stays."""
    home = next(
        ((n, c) for n, c in enumerate(captures) if c.resource == HOME and not c.superseded), None
    )
    if home is None or unreadable(home[1]):
        return None
    seq, capture = home
    for value, said, line, base in _declared(capture):
        refresh = parse_refresh(value)
        address = refresh and _address(capture.final_url, base, refresh.url)
        if refresh and address:
            other = _is_elsewhere(capture.final_url, address)
            return SentOn(seq, refresh.seconds, quote(address), other, quote(said), line)
    return None


def _declared(capture: Capture) -> Iterator[tuple[str, str, int | None, str]]:
    """Value, words, line and base of each refresh, in the order in which browsers meet them."""
    if header := ", ".join(header_values(capture.headers, "refresh")):
        yield header, f"refresh: {header}", None, ""
    if is_html(capture):
        page = parsed(capture)
        for meta in page.metas:
            if (meta.http_equiv or "").lower() == "refresh":
                yield meta.content or "", meta.raw, meta.line, page.base or ""


def _address(page: str, base: str, url: str | None) -> str | None:
    """The address meant; None for one that browsers refuse, or that is longer than MAX_URL."""
    if url is None:
        return page
    try:
        address = resolve(url, document_base(page, base))
    except ValueError:  # `//[`
        return None
    return None if len(address) > MAX_URL or address.startswith("javascript:") else address


def _is_elsewhere(page: str, address: str) -> bool | None:
    own, other = (urlsplit(url).hostname for url in (page, address))
    return _domain(own) != _domain(other) if own and other else None


def _domain(host: str) -> str:
    with suppress(HostError):
        host = normalise(host).ascii
    return registrable(host)[1] or host
