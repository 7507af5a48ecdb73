"""What one visit outside a wave brought, before anybody judges it."""

from dataclasses import dataclass

from crawler.model import Capture, Outcome, Reason


@dataclass(frozen=True, slots=True)
class VisitResult:
    """Every capture of a visit in order, and how it ended.

    `host` is an ASCII name, with `:port` where it is not the usual one; None where files have
    no site. `headers` is False where no server answered, so that nothing is known of its
    headers.
    """

    host: str | None
    captures: tuple[Capture, ...]
    outcome: Outcome
    reason: Reason
    detail: str | None = None
    headers: bool = True
