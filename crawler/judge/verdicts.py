"""Captures to verdicts, purely: findings of every signal, then ordered, named rules.

Two axes never mix. *Access* (may agent A fetch path P?) is settled once per distinct
robots.txt body by `crawler.signals.robots_access`. *Use* (may content serve purpose U?)
is settled here from statements, for the site's home page.

Order of the use rules (none of the specifications ranks other families; the order is ours):

1. agent-scoped and asset-scoped statements stay out: they do not speak about the page;
2. inside TDMRep, meta beats header beats file, property by property (CG report of
   10 May 2024, priority section);
3. a page's own statement beats a path's, a path's beats the site's;
4. at one level, disallowed beats conditional beats allowed;
5. opposite values always also make a conflict (see `crawler.judge.conflicts`).

The strict verdict uses what everyone reads to the letter; the lenient one adds what only a
tolerant reader understands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.answers import Answer, classify
from crawler.judge.conflicts import (
    Sourced,
    access_conflicts,
    conflicts,
    header_conflicts,
    work_conflicts,
)
from crawler.judge.hosting import Sighting, detect
from crawler.judge.meta_refresh import SentOn, sent_on
from crawler.judge.reach import Reach, reach
from crawler.judge.survival import WorkRead, works_read
from crawler.judge.work_hosts import AssetHosts, asset_hosts
from crawler.model import (
    Capture,
    Conflict,
    Finding,
    Preference,
    Purpose,
    Reading,
    RobotsState,
    Scope,
    Statement,
    Strictness,
    Verdict,
)
from crawler.signals import SIBLING, SIGNALS, robots_access
from crawler.signals.reading.readable import soft_404
from crawler.signals.reading.robots_content import as_read
from crawler.signals.reading.robots_lines import is_answer_to_anything
from crawler.signals.reading.signal import Carrier, Signal

HOME = "/"
ROBOTS = "/robots.txt"


class Rule(StrEnum):
    """What decided a use verdict. Persisted: never renamed, never reused."""

    NOTHING_READ = "nothing-read"  # no carrier of a statement could be read: unknown
    PARTLY_READ = "partly-read"  # what could be read says nothing, and something could not
    NOTHING_STATED = "nothing-stated"  # everything was read and says nothing
    LENIENT_ONLY = "lenient-only"  # only a tolerant reader finds a statement
    SOLE_STATEMENT = "sole-statement"
    AGREEMENT = "agreement"  # several statements of the same value
    TDMREP_CHANNEL = "tdmrep-channel"  # rule 2
    MOST_SPECIFIC = "most-specific"  # rule 3
    MOST_RESTRICTIVE = "most-restrictive"  # rule 4


LEVELS = (Scope.PAGE, Scope.PATH, Scope.SITE)
RESTRICTIVENESS = (Preference.DISALLOWED, Preference.CONDITIONAL, Preference.ALLOWED)
TDMREP_CHANNELS = ("tdmrep_meta", "tdmrep_header", "tdmrep_file")
REFUSED = {Answer.REFUSED, Answer.CHALLENGE, Answer.RATE_LIMITED}


@dataclass(frozen=True, slots=True)
class Read:
    """A finding with the place of its capture in the visit."""

    seq: int
    signal: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class VisitJudgement:
    """What one visit comes to. `robots_seq` is None where robots.txt was never asked for."""

    robots_state: RobotsState
    robots_seq: int | None
    readings: tuple[Read, ...]
    verdicts: tuple[Verdict, ...]
    conflicts: tuple[Conflict, ...]
    reach: Reach | None
    platforms: tuple[Sighting, ...] | None
    assets: AssetHosts | None
    refresh: SentOn | None
    works: tuple[WorkRead, ...] = ()


def judge_visit(captures: Sequence[Capture]) -> VisitJudgement:
    """Judge the captures of one visit, in the order they were made."""
    return _judgement(captures, tuple(_read_all(captures)))


def _judgement(
    captures: Sequence[Capture], readings: tuple[Read, ...], *, stopped: bool = False
) -> VisitJudgement:
    """What readings come to; where judging was stopped, nothing fetched is looked at again."""
    captures = [as_read(c) if c.resource.endswith(ROBOTS) else c for c in captures]
    applicable = list(_applicable(readings))
    heard = _heard(readings, applicable)
    opposed = tuple(conflicts(heard))
    contested = {conflict.purpose for conflict in opposed}
    robots_seq = next((seq for seq, c in _settled(captures) if c.resource == ROBOTS), None)
    assets = None if stopped else asset_hosts(captures)
    return VisitJudgement(
        robots_state=RobotsState.UNREACHABLE
        if robots_seq is None
        else robots_state(captures[robots_seq], captures),
        robots_seq=robots_seq,
        readings=readings,
        verdicts=tuple(
            _verdict(purpose, applicable, readings, conflict=purpose in contested)
            for purpose in Purpose
        ),
        conflicts=opposed
        if stopped
        else (
            *opposed,
            *access_conflicts(captures, heard),
            *header_conflicts(captures),
            *work_conflicts(captures, _in_works(readings), heard),
        ),
        reach=None if stopped else reach(captures),
        platforms=None if stopped else detect(captures, assets.hosts if assets else ()),
        assets=assets,
        refresh=None if stopped else sent_on(captures),
        works=works_read(captures, assets),
    )


def robots_state(capture: Capture, captures: Sequence[Capture] = ()) -> RobotsState:
    """Sort an answer for robots.txt; a state other than a file's own never means "allowed".

    `captures` are all of the visit, in which answers for random paths may stand.
    """
    answer = classify(capture)
    if answer is Answer.CONTENT:
        siblings = (one for one in captures if one.resource.startswith(SIBLING))
        if is_answer_to_anything(as_read(capture), siblings):
            return RobotsState.NOT_ROBOTS
        return robots_access.state_of(capture)
    if answer is Answer.MISSING:
        return RobotsState.ABSENT
    return RobotsState.REFUSED if answer in REFUSED else RobotsState.UNREACHABLE


def _settled(captures: Sequence[Capture]) -> Iterable[tuple[int, Capture]]:
    return ((seq, capture) for seq, capture in enumerate(captures) if not capture.superseded)


def _read_all(captures: Sequence[Capture]) -> Iterable[Read]:
    siblings = {c.resource: c for c in captures if c.resource.startswith(SIBLING)}
    for seq, capture in _settled(captures):
        for signal in SIGNALS:
            if capture.resource in signal.resources:
                sibling = siblings.get(SIBLING + capture.resource)
                yield Read(seq, signal.name, _find(signal, capture, sibling))


def _find(signal: Signal, capture: Capture, sibling: Capture | None) -> Finding:
    is_file = signal.carrier is Carrier.FILE and classify(capture) is Answer.CONTENT
    if is_file and soft_404(capture, sibling):
        return Finding(Reading.ABSENT, note="soft_404")
    # The signal on access tells of the file as it came; the others read what is in it.
    is_read = signal.carrier is Carrier.ROBOTS and signal is not robots_access.SIGNAL
    return signal.find(as_read(capture) if is_read else capture)


def _to_everybody(read: Read) -> tuple[Statement, ...]:
    """The statements that speak about pages, not single works, and to no agent apart."""
    return tuple(
        statement
        for statement in read.finding.statements
        if statement.agent == "*" and statement.scope is not Scope.ASSET
    )


def _in_works(readings: Iterable[Read]) -> list[Sourced]:
    """The wishes that works carry."""
    of_works = {signal.name for signal in SIGNALS if signal.carrier is Carrier.WORK}
    return [(r.signal, s) for r in readings if r.signal in of_works for s in r.finding.statements]


def _applicable(readings: Iterable[Read]) -> Iterable[Sourced]:
    """The statements that hold for the home page, by each signal's own rule."""
    select = {signal.name: signal.select for signal in SIGNALS}
    for read in readings:
        statements, choose = _to_everybody(read), select[read.signal]
        for statement in statements if choose is None else choose(statements, HOME):
            yield read.signal, statement


def _heard(readings: Iterable[Read], applicable: list[Sourced]) -> list[Sourced]:
    """Those, and what a signal's own rule set aside: it decides nothing, and can contradict."""
    aside = (
        (read.signal, statement)
        for read in readings
        for statement in _to_everybody(read)
        if statement.scope is not Scope.PATH
    )
    return list(dict.fromkeys([*applicable, *aside]))


def _verdict(
    purpose: Purpose, applicable: list[Sourced], readings: Sequence[Read], *, conflict: bool
) -> Verdict:
    strict, rule = _combine(
        purpose, [pair for pair in applicable if pair[1].strictness is Strictness.STRICT]
    )
    lenient, lenient_rule = _combine(purpose, applicable)
    if rule is None:
        rule = Rule.LENIENT_ONLY if lenient_rule else _silence(readings)
    return Verdict(purpose, strict, lenient, rule, conflict)


def _silence(readings: Sequence[Read]) -> Rule:
    """Tell "says nothing" from "could not be read": they must never look alike.

    A document that something must point to is not missed where nothing does; a work that was not
    read to its end hides no statement about the page.
    """
    access = robots_access.SIGNAL.name
    speaking = {signal.name for signal in SIGNALS if signal.asked} - {access}
    apart = {s.name for s in SIGNALS if s.carrier is Carrier.WORK} | {access}
    unread = {r.signal for r in readings if r.finding.outcome is Reading.UNMEASURED} - apart
    read = {r.signal for r in readings if r.finding.outcome is not Reading.UNMEASURED} & speaking
    if not read:
        return Rule.NOTHING_READ
    return Rule.NOTHING_STATED if read == speaking and not unread else Rule.PARTLY_READ


def _combine(purpose: Purpose, statements: list[Sourced]) -> tuple[Preference, Rule | None]:
    """Apply rules 2 to 4 and name the last one that removed a different answer."""
    stated = [pair for pair in statements if pair[1].purpose is purpose]
    if not stated:
        return Preference.UNSTATED, None
    rule = Rule.SOLE_STATEMENT if len(stated) == 1 else Rule.AGREEMENT
    kept = [pair for pair in _by_channel(statements) if pair[1].purpose is purpose]
    if _values(kept) != _values(stated):
        rule = Rule.TDMREP_CHANNEL
    if not kept:
        return Preference.UNSTATED, rule
    for step, choose in ((Rule.MOST_SPECIFIC, _by_level), (Rule.MOST_RESTRICTIVE, _by_value)):
        chosen = choose(kept)
        if _values(chosen) != _values(kept):
            rule = step
        kept = chosen
    return kept[0][1].preference, rule


def _values(statements: list[Sourced]) -> set[Preference]:
    return {statement.preference for _, statement in statements}


def _by_channel(statements: list[Sourced]) -> list[Sourced]:
    """Let the nearest TDMRep channel speak; a policy that it leaves out stays in force.

    An absent property never resets a value: a header `1` keeps the policy of the file.
    """
    spoken = [signal for signal in TDMREP_CHANNELS if any(pair[0] == signal for pair in statements)]
    others = [pair for pair in statements if pair[0] not in TDMREP_CHANNELS]
    if not spoken:
        return others
    nearest = [pair for pair in statements if pair[0] == spoken[0]]
    has_policy = any(
        pair[0] in spoken and pair[1].preference is Preference.CONDITIONAL for pair in statements
    )
    if has_policy and all(s.preference is Preference.DISALLOWED for _, s in nearest):
        nearest = [(n, replace(s, preference=Preference.CONDITIONAL)) for n, s in nearest]
    return nearest + others


def _by_level(statements: list[Sourced]) -> list[Sourced]:
    best = min(LEVELS.index(statement.scope) for _, statement in statements)
    return [pair for pair in statements if LEVELS.index(pair[1].scope) == best]


def _by_value(statements: list[Sourced]) -> list[Sourced]:
    best = min(RESTRICTIVENESS.index(statement.preference) for _, statement in statements)
    return [pair for pair in statements if RESTRICTIVENESS.index(pair[1].preference) == best]


def stopped_visit(captures: Sequence[Capture], reason: str) -> VisitJudgement:
    """Give the judgement of a visit whose judging was stopped: every reading unmeasured."""
    finding = Finding(Reading.UNMEASURED, note=reason)
    readings = tuple(
        Read(seq, signal.name, finding)
        for seq, capture in _settled(captures)
        for signal in SIGNALS
        if capture.resource in signal.resources
    )
    return _judgement(captures, readings, stopped=True)
