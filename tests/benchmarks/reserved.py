"""How long v_reserved takes: `python -m tests.benchmarks.reserved --sites 200000`.

The synthetic wave of `summary_bench` with the registry's agents and honours, and two
statements on about 18 % of the home pages. One site must cost milliseconds at any size.
"""

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from crawler.store import judgement
from crawler.wave import rejudge
from tests.benchmarks import summary_bench

REFERENCE = (
    "agent_panels", "agent_purposes", "agents", "readers", "signal_resources", "signals",
    "rulesets",
)  # fmt: skip
STATEMENTS = """
INSERT INTO statements
SELECT 2, capture_id, 'x_robots_tag', n, 'train', 'disallowed', 'strict', agent, NULL, 'page',
       'X-Robots-Tag: noai, noarchive', NULL, 0, NULL, NULL
FROM captures, (SELECT 0 AS n, '*' AS agent UNION SELECT 1, 'bingbot')
WHERE resource = '/' AND capture_id % 11 < 2
"""
QUERIES = {
    "one site": "SELECT * FROM v_reserved WHERE wave = :wave AND host = :host",
    "one site and operator": "SELECT * FROM v_reserved WHERE host = :host AND operator = 'OpenAI'",
    "one operator, whole wave": "SELECT honours, count(DISTINCT host) FROM v_reserved"
    " WHERE wave = :wave AND operator = 'OpenAI' AND purpose = 'train'"
    " AND preference = 'disallowed' GROUP BY honours",
    "the matrix": "SELECT * FROM v_honours",
}


def main() -> None:
    """Build the database, then time every query once after one warm-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=200_000)
    sites = parser.parse_args().sites
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.db")
        summary_bench._build(path, sites)
        with closing(sqlite3.connect(path)) as db:
            _complete(db)
            for name, sql in QUERIES.items():
                _time(db, name, sql)


def _complete(db: sqlite3.Connection) -> None:
    for table in REFERENCE:
        db.execute(f"DELETE FROM {table}")
    judgement.put_ruleset(db, replace(rejudge.inputs(), ruleset=2))
    db.execute(
        "UPDATE judgements SET robots_capture_id = (SELECT capture_id FROM captures c"
        " WHERE c.visit_id = judgements.visit_id AND c.resource = '/robots.txt')"
    )
    db.execute(STATEMENTS)
    db.commit()


def _time(db: sqlite3.Connection, name: str, sql: str) -> None:
    host = db.execute("SELECT host FROM sites ORDER BY site_id LIMIT 1 OFFSET 100").fetchone()[0]
    db.execute("SELECT count(*) FROM visits").fetchone()
    started = time.perf_counter()
    rows = db.execute(sql, {"wave": summary_bench.WAVE, "host": host}).fetchall()
    print(f"{name:26}{1000 * (time.perf_counter() - started):9.0f} ms  {len(rows)} rows")


if __name__ == "__main__":
    main()
