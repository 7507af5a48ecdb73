"""The dated changes of the community list of AI agents to the list of any day.

A file is fair game only for the names of its own day; and what has been added since is the
maintenance debt of whoever copied the list once. Names are in lower case throughout, since
names are compared so (RFC 9309 section 2.2.1). Nothing is known before the first change or
after `last_day`; asking for an earlier day gives an empty list, for a later one the last list.
"""

import functools
import tomllib
from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date
from importlib import resources
from typing import Any


class TimelineError(ValueError):
    """A fault in the dated changes; the message names the day."""


Versions = tuple[tuple[date, frozenset[str]], ...]
"""The days on which the list changed, and what it held from then on."""


def parse(content: bytes) -> tuple[Versions, frozenset[str], date]:
    """Read the versions, all names ever added, and the last day the changes cover.

    Raises TimelineError for a contradiction. A name may come and go on one day.
    """
    document: Mapping[str, Any] = tomllib.loads(content.decode())
    listed: frozenset[str] = frozenset()
    every: set[str] = set()
    versions: list[tuple[date, frozenset[str]]] = []
    for change in document["change"]:
        day = date.fromisoformat(change["day"])
        added = {name.lower() for name in change.get("added", ())}
        removed = {name.lower() for name in change.get("removed", ())}
        if versions and day <= versions[-1][0]:
            raise TimelineError(f"{day}: not later than the change before")
        if added & listed or removed - listed - added:
            raise TimelineError(f"{day}: adds what is listed or removes what is not")
        listed = (listed | added) - removed
        every |= added
        versions.append((day, listed))
    return tuple(versions), frozenset(every), date.fromisoformat(document["until"])


@functools.cache
def _load() -> tuple[Versions, frozenset[str], date]:
    return parse(resources.files("crawler.registry").joinpath("agent_events.toml").read_bytes())


def versions() -> Versions:
    """Return all versions of the list that this release knows, oldest first."""
    return _load()[0]


def last_day() -> date:
    """Return the last day that the changes cover."""
    return _load()[2]


def ever() -> frozenset[str]:
    """Return every name that was ever listed."""
    return _load()[1]


def listed_on(day: date) -> frozenset[str]:
    """Return the names on the list at the end of a day."""
    index = bisect_right(versions(), day, key=lambda version: version[0])
    return versions()[index - 1][1] if index else frozenset()


def share_still_covered(day: date, now: date) -> float:
    """Return which part of the list of `now` a copy made on `day` holds, from 0 to 1.

    Raises ValueError if nothing is known to be listed on `now`.
    """
    current = _listed(now)
    return len(current & listed_on(day)) / len(current)


def half_life(now: date) -> int | None:
    """Return the age in days beyond which a copy holds less than half of the list of `now`.

    That is the age of the oldest copy since when every copy holds half or more; None if even
    the first list known holds that much. Raises ValueError like `share_still_covered`.
    """
    known = [day for day, _ in versions() if day <= now]
    young = None
    for day in reversed(known):
        if share_still_covered(day, now) < 0.5:
            return (now - young).days if young else 0
        young = day
    _listed(now)
    return None


def staleness(named: Collection[str], now: date) -> float:
    """Return which part of the list of `now` a file does not name, from 0 to 1.

    Raises ValueError like `share_still_covered`.
    """
    current = _listed(now)
    return len(current - _lower(named)) / len(current)


def missing_since(day: date, named: Collection[str], now: date | None = None) -> frozenset[str]:
    """Return the maintenance debt: names listed on `now`, not on `day`, that a file lacks.

    `now` is the last day known unless given.
    """
    return listed_on(now or last_day()) - listed_on(day) - _lower(named)


def best_match(named: Collection[str]) -> tuple[date, float] | None:
    """Return the day of the version most like the names, and their Jaccard similarity.

    The earliest of equals; None for names of which none was ever listed.
    """
    tokens = _lower(named)
    if not tokens & ever():
        return None
    scored = ((day, len(tokens & names) / len(tokens | names)) for day, names in versions())
    return max(scored, key=lambda version: version[1])


def _listed(now: date) -> frozenset[str]:
    current = listed_on(now)
    if not current:
        raise ValueError(f"no list is known of {now}")
    return current


def _lower(names: Collection[str]) -> frozenset[str]:
    return frozenset(map(str.lower, names))
