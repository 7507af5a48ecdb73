"""A file `/llms.txt`: a map of a site for language models, and no opt-out.

### Syntax

```
# Harbour Journal

> News from a small port.

- [Archive](https://harbour-journal.example/archive.md): every article since 1998
```

Markdown: a heading with the name, perhaps a quotation, and lists of links.
It has no vocabulary for permissions.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| the file | unstated | unstated | unstated |
| a sentence that refuses or reserves | disallowed (lenient, derived) | unstated | unstated |
| an invented line (`Disallow-Training: /`) | lenient, derived | as written | as written |

The file is recognised so that nobody counts it: that it is there is neither consent nor refusal
(note `not_an_opt_out`).
Some sites write reservations into it; these are read as in the comments of robots.txt.

### Precedence

None is defined.

### Malformed files

A file with a reservation in words or invented lines is malformed: no strict reader gets
anything out of it.
A text without heading, quotation or link is no llms.txt (note `not_llms_txt`).

### Common mistakes

- The belief that the file gives or refuses a permission.
- Lines of robots.txt in it.
- Somebody else's words: parking pages of a registrar are reported to serve
  `Disallow-Training: /` here (secondary source, unverified).

### Adoption and readers

49,629 of about four million domains in 2025; in another study a plug-in for a content management
system had signed a third of the files (secondary sources, unverified).
Google says that it does not use it (secondary source, unverified).
"""

import re

from crawler.model import Capture, Finding, Reading
from crawler.parsers.keyvalue import parse
from crawler.signals.reading import file_prose, file_words
from crawler.signals.reading.readable import conclude, is_cut, soft_404, unreadable
from crawler.signals.reading.signal import Carrier, Signal, Status

_MARKDOWN = re.compile(r"^[ \t]*+(?:#{1,6}[ \t]*+\S|>[ \t]*+\S|[-*][ \t]++\[)", re.MULTILINE)


def find(capture: Capture) -> Finding:
    """Recognise one file, and read what is in it for a reservation."""
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    document = parse(capture.body)
    cut = is_cut(capture) or document.cut
    statements, defects = file_words.read(document)
    note = "own_words" if statements else "prose"
    if not statements:
        statements = file_prose.read(document.text)
        cut = cut or file_prose.goes_on(document.text)
    if statements:
        return conclude(statements, defects, cut=cut, note=note)
    if _MARKDOWN.search(document.text):
        return Finding(Reading.PRESENT, note="truncated" if cut else "not_an_opt_out")
    return conclude([], [], cut=cut, note="not_llms_txt" if capture.body.strip() else None)


SIGNAL = Signal(
    name="llms_txt",
    title="llms.txt (not an opt-out)",
    id="F6",
    spec="https://llmstxt.org/",
    spec_version="second text, August 2026 (unverified)",
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/llms.txt",),
    find=find,
)
