"""A wave as metrics for Prometheus, in its text format 0.0.4, for node_exporter's textfile reader.

All are gauges: a wave is a state that is read out of the database, not a count of this process.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from crawler.model import Outcome
from crawler.store.facts import find_wave

Sample = tuple[dict[str, str], float]


def metrics(connection: sqlite3.Connection, wave_name: str) -> str:
    """Write one wave's metrics; StoreError for an unknown wave."""
    wave = find_wave(connection, wave_name)
    of_wave = {"wave": wave.name}
    one = (wave.wave_id,)
    counts = dict(
        connection.execute(
            "SELECT outcome, count(*) FROM visits WHERE wave_id = ? GROUP BY outcome", one
        ).fetchall()
    )
    (sites,) = connection.execute(
        "SELECT count(*) FROM panel_sites WHERE panel_id = ?", (wave.panel_id,)
    ).fetchone()
    requests, received = connection.execute(
        "SELECT coalesce(sum(requests), 0), coalesce(sum(bytes), 0) FROM attempts"
        " WHERE wave_id = ?",
        one,
    ).fetchone()
    started, finished = connection.execute(
        "SELECT started_at, finished_at FROM waves WHERE wave_id = ?", one
    ).fetchone()
    (size,) = connection.execute(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ).fetchone()
    # Every outcome has its sample, 0 too: a series that comes and goes cannot be alerted on.
    visits = [(of_wave | {"outcome": outcome}, counts.get(outcome, 0)) for outcome in Outcome]
    families: tuple[tuple[str, str, list[Sample]], ...] = (
        ("optout_wave_sites", "Sites of the wave's panel.", [(of_wave, sites)]),
        ("optout_wave_visits", "Sites visited to the end, by outcome.", visits),
        ("optout_wave_requests", "Requests sent, redirects included.", [(of_wave, requests)]),
        ("optout_wave_received_bytes", "Bytes of bodies received.", [(of_wave, received)]),
        ("optout_wave_started_timestamp_seconds", "Start.", [(of_wave, _seconds(started))]),
        (
            "optout_wave_finished_timestamp_seconds",
            "End; there is none before the last site was visited.",
            [(of_wave, _seconds(finished))] if finished else [],
        ),
        ("optout_database_size_bytes", "Size of the database file.", [({}, size)]),
    )
    return "".join(line for family in families for line in _family(*family))


def write(path: Path, text: str) -> None:
    """Put a file in place whole: its reader sees the old one or the new one."""
    # Another ending than `.prom`, so that node_exporter does not read it half-written.
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _family(name: str, words: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {words}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        listed = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
        yield f"{name}{{{listed}}} {value}\n" if listed else f"{name} {value}\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
