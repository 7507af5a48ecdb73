"""Captures a second out of WARC files, ours against warcio, which only reads them; by hand:
`python -m tests.benchmarks.warc`.

Both read the same files, in turn, round after round. warcio takes every record's body and does
nothing with it; `optout history warc` also checks, keeps and writes what it needs, to Parquet.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import click
from warcio.archiveiterator import ArchiveIterator

from tests.benchmarks.bodies import made
from tests.factories.public_crawl import capture, write


@click.command()
@click.option("--captures", default=20_000, show_default=True)
@click.option("--files", default=4, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(captures: int, files: int, rounds: int) -> None:
    """Print captures a second of each, and ours as a ratio."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _written(Path(folder), captures, files)
        rates: dict[str, list[float]] = {}
        for turn in range(rounds):
            for name, jobs in (("ours, 1 process", 1), ("ours, 2 processes", 2)):
                rates.setdefault(name, []).append(captures / _ours(paths, jobs, turn))
            rates.setdefault("warcio, reading alone", []).append(captures / _warcio(paths))
    rival = median(rates["warcio, reading alone"])
    for name, found in rates.items():
        click.echo(f"{name:24} {median(found):8.0f} captures/s  {median(found) / rival:5.2f}")


def _written(folder: Path, captures: int, files: int) -> list[Path]:
    chance = random.Random(1)
    bodies = [made(chance) for _ in range(500)]
    share = captures // files
    return [
        write(
            folder / f"{number}.warc.gz",
            [capture(f"https://h{number}-{n}.example/robots.txt", bodies[n % len(bodies)])
             for n in range(share)],
        )
        for number in range(files)
    ]  # fmt: skip


def _ours(paths: list[Path], jobs: int, turn: int) -> float:
    out = paths[0].parent / f"out-{jobs}-{turn}"
    begun = time.perf_counter()
    told = [sys.executable, "-m", "crawler", "history", "warc", *map(str, paths), "--to", str(out)]
    subprocess.run([*told, "--jobs", str(jobs)], check=True, capture_output=True)
    return time.perf_counter() - begun


def _warcio(paths: list[Path]) -> float:
    script = "import sys\nfrom tests.benchmarks.warc import read\nread(sys.argv[1:])"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, *map(str, paths)], check=True)
    return time.perf_counter() - begun


def read(paths: list[str]) -> int:
    """Take the body of every response; give their number."""
    seen = 0
    for path in paths:
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    record.content_stream().read()
                    seen += 1
    return seen


if __name__ == "__main__":
    main()
