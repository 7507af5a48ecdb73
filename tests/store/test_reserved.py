"""What have I really reserved, against whom? The views v_reserved and v_honours."""

import sqlite3
from contextlib import closing

import pytest

from crawler.model import Failure
from crawler.registry import agents, honours, inventory
from crawler.store import judgement
from crawler.store.database import writing
from crawler.wave import rejudge
from tests.store.test_views import BLOCKS, RESERVED, captures, survey

OPEN = b"User-agent: *\nDisallow:\n"
SIGNALS = b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"
APART = SIGNALS + b"\nUser-agent: GPTBot\nAllow: /\n"


def tagged(host, *values):
    return captures(host, OPEN, headers=tuple((b"X-Robots-Tag", value) for value in values))


WAVE = {
    "blocks.example": captures("blocks.example", BLOCKS),
    "tdm.example": captures("tdm.example", OPEN, tdm=RESERVED),
    "words.example": tagged("words.example", b"noai, noarchive", b"nosnippet"),
    "ml.example": tagged("ml.example", b"noml"),
    "folk.example": tagged("folk.example", b"noaitraining"),
    "bot.example": tagged("bot.example", b"BingBot: noai"),
    "apart.example": captures("apart.example", APART),
    "signals.example": captures("signals.example", SIGNALS),
    "gone.example": captures("gone.example", OPEN, failure=Failure.CONNECT_TIMEOUT),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return survey(tmp_path_factory.mktemp("reserved"), {"2026-11": WAVE})


@pytest.fixture
def ask(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        yield lambda sql, *values: opened.execute(sql, values).fetchall()


ROW = "SELECT signal, agent, preference, honours FROM v_reserved WHERE host = ?"


def test_robots_speaks_to_each_agent_of_an_operator_by_name_or_star(ask):
    rows = ask(
        "SELECT agent, preference, basis, honours, verified, honours_robots, line FROM v_reserved"
        " WHERE host = 'blocks.example' AND operator = 'OpenAI' AND purpose IN ('train','ai_input')"
        " ORDER BY agent"
    )
    assert rows == [
        ("ChatGPT-User", "allowed", "star", "documented", 0, "user-triggered-ignores", None),
        ("GPTBot", "disallowed", "own", "documented", 0, "yes", 3),
    ]


def test_robots_rows_agree_with_the_access_of_the_same_agents(ask):
    wanted = ask(
        "SELECT a.host, a.agent, a.root, a.basis FROM v_agent_access a WHERE reader = 'rfc9309'"
        " AND basis IN ('own', 'star') AND operator IS NOT NULL"
    )
    found = ask(
        "SELECT DISTINCT host, agent, preference, basis FROM v_reserved"
        " WHERE signal = 'robots_access'"
    )
    purposes = {"train", "search", "ai_input"}
    with_purpose = {a.token for a in agents.load().agents if purposes & set(a.purposes)}
    assert sorted(found) == sorted(row for row in wanted if row[1] in with_purpose)


def test_who_has_no_row_in_the_matrix_is_unknown_and_not_a_guess(ask):
    rows = ask(
        "SELECT DISTINCT honours, verified, as_of, note FROM v_reserved"
        " WHERE operator = 'ByteDance'"
    )
    assert rows == [("unknown", None, None, None)]


def test_what_says_nothing_has_no_row(ask):
    assert ask(ROW, "gone.example") == []


def test_a_statement_to_everybody_concerns_all_who_may_train(ask):
    rows = ask(
        "SELECT operator, honours, verified, as_of, scope FROM v_reserved"
        " WHERE host = 'tdm.example' AND signal = 'tdmrep_file' AND purpose = 'train'"
    )
    operators = {row[0]: row[1:] for row in rows}
    assert len(operators) == len(rows)
    assert operators["OpenAI"] == ("nothing-found", 0, "2026-11-21", "site")
    assert operators["Spawning"] == ("partly", 1, "2024-10-09", "site")
    assert operators["ByteDance"] == ("unknown", None, None, "site")
    assert "Microsoft" in operators  # trains without an agent for training
    assert "DuckDuckGo" not in operators  # neither trains by what is known nor is in the matrix


def test_a_word_is_matched_with_what_the_operator_says_about_that_word(ask):
    rows = ask(f"{ROW} AND signal = 'x_robots_tag' AND operator = 'Microsoft'", "words.example")
    assert sorted(rows) == [
        ("x_robots_tag", "*", "disallowed", "nothing-found"),
        ("x_robots_tag", "bingbot", "disallowed", "documented"),
        ("x_robots_tag", "bingbot", "disallowed", "documented"),
    ]
    google = ask(f"{ROW} AND signal = 'x_robots_tag' AND operator = 'Google'", "words.example")
    assert sorted(google) == [
        ("x_robots_tag", "*", "disallowed", "not-read"),
        ("x_robots_tag", "Googlebot", "disallowed", "documented"),
    ]
    amazon = ask(f"{ROW} AND signal = 'x_robots_tag' AND agent <> '*'", "words.example")
    assert ("x_robots_tag", "Amazonbot", "disallowed", "documented") in amazon


def test_a_word_inside_another_is_not_that_word(ask):
    rows = ask(f"{ROW} AND signal = 'x_robots_tag' AND operator = 'Google'", "folk.example")
    assert {row[3] for row in rows} == {"unknown"}
    rows = ask(f"{ROW} AND signal = 'x_robots_tag' AND operator = 'Google'", "ml.example")
    assert {row[3] for row in rows} == {"nothing-found"}


def test_a_named_agent_is_its_operators_in_any_case_and_nobody_elses(ask):
    rows = ask(
        "SELECT operator, agent, honours FROM v_reserved"
        " WHERE host = 'bot.example' AND signal = 'x_robots_tag'"
    )
    assert rows == [("Microsoft", "BingBot", "nothing-found")]


def test_content_signals_name_who_said_no(ask):
    rows = dict(
        ask(
            "SELECT operator, honours FROM v_reserved WHERE host = 'signals.example'"
            " AND signal = 'robots_content_signal' AND operator IN ('Google', 'Cloudflare')"
        )
    )
    assert rows == {"Google": "stated-not", "Cloudflare": "documented"}


def test_a_line_in_the_group_of_everybody_does_not_reach_whom_another_group_names(ask):
    """Groups do not inherit: RFC 9309 section 2.2.1. GPTBot is OpenAI's crawler for training."""
    asked = f"{ROW} AND signal = 'robots_content_signal' AND operator = ?"
    assert ask(asked, "signals.example", "OpenAI") != []
    assert ask(asked, "apart.example", "OpenAI") == []
    assert ask(asked, "apart.example", "Anthropic") != []


def test_a_site_asks_its_question_in_one_query(ask):
    rows = ask(
        "SELECT DISTINCT operator FROM v_reserved WHERE wave = '2026-11'"
        " AND host = 'blocks.example' AND purpose = 'train' AND preference = 'disallowed'"
        " AND honours = 'documented' ORDER BY operator"
    )
    assert rows == [("Common Crawl Foundation",), ("OpenAI",)]


def test_honours_lists_every_row_for_every_signal_of_its_family(ask):
    expected = sum(len(family.rows) * len(family.signals) for family in honours.load().families)
    assert ask("SELECT count(*) FROM v_honours") == [(expected,)]
    assert ask(
        "SELECT words, honours, verified, coverage FROM v_honours"
        " WHERE operator = 'Microsoft' AND id = 'H2' AND family = 'noarchive'"
    ) == [("noarchive, nocache", "documented", 1, "read")]
    assert ask("SELECT DISTINCT words, coverage FROM v_honours WHERE id = 'A1'") == [(None, "read")]


def test_the_inventory_is_stored_with_its_cross_references(ask):
    assert ask("SELECT count(*) FROM inventory") == [(len(inventory.load().entries),)]
    assert ask("SELECT coverage, basis, labels, europe FROM inventory WHERE id = 'A1'") == [
        ("read", "file", "train-ai, ai-use, search", "candidate")
    ]
    assert ask("SELECT labels, measure FROM inventory WHERE id = 'F6'") == [("", None)]
    assert ask("SELECT labels FROM inventory WHERE id = 'O4'") == [(None,)]


def test_no_row_is_stored_for_a_site_and_an_operator(ask):
    tables = {name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
    registry = {"operators", "operator_facts", "operator_effects", "removal_routes"}
    for table in tables - registry - {"honours", "corpus_users", "licence_routes"}:
        assert "operator" not in {row[1] for row in ask(f"PRAGMA table_info({table})")} or (
            table == "agents"
        )


def test_a_forgotten_ruleset_leaves_nothing_behind(path):
    with writing(path) as connection:
        judgement.forget_ruleset(connection, rejudge.RULESET)
        left = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in ("inventory", "honours", "honours_signals")
        ]
        assert left == [(0,)] * 3
    rejudge.judge_wave(path, "2026-11")
