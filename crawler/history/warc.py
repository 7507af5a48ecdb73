"""Reads the captures of robots.txt out of WARC files, such as Common Crawl's robotstxt subset.

ISO 28500 (WARC 1.1). A capture's body is what the record holds after its content-coding; Common
Crawl stores bodies decoded and renames the header. A record that is shorter than its head says
makes the file damaged: the reader of WARC would give the part that came without a word.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.fetch.content_coding import Content
from crawler.history.errors import HistoryError
from crawler.hosts import normalise
from crawler.panel.published import MAX_BODY, ROBOTS
from crawler.store.facts import pack_headers

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's wbits for gzip alone
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class RobotsCapture:
    """One answer to a request for robots.txt in a public crawl.

    `fetched_at` is UTC, ISO 8601. `body` holds at most 512,001 bytes, `size` says how many there
    were. `cut`: we left the rest out; `lost`: the crawl did, or it did not come. `undecoded`: the
    body is in a coding that was not undone. `source` and `offset` (bytes) say where it lies.
    """

    host: str
    url: str
    fetched_at: str
    status: int
    location: str
    headers: bytes
    body: bytes
    size: int
    cut: bool
    lost: bool
    undecoded: bool
    source: str
    offset: int


@dataclass(slots=True)
class Account:
    """Records seen and kept; `refused` names no host that we take, or another file."""

    responses: int = 0
    kept: int = 0
    refused: int = 0


def read(stream: BinaryIO, source: str, account: Account) -> Iterator[RobotsCapture]:
    """Yield the captures of a WARC file, packed by gzip or not.

    Raises HistoryError with the place of the first record that is damaged.
    """
    position = 0
    try:
        # The reader takes OSErrors of a stream for its own, so both are told alike.
        for record in ArchiveIterator(
            stream, record_types=WarcRecordType.response, auto_decode="none"
        ):
            position = record.stream_pos
            account.responses += 1
            capture = _capture(record, source)
            account.kept += capture is not None
            account.refused += capture is None
            if capture:
                yield capture
    except OSError as error:
        raise HistoryError(f"{source}: damaged after byte {position}: {error}") from error
    _check_end(stream, position, source)


def read_bytes(content: bytes, source: str) -> list[RobotsCapture]:
    """Read a file that is in memory: a range of bytes that holds one record."""
    return list(read(io.BytesIO(content), source, Account()))


def _check_end(stream: BinaryIO, position: int, source: str) -> None:
    """Refuse a file that breaks off: the reader takes a head that is not whole for the end."""
    stream.seek(position)
    rest = stream.read(2)
    packed = rest == _GZIP_MAGIC
    inflate = zlib.decompressobj(_GZIP)
    tail = b""
    while rest:
        if packed and inflate.eof:
            inflate = zlib.decompressobj(_GZIP)
        try:
            content = inflate.decompress(rest) if packed else rest
        except zlib.error as error:
            raise HistoryError(f"{source}: damaged after byte {position}: {error}") from error
        tail = (tail + content)[-4:]
        rest = inflate.unused_data or stream.read(_PIECE)
    if tail != b"\r\n\r\n" or (packed and not inflate.eof):  # ISO 28500, 4: record = ... CRLF CRLF
        where = f"damaged after byte {position}" if position else "not a WARC file, or damaged"
        raise HistoryError(f"{source}: {where}: it ends inside a record")


def _capture(record: Any, source: str) -> RobotsCapture | None:  # noqa: ANN401 - fastwarc's
    content = record.reader.read()
    if len(content) != record.content_length:
        raise OSError(f"{len(content)} of {record.content_length} bytes of a record are there")
    url = str(record.headers.get("WARC-Target-URI", "")).strip("<>")
    host = _host(url)
    http = record.http_headers
    if host is None or http is None or not http.status_code or record.record_date is None:
        return None
    pairs = http.astuples()
    named = {name.lower(): value for name, value in pairs}
    body = Content([c.strip().lower().encode() for c in _codings(named)], MAX_BODY)
    body.feed(content)
    chunked = named.get("transfer-encoding", "identity").lower() != "identity"
    return RobotsCapture(
        host=host,
        url=url,
        fetched_at=record.record_date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        status=int(http.status_code),
        location=named.get("location", "") if 300 <= http.status_code < 400 else "",
        headers=pack_headers((_octets(name), _octets(value)) for name, value in pairs),
        body=body.body,
        size=len(content),
        cut=body.full,
        lost=not body.full and (body.cut or bool(record.headers.get("WARC-Truncated"))),
        undecoded=body.coding_error or chunked,
        source=source,
        offset=record.stream_pos,
    )


def _codings(named: dict[str, str]) -> list[str]:
    value = named.get("content-encoding", "")
    return value.split(",") if value else []


def _octets(text: str) -> bytes:
    """One line of a header has no line end in it, whatever the file holds."""
    return text.encode("utf-8", "surrogateescape").replace(b"\r", b" ").replace(b"\n", b" ")


def _host(url: str) -> str | None:
    """Give the host of an address of a robots.txt; None for other files and for odd hosts."""
    try:
        parts = urlsplit(url)
        if parts.path != ROBOTS or parts.query or parts.scheme not in ("http", "https"):
            return None
        return normalise(parts.netloc.rpartition("@")[2]).ascii
    except ValueError:
        return None
