"""Captures to pages, each parsed once for all the signals that read it one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from crawler.addresses import document_base, web_address
from crawler.model import Capture, Defect, Finding, Reading, Severity, Statement
from crawler.parsers.html.page import Meta, Page
from crawler.parsers.html.reader import read_page
from crawler.parsers.http import charset
from crawler.signals.reading.readable import conclude, is_cut, is_html, quote, unreadable

MAX_STATEMENTS = 50


class Tag(Protocol):
    """What every element that was read has."""

    @property
    def raw(self) -> str:
        """The tag as written."""

    @property
    def line(self) -> int:
        """Its line, counted from 1."""


@lru_cache(maxsize=8)
def _parsed(body: bytes, label: str | None) -> Page:
    return read_page(body, label)


def parsed(capture: Capture) -> Page:
    """The page that a capture holds.

    A few are kept: a visit's home page is asked for its links again after its terms pages.
    """
    return _parsed(capture.body, charset(capture.headers))


def unread(capture: Capture) -> Finding | None:
    """The finding for a capture that holds no page; None where it does."""
    if finding := unreadable(capture):
        return finding
    return None if is_html(capture) else conclude([], [], cut=is_cut(capture))


def words_of(meta: Meta) -> str:
    """The content of a meta, or what stands in its place; empty where there is none."""
    return (meta.value if meta.content is None else meta.content) or ""


def is_misgiven(meta: Meta) -> bool:
    """Only `value` says something: strict readers see a meta without content."""
    return meta.content is None and bool(meta.value)


def ended(  # noqa: PLR0913 - what was found, and what became of the rest
    capture: Capture,
    statements: Sequence[Statement],
    defects: Sequence[Defect],
    note: str | None = None,
    *,
    present: bool = False,
    cut: bool = False,
) -> Finding:
    """The finding of a page; `note` gives way to what was cut off.

    `present`: the signal is there to the letter, although it states no preference.
    `cut`: a limit of the signal's own left out a part.
    """
    cut = cut or is_cut(capture) or parsed(capture).cut or len(statements) > MAX_STATEMENTS
    found = conclude(statements[:MAX_STATEMENTS], defects, cut=cut)
    outcome = Reading.PRESENT if present and not statements else found.outcome
    return replace(found, outcome=outcome, note=found.note or note)


def defect(code: str, severity: Severity, effect: str, tag: Tag) -> Defect:
    """The defect of one element."""
    return Defect(code, severity, quote(tag.raw), effect, tag.line)


def absolute(capture: Capture, href: str) -> str | None:
    """The http(s) address that a reference on the page leads to: HTML section 2.4.2."""
    try:
        return web_address(href, document_base(capture.final_url, parsed(capture).base))
    except ValueError:  # the page's own address is none
        return None
