"""Waves side by side: the list, the report, and what makes a wave unhealthy."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from analysis.terminal.waves import print_wave
from analysis.waves import health, overview
from analysis.waves.health import Thresholds
from crawler.cli import main
from tests.factories import database as factory_db
from tests.factories.database import put

OK, ABSENT = ("ok", "complete"), ("absent", "robots_missing")
TIMEOUT, RESET = ("unreachable", "dns_timeout"), ("unreachable", "connection_reset")
FAULT = ("internal_error", "internal_stall")


def database(path, *ends):
    """Waves of one panel, each a list of how the visits of its sites ended; None: not visited."""
    db = sqlite3.connect(path)
    db.executescript("PRAGMA synchronous = OFF; BEGIN;" + factory_db.schema() + "COMMIT")
    db.execute("PRAGMA application_id = 0x4F50544F")
    db.execute("PRAGMA user_version = 1")
    sites = max(map(len, ends))
    put(db, "panels", panel_id=1, name="makers", sha256="p", suffix_list="", rows_read=sites,
        accepted=sites, rejected=0, duplicates=0, loaded_at="")  # fmt: skip
    for site_id in range(1, sites + 1):
        put(db, "sites", site_id=site_id, host=f"s{site_id}.example")
        put(db, "panel_sites", panel_id=1, site_id=site_id, line=site_id)
    for wave_id, visits in enumerate(ends, start=1):
        put(db, "waves", wave_id=wave_id, name=f"w{wave_id}", panel_id=1, seed=0, software="",
            settings="{}", user_agent="", plan_ruleset=1, started_at=f"2026-1{wave_id}-01T00:00Z",
            finished_at=None if None in visits else "2026-12-31T00:00Z")  # fmt: skip
        for site_id, end in enumerate(visits, start=1):
            if end is None:
                continue
            put(db, "visits", wave_id=wave_id, site_id=site_id, outcome=end[0], reason=end[1],
                requests=9, bytes=900, started_at="t", finished_at="t")  # fmt: skip
            put(db, "attempts", wave_id=wave_id, site_id=site_id, attempt=1, started_at="t",
                finished_at="t", outcome=end[0], reason=end[1], requests=9, bytes=900,
                shortest_gap=1.0 + site_id)  # fmt: skip
    db.commit()
    db.close()
    return path


def found(path, wave, **thresholds):
    with closing(sqlite3.connect(path)) as connection:
        return health.anomalies(connection, wave, Thresholds(**thresholds))


@pytest.mark.parametrize(
    ("before", "now", "kinds"),
    [
        # Sites by hand: 8 of 20 became unmeasured and none came back: p = 2 / 2**8 = 0.0078.
        ([OK] * 20, [TIMEOUT] * 8 + [OK] * 12, ["rise", "class_rise"]),
        # Seven could be chance: p = 2 / 2**7 = 0.0156.
        ([OK] * 20, [TIMEOUT] * 7 + [OK] * 13, []),
        # Eight went, three came back: exact p of 3 in 11 is 0.227.
        ([RESET] * 3 + [OK] * 17, [OK] * 3 + [RESET] * 8 + [OK] * 9, []),
        # Beyond chance and still small: 12 of 400 are 3 points; as a class they exploded.
        ([OK] * 400, [TIMEOUT] * 12 + [OK] * 388, ["class_rise"]),
        # Beyond chance, 0.8 points: below what a class must grow by.
        ([OK] * 1250, [TIMEOUT] * 10 + [OK] * 1240, []),
        # One failure in place of another: nothing is less measured, and the class exploded.
        ([RESET] * 9 + [OK] * 11, [TIMEOUT] * 9 + [OK] * 11, ["class_rise"]),
        # More than before, but not twice as many.
        ([TIMEOUT] * 20 + [OK] * 80, [TIMEOUT] * 36 + [OK] * 64, ["rise"]),
        # What became measured is no anomaly; nor is another kind of measured.
        ([TIMEOUT] * 9 + [OK] * 11, [OK] * 20, []),
        ([OK] * 20, [ABSENT] * 20, []),
        ([OK] * 20, [TIMEOUT] * 11 + [OK] * 9, ["unmeasured", "rise", "class_rise"]),
        # Of our own: 1 of 60 has a lower Wilson end of 0.3 %, 3 of 60 of 1.7 %.
        ([OK] * 60, [FAULT] + [OK] * 59, []),
        ([OK] * 60, [FAULT] * 3 + [OK] * 57, ["own_faults"]),
        # Sites that the earlier wave never visited are not compared.
        ([OK] * 2 + [None] * 18, [OK] * 11 + [TIMEOUT] * 9, []),
    ],
)
def test_a_rise_is_told_when_it_is_large_and_no_chance(tmp_path, before, now, kinds):
    path = database(tmp_path / "s.db", before, now)
    assert [each.kind for each in found(path, "w2")] == kinds


def test_an_anomaly_says_how_many_of_how_many_in_both_waves(tmp_path):
    path = database(tmp_path / "s.db", [TIMEOUT] + [OK] * 19, [TIMEOUT] * 9 + [OK] * 11)
    rise, exploded = found(path, "w2", unmeasured=0.9)
    assert rise.sentence == ("unmeasured rose: 9/20 (45.0%) of the same sites, 1/20 (5.0%) in w1")
    assert exploded.sentence.startswith("unreachable:dns_timeout exploded: 9/20 (45.0%)")
    assert (exploded.k, exploded.n, exploded.before, exploded.before_k) == (9, 20, "w1", 1)


def test_thresholds_can_be_moved(tmp_path):
    path = database(tmp_path / "s.db", [OK] * 20, [TIMEOUT] * 8 + [OK] * 12)
    assert found(path, "w2", rise=0.4, growth=1e9) == ()
    assert [e.kind for e in found(path, "w2", unmeasured=0.3, rise=0.4)] == [
        "unmeasured",
        "class_rise",
    ]


def test_a_stall_inside_a_measured_visit_is_our_fault_too(tmp_path):
    path = database(tmp_path / "s.db", [OK] * 10)
    with closing(sqlite3.connect(path)) as db, db:
        for visit_id in (1, 2):
            put(db, "captures", visit_id=visit_id, seq=0, resource="/ai.txt", url="", final_url="",
                failure="internal_stall", bytes=0, truncated=0, data_loss=0, coding_error=0,
                superseded=0, fetched_at="", elapsed=0)  # fmt: skip
    (fault,) = found(path, "w1")
    assert (fault.kind, fault.k, fault.n, fault.before) == ("own_faults", 2, 10, None)


def run(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "200"})


def test_waves_are_listed_with_what_could_be_measured(tmp_path):
    path = database(tmp_path / "s.db", [OK] * 3 + [TIMEOUT], [OK, None, None, None])
    shown = run("waves", "--db", path)
    assert shown.exit_code == 0
    for words in ("w1", "finished", "75.0", "w2", "unfinished"):
        assert words in shown.output
    first, second = json.loads(run("waves", "--db", path, "--json").output)
    assert (first["sites"], first["done"], first["measured"], first["share"]) == (4, 4, 3, 0.75)
    assert 0 < first["low"] < 0.75 < first["high"] < 1
    assert (second["done"], second["state"], second["finished_at"]) == (1, "unfinished", None)
    assert first["rulesets"] == []


def test_a_wave_is_told_with_its_ends_politeness_and_anomalies(tmp_path):
    path = database(tmp_path / "s.db", [OK] * 20, [TIMEOUT] * 9 + [OK] * 11)
    shown = run("wave", "w2", "--db", path)
    assert shown.exit_code == 1
    for words in ("dns_timeout", "45.0", "most requests to one site", "Anomalies against wave w1",
                  "unmeasured rose: 9/20"):  # fmt: skip
        assert words in shown.output
    calm = run("wave", "w2", "--db", path, "--max-rise", "1", "--max-growth", "1e9")
    assert calm.exit_code == 0, calm.output
    assert "none" in calm.output
    told = json.loads(run("wave", "w2", "--db", path, "--json").output)
    assert told["before"] == "w1"
    assert told["manners"]["requests"] == 180
    assert told["manners"]["shortest_gap"] == 2.0
    assert [each["kind"] for each in told["anomalies"]] == ["rise", "class_rise"]
    ends = Counter({(e["outcome"], e["reason"]): e["visits"] for e in told["ends"]})
    assert ends == Counter({OK: 11, TIMEOUT: 9})
    first = run("wave", "w1", "--db", path)
    assert first.exit_code == 0
    assert "no wave before" in first.output


def test_an_unknown_wave_is_refused_with_those_there_are(tmp_path):
    path = database(tmp_path / "s.db", [OK])
    shown = run("wave", "w9", "--db", path)
    assert shown.exit_code == 2
    assert "w1" in shown.output


def test_a_wave_nobody_was_visited_in_has_no_share(tmp_path):
    path = database(tmp_path / "s.db", [None, None])
    assert run("wave", "w1", "--db", path).exit_code == 0
    with closing(sqlite3.connect(path)) as connection:
        assert overview.line(connection, "w1").share is None
        assert overview.politeness(connection, "w1").most_requests == 0


def test_tables_are_whole_at_80_columns(tmp_path):
    long = "a-panel-with-a-name-of-one-word-that-is-longer-than-its-column"
    path = database(tmp_path / "s.db", [OK, FAULT, None])
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE panels SET name = ?", (long,))
        report = health.report(db, "w1", Thresholds())
    crowded = replace(report.line, sites=1_000_000, done=1_000_000, measured=999_999)
    told = StringIO()
    print_wave(replace(report, line=crowded), Console(file=told, width=80))
    lines = told.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    for whole in (
        "visited",
        "measured",
        "ruleset",
        "2026-11-01",
        "unfinished",
        "999999/1000000",
        "internal_stall",
    ):
        assert any(whole in line for line in lines), whole
    assert "\N{HORIZONTAL ELLIPSIS}" not in told.getvalue()


NO_NAME = ("unreachable", "dns_nxdomain")


@pytest.mark.parametrize(
    ("ends", "days", "gone"),
    [
        ([NO_NAME, NO_NAME], [1, 8], 1),
        ([NO_NAME, NO_NAME], [1, 7], 0),  # not a week yet
        ([NO_NAME, OK], [1, 9], 0),  # is back
        ([NO_NAME, OK, NO_NAME], [1, 9, 10], 0),  # was back
        ([NO_NAME, NO_NAME, NO_NAME], [1, 7, 10], 1),
        ([TIMEOUT, NO_NAME], [1, 9], 0),
    ],
)
def test_a_site_is_gone_whose_name_is_missing_for_a_week(tmp_path, ends, days, gone):
    path = database(tmp_path / "s.db", *([end] for end in ends))
    with closing(sqlite3.connect(path)) as db:
        for wave_id, day in enumerate(days, start=1):
            when = (f"2026-11-{day:02}T00:00:00.000Z", wave_id)
            db.execute("UPDATE visits SET started_at = ? WHERE wave_id = ?", when)
        assert overview.reached(db, f"w{len(ends)}").gone == gone


def test_a_wave_says_how_many_sites_there_still_are(tmp_path):
    """A name has an address if a connection to it was tried, or if it led elsewhere."""
    path = database(tmp_path / "s.db", [OK, OK, RESET, NO_NAME, TIMEOUT, OK, FAULT, None])
    with closing(sqlite3.connect(path)) as db:
        more = {"bytes": 0, "truncated": 0, "data_loss": 0, "coding_error": 0, "superseded": 0,
                "resource": "/robots.txt", "fetched_at": "", "elapsed": 0.0}  # fmt: skip
        for visit_id, host, status, failure, hops in (
            (1, "s1.example", 200, None, "[]"),
            (2, "www.s2.example", 200, None, "[]"),
            (3, "s3.example", None, "connection_reset", "[]"),
            (4, "s4.example", None, "dns_nxdomain", "[]"),
            (5, "s5.example", None, "dns_timeout", "[]"),
            (6, "s6.example", None, "dns_nxdomain", "[{}]"),
            (7, "s7.example", None, "internal_stall", "[]"),
        ):
            url = f"https://{host}/robots.txt"
            put(db, "captures", visit_id=visit_id, seq=0, url=url, final_url=url,
                status=status, failure=failure, hops=hops, **more)  # fmt: skip
        db.commit()
        assert overview.reached(db, "w1") == overview.Reached(8, 7, 4, 2, 0, 1)
    shown = run("wave", "w1", "--db", path)
    assert "gone: no such name now, nor 7 days ago" in shown.output
