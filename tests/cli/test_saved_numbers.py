"""`optout indicators --save`: results and indicators as a table that SQL and Datasette read."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def db(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for host in ("a.example", "b.example", "c.example"):
        text = "User-agent: GPTBot\nDisallow: /\n" if host != "c.example" else "# nothing\n"
        (theirs / f"{host}.robots.txt").write_text(text)
    db = tmp_path / "survey.db"
    run("import", "robots-folder", theirs, "--db", db, "--wave", "w", "--date", "2026-11-01")
    return db


def ask(db, sql):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def test_numbers_are_kept_as_they_are_printed_and_replaced(db):
    said = run("indicators", "--save", "--db", db)
    kept = ask(db, "SELECT count(*) FROM published_numbers")[0][0]
    assert said == f"{kept} rows of wave w in published_numbers\n"
    assert run("indicators", "--save", "--db", db) == said
    assert ask(db, "SELECT count(*) FROM published_numbers") == [(kept,)]
    (row,) = ask(
        db,
        "SELECT kind, k, n, panel FROM published_numbers"
        " WHERE name = 'agent_blocked' AND stratum = '*' AND key = 'GPTBot'",
    )
    assert (row[:3], row[3]) == (("number", 2, 3), "imported robots-folder")
    printed = json.loads(run("indicators", "effective_block", "--db", db, "--json"))
    (shown,) = (r for r in printed["indicators"][0]["rows"]
                if (r["stratum"], r["key"]) == ("*", "GPTBot"))  # fmt: skip
    (row,) = ask(
        db,
        "SELECT k, n, low, weighted_if_all FROM published_numbers"
        " WHERE name = 'effective_block' AND stratum = '*' AND key = 'GPTBot'",
    )
    assert row == (shown["k"], shown["n"], shown["low"], shown["weighted_if_all"])


def test_judging_again_or_forgetting_a_host_takes_them_away(db):
    run("indicators", "--save", "--db", db)
    run("judge", "--db", db)
    assert ask(db, "SELECT count(*) FROM published_numbers") == [(0,)]
    run("indicators", "--save", "--db", db)
    run("judge", "--again", "--db", db)
    assert ask(db, "SELECT count(*) FROM published_numbers") == [(0,)]
    run("indicators", "--save", "--db", db)
    run("forget", "a.example", "--db", db, "--reason", "asked")
    assert ask(db, "SELECT count(*) FROM published_numbers") == [(0,)]
