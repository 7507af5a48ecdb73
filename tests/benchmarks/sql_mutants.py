"""Which slips in published SQL the tests notice: `python -m tests.benchmarks.sql_mutants`.

Every published query is changed in one place, as a slip would change it (DISTINCT lost, sum for
count, `=` for `<>`, AND for OR, a condition or a LEFT gone, weights ignored, allowed for
disallowed), and the tests of the numbers are called with it, in this process, on surveys that are
built once. Tests that need a whole demo survey are left out, so the suite notices at least as much.
A change that SQLite refuses to run is not counted. Printed are the changes that no test noticed;
those of equivalent.toml, each with its reason, change no number.
`--only WORD`: files whose path has it.
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
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from analysis import queries
from analysis.numbers import indicator, summary
from tests.factories import database, indicators, judged, three_waves
from tests.paths import ROOT

FOLDERS = ("analysis/numbers/indicators", "analysis/numbers/summary", "analysis/numbers",
           "analysis/waves", "analysis/report")  # fmt: skip
EQUIVALENT = ROOT / "tests/benchmarks/equivalent.toml"
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


MODULES = (
    *(f"numbers.test_{name}" for name in (
        "red", "indicator_values", "platform_indicators", "failure", "new_indicators",
        "quantifiers", "at_the_door", "reach", "way_out", "work_indicators", "summary", "weights",
        "of_its_day",
        "score_parts", "lags", "keys", "retroactivity", "paired",
    )),
    *(f"waves.test_{name}" for name in (
        "trends", "changes", "panel_versions", "overview", "politeness", "two_rulesets", "health",
    )),
    *(f"report.test_{name}" for name in (
        "overview_pages", "other_side_pages", "late_page", "site",
    )),
)  # fmt: skip
SLOW = 2.0
"""Seconds of our own work beyond which a case is not used, however busy the machine is."""
LONGEST = 200
"""Million steps of SQLite's machine that one connection may take."""
OUTCOMES = (pytest.fail.Exception, pytest.skip.Exception)


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

    def __str__(self) -> str:
        return f"  {self.place}:{self.line}: {self.before!r}: {self.changed}"

    @property
    def changed(self) -> str:
        """The line as it now stands."""
        return self.text.splitlines()[self.line - 1].strip()


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

        def remembered(path: Path, *told: object, **named: object) -> Path:
            if path.exists():  # what is added to a survey depends on it
                build(path, *told, **named)
                return path
            key = f"{build.__module__} {told!r} {named!r}"
            if key not in self.built:
                kept = self.mktemp() / path.name  # a panel has the name of its file
                build(kept, *told, **named)
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
                    begun = time.process_time()
                    problem = self.run(case)
                    if problem is None and time.process_time() - begun < SLOW:
                        self.usable.append(case)
                    elif problem:
                        print(f"not used: {case.name}: {problem!r:.90}", file=sys.stderr)
            self.done()

    def run(self, case: Case) -> BaseException | None:
        """Call one case; what it raised, or None."""
        place = case.name.partition("::")[0]
        mine: dict[str, Any] = {}
        wanted = [p for p in inspect.signature(case.test).parameters if p not in case.told]
        try:
            case.test(**{p: self._given(place, p, mine) for p in wanted}, **case.told)
        except (Exception, SystemExit, *OUTCOMES) as error:  # any is a notice
            return error
        finally:
            if "monkeypatch" in mine:
                mine["monkeypatch"].undo()
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
        if name == "monkeypatch":
            return mine.setdefault(name, pytest.MonkeyPatch())
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


NEAREST = {
    "analysis/numbers/indicators/_": (
        "red",
        "failure",
        "indicator_values",
        "platform_indicators",
        "reach",
        "at_the_door",
        "way_out",
        "work_indicators",
        "quantifiers",
        "new_indicators",
        "weights",
        "retroactivity",
    ),
    "analysis/numbers/summary/": ("summary", "weights", "of_its_day", "red::test_what_is_no"),
    "analysis/numbers/paired": ("paired", "panel_versions", "two_rulesets", "red::test_what_is_no"),
    "analysis/numbers/": ("lags",),
    "analysis/waves/trends": ("trends", "two_rulesets", "red::test_what_is_no"),
    "analysis/waves/politeness": ("politeness",),
    "analysis/waves/": ("health", "overview", "two_rulesets", "changes"),
    "analysis/report/": ("overview_pages", "other_side_pages", "late_page", "site"),
    "view:v_changes": ("changes",),
    "view:v_definitions": ("summary", "weights"),
    "view:": ("red", "changes", "summary"),
}
"""Of what begins so, the modules of tests that are nearest."""


def concerned(suite: Suite, place: str) -> list[Case]:
    """The cases that could notice a change there; of a text that many share, the nearest."""
    stem = Path(place).stem
    if place.startswith("analysis/numbers/indicators/") and not stem.startswith("_"):
        chosen = [
            c for c in suite.usable
            if c.told.get("name", stem) == stem and "wrong" not in c.told
            and (stem in c.told.values() or f'"{stem}"' in c.source or "KNOWN" in c.source)
        ]  # fmt: skip
        return sorted(chosen, key=lambda c: ("KNOWN" in c.source, "test_red" not in c.name))
    names = next(names for begin, names in NEAREST.items() if place.startswith(begin))
    return [
        c
        for name in names
        for c in suite.usable
        if f".test_{name}" in c.name and "wrong" not in c.told
    ]


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
    with ExitStack() as stack:
        for module, name in _constants(here.read_text("utf-8")):
            stack.enter_context(mock.patch.object(module, name, text))
        stack.enter_context(mock.patch.object(Path, "read_text", read_text))
        forget()
        fresh = {i.name: i for i in indicator.indicators()}
        red = vars(suite.modules["numbers.test_red"])["KNOWN"]
        red |= {name: fresh[name] for name in red}
        try:
            yield
        finally:
            red |= {name: known[name] for name in red}
    forget()


def _constants(text: str) -> list[tuple[ModuleType, str]]:
    """Where the product keeps this text since it was imported."""
    loaded = [m for name, m in list(sys.modules.items()) if name.startswith("analysis.")]
    return [(m, name) for m in loaded for name, value in vars(m).items() if value == text]


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
            if only in place:
                yield place, file.read_text("utf-8")
    for name, text in _views().items():
        if name in VIEWS and only in f"view:{name}":
            yield f"view:{name}", text


class Fate(StrEnum):
    """What became of a change."""

    NOTICED = "noticed"
    MISSED = "missed"
    EQUIVALENT = "equivalent"
    NO_SQL = "no SQL"


def fate(suite: Suite, mutant: Mutant, cases: Iterable[Case]) -> Fate:
    """Call the cases with this change until one fails."""
    try:
        with standing(mutant.place, mutant.text, suite):
            raised = next(filter(None, map(suite.run, cases)), None)
            suite.done()
    except sqlite3.OperationalError:  # a view that cannot be made
        return Fate.NO_SQL
    if raised is None:
        return Fate.MISSED
    return Fate.NO_SQL if _is_no_sql(raised) else Fate.NOTICED


def _is_no_sql(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, sqlite3.OperationalError):
            return str(error) != "interrupted"
        error = error.__cause__ or error.__context__
    return False


def equivalents() -> set[tuple[str, str]]:
    """Place and changed line of what was found to change no number."""
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8"))["sql"]
    return {(each["place"], line) for each in listed for line in each["lines"]}


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


def _limited(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    """Stop what a change lets run without an end; that is noticed."""

    def limited(*args: Any, **more: Any) -> sqlite3.Connection:
        connection, asked = connect(*args, **more), itertools.count()
        connection.set_progress_handler(lambda: next(asked) > LONGEST, 1_000_000)
        return connection

    return limited


@contextmanager
def prepared() -> Iterator[Suite]:
    """Give the tests, with makers of surveys that remember what they made."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        surveys = Surveys(Path(folder))
        for maker in (judged, database, indicators, three_waves):
            stack.enter_context(
                mock.patch.object(maker, "build", surveys.remember(maker.build))  # type: ignore[attr-defined]
            )
        stack.enter_context(mock.patch.object(sqlite3, "connect", _limited(sqlite3.connect)))
        suite = Suite(surveys)
        _remember_steps(suite)
        suite.learn()
        yield suite


def main() -> None:
    """Print what was not noticed, then the counts of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth change")
    parser.add_argument("--missed", type=Path, help="only the changes that this output names")
    parser.add_argument("--since", default="", help="begin with this path")
    chosen = parser.parse_args()
    known, total = equivalents(), Counter[Fate]()
    again = chosen.missed and {*chosen.missed.read_text("utf-8").splitlines()}
    with prepared() as suite:
        for place, text in itertools.dropwhile(
            lambda each: chosen.since not in each[0], texts(chosen.only)
        ):
            found = list(mutants(place, text))[:: chosen.every]
            if again:
                found = [m for m in found if str(m) in again]
            if not found:
                continue
            cases, counts = concerned(suite, place), Counter[Fate]()
            if fate(suite, Mutant(place, 0, "", "", text), cases) is not Fate.MISSED:
                raise SystemExit(f"{place}: a test fails with the text as it is")
            for mutant in found:
                told = Fate.EQUIVALENT
                if (place, mutant.changed) not in known:
                    told = fate(suite, mutant, cases)
                if told is Fate.MISSED:
                    print(mutant)
                counts[told] += 1
            print(f"{place}: {counts[Fate.NOTICED]} of {_counted(counts)}", flush=True)
            total += counts
    print(f"all: {total[Fate.NOTICED]} of {_counted(total)} noticed; {dict(total)}")


def _counted(counts: Counter[Fate]) -> int:
    return counts[Fate.NOTICED] + counts[Fate.MISSED]


if __name__ == "__main__":
    main()
