"""Speed of judging a robots.txt for all registered agents, against named rivals in one run.

By hand: `python -m tests.benchmarks.judge`. Rivals take turns, slice by slice, beside a fixed
piece of work (the yardstick) whose speed tells how fast the machine just was; every figure is
a median over rounds of CPU time so corrected. Only ratios within one run mean anything.

"Cold" begins every round with empty caches, as a new process does; "warm" does not.
"""

import functools
import gc
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.robotparser import RobotFileParser

import click
from protego import Protego

from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.signals import robots_access
from tests.benchmarks.bodies import sample

TOKENS = tuple(agent.token for agent in agents.load().agents)
PAGE = "https://site.invalid/"
SLICE = 50
Work = Callable[[bytes], object]


class Rival(NamedTuple):
    """One way to judge; `slower` of its time is saved by showing it every n-th slice only."""

    name: str
    work: Work
    every: int = 1
    cold: bool = False


def strict(body: bytes) -> object:
    """One parse, one reader, all agents: access, extent, basis, rule, line and its text."""
    policy = rfc9309.read(syntax.parse(body))
    return robots_access._access(policy, robots_access._own(policy, TOKENS))


def all_readers(body: bytes) -> object:
    """The whole judgement of a body: three readers, state and authorship."""
    return robots_access.judge(body, TOKENS)


def protego(body: bytes) -> object:
    """Parse once and ask about every agent."""
    parser = Protego.parse(body.decode("utf-8-sig", "replace"))
    return [parser.can_fetch(PAGE, token) for token in TOKENS]


def urllib(body: bytes) -> object:
    """Parse once and ask about every agent, with Python's own parser."""
    parser = RobotFileParser()
    try:
        parser.parse(body.decode("utf-8", "replace").splitlines())
        return [parser.can_fetch(token, PAGE) for token in TOKENS]
    except ValueError:  # it raises on some addresses
        return None


def google() -> Work | None:
    """Google's C++ parser by its own API, which reads the file again for every agent."""
    try:
        from jwm.robotstxt.googlebot import RobotsMatcher
    except ImportError:
        return None
    matcher = RobotsMatcher()
    ask = matcher.OneAgentAllowedByRobots
    return lambda body: [ask(body, token, PAGE) for token in TOKENS]


def google_once() -> Work | None:
    """One pass of Google's C++ parser for one agent: the floor of any reader built on it."""
    try:
        from jwm.robotstxt.googlebot import RobotsMatcher
    except ImportError:
        return None
    ask = RobotsMatcher().OneAgentAllowedByRobots
    return lambda body: ask(body, TOKENS[0], PAGE)


OURS = re.compile(r"crawler\.parsers\.robots")


@functools.cache
def caches() -> list[Callable[[], None]]:
    """Find what empties the caches of the parsers, each made by its first use."""
    all_readers(b"User-agent: *\nAllow: /a\nDisallow: /\n")
    found: list[Callable[[], None]] = []
    for thing in gc.get_objects():
        if isinstance(thing, syntax.Kept):
            found.append(thing.clear)
        elif isinstance(thing, functools._lru_cache_wrapper) and OURS.match(thing.__module__):
            found.append(thing.cache_clear)
    return found


def forget() -> None:
    """Empty every cache of ours."""
    for clear in caches():
        clear()


def yardstick() -> float:
    """CPU seconds of a fixed piece of pure Python."""
    start = time.process_time()
    counts: dict[int, int] = {}
    for number in range(40_000):
        counts[number & 255] = counts.get(number & 255, 0) + number
    return time.process_time() - start


def measure(rivals: list[Rival], bodies: list[bytes], rounds: int) -> dict[str, list[float]]:
    """Microseconds per body of every round, corrected by the yardstick beside each slice."""
    slices = [bodies[at : at + SLICE] for at in range(0, len(bodies), SLICE)]
    usual = statistics.median(yardstick() for _ in range(9))
    found: dict[str, list[float]] = {rival.name: [] for rival in rivals}
    for _ in range(rounds):
        for rival in rivals:
            if rival.cold:
                forget()
            shown = slices[:: rival.every]
            spent = sum(_slice(rival.work, part, usual) for part in shown)
            found[rival.name].append(spent / sum(map(len, shown)) * 1e6)
    return found


def _slice(work: Work, bodies: list[bytes], usual: float) -> float:
    before = yardstick()
    start = time.process_time()
    for body in bodies:
        work(body)
    spent = time.process_time() - start
    return spent * usual / statistics.mean((before, yardstick()))


def worst(work: Work, bodies: list[bytes]) -> tuple[float, int]:
    """Milliseconds and size of the body that takes longest, the better of two goes."""
    return max((min(timed(work, body) for _ in range(2)), len(body)) for body in bodies)


def timed(work: Work, body: bytes) -> float:
    """CPU milliseconds of one judgement with empty caches."""
    forget()
    start = time.process_time()
    work(body)
    return (time.process_time() - start) * 1e3


def hostile(size: int) -> Iterator[tuple[str, bytes]]:
    """Files made to be slow, of about `size` octets."""
    wild = b"Disallow: /" + b"*a" * 50 + b"$\n"
    agents_half = b"".join(b"User-agent: b%d\n" % n for n in range(size // 32))
    rules_half = b"".join(b"Disallow: /p%d\n" % n for n in range(size // 30))
    named = b"".join(
        b"User-agent: %s\nDisallow: /%d\n" % (t.encode(), n)
        for n in range(size // 8000)
        for t in TOKENS
    )
    yield "wildcards", b"User-agent: *\n" + wild * (size // len(wild))
    yield "one long wildcard", b"User-agent: *\nDisallow: /" + b"*a" * (size // 2)
    yield "agents, then rules", agents_half + rules_half
    yield "every agent's group again and again", named
    yield "empty lines", b"\n" * size
    yield "colons", b":" * size
    yield (
        "allow against disallow",
        b"User-agent: *\nDisallow: /\n"
        + b"".join(b"Allow: /a%d*\nDisallow: /a%d\n" % (n, n) for n in range(size // 32)),
    )


def print_hostile(work: Work) -> None:
    """Print milliseconds for doubling sizes up to the 500 KiB that count."""
    sizes = [syntax.LIMIT >> shift for shift in (3, 2, 1, 0)]
    click.echo(f"\n{'hostile file, ms':38}" + "".join(f"{size // 1024:>8} K" for size in sizes))
    columns = [list(hostile(size)) for size in sizes]
    for cells in zip(*columns, strict=True):
        times = [min(timed(work, body) for _ in range(2)) for _, body in cells]
        click.echo(f"{cells[0][0]:38}" + "".join(f"{ms:10.1f}" for ms in times))


def contestants(*, every_reader: bool) -> list[Rival]:
    """Ours first, then those that can be imported."""
    ours: list[tuple[str, Work]] = [("strict reader", strict)]
    if every_reader:
        ours.append(("all three readers", all_readers))
    rivals = [
        Rival(f"{name}, {state}", work, cold=state == "cold")
        for name, work in ours
        for state in ("cold", "warm")
    ]
    rivals += [
        Rival("Protego, can_fetch per agent", protego),
        Rival("urllib.robotparser, per agent", urllib),
    ]
    if work := google():
        rivals.append(Rival("Google C++ (jwm), per agent", work, 10))
    if work := google_once():
        rivals.append(Rival("Google C++ (jwm), 1 agent only", work))
    return rivals


@click.command()
@click.option("--bodies", default=3000, show_default=True, help="How many.")
@click.option("--since", default="", help="Only captures of this date (2025-01) or later.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--all-readers", "every_reader", is_flag=True, help="The whole judgement as well.")
def main(bodies: int, since: str, rounds: int, *, every_reader: bool) -> None:
    """Print the tables."""
    source, chosen = sample(bodies, since=since)
    mean = statistics.mean(map(len, chosen))
    click.echo(f"{len(chosen)} {source}, mean {mean:.0f} octets, {len(TOKENS)} agents at /")
    rivals = contestants(every_reader=every_reader)
    gc.collect()
    found = measure(rivals, chosen, rounds)
    base = statistics.median(found["Protego, can_fetch per agent"])
    click.echo(f"{'':34}{'µs/body':>9}{'range':>17}{'rate/Protego':>14}{'bodies/s':>10}")
    for name, times in found.items():
        middle = statistics.median(times)
        spread = f"{min(times):.0f}-{max(times):.0f}"
        click.echo(f"{name:34}{middle:9.1f}{spread:>17}{base / middle:13.1f}x{1e6 / middle:10.0f}")
    slowest, size = worst(strict, chosen)
    click.echo(f"slowest body, strict reader: {slowest:.1f} ms for {size} octets")
    print_hostile(strict)


if __name__ == "__main__":
    main()
