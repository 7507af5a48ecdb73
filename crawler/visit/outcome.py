"""The captures of a visit to its one outcome: class and reason, both from closed lists.

Rules are tried in order and the first that fits decides, so every visit gets exactly one.
The order is: robots.txt, our own right to go on, the home page, completeness, absence.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.answers import REDIRECTS, Answer, classify
from crawler.hosts import registrable
from crawler.model import Capture, Failure, Outcome, Reason
from crawler.registry.edge_pages import PageKind, recognise
from crawler.signals import SIBLING, VARIANT
from crawler.signals.reading.robots_content import Came, as_read, is_partial, opened, text_of
from crawler.signals.reading.robots_lines import is_answer_to_anything, is_not_robots
from crawler.signals.reading.work import ORIGIN, WORK

ROBOTS = "/robots.txt"
HOME = "/"

OURS = {
    Failure.PRIVATE_ADDRESS,
    Failure.EXCLUDED,
    Failure.REDIRECT_LIMIT,
    Failure.REDIRECT_LOOP,
    Failure.REDIRECT_SCHEME,
}
UNREADABLE = {
    Failure.NOT_HTTP,
    Failure.HEADER_TOO_LARGE,
    Failure.BAD_REDIRECT,
    Failure.NOT_MODIFIED,
}
FAULTS_OF_OURS = {Failure.INTERNAL_ERROR, Failure.INTERNAL_STALL}

TRANSIENT = frozenset(
    {
        Reason.HTTP_429,
        Reason.HTTP_5XX,
        Reason.CDN_ERROR,
        Reason.DNS_SERVFAIL,
        Reason.DNS_FAILURE,
        Reason.DNS_TIMEOUT,
        Reason.CONNECT_REFUSED,
        Reason.CONNECT_TIMEOUT,
        Reason.CONNECT_FAILED,
        Reason.CONNECTION_RESET,
        Reason.TLS_TIMEOUT,
        Reason.TIMEOUT_FIRST_BYTE,
        Reason.TIMEOUT_TOTAL,
        Reason.EMPTY_REPLY,
        Reason.INTERNAL_STALL,
    }
)
"""What may be over when the site is asked again; nothing else is asked for twice."""

WANTED_SO = frozenset(
    {
        Reason.HTTP_401,
        Reason.HTTP_402,
        Reason.HTTP_403,
        Reason.HTTP_407,
        Reason.HTTP_451,
        Reason.CHALLENGE,
        Reason.CRAWL_DELAY,
        Reason.EXCLUDED,
        Reason.ROBOTS_DISALLOWS_US,
    }
)
"""What a site, or its owner, has told us to our face."""

PLACE = {
    Outcome.OK: 0,
    Outcome.ABSENT: 0,
    Outcome.OK_PARTIAL: 1,
    Outcome.DENIED: 2,
    Outcome.MALFORMED: 3,
    Outcome.REFUSED_BY_US: 4,
    Outcome.RATE_LIMITED: 5,
    Outcome.SERVER_ERROR: 6,
    Outcome.UNREACHABLE: 7,
    Outcome.INTERNAL_ERROR: 8,
}
"""Outcomes by what they tell about a site, the most first."""

_APART = (VARIANT, WORK, ORIGIN)
"""What says nothing of whether the site itself was measured."""

Result = tuple[Outcome, Reason, str | None]
Stopped = tuple[Reason, str]
"""Why a visit ended before everything was asked for, with the figure that decided."""


def outcome(
    captures: Iterable[Capture], *, home_disallowed: bool = False, stopped: Stopped | None = None
) -> Result:
    """Return (class, reason, detail). `home_disallowed`: robots.txt keeps us from `/`."""
    settled = [c for c in captures if not (c.superseded or c.resource.startswith(_APART))]
    by_resource = {capture.resource: capture for capture in reversed(settled)}
    robots, home = by_resource.get(ROBOTS), by_resource.get(HOME)
    if robots is None:
        return Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR, "robots.txt was not asked for"
    if trouble := _trouble(robots):
        return trouble
    if missing := _unread(robots):
        return missing
    if home_disallowed:
        return Outcome.REFUSED_BY_US, Reason.ROBOTS_DISALLOWS_US, None
    if stopped and (home is None or classify(home) is Answer.REDIRECT):
        return Outcome.REFUSED_BY_US, *stopped
    if home is None:
        return Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR, "the home page was not asked for"
    if trouble := _trouble(home):
        return trouble
    if stopped:
        return Outcome.OK_PARTIAL, *stopped
    return _partial(home, settled) or _offsite(home, robots, settled) or _presence(robots, settled)


def may_pass(reason: Reason, captures: Iterable[Capture]) -> bool:
    """Say whether another visit could bring another outcome, or bring what a stall of ours hid."""
    if reason in WANTED_SO:  # whatever a stall hid: who keeps us out is not asked again
        return False
    return reason in TRANSIENT or any(c.failure is Failure.INTERNAL_STALL for c in captures)


def stands(earlier: Result, had: Iterable[Capture], later: Result, has: Iterable[Capture]) -> bool:
    """Say whether the earlier of two visits tells more: by its class, then by what it read.

    Of equal ones the later stands, and so does what a site has told us to our face.
    """
    read = [sum(not c.superseded and c.failure is None for c in each) for each in (had, has)]
    if later[1] in WANTED_SO:
        return False
    return (PLACE[earlier[0]], -read[0]) < (PLACE[later[0]], -read[1])


def can_be_kept(capture: Capture) -> bool:
    """Say whether an answer need not be asked for again when the visit is made again."""
    answer = classify(capture)
    passing = {Answer.FAILED, Answer.RATE_LIMITED, Answer.SERVER_ERROR, Answer.CHALLENGE}
    return not (capture.superseded or capture.data_loss or answer in passing)


def stops_the_visit(robots: Capture) -> bool:
    """Say whether nothing but robots.txt may be asked: RFC 9309 section 2.3.1.4, and 429."""
    if classify(robots) is Answer.CONTENT and is_partial(robots):
        return True
    if robots.status is not None and robots.status >= 500:  # a challenge page may say 503 too
        return True
    return classify(robots) not in {
        Answer.CONTENT,
        Answer.MISSING,
        Answer.REFUSED,
        Answer.CHALLENGE,
    }


def _trouble(capture: Capture) -> Result | None:
    """The outcome that an unusable answer of robots.txt or home page gives the visit."""
    match classify(capture):
        case Answer.FAILED:
            return _failed(capture)
        case Answer.CHALLENGE:
            page = recognise(capture, PageKind.CHALLENGE)
            return Outcome.DENIED, Reason.CHALLENGE, page.id if page else None
        case Answer.REFUSED:
            return Outcome.DENIED, Reason(f"http_{capture.status}"), None
        case Answer.RATE_LIMITED:
            return Outcome.RATE_LIMITED, Reason.HTTP_429, None
        case Answer.SERVER_ERROR:
            edge = recognise(capture, PageKind.CDN_ERROR)
            reason = Reason.CDN_ERROR if edge else Reason.HTTP_5XX
            return Outcome.SERVER_ERROR, reason, str(capture.status)
        case Answer.UNKNOWN_STATUS:
            return Outcome.SERVER_ERROR, Reason.UNKNOWN_STATUS, str(capture.status)
        case Answer.REDIRECT if capture.status not in REDIRECTS:
            return Outcome.MALFORMED, Reason.UNKNOWN_STATUS, str(capture.status)
        case Answer.REDIRECT:
            return Outcome.REFUSED_BY_US, Reason.REDIRECT_DISALLOWED, capture.detail
        case _:
            return None


def _failed(capture: Capture) -> Result:
    failure = capture.failure or Failure.INTERNAL_ERROR
    reason = Reason(failure.value)
    if failure in FAULTS_OF_OURS:
        return Outcome.INTERNAL_ERROR, reason, capture.detail
    if failure in OURS:
        return Outcome.REFUSED_BY_US, reason, capture.detail
    if failure in UNREADABLE:
        return Outcome.MALFORMED, reason, capture.detail
    return Outcome.UNREACHABLE, reason, capture.detail


def _unread(robots: Capture) -> Result | None:
    """The outcome where not all of robots.txt came, so that nothing else was asked.

    RFC 9309 section 2.3.1.4; the site does have a file, and what came of it is judged.
    """
    if classify(robots) is not Answer.CONTENT:
        return None
    if robots.coding_error:
        return Outcome.MALFORMED, Reason.ROBOTS_UNREAD, ROBOTS
    if robots.data_loss or robots.status == 206:
        return Outcome.OK_PARTIAL, Reason.DATA_LOSS, ROBOTS
    if opened(robots.body).came is Came.NOTHING:
        return Outcome.MALFORMED, Reason.ROBOTS_UNREAD, ROBOTS
    return (Outcome.OK_PARTIAL, Reason.TRUNCATED, ROBOTS) if is_partial(robots) else None


def _partial(home: Capture, settled: list[Capture]) -> Result | None:
    if classify(home) is Answer.MISSING:
        return Outcome.OK_PARTIAL, Reason.HOME_MISSING, str(home.status)
    if parker := recognise(home, PageKind.PARKED):
        return Outcome.OK_PARTIAL, Reason.PARKED, parker.id
    for capture in settled:
        if capture.coding_error:
            return Outcome.MALFORMED, Reason.BAD_CONTENT_CODING, capture.resource
        if capture.data_loss or capture.status == 206:  # a part that was not asked for
            return Outcome.OK_PARTIAL, Reason.DATA_LOSS, capture.resource
        if capture.truncated:
            return Outcome.OK_PARTIAL, Reason.TRUNCATED, capture.resource
    for capture in settled:
        if classify(capture) not in {Answer.CONTENT, Answer.MISSING}:
            return Outcome.OK_PARTIAL, Reason.RESOURCE_UNMEASURED, capture.resource
    return None


def _offsite(home: Capture, robots: Capture, settled: list[Capture]) -> Result | None:
    """The outcome where a redirect has left the site for somebody else's; both sides are kept.

    robots.txt is still the site's own (RFC 9309 section 2.3.1.2), the page is not.
    """
    own, other = (urlsplit(url).hostname or "" for url in (home.url, home.final_url))
    if (registrable(own)[1] or own) == (registrable(other)[1] or other):
        return None
    return _presence(robots, settled)[0], Reason.OFFSITE, other


def _presence(robots: Capture, settled: list[Capture]) -> Result:
    if classify(robots) is Answer.MISSING:
        return Outcome.ABSENT, Reason.ROBOTS_MISSING, str(robots.status)
    body = text_of(robots)
    if not body.strip():
        return Outcome.ABSENT, Reason.ROBOTS_EMPTY, None
    siblings = (capture for capture in settled if capture.resource.startswith(SIBLING))
    if is_not_robots(body) or is_answer_to_anything(as_read(robots), siblings):
        return Outcome.ABSENT, Reason.ROBOTS_NOT_ROBOTS, None
    return Outcome.OK, Reason.COMPLETE, None
