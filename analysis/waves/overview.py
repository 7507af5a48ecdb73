"""The waves of a database: how far each has come, how its visits ended, what they took.

Measured is a site whose visit brought an answer to judge, or that we may not ask: all other
outcomes say nothing about the site. Sites that were not visited yet are in no share.
"""

import sqlite3
from dataclasses import dataclass

from analysis.database import check_wave
from analysis.queries import query
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
    taken = connection.execute(
        query(__name__, "wave_taken"),
        (wave_id,),
    ).fetchone()
    (excluded,) = connection.execute(
        "SELECT count(*) FROM visits WHERE wave_id = ? AND reason IN ('excluded', 'forgotten')",
        (wave_id,),
    ).fetchone()
    kept = connection.execute(
        query(__name__, "wave_revalidated"),
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
        query(__name__, "wave_reached"),
        (wave,),
    ).fetchone()
    (gone,) = connection.execute(
        query(__name__, "wave_gone"),
        (wave, GONE_DAYS),
    ).fetchone()
    return Reached(now.sites, now.done, resolving, answering, gone, twins)
