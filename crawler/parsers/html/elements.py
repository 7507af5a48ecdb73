"""The bytes of an HTML page to its metas, links, data blocks and marks, as a browser sees them.

The tokenizer is our own, after WHATWG HTML section 13.2.5, for two reasons. libxml2 knows no
rules for `template`, `textarea` and `noscript`, so that a tag quoted inside one would count
as a statement; and it needs time quadratic in the attributes of a tag (40,000 hold it for
12 seconds). This one goes over the text once, never backtracks and never recurses.

It works on octets of UTF-8: `bytes.lower` keeps every position, so names are compared in a
lower-case copy and values cut from the original. Most of a body is passed over by one
expression (`_DULL`), which takes only tags that it tokenizes exactly and that nobody wants;
any other tag is read attribute by attribute.
"""

import codecs
import html
import re
from dataclasses import dataclass
from typing import TypeVar

from crawler.parsers.lines import Lines

MAX_TEXT = 1024 * 1024
"""Octets of UTF-8 read of one page; statements stand in the head, near the beginning."""
MAX_METAS = 1000
MAX_OTHERS = 2000
"""Links, scripts, properties and marks kept of one page, taken together."""
MAX_VALUE = 4000
"""Octets kept of an attribute, and looked through for the text of an element.

Also keeps `&#` + digits below Python's limit for int().
"""
MAX_RAW = 400
MAX_PARTS = 50
"""Pieces between tags that the text of an element is put together of."""

PROPERTIES = frozenset(
    {"acquirelicensepage", "conditionsofaccess", "copyrightholder", "copyrightnotice"}
    | {"copyrightyear", "credittext", "license", "usageinfo"}
)
"""What is kept of microdata and RDFa, in lower case: the words of schema.org for licences."""
DATA_BLOCKS = frozenset({"application/ld+json", "application/rsl+xml"})
MARKS = ("data-nosnippet", "data-pin-nopin", "mlnoindex")

_TAG = re.compile(rb"<(?:(?P<end>/?)(?P<name>[a-z][^\t\n\f\r />]*+)|(?P<mark>!--|[!?/]))")
_COMMENT_END = re.compile(rb"--!?>")
_ATTRIBUTE = re.compile(
    rb"""(?:[\t\n\f\r ]|/(?!>))*+
    (?:(?P<close>/?>)
      |(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*+)
       (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+
         (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<open>["'])
           |(?P<bare>[^\t\n\f\r >]*+)))?+
    )""",
    re.VERBOSE,
)
_NAMING = (b"itemprop", b"property", b"rel")
_VALUES = (b"content", b"resource", b"href", b"src", b"datetime")
_MARK_NAMES = frozenset(map(str.encode, MARKS))
_KEPT = frozenset({b"http-equiv", b"name", b"type", b"value", *_NAMING, *_VALUES}) | _MARK_NAMES
_RAW_TEXT = frozenset(
    {b"iframe", b"noembed", b"noframes", b"noscript", b"style", b"textarea", b"title", b"xmp"}
)
_HEAD_CONTENT = frozenset(
    {b"base", b"basefont", b"bgsound", b"head", b"html", b"link", b"meta", b"noframes"}
    | {b"noscript", b"script", b"style", b"template", b"title"}
)
_EMPTY = frozenset({b"area", b"base", b"br", b"embed", b"hr", b"img", b"input", b"link", b"meta"})
# What follows is passed over by one expression, for speed: what it takes, it tokenizes exactly,
# and nobody wants it. It is atomic throughout, so that its time is linear.
#
# Attributes. Wanted are marks, and names that may speak of a licence or of a data block: `&`
# may spell any word. Blanks around `=` and odd quotes are left to `_ATTRIBUTE`.
_DULL_ATTRIBUTES = rb"""
    (?:[\t\n\f\r /]*+
      (?!%(marks)b|(?:%(naming)b|type)=
        (?:"[^"]*?%(word)b|'[^']*?%(word)b|(?!["'])[^\t\n\f\r >]*?%(word)b))
      [^\t\n\f\r />"'=]++
      (?:=(?:"[^"]*+"|'[^']*+'|(?!["'])[^\t\n\f\r >]++))?+
    )*+""" % {
    b"marks": b"|".join(sorted(_MARK_NAMES)),
    b"naming": b"|".join(_NAMING),
    b"word": b"(?:licen|usageinfo|copyright|credittext|conditionsofaccess|json|rsl|&)",
}
_DULL_TAIL = re.compile(_DULL_ATTRIBUTES + rb"(?P<last>[\t\n\f\r /]*+)>", re.VERBOSE)
# Comments, and elements without markup.
_DULL_TEXT = rb"!--(?!-?>)(?:[^-]++|-(?!-!?>))*+--!?>" + b"".join(
    rb"|%(name)b(?=[\t\n\f\r >])%(attributes)b[\t\n\f\r ]*+>"
    rb"(?:[^<]++|<(?!!--|/%(name)b[\t\n\f\r />]))*+</%(name)b>"
    % {b"name": name, b"attributes": _DULL_ATTRIBUTES}
    for name in (b"script", b"style", b"noscript", b"title")
)
# All of it up to a tag that has a rule of its own; and pictures (CDATA would end one).
_DULL_RUN = rb"""(?:[^<]*+<(?:
      /(?!template|svg|math)[a-z][^>"'=]*+>
      |(?!(?:base|iframe|link|m(?:eta|ath)|no(?:script|embed|frames)|plaintext
            |s(?:cript|tyle|vg)|t(?:itle|extarea|emplate)|xmp)[\t\n\f\r />])
       [a-z][^\t\n\f\r />]*+%b[\t\n\f\r /]*+>
      |%b
    ))*+""" % (_DULL_ATTRIBUTES, _DULL_TEXT)
_DULL_BODY = re.compile(
    rb"%(run)b(?:[^<]*+<svg(?=[\t\n\f\r >])%(attributes)b>%(run)b[^<]*+</svg>%(run)b)*+"
    % {b"run": _DULL_RUN, b"attributes": _DULL_ATTRIBUTES},
    re.VERBOSE,
)
_DULL_HEAD = re.compile(rb"(?:[\t\n\f\r ]*+<(?:%b))*+" % _DULL_TEXT, re.VERBOSE)
_READ = frozenset({b"base", b"link", b"meta"})
"""Elements whose attributes are always read."""
_SCRIPT = re.compile(rb"<!--(?!-*+>)|-->|<(?P<end>/?)script(?=[\t\n\f\r />])")
_DELIMITERS = frozenset({b"\t", b"\n", b"\f", b"\r", b" ", b"/", b">"})
_NOT_SPACE = re.compile(rb"[^\t\n\f\r ]")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Python's names of the encodings a browser accepts. utf-7 is not one: it hides tags.
_SANE = frozenset(
    {"ascii", "big5", "big5hkscs", "cp866", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk"}
    | {"iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "shift_jis", "cp874", "utf-8"}
    | {f"iso8859-{n}" for n in range(1, 17)}
    | {f"cp125{n}" for n in range(9)}
)


@dataclass(frozen=True, slots=True)
class Meta:
    """One `meta` element. `raw` is the tag as written, cut at 400 octets.

    `value` is an attribute that HTML does not know here, and authors write for `content`.
    """

    name: str | None
    property: str | None
    http_equiv: str | None
    content: str | None
    line: int
    in_head: bool
    raw: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class HtmlLink:
    """One `link` element, or an `a` or `area` whose `rel` has the word `license`.

    `rel` are its words in lower case; `href` is as written, relative or not.
    """

    element: str
    rel: tuple[str, ...]
    href: str | None
    type: str | None
    line: int
    in_head: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Script:
    """One data block: a `script` of a type in DATA_BLOCKS. `type` is without parameters."""

    type: str
    text: str
    line: int
    in_head: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Property:
    """One property of microdata or RDFa: a word of PROPERTIES, without prefix, in lower case.

    `value` is the attribute that gives it, else the text of the element without its tags.
    """

    name: str
    value: str
    element: str
    line: int
    in_head: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An attribute of MARKS on an element. `value` is empty where none is given."""

    name: str
    value: str
    element: str
    line: int
    in_head: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of a page. `cut`: it is longer, or has more in it, than we read.

    A refresh is among the metas (`http_equiv`). `base` is the `href` of the first `base`.
    """

    metas: tuple[Meta, ...]
    cut: bool = False
    links: tuple[HtmlLink, ...] = ()
    scripts: tuple[Script, ...] = ()
    properties: tuple[Property, ...] = ()
    marks: tuple[Mark, ...] = ()
    base: str | None = None


def parse_html(data: bytes, label: str | None = None) -> Page:
    """Read a page whose Content-Type names the charset `label`."""
    octets = _octets(data, label)
    reader = _Reader(octets[:MAX_TEXT])
    reader.read()
    return Page(
        tuple(reader.metas[:MAX_METAS]),
        len(octets) > MAX_TEXT or reader.full,
        tuple(reader.links),
        tuple(reader.scripts),
        tuple(reader.properties),
        tuple(reader.marks),
        reader.base,
    )


def decode(data: bytes, label: str | None = None) -> str:
    """Text by byte-order mark, else a sane declared label, else UTF-8; never an error."""
    data = data[: 4 * MAX_TEXT + 4]
    encoding, start = _encoding(data, label)
    return data[start:].decode(encoding, "replace")


def _octets(data: bytes, label: str | None) -> bytes:
    """UTF-8 of at least MAX_TEXT + 1 octets where there are as many; faults may be left in."""
    encoding, start = _encoding(data, label)
    if encoding == "utf-8":
        return data[start : start + MAX_TEXT + 1]
    return decode(data, label).encode("utf-8", "replace")


def _encoding(data: bytes, label: str | None) -> tuple[str, int]:
    """Python's name of the encoding, and where the text begins."""
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return encoding, len(bom)
    if data[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if data[:1] == b"<" else "utf-16-be", 0
    declared = _DECLARED.search(data[:1024])
    return _codec(label) or _codec(declared and declared[1].decode("latin-1")) or "utf-8", 0


def _codec(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    if name not in _SANE:
        return None
    return "cp1252" if name in ("ascii", "iso8859-1") else name  # WHATWG Encoding, 4.2


_Kept = TypeVar("_Kept")


class _Reader:
    """One pass over the text. `_in_head` ends where a browser would open the body."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._lower = data.lower()
        self._lines = Lines(data.decode("latin-1"))  # an octet is a character
        self._in_head = True
        self._templates = 0
        self._foreign = 0
        self._others = 0
        self.full = False
        self.metas: list[Meta] = []
        self.links: list[HtmlLink] = []
        self.scripts: list[Script] = []
        self.properties: list[Property] = []
        self.marks: list[Mark] = []
        self.base: str | None = None

    def read(self) -> None:
        position = 0
        while not self.full:
            dull = _DULL_HEAD if self._in_head else _DULL_BODY
            position = _past(dull, self._lower, position)
            tag = _TAG.search(self._lower, position)
            if not tag:
                return
            if self._in_head and not self._templates:
                self._in_head = not _NOT_SPACE.search(self._lower, position, tag.start())
            if tag["mark"]:
                position = _after_mark(self._lower, tag, foreign=self._foreign > 0)
            else:
                position = self._after_tag(tag)

    def _after_tag(self, tag: re.Match[bytes]) -> int:
        name, start = tag["name"], tag.start()
        attributes, end, self_closing = self._attributes(tag)
        if end < 0:  # the text ends inside the tag, which therefore is none
            return len(self._lower)
        if tag["end"]:
            self._end(name)
            return end
        self._open(name, self_closing)
        if (attributes or name in _READ) and not self._templates:
            self._keep(name, start, end, attributes)
        if self._foreign and self_closing:
            return end
        after = _after_text(self._lower, name, end)
        if name == b"script" and b"type" in attributes and not self._templates:
            self._keep_script(start, end, after, attributes[b"type"])
        return after

    def _attributes(self, tag: re.Match[bytes]) -> tuple[dict[bytes, bytes], int, bool]:
        dull = None if tag["name"] in _READ else _DULL_TAIL.match(self._lower, tag.end())
        if dull:
            return {}, dull.end(), dull["last"].endswith(b"/")
        return _attributes(self._data, self._lower, tag.end())

    def _open(self, name: bytes, self_closing: bool) -> None:
        if not self._templates and name not in _HEAD_CONTENT:
            self._in_head = False
        if name == b"template":
            self._templates += 1
        elif name in (b"svg", b"math") and not self_closing:
            self._foreign += 1

    def _end(self, name: bytes) -> None:
        if name == b"template":
            self._templates = max(0, self._templates - 1)
        elif name in (b"svg", b"math"):
            self._foreign = max(0, self._foreign - 1)
        elif name in (b"body", b"html", b"br") and not self._templates:
            self._in_head = False

    def _keep(self, name: bytes, start: int, end: int, attributes: dict[bytes, bytes]) -> None:
        get = {key: _text(value) for key, value in attributes.items()}.get
        if name == b"meta":
            four = get(b"name"), get(b"property"), get(b"http-equiv"), get(b"content")
            self.metas.append(Meta(*four, *self._place(start, end), get(b"value")))
            self.full = len(self.metas) > MAX_METAS
        elif name == b"base" and self.base is None:
            self.base = get(b"href")
        rel = tuple(get(b"rel", "").lower().split())
        element = name[:MAX_RAW].decode("utf-8", "replace")
        if name == b"link" or (name in (b"a", b"area") and "license" in rel):
            link = element, rel, get(b"href"), get(b"type")
            self._add(self.links, HtmlLink(*link, *self._place(start, end)))
        for key in sorted(attributes.keys() & _MARK_NAMES):
            mark = key.decode(), get(key, ""), element
            self._add(self.marks, Mark(*mark, *self._place(start, end)))
        for word in _properties(get(b"itemprop", ""), get(b"property", ""), rel):
            given = [value for key in _VALUES if (value := get(key)) is not None]
            value = given[0] if given else self._inner_text(name, end)
            found = Property(word, value, element, *self._place(start, end))
            self._add(self.properties, found)

    def _keep_script(self, start: int, end: int, after: int, declared: bytes) -> None:
        essence = _text(declared).partition(";")[0].strip().lower()
        if essence in DATA_BLOCKS:
            content = self._data[end:after].decode("utf-8", "replace")
            self._add(self.scripts, Script(essence, content, *self._place(start, after)))

    def _add(self, kind: list[_Kept], one: _Kept) -> None:
        self._others += 1
        self.full = self.full or self._others > MAX_OTHERS
        if not self.full:
            kind.append(one)

    def _place(self, start: int, end: int) -> tuple[int, bool, str]:
        raw = self._data[start : min(end, start + MAX_RAW)].decode("utf-8", "replace")
        return self._lines.at(start), self._in_head, raw

    def _inner_text(self, name: bytes, start: int) -> str:
        return "" if name in _EMPTY else _inner_text(self._data[start : start + MAX_VALUE], name)


def _properties(itemprop: str, prop: str, rel: tuple[str, ...]) -> list[str]:
    """The known words that name properties, each once; `rel` has them with a prefix only."""
    words = [*itemprop.lower().split(), *prop.lower().split(), *(w for w in rel if ":" in w)]
    if not words:
        return []
    local = (re.split("[:/#]", word)[-1] for word in words)
    return [word for word in dict.fromkeys(local) if word in PROPERTIES]


def _inner_text(data: bytes, name: bytes) -> str:
    """The text up to the end tag of an element, or to the end of what is looked at."""
    lower = data.lower()
    parts: list[bytes] = []
    position = depth = 0
    while len(parts) < MAX_PARTS and (tag := _TAG.search(lower, position)):
        parts.append(data[position : tag.start()])
        if tag["name"] == name:
            depth += -1 if tag["end"] else 1
        if depth < 0:
            break
        position = _past_tag(data, lower, tag)
    else:
        parts.append(data[position:] if len(parts) < MAX_PARTS else b"")
    return " ".join(_text(b" ".join(parts)).split())


def _past_tag(data: bytes, lower: bytes, tag: re.Match[bytes]) -> int:
    if tag["mark"]:
        return _after_mark(lower, tag)
    end = _attributes(data, lower, tag.end())[1]
    if end < 0:
        return len(lower)
    return end if tag["end"] else _after_text(lower, tag["name"], end)


def _text(octets: bytes) -> str:
    return html.unescape(octets.decode("utf-8", "replace"))


def _attributes(data: bytes, lower: bytes, position: int) -> tuple[dict[bytes, bytes], int, bool]:
    """The attributes kept (the first of a name counts), the tag's end or -1, `/>` or not."""
    found: dict[bytes, bytes] = {}
    for match in _ATTRIBUTE.finditer(lower, position):  # they follow each other without a gap
        kind = match.lastgroup
        if kind == "close":
            return found, match.end(), match["close"] == b"/>"
        if kind == "open":
            break
        name = match["name"]
        if name in _KEPT and name not in found:
            start, end = (0, 0) if kind in (None, "name") else match.span(kind)
            found[name] = data[start : min(end, start + MAX_VALUE)]
    return found, -1, False


def _after_mark(text: bytes, tag: re.Match[bytes], *, foreign: bool = False) -> int:
    """Where the comment, doctype or CDATA section that begins here ends."""
    start = tag.start()
    if tag["mark"] == b"!--":
        if text.startswith((b">", b"->"), tag.end()):  # `<!-->`, `<!--->`: empty comments
            return text.index(b">", tag.end()) + 1
        end = _COMMENT_END.search(text, tag.end())
        return end.end() if end else len(text)
    if foreign and text.startswith(b"<![cdata[", start):
        return _behind(text, b"]]>", start)
    return _behind(text, b">", start)


def _after_text(text: bytes, name: bytes, position: int) -> int:
    """Past the text of an element whose content is no markup; `position` for any other."""
    if name == b"script":
        return _after_script(text, position)
    if name == b"plaintext":
        return len(text)
    return _end_tag(text, name, position) if name in _RAW_TEXT else position


def _after_script(text: bytes, position: int) -> int:
    """Past a script; inside `<!-- <script>` the first `</script>` ends nothing (13.2.5.17)."""
    first = _end_tag(text, b"script", position)
    if text.find(b"<!--", position, first) < 0:
        return first
    escaped = double = False
    for mark in _SCRIPT.finditer(text, position):
        if mark[0] == b"<!--":
            escaped = True
        elif mark["end"] is None:
            escaped = double = False
        elif mark["end"] and not double:
            return mark.start()
        else:
            double = escaped and not mark["end"]
    return len(text)


def _end_tag(text: bytes, name: bytes, position: int) -> int:
    """Where the end tag of an element without markup begins, or the end of the text."""
    mark = b"</" + name
    start = text.find(mark, position)
    while start >= 0:
        end = start + len(mark)
        if text[end : end + 1] in _DELIMITERS:
            return start
        start = text.find(mark, end)
    return len(text)


def _past(dull: re.Pattern[bytes], text: bytes, position: int) -> int:
    run = dull.match(text, position)
    return run.end() if run else position


def _behind(text: bytes, mark: bytes, position: int) -> int:
    found = text.find(mark, position)
    return len(text) if found < 0 else found + len(mark)
