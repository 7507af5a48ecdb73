"""An assertion in the signed manifest of a work (Content Credentials) on training and data mining.

### Syntax

```json
{"label": "cawg.training-mining", "data": {"entries": {
  "cawg.ai_generative_training": {"use": "notAllowed"},
  "cawg.ai_inference": {"use": "constrained", "constraint_info": "ask studio.example/ai"}}}}
```

C2PA 1.0 to 1.4 had it under the label `c2pa.training-mining`; C2PA 2.0 (2024) gave it up, and the
Creator Assertions Working Group took it over as `cawg.training-mining` (version 1.1, ratified on
16 May 2025).
In the file it is CBOR in a JUMBF box; a label may have an instance number (`__2`).
`use` is `allowed`, `notAllowed` or `constrained`.

### Meaning

| entry | purpose |
|---|---|
| `cawg.ai_training` (not generative) | train |
| `cawg.ai_generative_training` | train (stance `generative`) |
| `cawg.ai_inference` | ai_input |
| `cawg.data_mining` | train, and ai_input (derived) |

`allowed` is *allowed*, `notAllowed` is *disallowed*, `constrained` is *conditional*; a constraint
without information counts as `notAllowed` (CAWG 1.1).
The older label has entries of the same names with the prefix `c2pa.`.
Other entries are free and say nothing here. Search is unstated throughout.

### Precedence

The active manifest speaks, which is the last one of the store.
What an earlier manifest says was about an earlier state of the work: lenient only.
Whether the signature holds is another question than what is stated: an unsigned or broken
manifest is still somebody's stated wish, and the state is named as a fault that readers may act on.

### Malformed assertions

Our lenient reading also takes a map without `entries` (the schema of version 1.0 forgot it) and
other spellings of the three values. `constraints_info`, which the text once writes, is taken too.

### Common mistakes

- The manifest stands outside the file, named by its XMP: we do not ask for it (unmeasured).
- Uploading and resizing strip credentials on most platforms; where the manifest survives a
  resize, its signature no longer fits.
- Only generative training is refused.
- A reader that knows only the label of C2PA 1 misses the one in use today.

### Adoption and readers

Adobe documents that Firefly honours the preference that its Content Authenticity application
writes (2 September 2025).
"""

from collections.abc import Mapping
from importlib.util import find_spec

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.containers import jumbf
from crawler.parsers.containers.segment import Kind, Problem, Segment
from crawler.parsers.jsontext import parse_json
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.work import WORKS, ended, extracted, packets, unread

GENERATIVE = "generative"
MAX_CBOR = 64 * 1024
MAX_ENTRIES = 50
PROVENANCE = ("http://purl.org/dc/terms/", "provenance")
_NO, _YES, _ASK = Preference.DISALLOWED, Preference.ALLOWED, Preference.CONDITIONAL
_USES = {"allowed": _YES, "notAllowed": _NO, "constrained": _ASK}
_LOOSE = {use.lower(): use for use in _USES}
_SOUND = frozenset({"Valid", "Trusted"})
_ENTRIES: dict[str, tuple[tuple[Purpose, bool], ...]] = {
    "ai_training": ((Purpose.TRAIN, False),),
    "ai_generative_training": ((Purpose.TRAIN, False),),
    "ai_inference": ((Purpose.AI_INPUT, False),),
    "data_mining": ((Purpose.TRAIN, False), (Purpose.AI_INPUT, True)),
}
_EFFECTS = {
    "c2pa-not-cbor": "The assertion is not CBOR that can be read: it says nothing.",
    "c2pa-no-entries": "No map of entries: readers of version 1.1 see none.",
    "c2pa-use-not-exact": "Not one of the three values to the letter: strict readers refuse it.",
    "c2pa-use-unknown": "Not one of the three values: the entry says nothing.",
    "c2pa-constraint-missing": "A constraint without information counts as notAllowed.",
    "c2pa-old-label": "The label of C2PA 1: readers of today's label miss it.",
    "c2pa-earlier-manifest": "Not in the active manifest: readers of the work's state pass it by.",
    "c2pa-contradiction": "Entries differ on one purpose; readers may take either.",
    "c2pa-signature": "The signature does not hold: readers that verify may set the wish aside.",
}
_SEVERITIES = {
    "c2pa-constraint-missing": Severity.CHANGES,
    "c2pa-contradiction": Severity.CHANGES,
    "c2pa-old-label": Severity.RISKS,
    "c2pa-signature": Severity.RISKS,
}


def find(capture: Capture) -> Finding:
    """Read the assertions of one work."""
    if finding := unread(capture):
        return finding
    work = extracted(capture)
    assertions = [s for s in work.segments if s.kind in {Kind.ASSERTION, Kind.INGREDIENT}]
    has_manifest = any(s.kind is Kind.MANIFEST for s in work.segments)
    if assertions and find_spec("cbor2") is None:
        return Finding(Reading.UNMEASURED, note=Problem.NO_READER.value)
    reader = _Reader()
    for segment in assertions:
        reader.take(segment)
    reader.compare()
    if reader.statements and work.signature and work.signature not in _SOUND:
        reader.fault("c2pa-signature", work.signature)
    if not has_manifest and any(packet.values(*PROVENANCE) for _, packet in packets(capture)):
        return Finding(Reading.UNMEASURED, note="remote_manifest")
    return ended(capture, reader.statements, reader.defects, "manifest" if has_manifest else None)


class _Reader:
    """Keeps the statements of one work and what is wrong with them."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.defects: list[Defect] = []

    def take(self, segment: Segment) -> None:
        """One assertion of a manifest."""
        body = _body(segment.data)
        where = f"{segment.place}: {segment.name}"
        if body is None:
            self.fault("c2pa-not-cbor", where)
            return
        begun = len(self.statements)
        entries, loose = body.get("entries"), segment.kind is Kind.INGREDIENT
        if not isinstance(entries, Mapping):
            self.fault("c2pa-no-entries", where)
            entries, loose = body, True
        for key, entry in list(entries.items())[:MAX_ENTRIES]:
            self._entry(where, str(key), entry, loose=loose)
        if len(self.statements) == begun:
            return
        if segment.kind is Kind.INGREDIENT:
            self.fault("c2pa-earlier-manifest", where)
        if segment.name.startswith("c2pa."):
            self.fault("c2pa-old-label", where)

    def _entry(self, where: str, key: str, entry: object, *, loose: bool) -> None:
        purposes = _ENTRIES.get(key.removeprefix("cawg.").removeprefix("c2pa."))
        if purposes is None or not isinstance(entry, Mapping):
            return
        stated = entry.get("use")
        words = quote(f"{where} {key}: {stated}")
        use = stated if stated in _USES else _LOOSE.get(str(stated).replace("_", "").lower())
        if use is None:
            self.fault("c2pa-use-unknown", words)
            return
        if use != stated:
            self.fault("c2pa-use-not-exact", words)
        preference = _USES[use]
        if preference is _ASK and not (
            entry.get("constraint_info") or entry.get("constraints_info")
        ):
            self.fault("c2pa-constraint-missing", words)
            preference = _NO
        strictness = Strictness.LENIENT if loose or use != stated else Strictness.STRICT
        stance = GENERATIVE if key.endswith("generative_training") else None
        self.statements += (
            Statement(
                purpose, preference, strictness, Scope.ASSET, words, derived=derived, stance=stance
            )
            for purpose, derived in purposes
        )

    def compare(self) -> None:
        """Name statements of one purpose and kind that oppose each other."""
        kinds = dict.fromkeys((s.purpose, s.stance) for s in self.statements)
        for kind in kinds:
            of = {s.preference: s.quote for s in self.statements if (s.purpose, s.stance) == kind}
            if len(of) > 1:
                self.fault("c2pa-contradiction", " | ".join(of.values()))

    def fault(self, code: str, raw: str) -> None:
        """Add a defect."""
        severity = _SEVERITIES.get(code, Severity.VOIDS)
        self.defects.append(Defect(code, severity, quote(raw), _EFFECTS[code]))


def _body(superbox: bytes) -> Mapping[object, object] | None:
    """The map in an assertion; None where there is none that can be read."""
    content = jumbf.content(superbox)
    if content is None or len(content[1]) > MAX_CBOR:
        return None
    kind, data = content
    value = parse_json(data).value if kind == b"json" else _cbor(data)
    return value if isinstance(value, Mapping) else None


def _cbor(data: bytes) -> object:
    import cbor2  # noqa: PLC0415 - optional

    try:
        return cbor2.loads(data)
    except Exception:  # noqa: BLE001 - bytes of others: tags fail in ways of their own
        return None


SIGNAL = Signal(
    name="c2pa_training_mining",
    title="C2PA and CAWG training and data mining",
    id="A2",
    spec="https://cawg.io/training-and-data-mining/1.1/",
    spec_version="CAWG Training and Data Mining Assertion 1.1, 16 May 2025",
    status=Status.STANDARD,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
