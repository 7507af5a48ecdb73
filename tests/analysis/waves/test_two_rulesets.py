"""Two waves of one panel with other rows, other weights and another ruleset, by store and judge.

| site | first wave: weight, file | second wave: weight, file |
|---|---|---|
| a | 1, silent | 5, GPTBot out |
| b | 1, GPTBot out | 1, silent |
| c | 1, silent | 1, silent |
| d | 1, GPTBot out | left |
| e | | joined, 2, GPTBot out |
"""

import json
import os
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from lxml import html

from analysis.database import open_database
from analysis.notebooks import run as notebooks
from analysis.numbers import indicator, paired
from analysis.report import site
from crawler.cli import main
from crawler.signals import RULESET
from crawler.wave import rejudge
from tests.factories import judged
from tests.factories.judged import robots

FIRST, SECOND = "2026-01-10", "2026-03-10"
OLDER = RULESET - 1
OUT, SILENT = robots("User-agent: GPTBot\nDisallow: /\n"), robots("")


@pytest.fixture
def path(tmp_path):
    """The first wave as an older program left it, judged by its ruleset; the second by today's."""
    path = tmp_path / "survey.db"
    judged.build(
        path,
        {FIRST: dict(zip(hosts("abcd"), (SILENT, OUT, SILENT, OUT), strict=True))},
        rows="host,weight\n" + "".join(f"{host},1\n" for host in hosts("abcd")),
    )
    with closing(sqlite3.connect(path)) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in tables:
            columns = {column[1] for column in db.execute(f"PRAGMA table_info ({table})")}
            if "ruleset" in columns:
                db.execute(f"UPDATE {table} SET ruleset = ?", (OLDER,))
        db.commit()
    judged.build(
        path,
        {SECOND: dict(zip(hosts("abce"), (OUT, SILENT, SILENT, OUT), strict=True))},
        rows="host,weight\n" + "".join(
            f"{host},{weight}\n" for host, weight in zip(hosts("abce"), (5, 1, 1, 2), strict=True)
        ),
    )  # fmt: skip
    return path


def hosts(names):
    return [f"{name}.example" for name in names]


def told(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, " ".join(result.output.split())


def report(path, wave, folder):
    with closing(open_database(path)) as connection:
        site.build(connection, wave, folder)
    return {
        name: " ".join(html.parse(folder / f"{name}.html").getroot().text_content().split())
        for name in ("index", "changes", "sites")
    }


def notebook(path, name, monkeypatch):
    monkeypatch.setitem(os.environ, "OPTOUT_DB", str(path))
    (file,) = (file for file in notebooks.notebooks() if file.stem == name)
    page = html.fromstring(notebooks.run(file))
    assert not page.xpath("//*[contains(@class, 'output_error')]")
    return " ".join(page.text_content().split())


def test_waves_of_two_rulesets_are_never_compared(path, tmp_path, monkeypatch):
    assert told("changes", FIRST, SECOND, "--db", path) == (
        2, f"Error: no ruleset judged both waves ('{FIRST}': {OLDER}; '{SECOND}': {RULESET}):"
           " run optout judge",
    )  # fmt: skip
    code, text = told("indicators", "reversal", "--db", path)
    assert (code, f"needs an earlier wave of the panel, judged by ruleset {RULESET}" in text) == (
        0, True,
    )  # fmt: skip
    _, listed = told("trends", "--db", path, "--json")
    assert lines(listed, "access:GPTBot") == {
        (OLDER, "full", FIRST): (2, 4), (OLDER, "core", FIRST): (2, 4),
        (RULESET, "full", SECOND): (2, 4), (RULESET, "core", SECOND): (2, 4),
    }  # fmt: skip
    for wave, ruleset in ((FIRST, OLDER), (SECOND, RULESET)):
        pages = report(path, wave, tmp_path / wave)
        assert "no earlier wave of this panel that the same ruleset judged" in pages["changes"]
        assert f"By ruleset {ruleset} only" in pages["changes"]
        assert f"of panel survey · ruleset {ruleset}" in pages["index"]
        other = {FIRST: SECOND, SECOND: FIRST}[wave]
        assert other not in pages["changes"]
    shown = notebook(path, "4_two_waves", monkeypatch)
    assert f"No earlier wave of this panel was judged by ruleset {RULESET}" in shown


def lines(text, headline):
    points = [json.loads(line) for line in text.replace("} {", "}\n{").splitlines()]
    return {(p["ruleset"], p["scope"], p["wave"]): (p["k"], p["n"]) for p in points
            if p["headline"] == headline}  # fmt: skip


def test_waves_of_one_ruleset_are_compared_on_common_sites_by_the_weights_of_today(
    path, tmp_path, monkeypatch
):
    """Of a b c one gained and one lost GPTBot: nothing by count, (5 - 1) / 7 by the weights now."""
    rejudge.judge_wave(path, FIRST)
    code, text = told("changes", FIRST, SECOND, "--db", path)
    assert code == 0
    assert "a.example gained access:GPTBot" in text
    assert "b.example lost access:GPTBot" in text
    assert text.endswith("2 changes from 2026-01-10 to 2026-03-10; 3 sites in both panels,"
                         " 1 joined, 1 left")  # fmt: skip
    with (
        closing(open_database(path)) as connection,
        indicator.measuring(connection, SECOND) as frame,
    ):
        rows = {row.key: row for row in paired.run(connection, frame.censuses)}
        assert frame.censuses == frozenset()
    row = rows["access:GPTBot"]
    assert (row.n, row.gained, row.lost, row.difference) == (3, 1, 1, 0)
    assert (row.weighted_then, row.weighted_now) == pytest.approx((1 / 7, 5 / 7))
    pages = report(path, SECOND, tmp_path / "now")
    assert "3 sites are in the panel of both waves" in pages["changes"]
    assert "GPTBot kept from the root333.3 %33.3 %11+0.0" in pages["changes"].replace("\xa0", " ")
    assert "+57.1" in pages["changes"]
    assert "d.example" not in pages["sites"]
    # The older judgement is a line of its own still, of the first wave alone.
    _, listed = told("trends", "--db", path, "--json")
    assert lines(listed, "access:GPTBot") == {
        (OLDER, "full", FIRST): (2, 4), (OLDER, "core", FIRST): (2, 4),
        (RULESET, "full", FIRST): (2, 4), (RULESET, "core", FIRST): (1, 3),
        (RULESET, "full", SECOND): (2, 4), (RULESET, "core", SECOND): (1, 3),
    }  # fmt: skip
    shown = notebook(path, "4_two_waves", monkeypatch)
    assert f"{FIRST} -> {SECOND}, ruleset {RULESET}" in shown
    assert all(f"{host}.example" in shown for host in "ab")
    assert "d.example" not in shown


def test_a_census_has_no_interval_also_over_waves(path, tmp_path):
    """The first version of the panel weighs everybody 1 as written, the second does not."""
    _, listed = told("trends", "--db", path, "--json")
    points = [json.loads(line) for line in listed.replace("} {", "}\n{").splitlines()]
    assert {(p["wave"], p["low"] is None, p["high"] is None) for p in points} == {
        (FIRST, True, True), (SECOND, False, False),
    }  # fmt: skip
    first = report(path, FIRST, tmp_path / "first")
    assert "stands for itself alone, so that there is no interval" in first["index"]
    rejudge.judge_wave(path, FIRST)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE panel_sites SET weight = 1")
        db.commit()
    with (
        closing(open_database(path)) as connection,
        indicator.measuring(connection, SECOND) as frame,
    ):
        rows = paired.run(connection, frame.censuses)
    assert {(row.low, row.weighted_high, row.owner_low) for row in rows} == {(None, None, None)}
    assert "–" in report(path, SECOND, tmp_path / "second")["changes"]
