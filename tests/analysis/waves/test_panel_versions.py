"""A panel is its name: waves over different versions of it are held against each other.

The survey of `indicators` with a later version of its panel under the second wave: n3 left, z1
joined, n4 moved to another stratum, and everybody's weight is another.
"""

import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import AnalysisError, UnknownWaveError, open_database
from analysis.numbers import indicator
from analysis.report import site as reports
from analysis.waves import changes, health
from crawler.cli import main
from tests.factories import indicators
from tests.factories.indicators import BEFORE, RULESET, WAVE, put


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "survey.db"
    indicators.build(path)
    with closing(sqlite3.connect(path)) as db:
        for panel_id, name in ((2, "makers"), (3, "others")):
            put(db, "panels", panel_id=panel_id, name=name, sha256=str(panel_id), suffix_list="x",
                rows_read=12, accepted=12, rejected=0, duplicates=0,
                loaded_at="2026-12-01")  # fmt: skip
        db.execute(
            "INSERT INTO panel_sites SELECT 2, site_id, iif(host LIKE 'n4%', 'moved', stratum),"
            " sector, creator_type, country, platform, rank, 7.0, cluster, note, line"
            " FROM panel_sites JOIN sites USING (site_id) WHERE host NOT LIKE 'n3%'"
        )
        joined = put(db, "sites", host="z1.example", registrable_domain="z1.example")
        put(db, "panel_sites", panel_id=2, site_id=joined, stratum="news", line=99)
        elsewhere = put(db, "sites", host="y1.example", registrable_domain="y1.example")
        put(db, "panel_sites", panel_id=3, site_id=elsewhere, line=2)
        db.execute("UPDATE waves SET panel_id = 2 WHERE name = ?", (WAVE,))
        db.execute(
            "DELETE FROM judgements WHERE visit_id = ?", (indicators.visit_of(db, WAVE, "n3"),)
        )
        put(db, "waves", name="elsewhere", panel_id=3, seed=1, software="x", settings="{}",
            user_agent="x", plan_ruleset=RULESET, started_at="2026-11-15")  # fmt: skip
        put(db, "judged_waves", wave_id=3, ruleset=RULESET, digest="j", visits=0, judged_at="x")
        db.commit()
    return path


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as connection:
        yield connection


def test_who_joined_left_and_moved_is_counted(connection):
    found = changes.membership(connection, BEFORE, WAVE)
    assert found == changes.Membership(common=11, joined=1, left=1, restratified=1)
    back = changes.membership(connection, WAVE, BEFORE)
    assert (back.common, back.joined, back.left) == (11, 1, 1)


def test_the_wave_before_is_found_across_versions_and_not_in_another_panel(connection):
    assert changes.earlier_wave(connection, WAVE, RULESET) == BEFORE
    assert health.previous(connection, WAVE) == BEFORE
    assert changes.earlier_wave(connection, "elsewhere", RULESET) is None


def test_what_another_vantage_point_saw_is_no_wave_before(path, tmp_path):
    shutil.copy(path, tmp_path / "two.db")
    with closing(sqlite3.connect(tmp_path / "two.db")) as db, db:
        db.execute("UPDATE waves SET vantage = 'Oslo' WHERE name = ?", (BEFORE,))
    with closing(open_database(tmp_path / "two.db")) as connection:
        assert changes.earlier_wave(connection, WAVE, RULESET) is None
        assert health.previous(connection, WAVE) is None


def test_changes_and_indicators_over_two_waves_are_of_the_common_sites(connection):
    hosts = {change.host for change in changes.changes(connection, BEFORE, WAVE)}
    assert hosts == {
        f"{name}.example" for name in ("n1", "n2", "n4", "a1", "a2", "a4", "m2", "m3", "m4")
    }
    view = connection.execute(
        "SELECT DISTINCT host FROM v_changes WHERE wave_from = ? AND wave_to = ?", (BEFORE, WAVE)
    )
    assert {host for (host,) in view} == hosts
    (found,) = indicator.run(connection, WAVE, ["persistence"])
    assert found.rows
    assert {row.before for row in found.rows} == {BEFORE}


def test_the_wave_before_can_be_chosen(connection):
    (found,) = indicator.run(connection, BEFORE, ["persistence"])
    assert (found.rows, "earlier wave" in found.lacks) == ((), True)
    (found,) = indicator.run(connection, BEFORE, ["persistence"], before=WAVE)
    assert {row.before for row in found.rows} == {WAVE}


@pytest.mark.parametrize(
    ("before", "error", "words"),
    [
        (WAVE, AnalysisError, "with itself"),
        ("elsewhere", AnalysisError, "no site in common"),
        ("never", UnknownWaveError, "no wave 'never'"),
    ],
)
def test_a_wave_that_cannot_be_compared_is_refused(connection, before, error, words):
    with pytest.raises(error, match=words):
        indicator.run(connection, WAVE, ["persistence"], before=before)


def test_a_wave_that_the_ruleset_did_not_judge_is_refused(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM judged_waves WHERE wave_id = 1")
        db.commit()
    with (
        closing(open_database(path)) as connection,
        pytest.raises(AnalysisError, match="not judged"),
    ):
        indicator.run(connection, WAVE, ["persistence"], before=BEFORE)


def test_report_and_terminal_say_who_joined_and_left(path, connection, tmp_path):
    reports.build(connection, WAVE, tmp_path / "report", sites=False)
    page = (tmp_path / "report" / "changes.html").read_text("utf-8")
    assert "11 sites are in the panel of both waves" in page
    assert 'data-trend="complete core 2026-12"' in page
    assert "1 joined since then, 1 left, 1 stand in another stratum now" in page
    result = CliRunner().invoke(main, ["changes", BEFORE, WAVE, "--db", str(path)])
    assert result.output.endswith("; 11 sites in both panels, 1 joined, 1 left\n")
    result = CliRunner().invoke(
        main, ["indicators", "persistence", "--db", str(path), "--wave", WAVE, "--before", WAVE]
    )
    assert result.exit_code == 2
    assert "with itself" in result.output
