"""A judged site and a wish to what must be written, changed and taken out for the site to say it.

What is written comes from `crawler.creator.generate`, and is judged before it is shown, together
with what stays: a text that would bring a new fault or contradiction is left out. No permission
is written that was not asked for. A robots.txt that was not read to its end is never replaced:
its unseen rules would be undone.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from crawler.answers import Answer, classify
from crawler.creator import tdmrep_edit
from crawler.creator.generate import (
    AS_IS,
    IN_WORKS,
    LICENCE_PATH,
    NO,
    POLICY_PATH,
    SERVED_BY,
    TDMREP_PATH,
    TERMS,
    WORDS,
    YES,
    File,
    Plan,
    Statement,
    Wish,
    is_address,
    plan,
)
from crawler.creator.robots_edit import MergeError, noticed
from crawler.creator.robots_repair import repaired, without_dead_lines
from crawler.creator.trial import HEADERS, faults, with_files, without_quoted
from crawler.creator.wording import say
from crawler.judge.conflicts import opposed
from crawler.judge.verdicts import ROBOTS, Read, VisitJudgement, judge_visit
from crawler.model import (
    Access,
    Basis,
    Capture,
    Extent,
    Preference,
    Purpose,
    RobotsState,
    Scope,
    Severity,
    Strictness,
)
from crawler.parsers.http import header_values
from crawler.parsers.jsontext import parse_json
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents, timeline
from crawler.signals import SIGNALS, VARIANT, tdm_policy
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

_PATH = re.compile(r"[\w.~/-]+\.(?:xml|json)", re.ASCII)
WRITTEN = (TDMREP_PATH, "rsl:", "tdm-policy:")
"""Resources that are written anew where they fail."""
RESERVATION = "tdm-reservation"
OF_RSL = frozenset({"R4", "H5", "M3", "F7", "A4"})
"""Ids of the signals that are about a licence: none is written where a site has none."""
UNREAD = (RobotsState.REFUSED, RobotsState.UNREACHABLE, RobotsState.UNREAD)
STAYS = frozenset({"payment-license-no-challenge"})
"""Faults of a line that is right, and lacks another one."""
ASKED_FOR: Mapping[Purpose, frozenset[str]] = {
    Purpose.SEARCH: frozenset({"robots-search-with-training", "robots-googlebot-blocked"}),
    Purpose.TRAIN: frozenset({"robots-training-open", "robots-broker-open"}),
}
"""Faults that only wonder whether a file means what it says: here it was asked for."""


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
    existing, notes = _existing(visited, judgement)
    wish = wish_of(judgement, wishes, existing)
    if TERMS in wish.values() and contact is None:
        notes.insert(0, say("mend.contact"))
        wish = {purpose: NO if value is TERMS else value for purpose, value in wish.items()}
    ids = {signal.name: signal.id for signal in SIGNALS}
    ours = _path_of(visited, "tdm-policy:", POLICY_PATH)
    broken = _broken_policies(visited, judgement)
    if {wish[Purpose.TRAIN], wish[Purpose.AI_INPUT]} == {TERMS}:
        broken -= {f"https://{visited.host}{ours}"}  # it is written anew
    elif broken:  # terms for one of two that TDMRep cannot tell apart, and nobody can read them
        wish = {purpose: NO if value is TERMS else value for purpose, value in wish.items()}
    removals = tuple(dict.fromkeys(_removals(visited, judgement, wish, wishes, broken)))
    rest = _without(visited, removals)
    left = judge_visit(rest.captures) if removals else judgement
    told = [read for read in left.readings if _is_told(read)]
    has_licence = any(ids[read.signal] in OF_RSL for read in judgement.readings if _is_told(read))
    statement = Statement(
        wish, timeline.last_day(), contact, _terms(visited, judgement), visited.host,
        licence_path=_path_of(visited, "rsl:", LICENCE_PATH) if has_licence else None,
        policy_path=ours,
        refused=frozenset(v.purpose for v in judgement.verdicts if v.strict is NO),
        in_pages=_there(told, wish, Carrier.HTML), in_headers=_there(told, wish, Carrier.HEADER),
    )  # fmt: skip
    found, robots_txt, refused = _plan(statement, existing, wishes)
    # A check of a site does not look into its works.
    found = replace(found, files=tuple(file for file in found.files if file.name != IN_WORKS))
    answer = robots_of(visited)
    sent = answer.body if answer and existing else existing  # it may be packed, or UTF-16
    files = [_merged(file, robots_txt, visited, broken) for file in found.files]
    hidden = _hidden(robots_txt or existing or b"", found.files)
    if hidden:
        notes.append(say("mend.hidden", names=", ".join(hidden)))
    needed = tuple(
        file
        for file in files
        if file is not None
        and file.name not in hidden
        and (robots_txt not in (None, sent) if file.name == "robots.txt"
             else _is_needed(rest, left, file, wish))
    )  # fmt: skip
    whole = Mending(wish, found, needed, removals, (*notes, *refused))
    sound = _sound(rest, left, whole, wishes)
    names = [f.name for f in needed if f not in sound and f.name not in SERVERS]
    left_out = (say("mend.unsound", names=", ".join(names)),) if names else ()
    return replace(whole, files=sound, notes=(*whole.notes, *left_out))


def _hidden(robots: bytes, files: Iterable[File]) -> list[str]:
    """Files that robots.txt keeps everybody from, though not from the start page: no use."""
    policy = rfc9309.read(syntax.parse(robots))
    if policy.allowed("*", "/")[0] is Access.DISALLOWED:
        return []
    paths = {file.name: f"/{file.path.lstrip('/')}" for file in files if file.path}
    paths.pop("robots.txt", None)
    return [n for n, path in paths.items() if policy.allowed("*", path)[0] is Access.DISALLOWED]


def _plan(
    statement: Statement, existing: bytes | None, wishes: Mapping[Purpose, Preference]
) -> tuple[Plan, bytes | None, list[str]]:
    """The plan, the new robots.txt if there can be one, and what to say about it.

    Whom a file keeps out stays out, unless that person asks for something else.
    """
    let_in = [purpose for purpose, value in wishes.items() if value is YES]
    alone = plan(statement)
    if existing is None:
        return alone, None, []
    kept_out = [c.agent.token for c in alone.choices if c.preference is not YES]
    # A retired name is kept out as its successor is: a line that names both can be mended.
    kept_out += [a.token for a in agents.load().agents if a.superseded_by in kept_out]
    why = ""
    for body, mended in dict.fromkeys((repaired(existing, kept_out), (existing, ()))):
        try:
            found = plan(statement, body, let_in)
        except MergeError as error:
            why = str(error)
            continue
        for after, gone in (without_dead_lines(found.merged.body), (found.merged.body, ())):
            if wishes.get(Purpose.SEARCH) or not (touched := noticed(existing, after)):
                told = (("mended", mended), ("gone", gone))
                return found, after, [
                    say(f"mend.{key}", lines="; ".join(map(quote, lines)))
                    for key, lines in told if lines
                ]  # fmt: skip
            why = say("mend.noticed", names=", ".join(touched))
    return alone, None, [say("mend.refused_merge", why=why)]


def _sound(
    visited: VisitResult,
    judgement: VisitJudgement,
    whole: Mending,
    wishes: Mapping[Purpose, Preference],
) -> tuple[File, ...]:
    """The files that bring no fault and no contradiction, judged together with what stays.

    `visited` and its judgement are what is left once all that is in the way is taken out.
    """
    before = faults(judgement)
    going = {
        statement.quote  # the contradiction is the site's: it says yes to what is to be no
        for read in judgement.readings
        for statement in read.finding.statements
        if statement.preference is YES
    }
    going = going.union(*(ASKED_FOR.get(purpose, ()) for purpose in wishes))
    kept: list[File] = []
    for file in whole.files:
        if file.name in SERVERS and file.name != HEADERS:
            continue  # the same headers in the words of another server
        after = judge_visit(with_files(visited, [*kept, file]).captures)
        new = (one for one in faults(after) - before if going.isdisjoint(one))
        if not any(new) and _moves_nothing_else(after, judgement, whole.wish, wishes):
            kept.append(file)
    headers = any(file.name == HEADERS for file in kept)
    return tuple(f for f in whole.files if f in kept or (headers and f.name in SERVERS))


def as_mended(visited: VisitResult, mending: Mending) -> VisitResult:
    """The visit as it would be once all is done."""
    return with_files(_without(visited, mending.removals), mending.files)


def _without(visited: VisitResult, removals: Iterable[Removal]) -> VisitResult:
    """The visit as it would be with lines taken out, of a page's other addresses as well."""
    captures = list(visited.captures)
    for each in removals:
        resource = captures[each.seq].resource.removeprefix(VARIANT)
        for seq, at in enumerate(captures):
            if at.resource.removeprefix(VARIANT) == resource:
                headers, body = without_quoted(at.headers, at.body, each.quote, each.carrier)
                captures[seq] = replace(at, headers=headers, body=body)
    return replace(visited, captures=tuple(captures))


def _moves_nothing_else(
    after: VisitJudgement, before: VisitJudgement, wish: Wish, wishes: Mapping[Purpose, Preference]
) -> bool:
    """Whether nothing is said anew where nothing is wished, and no yes but one asked for."""
    return all(
        now.strict is was.strict
        if wish[now.purpose] is AS_IS
        else now.strict is not YES or was.strict is YES or wishes.get(now.purpose) is YES
        for now, was in zip(after.verdicts, before.verdicts, strict=True)
    )


def _serves(said: Preference, wished: Preference) -> bool:
    """Whether words say what is wished: terms are a no for whoever does not come to them."""
    return said is wished or (said is TERMS and wished is NO)


def _is_told(read: Read) -> bool:
    return bool(read.finding.statements or read.finding.defects)


def _there(told: Iterable[Read], wish: Wish, carrier: Carrier) -> frozenset[str]:
    """Words and names that stand in the page, or its headers, and say what is wished."""
    kinds = {signal.name: signal.carrier for signal in SIGNALS}
    said = [
        statement
        for read in told
        if kinds[read.signal] is carrier
        for statement in read.finding.statements
        if statement.strictness is Strictness.STRICT
        and statement.scope is not Scope.PATH
        and _serves(statement.preference, wish[statement.purpose])
    ]
    text = " ".join(statement.quote.lower() for statement in said)
    return frozenset(name for name in (*WORDS, *NAMES) if name in text)


NAMES = ("tdm-reservation", "tdm-policy", "content-usage")
"""Fields and metas that are written once."""


def _broken_policies(visited: VisitResult, judgement: VisitJudgement) -> set[str]:
    """Addresses of terms that programs cannot read."""
    return {
        visited.captures[read.seq].url
        for read in judgement.readings
        if read.signal == tdm_policy.SIGNAL.name
        and any(defect.severity in (Severity.VOIDS, Severity.CHANGES)
                for defect in read.finding.defects)
    }  # fmt: skip


def _merged(
    file: File, robots_txt: bytes | None, visited: VisitResult, broken: set[str]
) -> File | None:
    """The file, put together with the one that is there; None where that was not read whole."""
    if file.name == "robots.txt":
        return replace(file, text=file.text if robots_txt is None else robots_txt)
    there = _capture_of(visited, TDMREP_PATH)
    if file.name != "tdmrep.json" or there is None or classify(there) is not Answer.CONTENT:
        return file
    if there.truncated or there.data_loss:
        return None
    (ours,) = json.loads(file.text)
    return replace(file, text=tdmrep_edit.merged(there.body, ours, visited.host, broken))


def _path_of(visited: VisitResult, resource: str, usual: str) -> str:
    """Where a document is that the site points to, if it is the site's own: the mend goes there."""
    origin = f"https://{visited.host}/"
    own = (c.url for c in visited.captures if c.resource == resource and c.url.startswith(origin))
    paths = (url.removeprefix(origin) for url in own)
    return next((f"/{path}" for path in paths if _PATH.fullmatch(path)), usual)


def _capture_of(visited: VisitResult, resource: str) -> Capture | None:
    return next((c for c in visited.captures if c.resource == resource and not c.superseded), None)


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


def wish_of(
    judgement: VisitJudgement, wishes: Mapping[Purpose, Preference], robots: bytes | None = None
) -> Wish:
    """What is wished: as told, else as the site says no, else no where it does not say yes.

    A yes of the site's own is left as it is, and so is search: only who asks for it has that
    touched, since a no takes a site out of search engines. Where a site says yes and shows a
    refusal as well, if only in part or broken, it is no. `robots` is the file that was read.
    """
    refused = _refused(judgement, robots)
    contested = {conflict.purpose for conflict in judgement.conflicts}
    found = {}
    for verdict in judgement.verdicts:
        values = (verdict.strict, verdict.lenient)
        no = next((value for value in values if value in (NO, TERMS)), None)
        if verdict.purpose is Purpose.SEARCH:
            own = AS_IS
        elif verdict.purpose in contested:
            own = NO
        else:
            own = no or (AS_IS if YES in values and verdict.purpose not in refused else NO)
        if own is TERMS and NO in wishes.values():  # TDMRep has one switch for both: terms go
            own = NO
        found[verdict.purpose] = wishes.get(verdict.purpose, own)
    return found


def _refused(judgement: VisitJudgement, robots: bytes | None) -> set[Purpose]:
    """Purposes that anything on the site refuses: to somebody, for a part, or in broken words."""
    said = {
        statement.purpose
        for read in judgement.readings
        for statement in read.finding.statements
        if statement.preference in (NO, TERMS)
        or any(defect.code.endswith("contradiction") for defect in read.finding.defects)
    }
    known = [agent for agent in agents.load().agents if purposes_of(agent)]
    body, _ = repaired(robots or b"", [agent.token for agent in known])
    policy = rfc9309.read(syntax.parse(body))
    for agent in known:
        decision = policy.decide(agent.token)
        if decision.basis is Basis.OWN and decision.extent is not Extent.NONE:
            said |= {*purposes_of(agent)}
    return said


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


def _is_needed(visited: VisitResult, judgement: VisitJudgement, file: File, wish: Wish) -> bool:
    """Whether a text is not there yet, or fails."""
    ids = {signal.name: signal.id for signal in SIGNALS}
    readings = [read for read in judgement.readings if ids[read.signal] in file.signals]
    told = [read.finding for read in readings if _is_told(read)]
    dangling = tdm_policy.SIGNAL.name
    about = file.name in ("tdmrep.json", "tdm-policy.json")
    fails = any(
        defect.severity is not Severity.COSMETIC
        for read in judgement.readings
        if read in readings or (about and read.signal == dangling)
        for defect in read.finding.defects
    )
    there = _capture_of(visited, TDMREP_PATH) if file.name == "tdmrep.json" else None
    sound = not any(r.finding.defects for r in readings if r.signal == "tdmrep_file")
    if there and sound and parse_json(there.body).value == json.loads(file.text):
        return False
    said = {
        (
            statement.purpose,
            wished if _serves(statement.preference, wished) else statement.preference,
        )
        for finding in told
        for statement in finding.statements
        if statement.agent == "*"
        and statement.strictness is Strictness.STRICT
        and statement.scope in (Scope.PAGE, Scope.SITE)
        and (wished := wish[statement.purpose]) is not AS_IS
    }
    return fails or said != set((file.says or {}).items())


def _removals(
    visited: VisitResult,
    judgement: VisitJudgement,
    wish: Wish,
    wishes: Mapping[Purpose, Preference],
    broken: set[str],
) -> Iterator[Removal]:
    """What opposes the wish or fails outside robots.txt; a no is in the way of a yes alone."""
    known = {signal.name: signal for signal in SIGNALS}
    for read in judgement.readings:
        signal, capture = known[read.signal], visited.captures[read.seq]
        if capture.resource in WRITTEN or signal.carrier is Carrier.ROBOTS:
            continue
        for statement in read.finding.statements:
            wished = wish[statement.purpose]
            asked = statement.purpose in wishes and statement.preference is not wished
            in_the_way = asked or opposed(statement.preference, wished)
            if statement.agent == "*" and in_the_way and wished is not AS_IS:
                why = say(
                    "mend.why_opposes",
                    said=say(f"said.{statement.preference}"),
                    title=say(f"ends.{statement.purpose}"),
                )
                yield Removal(signal.carrier, read.seq, statement.quote, statement.line, why)
            elif wished is not AS_IS and any(url in statement.quote for url in broken):
                why = say("mend.why_replaced")  # it points to terms that nobody can read
                yield Removal(signal.carrier, read.seq, statement.quote, statement.line, why)
        yield from _failed(read, signal.carrier, capture)


def _failed(read: Read, carrier: Carrier, capture: Capture) -> Iterator[Removal]:
    for defect in read.finding.defects:
        if defect.severity is not Severity.COSMETIC and defect.quote and defect.code not in STAYS:
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


def purposes_of(agent: agents.Agent) -> tuple[Purpose, ...]:
    """What an agent fetches for, as wishes speak about it."""
    return tuple(dict.fromkeys(SERVED_BY[p] for p in agent.purposes if p in SERVED_BY))
