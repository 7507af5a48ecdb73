"""Paths and path patterns of a robots.txt: comparable form, and matching in linear time.

RFC 9309 section 2.2.2 says what is compared, section 2.2.3 what `*` and `$` mean.
"""

import re
from typing import NamedTuple

STAR = b"*"
ROOT = EVERYTHING = b"/"


class Pattern(NamedTuple):
    """A path pattern ready to match. `pieces` are the octets between the `*`."""

    octets: int
    """Specificity: octets of the pattern in comparable form, `*` and `$` included."""
    pieces: tuple[bytes, ...]
    anchored: bool
    core: bytes
    """Patterns with equal cores match the same paths; `/` is the core of everything."""
    live: bool
    """It can match a path at all: it starts with `/` or `*`, or is empty."""


def match(pattern: Pattern, path: bytes) -> bool:
    """Match from the first octet; `*` is any run, `$` the end: sections 2.2.2 and 2.2.3.

    Taking each piece at its first place is enough, since only the last one is anchored:
    there is no backtracking.
    """
    pieces = pattern.pieces
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    if len(pieces) == 1:
        return not pattern.anchored or at == len(path)
    for piece in pieces[1:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if pattern.anchored:
        return path.endswith(pieces[-1]) and len(path) - len(pieces[-1]) >= at
    return path.find(pieces[-1], at) >= 0


PLAIN = re.compile(rb"/[A-Za-z0-9/._~-]*")
"""Patterns in comparable form without `*` and `$`: nearly half of all."""


def pattern_of(text: bytes) -> Pattern:
    """Compile a pattern whose octets are already in comparable form."""
    if PLAIN.fullmatch(text):
        return Pattern(len(text), (text,), anchored=False, core=text, live=True)
    anchored = text.endswith(b"$")
    pieces = tuple((text[:-1] if anchored else text).split(b"*"))
    live = not text or text[:1] in {b"/", b"*"}
    return Pattern(len(text), pieces, anchored, _core(text, anchored), live)


def _core(text: bytes, anchored: bool) -> bytes:
    """Drop what changes nothing: a `*` at the end, and an anchor behind it."""
    open_end = text[:-1] if anchored else text
    if anchored and not open_end.endswith(STAR):
        return text
    core = open_end.rstrip(STAR)
    # Every path starts with a slash, so stars around at most one of them match every path.
    return EVERYTHING if text and core.replace(STAR, b"") in {b"", b"/"} else core


ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def path_of(address: str) -> str:
    """Give path and query of an address or a path; the fragment is never matched.

    What begins with `//` is a path: a robots.txt is of one origin, so nobody asks it about another.
    """
    path = address.partition("#")[0]
    if origin := ORIGIN.match(path):
        path = path[origin.end() :]
    return path if path.startswith("/") else f"/{path}"


ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}|[^!#-;=?-Z\[\]_a-z~]")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
FREE_IN_QUERY = re.compile(rb"%(2F|3A|3F|40)")


def canonical(octets: bytes) -> bytes:
    """Bring a path or pattern to comparable form: section 2.2.2, RFC 3986 sections 2 and 6.

    Escapes of unreserved characters are decoded, other escapes get capital digits, octets
    that no URI may hold are escaped; reserved characters stay as they are, so `%2F` is not
    `/`. In a query `/`, `:`, `?` and `@` delimit nothing (RFC 3986 section 3.4), and the
    table of section 2.2.2 takes both spellings there for one.
    """
    if ESCAPE.search(octets):
        octets = ESCAPE.sub(_normal, octets)
    path, mark, query = octets.partition(b"?")
    return path + mark + FREE_IN_QUERY.sub(_decoded, query) if mark else octets


def _normal(escape: re.Match[bytes]) -> bytes:
    text = escape[0]
    if len(text) == 1:
        return b"%%%02X" % text[0]
    code = int(text[1:], 16)
    return bytes((code,)) if code in UNRESERVED else text.upper()


def _decoded(escape: re.Match[bytes]) -> bytes:
    return bytes((int(escape[1], 16),))


def canonical_uri(octets: bytes) -> bytes:
    """As `canonical`; `*` and `$` mean themselves in a URI, a pattern escapes them (2.2.3)."""
    return canonical(octets).replace(b"*", b"%2A").replace(b"$", b"%24")
