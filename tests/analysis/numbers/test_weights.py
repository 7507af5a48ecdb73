"""Weights, sites not measured, censuses and clusters, by hand on the survey of `database`.

Listed are 7 news, 7 art, 1 without a stratum; visited 14, all but one of art; measured 5, 5, 1.
"""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from analysis.database import open_database
from analysis.numbers import indicator, paired, summary
from analysis.statistics import newcombe_paired
from analysis.waves import trends
from tests.factories import database, indicators
from tests.factories.database import STRICT8, WAVE


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "survey.db"
    database.build(path)
    return path


def changed(path, *statements, seed=None):
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    with closing(open_database(path)) as connection:
        return summary.run(connection, WAVE, seed=seed)


CUT = (
    "UPDATE judgements SET robots_capture_id = (SELECT capture_id FROM captures c WHERE"
    " c.visit_id = judgements.visit_id AND resource = '/robots.txt') WHERE visit_id = {0}",
    "UPDATE captures SET {1} = 1 WHERE visit_id = {0} AND resource = '/robots.txt'",
)


def cut(visit, how="data_loss"):
    return [statement.format(visit, how) for statement in CUT]


def test_a_stratum_that_was_measured_in_part_counts_whole(path):
    row = changed(path)["agent_blocked"].row("*", "GPTBot")
    # 2 of 5 of art and 3 of 5 of news speak for 7 each, 1 of 1 for itself.
    assert row.share == row.weighted_share == 6 / 11
    assert row.adjusted_share == pytest.approx((7 * 2 / 5 + 7 * 3 / 5 + 1) / 15)
    art = changed(path)["agent_blocked"].row("art", "GPTBot")
    assert art.share == 2 / 5
    assert art.adjusted_share == pytest.approx(2 / 5)


def test_bounds_are_weighted_like_the_share_they_stand_beside(path):
    row = changed(path, "UPDATE panel_sites SET weight = 4 WHERE stratum = 'news'")[
        "agent_blocked"
    ].row("*", "GPTBot")
    # News weighs 4: 12 + 2 + 1 of 20 + 5 + 1 measured, of 28 + 6 + 1 attempted.
    assert row.weighted_share == pytest.approx(15 / 26)
    assert (row.weighted_if_none, row.weighted_if_all) == pytest.approx((15 / 35, 24 / 35))
    assert (row.if_none, row.if_all) == pytest.approx((6 / 14, 9 / 14))
    assert row.adjusted_share == pytest.approx((28 * 3 / 5 + 7 * 2 / 5 + 1) / 36)


@pytest.mark.parametrize("how", ["data_loss", "truncated"])
def test_a_file_that_was_cut_counts_neither_way_and_its_yes_in_the_bounds(path, how):
    found = changed(path, *cut(1, how))["agent_blocked"]  # n1 names GPTBot and ClaudeBot
    yes, no = found.row("*", "GPTBot"), found.row("*", "CCBot")
    assert (yes.k, yes.n, yes.told) == (5, 10, 1)
    assert (yes.if_none, yes.if_all) == (6 / 14, 9 / 14)
    assert (no.k, no.n, no.told) == (5, 10, 0)
    assert (no.if_none, no.if_all) == (5 / 14, 9 / 14)


def test_a_file_of_more_than_500_kib_counts_neither_way(path):
    # RFC 9309 section 2.5 lets us stop there; what follows could still name any agent.
    long = "UPDATE judgements SET robots_state = 'too-large' WHERE visit_id = 9"  # a2
    row = changed(path, long)["agent_blocked"].row("*", "GPTBot")
    assert (row.k, row.n, row.told) == (5, 10, 1)
    assert (row.if_none, row.if_all) == (6 / 14, 9 / 14)
    with closing(open_database(path)) as connection:
        (measured,) = indicator.run(connection, WAVE, ["effective_block"])
        points = trends.trends(connection, "makers")
    found = {(row.stratum, row.key): (row.k, row.n) for row in measured.rows}
    assert found["*", "GPTBot"] == (5, 10)
    lines = {(p.wave, p.headline, p.scope): (p.k, p.n) for p in points}
    assert lines[WAVE, "access:GPTBot", "full"] == (5, 10)


def test_a_star_in_a_cut_file_is_a_yes_that_the_rest_could_undo(path):
    found = changed(path, *cut(3))["complete_training_optout"].row()  # n3 shuts everybody out
    assert (found.k, found.n, found.told) == (3, 10, 1)


@pytest.mark.parametrize("how", ["truncated = 1", "data_loss = 1", "status = 206"])
def test_a_page_that_was_cut_shows_a_signal_and_never_its_absence(path, how):
    found = changed(path, f"UPDATE captures SET {how} WHERE visit_id = 3 AND resource = '/'")
    row = found["signal_share"].row("*", "tdmrep_header")  # n3 has one of the four
    assert (row.k, row.n, row.told) == (3, 9, 1)
    assert found["signal_unmeasured"].row("*", "tdmrep_header:unmeasured").k == 1
    with closing(open_database(path)) as connection:
        seen = connection.execute(
            "SELECT outcome, whole FROM v_site_signals"
            " WHERE host = 'n3.example' AND signal = 'tdmrep_header'"
        ).fetchall()
    assert seen == [("present", 0)]


def test_what_a_partly_read_site_says_on_use_is_in_the_bounds_only(path):
    row = changed(path)["use_reserved"].row("*", "train")
    # a2 reserves and was cut off: 8 complete visits, 3 of them reserve; 14 attempted.
    assert (row.k, row.n, row.told) == (3, 8, 1)
    assert (row.if_none, row.if_all) == (4 / 14, 9 / 14)


def test_a_site_that_refuses_us_is_known_for_robots_and_bounded_for_pages(path):
    # a5 keeps us out by its rules, which we know.
    without = changed(path, "DELETE FROM judgements WHERE visit_id = 12",
                      "DELETE FROM visits WHERE visit_id = 12")  # fmt: skip
    assert without["agent_blocked"].row("*", "GPTBot").n == 10
    row = without["use_reserved"].row("*", "train")
    assert (row.n, row.if_none, row.if_all) == (8, 4 / 13, 8 / 13)


def test_a_census_has_no_interval_and_keeps_its_bounds(path):
    row = changed(path, "UPDATE panel_sites SET weight = 1.0")["agent_blocked"].row("*", "GPTBot")
    assert (row.low, row.high, row.weighted_low, row.adjusted_high) == (None,) * 4
    assert (row.share, row.if_none, row.if_all) == (6 / 11, 6 / 14, 9 / 14)


def test_a_stratum_that_was_taken_whole_has_none_either(path):
    found = changed(
        path,
        "UPDATE panel_sites SET weight = iif(stratum = 'news', 1.0, 3.0)",
        seed=1,
    )["agent_blocked"]
    assert found.row("news", "GPTBot").low is None
    assert found.row("news", "GPTBot").owner_low is None
    assert found.row("art", "GPTBot").low is not None
    assert found.row("*", "GPTBot").owner_low is not None


def test_weights_that_were_left_out_are_no_census(path):
    assert changed(path)["agent_blocked"].row("*", "GPTBot").low is not None


def test_indicators_know_a_census_and_weigh_their_bounds(path):
    def blocked(weight):
        changed(path, f"UPDATE panel_sites SET weight = {weight}")
        with closing(open_database(path)) as connection:
            (found,) = indicator.run(connection, WAVE, ["effective_block"], seed=1)
        return {row.stratum: row for row in found.rows if row.key == "GPTBot"}

    rows = blocked("1.0")
    assert all(row.low is row.weighted_low is row.cluster_low is None for row in rows.values())
    rows = blocked("iif(stratum = 'news', 1.0, 3.0)")
    assert rows["news"].low is None
    assert None not in {rows["art"].low, rows["*"].low, rows["*"].cluster_low}
    # Attempted 7 news of 1, 6 art and 1 other of 3; measured 5, 5, 1; blocked 3, 2, 1.
    whole = rows["*"]
    assert (whole.weighted_if_none, whole.weighted_if_all) == pytest.approx((12 / 28, 17 / 28))
    assert whole.adjusted_share == pytest.approx((7 * 3 / 5 + 18 * 2 / 5 + 3) / 28)


def test_how_far_we_came_has_no_interval(path):
    row = changed(path)["attempted"].row()
    assert (row.k, row.n, row.low, row.if_none, row.weighted_low) == (14, 15, None, None, None)


def test_owners_and_templates_are_drawn_as_wholes(path):
    one = "UPDATE panel_sites SET cluster = 'one'"
    row = changed(path, one, seed=7)["agent_blocked"].row("*", "GPTBot")
    # One owner of all: whoever is drawn, the share is the same. Every host its own template.
    assert row.owner_low == row.owner_high == pytest.approx(6 / 11)
    assert row.template_low < 6 / 11 < row.template_high
    again = changed(path, seed=7)["agent_blocked"].row("*", "GPTBot")
    assert (again.template_low, again.template_high) == (row.template_low, row.template_high)
    assert changed(path)["agent_blocked"].row("*", "GPTBot").owner_low is None


def test_sites_with_one_text_are_one_cluster(path):
    row = changed(
        path,
        "UPDATE judgements SET robots_capture_id = (SELECT capture_id FROM captures c WHERE"
        " c.visit_id = judgements.visit_id AND resource = '/robots.txt')",
        "INSERT INTO robots_bodies SELECT 2, body_id, j.policy_id, 'rules', 0, 0, 'unknown', 'same'"
        " FROM judgements j JOIN captures c ON c.capture_id = robots_capture_id"
        " WHERE j.ruleset = 2",
        seed=7,
    )["agent_blocked"].row("*", "GPTBot")
    assert row.template_low == row.template_high == pytest.approx(6 / 11)
    assert row.owner_low < row.owner_high


def test_bootstrap_over_clusters_equals_drawing_them_one_by_one(path):
    weights = "UPDATE panel_sites SET weight = 1 + site_id % 4"
    row = changed(path, weights, seed=3)["agent_blocked"].row("*", "GPTBot")
    blocked, open_ = (1, 2, 3, 9, 12, 14), (6, 7, 8, 10, 11)
    sites = [(1 + s % 4, s in blocked) for s in (*blocked, *open_)]
    drawn = np.random.default_rng(5).integers(0, len(sites), (20_000, len(sites)))
    weight, yes = np.array([w for w, _ in sites]), np.array([b for _, b in sites])
    shares = (weight * yes)[drawn].sum(1) / weight[drawn].sum(1)
    low, high = np.quantile(shares, (0.025, 0.975))
    assert (row.owner_low, row.owner_high) == pytest.approx((low, high), abs=0.03)


def test_keys_of_agents_are_those_of_the_list(path):
    assert set(changed(path)["agent_blocked"].keys()) == set(STRICT8)


def of_two_waves(tmp_path, *statements):
    path = tmp_path / "two.db"
    indicators.build(path)
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    with (
        closing(open_database(path)) as connection,
        indicator.measuring(connection, indicators.WAVE),
    ):
        return {(row.stratum, row.key): row for row in paired.run(connection)}


def test_pairs_are_weighted(tmp_path):
    """Train, of n1 n2 n3 (weight 2) a1 a3 m1 m2 m3: then n2 a1 m2 m3, now n2 a1 m2."""
    found = of_two_waves(tmp_path)
    row = found["*", "use:train"]
    assert (row.then, row.now) == (4 / 8, 3 / 8)
    assert (row.weighted_then, row.weighted_now) == pytest.approx((5 / 11, 4 / 11))
    assert row.weighted_difference == pytest.approx(-1 / 11)
    assert row.effective_n == pytest.approx(11**2 / (3 * 4 + 5))
    scale = row.effective_n / 11
    assert (row.weighted_low, row.weighted_high) == pytest.approx(
        newcombe_paired(4 * scale, 0, scale, 6 * scale)
    )
    assert (row.owners, row.owner_low, row.owner_high) == (8, None, None)
    # ClaudeBot: then n1 n3 (2 each) a1 m2, now n2 n3 a1 m2, of the same sites.
    claude = found["*", "access:ClaudeBot"]
    assert (claude.weighted_then, claude.weighted_now) == pytest.approx((6 / 11, 6 / 11))
    assert claude.effective_n == pytest.approx(row.effective_n)
    # Of one weight there is no difference: n2 only, of n1 n2 n3.
    news = found["news", "use:train"]
    assert (news.weighted_then, news.then, news.effective_n) == pytest.approx((1 / 3, 1 / 3, 3))
    assert (news.weighted_low, news.weighted_high) == pytest.approx((news.low, news.high))


def test_sites_of_one_owner_change_together(tmp_path):
    """m1 m2 m3 are one owner's: a loss of one site in three, drawn with weight 3 or not at all."""
    row = of_two_waves(
        tmp_path, "UPDATE panel_sites SET cluster = 'o' WHERE site_id IN (9, 10, 11)"
    )["*", "use:train"]
    owners = np.array([(0, 2), (0, 2), (0, 2), (0, 1), (0, 1), (-1, 3)])
    drawn = owners[np.random.default_rng(3).integers(0, 6, (20_000, 6))].sum(1)
    expected = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    assert (row.n, row.owners, row.lost) == (8, 6, 1)
    assert (row.owner_low, row.owner_high) == pytest.approx(tuple(expected), abs=0.02)


@pytest.mark.parametrize("wave", [1, 2])
def test_a_file_that_was_cut_is_in_no_pair(tmp_path, wave):
    cut_short = (
        "UPDATE captures SET truncated = 1 WHERE resource = '/robots.txt' AND visit_id IN"
        f" (SELECT visit_id FROM visits WHERE wave_id = {wave} AND site_id = 3)"
    )
    found = of_two_waves(tmp_path, cut_short)
    assert found["*", "access:GPTBot"].n == 8  # n3 names it in both waves, and is cut in one
    assert found["*", "use:train"].n == 8
