"""A survey reads a few works of each site, keeps their metadata alone, and can judge it again."""

import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, DemoSite
from crawler.parsers.containers.segment import read
from crawler.store.judgement import bodies
from tests.factories import works
from tests.paths import ROOT

TEXT = (("Content-Type", "text/plain"),)
HTML = (("Content-Type", "text/html"),)
PAGE = b"""<html><img src="/small.jpg" width="10" height="10">
<img src="/large.jpg" width="900" height="600"><img src="http://cdn.test/huge.jpg" width="9999"
height="9999"><audio src="http://cdn.test/song.flac"></audio><a href="/private/book.epub">Book</a>
<video src="http://cdn.test/film.mp4"></video>"""
PICTURE = works.jpeg(works.app1(works.XMP))
FILM = works.bmff(b"isom", works.box(b"mdat", bytes(6_000_000)), works.uuid_xmp(works.XMP))
SONG = works.flac("TDM-RESERVATION=1") + bytes(400_000)
SITES = [
    DemoSite(
        host="one.test",
        answers=(
            Answer("/robots.txt", 200, TEXT, b"User-agent: *\nDisallow: /private/\n"),
            Answer("/", 200, HTML, PAGE),
            Answer("/large.jpg", 200, (), PICTURE),
            Answer("/private/book.epub", 200, (), works.epub(works.RESERVED3, works.EPUB3)),
        ),
    ),
    DemoSite(
        host="cdn.test",
        answers=(
            Answer("/robots.txt", 200, TEXT, b"User-agent: *\nAllow: /\n"),
            Answer("/song.flac", 200, (), SONG),
            Answer("/film.mp4", 200, (), FILM),
        ),
    ),
]


def survey(folder, *options):
    """Survey one.test; returns the database and what was asked."""
    with serve_sites(SITES) as server:
        (folder / "panel.csv").write_text("host\none.test\n")
        (folder / "hosts").write_text(server.hosts())
        arguments = ["survey", str(folder / "panel.csv"), "--wave", "w", "--db", str(folder / "db")]
        more = ["--hosts", str(folder / "hosts"), "--scheme", "http", "--delay", "0"]
        run(*arguments, *more, "--retry-pauses", "", *options)
        asked = Counter((r.host, r.method, r.path, r.range) for r in server.log)
    return folder / "db", asked


def run(*arguments):
    command = [sys.executable, "-m", "crawler", *arguments]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)


def rows(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    return survey(tmp_path_factory.mktemp("works"))


def test_one_work_of_each_kind_is_asked_for_as_its_host_permits(surveyed):
    """The largest picture of the site's own; of the film both ends; the book is kept from us."""
    _, asked = surveyed
    parts = {key[2:]: n for key, n in asked.items() if key[1] == "GET" and key[3]}
    assert parts == {
        ("/large.jpg", "bytes=0-262143"): 1,
        ("/song.flac", "bytes=0-262143"): 1,
        ("/song.flac", "bytes=262144-"): 1,
        ("/film.mp4", "bytes=0-262143"): 1,
        ("/film.mp4", "bytes=-131072"): 1,
    }
    assert not any(path.endswith((".epub", "small.jpg", "huge.jpg")) for _, m, path, _ in asked
                   if m == "GET")  # fmt: skip
    assert asked["cdn.test", "GET", "/robots.txt", ""] == 1


def test_what_is_kept_is_metadata_and_what_it_says_is_judged(surveyed):
    path, _ = surveyed
    kept = rows(path, "SELECT resource, url, body_id FROM captures WHERE resource LIKE 'work:%'")
    assert [row[0] for row in kept] == ["work:image:", "work:audio:", "work:video:"]
    with closing(sqlite3.connect(path)) as connection:
        extracts = [read(body) for body in bodies(connection, [row[2] for row in kept])]
    assert [e.problem for e in extracts] == [None, None, None]
    assert [e.length for e in extracts] == [len(PICTURE), len(SONG), len(FILM)]
    assert [e.fetched for e in extracts] == [len(PICTURE), len(SONG), 393_216]
    assert sum(len(s.data) for e in extracts for s in e.segments) < 3000
    assert set(rows(path, "SELECT signal, outcome, url FROM v_signals WHERE signal IN"
                          " ('plus_data_mining', 'media_fields') AND outcome <> 'absent'")) == {
        ("plus_data_mining", "present", "http://one.test/large.jpg"),
        ("plus_data_mining", "present", "http://cdn.test/film.mp4"),
        ("media_fields", "malformed", "http://cdn.test/song.flac"),
    }  # fmt: skip
    assert rows(path, "SELECT outcome, reason FROM v_visits") == [("ok", "complete")]
    ((software,),) = rows(path, "SELECT software FROM waves")
    assert {"pypdf", "c2pa-python"} <= {part.split()[0] for part in software.split("; ")}


def test_it_is_judged_again_without_asking_anybody(surveyed):
    path, _ = surveyed
    told = "SELECT signal, outcome, url FROM v_signals ORDER BY 1, 2, 3"
    before = rows(path, told)
    run("judge", "--db", str(path), "--again")  # no site answers by now
    assert rows(path, told) == before


def test_works_can_be_left_out(tmp_path):
    path, asked = survey(tmp_path, "--works", "0", "--no-judge")
    assert not any(part for *_, part in asked)
    assert rows(path, "SELECT 1 FROM captures WHERE resource LIKE 'work:%'") == []
