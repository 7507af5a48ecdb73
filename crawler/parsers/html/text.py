"""The visible text of a page in blocks, and its links: one walk over lexbor's tree.

A node is reached after its parent: what holds for its content (hidden, region, block, link) is
looked up by the parent's id, and nothing recurses.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsers.html.page import Anchor, Block, Kind, Place, Region
from crawler.parsers.html.places import Places

MAX_BLOCKS = 20_000
MAX_ANCHORS = 5000
MAX_ANCHOR_TEXT = 200
MAX_WORD = 40
_NONE = "\0"

_LISTS = frozenset({"dl", "menu", "ol", "ul"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "details", "dialog"}
    | {"dd", "div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup"}
    | {"hr", "html", "legend", "li", "main", "nav", "option", "p", "pre", "search", "section"}
    | {"summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
    | _HEADINGS
    | _LISTS
)
"""Elements that begin a new block, and end it."""
SILENT = (
    *("canvas", "datalist", "head", "iframe", "math", "noembed", "noframes", "noscript"),
    *("object", "plaintext", "script", "select", "style", "svg", "textarea", "title", "xmp"),
)
"""Elements whose text is no visible text of the page."""
_KINDS = {
    **dict.fromkeys(_HEADINGS, Kind.HEADING),
    **dict.fromkeys(("td", "th"), Kind.CELL),
    "li": Kind.ITEM,
}
_CONTENT = frozenset({"article", "main"})
"""Elements that are content wherever they stand."""
_REGIONS = {"nav": Region.NAVIGATION, "footer": Region.FOOTER}
_ROLES = {"navigation": Region.NAVIGATION, "contentinfo": Region.FOOTER}
_NO_REGION = frozenset({"body", "html", "main"})
_NO_FOOTER = ("has", "js-", "no", "sticky", "with")
"""How class names begin that speak about a footer elsewhere."""
_HIDING = re.compile(r"(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden)", re.IGNORECASE)
_RULING = (
    '[hidden], [aria-hidden], [role], [style*="display" i], [style*="visibility" i],'
    ' [class*="footer" i], [id*="footer" i]'
)
"""Elements whose attributes may hide them or make a region of them."""


@dataclass(slots=True)
class _Link:
    """An `a` with the text that has come so far."""

    href: str
    region: Region
    text: str = ""


@dataclass(slots=True)
class _Inside:
    """What holds for the content of an element."""

    block: int = 0
    kind: Kind = Kind.PARAGRAPH
    listed: bool = False
    hidden: bool = False
    region: Region = Region.MAIN
    link: _Link | None = None


class Texts:
    """Blocks and anchors of one page; the tree loses what is not visible. `cut`: not all."""

    def __init__(self, tree: LexborHTMLParser, places: Places) -> None:
        self._places = places
        self._blocks: list[Block] = []
        self._links: list[tuple[_Link, Place]] = []
        self._words: list[str] = []
        self._begun, self._begun_after = _Inside(), 0
        self._after_br = False
        self._elements = 0
        self._walk(tree)
        self.blocks = tuple(self._blocks[:MAX_BLOCKS])
        self.anchors = tuple(
            Anchor(link.href, _flat(link.text)[:MAX_ANCHOR_TEXT], link.region, place)
            for link, place in self._links[:MAX_ANCHORS]
        )
        self.cut = len(self._blocks) > MAX_BLOCKS or len(self._links) > MAX_ANCHORS

    def _walk(self, tree: LexborHTMLParser) -> None:
        tree.strip_tags(list(SILENT))
        ruling = {node.mem_id for node in tree.css(_RULING)}
        inside: dict[int, _Inside] = {}
        document = _Inside()
        for node in tree.root.traverse(include_text=True) if tree.root else ():
            name = node.tag or ""
            parent = node.parent
            around = inside.get(parent.mem_id, document) if parent else document
            if name == "-text":
                words = "" if around.hidden else node.text_content or ""
                if words.strip():
                    self._say(words, around)
                elif words:
                    self._space(around)
                continue
            self._elements += 1
            key = node.mem_id
            if name in _BLOCKS or name == "a" or key in ruling:
                inside[key] = self._open(node, name, around, ruled=key in ruling)
            else:
                inside[key] = around
                if name == "br":
                    self._break(around)
        self._end_block()

    def _open(self, node: LexborNode, name: str, around: _Inside, *, ruled: bool) -> _Inside:
        """What holds for the content of an element that changes something."""
        hidden, region = around.hidden, around.region
        if ruled or name in _REGIONS:
            given = {key: value or "" for key, value in node.attributes.items()}
            hidden = hidden or _hides(given)
            region = _region(name, given) if region is Region.MAIN else region
        if name in _CONTENT:
            region = Region.MAIN
        block, kind, listed = around.block, around.kind, around.listed
        if name in _BLOCKS:
            self._end_block()
            block, listed = self._elements, listed or name in _LISTS
            kind = _KINDS.get(name) or (Kind.ITEM if listed else Kind.PARAGRAPH)
        link = around.link
        if name == "a":
            link = None if hidden else self._link(node, region)
        return _Inside(block, kind, listed, hidden, region, link)

    def _link(self, node: LexborNode, region: Region) -> _Link | None:
        href = node.attrs.sget("href", _NONE)
        if href is _NONE:
            return None
        link = _Link(href, region)
        self._links.append((link, Place(self._places.of_text, self._elements - 1)))
        return link

    def _say(self, words: str, inside: _Inside) -> None:
        """Add a text to the open block and the open link."""
        if inside.block != self._begun.block:
            self._end_block()
        if not self._words:
            self._begun, self._begun_after = inside, self._elements - 1
        self._after_br = False
        self._words.append(words)
        if inside.link and len(inside.link.text) < MAX_ANCHOR_TEXT:
            inside.link.text += words[: 2 * MAX_ANCHOR_TEXT]

    def _space(self, inside: _Inside) -> None:
        if self._words:
            self._words.append(" ")
        if inside.link and inside.link.text:
            inside.link.text += " "

    def _break(self, around: _Inside) -> None:
        """One `br` is a blank, two in a row end the paragraph."""
        if self._after_br:
            self._end_block()
        else:
            self._space(around)
            self._after_br = True

    def _end_block(self) -> None:
        self._after_br = False
        if self._words:
            text, begun = _flat("".join(self._words)), self._begun
            place = Place(self._places.of_text, self._begun_after, text[:MAX_WORD].split(" ", 1)[0])
            self._blocks.append(Block(text, begun.kind, begun.region, place))
            self._words = []


def _flat(text: str) -> str:
    return " ".join(text.split())


def _hides(given: dict[str, str]) -> bool:
    if "hidden" in given:
        return given["hidden"].lower() != "until-found"
    return given.get("aria-hidden", "").lower() == "true" or bool(
        _HIDING.search(given.get("style", ""))
    )


def _region(name: str, given: dict[str, str]) -> Region:
    """Navigation or footer, by element, role, or a name that says footer."""
    role = given.get("role", "").lower()
    if region := _REGIONS.get(name) or _ROLES.get(role):
        return region
    if name not in _BLOCKS or name in _NO_REGION:
        return Region.MAIN
    names = f"{given.get('id', '')} {given.get('class', '')}".lower().split()
    named = any("footer" in word and not word.startswith(_NO_FOOTER) for word in names)
    return Region.FOOTER if named else Region.MAIN
