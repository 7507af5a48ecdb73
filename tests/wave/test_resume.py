"""A survey that is stopped at any moment goes on without loss, repeats or bad politeness."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, Behaviour, DemoSite
from crawler.model import Site
from crawler.panel import reading
from crawler.signals import RULESET, resources
from crawler.store import facts
from crawler.store.database import writing
from tests.benchmarks import kills
from tests.paths import ROOT

TEXT = (("Content-Type", "text/plain"),)
HTML = (("Content-Type", "text/html"),)
TDM = "/.well-known/tdmrep.json"
SITE = len(resources()) + 2
"""Requests of a plain site: its resources, and two guesses where its terms might be."""
WHOLE = 40 * SITE


def site(host, robots=b"User-agent: *\nDisallow:\n", **more):
    pages = (Answer("/robots.txt", 200, TEXT, robots), Answer("/", 200, HTML, b"<html>"))
    return DemoSite(host=host, answers=more.pop("answers", pages), **more)


class Farm:
    """Sites on loopback and the command that surveys them."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.panel = folder / "farm.csv"
        hosts = "".join(f"{one.host}\n" for one in server.sites)
        self.panel.write_text("host\n" + hosts)
        (folder / "hosts").write_text(server.hosts())

    def command(self, db, *more):
        arguments = ["survey", str(self.panel), "--wave", "w", "--db", str(self.folder / db)]
        hosts = ["--hosts", str(self.folder / "hosts"), "--scheme", "http", "--no-judge"]
        hosts += ["--retry-pauses", ""]
        return [sys.executable, "-m", "crawler", *arguments, *hosts, *(more or ("--delay", "0"))]

    def start(self, db, *more):
        return subprocess.Popen(
            self.command(db, *more), cwd=ROOT, stderr=subprocess.PIPE, text=True
        )

    def run(self, db, *more):
        process = self.start(db, *more)
        _, errors = process.communicate(timeout=120)
        return process.returncode, errors

    def rows(self, db, sql):
        with closing(sqlite3.connect(self.folder / db)) as connection:
            return connection.execute(sql).fetchall()

    def asked(self):
        return Counter((request.host, request.path) for request in self.server.log)


CAPTURES = "SELECT host, resource, status, body_sha256 FROM v_captures ORDER BY 1, 2"


@pytest.fixture
def farm(tmp_path):
    sites = [site(f"s{n}.test", behaviour=Behaviour.SLOW) for n in range(40)]
    with serve_sites(sites) as server:
        yield Farm(server, tmp_path)


def stop_half_way(farm, db, how):
    """Send a signal once some visits are stored, and say how many were at the end."""
    process = farm.start(db, "--delay", "0", "--concurrency", "4")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if (farm.folder / db).exists() and len(farm.server.log) > 20:
            break
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_wave_goes_on_and_ends_as_if_undisturbed(farm, how):
    code, errors = stop_half_way(farm, "a.db", how)
    if how is signal.SIGINT:
        assert code == 1
        assert "the same command goes on" in errors
    finished = {host for (host,) in farm.rows("a.db", "SELECT host FROM v_visits")}
    assert len(finished) < 40
    assert farm.rows("a.db", "SELECT finished_at FROM waves") == [(None,)]
    before = len(farm.server.log)
    farm.server.log.clear()
    code, errors = farm.run("a.db", "--delay", "0", "--concurrency", "64")
    assert code == 0, errors
    assert farm.rows("a.db", "SELECT count(finished_at) FROM waves") == [(1,)]
    assert {host for host, _ in farm.asked()}.isdisjoint(finished)
    assert farm.rows("a.db", "SELECT count(*), count(DISTINCT site_id) FROM visits") == [(40, 40)]
    assert len(farm.rows("a.db", CAPTURES)) == WHOLE + 40  # with `www.`, which nobody has
    repeated = before + len(farm.server.log) - WHOLE
    assert repeated <= SITE * 8  # the requests of the visits under way: twice the concurrency
    farm.server.log.clear()
    assert farm.run("a.db")[0] == 0
    assert farm.asked() == {}


@pytest.fixture
def small_farm(tmp_path):
    with serve_sites(kills.sites(30)) as server:
        alone = kills.Wave(server, tmp_path, tmp_path / "alone.db")
        assert alone.finish()[0] == 0
        server.log.clear()
        yield server, alone


def test_a_wave_killed_again_and_again_comes_to_the_same(small_farm, tmp_path):
    """The small form of `tests/benchmarks/kills.py`; two kills, and a disk that is too small."""
    server, alone = small_farm
    wave = kills.Wave(server, tmp_path, tmp_path / "killed.db")
    counted = kills.stop_again_and_again(wave, signal.SIGKILL, 2, 0.3, random.Random(3))
    assert counted.stops >= 1  # a quick machine may end the wave before the second
    assert (counted.damaged, counted.asked_again) == (0, 0)
    assert max(counted.under_way) <= 2 * kills.CONCURRENCY
    limited = kills.Wave(server, tmp_path, tmp_path / "small.db")
    code, errors = limited.finish(limit=alone.db.stat().st_size // 2)
    assert code == 2
    assert "Traceback" not in errors
    assert limited.finish()[0] == 0
    for each in (alone, wave, limited):
        each.judge()
    for each in (wave, limited):
        assert set(kills.differences(alone, each).values()) == {0}
    assert alone.rows("SELECT count(*) FROM v_visits") == [(30,)]


def test_of_two_surveys_at_once_one_is_refused(farm):
    first = farm.start("two.db", "--delay", "0", "--concurrency", "4")
    while len(farm.server.log) < 5:
        time.sleep(0.05)
    code, errors = farm.run("two.db")
    assert code == 2
    assert "another optout is writing to it; let it finish or stop it first" in errors
    assert "Traceback" not in errors
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert farm.run("two.db")[0] == 0
    assert farm.rows("two.db", "SELECT count(*), count(DISTINCT site_id) FROM visits") == [(40, 40)]


def test_a_wave_that_waits_to_ask_again_can_be_stopped_and_goes_on(tmp_path):
    with serve_sites(
        [site("up.test"), site("down.test", answers=(Answer("/robots.txt", 503),))]
    ) as s:
        farm = Farm(s, tmp_path)
        process = farm.start("r.db", "--delay", "0", "--retry-pauses", "600")
        deadline = time.monotonic() + 60
        waiting = "SELECT count(*) FROM attempts WHERE again_at IS NOT NULL"
        while time.monotonic() < deadline and not (
            len(farm.server.log) >= SITE
            and farm.rows("r.db", waiting) == [(1,)]
            and farm.rows("r.db", "SELECT count(*) FROM visits") == [(1,)]
        ):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "stopped with 1 sites to do" in errors
        # The time to ask again has come, and this run would not ask a third time.
        with closing(sqlite3.connect(tmp_path / "r.db")) as connection, connection:
            connection.execute("UPDATE attempts SET again_at = 0 WHERE again_at IS NOT NULL")
        assert farm.run("r.db", "--delay", "0", "--retry-pauses", "600")[0] == 0
    assert farm.asked()["down.test", "/robots.txt"] == 2
    assert farm.rows("r.db", "SELECT host, attempts, requests FROM v_politeness ORDER BY 1") == [
        ("down.test", 2, 2),
        ("up.test", 1, SITE),
    ]
    ends = farm.rows("r.db", "SELECT outcome, reason FROM v_visits WHERE host = 'down.test'")
    assert ends == [("server_error", "http_5xx")]
    tried = "SELECT host, attempt, resource, status, failure FROM v_attempt_captures"
    assert farm.rows("r.db", tried) == [("down.test", 1, "/robots.txt", 503, None)]
    begun = "SELECT attempt, reason, made_again FROM v_attempts WHERE host = 'down.test' ORDER BY 1"
    assert farm.rows("r.db", begun) == [(1, "http_5xx", 1), (2, "http_5xx", 0)]


def test_a_site_that_ends_our_process_every_time_is_given_up(tmp_path):
    with serve_sites([site("poison.test"), site("up.test")]) as server:
        farm = Farm(server, tmp_path)
        with writing(tmp_path / "c.db") as connection:
            wave = facts.open_wave(
                connection,
                "w",
                facts.put_panel(connection, reading.read(farm.panel)),
                seed=0,
                software="",
                settings={},
                user_agent="",
                vantage=None,
                ruleset=1,
            )
            poison = Site("poison.test", None, None)
            for _ in range(10):
                facts.begin_attempt(connection, wave, poison)
        code, errors = farm.run("c.db")
    assert code == 1
    assert "our own process was at fault (errors, stalls, crashes): 1/2" in errors
    assert {host for host, _ in farm.asked()} == {"up.test"}
    ends = farm.rows("c.db", "SELECT outcome, reason FROM v_visits WHERE host = 'poison.test'")
    assert ends == [("internal_error", "repeated_crash")]


def test_the_scrapy_command_is_the_same_survey(tmp_path):
    with serve_sites([site("one.farm.test"), site("two.farm.test", b"User-agent: *\n")]) as server:
        farm = Farm(server, tmp_path)
        farm.run("ours.db")
        settings = {
            "SURVEY_DB": tmp_path / "scrapy.db",
            "SURVEY_HOSTS_FILE": tmp_path / "hosts",
            "SURVEY_SCHEME": "http",
            "DOWNLOAD_DELAY": 0,
        }
        options = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
        subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "survey"]
            + ["-a", f"panel={farm.panel}", "-a", "wave=w", *options],
            check=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        assert farm.rows("scrapy.db", CAPTURES) == farm.rows("ours.db", CAPTURES)
        assert farm.rows("scrapy.db", "SELECT count(*) FROM judgements") == [(2,)]


def test_the_survey_is_polite(tmp_path):
    sites = [
        site("shy.test", b"User-agent: OptOutObservatory\nDisallow: /\n"),
        site("half.test", b"User-agent: *\nDisallow: /.well-known/\n"),
        site("down.test", answers=(Answer("/robots.txt", 503),)),
        site("a.family.test"),
        site("b.family.test"),
    ]
    with serve_sites(sites) as server:
        farm = Farm(server, tmp_path)
        assert farm.run("p.db", "--delay", "0.4", "--contact", "us@survey.test")[0] == 0
        asked = farm.asked()
        log = list(server.log)
    first = {}
    for request in log:
        first.setdefault(request.host, request.path)
        assert request.user_agent.startswith("OptOutObservatory/")
        assert request.user_agent.endswith("(+us@survey.test)")
    assert set(first.values()) == {"/robots.txt"}
    assert [path for host, path in asked if host in {"shy.test", "down.test"}] == [
        "/robots.txt"
    ] * 2
    assert ("half.test", TDM) not in asked
    assert ("half.test", "/") in asked
    family = sorted(r.time for r in log if r.host.endswith(".family.test"))
    assert len(family) == 2 * SITE
    # One slot for the registrable domain; Scrapy's jitter halves the delay at most.
    assert min(b - a for a, b in pairwise(family)) >= 0.15


def test_a_judgement_that_fails_after_the_crawl_is_told_and_the_crawl_is_kept(tmp_path):
    with serve_sites([site("one.farm.test")]) as server:
        farm = Farm(server, tmp_path)
        assert farm.run("j.db")[0] == 0
        with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
            connection.execute(f"INSERT INTO rulesets VALUES ({RULESET}, 'other', '{{}}', '', '')")
        command = [word for word in farm.command("j.db") if word != "--no-judge"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "made from other inputs" in done.stderr
    assert "Traceback" not in done.stderr
    assert farm.rows("j.db", "SELECT count(*) FROM visits") == [(1,)]
    assert "1/1 sites" in done.stderr
    assert "inf" not in done.stderr


def test_too_many_unmeasured_sites_are_an_exit_code(tmp_path):
    with serve_sites([site("up.test"), site("gone.test", behaviour=Behaviour.REFUSE)]) as server:
        farm = Farm(server, tmp_path)
        assert farm.run("x.db", "--delay", "0", "--max-unmeasured", "0.5")[0] == 0
        assert farm.run("x.db", "--delay", "0", "--max-unmeasured", "0.4")[0] == 1
