"""`Content-Usage` rules in `/robots.txt`: the preferences of the IETF's AIPREF drafts.

### Syntax

```
User-agent: *
Disallow: /private/
Content-Usage: train-ai=n, ai-use=n
Content-Usage: /press/ train-ai=y, ai-use=y, search=y
```

Behind the field come an optional path and a blank, then a Dictionary of RFC 9651 whose members
are `label=y` or `label=n`.
The labels are `train-ai`, `ai-use` and `search` (vocabulary of September 2026), in lower case.
Parameters (`;x=1`) are allowed and mean nothing; of a repeated label the last one counts.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `train-ai=n` | disallowed | unstated | unstated |
| `ai-use=n` | unstated | disallowed | unstated |
| `search=n` | unstated | unstated | disallowed |

`y` is *allowed*; any other value, and a label that is missing, is unknown.
A `#` starts a comment, also inside the value.

### Precedence

The line is a rule, unlike other additions to robots.txt: it ends a list of agents.
A parser that knows RFC 9309 only does not end the list there; where that makes another group we
say so (`content-usage-grouping`).
The rules with the longest matching path hold; of several with the same path the most restrictive,
which is the opposite of Allow and Disallow.
A path that must not be fetched has no preference.

### Malformed files

A value that is no Dictionary (a capital letter in a label, a comma at the end, blanks in place of
commas, a colon) says nothing at all.
Of a repeated label the lenient reading takes the refusal, and no yes beside an unknown value.
A line before any group refuses leniently, and permits nothing.
Our lenient reading forgives these, and quotation marks, brackets, `/` and `|`; it takes
`yes`, `no`, `1`, `0`, the labels of earlier drafts
(`ai`, `genai`, `train-genai`; `inference`, `ai-output`; `tdm`, `all`, `bots` for whatever the line
does not say itself) and those of Content Signals.
Parameters of Creative Commons' draft signals (`ai-use=n;exceptions=cc-cr`) name terms on which
the use is granted after all: we read *conditional* and note it (`cc_signal`). An AIPREF reader
sees `n`.

### Common mistakes

- `ai=n`, the example of the first drafts.
- `train-ai=no`.
- The keys of Content Signals.
- A path that starts with `*`.

### Adoption and readers

No figures are known.
Modules for web frameworks and content management systems write it; no operator of a crawler
documents that it reads it (secondary source, unverified).
"""

from collections.abc import Iterator
from dataclasses import replace

from crawler.model import Access, Capture, Defect, Extent, Finding, Preference, Severity, Strictness
from crawler.parsers.preference import conditions, dictionary, split_path
from crawler.parsers.robots import rfc9309, syntax
from crawler.signals.reading.content_usage import (
    EFFECTS,
    LABELS,
    SEVERITIES,
    contradicts,
    fault_codes,
    lenient_beside,
    preference,
)
from crawler.signals.reading.robots_lines import (
    RESOURCE,
    Field,
    Said,
    defect,
    ended,
    fields,
    longest_match,
    names_of,
    parsed,
    refusals_of_nobody,
    unread,
)
from crawler.signals.reading.robots_reach import unreached
from crawler.signals.reading.signal import Carrier, Signal, Status

FIELDS = frozenset({b"content-usage", b"content_usage", b"contentusage", b"content usage"})


def find(capture: Capture) -> Finding:
    """Read all rules of a file."""
    if finding := unread(capture):
        return finding
    usual = {line.number: line.agents for line in fields(capture.body, FIELDS)}
    policy = rfc9309.read(parsed(capture.body))
    said: list[Said] = []
    defects: list[Defect] = []
    note = None
    for line in fields(capture.body, FIELDS, rule=True):
        if line.agents != usual[line.number]:
            defects.append(_defect("content-usage-grouping", line))
        if not line.agents:
            defects.append(_defect("content-usage-no-group", line))
            said += refusals_of_nobody(_read(line))
            continue
        read = list(_read(line))
        moved = line.agents != usual[line.number]
        alive = [
            one
            for each in read
            for one in (
                [each]  # by the rule's own grouping the Disallow is another group's
                if moved and each.preference is not Preference.ALLOWED
                else _fetchable(each, capture.body, policy)
            )
        ]
        if read and not alive:
            defects.append(_defect("content-usage-disallowed", line))
        said += alive
        defects += _faults(line)
        note = "cc_signal" if "exceptions=cc-" in line.value else note
    defects += unreached(parsed(capture.body), said)
    return ended(capture, said, defects, note)


def _read(line: Field) -> Iterator[Said]:
    answers, path = strict_labels(line)
    conditional = conditions(_value(line))
    strict = {}
    for label, purpose in LABELS.items():
        answer = answers.get(label)
        if answer is not None:
            terms = label in conditional
            strict[purpose] = Preference.CONDITIONAL if terms else preference(answer)
            yield Said(line, purpose, strict[purpose], Strictness.STRICT, path, derived=terms)
    path, value = split_path(line.value)
    for purpose, given in lenient_beside(strict, value):
        yield Said(line, purpose, given, Strictness.LENIENT, path)


def _fetchable(said: Said, body: bytes, policy: rfc9309.Policy) -> Iterator[Said]:
    """What one rule says, for each agent, about paths that robots.txt lets it fetch.

    Paths that cannot be crawled have no associated preference: draft-ietf-aipref-attach-05,
    section 3. Where a rule's own path is closed, the paths below it that are opened are left.
    """
    for agent in said.field.agents:
        own = replace(said, field=replace(said.field, agents=(agent,)))
        if said.path is None:
            closed = policy.decide(agent).extent in (Extent.ALL, Extent.ALL_BUT)
        else:
            closed = policy.allowed(agent, said.path)[0] is Access.DISALLOWED
        if not closed:
            yield own
            continue
        for opened in _opened(body, agent):
            inside = opened.startswith((said.path or "").rstrip("*"))
            if inside and policy.allowed(agent, opened.rstrip("*$"))[0] is Access.ALLOWED:
                yield replace(own, path=opened)


def _opened(body: bytes, agent: str) -> Iterator[str]:
    """The patterns of the Allow rules in an agent's groups."""
    for block in syntax.blocks(parsed(body).records):
        if agent in names_of(block):
            yield from (value.decode("utf-8", "replace") for *_, value in block.allows if value)


def strict_labels(line: Field) -> tuple[dict[str, bool | None], str | None]:
    """Labels of the current vocabulary by the letter, and the path; a path starts with `/`."""
    path = split_path(line.value)[0] if line.value.startswith("/") else None
    members = dictionary(_value(line)) if line.exact else None
    return {k: v for k, v in (members or {}).items() if k in LABELS}, path


def _value(line: Field) -> str:
    """The value behind a path that starts with `/`."""
    return split_path(line.value)[1] if line.value.startswith("/") else line.value


def _faults(line: Field) -> Iterator[Defect]:
    value = _value(line)
    members = dictionary(value) if line.exact else None
    codes = list(fault_codes(value, members))
    if members and contradicts(value):
        codes.append("content-usage-contradiction")
    return (_defect(code, line) for code in codes)


def _defect(code: str, line: Field) -> Defect:
    return defect(code, SEVERITIES.get(code, Severity.VOIDS), EFFECTS[code], line)


SIGNAL = Signal(
    name="robots_content_usage",
    title="AIPREF Content-Usage",
    id="R3",
    spec="https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/",
    spec_version="draft-ietf-aipref-attach-05 and draft-ietf-aipref-vocab-08, 2026",
    status=Status.DRAFT,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
    select=longest_match(),
)
