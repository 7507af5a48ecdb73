"""Metas about AI that no specification defines, and one that is often taken for such.

### Syntax

```html
<meta name="content-signal" content="search=yes, ai-train=no">
<meta http-equiv="Content-Usage" content="train-ai=n">
<meta name="ai-training" content="opt-out">
<meta name="robots-ai" content="noindex">
```

### Meaning

| meta | value | train | ai_input | search |
|---|---|---|---|---|
| `content-signal`, `content-usage` | as in robots.txt | as there | as there | as there |
| `ai-training` | `opt-out`, `no`, `disallow`, `not-permitted` | disallowed | unstated | unstated |
| `ai-training` | `allowed`, `yes`, `opt-in` | allowed | unstated | unstated |
| `robots-ai` | `noai`, `noindex`, `none`, `disallow` | disallowed | unstated | unstated |
| `robots-ai` | `noimageai` | disallowed, images only | unstated | unstated |
| `ai-content-declaration`, `ai-generated` | any | unstated | unstated | unstated |
| `pinterest` | `nopin` | unstated | unstated | unstated |

All readings are lenient: no strict reader gets anything out of these metas.
Content Signals and AIPREF define no meta; their fields belong into robots.txt.
`ai-content-declaration` says how a page was made (`ai_disclosure`), and `nopin` or
`data-pin-nopin` keep pictures from being saved to Pinterest (`nopin`): neither is about AI use.

### Precedence

None is defined: all metas hold for the page.

### Malformed values

Every meta here is malformed in its place, with `content` or, for want of it, `value`, and with
quotation marks around the words or without; a value that says neither yes nor no is named
(`folk-meta-value`).
A meta whose name speaks of AI and is not known here is recorded without a statement
(`unknown_ai_meta`).

### Common mistakes

- A header or a line of robots.txt copied into a meta.
- A meta of one's own invention in place of `<meta name="robots" content="noai">`.

### Adoption and readers

Nobody is known to read them; generators for "AI search" write them, mostly to allow everything.
"""

import re
from collections.abc import Iterator

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Purpose,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.html.page import Meta, Page
from crawler.parsers.preference import meant
from crawler.parsers.spelling import plain, unquoted
from crawler.signals.reading.content_usage import lenient_labels
from crawler.signals.reading.html_page import defect, ended, parsed, unread, words_of
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_tokens import is_for_robots
from crawler.signals.reading.signal import Carrier, Signal, Status

_LABELS = frozenset({"content-signal", "content-signals", "ai-content-signal", "content-usage"})
_TRAINING = frozenset({"ai-training", "ai-train", "training", "llm-training", "genai-training"})
_ROBOTS = frozenset({"robots-ai", "ai-robots"})
_DISCLOSURE = frozenset({"ai-content-declaration", "ai-generated", "ai-disclosure"})
_REFUSED_WORDS = frozenset(
    {"opt-out", "optout", "not-permitted", "not-allowed", "none", "noai"}
    | {"prohibited", "forbidden", "denied", "block", "blocked"}
)
_ALLOWED_WORDS = frozenset({"opt-in", "optin", "permitted", "all"})
_AI_ROBOTS = frozenset({"noai", "noindex", "none", "disallow", "noml"})
_OTHERS = frozenset({"tdm-reservation", "tdm-policy"})
_CANDIDATE = re.compile(r"(?:.*[-_:.])?(?:no)?(?:ai|llms?|genai|tdm)(?:[-_:.].*)?", re.DOTALL)
_EFFECTS = {
    "folk-meta": "No specification gives this meta a meaning: no reader is known.",
    "folk-meta-value": "No reader is known of this meta, and the value is no word we know.",
    "unknown-ai-meta": "A meta about AI that nobody defines: it is only recorded.",
    "ai-disclosure": "It says how the page was made, not what it may be used for.",
    "nopin": "About saving pictures to Pinterest: not an AI signal.",
}
_NOTES = {
    "unknown-ai-meta": "unknown_ai_meta",
    "ai-disclosure": "ai_disclosure",
    "nopin": "nopin",
}

Said = tuple[Purpose, Preference, Scope]


def find(capture: Capture) -> Finding:
    """Read what only a tolerant reader takes for a preference, and name it."""
    if finding := unread(capture):
        return finding
    page = parsed(capture)
    statements: list[Statement] = []
    defects: list[Defect] = []
    for meta in page.metas:
        said, code = _read(meta)
        statements += [_statement(meta, *one) for one in said]
        if code:
            defects.append(_defect(code, meta))
    defects += _nopin(page, defects)
    codes = [one.code for one in defects]
    note = next((note for code, note in _NOTES.items() if code in codes), None)
    return ended(capture, statements, defects, None if statements else note)


def _read(meta: Meta) -> tuple[list[Said], str | None]:
    """What a meta says, and the code of its fault; nothing for one of another kind."""
    name, content = _name(meta), words_of(meta).strip().lower()
    if name in _LABELS:
        labels = lenient_labels(content)
        said = [(purpose, preference, Scope.PAGE) for purpose, preference in labels.items()]
    elif name in _TRAINING:
        said = [(Purpose.TRAIN, preference, Scope.PAGE) for preference in _training(content)]
    elif name in _ROBOTS:
        said = list(_robots(content))
    else:
        return [], _kind(name, content)
    return said, "folk-meta" if said else "folk-meta-value"


def _name(meta: Meta) -> str:
    names = (meta.name, meta.property, meta.http_equiv)
    return next((name for name in names if name), "").strip().lower().replace("_", "-")


def _training(content: str) -> Iterator[Preference]:
    word = "-".join(unquoted(content).split())
    if word in _REFUSED_WORDS or meant(word) is False:
        yield Preference.DISALLOWED
    elif word in _ALLOWED_WORDS or meant(word):
        yield Preference.ALLOWED


def _robots(content: str) -> Iterator[Said]:
    words = set(re.split(r"[\s,]", plain(content)))
    if _AI_ROBOTS & words:
        yield Purpose.TRAIN, Preference.DISALLOWED, Scope.PAGE
    if "noimageai" in words:
        yield Purpose.TRAIN, Preference.DISALLOWED, Scope.ASSET


def _kind(name: str, content: str) -> str | None:
    """The code of a meta that is only recorded."""
    if name in _DISCLOSURE:
        return "ai-disclosure"
    if name == "pinterest":
        return "nopin" if "nopin" in content else None
    if not _CANDIDATE.fullmatch(name) or name in _OTHERS or is_for_robots(name):
        return None
    return "unknown-ai-meta"


def _nopin(page: Page, defects: list[Defect]) -> list[Defect]:
    """The first mark against pinning, where no meta says so."""
    marks = [mark for mark in page.marks if mark.name == "data-pin-nopin"][:1]
    said = any(one.code == "nopin" for one in defects)
    code = "nopin"
    return [] if said else [defect(code, Severity.COSMETIC, _EFFECTS[code], m) for m in marks]


def _statement(meta: Meta, purpose: Purpose, preference: Preference, scope: Scope) -> Statement:
    return Statement(
        purpose, preference, Strictness.LENIENT, scope, quote(meta.raw), line=meta.line
    )


def _defect(code: str, meta: Meta) -> Defect:
    severity = Severity.COSMETIC if code in _NOTES else Severity.VOIDS
    return defect(code, severity, _EFFECTS[code], meta)


SIGNAL = Signal(
    name="html_folk",
    title="Folk metas",
    id="M5",
    spec="https://contentsignals.org/",
    spec_version="no specification",
    status=Status.PROPOSAL,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
)
