"""The bytes of an HTML page to its `meta` elements, in order, as a browser would see them.

The tokenizer is our own, after WHATWG HTML section 13.2.5, for two reasons. libxml2 knows no
rules for `template`, `textarea` and `noscript`, so that a tag quoted inside one would count
as a statement; and it needs time quadratic in the attributes of a tag (40,000 hold it for
12 seconds). This one goes over the text once, never backtracks and never recurses.
"""

import codecs
import html
import re
from dataclasses import dataclass

from crawler.parsers.lines import Lines

MAX_TEXT = 1024 * 1024
"""Characters read of one page; statements stand in the head, near the beginning."""
MAX_METAS = 1000
MAX_VALUE = 4000
"""Characters kept of an attribute; also keeps `&#` + digits below Python's limit for int()."""

_SPACE = "[\t\n\f\r ]"
_TAG = re.compile(r"<(?:(?P<end>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)|(?P<mark>!--|[!?/]))")
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(
    rf"""(?:{_SPACE}|/(?!>))*+
    (?:(?P<close>/?>)
      |(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*+)
       (?:{_SPACE}*+={_SPACE}*+
         (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<open>["'])
           |(?P<bare>[^\t\n\f\r >]*+)))?+
    )""",
    re.VERBOSE,
)
_KEPT = frozenset({"name", "property", "http-equiv", "content"})
_RAW_TEXT = frozenset(
    {"iframe", "noembed", "noframes", "noscript", "style", "textarea", "title", "xmp"}
)
_HEAD_CONTENT = frozenset(
    {"base", "basefont", "bgsound", "head", "html", "link", "meta", "noframes", "noscript"}
    | {"script", "style", "template", "title"}
)
_SCRIPT = re.compile(r"<!--(?!-*+>)|-->|<(?P<end>/?)script(?=[\t\n\f\r />])", re.IGNORECASE)
_NOT_SPACE = re.compile(r"[^\t\n\f\r ]")
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
    """One `meta` element. `raw` is the tag as written, cut at 400 characters."""

    name: str | None
    property: str | None
    http_equiv: str | None
    content: str | None
    line: int
    in_head: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of a page. `cut`: it is longer, or has more metas, than we read."""

    metas: tuple[Meta, ...]
    cut: bool = False


def parse_html(data: bytes, label: str | None = None) -> Page:
    """Read the metas of a page whose Content-Type names the charset `label`."""
    text = decode(data, label)
    metas = _Reader(text[:MAX_TEXT]).metas()
    cut = len(text) > MAX_TEXT or len(metas) > MAX_METAS
    return Page(tuple(metas[:MAX_METAS]), cut)


def decode(data: bytes, label: str | None = None) -> str:
    """Text by byte-order mark, else a sane declared label, else UTF-8; never an error."""
    data = data[: 4 * MAX_TEXT + 4]
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    if data[:2] in (b"<\0", b"\0<"):
        return data.decode("utf-16-le" if data[:1] == b"<" else "utf-16-be", "replace")
    declared = _DECLARED.search(data[:1024])
    encoding = _codec(label) or _codec(declared and declared[1].decode("latin-1")) or "utf-8"
    return data.decode(encoding, "replace")


def _codec(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    if name not in _SANE:
        return None
    return "cp1252" if name in ("ascii", "iso8859-1") else name  # WHATWG Encoding, 4.2


class _Reader:
    """One pass over the text. `_in_head` ends where a browser would open the body."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self._in_head = True
        self._templates = 0
        self._foreign = 0
        self._metas: list[Meta] = []

    def metas(self) -> list[Meta]:
        position = 0
        while (tag := _TAG.search(self._text, position)) and len(self._metas) <= MAX_METAS:
            if self._in_head and not self._templates:
                self._in_head = not _NOT_SPACE.search(self._text, position, tag.start())
            position = self._after_mark(tag) if tag["mark"] else self._after_tag(tag)
        return self._metas

    def _after_mark(self, tag: re.Match[str]) -> int:
        """Where the comment, doctype or CDATA section that begins here ends."""
        text, start = self._text, tag.start()
        if tag["mark"] == "!--":
            if text.startswith((">", "->"), tag.end()):  # `<!-->`, `<!--->`: empty comments
                return text.index(">", tag.end()) + 1
            end = _COMMENT_END.search(text, tag.end())
            return end.end() if end else len(text)
        if self._foreign and text.startswith("<![CDATA[", start):
            return _past(text, "]]>", start)
        return _past(text, ">", start)

    def _after_tag(self, tag: re.Match[str]) -> int:
        name = tag["name"].lower()
        attributes, position, self_closing = _attributes(self._text, tag.end())
        if position < 0:  # the text ends inside the tag, which therefore is none
            return len(self._text)
        if tag["end"]:
            self._end(name)
            return position
        self._open(name, self_closing)
        if name == "meta" and not self._templates:
            self._keep(tag.start(), position, attributes)
        if self._foreign and self_closing:
            return position
        return _after_text(self._text, name, position)

    def _open(self, name: str, self_closing: bool) -> None:
        if not self._templates and name not in _HEAD_CONTENT:
            self._in_head = False
        if name == "template":
            self._templates += 1
        elif name in ("svg", "math") and not self_closing:
            self._foreign += 1

    def _end(self, name: str) -> None:
        if name == "template":
            self._templates = max(0, self._templates - 1)
        elif name in ("svg", "math"):
            self._foreign = max(0, self._foreign - 1)
        elif name in ("body", "html", "br") and not self._templates:
            self._in_head = False

    def _keep(self, start: int, end: int, attributes: dict[str, str]) -> None:
        self._metas.append(
            Meta(
                attributes.get("name"),
                attributes.get("property"),
                attributes.get("http-equiv"),
                attributes.get("content"),
                self._lines.at(start),
                self._in_head,
                self._text[start : min(end, start + 400)],
            )
        )


def _attributes(text: str, position: int) -> tuple[dict[str, str], int, bool]:
    """The attributes kept (the first of a name counts), the tag's end or -1, `/>` or not."""
    found: dict[str, str] = {}
    while (match := _ATTRIBUTE.match(text, position)) and not match["open"]:
        if match["close"]:
            return found, match.end(), match["close"] == "/>"
        position = match.end()
        name = match["name"].lower()
        if name in _KEPT and name not in found:
            value = match["double"] or match["single"] or match["bare"] or ""
            found[name] = html.unescape(value[:MAX_VALUE])
    return found, -1, False


def _after_text(text: str, name: str, position: int) -> int:
    """Past the text of an element whose content is no markup; `position` for any other."""
    if name == "script":
        return _after_script(text, position)
    if name == "plaintext":
        return len(text)
    if name not in _RAW_TEXT:
        return position
    end = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(text, position)
    return end.start() if end else len(text)


def _after_script(text: str, position: int) -> int:
    """Past a script; inside `<!-- <script>` the first `</script>` ends nothing (13.2.5.17)."""
    escaped = double = False
    for mark in _SCRIPT.finditer(text, position):
        if mark[0] == "<!--":
            escaped = True
        elif mark["end"] is None:
            escaped = double = False
        elif mark["end"] and not double:
            return mark.start()
        else:
            double = escaped and not mark["end"]
    return len(text)


def _past(text: str, mark: str, position: int) -> int:
    found = text.find(mark, position)
    return len(text) if found < 0 else found + len(mark)
