"""A property in the XMP of a picture, sound, film or document, with one value of a closed list.

### Syntax

```xml
<rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
  plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"/>
```

A property of the IPTC photo and video metadata standards (2023.1), defined by the PLUS coalition,
that travels inside the work.
Its value is an address that begins with `http://ns.useplus.org/ldf/vocab/`; it stands as an
attribute, as the text of an element or in `rdf:resource`, and there is one of it.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `DMI-UNSPECIFIED` | unstated | unstated | unstated |
| `DMI-ALLOWED` | allowed | allowed | allowed |
| `DMI-PROHIBITED-AIMLTRAINING` | disallowed | unstated | unstated |
| `DMI-PROHIBITED-GENAIMLTRAINING` | disallowed (stance `generative`) | unstated | unstated |
| `DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING` | disallowed | disallowed | allowed |
| `DMI-PROHIBITED` | disallowed | disallowed | disallowed |
| `DMI-PROHIBITED-SEECONSTRAINT` | conditional | conditional | conditional |
| `DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR` | conditional | conditional | conditional |
| `DMI-PROHIBITED-SEELINKEDRIGHTSEXPR` | conditional | conditional | conditional |

The last three point to terms: `plus:OtherConstraints`, `Iptc4xmpExt:EmbdEncRightsExpr` and
`Iptc4xmpExt:LinkedEncRightsExpr`.
What is said holds for this work alone (scope *asset*).

### Precedence

The standard has none: there is one value.
Where packets of one file differ, every value is kept and the contradiction is named.

### Malformed values

Our lenient reading also takes the bare identifier, `https`, a slash at the end, the English label
that tools show (`Prohibited for AI/ML training`), the values of the draft of 2023 that were never
ratified (`DMI-ALLOWED-noaitraining`, `DMI-ALLOWED-noaigentraining`, `DMI-SEE-...`), the property
in another namespace, and an extended packet of a JPEG that the main packet does not name.

### Common mistakes

- Content systems, delivery networks and image resizers strip metadata: the original may carry the
  value while every picture on the page has lost it.
- A value that points to terms which are not there.
- An encoder that writes no metadata unless it is told to. Measured with our own reader on one
  JPEG with the property, an IIM notice, an Exif notice and a signed CAWG assertion (December
  2026):

| step | PLUS | IIM | Exif | C2PA |
|---|---|---|---|---|
| Pillow 13.0.0 save, default | lost | lost | lost | lost |
| Pillow 13.0.0 save with `xmp=` and `exif=` | kept | lost | kept | lost |
| Pillow 13.0.0 to WebP, default | lost | lost | lost | lost |
| sharp 0.35.5, default | lost | lost | lost | lost |
| sharp 0.35.5 `withMetadata` or `keepMetadata` | kept | kept | kept | lost |
| sharp 0.35.5 `keepMetadata` to WebP or AVIF | kept | lost | kept | lost |
| sharp 0.35.5 `keepXmp` | kept | lost | lost | lost |
| sharp 0.35.5 `keepExif` | lost | lost | kept | lost |
| ImageMagick 6.9.11 `-resize` | kept | kept | kept | kept, and invalid |
| ImageMagick 6.9.11 `-strip` or `-thumbnail` | lost | lost | lost | lost |
| ImageMagick 6.9.11 to PNG | kept | kept | kept | lost |
| ImageMagick 6.9.11 to WebP (in a chunk of another name) | kept | lost | kept | lost |
| libvips 8.14.1 thumbnail | kept | kept | kept | lost |
| libvips 8.14.1 `[strip]` | lost | lost | lost | lost |
| libvips 8.14.1 to WebP, PNG or AVIF | kept | lost | kept | lost |
| thumbor 7.8.0 (Pillow 12.3.0), default | lost | lost | lost | lost |
| thumbor 7.8.0 with `PRESERVE_EXIF_INFO` | lost | lost | kept | lost |
| cwebp 1.2.4, default | lost | lost | lost | lost |
| cwebp 1.2.4 `-metadata all` | kept | lost | kept | lost |

- `DigitalSourceType` and the AI fields of 2025 say how a picture was made, not what may be done
  with it.

### Adoption and readers

The values were taken from the source of ExifTool 13.59, which follows the list.
No AI company is known to document reading the property (unverified).
No vendor's documented way to keep the copyright notice of a picture keeps this property.
"""

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
from crawler.parsers.containers.segment import Segment
from crawler.parsers.containers.xmp import Packet, Property
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.work import (
    WORKS,
    ended,
    is_orphan,
    packets,
    unread,
    unreadable_with,
)

PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
NAME = "DataMining"
GENERATIVE = "generative"
_NO, _YES, _ASK = Preference.DISALLOWED, Preference.ALLOWED, Preference.CONDITIONAL
MEANINGS: dict[str, dict[Purpose, Preference]] = {
    "DMI-UNSPECIFIED": {},
    "DMI-ALLOWED": dict.fromkeys(Purpose, _YES),
    "DMI-PROHIBITED-AIMLTRAINING": {Purpose.TRAIN: _NO},
    "DMI-PROHIBITED-GENAIMLTRAINING": {Purpose.TRAIN: _NO},
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": {
        Purpose.TRAIN: _NO,
        Purpose.SEARCH: _YES,
        Purpose.AI_INPUT: _NO,
    },
    "DMI-PROHIBITED": dict.fromkeys(Purpose, _NO),
    "DMI-PROHIBITED-SEECONSTRAINT": dict.fromkeys(Purpose, _ASK),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": dict.fromkeys(Purpose, _ASK),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": dict.fromkeys(Purpose, _ASK),
}
COMPANIONS = {
    "DMI-PROHIBITED-SEECONSTRAINT": (PLUS, "OtherConstraints"),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": (EXT, "EmbdEncRightsExpr"),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": (EXT, "LinkedEncRightsExpr"),
}
_ALIASES = {
    # The draft of 2023, never ratified: its nearest values in the list.
    "dmi-allowed-noaitraining": "DMI-PROHIBITED-AIMLTRAINING",
    "dmi-allowed-noaigentraining": "DMI-PROHIBITED-GENAIMLTRAINING",
    "dmi-see-constraint": "DMI-PROHIBITED-SEECONSTRAINT",
    "dmi-see-embeddedrightsexpr": "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
    "dmi-see-linkedrightsexpr": "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
    # ExifTool's labels.
    "unspecified - no prohibition defined": "DMI-UNSPECIFIED",
    "allowed": "DMI-ALLOWED",
    "prohibited for ai/ml training": "DMI-PROHIBITED-AIMLTRAINING",
    "prohibited for generative ai/ml training": "DMI-PROHIBITED-GENAIMLTRAINING",
    "prohibited except for search engine indexing": "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "prohibited": "DMI-PROHIBITED",
    "prohibited, see plus:otherconstraints": "DMI-PROHIBITED-SEECONSTRAINT",
    "prohibited, see iptcext:embdencrightsexpr": "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
    "prohibited, see iptcext:linkedencrightsexpr": "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
} | {value.lower(): value for value in MEANINGS}
_EFFECTS = {
    "plus-packet-unreadable": "The XMP packet is not XML that can be read: it says nothing.",
    "plus-packet-orphan": (
        "The extended packet is not the one that the main packet names: strict readers pass it by."
    ),
    "plus-namespace": "Not the namespace of PLUS: strict readers do not know the property.",
    "plus-value-not-exact": "Not an address out of the list: strict readers do not know the value.",
    "plus-value-unknown": "No value of the list: the property says nothing.",
    "plus-terms-missing": "The value points to terms that the packet does not have.",
    "plus-contradiction": "The work has several values that differ; readers take one of them.",
}
_SEVERITIES = {
    "plus-terms-missing": Severity.RISKS,
    "plus-contradiction": Severity.CHANGES,
}


def find(capture: Capture) -> Finding:
    """Read the property in every packet of one work."""
    if finding := unread(capture):
        return finding
    reader = _Reader()
    for segment in unreadable_with(capture, NAME.encode()):
        reader.fault("plus-packet-unreadable", segment.data[:300].decode("utf-8", "replace"))
    for segment, packet in packets(capture):
        for given in packet.properties:
            if given.name == NAME:
                reader.take(segment, packet, given)
    reader.compare()
    return ended(capture, reader.statements, reader.defects, present=reader.unspecified)


class _Reader:
    """Keeps the statements of one work and what is wrong with them."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.defects: list[Defect] = []
        self.unspecified = False
        self._values: dict[str, str] = {}

    def take(self, segment: Segment, packet: Packet, given: Property) -> None:
        """One value with its place."""
        words = quote(f"{segment.place}: plus:DataMining {given.value}")
        value = given.value.removeprefix(VOCABULARY)
        exact = value in MEANINGS and value != given.value
        if not exact:
            value = _meant(given.value)
            code = "plus-value-not-exact" if value else "plus-value-unknown"
            self.fault(code, words)
        if given.namespace != PLUS:
            self.fault("plus-namespace", f"{given.namespace} {words}")
        if is_orphan(segment):
            self.fault("plus-packet-orphan", words)
        if not value:
            return
        strict = exact and given.namespace == PLUS and not is_orphan(segment)
        self._state(value, words, Strictness.STRICT if strict else Strictness.LENIENT)
        companion = COMPANIONS.get(value)
        if companion and not any(p.value for p in packet.values(*companion)):
            self.fault("plus-terms-missing", words)

    def _state(self, value: str, words: str, strictness: Strictness) -> None:
        if value in self._values:
            return
        self._values[value] = words
        self.unspecified = self.unspecified or (
            not MEANINGS[value] and strictness is Strictness.STRICT
        )
        stance = GENERATIVE if value == "DMI-PROHIBITED-GENAIMLTRAINING" else None
        self.statements += (
            Statement(purpose, preference, strictness, Scope.ASSET, words, stance=stance)
            for purpose, preference in MEANINGS[value].items()
        )

    def compare(self) -> None:
        """Name values that differ."""
        if len(self._values) > 1:
            self.fault("plus-contradiction", " | ".join(self._values.values()))

    def fault(self, code: str, raw: str) -> None:
        """Add a defect."""
        severity = _SEVERITIES.get(code, Severity.VOIDS)
        self.defects.append(Defect(code, severity, quote(raw), _EFFECTS[code]))


def _meant(value: str) -> str:
    """The value of the list that was probably meant; empty for none."""
    words = value.strip().rstrip("/")
    lower = words.lower()
    for scheme in ("http://", "https://"):
        lower = lower.removeprefix(f"{scheme}ns.useplus.org/ldf/vocab/")
    return _ALIASES.get(lower, "")


SIGNAL = Signal(
    name="plus_data_mining",
    title="PLUS Data Mining",
    id="A1",
    spec="https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata",
    spec_version="IPTC Photo Metadata Standard 2023.1",
    status=Status.STANDARD,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
