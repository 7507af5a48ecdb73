"""Copyright notices and terms inside a work: whose it is, and at times what may be done with it.

### Syntax

```xml
<rdf:Description xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmpRights:Marked="True" xmpRights:WebStatement="https://studio.example/terms">
  <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) A. Maker</rdf:li></rdf:Alt></dc:rights>
  <xmpRights:UsageTerms><rdf:Alt>
    <rdf:li xml:lang="x-default">No use for AI training.</rdf:li></rdf:Alt></xmpRights:UsageTerms>
</rdf:Description>
```

Read are `dc:rights`, `xmpRights:Marked`, `xmpRights:UsageTerms`, `xmpRights:WebStatement`,
`plus:OtherConstraints` and `photoshop:Instructions` of XMP, data sets 2:116 and 2:40 of IPTC-IIM,
the copyright tag of Exif, `TCOP`, `WCOP`, `USER` and `COMM` of ID3, the copyright and licence
fields of Vorbis comments, RIFF, QuickTime and PNG.

### Meaning

A notice is no wish about AI: the work is *marked*, and nothing is reserved against machines.
The finding is then *present* with the note `marked`, and without a statement.
A sentence in one of the texts that refuses, reserves or offers mining or training is read by the
word list of prose (N1): train, lenient and derived.
What is said holds for this work alone (scope *asset*).

### Precedence

None.

### Malformed values

`xmpRights:Marked` is `True` or `False`; `xmpRights:WebStatement` is an address.

### Common mistakes

- The belief that a copyright notice reserves anything against text and data mining: in the
  European Union the reservation has to be expressed as such.
- `Marked` is `False`, which says public domain, beside a notice.
- A web statement that leads nowhere.

### Adoption and readers

Search engines show the web statement and the notice beside a picture (unverified).
No reader is known that trains by them.
"""

import re
from dataclasses import replace

from crawler.model import Capture, Defect, Finding, Scope, Severity
from crawler.parsers.containers.segment import Kind
from crawler.signals.reading.file_prose import read as read_prose
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.work import WORKS, ended, extracted, packets, unread, unreadable_with

RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
MARKED = "marked"
_TEXTS = {
    ("http://purl.org/dc/elements/1.1/", "rights"): "dc:rights",
    (RIGHTS, "UsageTerms"): "xmpRights:UsageTerms",
    (RIGHTS, "WebStatement"): "xmpRights:WebStatement",
    ("http://ns.useplus.org/ldf/xmp/1.0/", "OtherConstraints"): "plus:OtherConstraints",
    ("http://ns.adobe.com/photoshop/1.0/", "Instructions"): "photoshop:Instructions",
}
_URL = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_NOT_NOTICES = ("tdm-", "tdm_", "tdm:")
_EFFECTS = {
    "rights-packet-unreadable": "The XMP packet is not XML that can be read: it says nothing.",
    "rights-marked-unknown": "Neither True nor False: readers do not know whether it is marked.",
    "rights-statement-unusable": "The web statement is no address: it leads to no terms.",
    "rights-contradiction": "Marked as public domain beside a notice: readers may take either.",
}
_SEVERITIES = {"rights-packet-unreadable": Severity.VOIDS, "rights-contradiction": Severity.CHANGES}


def find(capture: Capture) -> Finding:
    """Read the notices and terms of one work."""
    if finding := unread(capture):
        return finding
    texts: dict[str, str] = {}
    marked: set[str] = set()
    for segment, packet in packets(capture):
        for given in packet.properties:
            if name := _TEXTS.get((given.namespace, given.name)):
                texts.setdefault(given.value.strip(), f"{segment.place}: {name}")
        marked |= {p.value.strip() for p in packet.values(RIGHTS, "Marked")}
    for segment in extracted(capture).segments:
        bare = segment.name.lower().rpartition("id3:")[2].rpartition("vorbis:")[2]
        if segment.kind is Kind.FIELD and not bare.startswith(_NOT_NOTICES):
            text = segment.data.decode("utf-8", "replace").strip("\0 ")
            texts.setdefault(text, f"{segment.place}: {segment.name}")
    texts.pop("", None)
    statements = [
        replace(s, scope=Scope.ASSET, line=None, quote=quote(f"{place} {s.quote}"))
        for text, place in texts.items()
        for s in read_prose(text)
    ]
    broken = unreadable_with(capture, RIGHTS.encode())
    defects = [
        *(_defect("rights-packet-unreadable", s.data[:300].decode("utf-8", "replace"))
          for s in broken),
        *_faults(texts, marked),
    ]  # fmt: skip
    is_marked = bool(texts) or "True" in marked
    return ended(capture, statements, defects, MARKED if is_marked else None, present=is_marked)


def _faults(texts: dict[str, str], marked: set[str]) -> list[Defect]:
    found = [_defect("rights-marked-unknown", m) for m in sorted(marked - {"True", "False"})]
    found += (
        _defect("rights-statement-unusable", f"{place} {text}")
        for text, place in texts.items()
        if place.endswith("WebStatement") and not _URL.match(text)
    )
    if "False" in marked and texts:
        text, place = next(iter(texts.items()))
        found.append(_defect("rights-contradiction", f"xmpRights:Marked False | {place} {text}"))
    return found


def _defect(code: str, raw: str) -> Defect:
    return Defect(code, _SEVERITIES.get(code, Severity.RISKS), quote(raw), _EFFECTS[code])


SIGNAL = Signal(
    name="rights_notice",
    title="Rights notices inside works",
    id="A8",
    spec="https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata",
    spec_version="IPTC Photo Metadata Standard 2023.1; XMP part 1; Exif 3.0; ID3v2.4",
    status=Status.STANDARD,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
