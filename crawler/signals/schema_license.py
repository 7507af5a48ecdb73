"""What a page says in schema.org's words about its licence; context, and no opt-out by itself.

### Syntax

```html
<script type="application/ld+json">
{"@context": "https://schema.org", "@type": "ImageObject",
 "license": "https://atelier.example/licence",
 "acquireLicensePage": "https://atelier.example/buy",
 "copyrightNotice": "© Mina Harrow. No text and data mining (Article 4(3) Directive 2019/790)."}
</script>
<p itemprop="usageInfo">…</p>
<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>
```

Read are `license`, `usageInfo`, `acquireLicensePage`, `copyrightNotice`, `copyrightHolder`,
`copyrightYear`, `creditText` and `conditionsOfAccess`, in JSON-LD, microdata and RDFa, with or
without a prefix; and the links `rel="license"`.
Of the metas `copyright`, `rights` and their Dublin Core kin the words alone are read.

### Meaning

| note | what was found | train | ai_input | search |
|---|---|---|---|---|
| `tdm_reservation_cited_law` | words against mining or AI, with a law | disallowed | | |
| `ai_training_ban` | the same without a law | disallowed | | |
| `scraping_ban_only` | words against automated collection alone | | | |
| `creative_commons` | a licence of Creative Commons | | | |
| `licence_terms` | the address of other terms, or where to get a licence | | | |
| `copyright_only` | a notice, a holder, a year or a credit | | | |

What is empty is unstated; the first row that applies gives the note.
What words say is always lenient and derived, so that a page with them is `malformed` here and a
page with other facts alone `present`.
schema.org has no property for AI, so that an address says nothing about it; the words of a notice
may, and the IPTC recommends to write a reservation there (secondary source, unverified).
Words are read by the list that serves for comments in robots.txt (`robots_prose`).
A licence of Creative Commons is no opt-out.
A notice of a media object has the scope `asset`, and so has one in microdata or RDFa outside the
head, whose object is not looked up; any other is about the page.
The pages that `usageInfo`, `acquireLicensePage` and `license` lead to are asked for.

### Precedence

None is defined.

### Malformed values

JSON-LD that is no JSON is named where a property of the list stands in it.
A trailing comma, a byte-order mark or `&quot;` for quotation marks is read leniently.
A block that is nested deeper than 64 levels is not read, and then the page is unmeasured.
`license` asks for an address; a name in its place is named.

### Common mistakes

- The reservation in `license`, which asks for an address.
- Line breaks inside a JSON text, or JSON escaped for HTML: the block is lost as a whole.
- Properties on the logo in place of the article or the picture.

### Adoption and readers

Google shows `license` and `acquireLicensePage` of pictures as "Licensable"; that any AI company
reads a notice is not known (unverified).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from crawler.model import Capture, Defect, Finding, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.html.page import HtmlLink, Meta, Property, Script
from crawler.parsers.html.reader import PROPERTIES
from crawler.parsers.jsontext import parse_json
from crawler.signals.reading.html_page import absolute, defect, ended, parsed, unread
from crawler.signals.reading.licence import is_ordinary
from crawler.signals.reading.readable import quote
from crawler.signals.reading.reservation import (
    ORDER,
    PREFERENCES,
    Reservation,
    Stance,
    classify,
    sentences,
)
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

MAX_FACTS = 500
MAX_LINKS = 2
MAX_WORDS = 50_000
"""Characters of a page's notices that are looked through for a reservation."""
MAX_BANS = 20

JSON_LD = "application/ld+json"
_POINTERS = ("usageinfo", "acquirelicensepage", "license")
_TERMS = frozenset(_POINTERS)
_WORDS = frozenset({"copyrightnotice", "usageinfo", "credittext", "conditionsofaccess", "license"})
_META_RIGHTS = frozenset(
    {
        "copyright",
        "rights",
        "dc.rights",
        "dcterms.rights",
        "dcterms.accessrights",
        "dcterms.license",
    }
)
_MEDIA = ("ImageObject", "MediaObject", "VideoObject", "AudioObject", "Photograph", "Drawing")
_VALUE_KEYS = ("@id", "url", "@value", "name", "text")
_ADDRESS = re.compile(
    r"(?:https?:)?//|\.{0,2}/|[#?]|\S+\.(?:html?|php|aspx?|pdf|txt)$", re.IGNORECASE
)
_EFFECTS = {
    "schema-not-json": "The block is no JSON: every property in it is lost.",
    "schema-json-leniency": "Strict parsers refuse the block.",
    "schema-licence-not-address": "`license` asks for an address; this is none.",
    "schema-licence-and-ban": "A licence of Creative Commons beside words that reserve AI use.",
    "scraping-ban-prose": (
        "Words against automated collection, and none about mining or AI: no statement."
    ),
}
_SEVERITIES = {
    "schema-json-leniency": Severity.RISKS,
    "schema-licence-not-address": Severity.COSMETIC,
    "schema-licence-and-ban": Severity.RISKS,
    "scraping-ban-prose": Severity.COSMETIC,
}

Tag = HtmlLink | Meta | Property | Script


@dataclass(frozen=True, slots=True)
class Fact:
    """One property with a value, and the element it stands in. `name` is in lower case."""

    name: str
    value: str
    tag: Tag
    scope: Scope
    exact: bool = True
    """A strict parser of JSON reads it."""


def find(capture: Capture) -> Finding:
    """Read all that a page says about its licence, and the words of its notices."""
    if finding := unread(capture):
        return finding
    facts, defects, cut = _facts(capture)
    bans = list(islice(_bans(facts), MAX_BANS))
    statements = [_statement(*ban) for ban in bans if ban[0].stance in PREFERENCES]
    scraping = [fact for said, fact, _ in bans if said.stance is Stance.SCRAPING_BAN_ONLY]
    defects += [_defect("scraping-ban-prose", fact.tag) for fact in scraping]
    defects += [_defect("schema-licence-not-address", f.tag) for f in facts if _is_name(f)]
    commons = [fact for fact in facts if _is_commons(capture, fact)]
    if commons and statements:
        defects.append(_defect("schema-licence-and-ban", commons[0].tag))
    told = [fact for fact in facts if fact.exact and not isinstance(fact.tag, Meta)]
    note = _note(facts, {said.stance for said, _, _ in bans}, is_commons=bool(commons))
    cut = cut or sum(len(fact.value) for fact in _wordings(facts)) > MAX_WORDS
    return ended(capture, statements, defects, note, present=bool(told), cut=cut)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the pages with terms that properties lead to, the most particular first."""
    if unread(capture):
        return ()
    facts = sorted(
        (fact for fact in _facts(capture)[0] if fact.name in _TERMS and not _is_name(fact)),
        key=lambda fact: _POINTERS.index(fact.name),
    )
    urls = (absolute(capture, fact.value) for fact in facts)
    kept = dict.fromkeys(url for url in urls if url and not is_ordinary(url))
    return tuple(Link("terms:", url) for url in list(kept)[:MAX_LINKS])


def _facts(capture: Capture) -> tuple[list[Fact], list[Defect], bool]:
    """All facts of a page with the faults, and whether a limit of ours left any out."""
    page = parsed(capture)
    facts: list[Fact] = []
    defects: list[Defect] = []
    cut = False
    for script in page.scripts:
        if script.type == JSON_LD:
            found, fault, left_out = _in_block(script)
            facts += found
            defects += fault
            cut = cut or left_out
    for prop in page.properties:
        scope = Scope.PAGE if prop.in_head else Scope.ASSET
        facts.append(Fact(prop.name, prop.value, prop, scope))
    for link in page.links:
        if "license" in link.rel and link.href and "rsl" not in (link.type or "").lower():
            facts.append(Fact("license", link.href, link, Scope.PAGE))
    for meta in page.metas:
        if (meta.name or "").strip().lower() in _META_RIGHTS and meta.content:
            facts.append(Fact("copyrightnotice", meta.content, meta, Scope.PAGE))
    facts = [fact for fact in facts if fact.value.strip()]
    return facts[:MAX_FACTS], defects, cut or len(facts) > MAX_FACTS


def _in_block(script: Script) -> tuple[list[Fact], list[Defect], bool]:
    lower = script.text.lower().replace("&quot;", '"')
    if not any(f'{name}"' in lower for name in PROPERTIES):
        return [], [], False
    document = parse_json(script.text.strip().encode("utf-8", "replace"))
    if document.problem:
        defects = [] if document.unread else [_defect("schema-not-json", script)]
        return [], defects, document.unread
    exact = not document.leniencies
    facts = list(islice(_in_json(document.value, script, exact=exact), MAX_FACTS + 1))
    return facts, [] if exact or not facts else [_defect("schema-json-leniency", script)], False


def _in_json(document: object, script: Script, *, exact: bool) -> Iterator[Fact]:
    """Every known property of every object, by its own type; a stack in place of recursion."""
    stack = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += reversed(node)
        if not isinstance(node, dict):
            continue
        scope = Scope.ASSET if _is_media(node.get("@type")) else Scope.PAGE
        for key, value in node.items():
            name = re.split("[:/#]", key)[-1].lower()
            if name in PROPERTIES:
                for text in _texts(value):
                    yield Fact(name, text, script, scope, exact)
        stack += reversed(list(node.values()))


def _is_media(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(one, str) and one.endswith(_MEDIA) for one in kinds)


def _texts(value: object) -> Iterator[str]:
    """The texts of a value: itself, or an address, a name or a text of each object."""
    for one in value if isinstance(value, list) else [value]:
        given = (
            next((one[k] for k in _VALUE_KEYS if k in one), None) if isinstance(one, dict) else one
        )
        if isinstance(given, str | int) and not isinstance(given, bool):
            yield str(given)


def _bans(facts: list[Fact]) -> Iterator[tuple[Reservation, Fact, str]]:
    """Class and words of each sentence that refuses; a text that is repeated is read once."""
    left = MAX_WORDS
    for fact in _wordings(facts):
        text = fact.value[:left]
        left -= len(text)
        if _ADDRESS.match(text.strip()):
            continue
        for _, sentence in sentences(text):
            if said := classify(sentence, text):
                yield said, fact, sentence


def _wordings(facts: list[Fact]) -> list[Fact]:
    """The facts whose words may reserve something, the first one of each text."""
    texts = {(fact.value, fact.scope): fact for fact in reversed(facts) if fact.name in _WORDS}
    return list(reversed(texts.values()))


def _is_name(fact: Fact) -> bool:
    return fact.name == "license" and not _ADDRESS.match(fact.value.strip())


def _is_commons(capture: Capture, fact: Fact) -> bool:
    url = absolute(capture, fact.value) if fact.name == "license" else None
    return url is not None and is_ordinary(url) and "creativecommons" in url.lower()


def _note(facts: list[Fact], stances: set[Stance], *, is_commons: bool) -> str | None:
    if stances:
        return min(stances, key=ORDER.index)
    if is_commons:
        return "creative_commons"
    names = {fact.name for fact in facts if not isinstance(fact.tag, Meta)}
    if names & _TERMS:
        return "licence_terms"
    return "copyright_only" if names else None


def _statement(said: Reservation, fact: Fact, words: str) -> Statement:
    return Statement(
        Purpose.TRAIN,
        PREFERENCES[said.stance],
        Strictness.LENIENT,
        fact.scope,
        quote(" ".join(words.split())),
        line=fact.tag.line,
        derived=True,
        stance=said.stance,
        language=said.language,
    )


def _defect(code: str, tag: Tag) -> Defect:
    return defect(code, _SEVERITIES.get(code, Severity.VOIDS), _EFFECTS[code], tag)


SIGNAL = Signal(
    name="schema_license",
    title="Licence metadata",
    id="M4",
    spec="https://schema.org/CreativeWork",
    spec_version="vocabulary as read in November 2026",
    status=Status.COMMUNITY,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
    follow=follow,
)
