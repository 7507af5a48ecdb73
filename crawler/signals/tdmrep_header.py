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
Our lenient reading understands `true`, `yes`, `false`, `no`, a quoted digit, and values that a
proxy has joined with commas.
Of opposite values the more restrictive one is taken.
A policy that is no absolute URL leads nowhere, and the reservation stands without it.

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

from crawler.model import Capture, Finding, Scope
from crawler.parsers.http import header_values
from crawler.signals.readable import conclude, unanswered
from crawler.signals.signal import Carrier, Signal, Status
from crawler.signals.tdmrep import SPEC, SPEC_VERSION, Claim, decide


def find(capture: Capture) -> Finding:
    """Read the two header fields of one answer."""
    if finding := unanswered(capture):
        return finding
    claims, policies = (
        [Claim(value, f"{name}: {value}") for value in header_values(capture.headers, name)]
        for name in ("tdm-reservation", "tdm-policy")
    )
    return conclude(*decide(claims, policies, Scope.PAGE))


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
)
