"""Preference values of Content-Usage and Content-Signal to labels with yes, no or unknown.

AIPREF values are Dictionaries of RFC 9651, read by `http-sf` to the letter; Content Signals
are a list of `key=value`. What people write instead goes through one tolerant reader.
"""

import re
from collections.abc import Iterator
from typing import Any

import http_sf

from crawler.parsers import spelling

MAX_VALUE = 8192
"""Characters of one value that are read; the longest seen are under 200."""

_BLANKS = " \t"
_WORDS = re.compile(r"([^\s,;=:]+)[ \t]*+(?:[=:][ \t]*+([^\s,;=:]*))?")
_YES = frozenset({"y", "yes", "true", "allow", "allowed", "1", "?1"})
_NO = frozenset({"n", "no", "false", "disallow", "disallowed", "deny", "0", "?0"})


def split_path(value: str) -> tuple[str | None, str]:
    """Split an optional path from what follows: draft-ietf-aipref-attach-05, section 3.

    A path runs to the first blank. By the letter it starts with `/`; one that starts with
    `*` is split off too, for the caller to judge.
    """
    if value[:1] not in ("/", "*"):
        return None, value
    parts = re.split("[ \t]", value, maxsplit=1)
    return parts[0], parts[1].strip(_BLANKS) if len(parts) > 1 else ""


_CC_SIGNALS = frozenset({"cc-cr", "cc-cr-dc", "cc-cr-ec", "cc-cr-op"})


def conditions(value: str) -> frozenset[str]:
    """Name the labels that Creative Commons' draft signals refuse but on terms.

    `ai-use=n;exceptions=cc-cr` is a Dictionary of RFC 9651 whose member has a parameter; to
    AIPREF it means nothing, and the label is `n`.
    """
    members = _members(value) or {}
    return frozenset(
        label
        for label, member in members.items()
        if _token(member) is False and str(member[1].get("exceptions")) in _CC_SIGNALS
    )


def dictionary(value: str) -> dict[str, bool | None] | None:
    """Read an AIPREF preference: draft-ietf-aipref-vocab-08, section 6.

    True is `y`, False `n`, None any other value (unknown, no error). Parameters count for
    nothing and of a repeated label the last one counts. None instead of a dictionary: the
    value does not parse, and every label in it is unknown.
    """
    members = _members(value)
    return None if members is None else {label: _token(m) for label, m in members.items()}


def _members(value: str) -> dict[str, Any] | None:
    try:
        members = http_sf.parse(value[:MAX_VALUE].encode(), tltype="dictionary")
    except (ValueError, OverflowError):
        return None
    if len(value) > MAX_VALUE or not isinstance(members, dict):
        return None
    return members


def _token(member: object) -> bool | None:
    """`y` and `n` are Tokens; the String "n" is not."""
    word = member[0] if isinstance(member, tuple) else None
    if not isinstance(word, http_sf.Token):
        return None
    return {"y": True, "n": False}.get(str(word))


def signals(value: str) -> list[tuple[str, str]]:
    """Read Content Signals to the letter: `key=value`, separated by commas, in order."""
    pairs = (part.partition("=") for part in value[:MAX_VALUE].split(","))
    return [(key.strip(_BLANKS), word.strip(_BLANKS)) for key, _, word in pairs]


def tolerant(value: str) -> Iterator[tuple[str, str]]:
    """Read pairs as they were probably meant, in lower case and with hyphens.

    Blanks and what `spelling` knows separate, `=` and `:` join, quotes are dropped. A word
    without a value has the empty one.
    """
    for key, word in _WORDS.findall(spelling.plain(value[:MAX_VALUE])):
        yield key.lower().replace("_", "-"), word.lower()


def meant(word: str) -> bool | None:
    """Say what a word in lower case means: yes, no, or neither."""
    if word in _YES:
        return True
    return False if word in _NO else None
