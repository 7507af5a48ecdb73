"""A raw HTTP response, as a file holds it, to a Capture.

Fixtures and `optout inspect` read such files: status line, headers, blank line, body.
The reading is tolerant, because what servers send is not ours to correct; a file that does
not begin with a status line is a capture that failed with `not_http`.
"""

import re
import zlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.model import Capture, Failure

MAX_BODY = 8 * 1024 * 1024
"""Bytes a compressed body may unfold to; the prefix is kept and marked as truncated."""

_STATUS_LINE = re.compile(rb"HTTP/(\d(?:\.\d)?)[ \t]++(\d{3})(?:[ \t]([^\r\n]*+))?\s*+$")
_CHARSET = re.compile(r";\s*+charset\s*+=\s*+[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


def parse_response(data: bytes, url: str, resource: str | None = None) -> Capture:
    """Read one response that `url` gave; `resource` is the URL's path unless it is named.

    Interim (1xx) answers in front are passed over. Line ends may be CRLF or LF.
    """
    resource = resource or _path(url)
    lines, body = _head(data)
    while lines and (status := _STATUS_LINE.match(lines[0])):
        if not status[2].startswith(b"1"):
            break
        lines, body = _head(body)
    else:
        detail = "no status line"
        return Capture(resource, url, url, body=data, failure=Failure.NOT_HTTP, detail=detail)
    headers = _headers(lines[1:])
    content, truncated, coding_error = _decoded(headers, body)
    return Capture(
        resource,
        url,
        url,
        status=int(status[2]),
        http_version=status[1].decode(),
        reason_phrase=(status[3] or b"").decode("latin-1"),
        headers=headers,
        body=content,
        size=len(body),
        truncated=truncated,
        coding_error=coding_error,
    )


def header_values(headers: Iterable[tuple[bytes, bytes]], name: str) -> list[str]:
    """Every value of one header field in the order received, as Latin-1 text, trimmed."""
    wanted = name.lower().encode("latin-1")
    return [
        value.decode("latin-1").strip(" \t\r\n")
        for key, value in headers
        if key.strip().lower() == wanted
    ]


def media_type(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Type and subtype of the last Content-Type in lower case; empty where there is none."""
    values = header_values(headers, "content-type")
    return values[-1].partition(";")[0].strip().lower() if values else ""


def charset(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The charset label of the last Content-Type, as written."""
    values = header_values(headers, "content-type")
    found = _CHARSET.search(values[-1]) if values else None
    return found[1] if found else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:  # an address such as http://[
        return "/"


def _head(data: bytes) -> tuple[list[bytes], bytes]:
    """The lines before the first blank line, and what comes after it."""
    lines: list[bytes] = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].removesuffix(b"\r")
        start = end + 1
        if not line:
            break
        lines.append(line)
    return lines, data[start:]


def _headers(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Raw pairs; a folded line (RFC 9112 section 5.2) continues the one before it."""
    pairs: list[tuple[bytes, list[bytes]]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if pairs:
                pairs[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(b":")
        if colon:
            pairs.append((name, [value.strip()]))
    return tuple((name, b" ".join(parts)) for name, parts in pairs)


def _decoded(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> tuple[bytes, bool, bool]:
    """The body after one layer of gzip or deflate, whether it was cut, whether it failed."""
    coding = [value.lower() for value in header_values(headers, "content-encoding")]
    if coding not in (["gzip"], ["x-gzip"], ["deflate"]):
        return body, False, coding not in ([], ["identity"])
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        content = unzip.decompress(body, MAX_BODY)
    except zlib.error:
        return body, False, True
    return content, not unzip.eof, False
