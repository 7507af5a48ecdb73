"""Pages of the report that set rows side by side: score, strata, operators, faults, changes.

No number is made here: every cell is a row of an indicator, of the score or a change between waves.
"""

import csv
import itertools
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from jinja2 import Environment

from analysis.numbers import paired
from analysis.numbers.indicator import WHOLE_PANEL, Frame, Measured, Share, Spread
from analysis.numbers.paired import Paired
from analysis.numbers.practicality import scores
from analysis.queries import query
from analysis.safe_text import safe_cell
from analysis.waves import changes as moved
from analysis.waves import trends
from analysis.waves.changes import Change

Record = sqlite3.Row
LISTED = 500
"""Changes on the page; the CSV beside it has every one."""
DRAWN = ("complete", "use:train")
"""Lines over all waves that the page shows; the CSV beside it has every one."""
COMPARED = (
    ("observability", ""), ("any_signal", ""), ("legal_reservation", "any"),
    ("complete_opt_out", ""), ("operator_coverage", ""), ("ineffective_intent", "fails"),
    ("unknown_future", ""), ("conflict_rate", "train"),
)  # fmt: skip
"""Indicators, and the key of each, that the page on strata sets side by side."""

_AGENTS = query(__name__, "agents")
_HONOURS = query(__name__, "honours")
_EXAMPLE = query(__name__, "fault_example")


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator with its agents, and what it says about reading each kind of signal."""

    name: str
    agents: tuple[tuple[Record, Share | None], ...]
    """Each agent with its `effective_block` of the whole panel, where it is in a list."""
    honours: tuple[Record, ...]

    @property
    def anchor(self) -> str:
        """Give the end of its address on the page of operators."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def initial(self) -> str:
        """Give the letter under which it stands."""
        return self.name[:1].upper()


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault with the count of the whole panel and the first place it was seen."""

    signal: str
    code: str
    row: Share
    example: Record


def write_overviews(
    environment: Environment,
    connection: sqlite3.Connection,
    frame: Frame,
    measured: Sequence[Measured],
    out: Path,
) -> None:
    """Write practicality, strata, operators and faults into `out`."""
    found = scores(measured)
    rows = {m.indicator.name: m for m in measured}
    pages: dict[str, dict[str, object]] = {
        "practicality": {"scores": found},
        "strata": {"strata": list(frame.outcomes), "outcomes": _outcomes(frame),
                   "frame_outcomes": frame.outcomes,
                   "columns": [(rows[name], by_stratum(rows[name], key), key)
                               for name, key in COMPARED],
                   "scores": {s.stratum: s for s in found}},
        "operators": {"operators": operators(
            connection, frame.ruleset, rows["effective_block"].rows)},
        "faults": {"faults": faults(connection, frame, rows["fault_codes"])},
    }  # fmt: skip
    for name, values in pages.items():
        page = environment.get_template(f"{name}.html").render(values)
        (out / f"{name}.html").write_text(page, "utf-8")
    (out / "practicality.json").write_text(
        json.dumps([asdict(score) for score in found], indent=2) + "\n", "utf-8"
    )


def _write_paired(pairs: Sequence[Paired], out: Path) -> None:
    with (out / "csv" / "paired.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(field.name for field in fields(Paired))
        writer.writerows(map(safe_cell, asdict(row).values()) for row in pairs)
    (out / "sql" / "paired.sql").write_text(paired.sql(), "utf-8")


def write_changes(
    environment: Environment,
    connection: sqlite3.Connection,
    frame: Frame,
    pairs: Sequence[Paired],
    out: Path,
) -> None:
    """Write changes.html, and every change and every pair into `csv/`."""
    values: dict[str, object] = {"before": None, "tally": [], "changes": [], "total": 0}
    if frame.before is not None:
        tally = moved.tally(connection, frame.before, frame.wave)
        with closing(moved.changes(connection, frame.before, frame.wave)) as changes:
            listed = _write_changes(changes, out / "csv" / "changes.csv")
        _write_paired(pairs, out)
        total = sum(t.sites for t in tally)
        values = {"before": frame.before, "tally": tally, "changes": listed, "total": total}
        sites = dict(connection.execute(
            "SELECT host, site_id FROM sites WHERE host IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted({c.host for c in listed})),),
        ))  # fmt: skip
        values["site_ids"] = sites
        values["panel"] = moved.membership(connection, frame.before, frame.wave)
        values["paired"] = [row for row in pairs if row.stratum == WHOLE_PANEL]
    points = trends.trends(connection, frame.panel, frame.ruleset) if frame.ruleset else []
    (out / "csv" / "trends.csv").write_text(trends.to_csv(points), "utf-8", newline="")
    (out / "sql" / "trends.sql").write_text(trends.sql(), "utf-8")
    (vantage,) = connection.execute(
        "SELECT vantage FROM waves WHERE name = ?", (frame.wave,)
    ).fetchone()
    drawn = [p for p in points if p.headline in DRAWN and p.vantage == vantage]
    values["trends"] = drawn
    page = environment.get_template("changes.html").render(values)
    (out / "changes.html").write_text(page, "utf-8")


def _write_changes(changes: Iterable[Change], path: Path) -> list[Change]:
    """Write all, a row at a time, and keep the first."""
    listed: list[Change] = []
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(field.name for field in fields(Change))
        for change in changes:
            writer.writerow(map(safe_cell, asdict(change).values()))
            if len(listed) < LISTED:
                listed.append(change)
    return listed


def by_stratum(measured: Measured, key: str) -> dict[str, Share | Spread]:
    """Give the row of one key in each stratum."""
    return {row.stratum: row for row in measured.rows if row.key == key}


def _outcomes(frame: Frame) -> list[str]:
    """Every outcome of the wave, the most frequent first."""
    counted = frame.outcomes.get(WHOLE_PANEL, {})
    return sorted(counted, key=lambda name: (-counted[name], name))


def operators(
    connection: sqlite3.Connection, ruleset: int, blocked: Iterable[Share | Spread]
) -> tuple[Operator, ...]:
    """Give every operator of the agent list, by name, with its rows of `effective_block`."""
    shares = {r.key: r for r in blocked if r.stratum == WHOLE_PANEL and isinstance(r, Share)}
    said: dict[str, list[Record]] = defaultdict(list)
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    for row in cursor.execute(_HONOURS, (ruleset,)):
        said[row["operator"]].append(row)
    agents = cursor.execute(_AGENTS, (ruleset,)).fetchall()
    return tuple(
        Operator(name, tuple((a, shares.get(a["token"])) for a in group), tuple(said[name]))
        for name, group in itertools.groupby(agents, key=lambda a: a["operator"])
    )


def faults(connection: sqlite3.Connection, frame: Frame, counted: Measured) -> list[Fault]:
    """Give every kind of fault that a site has, the most frequent first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found = []
    for row in counted.rows:
        if row.stratum != WHOLE_PANEL or not isinstance(row, Share) or row.key == "any":
            continue
        signal, _, code = row.key.partition(":")
        bound = {"wave": frame.wave, "ruleset": frame.ruleset, "signal": signal, "code": code}
        found.append(Fault(signal, code, row, cursor.execute(_EXAMPLE, bound).fetchone()))
    return sorted(found, key=lambda f: (-f.row.k, f.signal, f.code))
