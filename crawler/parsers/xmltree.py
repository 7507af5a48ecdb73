"""Bytes that should be XML to a plain tree, or to a named problem, never to an exception.

Expat through the standard library, for what it leaves out. It opens no file and no address,
it knows no XInclude and no catalogue, it never recurses over elements, and a handler that
raises stops it: a DOCTYPE is refused before its first declaration is read, so there is no
entity but the five of XML itself and nothing to expand. libxml2 (lxml) reads the internal
subset under any option, and where it recovers it keeps what it has expanded so far;
ElementTree, with defusedxml or without, forgets the lines.

Strict is XML 1.0 with namespaces. What only a tolerant reader understands is read all the
same and said in `leniencies`.
"""

import codecs
import re
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from crawler.parsers.lines import Lines

MAX_SIZE = 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 20_000

_BLANK = " \t\r\n"
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*+=\s*+[\"']([\w.:-]{1,40})")
_WESTERN = frozenset({b"iso-8859-1", b"latin1", b"us-ascii", b"windows-1252"})
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
    # The encoding given here overrules the declared one, which the text no longer has.
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    builder = _Builder(parser, first_line)
    try:
        parser.Parse(text.encode(), True)
    except _RefusedError as refused:
        return Parsed(None, str(refused), leniencies, builder.line())
    except expat.ExpatError as error:
        return Parsed(None, "not_xml", leniencies, error.lineno + first_line - 1)
    return Parsed(builder.root, None, leniencies)


class _RefusedError(Exception):
    """More than we read, or a DOCTYPE; the message is the problem."""


class _Open:
    """An element whose end has not come."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.text: list[str] = []
        self.children: list[Element] = []

    def closed(self) -> Element:
        namespace, _, name = self.name.rpartition(" ")
        text, children = "".join(self.text), tuple(self.children)
        return Element(namespace, name, self.attributes, text, children, self.line)


class _Builder:
    """Expat's handlers: keeps the open elements, and refuses what is too much."""

    def __init__(self, parser: expat.XMLParserType, first_line: int) -> None:
        self.root: Element | None = None
        self._parser = parser
        self._first_line = first_line
        self._open: list[_Open] = []
        self._elements = 0
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def line(self) -> int:
        return self._parser.CurrentLineNumber + self._first_line - 1

    def _doctype(self, *_: object) -> NoReturn:
        raise _RefusedError("doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _RefusedError("too_many")
        if len(self._open) == MAX_DEPTH:
            raise _RefusedError("too_deep")
        self._open.append(_Open(name, attributes, self.line()))

    def _end(self, _: str) -> None:
        element = self._open.pop().closed()
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def _characters(self, data: str) -> None:
        self._open[-1].text.append(data)
