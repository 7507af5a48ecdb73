"""The AI Policy Manifest at `/.well-known/ai-policy.json`, a proposal of Maango.

### Syntax

```json
{
  "version": "1.0",
  "domain": "harbour-journal.example",
  "permissions": {"training": "block", "search": "allow", "ai_input": "allow"},
  "bots": {"blocked": ["QuietBot"]}
}
```

`version`, `domain` (a name without scheme) and `permissions` are required.
The three permissions are `allow` or `block`.
`bots` may list user agents as `blocked` or `allowed`.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `"training": "block"` | disallowed | unstated | unstated |
| `"training": "allow"` | allowed | unstated | unstated |
| `"search": "block"` | unstated | unstated | disallowed |
| `"search": "allow"` | unstated | unstated | allowed |
| `"ai_input": "block"` | unstated | disallowed | unstated |
| `"ai_input": "allow"` | unstated | allowed | unstated |
| a name in `bots.blocked` | disallowed for it | disallowed for it | disallowed for it |
| a name in `bots.allowed` | unstated | unstated | unstated |

The proposal tells agents to take a missing permission for `allow`; we state nothing then.
A name in `bots.allowed` may come in, and stays bound by the permissions.

### Precedence

A bot's own entry adds to the permissions; of several purposes the most restrictive counts.

### Malformed files

A missing `version` or `domain` (`ai-policy-required`), another site's domain
(`ai-policy-domain`), other words for allow and block (`ai-policy-value`), trailing commas and a
byte-order mark leave a lenient reading.
Objects of other shapes under this name, as files of public repositories have them, are read for
invented permissions, leniently (note `own_words`).

### Common mistakes

- A shape of one's own: `"policy": {"ai_training": "disallowed"}`.
- `"blocked"` or `false` instead of `"block"`.

### Adoption and readers

No count is known; the proposer's own tools read it, nobody else is known to (unverified).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from crawler.addresses import host_of
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
from crawler.parsers.jsontext import Object
from crawler.signals.reading import file_words
from crawler.signals.reading.file_words import permission
from crawler.signals.reading.json_file import is_exact, opened
from crawler.signals.reading.readable import conclude, is_cut, leniently, quote
from crawler.signals.reading.robots_lines import MAX_AGENTS
from crawler.signals.reading.signal import Carrier, Signal, Status

_MARKS = (b"permissions", b"training", b"ai_input")
_PURPOSES = {
    "training": Purpose.TRAIN,
    "search": Purpose.SEARCH,
    "ai_input": Purpose.AI_INPUT,
}
_NO_NAME = re.compile(r"[/?#@:\\]")
_VALUES = {"allow": Preference.ALLOWED, "block": Preference.DISALLOWED}
_EFFECTS = {
    "ai-policy-required": "A required member is missing: strict readers refuse the file.",
    "ai-policy-domain": "The file names another site: strict readers do not apply it here.",
    "ai-policy-value": "Neither allow nor block: strict readers pass it over.",
}


def find(capture: Capture) -> Finding:
    """Read the permissions of one file."""
    found = opened(capture, _MARKS)
    if isinstance(found, Finding):
        return found
    value, defects = found
    cut = is_cut(capture)
    permissions = value.get("permissions")
    if not isinstance(permissions, Object) or not permissions.keys() & _PURPOSES.keys():
        statements, words = file_words.in_json(value)
        note = "own_words" if statements else "not_ai_policy"
        return conclude(statements, words + (defects if statements else []), cut=cut, note=note)
    wrong = _head(value, capture.final_url)
    exact = is_exact(defects) and not wrong
    statements = [*_permissions(permissions), *_blocked(value.get("bots"))]
    wrong += [
        _defect("ai-policy-value", _shown(name, said), permissions.line)
        for name, said in permissions.items()
        if name in _PURPOSES and not (isinstance(said, str) and said in _VALUES)
    ]
    statements = statements if exact else leniently(statements)
    return conclude(statements, defects + wrong, cut=cut)


def _head(value: Object, url: str) -> list[Defect]:
    defects = [
        _defect("ai-policy-required", name, value.line)
        for name in ("version", "domain")
        if not isinstance(value.get(name), str)
    ]
    domain = value.get("domain")
    if isinstance(domain, str) and not _is_own(domain, url):
        defects.append(_defect("ai-policy-domain", _shown("domain", domain), value.line))
    return defects


def _is_own(domain: str, url: str) -> bool:
    """Say whether a domain is the host of an address, or one of the two holds the other."""
    if _NO_NAME.search(domain):
        return False
    host = host_of(url).removeprefix("www.")
    name = host_of(f"https://{domain.strip()}/").removeprefix("www.")
    return bool(name) and (host == name or host.endswith(f".{name}") or name.endswith(f".{host}"))


def _permissions(permissions: Object) -> Iterator[Statement]:
    for name, purpose in _PURPOSES.items():
        said = permissions.get(name)
        if not isinstance(said, str | bool):
            continue
        words = _shown(name, said)
        if preference := _VALUES.get(str(said)):
            yield _statement(purpose, preference, words, permissions.line)
        elif preference := permission(str(said).lower()):
            yield from leniently([_statement(purpose, preference, words, permissions.line)])


def _blocked(bots: object) -> Iterator[Statement]:
    listed = bots.get("blocked") if isinstance(bots, Object) else None
    if not isinstance(listed, list) or not isinstance(bots, Object):
        return
    names = dict.fromkeys(name.strip() for name in listed if isinstance(name, str))
    for name in [name for name in names if name][:MAX_AGENTS]:
        for purpose in Purpose:
            raw = _shown("blocked", name)
            denied = _statement(purpose, Preference.DISALLOWED, raw, bots.line)
            yield replace(denied, agent=quote(name))


def _statement(purpose: Purpose, preference: Preference, raw: str, line: int) -> Statement:
    return Statement(purpose, preference, Strictness.STRICT, Scope.SITE, quote(raw), line=line)


def _shown(name: str, said: object) -> str:
    if isinstance(said, str):
        return f'"{name}": "{said[:200]}"'
    return f'"{name}": {str(said).lower() if isinstance(said, bool) else "…"}'


def _defect(code: str, raw: str, line: int) -> Defect:
    return Defect(code, Severity.VOIDS, quote(raw), _EFFECTS[code], line)


SIGNAL = Signal(
    name="ai_policy_json",
    title="AI Policy Manifest",
    id="F5",
    spec="https://github.com/maango-io/ai-policy",
    spec_version="version 1.0, April 2026",
    status=Status.PROPOSAL,
    carrier=Carrier.FILE,
    resources=("/.well-known/ai-policy.json",),
    find=find,
)
