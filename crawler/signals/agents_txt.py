"""A file `/agents.txt`: several proposals share the name, and one of them speaks about use.

### Syntax

```
Site-Name: Harbour Journal
Allow-Training: no
Allow-RAG: ask
Preferred-Interface: rest
[Agent: *]
Disallow: /account
```

That is a draft of March 2026 (version 0.1, unverified).
Lines are `Key: Value`, keys in any case; `#` starts a comment; `[Agent: name]` begins a section
of rules for acting.
`Allow-Training`, `Allow-RAG` and `Allow-Scraping` are `yes`, `no` or `ask`.
Other files of the name list what agents a site offers, or what visiting agents can do there.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `Allow-Training: no` | disallowed | unstated | unstated |
| `Allow-Training: ask` | conditional | unstated | unstated |
| `Allow-Training: yes` | allowed | unstated | unstated |
| `Allow-RAG: no` | unstated | disallowed | unstated |
| `Allow-RAG: ask` | unstated | conditional | unstated |
| `Allow-RAG: yes` | unstated | allowed | unstated |
| `Allow-Scraping`, capabilities, rules for acting | unstated | unstated | unstated |

The draft gives defaults for lines left out; since other proposals share the name, we draw
nothing from a line that is not there.

### Precedence

None is defined for the two lines; of several values we take the most restrictive.

### Malformed files

Other values that are understood (`ai-txt-value`), invented lines (`file-own-words`) and
reservations in prose are read leniently.
The note names a file without any of this: `capabilities`, `description` or `unknown`.

### Common mistakes

- A description of the site, or instructions for a coding agent, under this name.
- Policies on training in words that no proposal has.

### Adoption and readers

No count and no reader is known (unverified).
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
from crawler.signals.reading import draft_car, file_prose, file_words
from crawler.signals.reading.draft_car import Claim
from crawler.signals.reading.readable import conclude, is_cut, quote, soft_404, unreadable
from crawler.signals.reading.robots_lines import RESTRICTIVE
from crawler.signals.reading.signal import Carrier, Signal, Status

_FIELDS = {"allow-training": Purpose.TRAIN, "allow-rag": Purpose.AI_INPUT}
_VALUES = {
    "yes": Preference.ALLOWED,
    "no": Preference.DISALLOWED,
    "ask": Preference.CONDITIONAL,
}
_CAPABILITIES = frozenset(
    {
        *("capabilities", "capability", "protocols", "protocol", "api", "endpoint", "actions"),
        *("mcp-server", "communication", "preferred-interface", "agent"),
    }
)


def find(capture: Capture) -> Finding:
    """Read the permissions of one file."""
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    document = parse(capture.body)
    cut = is_cut(capture) or document.cut
    exact, defects = _exact(document)
    words, wrong = file_words.read(document)
    known = {pair.line for pair in document.pairs if _is_exact(pair)}
    words = [statement for statement in words if statement.line not in known]
    defects += [defect for defect in wrong if defect.line not in known]
    statements = exact + words
    if statements:
        return conclude(statements, defects, cut=cut, note=None if exact else "own_words")
    prose = file_prose.read(document.text)
    cut = cut or file_prose.goes_on(document.text)
    return conclude(prose, [], cut=cut, note="prose" if prose else _kind(document))


def _exact(document: Document) -> tuple[list[Statement], list[Defect]]:
    """The lines of the draft: of several values of one field the most restrictive."""
    statements: list[Statement] = []
    defects: list[Defect] = []
    for field, purpose in _FIELDS.items():
        pairs = [p for p in document.pairs if _is_exact(p) and p.name.lower() == field]
        if not pairs:
            continue
        chosen = min(pairs, key=lambda pair: RESTRICTIVE.index(_VALUES[pair.value]))
        statements.append(_statement(purpose, chosen))
        if len({pair.value for pair in pairs}) > 1:
            last = Claim(field, pairs[-1].value, "*", pairs[-1].raw, pairs[-1].line)
            defects.append(draft_car.defect("ai-txt-contradiction", Severity.CHANGES, last))
    return statements, defects


def _is_exact(pair: Pair) -> bool:
    return pair.plain and pair.name.lower() in _FIELDS and pair.value in _VALUES


def _statement(purpose: Purpose, pair: Pair) -> Statement:
    preference, words = _VALUES[pair.value], quote(pair.raw)
    return Statement(purpose, preference, Strictness.STRICT, Scope.SITE, words, line=pair.line)


def _kind(document: Document) -> str | None:
    if not document.text.strip():
        return None
    if any(pair.name.lower() in _CAPABILITIES for pair in document.pairs):
        return "capabilities"
    return "description" if document.pairs or document.comments else "unknown"


SIGNAL = Signal(
    name="agents_txt",
    title="agents.txt",
    id="F5",
    spec="https://github.com/jaspervanveen/agents-txt",
    spec_version="draft 0.1, March 2026 (unverified); unrelated proposals share the name",
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/agents.txt",),
    find=find,
)
