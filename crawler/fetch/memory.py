"""How many bytes the visits under way may hold between them, whatever they are served.

A visit keeps its captures until it is stored whole. One that is served endless files or bombs
holds megabytes, and a hundred of them at once would hold all the memory there is.
"""

import heapq
from collections.abc import Hashable

GO_ON = 8
"""The visits that hold most go on when all memory is taken: by ending they give it back."""


class Memory:
    """Counts the bytes that each visit holds; over `limit` bytes all but a few have to wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[Hashable, int] = {}
        self._total = 0

    def hold(self, visit: Hashable, size: int) -> None:
        """Note that a visit keeps `size` bytes more."""
        self._held[visit] = self._held.get(visit, 0) + size
        self._total += size

    def release(self, visit: Hashable) -> None:
        """Forget all that a visit held."""
        self._total -= self._held.pop(visit, 0)

    def may_take(self, visit: Hashable) -> bool:
        """Say whether a visit may ask for more now."""
        if self._total <= self._limit:
            return True
        return visit in heapq.nlargest(GO_ON, self._held, key=self._held.__getitem__)
