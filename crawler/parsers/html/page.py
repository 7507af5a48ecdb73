"""What was read of an HTML page: one result for signals, links, works, marks and prose."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands: found when asked for, since few pages have anything to tell.

    `number` counts the elements before it, `word` is the first of a text.
    """

    find: Callable[[int, str], tuple[int, str]]
    number: int
    word: str = ""

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.find(self.number, self.word)[0]

    @property
    def raw(self) -> str:
        """The tag as written, cut at 400 octets; of a data block with its text."""
        return self.find(self.number, self.word)[1]


class _Placed:
    """What has a place."""

    __slots__ = ()
    place: Place

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.place.line

    @property
    def raw(self) -> str:
        """The words in the source."""
        return self.place.raw


@dataclass(frozen=True, slots=True)
class Meta(_Placed):
    """One `meta` element.

    `value` is an attribute that HTML does not know here, and authors write for `content`.
    """

    name: str | None
    property: str | None
    http_equiv: str | None
    content: str | None
    in_head: bool
    place: Place
    value: str | None = None


@dataclass(frozen=True, slots=True)
class HtmlLink(_Placed):
    """One `link` element, or an `a` or `area` whose `rel` has the word `license`.

    `rel` are its words in lower case; `href` is as written, relative or not.
    """

    element: str
    rel: tuple[str, ...]
    href: str | None
    type: str | None
    in_head: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Script(_Placed):
    """One data block: a `script` of a type in DATA_BLOCKS. `type` is without parameters."""

    type: str
    text: str
    in_head: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Property(_Placed):
    """One property of microdata or RDFa: a word of PROPERTIES, without prefix, in lower case.

    `value` is the attribute that gives it, else the text of the element without its tags.
    """

    name: str
    value: str
    element: str
    in_head: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Mark(_Placed):
    """An attribute of MARKS on an element. `value` is empty where none is given."""

    name: str
    value: str
    element: str
    in_head: bool
    place: Place


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
class Block(_Placed):
    """Visible text with single blanks; its place is where it begins."""

    text: str
    kind: Kind
    region: Region
    place: Place


@dataclass(frozen=True, slots=True)
class Anchor(_Placed):
    """A link: its `href` as written, and its text (at most 200 characters)."""

    href: str
    text: str
    region: Region
    place: Place


class WorkKind(StrEnum):
    """What stands at an address; `frame` is a page in the page, such as a player."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Work(_Placed):
    """The address of a work as written, relative or not."""

    kind: WorkKind
    url: str
    place: Place
    size: int = 0
    """Width times height as the page gives them; 0 where it does not."""
    largest: str = ""
    """The largest of the `srcset` that it stands in or beside; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `cut`: it is longer, or has more in it, than is read.

    A refresh is among the metas (`http_equiv`). `base` is the `href` of the first `base` that has
    one, `language` the `lang` of `html`.
    """

    metas: tuple[Meta, ...] = ()
    links: tuple[HtmlLink, ...] = ()
    scripts: tuple[Script, ...] = ()
    properties: tuple[Property, ...] = ()
    marks: tuple[Mark, ...] = ()
    works: tuple[Work, ...] = ()
    blocks: tuple[Block, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    title: str = ""
    language: str | None = None
    base: str | None = None
    cut: bool = False
