"""A file at `/.well-known/agent-permissions.json` on what an agent may do in a site's pages.

### Syntax

```json
{
  "resource_rules": [{"verb": "submit_form", "selector": "*", "allowed": false}],
  "action_guidelines": [{"directive": "SHOULD NOT", "description": "Book without a person."}]
}
```

A proposal of January 2026.
Rules allow, deny or make an agent ask for actions: reading content or metadata, following links,
clicking, filling in and submitting forms, running scripts, copying.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `resource_rules`, `action_guidelines` | unstated | unstated | unstated |
| an invented permission such as `"training": "denied"` | lenient | lenient | lenient |

The file is about agents that act, not about training or indexes, so its rules make no statement.
It is read so that nobody counts it for one.

### Precedence

None that touches use.

### Malformed files

A file of the proposal that is not JSON, or not to a strict reader, is malformed.
Objects of other shapes are read for invented permissions, leniently (note `own_words`).

### Common mistakes

- Policies on training under this name: no reader looks for them here.

### Adoption and readers

No count and no reader is known (unverified).
"""

from crawler.model import Capture, Finding, Reading
from crawler.signals.reading import file_words
from crawler.signals.reading.json_file import is_exact, opened
from crawler.signals.reading.readable import conclude, is_cut
from crawler.signals.reading.signal import Carrier, Signal, Status

_MEMBERS = ("resource_rules", "action_guidelines")
_MARKS = tuple(name.encode() for name in _MEMBERS)


def find(capture: Capture) -> Finding:
    """Recognise one file, and read invented permissions in it."""
    found = opened(capture, _MARKS)
    if isinstance(found, Finding):
        return found
    value, defects = found
    cut = is_cut(capture)
    known = any(isinstance(value.get(name), list) for name in _MEMBERS)
    statements, words = file_words.in_json(value)
    if statements or not known or not is_exact(defects):
        note = "own_words" if statements else "about_actions" if known else "other_format"
        form = defects if known else []
        return conclude(statements, words + form, cut=cut, note=note)
    note = "truncated" if cut else "about_actions"
    return Finding(Reading.PRESENT, defects=tuple(defects), note=note)


SIGNAL = Signal(
    name="agent_permissions_json",
    title="Agent permissions (no use of content)",
    id="F5",
    spec="https://github.com/las-wg",
    spec_version="proposal of January 2026 (unverified)",
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/.well-known/agent-permissions.json",),
    find=find,
)
