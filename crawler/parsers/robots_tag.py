"""`Robots-Tag` values to directives, in both syntaxes that draft-illyes-repext has had.

Revision 00 (August 2024) writes `*=noindex, nosnippet; ExampleBot=`; the later ones, to
revision 03 (April 2026), a List of RFC 9651 with the rules as parameters:
`*;nosnippet, ExampleBot;noindex`. Neither can be taken for the other.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import http_sf

from crawler.parsers.x_robots import Directive, parse_content

MAX_VALUE = 8192
"""Characters of one line that are read: the least that the draft asks a reader to take."""

_PART = re.compile(r"[ \t]*+(\*|[A-Za-z][\w.-]{0,99}+)[ \t]*+=(.*)", re.ASCII | re.DOTALL)
_BOT = re.compile(r"\*|[A-Za-z][\w.-]{0,99}", re.ASCII)


def parse_robots_tag(value: str, index: int = 0) -> list[Directive] | None:
    """Read one line; None where it has neither syntax. `index` numbers the line.

    A line that names bots without any rule is read in revision 00 only: as a List it could
    not be told from bare words such as `noindex`.
    """
    members = _list(value[:MAX_VALUE])
    found = members if members is not None else _parts(value[:MAX_VALUE])
    return None if found is None else [replace(d, index=index, raw=value) for d in found]


def _list(value: str) -> list[Directive] | None:
    try:
        members: Any = http_sf.parse(value.encode(), tltype="list")
    except (ValueError, OverflowError):
        return None
    return list(_rules(members)) or None


def _rules(members: list[tuple[object, dict[str, object]]]) -> Iterator[Directive]:
    for token, rules in members:
        name = str(token)
        if not _BOT.fullmatch(name):
            continue
        bot = None if name == "*" else name
        for rule, argument in rules.items():
            if argument is not False:
                yield Directive(rule, None if argument is True else str(argument), bot, 0, "")


def _parts(value: str) -> list[Directive] | None:
    parts = [part for part in value.split(";") if part.strip(" \t")]
    named = [found for part in parts if (found := _PART.fullmatch(part))]
    if not named or len(named) < len(parts):
        return None
    return [
        replace(directive, bot=None if part[1] == "*" else part[1])
        for part in named
        for directive in parse_content(part[2])
    ]
