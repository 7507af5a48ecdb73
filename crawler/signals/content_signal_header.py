"""A response header that carries Content Signals, a use that their policy does not define.

### Syntax

```http
Content-Signal: search=yes, ai-train=no
```

The policy of Content Signals knows robots.txt only.
The header is a vendor's practice: pairs `key=value` with commas, with the keys `search`,
`ai-input`, `ai-train` and `use` and the values of the robots.txt line
(`robots_content_signal`).

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
We take the header to speak about the answer that it comes with.

### Precedence

None is defined.
A header that permits all three purposes and restricts nothing is what converters to Markdown send
by default (secondary source, unverified): it is recorded (`permits_everything`) and never combined
with what the site says elsewhere, in robots.txt above all.
Where one key has two values we take the restrictive one, and name the contradiction.

### Malformed values

Strictly, field, keys and values are spelt as above.
Our lenient reading also takes the plural `Content-Signals`, `y`, `true`, `allow` and `1` and their
opposites, quotation marks, brackets, semicolons, blanks, colons, `/`, `|`, `+` and the commas of
other scripts, `ai_train`, and the labels of AIPREF.
A path in front of the pairs belongs into robots.txt: the line says nothing.

### Common mistakes

- The plural `Content-Signals`.
- `allow` and `disallow`, which a published package writes.
- Other values than in the robots.txt of the same site.
- A default of a plug-in that permits what robots.txt refuses.

### Adoption and readers

No figures are known.
Cloudflare's conversion to Markdown and packages for several frameworks send it.
Cloudflare's agent code honours `ai-input=no`; no operator of a large AI crawler says that it reads
the header (secondary source, unverified).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

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
from crawler.parsers.http import header_values
from crawler.parsers.preference import MAX_VALUE, split_path
from crawler.signals.reading.content_signal import EFFECTS, SEVERITIES, Spoken, fault_codes, spoken
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.robots_lines import RESTRICTIVE
from crawler.signals.reading.signal import Carrier, Signal, Status

NAME = "Content-Signal"
VARIANTS = ("Content-Signals", "X-Content-Signal", "Content_Signal", "ContentSignal")
_EFFECTS = EFFECTS | {
    "content-signal-path": "A path belongs into robots.txt: in a header the line says nothing.",
}


def find(capture: Capture) -> Finding:
    """Read the header lines of one answer, however the field is called."""
    if finding := unanswered(capture):
        return finding
    said: list[Spoken] = []
    defects: list[Defect] = []
    lines: list[str] = []
    for name in (NAME, *VARIANTS):
        values = header_values(capture.headers, name)
        if not values:
            continue
        value = ", ".join(values)
        lines.append(f"{name}: {value}")
        if any(split_path(one)[0] is not None for one in values):
            defects.append(_defect("content-signal-path", lines[-1]))
            continue
        own = list(spoken(value, exact=name == NAME))
        loose = any(one.strictness is Strictness.LENIENT for one in own)
        said += own
        defects += [_defect(code, lines[-1]) for code in fault_codes(value, loose=loose)]
    words = " | ".join(lines)
    if _contradicts(said):
        defects.append(_defect("content-signal-contradiction", words))
    statements = list(_statements(said, quote(words)))
    found = conclude(statements, defects, cut=len(words) > MAX_VALUE)
    return replace(found, note="permits_everything") if _permits_everything(statements) else found


def _contradicts(said: Iterable[Spoken]) -> bool:
    first: dict[Purpose, Preference] = {}
    stated = (one for one in said if not one.derived)
    return any(first.setdefault(s.purpose, s.preference) is not s.preference for s in stated)


def _statements(said: Iterable[Spoken], words: str) -> Iterator[Statement]:
    """The most restrictive value of each purpose, for strict readers and for tolerant ones."""
    kept: dict[tuple[Purpose, Strictness], Spoken] = {}
    for one in sorted(said, key=lambda one: (one.derived, RESTRICTIVE.index(one.preference))):
        kept.setdefault((one.purpose, one.strictness), one)
    for one in kept.values():
        yield Statement(
            one.purpose, one.preference, one.strictness, Scope.PAGE, words, derived=one.derived
        )


def _permits_everything(statements: Iterable[Statement]) -> bool:
    found = list(statements)
    return {s.purpose for s in found} == set(Purpose) and all(
        s.preference is Preference.ALLOWED for s in found
    )


def select(statements: tuple[Statement, ...], path: str) -> tuple[Statement, ...]:  # noqa: ARG001
    """All statements, or none where the header is what a converter sends by default."""
    return () if _permits_everything(statements) else statements


def _defect(code: str, words: str) -> Defect:
    return Defect(code, SEVERITIES.get(code, Severity.VOIDS), quote(words), _EFFECTS[code])


SIGNAL = Signal(
    name="content_signal_header",
    title="Content-Signal response header",
    id="H4",
    spec="https://contentsignals.org/",
    spec_version="vendor practice, undefined by the policy of September 2025",
    status=Status.VENDOR,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
    select=select,
)
