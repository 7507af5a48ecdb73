r"""The border between text from websites and whatever shows it: a terminal or a spreadsheet.

A robots.txt may hold terminal commands (ESC), right-to-left overrides that turn a rule
around, or a spreadsheet formula. All are evidence and stay in the database as they came.
"""

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""General categories: controls (C0, C1, DEL), format (bidi, zero-width), surrogates,
line and paragraph separators."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""OWASP, "CSV Injection"; spreadsheets take the full-width forms for the plain ones."""


def safe_text(text: str) -> str:
    r"""Return text with every character that acts or hides written out, ESC as `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in INVISIBLE else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe_cell(value: object) -> object:
    """Return a value for a CSV cell; text that a spreadsheet would calculate gets a `'`."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value
