"""The fixtures of the signals inside works: their bytes are made here, what they mean is written.

`python -m tests.signals.work_cases` writes the files; a test holds them to what is made here.
"""

import json
from dataclasses import dataclass, replace

from crawler.parsers.containers.segment import write
from crawler.parsers.containers.work import extract_whole
from tests.factories import works
from tests.factories.works import PLUS, packet
from tests.paths import FIXTURES

Said = tuple[str, ...]
"""Purpose, preference, quote; then `lenient`, `derived`, and `key=value` for other fields."""


@dataclass(frozen=True)
class Case:
    """One work, and what the signal must read in it."""

    about: str
    body: bytes
    outcome: str = "present"
    note: str | None = None
    said: tuple[Said, ...] = ()
    faults: tuple[tuple, ...] = ()

    def http(self) -> bytes:
        """The raw response."""
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + self.body

    def json(self) -> str:
        """What the fixture's file says."""
        expected = {
            "about": self.about,
            "outcome": self.outcome,
            "note": self.note,
            "statements": [_statement(*said) for said in self.said],
            "defects": [
                {"code": code, "severity": severity, "line": line[0] if line else None}
                for code, severity, *line in self.faults
            ],
        }
        return json.dumps(expected, indent=2, ensure_ascii=False) + "\n"


def _statement(purpose: str, preference: str, words: str, *more: str) -> dict[str, object]:
    further = dict(pair.split("=", 1) for pair in more if "=" in pair)
    line = further.pop("line", None)
    return {
        "purpose": purpose,
        "preference": preference,
        "strictness": "lenient" if "lenient" in more else "strict",
        "scope": "asset",
        "agent": "*",
        "path": further.pop("path", None),
        "line": line and int(line),
        "derived": "derived" in more,
        "quote": words,
        **further,
    }


def _plus(value: str, more: str = "") -> bytes:
    return packet(f"<plus:DataMining>{value}</plus:DataMining>{more}")


def _quoted(value: str, place: str = "sidecar") -> str:
    return f"{place}: plus:DataMining {value}"


ALL = ("train", "search", "ai_input")
TERMS = '<plus:OtherConstraints><rdf:Alt><rdf:li xml:lang="x-default">Ask.</rdf:li></rdf:Alt>'
AIML = f"{PLUS}DMI-PROHIBITED-AIMLTRAINING"
BROKEN = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><plus:DataMining></x:xmpmeta>'

PLUS_CASES = {
    "good": Case("An attribute of the description.",
        packet("", f'plus:DataMining="{AIML}"'),
        said=(("train", "disallowed", _quoted(AIML)),)),
    "minimal": Case("The value that prohibits nothing: the property is there, and unstated.",
        _plus(f"{PLUS}DMI-UNSPECIFIED")),
    "allowed": Case("Everything is allowed.", _plus(f"{PLUS}DMI-ALLOWED"),
        said=tuple((p, "allowed", _quoted(f"{PLUS}DMI-ALLOWED")) for p in ALL)),
    "prohibited": Case("A resource in place of text.",
        packet(f'<plus:DataMining rdf:resource="{PLUS}DMI-PROHIBITED"/>'),
        said=tuple((p, "disallowed", _quoted(f"{PLUS}DMI-PROHIBITED")) for p in ALL)),
    "generative": Case("Only generative models are kept out.",
        _plus(f"{PLUS}DMI-PROHIBITED-GENAIMLTRAINING"),
        said=(("train", "disallowed", _quoted(f"{PLUS}DMI-PROHIBITED-GENAIMLTRAINING"),
               "stance=generative"),)),
    "search_only": Case("All but search.",
        _plus(f"{PLUS}DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"),
        said=tuple((p, v, _quoted(f"{PLUS}DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"))
                   for p, v in (("train", "disallowed"), ("search", "allowed"),
                                ("ai_input", "disallowed")))),
    "terms": Case("The terms are in the packet.",
        _plus(f"{PLUS}DMI-PROHIBITED-SEECONSTRAINT", f"{TERMS}</plus:OtherConstraints>"),
        said=tuple((p, "conditional", _quoted(f"{PLUS}DMI-PROHIBITED-SEECONSTRAINT"))
                   for p in ALL)),
    "terms_missing": Case("Terms are pointed to that are not there.",
        _plus(f"{PLUS}DMI-PROHIBITED-SEELINKEDRIGHTSEXPR"),
        said=tuple((p, "conditional", _quoted(f"{PLUS}DMI-PROHIBITED-SEELINKEDRIGHTSEXPR"))
                   for p in ALL),
        faults=(("plus-terms-missing", "risks"),)),
    "malformed": Case("Words in place of a value.", _plus("no AI please"), "malformed",
        faults=(("plus-value-unknown", "voids"),)),
    "lenient_only": Case("The label that a tool shows.", _plus("Prohibited for AI/ML training"),
        "malformed",
        said=(("train", "disallowed", _quoted("Prohibited for AI/ML training"), "lenient"),),
        faults=(("plus-value-not-exact", "voids"),)),
    "draft_value": Case("A value of the draft of 2023, under https.",
        _plus("https://ns.useplus.org/ldf/vocab/DMI-ALLOWED-noaitraining/"), "malformed",
        said=(("train", "disallowed",
               _quoted("https://ns.useplus.org/ldf/vocab/DMI-ALLOWED-noaitraining/"), "lenient"),),
        faults=(("plus-value-not-exact", "voids"),)),
    "bare_identifier": Case("The identifier without its address.", _plus("DMI-PROHIBITED"),
        "malformed",
        said=tuple((p, "disallowed", _quoted("DMI-PROHIBITED"), "lenient") for p in ALL),
        faults=(("plus-value-not-exact", "voids"),)),
    "contradictory": Case("An attribute says one thing and an element another.",
        packet(f"<plus:DataMining>{PLUS}DMI-ALLOWED</plus:DataMining>",
               f'plus:DataMining="{AIML}"'),
        said=(("train", "disallowed", _quoted(AIML)),
              *((p, "allowed", _quoted(f"{PLUS}DMI-ALLOWED")) for p in ALL)),
        faults=(("plus-contradiction", "changes"),)),
    "twice": Case("The same value twice is one.",
        packet(f"<plus:DataMining>{AIML}</plus:DataMining>", f'plus:DataMining="{AIML}"'),
        said=(("train", "disallowed", _quoted(AIML)),)),
    "other_namespace": Case("A property of that name in Dublin Core.",
        packet(f"<dc:DataMining>{AIML}</dc:DataMining>"), "malformed",
        said=(("train", "disallowed", _quoted(AIML), "lenient"),),
        faults=(("plus-namespace", "voids"),)),
    "orphan": Case("An extended packet that the main one does not name.",
        works.jpeg(works.app1(packet()), works.extended(_plus(AIML))), "malformed",
        said=(("train", "disallowed", _quoted(AIML, "jpeg-app1-extended-orphan"), "lenient"),),
        faults=(("plus-packet-orphan", "voids"),)),
    "unreadable": Case("Markup that nobody can read.", BROKEN, "malformed",
        faults=(("plus-packet-unreadable", "voids"),)),
    "absent": Case("A packet without the property.", packet(), "absent"),
    "no_work": Case("A page in place of a picture.", b"<!doctype html><p>Not found</p>",
        "unmeasured", "work_type"),
    "cut": Case("A picture that ends before its pixels.", works.jpeg(works.app1(_plus(AIML)))[:-20],
        "present", "damaged", said=(("train", "disallowed", _quoted(AIML, "jpeg-app1")),)),
}  # fmt: skip


def _signed(*assertions: bytes) -> bytes:
    return works.svg(jumbf=works.store(works.manifest(*assertions)))


def _use(key: str, use: str, label: str = "cawg.training-mining") -> str:
    return f"svg-metadata: {label} {key}: {use}"


GENAI = {"cawg.ai_generative_training": {"use": "notAllowed"}}
GENAI_SAID = ("train", "disallowed", _use("cawg.ai_generative_training", "notAllowed"),
              "stance=generative")  # fmt: skip
OLD = "c2pa.training-mining"
STORED = extract_whole(works.jpeg(works.app11(works.training())))
EARLIER = works.store(
    works.manifest(works.assertion(GENAI), name="urn:c2pa:earlier"), works.manifest()
)
C2PA_CASES = {
    "good": Case("Two entries, one with its terms.",
        _signed(works.assertion(GENAI | {"cawg.ai_inference": {
            "use": "constrained", "constraint_info": "ask studio.example/ai"}})),
        note="manifest",
        said=(GENAI_SAID,
              ("ai_input", "conditional", _use("cawg.ai_inference", "constrained")))),
    "minimal": Case("One entry.",
        _signed(works.assertion({"cawg.ai_training": {"use": "allowed"}})), note="manifest",
        said=(("train", "allowed", _use("cawg.ai_training", "allowed")),)),
    "data_mining": Case("Mining covers training, and by our reading answers too.",
        _signed(works.assertion({"cawg.data_mining": {"use": "notAllowed"}})), note="manifest",
        said=(("train", "disallowed", _use("cawg.data_mining", "notAllowed")),
              ("ai_input", "disallowed", _use("cawg.data_mining", "notAllowed"), "derived"))),
    "old_label": Case("The label of C2PA 1.",
        _signed(works.assertion({"c2pa.ai_training": {"use": "notAllowed"}}, OLD)),
        note="manifest",
        said=(("train", "disallowed", _use("c2pa.ai_training", "notAllowed", OLD)),),
        faults=(("c2pa-old-label", "risks"),)),
    "json": Case("An assertion in JSON.",
        _signed(works.superbox("cawg.training-mining", works.box(b"json", json.dumps(
            {"entries": {"cawg.ai_training": {"use": "notAllowed"}}}).encode()))),
        note="manifest",
        said=(("train", "disallowed", _use("cawg.ai_training", "notAllowed")),)),
    "malformed": Case("A use that nobody knows, and an entry that is none.",
        _signed(works.assertion({"cawg.ai_training": {"use": "maybe"}, "cawg.data_mining": "no",
                                 "studio.own": {"use": "allowed"}})),
        "malformed", "manifest", faults=(("c2pa-use-unknown", "voids"),)),
    "not_cbor": Case("An assertion that is not CBOR.",
        _signed(works.superbox("cawg.training-mining", works.box(b"cbor", b"\xff\xff"))),
        "malformed", "manifest", faults=(("c2pa-not-cbor", "voids"),)),
    "empty": Case("An assertion without content.",
        _signed(works.superbox("cawg.training-mining")),
        "malformed", "manifest", faults=(("c2pa-not-cbor", "voids"),)),
    "lenient_only": Case("A map without `entries`, as the schema of version 1.0 had it.",
        _signed(works.assertion(GENAI, wrapped=False)), "malformed", "manifest",
        said=((*GENAI_SAID, "lenient"),), faults=(("c2pa-no-entries", "voids"),)),
    "use_spelt_otherwise": Case("`not_allowed` for `notAllowed`.",
        _signed(works.assertion({"cawg.ai_training": {"use": "not_allowed"}})),
        "malformed", "manifest",
        said=(("train", "disallowed", _use("cawg.ai_training", "not_allowed"), "lenient"),),
        faults=(("c2pa-use-not-exact", "voids"),)),
    "constraint_missing": Case("A constraint that nobody is told.",
        _signed(works.assertion({"cawg.ai_training": {"use": "constrained"}})), note="manifest",
        said=(("train", "disallowed", _use("cawg.ai_training", "constrained")),),
        faults=(("c2pa-constraint-missing", "changes"),)),
    "contradictory": Case("Two assertions that oppose each other.",
        _signed(works.assertion({"cawg.ai_training": {"use": "allowed"}}),
                works.assertion({"cawg.ai_training": {"use": "notAllowed"}},
                                "cawg.training-mining__2")),
        note="manifest",
        said=(("train", "allowed", _use("cawg.ai_training", "allowed")),
              ("train", "disallowed",
               _use("cawg.ai_training", "notAllowed", "cawg.training-mining__2"))),
        faults=(("c2pa-contradiction", "changes"),)),
    "earlier_manifest": Case("The wish is in a manifest that is not the active one.",
        works.svg(jumbf=EARLIER), "malformed", "manifest",
        said=((*GENAI_SAID, "lenient"),), faults=(("c2pa-earlier-manifest", "voids"),)),
    "signature_invalid": Case("What a survey stored of a work whose signature does not hold.",
        write(replace(STORED, signature="Invalid")), note="manifest",
        said=(("train", "disallowed",
               "jpeg-app11: cawg.training-mining cawg.ai_generative_training: notAllowed",
               "stance=generative"),),
        faults=(("c2pa-signature", "risks"),)),
    "signature_valid": Case("What a survey stored of a work whose signature holds.",
        write(replace(STORED, signature="Valid")), note="manifest",
        said=(("train", "disallowed",
               "jpeg-app11: cawg.training-mining cawg.ai_generative_training: notAllowed",
               "stance=generative"),)),
    "silent_manifest": Case("A manifest that does not speak of training.",
        _signed(), "absent", "manifest"),
    "remote": Case("The manifest is elsewhere: it is not asked for.",
        works.svg(packet("", 'dcterms:provenance="https://studio.example/m.c2pa"')),
        "unmeasured", "remote_manifest"),
    "absent": Case("No manifest.", works.svg(packet()), "absent"),
}  # fmt: skip


def _tdm(value: str, policy: str = "", attributes: str = "") -> bytes:
    told = f"<tdm:policy>{policy}</tdm:policy>" if policy else ""
    return packet(f"<tdm:reservation>{value}</tdm:reservation>{told}", attributes)


def _reserved(words: str, *more: str, preference: str = "disallowed") -> tuple[Said, ...]:
    return (("train", preference, words, *more), ("ai_input", preference, words, "derived", *more))


POLICY = "https://press.example/tdm.json"
WITH_POLICY = f"pdf-packet: tdm:reservation 1 | pdf-packet: tdm:policy {POLICY}"
ODD_END = _tdm("1").replace(b'tdmrep/"', b'tdmrep#"')
TDM_CASES = {
    "good": Case("A PDF with a reservation and where to ask.", works.pdf(_tdm("1", POLICY)),
        said=_reserved(WITH_POLICY, preference="conditional")),
    "minimal": Case("A PDF with a reservation.", works.pdf(_tdm("1")),
        said=_reserved("pdf-packet: tdm:reservation 1")),
    "zero": Case("Mining is not reserved.", works.pdf(_tdm("0")),
        said=(("train", "allowed", "pdf-packet: tdm:reservation 0"),)),
    "epub3": Case("An EPUB 3 with its prefix.", works.epub(works.RESERVED3, works.EPUB3),
        said=_reserved("epub-package: tdm:reservation 1", "line=1")),
    "epub2": Case("An EPUB 2.",
        works.epub(works.RESERVED2, version="2.0"),
        said=_reserved("epub-package: tdm:reservation 1", "line=1")),
    "epub3_without_prefix": Case("An EPUB 3 that does not declare the prefix.",
        works.epub(works.RESERVED3), "malformed",
        said=_reserved("epub-package: tdm:reservation 1", "line=1", "lenient"),
        faults=(("tdm-embedded-namespace", "voids"),)),
    "epub3_in_the_form_of_2": Case("An EPUB 3 with `name` and `content`.",
        works.epub(works.RESERVED2, works.EPUB3), "malformed",
        said=_reserved("epub-package: tdm:reservation 1", "line=1", "lenient"),
        faults=(("tdm-embedded-form", "voids"),)),
    "epub_of_other_metas": Case("An EPUB that says other things.",
        works.epub('<meta property="dcterms:modified">x</meta><meta property="tdm:other">1</meta>'
                   "</metadata><manifest></manifest><metadata>"), "absent"),
    "epub_unreadable": Case("A package document that is not XML.",
        works.epub("<tdm:>"), "malformed", faults=(("tdm-embedded-unreadable", "voids"),)),
    "epub_unreadable_of_other_things": Case("A package document that is not XML.",
        works.epub("<<"), "absent"),
    "malformed": Case("Neither 1 nor 0.", works.pdf(_tdm("maybe")), "malformed",
        faults=(("tdm-reservation-unknown", "voids"),)),
    "unreadable": Case("A packet that is not XML and names the namespace.",
        works.pdf(b'<x:xmpmeta xmlns:tdm="http://www.w3.org/ns/tdmrep/"><tdm:></x:xmpmeta>'),
        "malformed", faults=(("tdm-embedded-unreadable", "voids"),)),
    "lenient_only": Case("In a picture, where TDMRep says nothing of it.", works.svg(_tdm("1")),
        "malformed", said=_reserved("svg-metadata: tdm:reservation 1", "lenient"),
        faults=(("tdm-embedded-carrier", "voids"),)),
    "other_namespace": Case("The namespace of EPUB in a PDF.", works.pdf(ODD_END), "malformed",
        said=_reserved("pdf-packet: tdm:reservation 1", "lenient"),
        faults=(("tdm-embedded-namespace", "voids"),)),
    "contradictory": Case("Two packets.",
        works.pdf(_tdm("1") + _tdm("0")), said=_reserved("pdf-packet: tdm:reservation 1"),
        faults=(("tdm-contradiction", "changes"),)),
    "absent": Case("A PDF with other metadata.", works.pdf(packet()), "absent"),
    "deflated": Case("What only a PDF library could read.",
        works.pdf(_tdm("1"), deflated=True), "unmeasured", "no_reader"),
}  # fmt: skip


def _rsl(inner: str, url: str = "https://site.example/a.jpg") -> str:
    return (
        f'<rsl:rsl xmlns:rsl="https://rslstandard.org/rsl"><rsl:content url="{url}">'
        f"<rsl:license>{inner}</rsl:license></rsl:content></rsl:rsl>"
    )


NO_TRAINING = '<rsl:prohibits type="usage">ai-train</rsl:prohibits>'


def _in_xmp(document: str) -> bytes:
    return packet(f"<dc:rights>{document}</dc:rights>")


SEARCH = '<rsl:permits type="usage">search</rsl:permits>'
TRAINING = '<rsl:permits type="usage">ai-train</rsl:permits>'
OLD_WORD = '<rsl:prohibits type="usage">train-ai</rsl:prohibits>'
NO_TRAINING_SAID = ("train", "disallowed", NO_TRAINING.replace("rsl:", ""))
BARE = '<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:rsl="https://rslstandard.org/rsl">'
RSL_CASES = {
    "good": Case("No training, search is welcome; what is not listed is not licensed.",
        _in_xmp(_rsl(NO_TRAINING + SEARCH)),
        said=(NO_TRAINING_SAID, ("search", "allowed", SEARCH.replace("rsl:", "")),
              ("ai_input", "disallowed", SEARCH.replace("rsl:", ""), "derived"))),
    "minimal": Case("A document in an ID3 tag.",
        works.mp3(works.frame(b"PRIV", b"rsl\0" + _rsl(NO_TRAINING).encode())),
        said=(NO_TRAINING_SAID,)),
    "png": Case("A document in a text chunk.",
        works.png(works.itxt(_rsl(NO_TRAINING).encode(), b"rsl")), said=(NO_TRAINING_SAID,)),
    "epub": Case("A document in the metadata of an EPUB.", works.epub(_rsl(NO_TRAINING)),
        said=(NO_TRAINING_SAID,)),
    "other_host": Case("The work was fetched from a delivery network; its address is another.",
        _in_xmp(_rsl(NO_TRAINING, "https://studio.example/a.jpg")), said=(NO_TRAINING_SAID,)),
    "no_address": Case("An empty address, which is right in a page only.",
        _in_xmp(_rsl(NO_TRAINING, "")), "malformed",
        said=((*NO_TRAINING_SAID, "lenient"),), faults=(("rsl-url-missing", "voids", 1),)),
    "namespace_around": Case("The namespace is declared around the document.",
        (BARE + _rsl(NO_TRAINING).replace(' xmlns:rsl="https://rslstandard.org/rsl"', "")
         + "</x:xmpmeta>").encode(), said=(NO_TRAINING_SAID,)),
    "default_namespace": Case("The namespace is the default.",
        works.png(works.itxt(_rsl(NO_TRAINING).replace("rsl:", "").replace("xmlns:rsl", "xmlns")
                             .encode(), b"rsl")), said=(NO_TRAINING_SAID,)),
    "five": Case("More documents than are read.", works.png(works.itxt(
        b"".join([_rsl(NO_TRAINING).encode()] * 5), b"rsl")), said=(NO_TRAINING_SAID,) * 4),
    "malformed": Case("A document that does not end.",
        _in_xmp(_rsl(NO_TRAINING).replace("</rsl:rsl>", "")), "malformed",
        faults=(("rsl-not-xml", "voids", 1),)),
    "lenient_only": Case("A word of the draft of 2025.",
        _in_xmp(_rsl(OLD_WORD)), "malformed",
        said=(("train", "disallowed", OLD_WORD.replace("rsl:", ""), "lenient"),),
        faults=(("rsl-legacy-token", "voids", 1),)),
    "contradictory": Case("Permitted and prohibited: the prohibition holds.",
        _in_xmp(_rsl(NO_TRAINING + TRAINING)),
        said=(NO_TRAINING_SAID,
              *((p, "disallowed", TRAINING.replace("rsl:", ""), "derived")
                for p in ("search", "ai_input"))),
        faults=(("rsl-contradiction", "changes", 1),)),
    "absent": Case("A packet without a licence.", packet(), "absent"),
}  # fmt: skip

FIELD_CASES = {
    "good": Case("A reservation in a Vorbis comment, with a policy.",
        works.flac("TDM-RESERVATION=1", f"TDM-POLICY={POLICY}"), "malformed",
        said=_reserved("flac-vorbis: vorbis:TDM-RESERVATION 1 | "
                       f"flac-vorbis: vorbis:TDM-POLICY {POLICY}", "lenient",
                       preference="conditional"),
        faults=(("media-field-folk", "voids"),)),
    "minimal": Case("A reservation in an ID3 tag.",
        works.mp3(works.frame(b"TXXX", b"\3tdm_reservation\x001")), "malformed",
        said=_reserved("id3: id3:tdm_reservation 1", "lenient"),
        faults=(("media-field-folk", "voids"),)),
    "png": Case("A reservation in a text chunk of a PNG.",
        works.png(works.chunk(b"tEXt", b"TDM-Reservation\x000")), "malformed",
        said=(("train", "allowed", "png-text: TDM-Reservation 0", "lenient"),),
        faults=(("media-field-folk", "voids"),)),
    "malformed": Case("Neither 1 nor 0.", works.flac("TDM-RESERVATION=perhaps"), "malformed",
        faults=(("media-field-folk", "voids"), ("tdm-reservation-unknown", "voids"))),
    "lenient_only": Case("A word for a number.", works.ogg("tdm:reservation=yes"), "malformed",
        said=_reserved("ogg-vorbis: vorbis:tdm:reservation yes", "lenient"),
        faults=(("media-field-folk", "voids"),)),
    "contradictory": Case("Both values: the more restrictive one is taken.",
        works.flac("TDM-RESERVATION=0", "TDM-RESERVATION=1"), "malformed",
        said=_reserved("flac-vorbis: vorbis:TDM-RESERVATION 1", "lenient"),
        faults=(("media-field-folk", "voids"), ("media-field-folk", "voids"))),
    "absent": Case("Other comments.", works.flac("TITLE=x", "COPYRIGHT=(c) A. Maker"), "absent"),
}  # fmt: skip


def _rights(inner: str = "", attributes: str = "") -> bytes:
    return packet(inner, attributes)


def _alt(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>'


BAN = "This picture may not be used for training AI models."
RIGHTS_CASES = {
    "good": Case("A notice, the mark and where the terms are.",
        _rights(_alt("dc:rights", "(c) A. Maker"),
                'xmpRights:Marked="True" xmpRights:WebStatement="https://studio.example/terms"'),
        note="marked"),
    "minimal": Case("The mark alone.", _rights("", 'xmpRights:Marked="True"'), note="marked"),
    "exif": Case("The copyright tag of Exif.", works.jpeg(works.app1_exif()), note="marked"),
    "malformed": Case("A packet that nobody can read.",
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:r="http://ns.adobe.com/xap/1.0/rights/">'
        b"</x:xmpmeta>", "malformed", faults=(("rights-packet-unreadable", "voids"),)),
    "lenient_only": Case("Terms of use that forbid training.",
        _rights(_alt("xmpRights:UsageTerms", BAN)), "malformed", "marked",
        said=(("train", "disallowed", f"sidecar: xmpRights:UsageTerms {BAN}", "lenient", "derived",
               "stance=ai_training_ban", "language=en"),)),
    "contradictory": Case("Public domain beside a notice.",
        _rights(_alt("dc:rights", "(c) A. Maker"), 'xmpRights:Marked="False"'), note="marked",
        faults=(("rights-contradiction", "changes"),)),
    "mark_unknown": Case("A mark that is no truth value, and a statement that is no address.",
        _rights("", 'xmpRights:Marked="yes" xmpRights:WebStatement="see our site"'),
        note="marked",
        faults=(("rights-marked-unknown", "risks"), ("rights-statement-unusable", "risks"))),
    "absent": Case("A packet without rights, and an invented field.",
        works.png(works.itxt(packet()), works.chunk(b"tEXt", b"TDM-Reservation\x001")), "absent"),
    "empty": Case("A notice of nothing.", _rights("<dc:rights></dc:rights>"), "absent"),
}  # fmt: skip

CASES: dict[str, dict[str, Case]] = {
    "plus_data_mining": PLUS_CASES,
    "c2pa_training_mining": C2PA_CASES,
    "tdmrep_embedded": TDM_CASES,
    "rsl_embedded": RSL_CASES,
    "media_fields": FIELD_CASES,
    "rights_notice": RIGHTS_CASES,
}


def main() -> None:
    """Write every fixture."""
    for signal, cases in CASES.items():
        folder = FIXTURES / signal
        folder.mkdir(exist_ok=True)
        for name, case in cases.items():
            (folder / f"{name}.http").write_bytes(case.http())
            (folder / f"{name}.json").write_text(case.json(), "utf-8")


if __name__ == "__main__":
    main()
