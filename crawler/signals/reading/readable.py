"""Which captures can be read, and how the reading of a capture ends.

A refusal, a failure or a fault of the server says nothing about AI use: it is unmeasured.
A 404 is an answer: the signal is not there. A body that was cut off can show that a signal
is there, and cannot show that it is not. All signals share these rules.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from crawler.answers import Answer, classify
from crawler.model import Capture, Defect, Finding, Reading, Severity, Statement, Strictness
from crawler.parsers.http import media_type

MAX_QUOTE = 300
MAX_STATEMENTS = 1000
MAX_DEFECTS = 50
"""Kept of one finding, the word that some were left out among them."""
MAX_ERROR = 4096
"""Bytes of the longest body that is compared for being an error message."""

T = TypeVar("T")

WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}
"""The gravest first."""

_LEFT_OUT = "There are more faults than are listed: one of each kind and the gravest are kept."
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# The openings that the WHATWG MIME Sniffing standard (section 7.1) knows for HTML, and `meta`. Of a
# doctype the beginning will do: pages are served with `<!DOCTYPE html5>` (a file of 2019).
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype\s*+html|!--"
    rb"|\?xml[^>]{0,200}>\s*+<(?:!doctype\s*+html|html[\s/>])"
    rb"|(?:html|head|body|script|style|title|meta|link|iframe|h1|div|span|font|table|a|b|br|p)"
    rb"[\s/>])",
    re.IGNORECASE,
)
# Where sites send whoever asks for what they do not have.
_AWAY = re.compile(
    r"/+(?:[a-z]{2}(?:[-_][a-z]{2})?/*|(?:[\w-]+/+)?(?:index|home|default|main|lander|404|error"
    r"|not-?_?found|page-?not-?found)(?:\.\w{1,5})?/*)",
    re.IGNORECASE,
)
_WORD = re.compile(rb"\w++")
_DIGIT = re.compile(rb"\d")
_BREAKS = re.compile(r"[\t\n\f\r][ \t\n\f\r]*+")
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

    It is one if it is a page, if a redirect led to where any address leads, or if `sibling`,
    what a random path beside the file brought, is the same but for what differs from one
    answer to the next: the path itself, numbers and identifiers.
    """
    if looks_like_html(capture.body) or _led_away(capture):
        return True
    return sibling is not None and answers_alike(capture, sibling)


def answers_alike(capture: Capture, sibling: Capture) -> bool:
    """True where a random path beside a file brought the same, so that the file is none."""
    if sibling.status is None or not 200 <= sibling.status < 300:
        return False
    if sibling.body == capture.body:
        return True
    redirected = capture.final_url != capture.url
    if redirected and capture.final_url == sibling.final_url:
        return True
    return _unvaried(capture) == _unvaried(sibling)


def _led_away(capture: Capture) -> bool:
    """True where a redirect ended at a start page, an error page or a parking page."""
    asked, _, _ = _path(capture.url).partition("?")
    found, _, query = _path(capture.final_url).partition("?")
    return found != asked and (not found.strip("/") or bool(_AWAY.fullmatch(found))) and not query


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("#")[0].partition("/")[2]


def _unvaried(capture: Capture) -> bytes:
    """A short body without what an error message holds of its address, numbers and ids."""
    if len(capture.body) > MAX_ERROR:
        return capture.body
    name = _path(capture.url).encode("utf-8", "replace")
    told = capture.body.replace(name, b"/").replace(name[1:], b"")
    return _WORD.sub(lambda word: b"0" if _DIGIT.search(word[0]) else word[0], told)


def gravest(found: Iterable[T], code: Callable[[T], str], most: int) -> list[T]:
    """Keep `most`: one of each code, then those that come first. `found`: the gravest first."""
    seen: set[str] = set()
    kept: list[T] = []
    others: list[T] = []
    for one in found:
        (others if code(one) in seen else kept).append(one)
        seen.add(code(one))
    return [*kept, *others][:most]


def _kept(defects: Sequence[Defect]) -> list[Defect]:
    """At most `MAX_DEFECTS`, in their order, and the word that some were left out."""
    if len(defects) <= MAX_DEFECTS:
        return list(defects)
    weighed = sorted(enumerate(defects), key=lambda place: WEIGHTS[place[1].severity])
    stay = sorted(gravest(weighed, lambda place: place[1].code, MAX_DEFECTS - 1))
    told = Defect("defects-cut", Severity.COSMETIC, "", _LEFT_OUT, None)
    return [*(defects[number] for number, _ in stay), told]


def conclude(
    statements: Sequence[Statement],
    defects: Sequence[Defect],
    *,
    cut: bool = False,
    note: str | None = None,
    most: int = MAX_STATEMENTS,
) -> Finding:
    """The finding that statements and defects come to; `cut`: not all was looked at.

    `note` gives way to what was cut off. At most `most` statements and `MAX_DEFECTS` are kept.
    """
    cut = cut or len(statements) > most
    statements, defects = statements[:most], _kept(defects)
    if any(statement.strictness is Strictness.STRICT for statement in statements):
        outcome = Reading.PRESENT
    elif statements or any(defect.severity is not Severity.COSMETIC for defect in defects):
        outcome = Reading.MALFORMED
    elif cut:
        return Finding(Reading.UNMEASURED, note="truncated")
    else:
        outcome = Reading.ABSENT
    return Finding(outcome, tuple(statements), tuple(defects), "truncated" if cut else note)


def leniently(statements: Iterable[Statement]) -> list[Statement]:
    """The same statements, where the file as a whole is understood by tolerant readers only."""
    return [replace(statement, strictness=Strictness.LENIENT) for statement in statements]


def is_cut(capture: Capture) -> bool:
    """True where the body is a part of what the site has; 206 was not asked for."""
    return capture.truncated or capture.data_loss or capture.status == 206


def quote(text: str) -> str:
    """A site's words made safe to store and print: at most 300 characters, none in control.

    Line ends and tabs, with the blanks behind them, are one blank.
    """
    safe = printable(_BREAKS.sub(" ", text)[: MAX_QUOTE + 1])
    return safe if len(safe) <= MAX_QUOTE else safe[: MAX_QUOTE - 1] + "…"


def printable(text: str) -> str:
    """Text with U+FFFD for what moves a cursor, turns the direction or breaks a database."""
    return _UNSAFE.sub("\ufffd", text)
