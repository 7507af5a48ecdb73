"""An operator's own rule for a crawler that the file does not name: a layer beside the readers.

RFC 9309 puts such a crawler under `*`. Some operators say that theirs obeys the group of
another crawler instead; `registry/fallbacks.toml` lists them. No reader's answer is touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.model import Basis, Decision
from crawler.registry import fallbacks
from crawler.registry.fallbacks import Fallback


@dataclass(frozen=True, slots=True)
class VendorReading:
    """What the operator says its crawler makes of the file: the decision about another one."""

    rule: Fallback
    decision: Decision


def vendor_reading(named: Mapping[str, Decision], agent: str) -> VendorReading | None:
    """Apply the operator's rule to one reader's answers for the agents that a file names.

    None where the operator has none, or the file does not call for it.
    """
    rule = fallbacks.load().get(agent.lower())
    if rule is None:
        return None
    own = {token.lower() for token, d in named.items() if d.basis is Basis.OWN}
    if agent.lower() in own or rule.to.lower() not in own:
        return None
    return VendorReading(rule, named[rule.to])
