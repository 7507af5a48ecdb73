"""Whether a wave went wrong: not what sites say, but whether we were able to hear it.

A wave is held against the one before it of the same panel, site by site: only sites that both
have visited count. A rise is an anomaly where it is both large (a threshold) and more than
chance: the sites that changed for the worse against those that changed for the better
(McNemar, exact below 25 pairs), at ALPHA, which no fewer than eight changed sites can reach.
The classes of failure are a family: their p-values are adjusted (Holm). Faults of our own
need no earlier wave; few sites are judged by the lower end of the Wilson interval.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass

from analysis.queries import query
from analysis.statistics import holm, mcnemar, wilson
from analysis.waves.overview import (
    MEASURED,
    Ends,
    Politeness,
    Reached,
    WaveLine,
    ends,
    line,
    politeness,
    probes,
    reached,
)

ALPHA = 0.01
LEAST_RISE = 0.01
"""Share of the sites by which one class of failure must have grown at least."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a wave is unhealthy; shares in 0..1."""

    unmeasured: float = 0.5
    """Largest share of unmeasured sites, whatever was before."""
    rise: float = 0.05
    """Largest rise of that share since the wave before."""
    growth: float = 2.0
    """How many times as many sites as in the wave before, or as one, may end in one class."""
    own_faults: float = 0.01
    """Largest share of sites that a fault of our own process touched."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One finding. `k` of `n` sites now, `before_k` of `before_n` in the wave `before`."""

    kind: str
    """unmeasured, rise, class_rise or own_faults."""
    subject: str
    k: int
    n: int
    before: str | None
    before_k: int | None
    before_n: int | None
    p: float | None
    """Chance of such a change where nothing is the matter; None where none is computed."""
    sentence: str


@dataclass(frozen=True, slots=True)
class WaveReport:
    """All there is to say of one wave; `before` is the one that it was held against."""

    line: WaveLine
    ends: tuple[Ends, ...]
    manners: Politeness
    reached: Reached
    canaries: tuple[str, ...]
    """When the number of probed hosts that answer changed; empty where none were named."""
    before: str | None
    anomalies: tuple[Anomaly, ...]


End = tuple[str, str]
"""Outcome and reason of a visit."""


def previous(connection: sqlite3.Connection, wave: str) -> str | None:
    """Name the wave of the same panel and vantage point before this one, of any version of it."""
    row = connection.execute(
        "SELECT a.name FROM waves a JOIN panels p USING (panel_id), waves b"
        " JOIN panels q ON q.panel_id = b.panel_id WHERE b.name = ? AND p.name = q.name"
        " AND a.vantage IS b.vantage"
        " AND (a.started_at, a.wave_id) < (b.started_at, b.wave_id) AND EXISTS"
        " (SELECT 1 FROM visits v WHERE v.wave_id = a.wave_id)"
        " ORDER BY a.started_at DESC, a.wave_id DESC LIMIT 1",
        (wave,),
    ).fetchone()
    return str(row[0]) if row else None


def report(connection: sqlite3.Connection, wave: str, thresholds: Thresholds) -> WaveReport:
    """Tell how far a wave has come, how it went and what is wrong; raises UnknownWaveError."""
    return WaveReport(
        line(connection, wave),
        ends(connection, wave),
        politeness(connection, wave),
        reached(connection, wave),
        probes(connection, wave),
        previous(connection, wave),
        anomalies(connection, wave, thresholds),
    )


def anomalies(
    connection: sqlite3.Connection, wave: str, thresholds: Thresholds
) -> tuple[Anomaly, ...]:
    """Everything that is wrong with a wave; raises UnknownWaveError."""
    now = line(connection, wave)
    found = [
        *_unmeasured(now.done - now.measured, now.done, thresholds),
        *_own_faults(connection, wave, thresholds),
    ]
    if before := previous(connection, wave):
        pairs = _pairs(connection, before, wave)
        found += _rise(pairs, before, thresholds)
        found += _class_rises(pairs, before, thresholds)
    return tuple(found)


def _unmeasured(k: int, n: int, thresholds: Thresholds) -> list[Anomaly]:
    if not n or k / n <= thresholds.unmeasured:
        return []
    sentence = (
        f"unmeasured: {_share(k, n)} of the sites, where {thresholds.unmeasured:.0%} is the limit"
    )
    return [Anomaly("unmeasured", "unmeasured", k, n, None, None, None, None, sentence)]


def _own_faults(connection: sqlite3.Connection, wave: str, thresholds: Thresholds) -> list[Anomaly]:
    k, n = _touched(connection, wave)
    low, _ = wilson(k, n) or (0.0, 1.0)
    if low <= thresholds.own_faults:
        return []
    before = previous(connection, wave)
    before_k, before_n = _touched(connection, before) if before else (None, None)
    compared = f", {before_k}/{before_n} in {before}" if before else ""
    sentence = (
        f"our own process was at fault (errors, stalls, crashes): {_share(k, n)} of the sites"
        f"{compared}; the machine is overloaded or the program has a bug"
    )
    return [Anomaly("own_faults", "internal", k, n, before, before_k, before_n, None, sentence)]


def _touched(connection: sqlite3.Connection, wave: str) -> tuple[int, int]:
    """Sites that a fault of our own touched, of all that were visited."""
    k, n = connection.execute(
        query(__name__, "own_faults"),
        (wave,),
    ).fetchone()
    return int(k), int(n)


def _pairs(connection: sqlite3.Connection, before: str, wave: str) -> Counter[tuple[End, End]]:
    """How many sites ended so in the first wave and so in the second."""
    rows = connection.execute(
        query(__name__, "ends_of_two"),
        (wave, before),
    )
    return Counter({((a, b), (c, d)): count for a, b, c, d, count in rows})


def _rise(pairs: Counter[tuple[End, End]], before: str, thresholds: Thresholds) -> list[Anomaly]:
    n = pairs.total()
    then = sum(count for (old, _), count in pairs.items() if old[0] not in MEASURED)
    now = sum(count for (_, new), count in pairs.items() if new[0] not in MEASURED)
    worse = sum(
        count
        for (old, new), count in pairs.items()
        if old[0] in MEASURED and new[0] not in MEASURED
    )
    p = mcnemar(worse, worse - (now - then))
    if not n or (now - then) / n <= thresholds.rise or p >= ALPHA:
        return []
    sentence = f"unmeasured rose: {_share(now, n)} of the same sites, {_share(then, n)} in {before}"
    return [Anomaly("rise", "unmeasured", now, n, before, then, n, p, sentence)]


def _class_rises(
    pairs: Counter[tuple[End, End]], before: str, thresholds: Thresholds
) -> list[Anomaly]:
    n = pairs.total()
    classes = sorted({end for pair in pairs for end in pair if end[0] not in MEASURED})
    found: list[Anomaly] = []
    counted = [_changed(pairs, end) for end in classes]
    adjusted = holm([mcnemar(came, went) for came, went, _ in counted])
    for (outcome, reason), (came, went, stayed), p in zip(classes, counted, adjusted, strict=True):
        now, then = stayed + came, stayed + went
        if (now - then) / n < LEAST_RISE or now <= thresholds.growth * max(then, 1) or p >= ALPHA:
            continue
        subject = f"{outcome}:{reason}"
        sentence = (
            f"{subject} exploded: {_share(now, n)} of the same sites, {_share(then, n)} in {before}"
        )
        found.append(Anomaly("class_rise", subject, now, n, before, then, n, p, sentence))
    return found


def _changed(pairs: Counter[tuple[End, End]], end: End) -> tuple[int, int, int]:
    """Sites that came into a class, left it and stayed in it."""
    came = sum(c for (old, new), c in pairs.items() if new == end != old)
    went = sum(c for (old, new), c in pairs.items() if old == end != new)
    return came, went, pairs[end, end]


def _share(k: int, n: int) -> str:
    return f"{k}/{n} ({k / n:.1%})" if n else f"{k}/{n}"
