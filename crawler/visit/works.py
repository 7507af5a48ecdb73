"""How much of a work is asked for, and what is kept of what came.

A work comes whole up to MAX_WHOLE, of a larger one the first and the last part (WebP, PDF, WAV and
MP4 have their metadata at the end). Kept is never the work: its metadata segments, its length and
the digest of what was fetched.
"""

import re
from dataclasses import replace

from crawler.fetch.conditional import Conditions
from crawler.model import Capture
from crawler.parsers.containers.deep import extract_deeply
from crawler.parsers.containers.file import MAX_WHOLE, TAIL
from crawler.parsers.containers.segment import write
from crawler.parsers.containers.source import Part

_RANGE = re.compile(rb"bytes\s++(\d{1,18})-(\d{1,18})/(\d{1,18})", re.IGNORECASE)


def asked_for(start: int | None, end: int | None) -> Conditions:
    """The header line that asks for a part; `start` None: the last `end` bytes."""
    wanted = f"-{end}" if start is None else f"{start}-{'' if end is None else end - 1}"
    return (("Range", f"bytes={wanted}"),)


def part_of(capture: Capture) -> tuple[Part, int | None] | None:
    """What an answer brought: a part with its offset, and the length of the whole work.

    None for an answer that is no content, or a 206 that does not say which part it is.
    """
    if capture.failure is not None or capture.status not in {200, 206} or capture.coding_error:
        return None
    if capture.status == 200:
        whole = not (capture.truncated or capture.data_loss)
        return (0, capture.body), len(capture.body) if whole else None
    told = next((v for k, v in capture.headers if k.lower() == b"content-range"), b"")
    found = _RANGE.match(told.strip())
    return ((int(found[1]), capture.body), int(found[3])) if found else None


def rest_of(first: Capture, room: int) -> Conditions | None:
    """What to ask for after the first part; None where nothing more is to be had or wanted.

    `room` are the bytes that the site may still send.
    """
    found = part_of(first)
    if first.status != 206 or found is None:
        return None
    (start, data), length = found
    if start or length is None or len(data) >= length:
        return None
    if length <= min(MAX_WHOLE, room):
        return asked_for(len(data), None)
    return asked_for(None, min(TAIL, length - len(data))) if room >= TAIL else None


def kept(first: Capture, second: Capture | None) -> Capture:
    """The capture of a work with its extract in the place of its bytes; runs in a worker."""
    found = part_of(first)
    if found is None:
        return replace(first, body=b"")
    part, length = found
    more = part_of(second) if second is not None else None
    parts = [part]
    if more is not None and more[1] == length and more[0][0] >= part[0] + len(part[1]):
        parts.append(more[0])
    if len(parts) == 2 and parts[1][0] == part[0] + len(part[1]):
        parts = [(part[0], part[1] + parts[1][1])]
    extracted = extract_deeply(tuple(parts), length)
    return replace(first, body=write(extracted))


def is_for_worker(first: Capture, second: Capture | None, most: int) -> bool:
    """Whether a work is to be read where there are limits: large ones, and those for libraries."""
    bodies = [capture.body for capture in (first, second) if capture is not None]
    by_library = first.body.startswith(b"%PDF") or any(
        mark in body for body in bodies for mark in (b"jumb", b"c2pa:manifest")
    )
    return by_library or sum(map(len, bodies)) > most


def dropped(capture: Capture) -> Capture:
    """The capture of a further part of a work: that it was asked for, without its bytes."""
    return replace(capture, body=b"")
