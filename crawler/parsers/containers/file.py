"""A work that lies in a file of one's own: the parts of it that are read, and what kind it is.

A work is read whole up to MAX_WHOLE, of a larger one the first and the last part: WebP, PDF, WAV
and MP4 have their metadata at the end.
"""

from typing import BinaryIO

from crawler.parsers.containers.segment import Container
from crawler.parsers.containers.source import Part

MAX_WHOLE = 4 * 1024 * 1024
HEAD = 256 * 1024
TAIL = 128 * 1024

_KIND = {Container.MP3: "audio", Container.FLAC: "audio", Container.OGG: "audio"}
_KIND |= {Container.PDF: "document", Container.EPUB: "document"}


def parts_of(stream: BinaryIO) -> tuple[tuple[Part, ...], int]:
    """A file of one's own as it is read: whole, or its first and last part."""
    length = stream.seek(0, 2)
    stream.seek(0)
    if length <= MAX_WHOLE:
        return ((0, stream.read(MAX_WHOLE)),), length
    head = stream.read(HEAD)
    stream.seek(length - TAIL)
    return ((0, head), (length - TAIL, stream.read(TAIL))), length


def kind_of(container: Container, head: bytes) -> str:
    """The kind of a work by its container and brand."""
    brand = head[8:12].lower()
    if container is Container.RIFF and brand != b"webp":
        return "audio" if brand == b"wave" else "video"
    if container is Container.BMFF and brand not in {b"avif", b"avis", b"heic", b"mif1"}:
        return "audio" if brand.startswith(b"m4a") else "video"
    return _KIND.get(container, "image")
