"""A URL, from us or from a Location header, becomes the host, port and path to ask for.

Whatever cannot be asked for safely is refused here by its syntax alone; which addresses
may be connected to is decided in `crawler.fetch.address_guard`, where no spelling can hide one.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import idna

from crawler.fetch.limits import Failed
from crawler.model import Failure

MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_VISIBLE_ASCII = re.compile(rb"[^\x21-\x7e]")
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

    def follow(self, location: bytes) -> "Target":
        """Where a Location header of this target's answer points; raises Failed."""
        if len(location) > MAX_URL:
            raise _bad(f"Location of {len(location)} bytes")
        if not (text := location_text(location)):
            raise _bad("empty Location")
        _refuse_controls(text)
        try:
            return parse_target(urljoin(self.url, text))
        except ValueError as error:
            raise _bad(f"Location: {error}") from None


def location_text(location: bytes) -> str:
    """The header's value as text: UTF-8 as browsers read it, else byte for byte."""
    try:
        return location.decode().strip(" \t")
    except UnicodeDecodeError:
        return location.decode("latin-1").strip(" \t")


def parse_target(url: str) -> Target:
    """Read an http(s) URL; raises Failed with REDIRECT_SCHEME or BAD_REDIRECT."""
    _refuse_controls(url)
    try:
        parts = urlsplit(url.strip(" "))
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _bad(f"address: {error}") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Failed(Failure.REDIRECT_SCHEME, f"scheme {parts.scheme[:40]!a}")
    if "@" in parts.netloc:
        raise _bad("user information in the address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=parts.scheme,
        host=_ascii_host(host or "", bracketed="[" in parts.netloc),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=_escape(path),
    )


def _ascii_host(host: str, *, bracketed: bool) -> str:
    """An A-label name or IP literal; numeric spellings are left for the guard to read."""
    if bracketed:
        # A zone id ("%eth0") would name one of our own interfaces.
        if "%" in host:
            raise _bad("zone id in the address")
        return str(ipaddress.IPv6Address(host)) if _is_v6(host) else _no_host(host)
    # Length first: IDNA is slow on long names (CVE-2026-45409).
    if not host.isascii() and len(host) <= 253:
        try:
            host = idna.encode(host, uts46=True).decode()
        except UnicodeError:
            return _no_host(host)
    host = host.removesuffix(".").lower()
    return host if len(host) <= 253 and _NAME.fullmatch(host) else _no_host(host)


def _is_v6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _escape(path: str) -> str:
    """Send the path as written, except bytes that a request line cannot hold."""
    raw = path.encode("utf-8", "surrogatepass")
    return _NOT_VISIBLE_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], raw).decode()


def _refuse_controls(text: str) -> None:
    # urllib drops TAB, CR and LF silently: what is asked would not be what was written.
    if _CONTROL.search(text):
        raise _bad("control character in the address")


def _no_host(host: str) -> str:
    raise _bad(f"no host name: {host[:80]!a}")


def _bad(detail: str) -> Failed:
    return Failed(Failure.BAD_REDIRECT, detail)
