"""What is kept of a work: its metadata segments verbatim, and how far it was read."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_SEGMENT = 1024 * 1024
MAX_SEGMENTS = 64
MAX_KEPT = 2 * 1024 * 1024
"""Bytes kept of one work, all segments together."""
MAGIC = b'{"optout_work": 1,'
"""How a stored extract begins. A work's own bytes never stand in its place in a database."""


class Container(StrEnum):
    """What a file is by its bytes. Persisted in extracts."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    TIFF = "tiff"
    RIFF = "riff"  # WebP, WAV
    BMFF = "bmff"  # AVIF, HEIC, MP4, M4A, MOV
    MP3 = "mp3"
    FLAC = "flac"
    OGG = "ogg"
    SVG = "svg"
    PDF = "pdf"
    EPUB = "epub"
    SIDECAR = "xmp"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a segment holds. Persisted in extracts."""

    XMP = "xmp"  # a packet
    ASSERTION = "c2pa-assertion"  # a JUMBF superbox of the active manifest
    INGREDIENT = "c2pa-ingredient"  # as above, of another manifest
    MANIFEST = "c2pa-manifest"  # the description of the active manifest: it is there
    REMOTE = "c2pa-remote"  # the address of a manifest kept elsewhere; never asked for
    FIELD = "field"  # a named text: `name` says which
    RSL = "rsl"  # a document of Really Simple Licensing
    OPF = "opf"  # the package document of an EPUB


class Problem(StrEnum):
    """Why not everything was read. Persisted in extracts and as notes of findings."""

    TRUNCATED = "truncated"  # bytes were not fetched
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"  # not what its format says
    LIMIT = "work_limit"  # more, larger or deeper segments than are read
    TYPE = "work_type"  # not a container that we know
    NO_READER = "no_reader"  # a library of the extra `media` is not installed


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of metadata. `place` is the carrier in the file, `offset` counts from its start.

    `data` are the bytes as they stand there, put together where the format cuts them up and
    inflated where it deflates them; then `offset` is where the first piece begins.
    """

    kind: Kind
    place: str
    offset: int
    data: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What is kept of one work. `sha256` is of the `fetched` bytes, part after part.

    `signature` is the state of a C2PA signature by its own library: None where none is there,
    or nobody could look. It stands apart from what the manifest states.
    """

    container: Container
    length: int | None
    fetched: int
    sha256: str
    segments: tuple[Segment, ...] = ()
    problem: Problem | None = None
    signature: str | None = None


def write(extract: Extract) -> bytes:
    """An extract as JSON of one fixed form: equal extracts give equal bytes."""
    told: dict[str, Any] = {
        "optout_work": 1,
        "container": extract.container,
        "length": extract.length,
        "fetched": extract.fetched,
        "sha256": extract.sha256,
        "problem": extract.problem,
        "signature": extract.signature,
        "segments": [
            {
                "kind": s.kind,
                "place": s.place,
                "name": s.name,
                "offset": s.offset,
                "base64": base64.b64encode(s.data).decode("ascii"),
            }
            for s in extract.segments
        ],
    }
    return json.dumps(told).encode()


def read(body: bytes) -> Extract | None:
    """A stored extract; None for any other bytes."""
    if not body.startswith(MAGIC):
        return None
    try:
        told = json.loads(body)
        return Extract(
            Container(told["container"]),
            told["length"],
            told["fetched"],
            told["sha256"],
            tuple(
                Segment(
                    Kind(s["kind"]),
                    str(s["place"]),
                    int(s["offset"]),
                    base64.b64decode(s["base64"], validate=True),
                    str(s["name"]),
                )
                for s in told["segments"]
            ),
            told["problem"] and Problem(told["problem"]),
            told["signature"],
        )
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None


def digest(parts: tuple[tuple[int, bytes], ...]) -> str:
    """SHA-256 of all that was fetched."""
    total = hashlib.sha256()
    for _, data in parts:
        total.update(data)
    return total.hexdigest()
