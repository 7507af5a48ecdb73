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
from urllib.parse import urljoin, urlsplit

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

    Where a robots.txt is redirected inside its host the answer there counts; where it is
    redirected to another host nothing is said of the site. `but` names the hosts that the
    witness cannot judge, and why.
    """
    sent: dict[str, bytes] = {}
    rules_at: dict[str, str | None] = {}
    found = []
    for contact in sorted(contacts, key=lambda each: each.opened):
        name, path = contact.name, contact.path
        if path in {ROBOTS, rules_at.get(name, ROBOTS)}:
            sent[name] = bytes(contact.sent)
            rules_at[name] = led_to(name, path, sent[name])
        elif path and name not in but and rules_at.get(name, ROBOTS) is not None:
            found += [] if permits(sent.get(name, b""), path) else [(name, path)]
    return found


def led_to(name: str, path: str, octets: bytes) -> str | None:
    """Where the rules of a host are by an answer; None: at another host."""
    answer = HTTPResponse(_Sent(octets))
    try:
        answer.begin()
        location = answer.getheader("Location")
        if location is None or not 300 <= answer.status < 400:
            return ROBOTS
        target = urlsplit(urljoin(f"http://{name}.test{path}", location))
    except (HTTPException, OSError, ValueError):
        return ROBOTS
    own = target.hostname == f"{name}.test"
    return target.path + (f"?{target.query}" if target.query else "") if own else None
