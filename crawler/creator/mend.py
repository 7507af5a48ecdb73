"""A judged site and a wish to what must be written, changed and taken out for the site to say it.

What is written comes from `crawler.creator.generate`. A text counts as there already where its
signals say to everybody exactly what it would say. A robots.txt that was not read to its end is
never replaced: its unseen rules would be undone.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit

from crawler.answers import Answer, classify
from crawler.creator.generate import (
    IN_WORKS,
    LICENCE_PATH,
    NO,
    POLICY_PATH,
    SERVED_BY,
    STRICTEST,
    TDMREP_PATH,
    TERMS,
    YES,
    File,
    Plan,
    Statement,
    Wish,
    is_address,
    plan,
)
from crawler.creator.robots_edit import MergeError, changed_for
from crawler.creator.wording import say
from crawler.judge.verdicts import ROBOTS, Read, VisitJudgement
from crawler.model import (
    Access,
    Capture,
    Preference,
    Purpose,
    RobotsState,
    Scope,
    Severity,
    Strictness,
)
from crawler.parsers.http import header_values
from crawler.parsers.robots import google, rfc9309, syntax
from crawler.registry import agents, timeline
from crawler.signals import SIGNALS, tdm_policy
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_content import Came, came, text_of
from crawler.signals.reading.robots_lines import is_not_robots
from crawler.signals.reading.signal import Carrier
from crawler.visit.result import VisitResult

SERVERS = {
    "nginx.conf": "nginx",
    "htaccess.txt": "Apache",
    "Caddyfile": "Caddy",
    "_headers": "Netlify",
    "vercel.json": "Vercel",
    "cloudflare.txt": "Cloudflare",
}
"""Texts of which a site needs one, by the name that its server gives itself."""

DEFAULT_WISH: Wish = {Purpose.TRAIN: NO, Purpose.SEARCH: YES, Purpose.AI_INPUT: NO}
"""Where a site is silent: to be found, and not to be fed to a model."""

WRITTEN = (TDMREP_PATH, LICENCE_PATH, POLICY_PATH)
RESERVATION = "tdm-reservation"
UNREAD = (RobotsState.REFUSED, RobotsState.UNREACHABLE, RobotsState.UNREAD)


@dataclass(frozen=True, slots=True)
class Removal:
    """A line, header or tag in the way of the wish; `seq` is its capture's place in the visit."""

    carrier: Carrier
    seq: int
    quote: str
    line: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Mending:
    """Everything to do for a wish: `files` are still to be written, `robots` is one of them.

    `notes` say what could not be written, and which lines of the present robots.txt gave way.
    """

    wish: Wish
    plan: Plan
    files: tuple[File, ...]
    removals: tuple[Removal, ...]
    notes: tuple[str, ...]


def mend(
    visited: VisitResult,
    judgement: VisitJudgement,
    wishes: Mapping[Purpose, Preference],
    contact: str | None = None,
) -> Mending:
    """Work out what to do; `wishes` goes before what the site says.

    Raises `generate.WishError` for a contact that is none.
    """
    wish = wish_of(judgement, wishes)
    notes = []
    if TERMS in wish.values() and contact is None:
        notes.append(say("mend.contact"))
        wish = {purpose: NO if value is TERMS else value for purpose, value in wish.items()}
    terms = _terms(visited, judgement)
    statement = Statement(wish, timeline.last_day(), contact, terms, visited.host)
    existing, told = _existing(visited, judgement)
    found, robots_txt, refused = _plan(statement, existing, wishes)
    notes += told + refused
    if existing and (shut := _shut(found, existing, wishes)):
        notes.append(say("mend.kept_out", tokens=", ".join(shut)))
    # A check of a site does not look into its works.
    found = replace(found, files=tuple(f for f in found.files if f.name != IN_WORKS))
    files = [_with(file, robots_txt) for file in found.files]
    answer = robots_of(visited)
    sent = answer.body if answer and existing else existing  # it may be packed, or UTF-16
    needed = tuple(
        file
        for file in files
        if (robots_txt not in (None, sent) if file.name == "robots.txt"
            else _is_needed(judgement, file, wish))
    )  # fmt: skip
    removals = tuple(dict.fromkeys(_removals(visited, judgement, wish, needed)))
    return Mending(wish, found, needed, removals, tuple(notes))


def _plan(
    statement: Statement, existing: bytes | None, wishes: Mapping[Purpose, Preference]
) -> tuple[Plan, bytes | None, list[str]]:
    """The plan, the new robots.txt if there can be one, and what to say if there cannot.

    Whom a file keeps out stays out, unless that person asks for something else.
    """
    let_in = [purpose for purpose, value in wishes.items() if value is YES]
    try:
        found = plan(statement, existing or b"", let_in)
    except MergeError as error:
        return plan(statement), None, [say("mend.refused_merge", why=error)]
    if existing is None:
        return found, None, []
    return found, without_dead_lines(found.merged.body), []


def _terms(visited: VisitResult, judgement: VisitJudgement) -> str | None:
    """The address of the site's own terms for machines, where strict programs can read them."""
    for read in judgement.readings:
        url = visited.captures[read.seq].url
        if (
            read.signal == tdm_policy.SIGNAL.name
            and read.finding.statements
            and not any(defect.severity is Severity.VOIDS for defect in read.finding.defects)
            and is_address(url)
        ):
            return url
    return None


def _shut(found: Plan, existing: bytes, wishes: Mapping[Purpose, Preference]) -> tuple[str, ...]:
    """Agents that would be welcome, and that the present file keeps out of the start page."""
    policy = rfc9309.read(syntax.parse(existing))
    return tuple(
        choice.agent.token
        for choice in found.choices
        if choice.preference is YES and choice.purpose not in wishes
        and policy.decide(choice.agent.token).root is Access.DISALLOWED
    )  # fmt: skip


def wish_of(judgement: VisitJudgement, wishes: Mapping[Purpose, Preference]) -> Wish:
    """What is wished: as told, else as the site says, else as it seems to mean, else cautiously.

    Where it contradicts itself the answer is no, but for search: that would take the site out
    of ordinary search engines.
    """
    contested = {conflict.purpose for conflict in judgement.conflicts} - {Purpose.SEARCH}
    meant = {v.purpose: _first_stated(v.strict, v.lenient) for v in judgement.verdicts}
    return {
        purpose: wishes.get(purpose)
        or (NO if purpose in contested else meant.get(purpose))
        or DEFAULT_WISH[purpose]
        for purpose in Purpose
    }


def _first_stated(*values: Preference) -> Preference | None:
    return next((value for value in values if value in STRICTEST), None)


def robots_of(visited: VisitResult) -> Capture | None:
    """The answer for robots.txt that counts."""
    settled = (c for c in visited.captures if c.resource == ROBOTS and not c.superseded)
    return next(settled, None)


def _existing(visited: VisitResult, judgement: VisitJudgement) -> tuple[bytes | None, list[str]]:
    """The robots.txt to add to, None where it was not read; and what to say about it."""
    capture = robots_of(visited)
    if capture is None or judgement.robots_state in UNREAD or _is_cut(capture):
        return None, [say("mend.unread_robots")]
    if judgement.robots_state is RobotsState.ABSENT:
        return b"", []
    body = text_of(capture)
    if not is_not_robots(body):
        return body, []
    return _as_utf8(body), [say("mend.replace")]


def _is_cut(capture: Capture) -> bool:
    return classify(capture) is Answer.CONTENT and came(capture) is not Came.WHOLE


def _as_utf8(body: bytes) -> bytes:
    """UTF-16 text as collectors can read it; nothing of what is no text."""
    if not syntax.is_utf16(body):
        return b""
    big = body.startswith(codecs.BOM_UTF16_BE) or body[:1] == b"\0"
    text = body.decode("utf-16-be" if big else "utf-16-le", "replace")
    return text.removeprefix("\ufeff").encode()


def without_dead_lines(body: bytes) -> bytes:
    """Turn lines that fail into comments, each only if no reader's rules move for anybody.

    A line that names an agent nobody knows may change what holds for that name. A rule whose
    list of agents went is looked at again.
    """
    if not changed_for(body, unmarked := body.removeprefix(codecs.BOM_UTF8), _names()):
        body = unmarked
    for _ in range(3):  # pragma: no branch - what one round leaves, the second ends
        before = body
        for number in _dead(body):
            file = syntax.parse(body)
            raws = list(file.raws)
            raws[number - 1] = b"# failed: " + raws[number - 1]
            after = file.mark + b"".join(raws)
            if not changed_for(body, after, _names(), _unknown(file.raws[number - 1])):
                body = after
        if body == before:
            break
    return body


def _dead(body: bytes) -> list[int]:
    """Numbers of the lines that have no effect, the list of agents of a group before its rules."""
    url = "https://site.invalid/robots.txt"
    capture = Capture(ROBOTS, url, url, status=200, body=body)
    found = (s.find(capture).defects for s in SIGNALS if s.carrier is Carrier.ROBOTS)
    return sorted({d.line for ds in found for d in ds if d.line and d.severity is Severity.VOIDS})


def _unknown(raw: bytes) -> set[str]:
    """What readers take for a name in a line, as far as nobody is called so."""
    value = syntax.classify(raw).value
    names = {value, google.GOOGLE.name(value) or value}
    return {name.lower().decode("utf-8", "replace") for name in names} - _known()


@cache
def _names() -> tuple[str, ...]:
    return tuple(agent.token for agent in agents.load().agents)


@cache
def _known() -> frozenset[str]:
    return frozenset(map(str.lower, _names()))


def _with(file: File, robots_txt: bytes | None) -> File:
    """The file, with our robots.txt in place of the plan's."""
    if file.name != "robots.txt" or robots_txt is None:
        return file
    return replace(file, text=robots_txt)


def _is_needed(judgement: VisitJudgement, file: File, wish: Wish) -> bool:
    """Whether a text is not there yet, or fails.

    A tdmrep.json that opens everything is never put in the place of one that may not.
    """
    ids = {signal.name: signal.id for signal in SIGNALS}
    readings = [read for read in judgement.readings if ids[read.signal] in file.signals]
    told = [read.finding for read in readings if read.finding.statements or read.finding.defects]
    if told and file.name == "tdmrep.json" and wish[Purpose.TRAIN] is YES:
        return False
    dangling = tdm_policy.SIGNAL.name
    about = {*file.signals} & {"F1", "H1", "M2"}  # what points to a policy
    fails = any(
        defect.severity is not Severity.COSMETIC
        for read in judgement.readings
        if read in readings or (about and read.signal == dangling)
        for defect in read.finding.defects
    )
    said = {
        (statement.purpose, statement.preference)
        for finding in told
        for statement in finding.statements
        if statement.agent == "*"
        and statement.strictness is Strictness.STRICT
        and statement.scope in (Scope.PAGE, Scope.SITE)
    }
    return fails or said != set((file.says or {}).items())


def _removals(
    visited: VisitResult, judgement: VisitJudgement, wish: Wish, files: tuple[File, ...]
) -> Iterator[Removal]:
    """What opposes the wish or fails outside robots.txt, and what would stand there twice."""
    inserted = {i for file in files if _is_inserted(file) for i in file.signals}
    known = {signal.name: signal for signal in SIGNALS}
    for read in judgement.readings:
        signal, capture = known[read.signal], visited.captures[read.seq]
        ours = urlsplit(capture.final_url).path in WRITTEN
        if ours or signal.carrier is Carrier.ROBOTS or signal.name == tdm_policy.SIGNAL.name:
            continue
        for statement in read.finding.statements:
            if statement.agent != "*":
                continue
            if statement.preference is not wish[statement.purpose]:
                why = say(
                    "mend.why_opposes",
                    said=say(f"said.{statement.preference}"),
                    title=say(f"ends.{statement.purpose}"),
                )
            elif signal.id in inserted:
                why = say("mend.why_replaced")
            else:
                continue
            yield Removal(signal.carrier, read.seq, statement.quote, statement.line, why)
        yield from _failed(read, signal.carrier, capture)


def _failed(read: Read, carrier: Carrier, capture: Capture) -> Iterator[Removal]:
    for defect in read.finding.defects:
        if defect.severity is not Severity.COSMETIC and defect.quote:
            yield Removal(carrier, read.seq, defect.quote, defect.line, defect.effect)
        if defect.code == "tdm-contradiction":  # it quotes one of the two
            for found, line in _reservations(carrier, capture):
                yield Removal(carrier, read.seq, found, line, defect.effect)


def _reservations(carrier: Carrier, capture: Capture) -> Iterator[tuple[str, int | None]]:
    """Every TDMRep reservation in the headers, or in the head, of one answer."""
    if carrier is Carrier.HEADER:
        for value in header_values(capture.headers, RESERVATION):
            yield quote(f"{RESERVATION}: {value}"), None
    elif carrier is Carrier.HTML:  # pragma: no branch - no other carrier contradicts itself
        for meta in parsed(capture).metas:
            if (meta.name or "").strip().lower() == RESERVATION:
                yield quote(meta.raw), meta.line


def _is_inserted(file: File) -> bool:
    """Whether a text is put beside what is there, and not in its place."""
    return file.name == "head.html" or file.name in SERVERS


def purposes_of(agent: agents.Agent) -> tuple[Purpose, ...]:
    """What an agent fetches for, as wishes speak about it."""
    return tuple(dict.fromkeys(SERVED_BY[p] for p in agent.purposes if p in SERVED_BY))
