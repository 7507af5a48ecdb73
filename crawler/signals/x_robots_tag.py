"""A response header with words for robots, some of which concern the use by AI.

### Syntax

```http
X-Robots-Tag: noai, noimageai
X-Robots-Tag: bingbot: noarchive
X-Robots-Tag: max-snippet:0, unavailable_after: Wed, 25 Jun 2031 15:00:00 GMT
```

A line is an optional bot name with a colon, then words set apart by commas, in any case.
The header may come several times; the words add up.
A bot name counts up to the end of its line, or up to the next bot name where a proxy has joined
lines with commas.
Four words carry a colon of their own and name no bot: `max-snippet`, `max-image-preview`,
`max-video-preview` and `unavailable_after`, whose date holds commas and colons besides.

### Meaning

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

What is empty is unstated.
A word addressed to one bot concerns that bot only.
`noindex` is not an AI signal; that an answer engine loses the page with it is an inference that
we do not record.

### Precedence

Restrictions add up, whichever line they stand on, and add up with the metas of the page.
Bing takes `noarchive` and `nocache` together as `nocache`.

### Malformed values

Our lenient reading takes words set apart by spaces, semicolons, `/`, `|`, `+` or the commas of
other scripts, words in quotation marks or brackets, and the inventions
`noaitraining`, `no-ai`, `no ai`, `notrain` and `DisallowAITraining` as `noai`.

A crawler's name among the words (`GPTBot noai`) keeps them for that crawler alone.

### Common mistakes

- The header on pages only, while the images come from another host without it.
- `max-snippet:-1, noai`: img2dataset takes all before the first colon for a bot name, and does
  not see `noai`.
- `otherbot: noindex, noai`: Spawning's `datadiligence` splits at commas first, and takes `noai`
  as addressed to everybody; it also compares case, and misses `NoAI`.
- The belief that Google or OpenAI reads `noai`.

### Adoption and readers

`noai` and `noimageai` are a convention that DeviantArt began in November 2022; no standard has
them, and Google's list of rules does not.
img2dataset skips on `noai`, `noimageai`, `noindex` and `noimageindex` in the header, unless its
user switches that off; `datadiligence` reads them too.
Bing documents `noarchive` and `nocache`, Amazon `noarchive`, Google `nosnippet` and `max-snippet`.
No reader of `noml` is known (unverified).
"""

from crawler.model import Capture, Finding
from crawler.parsers.http import header_values
from crawler.parsers.spelling import decoded
from crawler.parsers.x_robots import parse_x_robots
from crawler.signals.reading.readable import conclude, unanswered
from crawler.signals.reading.robots_tokens import Said, read
from crawler.signals.reading.signal import Carrier, Signal, Status


def find(capture: Capture) -> Finding:
    """Read every X-Robots-Tag line of one answer."""
    if finding := unanswered(capture):
        return finding
    values = header_values(capture.headers, "x-robots-tag")
    raw = [f"X-Robots-Tag: {decoded(value)}" for value in values]
    said = [Said(word, word.bot or "*", raw[word.index]) for word in parse_x_robots(values)]
    statements, defects, cut = read(said)
    return conclude(statements, defects, cut=cut)


SIGNAL = Signal(
    name="x_robots_tag",
    title="X-Robots-Tag response header",
    id="H2",
    spec="https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag",
    spec_version="vendor documentation as read in November 2026",
    status=Status.VENDOR,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
)
