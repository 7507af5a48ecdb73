"""A response header with the preferences of the IETF's AIPREF drafts for what it comes with.

### Syntax

```http
Content-Usage: train-ai=n, ai-use=n, search=y
```

The value is a Dictionary of RFC 9651 whose members are `label=y` or `label=n`.
The labels are `train-ai`, `ai-use` and `search` (vocabulary of September 2026), in lower case.
Parameters (`;x=1`) are allowed and mean nothing.
Several lines are one Dictionary: they are joined with commas before they are read, and of a
repeated label the last one counts.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `train-ai=n` | disallowed | unstated | unstated |
| `ai-use=n` | unstated | disallowed | unstated |
| `search=n` | unstated | unstated | disallowed |

`y` is *allowed*; any other value, and a label that is missing, is unknown.
The header speaks about the representation that it comes with, not about the resource, and not
about the site.

### Precedence

Between the header, robots.txt and other places any `n` beats any `y`, and `y` beats unknown.
What was valid when the content was fetched holds; later changes do not reach back.

### Malformed values

A value that is no Dictionary (a capital letter in a label, a comma at the end, an empty line
among several, blanks in place of commas) says nothing at all.
Our lenient reading is that of the robots.txt rule (`robots_content_usage`): `yes`, `no`, `1`, `0`,
quotation marks, brackets and other signs between the parts, the labels of earlier drafts and those
of Content Signals. Of a repeated label it takes the refusal, and no yes beside an unknown value.
It also takes the field names `X-Content-Usage`, `Content_Usage` and `ContentUsage`.
A path in front of the Dictionary belongs into robots.txt: nobody can say what it means here, so
the line says nothing.

### Common mistakes

- `ai=n`, the example of the first drafts, and `train-ai=no`.
- A robots.txt rule copied with its path.
- Sent with pages, and not with the images and files that are meant.
- Two layers that each set the header: the last value counts, which need not be the stricter one.

### Adoption and readers

No figures are known.
Modules for web frameworks and content management systems write it; no operator of a crawler
documents that it reads it (secondary source, unverified).
"""

from collections.abc import Iterator
from dataclasses import replace

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.http import header_values
from crawler.parsers.preference import MAX_VALUE, dictionary, split_path
from crawler.signals.reading.content_usage import (
    EFFECTS,
    LABELS,
    SEVERITIES,
    contradicts,
    fault_codes,
    lenient_beside,
    preference,
)
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.signal import Carrier, Signal, Status

NAME = "Content-Usage"
VARIANTS = ("X-Content-Usage", "Content_Usage", "ContentUsage")
_EFFECTS = EFFECTS | {
    "content-usage-path": "A path belongs into robots.txt: in a header the line says nothing.",
    "content-usage-field": "The field is called Content-Usage: strict readers miss this one.",
}


def find(capture: Capture) -> Finding:
    """Read the header lines of one answer as one Dictionary."""
    if finding := unanswered(capture):
        return finding
    exact = header_values(capture.headers, NAME)
    others = {name: header_values(capture.headers, name) for name in VARIANTS}
    lines = [f"{NAME}: {value}" for value in exact]
    lines += [f"{name}: {value}" for name, values in others.items() for value in values]
    if not lines:
        return conclude([], [])
    value = ", ".join(exact)
    members = dictionary(value) if exact else None
    readable = [line for line in lines if split_path(_value(line))[0] is None]
    statements = list(_statements(members or {}, readable, quote(" | ".join(lines))))
    defects = [_defect(code, line) for code, line in _faults(exact, members, lines, readable)]
    found = conclude(statements, defects, cut=len(", ".join(lines)) > MAX_VALUE)
    return replace(found, note="cc_signal") if "exceptions=cc-" in value else found


def _value(line: str) -> str:
    return line.partition(": ")[2]


def _statements(
    members: dict[str, bool | None], readable: list[str], words: str
) -> Iterator[Statement]:
    strict = {
        purpose: preference(answer)
        for label, purpose in LABELS.items()
        if (answer := members.get(label)) is not None
    }
    for purpose, given in strict.items():
        yield Statement(purpose, given, Strictness.STRICT, Scope.PAGE, words)
    for purpose, given in lenient_beside(strict, ", ".join(map(_value, readable))):
        yield Statement(purpose, given, Strictness.LENIENT, Scope.PAGE, words)


def _faults(
    exact: list[str],
    members: dict[str, bool | None] | None,
    lines: list[str],
    readable: list[str],
) -> Iterator[tuple[str, str]]:
    """Codes with the words they are about."""
    whole = " | ".join(lines)
    if len(readable) < len(lines):
        yield "content-usage-path", next(line for line in lines if line not in readable)
    if len(lines) > len(exact):
        yield "content-usage-field", lines[-1]
    if exact and len(readable) == len(lines):
        for code in fault_codes(", ".join(exact), members):
            yield code, whole
    if contradicts(", ".join(map(_value, readable))):
        yield "content-usage-contradiction", whole


def _defect(code: str, words: str) -> Defect:
    return Defect(code, SEVERITIES.get(code, Severity.VOIDS), quote(words), _EFFECTS[code])


SIGNAL = Signal(
    name="content_usage_header",
    title="AIPREF Content-Usage response header",
    id="H3",
    spec="https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/",
    spec_version="draft-ietf-aipref-attach-05 and draft-ietf-aipref-vocab-08, 2026",
    status=Status.DRAFT,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
)
