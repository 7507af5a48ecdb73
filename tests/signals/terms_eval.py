"""How well sentences are told apart: `python -m tests.signals.terms_eval` prints both halves.

The sentences (`terms_sentences.tsv`) are ours: half, label, language, text. The half `held`
was written before the word list was tuned, and is for measuring only. Both halves and the
list are by one hand, so the rates are those of a friendly reader: pages of strangers do worse.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawler.registry import languages
from crawler.signals.reading.reservation import ORDER, classify, sentences

FILE = Path(__file__).parent / "terms_sentences.tsv"
NONE = "none"


@dataclass(frozen=True)
class Row:
    half: str
    language: str
    label: str
    text: str

    @property
    def found(self) -> str:
        """The most telling class of the paragraph's sentences."""
        stances = [r.stance for _, s in sentences(self.text) if (r := classify(s, self.text))]
        return min(stances, key=ORDER.index, default=NONE)


def rows(half: str) -> list[Row]:
    with FILE.open(encoding="utf-8", newline="") as file:
        found = [Row(*row) for row in csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)]
    return [row for row in found if row.half == half]


def precision(found: list[Row]) -> float:
    """Share of the rows given a class that have this class."""
    given = [row for row in found if row.found != NONE]
    return sum(row.found == row.label for row in given) / len(given)


def recall(found: list[Row]) -> float:
    """Share of the rows of a class that are given it."""
    labelled = [row for row in found if row.label != NONE]
    return sum(row.found == row.label for row in labelled) / len(labelled)


def identified(found: list[Row]) -> float:
    """Share of the rows whose language is told."""
    return sum(languages.identify(row.text) == row.language for row in found) / len(found)


def main() -> None:
    """Print per half the confusion table and the rates, and for `dev` what went wrong."""
    console = Console(emoji=False, width=200)
    classes = [*ORDER, NONE]
    for half in ("dev", "held"):
        found = rows(half)
        counts = Counter((row.label, row.found) for row in found)
        table = Table(f"{half}: label", *classes)
        for label in classes:
            table.add_row(label, *(str(counts[label, given]) for given in classes))
        console.print(table)
        console.print(
            f"{len(found)} rows, precision {precision(found):.3f}, recall {recall(found):.3f}, "
            f"language {identified(found):.3f}"
        )
        if half == "dev":
            for row in found:
                if row.found != row.label:
                    console.print(f"{row.language} {row.label} -> {row.found}: {row.text}")
                if (code := languages.identify(row.text)) != row.language:
                    console.print(f"{row.language} taken for {code}: {row.text}")


if __name__ == "__main__":
    main()
