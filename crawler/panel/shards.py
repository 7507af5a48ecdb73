"""One machine's part of a panel, by registrable domain.

A domain is never divided, so that the politeness towards it (one connection at a time, a pause)
hold although the machines know nothing of each other.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Self

from crawler.panel.reading import Panel

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 1) of `of` parts."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2/4`; ValueError says what to write instead."""
        found = _SHARD.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise ValueError(f"{text!r} is no shard: write which of how many, such as 2/4")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, host: str, registrable_domain: str | None) -> bool:
        """Whether a site is in this part; a host without a registrable domain is its own."""
        return place(registrable_domain or host.partition(":")[0], self.of) == self.number

    def part(self, panel: Panel) -> Panel:
        """Keep the panel's sites of this part; refused and repeated rows stay in every part."""
        sites = tuple(s for s in panel.sites if self.holds(s.host, s.registrable_domain))
        rows = len(sites) + len(panel.rejections) + len(panel.duplicates)
        return replace(panel, sites=sites, rows_read=rows)


def place(domain: str, of: int) -> int:
    """Say which of `of` parts a domain is in, from 1: the same on every machine, for ever."""
    digest = hashlib.sha256(domain.encode()).digest()
    return int.from_bytes(digest[:8], "big") % of + 1


def part_of(panel: Panel, shard: str) -> Panel:
    """Cut a panel to a shard as written; an empty text is the whole panel."""
    return Shard.parse(shard).part(panel) if shard else panel
