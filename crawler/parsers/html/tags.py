"""The lexical pieces of HTML over text (WHATWG HTML section 13.2.5): tags, attributes, raw text.

For readers that need the words of a page; `crawler.parsers.html.elements` goes over octets, several
times faster, and needs none of them.
"""

import re

_SPACE = "[\t\n\f\r ]"
COMMENT_END = re.compile(r"--!?>")
ATTRIBUTE = re.compile(
    rf"""(?:{_SPACE}|/(?!>))*+
    (?:(?P<close>/?>)
      |(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*+)
       (?:{_SPACE}*+={_SPACE}*+
         (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<open>["'])
           |(?P<bare>[^\t\n\f\r >]*+)))?+
    )""",
    re.VERBOSE,
)
TOKEN = re.compile(
    rf"""(?P<text>(?:[^<]++|<(?![A-Za-z!?/]))*+)
    (?:\Z|<(?:(?P<end>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)
        (?P<rest>
          (?:[\t\n\f\r /]++
            |[^\t\n\f\r />][^\t\n\f\r />=]*+
             (?:{_SPACE}*+={_SPACE}*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\t\n\f\r >]*+)
               |(?!{_SPACE}*+=))
          )*+>
        )?+
      |(?P<mark>!--|[!?/])
    ))""",
    re.VERBOSE,
)
"""Text and the tag behind it, or the end: it matches everywhere, so that time is linear. `rest`
has all attributes and the `>`; None where the text ends inside the tag, which is none then."""
RAW_TEXT = frozenset(
    {"iframe", "noembed", "noframes", "noscript", "style", "textarea", "title", "xmp"}
)
WITHOUT_MARKUP = RAW_TEXT | {"plaintext", "script"}
_SCRIPT = re.compile(r"<!--(?!-*+>)|-->|<(?P<end>/?)script(?=[\t\n\f\r />])", re.IGNORECASE)


def after_text(text: str, name: str, position: int) -> int:
    """Past the text of an element whose content is no markup; `position` for any other."""
    if name == "script":
        return _after_script(text, position)
    if name == "plaintext":
        return len(text)
    if name not in RAW_TEXT:
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


def after_mark(text: str, mark: str, position: int) -> int:
    """Past the comment, doctype or other declaration that `mark`, which ends here, begins."""
    if mark != "!--":
        return past(text, ">", position - 1)
    if text.startswith((">", "->"), position):
        return text.index(">", position) + 1
    end = COMMENT_END.search(text, position)
    return end.end() if end else len(text)


def past(text: str, mark: str, position: int) -> int:
    """Past the next mark; the end of the text where there is none."""
    found = text.find(mark, position)
    return len(text) if found < 0 else found + len(mark)
