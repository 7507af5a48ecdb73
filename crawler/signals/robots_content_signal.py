"""`Content-Signal` lines in `/robots.txt` that say what content may be used for.

### Syntax

```
User-agent: *
Content-Signal: search=yes, ai-train=no
Content-Signal: /press/ search=yes, ai-input=yes, ai-train=yes
Allow: /
```

The line stands in a group and speaks to the group's agents.
Behind the field come an optional path and a blank, then pairs `key=value` with commas.
The keys are `search`, `ai-input` and `ai-train`, the values `yes` and `no`.
Since July 2026 Cloudflare also writes a key `use` with `immediate`, `reference` or `full`.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `ai-train=no` | disallowed | unstated | unstated |
| `ai-input=no` | unstated | disallowed | unstated |
| `search=no` | unstated | unstated | disallowed |
| `use=immediate` | disallowed (derived) | conditional (derived) | disallowed (derived) |
| `use=reference` | disallowed (derived) | conditional (derived) | allowed (derived) |
| `use=full` | allowed (derived) | allowed (derived) | allowed (derived) |

`yes` is *allowed*; a key that is missing is neither a grant nor a restriction.
`search` does not cover summaries written by AI.
There is no official mapping of `use`: ours fills in only what the other keys of the line leave
unsaid.
The comment that Cloudflare puts above its lines calls restrictions made in this way express
reservations under Article 4 of Directive (EU) 2019/790.

### Precedence

The group is chosen as RFC 9309 says.
Nothing is defined for several lines: we take the longest matching path, and where one key has
two values the restrictive one, and name the contradiction.
Whether the path may be fetched at all is decided first, by Allow and Disallow.

### Malformed files

Strictly, keys and values are spelt as above, in lower case.
Our lenient reading also takes `y`, `true`, `allow` and `1` and their opposites, quotation marks,
brackets, semicolons, blanks, colons, `/`, `|`, `+` and the commas of other scripts,
`ai_train`, the labels of AIPREF (`train-ai`, `ai-use`) and a field in the plural.
A line before any group speaks to nobody: read leniently it refuses, and permits nothing.
A line in the group of `*` does not reach crawlers with a group of their own
(`use-line-own-groups`).
The policy text alone, which Cloudflare puts into files of sites that set nothing, is no
statement (note `managed_comment_only`); neither is a line behind a `#` (note `switched_off`).
Lines under Cloudflare's markers have the note `cloudflare_managed`, those under its text without
the markers `cloudflare_preamble`.

### Common mistakes

- The line before the first `User-agent`.
- The line in the group of a single bot only.
- Belief that it keeps anybody from fetching.
- `search=yes` alone, as if it refused AI summaries.
- A second `*` group with other values, below the block that a service puts in front.

### Adoption and readers

On 3.8 million domains by Cloudflare's own count at the start in September 2025; in 271 of 6,638
files of the ten thousand best known sites (secondary source, unverified).
No operator of a large AI crawler says that it reads the line; Google said in July 2026 that it
has no effect (secondary source, unverified).
Cloudflare's own crawl service refuses what a site's `use` excludes.
"""

import re
from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Preference, Purpose, Severity, Strictness
from crawler.parsers.preference import split_path
from crawler.signals.reading.content_signal import EFFECTS, SEVERITIES, fault_codes, spoken
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

FIELDS = frozenset(
    {b"content-signal", b"content-signals", b"content_signal", b"contentsignal", b"content signal"}
)
_MANAGED = b"begin cloudflare managed content"
# Sentences of the policy that Cloudflare puts above its lines, without their comment signs.
_PREAMBLE = re.compile(
    rb"as a condition of accessing this website, you agree to|if a content-signal = (?:yes|no)"
    rb"|any restrictions expressed via content signals are express"
)
_SIGNS = re.compile(rb"[\s#]+")
_SWITCHED_OFF = re.compile(rb"[\s#]*content[-_ ]?signals?[ \t]*:.*=")


def find(capture: Capture) -> Finding:
    """Read all lines of a file."""
    if finding := unread(capture):
        return finding
    lines = fields(capture.body, FIELDS)
    said: list[Said] = []
    defects: list[Defect] = []
    for line in lines:
        if not line.agents:
            defects.append(_defect("content-signal-no-group", line))
            said += refusals_of_nobody(_read(line))
            continue
        spoken = list(_read(line))
        said += spoken
        defects += _faults(line, spoken)
    defects += _contradictions(said)
    defects += unreached(parsed(capture.body), said)
    return ended(capture, said, sorted(defects, key=lambda d: d.line or 0), _note(capture, lines))


def _read(line: Field) -> Iterator[Said]:
    path, value = split_path(line.value)
    exact = line.exact and not (path or "/").startswith("*")
    for one in spoken(value, exact=exact):
        yield Said(line, one.purpose, one.preference, one.strictness, path, derived=one.derived)


def _faults(line: Field, said: list[Said]) -> Iterator[Defect]:
    loose = any(one.strictness is Strictness.LENIENT for one in said)
    codes = fault_codes(split_path(line.value)[1], loose=loose)
    return (_defect(code, line) for code in codes)


def _contradictions(said: list[Said]) -> Iterator[Defect]:
    """Name lines that give another value than an earlier one to an agent of theirs."""
    first: dict[tuple[str, str | None, Purpose], Preference] = {}
    named: set[int] = set()
    for one in said:
        for agent in one.field.agents:
            key = (agent.lower(), one.path, one.purpose)
            differs = first.setdefault(key, one.preference) is not one.preference
            if differs and not one.derived and one.field.number not in named:
                named.add(one.field.number)
                yield _defect("content-signal-contradiction", one.field)


def _note(capture: Capture, lines: list[Field]) -> str | None:
    """Say who wrote the lines, or the comments that stand without one.

    The two forms of Cloudflare's block are kept apart: they lasted differently in October 2026.
    """
    body = capture.body.lower()
    if b"signal" not in body:
        return None
    comments = [line.partition(b"#")[2].lower() for line in parsed(capture.body).raws]
    told = _PREAMBLE.search(_SIGNS.sub(b" ", b" ".join(comments)))
    if lines:
        managed = _MANAGED in body
        return "cloudflare_managed" if managed else "cloudflare_preamble" if told else None
    if told:
        return "managed_comment_only"
    return "switched_off" if any(map(_SWITCHED_OFF.match, comments)) else None


def _defect(code: str, line: Field) -> Defect:
    return defect(code, SEVERITIES.get(code, Severity.VOIDS), EFFECTS[code], line)


SIGNAL = Signal(
    name="robots_content_signal",
    title="Content Signals",
    id="R2",
    spec="https://contentsignals.org/",
    spec_version="unversioned, September 2025; key use of July 2026",
    status=Status.VENDOR,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
    select=longest_match(),
)
