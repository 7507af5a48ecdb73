"""Reservations in plain words in the comments of `/robots.txt`.

### Syntax

```
# Legal notice: atelier.example expressly reserves the right to use its content
# for commercial text and data mining (§ 44b UrhG).
User-agent: *
Disallow:
```

Consecutive comment lines are one text; it goes on over blank ones while its sentence has no
end, or leads into a list with a colon.
A sentence counts that names mining or AI (the object) and refuses or reserves it, within 300
characters; words are a dated list in the ten languages of `terms_prose`.

### Meaning

| note | train | ai_input | search |
|---|---|---|---|
| `tdm_reservation_cited_law` | disallowed (lenient, derived) | unstated | unstated |
| `ai_training_ban` | disallowed (lenient, derived) | unstated | unstated |
| `ai_licence_offer` | conditional (lenient, derived) | unstated | unstated |
| `scraping_ban_only` | unstated | unstated | unstated |

The first note is for mining or AI refused with a law named, the second for the same without a law,
the third for a licence offered and nothing refused, the last for automated collection refused and
nothing said about mining or AI.
Whether words can be a machine-readable reservation is contested: the Higher Regional Court of
Hamburg denied it in December 2025 for a clause of 2021, the court below had thought it possible.
So the reading is never strict.

### Precedence

None is defined; prose speaks about the whole site.

### Malformed files

Clauses that make an exception ("except", "unless") are left out before looking.
Questions, prohibitions denied and comments that explain a rule ("disallow all crawlers") are none.
The policy text of Content Signals is no reservation by itself.

### Common mistakes

- A reservation in words only, with nothing that a machine is sure to read.

### Adoption and readers

275 files of the ten thousand best known sites cite the directive (secondary source, unverified).
Nobody documents that a crawler reads comments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.model import Capture, Defect, Finding, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.robots import syntax
from crawler.signals.reading.readable import quote
from crawler.signals.reading.reservation import ORDER, PREFERENCES, Stance, classify, sentences
from crawler.signals.reading.robots_lines import RESOURCE, ended, parsed, unread
from crawler.signals.reading.signal import Carrier, Signal, Status

MAX_SENTENCES = 20
_RULE = re.compile(
    r"[\s#]*+(?:user-?agent|(?:dis)?allow|sitemap|crawl-delay|host)\s*+:", re.IGNORECASE
)
_EFFECT = "Words against automated collection, and none about mining or AI: no statement."


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a comment; `line` is where it starts, `text` its whole paragraph."""

    words: str
    line: int
    text: str


def find(capture: Capture) -> Finding:
    """Read the sentences of all comments."""
    if finding := unread(capture):
        return finding
    found: list[tuple[Stance, Sentence]] = []
    for sentence in _sentences(parsed(capture.body)):
        said = classify(sentence.words, sentence.text)
        if said:
            found.append((said.stance, sentence))
        if len(found) == MAX_SENTENCES:
            break
    note = min((stance for stance, _ in found), key=ORDER.index, default=None)
    statements = [_statement(*pair) for pair in found if pair[0] in PREFERENCES]
    defects = [_defect(one) for stance, one in found if stance is Stance.SCRAPING_BAN_ONLY]
    return ended(capture, (), defects, note, statements)


def _sentences(file: syntax.RobotsFile) -> Iterator[Sentence]:
    for paragraph in _paragraphs(file):
        text = " ".join(words for _, words in paragraph)
        starts, at = [], 0
        for number, words in paragraph:
            starts.append((at, number))
            at += len(words) + 1
        for position, sentence in sentences(text):
            while len(starts) > 1 and starts[1][0] <= position:
                del starts[0]
            yield Sentence(sentence, starts[0][1], text)


def _paragraphs(file: syntax.RobotsFile) -> Iterator[list[tuple[int, str]]]:
    """Runs of comment lines; a rule and a rule put in comments end them, a blank line may."""
    paragraph: list[tuple[int, str]] = []
    open_end = False  # the comment behind a rule is a text of its own
    blank = False
    for number, raw in enumerate(file.raws, 1):
        before, _, comment = raw.partition(b"#")
        words = _decoded(comment).strip(" \t\r\n#*-=") if comment else ""
        alone = not before.strip()
        if paragraph and alone and not words:
            blank = True
            continue
        told = bool(words) and not _RULE.match(words)
        joined = open_end and alone and told
        if paragraph and not (joined and (not blank or _goes_on(paragraph, words))):
            yield paragraph
            paragraph = []
        if told:
            paragraph.append((number, words))
        open_end, blank = alone, False
    if paragraph:
        yield paragraph


def _goes_on(paragraph: list[tuple[int, str]], after: str) -> bool:
    """Whether a text goes on over a blank line: "… prohibited:", "We forbid … | the use of …".

    A small letter tells that a sentence goes on only where the text begins with a capital.
    """
    begun, before = paragraph[0][1], paragraph[-1][1]
    return before[-1] in ":,;" or (
        before[-1] not in ".!?" and after[0].islower() and begun[0].isupper()
    )


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _statement(stance: Stance, sentence: Sentence) -> Statement:
    return Statement(
        Purpose.TRAIN,
        PREFERENCES[stance],
        Strictness.LENIENT,
        Scope.SITE,
        quote(sentence.words),
        line=sentence.line,
        derived=True,
    )


def _defect(sentence: Sentence) -> Defect:
    raw = quote(sentence.words)
    return Defect("scraping-ban-prose", Severity.COSMETIC, raw, _EFFECT, sentence.line)


SIGNAL = Signal(
    name="robots_prose",
    title="Reservations in comments",
    id="N1",
    spec="https://eur-lex.europa.eu/eli/dir/2019/790/oj",
    spec_version="Directive (EU) 2019/790, Article 4(3); word list of 2026-12-01",
    status=Status.PROPOSAL,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
)
