"""Reservations in plain words: terms of use, legal and copyright pages, the home page.

### Syntax

```html
<h1>Terms of use</h1>
<p>Atelier Example expressly reserves the use of this site for text and data mining
(Article 4(3) of Directive (EU) 2019/790).</p>
<p>You may not:</p>
<ul><li>train AI models on our photographs;</li></ul>
```

One sentence or list item must name mining, training or collection (the object) and reserve or
refuse it, within 300 characters; a list item is read together with the sentence that ends in
a colon before the list.
The words are a dated list in English, German, French, Spanish, Italian, Dutch, Portuguese,
Polish, Swedish and Danish.
The pages are found by the links of the home page, at most four of the same registrable domain;
where it has none, two usual addresses are tried.
Of the home page itself the footer and the metas `copyright` and `rights` are read, and those
sentences of the body that speak for the site itself ("our content", "I do not consent"): the
start page of a newspaper reports what others forbid.

### Meaning

| stance | train | ai_input | search |
|---|---|---|---|
| `tdm_reservation_cited_law` | disallowed (lenient, derived) | unstated | unstated |
| `ai_training_ban` | disallowed (lenient, derived) | unstated | unstated |
| `ai_licence_offer` | conditional (lenient, derived) | unstated | unstated |
| `scraping_ban_only` | unstated | unstated | unstated |

The first is mining or AI refused with a law named in the same paragraph, the second the same
without a law, the third a licence offered for training and nothing refused.
The last is automated collection refused and nothing said about mining or AI: it is no statement
on AI, and is kept as a cosmetic defect with its words.
The note of a finding is the most telling stance of the page.
A terms page speaks about the site; a home page does where it says so ("this website", "our
content"), and else about itself.

Whether words can be a machine-readable reservation is contested: the Higher Regional Court of
Hamburg denied it in December 2025 for a clause of 2021, the court below had thought it possible
(secondary source, unverified).
So the reading is never strict.

### Precedence

None is defined. Of an offer and a refusal the refusal is the more restrictive.

### Malformed files

Clauses that make an exception ("except", "unless") are left out before looking.
Passed over are questions, prohibitions denied, and sentences on the site's own AI, on users'
data, content and duties, and on courses.
A page whose title, headings and first words are not those of a terms or legal page is taken
for the site's answer to any address, but one without any heading that the site links as terms.

### Common mistakes

- A reservation in words only, with nothing that a machine is sure to read.
- Terms that forbid robots and do not say a word about AI.
- Terms that exist as a PDF, or only after a script has run: we do not see them.

### Adoption and readers

In February 2026, 7,575 sites of 79,173 terms pages scanned forbade crawling or AI training
there and had no rule for AI in robots.txt; in 2024, terms restricted 45 % of the tokens of the
C4 corpus (secondary sources, unverified).
Nobody documents that a crawler reads terms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.addresses import document_base, web_address
from crawler.hosts import registrable
from crawler.model import (
    Capture,
    Defect,
    Finding,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.html.page import Block, Kind, Meta, Page, Region
from crawler.registry import languages, prose, terms_links
from crawler.signals.reading.html_page import parsed
from crawler.signals.reading.readable import conclude, is_cut, is_html, quote, unreadable
from crawler.signals.reading.reservation import (
    ORDER,
    PREFERENCES,
    Reservation,
    Stance,
    classify,
    sentences,
)
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

HOME = "/"
TERMS = "terms:"
MAX_FOUND = 20
MAX_SENTENCES = 20_000
"""Sentences looked at of one page."""
MAX_LINKS = 4
MAX_OF_A_KIND = 2
MAX_URL = 2000
MAX_LEAD = 200
"""Characters kept of the sentence that leads into a list."""
_METAS = frozenset({"copyright", "rights", "dc.rights", "dcterms.rights"})
_OPENING = 5  # blocks of the main text in which a page without headings says what it is
_QUOTATION = re.compile('["“”„«»]')
_EFFECT = "Words against automated collection, and none about mining or AI: no statement."


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or an item with what leads into it, and what it speaks about."""

    text: str
    element: Block | Meta
    """Whose line is looked for only where the words say something: it takes a second parse."""
    of_site: bool = False
    """Whether they speak about the site whatever they say."""
    reported: bool = False
    """Whether the words may be somebody else's: then only a sentence for the site counts."""

    @property
    def line(self) -> int:
        """Its line, counted from 1."""
        return self.element.line

    @property
    def scope(self) -> Scope:
        """What they speak about."""
        is_site = self.of_site or prose.load().site.search(prose.fold(self.text))
        return Scope.SITE if is_site else Scope.PAGE


def find(capture: Capture) -> Finding:
    """Read the reservations of a terms page, or of the home page."""
    if finding := unreadable(capture):
        return finding
    cut = is_cut(capture)
    if not is_html(capture):
        return conclude([], [], cut=cut)
    page = parsed(capture)
    cut = cut or page.cut
    if capture.resource == HOME:
        return _finding(_home(capture, page), cut=cut)
    if not (_is_legal(page) or _is_linked(capture, page)) and not cut:
        return Finding(Reading.ABSENT, note="soft_404")
    return _finding(_passages(page), cut=cut)


def _finding(passages: Iterator[Passage], *, cut: bool) -> Finding:
    found: dict[str, tuple[Reservation, Passage]] = {}
    said_in = ((s, passage) for passage in passages for _, s in sentences(passage.text))
    for number, (sentence, passage) in enumerate(said_in):
        if number == MAX_SENTENCES:
            cut = True
            break
        said = classify(sentence, passage.text)
        if said and not (passage.reported and not _is_own(sentence)):
            found.setdefault(quote(sentence), (said, passage))
        if len(found) == MAX_FOUND:
            break
    statements = [
        _statement(words, said, passage)
        for words, (said, passage) in found.items()
        if said.stance in PREFERENCES
    ]
    defects = [
        Defect("scraping-ban-prose", Severity.COSMETIC, words, _EFFECT, passage.line)
        for words, (said, passage) in found.items()
        if said.stance is Stance.SCRAPING_BAN_ONLY
    ]
    finding = conclude(statements, defects, cut=cut)
    note = min((said.stance for _, (said, _) in found.items()), key=ORDER.index, default=None)
    return finding if finding.note else replace(finding, note=note)


def _statement(words: str, said: Reservation, passage: Passage) -> Statement:
    return Statement(
        Purpose.TRAIN,
        PREFERENCES[said.stance],
        Strictness.LENIENT,
        passage.scope,
        words,
        line=passage.line,
        derived=True,
        stance=said.stance,
        language=said.language,
    )


def _passages(page: Page) -> Iterator[Passage]:
    """The text of a terms page, each list item behind the sentence that leads into its list."""
    lead = ""
    for block in page.blocks:
        if block.region is Region.NAVIGATION:
            continue
        if block.kind is Kind.ITEM:
            yield Passage(f"{lead} {block.text}".strip(), block, of_site=True)
            continue
        lead = _lead(block.text)
        yield Passage(block.text, block, of_site=True)


def _lead(text: str) -> str:
    if not text.endswith(":"):
        return ""
    *_, (_, last) = sentences(text)
    return last[-MAX_LEAD:]


def _home(capture: Capture, page: Page) -> Iterator[Passage]:
    """What every page repeats, and then the paragraphs of the body."""
    for meta in parsed(capture).metas:
        names = {(name or "").strip().lower() for name in (meta.name, meta.property)}
        if names & _METAS and meta.content:
            yield Passage(meta.content, meta)
    for block in page.blocks:
        if block.region is Region.FOOTER:
            yield Passage(block.text, block)
    for block in page.blocks:
        if block.region is Region.MAIN and block.kind is not Kind.HEADING:
            yield Passage(block.text, block, reported=True)


def _is_own(sentence: str) -> bool:
    """Whether a sentence of a body speaks for its site: no headline, no quotation, no report."""
    whole = sentence.endswith((".", "!")) and not _QUOTATION.search(sentence)
    return whole and bool(prose.load().own.search(prose.fold(sentence)))


def _is_linked(capture: Capture, page: Page) -> bool:
    """Say whether the site calls an address its terms, and the page calls itself nothing else.

    What was linked is none of the addresses that are only tried, and no redirect left it.
    """
    try:
        asked, found = (urlsplit(url).path for url in (capture.url, capture.final_url))
    except ValueError:  # `http://[`
        return False
    tried = {path for paths in terms_links.load().paths.values() for path in paths}
    linked = asked == found and asked.strip("/") != "" and asked not in tried
    return linked and not any(block.kind is Kind.HEADING for block in page.blocks)


def _is_legal(page: Page) -> bool:
    """Say whether a page calls itself one of terms, copyright or law."""
    main = [block for block in page.blocks if block.region is Region.MAIN]
    openings = [block.text for block in main if block.kind is Kind.HEADING]
    openings += [block.text for block in main[:_OPENING]]
    words = terms_links.load()
    return any(words.names_legal(text) for text in (page.title, *openings))


def follow(capture: Capture) -> tuple[Link, ...]:
    """Return where the home page says that the terms are, else where they usually are."""
    if capture.resource != HOME or unreadable(capture) or not is_html(capture):
        return ()
    page = parsed(capture)
    urls = _linked(capture.final_url, page) or _usual(capture.final_url, page)
    return tuple(Link(TERMS, url) for url in urls)


def _linked(home: str, page: Page) -> list[str]:
    """Links to pages of the site, best kind first, those of the footer before others."""
    words = terms_links.load()
    ranked: dict[str, tuple[int, bool]] = {}
    try:
        base = document_base(home, page.base)
    except ValueError:  # `http://[`
        return []
    for anchor in page.anchors:
        url = web_address(anchor.href, base)
        if url is None or url == home or not _is_page(url):
            continue
        if (rank := words.rank(anchor.text, urlsplit(url).path)) is None:
            continue
        place = (rank, anchor.region is not Region.FOOTER)
        ranked[url] = min(ranked.get(url, place), place)
    counts: dict[int, int] = {}
    best: list[str] = []
    for url in sorted(ranked, key=lambda url: ranked[url]):
        rank = ranked[url][0]
        counts[rank] = counts.get(rank, 0) + 1
        if counts[rank] <= MAX_OF_A_KIND and _same_site(url, home):
            best.append(url)
    return best[:MAX_LINKS]


def _is_page(url: str) -> bool:
    """Whether an address may be that of a page of text."""
    return len(url) <= MAX_URL and not urlsplit(url).path.endswith(".pdf")


def _same_site(url: str, home: str) -> bool:
    hosts = [urlsplit(one).hostname or "" for one in (url, home)]
    families = {registrable(host)[1] or host for host in hosts}
    return len(families) == 1


def _usual(home: str, page: Page) -> list[str]:
    text = " ".join(block.text for block in page.blocks[:500])
    hint = (page.language or "").lower().partition("-")[0]
    paths = terms_links.load().paths
    chosen = paths.get(languages.identify(text) or hint, paths["en"])
    urls = (web_address(path, home) for path in chosen)
    return [url for url in urls if url and url != home and _is_page(url)]


SIGNAL = Signal(
    name="terms_prose",
    title="Reservations in terms",
    id="N1",
    spec="https://eur-lex.europa.eu/eli/dir/2019/790/oj",
    spec_version="Directive (EU) 2019/790, Article 4(3); word list of 2026-12-01",
    status=Status.PROPOSAL,
    carrier=Carrier.HTML,
    resources=(TERMS, HOME),
    find=find,
    follow=follow,
)
