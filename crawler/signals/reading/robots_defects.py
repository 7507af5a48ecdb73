"""A robots.txt to the faults in it: what does not do what it looks like, and where.

What each code means, and the sentence stored with it, stands in `registry/defects.toml`.
Faults of single words are found in `robots_words`, those of whole groups in `robots_intent`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from crawler.model import Defect
from crawler.parsers.robots.google import LONGEST_LINE
from crawler.parsers.robots.rfc9309 import Policy
from crawler.parsers.robots.syntax import BOM, MEANT, RULES, Facts, Kind, Record, RobotsFile, blocks
from crawler.registry import agents, defects
from crawler.signals.reading.readable import MAX_DEFECTS, WEIGHTS, gravest, looks_like_html, quote
from crawler.signals.reading.robots_intent import Place, of_groups
from crawler.signals.reading.robots_words import of_field, of_name, of_path

CUT = "robots-defects-cut"
MOST_UNKNOWN = 500
"""Lines with an unknown field that are looked at: prose and pages have any number of them."""

BREAK = re.compile(
    rb"(?:\xe2\x80[\xa8\xa9]|\xc2\x85|[\v\f\x1c-\x1e])\s*(?:user-?agent|(?:dis)?allow)[ \t]*:",
    re.IGNORECASE,
)
OF_GOOGLE = {
    Kind.TYPO: "robots-field-typo",
    Kind.NO_COLON: "robots-no-colon",
    Kind.OTHER: "robots-field-prefix",
}
"""Codes of lines that only Google's reader takes for a rule."""
ODD = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85", b"\v", b"\f", b"\x1c", b"\x1d", b"\x1e")


def faults(file: RobotsFile, facts: Facts, policy: Policy) -> tuple[Defect, ...]:
    """Name what is wrong with a file: at most `MAX_DEFECTS`, in the order of the lines.

    Where there are more, one of each code is kept, then the gravest, and `CUT` says so.
    """
    html = looks_like_html(b"".join(file.raws[:50])[:4096]) and not policy.names
    records = [] if html else file.records
    places: Sequence[Place] = (
        *((code, 0) for code in _of_bytes(file, facts, html=html)),
        *of_groups(file, blocks(records), policy),
        *_of_breaks(file),
        *([] if facts.utf8 or facts.utf16 or html else _of_encoding(records)),
        *_of_records(file, records, html=html),
    )
    if len(places) > MAX_DEFECTS:
        # Among equals those on lines that name a registered agent come first.
        weighed = sorted(places, key=lambda place: _weight(file, place))
        places = [*gravest(weighed, lambda place: place[0], MAX_DEFECTS - 1), (CUT, 0)]
    return tuple(_defect(file, *place) for place in sorted(places, key=lambda place: place[1]))


def _weight(file: RobotsFile, place: Place) -> tuple[int, bool, int]:
    code, line = place
    named = line > 0 and bool(_registered().search(file.raws[line - 1].lower()))
    return WEIGHTS[defects.load().entries[code].severity], not named, line


def fault(code: str, words: str = "") -> Defect:
    """The defect of a whole file; `words` are a quotation that is safe to print."""
    entry = defects.load().entries[code]
    return Defect(code, entry.severity, words, entry.effect)


def _defect(file: RobotsFile, code: str, line: int) -> Defect:
    entry = defects.load().entries[code]
    words = quote(file.text(line)) if line else ""
    return Defect(code, entry.severity, words, entry.effect, line or None)


@cache
def _registered() -> re.Pattern[bytes]:
    """Match the name of any registered agent, in lower case."""
    names = {name.lower() for one in agents.load().agents for name in (one.token, *one.aliases)}
    words = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])".encode())


def _of_bytes(file: RobotsFile, facts: Facts, *, html: bool) -> Iterator[str]:
    if facts.utf16:
        yield "robots-utf16"
    elif facts.nul:
        yield "robots-nul"
    if facts.oversize:
        yield "robots-oversize"
    if html:
        yield "robots-html"
    if file.mark == BOM and not facts.utf16:
        yield "robots-bom"


def _of_breaks(file: RobotsFile) -> Iterator[Place]:
    """Find line breaks that Protego knows and RFC 9309 does not."""
    body = b"".join(file.raws)
    if not any(odd in body for odd in ODD):
        return
    for number, raw in enumerate(file.raws, 1):
        found = BREAK.search(raw)
        if found and raw.find(b"#", 0, found.start()) < 0:
            yield "robots-line-break", number


def _of_encoding(records: list[Record]) -> Iterator[Place]:
    """Find the first rule or name that is not UTF-8."""
    for number, kind, _, value in records:
        if kind in MEANT and not is_utf8(value):
            yield "robots-not-utf8", number
            return


def is_utf8(value: bytes) -> bool:
    """Say whether octets are UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _too_long(file: RobotsFile) -> set[int]:
    if max(map(len, file.raws), default=0) <= LONGEST_LINE:
        return set()
    return {number for number, raw in enumerate(file.raws, 1) if len(raw) > LONGEST_LINE}


def _of_records(file: RobotsFile, records: list[Record], *, html: bool) -> Iterator[Place]:
    """Find faults line by line; the unknown lines of a page are not looked at."""
    grouped = False
    outside = None if html else "robots-rule-without-group"
    unknown = 0 if html else MOST_UNKNOWN
    long = _too_long(file)
    for number, kind, google, value in records:
        code = None
        if kind is Kind.USER_AGENT:
            grouped = True
            code = of_name(value)
        elif kind in RULES:
            code = of_path(value) if grouped else outside
        elif google in MEANT and (grouped or not html):
            code = OF_GOOGLE.get(kind)
        elif unknown > 0 and kind is not Kind.OTHER:
            unknown -= 1
            code = of_field(file.raws[number - 1])
        if code:
            yield code, number
        if number in long and (kind in MEANT or google in MEANT):
            yield "robots-line-too-long", number
