"""A panel from a long list of invented creators: `python -m tests.benchmarks.panel_build`.

Prints the allocation table, time and memory, and whether the list shuffled, as JSON, and as
query results gives the same panel.
"""

import csv
import json
import random
import resource
import tempfile
import time
from pathlib import Path

import click

from crawler.panel.sampling.allocation import Method
from crawler.panel.sampling.build import Plan, build
from crawler.panel.sampling.draw import Design
from crawler.panel.sampling.frame import Rules

COLUMNS = ("website", "occupation", "country", "rank", "owner", "name")
OCCUPATIONS = {
    "painter": 20, "Photographer": 15, "poet": 8, "novelist": 9, "singer-songwriter": 10,
    "ceramicist": 4, "graphic designer": 7, "podcaster": 5, "curator": 2, "architect": 3,
    "dancer": 3, "beekeeper": 1, "": 2,
}  # fmt: skip
COUNTRIES = ("GB",) * 6 + ("IE", "DE", "FR", "US", "US", "")
SPELLINGS = ("{}", "https://www.{}/", "http://{}/work/", "https://{}")
NO_SITES = ("not a host", "127.0.0.1", "ftp://x.example", "")


def invented(rows: int, seed: int = 3) -> list[tuple[object, ...]]:
    """Make up rows with repeats, owners of many sites, and addresses that are none."""
    chance = random.Random(seed)
    made: list[tuple[object, ...]] = []
    for number in range(rows):
        host = f"maker-{number}.example" if chance.random() < 0.8 else f"maker{number}.github.io"
        address: object = chance.choice(SPELLINGS).format(host)
        if chance.random() < 0.05 and made:
            address = made[-1][0]
        if chance.random() < 0.003:
            address = chance.choice(NO_SITES)
        made.append((
            address,
            *chance.choices(list(OCCUPATIONS), list(OCCUPATIONS.values())),
            chance.choice(COUNTRIES),
            chance.randint(1, 3_000_000) if chance.random() < 0.3 else "",
            f"owner-{chance.randint(0, 300)}" if chance.random() < 0.05 else "",
            f"Person {number}",
        ))  # fmt: skip
    return made


@click.command()
@click.option("--rows", default=100_000, show_default=True)
@click.option("--sites", default=2_000, show_default=True)
@click.option("--allocation", type=click.Choice(list(Method)), default=Method.SQUARE_ROOT)
def main(rows: int, sites: int, allocation: str) -> None:
    """Build once from each form of the same rows."""
    made = invented(rows)
    shuffled = random.Random(1).sample(made, len(made))
    records = [dict(zip(COLUMNS, map(str, row), strict=True)) for row in made]
    bindings = [{k: {"type": "literal", "value": v} for k, v in r.items() if v} for r in records]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("a.csv", "shuffled.csv", "b.json", "query.json")]
        for path, listed in zip(paths, (made, shuffled), strict=False):
            with path.open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([COLUMNS, *listed])
        paths[2].write_text(json.dumps(records))
        paths[3].write_text(json.dumps({"results": {"bindings": bindings}}, indent=1))
        del made, shuffled, records, bindings
        digests = {_timed(path, sites, Method(allocation)) for path in paths}
    click.echo("the same panel" if len(digests) == 1 else "DIFFERENT PANELS")


def _timed(path: Path, sites: int, method: Method) -> str:
    start = time.process_time()
    design = Design(7, sites, method=method)
    account = build(Plan((path,), "big", "2026-11-25", Rules(cap=5), design)).account
    took = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if path.name == "a.csv":
        for stratum in account.strata:
            click.echo(
                f"{stratum.population:>8} {stratum.drawn:>6} {stratum.weight:>9.4g}  {stratum.name}"
            )
    size = path.stat().st_size / 1e6
    click.echo(
        f"{path.name}: {account.rows} rows, {size:.0f} MB: {account.drawn} of"
        f" {account.population} sites, {took:.1f} s of processor time; process peak {peak} MB"
        " (the invented rows are in it)"
    )
    return account.sha256


if __name__ == "__main__":
    main()
