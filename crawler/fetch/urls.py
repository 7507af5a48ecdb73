"""A URL, from us or from a Location header, becomes the host, port and path to ask for.

Whatever cannot be asked for safely is refused here by its syntax alone; which addresses
may be connected to is decided in `crawler.fetch.address_guard`, where no spelling can hide one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import resolve
from crawler.fetch.limits import Failed
from crawler.model import Failure

MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

_NO_FIELD_VALUE = re.compile(rb"[\r\n\0]")
"""What a header field must not hold, and a recipient must refuse (RFC 9110 section 5.5)."""
_NOT_IN_A_URI = re.compile(r"[^!#-;=?-Z\[\]_a-z~]")
_LABEL = r"[a-z0-9_-]{1,63}"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask: `host` is lower-case ASCII or an IP literal without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address in one spelling, without fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def request_target(self) -> str:
        """The path for the request line (RFC 9112 section 3.2), of characters of a URI only.

        The URL Standard leaves `|` and in a query braces as they are, and servers refuse them.
        """
        return _NOT_IN_A_URI.sub(lambda found: f"%{ord(found[0]):02X}", self.path)

    def follow(self, location: bytes) -> "Target":
        """Where a Location header of this target's answer points; raises Failed."""
        if len(location) > MAX_URL:
            raise _bad(f"Location of {len(location)} bytes")
        if not (text := location_text(location)):
            raise _bad("empty Location")
        if _NO_FIELD_VALUE.search(location):
            raise _bad("control character in the address")
        return parse_target(text, self.url)


def location_of(status: int | None, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The one place where the header lines of a redirect point; raises Failed.

    Which of two different places is meant nobody can know (RFC 9110 section 5.3; the Fetch
    Standard, "location URL", fails there, too).
    """
    found = {value.strip(b" \t") for name, value in headers if name.lower() == b"location"}
    if not found:
        raise _bad(f"{status} without Location")
    if len(found) > 1:
        raise _bad(f"{status} with {len(found)} different Location lines")
    return found.pop()


def location_text(location: bytes) -> str:
    """The header's value as text: UTF-8 as browsers read it, else byte for byte."""
    try:
        return location.decode().strip(" \t")
    except UnicodeDecodeError:
        return location.decode("latin-1").strip(" \t")


def parse_target(url: str, base: str | None = None) -> Target:
    """Read an http(s) URL; raises Failed with REDIRECT_SCHEME or BAD_REDIRECT."""
    try:
        address = resolve(url, base).partition("#")[0]
        parts = urlsplit(address)
    except ValueError:
        raise _bad(f"no address: {url[:80]!a}") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Failed(Failure.REDIRECT_SCHEME, f"scheme {parts.scheme[:40]!a}")
    if "@" in parts.netloc:
        raise _bad("user information in the address")
    host, port = parts.hostname or "", parts.port
    return Target(
        scheme=parts.scheme,
        host=host if ":" in host else _name(host),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        path="/" + address.split("/", 3)[3],
    )


def _name(host: str) -> str:
    """A name that DNS can hold, without the root dot, or an IPv4 address."""
    host = host.removesuffix(".")
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _bad(f"no host name: {host[:80]!a}")
    return host


def _bad(detail: str) -> Failed:
    return Failed(Failure.BAD_REDIRECT, detail)
