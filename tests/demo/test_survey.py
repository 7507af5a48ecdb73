"""The demo web surveyed for real: every verdict equals the manifest, no site is missing."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from crawler.demo.web import load_sites
from tests.factories.manifest import differences
from tests.paths import ROOT


@pytest.fixture(scope="module")
def connection(demo):
    with closing(sqlite3.connect(f"file:{demo}/survey.db?mode=ro", uri=True)) as opened:
        yield opened


def test_every_verdict_equals_the_manifest(connection):
    sites = load_sites()
    assert len(sites) >= 60
    assert list(differences(connection, sites, "demo")) == []


def test_every_site_has_exactly_one_visit_and_every_visit_one_judgement(connection):
    count = lambda sql: connection.execute(sql).fetchone()[0]  # noqa: E731
    sites = len(load_sites())
    assert count("SELECT count(*) FROM panel_sites") == sites
    assert count("SELECT count(*) FROM visits") == sites
    assert count("SELECT count(DISTINCT site_id) FROM visits") == sites
    assert count("SELECT count(*) FROM judgements") == sites
    assert count("SELECT count(*) FROM visits WHERE outcome = 'internal_error'") == 0


def test_no_unmeasured_site_is_allowed_anything(connection):
    """RFC 9309 lets crawlers in on 403; a survey may not conclude from that."""
    rows = connection.execute(
        "SELECT DISTINCT a.root FROM v_agent_access a JOIN v_robots r USING (wave, host)"
        " WHERE r.state IN ('refused', 'unreachable')"
    ).fetchall()
    assert rows == [("unmeasured",)]


def test_captures_keep_headers_in_their_order_with_repeats(connection):
    kept = connection.execute(
        "SELECT count(*) FROM captures WHERE status IS NOT NULL AND headers_id IS NULL"
    ).fetchone()
    assert kept == (0,)
    assert connection.execute("SELECT count(*) FROM captures WHERE hops <> '[]'").fetchone() > (3,)


def test_http_is_asked_where_https_cannot_be_had_and_both_are_kept(connection):
    rows = connection.execute(
        "SELECT url, superseded FROM v_captures WHERE host = 'plain-http-only.example'"
        " AND resource = '/robots.txt' ORDER BY superseded DESC"
    ).fetchall()
    assert [(url.partition(":")[0], superseded) for url, superseded in rows] == [
        ("https", 1),
        ("http", 0),
    ]


def test_a_second_run_fetches_nothing_new(demo, connection):
    before = connection.execute("SELECT count(*), max(fetched_at) FROM captures").fetchone()
    subprocess.run(
        [sys.executable, "-m", "crawler", "demo", "survey", "--out", demo, "--quiet"],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    assert connection.execute("SELECT count(*), max(fetched_at) FROM captures").fetchone() == before


def test_a_copy_judged_again_without_the_web_says_the_same(demo, connection, tmp_path):
    """Works included: what was kept of them is all that their signals need."""
    copy = tmp_path / "survey.db"
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
    told = "SELECT host, signal, url, outcome, note, quote FROM v_signals ORDER BY 1, 2, 3, 4, 5, 6"
    before = connection.execute(told).fetchall()
    assert any(
        signal == "plus_data_mining" and out == "present" for _, signal, _, out, *_ in before
    )
    with closing(sqlite3.connect(copy)) as emptied, emptied:
        emptied.execute("DELETE FROM findings")
    run = [sys.executable, "-m", "crawler", "judge", "--db", str(copy), "--again"]
    subprocess.run(run, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    with closing(sqlite3.connect(copy)) as judged:
        assert judged.execute(told).fetchall() == before
        assert list(differences(judged, load_sites(), "demo")) == []


def test_the_first_queries_of_the_readme_answer(connection):
    folder = ROOT / "analysis" / "first_queries"
    queries = sorted(folder.glob("*.sql"))
    assert len(queries) == 5
    for query in queries:
        assert connection.execute(query.read_text("utf-8")).fetchall(), query.name


def test_the_links_of_a_page_are_counted_only_where_rules_divide_them(connection):
    rows = connection.execute(
        "SELECT extent, links, allowed, share FROM v_link_access WHERE wave = 'demo'"
    ).fetchall()
    assert {extent for extent, *_ in rows} >= {"all", "all-but", "partial", "none", None}
    for extent, links, allowed, share in rows:
        if links is None or extent is None:
            assert share is None
            continue
        assert 0 <= allowed <= links
        assert allowed == {"all": 0, "none": links}.get(extent, allowed)
    assert any(links for _, links, _, _ in rows)
