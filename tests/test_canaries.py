"""Canaries: a failure is believed only while somebody known to answer does."""

import asyncio

import pytest
from click.testing import CliRunner

from crawler.canaries import Canaries
from crawler.cli import main
from tests import badserver as bad
from tests.badserver import by_turns, resets
from tests.hostile.hazards import FINE
from tests.hostile.survey import survey


def flock(answers, seconds=0.0):
    """Canaries that answer by turns as `answers` say; what they were asked, and what was told."""
    asked, told = [], []

    async def ask(host):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return Canaries(("a.example", "b.example"), seconds, ask, told.append), asked, told


def test_one_that_answers_is_enough():
    canaries, asked, told = flock([True, False])
    assert asyncio.run(canaries.sing())
    assert asked == ["a.example", "b.example"]
    assert [line.split()[1] for line in told] == ["1/2"]


def test_none_that_answers_is_our_own_fault():
    canaries, _, told = flock([False])
    assert not asyncio.run(canaries.sing())
    assert [line.split()[1] for line in told] == ["0/2"]


def test_they_are_not_asked_again_while_the_answer_is_fresh():
    canaries, asked, _ = flock([True], seconds=3600)

    async def twice():
        return [await canaries.sing(), await canaries.sing(), await canaries.sing(within=0)]

    assert asyncio.run(twice()) == [True] * 3
    assert len(asked) == 4


def test_only_changes_are_told():
    canaries, _, told = flock([True] * 4 + [False] * 4 + [True] * 2)

    async def often():
        for _ in range(5):
            await canaries.sing(within=-1)

    asyncio.run(often())
    assert [line.split()[1] for line in told] == ["2/2", "0/2", "2/2"]


def test_without_canaries_every_failure_is_believed():
    canaries = Canaries((), 0, None, None)
    assert asyncio.run(canaries.sing())


def test_a_failure_while_a_canary_answers_is_believed(tmp_path):
    sites = {"bird": FINE, "site": by_turns(resets(), FINE)}
    options = ("--delay", "0", "--retry-pauses", "0.2", "--canary", "bird.test")
    with bad.served(sites) as web:
        found = survey(tmp_path, web.lines, ["site.test"], *options, "--timeout", "2")
    assert found.code == 0, found.errors
    assert found.rows("SELECT attempt, outcome, reason FROM v_attempts") == [
        (1, "unreachable", "connection_reset"),
        (2, "ok", "complete"),
    ]
    told = CliRunner().invoke(main, ["wave", "w", "--db", str(found.db)])
    assert "canaries that answered" in told.output


def test_a_failure_while_no_canary_answers_is_ours_and_visited_again(tmp_path):
    sites = {"bird": resets(), "down": resets(), "fine": FINE}
    options = ("--delay", "0", "--retry-pauses", "0.1", "--canary", "bird.test")
    with bad.served(sites) as web:
        found = survey(tmp_path, web.lines, ["down.test", "fine.test"], *options,
                       "--max-own-faults", "1")  # fmt: skip
    assert "no canary answers" in found.errors
    ends = {
        host: end for host, *end in found.rows("SELECT host, outcome, reason, detail FROM v_visits")
    }
    assert ends["down.test"] == [
        "internal_error", "internal_stall", "connection_reset while no canary answered"
    ]  # fmt: skip
    assert ends["fine.test"][0] == "ok"
    assert found.rows("SELECT count(*) FROM v_attempts WHERE host = 'down.test'") == [(2,)]
    told = CliRunner().invoke(main, ["wave", "w", "--db", str(found.db)])
    assert "0/1" in told.output


@pytest.mark.parametrize("host", ["localhost", "http://a.example/x", ""])
def test_a_canary_that_is_no_host_is_refused(tmp_path, host):
    panel = tmp_path / "p.csv"
    panel.write_text("host\na.example\n")
    done = CliRunner().invoke(main, ["survey", str(panel), "--wave", "w", "--canary", host])
    assert done.exit_code == 2
    assert "--canary" in done.output
