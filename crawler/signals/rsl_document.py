"""A licence document in Really Simple Licensing (RSL): what may be done with what, on what terms.

### Syntax

```xml
<rsl xmlns="https://rslstandard.org/rsl" max-age="14">
  <content url="/">
    <license>
      <permits type="usage">search ai-input</permits>
      <prohibits type="usage">ai-train</prohibits>
      <payment type="attribution"/>
    </license>
  </content>
</rsl>
```

The document stands at any address.
Lines in robots.txt, `Link` headers and `link` elements point to it; `/license.xml` and
`/rsl.xml` are habits, and what we find there without being pointed to it is noted (`guessed`).
`url` is a path pattern as in robots.txt, or a full address.
Each `license` is an offer; in it `permits` and `prohibits` of the types `usage`, `user` and `geo`
take words with blanks between them.
`payment` names what is asked, `server` the place where a licence has to be obtained even if it
is free, `reporting` what has to be told.
Uses are `search`, `ai-train`, `ai-input`, `ai-index` (what an AI keeps to answer from), `ai-all`
and `all`.

### Meaning

| value | train | search | ai_input |
|---|---|---|---|
| prohibits `ai-train` | disallowed | unstated | unstated |
| prohibits `ai-input` | unstated | unstated | disallowed |
| prohibits `ai-index` | unstated | unstated | disallowed (derived) |
| prohibits `search` | unstated | disallowed | unstated |
| prohibits `ai-all` | disallowed | unstated | disallowed |
| prohibits `all` | disallowed | disallowed | disallowed |
| permits `ai-train` | allowed | disallowed (derived) | disallowed (derived) |
| permits `search ai-input` | disallowed (derived) | allowed | allowed |
| permits `ai-index` | disallowed (derived) | disallowed (derived) | disallowed (derived) |

*Allowed* becomes *conditional* with any payment other than `free`, with `server`, with
`reporting`, and where users or countries are named.
A `permits` of uses means that the uses it does not list are not licensed.
A licence that lists no uses covers all of them: with terms that is *conditional* (derived),
without terms we leave it unstated.

### Precedence

The order of the document means nothing.
The `content` with the longest matching url holds for a path.
In it a prohibition beats every permission; of several offers for one use any may be taken, so
the freest counts.
Several documents are read side by side, and the most restrictive one holds.
A document that robots.txt names for a single crawler is not asked for: it says nothing to the
others.

### Malformed files

RSL refuses a document with elements or words of its own that it does not know; a strict reader
then gets nothing out of it, and what it was meant to say is our lenient reading.
The lenient reading also takes another or no namespace, commas between words, capital letters,
the words of RSL 0.9 (`train-ai`, `train-genai`, `ai-use`), several elements of one type, a use as
the type with `yes` or `no` as its value, a url without a slash or none at all, blank lines before
the XML declaration and a bare `&`.
A document type declaration is refused: entities are a way to attack readers.
A web page, or XML of another kind, is no RSL at all.
Where no valid document can be had, RSL counts the content as not licensed; we record the fault and
make no statement of it.

### Common mistakes

- `permits` of a use beside `prohibits` of all, in one licence: the use is prohibited.
- A `content` without a `license`.
- Commas between words.
- Invented words and elements, such as `ai-summarize` or `attribution`.
- The address of another host, such as the staging one, in `url`.
- A License line that leads nowhere.

A full address in a document on another host than the site's is compared with the document's
host: a collective's document that lists its members' addresses is therefore not read for them.

### Adoption and readers

More than 1,500 organisations endorse RSL by its own account of December 2025.
Among 130 domains near to the initiative five pointed to a licence in September 2026, two of them
its own (secondary source, unverified).
No AI company has said that it honours RSL (secondary source, unverified).
"""

from dataclasses import replace

from crawler.answers import Answer, classify
from crawler.model import Capture, Defect, Finding, Reading, Severity
from crawler.signals.reading.readable import conclude, is_cut, looks_like_html, quote, unreadable
from crawler.signals.reading.robots_lines import longest_match
from crawler.signals.reading.rsl import SPEC, SPEC_VERSION, read
from crawler.signals.reading.signal import Carrier, Signal, Status

RESOURCE = "rsl:"
_UNREACHABLE = "Nothing is there: RSL counts the content as not licensed."


def find(capture: Capture) -> Finding:
    """Read one document, pointed to or guessed."""
    if finding := unreadable(capture):
        return _unreachable(capture) if classify(capture) is Answer.MISSING else finding
    cut = is_cut(capture)
    terms = read(capture.body, capture.url)
    if terms is None and looks_like_html(capture.body):
        return Finding(Reading.ABSENT, note="soft_404")
    if terms is None or (cut and not terms.statements):
        found = conclude([], [], cut=cut)
        return found if cut else replace(found, note="not_rsl")
    found = conclude([*terms.statements], [*terms.defects], cut=cut or terms.cut)
    if found.outcome is Reading.ABSENT:
        found = replace(found, outcome=Reading.PRESENT, note="no_use_named")
    if capture.resource != RESOURCE and not found.note:
        found = replace(found, note="guessed")
    return found


def _unreachable(capture: Capture) -> Finding:
    """A pointer that leads nowhere is a fault, a guess that misses is none."""
    found = Finding(Reading.ABSENT, note="missing")
    if capture.resource != RESOURCE:
        return found
    fault = Defect("rsl-unreachable", Severity.VOIDS, quote(capture.url), _UNREACHABLE)
    return replace(found, defects=(fault,))


SIGNAL = Signal(
    name="rsl_document",
    title="RSL licence document",
    id="F7",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.VENDOR,
    carrier=Carrier.DOCUMENT,
    resources=(RESOURCE, "/license.xml", "/rsl.xml"),
    find=find,
    select=longest_match(),
)
