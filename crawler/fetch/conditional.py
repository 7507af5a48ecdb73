"""Conditional requests: what makes one, and what the 304 that may come back stands for.

RFC 9110 section 13.1 and RFC 9111 section 4.3. Only a validator that is well formed is sent:
it is a site's own words, and they go into our request.

A 304 tells that the content is the same (by a weak entity tag: as good as the same), and hardly
anything of the header: its sender should leave out representation metadata (RFC 9110 section
15.4.5). A header line that is new since then may therefore stay unseen, so what is read for its
header must not be asked for this way.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Headers = tuple[tuple[bytes, bytes], ...]
Conditions = tuple[tuple[str, str], ...]
"""Header lines of a request."""

MAX_VALIDATOR = 256
SURELY_EARLIER = timedelta(seconds=60)
"""How much older than its answer a Last-Modified must be: dates have whole seconds only, and
what changes twice in one keeps its date (RFC 9110 section 8.8.2.2)."""

_ENTITY_TAG = re.compile(rb'(?:W/)?"[\x21\x23-\x7e]*"')
_HTTP_DATE = re.compile(rb"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")

# Of one connection, or of content as it was sent: ours is stored after its coding was undone
# (RFC 9111 sections 3.1 and 3.2).
_NOT_UPDATED = frozenset(
    {
        b"connection",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer of an earlier wave. `origin` is the capture that its body came with."""

    origin: int
    body_id: int
    headers: Headers


def conditions(headers: Headers) -> Conditions:
    """The header lines that ask whether an answer with these headers still holds; or none.

    Both validators are sent where both are there (RFC 9111 section 4.3.1).
    """
    found: list[tuple[str, str]] = []
    tag = _only(headers, b"etag")
    if tag and len(tag) <= MAX_VALIDATOR and _ENTITY_TAG.fullmatch(tag):
        found.append(("If-None-Match", tag.decode("ascii")))
    modified = _only(headers, b"last-modified")
    if modified and _is_surely_earlier(modified, _only(headers, b"date")):
        found.append(("If-Modified-Since", modified.decode("ascii")))
    return tuple(found)


def freshened(stored: Headers, received: Headers) -> Headers:
    """Stored header lines with those of a 304 in place of their namesakes (section 3.2)."""
    new = tuple(pair for pair in received if pair[0].lower() not in _NOT_UPDATED)
    names = {name.lower() for name, _ in new}
    return tuple(pair for pair in stored if pair[0].lower() not in names) + new


def _only(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header that is there once."""
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else None


def _is_surely_earlier(modified: bytes, answered: bytes | None) -> bool:
    before, after = _moment(modified), _moment(answered or b"")
    return before is not None and after is not None and after - before >= SURELY_EARLIER


def _moment(text: bytes) -> datetime | None:
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        return parsedate_to_datetime(text.decode("ascii")).astimezone(UTC)
    except ValueError:
        return None
