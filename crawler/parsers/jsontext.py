"""Bytes that should be JSON to a value or a named problem, never to an exception.

Strict is RFC 8259: UTF-8, no byte-order mark, no `NaN`, no trailing comma. What only a
tolerant reader understands is read all the same and said in `leniencies`.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from crawler.parsers.decoding import decode
from crawler.parsers.lines import Lines

MAX_SIZE = 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 400
"""Longer integers stay text: Python refuses to convert more than 4,300 digits."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_TRAILING_COMMA = re.compile(
    r'(?P<keep>"(?:[^"\\]++|\\.)*+\\?(?:"|\Z))|,(?=[ \t\r\n]*+[\]}])', re.DOTALL
)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


class Object(dict[str, object]):
    """A JSON object that knows the line it opens on and which names it holds twice."""

    __slots__ = ("duplicates", "line")

    def __init__(self, pairs: list[tuple[str, object]], line: int) -> None:
        super().__init__(pairs)
        self.line = line
        names = Counter(name for name, _ in pairs) if len(pairs) > len(self) else Counter()
        self.duplicates = tuple(name for name, count in names.items() if count > 1)


@dataclass(frozen=True, slots=True)
class Parsed:
    """`value` counts only where `problem` is None. Objects in it are `Object`s.

    Problems: `too_large`, `too_deep`, `not_json`. Leniencies: `bom`, `not_utf8`,
    `html_escaped`, `trailing_comma`.
    """

    value: object = None
    problem: str | None = None
    leniencies: tuple[str, ...] = ()

    @property
    def unread(self) -> bool:
        """A limit of ours stopped the reading: nobody knows what the text says."""
        return self.problem in ("too_large", "too_deep")


def parse_json(data: bytes) -> Parsed:
    """Read JSON strictly, then once more without trailing commas."""
    if len(data) > MAX_SIZE:
        return Parsed(problem="too_large")
    text, leniencies = decode(data)
    text = _ESCAPE.sub(_without_lone_surrogate, text)
    lines = _object_lines(text)
    if lines is None:
        return Parsed(problem="too_deep")
    try:
        return Parsed(_load(text, lines), None, leniencies)
    except ValueError:
        pass
    if "&quot;" in text:  # a template escaped the block, as it does attributes
        text, leniencies = html.unescape(text), (*leniencies, "html_escaped")
        lines = _object_lines(text)
        if lines is None:
            return Parsed(problem="too_deep")
        try:
            return Parsed(_load(text, lines), None, leniencies)
        except ValueError:
            pass
    try:
        value = _load(_TRAILING_COMMA.sub(lambda match: match["keep"] or "", text), lines)
    except ValueError:
        return Parsed(problem="not_json", leniencies=leniencies)
    return Parsed(value, None, (*leniencies, "trailing_comma"))


def _without_lone_surrogate(match: re.Match[str]) -> str:
    """SQLite takes no lone surrogate, and a batch that holds one is lost as a whole."""
    return "\\ufffd" if match["lone"] else match[0]


def _object_lines(text: str) -> list[int] | None:
    """The opening line of each object in the order the objects close; None if too deep."""
    lines = Lines(text)
    opened: list[tuple[str, int]] = []
    closed: list[int] = []
    for token in _TOKEN.finditer(text):
        if bracket := token["open"]:
            opened.append((bracket, lines.at(token.start())))
            if len(opened) > MAX_DEPTH:
                return None
        elif token["close"] and opened:
            bracket, line = opened.pop()
            if bracket == "{":
                closed.append(line)
    return closed


def _load(text: str, lines: list[int]) -> object:
    return json.loads(
        text,
        object_pairs_hook=_objects(lines),
        parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else digits,
        parse_float=_finite,
        parse_constant=_refuse,
    )


def _objects(lines: list[int]) -> Callable[[list[tuple[str, object]]], Object]:
    """Each object as it closes; well-formed text closes no more than were counted."""
    remaining = iter(lines)
    return lambda pairs: Object(pairs, next(remaining, 1))


def _finite(digits: str) -> float | str:
    value = float(digits)
    return digits if value in (float("inf"), float("-inf")) else value


def _refuse(constant: str) -> object:
    raise ValueError(constant)
