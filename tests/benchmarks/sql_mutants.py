"""Which slips in published SQL the tests notice: `python -m tests.benchmarks.sql_mutants`.

Every published query is changed in one place, as a slip would change it (DISTINCT lost, sum for
count, `=` for `<>`, AND for OR, a condition or a LEFT gone, weights ignored, allowed for
disallowed), and the tests of the numbers are called with it, in this process, on surveys that are
built once. Printed are the changes that no test noticed. `--only WORD`: files whose path has it.
"""

import argparse
import importlib
import inspect
import itertools
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from analysis import queries
from analysis.numbers import indicator, summary
from tests.factories import database, indicators, judged, three_waves
from tests.paths import ROOT

FOLDERS = ("analysis/numbers/indicators", "analysis/numbers/summary", "analysis/numbers",
           "analysis/waves")  # fmt: skip
SELECTED = ("trends.sql", "paired.sql", "lags.sql")
"""Of the last two folders; the others are lists, not numbers."""
VIEWS = ("root_access", "wave_agents", "agent_days", "current_rulesets", "platform_cells",
         "v_opt_outs", "v_changes", "v_site_signals_all", "v_asset_hosts_all", "v_definitions",
         "signal_places", "v_access")  # fmt: skip
SLIPS = (
    (r"\bDISTINCT\b ?", ""),
    (r"\bsum\(", "count("),
    (r"\bcount\((?!\*)", "sum(1 + 0 * "),
    (r"\bmax\(", "min("),
    (r"\bmin\(", "max("),
    (r"(?<![<>!=]) = (?!\()", " <> "),
    (r" <> ", " = "),
    (r" <= ", " < "),
    (r" >= ", " > "),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"\bNOT (?=IN|EXISTS)", ""),
    (r" (?<!NOT )IN \(", " NOT IN ("),
    (r"\bNOT (?!IN\b|EXISTS\b|INDEXED\b|NULL\b)", ""),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"\bUNION(?! ALL)\b", "UNION ALL"),
    (r"\b[a-z]\.weight\b(?!,? *\()", "1.0 AS weight"),
    (r"'disallowed'", "'allowed'"),
    (r"'allowed'", "'disallowed'"),
    (r"'own'", "'star'"),
    (r"'unmeasured'", "'disallowed'"),
    (r"coalesce\(([\w.]+), 0\)", r"coalesce(\1, 1)"),
    # A condition gone: a line that begins with AND or WHERE and stands alone.
    (r"\n +AND [^\n()]+(?=\n)", "\n"),
    (r"\bWHERE [^\n()]+(?=\n)", "WHERE 1"),
    (r"AND [a-z_]+\.?[a-z_]* ?(?:=|<>) ?'?[a-z0-9_]+'?(?=[ \n)])", "AND 1"),
)


MODULES = ("numbers.test_red", "numbers.test_indicator_values", "numbers.test_platform_indicators",
           "numbers.test_failure", "numbers.test_new_indicators", "numbers.test_quantifiers",
           "numbers.test_summary", "numbers.test_weights", "numbers.test_of_its_day",
           "numbers.test_score_parts", "numbers.test_lags", "numbers.test_keys",
           "numbers.test_retroactivity", "waves.test_trends", "waves.test_changes",
           "waves.test_panel_versions")  # fmt: skip
SLOW = 2.0
"""Seconds beyond which a case is not used."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call of a test with the arguments that its marks tell."""

    name: str
    test: Callable[..., None]
    told: Mapping[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one text: where, what stood there, and the whole text with it."""

    place: str
    line: int
    before: str
    after: str
    text: str


def mutants(place: str, text: str) -> Iterator[Mutant]:
    """Every slip at every place of the text that is no comment and no header."""
    comments = [match.span() for match in re.finditer(r"--[^\n]*", text)]
    seen = set()
    for pattern, into in SLIPS:
        for match in re.finditer(pattern, text):
            if any(start <= match.start() < end for start, end in comments):
                continue
            changed = text[: match.start()] + match.expand(into) + text[match.end() :]
            if changed not in seen and changed != text:
                seen.add(changed)
                line = text.count("\n", 0, match.start() + 1) + 1
                yield Mutant(place, line, match[0].strip(), into.strip(), changed)


class Surveys:
    """Databases that are built once; each use is of a copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.built: dict[str, Path] = {}
        self.copies = itertools.count()

    def remember(self, build: Callable[..., object]) -> Callable[..., Path]:
        """Stand in for a maker of surveys: what it made for the same arguments is copied."""

        def remembered(path: Path, *told: object) -> Path:
            key = f"{build.__module__} {told!r}"
            if key not in self.built:
                kept = self.folder / f"{len(self.built)}.db"
                build(kept, *told)
                self.built[key] = kept
            shutil.copy(self.built[key], path)
            return path

        return remembered

    def mktemp(self, _: str = "") -> Path:
        """Give an empty folder, as `tmp_path_factory` does."""
        folder = self.folder / f"copy{next(self.copies)}"
        folder.mkdir()
        return folder


def calls(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The arguments of each case of a parametrised test."""
    cases: list[dict[str, Any]] = [{}]
    for mark in (m for m in getattr(test, "pytestmark", ()) if m.name == "parametrize"):
        told = mark.args[0]
        names = told.replace(" ", "").split(",") if isinstance(told, str) else list(told)
        rows = [getattr(row, "values") if hasattr(row, "marks") else  # noqa: B009 - a tuple's too
                row if len(names) > 1 else (row,) for row in mark.args[1]]  # fmt: skip
        cases = [c | dict(zip(names, row, strict=True)) for c in cases for row in rows]
    yield from cases


class Suite:
    """Calls tests with what pytest would give them, one after another in this process."""

    def __init__(self, surveys: Surveys, names: Iterable[str] = MODULES) -> None:
        self.surveys = surveys
        self.modules = {n: importlib.import_module(f"tests.analysis.{n}") for n in names}
        self.shared: dict[tuple[str, str], Any] = {}
        self.open: list[Any] = []
        self.usable: list[Case] = []

    def learn(self) -> None:
        """Keep the cases that pass as things are, and are quick."""
        for place, module in self.modules.items():
            for name, test in list(vars(module).items()):
                if not name.startswith("test_") or not callable(test):
                    continue
                for told in calls(test):
                    case = Case(f"{place}::{name}", test, told, inspect.getsource(test))
                    self.run(case)
                    begun = time.monotonic()
                    problem = self.run(case)
                    if problem is None and time.monotonic() - begun < SLOW:
                        self.usable.append(case)
                    elif problem:
                        print(f"not used: {case.name}: {problem}", file=sys.stderr)
            self.done()

    def run(self, case: Case) -> str | None:
        """Call one case; what it said against it, or None."""
        place = case.name.partition("::")[0]
        mine: dict[str, Any] = {}
        wanted = [p for p in inspect.signature(case.test).parameters if p not in case.told]
        try:
            case.test(**{p: self._given(place, p, mine) for p in wanted}, **case.told)
        except (Exception, pytest.fail.Exception) as error:  # any is a notice
            return f"{type(error).__name__}: {str(error)[:80]}"
        return None

    def done(self) -> None:
        """Forget what tests shared."""
        for generator in reversed(self.open):
            generator.close()
        self.open.clear()
        self.shared.clear()

    def _given(self, place: str, name: str, mine: dict[str, Any]) -> Any:
        """A fixture of the module, made once for a test, or once for all, as its scope says."""
        if name == "tmp_path":
            return mine.setdefault(name, self.surveys.mktemp())
        if name == "tmp_path_factory":
            return self.surveys
        fixture = vars(self.modules[place])[name]
        once = fixture._fixture_function_marker.scope != "function"
        if once and (place, name) in self.shared:
            return self.shared[place, name]
        if name not in mine:
            make = fixture._get_wrapped_function()
            wanted = inspect.signature(make).parameters
            value = make(**{p: self._given(place, p, mine) for p in wanted})
            if inspect.isgenerator(value):
                self.open.append(value)
                value = next(value)
            mine[name] = value
            if once:
                self.shared[place, name] = value
        return mine[name]


def concerned(suite: Suite, place: str) -> list[Case]:
    """The cases that could notice a change there, those that are likeliest to first."""
    stem = Path(place).stem
    if place.startswith("analysis/numbers/indicators/") and not stem.startswith("_"):
        chosen = [
            c for c in suite.usable
            if c.told.get("name", stem) == stem
            and (stem in c.told.values() or f'"{stem}"' in c.source or "counted(" in c.source)
        ]  # fmt: skip
    else:
        chosen = [c for c in suite.usable if "wrong" not in c.told]
    return sorted(chosen, key=lambda c: "test_red" not in c.name)


@contextmanager
def standing(place: str, text: str, suite: Suite) -> Iterator[None]:
    """Let the product read this text at this place."""
    forget()
    if place.startswith("view:"):
        with _view(place.removeprefix("view:"), text, suite.surveys):
            yield
        return
    real, here = Path.read_text, ROOT / place

    def read_text(self: Path, *args: Any, **more: Any) -> str:
        return text if self == here else real(self, *args, **more)

    known = {i.name: i for i in indicator.indicators()}
    with mock.patch.object(Path, "read_text", read_text):
        forget()
        fresh = {i.name: i for i in indicator.indicators()}
        red = vars(suite.modules["numbers.test_red"])["KNOWN"]
        red |= {name: fresh[name] for name in red}
        try:
            yield
        finally:
            red |= {name: known[name] for name in red}
    forget()


def forget() -> None:
    """Forget the SQL that was read."""
    indicator.indicators.cache_clear()
    summary.numbers.cache_clear()
    queries.query.cache_clear()


@contextmanager
def _view(name: str, text: str, surveys: Surveys) -> Iterator[None]:
    real = _views()[name]
    for path in surveys.built.values():
        _replace(path, name, text)
    try:
        yield
    finally:
        for path in surveys.built.values():
            _replace(path, name, real)


def _replace(path: Path, name: str, text: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"DROP VIEW IF EXISTS {name};\n{text}")


def _views() -> dict[str, str]:
    text = database.schema()
    found = re.findall(r"(CREATE VIEW (\w+)\b[^;]*;)", text)
    return {name: body for body, name in found}


def texts(only: str) -> Iterator[tuple[str, str]]:
    """The files and views to be changed."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).glob("*.sql")):
            place = str(file.relative_to(ROOT))
            deep = folder.endswith(("indicators", "summary"))
            if only in place and (deep or file.name in SELECTED):
                yield place, file.read_text("utf-8")
    for name, text in _views().items():
        if name in VIEWS and only in f"view:{name}":
            yield f"view:{name}", text


def noticed(suite: Suite, mutant: Mutant, cases: Iterable[Case]) -> bool:
    """Whether a case fails with this change."""
    with standing(mutant.place, mutant.text, suite):
        found = any(suite.run(case) is not None for case in cases)
        suite.done()
    return found


def _remember_steps(suite: Suite) -> None:
    """The panels of one module are made step by step, on the command line."""
    real = suite.modules["numbers.test_retroactivity"].Panel

    class Panel(real):  # type: ignore[misc,valid-type]
        told: tuple[object, ...] = ()

        def wave(self, *args: Any) -> Any:
            return self._step("wave", *args)

        def taken(self, *args: Any) -> Any:
            return self._step("taken", *args)

        def _step(self, name: str, *args: Any) -> Any:
            before = self.db.read_bytes() if self.db.exists() else None
            self.told = (*self.told, (name, args))

            def make(path: Path, *_: object) -> None:
                if before is not None:
                    path.write_bytes(before)
                here, self.db = self.db, path
                getattr(super(Panel, self), name)(*args)
                self.db = here

            suite.surveys.remember(make)(self.db, self.told)
            return self

    suite.modules["numbers.test_retroactivity"].Panel = Panel  # type: ignore[attr-defined]


@contextmanager
def prepared() -> Iterator[Suite]:
    """Give the tests, with makers of surveys that remember what they made."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        surveys = Surveys(Path(folder))
        for maker in (judged, database, indicators, three_waves):
            stack.enter_context(
                mock.patch.object(maker, "build", surveys.remember(maker.build))  # type: ignore[attr-defined]
            )
        suite = Suite(surveys)
        _remember_steps(suite)
        suite.learn()
        yield suite


def main() -> None:
    """Print what was not noticed, then the counts of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth change")
    chosen = parser.parse_args()
    with prepared() as suite:
        total = lost = 0
        for place, text in texts(chosen.only):
            cases = concerned(suite, place)
            if noticed(suite, Mutant(place, 0, "", "", text), cases):
                raise SystemExit(f"{place}: a test fails with the text as it is")
            found = list(mutants(place, text))[:: chosen.every]
            missed = [m for m in found if not noticed(suite, m, cases)]
            for m in missed:
                print(f"  {m.place}:{m.line}: {m.before!r} -> {m.after!r}")
            print(f"{place}: {len(found) - len(missed)} of {len(found)}", flush=True)
            total, lost = total + len(found), lost + len(missed)
        print(f"all: {total - lost} of {total} noticed")


if __name__ == "__main__":
    main()
