"""The attribute `data-nosnippet`, which keeps a part of a page out of Google's AI answers.

### Syntax

```html
<p>The first chapter is free to quote.
<span data-nosnippet>The ending is not.</span></p>
```

The attribute is a boolean one and counts on `span`, `div` and `section` only.

### Meaning

| element | whom it concerns | ai_input | train | search |
|---|---|---|---|---|
| `span`, `div`, `section` | Googlebot | disallowed | unstated | unstated |
| any other | | disallowed (lenient) | unstated | unstated |

The text of the element is left out of snippets, and so is no direct input of AI Overviews and
AI Mode (secondary source, unverified).
A statement speaks about the element alone.
Of the scopes that statements have, `asset` is the nearest: a part of the page that is judged
apart from it; `page` would claim more than the author said.

### Precedence

It adds to the robots metas `nosnippet` and `max-snippet`; the more restrictive one holds.

### Malformed values

On another element the attribute has no effect; our lenient reading takes it as meant.
A value is ignored, so that `data-nosnippet="false"` withholds the text all the same.
Attributes inside comments, scripts, templates, text areas and `noscript` are none.

### Common mistakes

- The attribute on `p`, `article`, `main` or `body`.
- `data-nosnippet="false"` to take it back.
- The belief that it keeps the text from training, or from other operators.
- The attribute added by JavaScript after loading: Google advises against it (unverified).

### Adoption and readers

Google documents it since 2019; no other operator says that it reads it (unverified).
Publishers use it on captions, teasers and cookie notices.
"""

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
from crawler.parsers.html.page import Mark
from crawler.signals.reading.html_page import defect, ended, parsed, unread
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status

ELEMENTS = frozenset({"span", "div", "section"})  # Google Search Central, robots meta page
_OFF = frozenset({"false", "0", "no", "off"})
_ELEMENT = "Only span, div and section are looked at: the attribute has no effect here."
_VALUE = "The attribute counts whatever its value: the text is withheld all the same."


def find(capture: Capture) -> Finding:
    """Read the attribute wherever it stands on one page."""
    if finding := unread(capture):
        return finding
    marks = [mark for mark in parsed(capture).marks if mark.name == "data-nosnippet"]
    defects = [found for mark in marks for found in _faults(mark)]
    return ended(capture, [_statement(mark) for mark in marks], defects)


def _statement(mark: Mark) -> Statement:
    return Statement(
        Purpose.AI_INPUT,
        Preference.DISALLOWED,
        Strictness.STRICT if mark.element in ELEMENTS else Strictness.LENIENT,
        Scope.ASSET,
        quote(mark.raw),
        agent="Googlebot",
        line=mark.line,
    )


def _faults(mark: Mark) -> list[Defect]:
    found = []
    if mark.element not in ELEMENTS:
        found.append(defect("nosnippet-element", Severity.VOIDS, _ELEMENT, mark))
    elif mark.value.strip().lower() in _OFF:
        found.append(defect("nosnippet-value", Severity.CHANGES, _VALUE, mark))
    return found


SIGNAL = Signal(
    name="data_nosnippet",
    title="data-nosnippet",
    id="M5",
    spec="https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#data-nosnippet-attr",
    spec_version="vendor documentation as read in November 2026",
    status=Status.VENDOR,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
)
