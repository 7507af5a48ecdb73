"""A survey that is stopped at any moment goes on without loss, repeats or bad manners."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, Behaviour, DemoSite
from crawler.signals import RULESET, resources

ROOT = Path(__file__).parents[1]
TEXT = (("Content-Type", "text/plain"),)
HTML = (("Content-Type", "text/html"),)
TDM = "/.well-known/tdmrep.json"
WHOLE = 40 * len(resources())
"""Requests of the whole farm."""


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
    sites = [site(f"s{n}.farm.test", behaviour=Behaviour.SLOW) for n in range(40)]
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
    before = len(farm.server.log)
    farm.server.log.clear()
    code, errors = farm.run("a.db", "--delay", "0", "--concurrency", "64")
    assert code == 0, errors
    assert {host for host, _ in farm.asked()}.isdisjoint(finished)
    assert farm.rows("a.db", "SELECT count(*), count(DISTINCT site_id) FROM visits") == [(40, 40)]
    assert len(farm.rows("a.db", CAPTURES)) == WHOLE
    repeated = before + len(farm.server.log) - WHOLE
    assert (
        repeated <= len(resources()) * 8
    )  # the requests of the visits under way: twice the concurrency
    farm.server.log.clear()
    assert farm.run("a.db")[0] == 0
    assert farm.asked() == {}


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
    assert len(family) == 2 * len(resources())
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
