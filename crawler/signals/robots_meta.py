"""`meta` elements with words for robots, some of which concern the use of the page by AI.

### Syntax

```html
<head>
  <meta name="robots" content="noai, noimageai">
  <meta name="bingbot" content="noarchive">
</head>
```

The name is `robots` for all, or the product token of one bot.
The content is a list of words set apart by commas; name and words are case-insensitive.
Several metas add up.

### Meaning

| word | whom it concerns | train | ai_input | search |
|---|---|---|---|---|
| `noai` | all | disallowed | | |
| `noimageai` | all, images of the page only | disallowed | | |
| `noml` | all | disallowed | disallowed (derived) | |
| `noarchive` | bingbot | disallowed | disallowed | |
| `noarchive` | Amazonbot | disallowed | | |
| `nocache` | bingbot | conditional | conditional | |
| `nosnippet`, `max-snippet:0` | Googlebot | | disallowed | |
| `max-snippet:` with a number above 0 | Googlebot | | conditional (derived) | |
| `noindex`, `none` | all | | | disallowed |
| `noimageindex` | all, images only | | | disallowed |

What is empty is unstated, and a meta named after one bot concerns that bot only.
The metas speak about the page; media files that are fetched by themselves need the header
`X-Robots-Tag`.

### Precedence

Restrictions add up, over metas and header alike.
Bing takes `noarchive` and `nocache` together as `nocache`.

### Malformed values

Strictly, the element stands in the head and has a `name`.
Our lenient reading also takes elements in the body, `property` or `http-equiv` for `name`,
`name="noai"` (`noimageai`, `noml`) by itself, `value` for `content`, words in quotation marks or
brackets, words set apart by spaces, semicolons, `/`, `|`, `+` or the commas of other scripts, and
the inventions `noaitraining`, `no-ai`, `no ai`, `notrain` and `DisallowAITraining` as `noai`.
A crawler's name among the words (`GPTBot: noai`) keeps them for that crawler alone.
Elements inside comments, scripts, templates, text areas and `noscript` are none.

### Common mistakes

- `name="noai"`, `content="no ai"`, `property="robots"`.
- A plugin that writes the robots meta anew, so that `noai` is lost.
- The meta on pages only, while the images come from another host without the header.
- A text or an image before the element: it silently ends the head.
- The belief that Google or OpenAI reads `noai`.

### Adoption and readers

DeviantArt sends `noai` by default since November 2022; ArtStation, the sites of Raptive and
others let their authors choose (secondary source, unverified).
img2dataset and `datadiligence` read the header and not the meta.
Google reads only `robots`, `googlebot` and `googlebot-news`; it documents `nosnippet` and
`max-snippet`, Bing `noarchive` and `nocache`, Amazon `noarchive`.
No reader of `noml` is known (unverified).
"""

from crawler.model import Capture, Defect, Finding, Severity
from crawler.parsers.html.page import Meta
from crawler.parsers.x_robots import parse_content
from crawler.signals.reading.html_page import is_misgiven, parsed, unread, words_of
from crawler.signals.reading.readable import conclude, is_cut, quote
from crawler.signals.reading.robots_tokens import EVERYBODY, Said, is_for_robots, read
from crawler.signals.reading.signal import Carrier, Signal, Status

_EFFECTS = {
    "robots-meta-attribute": (
        "The name is given by an attribute other than `name`: strict readers miss it."
    ),
    "robots-meta-name": ("The name is not `robots`: strict readers do not look into this element."),
    "robots-meta-value": (
        "The words are given by `value` and not by `content`: strict readers see none."
    ),
    "robots-meta-in-body": "The element stands in the body: readers of the head miss it.",
}


def find(capture: Capture) -> Finding:
    """Read the robots metas of one page."""
    if finding := unread(capture):
        return finding
    page = parsed(capture)
    said: list[Said] = []
    defects: list[Defect] = []
    for meta in page.metas:
        words = _said(meta)
        if any(read([word])[0] for word in words):
            defects += _misplaced(meta)
        said += words
    statements, faults, left = read(said)
    return conclude(statements, defects + faults, cut=is_cut(capture) or page.cut or left)


def _said(meta: Meta) -> list[Said]:
    name = _name(meta)
    if not name:
        return []
    agent = "*" if name.lower() in EVERYBODY else name
    content = name if name.lower().startswith("no") else words_of(meta)
    misplaced = bool(_misplaced(meta))
    directives = parse_content(content)
    return [Said(word, agent, meta.raw, meta.line, misplaced) for word in directives]


def _name(meta: Meta) -> str | None:
    """The name that makes this meta one for robots, as written."""
    names = [(name or "").strip() for name in (meta.name, meta.property, meta.http_equiv)]
    return next((name for name in names if is_for_robots(name.lower())), None)


def _misplaced(meta: Meta) -> list[Defect]:
    faults = []
    name = (meta.name or "").strip().lower()
    if not is_for_robots(name):
        faults.append(("robots-meta-attribute", Severity.VOIDS))
    elif name in EVERYBODY - {"robots"}:
        faults.append(("robots-meta-name", Severity.VOIDS))
    if is_misgiven(meta):
        faults.append(("robots-meta-value", Severity.VOIDS))
    if not meta.in_head:
        faults.append(("robots-meta-in-body", Severity.RISKS))
    return [
        Defect(code, severity, quote(meta.raw), _EFFECTS[code], meta.line)
        for code, severity in faults
    ]


SIGNAL = Signal(
    name="robots_meta",
    title="Robots metas",
    id="M1",
    spec="https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag",
    spec_version="vendor documentation as read in November 2026",
    status=Status.VENDOR,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
)
