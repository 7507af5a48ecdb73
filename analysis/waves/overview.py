"""The waves of a database: how far each has come, how its visits ended, what they took.

Measured is a site whose visit brought an answer to judge, or that we may not ask: all other
outcomes say nothing about the site. Sites that were not visited yet are in no share.
"""

import sqlite3
from dataclasses import dataclass

from analysis.database import check_wave
from analysis.statistics import wilson

MEASURED = ("ok", "ok_partial", "absent", "refused_by_us")
GONE_DAYS = 7
"""A registration that lapsed by mistake is often mended within a week."""
_LISTED = ", ".join(f"'{outcome}'" for outcome in MEASURED)


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One wave. `share` is of the `done` sites, in 0..1 with a Wilson 95 % interval.

    `state` is finished or unfinished: whether sites are left to do, or were when it was last
    worked on. `rulesets` are those that it was judged under.
    """

    wave: str
    panel: str
    state: str
    started_at: str
    finished_at: str | None
    sites: int
    done: int
    measured: int
    share: float | None
    low: float | None
    high: float | None
    rulesets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """How many visits of a wave ended so."""

    outcome: str
    reason: str
    visits: int


@dataclass(frozen=True, slots=True)
class Politeness:
    """What a wave took from its sites, all attempts together. Bytes are as on the wire.

    `shortest_gap` is in seconds, between two connections to one registrable domain.
    `revalidated` captures were answered by 304; `saved_bytes` is the size of their bodies,
    which were not sent again. `unfinished` attempts ended with our process.
    """

    attempts: int
    made_again: int
    unfinished: int
    requests: int
    bytes: int
    most_requests: int
    shortest_gap: float | None
    crawl_delays: int
    retry_afters: int
    excluded: int
    captures: int
    revalidated: int
    saved_bytes: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The denominators of a wave: sites `listed` in its panel, `visited`, of these `resolving`
    (the name has an address) and `answering` (any HTTP answer, even a refusal).

    `gone`: the name does not exist, and did not in another wave at least GONE_DAYS before, and
    in none between was it found. What we did not ask is in neither of the last three.
    `twins` were heard under the site's other name, with or without `www.`.
    """

    listed: int
    visited: int
    resolving: int
    answering: int
    gone: int
    twins: int


def waves(connection: sqlite3.Connection) -> tuple[WaveLine, ...]:
    """All waves, oldest first."""
    names = connection.execute("SELECT name FROM waves ORDER BY started_at, wave_id").fetchall()
    return tuple(line(connection, name) for (name,) in names)


def line(connection: sqlite3.Connection, wave: str) -> WaveLine:
    """One wave; raises UnknownWaveError."""
    check_wave(connection, wave)
    wave_id, panel_id, panel, started_at, finished_at = connection.execute(
        "SELECT w.wave_id, w.panel_id, p.name, w.started_at, w.finished_at"
        " FROM waves w JOIN panels p USING (panel_id) WHERE w.name = ?",
        (wave,),
    ).fetchone()
    (sites,) = connection.execute(
        "SELECT count(*) FROM panel_sites WHERE panel_id = ?", (panel_id,)
    ).fetchone()
    done, measured = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE outcome IN ({_LISTED}))"  # noqa: S608 - our own
        " FROM visits WHERE wave_id = ?",
        (wave_id,),
    ).fetchone()
    rulesets = connection.execute(
        "SELECT ruleset FROM judged_waves WHERE wave_id = ? ORDER BY ruleset", (wave_id,)
    )
    low, high = wilson(measured, done) or (None, None)
    return WaveLine(
        wave,
        panel,
        "finished" if finished_at else "unfinished",
        started_at,
        finished_at,
        sites,
        done,
        measured,
        measured / done if done else None,
        low,
        high,
        tuple(ruleset for (ruleset,) in rulesets),
    )


def ends(connection: sqlite3.Connection, wave: str) -> tuple[Ends, ...]:
    """How the visits of a wave ended, most frequent first."""
    rows = connection.execute(
        "SELECT outcome, reason, count(*) FROM visits JOIN waves USING (wave_id)"
        " WHERE name = ? GROUP BY outcome, reason ORDER BY 3 DESC, outcome, reason",
        (wave,),
    )
    return tuple(Ends(*row) for row in rows)


def politeness(connection: sqlite3.Connection, wave: str) -> Politeness:
    """What a wave took from its sites."""
    (wave_id,) = connection.execute("SELECT wave_id FROM waves WHERE name = ?", (wave,)).fetchone()
    # An attempt without an outcome was broken off; only of a killed one the end is not known.
    taken = connection.execute(
        "SELECT coalesce(sum(attempts), 0), coalesce(sum(again), 0), coalesce(sum(killed), 0),"
        " coalesce(sum(requests), 0), coalesce(sum(bytes), 0), coalesce(max(requests), 0),"
        " min(gap), count(delay), count(retry) FROM (SELECT count(*) AS attempts,"
        " sum(again_at IS NOT NULL) AS again, sum(finished_at IS NULL) AS killed,"
        " sum(requests) AS requests, sum(bytes) AS bytes, min(shortest_gap) AS gap,"
        " max(crawl_delay) AS delay, max(retry_after) AS retry"
        " FROM attempts WHERE wave_id = ? GROUP BY site_id)",
        (wave_id,),
    ).fetchone()
    (excluded,) = connection.execute(
        "SELECT count(*) FROM visits WHERE wave_id = ? AND reason IN ('excluded', 'forgotten')",
        (wave_id,),
    ).fetchone()
    kept = connection.execute(
        "SELECT count(*), count(c.revalidated_from),"
        " coalesce(sum(b.size) FILTER (WHERE c.revalidated_from IS NOT NULL), 0)"
        " FROM captures c JOIN visits v USING (visit_id) LEFT JOIN bodies b USING (body_id)"
        " WHERE v.wave_id = ?",
        (wave_id,),
    ).fetchone()
    return Politeness(*(*taken, excluded, *kept))


def probes(connection: sqlite3.Connection, wave: str) -> tuple[str, ...]:
    """When the number of probed hosts that answer changed in a wave: time, answered/asked."""
    rows = connection.execute(
        "SELECT c.value FROM waves w, json_each(w.settings, '$.CANARY_CHECKS') c"
        " WHERE w.name = ? ORDER BY c.value",
        (wave,),
    )
    return tuple(str(value) for (value,) in rows)


def reached(connection: sqlite3.Connection, wave: str) -> Reached:
    """How many sites of a wave's panel there still are."""
    now = line(connection, wave)
    resolving, answering, twins = connection.execute(
        # Who redirected us, or was asked for a connection, has an address, whatever came of it.
        "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM captures c"
        "  WHERE c.visit_id = v.visit_id AND (c.address IS NOT NULL OR c.hops <> '[]'"
        "   OR c.failure IS NULL OR NOT (c.failure GLOB 'dns_*' OR c.failure GLOB 'internal_*'"
        "    OR c.failure = 'excluded')))),"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM captures c"
        "  WHERE c.visit_id = v.visit_id AND c.status IS NOT NULL)),"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM captures c"
        "  WHERE c.visit_id = v.visit_id AND c.resource = '/robots.txt' AND c.superseded = 0"
        "  AND c.url NOT IN"
        "   ('https://' || s.host || c.resource, 'http://' || s.host || c.resource)))"
        " FROM visits v JOIN sites s USING (site_id) JOIN waves w USING (wave_id) WHERE w.name = ?",
        (wave,),
    ).fetchone()
    (gone,) = connection.execute(
        "SELECT count(*) FROM visits v JOIN waves w USING (wave_id)"
        # Through the waves, since visits are found by wave and site.
        " WHERE w.name = ? AND v.reason = 'dns_nxdomain' AND EXISTS (SELECT 1 FROM waves x"
        "  CROSS JOIN visits o ON o.wave_id = x.wave_id AND o.site_id = v.site_id"
        "  WHERE o.reason = 'dns_nxdomain'"
        "  AND julianday(v.started_at) - julianday(o.started_at) >= ?"
        "  AND NOT EXISTS (SELECT 1 FROM waves y"
        "   CROSS JOIN visits b ON b.wave_id = y.wave_id AND b.site_id = v.site_id"
        "   WHERE b.started_at > o.started_at AND b.started_at < v.started_at"
        "   AND b.reason <> 'dns_nxdomain'))",
        (wave, GONE_DAYS),
    ).fetchone()
    return Reached(now.sites, now.done, resolving, answering, gone, twins)
