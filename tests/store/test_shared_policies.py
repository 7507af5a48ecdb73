"""Sites share a policy or a verdict only where every word of it is theirs."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from crawler.judge.verdicts import judge_visit
from crawler.model import Access, Capture
from crawler.store import facts
from crawler.store.database import writing
from crawler.store.judgement import JudgementWriter
from crawler.wave import rejudge
from tests.store.test_views import survey

RULES = b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /tmp/\n"
SIGNAL = b"User-agent: *\nContent-Signal: ai-train=no\nDisallow: /tmp/\n"
OPPOSED = b"User-agent: *\nContent-Signal: ai-train=no\nContent-Usage: train-ai=y\n"
PACKED = b"\x1f\x8b" + bytes(9)


def robots(host: str, body: bytes, **more: object) -> Capture:
    url = f"https://{host}/robots.txt"
    more = {"started_at": "2026-12-01T00:00:00Z", "size": len(body), "status": 200} | more
    return replace(Capture("/robots.txt", url, url, body=body), **more)  # type: ignore[arg-type]


SITES = {
    "whole.example": robots("whole.example", RULES),
    "same.example": robots("same.example", RULES),
    "later.example": robots("later.example", b"# a line before\n" + RULES),
    "other-words.example": robots("other-words.example", RULES.replace(b"w: /\n", b"w: /*\n")),
    "cut.example": robots("cut.example", RULES, data_loss=True),
    "capped.example": robots("capped.example", RULES, truncated=True),
    "part.example": robots("part.example", RULES, status=206),
    "undecoded.example": robots("undecoded.example", RULES, coding_error=True),
    "garbled.example": robots("garbled.example", PACKED),
    "nothing-came.example": robots("nothing-came.example", b"User-agent: GPTBot\n", data_loss=True),
    "no-rule.example": robots("no-rule.example", b"User-agent: GPTBot\n"),
    "says-no.example": robots("says-no.example", SIGNAL),
    "opposed.example": robots("opposed.example", OPPOSED),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    waves = {"w": {host: (capture,) for host, capture in SITES.items()}}
    path = survey(tmp_path_factory.mktemp("shared"), waves)
    with closing(sqlite3.connect(path)) as opened:
        yield lambda sql, *bound: opened.execute(sql, bound).fetchall()


def access(rows, host, agent="GPTBot"):
    ((root, line, text),) = rows(
        "SELECT root, line, rule_text FROM v_agent_access"
        " WHERE host = ? AND agent = ? AND reader = 'rfc9309'", host, agent,
    )  # fmt: skip
    return root, line, text


def test_a_site_has_the_line_and_the_words_of_its_own_file(rows):
    assert access(rows, "whole.example") == (Access.DISALLOWED, 2, "Disallow: /")
    assert access(rows, "same.example") == access(rows, "whole.example")
    assert access(rows, "later.example") == (Access.DISALLOWED, 3, "Disallow: /")
    assert access(rows, "other-words.example") == (Access.DISALLOWED, 2, "Disallow: /*")


@pytest.mark.parametrize("host", ["cut.example", "capped.example"])
def test_a_beginning_shares_nothing_with_a_whole_file_of_the_same_octets(rows, host):
    assert access(rows, host) == (Access.DISALLOWED, 2, "Disallow: /")
    assert access(rows, host, "CCBot")[0] == Access.UNMEASURED
    assert access(rows, "whole.example", "CCBot")[0] == Access.ALLOWED


@pytest.mark.parametrize(
    "host", ["part.example", "undecoded.example", "garbled.example", "nothing-came.example"]
)
def test_what_was_not_read_is_a_state_of_its_own_and_unmeasured(rows, host):
    assert rows("SELECT state, groups FROM v_robots WHERE host = ?", host) == [("unread", 0)]
    assert rows(
        "SELECT DISTINCT root, extent, basis, rule FROM v_agent_access WHERE host = ?", host
    ) == [(Access.UNMEASURED, None, None, "not-read-unmeasured")]
    assert access(rows, "no-rule.example")[0] == Access.ALLOWED


def test_what_did_not_come_whole_is_in_no_headline(rows):
    assert {n for (n,) in rows("SELECT n FROM v_definitions")} == {7}


def test_sites_of_one_answer_share_a_verdict_only_with_the_same_conflict(rows):
    told = {
        host: rows(
            "SELECT preference_strict, conflict FROM v_use WHERE host = ? AND purpose = 'train'",
            host,
        )
        for host in ("says-no.example", "opposed.example")
    }
    assert told == {
        "says-no.example": [("disallowed", 0)],
        "opposed.example": [("disallowed", 1)],
    }


def test_verdicts_that_differ_in_their_conflict_alone_are_two(tmp_path):
    host = "says-no.example"
    path = survey(tmp_path, {"w": {host: (SITES[host],)}})
    told = judge_visit((SITES[host],))
    opposed = replace(told, verdicts=tuple(replace(v, conflict=True) for v in told.verdicts))
    with writing(path) as connection:
        wave = facts.find_wave(connection, "w")
        writer = JudgementWriter(connection, wave, rejudge.inputs())
        policies = [writer._use_policy(each) for each in (told, opposed, told)]
    assert policies[0] == policies[2] != policies[1]
