"""The bytes of a work, which may have a hole in the middle: a large one is fetched in two parts."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

Part = tuple[int, bytes]
"""Offset in the work, and the bytes from there on."""


class GapError(Exception):
    """What was asked for has not been fetched."""


class DamagedError(Exception):
    """The file is not what its format says, or has more in it than we read."""


@dataclass(frozen=True, slots=True)
class Source:
    """`parts` in order, none overlapping the next; `length` is the whole work's, None: unknown."""

    parts: tuple[Part, ...]
    length: int | None

    @classmethod
    def whole(cls, data: bytes) -> "Source":
        """A work of which every byte is here."""
        return cls(((0, data),), len(data))

    @property
    def is_whole(self) -> bool:
        """True where no byte is missing."""
        return self.length is not None and sum(len(data) for _, data in self.parts) == self.length

    @property
    def head(self) -> bytes:
        """The bytes from the beginning to the first one missing."""
        return self.parts[0][1] if self.parts and self.parts[0][0] == 0 else b""

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes; raises GapError for missing ones, DamagedError beyond the end."""
        beyond = self.length is not None and offset + size > self.length
        if offset < 0 or size < 0 or beyond:
            raise DamagedError(f"{size} bytes at {offset}")
        for start, data in self.parts:
            if start <= offset and offset + size <= start + len(data):
                return data[offset - start : offset - start + size]
        raise GapError

    def upto(self, offset: int, size: int) -> bytes:
        """What is here of `size` bytes, without a hole."""
        for start, data in self.parts:
            if start <= offset < start + len(data):
                return data[offset - start : offset - start + size]
        return b""

    def numbers(self, layout: str, offset: int) -> tuple[int, ...]:
        """Integers by a layout of `struct`."""
        return struct.unpack(layout, self.read(offset, struct.calcsize(layout)))

    def find_all(self, wanted: bytes, most: int) -> Iterator[int]:
        """Offsets at which bytes stand, at most so many of each part."""
        for start, data in self.parts:
            found = data.find(wanted)
            for _ in range(most):
                if found < 0:
                    break
                yield start + found
                found = data.find(wanted, found + 1)
