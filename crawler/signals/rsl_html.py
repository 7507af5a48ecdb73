"""Pointers in a page to a licence in Really Simple Licensing (RSL), and licences inside it.

### Syntax

```html
<head>
  <link rel="license" type="application/rsl+xml" href="https://atelier.example/license.xml">
  <script type="application/rsl+xml">
    <rsl xmlns="https://rslstandard.org/rsl"><content url="">…</content></rsl>
  </script>
</head>
```

The address resolves like any other on the page, with its `base` where it has one.
A script holds exactly one `content` element.

### Meaning

The link says where the terms are and nothing about what they are: it makes no statement.
The document decides, and it is asked for (`rsl_licence`).
In the head it is about the page; anywhere else it is about the parent element, which is an
extension of RSL clients and no valid HTML.
The text of an inline licence is read as an RSL document is (`rsl_document`); an empty url in it
means the page, and one that stands in the body concerns its parent element alone.

### Precedence

What is nearest to a work wins in RSL: element, page, then robots.txt; conflicts that are left
are settled in favour of the more restrictive terms.

### Malformed values

A link of the type that is no `link`, or has another relation, is followed all the same and
named as a fault; so is `rel="license"` without the type to a file that is called like a licence in
RSL (`rsl.xml`, `license.xml`).
Any other `rel="license"` is an ordinary licence and no RSL (`ordinary_licence`).
Elements inside comments, scripts, templates, text areas and `noscript` are none.

### Common mistakes

- The type left out, so that the link is an ordinary licence.
- The type on the page of a Creative Commons licence.
- The link in the body.

### Adoption and readers

No survey counts the element.
No AI company has said that it honours RSL (secondary source, unverified).
"""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.model import Capture, Defect, Finding, Reading, Scope, Severity
from crawler.parsers.html.page import HtmlLink, Script
from crawler.signals.reading.html_page import absolute, defect, ended, parsed, unread
from crawler.signals.reading.licence import is_ordinary
from crawler.signals.reading.rsl import Terms, read
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

RSL = "application/rsl+xml"
MAX_LINKS = 10
_WORDS = ("rsl", "license", "licence")
_EFFECTS = {
    "rsl-link-address": "No address that can be followed: nobody finds the licence.",
    "rsl-link-ordinary": "An ordinary licence: it says nothing in the terms of RSL.",
    "rsl-link-element": "Not a `link` element: strict readers do not look here.",
    "rsl-link-rel": "The relation is not `license`: strict readers do not look here.",
    "rsl-link-type": "The type is missing: strict readers take it for an ordinary licence.",
    "rsl-link-in-body": "Outside the head it is about the parent element, not about the page.",
    "rsl-inline-other": "The script holds no RSL: it says nothing.",
    "rsl-inline-empty": "The script is empty: it holds no licence.",
}


@dataclass(frozen=True, slots=True)
class _Pointer:
    """A link that may lead to a licence; `fault` is a code, `url` None where nobody can go."""

    link: HtmlLink
    url: str | None
    fault: str | None


def find(capture: Capture) -> Finding:
    """Say whether a page points to a licence that may be RSL, or holds one."""
    if finding := unread(capture):
        return finding
    pointers = _pointers(capture)
    terms = [_terms(capture, script) for script in documents(capture)]
    defects = [_defect(p.fault, p.link) for p in pointers if p.fault]
    empty = [script for script in _inline(capture) if not script.text.strip()]
    defects += [_defect("rsl-inline-empty", script) for script in empty]
    statements = [statement for one in terms for statement in one.statements]
    cut = any(one.cut for one in terms)
    if any(pointer.fault in (None, "rsl-link-in-body") for pointer in pointers):
        # The link is there to the letter; what the page itself says beside it is heard too.
        found = ended(capture, statements, defects, "rsl_licence", cut=cut)
        return replace(found, outcome=Reading.PRESENT)
    defects += [fault for one in terms for fault in one.defects]
    if terms:
        there = not defects and not cut
        return ended(capture, statements, defects, "rsl_inline", present=there, cut=cut)
    ordinary = not defects and any("license" in link.rel for link in parsed(capture).links)
    return ended(capture, (), defects, "ordinary_licence" if ordinary else None)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the addresses that may hold a licence, each once, at most `MAX_LINKS`."""
    if unread(capture):
        return ()
    urls = (pointer.url for pointer in sorted(_pointers(capture), key=lambda p: p.fault or ""))
    return tuple(Link("rsl:", url) for url in dict.fromkeys(filter(None, urls)))[:MAX_LINKS]


def documents(capture: Capture) -> tuple[Script, ...]:
    """The licences inside a page that `unread` lets pass, for the reader of RSL documents.

    One that is not `in_head` is about its parent element alone.
    """
    return tuple(script for script in _inline(capture) if script.text.strip())[:MAX_LINKS]


def _terms(capture: Capture, script: Script) -> Terms:
    """What an inline licence says; outside the head it is about its parent element alone."""
    terms = read(
        script.text.encode("utf-8", "replace"), capture.url, inline=True, first_line=script.line
    )
    if terms is None:
        return Terms((), (_defect("rsl-inline-other", script),))
    if script.in_head:
        return terms
    return replace(terms, statements=tuple(replace(s, scope=Scope.ASSET) for s in terms.statements))


def _inline(capture: Capture) -> list[Script]:
    return [script for script in parsed(capture).scripts if script.type == RSL]


def _pointers(capture: Capture) -> list[_Pointer]:
    pointers = (_pointer(capture, link) for link in parsed(capture).links)
    return [pointer for pointer in pointers if pointer]


def _pointer(capture: Capture, link: HtmlLink) -> _Pointer | None:
    url = absolute(capture, link.href) if link.href else None
    if (link.type or "").partition(";")[0].strip().lower() != RSL:
        is_likely = "license" in link.rel and not link.type and url and _is_file(url)
        return _Pointer(link, url, "rsl-link-type") if is_likely else None
    if url is None:
        return _Pointer(link, None, "rsl-link-address")
    if is_ordinary(url):
        return _Pointer(link, None, "rsl-link-ordinary")
    return _Pointer(link, url, _place_fault(link))


def _place_fault(link: HtmlLink) -> str | None:
    if link.element != "link":
        return "rsl-link-element"
    if "license" not in link.rel:
        return "rsl-link-rel"
    return None if link.in_head else "rsl-link-in-body"


def _is_file(url: str) -> bool:
    name = urlsplit(url).path.rpartition("/")[2].lower()
    is_licence = name.endswith(".xml") and any(word in name for word in _WORDS)
    return not is_ordinary(url) and (is_licence or name.endswith(".rsl"))


def _defect(code: str, tag: HtmlLink | Script) -> Defect:
    severity = Severity.RISKS if code == "rsl-link-in-body" else Severity.VOIDS
    return defect(code, severity, _EFFECTS[code], tag)


SIGNAL = Signal(
    name="rsl_html",
    title="RSL in HTML",
    id="M3",
    spec="https://rslstandard.org/rsl",
    spec_version="RSL 1.0, December 2025",
    status=Status.VENDOR,
    carrier=Carrier.HTML,
    resources=("/",),
    find=find,
    follow=follow,
)
