"""Positions in a text to line numbers, where only CR, LF and CRLF end a line.

`str.splitlines` also breaks at U+2028, U+0085, VT and FF, which no format here does.
"""


class Lines:
    """Counts forward only, so that a whole text costs one pass however many are asked for."""

    __slots__ = ("_line", "_position", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def at(self, position: int) -> int:
        """The line, from 1, that `position` is on; positions must not decrease."""
        count, start, end = self._text.count, self._position, position
        returns = count("\r", start, end)
        pairs = count("\r\n", start, end) if returns else 0
        self._line += count("\n", start, end) + returns - pairs
        self._position = position
        return self._line
