"""Lines in `/robots.txt` that people made up or put in the wrong place, and abandoned ones.

### Syntax

```
TDM-Reservation: 1
User-agent: *
Usage: tdm=n, search=y
NoAI: /
Noindex: /old/
```

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `TDM-Reservation: 1` | disallowed (lenient) | disallowed (lenient, derived) | unstated |
| `Usage: ai=n`, `Usage: genai=n` | disallowed (lenient) | unstated | unstated |
| `Usage: tdm=n` | disallowed (lenient) | disallowed (lenient) | disallowed (lenient) |
| `Usage: search=y` | unstated | unstated | allowed (lenient) |
| `NoAI: /`, `AI: no`, `User-agent: noai` | unstated | unstated | unstated |
| `Noindex: /path` | unstated | unstated | unstated |
| `Archive-Embargo`, `Agentmap`, `Schemamap`, `TDL` | unstated | unstated | unstated |

No strict reader gets anything out of these lines.
`Noindex` never was about AI; Google has ignored it since September 2019.
The lines of 2026 are about archived copies (`Archive-Embargo`, `Embargo-Allow`), about where
files for agents are (`Agentmap`, `Schemamap`) and where the terms are (`TDL`, several a group):
they are logged (`new-line`), and never an opt-out.

### Precedence

None is defined: all lines hold, and of one `Usage` line a particular label beats `tdm`.

### Malformed files

Every line here is malformed in its place; each is named with what readers make of it.
`TDM-Reservation` belongs into a header, a meta or a file of TDMRep.
`Usage` was the field of a draft of February 2025 that AIPREF replaced.
`Archive-Embargo`, `Embargo-Allow`, `Agentmap`, `Schemamap` and `TDL` are recorded and say nothing
on AI (`new-line`).
A line of an invented AI field is recorded without a statement (`unknown-ai-line`).

### Common mistakes

- Headers copied into robots.txt.
- `noai`, which is a word for a robots meta.

### Adoption and readers

Nobody is known to read them.
In captured files of the years to 2026 `Noindex` is common, all the others are rare.
"""

from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Scope, Severity, Strictness
from crawler.parsers.preference import tolerant
from crawler.parsers.robots import syntax
from crawler.signals.reading.content_usage import lenient_labels
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_lines import (
    RESOURCE,
    Field,
    Said,
    defect,
    ended,
    fields,
    parsed,
    unread,
)
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.tdmrep import Claim, decide

_TDM = frozenset({b"tdm-reservation", b"tdm_reservation", b"tdmreservation"})
_POLICY = frozenset({b"tdm-policy", b"tdm_policy", b"tdmpolicy"})
_AI = frozenset(b"ai noai no-ai noimageai noml ai-training noaitraining ai-policy".split())
# Lines of 2026 about archives, discovery and terms: logged, never an opt-out.
_NEW = frozenset(
    {b"archive-embargo", b"embargo-allow"}  # draft of Nottingham and Thomson, on archived copies
    | {b"agentmap", b"schemamap"}
    | {b"tdl", b"terms-document-locator"}  # data-labels, IETF-Robots: where the terms stand
)
_NAMES = frozenset({"noai", "no-ai", "noimageai"})
_USAGE_LABELS = frozenset({"tdm", "ai", "genai", "search"})  # draft-thomson-aipref-sup-00
_EFFECTS = {
    "tdm-misplaced": "TDMRep is not read in robots.txt: strict readers get nothing.",
    "usage-abandoned": "A field of an abandoned draft: no reader is known.",
    "unknown-ai-line": "An invented way to speak about AI: no reader is known.",
    "new-line": "Not an opt-out: a new line about archives, discovery or terms.",
    "noindex-line": "Not an AI signal; Google ignores it since September 2019.",
}


def find(capture: Capture) -> Finding:
    """Read what only a tolerant reader takes for a preference, and name it."""
    if finding := unread(capture):
        return finding
    body = capture.body
    reservations, policies = fields(body, _TDM), fields(body, _POLICY)
    statements, defects = decide(_claims(reservations), _claims(policies), Scope.SITE)
    defects += [_defect("tdm-misplaced", line) for line in (*reservations, *policies)]
    usage = [line for line in fields(body, {b"usage"}) if _speaks(line)]
    defects += [_defect("usage-abandoned", line) for line in usage]
    defects += [_defect("unknown-ai-line", line) for line in fields(body, _AI)]
    defects += _unnamed(body)
    defects += [_defect("new-line", line) for line in fields(body, _NEW)]
    defects += [_defect("noindex-line", line) for line in fields(body, {b"noindex"})[:1]]
    ordered = sorted(defects, key=lambda one: one.line or 0)
    codes = {one.code for one in defects}
    quiet = bool(codes) and codes <= {"noindex-line", "new-line"}
    note = ("new_line" if "new-line" in codes else "noindex") if quiet else None
    return ended(capture, _usage(usage), ordered, note, statements)


def _claims(lines: list[Field]) -> list[Claim]:
    return [Claim(line.value, line.raw, line.number, misplaced=True) for line in lines]


def _speaks(line: Field) -> bool:
    return any(key in _USAGE_LABELS and word for key, word in tolerant(line.value))


def _usage(lines: list[Field]) -> Iterator[Said]:
    for line in lines:
        for purpose, preference in lenient_labels(line.value).items():
            yield Said(line, purpose, preference, Strictness.LENIENT)


def _unnamed(body: bytes) -> Iterator[Defect]:
    """Words of robots metas that stand as an agent's name, or alone in a line."""
    file = parsed(body)
    for number, kind, _, value in file.records:
        named = kind in (syntax.Kind.USER_AGENT, syntax.Kind.NO_COLON)
        if named and value.decode("utf-8", "replace").lower() in _NAMES:
            code = "unknown-ai-line"
            yield Defect(code, Severity.VOIDS, quote(file.text(number)), _EFFECTS[code], number)


def _defect(code: str, line: Field) -> Defect:
    severity = Severity.COSMETIC if code in ("noindex-line", "new-line") else Severity.VOIDS
    return defect(code, severity, _EFFECTS[code], line)


SIGNAL = Signal(
    name="robots_folk",
    title="Folk lines in robots.txt",
    id="R6",
    spec="https://datatracker.ietf.org/doc/draft-thomson-aipref-sup/",
    spec_version="no specification; Usage: draft-thomson-aipref-sup, February 2025",
    status=Status.ABANDONED,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
)
