"""The header `Robots-Tag` of an expired draft, and what people write in place of `X-Robots-Tag`.

### Syntax

```http
Robots-Tag: *=noindex, nosnippet; ExampleBot=noai
Robots-Tag: *;nosnippet, ExampleBot;noindex
```

The draft had two syntaxes.
Its first revision (August 2024) writes parts `token=rules` with semicolons between them; the later
ones, to revision 03 (April 2026), a List of RFC 9651 whose members are product tokens with the
rules as parameters.
The token `*` stands for everybody.
The draft has the rules `noindex` and `nosnippet` and admits others.

### Meaning

The words mean what they mean in `X-Robots-Tag`:

| word | whom it concerns | train | ai_input | search |
|---|---|---|---|---|
| `noai` | all | disallowed | | |
| `noimageai` | all, images only | disallowed | | |
| `noml` | all | disallowed | disallowed (derived) | |
| `noarchive` | bingbot | disallowed | disallowed | |
| `noarchive` | Amazonbot | disallowed | | |
| `nocache` | bingbot | conditional | conditional | |
| `nosnippet`, `max-snippet:0` | Googlebot | | disallowed | |
| `max-snippet:` with a number above 0 | Googlebot | | conditional (derived) | |
| `noindex`, `none` | all | | | disallowed |
| `noimageindex` | all, images only | | | disallowed |

### Precedence

Restrictions add up: those for everybody and those for a token both hold, so that a token without
rules (`ExampleBot=`) is not freed of anything.

### Malformed values

Each line is read by itself, so that a faulty one voids no other.
Bare words (`Robots-Tag: noai`), and any words under `Robots`, `X-Robots`, `X-Robot-Tag` or
`X-Robots-Tags`, are read leniently, as `X-Robots-Tag` would be: these are folk forms. Quotation
marks and other signs between words are forgiven as there, and a crawler's name keeps the words.

### Common mistakes

- `Robots: noai`.
- The values of `X-Robots-Tag` under the new name.

### Adoption and readers

Nobody is known to send or to read any of them; `X-Robots-Tag` is what is read.
The last revision expired in October 2026.
"""

from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Severity
from crawler.parsers.http import header_values
from crawler.parsers.robots_tag import MAX_VALUE, parse_robots_tag
from crawler.parsers.x_robots import parse_x_robots
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.robots_tokens import Said, read
from crawler.signals.reading.signal import Carrier, Signal, Status

NAME = "Robots-Tag"
FOLK = ("Robots", "X-Robots", "X-Robot-Tag", "X-Robots-Tags")
_EFFECTS = {
    "repext-syntax": "Neither syntax of the draft: strict readers get no rule out of it.",
    "folk-robots-field": "The field that is read is X-Robots-Tag: strict readers miss this one.",
}


def find(capture: Capture) -> Finding:
    """Read every line of `Robots-Tag` and of its folk forms."""
    if finding := unanswered(capture):
        return finding
    said: list[Said] = []
    defects: list[Defect] = []
    cut = False
    for name, value in _lines(capture):
        cut = cut or len(value) > MAX_VALUE
        words, fault = _words(name, value[:MAX_VALUE])
        if fault and read(words)[0]:
            defects.append(Defect(fault, Severity.VOIDS, quote(words[0].raw), _EFFECTS[fault]))
        said += words
    statements, faults, left = read(said)
    return conclude(statements, defects + faults, cut=cut or left)


def _lines(capture: Capture) -> Iterator[tuple[str, str]]:
    for name in (NAME, *FOLK):
        for value in header_values(capture.headers, name):
            yield name, value


def _words(name: str, value: str) -> tuple[list[Said], str | None]:
    """The words of one line, and what makes it one for tolerant readers only."""
    raw = f"{name}: {value}"
    directives = parse_robots_tag(value) if name == NAME else None
    if directives is not None:
        return [Said(word, word.bot or "*", raw) for word in directives], None
    folk = parse_x_robots([value])
    said = [Said(word, word.bot or "*", raw, misplaced=True) for word in folk]
    return said, "repext-syntax" if name == NAME else "folk-robots-field"


SIGNAL = Signal(
    name="robots_tag_header",
    title="Robots-Tag response header and folk forms",
    id="H7",
    spec="https://datatracker.ietf.org/doc/draft-illyes-repext/",
    spec_version="draft-illyes-repext-00, August 2024, to -03, April 2026 (expired)",
    status=Status.ABANDONED,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
)
