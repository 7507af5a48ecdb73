"""`X-Robots-Tag` values and the contents of robots metas to single directives.

Header: `[bot:] directive, directive`. The trap is that four directives hold a colon of
their own, so that only what is none of these names a bot; and the date of `unavailable_after`
holds commas and colons besides. Where a proxy has joined lines, a later `bot:` opens a new
scope; a new header line always starts without one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_PREFIX = re.compile(r"\s*+([A-Za-z*][\w./-]{0,99})\s*+:(.*)", re.ASCII | re.DOTALL)
_NAMED = re.compile(r"\s*+([\w-]++)\s*+:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: `name` in lower case, `value` after its colon, `bot` as written.

    `index` counts the header lines from 0; `raw` is the line the directive stands in.
    `loose`: it was set apart by something other than a comma.
    """

    name: str
    value: str | None
    bot: str | None
    index: int
    raw: str
    loose: bool = False


def parse_x_robots(values: Sequence[str]) -> list[Directive]:
    """Every directive of every `X-Robots-Tag` line, in order."""
    return [
        directive
        for index, value in enumerate(values)
        for directive in _line(value, index, scoped=True)
    ]


def parse_content(content: str) -> list[Directive]:
    """The directives of one robots meta, whose scope is the meta's name."""
    return list(_line(content, 0, scoped=False))


def _line(value: str, index: int, *, scoped: bool) -> Iterator[Directive]:
    bot: str | None = None
    for item, loose in _items(value):
        rest = item
        prefix = _PREFIX.match(rest) if scoped else None
        if prefix and prefix[1].lower() not in _VALUED:
            bot, rest = (None if prefix[1] == "*" else prefix[1]), prefix[2]
        if not rest.strip():
            continue
        named = _NAMED.match(rest)
        if named and named[1].lower() in _VALUED:
            yield Directive(named[1].lower(), named[2].strip(), bot, index, value, loose)
        else:
            yield Directive(" ".join(rest.lower().split()), None, bot, index, value, loose)


def _items(value: str) -> Iterator[tuple[str, bool]]:
    """Comma-separated items, a semicolon being tolerated; dates are put together again."""
    for item in _dates_joined(value.split(",")):
        parts = item.split(";")
        for part in parts:
            yield part, len(parts) > 1


def _dates_joined(items: Iterable[str]) -> Iterator[str]:
    """Only the rest of a date begins with a digit: `unavailable_after: Wed, 25 Jun 2031`."""
    date: list[str] = []
    for item in items:
        if date and item.lstrip()[:1].isdigit():
            date.append(item)
            continue
        if date:
            yield ",".join(date)
        date = [item] if "unavailable_after" in item.lower() else []
        if not date:
            yield item
    if date:
        yield ",".join(date)
