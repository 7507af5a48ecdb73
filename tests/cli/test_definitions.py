"""`optout definitions` and `optout agreement` on a few imported files."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main

FILES = {
    "a.example": "User-agent: GPTBot\nDisallow: /\n",
    "b.example": "User-agent: GPTBot\nDisallow:\n\nUser-agent: *\nDisallow: /\n",
    "c.example": "User-agent: CCBot\nDisallow: /\nUser-agent: GPTBot\nDisallow: /\n",
    "d.example": "",
    "e.example": "User-agent: GPTBot\nDisallow: /\n",
}


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Files of January 2026; that of e.example was cut short, that of d.example is not known."""
    folder, db = tmp_path_factory.mktemp("theirs"), tmp_path_factory.mktemp("db") / "survey.db"
    for host, text in FILES.items():
        (folder / f"{host}.robots.txt").write_text(text)
    done = run("import", "robots-folder", folder, "--db", db, "--wave", "w", "--date", "2026-01-15")
    assert done.exit_code == 0, done.output
    with closing(sqlite3.connect(db)) as opened:
        opened.execute("UPDATE captures SET data_loss = 1 WHERE url LIKE '%e.example%'")
        opened.commit()
    return db


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def counted(db, *options):
    result = run("definitions", "--db", db, "--json", *options)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.output.splitlines()]
    return {(r["definition"], r["agents"], r["quantifier"]): (r["k"], r["n"]) for r in rows}


def test_every_definition_counts_the_files_that_are_known(db):
    found = counted(db)
    assert len(found) == 11
    assert found["denied", "strict8", "any"] == (3, 3)
    assert found["denied-by-name", "strict8", "any"] == (2, 3)
    assert found["empty-disallow-too", "strict8", "any"] == (3, 3)
    assert found["whole-panel", "strict8", "all"] == (0, 3)


def test_the_list_is_of_the_day_of_the_wave(db):
    """MistralAI-Training was not known in January 2026, so it can let nobody in then."""
    each = counted(db, "--quantifier", "each", "--definition", "denied")
    assert len(each) == 7
    assert ("denied", "MistralAI-Training", "any") not in each
    assert each["denied", "GPTBot", "any"] == (2, 3)


def test_agents_can_come_from_a_file_or_be_one(db, tmp_path):
    listed = tmp_path / "agents.txt"
    listed.write_text("# two\nGPTBot\nCCBot # of Common Crawl\n\nGPTBot\n")
    both = counted(db, "--agents", listed, "--quantifier", "all", "--definition", "denied")
    assert both == {("denied", str(listed), "all"): (1, 3)}
    one = counted(db, "--agents", "CCBot", "--quantifier", "all", "--definition", "denied")
    assert one == {("denied", "CCBot", "all"): (2, 3)}
    shown = run("definitions", "--db", db, "--agents", "CCBot", "--definition", "denied").output
    assert shown == "denied  any of CCBot  2/3  66.7% (20.8%-93.9%)\n"


def test_agreement_is_told_agent_by_agent_with_the_line_of_each_disagreement(db, tmp_path):
    published = tmp_path / "labels.csv"
    published.write_text(
        "host,GPTBot,CCBot\na.example,1,0\nb.example,1,0\nc.example,0,1\ne.example,1,0\n"
        "elsewhere.example,1,1\n"
    )
    result = run("agreement", "agents-csv", published, "--db", db, "--json")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert rows[:2] == [
        {"agent": "CCBot", "both": 1, "neither": 1, "labels": 0, "ours": 1, "unmeasured": 1},
        {"agent": "GPTBot", "both": 1, "neither": 0, "labels": 1, "ours": 1, "unmeasured": 1},
    ]
    differing = {(row["host"], row["agent"]): row for row in rows[2:]}
    assert differing["b.example", "GPTBot"]["label"] == "blocked"
    assert differing["b.example", "GPTBot"]["denied"] == "open"
    assert differing["b.example", "CCBot"]["line"] == 5
    assert differing["c.example", "GPTBot"]["rule"] == "Disallow: /"
    assert len(differing) == 3


def test_the_rule_of_the_labels_agrees_with_them(db, tmp_path):
    """An empty Disallow counts as a block for one publisher: by its own rule nothing differs."""
    for host, blocked in {"a.example": True, "b.example": True, "c.example": True}.items():
        told = {"domain": host, "specificBots": [{"name": "GPTBot", "allowed": not blocked}]}
        (tmp_path / f"{host}.json").write_text(json.dumps(told))
    own = run(
        "agreement", "domain-json", tmp_path, "--db", db, "--definition", "empty-disallow-too"
    )
    assert own.output == "GPTBot  both 3  neither 0  labels 0  ours 0  unmeasured 0\n"
    other = run("agreement", "domain-json", tmp_path, "--db", db).output.splitlines()
    assert other[0] == "GPTBot  both 2  neither 0  labels 1  ours 0  unmeasured 0"
    assert other[1].startswith("host: b.example  agent: GPTBot  label: blocked  denied: open")


def test_what_cannot_be_asked_is_refused(db, tmp_path):
    odd = tmp_path / "labels.csv"
    odd.write_text("x\n1\n")
    assert run("agreement", "agents-csv", odd, "--db", db).exit_code == 2
    for number, (change, words) in enumerate({
        "UPDATE bodies SET content = x''": "bodies were left out",
        "UPDATE waves SET started_at = '2020-01-01'": "was known on the day",
    }.items()):  # fmt: skip
        copy = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(db)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        with closing(sqlite3.connect(copy)) as changed:
            changed.execute(change)
            changed.commit()
        refused = run("definitions", "--db", copy)
        assert (refused.exit_code, words in refused.output) == (2, True)
