"""The bytes of an HTML page to its Page: one parse by lexbor, facts by one selection, one walk.

lexbor builds the tree that WHATWG HTML section 13 asks for, with scripting on, as browsers do (the
content of `noscript` is text then). `facts` selects the elements that say something by their
attributes, `crawler.parsers.html.text` walks over what is visible. Where a thing stands in the
source is found by `crawler.parsers.html.places` when somebody asks.

lexbor needs time quadratic in the depth of nesting and in the attributes of one tag. `sane` cuts a
page before what no page has; the limit of CPU time of the worker stands behind it.
"""

import re
from dataclasses import replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.parsers.html.encoding import octets
from crawler.parsers.html.page import (
    HtmlLink,
    Mark,
    Meta,
    Page,
    Place,
    Property,
    Script,
    Work,
)
from crawler.parsers.html.places import Places
from crawler.parsers.html.text import SILENT, Texts
from crawler.parsers.html.works import SELECTED as OF_WORKS
from crawler.parsers.html.works import largest_of, size_of, works_of

MAX_TEXT = 1024 * 1024
"""Octets of UTF-8 read of one page; statements stand in the head, near the beginning."""
MAX_OPEN = 20_000
"""Start tags without an end, void ones left out: lexbor takes 0.3 s for so many."""
MAX_ATTRIBUTES = 10_000
"""Attributes of one tag: lexbor takes 0.1 s for so many."""
MAX_METAS = 1000
MAX_OTHERS = 2000
"""Links, scripts, properties and marks kept of one page, of each kind."""
MAX_VALUE = 4000
"""Characters kept of an attribute, and of the text of an element that gives a property."""
MAX_PARTS = 200
"""Nodes of such an element that are looked at for its text."""

PROPERTIES = frozenset(
    {"acquirelicensepage", "conditionsofaccess", "copyrightholder", "copyrightnotice"}
    | {"copyrightyear", "credittext", "license", "usageinfo"}
)
"""What is kept of microdata and RDFa, in lower case: the words of schema.org for licences."""
DATA_BLOCKS = frozenset({"application/ld+json", "application/rsl+xml"})
MARKS = ("data-nosnippet", "data-pin-nopin", "mlnoindex")
_MARKS = frozenset(MARKS)

_VALUES = ("content", "resource", "href", "src", "datetime")
_TOLD = [*OF_WORKS, "base", "script[type]", "title", "[itemprop]", "[property]", "[rel]"]
SELECTED = f":is({', '.join([*_TOLD, *(f'[{mark}]' for mark in MARKS)])})"
"""Elements that say something, each once, in the order of the page."""
_IN_FOREIGN = ", ".join(
    f"{outer} {name}"  # lexbor's `:is(math, svg) a` looks at the parent only
    for outer in ("math", "svg")
    for name in ("a", "area", "audio", "base", "iframe", "link", "object", "script", "title")
)
_INTEGRATION = {
    "math": frozenset({"annotation-xml", "mi", "mn", "mo", "ms", "mtext"}),
    "svg": frozenset({"desc", "foreignObject", "title"}),
}
"""Elements of MathML and SVG in which HTML begins again (WHATWG HTML section 13.2.6)."""
_AS_HTML = frozenset({"application/xhtml+xml", "text/html"})

_TAG = re.compile(rb"<(/?)([a-zA-Z][^\t\n\f\r />]*+)")
_VOID = frozenset(
    {b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta"}
    | {b"path", b"source", b"track", b"wbr"}
)
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}+" % (2 * MAX_ATTRIBUTES))
_ATTRIBUTE = re.compile(
    rb"""[^\t\n\f\r />=]++(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+"|'[^']*+'|[^\t\n\f\r >]*+))?+"""
)


def read_page(data: bytes, label: str | None = None) -> Page:
    """Read a page whose Content-Type names the charset `label`; raises only MemoryError.

    A megabyte of tags that formatting is repeated in takes gigabytes as a tree ("reconstruct the
    active formatting elements", WHATWG HTML section 13.2.4.3): workers have a limit for it.
    """
    text = octets(data, label, MAX_TEXT + 1)
    sane = _sane(text[:MAX_TEXT])
    try:
        tree = LexborHTMLParser(sane, scripting=True)
    except SelectolaxError as error:  # no document is wrong by HTML: it had no memory for the tree
        raise MemoryError from error
    page = _Facts(tree, Places(sane, SELECTED, SILENT)).page()
    return replace(page, cut=True) if len(text) > len(sane) else page


def _sane(text: bytes) -> bytes:
    """The text before the first tag that is nested too deep, or has too many attributes."""
    if text.count(b"<") > MAX_OPEN:
        text = text[: _depth_end(text)]
    return text[: _attributes_end(text)]


def _attributes_end(text: bytes) -> int:
    """Looked at is what has no `>` in a whole stretch of half the length of such a tag."""
    stretches = range(0, len(text), MAX_ATTRIBUTES)
    gaps = (at for at in stretches if text.find(b">", at, at + MAX_ATTRIBUTES) < 0)
    for start in dict.fromkeys(max(text.rfind(b"<", 0, at + 1), 0) for at in gaps):
        tag = _LONG_TAG.match(text, start)
        found = _ATTRIBUTE.finditer(tag[0]) if tag else ()
        if sum(1 for _ in islice(found, MAX_ATTRIBUTES)) == MAX_ATTRIBUTES:
            return start
    return len(text)


def _depth_end(text: bytes) -> int:
    count = 0
    for tag in _TAG.finditer(text):
        if tag[1]:
            count -= count > 0
        elif tag[2].lower() not in _VOID:
            count += 1
            if count > MAX_OPEN:
                return tag.start()
    return len(text)


class _Facts:
    """What the elements of one page say by their attributes."""

    def __init__(self, tree: LexborHTMLParser, places: Places) -> None:
        self._tree = tree
        self._places = places
        self._within: set[int] = set()
        self._title: str | None = None
        self._base: str | None = None
        self._metas: list[Meta] = []
        self._links: list[HtmlLink] = []
        self._scripts: list[Script] = []
        self._properties: list[Property] = []
        self._marks: list[Mark] = []
        self._works: list[Work] = []

    def page(self) -> Page:
        """Take the facts first: the walk over the text takes elements out of the tree."""
        head = self._tree.head
        heads = {node.mem_id for node in head.traverse()} if head else set()
        self._within = {node.mem_id for node in self._tree.css(_IN_FOREIGN)}
        for index, node in enumerate(self._tree.css(SELECTED)):
            self._take(node, Place(self._places.of_element, index), in_head=node.mem_id in heads)
        root = self._tree.root
        language = root.attributes.get("lang") if root else None
        texts = Texts(self._tree, self._places)
        return Page(
            tuple(self._metas[:MAX_METAS]),
            tuple(self._links[:MAX_OTHERS]),
            tuple(self._scripts[:MAX_OTHERS]),
            tuple(self._properties[:MAX_OTHERS]),
            tuple(self._marks[:MAX_OTHERS]),
            tuple(self._works[:MAX_OTHERS]),
            texts.blocks,
            texts.anchors,
            self._title or "",
            language,
            self._base,
            cut=texts.cut or self._has_more(),
        )

    def _has_more(self) -> bool:
        others = (self._links, self._scripts, self._properties, self._marks, self._works)
        return len(self._metas) > MAX_METAS or any(len(kind) > MAX_OTHERS for kind in others)

    def _take(self, node: LexborNode, place: Place, *, in_head: bool) -> None:
        name = node.tag or ""
        given = {key: (value or "")[:MAX_VALUE] for key, value in node.attributes.items()}
        for key in sorted(given.keys() & _MARKS):
            self._marks.append(Mark(key, given[key], name, in_head, place))
        for word in _properties(given):
            values = [given[key] for key in _VALUES if key in given]
            value = values[0] if values else _inner_text(node)
            self._properties.append(Property(word, value, name, in_head, place))
        if node.mem_id in self._within and _is_foreign(node):
            return
        self._read(node, name, given, place, in_head=in_head)
        outer = node.parent.tag if name == "source" and node.parent else None
        if told := list(works_of(name, given, outer)):
            size, largest = size_of(given), largest_of(given)
            self._works += (Work(*each, place, size, largest) for each in told)

    def _read(
        self, node: LexborNode, name: str, given: dict[str, str], place: Place, *, in_head: bool
    ) -> None:
        get = given.get
        match name:
            case "title" if self._title is None:
                self._title = _flat(node.text()[:MAX_VALUE])
            case "base" if self._base is None:
                self._base = get("href")
            case "meta":
                four = get("name"), get("property"), get("http-equiv"), get("content")
                self._metas.append(Meta(*four, in_head, place, get("value")))
            case "script" if (essence := _essence(get("type", ""))) in DATA_BLOCKS:
                self._scripts.append(Script(essence, node.text(), in_head, place))
            case "link" | "a" | "area":
                rel = tuple(get("rel", "").lower().split())
                if name == "link" or "license" in rel:
                    link = HtmlLink(name, rel, get("href"), get("type"), in_head, place)
                    self._links.append(link)


def _is_foreign(node: LexborNode) -> bool:
    """Whether an element is one of SVG or MathML and none of HTML."""
    passed: set[str | None] = set()
    up = node.parent
    while up is not None and up.tag not in _INTEGRATION:
        encoding = (up.attributes.get("encoding") or "").lower()
        if up.tag != "annotation-xml" or encoding in _AS_HTML:
            passed.add(up.tag)
        up = up.parent
    return up is not None and passed.isdisjoint(_INTEGRATION[up.tag or ""])


def _inner_text(node: LexborNode) -> str:
    """The text of an element as a reader would see it, from its first pieces."""
    texts = (
        each.text_content or ""
        for each in islice(node.traverse(include_text=True), MAX_PARTS)
        if each.tag == "-text" and each.parent and each.parent.tag not in {"script", "style"}
    )
    return _flat(" ".join(texts)[:MAX_VALUE])


def _flat(text: str) -> str:
    return " ".join(text.split())


def _essence(declared: str) -> str:
    return declared.partition(";")[0].strip().lower()


def _properties(given: dict[str, str]) -> list[str]:
    """The known words that name properties, each once; `rel` has them with a prefix only."""
    get = given.get
    words = f"{get('itemprop', '')} {get('property', '')}".lower().split()
    words += (word for word in get("rel", "").lower().split() if ":" in word)
    if not words:
        return words
    local = (re.split("[:/#]", word)[-1] for word in words)
    return [word for word in dict.fromkeys(local) if word in PROPERTIES]
