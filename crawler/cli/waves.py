"""`optout waves` and `optout wave NAME`: what was surveyed, how far, and whether it went well."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from analysis.terminal.waves import print_wave, print_waves
from analysis.waves import health as found
from analysis.waves import overview as read
from analysis.waves.health import Anomaly, Thresholds
from crawler.cli.judge import DB
from crawler.cli.refusal import print_json, reading

_DEFAULT = Thresholds()
_OPTIONS = (
    click.option(
        "--max-unmeasured",
        type=click.FloatRange(0, 1),
        default=_DEFAULT.unmeasured,
        show_default=True,
        help="Share of unmeasured sites above which the exit code is 1.",
    ),
    click.option(
        "--max-rise",
        type=click.FloatRange(0, 1),
        default=_DEFAULT.rise,
        show_default=True,
        help="The same for the rise of that share since the panel's wave before.",
    ),
    click.option(
        "--max-growth",
        type=click.FloatRange(1),
        default=_DEFAULT.growth,
        show_default=True,
        help="The same for one class of failure: how many times as many sites as before.",
    ),
    click.option(
        "--max-own-faults",
        type=click.FloatRange(0, 1),
        default=_DEFAULT.own_faults,
        show_default=True,
        help="The same for the share of sites that a fault of our own process touched.",
    ),
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


def health_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the thresholds from which on a wave is unhealthy."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def thresholds(options: dict[str, Any]) -> Thresholds:
    """Read the options that `health_options` adds."""
    names = ("max_unmeasured", "max_rise", "max_growth", "max_own_faults")
    return Thresholds(*(options[name] for name in names))


def what_went_wrong(db: Path, wave: str, limits: Thresholds) -> tuple[Anomaly, ...]:
    """Hold a stored wave against its thresholds, in the memory of a survey and not of analysis."""
    with reading(db) as connection:
        connection.execute("PRAGMA cache_size = -8192")  # KiB; a look goes over the wave once
        return found.anomalies(connection, wave, limits)


@click.command()
@DB
@JSON
def waves(db: Path, as_json: bool) -> None:
    """List the waves of a database, with the share of sites that could be measured."""
    with reading(db) as connection:
        listed = read.waves(connection)
    if as_json:
        print_json([asdict(line) for line in listed])
    else:
        print_waves(listed, Console())


@click.command()
@click.argument("name")
@DB
@JSON
@health_options
def wave(name: str, db: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Show progress, outcomes, politeness and anomalies of the wave NAME.

    Exit code 1 if it is unhealthy: too much unmeasured, a rise since the wave before that is
    both large and more than chance, or a fault of our own.
    """
    with reading(db) as connection:
        report = found.report(connection, name, thresholds(options))
    if as_json:
        print_json(asdict(report))
    else:
        print_wave(report, Console())
    if report.anomalies:
        raise SystemExit(1)
