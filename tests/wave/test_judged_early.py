"""What a crawl has judged along the way is what the stored bytes say when they are judged again."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, DemoSite
from crawler.fetch.memory import Memory
from crawler.judge.verdicts import judge_visit
from crawler.model import Failure
from crawler.store import facts
from crawler.store.database import writing
from crawler.store.facts import as_stored
from crawler.store.judgement import captures_of
from crawler.wave import rejudge
from crawler.wave.extensions import MAX_WAITING, JudgeAfterwards
from crawler.wave.judging import judged_early
from crawler.wave.rejudge import EarlyJudgements
from crawler.wave.workers import READ_IN_THREAD, Desks, StoppedError
from tests.paths import ROOT
from tests.store.test_facts import capture, make_panel, visit, wave_of

TEXT, HTML = (("Content-Type", "text/plain"),), (("Content-Type", "text/html"),)
LARGE = b"<p>What is written here stays here.</p>" * (READ_IN_THREAD // 30)
PAGE = (
    b'<meta name="robots" content="noai"><meta name=generator content="WordPress 6">'
    b"<img src=http://cdn.test/1><a href=/terms>Terms of use</a><a href=/private/x>x</a>"
    b'<p>\n<a rel=license href=/rights>Rights</a><meta http-equiv=refresh content="9; url=/a">'
)
TERMS = b"<title>Terms of use</title><p>Text and data mining is not permitted." + LARGE
RULES = b"User-agent: GPTBot\nDisallow: /private/\n"
TABLES = (
    *("findings", "statements", "defects", "judgements", "verdicts", "conflicts", "own_links"),
    *("link_access", "site_platforms", "asset_hosts", "refreshes", "judged_waves"),
)


def site(host, page):
    return DemoSite(
        host=host,
        answers=(
            Answer("/robots.txt", 200, TEXT, RULES),
            Answer("/", 200, HTML, page),
            Answer("/terms", 200, HTML, TERMS),
        ),
    )


def rows(path):
    with closing(sqlite3.connect(path)) as db:
        found = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    found["judged_waves"] = [row[:-1] for row in found["judged_waves"]]  # without its time
    return {table: sorted(map(repr, found[table])) for table in TABLES}


def test_judged_in_the_crawl_is_judged_again(tmp_path):
    sites = [site("large.test", PAGE + LARGE), site("small.test", PAGE[:70])]
    (tmp_path / "panel.csv").write_text("host\nlarge.test\nsmall.test\ngone.test\n")
    with serve_sites(sites) as server:
        (tmp_path / "hosts").write_text(server.hosts())
        arguments = ["survey", str(tmp_path / "panel.csv"), "--wave", "w"]
        arguments += ["--db", str(tmp_path / "db"), "--hosts", str(tmp_path / "hosts")]
        arguments += ["--scheme", "http", "--delay", "0", "--retry-pauses", ""]
        subprocess.run(
            [sys.executable, "-m", "crawler", *arguments],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            check=True,
        )
    first = rows(tmp_path / "db")
    assert all(first[table] for table in ("findings", "own_links", "asset_hosts", "refreshes"))
    rejudge.judge_wave(tmp_path / "db", "w", again=True)
    assert rows(tmp_path / "db") == first


HOST = "a.example"
TYPED = {"headers": ((b"Content-Type", b"text/html"),)}
CAPTURES = (capture(body=RULES), capture("/", PAGE + LARGE, **TYPED))


def stored(folder, *captures):
    """A database with one visit; and its captures as they are read back."""
    with writing(folder / "db") as connection:
        facts.put_visits(
            connection, wave_of(connection, make_panel(folder, HOST)), [visit(HOST, *captures)]
        )
        return folder / "db", captures_of(connection, 1)


def test_what_was_judged_early_is_not_read_again(tmp_path):
    """By a judgement that the bytes do not give: it is the one that is stored."""
    path, _ = stored(tmp_path, *CAPTURES)
    other = (CAPTURES[0], capture("/", b"<meta name=robots content=noimageai>", **TYPED))
    with closing(EarlyJudgements()) as early:
        early.put(HOST, judged_early(other))
        assert (HOST in early, len(early), early[HOST]) == (True, 1, judge_visit(other))
        rejudge.judge_wave(path, "w", early=early)
    assert [row for row in rows(path)["statements"] if "noimageai" in row]


def test_a_capture_as_stored_is_what_is_read_back(tmp_path):
    odd = "x\ud800\0y"
    captures = (
        *CAPTURES,
        replace(capture("/"), url=f"http://a.example/{odd}", reason_phrase=odd, detail=odd),
        capture("/", first_byte=0.1, revalidated_from=1),
        capture("/terms", status=None, failure=Failure.CONNECT_REFUSED, elapsed=0.5),
    )
    _, back = stored(tmp_path, *captures)
    assert back == tuple(map(as_stored, captures))


class Spider:
    """Plays the spider and its desks; every job ends as `fault` says."""

    def __init__(self, fault=None):
        self.desks, self.fault, self.asked = self, fault, 0
        self.memory = Memory(1)

    def of(self, host):
        assert host == HOST
        return self

    async def ask(self, function, captures):
        self.asked += 1
        assert not self.memory.may_take("another")
        if self.fault is not None:
            raise self.fault
        return function(captures)


def judge_while_crawling(spider, item, waiting=0):
    settings = Settings({"SURVEY_JUDGE": True, "SURVEY_DB": "db"})
    signals = SimpleNamespace(connect=lambda *_: None)
    extension = JudgeAfterwards(SimpleNamespace(settings=settings, signals=signals))
    extension.waiting = waiting
    asyncio.run(extension.scraped(item, spider))
    assert extension.waiting == waiting
    assert spider.memory.may_take("another")
    with closing(extension.early):
        return HOST in extension.early


VISIT = visit(HOST, *CAPTURES)


@pytest.mark.parametrize(
    ("item", "waiting", "fault", "asked", "judged"),
    [
        (VISIT, 0, None, 1, True),
        (VISIT, MAX_WAITING - 1, None, 1, True),
        (VISIT, MAX_WAITING, None, 0, False),
        (VISIT, 0, StoppedError("cpu_cap"), 1, False),
        (replace(VISIT, again_at=5.0), 0, None, 0, False),
        (replace(VISIT, captures=CAPTURES[:1]), 0, None, 0, False),
    ],
)
def test_what_is_judged_while_the_crawl_goes_on(item, waiting, fault, asked, judged):
    """Not what is visited again, nor what no worker has read; nor more than is held in memory."""
    spider = Spider(fault)
    assert judge_while_crawling(spider, item, waiting) is judged
    assert spider.asked == asked


def test_a_site_has_its_desk():
    with closing(Desks(2)) as desks:
        chosen = {host: desks.of(host) for host in map(str, range(20))}
        assert len(set(chosen.values())) == 2
        assert all(desks.of(host) is desk for host, desk in chosen.items())
