"""Workers that share jobs are killed and their Redis restarted; nothing may be lost or doubled.

By hand: `python -m tests.benchmarks.jobs`. The sites are surveyed once by one worker, undisturbed,
then by several that share jobs while they are killed and Redis is killed and started again; their
parts are merged. Printed are what each took, and the rows in which the two surveys differ.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from crawler.demo.server import serve_sites
from tests.factories.redis_server import RedisServer
from tests.paths import ROOT
from tests.store.test_join import facts, merge
from tests.wave.test_resume import Farm, site

TABLES = ("sites", "panel_sites", "visits", "captures", "bodies", "headers")


def started(farm: Farm, name: str, url: str = "") -> subprocess.Popen[bytes]:
    """A worker; without an address one that surveys alone."""
    command = farm.command(f"{name}.db", "--delay", "0", "--concurrency", "4", "--quiet",
                           "--max-unmeasured", "1")  # fmt: skip
    told = [*command, "--jobs", url] if url else command
    return subprocess.Popen(told, cwd=ROOT, stderr=subprocess.DEVNULL)


@click.command()
@click.option("--sites", default=3000, show_default=True)
@click.option("--workers", default=3, show_default=True)
@click.option("--kills", default=12, show_default=True)
@click.option("--restarts", default=3, show_default=True)
@click.option("--seconds", default=8.0, show_default=True, help="Between two disturbances.")
def main(sites: int, workers: int, kills: int, restarts: int, seconds: float) -> None:
    """Survey twice and compare."""
    chance = random.Random(1)
    many = [site(f"s{n}.test") for n in range(sites)]
    with tempfile.TemporaryDirectory() as path, serve_sites(many) as served:
        farm = Farm(served, Path(path))
        begun = time.perf_counter()
        if started(farm, "whole").wait():
            sys.exit("the undisturbed survey failed")
        click.echo(f"undisturbed, 1 worker: {time.perf_counter() - begun:.1f} s")
        server = RedisServer(farm.folder)
        server.start()
        names = [f"w{n}" for n in range(workers)]
        begun = time.perf_counter()
        running = {name: started(farm, name, server.url) for name in names}
        todo = ["kill"] * kills + ["restart"] * restarts
        chance.shuffle(todo)
        for what in todo:
            time.sleep(seconds)
            if what == "kill":
                name = chance.choice(names)
                running[name].send_signal(signal.SIGKILL)
                running[name].wait()
            else:
                server.stop()
                time.sleep(1)
                server.start()
            for name in names:  # as a supervisor would
                if running[name].poll() is not None:
                    running[name] = started(farm, name, server.url)
        codes = [running[name].wait() for name in names]
        while any(codes):
            codes = [run.wait() for run in [started(farm, name, server.url) for name in names]]
        told = f"{workers} workers, {kills} kills, {restarts} restarts of Redis"
        click.echo(f"{told}: {time.perf_counter() - begun:.1f} s")
        server.stop()
        done = merge(farm.folder, *(f"{name}.db" for name in names))
        click.echo(done.output.strip())
        found, expected = facts(farm.folder / "all.db"), facts(farm.folder / "whole.db")
        for table in TABLES:
            differ = sum(a != b for a, b in zip(found[table], expected[table], strict=False))
            rows = f"{len(found[table])} rows, {len(expected[table])} undisturbed"
            click.echo(f"{table}: {rows}, {differ} differ")


if __name__ == "__main__":
    main()
