"""The smallest sets of mechanisms that reach everybody who can be reached, by exhaustive search.

A mechanism is a family of signals of the matrix of who says that it reads what. Few mechanisms
reach anybody at all, so that all sets of them are looked at, the small ones first.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

MOST = 24
"""Mechanisms beyond which a search through all sets would take too long."""


def smallest(
    reach: Mapping[str, Iterable[str]], wanted: Iterable[str] | None = None
) -> tuple[tuple[str, ...], ...]:
    """Give every smallest set of mechanisms that reaches all of `wanted`, sorted.

    `reach` says whom each mechanism reaches; without `wanted` everybody whom one of them does. No
    set: somebody is reached by none. ValueError for more than MOST mechanisms that reach anybody.
    """
    reached = {name: frozenset(whom) for name, whom in reach.items()}
    everybody = frozenset().union(*reached.values())
    goal = everybody if wanted is None else frozenset(wanted)
    useful = sorted(name for name, whom in reached.items() if whom & goal)
    if not goal <= everybody:
        return ()
    if len(useful) > MOST:
        raise ValueError(f"{len(useful)} mechanisms are too many for a search through all sets")
    sizes = (
        tuple(
            chosen
            for chosen in combinations(useful, size)
            if goal <= frozenset().union(*(reached[name] for name in chosen))
        )
        for size in range(len(useful) + 1)
    )
    return next(filter(None, sizes))  # all useful ones together reach the goal
