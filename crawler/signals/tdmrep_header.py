"""A response header that reserves text and data mining for the response it comes with.

### Syntax

```http
HTTP/1.1 200 OK
tdm-reservation: 1
tdm-policy: https://atelier.example/policies/mining.json
```

`tdm-reservation` is `1` (mining is reserved) or `0` (it is not).
`tdm-policy` is optional: the absolute URL of a page or of a machine-readable offer that says
how to get permission.
Field names are case-insensitive; the value is exactly one digit.
The header may come with any media type, and speaks about that response alone.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `1` | disallowed | disallowed (derived) | unstated |
| `1` and a policy | conditional | conditional (derived) | unstated |
| `0` | allowed | unstated | unstated |

The protocol speaks of text and data mining in the sense of the EU directive 2019/790;
that this covers feeding a model at answer time is the rightsholders' reading, not its text.
It says nothing about search: its authors hold that robots.txt is where search is permitted.

### Precedence

The header overrides the file `/.well-known/tdmrep.json`; a meta in the page overrides the header.
What is absent resets nothing: a header without a policy keeps the file's policy.

### Malformed values

Any other value is an error, and the property counts as unset.
Our lenient reading understands `true`, `yes`, `false`, `no`, quotation marks of any kind or
brackets around the value, and values that a proxy has joined with commas: with one of them that
is not understood they reserve or say nothing, and never permit.
It also takes the field names `X-TDM-Reservation`, `TDM_Reservation` and `TDMReservation`, and those
of the policy likewise.
Of opposite values the more restrictive one is taken.
A policy that is no absolute URL, or two that a comma joins, leads nowhere, and the
reservation stands without it.

### Common mistakes

- `tdm-reservation: true`.
- A `tdm-policy` without any `tdm-reservation`: nothing is reserved.
- Sent for the home page only, or only under `www`.
- In nginx, `add_header` without `always`, or lost in a nested block that has its own.

### Adoption and readers

With the file, 37 of about a million domains in February 2026 (secondary source, unverified).
Spawning's interface and its library `datadiligence` stop at the value `1`.
No operator of a large AI crawler documents that it reads TDMRep (unverified).
It is a candidate in the EU's consultation on opt-out protocols.
"""

from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Scope, Severity
from crawler.parsers.http import header_values
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.signal import Carrier, Link, Signal, Status
from crawler.signals.reading.tdmrep import (
    POLICY_FIELDS,
    RESERVATION_FIELDS,
    SPEC,
    SPEC_VERSION,
    Claim,
    decide,
    policies_to_read,
)

_EFFECT = "The field is called tdm-reservation: strict readers do not know this name."


def find(capture: Capture) -> Finding:
    """Read the two header fields of one answer."""
    if finding := unanswered(capture):
        return finding
    claims, policies = _given(capture)
    misnamed = [_misnamed(claim) for claim in claims if claim.misplaced]
    statements, defects = decide(claims, policies, Scope.PAGE)
    return conclude(statements, misnamed + defects)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the policy of a reservation."""
    if unanswered(capture):
        return ()
    return policies_to_read(*_given(capture))


def _given(capture: Capture) -> tuple[list[Claim], list[Claim]]:
    return list(_claims(capture, RESERVATION_FIELDS)), list(_claims(capture, POLICY_FIELDS))


def _claims(capture: Capture, names: tuple[str, ...]) -> Iterator[Claim]:
    for name in names:
        for value in header_values(capture.headers, name):
            yield Claim(value, f"{name}: {value}", misplaced=name != names[0])
    for value in header_values(capture.headers, "x-robots-tag"):
        name, _, rest = value.partition(":")
        if name.strip().lower() in names:
            yield Claim(rest.strip(), f"X-Robots-Tag: {value}", misplaced=True)


def _misnamed(claim: Claim) -> Defect:
    return Defect("tdm-header-name", Severity.VOIDS, quote(claim.raw), _EFFECT)


SIGNAL = Signal(
    name="tdmrep_header",
    title="TDMRep response header",
    id="H1",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.COMMUNITY,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
    follow=follow,
)
