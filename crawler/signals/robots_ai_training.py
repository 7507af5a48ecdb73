"""`DisallowAITraining` and `AllowAITraining` rules in `/robots.txt`.

### Syntax

```
User-agent: *
DisallowAITraining: /
AllowAITraining: /press/
Allow: /
```

The rules stand in a group and take a path pattern, as Allow and Disallow do.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `DisallowAITraining: /path` | disallowed | unstated | unstated |
| `AllowAITraining: /path` | allowed | unstated | unstated |

### Precedence

The longest matching pattern decides, at the same length the allowing one (the detail is taken
over from Allow and Disallow; unverified for this draft).

### Malformed files

Strictly, a pattern starts with `/` or `*`; no pattern means nothing.
Our lenient reading puts a missing slash in front, and takes `yes` and `true` for the whole site.
A rule before any group speaks to nobody: read leniently it refuses, and permits nothing.

### Common mistakes

- `yes` in place of a path.
- The line before the first `User-agent`.
- Google's reader of robots.txt knows fields by their first letters: it takes the line for
  `Disallow` and stays away altogether.

### Adoption and readers

The draft of October 2024 by an author at Microsoft expired; its revision of April 2025 gave up
the two fields.
Generators of websites still write them; nobody documents that they are read.
"""

from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Preference, Purpose, Severity, Strictness
from crawler.parsers.preference import meant
from crawler.signals.reading.robots_lines import (
    RESOURCE,
    Field,
    Said,
    defect,
    ended,
    fields,
    longest_match,
    parsed,
    refusals_of_nobody,
    unread,
)
from crawler.signals.reading.robots_reach import unreached
from crawler.signals.reading.signal import Carrier, Signal, Status

_DISALLOW, _ALLOW = "disallowaitraining", "allowaitraining"
_HYPHENS = {"disallow-ai-training": _DISALLOW, "allow-ai-training": _ALLOW}
FIELDS = frozenset(name.encode() for name in (_DISALLOW, _ALLOW, *_HYPHENS))
_EFFECTS = {
    "ai-training-no-group": "Before any user-agent line: the rule speaks to nobody.",
    "ai-training-empty": "No path: the rule concerns nothing, as an empty Disallow.",
    "ai-training-path": "The pattern does not start with a slash: it matches no path.",
    "ai-training-field": "The field is spelt otherwise: strict readers do not know it.",
}


def find(capture: Capture) -> Finding:
    """Read all rules of a file."""
    if finding := unread(capture):
        return finding
    lines = fields(capture.body, FIELDS)
    said = [one for line in lines if line.agents for one in _read(line)]
    said += refusals_of_nobody(one for line in lines if not line.agents for one in _read(line))
    defects = [found for line in lines for found in _faults(line)]
    return ended(capture, said, [*defects, *unreached(parsed(capture.body), said)])


def _read(line: Field) -> Iterator[Said]:
    live = line.value.startswith(("/", "*"))
    strictness = Strictness.STRICT if live and line.exact else Strictness.LENIENT
    forbids = _HYPHENS.get(line.name, line.name) == _DISALLOW
    path: str | None = line.value
    if not live:
        answer = meant(line.value.lower())
        if answer is False:  # "DisallowAITraining: no"
            forbids = not forbids
        path = f"/{line.value}" if answer is None else None
    if line.value:
        preference = Preference.DISALLOWED if forbids else Preference.ALLOWED
        yield Said(line, Purpose.TRAIN, preference, strictness, path)


def _faults(line: Field) -> Iterator[Defect]:
    code, severity = None, Severity.VOIDS
    if not line.agents:
        code = "ai-training-no-group"
    elif not line.value:
        code, severity = "ai-training-empty", Severity.COSMETIC
    elif not line.value.startswith(("/", "*")):
        code = "ai-training-path"
    elif not line.exact:
        code = "ai-training-field"
    if code:
        yield defect(code, severity, _EFFECTS[code], line)


SIGNAL = Signal(
    name="robots_ai_training",
    title="DisallowAITraining rules",
    id="R5",
    spec="https://datatracker.ietf.org/doc/draft-canel-robots-ai-control/00/",
    spec_version="draft-canel-robots-ai-control-00, October 2024",
    status=Status.ABANDONED,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
    select=longest_match((Preference.ALLOWED, Preference.DISALLOWED)),
)
