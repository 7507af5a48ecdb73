"""`Link` header values to links, by the parsing algorithm of RFC 8288, appendix B.

A comma separates links only outside `<>` and quotes; empty members are passed over (RFC 9110
section 5.6.1.2). What does not begin with `<` ends the reading of its line, as appendix B.2
says: what was read before it counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from crawler.addresses import resolve

_BETWEEN = re.compile(r"[ \t,]*+")
_TARGET = re.compile(r"<([^>]*+)>")
# A quoted string that nothing closes runs to the end (appendix B.4).
_PARAMETER = re.compile(
    r"[ \t]*+;[ \t]*+(?P<name>[^ \t=;,]*+)[ \t]*+"
    r'(?:=[ \t]*+(?:"(?P<quoted>(?:[^"\\]++|\\.)*+)(?:"|\\?\Z)|(?P<plain>[^;,]*+)))?',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WebLink:
    """One link. `target` and `context` are resolved against the answer's final address.

    `relations` are in lower case, each once. `parameters` are all others but `rel` and
    `anchor`, names in lower case, in the order written; `raw` is the member as it stands.
    """

    target: str
    relations: tuple[str, ...]
    context: str
    parameters: tuple[tuple[str, str], ...]
    raw: str

    def get(self, name: str) -> str | None:
        """The first value of a parameter; its internationalised form (`title*`) goes first."""
        values = dict(reversed(self.parameters))
        return values.get(f"{name}*", values.get(name))


def parse_links(values: Iterable[str], base: str) -> list[WebLink]:
    """Every link of every `Link` line, in order; `base` is the final address of the answer.

    A link whose target or anchor no URL can be made of is left out.
    """
    return [link for value in values for link in _line(value, base)]


def _line(value: str, base: str) -> Iterator[WebLink]:
    start = _end(_BETWEEN, value, 0)
    while target := _TARGET.match(value, start):
        parameters: list[tuple[str, str]] = []
        end = target.end()
        while found := _PARAMETER.match(value, end):
            end = found.end()
            parameters += _parameter(found)
        if link := _link(target[1], parameters, base, value[start:end]):
            yield link
        start = _end(_BETWEEN, value, end)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _parameter(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Name and value; nothing for an empty name or an extended value that does not decode."""
    name = found["name"].lower()
    quoted = found["quoted"]
    if quoted is not None:
        value: str | None = _ESCAPED.sub(r"\1", quoted)
    else:
        value = (found["plain"] or "").rstrip(" \t")
    if name.endswith("*"):
        value = _extended(value or "")
    if name and value is not None:
        yield name, value


def _extended(value: str) -> str | None:
    """Decode `UTF-8'en'%e2%82%ac` (RFC 8187 section 3.2.1); other charsets are not required."""
    charset, _, rest = value.partition("'")
    _, mark, text = rest.partition("'")
    if charset.lower() != "utf-8" or not mark:
        return None
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def _link(target: str, parameters: list[tuple[str, str]], base: str, raw: str) -> WebLink | None:
    first = dict(reversed(parameters))  # section 3.3: a second `rel` is ignored
    relations = tuple(dict.fromkeys(first.get("rel", "").lower().split()))
    rest = tuple(pair for pair in parameters if pair[0] not in ("rel", "anchor"))
    try:
        resolved = resolve(target, base)
        context = resolve(first.get("anchor", ""), base)
    except ValueError:  # `//[`
        return None
    return WebLink(resolved, relations, context, rest, raw)
