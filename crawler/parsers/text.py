"""The bytes of an HTML page to its visible text in blocks, and to its links.

One pass with the pieces of `crawler.parsers.tags`: nothing backtracks, nothing recurses,
no tree is built. What a tree would say is kept as two marks, one for the element that hides
and one for the element that is navigation or footer, each with a count of its name's depth.
"""

import html
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.parsers.html import MAX_TEXT, MAX_VALUE, decode
from crawler.parsers.lines import Lines
from crawler.parsers.tags import ATTRIBUTE, COMMENT_END, RAW_TEXT, TAG, after_text, past

MAX_BLOCKS = 20_000
MAX_ANCHORS = 5000
MAX_ANCHOR_TEXT = 200

_KEPT = frozenset({"href", "lang", "hidden", "aria-hidden", "style", "role", "id", "class"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"dl", "menu", "ol", "ul"})
_CELLS = frozenset({"td", "th"})
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "details", "dialog"}
    | {"dd", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup"}
    | {"hr", "html", "legend", "li", "main", "nav", "option", "p", "pre", "search", "section"}
    | {"summary", "table", "tbody", "tfoot", "thead", "tr"}
    | _HEADINGS
    | _LISTS
    | _CELLS
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

    __slots__ = ("_depth", "_name")

    def __init__(self) -> None:
        self._name = ""
        self._depth = 0

    def __bool__(self) -> bool:
        return self._depth > 0

    def set(self, name: str) -> None:
        self._name, self._depth = name, 1

    def clear(self) -> None:
        self._depth = 0

    def opened(self, name: str) -> None:
        if self._depth and name == self._name:
            self._depth = 0 if name in _OWN_END else self._depth + 1
        elif self._depth and self._name == "p" and name in _BREAKS:
            self._depth = 0

    def ended(self, name: str) -> None:
        if self._depth and name == self._name:
            self._depth -= 1


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
        self._link: Anchor | None = None
        self._link_text = ""

    def read(self, *, cut: bool) -> Text:
        position = 0
        while not self._full() and (tag := TAG.search(self._text, position)):
            self._say(position, tag.start())
            position = self._after_mark(tag) if tag["mark"] else self._after_tag(tag)
        if not self._full():
            self._say(position, len(self._text))
        self._flush()
        self._end_link()
        cut = cut or self._full()
        blocks, anchors = tuple(self._blocks[:MAX_BLOCKS]), tuple(self._anchors[:MAX_ANCHORS])
        return Text(self._title, self._language, self._base, blocks, anchors, cut)

    def _full(self) -> bool:
        return len(self._blocks) > MAX_BLOCKS or len(self._anchors) > MAX_ANCHORS

    def _say(self, start: int, end: int) -> None:
        """Add the characters between two tags to the open block and the open link."""
        if self._hidden or start >= end:
            return
        words = unescaped(self._text[start:end])
        if not words.strip():
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
        text = " ".join("".join(self._parts).split())
        if text:
            region = self._region if self._boilerplate else Region.MAIN
            self._blocks.append(Block(text, self._line, self._kind, region))
        self._parts = []
        self._after_br = False

    def _after_mark(self, tag: re.Match[str]) -> int:
        """Where the comment, doctype or other declaration that begins here ends."""
        text = self._text
        if tag["mark"] != "!--":
            return past(text, ">", tag.start())
        if text.startswith((">", "->"), tag.end()):
            return text.index(">", tag.end()) + 1
        end = COMMENT_END.search(text, tag.end())
        return end.end() if end else len(text)

    def _after_tag(self, tag: re.Match[str]) -> int:
        name = tag["name"].lower()
        attributes, position, self_closing = _attributes(self._text, tag.end())
        if position < 0:  # the text ends inside the tag, which therefore is none
            return len(self._text)
        if tag["end"]:
            self._end(name)
            return position
        if not (self_closing and name in _FOREIGN):
            self._open(name, attributes, tag.start())
        after = after_text(self._text, name, position)
        if name == "title" and not self._title:
            self._title = " ".join(unescaped(self._text[position:after][:MAX_VALUE]).split())
        return after

    def _open(self, name: str, attributes: dict[str, str], start: int) -> None:
        if name in _BREAKS:
            self._flush()
        elif name == "br":
            self._break()
        self._hidden.opened(name)
        self._boilerplate.opened(name)
        self._lists += name in _LISTS
        if name in _BREAKS:
            self._kind = self._kind_of(name)
        if name in _CONTENT:
            self._boilerplate.clear()
        if name == "html":
            self._language = self._language or attributes.get("lang")
        elif name == "base":
            self._base = self._base or attributes.get("href")
        if name in _VOID or name in RAW_TEXT or self._hidden:
            return
        if name in _SILENT or _hides(attributes):
            self._hidden.set(name)
            return
        if not self._boilerplate and (region := _region(name, attributes)):
            self._boilerplate.set(name)
            self._region = region
        if name == "a":
            self._end_link()
            if "href" in attributes:
                self._begin_link(attributes["href"], start)

    def _end(self, name: str) -> None:
        if name in _BREAKS:
            self._flush()
            self._lists -= name in _LISTS and self._lists > 0
            self._kind = self._kind_of("")
        if name == "a":
            self._end_link()
        self._hidden.ended(name)
        self._boilerplate.ended(name)

    def _kind_of(self, name: str) -> Kind:
        if name in _HEADINGS:
            return Kind.HEADING
        if name in _CELLS:
            return Kind.CELL
        return Kind.ITEM if self._lists or name == "li" else Kind.PARAGRAPH

    def _break(self) -> None:
        """One `br` is a blank, two in a row end the paragraph."""
        if self._after_br:
            self._flush()
            return
        self._space()
        self._after_br = True

    def _begin_link(self, href: str, start: int) -> None:
        region = self._region if self._boilerplate else Region.MAIN
        self._link = Anchor(href, "", self._lines.at(start), region)
        self._link_text = ""

    def _end_link(self) -> None:
        if self._link:
            text = " ".join(self._link_text.split())[:MAX_ANCHOR_TEXT]
            self._anchors.append(replace(self._link, text=text))
        self._link = None
        self._link_text = ""


def unescaped(text: str) -> str:
    """Decode character references, and numbers that are none as U+FFFD."""
    return html.unescape(_ENDLESS.sub("\ufffd", text)) if "&" in text else text


def _attributes(text: str, position: int) -> tuple[dict[str, str], int, bool]:
    """The attributes kept (the first of a name counts), the tag's end or -1, `/>` or not."""
    found: dict[str, str] = {}
    while (match := ATTRIBUTE.match(text, position)) and not match["open"]:
        if match["close"]:
            return found, match.end(), match["close"] == "/>"
        position = match.end()
        name = match["name"].lower()
        if name in _KEPT and name not in found:
            value = match["double"] or match["single"] or match["bare"] or ""
            found[name] = html.unescape(value[:MAX_VALUE])
    return found, -1, False


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
