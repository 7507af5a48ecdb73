"""Two sources of one site that oppose each other, one row for every pair, with both quotations.

Four kinds of pairs are compared:

- two statements on one purpose, `allowed` against `disallowed` or `conditional`;
- a rule of robots.txt against such a statement, where the rule decides the root for a crawler
  of PANELS with that purpose: kept out although the statement allows, or let in by a group of
  its own although the statement refuses. That `*` lets a crawler in, or that no group speaks,
  opposes nothing: nobody wrote it about AI;
- the site against its own variant (with or without `www.`, http or https): robots.txt against
  robots.txt, where one keeps a crawler of PANELS out and the other does not, and the headers of
  home page against home page, where they say different things on one purpose. What a variant says
  is never a statement of the site.

- a wish inside a work (`allowed` against the others) against such a statement about the page or
  the site, and against such a rule: readers of the work and readers of the page are told
  different things. What a work says is never a statement of the page.

Access and use are two axes: rules of robots.txt make conflicts, and never a verdict on use.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import combinations

from crawler.addresses import host_of
from crawler.answers import Answer, classify
from crawler.model import (
    Access,
    Basis,
    Capture,
    Conflict,
    Preference,
    Purpose,
    Scope,
    Statement,
    Strictness,
)
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.signals import SIGNALS, VARIANT, robots_access
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_content import is_partial
from crawler.signals.reading.signal import Carrier, Signal

ROBOTS = "/robots.txt"
HOME = "/"
PANELS = ("strict8", "ai-search8", "user-fetch9")
"""Crawlers for training, for search and for answers: one panel for each purpose."""
SIGNAL = robots_access.SIGNAL.name

Sourced = tuple[str, Statement]
"""A statement with the name of the signal that read it."""


def conflicts(applicable: Sequence[Sourced]) -> Iterator[Conflict]:
    """One conflict for every two statements of one purpose that oppose each other."""
    return _distinct(
        _conflict(a, b)
        for a, b in combinations(applicable, 2)
        if a[1].purpose is b[1].purpose and opposed(a[1].preference, b[1].preference)
    )


def access_conflicts(
    captures: Sequence[Capture], applicable: Sequence[Sourced]
) -> Iterator[Conflict]:
    """Rules of robots.txt against statements, and against the rules of the site's variants."""
    settled = [capture for capture in captures if not capture.superseded]
    main = next((capture for capture in settled if capture.resource == ROBOTS), None)
    if main is None or not _speaks(main):
        return iter(())
    rules = [(SIGNAL, stance) for stance in stances(main.body)]
    against_use = (
        _conflict(rule, other)
        for rule in rules
        for other in applicable
        if rule[1].purpose is other[1].purpose and opposed(rule[1].preference, other[1].preference)
    )
    variants = [c for c in settled if c.resource == VARIANT + ROBOTS and _is_variant(main, c)]
    between = (pair for capture in variants for pair in _between(main, capture))
    return _distinct([*against_use, *between])


def header_conflicts(captures: Sequence[Capture]) -> Iterator[Conflict]:
    """Header signals of the home page against those of the site's variants."""
    settled = [c for c in captures if not c.superseded and classify(c) is Answer.CONTENT]
    main = next((capture for capture in settled if capture.resource == HOME), None)
    if main is None:
        return iter(())
    variants = [c for c in settled if c.resource == VARIANT + HOME]
    return _distinct(
        pair
        for capture in variants
        if _name(main.url) == _name(capture.url) and main.final_url != capture.final_url
        for signal in SIGNALS
        if signal.carrier is Carrier.HEADER and HOME in signal.resources
        for pair in _headers_between(signal, main, replace(capture, resource=HOME))
    )


def work_conflicts(
    captures: Sequence[Capture], in_works: Sequence[Sourced], applicable: Sequence[Sourced]
) -> Iterator[Conflict]:
    """What works state against statements of the page or site, and against rules of robots.txt."""
    if not in_works:
        return iter(())
    settled = [capture for capture in captures if not capture.superseded]
    main = next((capture for capture in settled if capture.resource == ROBOTS), None)
    speaks = main is not None and _speaks(main)
    rules = [(SIGNAL, stance) for stance in stances(main.body)] if main and speaks else []
    return _distinct(
        _conflict(work, other)
        for work in in_works
        for other in (*applicable, *rules)
        if work[1].purpose is other[1].purpose and opposed(work[1].preference, other[1].preference)
    )


def _headers_between(signal: Signal, main: Capture, variant: Capture) -> Iterator[Conflict]:
    """Each purpose on which two answers do not have the same preferences."""
    here, there = signal.find(main).statements, signal.find(variant).statements
    for purpose in Purpose:
        ours, theirs = ([s for s in each if s.purpose is purpose] for each in (here, there))
        if {s.preference for s in ours} != {s.preference for s in theirs}:
            yield Conflict(
                purpose, signal.name, _words(main, ours), signal.name, _words(variant, theirs)
            )


def _words(capture: Capture, statements: Sequence[Statement]) -> str:
    said = "; ".join(dict.fromkeys(statement.quote for statement in statements))
    return quote(f"{capture.url}: {said or 'nothing'}")


def opposed(a: Preference, b: Preference) -> bool:
    """`allowed` opposes both other values; `conditional` does not oppose `disallowed`."""
    return a is not b and Preference.ALLOWED in (a, b)


@lru_cache(maxsize=64)
def stances(body: bytes) -> tuple[Statement, ...]:
    """What the rules say, as statements: each purpose and line once."""
    policy = rfc9309.read(syntax.parse(body))
    found: dict[tuple[Purpose, int | None], Statement] = {}
    for token, purpose in _panel():
        decision = policy.decide(token)
        if decision.root is Access.DISALLOWED:
            preference = Preference.DISALLOWED
        elif decision.basis is Basis.OWN and decision.line is not None:
            preference = Preference.ALLOWED
        else:
            continue
        words = quote(decision.rule_text or "")
        found.setdefault(
            (purpose, decision.line),
            Statement(
                purpose, preference, Strictness.STRICT, Scope.SITE, words, token,
                line=decision.line, derived=True,
            ),
        )  # fmt: skip
    return tuple(found.values())


@cache
def _panel() -> tuple[tuple[str, Purpose], ...]:
    """The tokens of PANELS, each with the one purpose that content is fetched for.

    Keeping out a crawler that fetches for several says nothing on any one of them.
    """
    registry = agents.load()
    known = {agent.token: agent for agent in registry.agents}
    use = {purpose.value for purpose in Purpose}
    listed = (
        (token, tuple(Purpose(p) for p in known[token].purposes if p in use))
        for panel in PANELS
        for token in registry.panels[panel]
    )
    return tuple((token, found[0]) for token, found in listed if len(found) == 1)


def _between(main: Capture, variant: Capture) -> Iterator[Conflict]:
    """Each panel crawler that one of two files keeps out and the other does not."""
    here, there = _kept_out(main), _kept_out(variant)
    for token, purpose in _panel():
        if (token in here) is not (token in there):
            yield Conflict(
                purpose, SIGNAL, _said(main, here, token), SIGNAL, _said(variant, there, token)
            )


def _kept_out(capture: Capture) -> dict[str, str]:
    """Tokens of the panel that are kept from the root, with the line that does it."""
    if classify(capture) is Answer.MISSING:
        return {}
    policy = rfc9309.read(syntax.parse(capture.body))
    decisions = {token: policy.decide(token) for token, _ in _panel()}
    return {
        token: decision.rule_text or ""
        for token, decision in decisions.items()
        if decision.root is Access.DISALLOWED
    }


def _said(capture: Capture, kept_out: dict[str, str], token: str) -> str:
    return quote(f"{capture.url}: {kept_out.get(token, f'nothing keeps {token} out')}")


def _is_variant(main: Capture, other: Capture) -> bool:
    """The same name with or without `www.`, or the other scheme, answered on its own."""
    return _name(main.url) == _name(other.url) and main.final_url != other.final_url \
        and (_speaks(other) or classify(other) is Answer.MISSING)  # fmt: skip


def _name(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _speaks(capture: Capture) -> bool:
    """A robots.txt that was read to its end; a cut one cannot show that a rule is missing."""
    return classify(capture) is Answer.CONTENT and not is_partial(capture)


def _conflict(a: Sourced, b: Sourced) -> Conflict:
    return Conflict(a[1].purpose, a[0], a[1].quote, b[0], b[1].quote)


def _distinct(found: Iterable[Conflict]) -> Iterator[Conflict]:
    return iter(dict.fromkeys(found))
