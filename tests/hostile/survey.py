"""One real survey, in a process of its own, of sites that misbehave on loopback."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.paths import ROOT


@dataclass(frozen=True)
class Surveyed:
    """What is asked of a survey that has ended. `peak` is its memory in bytes."""

    db: Path
    code: int
    errors: str
    peak: int

    def rows(self, sql: str, *parameters: object) -> list[Any]:
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(sql, parameters).fetchall()


WEIGHED = """
import os, pathlib, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
pathlib.Path(sys.argv[1]).write_text(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command and writes its peak memory. Linux counts what a process held before it became
the program, so that a child of these tests would weigh as much as they do."""


def survey(
    folder: Path, hosts: Iterable[str], panel: Iterable[str], *options: str, name: str = "w"
) -> Surveyed:
    """Survey `panel` with `hosts` as lines of a hosts file; http only unless `options` say more."""
    (folder / "hosts").write_text("\n".join(hosts))
    (folder / f"{name}.csv").write_text("host\n" + "".join(f"{host}\n" for host in panel))
    db = folder / f"{name}.db"
    command = [sys.executable, "-m", "crawler", "survey", str(folder / f"{name}.csv")]
    command += ["--wave", "w", "--db", str(db), "--hosts", str(folder / "hosts"), "--quiet"]
    command += ["--no-judge", "--scheme", "http", "--max-unmeasured", "1", *options]
    # Measuring coverage makes parsing several times slower, and limits of CPU time are the subject.
    env = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    peak = folder / f"{name}.peak"
    command = [sys.executable, "-c", WEIGHED, str(peak), *command]
    with (folder / f"{name}.err").open("w+") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors, env=env
        )
        code = process.wait()
        errors.seek(0)
        return Surveyed(db, code, errors.read(), int(peak.read_text()) * 1024)
