"""The indicators of practicality: every `indicators/<name>.sql` into rows of shares or spreads.

A file is its own definition: a header that is read here, and one SELECT over the tables of
`_units.sql`, which can be run by hand with `:wave` and `:clusters` bound. `needs` says in words
what data that takes and `given`, an SQL expression over the same tables, whether a database has
them: if not, there are no rows, and no zero. Without a SELECT nobody can compute the indicator yet,
and without `given` the database has no place for such data. The name of the file is persisted and
never gets another meaning.

An indicator with `adds: lags` in its header gets days by Turnbull's and by Kaplan and Meier's
estimate besides the rows of its SELECT; see `lags`.

An indicator over two waves has `waves: 2` in its header. Its SELECT reads the tables of
`_before.sql` too, with `:before` bound to the panel's last wave before that was judged by the
same ruleset, and `v_changes` between the two. Where there is no such wave it is skipped.
"""

import csv
import io
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from functools import cache
from importlib import resources

from analysis.database import AnalysisError, check_wave, scratch
from analysis.numbers import keys, lags
from analysis.queries import query
from analysis.safe_text import safe_cell
from analysis.statistics import (
    Interval,
    cluster_bootstrap,
    missing_bounds,
    post_stratified,
    weighted,
    wilson,
)
from analysis.waves import changes

WHOLE_PANEL = "*"
ROUNDS = 2000
NESTED = frozenset({"work", "host of a site", "operator of a site"})
"""Units of which a site has many: they are drawn with their site, and so are their intervals."""
REGISTERED_UNITS = frozenset({"agent"})
"""Units of which the registry holds all there are: nothing was drawn, so there is no interval."""
SITES_SEED = 1
"""Whole sites are drawn again for units inside them, from this seed where none is given."""
SPLIT = "\x1f"
"""Parts a site from its owner in the clusters of nested units."""

Cell = tuple[str, float, str, str, float, int]
"""stratum, weight of a site, cluster, key, then k or the value, then n."""


class Kind(StrEnum):
    """What an indicator's rows are."""

    SHARE = "share"  # k of n
    DISTRIBUTION = "distribution"  # a value for each of n
    EXTREME = "extreme"  # k of n, with k picked as the greatest, or a difference: no interval


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure. `needs` says in words what data it takes, `given` asks the database for them.

    `waves` is "2" where the wave before is needed too, else "". `primary` is the key that the title
    speaks about, and `keys` says every key in words; see `label`. Without them the only key is ''.
    """

    name: str
    id: str
    title: str
    question: str
    literature: str
    definition: str = ""
    numerator: str = ""
    denominator: str = ""
    unit: str = ""
    kind: str = ""
    missing: str = ""
    primary: str = ""
    keys: str = ""
    caveat: str = ""
    needs: str = ""
    waves: str = ""
    adds: str = ""
    given: str = ""
    sql: str = ""

    def label(self, key: str) -> str:
        """Say a key in words. ValueError for one that the header does not name."""
        try:
            return keys.label(self.keys, key)
        except ValueError as error:
            raise ValueError(f"{self.name}.sql: {error}") from error


OPTIONAL = {"waves", "primary", "keys", "adds", "needs", "given"}
COMPUTED = tuple(f.name for f in fields(Indicator) if f.name not in {"name", "needs", "sql"})
REGISTERED = ("id", "title", "question", "needs", "literature")


@dataclass(frozen=True, slots=True)
class Share:
    """k of n for one stratum (`*`: the panel) and key, with what could make it differ.

    Shares lie in 0..1. `low` and `high`: Wilson, 95 %; of NESTED units a bootstrap over sites.
    `weighted_*`: by the panel's weights, with Kish's effective size. `cluster_*`: bootstrap over
    clusters, where asked for. `if_none` and `if_all`, and both weighted: the share if none or all
    of the unobserved sites counted; `adjusted_share`: weighted, and each stratum raised to its
    attempted sites. These are None where the denominator is not the panel's observed sites.
    `outcomes` counts the attempted sites. All intervals and weighted values are None for an
    EXTREME; intervals also for a census (weights all 1 as written) and a count of the registry.
    `before` is the earlier wave of an indicator over two, `label` says the key in words.
    """

    indicator: str
    id: str
    wave: str
    panel: str
    ruleset: int
    stratum: str
    key: str
    k: int
    n: int
    share: float | None
    low: float | None
    high: float | None
    weighted_share: float | None
    weighted_low: float | None
    weighted_high: float | None
    effective_n: float | None
    cluster_low: float | None
    cluster_high: float | None
    if_none: float | None
    if_all: float | None
    outcomes: str
    before: str | None
    weighted_if_none: float | None
    weighted_if_all: float | None
    adjusted_share: float | None
    label: str


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a value over n: unweighted quantiles, mean and weighted mean.

    Quantiles are None where a time was not reached, or too few were under watch by then; means
    are None of such estimates.
    """

    indicator: str
    id: str
    wave: str
    panel: str
    ruleset: int
    stratum: str
    key: str
    n: int
    p10: float | None
    median: float | None
    p90: float | None
    mean: float | None
    weighted_mean: float | None
    outcomes: str
    before: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of a wave share."""

    wave: str
    panel: str
    ruleset: int
    outcomes: dict[str, dict[str, int]]
    """Attempted sites by stratum and outcome; `*` is the panel."""
    seed: int | None
    before: str | None
    """The panel's last wave before that was judged by the same ruleset."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Weight of the attempted sites by stratum, without the panel as a whole."""
    censuses: frozenset[str] = frozenset()
    """Strata, and `*`, whose sites all weigh 1 as written."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with its rows, the whole panel first; `lacks` says why there are none."""

    indicator: Indicator
    rows: tuple[Share | Spread, ...]
    lacks: str = ""

    def primary(self, stratum: str = WHOLE_PANEL) -> Share | Spread | None:
        """Give the row that the title speaks about, of one stratum.

        Where keys are open-ended that is the first one by name, or the one over the largest n.
        """
        here = sorted((r for r in self.rows if r.stratum == stratum), key=lambda row: row.key)
        match self.indicator.primary:
            case "(first)":
                return here[0] if here else None
            case "(largest)":
                return max(here, key=lambda row: row.n, default=None)
            case key:
                key = "" if key == keys.ALL else key
                return next((row for row in here if row.key == key), None)


@cache
def indicators() -> tuple[Indicator, ...]:
    """Read every indicator, by id. ValueError names the file with a faulty header."""
    folder = resources.files("analysis.numbers").joinpath("indicators")
    files = (file for file in folder.iterdir() if not file.name.startswith("_"))
    found = (_indicator(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files)
    return tuple(sorted(found, key=lambda i: (i.id, i.name)))


def _indicator(name: str, text: str) -> Indicator:
    header, sql = _split(text)
    expected = COMPUTED if sql.strip() else REGISTERED
    odd = sorted((set(header) ^ set(expected)) - OPTIONAL)
    if ("primary" in header) is not ("keys" in header):
        odd = ["primary and keys together"]
    odd += [f for f, only in (("waves", "2"), ("adds", "lags")) if header.get(f, only) != only]
    if odd:
        raise ValueError(f"{name}.sql: the header lacks, or should not have, {', '.join(odd)}")
    wanted = ("needs" in header) is ("given" in header) if sql.strip() else "needs" in header
    if not wanted:
        raise ValueError(f"{name}.sql: needs with a SELECT and given, or needs without a SELECT")
    return Indicator(name, **header, sql=sql)


def _split(text: str) -> tuple[dict[str, str], str]:
    """The `-- field: words` lines at the top, with their continuations, and what follows."""
    match = re.match(r"(?:--[^\n]*\n)*", text)
    end = match.end() if match else 0
    header: dict[str, str] = {}
    name = ""
    for line in text[:end].splitlines():
        if start := re.match(r"-- (\w+): (.*)", line):
            name = start[1]
            header[name] = start[2]
        else:
            header[name] += " " + line.removeprefix("--").strip()
    return header, text[end:]


@contextmanager
def measuring(
    connection: sqlite3.Connection, wave: str, *, seed: int | None = None, before: str | None = None
) -> Iterator[Frame]:
    """Prepare the tables of `_units.sql`, `_opt_outs.sql` (and `_before.sql`) until the end.

    `seed`: keep clusters apart and bootstrap over them. `before`: the wave to compare with, if
    not the panel's last one before. Raises UnknownWaveError, and AnalysisError for a wave that
    was not judged or cannot be compared.
    """
    check_wave(connection, wave)
    with scratch(connection):
        _prepare(connection, "_units", {"wave": wave, "clusters": int(seed is not None)})
        known = connection.execute("SELECT wave, panel, ruleset FROM this_wave").fetchone()
        if known is None:
            raise AnalysisError(f"wave {wave!r} has not been judged: run optout judge")
        _prepare(connection, "_opt_outs", {})
        if before is None:
            before = changes.earlier_wave(connection, wave, known[2])
        else:
            before = changes.chosen_wave(connection, wave, before, known[2])
        if before is not None:
            changes.compare(connection, before, wave, known[2])
            _prepare(connection, "_before", {"before": before})
        yield Frame(
            known[0], known[1], known[2], _outcomes(connection), seed, before,
            *_weights(connection),
        )  # fmt: skip


def _prepare(connection: sqlite3.Connection, name: str, bound: dict[str, object]) -> None:
    for statement in filter(str.strip, query(__name__, f"indicators/{name}").split(";\n")):
        connection.execute(statement, bound)


def _outcomes(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = connection.execute("SELECT stratum, outcome, count(*) FROM units GROUP BY 1, 2")
    for stratum, outcome, sites in rows:
        counted[stratum][outcome] += sites
        counted[WHOLE_PANEL][outcome] += sites
    return {stratum: dict(sorted(found.items())) for stratum, found in counted.items()}


def _weights(connection: sqlite3.Connection) -> tuple[dict[str, float], frozenset[str]]:
    """Weigh the attempted sites of each stratum; and name the strata that were taken whole."""
    rows = connection.execute(
        "SELECT u.stratum, sum(u.weight), min(ps.weight IS 1.0) FROM this_wave w"
        " JOIN units u JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = u.site_id"
        " GROUP BY 1"
    ).fetchall()
    whole = {stratum for stratum, _, census in rows if census}
    if rows and len(whole) == len(rows):
        whole.add(WHOLE_PANEL)
    return {stratum: weight for stratum, weight, _ in rows}, frozenset(whole)


def measure(connection: sqlite3.Connection, frame: Frame, indicator: Indicator) -> Measured:
    """Compute one indicator inside `measuring`."""
    if indicator.waves and frame.before is None:
        return Measured(
            indicator, (), f"needs an earlier wave of the panel, judged by ruleset {frame.ruleset}"
        )
    if lacks := _lacks(connection, indicator):
        return Measured(indicator, (), lacks)
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    cells = _cells(connection, indicator)
    # Strata add up to the panel, unless the SELECT speaks for the panel itself.
    adds_up = all(cell[0] != WHOLE_PANEL for cell in cells)
    for cell in cells:
        stratum, key = cell[0], cell[3]
        groups[stratum, key].append(cell)
        if adds_up:
            groups[WHOLE_PANEL, key].append(cell)
    row = _spread if indicator.kind == Kind.DISTRIBUTION else _share
    rows = [row(indicator, frame, group, cells) for group, cells in groups.items()]
    if indicator.adds:
        rows += _lags(connection, indicator, frame)
    return Measured(
        indicator, tuple(sorted(rows, key=lambda r: (r.stratum != WHOLE_PANEL, r.stratum, r.key)))
    )


def _lacks(connection: sqlite3.Connection, indicator: Indicator) -> str:
    """Say what this database lacks for the indicator; an empty string where it can be computed."""
    given = f"SELECT {indicator.given or 0}"
    if not connection.execute(given).fetchone()[0]:
        return f"needs {indicator.needs}" if indicator.needs else ""
    return "" if indicator.sql else f"needs a SELECT: {indicator.needs} is there"


def _cells(connection: sqlite3.Connection, indicator: Indicator) -> list[Cell]:
    """Run the SELECT; of nested units with the sites kept apart, behind their owners."""
    with scratch(connection):
        if indicator.unit in NESTED:
            connection.execute("UPDATE temp.units SET cluster = cluster || ? || site_id", (SPLIT,))
        return connection.execute(indicator.sql).fetchall()


def run(
    connection: sqlite3.Connection,
    wave: str,
    names: Collection[str] = (),
    *,
    seed: int | None = None,
    before: str | None = None,
) -> list[Measured]:
    """Compute all indicators of a wave, or those named; AnalysisError for an unknown name."""
    known = {i.name: i for i in indicators()}
    if unknown := [name for name in names if name not in known]:
        listed = ", ".join(known)
        raise AnalysisError(f"no indicator {unknown[0]!r}; the indicators are {listed}")
    with measuring(connection, wave, seed=seed, before=before) as frame:
        chosen = [known[name] for name in names] or indicators()
        return [measure(connection, frame, indicator) for indicator in chosen]


def _share(indicator: Indicator, frame: Frame, group: tuple[str, str], cells: list[Cell]) -> Share:
    stratum, key = group
    k, n = int(sum(c[4] for c in cells)), sum(c[5] for c in cells)
    drawn = indicator.kind == Kind.SHARE
    uncertain = drawn and indicator.unit not in REGISTERED_UNITS and stratum not in frame.censuses
    nested = indicator.unit in NESTED
    heavy = weighted((c[1], int(c[4]), c[5]) for c in cells) if drawn else None
    interval = weighted_interval = None
    if uncertain and nested:
        seed = SITES_SEED if frame.seed is None else frame.seed
        interval = _bootstrapped(cells, seed)
        weighted_interval = _bootstrapped(cells, seed, heavy=True)
    elif uncertain:
        interval = wilson(k, n)
        weighted_interval = (heavy.low, heavy.high) if heavy else None
    low, high = interval or (None, None)
    weighted_low, weighted_high = weighted_interval or (None, None)
    attempted = sum(frame.outcomes.get(stratum, {}).values())
    unobserved = indicator.missing == "unobserved"
    if_none, if_all = (unobserved and missing_bounds(k, n, attempted - n)) or (None, None)
    weights = {s: w for s, w in frame.weights.items() if stratum in {WHOLE_PANEL, s}}
    weighed = _weighted_bounds(cells, sum(weights.values())) if unobserved and drawn else None
    adjusted = _adjusted(cells, weights) if unobserved and drawn else None
    owners = [(*c[:2], c[2].partition(SPLIT)[0], *c[3:]) for c in cells] if nested else cells
    cluster_low, cluster_high = (
        uncertain and frame.seed is not None and _bootstrapped(owners, frame.seed)
    ) or (None, None)
    return Share(
        indicator=indicator.name,
        id=indicator.id,
        wave=frame.wave,
        panel=frame.panel,
        ruleset=frame.ruleset,
        stratum=stratum,
        key=key,
        k=k,
        n=n,
        share=k / n if n else None,
        low=low,
        high=high,
        weighted_share=heavy.share if heavy else None,
        weighted_low=weighted_low,
        weighted_high=weighted_high,
        effective_n=heavy.effective_n if heavy and not nested else None,
        cluster_low=cluster_low,
        cluster_high=cluster_high,
        if_none=if_none,
        if_all=if_all,
        outcomes=json.dumps(frame.outcomes.get(stratum, {})),
        before=frame.before if indicator.waves else None,
        weighted_if_none=weighed and weighed[0],
        weighted_if_all=weighed and weighed[1],
        adjusted_share=adjusted,
        label=indicator.label(key),
    )


def _weighted_bounds(cells: Sequence[Cell], attempted: float) -> Interval | None:
    n = sum(c[1] * c[5] for c in cells)
    return missing_bounds(sum(c[1] * c[4] for c in cells), n, attempted - n)


def _adjusted(cells: Sequence[Cell], weights: Mapping[str, float]) -> float | None:
    """Raise what was observed of each stratum to the weight of its attempted sites."""
    found = post_stratified(
        (weight, [(c[1], int(c[4]), c[5]) for c in cells if c[0] == stratum])
        for stratum, weight in weights.items()
    )
    return found.share if found else None


def _bootstrapped(cells: Iterable[Cell], seed: int, *, heavy: bool = False) -> Interval | None:
    clusters: dict[str, list[float]] = defaultdict(lambda: [0, 0])
    for _, weight, cluster, _, k, n in cells:
        clusters[cluster][0] += int(k) * (weight if heavy else 1)
        clusters[cluster][1] += n * (weight if heavy else 1)
    return cluster_bootstrap(((k, n) for k, n in clusters.values()), seed=seed, rounds=ROUNDS)


def _spread(
    indicator: Indicator, frame: Frame, group: tuple[str, str], cells: list[Cell]
) -> Spread:
    stratum, key = group
    n = sum(c[5] for c in cells)
    values = sorted((c[4], c[5]) for c in cells)
    weight = sum(c[1] * c[5] for c in cells)
    return Spread(
        indicator.name, indicator.id, frame.wave, frame.panel, frame.ruleset, stratum, key, n,
        _quantile(values, n, 0.1), _quantile(values, n, 0.5), _quantile(values, n, 0.9),
        sum(value * times for value, times in values) / n,
        sum(c[1] * c[4] * c[5] for c in cells) / weight if weight else None,
        json.dumps(frame.outcomes.get(stratum, {})), frame.before if indicator.waves else None,
        indicator.label(key),
    )  # fmt: skip


def _lags(
    connection: sqlite3.Connection, indicator: Indicator, frame: Frame
) -> Iterator[Share | Spread]:
    """Give the days by which a tenth, a half and nine tenths of the sites under watch refused."""
    agents = connection.execute(
        "SELECT token FROM panel_agents WHERE announced IS NOT NULL ORDER BY token"
    ).fetchall()
    for (agent,) in agents:
        for found in lags.times(connection, frame.wave, agent, (0.1, 0.5, 0.9)):
            for name in ("at least", "at most", "first seen"):
                key = f"{agent}: {name}"
                p10, median, p90 = getattr(found, name.replace(" ", "_"))
                yield Spread(
                    indicator.name, indicator.id, frame.wave, frame.panel, frame.ruleset,
                    found.stratum, key, found.sites, p10, median, p90, None, None,
                    json.dumps(frame.outcomes.get(found.stratum, {})), None, indicator.label(key),
                )  # fmt: skip


def _quantile(values: Iterable[tuple[float, int]], n: int, share: float) -> float:
    """The smallest value that at least this share of n does not exceed (Hyndman and Fan, 1)."""
    seen = 0
    last = 0.0
    for last, times in values:  # noqa: B007 - the last value answers for rounding at the end
        seen += times
        if seen >= share * n:
            break
    return last


def to_json(measured: Iterable[Measured]) -> str:
    """Write `{"indicators": [{header fields..., "lacks", "rows": [...]}]}`; null: not measured.

    `lacks` is there where rows are not, and says why.
    """
    document = [
        {
            **{f: v for f, v in asdict(m.indicator).items() if v and f != "sql"},
            **({"lacks": m.lacks} if m.lacks else {}),
            "rows": [asdict(row) | {"outcomes": json.loads(row.outcomes)} for row in m.rows],
        }
        for m in measured
    ]
    return json.dumps({"indicators": document}, allow_nan=False, indent=2)


def to_csv(measured: Iterable[Measured]) -> str:
    """Write all shares as RFC 4180 with the fields of Share; spreads are left out."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(Share.__slots__)
    for m in measured:
        rows = (row for row in m.rows if isinstance(row, Share))
        writer.writerows(map(safe_cell, asdict(row).values()) for row in rows)
    return text.getvalue()
