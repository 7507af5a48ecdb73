"""Text fields of sound, pictures and films that people have invented for a wish.

### Syntax

```
TDM-RESERVATION=1                       (Vorbis comment of a FLAC or Ogg file)
TXXX:TDM-RESERVATION 1                  (ID3 tag of an MP3)
```

No tag of ID3, Vorbis or PNG is defined for AI; these are fields that anybody may name.
Read are `tdm-reservation` and `tdm-policy`, with hyphen, underscore or colon.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `1` | disallowed | disallowed (derived) | unstated |
| `1` and a policy | conditional | conditional (derived) | unstated |
| `0` | allowed | unstated | unstated |

No specification has the fields here, so every statement is lenient.
What is said holds for this work alone (scope *asset*).

### Precedence

None is known.

### Malformed values

The values `true`, `yes`, `false` and `no` are taken too.
Of opposite values the more restrictive one is taken.

### Common mistakes

- The belief that anybody reads the field.

### Adoption and readers

No reader is known. Nothing is counted anywhere.
"""

from crawler.model import Capture, Defect, Finding, Scope, Severity
from crawler.parsers.containers.segment import Kind, Segment
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.tdmrep import Claim, decide
from crawler.signals.reading.work import WORKS, ended, extracted, unread

_EFFECT = "No specification has this field and no reader of it is known."


def find(capture: Capture) -> Finding:
    """Read the invented fields of one work."""
    if finding := unread(capture):
        return finding
    fields = [s for s in extracted(capture).segments if s.kind is Kind.FIELD]
    claims, policies = (
        [_claim(f) for f in fields if _name(f) == name] for name in ("reservation", "policy")
    )
    statements, defects = decide(claims, policies, Scope.ASSET)
    folk = [Defect("media-field-folk", Severity.VOIDS, quote(c.raw), _EFFECT) for c in claims]
    return ended(capture, statements, folk + defects)


def _name(segment: Segment) -> str | None:
    """`reservation` or `policy`, where a field is called so."""
    words = segment.name.lower().replace("_", "-").replace("tdm:", "tdm-")
    return {"tdm-reservation": "reservation", "tdm-policy": "policy"}.get(words.rpartition(":")[2])


def _claim(segment: Segment) -> Claim:
    value = segment.data.decode("utf-8", "replace").strip("\0 ")
    return Claim(value, f"{segment.place}: {segment.name} {value}", misplaced=True)


SIGNAL = Signal(
    name="media_fields",
    title="Invented fields of media files",
    id="A7",
    spec="none",
    spec_version="none",
    status=Status.PROPOSAL,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
