"""The policies of draft-car, which a text and a JSON file share, to statements and defects.

Read in its repository form: draft-car-ai-txt-wellknown-00, 12 June 2026.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.keyvalue import Document, Pair
from crawler.parsers.spelling import unquoted
from crawler.signals.reading.file_words import permission
from crawler.signals.reading.readable import MAX_STATEMENTS, leniently, quote
from crawler.signals.reading.robots_lines import (
    MAX_AGENTS,
    longest_match,
)

SPEC = "https://datatracker.ietf.org/doc/draft-car-ai-txt-wellknown/"
SPEC_VERSION = "draft-car-ai-txt-wellknown-00, June 2026"
TWIN = "ai-json:"
"""Name of the resource of the JSON twin that a text file points to."""

POLICIES = frozenset({"training", "scraping", "indexing", "caching"})
PATHS = {"training-allow": Preference.ALLOWED, "training-deny": Preference.DISALLOWED}
REQUIRED = ("site-name", "site-url")
VALUES = {
    "allow": Preference.ALLOWED,
    "deny": Preference.DISALLOWED,
    "conditional": Preference.CONDITIONAL,
}

# Purposes of a policy, and whether the reading is ours. The draft speaks of an index "for
# retrieval"; that scraping refused leaves no use at all is our conclusion.
_MEANING = {
    "training": ((Purpose.TRAIN, False),),
    "indexing": ((Purpose.SEARCH, False), (Purpose.AI_INPUT, True)),
    "caching": (),
}
_ALL = tuple((purpose, True) for purpose in Purpose)
_EFFECTS = {
    "ai-txt-required": "A required field is missing: strict readers refuse the file.",
    "ai-txt-value": "Not one of allow, deny and conditional: strict readers pass it over.",
    "ai-txt-contradiction": "The field stands there with several values; readers differ.",
    "ai-txt-paths-alone": "Paths count only where Training is conditional.",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One policy given for one agent, as written."""

    policy: str
    value: str
    agent: str
    raw: str
    line: int


def decide(claims: list[Claim]) -> tuple[list[Statement], list[Defect]]:
    """What the policies come to: of several values the most restrictive, by the letter first."""
    statements: list[Statement] = []
    defects: list[Defect] = []
    for group in _groups(claims):
        known = {one.value for one in group if one.value in VALUES}
        if len(known) > 1:
            defects.append(defect("ai-txt-contradiction", Severity.CHANGES, group[-1]))
        unknown = [claim for claim in group if claim.value not in VALUES]
        defects += [defect("ai-txt-value", Severity.VOIDS, claim) for claim in unknown]
        statements += _most_restrictive([s for claim in group for s in meanings(claim)])
    return statements, defects


def _groups(claims: Iterable[Claim]) -> list[list[Claim]]:
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.policy, claim.agent.lower()), []).append(claim)
    return list(groups.values())


_ORDER = (Preference.DISALLOWED, Preference.CONDITIONAL, Preference.ALLOWED)


def _most_restrictive(statements: list[Statement]) -> list[Statement]:
    """For each purpose one strict statement if there is any, else one lenient."""
    kept: dict[Purpose, Statement] = {}
    for one in sorted(statements, key=_rank):
        kept.setdefault(one.purpose, one)
    return list(kept.values())


def _rank(one: Statement) -> tuple[bool, int]:
    return one.strictness is not Strictness.STRICT, _ORDER.index(one.preference)


def meanings(claim: Claim) -> Iterator[Statement]:
    """The statements of one policy, lenient where the value is only understood."""
    preference = VALUES.get(claim.value)
    strictness = Strictness.STRICT if preference else Strictness.LENIENT
    preference = preference or permission(unquoted(claim.value).strip().lower())
    if preference is None:
        return
    denied = preference is Preference.DISALLOWED
    known = _ALL if claim.policy == "scraping" and denied else _MEANING.get(claim.policy, ())
    for purpose, derived in known:
        yield Statement(
            purpose,
            preference,
            strictness,
            Scope.SITE,
            quote(claim.raw),
            agent=claim.agent,
            line=claim.line,
            derived=derived,
        )


def defect(code: str, severity: Severity, claim: Claim) -> Defect:
    """The defect of one policy."""
    return Defect(code, severity, quote(claim.raw), _EFFECTS[code], claim.line)


def path_rule(path: str, preference: Preference, raw: str, line: int) -> Statement:
    """A part of the site that is freed from the conditions, or kept out altogether."""
    scope = Scope.SITE if path.rstrip("*") in ("", "/") else Scope.PATH
    words = quote(raw)
    return Statement(
        Purpose.TRAIN, preference, Strictness.STRICT, scope, words, path=quote(path), line=line
    )


def by_default(raw: str, line: int) -> Statement:
    """Training left out is denied by the draft: nobody wrote it, hence derived."""
    words = quote(raw)
    return Statement(
        Purpose.TRAIN,
        Preference.DISALLOWED,
        Strictness.STRICT,
        Scope.SITE,
        words,
        line=line,
        derived=True,
    )


def select(statements: tuple[Statement, ...], path: str) -> tuple[Statement, ...]:
    """Keep the most specific path of each purpose."""
    choose = longest_match()
    of = {purpose: tuple(s for s in statements if s.purpose is purpose) for purpose in Purpose}
    return tuple(one for own in of.values() for one in choose(own, path))


def is_policy(pair: Pair) -> bool:
    """Say whether a line is a policy of the draft, for the site or in an agent's block."""
    return pair.plain and pair.name.lower() in POLICIES


def read(document: Document, *, cut: bool) -> tuple[list[Statement], list[Defect], bool]:
    """Read the lines of a text file; the last value says whether training is left to default.

    Of a file that is `cut` the line that is missing may be in the part that is.
    """
    claims, paths, names = _sorted(document)
    statements, defects = decide(claims)
    stated = [c for c in claims if c.policy == "training" and c.agent == "*"]
    conditional = any(claim.value == "conditional" for claim in stated)
    for pair in paths[: MAX_STATEMENTS + 1]:
        rule = path_rule(pair.value, PATHS[pair.name.lower()], pair.raw, pair.line)
        statements += [rule] if conditional else leniently([rule])
    if paths and not conditional:
        claim = Claim("", "", "*", paths[0].raw, paths[0].line)
        defects.append(defect("ai-txt-paths-alone", Severity.RISKS, claim))
    default = not (stated or paths or cut)
    complete = all(names.get(name) for name in REQUIRED)
    if default and complete:
        first = names["site-name"]
        statements.append(by_default(first.raw, first.line))
    if not complete:
        first = document.pairs[0]
        claim = Claim("", "", "*", first.raw, first.line)
        defects.append(defect("ai-txt-required", Severity.VOIDS, claim))
        statements = leniently(statements)
    return statements, defects, default and complete


def _sorted(document: Document) -> tuple[list[Claim], list[Pair], dict[str, Pair]]:
    """Policies with the agent whose block they stand in, path lines, and the site's fields."""
    claims: list[Claim] = []
    paths: list[Pair] = []
    names: dict[str, Pair] = {}
    agent, agents = "*", set[str]()
    for pair in document.pairs:
        name = pair.name.lower()
        if pair.indent == 0:
            agent = quote(pair.value) if name == "agent" and pair.value else "*"
            agents.add(agent)
        if len(agents) > MAX_AGENTS:
            break
        if is_policy(pair):
            claims.append(Claim(name, pair.value, agent, pair.raw, pair.line))
        elif name in PATHS and pair.value:
            paths.append(pair)
        elif name in REQUIRED and pair.value:
            names[name] = pair
    return claims, paths, names
