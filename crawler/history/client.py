"""Asks public archives over HTTP: identified, at their pace, again after failures, from a cache.

An answer is kept in the cache folder under the digest of what was asked for, so that a run that
was broken off asks for nothing twice. Pauses are between two requests to one service.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from crawler import __version__
from crawler.fetch.content_coding import Content
from crawler.history.errors import HistoryError
from crawler.settings import SURVEY_PRODUCT_TOKEN

TRIES = 5
FIRST_PAUSE = 2.0  # seconds before the second try; doubled each time
LONGEST_PAUSE = 600.0  # seconds; a service that asks for more is asked again another day
MAX_BYTES = 256 << 20


class NotThereError(HistoryError):
    """The service answered 404, or with a redirect or coding not to be followed; `body`: its."""

    def __init__(self, message: str, body: bytes) -> None:
        super().__init__(message)
        self.body = body


class Service:
    """One archive behind one base address, asked at most once in `pause` seconds.

    `cache`: a folder, or None for no cache. `sleep` is there for tests.
    """

    def __init__(  # noqa: PLR0913 - what a polite client has to know
        self,
        base: str,
        *,
        pause: float,
        contact: str,
        cache: Path | None = None,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = base.rstrip("/") + "/"
        self.asked = 0
        """Requests that went out."""
        self._pause = pause
        self._cache = cache
        self._sleep = sleep
        self._last = -pause
        self._client = httpx.Client(
            headers={"User-Agent": f"{SURVEY_PRODUCT_TOKEN}/{__version__} (+{contact})"},
            timeout=timeout,
            follow_redirects=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(  # noqa: PLR0913 - what is asked for, and how far to go for it
        self,
        path: str,
        parameters: dict[str, str] | None = None,
        *,
        part: tuple[int, int] | None = None,
        fresh: bool = False,
        follow: bool = True,
        check: Callable[[bytes], object] | None = None,
    ) -> bytes:
        """Give the body of an answer, from the cache if it is there.

        `part`: offset and length in bytes. `fresh`: ask in any case. `follow`: to where a redirect
        leads. `check` raises HistoryError for a body that is no answer, such as a page that says
        "too busy" with status 200: it is not kept, so that the next run asks again. Raises
        NotThereError for 404 and what cannot be had, and HistoryError for all else that is no
        answer.
        """
        url = self._url(path, parameters)
        kept = self._kept(url, part)
        if kept and not fresh and kept.exists():
            return kept.read_bytes()
        _, content = self._asked(url, part, follow=follow)
        if check:
            check(content)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_suffix(".unfinished")
            unfinished.write_bytes(content)
            unfinished.replace(kept)
        return content

    def size(self, path: str) -> int:
        """Ask for the length of a file in bytes, by its first byte (RFC 9110 section 14.4)."""
        url = self._url(path)
        headers, _ = self._asked(url, (0, 1))
        told = headers["Content-Range"].rpartition("/")[2]
        if not (told.isascii() and told.isdigit()):
            raise HistoryError(f"{url}: does not tell its length")
        return int(told)

    def has(
        self,
        path: str,
        parameters: dict[str, str] | None = None,
        *,
        part: tuple[int, int] | None = None,
    ) -> bool:
        """Say whether an answer is in the cache."""
        url = self._url(path, parameters)
        kept = self._kept(url, part)
        return kept is not None and kept.exists()

    def _url(self, path: str, parameters: dict[str, str] | None = None) -> str:
        return str(httpx.URL(self.base + path.lstrip("/"), params=parameters))

    def _kept(self, url: str, part: tuple[int, int] | None) -> Path | None:
        if self._cache is None:
            return None
        name = hashlib.sha256(f"{url} {part or ''}".encode()).hexdigest()
        return self._cache / name[:2] / name

    def _asked(
        self, url: str, part: tuple[int, int] | None, *, follow: bool = True
    ) -> tuple[httpx.Headers, bytes]:
        for left in reversed(range(TRIES)):
            self._wait_for_turn()
            pause = FIRST_PAUSE * 2 ** (TRIES - 1 - left)
            try:
                status, headers, content = self._exchange(url, part, follow=follow)
            except httpx.HTTPError as error:
                problem = f"{url}: {type(error).__name__}: {error}"
            else:
                if status in (200, 206):
                    return headers, _whole(url, part, status, headers, content)
                problem = f"{url}: status {status}"
                if status == 404 or 300 <= status < 400:
                    raise NotThereError(problem, content)
                if status != 429 and status < 500:
                    raise HistoryError(problem)
                pause = _retry_after(headers, pause)
                if pause > LONGEST_PAUSE:
                    raise HistoryError(f"{problem}, to be asked again in {pause:.0f} seconds")
            if left:
                self._sleep(pause)
        raise HistoryError(f"{problem}; asked {TRIES} times")

    def _wait_for_turn(self) -> None:
        early = self._last + self._pause - time.monotonic()
        if self.asked and early > 0:
            self._sleep(early)
        self._last = time.monotonic()
        self.asked += 1

    def _exchange(
        self, url: str, part: tuple[int, int] | None, *, follow: bool
    ) -> tuple[int, httpx.Headers, bytes]:
        # A packed answer to a range would be other bytes than those asked for.
        asked = {"Accept-Encoding": "identity" if part else "gzip, deflate"}
        if part:
            asked["Range"] = f"bytes={part[0]}-{part[0] + part[1] - 1}"
        content = bytearray()
        with self._client.stream("GET", url, headers=asked, follow_redirects=follow) as answer:
            most = part[1] if part and answer.status_code == 206 else MAX_BYTES
            for piece in answer.iter_raw():
                content += piece
                if len(content) > most:
                    raise HistoryError(f"{url}: more than the {most} bytes that were to come")
            return answer.status_code, answer.headers, _unpacked(url, answer.headers, content)


def _unpacked(url: str, headers: httpx.Headers, content: bytearray) -> bytes:
    """Undo the content-coding; httpx would give the part that came of a packed body as the whole.

    Raises NotThereError for a coding that cannot be undone: an archive repeats what it was given.
    """
    told = headers.get("Content-Encoding", "").lower()
    if not (told and content):
        return bytes(content)
    body = Content([coding.strip().encode() for coding in told.split(",")], MAX_BYTES)
    body.feed(bytes(content))
    if body.coding_error:
        raise NotThereError(f"{url}: not in the coding {told!r}", bytes(content))
    if body.full:
        raise HistoryError(f"{url}: more than {MAX_BYTES} bytes when unpacked")
    if body.cut:
        raise httpx.DecodingError("the packed body breaks off")
    return body.body


def _whole(
    url: str, part: tuple[int, int] | None, status: int, headers: httpx.Headers, content: bytes
) -> bytes:
    """Refuse other bytes than those asked for (RFC 9110 section 14.4)."""
    if part is None:
        if status == 206:
            raise HistoryError(f"{url}: a part of the answer, and nobody asked for a part")
        return content
    offset, length = part
    told = headers.get("Content-Range", "")
    if status != 206 or not told.startswith(f"bytes {offset}-{offset + length - 1}/"):
        raise HistoryError(f"{url}: asked for {length} bytes from {offset}, given {told or status}")
    if len(content) != length:
        raise HistoryError(f"{url}: {len(content)} of {length} bytes came")
    return content


def _retry_after(headers: httpx.Headers, otherwise: float) -> float:
    """Seconds that the service asks us to wait: a number or a date (RFC 9110 section 10.2.3)."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return max(float(told), otherwise)
    try:
        until = parsedate_to_datetime(told)
        return max((until - datetime.now(UTC)).total_seconds(), otherwise)
    except (ValueError, TypeError):
        return otherwise
