"""All signals, in one explicit tuple, and the number of the ruleset they make.

Adding a signal: one module (its docstring is the public reference), one folder of fixtures
under `tests/signals/`, one line here, a new RULESET and a line under *Methodology* in the
changelog. The spider asks each site for the union of the signals' resources.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import cache

from crawler.model import Capture
from crawler.registry.inventory import Coverage, Entry
from crawler.signals import (
    agent_card,
    agent_permissions_json,
    agents_txt,
    ai_json,
    ai_policy_json,
    ai_txt,
    c2pa_training_mining,
    content_signal_header,
    content_usage_header,
    data_nosnippet,
    header_candidates,
    html_folk,
    llms_txt,
    media_fields,
    mlnoindex,
    payment_required,
    plus_data_mining,
    rights_notice,
    robots_access,
    robots_ai_training,
    robots_content_signal,
    robots_content_usage,
    robots_folk,
    robots_license,
    robots_meta,
    robots_policy_token,
    robots_prose,
    robots_tag_header,
    rsl_document,
    rsl_embedded,
    rsl_header,
    rsl_html,
    schema_license,
    tdm_policy,
    tdmrep_embedded,
    tdmrep_file,
    tdmrep_header,
    tdmrep_meta,
    terms_prose,
    trust_txt,
    well_known_ai_txt,
    x_robots_tag,
)
from crawler.signals.reading.signal import Carrier, Link, Signal

RULESET = 5
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
    tdm_policy.SIGNAL,
    rsl_document.SIGNAL,
    robots_meta.SIGNAL,
    rsl_html.SIGNAL,
    schema_license.SIGNAL,
    data_nosnippet.SIGNAL,
    mlnoindex.SIGNAL,
    html_folk.SIGNAL,
    x_robots_tag.SIGNAL,
    content_usage_header.SIGNAL,
    content_signal_header.SIGNAL,
    rsl_header.SIGNAL,
    payment_required.SIGNAL,
    robots_tag_header.SIGNAL,
    header_candidates.SIGNAL,
    terms_prose.SIGNAL,
    ai_txt.SIGNAL,
    well_known_ai_txt.SIGNAL,
    ai_json.SIGNAL,
    trust_txt.SIGNAL,
    ai_policy_json.SIGNAL,
    agent_permissions_json.SIGNAL,
    agents_txt.SIGNAL,
    llms_txt.SIGNAL,
    agent_card.SIGNAL,
    plus_data_mining.SIGNAL,
    c2pa_training_mining.SIGNAL,
    tdmrep_embedded.SIGNAL,
    rsl_embedded.SIGNAL,
    media_fields.SIGNAL,
    rights_notice.SIGNAL,
)

MAX_LINKS_OF_A_NAME = 4
"""Further documents of one kind that a site is asked for in one wave."""

VARIANT = "variant:"
"""Prefix of the resource name of another origin's file: its robots.txt, asked for politeness or
because the site goes by another name or scheme, too; and then its home page for the headers."""

ASSET = f"{VARIANT}asset:"
"""A work on another host, of which the header lines alone are asked for; not judged."""
CLOAKING = f"{VARIANT}browser:"
"""Prefix of the resource name of what a browser was given in our place, where that is compared."""

SIBLING = "sibling:"
"""Prefix of the resource name of a random path beside a file; see the soft-404 guard."""


@cache
def resources() -> tuple[str, ...]:
    """Return what to ask every site for: robots.txt first, then each other path once."""
    names = dict.fromkeys(name for signal in SIGNALS for name in signal.resources)
    return tuple(name for name in names if name.startswith("/"))


@cache
def may_link(resource: str) -> bool:
    """Say whether any signal follows what a capture of that name points to."""
    return any(signal.follow and resource in signal.resources for signal in SIGNALS)


def links(captures: Iterable[Capture]) -> tuple[Link, ...]:
    """Return the documents that captures point to, each address once, bounded in number.

    Every name gets at most MAX_LINKS_OF_A_NAME, in the order of the captures.
    """
    found: dict[str, Link] = {}
    counts = Counter[str]()
    for capture in captures:
        for signal in SIGNALS:
            if signal.follow is None or capture.resource not in signal.resources:
                continue
            for link in signal.follow(capture):
                if link.url not in found and counts[link.resource] < MAX_LINKS_OF_A_NAME:
                    found[link.url] = link
                    counts[link.resource] += 1
    return tuple(found.values())


def sibling_path(resource: str, seed: str) -> str | None:
    """Return a path beside a signal's file that no site has, or None for other resources.

    The name is a digest of resource and seed: random to the site, the same in a resumed wave.
    """
    if not resource.startswith("/") or resource not in _files():
        return None
    folder, _, name = resource.rpartition("/")
    digest = hashlib.sha256(f"{seed}{resource}".encode()).hexdigest()[:16]
    return f"{folder}/{digest}.{name.rpartition('.')[2]}"


def readers_of(entry: Entry, signals: Iterable[Signal] = SIGNALS) -> tuple[Signal, ...]:
    """Return the modules that read a signal of the inventory."""
    return tuple(signal for signal in signals if signal.id == entry.id)


@cache
def _files() -> frozenset[str]:
    return frozenset(r for s in SIGNALS if s.carrier is Carrier.FILE for r in s.resources)


def coverage(entry: Entry, signals: Iterable[Signal] = SIGNALS) -> Coverage:
    """Say whether a signal of the inventory is read; no module means not by this version."""
    return entry.unread or (Coverage.READ if readers_of(entry, signals) else Coverage.NOT_READ)
