"""A survey asks the hosts of works for their rules once, and what it finds is stored."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, DemoSite
from crawler.store.database import writing
from crawler.store.forget import forget
from tests.paths import ROOT

TEXT = (("Content-Type", "text/plain"),)
HTML = (("Content-Type", "text/html"),)
NOTHING = hashlib.sha256(b"").hexdigest()
BLOCK = b"User-agent: GPTBot\nDisallow: /\n"


def site(host, page=b"<html>", robots=BLOCK, *headers):
    answers = (
        Answer("/robots.txt", 200, TEXT, robots),
        Answer("/", 200, HTML + headers, page),
    )
    return DemoSite(host=host, answers=answers)


PICTURES = b"".join(
    b'<img src="http://%s">' % url
    for url in (b"cdn.test/1", b"gone.test/1", b"cdn.test/1", b"cdn.test/private/2", b"cdn.test/3")
)
CDN = DemoSite(
    host="cdn.test",
    answers=(
        Answer("/robots.txt", 200, TEXT, b"User-agent: *\nDisallow: /private/\n"),
        Answer("/1", 200, (("Content-Type", "image/png"), ("X-Robots-Tag", "noai")), b"PNG"),
    ),
)
SITES = [
    site("one.test", b"<html>" + PICTURES, BLOCK, ("Server", "Squarespace")),
    site("two.test", b"<html>" + PICTURES),
    CDN,
    DemoSite(host="gone.test", answers=(Answer("/robots.txt", 503),)),
]


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    """The database, and how often each host was asked for robots.txt and pictures."""
    folder = tmp_path_factory.mktemp("assets")
    with serve_sites(SITES) as server:
        return survey(server, folder), asked(server)


def survey(server, folder, *options):
    """Begin the wave, or go on with it; returns the database."""
    (folder / "panel.csv").write_text("host\none.test\ntwo.test\n")
    (folder / "hosts").write_text(server.hosts())
    arguments = ["survey", str(folder / "panel.csv"), "--wave", "w", "--db", str(folder / "db")]
    more = ["--hosts", str(folder / "hosts"), "--scheme", "http", "--delay", "0", "--works", "0"]
    subprocess.run(
        [sys.executable, "-m", "crawler", *arguments, *more, "--retry-pauses", "", *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        check=True,
    )
    return folder / "db"


def asked(server):
    """How often each host was asked for what."""
    return Counter(
        (request.host.partition(":")[0], request.method, request.path) for request in server.log
    )


def rows(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_each_host_is_asked_once_for_its_rules_and_for_the_headers_of_two_works(surveyed):
    """The second work of cdn.test is one that its rules keep us from; gone.test cannot be known."""
    path, requests = surveyed
    assert {key: n for key, n in requests.items() if key[0] in {"cdn.test", "gone.test"}} == {
        ("cdn.test", "GET", "/robots.txt"): 1,
        ("cdn.test", "HEAD", "/1"): 1,
        ("gone.test", "GET", "/robots.txt"): 1,
    }
    assert rows(
        path,
        "SELECT url, status, bytes > 0, body_sha256 FROM v_captures"
        " WHERE resource = 'variant:asset:'",
    ) == [("http://cdn.test/1", 200, 1, NOTHING)]
    assert rows(path, "SELECT DISTINCT outcome, reason FROM v_visits") == [("ok", "complete")]


def test_a_wave_that_goes_on_does_not_ask_the_hosts_again(tmp_path):
    """One site has its visit, in which the host was asked; the other's was not stored."""
    works = "url GLOB 'http://cdn.test*'"
    page = b'<html><img src="http://cdn.test/1">'
    with serve_sites([site("one.test", page), site("two.test", page), CDN]) as server:
        path = survey(server, tmp_path, "--no-judge")
        of_works = f"SELECT resource, url, status FROM captures WHERE {works} ORDER BY url"
        before = rows(path, of_works)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "DELETE FROM visits WHERE visit_id NOT IN"
                f" (SELECT visit_id FROM captures WHERE {works})"
            )
            for table, key in (("captures", "visit_id"), ("attempts", "site_id")):
                connection.execute(
                    f"DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM visits)"
                )
            connection.execute("UPDATE waves SET finished_at = NULL")
        server.log.clear()
        survey(server, tmp_path, "--no-judge")
        hosts = {host for host, _, _ in asked(server)}
    assert len(hosts & {"one.test", "two.test"}) == 1
    assert "cdn.test" not in hosts
    assert rows(path, of_works) == before


def test_hosts_and_platforms_are_stored(surveyed):
    path, _ = surveyed
    found = rows(path, "SELECT host, asset_host, control, works, editable FROM v_asset_hosts"
                 " WHERE host = 'one.test' ORDER BY asset_host")  # fmt: skip
    assert [(host, name.partition(":")[0], *more) for host, name, *more in found] == [
        ("one.test", "cdn.test", "unknown", 3, "unknown"),
        ("one.test", "gone.test", "unknown", 1, "unknown"),
        ("one.test", "one.test", "own", 0, "no"),
    ]
    ((host, platform, main, evidence),) = rows(
        path, "SELECT host, platform_id, main, evidence FROM v_platforms"
    )
    assert (host, platform, main) == ("one.test", "squarespace", 1)
    (mark,) = json.loads(evidence)
    assert (mark["carrier"], mark["quote"]) == ("header", "server: Squarespace")
    assert rows(path, f"SELECT resource FROM captures WHERE capture_id = {mark['capture_id']}") == [
        ("/",)
    ]


def test_what_the_host_says_counts_for_every_site_it_serves(surveyed):
    from analysis.database import open_database
    from analysis.numbers import indicator

    with closing(open_database(surveyed[0])) as connection:
        (found,) = indicator.run(connection, "w", ["asset_host_gap"])
    told = {row.key: (row.k, row.n) for row in found.rows if row.stratum == "*"}
    assert told["GPTBot: open"] == (6, 8)
    assert told["GPTBot: unknown"] == (2, 8)


def test_nothing_of_it_is_left_of_who_asks_to_be_forgotten(surveyed, tmp_path):
    copied = tmp_path / "db"
    copied.write_bytes(surveyed[0].read_bytes())
    with writing(copied) as connection:
        forget(connection, "one.test", "by mail")
    for table in ("asset_hosts", "site_platforms", "own_links", "link_access"):
        of = f"FROM {table} JOIN visits USING (visit_id) JOIN sites USING (site_id)"
        assert rows(copied, f"SELECT count(*) {of} WHERE sites.host = 'one.test'") == [(0,)]
