"""Pages of the report on the other side: what operators document, what holds, what is left to do.

No number is made here but counts of cards: every other cell is a row of an indicator, or a line of
the registry with its source.
"""

import csv
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from analysis.numbers.indicator import WHOLE_PANEL, Frame, Measured, Share, Spread
from analysis.queries import query
from analysis.safe_text import safe_cell

HOLDS = (
    "refusal_reach", "reach_by_signal", "reach_by_country", "mechanisms_to_add", "paper_only",
    "silent_enforcer", "paid_at_the_door", "compliance_weighted", "accessibility_cost",
)  # fmt: skip
LEFT = ("erasure_path", "after_capture", "licence_routes", "conditions_readable", "asked_to_pay")
UNKNOWN = "unknown"

_CARDS = query(__name__, "cards")
_REMOVALS = query(__name__, "removals")
_LICENCES = query(__name__, "licences")
_STUDIES = query(__name__, "studies")


def write(
    environment: Environment,
    connection: sqlite3.Connection,
    frame: Frame,
    measured: Sequence[Measured],
    out: Path,
) -> None:
    """Write scorecard.html, holds.html and left.html, and every cell of every card as CSV."""
    rows = {m.indicator.name: m for m in measured}
    cards = _records(connection, _CARDS, frame.ruleset)
    cells = sorted({card["cell"] for card in cards})
    pages: dict[str, dict[str, object]] = {
        "scorecard": {
            "cells": [(cell, *_known(cards, cell)) for cell in cells],
            "cards": _by_operator(cards),
            "version": cards[0]["version"] if cards else None,
        },
        "holds": {
            "chapters": [(rows[name], panel_rows(rows[name])) for name in HOLDS],
            "studies": _records(connection, _STUDIES),
        },
        "left": {
            "chapters": [(rows[name], panel_rows(rows[name])) for name in LEFT],
            "removals": _records(connection, _REMOVALS, frame.ruleset),
            "licences": _records(connection, _LICENCES, frame.ruleset),
        },
    }
    for name, values in pages.items():
        page = environment.get_template(f"{name}.html").render(values)
        (out / f"{name}.html").write_text(page, "utf-8")
    with (out / "csv" / "scorecard.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(cards[0].keys() if cards else ())
        writer.writerows(map(safe_cell, card) for card in cards)


def panel_rows(measured: Measured) -> list[Share | Spread]:
    """Give the rows of the whole panel, by key; a count of nobody is left out."""
    rows = [row for row in measured.rows if row.stratum == WHOLE_PANEL and row.n]
    return sorted(rows, key=lambda row: row.label)


def _known(cards: Sequence[sqlite3.Row], cell: str) -> tuple[int, int, int]:
    """Of how many cards a cell is unknown, of how many verified, and of how many there are."""
    here = [card for card in cards if card["cell"] == cell]
    unknown = sum(card["value"] == UNKNOWN for card in here)
    return unknown, sum(bool(card["verified"]) for card in here), len(here)


def _by_operator(cards: Sequence[sqlite3.Row]) -> list[tuple[str, list[sqlite3.Row]]]:
    found: dict[str, list[sqlite3.Row]] = {}
    for card in cards:
        found.setdefault(card["operator"], []).append(card)
    return list(found.items())


def _records(connection: sqlite3.Connection, sql: str, *bound: object) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, bound).fetchall()
