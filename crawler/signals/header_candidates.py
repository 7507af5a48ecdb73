"""Response headers that seem to speak about AI and that no specification and no signal knows.

### Syntax

```http
X-AI-Training: disallow
```

Any header whose name has `ai`, `noai`, `tdm` or `train` for one of its words.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| any | unstated | unstated | unstated |

A candidate is never an opt-out: nobody can say what its author means by it.
It is recorded because new signals show up here first (`unknown_ai_header`).

### Precedence

None.

### Malformed values

A value that looks like an answer (`no`, `deny`, `train=n`, `1`) shows that somebody tried to state
a preference: the finding is malformed (`unknown-ai-header`).
Any other value is named and nothing more (`ai-header-candidate`); some such headers are
about another matter, such as whether a text was written by AI.

### Common mistakes

- A header of one's own invention, in the belief that crawlers read it.
- The misspelt name of a header that exists.

### Adoption and readers

None: no header of this kind with documented readers was found (unverified).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from crawler.model import Capture, Defect, Finding, Severity
from crawler.parsers.http import header_values
from crawler.parsers.preference import meant, tolerant
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.tdmrep import POLICY_FIELDS, RESERVATION_FIELDS

MAX_CANDIDATES = 50
_CANDIDATE = re.compile(r"(?:^|[-_])(?:ai|noai|tdm|train)(?:$|[-_])", re.IGNORECASE)
_READ = frozenset((*RESERVATION_FIELDS, *POLICY_FIELDS))
"""Headers with such a name that another signal reads."""
_EFFECTS = {
    "unknown-ai-header": "An invented way to speak about AI: nobody reads it.",
    "ai-header-candidate": "A name that may be about AI; no reader is known.",
}


def find(capture: Capture) -> Finding:
    """Name the candidates among the headers of one answer."""
    if finding := unanswered(capture):
        return finding
    defects = list(islice(_candidates(capture), MAX_CANDIDATES))
    found = conclude([], defects)
    return replace(found, note="unknown_ai_header") if defects else found


def _candidates(capture: Capture) -> Iterator[Defect]:
    """Each name once, with all its values."""
    names = dict.fromkeys(key.decode("latin-1").strip().lower() for key, _ in capture.headers)
    for name in names:
        if name in _READ or not _CANDIDATE.search(name):
            continue
        value = ", ".join(header_values(capture.headers, name))
        code, severity = "ai-header-candidate", Severity.COSMETIC
        if _answers(value):
            code, severity = "unknown-ai-header", Severity.VOIDS
        yield Defect(code, severity, quote(f"{name}: {value}"), _EFFECTS[code])


def _answers(value: str) -> bool:
    pairs = tolerant(value)
    return any(meant(word) is not None for pair in pairs for word in pair)


SIGNAL = Signal(
    name="header_candidates",
    title="Unknown headers about AI",
    id="H8",
    spec="https://www.iana.org/assignments/http-fields/",
    spec_version="no specification",
    status=Status.PROPOSAL,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
)
