"""A name that is no agent's to the agent it was probably meant for.

Thousands of real crawlers have short names that end in `bot`, so a plain edit distance finds
mostly namesakes (`dotbot` is two letters from `GPTBot`). A name is a near miss only if it is
an agent's but for separators, or begins with the same letter and differs by one edit (two in
long names) while the part before `bot`, `spider` or `crawler` is long enough to bear it.

Figures, November 2026: 10,782 different captured files hold 2,805 names of a token's form. A
plain distance of at most two (insertions, deletions, replacements, swaps) calls 209 of them
misspellings, in 2,133 files; read one by one, at most 19 are, and at most 17 of the 46
at a distance of one.
The rule here takes 16, in 53 files, all of them right, and lets go of three at most that could
be meant so (`pipbot`, `byspider`, `pingbot`), which are as likely names of their own.
"""

import functools
import re
from collections.abc import Iterator

from crawler.registry import agents, defects

SHORTEST = 6
LONGEST = 40
"""Characters of a name that is looked at; no agent's name comes near the upper limit."""

_SEPARATORS = re.compile(r"[^a-z0-9]+")
_KIND = re.compile(r"(?:bot|spider|crawler)$")


def nearest(name: str) -> str | None:
    """Return the token that `name` probably stands for; None for an agent's name and others.

    Case does not count. Costs at most some hundred look-ups however many agents there are.
    """
    name = name.strip().lower()
    if not SHORTEST <= len(name) <= LONGEST or agents.load().by_token(name):
        return None
    if name in defects.load().names.different:
        return None
    bare, deleted = _index()
    if found := bare.get(_SEPARATORS.sub("", name)):
        return found
    candidates = (token for form in _deletions(name, 2) for token in deleted.get(form, ()))
    return next((token for token in candidates if _is_near(name, token)), None)


def _is_near(name: str, token: str) -> bool:
    return name[0] == token[0].lower() and distance(name, token.lower()) <= _allowed(token)


def distance(one: str, other: str) -> int:
    """Count the insertions, deletions, replacements and swaps of neighbours between two texts."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _allowed(token: str) -> int:
    """One edit for every four letters that tell the agent from others, at most two."""
    telling = len(_KIND.sub("", token.lower()))
    return min(telling // 4, 2) if telling > 4 else 0


@functools.cache
def _index() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Index tokens without separators, and whatever is left of them after deletions.

    Two names within two edits of each other have a form in common that is reached from
    either by at most two deletions.
    """
    bare: dict[str, str] = {}
    deleted: dict[str, list[str]] = {}
    for agent in agents.load().agents:
        if agent.superseded_by is None:
            bare.setdefault(_SEPARATORS.sub("", agent.token.lower()), agent.token)
        for form in _deletions(agent.token.lower(), _allowed(agent.token)):
            deleted.setdefault(form, []).append(agent.token)
    return bare, deleted


def _deletions(text: str, most: int) -> Iterator[str]:
    """Give all texts left after at most `most` deletions, fewer deletions first."""
    forms = {text: None}
    yield text
    for _ in range(most):
        forms = {f[:i] + f[i + 1 :]: None for f in forms for i in range(len(f))}
        yield from forms
