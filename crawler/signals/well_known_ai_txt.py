"""A file at `/.well-known/ai.txt` that declares policies on training, scraping and indexing.

### Syntax

```
Site-Name: Harbour Journal
Site-URL: https://harbour-journal.example
Training: conditional
Training-Allow: /free/*
Training-Deny: /archive/*
Indexing: allow
Agent: QuietBot
  Training: deny
```

Lines are `Key: value`, keys in any case; `#` starts a comment, indented lines belong to the
block above them.
`Site-Name` and `Site-URL` are required.
`Training`, `Scraping`, `Indexing` and `Caching` are `allow`, `deny` or `conditional`.
`Training-Allow` and `Training-Deny` are patterns, repeatable, and count where training is
conditional; `Training-License` and `Training-Fee` say on which terms.
An `Agent` block holds policies for one name.
The draft has more fields (attribution, disclosure, audit), which say nothing about use.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `Training: deny` | disallowed | unstated | unstated |
| `Training: conditional` | conditional | unstated | unstated |
| `Training: allow` | allowed | unstated | unstated |
| no `Training` line | disallowed (derived) | unstated | unstated |
| `Training-Allow: /free/*` | allowed there | unstated | unstated |
| `Training-Deny: /archive/*` | disallowed there | unstated | unstated |
| `Indexing: deny` | unstated | disallowed (derived) | disallowed |
| `Indexing: allow` | unstated | allowed (derived) | allowed |
| `Scraping: deny` | disallowed (derived) | disallowed (derived) | disallowed (derived) |
| `Scraping: allow`, `Caching` | unstated | unstated | unstated |

Training is denied by default, and nobody wrote it: that statement is derived, quotes the
`Site-Name` line, and carries the note `training_by_default`.
We draw it only from a file that has both required fields and another policy of the draft, since
many files with a `Site-Name` only describe a site.

### Precedence

The more specific path wins; of several values of one field we take the most restrictive.
Where a JSON twin (`/.well-known/ai.json`) exists, the draft prefers it.

### Malformed files

Without a required field the file is read leniently (`ai-txt-required`).
A value that is none of the three is read leniently if it is understood (`ai-txt-value`).
Other kinds of ai.txt are told apart as at `/ai.txt`, and read leniently; the note names them.

### Common mistakes

- Lines of robots.txt or of Spawning's format at this address.
- Invented lines such as `AI-Training: disallowed`.
- `Training-Allow` without `Training: conditional`.

### Adoption and readers

No count is known, and no operator documents that it reads the file (unverified).
The draft is an individual one, of one author, and expires on 14 December 2026.
"""

from crawler.addresses import web_address
from crawler.model import Capture, Finding
from crawler.parsers import keyvalue
from crawler.signals.reading import ai_txt_kinds, draft_car
from crawler.signals.reading.ai_txt_kinds import Kind
from crawler.signals.reading.draft_car import SPEC, SPEC_VERSION, TWIN
from crawler.signals.reading.readable import soft_404, unreadable
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

_TWIN_PATH = "/.well-known/ai.json"


def find(capture: Capture) -> Finding:
    """Classify one file and read its policies."""
    return ai_txt_kinds.find(capture, Kind.DRAFT_CAR)


def follow(capture: Capture) -> tuple[Link, ...]:
    """The JSON twin of a file of the draft: where `AI-JSON` says, else at its fixed path."""
    if unreadable(capture) or soft_404(capture):
        return ()
    document = keyvalue.parse(capture.body)
    if ai_txt_kinds.classify(document, capture.body) is not Kind.DRAFT_CAR:
        return ()
    named = [pair.value for pair in document.pairs if pair.name.lower() == "ai-json"]
    url = web_address(named[-1] if named else _TWIN_PATH, capture.final_url)
    return (Link(TWIN, url),) if url else ()


SIGNAL = Signal(
    name="well_known_ai_txt",
    title="Well-known ai.txt",
    id="F3",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/.well-known/ai.txt",),
    find=find,
    select=draft_car.select,
    follow=follow,
)
