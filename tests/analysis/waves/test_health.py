"""What is said of a wave that went wrong, in full and by hand; see analysis/waves/health.py."""

import sqlite3
from contextlib import closing

import pytest

from analysis.waves.health import Anomaly, Thresholds, anomalies
from tests.analysis.waves.test_overview import FAULT, OK, TIMEOUT, database


def found(path, *ends, **thresholds):
    wave = f"w{len(ends)}"
    with closing(sqlite3.connect(database(path / "s.db", *ends))) as db:
        return list(anomalies(db, wave, Thresholds(**thresholds)))


def test_more_than_half_unmeasured_is_told_without_a_wave_before(tmp_path):
    sentence = "unmeasured: 3/4 (75.0%) of the sites, where 50% is the limit"
    assert found(tmp_path, [TIMEOUT] * 3 + [OK]) == [
        Anomaly("unmeasured", "unmeasured", 3, 4, None, None, None, None, sentence)
    ]


def test_exactly_half_is_not_more_than_half(tmp_path):
    assert found(tmp_path, [TIMEOUT] * 2 + [OK] * 2) == []


@pytest.mark.parametrize(
    ("earlier", "before", "compared"),
    [([], (None, None, None), ""), ([[FAULT] + [OK] * 9], ("w1", 1, 10), ", 1/10 in w1")],
)
def test_faults_of_our_own_stand_beside_those_of_the_wave_before(
    tmp_path, earlier, before, compared
):
    sentence = (
        "our own process was at fault (errors, stalls, crashes): 3/10 (30.0%) of the sites"
        f"{compared}; the machine is overloaded or the program has a bug"
    )
    assert found(tmp_path, *earlier, [FAULT] * 3 + [OK] * 7) == [
        Anomaly("own_faults", "internal", 3, 10, *before, None, sentence)
    ]


def test_a_class_is_held_against_those_that_were_in_it_and_left(tmp_path):
    """Of 40 sites 4 timed out; 2 of them still do, and 16 others: 18 against 4.

    McNemar of 16 against 2, exact: 2 * (1 + 18 + 153) / 2**18.
    """
    p = 344 / 2**18
    then = [TIMEOUT] * 4 + [OK] * 36
    now = [OK] * 2 + [TIMEOUT] * 18 + [OK] * 20
    counts = "18/40 (45.0%) of the same sites, 4/40 (10.0%) in w1"
    subject = "unreachable:dns_timeout"
    assert found(tmp_path, then, now) == [
        Anomaly("rise", "unmeasured", 18, 40, "w1", 4, 40, p, f"unmeasured rose: {counts}"),
        Anomaly("class_rise", subject, 18, 40, "w1", 4, 40, p, f"{subject} exploded: {counts}"),
    ]


@pytest.mark.parametrize(
    ("thresholds", "kinds"),
    [
        ({"rise": 0.45}, ["class_rise"]),  # 9 of 20 is that rise, not more
        ({"growth": 9}, ["rise"]),  # 9 times as many as one, not more
        ({"growth": 5}, ["rise", "class_rise"]),
    ],
)
def test_a_rise_is_more_than_its_threshold(tmp_path, thresholds, kinds):
    told = found(tmp_path, [OK] * 20, [TIMEOUT] * 9 + [OK] * 11, **thresholds)
    assert [each.kind for each in told] == kinds
