"""Which captures can be read, and how the reading of a capture ends.

A refusal, a failure or a fault of the server says nothing about AI use: it is unmeasured.
A 404 is an answer: the signal is not there. A body that was cut off can show that a signal
is there, and cannot show that it is not. All signals share these rules.
"""

import re

from crawler.answers import Answer, classify
from crawler.model import Capture, Defect, Finding, Reading, Severity, Statement, Strictness
from crawler.parsers.http import media_type

MAX_QUOTE = 300
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# The openings that the WHATWG MIME Sniffing standard (section 7.1) knows for HTML, and `meta`.
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype\s|!--|\?xml[^>]{0,200}>\s*+<(?:!doctype\s++html|html)"
    rb"|(?:html|head|body|script|style|title|meta|link|iframe|h1|div|span|font|table|a|b|br|p)"
    rb"[\s/>])",
    re.IGNORECASE,
)
# Controls (C0, C1), bidirectional marks, line and paragraph separators, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def unanswered(capture: Capture) -> Finding | None:
    """The finding for a capture that holds no answer of the resource; None where it does."""
    match classify(capture):
        case Answer.CONTENT:
            return None
        case Answer.MISSING:
            return Finding(Reading.ABSENT, note="missing")
        case Answer.FAILED:
            return Finding(Reading.UNMEASURED, note="no_answer")
        case Answer.REFUSED | Answer.CHALLENGE | Answer.RATE_LIMITED:
            return Finding(Reading.UNMEASURED, note="refused")
        case _:
            return Finding(Reading.UNMEASURED, note="error_status")


def unreadable(capture: Capture) -> Finding | None:
    """As `unanswered`, and for a body whose content-coding did not decode."""
    if capture.coding_error and not unanswered(capture):
        return Finding(Reading.UNMEASURED, note="coding_error")
    return unanswered(capture)


def looks_like_html(body: bytes) -> bool:
    """True where a body begins, after byte-order mark and space, as only HTML begins."""
    return bool(_HTML_START.match(body))


def is_html(capture: Capture) -> bool:
    """True for a body declared as HTML, or beginning like it whatever was declared."""
    return media_type(capture.headers) in _HTML_TYPES or looks_like_html(capture.body)


def soft_404(capture: Capture, sibling: Capture | None = None) -> bool:
    """True where a text or JSON file is in truth the site's answer to any address.

    `sibling` is what a random path beside the file brought.
    """
    if looks_like_html(capture.body):
        return True
    answered = sibling is not None and sibling.status is not None and 200 <= sibling.status < 300
    return answered and sibling is not None and sibling.body == capture.body


def conclude(
    statements: list[Statement],
    defects: list[Defect],
    *,
    cut: bool = False,
) -> Finding:
    """The finding that statements and defects come to; `cut`: not all was looked at."""
    if any(statement.strictness is Strictness.STRICT for statement in statements):
        outcome = Reading.PRESENT
    elif statements or any(defect.severity is not Severity.COSMETIC for defect in defects):
        outcome = Reading.MALFORMED
    elif cut:
        return Finding(Reading.UNMEASURED, note="truncated")
    else:
        outcome = Reading.ABSENT
    return Finding(outcome, tuple(statements), tuple(defects), "truncated" if cut else None)


def is_cut(capture: Capture) -> bool:
    """True where the body is a part of what the site has; 206 was not asked for."""
    return capture.truncated or capture.data_loss or capture.status == 206


def quote(text: str) -> str:
    """A site's words made safe to store and print: at most 300 characters, none in control."""
    safe = printable(text[: MAX_QUOTE + 1])
    return safe if len(safe) <= MAX_QUOTE else safe[: MAX_QUOTE - 1] + "…"


def printable(text: str) -> str:
    """Text with U+FFFD for what moves a cursor, turns the direction or breaks a database."""
    return _UNSAFE.sub("\ufffd", text)
