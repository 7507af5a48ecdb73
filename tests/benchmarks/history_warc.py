"""Captures a second of `optout history warc` against warcio reading alone, in the same run.

By hand: `python -m tests.benchmarks.history_warc [captures [rounds]]`. The file is made by warcio,
with invented bodies of the sizes that robots.txt files have. In each round, one after the other:
warcio reads every record and its body and does nothing with it; fastwarc does the same; our reader
judges what each record is; our reader writes Parquet, which is what the command does for a file.
"""

import io
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from crawler.history import warc as reader
from crawler.history.robots_files import read_files
from tests.benchmarks.bodies import made
from tests.factories.public_crawl import capture, warc


def main() -> None:
    """Print the captures a second of each, and the ratio to warcio."""
    captures = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    chance = random.Random(17)
    bodies = [made(chance) for _ in range(2000)]
    rows = (
        capture(f"https://site-{number}.example/robots.txt", bodies[number % len(bodies)],
                headers=[("Content-Type", "text/plain"), ("Server", "made")])
        for number in range(captures)
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.warc.gz"
        path.write_bytes(warc(rows))
        print(f"{captures} captures, {path.stat().st_size / 1e6:.1f} MB")
        seconds: dict[str, list[float]] = {}
        for turn in range(rounds):
            for name, read in _readers(Path(folder) / str(turn)).items():
                began = time.perf_counter()
                assert read(path) == captures, name
                seconds.setdefault(name, []).append(time.perf_counter() - began)
    alone = median(seconds["warcio alone"])
    for name, all_of_it in seconds.items():
        took = median(all_of_it)
        print(f"{name:24} {captures / took:>9,.0f} a second, {alone / took:5.2f} times warcio")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _readers(folder: Path) -> dict[str, Callable[[Path], int]]:
    def by_warcio(path: Path) -> int:
        with path.open("rb") as stream:
            records = (r for r in ArchiveIterator(stream) if r.rec_type == "response")
            return sum(record.content_stream().read() is not None for record in records)

    def by_fastwarc(path: Path) -> int:
        with path.open("rb") as stream:
            records = FastIterator(stream, record_types=WarcRecordType.response)
            return sum(record.reader.read() is not None for record in records)

    def by_us(path: Path) -> int:
        return sum(1 for _ in reader.read(io.BytesIO(path.read_bytes()), "made", reader.Account()))

    def to_parquet(path: Path) -> int:
        (told,) = read_files([path], folder, 1)
        return told.kept

    return {
        "warcio alone": by_warcio,
        "fastwarc alone": by_fastwarc,
        "our reader": by_us,
        "history warc (Parquet)": to_parquet,
    }


if __name__ == "__main__":
    main()
