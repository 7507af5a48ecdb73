"""All signals, in one explicit tuple, and the number of the ruleset they make.

Adding a signal: one module (its docstring is the public reference), one folder of fixtures
under `tests/signals/`, one line here, a new RULESET and a line under *Methodology* in the
changelog. The spider asks each site for the union of the signals' resources.
"""

import hashlib

from crawler.signals import (
    robots_access,
    robots_ai_training,
    robots_content_signal,
    robots_content_usage,
    robots_folk,
    robots_license,
    robots_meta,
    robots_policy_token,
    robots_prose,
    tdmrep_file,
    tdmrep_header,
    tdmrep_meta,
    x_robots_tag,
)
from crawler.signals.signal import Carrier, Signal

RULESET = 1
"""Pins signal code, rules, agent list and parser versions; raised when any fixture moves."""

SIGNALS: tuple[Signal, ...] = (
    robots_access.SIGNAL,
    robots_content_signal.SIGNAL,
    robots_content_usage.SIGNAL,
    robots_license.SIGNAL,
    robots_ai_training.SIGNAL,
    robots_policy_token.SIGNAL,
    robots_folk.SIGNAL,
    robots_prose.SIGNAL,
    tdmrep_header.SIGNAL,
    tdmrep_meta.SIGNAL,
    tdmrep_file.SIGNAL,
    robots_meta.SIGNAL,
    x_robots_tag.SIGNAL,
)

SIBLING = "sibling:"
"""Prefix of the resource name of a random path beside a file; see the soft-404 guard."""


def resources() -> tuple[str, ...]:
    """Return what to ask every site for: robots.txt first, then each other path once."""
    return tuple(dict.fromkeys(path for signal in SIGNALS for path in signal.resources))


def sibling_path(resource: str, seed: str) -> str | None:
    """Return a path beside a signal's file that no site has, or None for other resources.

    The name is a digest of resource and seed: random to the site, the same in a resumed wave.
    """
    if not any(s.carrier is Carrier.FILE and resource in s.resources for s in SIGNALS):
        return None
    folder, _, name = resource.rpartition("/")
    digest = hashlib.sha256(f"{seed}{resource}".encode()).hexdigest()[:16]
    return f"{folder}/{digest}.{name.rpartition('.')[2]}"
