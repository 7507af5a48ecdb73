"""The demo web's past, end to end over real sockets: what follows, worked out by hand."""

import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import open_database
from analysis.numbers import indicator
from crawler.cli import main
from crawler.demo.web import load_sites

KEY = "CC-MAIN CCBot (unverified) "


def run(*arguments):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The demo web surveyed, with its past loaded twice: the second time adds nothing."""
    folder = tmp_path_factory.mktemp("past") / "demo"
    run("demo", "survey", "--out", folder, "--quiet")
    run("demo", "history", "--out", folder)
    assert "0 rows added, 16 there already" in run("demo", "history", "--out", folder)
    return folder


@pytest.fixture
def counts(out):
    with closing(open_database(out / "survey.db")) as connection:
        measured = indicator.run(connection, "demo", ["after_capture", "locked_in"])
    return {
        (m.indicator.name, row.key.removeprefix(KEY)): (row.k, row.n)
        for m in measured
        for row in m.rows
        if row.stratum == "*" and row.key.startswith(KEY)
    }


def test_one_surely_four_possibly_one_not_and_of_the_rest_nothing_is_known(counts):
    """17 sites refuse CCBot. Surely: joost. Possibly too: the ledger, lena, hallmoor."""
    refusing = sum(site.truth.access("CCBot") == "disallowed" for site in load_sites())
    assert refusing == 17
    assert counts["after_capture", "certain"] == (1, 17)
    assert counts["after_capture", "possible"] == (4, 17)
    assert counts["after_capture", "unknown"] == (17 - 4 - 1, 17)


def test_pages_before(counts):
    """joost 120 of 260 surely; 9000, 12 and 40 more are possibly before."""
    assert counts["locked_in", "certain"] == (120, 9312)
    assert counts["locked_in", "possible"] == (9312, 9312)


def test_the_past_is_judged_like_the_present(out):
    sql = """SELECT wave, host, root FROM v_agent_access WHERE agent = 'CCBot'
             AND reader = 'rfc9309' AND wave LIKE 'CC-MAIN-%' AND root <> 'unmeasured'
             ORDER BY 1, 2"""
    with closing(sqlite3.connect(out / "survey.db")) as connection:
        found = [tuple(row) for row in connection.execute(sql)]
    assert found == [
        ("CC-MAIN-2023-40", "hallmoor-gazette.example", "allowed"),
        ("CC-MAIN-2023-40", "joost-vermaat-photo.example", "allowed"),
        ("CC-MAIN-2024-10", "hallmoor-gazette.example", "disallowed"),
        ("CC-MAIN-2024-10", "joost-vermaat-photo.example", "allowed"),
        ("CC-MAIN-2024-10", "lena-brandt-painting.example", "allowed"),
        ("CC-MAIN-2024-10", "the-national-ledger.example", "disallowed"),
        ("CC-MAIN-2024-33", "hallmoor-gazette.example", "disallowed"),
        ("CC-MAIN-2024-33", "joost-vermaat-photo.example", "disallowed"),
    ]


def test_the_files_of_the_past_say_the_same_as_its_index(out, tmp_path):
    """WARC files read as files: the same wave, but for the place of each record."""
    file = out / "past/crawl-data/CC-MAIN-2024-10/segments/0/robotstxt/demo-00000.warc.gz"
    run("history", "warc", file, "--to", tmp_path / "w", "--db", out / "survey.db",
        "--wave", "demo", "--as", "files")  # fmt: skip
    sql = """SELECT host, sha256, fetched_at FROM visits JOIN captures USING (visit_id)
             JOIN sites USING (site_id) JOIN waves USING (wave_id) LEFT JOIN bodies USING (body_id)
             WHERE name = ? ORDER BY host"""
    with closing(sqlite3.connect(out / "survey.db")) as connection:
        by_name = [connection.execute(sql, (n,)).fetchall() for n in ("files", "CC-MAIN-2024-10")]
    assert by_name[0] == by_name[1]
    assert len(by_name[0]) > 17
