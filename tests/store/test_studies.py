"""Studies are facts: stored once, forgotten with hosts, merged, told with their method."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.panel.studies import StudyFormat, parse
from crawler.store.database import StoreError, writing
from crawler.store.forget import forget
from crawler.store.studies import About, put_study

ABOUT = About("july", "title", "method", "source", "2026-07-23", "third-party", "probes-csv")
TEXT = "host,agent,class,control\na.example,GPTBot,ok,ok\nb.example,GPTBot,refused,ok\n"


def study(text=TEXT):
    return parse(text.encode(), StudyFormat.PROBES_CSV, "file")


@pytest.fixture
def path(tmp_path):
    with writing(tmp_path / "survey.db") as connection:
        put_study(connection, ABOUT, study())
    return tmp_path / "survey.db"


def ask(path, sql):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_the_same_file_changes_nothing_and_another_is_refused(path):
    with writing(path) as connection:
        assert put_study(connection, ABOUT, study()) == 0
        with pytest.raises(StoreError, match="from another file"):
            put_study(connection, ABOUT, study(TEXT + "c.example,GPTBot,ok,ok\n"))
    assert ask(path, "SELECT host, came, study_day, made_by FROM v_probes ORDER BY host") == [
        ("a.example", "ok", "2026-07-23", "third-party"),
        ("b.example", "refused", "2026-07-23", "third-party"),
    ]


def test_who_asks_to_be_forgotten_is_taken_out_and_stays_out(path):
    with writing(path) as connection:
        forget(connection, "a.example", "asked")
        other = About("august", *("t", "m", "s", "2026-08-01", "third-party", "probes-csv"))
        assert put_study(connection, other, study(TEXT + "c.example,GPTBot,ok,ok\n")) == 1
    assert ask(path, "SELECT study, host FROM probes ORDER BY 1, 2") == [
        ("august", "b.example"), ("august", "c.example"), ("july", "b.example"),
    ]  # fmt: skip


LOAD = ("--study", "july", "--date", "2026-07-23", "--title", "T", "--method", "one address",
        "--source", "doi")  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(main, ["studies", *map(str, arguments)])


def test_the_command_loads_and_lists(tmp_path):
    db, file = tmp_path / "s.db", tmp_path / "verdicts.csv"
    file.write_text("host,agent,verdict\na.example,GPTBot,pay\nb.example,GPTBot,unknown\n")
    told = run("import", "verdicts-csv", file, "--db", db, *LOAD)
    assert told.output == "study july: 1 probes, 0 rates, 1 rows without an answer\n"
    listed = json.loads(run("list", "--db", db, "--json").output)["studies"]
    assert listed == [
        {"study": "july", "made_by": "third-party", "day": "2026-07-23", "title": "T",
         "method": "one address", "source": "doi", "probes": 1, "rates": 0, "unanswered": 1}
    ]  # fmt: skip
    assert "1 probes, 0 rates; one address" in run("list", "--db", db).output


@pytest.mark.parametrize(
    ("text", "day", "problem"),
    [
        (
            "host,agent,verdict\na.example,GPTBot,perhaps\n",
            "2026-07-23",
            "verdicts.csv:2: 'perhaps'",
        ),
        ("host,agent,verdict\n", "July", "'July': not a day"),
    ],
)
def test_the_command_refuses_with_file_and_line(tmp_path, text, day, problem):
    file = tmp_path / "verdicts.csv"
    file.write_text(text)
    told = run("import", "verdicts-csv", file, "--db", tmp_path / "s.db", *LOAD, "--date", day)
    assert told.exit_code == 2
    assert problem in told.output
    assert not (tmp_path / "s.db").exists()
