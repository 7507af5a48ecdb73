"""The indicators of practicality: every `indicators/<name>.sql` into rows of shares or spreads.

A file is its own definition: a header that is read here, and one SELECT over the tables of
`_units.sql`, which can be run by hand with `:wave` and `:clusters` bound. An indicator that
needs what no survey has captured yet has a header that says so, and no SELECT. The name of
the file is persisted and never gets another meaning.

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
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from importlib import resources

from analysis.database import AnalysisError, check_wave, scratch
from analysis.queries import query
from analysis.safe_text import safe_cell
from analysis.statistics import cluster_bootstrap, missing_bounds, weighted, wilson
from analysis.waves import changes

WHOLE_PANEL = "*"
ROUNDS = 2000

Cell = tuple[str, float, str, str, float, int]
"""stratum, weight of a site, cluster, key, then k or the value, then n."""


class Kind(StrEnum):
    """What an indicator's rows are."""

    SHARE = "share"  # k of n
    DISTRIBUTION = "distribution"  # a value for each of n
    EXTREME = "extreme"  # k of n, with k picked as the greatest, or a difference: no interval


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure. `needs` says what is missing where it cannot be computed yet.

    `waves` is "2" where the wave before is needed too, else "".
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
    caveat: str = ""
    needs: str = ""
    waves: str = ""
    sql: str = ""


COMPUTED = tuple(
    f.name for f in fields(Indicator) if f.name not in {"name", "needs", "waves", "sql"}
)  # fmt: skip
REGISTERED = ("id", "title", "question", "needs", "literature")


@dataclass(frozen=True, slots=True)
class Share:
    """k of n for one stratum (`*`: the panel) and key, with what could make it differ.

    Shares lie in 0..1. `low` and `high`: Wilson, 95 %. `weighted_*`: by the panel's weights,
    with Kish's effective size. `cluster_*`: bootstrap over clusters, where asked for. `if_none`
    and `if_all`: the share if none or all of the unobserved sites counted; None where the
    denominator is not the panel's observed sites. `outcomes` counts the attempted sites.
    All intervals and weighted values are None for an EXTREME. `before` is the earlier wave of
    an indicator over two.
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


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a value over n: unweighted quantiles, mean and weighted mean."""

    indicator: str
    id: str
    wave: str
    panel: str
    ruleset: int
    stratum: str
    key: str
    n: int
    p10: float
    median: float
    p90: float
    mean: float
    weighted_mean: float | None
    outcomes: str
    before: str | None


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


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with its rows, the whole panel first; `lacks` says why there are none."""

    indicator: Indicator
    rows: tuple[Share | Spread, ...]
    lacks: str = ""


@cache
def indicators() -> tuple[Indicator, ...]:
    """Read every indicator, by id. ValueError names the file with a faulty header."""
    folder = resources.files("analysis.numbers").joinpath("indicators")
    files = (file for file in folder.iterdir() if not file.name.startswith("_"))
    found = (_indicator(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files)
    return tuple(sorted(found, key=lambda i: (i.id, i.name)))


def _indicator(name: str, text: str) -> Indicator:
    header, sql = _split(text)
    expected = REGISTERED if "needs" in header else COMPUTED
    odd = sorted((set(header) ^ set(expected)) - {"waves"})
    if odd or header.get("waves", "2") != "2":
        odd = odd or ["waves"]
        raise ValueError(f"{name}.sql: the header lacks, or should not have, {', '.join(odd)}")
    if bool(sql.strip()) is ("needs" in header):
        raise ValueError(f"{name}.sql: a SELECT, or what it needs, and not both")
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
    connection: sqlite3.Connection, wave: str, *, seed: int | None = None
) -> Iterator[Frame]:
    """Prepare the tables of `_units.sql` (and `_before.sql`), and take them away again.

    `seed`: keep clusters apart and bootstrap over them. Raises UnknownWaveError, and
    AnalysisError for a wave that was not judged.
    """
    check_wave(connection, wave)
    with scratch(connection):
        _prepare(connection, "_units", {"wave": wave, "clusters": int(seed is not None)})
        known = connection.execute("SELECT wave, panel, ruleset FROM this_wave").fetchone()
        if known is None:
            raise AnalysisError(f"wave {wave!r} has not been judged: run optout judge")
        before = changes.earlier_wave(connection, wave, known[2])
        if before is not None:
            changes.compare(connection, before, wave, known[2])
            _prepare(connection, "_before", {"before": before})
        yield Frame(known[0], known[1], known[2], _outcomes(connection), seed, before)


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


def measure(connection: sqlite3.Connection, frame: Frame, indicator: Indicator) -> Measured:
    """Compute one indicator inside `measuring`."""
    if indicator.needs:
        return Measured(indicator, (), f"needs {indicator.needs}")
    if indicator.waves and frame.before is None:
        return Measured(
            indicator, (), f"needs an earlier wave of the panel, judged by ruleset {frame.ruleset}"
        )
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    cells: list[Cell] = connection.execute(indicator.sql).fetchall()
    # Strata add up to the panel, unless the SELECT speaks for the panel itself.
    adds_up = all(cell[0] != WHOLE_PANEL for cell in cells)
    for cell in cells:
        stratum, key = cell[0], cell[3]
        groups[stratum, key].append(cell)
        if adds_up:
            groups[WHOLE_PANEL, key].append(cell)
    row = _spread if indicator.kind == Kind.DISTRIBUTION else _share
    ordered = sorted(groups, key=lambda g: (g[0] != WHOLE_PANEL, g))
    return Measured(indicator, tuple(row(indicator, frame, g, groups[g]) for g in ordered))


def run(
    connection: sqlite3.Connection,
    wave: str,
    names: Collection[str] = (),
    *,
    seed: int | None = None,
) -> list[Measured]:
    """Compute all indicators of a wave, or those named; AnalysisError for an unknown name."""
    known = {i.name: i for i in indicators()}
    if unknown := [name for name in names if name not in known]:
        listed = ", ".join(known)
        raise AnalysisError(f"no indicator {unknown[0]!r}; the indicators are {listed}")
    with measuring(connection, wave, seed=seed) as frame:
        chosen = [known[name] for name in names] or indicators()
        return [measure(connection, frame, indicator) for indicator in chosen]


def _share(indicator: Indicator, frame: Frame, group: tuple[str, str], cells: list[Cell]) -> Share:
    stratum, key = group
    k, n = int(sum(c[4] for c in cells)), sum(c[5] for c in cells)
    drawn = indicator.kind == Kind.SHARE
    low, high = (drawn and wilson(k, n)) or (None, None)
    heavy = weighted((c[1], int(c[4]), c[5]) for c in cells) if drawn else None
    attempted = sum(frame.outcomes.get(stratum, {}).values())
    unobserved = indicator.missing == "unobserved"
    if_none, if_all = (unobserved and missing_bounds(k, n, attempted - n)) or (None, None)
    seed = frame.seed if drawn else None
    cluster_low, cluster_high = _bootstrapped(cells, seed) or (None, None)
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
        weighted_low=heavy.low if heavy else None,
        weighted_high=heavy.high if heavy else None,
        effective_n=heavy.effective_n if heavy else None,
        cluster_low=cluster_low,
        cluster_high=cluster_high,
        if_none=if_none,
        if_all=if_all,
        outcomes=json.dumps(frame.outcomes.get(stratum, {})),
        before=frame.before if indicator.waves else None,
    )


def _bootstrapped(cells: list[Cell], seed: int | None) -> tuple[float, float] | None:
    if seed is None:
        return None
    clusters: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, _, cluster, _, k, n in cells:
        clusters[cluster][0] += int(k)
        clusters[cluster][1] += n
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
