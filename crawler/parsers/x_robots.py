"""`X-Robots-Tag` values and the contents of robots metas to single directives.

Header: `[bot:] directive, directive`. The trap is that four directives hold a colon of
their own, so that only what is none of these names a bot; and the date of `unavailable_after`
holds commas and colons besides. Where a proxy has joined lines, a later `bot:` opens a new
scope; a new header line always starts without one. What else authors put between or around
words is told apart by `spelling`, and marked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crawler.parsers.spelling import parts

_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_PREFIX = re.compile(r"\s*+([A-Za-z*][\w./-]{0,99})\s*+:(.*)", re.ASCII | re.DOTALL)
_NAMED = re.compile(r"\s*+([\w-]++)\s*+:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: `name` in lower case, `value` after its colon, `bot` as written.

    `index` counts the header lines from 0; `raw` is the line the directive stands in.
    `loose`: it was set apart by something other than a comma, or has marks around it.
    `item` counts the commas before it; `text` is its words as written, without such marks.
    """

    name: str
    value: str | None
    bot: str | None
    index: int
    raw: str
    loose: bool = False
    item: int = field(default=0, compare=False)
    text: str = field(default="", compare=False)


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
    for item, written in enumerate(_dates_joined(value.split(","))):
        pieces = parts(written)
        loose = pieces != [written]
        for piece in pieces:
            rest = piece
            prefix = _PREFIX.match(rest)
            if prefix and prefix[1].lower() not in _VALUED:
                if not scoped:  # a meta names one robot in its name, and none in its content
                    loose = True
                    yield Directive(
                        prefix[1].lower(), None, None, index, value, loose, item, prefix[1]
                    )
                    rest = prefix[2]
                else:
                    bot, rest = (None if prefix[1] == "*" else prefix[1]), prefix[2]
            if not rest.strip():
                continue
            name, argument = _named(rest)
            yield Directive(name, argument, bot, index, value, loose, item, " ".join(rest.split()))


def _named(words: str) -> tuple[str, str | None]:
    named = _NAMED.match(words)
    if named and named[1].lower() in _VALUED:
        return named[1].lower(), named[2].strip()
    return " ".join(words.lower().split()), None


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
