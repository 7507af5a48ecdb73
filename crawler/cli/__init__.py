"""The command `optout`. Scrapy is imported only by the commands that crawl."""

import click

from crawler import __version__
from crawler.cli.check import check
from crawler.cli.definitions import agreement, definitions
from crawler.cli.demo import demo
from crawler.cli.dictionary import dictionary
from crawler.cli.export import export
from crawler.cli.forget import forget
from crawler.cli.generate import generate
from crawler.cli.history import history
from crawler.cli.imports import import_
from crawler.cli.inspect import inspect
from crawler.cli.judge import diff_rulesets, judge
from crawler.cli.merge import merge
from crawler.cli.panel import panel
from crawler.cli.platforms import platforms
from crawler.cli.publish import publish, verify
from crawler.cli.results import changes, indicators, report, summary, trends
from crawler.cli.robots import robots
from crawler.cli.serve import serve
from crawler.cli.signals import explain, signals
from crawler.cli.survey import survey
from crawler.cli.upkeep import backup, metrics, vacuum
from crawler.cli.watch import watch
from crawler.cli.waves import wave, waves


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.version_option(__version__, prog_name="optout")
def main() -> None:
    """Survey websites for machine-readable AI and text-and-data-mining opt-outs.

    A first run, on the bundled demo web:  optout demo survey

    A survey of your own:  optout survey panel.csv --wave 2026-11 --db survey.db

    Exit codes: 0 complete; 1 finished, but too many sites are unmeasured or the wave is otherwise
    unhealthy (`optout wave NAME` says how); 2 usage.
    """


COMMANDS = (
    *(survey, judge, diff_rulesets, merge),
    *(waves, wave, metrics, backup, vacuum, forget),
    *(summary, indicators, changes, trends, report),
    *(export, dictionary, publish, verify, import_, history),
    *(definitions, agreement),
    *(check, watch, serve, generate, platforms),
    *(robots, inspect, signals, explain, panel, demo),
)
for command in COMMANDS:
    main.add_command(command)
