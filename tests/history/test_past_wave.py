"""WARC files into a wave of a panel: the same verdicts, once each, and nothing from nothing."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main
from tests.factories import public_crawl
from tests.factories.public_crawl import capture

OPEN, CLOSED = b"User-agent: *\nDisallow: /private/\n", b"User-agent: CCBot\nDisallow: /\n"
NEW, OLD = "2024-03-01T00:00:00Z", "2024-02-20T00:00:00Z"


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def db(tmp_path):
    """A survey of today: five sites that all refuse CCBot."""
    path = tmp_path / "survey.db"
    hosts = ("a", "b", "c", "d", "www.e")
    told = [{"domain": f"{h}.example", "robotsTxt": CLOSED.decode()} for h in hosts]
    (tmp_path / "now.json").write_text(json.dumps(told))
    run("import", "robots-json", tmp_path / "now.json", "--db", path, "--wave", "now",
        "--date", "2026-06-30")  # fmt: skip
    return path


def load(db, files, *more, code=0):
    return run("history", "warc", *files, "--to", db.parent / "past", "--db", db, "--wave", "now",
               "--as", "2024-10", "--jobs", "1", *more, code=code)  # fmt: skip


def rows(db, sql):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def answers(db):
    sql = """SELECT host, state, root FROM v_robots JOIN v_agent_access USING (wave, host)
             WHERE wave = '2024-10' AND agent = 'CCBot' AND reader = 'rfc9309' ORDER BY host"""
    return {host: (state, root) for host, state, root in rows(db, sql)}


@pytest.fixture
def files(tmp_path):
    moved = [("Location", "https://www.b.example/robots.txt")]
    return [
        public_crawl.write(
            tmp_path / "1.warc.gz",
            [
                capture("https://a.example/robots.txt", CLOSED, day=OLD),
                capture("https://b.example/robots.txt", status="301 Moved", headers=moved),
                capture("https://other.example/robots.txt", OPEN),
                capture("http://www.e.example/robots.txt", status="503 No"),
            ],
        ),
        public_crawl.write(
            tmp_path / "2.warc.gz",
            [
                capture("https://a.example/robots.txt", OPEN, day=NEW),
                capture("http://a.example/robots.txt", status="301 Moved", headers=moved, day=NEW),
                capture("https://www.b.example/robots.txt", CLOSED),
                capture("https://c.example/robots.txt", b"Not found", status="404 Not Found"),
            ],
        ),
    ]


def test_the_newest_answer_counts_and_a_site_without_one_is_unmeasured(db, files):
    load(db, files)
    assert answers(db) == {
        "a.example": ("rules", "allowed"),
        "b.example": ("rules", "disallowed"),
        "c.example": ("absent", "allowed"),
        "d.example": ("unreachable", "unmeasured"),
        "www.e.example": ("unreachable", "unmeasured"),
    }


def test_day_place_and_redirects_are_kept(db, files):
    load(db, files)
    ((url, final_url, hops, fetched_at, detail),) = rows(
        db,
        "SELECT url, final_url, hops, fetched_at, captures.detail FROM captures"
        " JOIN visits USING (visit_id)"
        " JOIN sites USING (site_id) WHERE host = 'b.example' AND wave_id = 2",
    )
    assert (url, final_url) == (
        "https://b.example/robots.txt",
        "https://www.b.example/robots.txt",
    )
    assert json.loads(hops)[0]["status"] == 301
    assert (fetched_at, detail.split(",")[0]) == (public_crawl.DAY, "imported: 2.warc.gz")
    assert rows(db, "SELECT started_at, finished_at FROM waves WHERE wave_id = 2") == [
        (public_crawl.DAY, NEW)
    ]


def test_reading_again_adds_nothing(db, files):
    load(db, files)
    tables = ("visits", "captures", "bodies", "waves", "judgements")
    before = [rows(db, f"SELECT count(*) FROM {table}") for table in tables]
    again = json.loads(load(db, files, "--json").output)
    assert (again["files"], again["again"], again["captures"]) == (0, 2, 8)
    assert [rows(db, f"SELECT count(*) FROM {table}") for table in tables] == before


DYING = """
import os, signal, sys
from crawler.history import past_wave
from crawler.store import facts
past_wave.BATCH, written, put = 1, 0, facts.put_visits
def put_visits(*arguments):
    global written
    put(*arguments)
    written += 1
    if written == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
facts.put_visits = put_visits
from crawler.cli import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("batches", [1, 3, 5])
def test_a_wave_whose_making_was_killed_is_gone_on_with(db, files, tmp_path, batches):
    whole = tmp_path / "whole.db"
    shutil.copy(db, whole)
    load(whole, files)
    arguments = [*files, "--to", db.parent / "past", "--db", db, "--wave", "now", "--as", "2024-10"]
    command = [sys.executable, "-c", DYING, str(batches), "history", "warc", *map(str, arguments)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert rows(db, "SELECT count(*) FROM visits WHERE wave_id = 2") == [(batches,)]
    load(db, files)
    for sql in (
        "SELECT host, outcome, reason, requests FROM v_visits WHERE wave = '2024-10' ORDER BY 1",
        "SELECT url, count(*) FROM captures GROUP BY 1 ORDER BY 1",
        "SELECT name, started_at, finished_at FROM waves ORDER BY 1",
    ):
        assert rows(db, sql) == rows(whole, sql)
    assert answers(db) == answers(whole)


def test_a_redirect_that_leads_nowhere_is_unmeasured(db, tmp_path):
    moved = [("Location", "https://www.b.example/robots.txt")]
    file = public_crawl.write(
        tmp_path / "1.warc.gz",
        [capture("https://b.example/robots.txt", status="301 Moved", headers=moved)],
    )
    load(db, [file])
    assert answers(db)["b.example"] == ("unreachable", "unmeasured")


def test_a_circle_of_redirects_ends(db, tmp_path):
    def to(host):
        return [("Location", f"https://{host}.example/robots.txt")]

    file = public_crawl.write(
        tmp_path / "1.warc.gz",
        [
            capture("https://a.example/robots.txt", status="302 Found", headers=to("b")),
            capture("https://b.example/robots.txt", status="302 Found", headers=to("a")),
        ],
    )
    load(db, [file])
    assert answers(db)["a.example"] == ("unreachable", "unmeasured")


def test_a_damaged_file_is_named_and_the_others_are_read(db, files):
    content = files[0].read_bytes()
    files[0].write_bytes(content[: len(content) // 2])
    result = load(db, files, code=1)
    assert "1.warc.gz: damaged after byte" in result.stderr
    assert "1 files read, 0 were read before, 1 damaged" in result.stdout
    assert answers(db)["b.example"] == ("unreachable", "unmeasured")  # its redirect was in there
    assert answers(db)["c.example"] == ("absent", "allowed")


def test_a_cut_file_says_nothing_about_who_could_stand_in_the_rest(db, tmp_path):
    file = public_crawl.write(
        tmp_path / "1.warc.gz",
        [capture("https://a.example/robots.txt", OPEN, **{"WARC-Truncated": "length"})],
    )
    load(db, [file])
    assert answers(db)["a.example"] == ("rules", "unmeasured")


def test_a_forgotten_host_does_not_come_back(db, files):
    run("forget", "a.example", "--db", db, "--reason", "asked")
    load(db, files)
    assert rows(
        db,
        "SELECT outcome, reason FROM v_visits WHERE wave = '2024-10' AND host = 'a.example'",
    ) == [("refused_by_us", "forgotten")]
    assert not rows(db, "SELECT 1 FROM captures WHERE url LIKE '%/a.example/%'")


def test_a_dry_run_writes_nothing(db, files):
    told = json.loads(load(db, files, "--dry-run", "--json").output)
    assert told["files"] == 2
    assert told["bytes"] == sum(file.stat().st_size for file in files)
    assert not (db.parent / "past").exists()


def test_names_that_cannot_be_are_refused(db, files):
    assert "go together" in run("history", "warc", files[0], "--to", db.parent / "p", "--as", "x",
                                code=2).output  # fmt: skip
    assert "another one in this database" in run(
        "history", "warc", *files, "--to", db.parent / "p", "--db", db, "--wave", "now",
        "--as", "now", "--jobs", "1", code=2,
    ).output  # fmt: skip
