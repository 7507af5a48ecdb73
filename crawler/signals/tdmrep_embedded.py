"""The two properties of TDMRep inside a publication: package metadata of an EPUB, XMP of a PDF.

### Syntax

```xml
<!-- EPUB 2 -->
<meta name="tdm:reservation" content="1"/>
<!-- EPUB 3; the package has prefix="tdm: http://www.w3.org/ns/tdmrep#" -->
<meta property="tdm:reservation">1</meta>
<meta property="tdm:policy">https://press.example/tdm.json</meta>
<!-- PDF, in XMP -->
<rdf:Description xmlns:tdm="http://www.w3.org/ns/tdmrep/"
  tdm:reservation="1" tdm:policy="https://press.example/tdm.json"/>
```

They speak for the whole book or document (scope *asset*).

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `1` | disallowed | disallowed (derived) | unstated |
| `1` and a policy | conditional | conditional (derived) | unstated |
| `0` | allowed | unstated | unstated |

That mining covers feeding a model at answer time is the rightsholders' reading.

### Precedence

The metadata of the publication overrides file, header and meta of the site, property by property;
a property that is absent resets nothing.

### Malformed values

Strictly, the value is `1` or `0`, the namespace of a PDF ends in a slash, an EPUB 3 declares its
prefix, and an EPUB 2 uses `name` and `content`.
Our lenient reading also takes `true`, `yes`, `false`, `no`, another end of the namespace, an
undeclared prefix, the form of the other version, and XMP in works that are no PDF, of which the
report says nothing.

### Common mistakes

- The namespace ends in `#` in EPUB 3 and in `/` in PDF.
- Validators of PDF/A complain about the properties.
- The properties in a picture: no reader of TDMRep looks there.

### Adoption and readers

The book trade also carries reservations in ONIX and Crossref records, which no web page shows.
No operator of a large AI crawler documents that it reads TDMRep (unverified).
"""

from collections.abc import Iterator
from itertools import pairwise

from crawler.model import Capture, Defect, Finding, Scope, Severity
from crawler.parsers.containers.segment import Container, Kind, Segment
from crawler.parsers.xmltree import Element, parse_xml
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.tdmrep import SPEC, SPEC_VERSION, Claim, decide
from crawler.signals.reading.work import WORKS, ended, extracted, packets, unread, unreadable_with

XMP_NAMESPACE = "http://www.w3.org/ns/tdmrep/"
EPUB_NAMESPACE = "http://www.w3.org/ns/tdmrep#"
_NAMES = ("reservation", "policy")
_EFFECTS = {
    "tdm-embedded-unreadable": "The metadata is not XML that can be read: it says nothing.",
    "tdm-embedded-namespace": "Not TDMRep's namespace here: strict readers miss the property.",
    "tdm-embedded-carrier": "TDMRep defines its properties for PDF and EPUB: nobody looks here.",
    "tdm-embedded-form": "Not the form of this version of EPUB: strict readers miss the property.",
}


def find(capture: Capture) -> Finding:
    """Read both properties in one work."""
    if finding := unread(capture):
        return finding
    reader = _Reader(extracted(capture).container)
    for segment, packet in packets(capture):
        for given in packet.properties:
            if given.namespace.startswith(XMP_NAMESPACE.rstrip("/")) and given.name in _NAMES:
                reader.in_xmp(segment, given.namespace, given.name, given.value)
    for segment in extracted(capture).segments:
        if segment.kind is Kind.OPF:
            reader.in_package(segment)
    for segment in unreadable_with(capture, XMP_NAMESPACE.rstrip("/").encode()):
        reader.fault("tdm-embedded-unreadable", segment.data[:300].decode("utf-8", "replace"))
    statements, defects = decide(reader.claims["reservation"], reader.claims["policy"], Scope.ASSET)
    return ended(capture, statements, reader.defects + defects)


class _Reader:
    """Keeps the values of one work and what is wrong with their places."""

    def __init__(self, container: Container) -> None:
        self.claims: dict[str, list[Claim]] = {name: [] for name in _NAMES}
        self.defects: list[Defect] = []
        self._container = container

    def in_xmp(self, segment: Segment, namespace: str, name: str, value: str) -> None:
        """One value of a packet."""
        words = f"{segment.place}: tdm:{name} {value}"
        faults = []
        if namespace != XMP_NAMESPACE:
            faults.append("tdm-embedded-namespace")
        if self._container is not Container.PDF:
            faults.append("tdm-embedded-carrier")
        self._claim(name, value, words, faults)

    def in_package(self, segment: Segment) -> None:
        """The values of the package document of an EPUB."""
        root = parse_xml(segment.data).root
        if root is None:
            if b"tdm:" in segment.data:
                self.fault("tdm-embedded-unreadable", f"{segment.place}: {segment.name}")
            return
        is_new = not root.attributes.get("version", "").startswith("2")
        prefixes = root.attributes.get("prefix", "").split()
        # `name: address` pairs (EPUB 3.3, D.1.4)
        names = {name.rstrip(":") for name, at in pairwise(prefixes) if at == EPUB_NAMESPACE}
        declared = bool(names)
        for meta in _metas(root):
            attributes = meta.attributes
            in_form_of_3 = "property" in attributes
            key = attributes.get("property") or attributes.get("name", "")
            prefix, _, name = key.partition(":")
            if prefix not in names | {"tdm"} or name not in _NAMES:
                continue
            value = meta.text if in_form_of_3 else attributes.get("content", "")
            faults = [] if in_form_of_3 is is_new else ["tdm-embedded-form"]
            if in_form_of_3 and not declared:
                faults.append("tdm-embedded-namespace")
            words = f"{segment.place}: {key} {value.strip()}"
            self._claim(name, value.strip(), words, faults, meta.line)

    def _claim(
        self, name: str, value: str, words: str, faults: list[str], line: int | None = None
    ) -> None:
        if name == "reservation":
            for code in faults:
                self.fault(code, words)
        self.claims[name].append(Claim(value, words, line, misplaced=bool(faults)))

    def fault(self, code: str, raw: str) -> None:
        """Add a defect."""
        self.defects.append(Defect(code, Severity.VOIDS, quote(raw), _EFFECTS[code]))


def _metas(root: Element) -> Iterator[Element]:
    for metadata in root.children:
        if metadata.name == "metadata":
            yield from (child for child in metadata.children if child.name == "meta")


SIGNAL = Signal(
    name="tdmrep_embedded",
    title="TDMRep in EPUB and PDF",
    id="A3",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.COMMUNITY,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
