"""What a wave of a million sites takes: `python -m tests.benchmarks.scale --sites 1000000`.

Builds the survey of `scale_survey` (about 7 kB a site) beside `--db`, or takes the one that is
there, and prints a table: each published number and each indicator in one process (seconds, and
seconds of its processor), then each command in one of its own (with the greatest memory). The
digest is of what came out: two versions of a query that give the same numbers have the same one.
`--only` takes a part of a name.
"""

import argparse
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.summary import numbers, prepared
from analysis.waves import changes
from tests.benchmarks.scale_survey import WAVES, build

T = TypeVar("T")
TARGET = 5.0
"""Seconds that one number or indicator may take."""


def main() -> None:
    """Build if need be, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=1_000_000)
    parser.add_argument("--db", type=Path, help="Where to keep the survey, or where it is.")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.db or Path(folder) / "scale.db"
        if not path.exists():
            started = time.perf_counter()
            build(path, chosen.sites)
            print(f"built in {time.perf_counter() - started:.0f} s")
        with closing(open_database(path)) as connection:
            _describe(connection, path)
            _numbers(connection, chosen.only)
            _indicators(connection, chosen.only)
        _commands(path, Path(folder), chosen.only)


def _describe(connection: sqlite3.Connection, path: Path) -> None:
    counted = (
        f"{connection.execute(f'SELECT count(*) FROM {table}').fetchone()[0]} {table}"
        for table in ("sites", "captures", "findings", "robots_policies")
    )
    print(f"{', '.join(counted)}; {path.stat().st_size / 1e6:.0f} MB")


def _numbers(connection: sqlite3.Connection, only: str) -> None:
    chosen = [number for number in numbers() if only in number.definition]
    if not chosen:
        return
    with ExitStack() as stack:
        shared = prepared(connection, WAVES[1])
        _timed("tables of the numbers", lambda: stack.enter_context(shared))
        for each in chosen:
            _timed(each.definition, lambda sql=each.sql: _rows(connection, sql))


def _rows(connection: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql, {"wave": WAVES[1]}).fetchall()


def _indicators(connection: sqlite3.Connection, only: str) -> None:
    chosen = [i for i in indicator.indicators() if i.sql and only in i.name]
    if not chosen:
        return
    with ExitStack() as stack:
        tables = indicator.measuring(connection, WAVES[1])
        frame = _timed("tables of the indicators", lambda: stack.enter_context(tables))
        for each in chosen:
            rows = lambda each=each: indicator.measure(connection, frame, each).rows  # noqa: E731
            _timed(f"{each.id} {each.name}", rows)
    _timed("tally of the changes", lambda: changes.tally(connection, *WAVES))


def _timed(name: str, work: Callable[[], T]) -> T:
    started, used = time.perf_counter(), time.process_time()
    found = work()
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    digest = hashlib.sha256(repr(found).encode()).hexdigest()[:8] if found else ""
    late = "  over the target" if elapsed > TARGET else ""
    print(f"{name:40}{elapsed:8.2f} s {used:8.2f} s cpu            {digest}{late}", flush=True)
    return found


def _commands(path: Path, folder: Path, only: str) -> None:
    for words in (
        ("summary", "--json"),
        ("indicators", "--json"),
        ("changes", *WAVES, "--json"),
        ("report", "--no-sites", "--out", str(folder / "report")),
    ):
        if only in words[0]:
            _command(words, path)


def _command(words: tuple[str, ...], path: Path) -> None:
    """Run a command of its own process; its greatest memory is of that process alone."""
    started = time.perf_counter()
    process = subprocess.Popen(
        (sys.executable, "-m", "crawler", *words, "--db", str(path)), stdout=subprocess.PIPE
    )
    digest = hashlib.sha256()
    lines = 0
    with process, process.stdout as stream:  # type: ignore[union-attr]
        for line in stream:
            digest.update(line)
            lines += 1
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.perf_counter() - started
    name = f"optout {words[0]}"
    cpu = used.ru_utime + used.ru_stime
    row = f"{name:40}{elapsed:8.2f} s {cpu:8.2f} s cpu {used.ru_maxrss / 1024:7.0f} MB"
    print(f"{row} {digest.hexdigest()[:8]}  {lines} lines", flush=True)
    if process.returncode:
        raise SystemExit(f"{name} failed")


if __name__ == "__main__":
    main()
