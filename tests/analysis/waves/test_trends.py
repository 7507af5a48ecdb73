"""Lines over three waves of one panel, by hand: who answered when, and by which ruleset.

The survey of `indicators` (11 and 12 2026) and a third wave over a later version of its panel, in
which n1 to n4 have left. Its visits are those of the second wave once more.
"""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import AnalysisError, open_database
from analysis.waves.trends import Point, trends
from crawler.cli import main
from tests.factories import indicators
from tests.factories.indicators import BEFORE, OLDER, RULESET, WAVE, put

THIRD = "2027-01"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("trends") / "survey.db"
    indicators.build(path)
    with closing(sqlite3.connect(path)) as db:
        put(db, "panels", panel_id=2, name="makers", sha256="2", suffix_list="x", rows_read=8,
            accepted=8, rejected=0, duplicates=0, loaded_at="2027-01-01")  # fmt: skip
        db.execute(
            "INSERT INTO panel_sites SELECT 2, site_id, stratum, sector, creator_type, country,"
            " platform, rank, 3.0, cluster, note, line"
            " FROM panel_sites JOIN sites USING (site_id) WHERE host NOT LIKE 'n%'"
        )
        put(db, "waves", name=THIRD, panel_id=2, seed=1, software="x", settings="{}",
            user_agent="x", plan_ruleset=RULESET, started_at=THIRD)  # fmt: skip
        db.execute(
            "INSERT INTO visits (wave_id, site_id, outcome, reason, requests, bytes, started_at,"
            " finished_at) SELECT 3, site_id, outcome, reason, 1, 1, 'x', 'x' FROM visits"
            " JOIN panel_sites USING (site_id) WHERE wave_id = 2 AND panel_id = 2"
        )
        db.execute(
            "INSERT INTO judgements SELECT j.ruleset, n.visit_id, j.robots_state, NULL,"
            " j.policy_id, j.use_policy_id FROM visits n JOIN visits o ON o.site_id = n.site_id"
            " AND o.wave_id = 2 JOIN judgements j ON j.visit_id = o.visit_id AND j.ruleset = 4"
            " WHERE n.wave_id = 3"
        )
        put(db, "judged_waves", wave_id=3, ruleset=RULESET, digest="j", visits=8, judged_at="x")
        db.execute("UPDATE agents SET first_listed = '2026-11-20' WHERE token = 'CCBot'")
        db.commit()
    return path


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as connection:
        yield connection


def line(points, headline, scope, ruleset=RULESET):
    return [
        (point.wave, point.k, point.n)
        for point in points
        if (point.headline, point.scope, point.ruleset) == (headline, scope, ruleset)
    ]


def test_full_lines_are_of_all_that_answer_and_core_lines_of_those_that_always_do(connection):
    points = trends(connection, "makers")
    # GPTBot is out: n1 to n4, a2, m2; then n1 n2 n3 m2; then m2. a2 is cut from the second on.
    assert line(points, "access:GPTBot", "full") == [(BEFORE, 6, 11), (WAVE, 4, 9), (THIRD, 1, 6)]
    # a1 a3 m1 m2 m3 answer three times: a2 was cut, a4 and m4 failed once.
    assert line(points, "access:GPTBot", "core") == [(BEFORE, 1, 5), (WAVE, 1, 5), (THIRD, 1, 5)]
    # Complete visits that reserve: n2 a1 a2 m2 m3; then n2 a1 m2; then a1 m2.
    assert line(points, "use:train", "full") == [(BEFORE, 5, 11), (WAVE, 3, 9), (THIRD, 2, 6)]
    assert line(points, "use:train", "core") == [(BEFORE, 3, 5), (WAVE, 2, 5), (THIRD, 2, 5)]


def test_the_complete_opt_out_is_of_the_agents_of_each_day(connection):
    points = trends(connection, "makers")
    assert line(points, "complete", "full") == [(BEFORE, 4, 11), (WAVE, 3, 9), (THIRD, 1, 6)]
    assert [wave for wave, *_ in line(points, "access:CCBot", "full")] == [WAVE, THIRD]


def test_rulesets_are_never_in_one_line(connection):
    points = trends(connection, "makers")
    assert line(points, "complete", "full", OLDER) == [(WAVE, 12, 12)]
    assert trends(connection, "makers", OLDER) == [p for p in points if p.ruleset == OLDER]


def test_vantage_points_are_never_in_one_line(path, tmp_path):
    shutil.copy(path, tmp_path / "two.db")
    with closing(sqlite3.connect(tmp_path / "two.db")) as db, db:
        db.execute("UPDATE waves SET vantage = 'Oslo' WHERE name = ?", (WAVE,))
    with closing(open_database(tmp_path / "two.db")) as connection:
        points = trends(connection, "makers", RULESET)
    here = [p for p in points if p.vantage is None]
    there = [p for p in points if p.vantage == "Oslo"]
    assert line(here, "access:GPTBot", "full") == [(BEFORE, 6, 11), (THIRD, 1, 6)]
    assert line(there, "access:GPTBot", "full") == [(WAVE, 4, 9)]
    # Who answers in every wave of a line is asked of that line alone.
    assert line(there, "access:GPTBot", "core") == [(WAVE, 4, 9)]
    assert len(here) + len(there) == len(points)


def test_points_carry_interval_day_and_weight(connection):
    (point,) = (
        p for p in trends(connection, "makers", RULESET)
        if (p.headline, p.scope, p.wave) == ("access:GPTBot", "full", WAVE)
    )  # fmt: skip
    # n1 n2 n3 weigh 2, all others 1: 7 of 12.
    assert isinstance(point, Point)
    assert (point.day, point.weighted_share) == (f"{WAVE}-01", pytest.approx(7 / 12))
    assert (point.panel, point.share) == ("makers", pytest.approx(4 / 9))
    assert (point.low, point.high) == pytest.approx((0.18878, 0.73331), abs=1e-4)


@pytest.mark.parametrize(
    ("panel", "ruleset", "words"),
    [("nobody", None, "there are makers"), ("makers", 7, "1, 4 did")],
)
def test_unknown_panels_and_rulesets_are_refused(connection, panel, ruleset, words):
    with pytest.raises(AnalysisError, match=words):
        trends(connection, panel, ruleset)


def test_the_command_prints_tables_objects_or_csv(path):
    def run(*options):
        return CliRunner().invoke(main, ["trends", "--db", str(path), *options])

    objects = [json.loads(row) for row in run("--json", "--ruleset", "4").output.splitlines()]
    assert {"headline", "scope", "wave", "k", "n", "ruleset"} <= set(objects[0])
    assert run("--csv").output.count("\n") == 1 + len(run("--json").output.splitlines())
    shown = run("makers").output
    assert "Trends by ruleset 1" in shown
    assert "Trends by ruleset 4" in shown
    assert run("nobody").exit_code == 2
