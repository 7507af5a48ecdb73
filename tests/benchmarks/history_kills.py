"""`optout history robots` and `import` killed again and again, against what was put in.

By hand: `python -m tests.benchmarks.history_kills [sites [stops]]`. A server on loopback is Common
Crawl; each run is killed at a moment of chance, the last one left alone. No answer that was kept
may be asked for again (one may have been on its way at each stop), every site has one capture in
the wave and one row a collection, and they say what was put in.
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from crawler.history import warc
from tests.factories.archive_server import ArchiveServer
from tests.factories.public_crawl import capture
from tests.factories.public_crawl import warc as made

CC = "CC-MAIN-2024-10"
CLOSED = b"User-agent: CCBot\nDisallow: /\n"
OPTOUT = (sys.executable, "-m", "crawler")


def main() -> None:
    """Print what was asked, what was stored, and whether anything was twice."""
    sites = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    stops = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    chance = random.Random(17)
    with tempfile.TemporaryDirectory() as name, ArchiveServer(_archive(sites)) as server:
        folder = Path(name)
        db = _survey(folder, sites)
        robots = [
            *OPTOUT, "history", "robots", "--db", db, "--wave", "now", "--collections", CC,
            "--to", folder / "past", "--cache", folder / "cache", "--pause", "0.01",
            "--contact", "t@a.example", "--cc-index", server.base, "--cc-data", server.base,
        ]  # fmt: skip
        _killed(robots, stops, chance)
        asked = Counter(path + told.get("Range", "") for path, told in server.asked)
        csv = folder / "taken.csv"
        rows = (f"site-{n}.example,{CC},2024-02-20,2024-03-01,{n + 1}\n" for n in range(sites * 50))
        csv.write_text("host,collection,first_seen,last_seen,pages\n" + "".join(rows))
        _killed([*OPTOUT, "history", "import", csv, "--db", db], stops, chance)
        with closing(sqlite3.connect(db)) as connection:
            one = lambda sql: connection.execute(sql).fetchone()  # noqa: E731
            print(
                f"{len(asked)} questions, {asked.total()} asked, {stops} stops\n"
                f"in the wave: {one(_CAPTURES)}, refusing: {one(_REFUSING)}\n"
                f"rows of public captures, pages: {one(_ROWS)}, {one('PRAGMA integrity_check')}"
            )
            assert asked.total() - len(asked) <= stops
            assert one(_CAPTURES) == (sites, sites)
            assert one(_REFUSING) == (sites,)
            assert one(_ROWS) == (sites * 50, sum(range(1, sites * 50 + 1)))


_CAPTURES = f"SELECT count(*), count(DISTINCT host) FROM v_captures WHERE wave = '{CC}'"
_REFUSING = f"""SELECT count(*) FROM v_agent_access WHERE wave = '{CC}' AND agent = 'CCBot'
                AND reader = 'rfc9309' AND root = 'disallowed'"""
_ROWS = "SELECT count(*), sum(pages) FROM public_captures"


def _killed(command: list[object], stops: int, chance: random.Random) -> None:
    words = [str(word) for word in command]
    for _ in range(stops):
        run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.8 + 2.2 * chance.random())
        run.kill()
        run.wait()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _survey(folder: Path, sites: int) -> Path:
    told = [{"domain": f"site-{n}.example", "robotsTxt": CLOSED.decode()} for n in range(sites)]
    file = folder / "now.json"
    file.write_text(json.dumps(told))
    db = folder / "survey.db"
    words = ["import", "robots-json", file, "--db", db, "--wave", "now", "--date", "2026-06-30"]
    subprocess.run([*OPTOUT, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    return db


def _archive(sites: int) -> dict[str, list[tuple[int, dict[str, str], bytes]]]:
    """The index and one file of records."""
    urls = [f"https://site-{n}.example/robots.txt" for n in range(sites)]
    content = made([capture(url, CLOSED) for url in urls])
    places = [found.offset for found in warc.read_bytes(content, "x")] + [len(content)]
    answers = {"/x.warc.gz": [(200, {}, content)]}
    for number, url in enumerate(urls):
        told = {"url": url, "timestamp": "20240220100000", "status": "200",
                "filename": "x.warc.gz", "offset": str(places[number]),
                "length": str(places[number + 1] - places[number])}  # fmt: skip
        host = f"site-{number}.example"
        path = f"/{CC}-index?url={host}%2Frobots.txt&output=json"
        answers[path] = [(200, {}, json.dumps(told).encode())]
    return answers


if __name__ == "__main__":
    main()
