"""The published numbers of one wave: every `summary/<id>.sql` into rows of k, n and interval.

The SQL files are the definitions and can be run by hand with `:wave` bound, after the files
whose names begin with `_`, which hold what several count from; nothing here changes a count. A
number's id is its file name and never gets another meaning.

The files know nothing of weights. They are asked about strata that are split by weight (and by
cluster, where a bootstrap is wanted), and what they answer is added up: see `prepared`.
`told`, a column that some have, are the sites outside the denominator that count all the same.
"""

import csv
import io
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from analysis.database import check_wave, scratch
from analysis.numbers import keys
from analysis.safe_text import safe_cell
from analysis.statistics import (
    Interval,
    Weighted,
    cluster_bootstrap,
    missing_bounds,
    post_stratified,
    weighted,
    wilson,
)

WHOLE_PANEL = "*"
SHARED = ("_sites.sql", "_signals.sql")
OUR_OWN_DOING = "attempted"
"""The number that says how far we came: nothing was drawn, so no interval is about anything."""
SPLIT = "\x1f"
"""Parts stratum, weight and clusters of the strata that the SQL is asked about."""
HEADER_FIELDS = ("title", "question", "numerator", "denominator", "unit", "caveat")
KEYS = "keys"
"""The last field of a header, where a number has keys: each in words, see `keys`."""


@dataclass(frozen=True, slots=True)
class Number:
    """One published number: what is counted over what, and the SQL that counts it."""

    definition: str
    title: str
    question: str
    numerator: str
    denominator: str
    unit: str
    caveat: str
    sql: str
    keys: str = ""

    def label(self, key: str) -> str:
        """Say a key in words. ValueError for one that the header does not name."""
        try:
            return keys.label(self.keys, key)
        except ValueError as error:
            raise ValueError(f"{self.definition}.sql: {error}") from error


@dataclass(frozen=True, slots=True)
class Row:
    """One count. `stratum` is `*` for the whole panel, `key` an agent, signal, reason or ''.

    Shares lie in 0..1 and are None where n is 0. `low` and `high`: Wilson, 95 %; None for a
    census, whose weights are all 1 as written, and for `attempted`. `weighted_*`: by the panel's
    weights, with Kish's effective size. `adjusted_*`: the same with each stratum raised to all
    sites that the panel lists in it, since not every site of it was measured.
    `if_none`, `if_all`, and both weighted: the share if none, or all, of the sites counted that
    were attempted and are in no denominator; those of them of which the answer is known all the
    same (`told`) count in both. `owner_*`, `template_*`: bootstrap of the weighted share over
    clusters, where asked for: sites of one owner, or with the same text of robots.txt. `label` says
    the key in words.
    """

    definition: str
    wave: str
    panel: str
    stratum: str
    key: str
    k: int
    n: int
    share: float | None
    low: float | None
    high: float | None
    ruleset: int | None
    weighted_share: float | None
    weighted_low: float | None
    weighted_high: float | None
    effective_n: float | None
    adjusted_share: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    told: int
    if_none: float | None
    if_all: float | None
    weighted_if_none: float | None
    weighted_if_all: float | None
    owner_low: float | None
    owner_high: float | None
    template_low: float | None
    template_high: float | None
    label: str


class Cell(NamedTuple):
    """What one number's SQL says of the sites of one stratum with one weight and clusters."""

    stratum: str
    weight: float | None
    owner: str
    template: str
    k: int
    n: int
    told: int

    @property
    def heavy(self) -> float:
        """Give the weight of a site; none stands for one."""
        return 1.0 if self.weight is None else self.weight


@dataclass(frozen=True, slots=True)
class Result:
    """A number with its rows, the whole panel first."""

    number: Number
    rows: tuple[Row, ...]

    def label(self, key: str) -> str:
        """Say a key in words."""
        return self.number.label(key)

    def row(self, stratum: str = WHOLE_PANEL, key: str = "") -> Row | None:
        """Give the row of one stratum and key, if there is one."""
        return next((r for r in self.rows if (r.stratum, r.key) == (stratum, key)), None)

    def keys(self) -> tuple[str, ...]:
        """Give the keys in the order of the rows."""
        return tuple(dict.fromkeys(row.key for row in self.rows))


@dataclass(frozen=True, slots=True)
class Summary:
    """All numbers of one wave; `ruleset` is None as long as the wave has not been judged."""

    wave: str
    panel: str
    ruleset: int | None
    agents_version: str | None
    results: tuple[Result, ...]
    weighs: bool = False
    """Whether the panel gives its sites different weights."""
    day: str = ""
    """The day whose agents are asked about: that on which the wave was started."""

    def __getitem__(self, definition: str) -> Result:
        return next(r for r in self.results if r.number.definition == definition)

    def sensitivity(self) -> tuple[Row, Row] | None:
        """Give the rows of the complete opt-out that are least and greatest without one agent."""
        rows = [
            row
            for row in self["complete_training_optout_without"].rows
            if row.stratum == WHOLE_PANEL and row.share is not None
        ]
        ordered = sorted(rows, key=lambda row: (row.share, row.key))
        return (ordered[0], ordered[-1]) if ordered else None

    def strata(self) -> tuple[str, ...]:
        """Give the strata by name, without the whole panel."""
        rows = self["attempted"].rows
        return tuple(row.stratum for row in rows if row.stratum != WHOLE_PANEL)


@cache
def numbers() -> tuple[Number, ...]:
    """Read every published number with its header, by id. ValueError for a faulty header."""
    folder = resources.files("analysis.numbers").joinpath("summary")
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql") and f.name[0] != "_")
    return tuple(
        _number(name.removesuffix(".sql"), folder.joinpath(name).read_text("utf-8"))
        for name in files
    )


def _number(definition: str, sql: str) -> Number:
    header = re.match(r"(?:--[^\n]*\n)*", sql)
    fields: dict[str, str] = {}
    name = ""
    for line in header[0].splitlines() if header else ():
        start = re.match(r"-- (\w+): (.*)", line)
        if start:
            name, text = start.groups()
            fields[name] = text
        else:
            fields[name] += " " + line.removeprefix("--").strip()
    if tuple(fields) not in {HEADER_FIELDS, (*HEADER_FIELDS, KEYS)}:
        raise ValueError(f"{definition}.sql: header has {tuple(fields)}, not {HEADER_FIELDS}")
    return Number(definition, **fields, sql=sql)


def run(connection: sqlite3.Connection, wave: str, *, seed: int | None = None) -> Summary:
    """Compute every number of a wave from one consistent state of the database.

    `seed`: bootstrap over clusters, too. Raises UnknownWaveError. A wave that is not judged yet
    has rows only for what needs no judgement.
    """
    check_wave(connection, wave)
    with prepared(connection, wave, clusters=seed is not None):
        panel, ruleset, agents_version, day = connection.execute(
            "SELECT p.name, r.ruleset, r.agents_version, substr(w.started_at, 1, 10)"
            " FROM waves w JOIN panels p USING (panel_id)"
            " LEFT JOIN current_rulesets j USING (wave_id)"
            " LEFT JOIN rulesets r ON r.ruleset = j.ruleset"
            " WHERE w.name = ?",
            (wave,),
        ).fetchone()
        counted = {number.definition: _cells(connection, number, wave) for number in numbers()}
    attempted = counted[OUR_OWN_DOING].get("", [])
    frame = Frame(wave, panel, ruleset, attempted, seed)
    results = tuple(_result(number, counted[number.definition], frame) for number in numbers())
    weighs = len({cell.heavy for cell in attempted}) > 1
    return Summary(wave, panel, ruleset, agents_version, results, weighs, day)


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of a wave share; `attempted` are the cells of the number of that name."""

    wave: str
    panel: str
    ruleset: int | None
    attempted: Sequence[Cell]
    seed: int | None


@contextmanager
def prepared(
    connection: sqlite3.Connection, wave: str, *, clusters: bool = False
) -> Iterator[None]:
    """Make the tables that several numbers share, in one state of the database, for a while.

    A temporary `panel_sites` hides that of the database: its stratum is made of the stratum, the
    weight and the clusters. So the published SQL counts by weight without a word about weights.
    """
    with scratch(connection):
        connection.execute(
            "CREATE TEMP TABLE clusters (site_id INTEGER PRIMARY KEY, owner TEXT, template TEXT)"
        )
        if clusters:
            connection.execute(_CLUSTERS, {"wave": wave})
        connection.execute(_BY_WEIGHT)
        for text in shared_sql().values():
            for statement in filter(str.strip, text.split(";\n")):
                connection.execute(statement, {"wave": wave})
        yield


_BY_WEIGHT = """
CREATE TEMP VIEW panel_sites AS
SELECT ps.panel_id, ps.site_id,
       coalesce(ps.stratum, '(none)') || char(31)
         || iif(ps.weight IS NULL, '', printf('%!.17g', ps.weight)) || char(31)
         || coalesce(c.owner, '') || char(31) || coalesce(c.template, '') AS stratum
FROM main.panel_sites ps LEFT JOIN clusters c USING (site_id)
"""
_CLUSTERS = """
INSERT INTO clusters
SELECT s.site_id, coalesce(ps.cluster, s.registrable_domain, s.host),
       coalesce(rb.template, s.host)
FROM waves w
JOIN main.panel_sites ps USING (panel_id)
JOIN sites s USING (site_id)
LEFT JOIN current_rulesets r USING (wave_id)
LEFT JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = s.site_id
LEFT JOIN judgements j ON j.ruleset = r.ruleset AND j.visit_id = v.visit_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
LEFT JOIN robots_bodies rb ON rb.ruleset = r.ruleset AND rb.body_id = c.body_id
WHERE w.name = :wave
"""


def shared_sql() -> dict[str, str]:
    """Give the files that come before the numbers, by name, in the order of running."""
    folder = resources.files("analysis.numbers").joinpath("summary")
    return {name: folder.joinpath(name).read_text("utf-8") for name in SHARED}


def _cells(connection: sqlite3.Connection, number: Number, wave: str) -> dict[str, list[Cell]]:
    """Give the cells of each key; the SQL's rows of the whole panel are what they add up to."""
    cells: dict[str, list[Cell]] = defaultdict(list)
    for _, _, split, key, k, n, *told in connection.execute(number.sql, {"wave": wave}):
        if split == WHOLE_PANEL:
            continue
        stratum, weight, owner, template = split.rsplit(SPLIT, 3)
        heavy = float(weight) if weight else None
        cells[key].append(Cell(stratum, heavy, owner, template, k, n, told[0] if told else 0))
    return dict(sorted(cells.items()))


def _result(number: Number, counted: Mapping[str, Sequence[Cell]], frame: Frame) -> Result:
    strata = sorted({cell.stratum for cells in counted.values() for cell in cells})
    return Result(
        number,
        tuple(
            _row(number, stratum, key, cells, frame)
            for stratum in (WHOLE_PANEL, *strata)
            for key, every in counted.items()
            if (cells := _within(every, stratum))
        ),
    )


def _within(cells: Iterable[Cell], stratum: str) -> list[Cell]:
    return [cell for cell in cells if stratum in {WHOLE_PANEL, cell.stratum}]


def _row(number: Number, stratum: str, key: str, cells: Sequence[Cell], frame: Frame) -> Row:
    definition = number.definition
    k, n, told = sum(c.k for c in cells), sum(c.n for c in cells), sum(c.told for c in cells)
    attempted = _within(frame.attempted, stratum)
    drawn = definition != OUR_OWN_DOING and any(cell.weight != 1 for cell in attempted)
    heavy = weighted((cell.heavy, cell.k, cell.n) for cell in cells)
    adjusted = _adjusted(cells, attempted)
    bounds = weighted_bounds = None
    if definition != OUR_OWN_DOING:
        bounds = missing_bounds(k, n, sum(c.k for c in attempted) - n, told)
        weighted_bounds = _weighted_bounds(cells, attempted)
    seed = frame.seed if drawn else None
    low, high = (drawn and wilson(k, n)) or (None, None)
    owner_low, owner_high = _bootstrapped(cells, "owner", seed) or (None, None)
    template_low, template_high = _bootstrapped(cells, "template", seed) or (None, None)
    return Row(
        definition=definition,
        wave=frame.wave,
        panel=frame.panel,
        stratum=stratum,
        key=key,
        k=k,
        n=n,
        share=k / n if n else None,
        low=low,
        high=high,
        ruleset=frame.ruleset,
        weighted_share=heavy.share if heavy else None,
        weighted_low=heavy.low if heavy and drawn else None,
        weighted_high=heavy.high if heavy and drawn else None,
        effective_n=heavy.effective_n if heavy else None,
        adjusted_share=adjusted.share if adjusted else None,
        adjusted_low=adjusted.low if adjusted and drawn else None,
        adjusted_high=adjusted.high if adjusted and drawn else None,
        told=told,
        if_none=bounds and bounds[0],
        if_all=bounds and bounds[1],
        weighted_if_none=weighted_bounds and weighted_bounds[0],
        weighted_if_all=weighted_bounds and weighted_bounds[1],
        owner_low=owner_low,
        owner_high=owner_high,
        template_low=template_low,
        template_high=template_high,
        label=number.label(key),
    )


def _adjusted(cells: Sequence[Cell], attempted: Sequence[Cell]) -> Weighted | None:
    """Raise what was measured of each stratum to the weight of all sites listed in it."""
    listed: dict[str, float] = defaultdict(float)
    for cell in attempted:
        listed[cell.stratum] += cell.heavy * cell.n
    return post_stratified(
        (size, [(cell.heavy, cell.k, cell.n) for cell in _within(cells, stratum)])
        for stratum, size in listed.items()
    )


def _weighted_bounds(cells: Sequence[Cell], attempted: Sequence[Cell]) -> Interval | None:
    n = sum(cell.heavy * cell.n for cell in cells)
    missing = sum(cell.heavy * cell.k for cell in attempted) - n
    return missing_bounds(
        sum(cell.heavy * cell.k for cell in cells), n, missing,
        sum(cell.heavy * cell.told for cell in cells),
    )  # fmt: skip


def _bootstrapped(cells: Sequence[Cell], by: str, seed: int | None) -> Interval | None:
    if seed is None:
        return None
    clusters: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cell in cells:
        together = clusters[getattr(cell, by)]
        together[0] += cell.heavy * cell.k
        together[1] += cell.heavy * cell.n
    return cluster_bootstrap(((k, n) for k, n in clusters.values()), seed=seed)


def to_json(summary: Summary) -> str:
    """Write one JSON object.

    `{"wave", "panel", "ruleset", "agents_version", "numbers": [{"definition", "title",
    "question", "numerator", "denominator", "unit", "caveat", "rows": [Row, ...]}, ...]}`;
    shares lie in 0..1, and null stands where nothing was measured.
    """
    document = {
        "wave": summary.wave,
        "panel": summary.panel,
        "ruleset": summary.ruleset,
        "agents_version": summary.agents_version,
        "numbers": [_published(result) for result in summary.results],
    }
    return json.dumps(document, allow_nan=False, indent=2)


def _published(result: Result) -> dict[str, object]:
    number = {f: getattr(result.number, f) for f in ("definition", *HEADER_FIELDS)}
    return {**number, "rows": [asdict(row) for row in result.rows]}


def to_csv(summary: Summary, definitions: Collection[str] | None = None) -> str:
    """Write the rows of all numbers, or of some, as RFC 4180 with the Row's fields as header.

    Text that a spreadsheet would take for a formula starts with `'`.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(Row.__slots__)
    for result in summary.results:
        if definitions is None or result.number.definition in definitions:
            writer.writerows(map(safe_cell, asdict(row).values()) for row in result.rows)
    return text.getvalue()
