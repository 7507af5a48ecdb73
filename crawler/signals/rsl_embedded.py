"""A whole Really Simple Licensing document put into a picture, a sound file or a book.

### Syntax

```xml
<rsl:rsl xmlns:rsl="https://rslstandard.org/rsl">
  <rsl:content url="https://label.example/track/7">
    <rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>
  </rsl:content>
</rsl:rsl>
```

In a file it is one `rsl` element with exactly one `content`, whose `url` is the canonical address
of the work and is not empty.
It stands in XMP, in an ID3 tag, in the metadata of an EPUB or in a text chunk of a PNG.

### Meaning

The meanings are those of the RSL document (F7): `ai-train` is train, `ai-input` and `ai-index`
are ai_input, `search` is search, `ai-all` is train and ai_input, `all` is all three.
What is permitted against payment or through a licence server is *conditional*.
What is said holds for this work alone (scope *asset*).

### Precedence

A licence in the work is nearer than one of the page or the site.

### Malformed documents

As for the RSL document (F7).

### Common mistakes

- An empty `url`, which is right inside a page, is wrong inside a file.
- Whoever strips metadata strips the licence.

### Adoption and readers

No reader is known (unverified).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from crawler.model import Capture, Defect, Finding, Scope, Statement
from crawler.parsers.containers.segment import Kind, Segment
from crawler.signals.reading.rsl import NAMESPACE, SPEC, SPEC_VERSION, Terms, read
from crawler.signals.reading.signal import Carrier, Signal, Status
from crawler.signals.reading.work import WORKS, ended, extracted, unread

MAX_DOCUMENTS = 4
_CARRIERS = frozenset({Kind.XMP, Kind.RSL, Kind.OPF})
_URL = re.compile(rb"\surl=[\"'](https?://[!-;=?-~]{1,2000})[\"']", re.IGNORECASE)
_ROOT = re.compile(rb"<(?P<prefix>[A-Za-z_][\w.-]{0,40}:)?rsl[\s>]")


def find(capture: Capture) -> Finding:
    """Read the licences inside one work."""
    if finding := unread(capture):
        return finding
    statements: list[Statement] = []
    defects: list[Defect] = []
    for segment in extracted(capture).segments:
        for document in _documents(segment):
            terms = read(document, _address(document) or capture.final_url) or Terms((), ())
            statements += (
                replace(s, scope=Scope.ASSET, path=None, line=None) for s in terms.statements
            )
            defects += terms.defects
    return ended(capture, statements, defects)


def _address(document: bytes) -> str:
    """The address that the licence gives the work, wherever the file was fetched from."""
    given = _URL.search(document)
    return given[1].decode("ascii") if given else ""


def _documents(segment: Segment) -> Iterator[bytes]:
    """The `rsl` elements of a segment, cut out; a namespace declared around them is put in."""
    data, end = segment.data, 0
    if segment.kind not in _CARRIERS or NAMESPACE.encode() not in data:
        return
    for _ in range(MAX_DOCUMENTS):
        begun = _ROOT.search(data, end)
        if begun is None:
            return
        prefix = begun["prefix"] or b""
        closing = b"</" + prefix + b"rsl>"
        closed = data.find(closing, begun.end())
        end = len(data) if closed < 0 else closed + len(closing)
        document = data[begun.start() : end]
        name = b"xmlns:" + prefix[:-1] if prefix else b"xmlns"
        if name + b"=" not in document.partition(b">")[0]:
            at = begun.end() - 1 - begun.start()
            declared = b" " + name + b'="' + NAMESPACE.encode() + b'"'
            document = document[:at] + declared + document[at:]
        yield document


SIGNAL = Signal(
    name="rsl_embedded",
    title="RSL inside files",
    id="A4",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.VENDOR,
    carrier=Carrier.WORK,
    resources=WORKS,
    find=find,
)
