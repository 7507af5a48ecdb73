"""What mends keep, over captured robots.txt files, by hand: `python -m tests.benchmarks.promises`.

For each file and wish: no yes that was not asked for, no new fault and no new contradiction, and a
second check with the same wish has nothing to propose. Bystanders are counted in the tests.
"""

import asyncio
from collections import Counter

import click

from crawler.checker.single_visit import visit
from crawler.creator.generate import NO, YES
from crawler.creator.mend import mend
from crawler.creator.trial import faults, with_files
from crawler.demo.web import Answer, DemoSite
from crawler.judge.verdicts import judge_visit
from crawler.model import Purpose
from tests.benchmarks.bodies import sample
from tests.creator.test_promises import CONTACT, said_yes
from tests.factories.demo_fetch import DemoFetch
from tests.factories.demo_mended import mended

HTML = (("Content-Type", "text/html"),)
WISHES = ({}, {Purpose.TRAIN: NO})


def site(robots: bytes) -> DemoSite:
    """A site that has this file and an empty page."""
    home = Answer("/", headers=HTML, body=b"<!doctype html><head></head>")
    return DemoSite("a.example", (home, Answer("/robots.txt", body=robots)))


def broken(robots: bytes, wishes: dict) -> set[str]:
    """Names of the promises that are not kept for one file and wish."""
    here = site(robots)
    before = asyncio.run(visit(DemoFetch([here]), here.host))
    was = judge_visit(before.captures)
    found = mend(before, was, wishes, CONTACT)
    wrong = set()
    told = {purpose for file in found.files for purpose, v in (file.says or {}).items() if v is YES}
    after = judge_visit(with_files(before, found.files).captures)
    if told or not said_yes(after) <= said_yes(was):
        wrong.add("a yes that nobody asked for")
    if {code for code, *_ in faults(after) - faults(was)} - {"conflict"}:
        wrong.add("a fault of ours")
    again = asyncio.run(visit(DemoFetch([mended(here, before, found)]), here.host))
    if again.outcome in ("ok", "absent"):
        left = mend(again, judge_visit(again.captures), wishes, CONTACT)
        if left.files or left.removals:
            wrong.add("a second check proposes more")
    return wrong


@click.command()
@click.option("--bodies", default=300, show_default=True, help="So many files.")
@click.option("--most", default=20_000, show_default=True, help="Leave out larger files.")
def main(bodies: int, most: int) -> None:
    """Print cases, and each promise that was broken with its first file."""
    of, found = sample(bodies)
    chosen = [body for body in found if len(body) <= most]
    counted: Counter[str] = Counter()
    first: dict[str, bytes] = {}
    for body in chosen:
        for wishes in WISHES:
            for wrong in broken(body, wishes):
                counted[wrong] += 1
                first.setdefault(wrong, body)
    click.echo(f"{len(chosen)} {of} x {len(WISHES)} wishes: {sum(counted.values())} broken")
    for wrong, count in counted.items():
        click.echo(f"  {wrong}: {count}, first {first[wrong][:400]!r}")


if __name__ == "__main__":
    main()
