"""The line `datatrainingallowed` of trust.txt, a publisher's file on what it belongs to.

### Syntax

```
# trust.txt of a newspaper
belongto=https://press-union.example/
social=https://social.example/@harbourjournal
contact=https://harbour-journal.example/contact
datatrainingallowed=no
```

Lines are `attribute=value`, names in any case; `#` starts a comment.
Other attributes are `member`, `belongto`, `control`, `controlledby`, `social`, `vendor`,
`customer`, `disclosure` and `contact`.
At most one line is `datatrainingallowed=yes` or `datatrainingallowed=no`.
Readers ask for `/trust.txt` first and for `/.well-known/trust.txt` then; we ask for both.
The facts are from three independent programs, the text of the specification was not read
(unverified).

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `no` | disallowed | unstated | unstated |
| `yes` | allowed | unstated | unstated |
| another value, or no line | unstated | unstated | unstated |

The line speaks for the whole site.

### Precedence

The file at the root comes first; what both say is kept here.

### Malformed files

More than one line, blanks around `=`, a colon instead of it, and words such as `false` are read
leniently; of several values the most restrictive one.
A trust.txt without the line says nothing (note `no_training_line`); a file of another kind under
this name has the note `not_trust_txt`.

### Common mistakes

- `datatrainingallowed: no`.
- The line twice, with both values.
- Notes on trust in a company, written in Markdown, under this name.

### Adoption and readers

The format is that of JournalList.net; how many files have this line was not read.
No AI operator is known to read it.
"""

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.keyvalue import Document, Pair, parse
from crawler.signals.reading.file_words import permission
from crawler.signals.reading.readable import conclude, is_cut, quote, soft_404, unreadable
from crawler.signals.reading.signal import Carrier, Signal, Status

FIELD = "datatrainingallowed"
_ATTRIBUTES = frozenset(
    {
        *("member", "belongto", "control", "controlledby", "social", "vendor", "customer"),
        *("disclosure", "contact"),
    }
)
_VALUES = {"no": Preference.DISALLOWED, "yes": Preference.ALLOWED}
_SPELT = str.maketrans("", "", " _-")
_EFFECTS = {
    "trust-txt-several": "The line may stand there once: strict readers take none of them.",
    "trust-txt-spelling": "Strict readers know only attribute=value without blanks.",
    "trust-txt-value": "Neither yes nor no: the line counts as unset.",
}


def find(capture: Capture) -> Finding:
    """Read the line on training in one file."""
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    document = parse(capture.body, "=")
    cut = is_cut(capture) or document.cut
    exact = _lines(document)
    lines = exact or _lines(parse(capture.body))
    if not lines:
        known = any(pair.name.lower() in _ATTRIBUTES for pair in document.pairs)
        note = "no_training_line" if known else "not_trust_txt"
        return conclude([], [], cut=cut, note=note if capture.body.strip() else None)
    defects = [defect for pair in lines for defect in _faults(pair)]
    if len(lines) > 1:
        defects.insert(0, _defect("trust-txt-several", Severity.CHANGES, lines[1]))
    statement = _statement(lines, strict=not defects)
    return conclude([statement] if statement else [], defects, cut=cut)


def _lines(document: Document) -> list[Pair]:
    return [pair for pair in document.pairs if _spelt(pair.name) == FIELD]


def _spelt(name: str) -> str:
    return name.lower().translate(_SPELT)


def _faults(pair: Pair) -> list[Defect]:
    if permission(pair.value.lower()) not in _VALUES.values():
        return [_defect("trust-txt-value", Severity.VOIDS, pair)]
    words = f"{FIELD}={pair.value}"
    if pair.raw.lower() != words.lower() or pair.value.lower() not in _VALUES:
        return [_defect("trust-txt-spelling", Severity.VOIDS, pair)]
    return []


def _statement(lines: list[Pair], *, strict: bool) -> Statement | None:
    """The most restrictive of the values that are understood."""
    said = [(permission(pair.value.lower()), pair) for pair in lines]
    found = [(value, pair) for value, pair in said if value in _VALUES.values()]
    if not found:
        return None
    value, pair = min(found, key=lambda one: one[0] is Preference.ALLOWED)
    return Statement(
        Purpose.TRAIN,
        value or Preference.UNSTATED,
        Strictness.STRICT if strict else Strictness.LENIENT,
        Scope.SITE,
        quote(pair.raw),
        line=pair.line,
    )


def _defect(code: str, severity: Severity, pair: Pair) -> Defect:
    return Defect(code, severity, quote(pair.raw), _EFFECTS[code], pair.line)


SIGNAL = Signal(
    name="trust_txt",
    title="trust.txt",
    id="F4",
    spec="https://journallist.net/reference-document-for-trust-txt-specifications",
    spec_version="as three programs read it in 2026; the text was not read",
    status=Status.VENDOR,
    carrier=Carrier.FILE,
    resources=("/trust.txt", "/.well-known/trust.txt"),
    find=find,
)
