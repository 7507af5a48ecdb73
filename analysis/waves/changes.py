"""What changed between two waves, site by site: the view `v_changes` for any two of them.

The definition of a change is the view's, in the database itself; here it is only given another
pair of waves. Only verdicts of one and the same ruleset are compared. Ids are cursors: equal
whenever the same pair is compared under the same ruleset, and rows come in their order.
"""

import sqlite3
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from analysis.database import AnalysisError, check_wave, scratch


class ChangeKind(StrEnum):
    """What became of a subject (closed list; persisted: never renamed).

    A subject is `access:TOKEN`, `use:PURPOSE`, `signal:NAME` or `author:/robots.txt`;
    `access:*` speaks for the agents that neither robots.txt names.
    """

    GAINED = "gained"  # the agent is now kept from the root; a purpose is now spoken about
    LOST = "lost"  # the reverse
    ALTERED = "altered"  # use: permission became refusal or condition, or the reverse
    WIDENED = "widened"  # access: a greater extent, same root; use: conditional to disallowed
    NARROWED = "narrowed"  # the reverse
    MOVED = "moved"  # the same answer by another group (own, star), or by other signals
    AUTHOR_CHANGED = "author_changed"  # another service, plug-in or list wrote robots.txt
    BROKE = "broke"  # a signal that took effect takes none any more, by a fault
    MENDED = "mended"  # the reverse
    BECAME_MEASURED = "became_measured"
    BECAME_UNMEASURED = "became_unmeasured"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of `v_changes`; the data dictionary tells each column."""

    id: str
    wave_from: str
    wave_to: str
    ruleset: int
    host: str
    kind: ChangeKind
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sites have a change of one kind on one subject."""

    kind: ChangeKind
    subject: str
    sites: int


def changes(  # noqa: PLR0913 - the pair of waves, and what is asked of it
    connection: sqlite3.Connection,
    wave_from: str,
    wave_to: str,
    *,
    host: str | None = None,
    kind: str | None = None,
    after: str = "",
) -> Generator[Change]:
    """Give the changes from one wave to another, by id; `after` goes on behind an id.

    Raises UnknownWaveError, and AnalysisError for waves without a common ruleset or for a
    host that is in neither wave. Close the iterator to stop early.
    """
    ruleset = common_ruleset(connection, wave_from, wave_to)
    site_id = None if host is None else _site_of(connection, host, (wave_from, wave_to))
    return _changes(connection, (wave_from, wave_to, ruleset), site_id, kind, after)


def _changes(
    connection: sqlite3.Connection,
    pair: tuple[str, str, int],
    site_id: int | None,
    kind: str | None,
    after: str,
) -> Generator[Change]:
    with scratch(connection):
        compare(connection, *pair)
        if site_id is not None:
            _only(connection, site_id)
        cursor = connection.execute(
            "SELECT id, wave_from, wave_to, ruleset, host, kind, subject, before, after"
            " FROM v_changes WHERE id > ? AND (?2 IS NULL OR kind = ?2) ORDER BY id",
            (after, kind),
        )
        try:
            for cursor_id, a, b, ruleset, site, found, subject, was, now in cursor:
                yield Change(cursor_id, a, b, ruleset, site, ChangeKind(found), subject, was, now)
        finally:
            cursor.close()


def _only(connection: sqlite3.Connection, site_id: int) -> None:
    """Hide the visits of all other sites from the temporary `v_changes`."""
    connection.execute(
        "CREATE TEMP TABLE visits AS SELECT * FROM main.visits WHERE site_id = ?", (site_id,)
    )
    connection.execute("CREATE UNIQUE INDEX temp.visits_by_id ON visits (visit_id)")
    connection.execute("CREATE UNIQUE INDEX temp.visits_by_site ON visits (wave_id, site_id)")


def tally(connection: sqlite3.Connection, wave_from: str, wave_to: str) -> list[Tally]:
    """Count the sites of every kind and subject, in the order of ChangeKind.

    Raises as `changes` does.
    """
    ruleset = common_ruleset(connection, wave_from, wave_to)
    with scratch(connection):
        compare(connection, wave_from, wave_to, ruleset)
        rows = connection.execute(
            "SELECT kind, subject, count(*) FROM v_changes GROUP BY 1, 2"
        ).fetchall()
    order = list(ChangeKind)
    found = (Tally(ChangeKind(kind), subject, sites) for kind, subject, sites in rows)
    return sorted(found, key=lambda t: (order.index(t.kind), -t.sites, t.subject))


def compare(connection: sqlite3.Connection, wave_from: str, wave_to: str, ruleset: int) -> None:
    """Let `v_changes` speak about this one pair of waves, until the `scratch` around it ends.

    Names in a temporary view are looked up among the temporary tables first, so the view's own
    text reads our `wave_pairs` in place of the consecutive waves.
    """
    row = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'view' AND name = 'v_changes'"
    ).fetchone()
    if row is None or "printf" not in row[0]:
        raise AnalysisError("this database was made before changes were recorded")
    connection.execute(
        "CREATE TEMP TABLE wave_pairs AS"
        " SELECT a.wave_id AS from_id, a.name AS wave_from, b.wave_id AS to_id,"
        " b.name AS wave_to, ? AS ruleset FROM waves a, waves b WHERE a.name = ? AND b.name = ?",
        (ruleset, wave_from, wave_to),
    )
    connection.execute(row[0].replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


def common_ruleset(connection: sqlite3.Connection, wave_from: str, wave_to: str) -> int:
    """Give the newest ruleset that judged both waves; raises as `changes` does."""
    judged = [_rulesets(connection, wave) for wave in (wave_from, wave_to)]
    if common := judged[0] & judged[1]:
        return max(common)
    listed = (", ".join(map(str, sorted(found))) or "none" for found in judged)
    raise AnalysisError(
        f"no ruleset judged both waves ({wave_from!r}: {next(listed)}; {wave_to!r}:"
        f" {next(listed)}): run optout judge"
    )


def _rulesets(connection: sqlite3.Connection, wave: str) -> set[int]:
    check_wave(connection, wave)
    rows = connection.execute(
        "SELECT ruleset FROM judged_waves JOIN waves USING (wave_id) WHERE name = ?", (wave,)
    )
    return {row[0] for row in rows}


def _site_of(connection: sqlite3.Connection, host: str, waves: tuple[str, str]) -> int:
    row = connection.execute(
        "SELECT site_id FROM sites JOIN visits USING (site_id) JOIN waves w USING (wave_id)"
        " WHERE host = ? AND w.name IN (?, ?)",
        (host, *waves),
    ).fetchone()
    if row is None:
        raise AnalysisError(f"no site {host!r} in the waves {waves[0]!r} and {waves[1]!r}")
    return int(row[0])


def earlier_wave(connection: sqlite3.Connection, wave: str, ruleset: int) -> str | None:
    """Name the last wave of the same panel and vantage point before this one, judged alike.

    A panel is its name: sites may have joined it or left it since. What another vantage point
    sees is no change of the site.
    """
    row = connection.execute(
        "SELECT a.name FROM waves a JOIN panels p USING (panel_id), waves b JOIN panels q"
        " ON q.panel_id = b.panel_id AND q.name = p.name"
        " JOIN judged_waves j ON j.wave_id = a.wave_id AND j.ruleset = ?"
        " WHERE b.name = ? AND (a.started_at, a.wave_id) < (b.started_at, b.wave_id)"
        " AND a.vantage IS b.vantage ORDER BY a.started_at DESC, a.wave_id DESC LIMIT 1",
        (ruleset, wave),
    ).fetchone()
    return None if row is None else str(row[0])


def chosen_wave(connection: sqlite3.Connection, wave: str, before: str, ruleset: int) -> str:
    """Give back `before`, a wave that somebody chose to hold this one against.

    Raises UnknownWaveError, and AnalysisError for the wave itself, one that the ruleset did not
    judge, or one that has no site in common.
    """
    if before == wave:
        raise AnalysisError(f"wave {wave!r} cannot be compared with itself; choose another one")
    if ruleset not in _rulesets(connection, before):
        raise AnalysisError(
            f"wave {before!r} was not judged by ruleset {ruleset}, as {wave!r} was: run optout"
            " judge"
        )
    if not membership(connection, before, wave).common:
        raise AnalysisError(f"the panels of {before!r} and {wave!r} have no site in common")
    return before


@dataclass(frozen=True, slots=True)
class Membership:
    """Sites of the panels of two waves: in both, only in the later one, only in the earlier."""

    common: int
    joined: int
    left: int
    restratified: int
    """Of the common ones, those that stand in another stratum now."""


def membership(connection: sqlite3.Connection, wave_from: str, wave_to: str) -> Membership:
    """Count who stayed in a panel from one wave to another, who joined it and who left it."""
    common, joined, left, moved = connection.execute(
        "WITH a AS (SELECT site_id, stratum FROM waves JOIN panel_sites USING (panel_id)"
        "  WHERE name = ?1), b AS (SELECT site_id, stratum FROM waves"
        "  JOIN panel_sites USING (panel_id) WHERE name = ?2)"
        " SELECT (SELECT count(*) FROM a JOIN b USING (site_id)),"
        " (SELECT count(*) FROM b WHERE site_id NOT IN (SELECT site_id FROM a)),"
        " (SELECT count(*) FROM a WHERE site_id NOT IN (SELECT site_id FROM b)),"
        " (SELECT count(*) FROM a JOIN b USING (site_id) WHERE a.stratum IS NOT b.stratum)",
        (wave_from, wave_to),
    ).fetchone()
    return Membership(common, joined, left, moved)
