"""What only a library of the extra `media` can read; called in a worker process, nowhere else.

pypdf inflates and decrypts the metadata of a PDF within limits of its own; it raises much besides
its own errors (measured: RecursionError, AttributeError, KeyError), so all are caught here.
c2pa-python says whether a signature is valid: the state only, never the wish, for it refuses cut
files. Neither fetches anything.
"""

import io
from dataclasses import replace
from importlib.util import find_spec

from crawler.parsers.containers.segment import (
    MAX_SEGMENT,
    Container,
    Extract,
    Kind,
    Problem,
    Segment,
)
from crawler.parsers.containers.source import Part
from crawler.parsers.containers.work import extract

MAX_STATE = 60
_TYPES = {
    Container.JPEG: "image/jpeg",
    Container.PNG: "image/png",
    Container.GIF: "image/gif",
    Container.TIFF: "image/tiff",
    Container.SVG: "image/svg+xml",
    Container.PDF: "application/pdf",
    Container.MP3: "audio/mpeg",
    Container.FLAC: "audio/flac",
}
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
_MANIFESTS = frozenset({Kind.ASSERTION, Kind.INGREDIENT, Kind.MANIFEST})


def extract_deeply(parts: tuple[Part, ...], length: int | None) -> Extract:
    """As `extract`, with what the libraries add for a work that is whole; never an error."""
    found = extract(parts, length)
    if len(parts) != 1 or length != len(parts[0][1]):
        return found
    if found.container is Container.PDF:
        found = _with_pdf(found, parts[0][1])
    if any(segment.kind in _MANIFESTS for segment in found.segments):
        found = replace(found, signature=_state(parts[0][1], found.container))
    return found


def _with_pdf(found: Extract, data: bytes) -> Extract:
    if find_spec("pypdf") is None:
        return found
    from pypdf import PdfReader  # noqa: PLC0415 - optional, and half a second to load
    from pypdf.generic import StreamObject  # noqa: PLC0415

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return replace(found, problem=Problem.ENCRYPTED)
        root = reader.root_object
        stream = root["/Metadata"].get_object() if "/Metadata" in root else None
        packet = stream.get_data() if isinstance(stream, StreamObject) else b""
    except Exception:  # noqa: BLE001 - see above
        return replace(found, problem=Problem.DAMAGED)
    if len(packet) > MAX_SEGMENT:
        return replace(found, problem=Problem.LIMIT)
    if not packet:
        return replace(found, problem=None)
    # The catalogue names the document's own packet (ISO 32000-2, 14.3.2). Others are of pictures
    # in it, or of a revision that a later one replaced.
    own = [s for s in found.segments if s.kind is not Kind.XMP or s.data in packet]
    if not any(segment.kind is Kind.XMP for segment in own):
        own.append(Segment(Kind.XMP, "pdf-metadata", 0, packet))
    return replace(found, segments=tuple(own), problem=None)


def _state(data: bytes, container: Container) -> str | None:
    """`Valid`, `Trusted`, `Invalid`, or `unreadable`; None without the library."""
    if find_spec("c2pa") is None:
        return None
    import c2pa  # noqa: PLC0415 - optional, 53 MB

    kind = _TYPES.get(container) or _type(data)
    try:
        context = c2pa.Context(settings=c2pa.Settings.from_dict(_OFFLINE))
        with c2pa.Reader(kind, io.BytesIO(data), context=context) as reader:
            return str(reader.get_validation_state())[:MAX_STATE]
    except Exception:  # noqa: BLE001 - a damaged manifest ends in many kinds of errors
        return "unreadable"


def _type(data: bytes) -> str:
    """The media type of a RIFF or ISO base media file, by its brand."""
    brand = data[8:12].lower()
    riff = {b"webp": "image/webp", b"wave": "audio/wav", b"avi ": "video/x-msvideo"}
    boxes = {b"avif": "image/avif", b"heic": "image/heic", b"mif1": "image/heif"}
    boxes |= {b"m4a ": "audio/mp4", b"qt  ": "video/quicktime"}
    return riff.get(brand, "video/mp4") if data[:4] == b"RIFF" else boxes.get(brand, "video/mp4")
