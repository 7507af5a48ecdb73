"""Bytes that should be XML to a plain tree, or to a named problem, never to an exception.

Read by lxml, hardened: a DOCTYPE is refused before anything is parsed, so that there is no entity
but the five of XML itself and nothing to expand; no network, no DTD, no recovery, a size, a depth
and a number of elements that are bounded.

Strict is XML 1.0 with namespaces. What only a tolerant reader understands is read all the
same and said in `leniencies`.
"""

import codecs
import re
from dataclasses import dataclass

from lxml import etree

from crawler.parsers.lines import Lines

MAX_SIZE = 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 4000
"""Signs of equality from one `<` to the next: libxml2 takes time quadratic in attributes."""

_BLANK = " \t\r\n"
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*+=\s*+[\"']([\w.:-]{1,40})")
_WESTERN = frozenset({b"iso-8859-1", b"latin1", b"us-ascii", b"windows-1252"})
_PROLOG = re.compile(r"(?:[ \t\r\n]++|<\?(?:[^?]++|\?(?!>))*+\?>|<!--(?:[^-]++|-(?!->))*+-->)*+")
_BARE_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)"  # XML 1.0, 4.1 and 4.6
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element: names without prefix, its own text joined, the line it opens on.

    An attribute with a prefix keeps its namespace in its name, before a blank.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    text: str
    children: tuple["Element", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """`root` is None exactly where there is a problem; `line` is the problem's, if it has one.

    Problems: `too_large`, `too_deep`, `too_many`, `doctype`, `not_xml`. Leniencies:
    `not_utf8`, `leading_space` (before the declaration), `bare_ampersand`.
    """

    root: Element | None = None
    problem: str | None = None
    leniencies: tuple[str, ...] = ()
    line: int | None = None

    @property
    def unread(self) -> bool:
        """A limit of ours stopped the reading: nobody knows what the document says."""
        return self.problem in ("too_large", "too_deep", "too_many")


def parse_xml(data: bytes) -> Parsed:
    """Read XML strictly, then once more with the two faults mended that writers by hand make."""
    if len(data) > MAX_SIZE:
        return Parsed(problem="too_large")
    text, leniencies = _text(data)
    parsed = _tree(text, 1, leniencies)
    if parsed.problem != "not_xml":
        return parsed
    bare = text.lstrip(_BLANK)
    mended = _BARE_AMPERSAND.sub("&amp;", bare)
    if len(bare) < len(text):
        leniencies = (*leniencies, "leading_space")
    if mended != bare:
        leniencies = (*leniencies, "bare_ampersand")
    again = _tree(mended, Lines(text).at(len(text) - len(bare)), leniencies)
    return parsed if again.problem == "not_xml" else again


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Text by byte-order mark or as UTF-8, else as the declared Latin alphabet."""
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            return data[2:].decode(encoding, "replace"), ()
    bare = data.removeprefix(codecs.BOM_UTF8)
    try:
        return bare.decode("utf-8"), ()
    except UnicodeDecodeError:
        declared = _DECLARED.search(bare[:300])
        western = declared is not None and declared[1].lower() in _WESTERN
        return bare.decode("cp1252", "replace"), () if western else ("not_utf8",)


def _tree(text: str, first_line: int, leniencies: tuple[str, ...]) -> Parsed:
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0, 2.11; libxml2 counts LF only
    if any(tag.count("=") > MAX_ATTRIBUTES for tag in text.split("<") if len(tag) > MAX_ATTRIBUTES):
        return Parsed(None, "too_many", leniencies)
    prolog = _PROLOG.match(text)
    if prolog and text.startswith("<!DOCTYPE", prolog.end()):
        line = Lines(text).at(prolog.end()) + first_line - 1
        return Parsed(None, "doctype", leniencies, line)
    # The encoding given here overrules the declared one, which the text no longer has.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        problem = "too_deep" if "depth" in str(error) else "not_xml"
        return Parsed(None, problem, leniencies, (error.lineno or 1) + first_line - 1)
    return _bounded(root, first_line - 1, leniencies)


def _bounded(root: etree._Element, lines_before: int, leniencies: tuple[str, ...]) -> Parsed:
    """The tree in elements of our own, or where it has too many of them."""
    children: list[list[Element]] = [[]]
    elements = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        line = (node.sourceline or 1) + lines_before
        if event == "end":
            inner = tuple(children.pop())
            children[-1].append(_element(node, inner, line))
            continue
        elements += 1
        if elements > MAX_ELEMENTS or len(children) > MAX_DEPTH:
            problem = "too_many" if elements > MAX_ELEMENTS else "too_deep"
            return Parsed(None, problem, leniencies, line)
        children.append([])
    return Parsed(children[0][0], None, leniencies)


def _element(node: etree._Element, children: tuple[Element, ...], line: int) -> Element:
    name = etree.QName(node)
    attributes = {_spaced(str(key)): str(value) for key, value in node.attrib.items()}
    text = "".join([node.text or "", *(child.tail or "" for child in node)])
    return Element(name.namespace or "", name.localname, attributes, text, children, line)


def _spaced(name: str) -> str:
    return name[1:].replace("}", " ", 1) if name.startswith("{") else name
