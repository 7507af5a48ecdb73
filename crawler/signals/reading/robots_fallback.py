"""An operator's own rule for a crawler that the file does not name: a layer beside the readers.

RFC 9309 puts such a crawler under `*`. Some operators say that theirs obeys the group of
another crawler instead; `registry/fallbacks.toml` lists them. No reader's answer is touched.
"""

from dataclasses import dataclass

from crawler.model import Basis, Decision
from crawler.registry import fallbacks
from crawler.registry.fallbacks import Fallback
from crawler.signals.robots_access import AgentAccess


@dataclass(frozen=True, slots=True)
class VendorReading:
    """What the operator says its crawler makes of the file: the decision about another one."""

    rule: Fallback
    decision: Decision


def vendor_reading(access: AgentAccess, agent: str) -> VendorReading | None:
    """Apply the operator's rule; None where it has none, or the file does not call for it."""
    rule = fallbacks.load().get(agent.lower())
    if rule is None:
        return None
    own = {token.lower() for token, d in access.named.items() if d.basis is Basis.OWN}
    if agent.lower() in own or rule.to.lower() not in own:
        return None
    return VendorReading(rule, access.named[rule.to])
