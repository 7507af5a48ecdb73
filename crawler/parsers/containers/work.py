"""The bytes of a work to its Extract: what is it, which segments has it, was all of it read.

The container is known by its first bytes; neither a name nor a media type is asked.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable

from crawler.parsers.containers import audio, boxes, documents, images
from crawler.parsers.containers.found import Found, LimitError, scan
from crawler.parsers.containers.segment import Container, Extract, Problem, digest
from crawler.parsers.containers.source import DamagedError, GapError, Part, Source
from crawler.parsers.containers.xmp import RDF

Walk = Callable[[Source, Found], None]

WALKS: dict[Container, Walk] = {
    Container.JPEG: images.jpeg,
    Container.PNG: images.png,
    Container.GIF: images.gif,
    Container.TIFF: images.tiff,
    Container.RIFF: boxes.riff,
    Container.BMFF: boxes.bmff,
    Container.MP3: audio.mp3,
    Container.FLAC: audio.flac,
    Container.OGG: audio.ogg,
    Container.SVG: documents.svg,
    Container.PDF: documents.pdf,
    Container.EPUB: documents.epub,
    Container.SIDECAR: documents.sidecar,
}

_OPENINGS: tuple[tuple[bytes, Container], ...] = (
    (b"\xff\xd8\xff", Container.JPEG),
    (b"\x89PNG\r\n\x1a\n", Container.PNG),
    (b"GIF87a", Container.GIF),
    (b"GIF89a", Container.GIF),
    (b"II*\0", Container.TIFF),
    (b"MM\0*", Container.TIFF),
    (b"RIFF", Container.RIFF),
    (b"ID3", Container.MP3),
    (b"fLaC", Container.FLAC),
    (b"OggS", Container.OGG),
)


def container_of(head: bytes) -> Container:
    """Name the container by its opening."""
    for opening, container in _OPENINGS:
        if head.startswith(opening):
            return container
    if head[4:8] == b"ftyp":
        return Container.BMFF
    if head.startswith(b"PK\x03\x04") and b"mimetypeapplication/epub+zip" in head[:100]:
        return Container.EPUB
    if b"%PDF-" in head[:1024]:  # ISO 32000-2 annex: readers look there
        return Container.PDF
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # MPEG layer III
        return Container.MP3
    return _marked_up(head)


def _marked_up(head: bytes) -> Container:
    text = head[:4096]
    for mark in (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE):
        text = text.removeprefix(mark)
    text = text.replace(b"\0", b"").lstrip()
    if text.startswith((b"<?xpacket", b"<x:xmpmeta")):
        return Container.SIDECAR
    lower = text.lower()
    if not text.startswith(b"<") or b"<!doctype html" in lower or b"<html" in lower:
        return Container.UNKNOWN
    if b"<svg" in text or b":svg" in text:
        return Container.SVG
    is_packet = b"adobe:ns:meta/" in text or RDF.encode() in text
    is_packet = is_packet or (text.startswith(b"<?xml") and b"<rdf:RDF" in text)
    return Container.SIDECAR if is_packet else Container.UNKNOWN


def extract(parts: tuple[Part, ...], length: int | None) -> Extract:
    """Read a work of which `parts` were fetched; never an error. No optional library is used."""
    source, found = Source(parts, length), Found()
    container = container_of(source.head)
    if container is Container.UNKNOWN:
        found.trouble(Problem.TYPE if source.head else Problem.TRUNCATED)
    else:
        _walk(container, source, found)
    return Extract(
        container,
        length,
        sum(len(data) for _, data in parts),
        digest(parts),
        tuple(found.segments),
        found.problem,
    )


def extract_whole(data: bytes) -> Extract:
    """Read a work of which every byte is here."""
    return extract(((0, data),), len(data))


def _walk(container: Container, source: Source, found: Found) -> None:
    try:
        try:
            WALKS[container](source, found)
        except GapError:
            found.trouble(Problem.TRUNCATED)
            scan(source, found, f"{container}-packet")
        except DamagedError:
            found.trouble(Problem.TRUNCATED if not source.is_whole else Problem.DAMAGED)
            scan(source, found, f"{container}-packet")
    except LimitError:
        found.trouble(Problem.LIMIT)
