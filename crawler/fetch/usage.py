"""What one visit takes from a site: the record of our politeness, and what its ceilings count."""

from dataclasses import dataclass


@dataclass(slots=True)
class Usage:
    """Kept by the fetch layer while a visit goes on. Times are in seconds.

    `pause` is what the site asks for between requests, and `retry_after` the longest time it
    wants to be left alone: None where it says nothing.
    """

    requests: int = 0
    bytes: int = 0
    kept: int = 0
    """Bytes of bodies as kept, unpacked."""
    spent: float = 0.0
    """Time on the wire and with name servers, our own pauses apart."""
    waited: float = 0.0
    """Time spent waiting for our turn at the site's registrable domain."""
    shortest_gap: float | None = None
    """Shortest time between the end of a connection to the domain and our next one there."""
    pause: float | None = None
    retry_after: float | None = None

    def take_turn(self, waited: float, gap: float | None) -> None:
        """Note a connection that we waited for; `gap` None: the domain's first."""
        self.waited += waited
        if gap is not None:
            self.shortest_gap = gap if self.shortest_gap is None else min(self.shortest_gap, gap)

    def ask_pause(self, seconds: float) -> None:
        """Note a Retry-After; of several the longest stays."""
        self.retry_after = max(seconds, self.retry_after or 0.0)
