"""Tables in which no site is named: hosts become pseudonyms, and what a site wrote is left out.

A pseudonym is the same in all tables of one export and in no other: its key is drawn anew and kept
nowhere. It keeps a table from being read as a register of who blocks whom. It is no protection from
somebody who asks the same sites again and compares: whoever must rule that out publishes numbers.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from analysis.publish.export import Column, Row, Table, Type, Value

NAMES = frozenset(
    {"host", "registrable_domain", "registrable_domain_private", "asset_host", "captured_host",
     "cluster"}
)  # fmt: skip
"""Columns that name a site, its owner or a host of its works: a pseudonym each."""
DAYS = frozenset({"started_at", "finished_at", "fetched_at"})
"""Times that a server's log could be searched for: the day is kept."""
KEPT = frozenset({
    "agent", "ai_switch", "ai_switch_default", "announced", "authorship", "basis",
    "browser_failure", "came", "code", "collection", "container", "control", "country",
    "creator_type", "dates", "directive", "editable", "effect", "extent", "failure", "first_closed",
    "first_seen", "follows", "google_extent", "google_root", "header_edit", "honours",
    "honours_robots", "id", "kind", "language", "last_open", "last_seen", "made_by", "meta_edit",
    "method", "notice_fate", "operator", "outcome", "panel", "platform", "platform_id",
    "platform_kind", "platform_title", "preference", "preference_lenient", "preference_strict",
    "problem", "protego_root", "purpose", "reader", "reason", "rfc9309_extent", "rfc9309_root",
    "robots_edit", "root", "rule", "scope", "sector", "severity", "signal", "signal_a", "signal_b",
    "signature", "stance", "state", "stratum", "strength", "strictness", "study", "study_day",
    "subject", "vendor_extent", "vendor_root", "verification", "wave", "wave_from", "wave_to",
    "wish_fate", "wish_lenient", "wish_strict",
})  # fmt: skip
"""Columns of our own words; any other text, such as addresses, quotations and hashes, is empty."""
LEFT_OUT = frozenset(
    {"v_captures", "v_attempt_captures", "v_cloaking", "v_excluded", "v_template_clusters",
     "body_texts"}
)  # fmt: skip
"""Tables whose rows are fingerprints of a site, or name one without a column for it."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonyms of one export."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def of(self, name: str) -> str:
        """Give the pseudonym of a host or owner."""
        return f"p-{blake2b(name.encode(), digest_size=8, key=self.key).hexdigest()}"

    def covers(self, table: Table) -> bool:
        """Say whether a table has rows of single sites."""
        return any(column.name == "host" for column in table.columns)

    def rows(self, table: Table, found: Iterator[Row]) -> Iterator[Row]:
        """Yield rows of a site's table without its name and words, sorted by what is left.

        All of them are held in memory: in their first order the pseudonyms could be read off.
        """
        yield from sorted(
            (tuple(map(self._value, table.columns, row)) for row in found),
            key=lambda row: tuple((value is not None, str(value)) for value in row),
        )

    def _value(self, column: Column, value: Value) -> Value:
        if value is None or column.type is not Type.STRING:
            return None if column.name.endswith("_id") else value
        if column.name in NAMES:
            return self.of(str(value))
        if column.name in DAYS:
            return str(value)[:10]
        return value if column.name in KEPT else None


def left(names: Sequence[str]) -> list[str]:
    """Give the tables of a list that can be exported without naming a site."""
    return [name for name in names if name not in LEFT_OUT]
