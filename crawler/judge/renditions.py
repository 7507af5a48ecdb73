"""Addresses of renditions that name the picture that they were made from.

Only addresses that say so are read, by each service's own documents (December 2026): nobody is
asked for a picture at an address that we have made up. WordPress alone names no address but a size
(https://developer.wordpress.org/reference/functions/image_resize/): `-300x200` before the ending,
in a folder of uploads.
"""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from crawler.addresses import WEB, origin_of, web_address

MAX_URL = 2000

_PHOTON = re.compile(r"i[0-3]\.wp\.com")
_WORDPRESS = re.compile(
    r"(.*/(?:uploads|files)/.*)-[1-9]\d{0,4}x[1-9]\d{0,4}(\.[a-z]{3,4})", re.IGNORECASE
)
_PLAIN = re.compile(r".*?/plain/([^@]+)(?:@[a-z0-9]+)?", re.IGNORECASE)
_FETCHED = re.compile(r"/[^/]+/image/fetch/(?:.*?/)??(https?(?::|%3A).+)", re.IGNORECASE)


def _wordpress(url: SplitResult) -> str | None:
    found = _WORDPRESS.fullmatch(url.path)
    return found[1] + found[2] if found else None


def _cloudflare(url: SplitResult) -> str | None:
    """`/cdn-cgi/image/<options>/<source>`: an address, or a path of the same host.

    https://developers.cloudflare.com/images/transform-images/transform-via-url/
    """
    if not url.path.startswith("/cdn-cgi/image/"):
        return None
    source = url.path.removeprefix("/cdn-cgi/image/").partition("/")[2].lstrip("/")
    if not source:
        return None
    told = _with_slashes(source) if source.startswith(("http:", "https:")) else f"/{source}"
    return told + (f"?{url.query}" if url.query else "")


def _photon(url: SplitResult) -> str | None:
    """`i0.wp.com/<host>/<path>?ssl=1`: https://developer.wordpress.com/docs/photon/."""
    if not _PHOTON.fullmatch(url.hostname or ""):
        return None
    scheme = "https" if parse_qs(url.query).get("ssl") == ["1"] else "http"
    return f"{scheme}:/{url.path}"


def _cloudinary(url: SplitResult) -> str | None:
    """`res.cloudinary.com/<cloud>/image/fetch/<options>/<address>`.

    https://cloudinary.com/documentation/fetch_remote_images
    """
    found = _FETCHED.fullmatch(url.path) if url.hostname == "res.cloudinary.com" else None
    if not found:
        return None
    escaped = "%3a" in found[1].lower()[:10]
    source = unquote(found[1]) if escaped else found[1]
    return source + (f"?{url.query}" if url.query and not escaped else "")


def _next(url: SplitResult) -> str | None:
    """`/_next/image?url=`: https://nextjs.org/docs/app/api-reference/components/image."""
    if not url.path.endswith(("/_next/image", "/_next/image/", "/_vercel/image")):
        return None
    return parse_qs(url.query).get("url", [None])[0]


def _weserv(url: SplitResult) -> str | None:
    """`wsrv.nl/?url=`, with or without scheme: https://images.weserv.nl/docs/."""
    if url.hostname not in {"images.weserv.nl", "wsrv.nl"}:
        return None
    source = parse_qs(url.query).get("url", [""])[0].removeprefix("//")
    if not source or source.startswith(WEB):
        return source or None
    secure = source.startswith("ssl:")
    return f"https://{source.removeprefix('ssl:')}" if secure else f"http://{source}"


def _imgproxy(url: SplitResult) -> str | None:
    """`/<signature>/<options>/plain/<address>@<ending>`.

    https://docs.imgproxy.net/usage/processing
    """
    found = _PLAIN.fullmatch(url.path)
    source = unquote(found[1]) if found else ""
    return source if source.startswith(WEB) else None


SERVICES: dict[str, Callable[[SplitResult], str | None]] = {
    "cloudflare": _cloudflare,
    "photon": _photon,
    "cloudinary": _cloudinary,
    "next": _next,
    "weserv": _weserv,
    "imgproxy": _imgproxy,
    "wordpress": _wordpress,
}
"""How each tells the origin of an address. The names are persisted."""

SRCSET = "srcset"
"""Not by its address: the page names a larger picture for the same place."""


def origin_of_rendition(url: str) -> tuple[str, str] | None:
    """Service and origin of a picture by its resolved address; None where it names none."""
    parts = urlsplit(url)
    for service, told in SERVICES.items():
        named = told(parts)
        if named is not None:
            origin = web_address(named, origin_of(url) + "/")
            usable = origin is not None and origin != url and len(origin) <= MAX_URL
            return (service, origin) if origin and usable else None
    return None


def _with_slashes(source: str) -> str:
    """An address in a path, of whose two slashes one may have been lost on the way."""
    scheme, _, rest = source.partition(":")
    return f"{scheme}://{rest.lstrip('/')}"
