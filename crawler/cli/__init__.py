"""The command `optout`. Each command's module is imported when it is called: the help of all of
them takes seconds, a check should not.
"""

from collections import UserDict
from importlib import import_module

import click

from crawler import __version__

COMMANDS = {
    "survey": "survey:survey", "judge": "judge:judge", "diff-rulesets": "judge:diff_rulesets",
    "merge": "merge:merge", "waves": "waves:waves", "wave": "waves:wave",
    "metrics": "upkeep:metrics", "backup": "upkeep:backup", "vacuum": "upkeep:vacuum",
    "forget": "forget:forget", "summary": "results:summary", "indicators": "results:indicators",
    "changes": "results:changes", "trends": "results:trends", "report": "results:report",
    "export": "export:export", "dictionary": "dictionary:dictionary",
    "publish": "publish:publish", "verify": "publish:verify", "import": "imports:import_",
    "history": "history:history", "definitions": "definitions:definitions",
    "agreement": "definitions:agreement", "studies": "studies:studies", "replay": "replay:replay",
    "operators": "operators:operators", "check": "check:check", "watch": "watch:watch",
    "serve": "serve:serve", "generate": "generate:generate", "platforms": "platforms:platforms",
    "robots": "robots:robots", "inspect": "inspect:inspect", "signals": "signals:signals",
    "explain": "signals:explain", "panel": "panel:panel", "demo": "demo:demo",
}  # fmt: skip
"""Each command with its module here and its name there."""


class _Imported(UserDict[str, click.Command]):
    """COMMANDS as what they name."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = COMMANDS[name].partition(":")
        found: click.Command = getattr(import_module(f"crawler.cli.{module}"), attribute)
        return found


@click.group(
    commands=_Imported(COMMANDS),  # type: ignore[arg-type]
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.version_option(__version__, prog_name="optout")
def main() -> None:
    """Survey websites for machine-readable AI and text-and-data-mining opt-outs.

    A first run, on the bundled demo web:  optout demo survey

    A survey of your own:  optout survey panel.csv --wave 2026-11 --db survey.db

    Exit codes: 0 complete; 1 finished, but too many sites are unmeasured or the wave is otherwise
    unhealthy (`optout wave NAME` says how); 2 usage.
    """
