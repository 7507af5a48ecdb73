"""The shape of a signal: one way to say something about AI or TDM use."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from crawler.model import Capture, Finding, Statement
from crawler.registry.inventory import Status

__all__ = ["Carrier", "Link", "Signal", "Status"]


class Carrier(StrEnum):
    """What a signal is read from; decides which answers count as readable."""

    ROBOTS = "robots"
    HEADER = "header"
    HTML = "html"
    FILE = "file"  # a file of its own at a fixed path: the soft-404 guard applies
    DOCUMENT = "document"  # XML or JSON-LD that something points to, known by its own grammar
    WORK = "work"  # a picture, a sound, a film or a document, by what its bytes carry


@dataclass(frozen=True, slots=True)
class Link:
    """A further document that a capture points to: a name ending in a colon, and its URL.

    The name is the `resource` of the capture that it becomes, such as `rsl:` or `terms:`.
    """

    resource: str
    url: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. `name` = module name = fixture folder = stored value; `find` is pure.

    `resources` are what the signal is read in: paths, for whose union the survey asks every
    site, and names ending in a colon, for documents that a `follow` points to.
    """

    name: str
    title: str
    id: str
    """Number in the inventory of the reference (R1, H1, ...)."""
    spec: str
    spec_version: str
    status: Status
    carrier: Carrier
    resources: tuple[str, ...]
    find: Callable[[Capture], Finding]
    select: Callable[[tuple[Statement, ...], str], tuple[Statement, ...]] | None = None
    """Which statements hold for a path, by the signal's own precedence; None = all of them."""
    follow: Callable[[Capture], tuple[Link, ...]] | None = None
    """What else to ask for, given a capture of one of the resources; pure."""

    @property
    def asked(self) -> bool:
        """True where every site is asked for a resource of the signal."""
        return any(name.startswith("/") for name in self.resources)
