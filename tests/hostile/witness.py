"""Another reader of robots.txt: what every host of a bad web has seen of us, held against it.

Python's HTTP client and Protego read the octets that the server sent, so that no code of ours
is asked about what ours did.
"""

import io
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from gzip import GzipFile
from http.client import HTTPException, HTTPResponse

from protego import Protego

from tests.factories.bad_server import Contact

US = "OptOutObservatory"
ROBOTS = "/robots.txt"
MOST = 500 * 1024
SLOW = 1_000_000


class _Sent:
    """Plays the socket that an answer came from."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._octets)


def permits(octets: bytes, path: str) -> bool:
    """Whether an answer for robots.txt lets us ask for a path; one in part does not."""
    rules = read(octets)
    return rules if isinstance(rules, bool) else rules.can_fetch(path, US)


@lru_cache(maxsize=8)
def read(octets: bytes) -> Protego | bool:
    """The rules in an answer, or what it comes to without any."""
    answer = HTTPResponse(_Sent(octets))
    try:
        answer.begin()
        body = answer.read()
        coding = answer.getheader("Content-Encoding", "").strip().lower()
        if 400 <= answer.status < 500 and answer.status != 429:
            return True  # RFC 9309 section 2.3.1.3
        if coding in {"gzip", "x-gzip"} or body.startswith(b"\x1f\x8b"):
            body = GzipFile(fileobj=io.BytesIO(body)).read(MOST + 1)
        elif coding not in {"", "identity", "none", "utf-8"}:
            return False
    except (HTTPException, OSError, EOFError, ValueError, zlib.error):
        return False
    if answer.status != 200 or len(body) > MOST:
        return answer.status == 204
    if body.lower().count(b"agent") * body.count(b"\n") > SLOW:
        return True  # Protego would take minutes: the witness says nothing against it
    return Protego.parse(body.decode("utf-8-sig", "replace"))


def trespasses(contacts: Iterable[Contact], but: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was asked although the last robots.txt sent before forbids it, or before there was one.

    `but` says of which hosts the witness cannot know, and why.
    """
    sent: dict[str, bytes] = {}
    found = []
    for contact in sorted(contacts, key=lambda each: each.opened):
        if contact.path == ROBOTS:
            sent[contact.name] = bytes(contact.sent)
        elif (path := contact.path) and contact.name not in but:
            found += [] if permits(sent.get(contact.name, b""), path) else [(contact.name, path)]
    return found
