"""ReachabilityProbes: a failure is believed only while somebody known to answer does."""

import asyncio
from time import monotonic

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.wave.reachability import ReachabilityProbes
from tests.factories import bad_server as bad
from tests.factories.bad_server import by_turns, resets
from tests.hostile.hazards import FINE
from tests.hostile.survey import survey


def flock(answers, seconds=0.0, goes_on=(True,)):
    """Probes that answer by turns as `answers` say; what they were asked, and what was told."""
    asked, told, looks = [], [], iter(goes_on)

    async def ask(host):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    def crawls():
        return next(looks, goes_on[-1])

    return (
        ReachabilityProbes(("a.example", "b.example"), seconds, ask, told.append, crawls),
        asked,
        told,
    )


def test_one_that_answers_is_enough():
    probes, asked, told = flock([True, False])
    assert asyncio.run(probes.any_answers())
    assert asked == ["a.example", "b.example"]
    assert [line.split()[1] for line in told] == ["1/2"]


def test_none_that_answers_is_our_own_fault():
    probes, _, told = flock([False])
    assert not asyncio.run(probes.any_answers())
    assert [line.split()[1] for line in told] == ["0/2"]


def test_they_are_not_asked_again_while_the_answer_is_fresh():
    probes, asked, _ = flock([True], seconds=3600)

    async def thrice():
        return [
            await probes.any_answers(),
            await probes.any_answers(),
            await probes.any_answers(since=0),
        ]

    assert asyncio.run(thrice()) == [True] * 3
    assert len(asked) == 2


def test_what_failed_after_their_song_waits_for_the_next_and_all_that_wait_share_it():
    probes, asked, told = flock([True, True, False, False], seconds=0.2)

    async def network_goes_down():
        assert await probes.any_answers()
        failures = [probes.any_answers(since=monotonic()) for _ in range(5)]
        return await asyncio.gather(*failures)

    assert asyncio.run(network_goes_down()) == [False] * 5
    assert len(asked) == 4
    assert [line.split()[1] for line in told] == ["2/2", "0/2"]


def test_nobody_waits_for_them_once_the_crawl_ends():
    probes, asked, told = flock([True], seconds=3600, goes_on=[True, True, False])

    async def stopped_meanwhile():
        assert await probes.any_answers()
        return await probes.any_answers(since=monotonic())

    assert not asyncio.run(stopped_meanwhile())
    assert (len(asked), len(told)) == (2, 1)


def test_a_song_that_a_stop_broke_off_is_not_told():
    probes, _, told = flock([False], goes_on=[False])
    assert not asyncio.run(probes.any_answers())
    assert told == []


def test_only_changes_are_told():
    probes, _, told = flock([True] * 4 + [False] * 4 + [True] * 2)

    async def often():
        for _ in range(5):
            await probes.any_answers(since=monotonic())

    asyncio.run(often())
    assert [line.split()[1] for line in told] == ["2/2", "0/2", "2/2"]


def test_without_probes_every_failure_is_believed():
    probes = ReachabilityProbes((), 0, None, None, None)
    assert asyncio.run(probes.any_answers())


def test_a_failure_while_a_probed_host_answers_is_believed(tmp_path):
    sites = {"bird": FINE, "site": by_turns(resets(), FINE)}
    options = ("--delay", "0", "--retry-pauses", "0.2", "--canary", "bird.test")
    options += ("--canary-seconds", "0.2")
    with bad.served(sites) as web:
        found = survey(tmp_path, web.lines, ["site.test"], *options, "--timeout", "2")
    assert found.code == 0, found.errors
    assert found.rows("SELECT attempt, outcome, reason FROM v_attempts") == [
        (1, "unreachable", "connection_reset"),
        (2, "ok", "complete"),
    ]
    told = CliRunner().invoke(main, ["wave", "w", "--db", str(found.db)])
    assert "hosts probed that answered" in told.output


def test_a_failure_while_no_probed_host_answers_is_ours_and_visited_again(tmp_path):
    sites = {"bird": resets(), "down": resets(), "fine": FINE}
    options = ("--delay", "0", "--retry-pauses", "0.1", "--canary", "bird.test")
    options += ("--canary-seconds", "0.2")
    with bad.served(sites) as web:
        found = survey(tmp_path, web.lines, ["down.test", "fine.test"], *options,
                       "--max-own-faults", "1")  # fmt: skip
    assert "no probed host answers" in found.errors
    ends = {
        host: end for host, *end in found.rows("SELECT host, outcome, reason, detail FROM v_visits")
    }
    assert ends["down.test"] == [
        "internal_error", "internal_stall", "connection_reset while no probed host answered"
    ]  # fmt: skip
    assert ends["fine.test"][0] == "ok"
    assert found.rows("SELECT count(*) FROM v_attempts WHERE host = 'down.test'") == [(2,)]
    told = CliRunner().invoke(main, ["wave", "w", "--db", str(found.db)])
    assert "0/1" in told.output


def test_a_failure_is_not_believed_by_what_a_probe_said_before_it(tmp_path):
    sites = {"bird": by_turns(FINE, resets()), "down": resets()}
    options = ("--delay", "0", "--retry-pauses", "", "--canary", "bird.test")
    with bad.served(sites) as web:
        found = survey(tmp_path, web.lines, ["down.test"], *options, "--canary-seconds", "2")
    assert found.rows("SELECT outcome, reason FROM v_visits") == [
        ("internal_error", "internal_stall")
    ]
    told = CliRunner().invoke(main, ["wave", "w", "--db", str(found.db)])
    assert "1/1" in told.output
    assert "0/1" in told.output


@pytest.mark.parametrize("host", ["localhost", "http://a.example/x", ""])
def test_a_probe_that_is_no_host_is_refused(tmp_path, host):
    panel = tmp_path / "p.csv"
    panel.write_text("host\na.example\n")
    done = CliRunner().invoke(main, ["survey", str(panel), "--wave", "w", "--canary", host])
    assert done.exit_code == 2
    assert "--canary" in done.output
