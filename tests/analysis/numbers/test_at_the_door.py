"""What studies found at the door, beside what robots.txt says: worked out by hand."""

import sqlite3
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from crawler.panel.studies import StudyFormat, parse
from crawler.store.database import writing
from crawler.store.studies import About, put_study
from tests.factories import judged
from tests.factories.judged import Answers, robots

DAY = "2026-11-30"
GPT = "User-agent: GPTBot\nDisallow: /\n"
SITES = {
    "a.example": robots(GPT),
    "b.example": robots(GPT),
    "c.example": robots(GPT),
    "d.example": robots(""),
    "e.example": robots(""),
    "f.example": robots("User-agent: *\nDisallow: /\n"),
    "g.example": robots(GPT, cut=True),
    "h.example": robots("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n"),
}
PROBES = """host,agent,class,control
a.example,GPTBot,ok,ok
b.example,GPTBot,refused,ok
www.c.example,GPTBot,ok,challenge
d.example,GPTBot,refused,ok
d.example,CCBot,payment,ok
e.example,GPTBot,ok,ok
www.e.example,GPTBot,refused,ok
f.example,GPTBot,ok,ok
f.example,CCBot,error,ok
g.example,GPTBot,ok,ok
h.example,GPTBot,ok,
h.example,ClaudeBot,challenge,ok
elsewhere.example,GPTBot,ok,ok
"""
RATES = """agent,directive,obeyed,n,traffic
GPTBot,disallow,9,10,0.6
CCBot,disallow,10,10,0.1
Bytespider,disallow,1,10,0.3
GPTBot,crawl-delay,0,10,0.6
Nobody,disallow,10,10,0.9
"""


def put(path, study, text, form):
    about = About(study, "t", "m", "s", "2026-07-23", "third-party", form)
    with writing(path) as connection:
        return put_study(connection, about, parse(text.encode(), form, "file"))


def build(path):
    """Survey the sites and load both studies."""
    judged.build(path, {DAY: SITES})
    put(path, "july", PROBES, StudyFormat.PROBES_CSV)
    put(path, "kim", RATES, StudyFormat.RATES_CSV)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("door") / "survey.db"
    build(path)
    return path


def rows(path, name):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, DAY, [name])
    return {row.key: row for row in found.rows if row.stratum == "*"}


def shares(path, name):
    return {key: (row.k, row.n) for key, row in rows(path, name).items()}


def test_a_page_under_a_blocked_name_is_a_block_on_paper(path):
    # a b f are blocked with a clean control; c's is a challenge, h's is not known, g was cut
    assert shares(path, "paper_only") == {"july: GPTBot": (2, 3)}


def test_a_probe_without_a_clean_control_shows_nothing(path):
    """Who leaves the control out counts c and h as well."""
    with closing(sqlite3.connect(path)) as db:
        loose = db.execute(
            "SELECT sum(p.came = 'ok'), count(*) FROM v_access a JOIN v_probes p"
            " ON p.agent = a.agent AND p.host IN (a.host, 'www.' || a.host)"
            " WHERE a.agent = 'GPTBot' AND a.root = 'disallowed' AND a.host <> 'g.example'"
        ).fetchone()
    assert loose == (4, 5)
    assert shares(path, "paper_only") == {"july: GPTBot": (2, 3)}


def test_a_refusal_where_robots_txt_lets_in_is_a_wall_nobody_announced(path):
    assert shares(path, "silent_enforcer") == {
        "july: GPTBot": (1, 2),  # d; e by its own name, and not by that with `www.`
        "july: CCBot": (0, 1),  # d asks for payment, which refuses nothing
        "july: ClaudeBot": (1, 1),  # h
    }


def test_a_demand_of_payment_is_counted_of_what_answered(path):
    assert shares(path, "paid_at_the_door") == {
        "july: GPTBot": (0, 8),  # a to h
        "july: CCBot": (1, 1),  # f's probe ended in an error
        "july: ClaudeBot": (0, 1),
    }


def test_a_control_that_meets_a_challenge_is_a_person_who_does(path):
    assert shares(path, "accessibility_cost") == {"july": (1, 8)}  # c; h by its second control


def test_coverage_by_the_rates_of_obedience(path):
    found = rows(path, "compliance_weighted")
    obedient = 0.9 * 0.6 + 1.0 * 0.1 + 0.1 * 0.3
    kept = {"abc": 0.54, "de": 0.0, "f": obedient, "h": 0.64}
    mean = (3 * kept["abc"] + 2 * kept["de"] + kept["f"] + kept["h"]) / 7
    assert found["kim"].n == 7  # g was cut
    assert found["kim"].mean == pytest.approx(mean / obedient)
    assert found["kim"].p90 == pytest.approx(1.0)  # f keeps all out
    assert found["kim: of all"].mean == pytest.approx(mean)  # the traffic of the three is 1
    assert found["kim: of all"].p90 == pytest.approx(obedient)  # of Bytespider nine in ten come


def test_a_block_is_not_worth_more_than_the_agents_obedience(path):
    """Who counts blocked agents finds one of three kept out by a, and 0.54 of what is asked for."""
    found = rows(path, "compliance_weighted")["kim: of all"]
    assert found.median == pytest.approx(0.54)


def test_traffic_of_some_is_traffic_of_none(tmp_path):
    built = judged.build(tmp_path / "survey.db", {DAY: {"a.example": robots(GPT)}})
    text = "agent,directive,obeyed,n,traffic\nGPTBot,disallow,1,2,0.9\nCCBot,disallow,1,1,\n"
    put(built, "some", text, StudyFormat.RATES_CSV)
    found = rows(built, "compliance_weighted")
    assert found["some"].mean == pytest.approx(0.5 / 1.5)
    assert found["some: of all"].mean == pytest.approx(0.25)


def test_studies_are_never_added_up(tmp_path):
    sites = {"a.example": robots(GPT), "b.example": Answers({"/robots.txt": GPT.encode()})}
    built = judged.build(tmp_path / "survey.db", {DAY: sites})
    for study, came in (("one", "ok"), ("two", "refused")):
        text = f"host,agent,class,control\na.example,GPTBot,{came},ok\n"
        put(built, study, text, StudyFormat.PROBES_CSV)
    assert shares(built, "paper_only") == {"one: GPTBot": (1, 1), "two: GPTBot": (0, 1)}
