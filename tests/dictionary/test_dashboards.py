"""The dashboards in Datasette: their numbers are the published ones, and they answer at once."""

import sqlite3
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import summary
from analysis.waves import changes
from crawler.dictionary import datasette
from tests.benchmarks.scale_survey import build
from tests.factories import database

QUERIES = datasette.document()["databases"]["survey"]["queries"]
DASHBOARDS = {name: query for name, query in QUERIES.items() if name.startswith("dashboard_")}
STEPS = 20_000_000
"""Of SQLite's machine; it makes some 80 million a second, and a dashboard has one second."""


@pytest.fixture(scope="module")
def connection(two_months):
    opened = open_database(two_months / "survey.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A survey with an agent that nobody knew on the wave's day, and with files that were cut."""
    path = tmp_path_factory.mktemp("odd") / "survey.db"
    database.build(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE agents SET first_listed = '2027-01-01' WHERE token = 'Amazonbot'")
        db.execute("UPDATE agents SET operator = 'Operator 1' WHERE token = 'Google-Extended'")
        db.execute(  # each site has one judgement, under the wave's newest ruleset
            "UPDATE judgements SET robots_capture_id = (SELECT capture_id FROM captures c"
            " WHERE c.visit_id = judgements.visit_id AND c.resource = '/robots.txt')"
        )
        db.execute(  # one file of each policy was cut short
            "UPDATE captures SET truncated = 1 WHERE capture_id IN (SELECT min(robots_capture_id)"
            " FROM judgements WHERE robots_state = 'rules' GROUP BY policy_id)"
        )
    opened = open_database(path)
    yield opened
    opened.close()


@pytest.fixture(params=["demo", "demo-2", database.WAVE])
def survey(request):
    """A database and one of its waves."""
    name = "odd" if request.param == database.WAVE else "connection"
    return request.getfixturevalue(name), request.param


def answers(connection, name, **given):
    query = QUERIES[name]
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(query["sql"], dict.fromkeys(query["params"], "") | given).fetchall()


def published(connection, wave):
    return {
        (row.definition, row.stratum, row.key): row
        for result in summary.run(connection, wave).results
        for row in result.rows
    }


def test_there_is_one_for_each_way_in():
    assert [name.removeprefix("dashboard_") for name in DASHBOARDS] == [
        "headline", "strata", "operators", "changes", "faults", "site"
    ]  # fmt: skip
    assert list(QUERIES)[: len(DASHBOARDS)] == list(DASHBOARDS)


def test_every_page_leads_to_every_dashboard():
    document = datasette.document()
    pages = [document, document["databases"]["survey"], *DASHBOARDS.values()]
    for page, folder in zip(pages, ["survey/"] * 2 + [""] * len(DASHBOARDS), strict=True):
        for name, query in DASHBOARDS.items():
            assert f'<a href="{folder}{name}">{query["title"]}</a>' in page["description_html"]


@pytest.mark.parametrize("name", QUERIES)
def test_without_a_wave_the_newest_is_shown(connection, name):
    newest = answers(connection, name, wave="demo-2")
    assert list(map(tuple, answers(connection, name))) == list(map(tuple, newest))


def test_files_that_were_cut_and_unknown_agents_are_there(odd):
    known = published(odd, database.WAVE)
    assert known["agent_blocked", "*", "GPTBot"].told
    assert ("agent_blocked", "*", "Amazonbot") not in known


def test_the_headline_is_what_is_published(survey):
    connection, wave = survey
    known = published(connection, wave)
    asked = known["attempted", "*", ""].k
    definitions = {"every": "complete_training_optout", "this use": "use_reserved",
                   "this agent": "agent_blocked"}  # fmt: skip
    rows = answers(connection, "dashboard_headline", wave=wave)
    assert len(rows) == 1 + 3 + len(
        [key for definition, *key in known if definition == "agent_blocked" and key[0] == "*"]
    )
    for row in rows:
        (definition,) = (d for words, d in definitions.items() if words in row["finding"])
        number = known[definition, "*", row["who"]]
        assert (row["k"], row["n"], row["sites_asked"]) == (number.k, number.n, asked)
        assert row["not_measured"] == asked - number.n
        assert row["share"] == pytest.approx(number.share, abs=1e-4)
        assert row["share_if_none"] == pytest.approx(number.if_none, abs=1e-4)
        assert row["share_if_all"] == pytest.approx(number.if_all, abs=1e-4)


@pytest.mark.parametrize("agent", ["", "CCBot"])
def test_strata_are_what_is_published(survey, agent):
    connection, wave = survey
    known = published(connection, wave)
    rows = answers(connection, "dashboard_strata", wave=wave, agent=agent)
    assert {row["stratum"] for row in rows} == {s for d, s, _ in known if d == "attempted"} - {"*"}
    for row in rows:
        for column, definition, key in (
            ("agent", "agent_blocked", agent or "GPTBot"),
            ("complete", "complete_training_optout", ""),
            ("train", "use_reserved", "train"),
        ):
            number = known[definition, row["stratum"], key]
            assert (row[f"{column}_k"], row[f"{column}_n"]) == (number.k, number.n), column
        assert row["sites_asked"] == known["attempted", row["stratum"], ""].k


def test_operators_are_counted_from_the_access_of_each_site(survey):
    """Against v_access, which is a row per site and agent."""
    connection, wave = survey
    expected = connection.execute(
        "WITH site AS (SELECT operator, host, min(root = 'disallowed') AS every,"
        " max(root = 'disallowed') AS some FROM v_access WHERE wave = :wave AND whole"
        " AND agent IN (SELECT token FROM wave_agents JOIN waves USING (wave_id)"
        " JOIN current_rulesets USING (wave_id, ruleset) WHERE name = :wave)"
        " AND operator IS NOT NULL GROUP BY 1, 2)"
        " SELECT operator, sum(every), sum(some), count(*) FROM site GROUP BY 1",
        {"wave": wave},
    ).fetchall()
    rows = answers(connection, "dashboard_operators", wave=wave)
    found = [(r["operator"], r["k_all_agents"], r["k_any_agent"], r["n"]) for r in rows]
    assert sorted(found) == sorted(expected)
    assert any(row["k_all_agents"] != row["k_any_agent"] for row in rows)
    assert len({row["agents"] for row in rows}) > 1


def test_changes_are_those_of_the_tally(connection):
    tallied = {(t.kind, t.subject): t.sites for t in changes.tally(connection, "demo", "demo-2")}
    rows = answers(connection, "dashboard_changes", wave="demo-2")
    assert 0 < len(rows) <= 200
    for row in rows:
        assert tallied[row["kind"], row["subject"]] == row["sites"]
    assert not answers(connection, "dashboard_changes", wave="demo")


def test_faults_count_sites_once(connection):
    expected = connection.execute(
        "SELECT code, severity, signal, count(DISTINCT host) FROM v_defects WHERE wave = 'demo'"
        " GROUP BY 1, 2, 3"
    ).fetchall()
    rows = answers(connection, "dashboard_faults", wave="demo")
    found = [(r["code"], r["severity"], r["signal"], r["sites"]) for r in rows]
    assert sorted(found) == sorted(expected)
    assert {row["sites_judged"] for row in rows} == {
        connection.execute("SELECT count(*) FROM v_robots WHERE wave = 'demo'").fetchone()[0]
    }


def test_one_site_is_told_with_its_evidence(connection):
    host = "dagbladet-nordlys.example"
    rows = answers(connection, "dashboard_site", wave="demo", host=host.upper())
    assert {row["host"] for row in rows} == {host}
    said = {(row["what"], row["subject"]): row for row in rows}
    visit = connection.execute(
        "SELECT outcome, reason FROM v_visits WHERE wave = 'demo' AND host = ?", (host,)
    ).fetchone()
    assert said["visit", visit[0]]["says"] == visit[1]
    assert {what for what, _ in said} >= {"visit", "robots.txt", "agent", "use", "statement"}
    assert said["statement", "tdmrep_header"]["evidence"] == "tdm-reservation: 1"
    for table, what in (("v_defects", "fault"), ("v_conflicts", "contradiction")):
        count = f"SELECT count(*) FROM {table} WHERE wave = 'demo' AND host = ?"
        counted = connection.execute(count, (host,)).fetchone()[0]
        assert len([row for row in rows if row["what"] == what]) == counted


def test_without_a_host_a_site_that_names_agents_is_shown(connection):
    (host,) = {row["host"] for row in answers(connection, "dashboard_site")}
    named = "SELECT agents_named FROM v_robots WHERE wave = 'demo-2' AND host = ?"
    assert connection.execute(named, (host,)).fetchone()[0] > 0


@pytest.fixture(scope="module")
def scaled(tmp_path_factory):
    """20,000 sites in six waves: what one wave is asked must not take longer with every wave."""
    path = tmp_path_factory.mktemp("scaled") / "survey.db"
    build(path, 20_000, [f"2026-{month:02}" for month in range(7, 13)])
    with closing(open_database(path)) as opened:
        yield opened
    path.unlink()


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_answers_within_a_second_at_20_000_sites(scaled, name):
    """Counted in steps of SQLite's machine, which are alike on every computer."""
    steps = 0

    def count():
        nonlocal steps
        steps += 100_000
        return steps > STEPS

    scaled.set_progress_handler(count, 100_000)
    try:
        rows = answers(scaled, name, wave="2026-12")
    finally:
        scaled.set_progress_handler(None, 0)
    assert rows
