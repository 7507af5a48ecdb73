"""The signals and their fixtures to the reference page, `crawler/signals/README.md`.

`python -m crawler.signals.reference` writes it; a test fails when the page is not up to date.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.signals import SIGNALS
from crawler.signals.readable import printable
from crawler.signals.signal import Signal

MAX_SHOWN = 1200
"""Characters of a response that an example shows."""

PAGE = Path(__file__).with_name("README.md")
FIXTURES = Path(__file__).parents[2] / "tests" / "signals"

_HEAD = """\
# The signals

This page is generated from the modules of this folder and their fixtures in `tests/signals/`.
Do not edit it: run `python -m crawler.signals.reference`.

Every example is a test: the finding below a response is what the module must read in it.
A reading is *strict* when it goes by the letter, *lenient* when only a tolerant reader gets it.
*Derived* marks a reading that is ours and not the specification's.
What a signal leaves *unstated* is never read as allowed.
"""


def render(signals: Iterable[Signal], fixtures: Path) -> str:
    """The whole page; `fixtures` holds a folder for each signal."""
    signals = list(signals)
    rows = [
        f"| {s.id} | [{s.title}](#{_anchor(s)}) | `{s.name}` | {s.status} | "
        + ", ".join(f"`{path}`" for path in s.resources)
        + " |"
        for s in signals
    ]
    table = "\n".join(["| id | signal | name | status | read in |", "|---|---|---|---|---|", *rows])
    sections = [_section(signal, fixtures / signal.name) for signal in signals]
    return "\n".join([_HEAD, table, "", *sections])


def cases(folder: Path) -> list[Path]:
    """The responses of a fixture folder; beside each lies a `.json` with what to find."""
    return sorted(folder.glob("*.http"))


def _anchor(signal: Signal) -> str:
    """How GitHub makes a link of the heading."""
    return re.sub(r"[^\w -]", "", f"{signal.id} {signal.title}".lower()).replace(" ", "-")


def _section(signal: Signal, folder: Path) -> str:
    module = sys.modules[signal.find.__module__]
    examples = "\n".join(_example(case) for case in cases(folder))
    return (
        f"## {signal.id} {signal.title}\n\n"
        f"`{signal.name}`, {signal.status}, read in the {signal.carrier}: "
        f"[{signal.spec_version}]({signal.spec}).\n\n"
        f"{(module.__doc__ or '').strip()}\n\n### Examples\n\n{examples}"
    )


def _example(case: Path) -> str:
    response = case.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    about = f"{expected['about']}\n\n" if "about" in expected else ""
    return (
        f"#### {case.stem}\n\n{about}{_fenced(response, 'http')}\n"
        f"{_fenced(_finding(expected), 'text')}"
    )


def _finding(expected: dict[str, Any]) -> str:
    note = f" ({expected['note']})" if expected["note"] else ""
    return "\n".join(
        [
            expected["outcome"] + note,
            *(_statement(statement) for statement in expected["statements"]),
            *(
                f"defect {d['code']}: {d['severity']}{_line(d['line'])}"
                for d in expected["defects"]
            ),
        ]
    )


def _statement(statement: dict[str, Any]) -> str:
    path = f" {statement['path']}" if statement["path"] else ""
    derived = ", derived" if statement["derived"] else ""
    return (
        f"{statement['purpose']} {statement['preference']} for {statement['agent']}"
        f" ({statement['strictness']}{derived}), {statement['scope']}{path}"
        f"{_line(statement['line'])}: {statement['quote']}"
    )


def _line(line: int | None) -> str:
    return "" if line is None else f", line {line}"


def _fenced(text: str, language: str) -> str:
    """A code block that no content can leave: its fence is longer than any run of backticks."""
    left = len(text) - MAX_SHOWN
    shown = "\n".join(printable(line) for line in re.split("[\r\n]", text[:MAX_SHOWN].rstrip()))
    if left > 0:
        shown += f"\n[{left} more characters]"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}\n"


def main() -> None:
    """Write the page beside the modules."""
    PAGE.write_text(render(SIGNALS, FIXTURES), "utf-8")


if __name__ == "__main__":
    main()
