"""Our own right to fetch, by RFC 9309 and our own product token.

Section 2.3.1: a robots.txt that is unavailable (4xx) permits everything, one that is
unreachable (5xx, network) forbids everything; redirected rules hold for the origin asked.
One that came in part, did not decode or was cut by our cap was not reached either: the line
that keeps us out may be the one that is missing.
"""

import re
from collections.abc import Collection

from crawler.answers import Answer, classify
from crawler.model import Access, Capture
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.syntax import RULES, Kind
from crawler.signals.reading.robots_content import is_partial, text_of

PERMISSIVE = {Answer.MISSING, Answer.REFUSED, Answer.CHALLENGE}

_SECONDS = re.compile(rb"[0-9]{1,12}(?:\.[0-9]{1,12})?")


class OwnAccess:
    """What one origin's robots.txt lets us fetch; `failure` where the origin did not answer.

    `crawl_delay` is the pause in seconds that it asks for: no part of RFC 9309, but meant.
    `stay_out` are statuses of 4xx that the operator wants to be taken for a refusal of it all.
    Reads the whole file at once: half a megabyte takes long enough to do it in a thread.
    """

    def __init__(
        self, capture: Capture, token: str, stay_out: Collection[int] = frozenset()
    ) -> None:
        self.failure = capture.failure
        self.detail = capture.detail
        self.crawl_delay: float | None = None
        self._token = token
        self._policy: rfc9309.Policy | None = None
        answer = classify(capture)
        # A challenge page may come with 503, and 5xx is "unreachable" whatever it says.
        status = capture.status or 0
        self._permissive = answer in PERMISSIVE and status < 500 and status not in stay_out
        if answer is Answer.CONTENT and not is_partial(capture):
            file = syntax.parse(text_of(capture))
            self._policy = rfc9309.read(file)
            self.crawl_delay = crawl_delay(file, token)

    def may_fetch(self, url: str) -> bool:
        """Decide for a URL of this origin; only its path and query matter."""
        if self._policy is None:
            return self._permissive
        return self._policy.allowed(self._token, url)[0] is Access.ALLOWED


def crawl_delay(file: syntax.RobotsFile, token: str) -> float | None:
    """The longest Crawl-delay, in seconds, of the lists that name us, or else of `*`.

    It speaks for the user-agent lines right before it, as people mean it: by RFC 9309 it is
    no rule, and `User-agent: *`, `Crawl-delay: 9`, `User-agent: us` would be one group.
    What is not a plain decimal number (`inf`, `-5`, `1e308`) asks for nothing.
    """
    own, everybody = token.lower().encode(), b"*"
    asked: dict[bytes, list[float]] = {}
    names: set[bytes] = set()
    complete = True
    for number, kind, _, value in file.records:
        if kind is Kind.USER_AGENT:
            names = {value.lower()} & {b"*", token.lower().encode()} | (
                set() if complete else names
            )
            complete = False
            asked |= {name: asked.get(name, []) for name in names}
            continue
        line = syntax.classify(file.raws[number - 1]) if kind is Kind.OTHER else None
        pauses = line is not None and line.field == b"crawl-delay"
        complete = complete or pauses or kind in RULES
        if pauses and _SECONDS.fullmatch(value):
            for name in names:
                asked[name].append(float(value))
    return max(asked.get(own, asked.get(everybody, [])), default=None)
