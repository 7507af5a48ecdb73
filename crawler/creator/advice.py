"""A visited site to what a creator wants to know about it, in plain language and in one order.

Pure: captures in, sentences out. The same judge as a survey's reads the captures; the words are
in `advice.toml`. What could not be read is unknown, and is never told as a yes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crawler.creator.generate import File
from crawler.creator.mend import SERVERS, Mending, mend, purposes_of, robots_of
from crawler.creator.platform_advice import Place, place_of
from crawler.creator.screen import ANSWERED, WITHOUT_EFFECT, Material, Screen, screen
from crawler.creator.wording import glossary, say
from crawler.creator.works_advice import told_of_works
from crawler.judge.verdicts import HOME, Rule, VisitJudgement, judge_visit
from crawler.model import (
    Access,
    Capture,
    Conflict,
    Decision,
    Defect,
    Extent,
    Outcome,
    Preference,
    Purpose,
    Reading,
    Reason,
    RobotsState,
    Scope,
    Severity,
    Verdict,
)
from crawler.parsers.http import header_values
from crawler.parsers.robots import syntax
from crawler.registry import agents, defects, honours
from crawler.registry.agents import Agent, Honours
from crawler.signals import RULESET, SIGNALS, VARIANT, robots_access
from crawler.signals.reading.readable import quote as shown
from crawler.signals.reading.robots_content import Came, came
from crawler.signals.reading.signal import Carrier
from crawler.signals.reading.work import WORK
from crawler.visit.result import VisitResult

UNREADABLE = frozenset(
    {Reason.NOT_HTTP, Reason.HEADER_TOO_LARGE, Reason.BAD_CONTENT_CODING, Reason.ROBOTS_UNREAD}
)
READER = "rfc9309"
COLLECTORS = "strict8"
"""The panel that the first sentence counts: one training crawler of each large operator."""
PANELS = (COLLECTORS, "ai-search8", "user-fetch9")
MOST = 20
"""Faults, contradictions and quotations of one kind that are told in full."""
SAID = {
    Preference.ALLOWED: "yes",
    Preference.CONDITIONAL: "ask-first",
    Preference.DISALLOWED: "no",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The site's own words, and where they stand."""

    quote: str
    where: str


@dataclass(frozen=True, slots=True)
class Use:
    """What the site says about one purpose; `stand` is a key of `advice.toml`, table `uses`."""

    purpose: Purpose
    title: str
    stand: str
    words: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What robots.txt asks of one agent; `root` is the stored value of the survey."""

    token: str
    purposes: tuple[Purpose, ...]
    root: Access
    words: str
    evidence: Evidence | None
    obeys: str | None
    extent: Extent | None


@dataclass(frozen=True, slots=True)
class Reads:
    """What is known of an operator and one family of signals."""

    family: str
    value: str
    words: str
    dated: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Operator:
    """One company: its agents, and what it documents of the signals that the site uses."""

    name: str
    asks: tuple[Ask, ...]
    reads: tuple[Reads, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """One fault: what is wrong, what comes of it, and what to write instead."""

    code: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    effect: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Against:
    """Two places of the site that oppose each other on one purpose."""

    title: str
    one: Evidence
    other: Evidence


@dataclass(frozen=True, slots=True)
class Piece:
    """A text to put on the site; `server` names the web server that it is for."""

    name: str
    text: str
    what: str
    where: str
    server: str | None
    path: str | None
    """Where a file is put on the site; None for a text that goes into another."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything that is told, in the order in which it is told."""

    site: str
    outcome: Outcome
    reason: Reason
    ruleset: int
    agents_version: str
    answer: str
    notes: tuple[str, ...]
    uses: tuple[Use, ...]
    operators: tuple[Operator, ...]
    failing: tuple[Failing, ...]
    against: tuple[Against, ...]
    works: tuple[str, ...]
    missing: tuple[str, ...]
    cannot: tuple[str, ...]
    wish: Mapping[Purpose, Preference]
    mend_notes: tuple[str, ...]
    removals: tuple[str, ...]
    pieces: tuple[Piece, ...]
    server: str | None
    settings: tuple[str, ...]
    limits: tuple[str, ...]
    glossary: tuple[tuple[str, str], ...]
    screen: Screen


def advise(
    visited: VisitResult,
    wishes: Mapping[Purpose, Preference] | None = None,
    contact: str | None = None,
    place: Place | None = None,
) -> Advice:
    """Judge a visit and say what it comes to; raises `generate.WishError` for a bad contact.

    `place` goes before what the captures tell of the platform.
    """
    judgement = judge_visit(visited.captures)
    robots = robots_of(visited)
    place = place or place_of(judgement.platforms, robots.body if robots else b"")
    mending = mend(visited, judgement, wishes or {}, contact)
    uses = tuple(_use(visited, judgement, verdict) for verdict in judgement.verdicts)
    operators = tuple(_operators(visited, judgement))
    failing = tuple(_failing(visited, judgement))
    against = tuple(_against(visited, judgement, c) for c in judgement.conflicts[:MOST])
    missing = tuple(_missing(judgement, uses, operators, mending))
    cannot = tuple(_cannot(mending, place))
    removals = tuple(dict.fromkeys(_removals(visited, mending)))
    settings = place.settings if place else ()
    told = [*(text for f in failing for text in (f.title, f.effect, f.why, f.mend)),
            *(use.words for use in uses), *(text for o in operators for text in _read_of(o)),
            *missing, *cannot, *removals, *settings]  # fmt: skip
    settled = [c for c in visited.captures if not c.superseded]
    return Advice(
        site=visited.host or say("mend.your_site"),
        outcome=visited.outcome,
        reason=visited.reason,
        ruleset=RULESET,
        agents_version=agents.load().version,
        answer=_answer(visited, judgement, uses, operators, failing),
        notes=tuple(_notes(visited, judgement)),
        uses=uses,
        operators=operators,
        failing=failing,
        against=tuple(dict.fromkeys(against)),
        works=told_of_works(visited.captures, judgement),
        missing=missing,
        cannot=cannot,
        wish=mending.wish,
        mend_notes=mending.notes,
        removals=removals,
        pieces=tuple(map(_piece, mending.files)),
        server=_server(settled),
        settings=settings,
        limits=tuple(_limits()),
        glossary=glossary(" ".join(told)),
        screen=screen(
            Material(
                visited,
                judgement,
                mending,
                uses,
                operators,
                failing,
                against,
                place,
                _reason(visited.reason),
            )
        ),
    )


# ---- the answer -----------------------------------------------------------------------------


def _answer(
    visited: VisitResult,
    judgement: VisitJudgement,
    uses: Sequence[Use],
    operators: Sequence[Operator],
    failing: Sequence[Failing],
) -> str:
    """One sentence, for the question that brings most creators here: training."""
    if visited.reason is Reason.ROBOTS_DISALLOWS_US:
        return say("answer.whole.kept_out")
    if visited.outcome not in ANSWERED and all(use.stand == "unknown" for use in uses):
        return say("answer.whole.unread", reason=_reason(visited.reason))
    said = say(f"answer.said.{next(u.stand for u in uses if u.purpose is Purpose.TRAIN)}")
    spoilt = ""
    fails = sum(len(f.evidence) for f in failing if f.severity in WITHOUT_EFFECT)
    if fails:
        spoilt = say(f"answer.spoilt.{'failing_one' if fails == 1 else 'failing'}", count=fails)
    if judgement.conflicts:
        spoilt += say("answer.spoilt.against")
    return said + _asked(operators) + spoilt + "."


def _asked(operators: Sequence[Operator]) -> str:
    panel = set(agents.load().panels[COLLECTORS])
    roots = [ask.root for o in operators for ask in o.asks if ask.token in panel]
    if Access.UNMEASURED in roots:
        return say("answer.asked.unknown")
    count = roots.count(Access.DISALLOWED)
    key = "all" if count == len(roots) else "some" if count else "none"
    return say(f"answer.asked.{key}", count=count, total=len(roots))


def _reason(reason: Reason) -> str:
    """Why a site could not be read, in words; the first word of a failure is its layer."""
    for key in (reason.value, _layer(reason)):
        try:
            return say(f"reasons.{key}")
        except KeyError:
            continue
    return say("reasons.other", reason=reason.value.replace("_", " "))


def _layer(reason: Reason) -> str:
    if reason in UNREADABLE:
        return "malformed"
    if reason in {Reason.CONNECTION_RESET, Reason.EMPTY_REPLY}:
        return "connect"
    return reason.value.partition("_")[0]


def _notes(visited: VisitResult, judgement: VisitJudgement) -> Iterator[str]:
    yield say("notes.home")
    if not visited.headers:
        yield say("notes.files_only")
    unread = dict.fromkeys(
        _resource(visited.captures[read.seq].resource)
        for read in judgement.readings
        if read.finding.outcome is Reading.UNMEASURED
        and not visited.captures[read.seq].resource.startswith(WORK)  # told apart
    )
    if unread:
        yield say("notes.partly", resources=", ".join(unread))


def _resource(name: str) -> str:
    return say("notes.start") if name == HOME else name.rstrip(":")


# ---- what the site says ---------------------------------------------------------------------


def _use(visited: VisitResult, judgement: VisitJudgement, verdict: Verdict) -> Use:
    stand = _stand(verdict)
    if stand == "nothing" and not visited.headers:
        stand = "nothing-read"
    return Use(
        verdict.purpose,
        say(f"titles.{verdict.purpose}"),
        stand,
        say(f"uses.{stand}"),
        tuple(dict.fromkeys(_evidence(visited, judgement, verdict.purpose)))[:MOST],
    )


def _stand(verdict: Verdict) -> str:
    if verdict.strict is not Preference.UNSTATED:
        return SAID[verdict.strict]
    if verdict.lenient is not Preference.UNSTATED:
        return f"tries-{SAID[verdict.lenient]}"
    return {Rule.NOTHING_READ: "unknown", Rule.PARTLY_READ: "nothing-read"}.get(
        Rule(verdict.rule), "nothing"
    )


def _evidence(
    visited: VisitResult, judgement: VisitJudgement, purpose: Purpose
) -> Iterator[Evidence]:
    """What speaks about a purpose to everybody: about the start page or the whole site."""
    carriers = {signal.name: signal.carrier for signal in SIGNALS}
    for read in judgement.readings:
        for statement in read.finding.statements:
            about_pages = statement.scope is not Scope.ASSET and statement.agent == "*"
            if statement.purpose is purpose and about_pages:
                capture = visited.captures[read.seq]
                where = _where(carriers[read.signal], capture, statement.line)
                yield Evidence(statement.quote, where)


def _where(carrier: Carrier, capture: Capture, line: int | None) -> str:
    if carrier is Carrier.HEADER:
        return say("where.header", url=shown(capture.final_url))
    if line is None:
        return say("where.whole", url=shown(capture.final_url))
    kind = {Carrier.ROBOTS: "robots", Carrier.HTML: "html"}.get(carrier, "file")
    return say(f"where.{kind}", line=line, url=shown(capture.final_url))


# ---- company by company ---------------------------------------------------------------------


@cache
def _listed() -> Mapping[str, tuple[Agent, ...]]:
    """Operators of the panels, each with its agents there, training first."""
    registry = agents.load()
    found: dict[str, dict[str, Agent]] = {}
    listed = (registry.by_token(token) for panel in PANELS for token in registry.panels[panel])
    for agent in (agent for agent in listed if agent and purposes_of(agent)):
        found.setdefault(agent.operator or agent.token, {})[agent.token] = agent
    return {operator: tuple(known.values()) for operator, known in found.items()}


def _operators(visited: VisitResult, judgement: VisitJudgement) -> Iterator[Operator]:
    decide = _decisions(visited, judgement)
    robots = robots_of(visited)
    families = tuple(_families(judgement))
    for name, known in _listed().items():
        asks = tuple(_ask(agent, decide[agent.token], robots) for agent in known)
        yield Operator(name, asks, tuple(_reads(name, families)))


def _decisions(visited: VisitResult, judgement: VisitJudgement) -> dict[str, Decision]:
    tokens = [agent.token for known in _listed().values() for agent in known]
    robots = robots_of(visited)
    if robots is None or judgement.robots_state in robots_access.WITHOUT_FILE:
        return dict.fromkeys(tokens, robots_access.unavailable(judgement.robots_state))
    cut = came(robots) is Came.PART
    access = robots_access.judge(robots.body, tokens, cut=cut).access[READER]
    return {token: access.named.get(token, access.default) for token in tokens}


def _ask(agent: Agent, decision: Decision, robots: Capture | None) -> Ask:
    extent = decision.extent or Extent.NONE
    key = "unmeasured" if decision.root is Access.UNMEASURED else extent.value
    basis = decision.basis.value if decision.basis else "unknown"
    evidence = None
    if robots is not None and decision.line is not None:
        where = _where(Carrier.ROBOTS, robots, decision.line)
        evidence = Evidence(shown(decision.rule_text or ""), where)
    claim = agent.honours_robots
    told = claim in (Honours.NO, Honours.USER_TRIGGERED_IGNORES)
    return Ask(
        agent.token,
        purposes_of(agent),
        decision.root,
        say(f"asks.{key}", token=agent.token) + say(f"basis.{basis}"),
        evidence,
        say(f"obeys.{claim}") if told else None,
        decision.extent,
    )


def _families(judgement: VisitJudgement) -> Iterator[honours.Family]:
    """Families of the signals that the site uses, robots.txt always among them."""
    ids = {signal.name: signal.id for signal in SIGNALS}
    quotes: dict[str, str] = {robots_access.SIGNAL.id: ""}
    for read in judgement.readings:
        told = " ".join(statement.quote for statement in read.finding.statements).lower()
        if told:
            quotes[ids[read.signal]] = quotes.get(ids[read.signal], "") + told
    for family in honours.load().families:
        told = " ".join(quotes[i] for i in family.signals if i in quotes)
        used = not quotes.keys().isdisjoint(family.signals)
        if used and (not family.words or any(word in told for word in family.words)):
            yield family


def _reads(operator: str, families: Sequence[honours.Family]) -> Iterator[Reads]:
    for family in families:
        row = next((row for row in family.rows if row.operator == operator), None)
        if row is None:
            yield Reads(family.title, "unknown", say("stands.unknown", name=operator), "", None)
            continue
        dated = say("verified.yes" if row.verified else "verified.no", as_of=row.as_of)
        yield Reads(
            family.title, row.value, say(f"stands.{row.value}", name=operator), dated, row.note
        )


# ---- what fails, contradicts, is missing ----------------------------------------------------


def _failing(visited: VisitResult, judgement: VisitJudgement) -> Iterator[Failing]:
    """Each kind of fault once with its places, the worst first."""
    carriers = {signal.name: signal.carrier for signal in SIGNALS}
    known, order = defects.load().entries, list(Severity)
    found: dict[str, tuple[Defect, dict[Evidence, None]]] = {}
    for read in judgement.readings:
        for defect in read.finding.defects:
            if _is_their_own_name(defect):
                continue
            where = _where(carriers[read.signal], visited.captures[read.seq], defect.line)
            places = found.setdefault(defect.code, (defect, {}))[1]
            places[Evidence(defect.quote, where)] = None
    for defect, places in sorted(found.values(), key=lambda pair: order.index(pair[0].severity)):
        if defect.severity is not Severity.COSMETIC:
            entry = known[defect.code]
            yield Failing(
                defect.code, defect.severity, entry.title, tuple(places)[:MOST],
                defect.effect, entry.explanation, entry.mend,
            )  # fmt: skip


def _is_their_own_name(defect: Defect) -> bool:
    """Whether a name is odd because its operator chose it so (`AI2Bot`): nothing can be mended."""
    if defect.code != "robots-agent-not-token":
        return False
    name = syntax.classify(defect.quote.encode()).value.decode("utf-8", "replace")
    return agents.load().by_token(name) is not None


def _against(visited: VisitResult, judgement: VisitJudgement, conflict: Conflict) -> Against:
    return Against(
        say(f"titles.{conflict.purpose}"),
        _found(visited, judgement, conflict.signal_a, conflict.quote_a),
        _found(visited, judgement, conflict.signal_b, conflict.quote_b),
    )


def _found(visited: VisitResult, judgement: VisitJudgement, signal: str, quote: str) -> Evidence:
    """Where a quotation stands; a rule of robots.txt is no statement and is told by its file."""
    carriers = {known.name: known.carrier for known in SIGNALS}
    for read in judgement.readings:
        for statement in read.finding.statements:
            if (read.signal, statement.quote) == (signal, quote):
                capture = visited.captures[read.seq]
                return Evidence(quote, _where(carriers[signal], capture, statement.line))
    return Evidence(quote, "robots.txt")


def _missing(
    judgement: VisitJudgement,
    uses: Sequence[Use],
    operators: Sequence[Operator],
    mending: Mending,
) -> Iterator[str]:
    if judgement.robots_state is RobotsState.ABSENT:
        yield say("missing.robots")
    elif judgement.robots_state is RobotsState.EMPTY:
        yield say("missing.robots_empty")
    for use in uses:
        if mending.wish[use.purpose] is Preference.UNSTATED:
            continue
        if use.stand == "nothing":
            yield say("missing.unsaid", title=use.title)
        let_in = [
            ask.token
            for operator in operators
            for ask in operator.asks
            if use.purpose in ask.purposes and ask.root is Access.ALLOWED
        ]
        if let_in and mending.wish[use.purpose] is not Preference.ALLOWED:
            yield say("missing.crawlers", title=use.title, tokens=", ".join(let_in))
    names = {file.name for file in mending.files}
    for file in mending.files:
        if file.name not in (*SERVERS, "robots.txt"):
            yield say("missing.piece", name=say(f"pieces.{_key(file.name)}"), what=file.what)
    if names & set(SERVERS):
        yield say("missing.headers")


def _cannot(mending: Mending, place: Place | None) -> Iterator[str]:
    found = mending.plan
    if place:
        yield from place.cannot
    told = [*found.unsaid]
    for file in found.files:
        if file.name not in list(SERVERS)[1:]:
            told += [f"{say(f'pieces.{_key(file.name)}')}: {gap}" for gap in file.gaps]
    mixed = [choice.agent.token for choice in found.mixed]
    for key, tokens in (("mixed", mixed), ("unaddressable", found.unaddressable)):
        told += [say(f"cannot.{key}", tokens=", ".join(tokens))] if tokens else []
    yield from dict.fromkeys(told)


def _key(name: str) -> str:
    return "headers" if name in SERVERS else name.partition(".")[0].replace("-", "_")


# ---- the mend, and its limits ---------------------------------------------------------------


def _read_of(operator: Operator) -> Iterator[str]:
    for each in operator.reads:
        yield f"{each.family} {each.note}"


def _removals(visited: VisitResult, mending: Mending) -> Iterator[str]:
    for removal in mending.removals:
        where = _where(removal.carrier, visited.captures[removal.seq], removal.line)
        yield say("mend.remove", quote=removal.quote, where=where, why=removal.why)


def _piece(file: File) -> Piece:
    return Piece(
        file.name,
        file.text.decode("utf-8", "replace"),
        file.what,
        file.where,
        SERVERS.get(file.name),
        file.path,
    )


def _server(captures: Sequence[Capture]) -> str | None:
    """The web server that names itself in an answer of the site, if we have settings for it."""
    for capture in captures:
        if capture.resource.startswith(VARIANT):
            continue
        told = " ".join(header_values(capture.headers, "server")).lower()
        for server in SERVERS.values():
            if server.lower() in told:
                return server
    return None


def _limits() -> Iterator[str]:
    yield from (say(f"limits.{key}") for key in ("collected", "requests", "reposts"))
    known = agents.load().agents
    for key, claim in (("user", Honours.USER_TRIGGERED_IGNORES), ("deaf", Honours.NO)):
        tokens = [a.token for a in known if a.honours_robots is claim and purposes_of(a)]
        yield from [say(f"limits.{key}", tokens=", ".join(tokens))] if tokens else []
    yield say("limits.law")
