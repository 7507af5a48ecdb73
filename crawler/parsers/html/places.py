"""Where the elements and texts of a page stand in its source.

lexbor tells no positions. So, when one is asked for, each start tag is given an attribute with its
offset and the page is parsed again: the tree is the same, element by element.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_RAW = 400
"""Octets of a tag that are quoted."""
MAX_LOOK = 10_000
"""Octets behind a tag in which the first word of a text is looked for."""

_NAME = "o0"
_OFFSET = re.compile("[0-9]{1,7}")
_START = re.compile(rb"<[a-zA-Z][^\t\n\f\r /><]*+(?=[\t\n\f\r />])")
_REST = re.compile(
    rb"""(?:[\t\n\f\r /]*+[^\t\n\f\r />][^\t\n\f\r />=]*+
      (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\t\n\f\r >]*+))?+
    )*+[\t\n\f\r /]*+>?+""",
    re.VERBOSE,
)
"""What follows the name of a tag, to its end."""
_LIKE_OTHERS = frozenset(
    {b"<b", b"<big", b"<code", b"<em", b"<font", b"<i", b"<nobr", b"<s", b"<small"}
    | {b"<strike", b"<strong", b"<tt", b"<u"}
)
"""Of those that are open with the same attributes, three are opened again (section 13.2.4.3): an
offset would make them differ, so only those have one that may be selected."""
_TELLING = re.compile(rb"[^>]{0,400}?(?:itemprop|property|rel|data-|mlnoindex)", re.IGNORECASE)
_DATA_END = re.compile(rb"</script", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n?|\n")


class Places:
    """The places of one page. `selected` is the selection that elements are counted in."""

    def __init__(self, source: bytes, selected: str, silent: tuple[str, ...]) -> None:
        self._source = source
        self._selected = selected
        self._silent = silent

    def of_element(self, index: int, _: str) -> tuple[int, str]:
        """Line and tag of an element of the selection; a data block is told with its text."""
        start = _at(self._offsets[0], index)
        end = self._tag_end(start)
        if self._source[start : start + 7].lower() == b"<script":
            data = _DATA_END.search(self._source, end)
            end = data.start() if data else len(self._source)
        return self._told(start, end)

    def of_text(self, index: int, word: str) -> tuple[int, str]:
        """Line of a text behind an element of what is visible; without `word`, of the element."""
        start = _at(self._behind if word else self._offsets[1], index)
        end = self._tag_end(start)
        if word:
            found = self._source.find(word.encode(), end, end + MAX_LOOK)
            start = end = found if found >= 0 else end
        return self._told(start, end)

    def _told(self, start: int, end: int) -> tuple[int, str]:
        line = bisect_right(self._line_ends, start) + 1
        return line, self._source[start : min(end, start + MAX_RAW)].decode("utf-8", "replace")

    def _tag_end(self, start: int) -> int:
        tag = _START.match(self._source, start)
        rest = tag and _REST.match(self._source, tag.end())
        return rest.end() if rest else start

    @cached_property
    def _line_ends(self) -> list[int]:
        return [end.end() for end in _LINE_END.finditer(self._source)]

    @cached_property
    def _offsets(self) -> tuple[list[int], list[int]]:
        """Of the selected elements, and of the visible ones; an element without a tag has the
        offset of the one before it."""
        tree = LexborHTMLParser(_START.sub(self._noted, self._source), scripting=True)
        selected = _running(tree.css(self._selected))
        tree.strip_tags(list(self._silent))
        nodes = tree.root.traverse(include_text=True) if tree.root else ()
        return selected, _running(node for node in nodes if node.tag != "-text")

    @cached_property
    def _behind(self) -> list[int]:
        """Where the text of a visible element is looked for: one that a later paragraph opens
        again (section 13.2.4.3) has the tag of the first, its text stands behind what is before."""
        seen: set[int] = set()
        found = [0]
        for offset in self._offsets[1]:
            found.append(found[-1] if offset in seen else offset)
            seen.add(offset)
        return found[1:]

    def _noted(self, tag: re.Match[bytes]) -> bytes:
        """The tag with its offset, before an attribute of the page that has the same name."""
        if tag[0].lower() in _LIKE_OTHERS and not _TELLING.match(self._source, tag.end()):
            return tag[0]
        return b"%b %b=%d " % (tag[0], _NAME.encode(), tag.start())


def _running(nodes: Iterable[LexborNode]) -> list[int]:
    found = [0]
    for node in nodes:
        noted = node.attrs.sget(_NAME) if node.is_element_node else ""
        found.append(int(noted) if _OFFSET.fullmatch(noted) else found[-1])
    return found[1:]


def _at(offsets: list[int], index: int) -> int:
    """The place of an element; should the two trees ever differ, one near it, and no error."""
    return offsets[min(index, len(offsets) - 1)] if offsets else 0
