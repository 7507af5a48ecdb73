"""The Wayback Machine over HTTP: which captures of a robots.txt there are, and their raw bytes.

For panels of some hundred sites. The pauses keep below the service's limits, which are 30 questions
to the index a minute; who goes on after a 429 is shut out for an hour.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.history.client import NotThereError, Service
from crawler.history.errors import HistoryError
from crawler.history.warc import RobotsCapture
from crawler.panel.published import MAX_BODY, ROBOTS

BASE = "https://web.archive.org/"
INDEX_PAUSE, PLAYBACK_PAUSE = 2.5, 0.2  # seconds
FIELDS = ("timestamp", "original", "statuscode", "digest")


@dataclass(frozen=True, slots=True)
class Archived:
    """One capture, as the index tells it; `status` is None where the index has a dash."""

    timestamp: str
    url: str
    status: int | None
    digest: str


def robots_captures(index: Service, host: str, first: str, last: str) -> list[Archived]:
    """Ask for the captures of a host's robots.txt between two days (8 digits each).

    Captures that follow each other with the same bytes are one.
    """
    path = "cdx/search/cdx"
    where = f"{index.base}{path}: {host}"
    content = index.get(
        path,
        {"url": host + ROBOTS, "output": "json", "fl": ",".join(FIELDS), "collapse": "digest"}
        | {"from": first, "to": last},
        check=lambda told: _rows(where, told),
    )
    return _rows(where, content)


def _rows(where: str, content: bytes) -> list[Archived]:
    if not content.strip():
        return []
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError) as error:
        shown = content[:60].decode("utf-8", "replace")
        raise HistoryError(f"{where}: not JSON: {shown!r}") from error
    if not isinstance(rows, list) or (rows and rows[0] != list(FIELDS)):
        raise HistoryError(f"{where}: not rows of {', '.join(FIELDS)}")
    return [_archived(where, row) for row in rows[1:]]


def _archived(where: str, row: Any) -> Archived:  # noqa: ANN401 - JSON
    try:
        timestamp, url, status, digest = row
        _moment(timestamp)
        return Archived(timestamp, url, int(status) if status != "-" else None, digest)
    except (TypeError, ValueError) as error:
        raise HistoryError(f"{where}: a row that is none: {str(row)[:100]}") from error


def _moment(timestamp: str) -> str:
    moment = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def robots_capture(playback: Service, host: str, row: Archived) -> RobotsCapture | None:
    """Give one capture, with its bytes as they were sent (`id_`: nothing rewritten).

    Only the body of a 200 is asked for: playback repeats other statuses. None: the index does not
    tell the status, or it is a redirect, and what stood at its end is another capture. What the
    index tells of and playback does not have is lost: playback would lead to another day.
    """
    if row.status is None or 300 <= row.status < 400:
        return None
    content, lost = b"", False
    if row.status == 200:
        try:
            content = playback.get(f"web/{row.timestamp}id_/{row.url}", follow=False)
        except NotThereError:
            lost = True
    return RobotsCapture(
        host=host,
        url=row.url,
        fetched_at=_moment(row.timestamp),
        status=row.status,
        location="",
        headers=b"",
        body=content[:MAX_BODY],
        size=len(content),
        cut=len(content) > MAX_BODY,
        lost=lost,
        undecoded=False,
        source=f"web.archive.org {row.timestamp} {row.digest}",
        offset=0,
    )
