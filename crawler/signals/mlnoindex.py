"""The proposal MLNoIndex: a meta for a page, an attribute for a part of it.

### Syntax

```html
<head>
  <meta name="mlnoindex" content="true">
</head>
<p mlnoindex>Not for machine learning.</p>
<p mlnoindex="true">Neither is this.</p>
```

The attribute may stand on any element.

### Meaning

| where | train | ai_input | search |
|---|---|---|---|
| the meta, for the page | disallowed | disallowed (derived) | unstated |
| the attribute, for the element | disallowed | disallowed (derived) | unstated |

The proposal speaks of crawlers that collect data for machine learning or index it for that; that
this covers what a model is given at answer time is our reading.
A statement of the attribute has the scope `asset`: a part of the page, judged apart from it.

### Precedence

None is defined; of opposite metas we take the restrictive one.

### Malformed values

Strictly, the meta stands in the head, has a `name` and the content `true`, and the attribute is
empty or `true`.
Our lenient reading also takes the meta in the body, `property` or `http-equiv` for `name`, an
empty content, and the values `1`, `yes` and the attribute's own name.
`false`, `0` and `no` say nothing: the proposal has no word for permission.
Elements inside comments, scripts, templates, text areas and `noscript` are none.

### Common mistakes

- `content="1"` or no content at all.
- The belief that any crawler reads it.

### Adoption and readers

No reader is known, and no survey counts it.
"""

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
from crawler.parsers.html.page import Mark, Meta
from crawler.parsers.spelling import unquoted
from crawler.signals.reading.html_page import defect, ended, parsed, unread
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status

NAME = "mlnoindex"
_YES = frozenset({"true", "1", "yes", "", NAME})
_NO = frozenset({"false", "0", "no"})
_MEANINGS = ((Purpose.TRAIN, False), (Purpose.AI_INPUT, True))  # mlnoindex.org, section 2
_EFFECTS = {
    "mlnoindex-attribute": "The name is given by another attribute than `name`.",
    "mlnoindex-in-body": "The element stands in the body: readers of the head miss it.",
    "mlnoindex-value": "The value is not `true`: strict readers get nothing.",
    "mlnoindex-contradiction": "Both `true` and `false` are given; we take the restriction.",
}
_SEVERITIES = {
    "mlnoindex-in-body": Severity.RISKS,
    "mlnoindex-contradiction": Severity.CHANGES,
}


def find(capture: Capture) -> Finding:
    """Read the meta and the attribute of one page."""
    if finding := unread(capture):
        return finding
    page = parsed(capture)
    metas = [meta for meta in page.metas if NAME in _names(meta)]
    marks = [mark for mark in page.marks if mark.name == NAME]
    said: list[tuple[Meta | Mark, str, list[str]]] = []
    said += [(meta, meta.content or "", _faults(meta)) for meta in metas]
    said += [(mark, mark.value, _value_faults(mark.value or "true")) for mark in marks]
    statements = [s for tag, value, faults in said for s in _statements(tag, value, faults)]
    defects = [_defect(code, tag) for tag, _, faults in said for code in faults]
    return ended(capture, statements, defects + _contradictions(metas))


def _names(meta: Meta) -> set[str]:
    return {(name or "").strip().lower() for name in (meta.name, meta.property, meta.http_equiv)}


def _word(value: str) -> str:
    return value.strip().lower()


def _faults(meta: Meta) -> list[str]:
    faults = _value_faults(meta.content or "")
    if _word(meta.content or "") in _NO:
        return faults
    if _word(meta.name or "") != NAME:
        faults.append("mlnoindex-attribute")
    if not meta.in_head:
        faults.append("mlnoindex-in-body")
    return faults


def _value_faults(value: str) -> list[str]:
    """`false` is no fault: it says nothing and means to."""
    return [] if _word(value) == "true" or _word(value) in _NO else ["mlnoindex-value"]


def _statements(tag: Meta | Mark, value: str, faults: list[str]) -> Iterator[Statement]:
    if _word(unquoted(value)) not in _YES:
        return
    for purpose, derived in _MEANINGS:
        yield Statement(
            purpose,
            Preference.DISALLOWED,
            Strictness.LENIENT if faults else Strictness.STRICT,
            Scope.PAGE if isinstance(tag, Meta) else Scope.ASSET,
            quote(tag.raw),
            line=tag.line,
            derived=derived,
        )


def _contradictions(metas: list[Meta]) -> list[Defect]:
    values = [_word(meta.content or "") for meta in metas]
    if not (_YES & set(values) and _NO & set(values)):
        return []
    negative = next(meta for meta, value in zip(metas, values, strict=True) if value in _NO)
    return [_defect("mlnoindex-contradiction", negative)]


def _defect(code: str, tag: Meta | Mark) -> Defect:
    return defect(code, _SEVERITIES.get(code, Severity.VOIDS), _EFFECTS[code], tag)


SIGNAL = Signal(
    name="mlnoindex",
    title="MLNoIndex",
    id="M5",
    spec="https://mlnoindex.org/",
    spec_version="proposal as read in November 2026",
    status=Status.PROPOSAL,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
)
