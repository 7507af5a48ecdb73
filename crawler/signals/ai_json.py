"""The JSON twin of `/.well-known/ai.txt`, usually at `/.well-known/ai.json`.

### Syntax

```json
{
  "specVersion": "1.0",
  "site": {"name": "Harbour Journal", "url": "https://harbour-journal.example"},
  "policies": {"training": "deny", "indexing": "allow"},
  "agents": {"QuietBot": {"training": "deny"}}
}
```

`policies` and the members of `agents` have the fields and values of the text file.
Paths are `trainingPaths` with the lists `allow` and `deny`, as the author's own program writes
them (unverified in the draft).
We ask for it only where the text file is one of the draft: at the address that its `AI-JSON`
line names, else at the fixed path.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `"training": "deny"` | disallowed | unstated | unstated |
| `"training": "conditional"` | conditional | unstated | unstated |
| `"training": "allow"` | allowed | unstated | unstated |
| `policies` without `training` | disallowed (derived) | unstated | unstated |
| `"indexing": "deny"` | unstated | disallowed (derived) | disallowed |
| `"indexing": "allow"` | unstated | allowed (derived) | allowed |
| `"scraping": "deny"` | disallowed (derived) | disallowed (derived) | disallowed (derived) |

### Precedence

Where both exist the draft prefers this file to the text; we keep what both say.

### Malformed files

Strictly, `specVersion` and `policies` are there and a policy is one of the three words.
Without `specVersion` the file is read leniently (`ai-txt-required`); so are other words that
are understood, trailing commas and a byte-order mark.
Objects of other proposals at the same address are read for invented permissions, leniently.

### Common mistakes

- A description of the site under this name, as in files of public repositories.
- `"training": "allowed"` instead of `"allow"`.

### Adoption and readers

No count is known, and no operator documents that it reads the file (unverified).
"""

from crawler.model import Capture, Finding, Severity, Statement
from crawler.parsers.jsontext import Object
from crawler.signals.reading import draft_car, file_words
from crawler.signals.reading.draft_car import PATHS, POLICIES, SPEC, SPEC_VERSION, TWIN, Claim
from crawler.signals.reading.json_file import is_exact, opened
from crawler.signals.reading.readable import MAX_STATEMENTS, conclude, is_cut, leniently, quote
from crawler.signals.reading.robots_lines import MAX_AGENTS
from crawler.signals.reading.signal import Carrier, Signal, Status

_MARKS = (b'"policies"', b'"specversion"', b"training")


def find(capture: Capture) -> Finding:
    """Read the policies of one file."""
    found = opened(capture, _MARKS)
    if isinstance(found, Finding):
        return found
    value, defects = found
    cut = is_cut(capture)
    policies = value.get("policies")
    if not isinstance(policies, Object) or not policies.keys() & POLICIES:
        statements, words = file_words.in_json(value)
        kind = "own_words" if statements else "not_ai_json"
        return conclude(statements, words + (defects if statements else []), cut=cut, note=kind)
    statements, wrong = draft_car.decide(_claims(value, policies))
    statements += _paths(value, policies)
    default = "training" not in policies
    if default:
        statements.append(draft_car.by_default('"policies"', policies.line))
    if not isinstance(value.get("specVersion"), str):
        missing = Claim("", "", "*", "specVersion", value.line)
        wrong.append(draft_car.defect("ai-txt-required", Severity.VOIDS, missing))
        statements = leniently(statements)
    if not is_exact(defects):
        statements = leniently(statements)
    note = "training_by_default" if default else None
    return conclude(statements, defects + wrong, cut=cut, note=note)


def _claims(value: Object, policies: Object) -> list[Claim]:
    agents = value.get("agents")
    named = list(agents.items())[:MAX_AGENTS] if isinstance(agents, Object) else []
    blocks: list[tuple[str, object]] = [("*", policies), *named]
    return [
        Claim(policy, said, quote(agent), f'"{policy}": "{said[:200]}"', block.line)
        for agent, block in blocks
        if isinstance(block, Object)
        for policy, said in block.items()
        if policy in POLICIES and isinstance(said, str)
    ]


def _paths(value: Object, policies: Object) -> list[Statement]:
    """Path rules, which count where training is conditional, as in the text."""
    paths = value.get("trainingPaths")
    if not isinstance(paths, Object):
        return []
    listed = [
        draft_car.path_rule(path, PATHS[f"training-{key}"], f'"{key}": "{path[:200]}"', paths.line)
        for key in ("allow", "deny")
        for path in _texts(paths.get(key))
    ]
    return listed if policies.get("training") == "conditional" else leniently(listed)


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, str) and one][: MAX_STATEMENTS + 1]


SIGNAL = Signal(
    name="ai_json",
    title="Well-known ai.json",
    id="F3",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=(TWIN,),
    find=find,
    select=draft_car.select,
)
