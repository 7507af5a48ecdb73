"""Indicators on names, authors, edits, lags, countries and licences, worked out by hand."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from crawler.model import Failure, Outcome, Reason
from crawler.registry import agents
from tests.factories import judged
from tests.factories.database import put
from tests.factories.judged import ROBOTS, TDM, Answers, robots

FIRST, SECOND, THIRD = "2026-01-10", "2026-02-10", "2026-03-10"
GPT = "User-agent: GPTBot\nDisallow: /\n"
DOWN = Answers(failure=Failure.CONNECT_TIMEOUT, end=(Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT))
RESERVED = b'[{"location": "/", "tdm-reservation": 1}]'
OFFER = b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/policy.json"}]'
SILENT = robots("")


def rows(path, wave, name):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, wave, [name])
    assert found.rows
    return {row.key: row for row in found.rows if row.stratum == "*"}


def shares(path, wave, name):
    return {key: (row.k, row.n) for key, row in rows(path, wave, name).items()}


def test_a_name_that_is_almost_an_agents(tmp_path):
    files = {
        "a": "User-agent: ClaudeBott\nUser-agent: ClaudeBott\nDisallow: /\n",  # twice: one site
        "b": GPT + "\nUser-agent: CC-Bot\nDisallow: /\n",
        "c": GPT,
        "d": "User-agent: dotbot\nDisallow: /\n",  # nobody's near miss
        "e": "",
    }
    path = judged.build(
        tmp_path / "survey.db",
        {FIRST: {f"{name}.example": robots(text) for name, text in files.items()}},
    )
    assert shares(path, FIRST, "typo_rate") == {"": (2, 3)}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return three_waves(tmp_path_factory.mktemp("lag") / "survey.db")


def three_waves(path):
    """Block GPTBot: a from the first wave on, b from the second, c when it answers again, e not."""
    waves = {
        FIRST: {"a": GPT, "b": "", "c": "", "d": GPT, "e": "User-agent: CCBot\nDisallow: /\n"},
        SECOND: {"a": GPT, "b": GPT, "c": None, "d": GPT, "e": "User-agent: CCBot\nDisallow: /\n"},
        THIRD: {"a": GPT, "b": GPT + "\n# a comment\n", "c": GPT, "d": "", "e": ""},
    }
    visits = {
        day: {f"{n}.example": DOWN if text is None else robots(text) for n, text in files.items()}
        for day, files in waves.items()
    }
    return judged.build(path, visits)


def test_the_lag_lies_between_the_last_wave_without_and_the_first_with(path):
    announced = date.fromisoformat(agents.load().by_token("GPTBot").announced)
    first, second, third = (
        (date.fromisoformat(d) - announced).days for d in (FIRST, SECOND, THIRD)
    )
    found = rows(path, THIRD, "announcement_lag")
    latest, earliest = found["GPTBot, at most"], found["GPTBot, at least"]
    assert (latest.n, earliest.n) == (3, 3)  # a b c; d let it in again
    assert latest.mean == pytest.approx((first + second + third) / 3)
    assert (latest.p10, latest.median, latest.p90) == (first, second, third)
    # a: it may have been the first day; b and c: not yet in the first wave.
    assert (earliest.p10, earliest.median, earliest.p90) == (0, first, first)
    assert earliest.mean == pytest.approx(2 * first / 3)


def test_the_lag_of_one_wave_has_an_upper_bound_only(path):
    found = rows(path, FIRST, "announcement_lag")
    assert (found["GPTBot, at least"].mean, found["GPTBot, at most"].n) == (0, 2)


def test_edits_are_changes_of_answers_by_years(path):
    # In both waves: a b d e (c was down). b's comment is no edit; d let GPTBot in, e CCBot.
    (row,) = rows(path, THIRD, "edits_per_year").values()
    years = (date.fromisoformat(THIRD) - date.fromisoformat(SECOND)).days / 365.25
    assert row.n == 4
    assert row.mean == pytest.approx(2 / 4 / years)


def test_operators_are_counted_by_country(tmp_path):
    path = judged.build(
        tmp_path / "survey.db",
        {THIRD: {
            "a.example": robots(GPT), "b.example": robots(GPT + "\nUser-agent: *\nDisallow: /\n"),
            "c.example": robots("User-agent: *\nDisallow: /\n"), "d.example": SILENT,
        }},
    )  # fmt: skip
    found = shares(path, THIRD, "offshore_coverage")
    day = date.fromisoformat(THIRD)
    known = {}
    for agent in agents.load().agents:
        dated = agent.announced or agent.first_listed
        if "train" in agent.purposes and agent.operator and not agent.retired and (
            not dated or (dated + "-01-01")[:10] <= str(day)
        ):  # fmt: skip
            known.setdefault(agent.country or "unknown", set()).add(agent.operator)
    # a keeps one American operator out, b all; c names nobody.
    assert {key: n for key, (_, n) in found.items()} == {c: 2 * len(o) for c, o in known.items()}
    assert {key: k for key, (k, _) in found.items()} == {
        country: len(operators) + (country == "US") for country, operators in known.items()
    }


def test_ways_to_a_licence_beside_a_refusal(tmp_path):
    def tdm(text, file):
        return Answers({ROBOTS: text.encode(), "/": b"<html>", TDM: file})

    rsl = GPT + "License: https://a.example/license.xml\n"
    path = judged.build(
        tmp_path / "survey.db",
        {FIRST: {
            "a.example": robots(GPT), "b.example": tdm("", RESERVED), "c.example": tdm("", OFFER),
            "d.example": robots(rsl), "e.example": SILENT,
            # A way without a refusal is not counted.
            "f.example": robots("License: https://f.example/license.xml\n"),
        }},
    )  # fmt: skip
    assert shares(path, FIRST, "licence_routes") == {
        "any": (2, 4), "rsl": (1, 4), "payment": (0, 4), "policy": (1, 4),
    }  # fmt: skip


def test_a_signal_is_ones_own_or_a_default(tmp_path):
    sites = {
        "own": robots(GPT), "service": robots(GPT + "# service\n"), "silent": SILENT,
        "on": robots(GPT + "# 1\n"), "off": robots(GPT + "# 2\n"), "untold": robots(GPT + "# 3\n"),
        "quiet": robots("# on a platform that reserves nothing\n"),
        "software": robots(GPT + "# 4\n"),
    }  # fmt: skip
    path = judged.build(
        tmp_path / "survey.db", {FIRST: {f"{name}.example": made for name, made in sites.items()}}
    )
    with sqlite3.connect(path) as db:
        ((ruleset,),) = db.execute("SELECT max(ruleset) FROM rulesets")
        visits = dict(db.execute("SELECT host, visit_id FROM visits JOIN sites USING (site_id)"))
        for platform, default in (("on", "on"), ("off", "off"), ("untold", None)):
            put(db, "platforms", ruleset=ruleset, platform=platform, title="t", kind="builder")
            if default:
                put(db, "platform_facts", ruleset=ruleset, platform=platform, as_of="2025-12",
                    cell="ai_switch_default", value=default, verified=1, source="s")  # fmt: skip
        put(db, "platforms", ruleset=ruleset, platform="software", title="t", kind="software")
        for name, platform in (("on", "on"), ("off", "off"), ("untold", "untold"),
                               ("quiet", "off"), ("software", "software")):  # fmt: skip
            put(db, "site_platforms", ruleset=ruleset, visit_id=visits[f"{name}.example"],
                platform=platform, main=1, strength="sure", evidence="[]")  # fmt: skip
        db.execute(
            "UPDATE robots_bodies SET authorship = 'cloudflare' WHERE body_id = (SELECT body_id"
            " FROM captures WHERE url = 'https://service.example/robots.txt')"
        )
    db.close()
    assert shares(path, FIRST, "awareness") == {
        "own": (3, 8),  # own off software
        "default": (2, 8),  # service on
        "unknown": (1, 8),  # untold
        "silent": (2, 8),  # silent quiet
    }


# family, operator, what it says, verified
MATRIX = (
    *(("robots", operator, "documented", 1) for operator in "abcd"),
    ("robots", "e", "not-read", 1), ("robots", "z", "partly", 1),
    *(("tdmrep", operator, "documented", 0) for operator in "abe"), ("tdmrep", "z", "not-read", 1),
    *(("noai", operator, "documented", 0) for operator in "cdf"), ("noai", "z", "stated-not", 1),
    ("snippets", "y", "documented", 1),  # says nothing on training
)  # fmt: skip


@pytest.fixture
def matrix(tmp_path):
    """`robots` reaches most, and yet the two others together are the smallest set."""
    path = judged.build(tmp_path / "survey.db", {FIRST: {"a.example": SILENT}})
    with closing(sqlite3.connect(path)) as db:
        ((ruleset,),) = db.execute("SELECT max(ruleset) FROM rulesets")
        db.execute("DELETE FROM honours")
        for family, operator, said, verified in MATRIX:
            put(db, "honours", ruleset=ruleset, family=family, operator=operator, honours=said,
                verified=verified, source="s", as_of="2026-01")  # fmt: skip
        db.commit()
    return path


def test_the_smallest_set_of_mechanisms_as_told_and_both_ways(matrix):
    assert shares(matrix, FIRST, "mechanisms_needed") == {
        "told": (2, 3), "told: operators": (6, 7),  # tdmrep and noai; z reads one only partly
        "low": (2, 3), "low: operators": (7, 7),  # robots is not read by e, the others not by z
        "high": (1, 3), "high: operators": (4, 7),  # robots alone, to a b c d
    }  # fmt: skip


def test_nobody_is_reached_where_nothing_is_verified(matrix):
    with closing(sqlite3.connect(matrix)) as db:
        db.execute("UPDATE honours SET verified = 0")
        db.commit()
    found = shares(matrix, FIRST, "mechanisms_needed")
    assert (found["high"], found["high: operators"]) == ((0, 3), (0, 7))
    assert found["low"] == (1, 3)
