"""Reservations in plain words in the comments of `/robots.txt`.

### Syntax

```
# Legal notice: atelier.example expressly reserves the right to use its content
# for commercial text and data mining (§ 44b UrhG).
User-agent: *
Disallow:
```

Consecutive comment lines are one text.
A sentence counts that names mining or AI (the object) and refuses or reserves it, within 300
characters, in English, German, French, Spanish, Italian or Dutch; words are a dated list.

### Meaning

| note | train | ai_input | search |
|---|---|---|---|
| `tdm_reservation_cited_law` | disallowed (lenient, derived) | unstated | unstated |
| `ai_training_ban` | disallowed (lenient, derived) | unstated | unstated |
| `scraping_ban_only` | unstated | unstated | unstated |

The first note is for mining or AI refused with a law named, the second for the same without a law,
the third for automated collection refused and nothing said about mining or AI.
Whether words can be a machine-readable reservation is contested: the Higher Regional Court of
Hamburg denied it in December 2025 for a clause of 2021, the court below had thought it possible.
So the reading is never strict.

### Precedence

None is defined; prose speaks about the whole site.

### Malformed files

Clauses that make an exception ("except", "unless") are left out before looking.
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
from itertools import pairwise

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
from crawler.parsers import robots
from crawler.registry import prose
from crawler.signals.readable import quote
from crawler.signals.robots_lines import RESOURCE, ended, parsed, unread
from crawler.signals.signal import Carrier, Signal, Status

WINDOW = 300
MAX_SENTENCES = 20
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜÀÉ])")
_RULE = re.compile(
    r"[\s#]*+(?:user-?agent|(?:dis)?allow|sitemap|crawl-delay|host)\s*+:", re.IGNORECASE
)
_ORDER = ("tdm_reservation_cited_law", "ai_training_ban", "scraping_ban_only")
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
    found: list[tuple[str, Sentence]] = []
    for sentence in _sentences(parsed(capture.body)):
        if kind := classify(sentence.words, sentence.text):
            found.append((kind, sentence))
            if len(found) == MAX_SENTENCES:
                break
    note = min((kind for kind, _ in found), key=_ORDER.index, default=None)
    statements = [_statement(one) for kind, one in found if kind != "scraping_ban_only"]
    defects = [_defect(one) for kind, one in found if kind == "scraping_ban_only"]
    return ended(capture, (), defects, note, statements)


def _sentences(file: robots.RobotsFile) -> Iterator[Sentence]:
    for paragraph in _paragraphs(file):
        text = " ".join(words for _, words in paragraph)
        starts, at = [], 0
        for number, words in paragraph:
            starts.append((at, number))
            at += len(words) + 1
        position = 0
        for end in [*(m.end() for m in _END.finditer(text)), len(text)]:
            while len(starts) > 1 and starts[1][0] <= position:
                del starts[0]
            yield Sentence(text[position:end].strip(), starts[0][1], text)
            position = end


def _paragraphs(file: robots.RobotsFile) -> Iterator[list[tuple[int, str]]]:
    """Runs of comment lines; a bare `#`, a rule, and a rule put in comments end them."""
    paragraph: list[tuple[int, str]] = []
    open_end = False  # the comment behind a rule is a text of its own
    for number, raw in enumerate(file.raws, 1):
        before, _, comment = raw.partition(b"#")
        words = _decoded(comment).strip(" \t\r\n#*-=") if comment else ""
        alone = not before.strip()
        told = bool(words) and not _RULE.match(words)
        if paragraph and not (open_end and alone and told):
            yield paragraph
            paragraph = []
        if told:
            paragraph.append((number, words))
        open_end = alone
    if paragraph:
        yield paragraph


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def classify(sentence: str, text: str = "") -> str | None:
    """Give the class of a sentence, or None; `text` around it may name the law."""
    words = prose.load()
    folded = prose.fold(sentence)
    if words.templates.search(folded):
        return None
    kinds = set(filter(None, (_kind(folded, one) for one in words.languages)))
    if "ai_training_ban" not in kinds:
        return "scraping_ban_only" if kinds else None
    cited = words.laws.search(folded) or words.laws.search(prose.fold(text[:3000]))
    return "tdm_reservation_cited_law" if cited else "ai_training_ban"


def _kind(folded: str, language: prose.Language) -> str | None:
    if not language.refusals.search(folded):
        return None
    left = language.exceptions.sub(" ", folded)
    if _refused(left, language.mining, language.refusals):
        return "ai_training_ban"
    if _refused(left, language.scraping, language.refusals):
        return "scraping_ban_only"
    return None


def _refused(text: str, objects: re.Pattern[str], refusals: re.Pattern[str]) -> bool:
    """Say whether an object and a refusal stand within the window: the next one behind each."""
    spots = sorted(
        (match.start(), is_object)
        for pattern, is_object in ((objects, True), (refusals, False))
        for match in pattern.finditer(text)
    )
    pairs = pairwise(spots)
    return any(a[1] is not b[1] and b[0] - a[0] <= WINDOW for a, b in pairs)


def _statement(sentence: Sentence) -> Statement:
    return Statement(
        Purpose.TRAIN,
        Preference.DISALLOWED,
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
    spec_version="Directive (EU) 2019/790, Article 4(3); word list of 2026-11-24",
    status=Status.PROPOSAL,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
)
