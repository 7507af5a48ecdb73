"""`optout demo`: the bundled web of invented sites, to click through and to survey."""

import tempfile
from pathlib import Path

import click
from rich.console import Console

from crawler.cli.refusal import Refusal, reading, refusing

PANEL_META = """\
name = "demo web"
source = "Invented for the Observatory; no site of it exists."
licence = "Apache-2.0"
inclusion_rules = "Every kind of site and fault that the manifest knows, at least once."
"""


@click.group()
def demo() -> None:
    """Try everything on a small web of invented sites that runs on this machine only."""


@demo.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8042, show_default=True)
def serve(port: int) -> None:
    """Serve the demo web for a browser until Ctrl-C."""
    from crawler.demo.server import run  # noqa: PLC0415

    try:
        run(port)
    except OSError as error:
        raise Refusal(f"port {port}: {error.strerror}; choose another with --port") from error


@demo.command("survey")
@click.option("--wave", help="[default: demo, and demo-2 for the second month]")
@click.option(
    "--month",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="2: the same web a month later, to see what changed.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for panel, database and report.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
def demo_survey(wave: str | None, month: int, out: Path, quiet: bool) -> None:
    """Survey the demo web end to end: crawl, judge, summary table, HTML report."""
    from analysis.numbers import summary  # noqa: PLC0415
    from analysis.report import site  # noqa: PLC0415
    from analysis.terminal.summary import print_summary  # noqa: PLC0415
    from crawler.cli.survey import run_survey  # noqa: PLC0415
    from crawler.demo.server import serve_sites  # noqa: PLC0415
    from crawler.demo.web import load_sites, panel_csv, second_month  # noqa: PLC0415

    with refusing(OSError):
        out.mkdir(parents=True, exist_ok=True)
    panel, db = out / "demo.csv", out / "survey.db"
    panel.write_text(panel_csv(load_sites()), encoding="utf-8")
    panel.with_suffix(".meta.toml").write_text(PANEL_META, encoding="utf-8")
    sites, name = (load_sites(), "demo") if month == 1 else (second_month(), "demo-2")
    wave = wave or name
    with serve_sites(sites) as server, tempfile.TemporaryDirectory() as folder:
        hosts = Path(folder, "hosts")
        hosts.write_text(server.hosts(), encoding="utf-8")
        run_survey(
            panel, wave, db, hosts=hosts, delay=0.0, timeout=4.0, retry_pauses="", quiet=quiet
        )
    with refusing(OSError), reading(db) as connection:
        result = summary.run(connection, wave)
        index = site.publish(connection, wave, out / "report")
    print_summary(result, Console())
    click.echo(f"database: {db}\nreport: {index.resolve().as_uri()}")


@demo.command("history")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder of `optout demo survey`.",
)
@click.option("--wave", default="demo", show_default=True, help="The wave that was surveyed.")
@click.pass_context
def demo_history(context: click.Context, out: Path, wave: str) -> None:
    """Give the demo web a past: load what a small invented crawl took of it, and what follows.

    Run it after `optout demo survey`. The crawl's index and files are served on this machine.
    """
    from analysis.numbers import indicator  # noqa: PLC0415
    from analysis.terminal.indicators import print_indicators  # noqa: PLC0415
    from crawler.cli.history import hosts, robots  # noqa: PLC0415
    from crawler.demo.past import INDEX_LIST, PastServer, write  # noqa: PLC0415

    db = out / "survey.db"
    if not db.exists():
        raise Refusal(f"{db}: not there; run `optout demo survey --out {out}` first")
    with refusing(OSError), PastServer(past := write(out / "past")) as server:
        network = {"contact": "demo@localhost", "cache": None, "pause": 0.0, "wayback": ""}
        network |= {"cc_index": server.base, "cc_data": server.base}
        context.invoke(
            hosts, index=(server.base + INDEX_LIST,), only=(), db=db, wave=wave, **network
        )
        context.invoke(
            robots,
            db=db,
            wave=wave,
            collections=",".join(past.collections),
            folder=out / "past" / "robots",
            **network,
        )
    with reading(db) as connection:
        measured = indicator.run(connection, wave, ["after_capture", "locked_in", "wasted_window"])
    print_indicators(measured, Console(), strata=False)
