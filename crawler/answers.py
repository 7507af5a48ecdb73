"""What an HTTP answer is good for, decided in one place for outcomes, judge and signals.

RFC 9309 section 2.3.1 sorts the statuses for robots.txt; the same classes serve for every
resource. A refusal (401, 402, 403, 407, 429, 451, a challenge page) is about us or about
money: it is neither content nor absence.
"""

from enum import StrEnum

from crawler.model import Capture
from crawler.registry.edge_pages import PageKind, recognise

REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: with a Location
REFUSALS = frozenset({401, 402, 403, 407, 451})


class Answer(StrEnum):
    """The class of one capture."""

    CONTENT = "content"  # 2xx
    MISSING = "missing"  # 404, 410 and other 4xx: a real answer, nothing there
    REFUSED = "refused"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNKNOWN_STATUS = "unknown_status"
    REDIRECT = "redirect"  # a 3xx we did not follow
    FAILED = "failed"  # no HTTP answer


def classify(capture: Capture) -> Answer:
    """Give the class of a capture; any answer that is not understood is `unknown_status`."""
    status = capture.status
    if capture.failure is not None or status is None:
        return Answer.FAILED
    if recognise(capture, PageKind.CHALLENGE):
        return Answer.CHALLENGE
    if 200 <= status < 300:
        return Answer.CONTENT
    if 300 <= status < 400:
        return Answer.REDIRECT
    if status in REFUSALS:
        return Answer.REFUSED
    if status == 429:
        return Answer.RATE_LIMITED
    if 400 <= status < 500:
        return Answer.MISSING
    if 500 <= status < 600:
        return Answer.SERVER_ERROR
    return Answer.UNKNOWN_STATUS
