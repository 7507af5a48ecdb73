"""Indicators of the small survey of `factory_db`, worked out by hand."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from analysis.database import AnalysisError, open_database
from analysis.numbers import indicator
from analysis.numbers.indicator import Kind, Share
from tests.analysis.numbers import (
    test_at_the_door,
    test_new_indicators,
    test_platform_indicators,
    test_retroactivity,
    test_work_indicators,
)
from tests.factories import database, indicators
from tests.factories.database import WAVE

COMPUTED = [i for i in indicator.indicators() if i.sql]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("indicators") / "survey.db"
    database.build(path)
    return path


@pytest.fixture
def connection(path):
    opened = open_database(path)
    yield opened
    opened.close()


def shares(connection, name, **more):
    (found,) = indicator.run(connection, WAVE, [name], **more)
    return {(row.stratum, row.key): (row.k, row.n) for row in found.rows}


def test_every_file_has_its_own_id_and_says_what_it_counts_or_needs():
    ids = [i.id for i in indicator.indicators()]
    assert len(set(ids)) == len(ids)
    assert all(
        i.sql and i.kind in set(Kind) and i.missing in {"none", "unobserved"} for i in COMPUTED
    )
    assert all(i.needs for i in indicator.indicators() if not i.sql)


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    """Surveys that together have a row for every indicator: by hand, on platforms, by the judge."""
    folder = tmp_path_factory.mktemp("surveys")
    made = (
        (indicators.build, indicators.WAVE), (test_platform_indicators.build, WAVE),
        (test_new_indicators.three_waves, test_new_indicators.THIRD),
        (test_retroactivity.build, test_retroactivity.LAST),
        (test_at_the_door.build, test_at_the_door.DAY),
        (test_work_indicators.build, test_work_indicators.DAY),
    )  # fmt: skip
    opened = []
    for number, (build, wave) in enumerate(made):
        build(folder / f"{number}.db")
        opened.append((open_database(folder / f"{number}.db"), wave))
    yield opened
    for connection, _ in opened:
        connection.close()


@pytest.mark.parametrize("chosen", COMPUTED, ids=lambda i: i.name)
def test_every_count_is_possible_and_strata_add_up(surveys, chosen):
    found = [indicator.run(opened, wave, [chosen.name])[0].rows for opened, wave in surveys]
    assert any(found)
    for rows in filter(None, found):
        _is_possible(chosen, rows)


def _is_possible(chosen, rows):
    whole = {row.key: row for row in rows if row.stratum == "*"}
    for row in rows:
        assert row.n > 0
        if isinstance(row, Share):
            assert 0 <= row.k <= row.n
            if chosen.unit in indicator.REGISTERED_UNITS or chosen.kind == Kind.EXTREME:
                assert row.low is row.high is row.weighted_low is None
            else:
                assert row.low <= row.share <= row.high
    # The denominator of these is a list, or the greatest of a stratum, and not the panel.
    if chosen.kind != Kind.EXTREME and chosen.name not in {"list_half_life", "switch_completeness"}:
        for key, total in whole.items():
            parts = [row.n for row in rows if row.stratum != "*" and row.key == key]
            assert sum(parts) == total.n


def test_effective_and_named_blocks_by_hand(connection):
    # Observed: n1 n2 n3 n6 n7 a1 a2 a3 a4 a5 m1 (a5 refuses us, by rules that we read). GPTBot is
    # blocked by n1 n2 a2 m1 by name and by n3 and a5 through `*`; a1 lets it in by name.
    assert shares(connection, "effective_block")["*", "GPTBot"] == (6, 11)
    assert shares(connection, "named_block")["*", "GPTBot"] == (4, 11)
    assert shares(connection, "explicit_welcome")["*", "GPTBot"] == (1, 11)
    assert shares(connection, "broker_leak")["*", "GPTBot"] == (2, 6)  # n1 and m1 leave CCBot in
    assert shares(connection, "observability")["*", ""] == (11, 14)


def test_bounds_say_what_the_unobserved_could_change(connection):
    (found,) = indicator.run(connection, WAVE, ["effective_block"])
    row = next(r for r in found.rows if (r.stratum, r.key) == ("*", "GPTBot"))
    assert (row.if_none, row.if_all) == pytest.approx((6 / 14, 9 / 14))
    assert sum(json.loads(row.outcomes).values()) == 14


def test_clusters_are_drawn_again_from_a_seed(connection):
    first, second = (indicator.run(connection, WAVE, ["any_signal"], seed=4) for _ in range(2))
    assert first == second
    row = first[0].rows[0]
    assert row.cluster_low <= row.share <= row.cluster_high
    assert indicator.run(connection, WAVE, ["any_signal"])[0].rows[0].cluster_low is None


def test_nothing_is_left_in_the_connection(connection):
    indicator.run(connection, WAVE, ["observability"])
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)


def test_an_unknown_name_lists_those_there_are(connection):
    with pytest.raises(AnalysisError, match="no indicator 'x'; the indicators are any_signal"):
        indicator.run(connection, WAVE, ["x"])


def test_a_wave_that_nobody_judged_is_refused(path, tmp_path):
    copied = tmp_path / "copy.db"
    copied.write_bytes(path.read_bytes())
    with sqlite3.connect(copied) as writable:
        writable.execute("DELETE FROM judged_waves")
    writable.close()
    opened = open_database(copied)
    with pytest.raises(AnalysisError, match="has not been judged"):
        indicator.run(opened, WAVE)
    opened.close()


WHOLE = "".join(f"-- {f}: x\n" for f in indicator.COMPUTED if f not in indicator.OPTIONAL)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-- id: I-99\nSELECT 1", "lacks, or should not have"),
        ("-- id: I-99\n-- title: t\n-- question: q\n-- needs: n\n-- literature: l\nSELECT 1",
         "lacks, or should not have"),
        ("-- id: I-99\n-- title: t\n-- question: q\n-- literature: l\n", "needs without a SELECT"),
        (WHOLE + "-- needs: x\nSELECT 1", "needs with a SELECT and given"),
        (WHOLE + "-- primary: x\nSELECT 1", "primary and keys together$"),
        (WHOLE + "-- keys: x\nSELECT 1", "primary and keys together$"),
        (WHOLE + "-- waves: 3\nSELECT 1", "not have, waves$"),
        (WHOLE + "-- adds: other\nSELECT 1", "not have, adds$"),
    ],
)  # fmt: skip
def test_a_faulty_header_names_the_file(text, message):
    with pytest.raises(ValueError, match=f"odd.sql.*{message}"):
        indicator._indicator("odd", text)


def test_a_header_is_read_field_by_field_and_a_line_goes_on():
    told = WHOLE.replace("-- title: x\n", "-- title: x\n--   and y\n")
    found = indicator._indicator("whole", told + "-- waves: 2\n-- adds: lags\nSELECT 1\n")
    assert (found.name, found.title, found.unit) == ("whole", "x and y", "x")
    assert (found.waves, found.adds, found.sql) == ("2", "lags", "SELECT 1\n")


def test_json_and_csv_hold_every_share(connection):
    found = indicator.run(connection, WAVE)
    document = json.loads(indicator.to_json(found))
    assert [i["name"] for i in document["indicators"]] == [i.name for i in indicator.indicators()]
    listed = indicator.to_csv(found).splitlines()
    rows = sum(isinstance(row, Share) for m in found for row in m.rows)
    assert len(listed) == 1 + rows
    assert listed[0].startswith("indicator,id,wave,panel,ruleset,stratum,key,k,n,share,low,high")


def lacking(path, wave):
    with closing(open_database(path)) as opened:
        return {m.indicator.name: m.lacks for m in indicator.run(opened, wave) if m.lacks}


def test_what_is_needed_is_asked_of_the_database(path, tmp_path):
    """No platform, public capture or matrix is here; then a matrix, for which no query may be."""
    found = lacking(path, WAVE)
    assert set(found) >= {i.name for i in indicator.indicators() if not i.sql}
    assert {"after_capture", "effective_agency", "sovereignty_gap", "mechanisms_needed",
            "switch_completeness", "reversal"} <= set(found)  # fmt: skip
    assert not {"any_signal", "effective_block", "observability"} & set(found)
    copied = tmp_path / "copy.db"
    copied.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copied)) as db:
        database.put(db, "honours", ruleset=2, family="robots", operator="o", honours="documented",
                     source="s", as_of="2026", verified=1)  # fmt: skip
        db.commit()
    after = lacking(copied, WAVE)
    assert set(found) - set(after) == {"mechanisms_needed"}
    (one,) = (i for i in indicator.indicators() if i.name == "mechanisms_needed")
    with closing(open_database(copied)) as db, indicator.measuring(db, WAVE) as frame:
        waiting = indicator.measure(db, frame, replace(one, sql=""))
    assert waiting.lacks == f"needs a SELECT: {one.needs} is there"


def test_nothing_waits_for_data_that_the_demo_web_has(two_months):
    found = lacking(two_months / "survey.db", "demo-2")
    assert set(found) - {"edits_per_year"} == {
        *(i.name for i in indicator.indicators() if not i.sql),
        "after_capture", "locked_in", "wasted_window",  # nobody was asked for public captures
    }  # fmt: skip
    assert not [text for text in found.values() if "a SELECT" in text]
