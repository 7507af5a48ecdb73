"""What authors write in place of commas, colons and bare words: one tolerance for all signals.

Strict readers never come here. The forms were seen in public configurations and in crawls:
quotation marks of every kind that a web page was copied with, brackets, the commas of Chinese,
Japanese and Arabic keyboards, and `/`, `|`, `+` or `;` between words.
"""

import re

_MARKS = re.compile("[\"'`´‘’‚‛“”„‟«»‹›「」『』＂＇\\[\\](){}<>]")
_JOINTS = str.maketrans("：＝", ":=")
_APART = re.compile(r"[;|；｜，、،؛]|(?<![:/])/(?!/)|\+")
_APART_IN_DATES = re.compile(r"[;|；｜、]")
"""A date holds `+0000` or slashes, and an address slashes: neither sets words apart there."""


def decoded(value: str) -> str:
    """Text of a header line, which reached us as Latin-1: UTF-8 where its octets are that."""
    if value.isascii():
        return value
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError:  # the text of a page was decoded before
        return value
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def unquoted(value: str) -> str:
    """The value without quotation marks and brackets, and with a plain `:` and `=`."""
    return _MARKS.sub("", decoded(value)).translate(_JOINTS)


def parts(value: str) -> list[str]:
    """What stands between all that is meant to set words apart, but commas and blanks."""
    whole = "://" in value or "unavailable_after" in value.lower()
    return (_APART_IN_DATES if whole else _APART).split(unquoted(value))


def plain(value: str) -> str:
    """The value with commas for whatever is meant to set words apart, but blanks."""
    return ",".join(parts(value))
