"""The bytes of an HTML page to its visible text in blocks, and to its links.

One pass with the pieces of `crawler.parsers.html.tags`: nothing backtracks, nothing recurses,
no tree is built. What a tree would say is kept as two marks, one for the element that hides
and one for the element that is navigation or footer, each with a count of its name's depth.
"""

import html
import re
from dataclasses import dataclass
from enum import StrEnum

from crawler.parsers.html.elements import MAX_TEXT, MAX_VALUE, decode
from crawler.parsers.html.tags import (
    ATTRIBUTE,
    RAW_TEXT,
    TOKEN,
    WITHOUT_MARKUP,
    after_mark,
    after_text,
)
from crawler.parsers.lines import Lines

MAX_BLOCKS = 20_000
MAX_ANCHORS = 5000
MAX_ANCHOR_TEXT = 200

_KEPT = frozenset({"href", "lang", "hidden", "aria-hidden", "style", "role", "id", "class"})
_LISTS = frozenset({"dl", "menu", "ol", "ul"})
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "details", "dialog"}
    | {"dd", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup"}
    | {"hr", "html", "legend", "li", "main", "nav", "option", "p", "pre", "search", "section"}
    | {"summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
    | _LISTS
)
"""Elements that begin a new block, and end it."""
_SILENT = frozenset({"canvas", "datalist", "math", "object", "select", "svg", "template"})
_FOREIGN = frozenset({"math", "svg"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
_OWN_END = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})
"""Elements whose end tag may be left out: the next of the name ends them."""
_CONTENT = frozenset({"article", "main"})
_NO_FOOTER = ("has", "js-", "no", "sticky", "with")
"""How class names begin that speak about a footer elsewhere."""
_HIDING = re.compile(r"(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden)", re.IGNORECASE)
_LEAVES = _VOID | RAW_TEXT
_READ = frozenset({"a", "base", "html"}) | _FOREIGN
"""Elements whose attributes are always read."""
_RULED = frozenset({"br", "footer", "nav", *_READ, *_SILENT})
"""Elements that do more than to begin a block, whatever their attributes are."""
_PASSED = _VOID - _BREAKS - _RULED
"""Elements that do nothing, whatever their attributes are."""
_ENDLESS = re.compile("&#(?:[0-9]{20}|[xX][0-9a-fA-F]{20})[0-9a-fA-F]*+;?")
"""Numbers beyond any character: `html.unescape` would hand them to int(), which raises."""


class Kind(StrEnum):
    """What a block is in the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"


class Region(StrEnum):
    """Where a block or an anchor stands: text, or what every page of the site repeats."""

    MAIN = "main"
    NAVIGATION = "navigation"
    FOOTER = "footer"


_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("td", "th"), Kind.CELL),
    "li": Kind.ITEM,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Visible text with single blanks; `line`, from 1, is where it begins."""

    text: str
    line: int
    kind: Kind
    region: Region


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link: its `href` as written, its text (at most 200 characters), its line."""

    href: str
    text: str
    line: int
    region: Region


@dataclass(frozen=True, slots=True)
class Text:
    """What was read of a page. `base` is the `href` of the first `base`, `cut`: not all was."""

    title: str
    language: str | None
    base: str | None
    blocks: tuple[Block, ...]
    anchors: tuple[Anchor, ...]
    cut: bool = False


def parse_text(data: bytes, label: str | None = None) -> Text:
    """Read a page whose Content-Type names the charset `label`; never an error."""
    text = decode(data, label)
    return _Reader(text[:MAX_TEXT]).read(cut=len(text) > MAX_TEXT)


class _Mark:
    """An open element that gives its content a property, and how deep its name is nested."""

    __slots__ = ("_name", "depth")

    def __init__(self) -> None:
        self._name = ""
        self.depth = 0

    def set(self, name: str) -> None:
        self._name, self.depth = name, 1

    def opened(self, name: str) -> None:
        if self.depth and name == self._name:
            self.depth = 0 if name in _OWN_END else self.depth + 1
        elif self.depth and self._name == "p" and name in _BREAKS:
            self.depth = 0

    def ended(self, name: str) -> None:
        if self.depth and name == self._name:
            self.depth -= 1


class _Reader:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self._title = ""
        self._language: str | None = None
        self._base: str | None = None
        self._blocks: list[Block] = []
        self._anchors: list[Anchor] = []
        self._hidden = _Mark()
        self._boilerplate = _Mark()
        self._region = Region.MAIN
        self._lists = 0
        self._kind = Kind.PARAGRAPH
        self._parts: list[str] = []
        self._line = 0
        self._after_br = False
        self._full = False
        self._link: tuple[str, int, Region] | None = None
        self._link_text = ""

    def read(self, *, cut: bool) -> Text:
        position: int | None = 0
        while position is not None and not self._full:
            position = self._read_from(position)
        self._flush()
        self._end_link()
        blocks, anchors = tuple(self._blocks[:MAX_BLOCKS]), tuple(self._anchors[:MAX_ANCHORS])
        cut = cut or self._full
        return Text(self._title, self._language, self._base, blocks, anchors, cut)

    def _read_from(self, start: int) -> int | None:
        """Read up to what is no markup; returns where that ends, None at the end of the text."""
        text, position, hidden = self._text, start, self._hidden
        for token in TOKEN.finditer(text, start):  # pragma: no branch - it has the end, too
            words, end, name, rest, mark = token.groups()
            if words and not hidden.depth:
                self._say(words, position)
            position = token.end()
            if mark:
                return after_mark(text, mark, position)
            if rest is None:
                break
            name = name.lower()
            if end:
                self._end(name)
            elif name not in _PASSED:
                self._open(name, rest, token)
            if self._full:
                break
            if name in WITHOUT_MARKUP and not end:
                return self._after_text(name, position)
        return None

    def _after_text(self, name: str, position: int) -> int:
        after = after_text(self._text, name, position)
        if name == "title" and not self._title:
            self._title = " ".join(unescaped(self._text[position:after][:MAX_VALUE]).split())
        return after

    def _say(self, words: str, start: int) -> None:
        """Add the characters between two tags to the open block and the open link."""
        words = unescaped(words)
        if not words.strip():  # html.unescape makes nothing of some references
            self._space()
            return
        if not self._parts:
            self._line = self._lines.at(start + len(words) - len(words.lstrip()))
        self._after_br = False
        self._parts.append(words)
        if self._link and len(self._link_text) < MAX_ANCHOR_TEXT:
            self._link_text += words[: 2 * MAX_ANCHOR_TEXT]

    def _space(self) -> None:
        if self._parts:
            self._parts.append(" ")
        if self._link_text:
            self._link_text += " "

    def _flush(self) -> None:
        self._after_br = False
        if not self._parts:
            return
        text = " ".join("".join(self._parts).split())
        self._blocks.append(Block(text, self._line, self._kind, self._place()))
        self._full = self._full or len(self._blocks) > MAX_BLOCKS
        self._parts = []

    def _place(self) -> Region:
        return self._region if self._boilerplate.depth else Region.MAIN

    def _open(self, name: str, rest: str, token: re.Match[str]) -> None:
        told = _tells(rest)
        if told or name in _RULED or self._hidden.depth or self._boilerplate.depth:
            self._open_ruled(name, token, told=told)
        elif name in _BREAKS:
            self._begin(name)

    def _begin(self, name: str) -> None:
        """Begin a block."""
        self._flush()
        if name in _LISTS:
            self._lists += 1
        self._kind = _KINDS.get(name) or self._usual_kind()

    def _end(self, name: str) -> None:
        if name in _BREAKS:
            self._flush()
            if name in _LISTS and self._lists:
                self._lists -= 1
            self._kind = self._usual_kind()
        elif name == "a":
            self._end_link()
        self._hidden.ended(name)
        self._boilerplate.ended(name)

    def _usual_kind(self) -> Kind:
        return Kind.ITEM if self._lists else Kind.PARAGRAPH

    def _open_ruled(self, name: str, token: re.Match[str], *, told: bool) -> None:
        attributes: dict[str, str] = {}
        if told or name in _READ:
            attributes, self_closing = _attributes(self._text, token.start("rest"))
            if self_closing and name in _FOREIGN:
                return
        if name in _BREAKS:
            self._begin(name)
        elif name == "br":
            self._break()
        self._hidden.opened(name)
        self._boilerplate.opened(name)
        if name in _CONTENT:
            self._boilerplate.depth = 0
        if name == "html":
            self._language = self._language or attributes.get("lang")
        elif name == "base":
            self._base = self._base or attributes.get("href")
        if self._hidden.depth or name in _LEAVES:
            return
        if name in _SILENT or _hides(attributes):
            self._hidden.set(name)
            return
        if not self._boilerplate.depth and (region := _region(name, attributes)):
            self._boilerplate.set(name)
            self._region = region
        if name == "a":
            self._end_link()
            if "href" in attributes:
                self._begin_link(attributes["href"], token.start("name"))

    def _break(self) -> None:
        """One `br` is a blank, two in a row end the paragraph."""
        if self._after_br:
            self._flush()
            return
        self._space()
        self._after_br = True

    def _begin_link(self, href: str, start: int) -> None:
        self._link = href, self._lines.at(start), self._place()
        self._link_text = ""

    def _end_link(self) -> None:
        if self._link:
            href, line, region = self._link
            text = " ".join(self._link_text.split())[:MAX_ANCHOR_TEXT]
            self._anchors.append(Anchor(href, text, line, region))
            self._full = self._full or len(self._anchors) > MAX_ANCHORS
        self._link = None
        self._link_text = ""


def unescaped(text: str) -> str:
    """Decode character references, and numbers that are none as U+FFFD."""
    return html.unescape(_ENDLESS.sub("\ufffd", text)) if "&" in text else text


def _attributes(text: str, position: int) -> tuple[dict[str, str], bool]:
    """The attributes kept of a tag that has an end (the first of a name counts); `/>` or not."""
    found: dict[str, str] = {}
    while (match := ATTRIBUTE.match(text, position)) and not match["close"]:
        position = match.end()
        name = match["name"].lower()
        if name in _KEPT and name not in found:
            value = match["double"] or match["single"] or match["bare"] or ""
            found[name] = html.unescape(value[:MAX_VALUE]) if "&" in value else value[:MAX_VALUE]
    return found, match is not None and match["close"] == "/>"


def _tells(rest: str) -> bool:
    """Whether attributes may hide an element, or make a region of it; `&` may spell any word."""
    if len(rest) == 1:
        return False
    rest = rest.lower()
    return "hidden" in rest or "style" in rest or "role" in rest or "footer" in rest or "&" in rest


def _hides(attributes: dict[str, str]) -> bool:
    if "hidden" in attributes:
        return attributes["hidden"].lower() != "until-found"
    return attributes.get("aria-hidden", "").lower() == "true" or bool(
        _HIDING.search(attributes.get("style", ""))
    )


def _region(name: str, attributes: dict[str, str]) -> Region | None:
    """Navigation or footer, by element, role, or a name that says footer."""
    role = attributes.get("role", "").lower()
    if name == "nav" or role == "navigation":
        return Region.NAVIGATION
    if name == "footer" or role == "contentinfo":
        return Region.FOOTER
    if name not in _BREAKS or name in ("body", "html", "main"):
        return None
    names = f"{attributes.get('id', '')} {attributes.get('class', '')}".lower().split()
    named = any("footer" in word and not word.startswith(_NO_FOOTER) for word in names)
    return Region.FOOTER if named else None
