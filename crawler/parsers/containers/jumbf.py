"""A C2PA manifest store in JUMBF (ISO/IEC 19566-5) to the assertions that speak of training.

A store is a superbox labelled `c2pa`; in it each manifest is a superbox, the last one active
(C2PA 2.2, section 11.1.4.2); in a manifest `c2pa.assertions` holds a superbox for each assertion.
Three levels, walked by loops: nothing nests further here, whatever a file says. A store that is
cut off is read as far as it goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.parsers.containers.segment import Kind

MAX_BOXES = 4096
MAX_LABEL = 200
ASSERTIONS = "c2pa.assertions"
TRAINING = re.compile(r"(?:cawg|c2pa)\.training-mining(?:\.v[0-9]{1,3})?(?:__[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Box:
    """One superbox that is kept; `start` counts from the store's first byte."""

    kind: Kind
    label: str
    start: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Store:
    """`cut`: a box goes on after the bytes that are here, or there are more than are read."""

    boxes: tuple[Box, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """A box: its four letters, where it begins, where its content does, and where it ends."""

    type: bytes
    start: int
    content: int
    end: int
    cut: bool = False


def read(data: bytes) -> Store | None:
    """Read a store; None where the bytes are none."""
    outer = next(children(data, 0, len(data)), None)
    if outer is None or _label(data, outer) != "c2pa":
        return None
    kept: list[Box] = []
    cut, room = outer.cut, MAX_BOXES
    manifests = [box for box in children(data, outer.content, outer.end) if _label(data, box)]
    for manifest in manifests[-64:]:
        active = manifest is manifests[-1]
        kind = Kind.ASSERTION if active else Kind.INGREDIENT
        if active:
            description = data[manifest.start : manifest.end][: MAX_LABEL + 64]
            label = _label(data, manifest)
            kept.append(Box(Kind.MANIFEST, label, manifest.start, description))
        for store in children(data, manifest.content, manifest.end):
            cut = cut or store.cut
            if _label(data, store) != ASSERTIONS:
                continue
            for box in children(data, store.content, store.end):
                room -= 1
                cut = cut or box.cut or room <= 0
                if room > 0 and TRAINING.fullmatch(label := _label(data, box)):
                    kept.append(Box(kind, label, box.start, data[box.start : box.end]))
    return Store(tuple(kept), cut or len(manifests) > 64)


def content(superbox: bytes) -> tuple[bytes, bytes] | None:
    """The type and the bytes of the first content box of an assertion."""
    outer = next(children(superbox, 0, len(superbox)), None)
    inner = children(superbox, outer.content, outer.end) if outer else iter(())
    return next(
        ((box.type, superbox[box.content : box.end]) for box in inner if box.type != b"jumd"), None
    )


def children(data: bytes, start: int, end: int) -> Iterator[Raw]:
    """The boxes from `start` to `end`; a size that cannot be ends the walk."""
    for _ in range(MAX_BOXES):
        if end - start < 8:
            return
        size, kind = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8]
        content = start + 8
        if size == 1 and end - start >= 16:  # the size is in the next eight bytes
            size, content = int.from_bytes(data[start + 8 : start + 16]), start + 16
        stop = end if size == 0 else start + size
        if stop < content:
            return
        yield Raw(kind, start, content, min(stop, end), cut=stop > end)
        start = stop


def _label(data: bytes, box: Raw) -> str:
    """The label in the description box that a superbox begins with; empty for none."""
    if box.type != b"jumb":
        return ""
    first = next(children(data, box.content, box.end), None)
    if first is None or first.type != b"jumd":
        return ""
    body = data[first.content : first.end][: 17 + MAX_LABEL]
    if len(body) < 18 or not body[16] & 2:  # toggles: bit 1 says that there is a label
        return ""
    return body[17:].partition(b"\0")[0].decode("utf-8", "replace")
