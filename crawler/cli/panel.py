"""`optout panel`: draw a panel of creators, and look at a panel file before surveying it."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.safe_text import safe_text
from crawler.cli.refusal import Refusal, print_json, reading, refusing

if TYPE_CHECKING:
    from crawler.panel.reading import Panel
    from crawler.panel.sampling.build import Built
    from crawler.panel.sampling.compare import Difference
    from crawler.panel.sampling.frame import Rules

METHODS = ("square-root", "proportional", "equal", "neyman")
DIMENSIONS = ("sector", "place", "region", "country", "size")
PLACES = ("own", "platform", "shared")
PATH = click.Path(path_type=Path)
SHOWN = 20
"""Hosts of a kind that `diff` prints for a person; --json has all."""


@click.group()
def panel() -> None:
    """Draw a panel of sites, and check the list of sites a survey would use."""


@panel.command()
@click.argument("inputs", nargs=-1, required=True, type=PATH)
@click.option("--out", type=PATH, default=Path("panel.csv"), show_default=True)
@click.option("--sites", "sample", type=click.IntRange(1), help="How many to draw; else all.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--by",
    default="sector,place",
    show_default=True,
    help=f"Stratify by these, with commas: {', '.join(DIMENSIONS)}; or `nothing`.",
)
@click.option("--allocation", type=click.Choice(METHODS), default=METHODS[0], show_default=True)
@click.option(
    "--minimum",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Sites of each stratum, if it has them.",
)
@click.option("--expected", type=PATH, help="For neyman: CSV of stratum,share; else 0.5.")
@click.option("--country", "countries", multiple=True, help="Only these (GB); repeatable.")
@click.option("--sector", "sectors", multiple=True, help="Only these sub-sectors; repeatable.")
@click.option("--place", "places", multiple=True, type=click.Choice(PLACES), help="Only these.")
@click.option("--ending", "suffixes", multiple=True, help="Only hosts under it (.uk); repeatable.")
@click.option("--lowest-rank", type=click.IntRange(1), help="Only sites of this rank or better.")
@click.option("--cap", type=click.IntRange(1), help="At most so many sites of one owner.")
@click.option("--region", "regions", multiple=True, help="A group of countries: NAME=GB,IE.")
@click.option("--ranks", type=PATH, help="A list of rank,host to look sizes up in (Tranco).")
@click.option("--exclude", type=PATH, help="The do-not-survey list.")
@click.option("--redirects", type=PATH, help="An earlier survey's database.")
@click.option("--name", help="Name of the panel; else that of its file.")
@click.option("--about", help="One sentence: what the inputs are and where they come from.")
@click.option("--licence", help="Licence of the panel.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Else today (UTC).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def build(as_json: bool, out: Path, **options: Any) -> None:  # noqa: ANN401
    """Draw a panel from lists of creators, with an account of how it was drawn.

    INPUTS are CSV with a header, plain lists of hosts, rank,domain lists, JSON, NDJSON or
    results of a Wikidata query, or folders of them. A column with a web address is needed
    (host, url, website ...); occupation, sector, country, region, size, rank and owner are
    understood. Nothing is asked on the net.

    Beside the panel are written: .meta.toml, which the survey reads, .methodology.md for
    people, and .rejected.csv with every row that was dropped, and why.

    Try it on invented sites:  optout demo survey, then
    optout panel build demo/demo.csv --sites 40 --seed 7 --out sample.csv
    """
    from crawler.panel.exclusions import ExclusionError  # noqa: PLC0415
    from crawler.panel.sampling.allocation import AllocationError  # noqa: PLC0415

    with refusing(ExclusionError, AllocationError, OSError):
        built = _built(out=out, **options)
        written = built.write(out)
    if as_json:
        from crawler.panel.sampling import methodology  # noqa: PLC0415

        print_json(methodology.as_json(built.account) | {"files": [str(path) for path in written]})
        return
    _echo(_told(built, written))


@panel.command()
@click.argument("path", type=PATH)
@click.option("--strict", is_flag=True, help="Fail if any row is bad.")
@click.option("--json", "as_json", is_flag=True)
def check(path: Path, strict: bool, as_json: bool) -> None:
    """Say which rows of a panel are accepted, refused or duplicates, and why."""
    from crawler.panel import reading as panels  # noqa: PLC0415

    with refusing():
        read = panels.read(path, strict=strict)
    notes = [
        {"line": note.line, "kind": kind, "text": note.text, "problem": note.problem}
        for kind, listed in (
            ("rejected", read.rejections),
            ("duplicate", read.duplicates),
            ("country", read.notes),
        )
        for note in listed
    ]
    if as_json:
        print_json(
            {
                "name": read.name,
                "sha256": read.sha256,
                "rows": read.rows_read,
                "accepted": len(read.sites),
                "rejected": len(read.rejections),
                "duplicates": len(read.duplicates),
                "suffix_list": read.suffix_list,
                "notes": notes,
            }
        )
        return
    for note in notes:
        click.echo(safe_text(f"{path}:{note['line']}: {note['problem']}: {note['text']}"))
    click.echo(
        f"{read.rows_read} rows: {len(read.sites)} accepted, {len(read.rejections)} refused, "
        f"{len(read.duplicates)} duplicates; version sha256 {read.sha256}"
    )


@panel.command()
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def describe(path: Path, as_json: bool) -> None:
    """Show what a panel is made of: strata, weights, sectors, countries, platforms."""
    from crawler.panel.sampling import compare  # noqa: PLC0415

    read = _panel(path)
    found = compare.describe(read)
    if as_json:
        values = asdict(found)
        values["counts"] = {
            column: [{"value": value, "sites": count} for value, count in counts.items()]
            for column, counts in found.counts.items()
        }
        print_json(
            {"name": read.name, "sha256": read.sha256, "metadata": asdict(read.metadata)} | values
        )
        return
    _echo(_described(read))


@panel.command()
@click.argument("path", type=PATH)
@click.option("--exclude", type=PATH, help="The do-not-survey list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def validate(path: Path, exclude: Path | None, as_json: bool) -> None:
    """Say what makes a panel unfit to publish figures from; exit code 1 if anything does.

    `check` is about rows that a survey cannot use; this is also about sites of one owner's
    domain, weights, the do-not-survey list, and what the metadata leaves out.
    """
    from crawler.panel.exclusions import DoNotSurvey, ExclusionError  # noqa: PLC0415
    from crawler.panel.sampling import compare  # noqa: PLC0415

    with refusing(ExclusionError):
        never = DoNotSurvey(exclude)
    read = _panel(path)

    def excluded(host: str) -> str | None:
        entry = never.host(host)
        return entry.reason if entry else None

    found = compare.faults(read, excluded)
    if as_json:
        faults = [asdict(fault) for fault in found]
        print_json({"name": read.name, "sha256": read.sha256, "valid": not found, "faults": faults})
    else:
        places = (f"{path}:{fault.line}" if fault.line else str(path) for fault in found)
        _echo(f"{place}: {fault.problem}" for place, fault in zip(places, found, strict=True))
        click.echo(f"{len(read.sites)} sites, {len(found)} faults")
    sys.exit(1 if found else 0)


@panel.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Show which sites one panel has and another has not, and whose stratum or weight differ."""
    from crawler.panel.sampling import compare  # noqa: PLC0415

    found = compare.difference(_panel(before), _panel(after))
    if as_json:
        print_json(asdict(found))
        return
    _echo(_differing(found))


def _panel(path: Path) -> "Panel":
    from crawler.panel import reading as panels  # noqa: PLC0415

    with refusing():
        return panels.read(path)


def _built(  # noqa: PLR0913 - one argument an option
    *, inputs: tuple[Path, ...], out: Path, sample: int | None, seed: int, by: str,
    allocation: str, minimum: int, redirects: Path | None, name: str | None,
    about: str | None, licence: str | None, day: datetime | None, expected: Path | None,
    ranks: Path | None, exclude: Path | None, **rules: Any,  # noqa: ANN401
) -> "Built":  # fmt: skip
    from crawler.panel.sampling import redirects as earlier  # noqa: PLC0415
    from crawler.panel.sampling.allocation import Method  # noqa: PLC0415
    from crawler.panel.sampling.build import Plan  # noqa: PLC0415
    from crawler.panel.sampling.build import build as draw  # noqa: PLC0415
    from crawler.panel.sampling.draw import Design  # noqa: PLC0415
    from crawler.panel.sampling.frame import Dimension  # noqa: PLC0415

    if expected and allocation != Method.NEYMAN:
        raise Refusal("--expected: only --allocation neyman has a use for it")
    words = [] if by == "nothing" else [word.strip() for word in by.split(",")]
    if unknown := [word for word in words if word not in DIMENSIONS]:
        raise Refusal(f"--by {unknown[0]}: known are {', '.join(DIMENSIONS)}, or `nothing`")
    with reading(redirects) if redirects else nullcontext() as connection:
        moved = earlier.read(connection) if connection else {}
    return draw(
        Plan(
            inputs,
            name or out.stem,
            (day.date() if day else _today()).isoformat(),
            _rules(**rules),
            Design(seed, sample, tuple(map(Dimension, words)), Method(allocation), minimum),
            licence,
            about,
            exclude,
            ranks,
            expected,
            moved,
        )
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _rules(  # noqa: PLR0913 - one argument an option
    *, countries: Iterable[str], sectors: Iterable[str], places: Iterable[str],
    suffixes: Iterable[str], lowest_rank: int | None, cap: int | None, regions: Iterable[str],
) -> "Rules":  # fmt: skip
    from crawler.panel.sampling.frame import Place, Rules  # noqa: PLC0415

    return Rules(
        frozenset(_country(code) for code in countries),
        frozenset(_sector(word) for word in sectors),
        frozenset(map(Place, places)),
        tuple(f".{suffix.lower().strip('.')}" for suffix in suffixes),
        lowest_rank,
        cap,
        dict(_region(text) for text in regions),
    )


def _country(text: str) -> str:
    from crawler.panel.reading import read_country  # noqa: PLC0415

    try:
        return read_country(text.strip())
    except ValueError as error:
        raise Refusal(f"{text}: {error}") from error


def _sector(word: str) -> str:
    from crawler.registry import sectors  # noqa: PLC0415

    table = sectors.load()
    if found := table.sector(word):
        return found
    known = (f"{sector.id} ({sector.title})" for sector in table.sectors.values())
    raise Refusal(f"--sector {word}: known are {', '.join(known)}")


def _region(text: str) -> tuple[str, frozenset[str]]:
    name, equals, codes = text.partition("=")
    if not equals or not name.strip():
        raise Refusal(f"--region {text}: write a name and its countries: isles=GB,IE")
    return name.strip(), frozenset(_country(code) for code in codes.split(","))


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(safe_text(line))


def _told(built: "Built", written: Iterable[Path]) -> Iterator[str]:
    from crawler.panel.sampling.methodology import KINDS  # noqa: PLC0415

    account = built.account
    yield f"{account.rows:>10}  rows; inputs: {len(account.sources)}"
    for kind, words in KINDS.items():
        if count := account.dropped.get(kind, 0):
            yield f"{count:>10}  {words}"
    yield f"{account.population:>10}  sites left: the population"
    if unknown := sum(sum(source.no_country.values()) for source in account.sources):
        yield f"{unknown:>10}  rows whose country could not be read: unknown"
    yield f"{account.drawn:>10}  drawn, seed {account.design.seed}"
    yield ""
    yield f"{'population':>10} {'drawn':>7} {'weight':>9}  stratum"
    for s in account.strata:
        yield f"{s.population:>10} {s.drawn:>7} {s.weight:>9.4g}  {s.name}"
    yield ""
    yield from (f"written: {path}" for path in written)
    yield f"panel sha256 {account.sha256}"


def _described(read: "Panel") -> Iterator[str]:
    from crawler.panel.sampling import compare  # noqa: PLC0415

    found = compare.describe(read)
    yield f"{read.name}: {found.sites} sites of {found.domains} registrable domains"
    yield f"sha256 {read.sha256}"
    for key, value in asdict(read.metadata).items():
        if value and key != "name":
            yield f"{key}: {value}"
    if found.population and found.effective:
        yield (
            f"The weights add up to {found.population:g} sites; for figures of the whole the"
            f" panel is worth {found.effective:.0f} sites of equal weight (Kish)."
        )
    yield ""
    yield f"{'sites':>7} {'weights':>10}  stratum"
    for group in found.strata:
        weights = "" if group.weights is None else f"{group.weights:.6g}"
        yield f"{group.sites:>7} {weights:>10}  {group.name or 'not said'}"
    for column, counts in found.counts.items():
        listed = ", ".join(f"{value or 'not said'} {count}" for value, count in counts.items())
        yield f"{column}: {listed}"


def _differing(found: "Difference") -> Iterator[str]:
    for title, hosts in (("added", found.added), ("removed", found.removed)):
        yield f"{title}: {len(hosts)}"
        yield from _cut([f"  {host}" for host in hosts])
    for title, moves in (("moved stratum", found.moved), ("changed weight", found.weighed)):
        yield f"{title}: {len(moves)}"
        yield from _cut([f"  {m.host}: {m.before} -> {m.after}" for m in moves])
    yield f"the same: {found.same}"


def _cut(listed: list[str]) -> Iterator[str]:
    yield from listed[:SHOWN]
    if len(listed) > SHOWN:
        yield f"  and {len(listed) - SHOWN} more"
