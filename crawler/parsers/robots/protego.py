"""A robots.txt as Protego reads it, the library behind Scrapy's obedience: the library itself.

The version is pinned, since 0.7 moved verdicts. The body is decoded as Scrapy does it. Two
things Protego cannot be trusted with: its cost grows with agents times rules (5,000 of each,
173 KB, take minutes), and it asks every group about every agent. So a file whose product is
too large is not shown to it, and only agents that a group can match are asked about.
"""

import re
from functools import lru_cache

from protego import Protego

from crawler.model import Access, Basis, Decision
from crawler.parsers.robots.paths import path_of
from crawler.parsers.robots.syntax import LIMIT

MOST_PRODUCT = 1_000_000
"""Greatest number of agent lines times all lines; about a second of Protego's time."""

CAN_FETCH = "protego-can-fetch"
NOT_ASKED = "protego-not-asked"
FAILED = "protego-failed"  # it raised an exception on this file or path
FAR = re.compile(
    r"^(?:(?:disallow|allow(?![^\n]*index)):[ \t]*/?[a-z0-9]"
    r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*+\r?\n)+",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
"""Rules that cannot match the root, since a letter or digit stands at the place of the slash or
behind it. Their patterns cost most of Protego's time; a run of them is one rule to it.

It reads `Allow: /index.html` as a rule about the root, too."""
NO_RULE = "Disallow:\n"
SITE = "https://site.invalid"


def is_bounded(text: str) -> bool:
    """Say whether Protego's time on a file stays within reason, by an upper bound of it."""
    lines = text.splitlines()  # Protego's own idea of lines, more than RFC 9309 has
    agents = sum("agent" in line.lower() for line in lines)
    return agents * len(lines) <= MOST_PRODUCT


class ProtegoPolicy:
    """One file as Protego sees it."""

    def __init__(self, body: bytes, *, root_only: bool = False) -> None:
        """Parse the first 500 KiB, unless the file is too much for Protego.

        With `root_only` rules that cannot match the root are left out, and only answers about
        the root are Protego's.
        """
        text = body[:LIMIT].decode("utf-8-sig", "replace")
        if root_only:
            text = FAR.sub(NO_RULE, text)
        self._parser: Protego | None = None
        self._trouble = NOT_ASKED
        if is_bounded(text):
            try:
                self._parser = Protego.parse(text)
            except ValueError:  # urlsplit and quote refuse some texts
                self._trouble = FAILED

    def named(self, agents: tuple[str, ...]) -> set[str]:
        """Give the agents to which a group other than `*` applies."""
        if self._parser is None:
            return set()
        starts = _starts(agents)
        groups = self._parser._user_agents  # noqa: SLF001 - no public way; the pin is exact
        return set().union(*(starts.get(group, ()) for group in groups))

    def decide(self, agent: str) -> Decision:
        """Decide the root path. Protego tells neither extent nor line."""
        access, basis, rule, _ = self.allowed(agent, "/")
        return Decision(access, None, basis, rule)

    def allowed(self, agent: str, path: str) -> tuple[Access, Basis | None, str, None]:
        """Decide one path and query; the last place is for a line, which Protego never tells."""
        if self._parser is None:
            return Access.UNMEASURED, None, self._trouble, None
        try:
            fetch = self._parser.can_fetch(SITE + path_of(path), agent)
        except ValueError:
            return Access.UNMEASURED, None, FAILED, None
        group = self._parser._get_matching_rule_set(agent)  # noqa: SLF001 - as above
        star_or_own = Basis.STAR if group and group.user_agent == "*" else Basis.OWN
        access = Access.ALLOWED if fetch else Access.DISALLOWED
        return access, star_or_own if group else Basis.NONE, CAN_FETCH, None


@lru_cache(maxsize=8)
def _starts(agents: tuple[str, ...]) -> dict[str, set[str]]:
    """Give what a group may be called to apply to an agent, by Protego's rule.

    Its name begins in the agent's where no letter, digit, `-` or `_` stands before, and
    may end anywhere.
    """
    starts: dict[str, set[str]] = {}
    for agent in agents:
        name = agent.strip().lower()
        for begin in range(len(name)):
            if begin == 0 or not (name[begin - 1].isalnum() or name[begin - 1] in "-_"):
                for end in range(begin + 1, len(name) + 1):
                    starts.setdefault(name[begin:end], set()).add(agent)
    return starts
