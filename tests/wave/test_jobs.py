"""Shared jobs over a real Redis: each job once, none lost, whoever dies."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from crawler.demo.server import serve_sites
from crawler.model import Site
from crawler.wave.jobs import JobsError, Stream, Table
from tests.factories.redis_server import RedisServer, program
from tests.paths import ROOT
from tests.store.test_join import SITES, facts, merge
from tests.wave.test_resume import Farm, site

needs_redis = pytest.mark.skipif(program() is None, reason="no Redis server on this machine")
PANEL = [Site(host, domain, domain) for host, domain in (
    ("a.one.test", "one.test"), ("b.one.test", "one.test"), ("two.test", "two.test"),
    ("bare", None), ("bare:8080", None),
)]  # fmt: skip


def test_a_table_is_its_own_queue():
    table = Table(lambda: iter(PANEL[:2]))
    assert list(table.pending()) == [(PANEL[0],), (PANEL[1],)]
    table.done(PANEL[0])
    table.keep()
    assert table.over()
    assert not table.shared
    assert table.trouble is None


@pytest.fixture
def server(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def worker(server, visited=(), lease=60.0):
    return Stream(server.url, "optout:w:1", lambda site: site.host in visited, lease)


def hosts(job):
    return sorted(site.host for site in job)


@needs_redis
def test_a_job_is_a_domain_with_all_its_sites_and_is_taken_once(server):
    first, second = worker(server), worker(server)
    first.load(PANEL)
    second.load(PANEL)
    taken = [next(first.pending()), next(second.pending()), next(first.pending())]
    assert sorted(map(hosts, taken)) == [
        ["a.one.test", "b.one.test"], ["bare", "bare:8080"], ["two.test"]
    ]  # fmt: skip
    assert sorted((s for job in taken for s in job), key=PANEL.index) == PANEL
    assert next(first.pending(), None) is None
    assert not first.over()
    for holder, job in zip((first, second, first), taken, strict=True):
        for one in job:
            assert not holder.over()
            holder.done(one)
    assert first.over()
    assert second.over()
    second.load(PANEL)
    assert next(second.pending(), None) is None  # what is done does not come back


@needs_redis
def test_loading_goes_on_where_a_killed_loader_stopped(server):
    many = [Site(f"h{n}.test", f"h{n}.test", f"h{n}.test") for n in range(1203)]
    half = worker(server)
    half._make_group()
    half.redis.xadd(half.name, {"job": "[]"}, id="1-700")  # as if 700 had been written
    half.load(many)
    assert half.redis.xlen(half.name) == 1 + 503
    half.load(many)
    assert half.redis.xlen(half.name) == 1 + 503


@needs_redis
def test_a_lease_that_ran_out_is_claimed_and_one_that_is_kept_is_not(server):
    dead, alive, other = worker(server), worker(server), worker(server, lease=0.3)
    dead.load(PANEL)
    lost, kept = next(dead.pending()), next(alive.pending())
    other.done(next(other.pending())[0])
    for _ in range(5):
        time.sleep(0.1)
        alive.keep()
    claimed = [next(other.pending(), None), next(other.pending(), None)]
    assert [hosts(job) for job in claimed if job] == [hosts(lost)]
    assert hosts(kept) != hosts(lost)


@needs_redis
def test_a_job_whose_sites_are_all_stored_is_ended_without_a_visit(server):
    one = worker(server, visited={"a.one.test", "b.one.test", "two.test", "bare"})
    one.load(PANEL)
    assert [hosts(job) for job in one.pending()] == [["bare:8080"]]
    one.done(PANEL[4])
    assert one.over()


@needs_redis
def test_redis_gone_is_told_once_and_without_the_password(server):
    one = worker(server)
    one.url = server.url.replace("//", "//user:secret@")
    one.load(PANEL)
    held = next(one.pending())
    server.stop()
    for one_site in held:
        one.done(one_site)
    assert list(one.pending()) == []
    assert one.over()
    assert "cannot be reached" in str(one.trouble)
    assert "secret" not in str(one.trouble)
    one.keep()
    server.start()
    again = worker(server, visited={s.host for s in held})
    again.load(PANEL)
    later = worker(server, visited={s.host for s in held}, lease=0.0)
    seen = [hosts(job) for job in again.pending()] + [hosts(job) for job in later.pending()]
    assert hosts(held) not in seen


def test_an_address_where_nobody_answers_is_an_error(tmp_path):
    nobody = RedisServer(tmp_path)
    with pytest.raises(JobsError, match="cannot be reached"):
        Stream(nobody.url, "n", lambda _: False).load(PANEL)


def survey(farm, name, url=""):
    """Begin a survey; one that shares jobs takes its time, so that kills find it at work."""
    shared = ("--jobs", url, "--delay", "0.04", "--concurrency", "2") if url else ("--delay", "0")
    command = farm.command(f"{name}.db", "--seed", "3", "--quiet", "--max-unmeasured", "1",
                           "--retry-pauses", "0.1", *shared)  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def wait_for_visits(path, wanted):
    """Until a worker has stored so many visits; it may not have begun yet."""
    for _ in range(600):
        with closing(sqlite3.connect(path)) as db:
            try:
                (stored,) = db.execute("SELECT count(*) FROM visits").fetchone()
            except sqlite3.OperationalError:
                stored = 0
        if stored >= wanted:
            return
        time.sleep(0.05)
    raise AssertionError("the worker stores nothing")


def begun(path):
    """Visits that were under way when a worker was killed."""
    with closing(sqlite3.connect(path)) as db:
        (count,) = db.execute("SELECT count(*) FROM attempts WHERE finished_at IS NULL").fetchone()
    return count


@needs_redis
def test_workers_that_are_killed_lose_no_site_and_the_merged_survey_is_the_whole_one(
    server, tmp_path, monkeypatch
):
    many = [*SITES[:-1], *(site(f"more{n}.test") for n in range(40))]
    monkeypatch.setenv("OPTOUT_JOBS_LEASE", "2")
    with serve_sites(many) as served:
        farm = Farm(served, tmp_path)
        whole = survey(farm, "whole")
        _, errors = whole.communicate(timeout=120)
        assert whole.returncode == 0, errors
        names = ["w1", "w2"]
        running = {name: survey(farm, name, server.url) for name in names}
        under_way = 0
        for kill in range(1, 4):
            wait_for_visits(tmp_path / "w1.db", 3 * kill)
            running["w1"].send_signal(signal.SIGKILL)
            running["w1"].communicate()
            under_way += begun(tmp_path / "w1.db")
            running["w1"] = survey(farm, "w1", server.url)
        server.stop()
        for name in names:
            running[name].communicate(timeout=120)
            assert running[name].returncode in {0, 1}
        server.start()
        ended = {name: survey(farm, name, server.url) for name in names}
        for run in ended.values():
            _, errors = run.communicate(timeout=120)
            assert run.returncode == 0, errors
    told = merge(tmp_path, "w1.db", "w2.db")
    assert told.exit_code == 0, told.output
    found, expected = facts(tmp_path / "all.db"), facts(tmp_path / "whole.db")
    for table in ("sites", "panel_sites", "visits", "captures", "bodies"):
        assert found[table] == expected[table], table
    with closing(sqlite3.connect(tmp_path / "all.db")) as db:
        assert db.execute("SELECT finished_at IS NULL FROM waves").fetchone() == (0,)
    with closing(sqlite3.connect(tmp_path / "w1.db")) as db:
        assert under_way > 0  # the kills took visits
        (settings,) = db.execute("SELECT settings FROM waves").fetchone()
        assert server.url not in settings


def test_shards_and_jobs_exclude_each_other(tmp_path):
    (tmp_path / "p.csv").write_text("host\na.test\n")
    run = subprocess.run(
        [sys.executable, "-m", "crawler", "survey", str(tmp_path / "p.csv"), "--wave", "w", "--db",
         str(tmp_path / "db"), "--shard", "1/2", "--jobs", "redis://127.0.0.1:1/0",
         "--contact", "x"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "leave --shard out" in run.stderr
