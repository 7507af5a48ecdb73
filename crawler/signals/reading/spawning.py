"""The rules of Spawning's ai.txt, in the grammar of robots.txt, to statements and defects.

Spawning published a generator and no grammar; how the lines are read is ours, after robots.txt.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.robots import syntax
from crawler.signals.reading.readable import MAX_STATEMENTS, quote
from crawler.signals.reading.robots_lines import covers_all, names_of


class Rule(NamedTuple):
    """One Allow or Disallow line; `names` of its group are none before any User-Agent."""

    line: int
    kind: syntax.Kind
    value: str
    names: tuple[str, ...]
    raw: str


_GENERATED = re.compile(r"\*\.\w{1,10}")
_EXTENSION = re.compile(r"(?:/?\*)?\.\w{1,10}\$?")
_EFFECTS = {
    "ai-txt-comma-list": "Several patterns in one line: to a reader of robots.txt they are one.",
    "ai-txt-no-agent": "A rule before any User-Agent line belongs to no group.",
}


def rules(body: bytes) -> list[Rule]:
    """The Allow and Disallow lines that name a path or a pattern, in file order."""
    file = syntax.parse(body)
    found = (
        Rule(number, kind, value.decode("utf-8", "replace"), names_of(block), file.text(number))
        for block in syntax.blocks(file.records)
        for number, kind, _, value in (*block.allows, *block.disallows)
        if value[:1] in (b"/", b"*", b".")
    )
    return sorted(found)


def is_generated(value: str) -> bool:
    """Say whether a value names types of files just as the generator does."""
    return all(_GENERATED.fullmatch(part.strip()) for part in value.split(","))


def read(found: list[Rule]) -> tuple[list[Statement], list[Defect]]:
    """What rules say about training."""
    statements: list[Statement] = []
    defects: list[Defect] = []
    for rule in found:
        faults = [] if rule.names else ["ai-txt-no-agent"]
        faults += ["ai-txt-comma-list"] if "," in rule.value else []
        raw = quote(rule.raw)
        defects += [Defect(code, Severity.RISKS, raw, _EFFECTS[code], rule.line) for code in faults]
        statements += _statements(rule, Strictness.LENIENT if faults else Strictness.STRICT)
        if len(statements) > MAX_STATEMENTS:
            break
    return statements, defects


def _statements(rule: Rule, strictness: Strictness) -> Iterator[Statement]:
    allows = rule.kind is syntax.Kind.ALLOW
    for path in filter(None, (part.strip() for part in rule.value.split(","))):
        for agent in rule.names or ("*",):
            yield Statement(
                Purpose.TRAIN,
                Preference.ALLOWED if allows else Preference.DISALLOWED,
                strictness,
                _scope(path),
                quote(rule.raw),
                agent=agent,
                path=quote(path),
                line=rule.line,
            )


def _scope(path: str) -> Scope:
    if covers_all(path):
        return Scope.SITE
    return Scope.ASSET if _EXTENSION.fullmatch(path) else Scope.PATH
