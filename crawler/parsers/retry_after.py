"""A Retry-After field to seconds: RFC 9110 section 10.2.3."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(rb"[0-9]{1,15}")


def retry_after(headers: Iterable[tuple[bytes, bytes]], now: datetime) -> float | None:
    """Return the longest wait the field asks for; None where it is missing or is no time.

    A date that has passed is a wait of 0 seconds. `now` is aware of its zone.
    """
    values = (value for name, value in headers if name.strip().lower() == b"retry-after")
    waits = [wait for value in values if (wait := _wait(value.strip(), now)) is not None]
    return max(waits, default=None)


def _wait(value: bytes, now: datetime) -> float | None:
    if _SECONDS.fullmatch(value):
        return float(value)
    if len(value) > 64:  # the longest HTTP-date has 33 octets
        return None
    try:
        date = parsedate_to_datetime(value.decode("ascii"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
