"""Rules in `/robots.txt` that keep named crawlers, or all of them, away from a site.

### Syntax

```
User-agent: GPTBot
User-agent: CCBot
Disallow: /
Allow: /press/

User-agent: *
Disallow: /search
```

One or more `User-agent` lines open a group; the `Allow` and `Disallow` lines behind them are
its rules. Blank lines, comments (`#`) and other fields change nothing about that.
Lines end in CR, LF or both. In a path `*` is anything and `$` at the end is the end.

### Meaning

RFC 9309 speaks about *access*: may this crawler fetch this path? It says nothing about use,
and calls its rules no authorisation. That shutting out an AI crawler refuses training is a
meaning which operators add by documenting their tokens; so this signal makes no statement
of use, and the judge derives one from what each agent is documented to fetch for.

### Precedence

Every group that names the agent counts, merged; `*` counts only if none does, so a group of
its own shields an agent from everything `*` says. The longest matching pattern wins, at the
same length `Allow` does. No match means allowed, and `/robots.txt` always is.
A 4xx answer leaves the crawler free; after a 5xx or a network fault it must stay away
(Amazon documents the opposite). In our statistics neither a refusal (401, 402, 403, 407,
429, 451) nor a fault is a statement: they are unmeasured.

### Malformed files

Three readers judge each file, and their differences are stored:

| reader | is | differs in |
|---|---|---|
| `rfc9309` | the letter of the RFC | a name is the whole value, ignoring case |
| `google` | Google's open-source parser, April 2026 | misspelt fields, missing colons, cut names |
| `protego` | the library Scrapy-based bots use | names match as beginnings, unknown fields split |

Only the first 500 KiB are read, without the line that the limit cuts. Of such a file, and of
one that came in part, a refusal in an agent's own group stands and all else is unmeasured,
but for Google's reader, which stops there itself. What did not decode is unmeasured.
An HTML page or binary in place of the file holds no groups as a rule; groups found in it count.

### Common mistakes

- `*` is shut out, and one AI crawler is let in again by a near-empty group of its own.
- Versions (`GPTBot/1.0`), lists (`GPTBot, CCBot`) and quotes in a name.
- Names with digits or dots (`AI2Bot`), which Google's parser cuts off.
- Names that operators have given up (`anthropic-ai`, `Claude-Web`).
- `Applebot` or `Google` alone: Protego applies such a group to the `-Extended` names as well.
- A file on `www` only, or served as HTML.

### Adoption and readers

Of a million domains 6.9 % shut out GPTBot, of the ten thousand best known 15.8 % (February
and May 2026; secondary sources, unverified). OpenAI, Anthropic, Google, Microsoft, Amazon,
Apple and Common Crawl say that their declared crawlers follow it, partly with exceptions
for fetches that a user asks for (secondary sources, unverified).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

from crawler.model import (
    Access,
    Basis,
    Capture,
    Decision,
    Defect,
    Extent,
    Finding,
    Reading,
    RobotsState,
)
from crawler.parsers.http import header_values
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.protego import ProtegoPolicy
from crawler.registry import agents as registry
from crawler.signals.reading import robots_authorship
from crawler.signals.reading.readable import looks_like_html, quote, unreadable
from crawler.signals.reading.robots_attempts import Attempt, attempts
from crawler.signals.reading.robots_content import (
    GZIP,
    Came,
    as_read,
    came,
    opened,
    whole_lines,
)
from crawler.signals.reading.robots_defects import fault, faults
from crawler.signals.reading.robots_lines import is_not_robots
from crawler.signals.reading.signal import Carrier, Signal, Status

READERS = ("rfc9309", "google", "protego")
READERS_BEYOND = ("rfc9309", "protego")
"""Those that may read on where Google's stops: RFC 9309 section 2.5 wants 500 KiB at least."""
READER_VERSIONS = {
    "rfc9309": "2022-09",
    "google": "2026-04-01",  # the state of its parser that was read; see robots_google
    "protego": version("protego"),
}
UNAVAILABLE = "rfc9309-2.3.1.3-unavailable"
REFUSED = "refused-unmeasured"
CUT_SHORT = "cut-short-unmeasured"
NOT_READ = "not-read-unmeasured"
UNREACHABLE = "rfc9309-2.3.1.4-unreachable"
NOT_ROBOTS = "not-robots-no-group"

UNMEASURED = {
    RobotsState.REFUSED: REFUSED,
    RobotsState.UNREACHABLE: UNREACHABLE,
    RobotsState.UNREAD: NOT_READ,
}
WITHOUT_FILE = frozenset({RobotsState.ABSENT, *UNMEASURED})
"""States in which there are no rules to go by: see `unavailable`."""
SILENT = (RobotsState.EMPTY, RobotsState.NOT_ROBOTS)

UNKNOWN_AUTHOR = robots_authorship.UNKNOWN

PROPER_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class AgentAccess:
    """One reader's answers: `default` for every agent that `named` does not hold."""

    default: Decision
    named: Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class RobotsReading:
    """One body as all readers see it."""

    state: RobotsState
    groups: int
    agents_named: int
    authorship: str
    access: Mapping[str, AgentAccess]
    template: str | None = None
    """What files of one origin have in common: see `robots_authorship.template`."""
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    """Agents that it tries to keep out and RFC 9309 does not see: see `robots_attempts`."""


class Answer(NamedTuple):
    """One answer about one path; `allowed` is None where the reader could not be asked."""

    allowed: bool | None
    line: int | None
    basis: Basis


def judge(body: bytes, tokens: Sequence[str], *, cut: bool = False) -> RobotsReading:
    """Judge one body for all agents of interest, by all readers.

    `cut`: the body is the beginning of what the site has.
    """
    known = tuple(tokens)
    body, how = opened(body)
    if how is Came.NOTHING:
        return replace(stopped(NOT_READ), state=RobotsState.UNREAD)
    cut = cut or how is Came.PART
    oversize = _is_over(body)
    if cut and not oversize:
        body = whole_lines(body)
    file = syntax.parse(body)
    strict, google, protego = _policies(file, body)
    own = _own(strict, known)
    state = _state(body, strict)
    access = {
        "rfc9309": _access(strict, own),
        "google": _access(google, _own(google, known)),
        "protego": _access(protego, protego.named(known)),
    }
    if state is RobotsState.NOT_ROBOTS and not strict.names:
        nothing = Decision(Access.ALLOWED, Extent.NONE, Basis.NO_FILE, NOT_ROBOTS)
        access["rfc9309"] = AgentAccess(nothing, {})
    for reader in READERS if cut and not oversize else READERS_BEYOND if oversize else ():
        access[reader] = _of_part(access[reader])
    state = _of_what_came(state, body, cut=cut)
    template = robots_authorship.template(body)
    tried = attempts(file, body, strict, google, known)
    author = authorship(body)
    return RobotsReading(state, strict.groups, len(own), author, access, template, tried)


def _policies(
    file: syntax.RobotsFile, body: bytes
) -> tuple[rfc9309.Policy, rfc9309.Policy, ProtegoPolicy]:
    protego = ProtegoPolicy(_within_limit(body), root_only=True)
    return rfc9309.read(file), robots_google.read(file), protego


def _own(policy: rfc9309.Policy, known: tuple[str, ...]) -> list[str]:
    """Find the agents that have a group of their own, in the order of the file."""
    spelling = _by_name(known)
    return [spelling[name] for name in policy.names if name in spelling]


@lru_cache(maxsize=8)
def _by_name(known: tuple[str, ...]) -> dict[bytes, str]:
    return {token.lower().encode(): token for token in known}


def _access(policy: rfc9309.Policy | ProtegoPolicy, own: Iterable[str]) -> AgentAccess:
    default = policy.decide("")
    decisions = {token: policy.decide(token) for token in own}
    return AgentAccess(default, {t: d for t, d in decisions.items() if d != default})


def _state(body: bytes, strict: rfc9309.Policy) -> RobotsState:
    if is_not_robots(body):
        return RobotsState.NOT_ROBOTS
    if _is_over(body):
        return RobotsState.TOO_LARGE
    return RobotsState.RULES if strict.has_rules else RobotsState.EMPTY


def _of_what_came(state: RobotsState, body: bytes, *, cut: bool) -> RobotsState:
    """Give the state of a part: what is missing could hold the rules.

    A page over the limit is a page all the same: nobody must read on (RFC 9309 section 2.5).
    """
    return RobotsState.UNREAD if cut and state in SILENT and not _is_over(body) else state


def _is_over(body: bytes) -> bool:
    return len(body) > syntax.LIMIT


def _within_limit(body: bytes) -> bytes:
    return whole_lines(body[: syntax.LIMIT]) if _is_over(body) else body


def cut_short(decision: Decision) -> Decision:
    """Give the decision where the end of the file is missing.

    RFC 9309 section 2.2.1 merges all groups of an agent, wherever they stand, and section
    2.2.2 lets the longest match win, so a line nobody has seen could let in or keep out
    whomever it names. Nothing that lets in is certain then, nor is what `*` says to an agent,
    which could have had a group of its own. A refusal in the agent's own group was said and
    read; it stands, though an `Allow` as long could have followed.
    """
    if decision.root is Access.DISALLOWED and decision.basis is Basis.OWN:
        return decision
    return Decision(Access.UNMEASURED, None, None, CUT_SHORT)


def _of_part(access: AgentAccess) -> AgentAccess:
    default = cut_short(access.default)
    named = {token: cut_short(decision) for token, decision in access.named.items()}
    return AgentAccess(default, {t: d for t, d in named.items() if d != default})


def state_of(capture: Capture) -> RobotsState:
    """Sort a robots.txt that came with a 2xx answer."""
    how, body = came(capture), as_read(capture).body
    if how is Came.NOTHING:
        return RobotsState.UNREAD
    state = _state(body, rfc9309.read(syntax.parse(body)))
    return _of_what_came(state, body, cut=how is Came.PART)


def stopped(reason: str) -> RobotsReading:
    """Give the reading of a body whose judging was stopped: unmeasured for every agent."""
    nothing = AgentAccess(Decision(Access.UNMEASURED, None, None, reason), {})
    return RobotsReading(RobotsState.RULES, 0, 0, UNKNOWN_AUTHOR, dict.fromkeys(READERS, nothing))


def authorship(body: bytes) -> str:
    """Name the service, plug-in or list that wrote a part of the file; `mixed` for several."""
    return robots_authorship.authorship(body)


def unavailable(state: RobotsState) -> Decision:
    """Give every agent's answer where there is no file to read."""
    if state is RobotsState.ABSENT:
        return Decision(Access.ALLOWED, Extent.NONE, Basis.NO_FILE, UNAVAILABLE)
    return Decision(Access.UNMEASURED, None, None, UNMEASURED[state])


def answer(body: bytes, agent: str, path: str, reader: str = "rfc9309") -> Answer:
    """Answer whether an agent may fetch a path (with its query) by one of `READERS`.

    Of a file over 500 KiB all but a refusal in the agent's own group is unknown, except to
    Google's reader. Raises KeyError for another reader.
    """
    body, how = opened(body)
    if how is not Came.WHOLE:
        body = whole_lines(body) if how is Came.PART else b""
    if reader == "protego":
        policy: rfc9309.Policy | ProtegoPolicy = ProtegoPolicy(_within_limit(body))
    else:
        read = {"rfc9309": rfc9309.read, "google": robots_google.read}[reader]
        policy = read(syntax.parse(body))
    access, basis, _, line = policy.allowed(agent, path)
    cut = how is not Came.WHOLE or (_is_over(body) and reader in READERS_BEYOND)
    if cut and not (access is Access.DISALLOWED and basis is Basis.OWN):
        return Answer(None, None, Basis.NONE)
    allowed = None if access is Access.UNMEASURED else access is Access.ALLOWED
    return Answer(allowed, line, basis or Basis.NONE)


def find(capture: Capture) -> Finding:
    """Say whether the file names a known agent or keeps all agents from the root."""
    if finding := unreadable(capture):
        return finding
    how, packed = came(capture), capture.body.startswith(GZIP)
    if how is Came.NOTHING:
        return Finding(Reading.UNMEASURED, note="coding_error")
    cut = how is Came.PART
    body = as_read(capture).body
    file = syntax.parse(body)
    strict = rfc9309.read(file)
    defects = (*_of_coding(capture, packed=packed), *faults(file, syntax.facts(body), strict))
    named = _own(strict, _known())
    if named or strict.decide("").root is Access.DISALLOWED:
        note = "names_agents" if named else "disallows_all"
        return Finding(Reading.PRESENT, defects=defects, note=note)
    return _nothing(body, file, defects, cut=cut)


def _of_coding(capture: Capture, *, packed: bool) -> Iterator[Defect]:
    """Find what is wrong with the declaration of how the file is compressed."""
    if packed:
        yield fault("robots-gzip-undeclared")
    declared = header_values(capture.headers, "content-encoding")
    wrong = [value for value in declared if value.strip().lower() not in PROPER_CODINGS]
    if wrong and not capture.coding_error and all("," not in value for value in wrong):
        yield fault("robots-content-encoding", quote(wrong[0]))


def _nothing(
    body: bytes, file: syntax.RobotsFile, defects: tuple[Defect, ...], *, cut: bool
) -> Finding:
    """Say why the strict reader finds nothing."""
    if is_not_robots(body):
        if cut and not _is_over(body):
            return Finding(Reading.UNMEASURED, defects=defects, note="truncated")
        note = "soft_404" if looks_like_html(body) else "not_robots"
        return Finding(Reading.MALFORMED, defects=defects, note=note)
    google = robots_google.read(file)
    if _own(google, _known()) or google.decide("").root is Access.DISALLOWED:
        return Finding(Reading.MALFORMED, defects=defects, note="lenient_only")
    if cut:
        return Finding(Reading.UNMEASURED, defects=defects, note="truncated")
    return Finding(Reading.ABSENT, defects=defects, note=None if body.strip() else "empty")


def _known() -> tuple[str, ...]:
    return tuple(agent.token for agent in registry.load().agents)


SIGNAL = Signal(
    name="robots_access",
    title="robots.txt rules for AI crawlers",
    id="R1",
    spec="https://www.rfc-editor.org/rfc/rfc9309",
    spec_version="RFC 9309, September 2022",
    status=Status.STANDARD,
    carrier=Carrier.ROBOTS,
    resources=("/robots.txt",),
    find=find,
)
