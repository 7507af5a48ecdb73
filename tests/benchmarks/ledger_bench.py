"""How long the ledger of two waves takes: `python -m tests.benchmarks.ledger_bench --sites 200000`.

The wave of `summary_bench` and a second one like it, in which one site in twenty has another
policy (half of them one that few share), one in thirty fails and one in fifty states something
else; 3 % of the sites have statements.
"""

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from analysis import indicator, ledger
from analysis.database import open_database
from tests.benchmarks.summary_bench import RESOURCES, _build
from tests.factory_db import RESERVED, UNKNOWN, WAVE, put

NEXT = "2026-12"


def main() -> None:
    """Build the database, then time the ledger and the indicators that read it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=200_000)
    sites = parser.parse_args().sites
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        _build(path, sites)
        _second_wave(path, sites)
        print(f"{sites} sites, 2 waves, {path.stat().st_size / 1e6:.0f} MB")
        with closing(open_database(path)) as connection:
            _time(connection)


def _time(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT count(*) FROM captures").fetchone()
    started = time.perf_counter()
    rows = sum(1 for _ in ledger.changes(connection, WAVE, NEXT))
    print(f"{'all changes':26}{1000 * (time.perf_counter() - started):9.0f} ms  {rows} rows")
    started = time.perf_counter()
    rows = len(list(ledger.changes(connection, WAVE, NEXT, host="s20.example")))
    print(
        f"{'changes of one site':26}{1000 * (time.perf_counter() - started):9.0f} ms  {rows} rows"
    )
    started = time.perf_counter()
    rows = len(ledger.tally(connection, WAVE, NEXT))
    print(f"{'tally':26}{1000 * (time.perf_counter() - started):9.0f} ms  {rows} rows")
    started = time.perf_counter()
    with indicator.measuring(connection, NEXT) as frame:
        print(f"{'units of two waves':26}{1000 * (time.perf_counter() - started):9.0f} ms")
        for chosen in indicator.indicators():
            if not chosen.needs:
                started = time.perf_counter()
                rows = len(indicator.measure(connection, frame, chosen).rows)
                elapsed = 1000 * (time.perf_counter() - started)
                print(f"{chosen.id:6}{chosen.name:20}{elapsed:9.0f} ms  {rows} rows")


def _second_wave(path: Path, sites: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("INSERT OR IGNORE INTO use_policies VALUES (?, 2, 'reserved')", (RESERVED,))
        db.execute(
            "INSERT INTO verdicts SELECT ?, purpose, 'disallowed', 'disallowed', 'x', 0"
            " FROM verdicts WHERE use_policy_id = 1",
            (RESERVED,),
        )
        db.execute("UPDATE waves SET started_at = '2026-11'")
        put(db, "waves", wave_id=2, name=NEXT, panel_id=1, seed=1, software="x", settings="{}",
            user_agent="x", plan_ruleset=2, started_at=NEXT)  # fmt: skip
        _bodies(db, sites)
        per = len(RESOURCES)
        copies = (
            "INSERT INTO visits SELECT visit_id + :n, 2, site_id, outcome, reason, detail,"
            " requests, bytes, started_at, finished_at FROM visits",
            "INSERT INTO captures SELECT capture_id + :n * :per, visit_id + :n, seq, resource, url,"
            " final_url, hops, status, http_version, reason_phrase, failure, detail, headers_id,"
            " CASE WHEN visit_id % 4 THEN body_id ELSE body_id % 1000 + 1 END, bytes, truncated,"
            " data_loss, coding_error, superseded, address, tls, fetched_at, elapsed, first_byte,"
            " revalidated_from FROM captures",
            "INSERT INTO judgements SELECT 2, visit_id + :n,"
            " CASE WHEN visit_id % 30 = 0 THEN 'unreachable' ELSE robots_state END,"
            " robots_capture_id + :n * :per,"
            f" CASE WHEN visit_id % 30 = 0 THEN {UNKNOWN}"
            "      WHEN visit_id % 40 = 0 THEN 8 + visit_id % (:n / 200)"
            "      WHEN visit_id % 20 = 0 THEN 1 + visit_id % 4 ELSE policy_id END,"
            f" CASE WHEN visit_id % 50 = 0 THEN {RESERVED} ELSE use_policy_id END FROM judgements",
            "INSERT INTO findings SELECT 2, capture_id + :n * :per, signal,"
            " CASE WHEN capture_id % 90 = 2 THEN 'malformed' ELSE outcome END, note FROM findings",
            "INSERT INTO statements SELECT 2, capture_id, signal, 0, 'train', 'disallowed',"
            " 'strict', '*', NULL, 'page', 'tdm-reservation: 1', NULL, 0, NULL, NULL"
            " FROM findings WHERE signal = 'tdmrep_header' AND outcome = 'present'",
        )
        for sql in copies:
            db.execute(sql, {"n": sites, "per": per} if ":n" in sql else {})
        _faults(db)
        put(db, "judged_waves", wave_id=2, ruleset=2, digest="j", visits=sites, judged_at="2026")
        db.commit()


def _bodies(db: sqlite3.Connection, sites: int) -> None:
    """Give every robots.txt a body, few of them shared, with its author and definitions."""
    distinct = max(1000, sites // 2)
    db.executemany(
        "INSERT INTO bodies VALUES (?, ?, 10, x'00')",
        ((n, f"body {n}") for n in range(1, distinct + 1)),
    )
    db.execute(
        "INSERT INTO robots_bodies SELECT 2, body_id, 1, 'rules', 1, body_id % 3,"
        " CASE body_id % 50 WHEN 0 THEN 'cloudflare' ELSE 'unknown' END FROM bodies"
    )
    db.execute(
        "INSERT INTO definitions VALUES (2, 'named', 't', 's', 'c'), (2, 'denied', 't', 's', 'c')"
    )
    db.execute(
        "INSERT INTO body_definitions SELECT 2, body_id, 'named' FROM bodies WHERE body_id % 6 = 0"
    )
    db.execute(
        "UPDATE captures SET body_id = visit_id % ? + 1 WHERE resource = '/robots.txt'", (distinct,)
    )
    db.execute(
        "UPDATE judgements SET robots_capture_id = (SELECT capture_id FROM captures c"
        " WHERE c.visit_id = judgements.visit_id AND c.resource = '/robots.txt')"
    )


def _faults(db: sqlite3.Connection) -> None:
    """Let agents train and be listed, and one site in ten have a fault or a conflict."""
    db.execute("UPDATE agents SET first_listed = '2024-0' || (agent_id % 9 + 1) || '-01'")
    db.execute("INSERT INTO agent_purposes SELECT ruleset, agent_id, 'train' FROM agents")
    db.execute(
        "INSERT INTO defects SELECT 2, capture_id, signal, 0, 'code ' || capture_id % 70,"
        " CASE capture_id % 3 WHEN 0 THEN 'voids' ELSE 'risks' END, 'q', 'e', NULL"
        " FROM findings WHERE signal = 'robots_access' AND capture_id % 10 = 1"
    )
    db.execute(
        "INSERT INTO conflicts SELECT 2, visit_id, 0, 'train', 'robots_access', 'q',"
        " 'tdmrep_header', 'q' FROM visits WHERE visit_id % 10 = 3"
    )


if __name__ == "__main__":
    main()
