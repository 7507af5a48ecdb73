"""Whether the owner of a site lets us ask it under the name of somebody else's agent.

A survey only ever asks under our own name. To see what a server does to an agent's name, the name
has to be sent, and that is done with the owner's consent alone: the panel has a token in its column
`consent`, and the site itself serves the file FILE, which is read again before every request:

    OptOutObservatory host=atelier.example token=Xa71-0000-4f2e-9c3d until=2027-01-31 agents=GPTBot

One line is for us, with each of the four keys once; `agents=*` is every agent. The file counts only
if it comes from the very origin that is asked, unredirected, as text/plain, whole and small. What
is doubtful is no consent.
"""

import hmac
import re
from datetime import date
from enum import StrEnum

from crawler.model import Capture
from crawler.parsers.http import media_type

FILE = "/.well-known/optout-probe.txt"
MAX_BYTES = 4096
PRODUCT = "OptOutObservatory"
KEYS = frozenset({"host", "token", "until", "agents"})

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Denial(StrEnum):
    """Why a request under another name is not made."""

    NO_TOKEN = "no-token"  # noqa: S105 - a reason: the panel has none for this site
    EXCLUDED = "excluded"  # on the do-not-survey list, or forgotten
    ROBOTS = "robots"  # robots.txt does not let ourselves in
    NO_FILE = "no-file"
    REDIRECTED = "redirected"
    NOT_PLAIN = "not-plain"  # another media type, other characters, or not whole
    NO_LINE = "no-line"
    AMBIGUOUS = "ambiguous"  # several lines for us, a key twice, missing or unknown
    OTHER_HOST = "other-host"
    OTHER_TOKEN = "other-token"  # noqa: S105 - a reason
    EXPIRED = "expired"
    OTHER_AGENT = "other-agent"


def denied(
    capture: Capture, origin: str, expected: str | None, agent: str, today: date
) -> Denial | None:
    """Say why a file that came is no consent to ask its origin once as `agent`; None: it is."""
    if not expected:
        return Denial.NO_TOKEN
    if capture.hops or capture.final_url != origin + FILE:
        return Denial.REDIRECTED
    if capture.failure is not None or capture.status != 200:
        return Denial.NO_FILE
    text = _plain(capture)
    if text is None:
        return Denial.NOT_PLAIN
    lines = [line.split() for line in text.splitlines()]
    ours = [words[1:] for words in lines if words and words[0] == PRODUCT]
    if len(ours) != 1:
        return Denial.AMBIGUOUS if ours else Denial.NO_LINE
    pairs = [word.partition("=") for word in ours[0]]
    said = {key: value for key, _, value in pairs}
    if said.keys() != KEYS or len(pairs) != len(KEYS):
        return Denial.AMBIGUOUS
    return _checked(said, origin.partition("://")[2], expected, agent, today)


def _checked(
    said: dict[str, str], host: str, expected: str, agent: str, today: date
) -> Denial | None:
    if said["host"].lower() != host:
        return Denial.OTHER_HOST
    if not hmac.compare_digest(said["token"].encode(), expected.encode()):
        return Denial.OTHER_TOKEN
    if not _holds(said["until"], today):
        return Denial.EXPIRED
    agents = said["agents"].lower().split(",")
    return None if agents == ["*"] or agent.lower() in agents else Denial.OTHER_AGENT


def _plain(capture: Capture) -> str | None:
    broken = capture.truncated or capture.data_loss or capture.coding_error
    if broken or len(capture.body) > MAX_BYTES or media_type(capture.headers) != "text/plain":
        return None
    return capture.body.decode("ascii") if capture.body.isascii() else None


def _holds(until: str, today: date) -> bool:
    """Whether a day, itself included, is not over; what is no day is."""
    if not _DAY.fullmatch(until):
        return False
    try:
        return today <= date.fromisoformat(until)
    except ValueError:
        return False
