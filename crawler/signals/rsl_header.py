"""A `Link` header that points to a licence in Really Simple Licensing (RSL).

### Syntax

```http
Link: <https://atelier.example/license.xml>; rel="license"; type="application/rsl+xml"
```

The header is that of RFC 8288: an address in angle brackets, then parameters with semicolons.
Several links stand in one line with commas, or in several lines.
It points to RSL where the relation is `license` and the type `application/rsl+xml`; a relative
address is resolved against the address of the answer.

### Meaning

The header says where the terms are and nothing about what they are: it makes no statement.
The document decides, and it is asked for (`rsl_licence`).
It speaks about the answer that it comes with; a link with an `anchor` speaks about another
address, and is left.

### Precedence

What is said about a page goes before what robots.txt says about the site; conflicts that remain
are settled by the more restrictive terms.

### Malformed values

A link with the type of RSL and another relation, and a link with the relation `license`, an XML
type or none, and an address such as `/rsl.xml`, are named as faults and followed all the same.
A line that speaks of RSL and that RFC 8288 cannot read is named and not followed.
A `license` link of another kind is that of an ordinary licence, often Creative Commons', and is no
RSL (`ordinary_licence`).

### Common mistakes

- The type is missing, or is `application/xml`.
- The address without angle brackets.
- The header on pages only, while images and files come without it.

### Adoption and readers

No figures are known for the header.
No AI company has said that it honours RSL (secondary source, unverified).
"""

from dataclasses import replace

from crawler.model import Capture, Defect, Finding, Reading, Severity
from crawler.parsers.http import header_values
from crawler.parsers.link import parse_links
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.rsl_links import MAX_LINKS, TYPE, Pointer, pointers, targets
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

_EFFECTS = {
    "rsl-link-relation": "The relation is not `license`: strict readers pass over the link.",
    "rsl-link-type": "The type is missing: strict readers take it for an ordinary licence.",
    "rsl-link-target": "No http address: nobody can follow it.",
    "rsl-link-anchor": "The link speaks about another address than the one it comes with.",
    "rsl-link-syntax": "The line speaks of RSL and cannot be read: nobody finds the licence.",
}


def find(capture: Capture) -> Finding:
    """Say whether any link points to a licence in RSL."""
    if finding := unanswered(capture):
        return finding
    values = header_values(capture.headers, "link")
    found = [one for value in values for one in pointers(value, capture.final_url)]
    defects = [_defect(one.fault, one.link.raw) for one in found if one.fault]
    defects += [_defect("rsl-link-syntax", value) for value in values if _is_unread(value, found)]
    if any(one.fault is None for one in found):
        return Finding(Reading.PRESENT, (), tuple(defects[:MAX_LINKS]), "rsl_licence")
    links = [] if found else parse_links(values, capture.final_url)
    note = "ordinary_licence" if any("license" in link.relations for link in links) else None
    return replace(conclude([], defects[:MAX_LINKS]), note=note)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the addresses that may hold a licence, each once, at most `MAX_LINKS`."""
    return () if unanswered(capture) else targets(capture)


def _is_unread(value: str, found: list[Pointer]) -> bool:
    """A line names the type, and no link of that type came out of it."""
    return TYPE in value.lower() and not any(one.link.raw in value for one in found)


def _defect(code: str, words: str) -> Defect:
    severity = Severity.COSMETIC if code == "rsl-link-anchor" else Severity.VOIDS
    return Defect(code, severity, quote(f"Link: {words}"), _EFFECTS[code])


SIGNAL = Signal(
    name="rsl_header",
    title="RSL Link response header",
    id="H5",
    spec="https://rslstandard.org/rsl",
    spec_version="RSL 1.0, December 2025",
    status=Status.VENDOR,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
    follow=follow,
)
