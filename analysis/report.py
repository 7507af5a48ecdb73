"""One wave as a folder of plain HTML: numbers, definitions, and the evidence for each site.

The pages open from disk, ask nobody for anything and need no script. What a site wrote is
escaped and made visible on every page and never becomes a link, a file name or markup.
"""

import csv
import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from analysis.database import AnalysisError
from analysis.evidence import Evidence, Record
from analysis.safe_text import safe_cell, safe_text
from analysis.summary import Result, Row, Summary, numbers, run, to_csv, to_json
from analysis.terminal import interval, percent

SITES_PER_PAGE = 1000
PURPOSES = ("train", "search", "ai_input")
SITE_COLUMNS = (
    "site", "host", "stratum", "outcome", "reason", "robots_state", "strict8_blocked",
    "strict8_measured", *PURPOSES,
)  # fmt: skip
SCALES = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One line of the list of sites; `measured` agents have an answer, `blocked` are kept out."""

    site: Record
    blocked: int
    measured: int
    verdicts: dict[str, Record]

    def use(self, purpose: str) -> str:
        """Give the strict verdict; after a partial visit, silence is not `unstated`."""
        verdict = self.verdicts.get(purpose)
        if verdict is None:
            return "not judged"
        stated = verdict["preference_strict"] != "unstated"
        return verdict["preference_strict"] if stated or self.complete else "unmeasured"

    @property
    def complete(self) -> bool:
        """Say whether everything that was asked for is accounted for."""
        return self.site["outcome"] in {"ok", "absent"}


def build(connection: sqlite3.Connection, wave: str, out: Path) -> Path:
    """Write the report of a wave into the folder `out` and return its index.html.

    An earlier report there is replaced. Raises UnknownWaveError, and AnalysisError for a
    folder that holds something else.
    """
    with _one_state(connection):
        summary = run(connection, wave)
        _prepare(out)
        evidence = Evidence(connection, wave, summary.ruleset)
        environment = _environment(summary)
        _write_numbers(summary, out)
        pages = _write_sites(environment, evidence, out)
        operators = _operators(connection, summary.ruleset)
        index = environment.get_template("index.html").render(pages=pages, operators=operators)
    (out / "index.html").write_text(index, "utf-8")
    return out / "index.html"


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read every page from the same state of a database that may be written to meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _prepare(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise AnalysisError(f"{out}: a file; name a folder for the report")
    if out.is_dir() and any(out.iterdir()) and not (out / "summary.json").is_file():
        raise AnalysisError(f"{out}: holds something that is not a report; name another folder")
    for name in ("site", "sql", "csv"):
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    for page in out.glob("sites*.html"):
        page.unlink()


def _environment(summary: Summary) -> Environment:
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.globals.update(summary=summary, numbers=numbers(), scale=scale, purposes=PURPOSES)
    environment.filters.update(percent=percent, interval=interval)
    return environment


def _template(name: str) -> str:
    return resources.files("analysis").joinpath("templates", name).read_text("utf-8")


def _visible(value: object) -> object:
    """Pass every value that a template prints through the border; markup of ours stays."""
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def scale(*results: Result) -> float:
    """Choose the share at the right end of a table's bars: the smallest that holds all of them."""
    highest = max(
        (row.high or 0.0 for result in results for row in result.rows if _whole(row)), default=0
    )
    return next(end for end in SCALES if highest <= end)


def _whole(row: Row) -> bool:
    return row.stratum == "*"


def _write_numbers(summary: Summary, out: Path) -> None:
    (out / "summary.json").write_text(to_json(summary) + "\n", "utf-8")
    _write_csv(out / "summary.csv", to_csv(summary))
    for number in numbers():
        (out / "sql" / f"{number.definition}.sql").write_text(number.sql, "utf-8")
        _write_csv(out / "csv" / f"{number.definition}.csv", to_csv(summary, {number.definition}))


def _write_csv(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="")  # RFC 4180 line ends are there already


def _operators(connection: sqlite3.Connection, ruleset: int | None) -> dict[str, str]:
    rows = connection.execute("SELECT token, operator FROM agents WHERE ruleset = ?", (ruleset,))
    return {token: operator or "" for token, operator in rows}


def _write_sites(environment: Environment, evidence: Evidence, out: Path) -> int:
    """Write list, CSV and one page per site, a page's worth in memory. Return the list pages."""
    template = environment.get_template("sites.html")
    with (out / "csv" / "sites.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(SITE_COLUMNS)
        pages = _batches(_lines(environment, evidence, out))
        for page, (lines, last) in enumerate(pages, start=1):
            writer.writerows(map(_cells, lines))
            html = template.render(lines=lines, page=page, last=last)
            (out / list_page(page)).write_text(html, "utf-8")
    return page


def list_page(page: int) -> str:
    """Name a page of the list of sites."""
    return "sites.html" if page == 1 else f"sites-{page}.html"


def _batches(lines: Iterator[SiteLine]) -> Iterator[tuple[list[SiteLine], bool]]:
    """Yield pages of lines and whether each is the last; at least one page."""
    batch = list(itertools.islice(lines, SITES_PER_PAGE))
    while True:
        following = list(itertools.islice(lines, SITES_PER_PAGE))
        yield batch, not following
        if not following:
            return
        batch = following


def _lines(environment: Environment, evidence: Evidence, out: Path) -> Iterator[SiteLine]:
    template = environment.get_template("site.html")
    for site in evidence.sites():
        decisions = evidence.decisions(site["policy_id"])
        line = SiteLine(
            site,
            blocked=sum(d["root"] == "disallowed" for d in decisions),
            measured=sum(d["root"] != "unmeasured" for d in decisions),
            verdicts=evidence.verdicts(site["use_policy_id"]),
        )
        html = template.render(
            line=line,
            site=site,
            decisions=decisions,
            captures=evidence.captures(site["visit_id"]),
            **evidence.readings(site["visit_id"]),
        )
        (out / "site" / f"{site['site_id']}.html").write_text(html, "utf-8")
        yield line


def _cells(line: SiteLine) -> list[object]:
    names = ("site_id", "host", "stratum", "outcome", "reason", "robots_state")
    values = [line.site[name] for name in names]
    uses = [line.use(purpose) for purpose in PURPOSES]
    return [safe_cell(value) for value in (*values, line.blocked, line.measured, *uses)]
