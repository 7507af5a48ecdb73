"""The bytes of a robots.txt to its lines, and the lines to groups: RFC 9309 section 2.2.

Every reader, whatever it forgives, starts from the one tokeniser here (`classify`), so two
readers can disagree about what a line means but never about what the line is. Nothing is
lost: each line keeps its number, place and bytes, unknown fields stay in their group.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple, TypeVar

LIMIT = 500 * 1024
"""Octets that count: the 500 KiB of RFC 9309 section 2.5."""

BLANKS = b" \t"  # WS in the grammar, RFC 9309 section 2.2
ENDINGS = b"\r\n"  # NL: CR, LF or both; bytes.splitlines() knows exactly these
OUTER = BLANKS + ENDINGS
BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Kind(StrEnum):
    """What a line is to the letter of RFC 9309, and if nothing, how it fails."""

    BLANK = "blank"
    COMMENT = "comment"
    USER_AGENT = "user-agent"
    ALLOW = "allow"
    DISALLOW = "disallow"
    OTHER = "other"  # a record of another specification: section 2.2.4
    TYPO = "typo"  # a field that only Google's reader takes for one of the three
    UNKNOWN = "unknown"
    NO_COLON = "no-colon"
    GARBAGE = "garbage"  # no field name before the colon, or control bytes in it


class Token(NamedTuple):
    """One line without its place. `field` is in lower case, `value` without outer blanks."""

    kind: Kind
    google: Kind | None
    """What Google's reader takes the line for; None: it ignores the line."""
    field: bytes
    value: bytes
    comment: bytes | None


Record = tuple[int, Kind, Kind | None, bytes]
"""A line that is neither blank nor a comment: number from 1, kind, Google's kind, value."""


class Line(NamedTuple):
    """One line with its evidence; the file's mark and the `raw` of all lines are the body."""

    number: int
    offset: int
    """Place of the first octet in the body as received, counted from 0."""
    raw: bytes
    token: Token


class Block(NamedTuple):
    """Consecutive user-agent lines and everything up to the next such list."""

    agents: list[Record]
    allows: list[Record]
    disallows: list[Record]
    others: list[Record]
    """Fields that are no rules to the reader, kept with the group they stand in."""


KNOWN = {b"user-agent": Kind.USER_AGENT, b"allow": Kind.ALLOW, b"disallow": Kind.DISALLOW}


RULES = frozenset({Kind.ALLOW, Kind.DISALLOW})
MEANT = frozenset(KNOWN.values())
OTHERS = frozenset(
    b"sitemap crawl-delay host clean-param request-rate visit-time noindex license"
    b" content-signal content-usage disallowaitraining allowaitraining".split()
)
# Google compares only the start of a field, and knows these misspellings (robots.cc, 2026-04).
PREFIXES = (
    ((b"user-agent", b"useragent", b"user agent"), Kind.USER_AGENT),
    ((b"allow",), Kind.ALLOW),
    (
        (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"),
        Kind.DISALLOW,
    ),
    ((b"sitemap", b"site-map"), Kind.OTHER),
)
CONTROL = bytes(set(range(32)) - set(b"\t")) + b"\x7f"


def classify(raw: bytes) -> Token:
    """Give the meaning of one line, with or without its line end."""
    text, hash_sign, rest = raw.rstrip(ENDINGS).partition(b"#")
    comment = rest if hash_sign else None
    name, colon, value = text.partition(b":")
    field = name.strip(BLANKS).lower()
    if not colon:
        return _without_colon(text, comment)
    value = value.strip(BLANKS)
    if kind := KNOWN.get(field):
        return Token(kind, kind, field, value, comment)
    google = _google(field.strip()) if field else None
    if field in OTHERS:  # first: by its prefix rule Google reads DisallowAITraining as Disallow
        return Token(Kind.OTHER, google, field, value, comment)
    if google in MEANT:
        return Token(Kind.TYPO, google, field, value, comment)
    sound = field and field.translate(None, CONTROL) == field
    return Token(Kind.UNKNOWN if sound else Kind.GARBAGE, google, field, value, comment)


def _without_colon(text: bytes, comment: bytes | None) -> Token:
    """Read a line without a colon; Google takes two words for a field and its value."""
    text = text.strip(BLANKS)
    if not text:
        return Token(Kind.BLANK if comment is None else Kind.COMMENT, None, b"", b"", comment)
    # Google strips every ASCII white space from the line but separates words at blanks only.
    words = text.strip().replace(b"\t", b" ").split(b" ", 1)
    value = words[-1].strip(BLANKS)
    if len(words) == 1 or b" " in value:
        return Token(Kind.NO_COLON, None, b"", text, comment)
    field = words[0].strip().lower()
    return Token(Kind.NO_COLON, _google(field), field, value, comment)


def _google(field: bytes) -> Kind | None:
    for starts, kind in PREFIXES:
        if field.startswith(starts):
            return kind
    return None


T = TypeVar("T")


class Kept(dict[bytes, T]):
    """Answers about short texts, which repeat from site to site; it forgets all when full."""

    def __init__(self, *, most: int, longest: int) -> None:
        """Keep at most `most` answers, each about at most `longest` octets."""
        super().__init__()
        self._most = most
        self._longest = longest

    def keep(self, text: bytes, answer: T) -> T:
        """Remember an answer and give it back."""
        if len(text) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[text] = answer
        return answer


class Memo(Kept[T]):
    """As `Kept`, and works out what it does not hold."""

    def __init__(self, answer: Callable[[bytes], T], *, most: int, longest: int) -> None:
        super().__init__(most=most, longest=longest)
        self._answer = answer

    def __missing__(self, text: bytes) -> T:
        return self.keep(text, self._answer(text))


LETTERS = b".uad"
"""A line as one letter: user-agent, allow, disallow, or whatever else (`.`).

A file is then a short text in which a regular expression finds the groups. The code of a
line holds two of these letters, by their place: times four what it is, plus what to Google.
"""
AGENT, ALLOW, DISALLOW = LETTERS[1:]
PLACES = {Kind.USER_AGENT: 1, Kind.ALLOW: 2, Kind.DISALLOW: 3}
STRICTLY = bytes(LETTERS[code // 4 % 4] for code in range(256))
FOR_GOOGLE = bytes(LETTERS[code % 4] for code in range(256))
BLOCK = re.compile(rb"(u[^ad]*)([^u]*)")
"""Only a rule ends a list of agents and only a user-agent line behind a rule starts a new
one: other records must not interfere (RFC 9309 section 2.2.4)."""


def _code(name: bytes) -> int:
    """Give the code of a line that has a colon behind `name`, or is `name` and has none."""
    whole = b"#" in name or name.endswith((b"\n", b"\r"))
    token = classify(name if whole else name + b":")
    return 4 * PLACES.get(token.kind, 0) + (PLACES.get(token.google, 0) if token.google else 0)


CODES = Memo(_code, most=1 << 12, longest=64)
SPELT = {
    spelling: classify(spelling + b":")[:2]
    for field in (*KNOWN, *OTHERS)
    for spelling in (field, field.upper(), field.capitalize(), field.title())
}
"""The usual spellings of fields, to what they are to the letter and to Google."""


def value_of(raw: bytes) -> bytes:
    """Give the value that `classify` gives, by a short cut for the usual spellings."""
    name, colon, value = raw.partition(b":")
    if colon and name in SPELT:
        return value.partition(b"#")[0].strip(OUTER)
    return classify(raw).value


@dataclass(frozen=True)
class RobotsFile:
    """The lines of one body within the limit; `raws` keep their line ends."""

    mark: bytes
    """The byte order mark skipped, whole or broken."""
    raws: list[bytes]
    dropped: int
    """Octets not read: what lies behind the limit and the line it cuts, maybe half a rule."""

    @cached_property
    def codes(self) -> bytes:
        """The code of every line, see `LETTERS`; without a Python step for the usual ones."""
        names = list(map(itemgetter(0), map(bytes.partition, self.raws, repeat(b":"))))
        if names and names[-1] == self.raws[-1]:  # neither colon nor line end
            names[-1] += b"\n"
        return bytes(map(CODES.__getitem__, names))

    @cached_property
    def records(self) -> list[Record]:
        """All lines that are neither blank nor comments, by `classify` or a short cut to it."""
        records: list[Record] = []
        for number, raw in enumerate(self.raws, 1):
            name, colon, value = raw.partition(b":")
            if colon and (spelt := SPELT.get(name)):
                records.append((number, *spelt, value.partition(b"#")[0].strip(OUTER)))
            elif (text := raw.strip(OUTER)) and text[:1] != b"#":
                token = classify(raw)
                records.append((number, token.kind, token.google, token.value))
        return records

    def lines(self) -> Iterator[Line]:
        """Give every line with its evidence."""
        offset = len(self.mark)
        for number, raw in enumerate(self.raws, 1):
            yield Line(number, offset, raw, classify(raw))
            offset += len(raw)

    def text(self, number: int) -> str:
        """Give line `number` for a reader of reports: decoded, without outer blanks."""
        return self.raws[number - 1].strip(OUTER).decode("utf-8", "replace")


def parse(body: bytes) -> RobotsFile:
    """Split a body into lines, classified on demand. Never fails, linear in its size."""
    kept = _within_limit(body)
    mark = _mark(kept)
    return RobotsFile(mark, kept[len(mark) :].splitlines(keepends=True), len(body) - len(kept))


def _mark(body: bytes) -> bytes:
    """Give the byte order mark to skip, also a broken one, as Google does."""
    if body[:1] != BOM[:1]:
        return b""
    return next(BOM[:size] for size in (3, 2, 1) if body.startswith(BOM[:size]))


def _within_limit(body: bytes) -> bytes:
    if len(body) <= LIMIT:
        return body
    kept = body[:LIMIT]
    if kept[-1] in ENDINGS or body[LIMIT] in ENDINGS:
        return kept
    return kept[: max(kept.rfind(b"\n"), kept.rfind(b"\r")) + 1]


def spans(letters: bytes) -> list[tuple[int, int, int]]:
    """Find the blocks in a text of `LETTERS`: where agents start, where rules, and the end."""
    return [(*found.span(1), found.end()) for found in BLOCK.finditer(letters)]


def blocks(records: Sequence[Record], *, google: bool = False) -> list[Block]:
    """Form blocks; the first one holds what stands before any user-agent line."""
    kinds = ((to_google if google else kind) for _, kind, to_google, _ in records)
    letters = bytes(LETTERS[PLACES.get(kind, 0) if kind else 0] for kind in kinds)
    found = spans(letters)
    before = found[0][0] if found else len(records)
    return [
        Block(
            *(
                [
                    r
                    for r, each in zip(records[start:end], letters[start:end], strict=True)
                    if each == letter
                ]
                for letter in (AGENT, ALLOW, DISALLOW, LETTERS[0])
            )
        )
        for start, _, end in [(0, 0, before), *found]
    ]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a body is as bytes, apart from its rules."""

    bom: bytes
    nul: bool
    utf8: bool
    utf16: bool
    endings: frozenset[bytes]
    oversize: bool


def facts(body: bytes) -> Facts:
    """Look at the bytes of a body."""
    pairs = body.count(b"\r\n")
    counts = {
        b"\r\n": pairs,
        b"\n": body.count(b"\n") - pairs,
        b"\r": body.count(b"\r") - pairs,
    }
    return Facts(
        bom=_mark(body),
        nul=b"\0" in body,
        utf8=_is_utf8(body),
        utf16=is_utf16(body),
        endings=frozenset(ending for ending, count in counts.items() if count),
        oversize=len(body) > LIMIT,
    )


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_utf16(body: bytes) -> bool:
    """Say whether a body is UTF-16, by its mark or by a NUL in every other octet."""
    start = body[:1024]
    most = max(start[::2].count(0), start[1::2].count(0))
    return body.startswith(WIDE_BOMS) or (len(start) > 3 and most > len(start) * 0.4)
