"""Addresses as browsers read them: the URL Standard (https://url.spec.whatwg.org), by ada-url.

RFC 3986 does not say what becomes of `http:///host`, a backslash or a raw quote; the standard does,
and whoever publishes a signal has tried it in a browser. What comes out is in one spelling: dot
segments resolved, the host in ASCII, numbers of IPv4 in four decimal parts, no default port, and
all characters escaped that the standard escapes.
"""

from ada_url import URL, join_url, normalize_url

WEB = ("http://", "https://")


def resolve(reference: str, base: str | None = None) -> str:
    """The address that a reference leads to; raises ValueError for `http://[` and the like."""
    return normalize_url(reference) if base is None else join_url(base, reference)


def web_address(reference: str, base: str | None = None) -> str | None:
    """As `resolve`, without fragment; None where that is no http(s) address, or port 0."""
    try:
        url = resolve(reference, base).partition("#")[0]
    except ValueError:
        return None
    return url if url.startswith(WEB) and not origin_of(url).endswith(":0") else None


def origin_of(url: str) -> str:
    """Scheme, host and port of a resolved address: all that one robots.txt is for."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def host_of(address: str) -> str:
    """The host of an address in ASCII, without port; empty where it has none or is no address."""
    try:
        return URL(address).hostname
    except ValueError:  # `http://[`, `/path`
        return ""


def document_base(address: str, href: str | None) -> str:
    """What the references of a page are relative to: its own address, or what its `base` says.

    WHATWG HTML, "set the frozen base URL": a `base` that is no address, or `data:` or
    `javascript:`, says nothing. Raises ValueError where the page's own address is none.
    """
    fallback = resolve(address)
    try:
        stated = resolve(href or "", fallback)
    except ValueError:
        return fallback
    return fallback if stated.startswith(("data:", "javascript:")) else stated
