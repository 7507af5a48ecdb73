"""A wave that is killed, interrupted or out of disk again and again, against one left alone.

Real processes and sockets on loopback. After every stop the database must be whole, no site
that has its visit may be asked again, and at the end both databases must say the same, times
apart. Run by hand: `python -m tests.benchmarks.kills --sites 500 --stops 50`.
"""

import argparse
import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.demo.server import DemoServer, serve_sites
from crawler.demo.web import Answer, Behaviour, DemoSite

ROOT = Path(__file__).parents[2]
TEXT = (("Content-Type", "text/plain"),)
HTML = (("Content-Type", "text/html"),)
CONCURRENCY = 4
SHARED = 5
"""Hosts that serve the works of all sites."""
STARTS = 0.2
"""Share of the stops that come while the program is still starting."""

WORKS = "http://works*"
COMPARED = {
    # Hosts of works are asked once in a wave; by which site is a matter of time.
    "visits": "SELECT s.host, v.outcome, v.reason, v.detail, v.requests - count(c.capture_id),"
    " v.bytes - coalesce(sum(c.bytes), 0) FROM visits v JOIN sites s USING (site_id)"
    f" LEFT JOIN captures c ON c.visit_id = v.visit_id AND c.url GLOB '{WORKS}'"
    " GROUP BY v.visit_id",
    "works": "SELECT c.resource, c.url, c.status, c.failure, c.bytes, b.sha256 FROM captures c"
    f" LEFT JOIN bodies b USING (body_id) WHERE c.url GLOB '{WORKS}'"
    " AND c.url NOT GLOB '*/robots.txt'",
    # A process that was killed has forgotten them, and asks before it asks for a work.
    "rules of works": "SELECT DISTINCT c.resource, c.url, c.status, c.failure, c.bytes, b.sha256"
    f" FROM captures c LEFT JOIN bodies b USING (body_id) WHERE c.url GLOB '{WORKS}'"
    " AND c.url GLOB '*/robots.txt'",
    "captures": "SELECT s.host, row_number() OVER (PARTITION BY c.visit_id ORDER BY c.seq),"
    " c.resource, c.url, c.final_url, c.hops, c.status, c.failure,"
    " c.detail, h.sha256, b.sha256, c.bytes, c.truncated, c.data_loss, c.coding_error,"
    " c.superseded, c.address, c.tls FROM captures c JOIN visits v USING (visit_id)"
    " JOIN sites s USING (site_id) LEFT JOIN headers h USING (headers_id)"
    f" LEFT JOIN bodies b USING (body_id) WHERE c.url NOT GLOB '{WORKS}'",
    "bodies": "SELECT sha256, size FROM bodies WHERE body_id IN (SELECT body_id FROM captures)",
    "tried": "SELECT DISTINCT host, resource, status, failure FROM v_attempt_captures",
    "signals": "SELECT host, signal, url, outcome, note, quote, line FROM v_signals",
    "access": "SELECT host, agent, reader, extent, root, basis, line, rule FROM v_agent_access",
    "use": "SELECT host, purpose, preference_strict, preference_lenient, rule FROM v_use",
}
"""What must be the same; ids and times may differ, for the order of the sites does."""


def sites(count: int) -> list[DemoSite]:
    """Sites of ten kinds, good and bad, and hosts of their works, which are in no panel.

    Nothing about them depends on time.
    """
    hosts = (f"works{number}.test" for number in range(SHARED))
    works = Answer("/1.png", 200, (("Content-Type", "image/png"),), b"PNG")
    return [*map(_site, range(count)), *(DemoSite(host, (works,)) for host in hosts)]


def _site(number: int) -> DemoSite:
    host, kind = f"s{number}.test", number % 10
    rules = b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /%d/\n" % (number // 7)
    picture = b"<img src=http://works%d.test/1.png>" % (number // 10 % SHARED)
    words = b"page %d " % number * 40
    page = b"<html><meta name=robots content=noai>%s<p>%s</html>" % (picture, words)
    robots = Answer("/robots.txt", 200, TEXT, rules)
    home = Answer("/", 200, HTML, page)
    tdm = Answer("/.well-known/tdmrep.json", 200, TEXT, b'[{"location":"/","tdm-reservation":1}]')
    if kind == 0:
        return DemoSite(host, behaviour=Behaviour.REFUSE)
    if kind == 1:
        return DemoSite(host, (Answer("/robots.txt", 503), home))
    if kind == 2:
        return DemoSite(host, (home, tdm))
    if kind == 3:
        return DemoSite(host, (Answer("/robots.txt", 403), home))
    return DemoSite(host, (robots, home, tdm) if kind > 7 else (robots, home))


@dataclass
class Counted:
    """What a series of stops came to."""

    stops: int = 0
    runs: int = 0
    damaged: int = 0
    asked_again: int = 0
    """Requests to sites whose visit was stored already: must stay 0."""
    under_way: list[int] = field(default_factory=list)
    """Visits that each stop broke off; they are made again."""
    codes: Counter[int] = field(default_factory=Counter)


class Wave:
    """One wave over a farm, in a database of its own."""

    def __init__(self, server: DemoServer, folder: Path, db: Path) -> None:
        self.server, self.db = server, db
        self.panel, self.hosts = folder / "panel.csv", folder / "hosts"
        hosts = (site.host for site in server.sites if not site.host.startswith("works"))
        self.panel.write_text("host\n" + "".join(f"{host}\n" for host in hosts))
        self.hosts.write_text(server.hosts())

    def start(self, *, limit: int | None = None) -> subprocess.Popen[str]:
        """Begin or go on; `limit` is the most bytes that a file may have."""
        options = ["--hosts", str(self.hosts), "--scheme", "http", "--no-judge", "--quiet"]
        options += ["--delay", "0", "--concurrency", str(CONCURRENCY), "--retry-pauses", "1"]
        options += ["--max-unmeasured", "1"]

        def limited() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            [sys.executable, "-m", "crawler", "survey", str(self.panel), "--wave", "w"]
            + ["--db", str(self.db), *options],
            cwd=ROOT,
            # Who measures coverage writes files too, and would fill the small disk with words.
            env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limited,  # noqa: PLW1509 - no thread of ours holds a lock then
        )

    def finish(self, *, limit: int | None = None) -> tuple[int, str]:
        """Let it run to its end; exit code and what it said."""
        process = self.start(limit=limit)
        _, errors = process.communicate()
        return process.returncode, errors

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Query the database, which nobody writes to now."""
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(sql).fetchall()

    def finished(self) -> set[str]:
        """Hosts that have their visit."""
        try:
            return {str(host) for (host,) in self.rows("SELECT host FROM v_visits")}
        except sqlite3.OperationalError:  # it was stopped before it had a table
            return set()

    def check(self, counted: Counted) -> set[str]:
        """Look at what a stop has left; returns the finished hosts."""
        counted.damaged += self.rows("PRAGMA integrity_check") != [("ok",)]
        with contextlib.suppress(sqlite3.OperationalError):
            left = self.rows("SELECT count(*) FROM attempts WHERE outcome IS NULL")
            counted.under_way.append(int(str(left[0][0])) - sum(counted.under_way))
        return self.finished()

    def judge(self) -> None:
        """Judge, so that verdicts can be compared too."""
        subprocess.run(
            [sys.executable, "-m", "crawler", "judge", "--db", str(self.db), "--wave", "w"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


def stop_again_and_again(
    wave: Wave, how: signal.Signals, stops: int, seconds: float, dice: random.Random
) -> Counted:
    """Stop the wave at random moments, `seconds` of work apart at the mean; go on each time."""
    counted, log = Counted(), wave.server.log
    finished: set[str] = set()
    while True:
        seen = len(log)
        process = wave.start()
        counted.runs += 1
        if counted.stops < stops:
            _wait(process, log, seen, seconds, dice)
            if process.poll() is None:
                process.send_signal(how)
                counted.stops += 1
        _, errors = process.communicate()
        counted.codes[process.returncode] += 1
        counted.asked_again += sum(request.host in finished for request in log[seen:])
        finished = wave.check(counted)
        if process.returncode == 0:
            return counted
        if process.returncode not in {-how, 1, -2, 130}:
            raise RuntimeError(errors)


def _wait(
    process: subprocess.Popen[str],
    log: list[object],  # type: ignore[type-arg]
    seen: int,
    seconds: float,
    dice: random.Random,
) -> None:
    """Wait for a random moment of the start, or of the work, or for the end."""
    if dice.random() < STARTS:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0, 2))
        return
    while len(log) == seen and process.poll() is None:
        time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(dice.uniform(0, 2 * seconds))


def run_out_of_space(wave: Wave, more: Callable[[int], int | None], step: int) -> Counted:
    """Give the wave `step` bytes more each time that it has no more room."""
    counted, log, size = Counted(), wave.server.log, 0
    finished: set[str] = set()
    while True:
        size += step
        seen = len(log)
        code, errors = wave.finish(limit=more(size))
        counted.runs += 1
        counted.codes[code] += 1
        counted.asked_again += sum(request.host in finished for request in log[seen:])
        if wave.db.exists():
            finished = wave.check(counted)
        if code == 0:
            return counted
        counted.stops += 1
        if "Traceback" in errors or not {"full", "disk", "opened"} & set(errors.split()):
            raise RuntimeError(errors)


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[int], int | None]]:
    """A tmpfs that grows on demand, or a limit of file sizes where one may not mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield lambda size: size
        return

    def grow(size: int) -> None:
        option = f"remount,size={size // 1024}k"
        subprocess.run(["mount", "-o", option, str(folder)], check=True)

    try:
        yield grow
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def differences(a: Wave, b: Wave) -> dict[str, int]:
    """Rows that only one of two databases has, by what they are about."""
    found = {}
    for name, sql in COMPARED.items():
        one, other = Counter(a.rows(sql)), Counter(b.rows(sql))
        found[name] = ((one - other) + (other - one)).total()
    return found


def main() -> int:
    """Run every kind of stop and print what it came to; 1 if anything was lost or repeated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--how", nargs="*", default=["kill", "int", "disk"])
    chosen = parser.parse_args()
    bad = 0
    with (
        tempfile.TemporaryDirectory() as name,
        serve_sites(sites(chosen.sites)) as server,
        small_disk(Path(name) / "disk") as more,
    ):
        folder = Path(name)
        alone = Wave(server, folder, folder / "alone.db")
        begun = time.monotonic()
        code, errors = alone.finish()
        seconds = time.monotonic() - begun
        whole = len(server.log)
        alone.judge()
        size = alone.db.stat().st_size
        print(f"undisturbed: exit {code}, {seconds:.1f} s, {whole} requests, {size} bytes {errors}")
        for how in chosen.how:
            server.log.clear()
            begun = time.monotonic()
            if how == "disk":
                wave = Wave(server, folder, folder / "disk" / "w.db")
                counted = run_out_of_space(wave, more, 2 * size // max(1, chosen.stops))
                more(8 * size)
            else:
                wave = Wave(server, folder, folder / f"{how}.db")
                which = signal.SIGKILL if how == "kill" else signal.SIGINT
                pause = seconds / max(1, chosen.stops)
                dice = random.Random(chosen.seed)
                counted = stop_again_and_again(wave, which, chosen.stops, pause, dice)
            asked = len(server.log)
            took = time.monotonic() - begun
            wave.judge()
            differ = differences(alone, wave)
            bad += counted.damaged + counted.asked_again + sum(differ.values())
            print(
                f"{how}: {counted.stops} stops in {counted.runs} runs, {took:.0f} s;"
                f" exit codes {dict(counted.codes)}; damaged {counted.damaged};"
                f" requests to finished sites {counted.asked_again};"
                f" requests {asked} ({asked - whole} repeated for {sum(counted.under_way)} visits"
                f" broken off, at most {max(counted.under_way)} by one stop);"
                f" rows that differ {differ}",
                flush=True,
            )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
