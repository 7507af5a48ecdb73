"""Small surveys by the real store and the real judge: answers of sites in, a database out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.model import Capture, Failure, Outcome, Reason, Site
from crawler.panel import reading
from crawler.signals import resources
from crawler.store import facts
from crawler.store.database import writing
from crawler.wave import rejudge

ROBOTS, TDM, VARIANT = "/robots.txt", "/.well-known/tdmrep.json", "variant:/robots.txt"
TERMS = "terms:"
PAGES = {"/", TERMS}


@dataclass(frozen=True, slots=True)
class Answers:
    """What one site answered in one visit: bodies by resource, 404 for all others.

    The resource of a page of terms is `terms:` and its path.

    `elsewhere`: robots.txt bodies by address, of other hosts; None is a 404. `cut`: robots.txt
    ended before its sender said it would. `failure`: of robots.txt, after which nothing is asked;
    `statuses`: by resource, where not 200 or 404; after one for robots.txt nothing is asked. The
    headers are those of the home page. A site that keeps us out is asked for robots.txt only.
    """

    bodies: Mapping[str, bytes] = field(default_factory=dict)
    elsewhere: Mapping[str, bytes | None] = field(default_factory=dict)
    headers: tuple[tuple[bytes, bytes], ...] = ()
    cut: bool = False
    failure: Failure | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)
    end: tuple[Outcome, Reason] = (Outcome.OK, Reason.COMPLETE)
    works: tuple[tuple[str, str, bytes | None], ...] = ()
    """Works that were asked for: resource, path or address, bytes; None is a 404."""

    def captures(self, host: str) -> tuple[Capture, ...]:
        """Give the captures in the order of the resources."""
        if self.failure:
            url = f"https://{host}{ROBOTS}"
            return (Capture(ROBOTS, url, url, failure=self.failure, started_at=AT),)
        shown = [
            _answer(r, at if "://" in at else f"https://{host}{at}", body)
            for r, at, body in self.works
        ]
        own = [*resources(), *(r for r in self.bodies if r not in resources())]
        if ROBOTS in self.statuses or self.end[0] is Outcome.REFUSED_BY_US:
            own = [ROBOTS]
        made = [self._capture(r, f"https://{host}{r.removeprefix(TERMS)}") for r in own]
        there = [_answer(VARIANT, url, body) for url, body in self.elsewhere.items()]
        return (*made, *shown, *there)

    def _capture(self, resource: str, url: str) -> Capture:
        headers = self.headers if resource == "/" else ()
        cut = self.cut and resource == ROBOTS
        read_as = TERMS if resource.startswith(TERMS) else resource
        made = _answer(read_as, url, self.bodies.get(resource), headers, cut=cut)
        return replace(made, status=self.statuses.get(resource, made.status))


AT = "2026-11-01T00:00:00Z"


def _on(day: str, captures: tuple[Capture, ...]) -> tuple[Capture, ...]:
    return tuple(replace(capture, started_at=f"{day[:10]}T00:00:00Z") for capture in captures)


def _answer(
    resource: str,
    url: str,
    body: bytes | None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    *,
    cut: bool = False,
) -> Capture:
    typed = ((b"Content-Type", b"text/html"),) if resource in PAGES else ()
    return Capture(
        resource, url, url, status=404 if body is None else 200, headers=(*typed, *headers),
        body=body or b"", data_loss=cut, started_at=AT,
    )  # fmt: skip


def robots(text: str, **more: object) -> Answers:
    """Give a site that answers with this robots.txt and an empty home page."""
    return Answers({ROBOTS: text.encode(), "/": b"<html>"}, **more)  # type: ignore[arg-type]


def build(path: Path, waves: Mapping[str, Mapping[str, Answers]], rows: str = "") -> Path:
    """Survey and judge. `waves`: by day, as a name too; `rows`: the panel as CSV, or all hosts."""
    hosts = dict.fromkeys(host for visits in waves.values() for host in visits)
    panel = path.with_suffix(".csv")
    panel.write_text(rows or "host\n" + "".join(f"{host}\n" for host in hosts), "utf-8")
    with writing(path) as connection:
        panel_id = facts.put_panel(connection, reading.read(panel))
        for day, visits in waves.items():
            wave = facts.open_wave(
                connection, day, panel_id, seed=0, software="x", settings={}, user_agent="x",
                vantage=None, ruleset=1,
            )  # fmt: skip
            connection.execute(
                "UPDATE waves SET started_at = ? WHERE wave_id = ?", (day, wave.wave_id)
            )
            facts.put_visits(
                connection,
                wave,
                [
                    facts.Visit(
                        Site(h, h, h), *made.end, None, _on(day, made.captures(h)), day, day
                    )
                    for h, made in visits.items()
                ],
            )
    for day in waves:
        rejudge.judge_wave(path, day)
    return path
