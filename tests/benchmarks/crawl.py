"""Speed of a whole survey, against rivals that fetch the same and keep nothing, in one run.

By hand: `python -m tests.benchmarks.crawl`. A farm of hosts on loopback (see `farm.py`) is asked
by contestants that take turns, each in a new process: plain Scrapy with one Request for each
resource and stock settings apart from concurrency; the same with what is known to help; loops
over httpx and aiohttp; and `optout survey`, the whole job (guard, robots.txt, store, judge) and
without judging. All ask the same URLs, which the farm counts; ours one more a site. Figures are
medians over rounds; CPU time is that of the whole process tree with its start (`of it own`:
without worker processes), and the farm's own
share of the wall time tells that it is never what is waited for. On a busy machine CPU time is
drawn out, too: only ratios within one run mean anything.

December 2026, 300 sites, medians of three rounds on a machine that had much else to do: sites/s and
CPU ms a site were 7.9 and 32.7 for plain Scrapy, 14.0 and 16.1 tuned, 5.1 and 61.9 for the whole
survey, of which 15.0 in the process that fetches; over TLS, two rounds, 45 for plain
Scrapy and 66 for the whole survey. The peak of all processes is 214 to 238 MB at 16, 64, 256 and
512 connections (527 before, at 64: pandas, which sqlite_utils imports, and pages that were kept).

The profile of the process that fetches is flat: of 45 % for requests no part has more than 10, rows
have 9 %, the outcome 7. Made less so far: one timer a fetch, no request of Scrapy's for each, no
thread for a small robots.txt, one statement for a visit's captures, no second look at robots.txt
(medians 11.8 to 9.2 ms a site). To judge a visit, a third is the reading of its page, a quarter its
links against the rules of each agent, a tenth prose.
"""

import asyncio
import contextlib
import itertools
import json
import os
import resource
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.farm import Farm, Served, farm, host_of, plan

ROOT = Path(__file__).resolve().parents[2]
AGENT = "OptOutObservatory/bench"


SCHEME = "https" if "SSL_CERT_FILE" in os.environ else "http"
"""Over TLS every contestant, a process of its own, is told so whom to believe."""


def urls(site: int, port: int) -> list[str]:
    """What a rival asks of one site."""
    return [f"{SCHEME}://{host}:{port}{path}" for host, path in plan(site)]


# The contestants; each runs in a process of its own and asks every URL of every site. --------


def run_scrapy(sites: int, port: int, concurrency: int, settings: dict[str, Any]) -> None:
    """One Request for each resource; answers are looked at by nobody and kept nowhere."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.resolver import dnscache

    class Plain(Spider):
        name = "plain"
        handle_httpstatus_all = True
        handle_httpstatus_list = (404,)

        async def start(self):
            for site in range(sites):
                for url in urls(site, port):
                    yield Request(url, self.parse, dont_filter=True)

        def parse(self, response):
            """Nothing."""

    named = {
        "CONCURRENT_REQUESTS": concurrency,
        "USER_AGENT": AGENT,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "INFO",
        "DNSCACHE_SIZE": 1_000_000,
    }
    process = AsyncCrawlerProcess(named | settings)
    process.crawl(Plain)
    for site in range(sites):
        for host, _ in plan(site):
            dnscache[host] = "127.0.0.1"
    process.start()


async def in_parallel(sites: int, concurrency: int, visit: Any) -> None:
    """Visit every site, so many at a time."""
    numbers = iter(range(sites))

    async def work() -> None:
        for number in numbers:
            await visit(number)

    await asyncio.gather(*(work() for _ in range(concurrency)))


def names_known() -> None:
    """Answer every look-up of the running loop from memory."""
    loop: Any = asyncio.get_running_loop()

    async def known(host: str, port: int, **_: object) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    loop.getaddrinfo = known


async def run_httpx(sites: int, port: int, concurrency: int) -> None:
    """Visit a site's resources in turn, many sites at once, in one client of default limits."""
    import httpx

    names_known()
    trust = ssl.create_default_context()
    headers = {"User-Agent": AGENT}
    async with httpx.AsyncClient(headers=headers, timeout=20, verify=trust) as client:

        async def visit(site: int) -> None:
            for url in urls(site, port):
                (await client.get(url)).content  # noqa: B018

        await in_parallel(sites, concurrency, visit)


async def run_aiohttp(sites: int, port: int, concurrency: int) -> None:
    """As `run_httpx`, with aiohttp (which Scrapy needs anyway)."""
    import aiohttp

    names_known()
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver(), limit=2 * concurrency)
    headers = {"User-Agent": AGENT}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def visit(site: int) -> None:
            for url in urls(site, port):
                async with session.get(url) as response:
                    await response.read()

        await in_parallel(sites, concurrency, visit)


def run_ours(sites: int, port: int, concurrency: int, folder: Path, *options: str) -> None:
    """`optout survey`: fetch under the guard, store, judge."""
    from crawler.cli import main as optout

    hosts, panel = folder / "hosts", folder / "panel.csv"
    hosts.write_text(
        "".join(f"127.0.0.1:{port} {host_of(n)} www.{host_of(n)}\n" for n in range(sites))
    )
    panel.write_text("host\n" + "".join(f"{host_of(n)}\n" for n in range(sites)))
    arguments = ["survey", str(panel), "--wave", "w", "--db", str(folder / "survey.db")]
    arguments += ["--hosts", str(hosts), "--scheme", SCHEME, "--delay", "0", "--quiet"]
    # The rivals ask for no pictures: each asks for the same.
    arguments += ["--concurrency", str(concurrency), "--works", "0", *options]
    optout(arguments, standalone_mode=False)


TUNED = {
    "CONCURRENT_ITEMS": 1,
    "LOG_ENABLED": False,
    "DOWNLOADER_MIDDLEWARES_BASE": {},
    "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25},
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
}
CONTESTANTS = {
    "scrapy": lambda n, port, at_once, _: run_scrapy(n, port, at_once, {}),
    "scrapy-tuned": lambda n, port, at_once, _: run_scrapy(n, port, at_once, TUNED),
    "httpx": lambda n, port, at_once, _: asyncio.run(run_httpx(n, port, at_once)),
    "aiohttp": lambda n, port, at_once, _: asyncio.run(run_aiohttp(n, port, at_once)),
    "ours": run_ours,
    "ours-crawl": lambda n, port, at_once, folder: run_ours(n, port, at_once, folder, "--no-judge"),
}


# Measuring ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One contestant's run. Times in seconds, memory in MB, both of the whole process tree."""

    name: str
    sites: int
    wall: float
    cpu: float
    cpu_own: float
    """Without its worker processes."""
    rss: float
    rss_workers: float
    peak: float
    """Of all processes together (PSS)."""
    served: Served
    database: float = 0.0
    """Of ours, in MB."""
    summary: float = 0.0
    """What `optout summary` then takes, in seconds."""


def run(name: str, sites: int, concurrency: int, web: Farm) -> Run:
    """Let one contestant ask everything, in a process of its own."""
    # Not for whom the operator of this machine believes.
    env = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
    if web.authority:
        env["SSL_CERT_FILE"] = str(web.authority)
    with tempfile.TemporaryDirectory() as folder:
        web.served()
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.crawl", "--contestant", name, "--sites",
             str(sites), "--port", str(web.port), "--concurrency", str(concurrency),
             "--folder", folder],
            cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with ThreadPoolExecutor(1) as beside:
            peak = beside.submit(peak_of, process)
            out, errors = process.communicate()
        wall = time.perf_counter() - begun
        if process.returncode:
            raise SystemExit(f"{name}: {errors.decode()[-3000:]}")
        told = json.loads(out.splitlines()[-1])
        db = Path(folder) / "survey.db"
        size = db.stat().st_size / 1e6 if db.exists() else 0.0
        summary = summarised(db) if name == "ours" else 0.0
    return Run(
        name,
        sites,
        wall,
        told["cpu"],
        told["cpu_own"],
        told["rss"],
        told["rss_workers"],
        peak.result(),
        web.served(),
        size,
        summary,
    )


def peak_of(process: subprocess.Popen[bytes]) -> float:
    """Peak memory of a process with all below it, in MB: the sum of their proportional sets."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(proportional_set, below(process.pid))))
        time.sleep(0.1)
    return peak / 1024


def below(pid: int) -> list[int]:
    """A process and all that it and they began."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it has ended since
            found += [each for child in task.read_text().split() for each in below(int(child))]
    return found


def proportional_set(pid: int) -> int:
    """The PSS in KB: what is shared counts for each by its part (proc(5), smaps_rollup)."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


def summarised(db: Path) -> float:
    """Seconds that the summary of a survey takes."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "crawler", "summary", "--db", str(db)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def contest(name: str, sites: int, port: int, concurrency: int, folder: Path) -> None:
    """Be a contestant; print what it took."""
    CONTESTANTS[name](sites, port, concurrency, folder)
    own, workers = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
    print(json.dumps({"cpu": cpu, "cpu_own": own.ru_utime + own.ru_stime,
                      "rss": own.ru_maxrss / 1024,
                      "rss_workers": workers.ru_maxrss / 1024}))  # fmt: skip


def print_table(runs: Sequence[Run], base: str) -> None:
    """Medians over rounds."""
    names = list(dict.fromkeys(each.name for each in runs))
    rows = {
        name: {
            "sites/s": statistics.median(r.sites / r.wall for r in runs if r.name == name),
            "req/s": statistics.median(r.served.requests / r.wall for r in runs if r.name == name),
            "CPU": statistics.median(1000 * r.cpu / r.sites for r in runs if r.name == name),
            "own": statistics.median(1000 * r.cpu_own / r.sites for r in runs if r.name == name),
            "rss": max(r.rss for r in runs if r.name == name),
            "workers": max(r.rss_workers for r in runs if r.name == name),
            "peak": max(r.peak for r in runs if r.name == name),
            "farm": statistics.median(r.served.cpu / r.wall for r in runs if r.name == name),
        }
        for name in names
    }
    against = rows.get(base) or next(iter(rows.values()))
    click.echo(
        f"{'':14}{'sites/s':>9}{'requests/s':>12}{'CPU ms/site':>13}{'of it own':>11}"
        f"{'rate':>8}{'CPU':>7}{'RSS MB':>9}{'workers':>9}{'all':>6}{'farm busy':>11}"
    )
    for name, row in rows.items():
        click.echo(
            f"{name:14}{row['sites/s']:9.1f}{row['req/s']:12.0f}{row['CPU']:13.2f}"
            f"{row['own']:11.2f}{row['sites/s'] / against['sites/s']:7.2f}x"
            f"{against['CPU'] / row['CPU']:6.2f}x"
            f"{row['rss']:9.0f}{row['workers']:9.0f}{row['peak']:6.0f}{row['farm']:11.0%}"
        )


def print_ratios(runs: Sequence[Run]) -> None:
    """CPU and wall time of the whole job over those of Scrapy, by rounds that took turns."""
    for rival in ("scrapy", "scrapy-tuned"):
        pairs = list(
            zip(
                (run for run in runs if run.name == "ours"),
                (run for run in runs if run.name == rival),
                strict=False,
            )
        )
        if pairs:
            cpu = statistics.median(ours.cpu / theirs.cpu for ours, theirs in pairs)
            wall = statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
            click.echo(f"the whole job over {rival}: CPU {cpu:.2f}, wall {wall:.2f}")


def print_growth(runs: Sequence[Run]) -> None:
    """How a contestant fares with more sites."""
    click.echo(
        f"{'':14}{'sites':>8}{'sites/s':>9}{'CPU ms/site':>13}{'RSS MB':>9}{'workers':>9}{'all':>6}"
        f"{'database MB':>13}{'summary s':>11}"
    )
    for one in runs:
        click.echo(
            f"{one.name:14}{one.sites:8}{one.sites / one.wall:9.1f}"
            f"{1000 * one.cpu / one.sites:13.2f}{one.rss:9.0f}{one.rss_workers:9.0f}{one.peak:6.0f}"
            f"{one.database:13.1f}{one.summary:11.1f}"
        )


@click.command()
@click.option("--sites", default=2000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--concurrency", default=64, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(list(CONTESTANTS)))
@click.option("--growth", multiple=True, type=int, help="Numbers of sites, one run each.")
@click.option("--tls", is_flag=True, help="Each host over TLS, with a certificate of its own.")
@click.option("--contestant", hidden=True)
@click.option("--port", type=int, hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(
    sites: int,
    rounds: int,
    concurrency: int,
    only: tuple[str, ...],
    growth: tuple[int, ...],
    tls: bool,
    contestant: str | None,
    port: int,
    folder: Path,
) -> None:
    """Print the table."""
    if contestant:
        contest(contestant, sites, port, concurrency, folder)
        return
    runs: list[Run] = []
    sizes = growth or (sites,) * rounds
    with farm(tls=tls) as web:
        for size, name in itertools.product(sizes, only or CONTESTANTS):
            runs.append(run(name, size, concurrency, web))
            last = runs[-1]
            click.echo(
                f"{name:14}{last.wall:8.1f} s {last.cpu:8.1f} CPU-s {last.served}"
                f" {last.database:.0f} MB", err=True,
            )  # fmt: skip
            # Ours asks for the headers of each home page at its other name, too.
            wanted = sum(len(plan(site)) for site in range(size)) + size * name.startswith("ours")
            if last.served.requests != wanted:
                click.echo(f"{name}: {last.served.requests} requests, not {wanted}", err=True)
    if growth:
        print_growth(runs)
    else:
        print_table(runs, "scrapy")
        print_ratios(runs)


if __name__ == "__main__":
    main()
