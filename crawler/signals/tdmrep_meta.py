"""Two `meta` elements in the head of a page that reserve text and data mining for that page.

### Syntax

```html
<head>
  <meta name="tdm-reservation" content="1">
  <meta name="tdm-policy" content="https://atelier.example/policies/mining.json">
</head>
```

`tdm-reservation` is `1` (mining is reserved) or `0` (it is not).
`tdm-policy` is optional: the absolute URL that says how to get permission.
The metas speak about the HTML page alone, not about the images and media it embeds.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `1` | disallowed | disallowed (derived) | unstated |
| `1` and a policy | conditional | conditional (derived) | unstated |
| `0` | allowed | unstated | unstated |

That mining covers feeding a model at answer time is the rightsholders' reading.

### Precedence

The meta overrides the header, which overrides the file `/.well-known/tdmrep.json`.
What is absent resets nothing.

### Malformed values

Strictly, the element stands in the head, has a `name`, and its content is exactly `1` or `0`.
Our lenient reading also takes `property` or `http-equiv` for `name`, `value` for `content`, an
element in the body, the values `true`, `yes`, `false`, `no`, and quotation marks of any kind or
brackets around the value.
Of opposite values the more restrictive one is taken.
Elements inside comments, scripts, templates, text areas and `noscript` are none.

### Common mistakes

- `property=` in place of `name=`.
- A text or an image before the element: it silently ends the head, and the meta is in the body.
- The meta inserted by JavaScript, which most crawlers do not run.
- The belief that it covers the images on the page.

### Adoption and readers

Several Swiss and French news publishers send it; no survey counts the metas.
No operator of a large AI crawler documents that it reads TDMRep (unverified).
It is a candidate in the EU's consultation on opt-out protocols.
"""

from crawler.model import Capture, Defect, Finding, Scope, Severity
from crawler.parsers.html.page import Meta
from crawler.signals.reading.html_page import is_misgiven, parsed, unread, words_of
from crawler.signals.reading.readable import conclude, is_cut, quote
from crawler.signals.reading.signal import Carrier, Link, Signal, Status
from crawler.signals.reading.tdmrep import SPEC, SPEC_VERSION, Claim, decide, policies_to_read

_EFFECTS = {
    "tdm-meta-attribute": (
        "The property is given by an attribute other than `name`: strict readers miss it."
    ),
    "tdm-meta-value": (
        "The value is given by `value` and not by `content`: strict readers see none."
    ),
    "tdm-meta-in-body": "The element stands in the body: readers of the head miss it.",
}


def find(capture: Capture) -> Finding:
    """Read the two metas of one page."""
    if finding := unread(capture):
        return finding
    page = parsed(capture)
    metas = {name: _named(page.metas, name) for name in ("tdm-reservation", "tdm-policy")}
    claims, policies = ([_claim(meta) for meta in found] for found in metas.values())
    statements, defects = decide(claims, policies, Scope.PAGE)
    misplaced = [d for meta in metas["tdm-reservation"] for d in _misplaced(meta)]
    return conclude(statements, misplaced + defects, cut=is_cut(capture) or page.cut)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the policy of a reservation."""
    if unread(capture):
        return ()
    metas = parsed(capture).metas
    claims, policies = (
        [_claim(meta) for meta in _named(metas, name)] for name in ("tdm-reservation", "tdm-policy")
    )
    return policies_to_read(claims, policies)


def _named(metas: tuple[Meta, ...], name: str) -> list[Meta]:
    return [
        meta
        for meta in metas
        if name in {(n or "").strip().lower() for n in (meta.name, meta.property, meta.http_equiv)}
    ]


def _claim(meta: Meta) -> Claim:
    return Claim(words_of(meta), meta.raw, meta.line, misplaced=bool(_misplaced(meta)))


def _misplaced(meta: Meta) -> list[Defect]:
    defects = []
    if not (meta.name or "").strip().lower().startswith("tdm-"):
        defects.append(("tdm-meta-attribute", Severity.VOIDS))
    if is_misgiven(meta):
        defects.append(("tdm-meta-value", Severity.VOIDS))
    if not meta.in_head:
        defects.append(("tdm-meta-in-body", Severity.RISKS))
    return [
        Defect(code, severity, quote(meta.raw), _EFFECTS[code], meta.line)
        for code, severity in defects
    ]


SIGNAL = Signal(
    name="tdmrep_meta",
    title="TDMRep metas",
    id="M2",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.COMMUNITY,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
    follow=follow,
)
