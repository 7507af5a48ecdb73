"""Our own right to fetch, by RFC 9309 and our own product token.

Section 2.3.1: a robots.txt that is unavailable (4xx) permits everything, one that is
unreachable (5xx, network) forbids everything; redirected rules hold for the origin asked.
"""

from urllib.parse import urlsplit

from crawler.answers import Answer, classify
from crawler.model import Capture
from crawler.signals import robots_access

PERMISSIVE = {Answer.MISSING, Answer.REFUSED, Answer.CHALLENGE}


def origin_of(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for (RFC 9309 section 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class OwnAccess:
    """What one origin's robots.txt lets us fetch; `failure` where the origin did not answer."""

    def __init__(self, robots: Capture, token: str) -> None:
        self.failure = robots.failure
        self._answer = classify(robots)
        self._body = robots.body
        self._token = token

    def may_fetch(self, url: str) -> bool:
        """Decide for a URL of this origin; only its path and query matter."""
        if self._answer in PERMISSIVE:
            return True
        if self._answer is not Answer.CONTENT:
            return False
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return robots_access.answer(self._body, self._token, path).allowed is True
