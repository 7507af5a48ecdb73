"""Groups in `/robots.txt` whose `User-agent` names a purpose, such as training, and no crawler.

### Syntax

An individual Internet-Draft of 30 October 2026 (training preference signal) binds a preference to
paths by ordinary groups: the `User-agent` line carries a token for a purpose.
There is no new field; group selection, patterns and longest match stay those of RFC 9309.
How the token is spelt could not be read yet: our dated list of spellings is empty, and works from
the day that a spelling is entered.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| a listed token with `Disallow: /path` | disallowed | unstated | unstated |
| a listed token with `Allow: /path` | allowed | unstated | unstated |
| a name that only looks like a token | unstated | unstated | unstated |

The purpose is the one that the list gives for the token.

### Precedence

The longest matching pattern, at the same length Allow.
How the token's group and a crawler's own group go together was not read.

### Malformed files

A name that speaks of training, AI or TDM, is no known crawler and does not call itself one is
recorded as a candidate (`unknown_policy_token`), and never counted as an opt-out.

### Common mistakes

- Names that people invent: they address nobody.

### Adoption and readers

Google's documentation says since 30 October 2026 that Google intends to support the shared
training preference signal.
"""

import functools
import re
from collections.abc import Iterator

from crawler.model import Capture, Defect, Finding, Preference, Severity, Strictness
from crawler.parsers.robots import syntax
from crawler.registry import agents, policy_tokens
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_lines import (
    RESOURCE,
    Field,
    Said,
    ended,
    longest_match,
    names_of,
    parsed,
    unread,
)
from crawler.signals.reading.signal import Carrier, Signal, Status

CANDIDATE = re.compile(r"training|(?<![a-z])(?:(?:no-?|ai)?train(?![a-z])|ai-|tdm)", re.IGNORECASE)
CRAWLER = re.compile(r"bot|crawl|spider|agent|fetch|search|scrap|user|https?:|/\d", re.IGNORECASE)
_EFFECT = "It looks like a token for a purpose; no list knows it, and it addresses nobody known."


def find(capture: Capture) -> Finding:
    """Read the groups of known tokens, and name the candidates."""
    if finding := unread(capture):
        return finding
    file = parsed(capture.body)
    blocks = syntax.blocks(file.records)[1:]
    said = [one for block in blocks for one in _read(file, block)]
    defects = list(_candidates(file, blocks))
    return ended(capture, said, defects, "unknown_policy_token" if defects else None)


def _read(file: syntax.RobotsFile, block: syntax.Block) -> Iterator[Said]:
    known = policy_tokens.load().by_spelling
    tokens = [known[name.lower()] for name in names_of(block) if name.lower() in known]
    if not tokens:
        return
    for number, kind, _, value in sorted((*block.allows, *block.disallows)):
        if not value:
            continue
        path = value.decode("utf-8", "replace")
        line = Field(number, "user-agent", path, file.text(number), ("*",), exact=True)
        allows = kind is syntax.Kind.ALLOW
        preference = Preference.ALLOWED if allows else Preference.DISALLOWED
        for token in tokens:
            yield Said(line, token.purpose, preference, Strictness.STRICT, path)


def _candidates(file: syntax.RobotsFile, blocks: list[syntax.Block]) -> Iterator[Defect]:
    """Each candidate once, where it stands first."""
    seen = set(policy_tokens.load().by_spelling) | _crawlers()
    for block in blocks:
        for number, _, _, value in block.agents:
            name = value[:300].decode("utf-8", "replace")
            if name.lower() in seen or not CANDIDATE.search(name) or CRAWLER.search(name):
                continue
            seen.add(name.lower())
            raw = quote(file.text(number))
            yield Defect("unknown-policy-token", Severity.COSMETIC, raw, _EFFECT, number)


@functools.cache
def _crawlers() -> frozenset[str]:
    known = agents.load().agents
    return frozenset(name.lower() for agent in known for name in (agent.token, *agent.aliases))


SIGNAL = Signal(
    name="robots_policy_token",
    title="Policy-token groups",
    id="R7",
    spec="https://datatracker.ietf.org/doc/draft-kelley-aipref-training-preference-signal/",
    spec_version="draft-kelley-aipref-training-preference-signal-00, October 2026",
    status=Status.DRAFT,
    carrier=Carrier.ROBOTS,
    resources=(RESOURCE,),
    find=find,
    select=longest_match((Preference.ALLOWED, Preference.DISALLOWED)),
)
