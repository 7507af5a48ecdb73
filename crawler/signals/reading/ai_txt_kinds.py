"""What a file called ai.txt is, and how the two addresses of that name are read.

At least six unrelated things share the name. A file is classified first; its own grammar is
then read strictly where the grammar is at home, and leniently at the other address.
"""

import re
from dataclasses import replace
from enum import StrEnum

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Reading,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers import keyvalue
from crawler.parsers.keyvalue import Document
from crawler.parsers.robots import syntax
from crawler.signals.reading import draft_car, file_prose, file_words, spawning
from crawler.signals.reading.readable import (
    conclude,
    is_cut,
    leniently,
    quote,
    soft_404,
    unreadable,
)
from crawler.signals.reading.robots_lines import covers_all

_MISPLACED = "A reader of this format looks for it at another address."
_PERSONAL = frozenset(
    {
        *("born", "education", "email", "employer", "github", "job", "linkedin", "location"),
        *("occupation", "orcid", "phone", "profession", "pronouns", "role"),
    }
)
_ROBOTS_ONLY = frozenset({"sitemap", "crawl-delay", "host"})
_SEPARATOR = re.compile(r"-{3,}[ \t]*(?:[\r\n]|\Z)")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")


class Kind(StrEnum):
    """What a file is; persisted as the note of a finding."""

    SPAWNING = "spawning"
    DRAFT_CAR = "draft_car"
    ROBOTS_COPY = "robots_copy"  # lines of robots.txt that Spawning's generator never writes
    OWN_WORDS = "own_words"  # invented lines that state a preference
    PROSE = "prose"  # sentences that reserve or refuse
    ARXIV_DSL = "arxiv_dsl"  # markup; the concrete syntax of that proposal is unverified
    PRODUCT = "product_description"  # Markdown with front matter, as aitxt.ing writes it
    PERSONAL = "personal_info"
    DESCRIPTION = "description"  # any other Markdown or list of fields about a site
    UNKNOWN = "unknown"


def classify(document: Document, body: bytes) -> Kind:
    """Give the kind of a file by its form; OWN_WORDS and PROSE need a look at what it says."""
    text = document.text.lstrip()
    if text.startswith("<"):
        return Kind.ARXIV_DSL
    if _is_draft_car(document):
        return Kind.DRAFT_CAR
    if found := spawning.rules(body):
        return Kind.SPAWNING if _is_spawning(document, found) else Kind.ROBOTS_COPY
    if _SEPARATOR.match(text):
        return Kind.PRODUCT
    if len({pair.name.lower() for pair in document.pairs} & _PERSONAL) > 1:
        return Kind.PERSONAL
    if document.pairs or _HEADING.match(text):
        return Kind.DESCRIPTION
    return Kind.UNKNOWN


def _is_draft_car(document: Document) -> bool:
    policies = [pair for pair in document.pairs if draft_car.is_policy(pair)]
    names = {pair.name.lower() for pair in document.pairs if pair.plain}
    if names & draft_car.PATHS.keys():
        return True
    known = any(pair.value in draft_car.VALUES for pair in policies)
    return known or bool(policies and set(draft_car.REQUIRED) <= names)


def _is_spawning(document: Document, found: list[spawning.Rule]) -> bool:
    """The generator writes types of files and the whole site, and names itself."""
    if any("spawning" in comment.text.lower() for comment in document.comments):
        return True
    if any(spawning.is_generated(rule.value) for rule in found):
        return True
    names = {pair.name.lower() for pair in document.pairs}
    return not names & _ROBOTS_ONLY and all(covers_all(rule.value) for rule in found)


def find(capture: Capture, own: Kind) -> Finding:
    """Read a file at the address where `own` is at home."""
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    document = keyvalue.parse(capture.body)
    cut = is_cut(capture) or document.cut
    kind = classify(document, capture.body)
    statements, defects, note = _read(document, capture.body, kind, cut=cut)
    if kind is not own and statements:
        statements = leniently(statements)
        if kind in (Kind.SPAWNING, Kind.DRAFT_CAR):
            defects.insert(0, _misplaced(statements[0]))
    if kind is not Kind.DRAFT_CAR:
        words, own_defects = file_words.read(document)
        if words and kind is Kind.SPAWNING:
            # `Allow: /` beside `Disallow-Training: /` permits crawling and not training.
            statements = [_only_if_refusing(one) for one in statements]
        elif words:
            kind = Kind.OWN_WORDS
        statements, defects = statements + words, defects + own_defects
    if not statements:
        statements = file_prose.read(document.text)
        kind = Kind.PROSE if statements else kind
        cut = cut or file_prose.goes_on(document.text)
    if kind is not own and capture.body.strip():
        note = kind.value
    return conclude(statements, defects, cut=cut, note=note)


def _read(
    document: Document, body: bytes, kind: Kind, *, cut: bool
) -> tuple[list[Statement], list[Defect], str | None]:
    if kind is Kind.DRAFT_CAR:
        statements, defects, default = draft_car.read(document, cut=cut)
        return statements, defects, "training_by_default" if default else None
    if kind is Kind.SPAWNING:
        return *spawning.read(spawning.rules(body)), None
    if kind is Kind.ROBOTS_COPY:
        # Such a file speaks of crawling; only what keeps the whole site out is taken for more.
        refused = [
            rule
            for rule in spawning.rules(body)
            if rule.kind is syntax.Kind.DISALLOW and covers_all(rule.value)
        ]
        statements, _ = spawning.read(refused)
        return [replace(one, derived=True) for one in leniently(statements)], [], None
    return [], [], None


def _only_if_refusing(one: Statement) -> Statement:
    refuses = one.preference is Preference.DISALLOWED
    return one if refuses else replace(one, strictness=Strictness.LENIENT)


def _misplaced(first: Statement) -> Defect:
    return Defect("ai-txt-misplaced", Severity.VOIDS, quote(first.quote), _MISPLACED, first.line)
