"""How long each published number takes: `python -m tests.benchmarks.summary_bench --sites 200000`.

Builds a synthetic wave in a temporary folder: 0.5 % of the sites have a robots.txt policy of
their own, the rest share a handful; six captures a site; one site in twelve fails.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.summary import numbers, prepared, run
from tests.factories.database import POLICIES, SILENT, UNKNOWN, WAVE, _reference, put, schema

RESOURCES = ("/robots.txt", "/", "/.well-known/tdmrep.json", "/ai.txt", "/llms.txt", "/rsl.xml")
STRATA = ("news", "art", "music", "shops", "science")


def main() -> None:
    """Build the database, then time every number once after one warm-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=200_000)
    sites = parser.parse_args().sites
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        started = time.perf_counter()
        _build(path, sites)
        megabytes = path.stat().st_size / 1e6
        print(f"{sites} sites, {megabytes:.0f} MB, built in {time.perf_counter() - started:.0f} s")
        with closing(open_database(path)) as connection:
            _time(connection)
            _time_indicators(connection)


def _time(connection: sqlite3.Connection) -> None:
    started = time.perf_counter()
    with prepared(connection, WAVE):
        print(f"{'shared tables':26}{1000 * (time.perf_counter() - started):9.0f} ms")
        for number in numbers():
            connection.execute("SELECT count(*) FROM visits").fetchone()
            started = time.perf_counter()
            rows = connection.execute(number.sql, {"wave": WAVE}).fetchall()
            elapsed = 1000 * (time.perf_counter() - started)
            print(f"{number.definition:26}{elapsed:9.0f} ms  {len(rows)} rows")
    started = time.perf_counter()
    run(connection, WAVE)
    print(f"{'all':26}{1000 * (time.perf_counter() - started):9.0f} ms")


def _time_indicators(connection: sqlite3.Connection) -> None:
    started = whole = time.perf_counter()
    with indicator.measuring(connection, WAVE) as frame:
        print(f"{'units of the indicators':26}{1000 * (time.perf_counter() - started):9.0f} ms")
        for chosen in indicator.indicators():
            if not chosen.sql:
                continue
            started = time.perf_counter()
            rows = indicator.measure(connection, frame, chosen).rows
            elapsed = 1000 * (time.perf_counter() - started)
            print(f"{chosen.id} {chosen.name:21}{elapsed:9.0f} ms  {len(rows)} rows")
    print(f"{'all indicators':26}{1000 * (time.perf_counter() - whole):9.0f} ms")


def _build(path: Path, sites: int) -> None:
    random.seed(1)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA synchronous = OFF;" + schema())
        db.execute("PRAGMA application_id = 0x4F50544F")
        put(db, "panels", panel_id=1, name="bench", sha256="p", suffix_list="x", rows_read=sites,
            accepted=sites, rejected=0, duplicates=0, loaded_at="2026")  # fmt: skip
        put(db, "waves", wave_id=1, name=WAVE, panel_id=1, seed=1, software="x", settings="{}",
            user_agent="x", plan_ruleset=2, started_at="2026")  # fmt: skip
        _reference(db, 2)
        policies = _policies(db, sites // 200)
        for table, rows in _facts(sites, policies).items():
            for row in rows:
                db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
        put(db, "judged_waves", wave_id=1, ruleset=2, digest="j", visits=sites, judged_at="2026")
        db.commit()


def _policies(db: sqlite3.Connection, distinct: int) -> list[int]:
    for policy_id in range(1, distinct + 8):
        put(db, "robots_policies", policy_id=policy_id, ruleset=2, digest=str(policy_id))
        for agent_id, answer in POLICIES.get(
            policy_id, random.choice(list(POLICIES.values()))
        ).items():
            db.execute("INSERT INTO robots_access VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       (policy_id, "rfc9309", agent_id, *answer))  # fmt: skip
    put(db, "use_policies", use_policy_id=SILENT, ruleset=2, digest="u")
    for purpose in ("train", "search", "ai_input"):
        db.execute("INSERT INTO verdicts VALUES (1, ?, 'unstated', 'unstated', 'x', 0)", (purpose,))
    return [p for p in range(1, distinct + 8) if p != UNKNOWN]


def _facts(sites: int, policies: list[int]) -> dict[str, Iterator[tuple[object, ...]]]:
    """Rows per table; site n fails when n is a multiple of 12."""
    order = random.sample(range(1, sites + 1), sites)  # sites are visited in a random order
    visits = list(enumerate(order, start=1))
    few = policies[:6]
    return {
        "sites": ((n, f"s{n}.example", None, None) for n in range(1, sites + 1)),
        "panel_sites": (
            (1, n, random.choice(STRATA), None, None, None, None, n, None, None, None, n)
            for n in range(1, sites + 1)
        ),
        "visits": (
            (v, 1, n, *(("unreachable", "dns_nxdomain") if n % 12 == 0 else ("ok", "complete")),
             None, 6, 9000, "2026-11-01T00:00:00Z", "2026-11-01T00:00:09Z")
            for v, n in visits
        ),
        "captures": (
            (None, v, seq, resource, f"https://s{n}.example{resource}",
             f"https://s{n}.example{resource}", "[]", 200, "HTTP/1.1", "OK", None, None, None, None,
             1500, 0, 0, 0, 0, "192.0.2.1", "verified", "2026-11-01T00:00:00Z", 0.2, 0.1,
             None)
            for v, n in visits
            for seq, resource in enumerate(RESOURCES[:1] if n % 12 == 0 else RESOURCES)
        ),
        "judgements": (
            (2, v, "unreachable" if n % 12 == 0 else "rules", None,
             UNKNOWN if n % 12 == 0 else random.choice(policies if n % 20 == 0 else few), SILENT)
            for v, n in visits
        ),
        "findings": _findings(visits),
    }  # fmt: skip


def _findings(visits: list[tuple[int, int]]) -> Iterator[tuple[object, ...]]:
    """What captures say; capture ids follow the order in which `_facts` writes them."""
    capture_id = 0
    for _, n in visits:
        if n % 12 == 0:
            capture_id += 1
            yield 2, capture_id, "robots_access", "unmeasured", None
            yield 2, capture_id, "rsl", "unmeasured", None
            continue
        yield 2, capture_id + 1, "robots_access", "present", None
        if n % 30 == 1:
            yield 2, capture_id + 2, "tdmrep_header", "present", None
        capture_id += len(RESOURCES)


if __name__ == "__main__":
    main()
