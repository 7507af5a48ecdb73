"""`License` lines in `/robots.txt` that point to a licence in Really Simple Licensing (RSL).

### Syntax

```
License: https://atelier.example/license.xml

User-agent: *
Disallow: /search
```

The value is an absolute URI.
The line may be repeated; before any group it is for everybody, inside a group for its agents.

### Meaning

The line says where the terms are and nothing about what they are: it makes no statement.
The document decides (`rsl_licence`), and it is asked for where it is for everybody.

### Precedence

An agent whose group has such lines uses only those, every other one those before the groups.
Allow and Disallow are not touched.

### Malformed files

A relative address is followed all the same and named as a fault.
The address of an ordinary licence, such as Creative Commons', is no RSL (`ordinary_licence`).

### Common mistakes

- A relative address.
- The name of a licence in place of an address.
- The page of a Creative Commons licence.

### Adoption and readers

Among 130 domains near to the initiative five had the line in September 2026, two of them its own
(secondary source, unverified).
No AI company has said that it honours RSL (secondary source, unverified).
"""

import re
from collections.abc import Iterator

from crawler.addresses import host_of, web_address
from crawler.model import Capture, Defect, Finding, Reading, Severity
from crawler.signals.reading.licence import is_ordinary
from crawler.signals.reading.robots_lines import RESOURCE, Field, defect, ended, fields, unread
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

MAX_LINKS = 10
FIELDS = frozenset({b"license", b"licence"})
_ABSOLUTE = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_RELATIVE = re.compile(r"\.{0,2}/\S*|\S+\.(?:xml|rsl)", re.IGNORECASE)
_EFFECTS = {
    "license-ordinary": "An ordinary licence: it says nothing in the terms of RSL.",
    "license-not-absolute": "The address is not absolute: strict readers follow nothing.",
    "license-field": "The field is called License: strict readers do not know this spelling.",
    "license-not-url": "No address: nobody can follow it.",
}


def find(capture: Capture) -> Finding:
    """Say whether any line points to a licence that may be RSL."""
    if finding := unread(capture):
        return finding
    lines = fields(capture.body, FIELDS)
    defects = [found for line in lines for found in _faults(line)]
    found = ended(capture, (), defects, "ordinary_licence" if _all_ordinary(lines) else None)
    if any(line.exact and _is_rsl(line.value) for line in lines):
        return Finding(Reading.PRESENT, (), found.defects, "rsl_licence")
    return found


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the addresses that may hold a licence for everybody, each once, at most `MAX_LINKS`."""
    if unread(capture):
        return ()
    lines = fields(capture.body, FIELDS)
    # A licence for one crawler's group says nothing to the others; `*` is nearer than no group.
    star = [line for line in lines if "*" in line.agents]
    lines = star or [line for line in lines if not line.agents]
    urls = (_target(line.value, capture.final_url) for line in lines)
    return tuple(Link("rsl:", url) for url in dict.fromkeys(filter(None, urls)))[:MAX_LINKS]


def _target(value: str, base: str) -> str | None:
    if not (_RELATIVE.fullmatch(value) or _is_rsl(value)):
        return None
    url = web_address(value, base)
    return url if url and _is_rsl(url) else None


def _is_rsl(value: str) -> bool:
    return bool(_ABSOLUTE.fullmatch(value)) and bool(host_of(value)) and not is_ordinary(value)


def _all_ordinary(lines: list[Field]) -> bool:
    return bool(lines) and all(is_ordinary(line.value) for line in lines)


def _faults(line: Field) -> Iterator[Defect]:
    if is_ordinary(line.value):
        yield defect("license-ordinary", Severity.COSMETIC, _EFFECTS["license-ordinary"], line)
        return
    code = None
    if not _is_rsl(line.value):
        relative = _RELATIVE.fullmatch(line.value)
        code = "license-not-absolute" if relative else "license-not-url"
    elif not line.exact:
        code = "license-field"
    if code:
        yield defect(code, Severity.VOIDS, _EFFECTS[code], line)


SIGNAL = Signal(
    name="robots_license",
    title="RSL License line",
    id="R4",
    spec="https://rslstandard.org/rsl",
    spec_version="RSL 1.0, December 2025",
    status=Status.VENDOR,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
    follow=follow,
)
