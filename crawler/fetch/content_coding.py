"""Body bytes as sent become the content, within a cap and without trusting the sender."""

import zlib
from collections.abc import Iterator, Sequence

MAX_LAYERS = 2
_PIECE = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class Content:
    """Collects one body: undoes gzip and deflate, keeps at most `cap` bytes of content.

    A cap keeps the prefix, because an opt-out may stand in the first line of an endless
    file. The bytes as sent are collected beside, for the case that they do not decode.
    """

    def __init__(self, codings: Sequence[bytes], cap: int) -> None:
        real = [coding for coding in codings if not means_identity(coding)]
        self.coding_error = len(real) > MAX_LAYERS or any(coding not in _WBITS for coding in real)
        """The declared coding is unknown, or the bytes are not in it."""
        self.full = False
        """More than `cap` bytes came: nothing further is wanted."""
        self._cap = cap
        self._sent = bytearray()
        self._decoded = bytearray()
        self._layers = [] if self.coding_error else [_Layer(c, 2 * cap) for c in reversed(real)]

    @property
    def body(self) -> bytes:
        """The content, or the bytes as sent where it does not decode."""
        return bytes((self._decoded if self._layers else self._sent)[: self._cap])

    @property
    def cut(self) -> bool:
        """Whether the end of a compressed stream never came; not a byte is no such stream."""
        return not self.full and not all(layer.ended for layer in self._layers)

    def feed(self, data: bytes) -> None:
        """Take the next bytes as sent."""
        self._sent += data[: self._cap + 1 - len(self._sent)]
        if self._layers:
            self._decode(data)
        if not self._layers:
            self.full = len(self._sent) > self._cap

    def _decode(self, data: bytes) -> None:
        try:
            for piece in _through(self._layers, data):
                self._decoded += piece
                if len(self._decoded) > self._cap:
                    self.full = True
                    return
        except zlib.error:
            self.coding_error = True
            self._layers = []
            self._decoded.clear()
        except OverflowError:
            self.full = True


def means_identity(coding: bytes) -> bool:
    """Whether a Content-Encoding, in lower case, names nothing that was done to the content.

    Some write `none` there, or the charset, which belongs into Content-Type.
    """
    if coding in {b"", b"identity", b"none"}:
        return True
    try:
        "a".encode(coding.decode("ascii"))  # refuses hex, zlib and whatever else is no charset
    except (LookupError, ValueError):
        return False
    return True


def _through(layers: Sequence["_Layer"], data: bytes) -> Iterator[bytes]:
    first, *rest = layers
    for piece in first.pieces(data):
        if rest:
            yield from _through(rest, piece)
        else:
            yield piece


class _Layer:
    """One content-coding undone piece by piece; memory is bounded by the piece."""

    def __init__(self, coding: bytes, budget: int) -> None:
        self.begun = False
        self._coding = coding
        self._budget = budget
        self._inflate = zlib.decompressobj(_WBITS[coding])

    @property
    def ended(self) -> bool:
        return self._inflate.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decode `data`; raises zlib.error, and OverflowError over the budget.

        The budget stops a bomb inside a bomb, whose outer layer would run for gigabytes
        before the inner one gives a byte.
        """
        self._begin(data)
        piece = b""
        while data or len(piece) == _PIECE:
            if self.ended and not self._next_member(data):
                return
            piece = self._inflate.decompress(data, _PIECE)
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            self._budget -= len(piece)
            if self._budget < 0:
                raise OverflowError
            yield piece

    def _begin(self, data: bytes) -> None:
        # RFC 9110 section 8.4.1.2: "deflate" is zlib format, and many send it bare.
        if not self.begun and data and self._coding == b"deflate" and data[0] & 0x8F != 0x08:
            self._inflate = zlib.decompressobj(-15)
        self.begun = self.begun or bool(data)

    def _next_member(self, data: bytes) -> bool:
        """RFC 1952 section 2.2: members may follow each other; other trailing bytes are padding."""
        if not data or data[:2] not in (_GZIP_MAGIC, _GZIP_MAGIC[:1]):
            return False
        self._inflate = zlib.decompressobj(_WBITS[self._coding])
        return True


# 47: gzip or zlib header, whichever comes.
_WBITS = {b"gzip": 47, b"x-gzip": 47, b"deflate": 15}
