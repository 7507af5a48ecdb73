"""The words of a robots.txt line, one at a time, to the code of the fault in them.

Everything here depends on the words alone, so answers are remembered across files.
The codes are entries of `registry/defects.toml`.
"""

import re
import unicodedata
from functools import lru_cache

from crawler.parsers.robots.paths import pattern_of
from crawler.parsers.robots.syntax import OTHERS, OUTER
from crawler.registry import agents, defects
from crawler.registry.near import distance, nearest

LONGEST_REMEMBERED = 256

TOKEN = re.compile(rb"\*|[A-Za-z_-]+")  # product-token, RFC 9309 section 2.2
VERSION = re.compile(rb"[A-Za-z_-]+/[^\s,;|]*")
LIST = re.compile(rb"[,;|]")
PARTS = re.compile(r"[\s,;|]+")
HEADER = re.compile(rb"mozilla/|[^()]*\([^)]*(?:;|https?:)", re.IGNORECASE)
WILDCARD = re.compile(rb"\*[\w.-]+\*?|[\w.-]+\*")
JOINED = re.compile(rb"(?:^|.*[\s/*])(?:user-?agent|(?:dis)?allow)[ \t]*:", re.IGNORECASE)
PLAIN = re.compile(rb"(?!//)[/*][^\\(\[: \t]*|")
"""Patterns in which nothing can be wrong; nearly all of them, so they are told first."""
URL = re.compile(rb"(?:https?:)?//[^/]*\.", re.IGNORECASE)
REGEX = re.compile(
    rb"\^/|.*(?:\\[dws./?-]|\(\?:|\([^()/]*\|[^()]*\)|\[(?:\^|0-9|a-z|A-Z)[^\]]*\]|\(\.\*)"
)

QUOTES = frozenset("\"'`´‘’‚‛“”„«»‹›")
DASHES = frozenset("‐‑‒–—―−")
SPACES = frozenset("\xa0\u2007\u202f")
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f\u180e")
LATIN = str.maketrans(
    "аеорсухіјѕһԁԛԝмткнвαοενικρτυχ："  # Cyrillic and Greek that pass for Latin
    "‐‑‒–—―−",
    "aeopcyxijshdqwmtkhbaoevikptux:-------",
)
MARKS = ("\ufeff", "ï»¿")  # a byte order mark, and one that was encoded twice
FIELDS = {"user-agent": 2, "useragent": 2, "disallow": 2, "allow": 1}
"""Fields, with the edits after which one is still recognised."""


def of_name(value: bytes) -> str | None:
    """Name the fault of a user-agent line's value; None for a name that may be meant so."""
    return _remembered_name(value) if len(value) <= LONGEST_REMEMBERED else _of_name(value)


def of_path(value: bytes) -> str | None:
    """Name the fault of a rule's value."""
    if PLAIN.fullmatch(value):
        return None
    return _remembered_path(value) if len(value) <= LONGEST_REMEMBERED else _of_path(value)


def of_field(raw: bytes) -> str | None:
    """Name the fault of a line whose field nobody knows, if one of the three was meant."""
    colon = raw.find(b":")
    if colon < 0:
        colon = raw.find("：".encode())
    return _of_field(raw[:colon].strip(OUTER)) if 0 < colon <= LONGEST_REMEMBERED else None


def _of_name(value: bytes) -> str | None:
    if not value:
        return "robots-agent-empty"
    text = value.decode("utf-8", "replace")
    if TOKEN.fullmatch(value):
        return _of_token(text)
    if agents.load().by_token(text) and not VERSION.fullmatch(value):
        return "robots-agent-not-token"
    if JOINED.match(value):
        return "robots-line-joined"
    return (
        _of_characters(text)
        or _of_shape(value, text)
        or _of_token(text)
        or ("robots-agent-not-token")
    )


def _of_shape(value: bytes, text: str) -> str | None:
    """Find lists, headers, versions and wildcards."""
    parts = [part for part in PARTS.split(text) if part]
    if HEADER.match(value):
        return "robots-agent-header"
    if "*" in parts and len(parts) > 1:
        return "robots-agent-list-star"
    if LIST.search(value) or sum(map(_is_confirmed, parts)) > 1:
        return "robots-agent-list"
    if VERSION.fullmatch(value):
        return "robots-agent-version"
    return "robots-agent-wildcard" if WILDCARD.fullmatch(value) else None


def _is_confirmed(name: str) -> bool:
    agent = agents.load().by_token(name)
    return agent is not None and agent.status is not agents.AgentStatus.NEVER_CONFIRMED


def _of_token(text: str) -> str | None:
    """Find names that no operator documents, and near misses."""
    name = text.lower()
    names = defects.load().names
    if name in names.nobody:
        return "robots-agent-nobody"
    if agent := agents.load().by_token(name):
        named = agent.purposes != (agents.AgentPurpose.UNDOCUMENTED,) or name in names.replaced
        confirmed = agent.status is not agents.AgentStatus.NEVER_CONFIRMED
        return None if named or confirmed else "robots-agent-nobody"
    return "robots-agent-near" if nearest(name) else None


def _of_characters(text: str) -> str | None:
    """Find characters that look like others or like nothing, in a name or a field."""
    seen = set(text)
    if seen & QUOTES and (len(text) < 3 or {text[0], text[-1]} & QUOTES):
        return "robots-quotes"
    if text.isascii():
        return None
    if seen & SPACES:
        return "robots-nbsp"
    if seen & INVISIBLE:
        return "robots-zero-width"
    word = latin(text)
    known = word in FIELDS or agents.load().by_token(word) is not None
    if seen & DASHES:
        return "robots-dash"
    return "robots-homoglyph" if known else None


def latin(text: str) -> str:
    """Give the Latin word that a text looks like."""
    return unicodedata.normalize("NFKC", text).lower().translate(LATIN)


def _of_path(value: bytes) -> str | None:
    if URL.match(value):
        return "robots-path-url"
    if JOINED.match(value):
        return "robots-line-joined"
    if pattern_of(value).live:
        return "robots-path-regex" if REGEX.match(value) else None
    if REGEX.match(value):
        return "robots-path-regex"
    return _of_blank(value) or "robots-path-without-slash"


def _of_blank(value: bytes) -> str | None:
    """Find a no-break space or an invisible character before the slash."""
    first = value[:4].decode("utf-8", "replace")[:1]
    if first in SPACES or value.startswith(b"\xa0"):  # the latter in Latin-1
        return "robots-nbsp"
    return "robots-zero-width" if first in INVISIBLE else None


def _is_near(name: str, field: str) -> bool:
    most = FIELDS[field]
    return abs(len(name) - len(field)) <= most and distance(name, field) <= most


@lru_cache(maxsize=1 << 13)
def field_meant(name: str) -> str | None:
    """Give the field of RFC 9309 that a name was probably meant for; None for any other."""
    bare = "".join(c for c in latin(name) if c not in INVISIBLE and not c.isspace())
    bare = bare.lstrip("".join(MARKS))
    if not bare.isascii() or bare.encode() in OTHERS:
        return None
    near = next((f for f in FIELDS if f == bare), None) or next(
        (f for f in FIELDS if _is_near(bare, f)), None
    )
    return "user-agent" if near == "useragent" else near


@lru_cache(maxsize=1 << 13)
def _of_field(name: bytes) -> str | None:
    text = name.decode("utf-8", "replace").lower()
    for mark in MARKS:
        if text.startswith(mark):
            return "robots-bom-inside" if text.lstrip(mark) in FIELDS else None
    bare = "".join(c for c in latin(text) if c not in INVISIBLE and not c.isspace())
    if bare in FIELDS:
        return _of_characters(text) or "robots-homoglyph"
    near = bare.isascii() and any(_is_near(bare, field) for field in FIELDS)
    return "robots-field-misspelt" if near else None


_remembered_name = lru_cache(maxsize=1 << 14)(_of_name)
_remembered_path = lru_cache(maxsize=1 << 14)(_of_path)
