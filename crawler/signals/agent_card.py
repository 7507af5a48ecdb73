"""A file at `/.well-known/agent-card.json` that offers an agent of the site: no opt-out.

### Syntax

```json
{
  "name": "Harbour desk",
  "url": "https://harbour-journal.example/agent",
  "skills": [{"id": "archive", "name": "Search the archive"}]
}
```

A JSON object with a `name` and a list of `skills`.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| the file | unstated | unstated | unstated |

The file is recognised so that nobody counts it (note `not_an_opt_out`).
Of the files that offer something to agents this one only is asked for, since it is the one whose
address a living protocol fixes (unverified): each further address costs every site a request.
Not asked for are `/.well-known/ai-plugin.json`, which has been dead since 2024,
`/.well-known/agents.json`, `/.well-known/mcp.json` and `/.well-known/ai-catalog.json`, which say
nothing about use either, and `/llms-full.txt`, which repeats a site's content.

### Precedence

None: it makes no statement.

### Malformed files

A card that is not JSON, or not to a strict reader, is malformed.
A JSON object of another kind is no card (note `not_agent_card`).

### Common mistakes

- Policies on training in it: no reader looks for them here.

### Adoption and readers

No count was read (unverified).
"""

from crawler.model import Capture, Finding, Reading
from crawler.signals.reading.json_file import is_exact, opened
from crawler.signals.reading.readable import conclude, is_cut
from crawler.signals.reading.signal import Carrier, Signal, Status

_MARKS = (b'"skills"', b'"protocolversion"')


def find(capture: Capture) -> Finding:
    """Recognise one card."""
    found = opened(capture, _MARKS)
    if isinstance(found, Finding):
        return found
    value, defects = found
    if not isinstance(value.get("skills"), list) or not isinstance(value.get("name"), str):
        return conclude([], [], cut=is_cut(capture), note="not_agent_card")
    if not is_exact(defects):
        return conclude([], defects, cut=is_cut(capture), note="not_an_opt_out")
    note = "truncated" if is_cut(capture) else "not_an_opt_out"
    return Finding(Reading.PRESENT, defects=tuple(defects), note=note)


SIGNAL = Signal(
    name="agent_card",
    title="Agent card (not an opt-out)",
    id="F6",
    spec="https://a2a-protocol.org/",
    spec_version="Agent2Agent protocol as known in November 2026 (unverified)",
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/.well-known/agent-card.json",),
    find=find,
)
