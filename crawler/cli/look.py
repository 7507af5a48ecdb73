"""`optout inspect`: what each signal reads in one saved response."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from analysis.safe_text import safe_text
from crawler.cli.refusal import Refusal, print_json
from crawler.model import Capture, RobotsState

ACCESS_READER = "rfc9309"
ACCESS_PANEL = "strict8"
WITHOUT_FILE = {RobotsState.ABSENT, RobotsState.REFUSED, RobotsState.UNREACHABLE}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--url", default="https://site.example/", show_default=True, help="Its address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def inspect(file: Path, url: str, as_json: bool) -> None:
    """Show what each signal reads in a raw HTTP response (status line, headers, body).

    An address that is none of the files the signals know is read as a page.
    """
    capture = _capture(file, url)
    findings = _findings(capture)
    access = _access(capture)
    if as_json:
        answer: dict[str, object] = {
            "url": url,
            "resource": capture.resource,
            "status": capture.status,
            "failure": capture.failure,
            "findings": findings,
        }
        print_json(answer if access is None else answer | {"access": access})
        return
    if capture.failure:
        click.echo(f"{file}: {capture.failure}: {capture.detail}", err=True)
    for line in _lines(findings, access or {}):
        click.echo(safe_text(line))


def _capture(file: Path, url: str) -> Capture:
    from crawler.judge import HOME  # noqa: PLC0415
    from crawler.parsers.http import parse_response  # noqa: PLC0415
    from crawler.signals import resources  # noqa: PLC0415

    try:
        capture = parse_response(file.read_bytes(), url)
    except OSError as error:
        raise Refusal(f"{file}: cannot be read: {error.strerror}") from error
    return capture if capture.resource in resources() else replace(capture, resource=HOME)


def _findings(capture: Capture) -> list[dict[str, Any]]:
    """What the judge reads in a visit of this one capture."""
    from crawler.judge import judge_visit  # noqa: PLC0415
    from crawler.signals import SIGNALS  # noqa: PLC0415

    ids = {signal.name: signal.id for signal in SIGNALS}
    return [
        {"signal": read.signal, "id": ids[read.signal], **asdict(read.finding)}
        for read in judge_visit((capture,)).readings
    ]


def _access(capture: Capture) -> dict[str, dict[str, Any]] | None:
    """Each strict8 agent's access by a robots.txt; None for any other resource."""
    from crawler.judge import ROBOTS, robots_state  # noqa: PLC0415
    from crawler.registry import agents  # noqa: PLC0415
    from crawler.signals import robots_access  # noqa: PLC0415

    if capture.resource != ROBOTS:
        return None
    tokens = agents.load().panels[ACCESS_PANEL]
    state = robots_state(capture)
    if state in WITHOUT_FILE:
        decisions = dict.fromkeys(tokens, robots_access.unavailable(state))
    else:
        read = robots_access.judge(capture.body, tokens).access[ACCESS_READER]
        decisions = {token: read.named.get(token, read.default) for token in tokens}
    keys = ("root", "basis", "extent", "line", "rule")
    return {token: {key: getattr(d, key) for key in keys} for token, d in decisions.items()}


def _lines(findings: list[dict[str, Any]], access: dict[str, dict[str, Any]]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding['signal']}: {finding['outcome']}"
        for statement in finding["statements"]:
            yield (
                f"  {statement['purpose']} {statement['preference']} for "
                f"{statement['agent']} ({statement['strictness']}): {statement['quote']}"
            )
        for defect in finding["defects"]:
            yield f"  defect {defect['code']}: {defect['effect']}"
    for token, decision in access.items():
        yield f"  {token}: {decision['root']} ({decision['rule']}, line {decision['line'] or '-'})"
