"""`WWW-Authenticate` values to challenges: RFC 9110, section 11.6.1.

The comma separates challenges as well as their parameters, so that `Basic realm="x", License
error="y"` is two of them: a word without `=` after a comma is a new scheme.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<gap>[ \t,]++)|(?P<word>[^\s,=\"]++)"
    r'(?:[ \t]*+=[ \t]*+(?:"(?P<quoted>(?:[^"\\]++|\\.)*+)(?:"|\\?\Z)|(?P<plain>[^\s,\"]*+)))?',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: `scheme` and the names of the parameters in lower case.

    Of a repeated parameter the first value counts; a token68 has the empty name.
    """

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """Every challenge of every line, in order; what belongs to no scheme is passed over."""
    return [challenge for value in values for challenge in _line(value)]


def _line(value: str) -> Iterator[Challenge]:
    challenge: Challenge | None = None
    new_member = True
    for token in _TOKEN.finditer(value):
        if gap := token["gap"]:
            new_member = new_member or "," in gap
            continue
        word, quoted, plain = token["word"], token["quoted"], token["plain"]
        if challenge and (quoted is not None or plain is not None):
            text = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            challenge.parameters.setdefault(word.lower(), text)
        elif challenge and not new_member and not challenge.parameters:
            challenge.parameters[""] = word
        else:
            if challenge:
                yield challenge
            challenge = Challenge(word.lower())
        new_member = False
    if challenge:
        yield challenge
