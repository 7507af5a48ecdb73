"""One wave as a folder of plain HTML: numbers, questions, definitions, evidence of each site.

The pages open from disk and ask nobody for anything; only the one that finds a site by its
name needs a script. What a site wrote is
escaped and made visible on every page and never becomes a link, a file name or markup.
"""

import csv
import hashlib
import itertools
import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from analysis.database import AnalysisError
from analysis.numbers import keys, paired
from analysis.numbers.indicator import Frame, Measured, indicators, measure, measuring
from analysis.numbers.questions import questions
from analysis.numbers.summary import Result, Row, Summary, numbers, run, shared_sql, to_csv, to_json
from analysis.queries import query
from analysis.report import (
    figures,
    front_page,
    indicator_pages,
    late_page,
    other_side_pages,
    overview_pages,
)
from analysis.report.chart import Bar, interval_chart, round_up
from analysis.report.evidence import Evidence, Record
from analysis.safe_text import safe_cell, safe_text
from analysis.terminal.summary import bounds, interval, p_value, percent
from analysis.waves import politeness

INDEX, NUMBERS = "index.html", "summary.json"
SITES_PER_PAGE = 1000
PURPOSES = ("train", "search", "ai_input")
SITE_COLUMNS = (
    "site", "host", "stratum", "outcome", "reason", "robots_state", "strict8_blocked",
    "strict8_measured", *PURPOSES, "strict8_today_blocked", "strict8_today_measured",
)  # fmt: skip
FOLDERS = ("sql", "csv", "question", "indicator", "figure")

SAID_OF_USE = {
    "disallowed": "it reserves training in machine-readable form",
    "conditional": "it allows training on conditions only",
    "allowed": "it says that training is allowed",
    "unstated": "it says nothing else about training",
    "unmeasured": "whether it says anything else about training could not be read to the end",
    "not judged": "what else it says about training has not been judged",
}
"""What a strict verdict on training comes to, after what robots.txt does."""

_SIGNALS = "SELECT * FROM signals WHERE ruleset = :ruleset ORDER BY signal"
_ORIGIN = query(__name__, "wave_origin")
_JUDGED = query(__name__, "judged_by")
_READERS = "SELECT reader, version FROM readers WHERE ruleset = :ruleset ORDER BY reader"


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One line of the list of sites, with the answers to the agents of strict8."""

    site: Record
    decisions: Sequence[Record]
    verdicts: dict[str, Record]

    @property
    def then(self) -> tuple[int, int]:
        """Count the agents known on the day of the wave: blocked ones, and those with an answer."""
        return _answers(d for d in self.decisions if d["of_its_day"])

    @property
    def today(self) -> tuple[int, int]:
        """Count the same of all agents of today's list."""
        return _answers(self.decisions)

    def use(self, purpose: str) -> str:
        """Give the strict verdict; after a partial visit, silence is not `unstated`."""
        verdict = self.verdicts.get(purpose)
        if verdict is None:
            return "not judged"
        stated = verdict["preference_strict"] != "unstated"
        return verdict["preference_strict"] if stated or self.complete else "unmeasured"

    @property
    def sentence(self) -> str:
        """Say in one sentence what the site has said, for its owner; a doubt is no yes."""
        blocked, answered = self.then
        if not answered and self.use("train") in {"unmeasured", "not judged"}:
            return "Too little of this site could be read to say what it asks of AI."
        if not answered:
            access = "What its robots.txt asks of AI training agents could not be read"
        elif not blocked:
            access = f"Its robots.txt keeps none of {answered} major AI training agents out"
        else:
            access = f"Its robots.txt keeps {blocked} of {answered} major AI training agents out"
        return f"{access}, and {SAID_OF_USE[self.use('train')]}."

    @property
    def complete(self) -> bool:
        """Say whether everything that was asked for is accounted for."""
        return self.site["outcome"] in {"ok", "absent"}


def _answers(decisions: Iterable[Record]) -> tuple[int, int]:
    roots = [decision["root"] for decision in decisions]
    return roots.count("disallowed"), len(roots) - roots.count("unmeasured")


def publish(
    connection: sqlite3.Connection,
    wave: str,
    out: Path,
    *,
    sites: bool = True,
    before: str | None = None,
) -> Path:
    """Write the report of a wave at its permanent place below `out`, and its first page into `out`.

    The place is named after wave and ruleset (`place`), so that what is cited stays where it is
    when the next wave is reported into the same folder. Returns the first page; raises as `build`.
    """
    _check(out)
    folder = place(wave, _ruleset(connection, wave))
    known = sorted(p.parent.name for p in out.glob(f"*/{NUMBERS}") if p.parent.name != folder)
    build(connection, wave, out / folder, sites=sites, before=before, outer=(out, known))
    return out / INDEX


def place(wave: str, ruleset: int | None) -> str:
    """Name the folder of a wave's report; a wave whose name is no file name gets a digest."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", wave).strip(".-")
    if plain != wave:
        plain = f"{plain}-{hashlib.sha256(wave.encode()).hexdigest()[:8]}".lstrip("-")
    return f"{plain}-{'unjudged' if ruleset is None else f'r{ruleset}'}"


def build(  # noqa: PLR0913 - what a command can say, and where
    connection: sqlite3.Connection,
    wave: str,
    out: Path,
    *,
    sites: bool = True,
    before: str | None = None,
    outer: tuple[Path, Sequence[str]] | None = None,
) -> Path:
    """Write the report of a wave into the folder `out` and return its index.html.

    An earlier report there is replaced. `sites` False leaves the pages of single sites and
    their list out. `before` is the wave to compare with, if not the panel's last one before.
    `outer`: a folder above that gets the first page too, and the other reports in it.
    Raises UnknownWaveError, and AnalysisError for a folder that holds something else or a wave
    that cannot be compared.
    """
    with _one_state(connection):
        summary = run(connection, wave)
        _prepare(out)
        operators = _operators(connection, summary.ruleset)
        environment = _environment(summary, operators, sites=sites)
        _write_numbers(summary, out)
        found = _write_measured(environment, connection, summary, out, before)
        _write_front(environment, found, out, outer)
        _write_pages(environment, connection, summary, out)
        politeness.write(environment, connection, summary.wave, out)
        if sites:
            _write_sites(environment, Evidence(connection, wave, summary.ruleset), out)
    return out / INDEX


def _write_front(
    environment: Environment,
    found: front_page.Front,
    out: Path,
    outer: tuple[Path, Sequence[str]] | None,
) -> None:
    """Write the first page, what stands beside it, and its charts as files."""
    drawn = {"blocked": found.blocked, "series": found.series}
    for name, chart in drawn.items():
        if chart:
            figures.write(chart, out / "figure" / name)
    for name in ("numbers.html", "about.html", INDEX):
        values = {"front": found, "others": []}
        (out / name).write_text(environment.get_template(name).render(values), "utf-8")
    if outer:
        above, others = outer
        values = {"front": found, "others": others, "up": f"{out.name}/"}
        page = environment.get_template(INDEX).render(values)
        (above / INDEX).write_text(page, "utf-8")


def _write_measured(
    environment: Environment,
    connection: sqlite3.Connection,
    summary: Summary,
    out: Path,
    before: str | None,
) -> front_page.Front:
    """Write the pages of indicators and give the first page; without rows before a judgement."""
    if summary.ruleset is None:
        measured = [Measured(i, (), "needs a judgement of this wave") for i in indicators()]
        pairs: list[paired.Paired] = []
        frame = Frame(summary.wave, summary.panel, 0, {}, None, None)
    else:
        with measuring(connection, summary.wave, before=before) as frame:
            measured = [measure(connection, frame, indicator) for indicator in indicators()]
            pairs = paired.run(connection, frame.censuses) if frame.before is not None else []
    more = {"late": late_page.values(connection, frame, measured)}
    indicator_pages.write_questions(environment, measured, more, out)
    indicator_pages.write_indicators(environment, measured, out)
    overview_pages.write_overviews(environment, connection, frame, measured, out)
    overview_pages.write_changes(environment, connection, frame, pairs, out)
    other_side_pages.write(environment, connection, frame, measured, out)
    return front_page.front(connection, frame, summary, measured)


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read every page from the same state of a database that may be written to meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _check(out: Path) -> None:
    """Refuse a folder that holds anything but reports."""
    if out.exists() and not out.is_dir():
        raise AnalysisError(f"{out}: a file; name a folder for the report")
    reports = (out / NUMBERS).is_file() or any(out.glob(f"*/{NUMBERS}"))
    if out.is_dir() and any(out.iterdir()) and not reports:
        raise AnalysisError(f"{out}: holds something that is not a report; name another folder")


def _ruleset(connection: sqlite3.Connection, wave: str) -> int | None:
    return run(connection, wave).ruleset


def _prepare(out: Path) -> None:
    _check(out)
    shutil.rmtree(out / "site", ignore_errors=True)
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    for page in (*out.glob("sites*"), *out.glob("search.*")):
        page.unlink()
    (out / "style.css").write_text(_template("style.css"), "utf-8")


def _environment(summary: Summary, operators: dict[str, str], *, sites: bool) -> Environment:
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.globals.update(
        summary=summary, numbers=numbers(), scale=scale, purposes=PURPOSES, with_sites=sites,
        place=place(summary.wave, summary.ruleset), pictures=figures.can_paint(),
        operators_of=operators,
    )  # fmt: skip
    filters = {
        "percent": percent,
        "interval": interval,
        "bounds": bounds,
        "p_value": p_value,
        "headline_key": partial(keys.label, keys.HEADLINES),
        "sql": _lines_of,
        "prose": prose,
        "with_contents": with_contents,
    }
    environment.filters.update(filters | indicator_pages.FILTERS)
    return environment


def _template(name: str) -> str:
    return resources.files("analysis.report").joinpath("templates", name).read_text("utf-8")


def _visible(value: object) -> object:
    """Pass every value that a template prints through the border; markup of ours stays."""
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """Set what stands between backticks as code."""
    parts = safe_text(text).split("`")
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if i % 2 else part for i, part in enumerate(parts))


HEADING = re.compile(r'<h2 id="([\w-]+)">([^<]*)</h2>')
TOP = re.compile(r"</h1>(?:\s*<p class=\"lead\".*?</p>)?", re.DOTALL)
SECTIONS = 5
"""Sections from which on a page has a list of them; with fewer it is short enough to look over."""


def with_contents(main: str) -> Markup:
    """Put the list of a long page's sections below its title, unless it has a list of its own."""
    text = str(main)  # to add to markup would escape what is added
    sections, top = HEADING.findall(text), TOP.search(text)
    if len(sections) < SECTIONS or top is None or "<nav" in text:
        return Markup(text)  # noqa: S704 - rendered, so escaped already; below as well
    items = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in sections)
    listed = f'\n<nav class="contents" aria-label="Contents"><ol>{items}</ol></nav>'
    return Markup(text[: top.end()] + listed + text[top.end() :])  # noqa: S704


def _lines_of(sql: str) -> Markup:
    """Keep the line ends of our own text, which `_visible` would write out."""
    return Markup("\n").join(map(safe_text, sql.strip().splitlines()))


def scale(*results: Result) -> float:
    """Choose the share at the right end of a table's bars: a round one that holds all of them."""
    return round_up(
        max(
            (
                row.high or row.share or 0.0
                for result in results
                for row in result.rows
                if _whole(row)
            ),
            default=0,
        )
    )


def _whole(row: Row) -> bool:
    return row.stratum == "*"


def _write_numbers(summary: Summary, out: Path) -> None:
    (out / NUMBERS).write_text(to_json(summary) + "\n", "utf-8")
    _write_csv(out / "summary.csv", to_csv(summary))
    for name, text in shared_sql().items():
        (out / "sql" / name).write_text(text, "utf-8")
    for number in numbers():
        (out / "sql" / f"{number.definition}.sql").write_text(number.sql, "utf-8")
        _write_csv(out / "csv" / f"{number.definition}.csv", to_csv(summary, {number.definition}))


def _write_csv(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="")  # RFC 4180 line ends are there already


def _write_pages(
    environment: Environment, connection: sqlite3.Connection, summary: Summary, out: Path
) -> None:
    """Write what the summary shows: results, signals, conflicts and method."""
    pages: dict[str, dict[str, object]] = {
        "signals.html": {
            "signals": _records(connection, _SIGNALS, ruleset=summary.ruleset),
            "chart_of_signals": _chart_of_signals(summary["signal_share"]),
        },
        "conflicts.html": {"pairs": conflict_pairs(summary["conflict_pairs"])},
        "method.html": _provenance(connection, summary),
    }
    for name, values in pages.items():
        (out / name).write_text(environment.get_template(name).render(values), "utf-8")


def _operators(connection: sqlite3.Connection, ruleset: int | None) -> dict[str, str]:
    rows = connection.execute("SELECT token, operator FROM agents WHERE ruleset = ?", (ruleset,))
    return {token: operator or "" for token, operator in rows}


def _chart_of_signals(signals: Result) -> Markup:
    rows = [row for row in signals.rows if _whole(row) and row.k]
    if not rows:
        return Markup("")
    bars = [
        Bar(row.key, row.share, row.low, row.high,
            f"{row.k} of {row.n}, {percent(row.share)} ({interval(row)})")
        for row in sorted(rows, key=lambda row: (-row.k, row.key))
    ]  # fmt: skip
    return interval_chart(
        "Signals that sites carry",
        "Shares of the sites where each was measured; the line over each bar is the 95 % interval.",
        bars, scale(signals), indicator_pages.round_percent,
    )  # fmt: skip


def conflict_pairs(opposed: Result) -> dict[tuple[str, str], dict[str, Row]]:
    """Arrange the panel's rows of `conflict_pairs` by pair of signals, then by purpose."""
    pairs: dict[tuple[str, str], dict[str, Row]] = {}
    for row in filter(_whole, opposed.rows):
        purpose, a, b = row.key.split(":")
        pairs.setdefault((a, b), {})[purpose] = row
    return dict(sorted(pairs.items()))


def _provenance(connection: sqlite3.Connection, summary: Summary) -> dict[str, object]:
    """Give what the method page says of panel, wave and ruleset."""
    bound = {"wave": summary.wave, "ruleset": summary.ruleset}
    judged = _records(connection, _JUDGED, **bound)
    return {
        "origin": _records(connection, _ORIGIN, **bound)[0],
        "judged": judged[0] if judged else None,
        "versions": json.loads(judged[0]["versions"]) if judged else {},
        "readers": _records(connection, _READERS, **bound),
    }


def _records(connection: sqlite3.Connection, sql: str, **values: object) -> list[Record]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, values).fetchall()


def _write_sites(environment: Environment, evidence: Evidence, out: Path) -> None:
    """Write list, CSV and one page per site, a page's worth in memory."""
    (out / "site").mkdir()
    for name in ("search.html", "search.js"):
        (out / name).write_text(environment.get_template(name).render(), "utf-8")
    template = environment.get_template("sites.html")
    with (
        (out / "csv" / "sites.csv").open("w", encoding="utf-8", newline="") as stream,
        (out / "sites-index.js").open("w", encoding="ascii") as index,
    ):
        writer = csv.writer(stream)
        writer.writerow(SITE_COLUMNS)
        index.write("const sites = [\n")
        pages = _batches(_lines(environment, evidence, out))
        for page, (lines, last) in enumerate(pages, start=1):
            writer.writerows(map(_cells, lines))
            index.writelines(map(_index_line, lines))
            html = template.render(lines=lines, page=page, last=last)
            (out / list_page(page)).write_text(html, "utf-8")
        index.write("];\nconst places = [\n")
        for name, kind, address in _places(evidence):
            index.write(json.dumps([safe_text(name), safe_text(kind), address]) + ",\n")
        index.write("];\n")


def _index_line(line: SiteLine) -> str:
    """One entry of the search, in ASCII: a script, since pages from disk may read nothing else."""
    told = (line.site[name] for name in ("stratum", "country", "sector", "creator_type"))
    about = ", ".join(safe_text(word) for word in told if word)
    return json.dumps([safe_text(line.site["host"]), line.site["site_id"], about]) + ",\n"


def _places(evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Name, kind and address of what the search finds beside sites."""
    operators = overview_pages.operators(evidence.connection, evidence.ruleset or 0, ())
    for operator in operators:
        address = f"operators.html#operator-{operator.anchor}"
        yield operator.name, "operator", address
        for agent, _ in operator.agents:
            yield agent["token"], f"agent of {operator.name}", address
    for signal in _records(evidence.connection, _SIGNALS, ruleset=evidence.ruleset):
        yield signal["signal"], signal["title"], f"signals.html#signal-{signal['signal']}"
    for stratum in dict.fromkeys(site["stratum"] for site in evidence.sites()):
        yield stratum, "stratum", "strata.html"
    for chosen in indicators():
        yield chosen.title, f"indicator {chosen.id}", f"indicator/{chosen.name}.html"
    for question in questions():
        yield question.title, "question", f"question/{question.name}.html"


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
        line = SiteLine(
            site,
            decisions=evidence.decisions(site["policy_id"]),
            verdicts=evidence.verdicts(site["use_policy_id"]),
        )
        html = template.render(
            line=line,
            site=site,
            decisions=line.decisions,
            captures=evidence.captures(site["visit_id"]),
            **evidence.readings(site["visit_id"]),
        )
        (out / "site" / f"{site['site_id']}.html").write_text(html, "utf-8")
        yield line


def _cells(line: SiteLine) -> list[object]:
    names = ("site_id", "host", "stratum", "outcome", "reason", "robots_state")
    values = [line.site[name] for name in names]
    uses = [line.use(purpose) for purpose in PURPOSES]
    return [safe_cell(value) for value in (*values, *line.then, *uses, *line.today)]
