"""`optout inspect`: what each signal reads in one response, saved or asked for."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from analysis.safe_text import safe_text
from crawler.cli.ask import CONTACT, HOSTS, ask, is_url
from crawler.cli.refusal import Refusal, print_json, refusing
from crawler.model import Capture
from crawler.parsers.containers.segment import Extract
from crawler.parsers.containers.source import Part

ACCESS_READER = "rfc9309"
ACCESS_PANEL = "strict8"


@click.command()
@click.argument("source", metavar="URL_OR_FILE")
@click.option(
    "--url",
    default="https://site.example/",
    show_default=True,
    help="Address of the response in a file.",
)
@click.option("--as", "resource", help="Read it as this: a path such as /ai.txt, or `rsl:`.")
@HOSTS
@CONTACT
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def inspect(source: str, url: str, resource: str | None, as_json: bool, **asking: Any) -> None:  # noqa: ANN401
    """Show what each signal reads in one HTTP response.

    A file holds the raw response: status line, headers, blank line, body. A URL is fetched
    once, if the site's robots.txt lets us. An address that is none of the files the signals
    know is read as a page.

    A file that is a work itself, a picture, a sound, a film, a PDF or an EPUB, is known by its
    bytes, and what its metadata says is shown.
    """
    work = None
    if is_url(source):
        url = source
        capture = ask(url, _resource(url, resource), **asking)
    elif resource is None and (work := _work(Path(source), url)):
        capture = work
    else:
        capture = _capture(Path(source), url, resource)
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
        answer |= {} if access is None else {"access": access}
        print_json(answer if work is None else answer | {"work": _segments(work)})
        return
    for line in _troubles(source, capture):
        click.echo(safe_text(line), err=True)
    for line in _lines(findings, access or {}):
        click.echo(safe_text(line))


def _work(file: Path, url: str) -> Capture | None:
    """A file whose bytes are a work's, as a survey would store it; None for any other file."""
    from crawler.parsers.containers.file import kind_of, parts_of  # noqa: PLC0415
    from crawler.parsers.containers.segment import Container, write  # noqa: PLC0415
    from crawler.parsers.containers.work import container_of  # noqa: PLC0415
    from crawler.wave.workers import Pool, Stopped  # noqa: PLC0415

    try:
        with file.open("rb") as stream:
            container = container_of(stream.read(4096))
            if container is Container.UNKNOWN:
                return None
            parts, length = parts_of(stream)
    except OSError:
        return None  # told by who reads it as a response
    # pypdf and c2pa-python work on others' bytes: in a process that has limits.
    with closing(Pool(_extract, 1)) as pool:
        (extracted,) = pool.run([(parts, length)])
    if isinstance(extracted, Stopped):
        raise Refusal(f"{file}: reading was stopped: {extracted.reason}")
    resource = f"work:{kind_of(container, parts[0][1])}:"
    return Capture(resource, url, url, status=200, body=write(extracted), size=length)


def _extract(job: tuple[tuple[Part, ...], int]) -> Extract:
    from crawler.parsers.containers.deep import extract_deeply  # noqa: PLC0415

    return extract_deeply(*job)


def _segments(capture: Capture) -> dict[str, Any]:
    """What the work is, and which metadata it has: carrier, offset and length of each piece."""
    from crawler.signals.reading.work import extracted  # noqa: PLC0415

    work = extracted(capture)
    pieces = [
        {"kind": s.kind, "place": s.place, "name": s.name, "offset": s.offset, "bytes": len(s.data)}
        for s in work.segments
    ]
    keys = ("container", "length", "fetched", "sha256", "problem", "signature")
    return {key: getattr(work, key) for key in keys} | {"segments": pieces}


def _capture(file: Path, url: str, resource: str | None) -> Capture:
    from crawler.parsers.http import parse_response  # noqa: PLC0415

    try:
        capture = parse_response(file.read_bytes(), url)
    except OSError as error:
        raise Refusal(
            f"{file}: cannot be read: {error.strerror}; an address is written https://..."
        ) from error
    return replace(capture, resource=_resource(url, resource))


def _resource(url: str, wanted: str | None) -> str:
    """What to read a response as: what is asked for, else by its address, else a page."""
    from crawler.judge.verdicts import HOME  # noqa: PLC0415
    from crawler.signals import SIGNALS  # noqa: PLC0415

    known = {name for signal in SIGNALS for name in signal.resources}
    if wanted is not None and wanted not in known:
        raise Refusal(f"--as {wanted}: no signal reads that; known are {', '.join(sorted(known))}")
    with refusing(ValueError):
        path = urlsplit(url).path
    return wanted or (path if path in known else HOME)


def _troubles(source: str, capture: Capture) -> Iterator[str]:
    """Say why there is nothing to read, where that is so."""
    from crawler.fetch.client import NOT_FOLLOWED  # noqa: PLC0415
    from crawler.parsers.http import header_values  # noqa: PLC0415

    if capture.failure:
        yield f"{source}: {capture.failure}: {capture.detail}"
    elif capture.detail == NOT_FOLLOWED:
        target = ", ".join(header_values(capture.headers, "location"))
        yield f"{source}: redirects to {target}, which is another site: inspect that address"


def _findings(capture: Capture) -> list[dict[str, Any]]:
    """What the judge reads in a visit of this one capture."""
    from crawler.judge.verdicts import judge_visit  # noqa: PLC0415
    from crawler.signals import SIGNALS  # noqa: PLC0415

    ids = {signal.name: signal.id for signal in SIGNALS}
    return [
        {"signal": read.signal, "id": ids[read.signal], **asdict(read.finding)}
        for read in judge_visit((capture,)).readings
    ]


def _access(capture: Capture) -> dict[str, dict[str, Any]] | None:
    """Each strict8 agent's access by a robots.txt; None for any other resource."""
    from crawler.judge.verdicts import ROBOTS, robots_state  # noqa: PLC0415
    from crawler.registry import agents  # noqa: PLC0415
    from crawler.signals import robots_access  # noqa: PLC0415
    from crawler.signals.reading.robots_content import Came, came  # noqa: PLC0415

    if capture.resource != ROBOTS:
        return None
    tokens = agents.load().panels[ACCESS_PANEL]
    state = robots_state(capture)
    if state in robots_access.WITHOUT_FILE:
        decisions = dict.fromkeys(tokens, robots_access.unavailable(state))
    else:
        read = robots_access.judge(capture.body, tokens, cut=came(capture) is Came.PART).access[
            ACCESS_READER
        ]
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
