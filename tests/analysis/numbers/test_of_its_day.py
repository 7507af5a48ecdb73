"""A wave is judged by the agents of its day; what today's list makes of it stands beside.

On the survey of `database`: strict8 with one agent that is announced after the wave, one given up
before it, and months whose day is not known.
"""

import csv
import sqlite3
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, summary
from analysis.report import site
from crawler.registry import agents
from tests.factories import database, indicators
from tests.factories.database import STRICT8, WAVE


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "survey.db"
    database.build(path)
    return path


def dated(path, token, **days):
    with closing(sqlite3.connect(path)) as db:
        for column, day in days.items():
            db.execute(f"UPDATE agents SET {column} = ? WHERE token = ?", (day, token))
        db.commit()


def measured(path):
    with closing(open_database(path)) as connection:
        return summary.run(connection, WAVE)


def counts(found, definition):
    return {row.key: (row.k, row.n) for row in found[definition].rows if row.stratum == "*"}


def test_an_agent_of_later_is_asked_about_by_todays_list_only(path):
    # a1 lets GPTBot in and shuts out all others. Were GPTBot unknown on the day: 5, not 4.
    dated(path, "GPTBot", first_listed="2026-11-02")
    found = measured(path)
    assert counts(found, "complete_training_optout") == {"": (5, 11)}
    assert counts(found, "complete_training_optout_today") == {"": (4, 11)}
    assert "GPTBot" not in counts(found, "agent_blocked")
    assert set(counts(found, "complete_training_optout_without")) == set(STRICT8) - {"GPTBot"}


@pytest.mark.parametrize(
    ("days", "known"),
    [
        ({"first_listed": "2026-11-01"}, True),
        ({"first_listed": "2026-11"}, False),  # the month is not over: nobody knows
        ({"first_listed": "2026-10"}, True),
        ({"first_listed": "2027-01-01", "announced": "2026-10-31"}, True),
        ({"first_listed": None, "announced": "2026-10"}, True),
        ({"first_listed": None, "announced": "2026-11"}, False),
        ({"first_listed": None, "announced": None}, False),
        ({"retired": "2026-11-01"}, False),
        ({"retired": "2026-11"}, True),
        ({"retired": "2026-12-01"}, True),
    ],
)
def test_days_and_months_decide_who_was_known(path, days, known):
    dated(path, "CCBot", **days)
    assert ("CCBot" in counts(measured(path), "agent_blocked")) is known


def test_the_headline_says_how_much_hangs_on_one_agent(path):
    least, most = measured(path).sensitivity()
    assert ((least.k, least.n), (most.key, most.k)) == ((4, 11), ("GPTBot", 5))


def test_no_range_is_given_where_one_agent_was_known(path):
    for token in STRICT8[1:]:
        dated(path, token, first_listed="2027-01-01")
    found = measured(path)
    assert counts(found, "complete_training_optout") == {"": (6, 11)}
    assert found.sensitivity() is None


@pytest.fixture
def survey(tmp_path):
    path = tmp_path / "indicators.db"
    indicators.build(path)
    return path


def test_maintenance_debt_is_of_the_day_of_the_wave(survey):
    """n1 names GPTBot of January 2024: four names were listed later, one of them after the wave."""
    dated(survey, "Claude-SearchBot", first_listed="2027-01-01")
    with closing(open_database(survey)) as connection:
        (found,) = indicator.run(connection, indicators.WAVE, ["maintenance_debt"])
    means = {row.key: (row.n, row.p90) for row in found.rows if row.stratum == "*"}
    assert means == {"": (6, 3), "today": (6, 4)}


def test_who_trains_is_of_the_day_of_the_wave(survey):
    def complete():
        with closing(open_database(survey)) as connection:
            (found,) = indicator.run(connection, indicators.WAVE, ["complete_opt_out"])
        return next((row.k, row.n) for row in found.rows if row.stratum == "*" and not row.key)

    def ranged():
        with closing(open_database(survey)) as connection:
            (found,) = indicator.run(connection, indicators.WAVE, ["complete_opt_out"])
        return {row.key: row.k for row in found.rows if row.stratum == "*" and row.key}

    assert ranged() == {"least, without Bytespider": 3, "most, without GPTBot": 4}
    before = complete()
    # n2 and n3 name every agent that trains. m2 shuts everybody out; a1 all but GPTBot.
    assert before == (3, 9)
    dated(survey, "GPTBot", first_listed="2027-01-01")
    assert complete() == (4, 9)
    # Nobody's opt-out hangs on one of those that are left.
    assert ranged() == {"least, without Bytespider": 4, "most, without Bytespider": 4}


def test_one_agent_alone_has_no_range(survey):
    for token in ("GPTBot", "ClaudeBot", "CCBot", "Google-Extended"):
        dated(survey, token, first_listed="2027-01-01")
    with closing(open_database(survey)) as connection:
        (found,) = indicator.run(connection, indicators.WAVE, ["complete_opt_out"])
    assert {row.key for row in found.rows} == {""}


def test_every_agent_of_a_panel_bears_a_day():
    registry = agents.load()
    for panel, tokens in registry.panels.items():
        for token in tokens:
            agent = registry.by_token(token)
            assert agent.announced or agent.first_listed, (panel, token)


def test_pages_of_sites_count_the_agents_of_the_day_and_name_those_of_today(path, tmp_path):
    dated(path, "GPTBot", first_listed="2026-11-02")
    with closing(open_database(path)) as connection:
        site.build(connection, WAVE, tmp_path / "report")
    with (tmp_path / "report" / "csv" / "sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["host"]: row for row in csv.DictReader(stream)}
    counts = ("strict8_blocked", "strict8_measured", "strict8_today_blocked",
              "strict8_today_measured")  # fmt: skip
    # a1 lets GPTBot in by name and all others stay out; n1 blocks it and ClaudeBot.
    assert [rows["a1.example"][name] for name in counts] == ["7", "7", "7", "8"]
    assert [rows["n1.example"][name] for name in counts] == ["1", "7", "2", "8"]
    listed = (tmp_path / "report" / "sites.html").read_text("utf-8")
    assert '7 of 7 <span class="soft">(today 7 of 8)</span>' in listed
    number = rows["a1.example"]["site"]
    page = (tmp_path / "report" / "site" / f"{number}.html").read_text("utf-8")
    assert "7 of 7 of strict8 that were known on the day of the wave; 7 of 8 by today" in page
    assert page.count('<span class="soft">not of the day</span>') == 1
