"""Whose turn it is, and whose fault a time-out was."""

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from crawler.fetch import politeness as module
from crawler.fetch.address_guard import Resolver
from crawler.fetch.client import Fetcher
from crawler.fetch.event_loop_lag import LagProbe
from crawler.fetch.limits import Limits
from crawler.fetch.politeness import Politeness
from crawler.fetch.usage import Usage
from crawler.model import Failure
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, says


async def take(politeness, host, usage=None, seconds=0.02):
    async with politeness.turn(host, usage or Usage()):
        begun = time.monotonic()
        await asyncio.sleep(seconds)
        return begun, time.monotonic()


def test_one_domain_takes_turns_with_a_pause_and_others_do_not_wait():
    async def go():
        politeness = Politeness(0.05, 0.5)
        hosts = ["a.one.test", "b.one.test", "one.test", "other.test"]
        return await asyncio.gather(*(take(politeness, host) for host in hosts))

    *family, other = asyncio.run(go())
    for (_, ended), (begun, _) in pairwise(sorted(family)):
        assert begun - ended >= 0.05
    assert other[0] < max(family)[0]


def test_a_site_that_asks_for_longer_pauses_gets_them_and_the_ledger_has_it():
    async def go():
        politeness, usage = Politeness(0.01), Usage(pause=0.1)
        for _ in range(3):
            await take(politeness, "a.test", usage, 0)
        return usage

    usage = asyncio.run(go())
    assert usage.shortest_gap is not None
    assert usage.shortest_gap >= 0.1
    assert usage.waited >= 0.2
    usage.ask_pause(5)
    usage.ask_pause(2)
    assert usage.retry_after == 5


def test_a_domain_that_asks_to_be_left_alone_is_left_alone_up_to_a_limit():
    async def go(seconds):
        politeness = Politeness(longest_hold=0.15)
        politeness.hold("a.one.test", seconds)
        politeness.hold("a.one.test", 0)
        begun = time.monotonic()
        return (await take(politeness, "b.one.test"))[0] - begun

    assert asyncio.run(go(0.1)) >= 0.1
    assert asyncio.run(asyncio.wait_for(go(9999), 60)) >= 0.15


def test_the_connections_open_at_once_are_bounded():
    async def go():
        politeness, open_now, most = Politeness(connections=3), 0, 0

        async def one(number):
            nonlocal open_now, most
            async with politeness.turn(f"h{number}.test", Usage()):
                open_now += 1
                most = max(most, open_now)
                await asyncio.sleep(0.01)
                open_now -= 1

        await asyncio.gather(*map(one, range(12)))
        return most

    assert asyncio.run(go()) == 3


def test_a_turn_that_is_given_up_is_passed_on():
    async def go():
        politeness = Politeness()
        async with politeness.turn("a.test", Usage()):
            waiting = asyncio.ensure_future(take(politeness, "a.test"))
            await asyncio.sleep(0)
            waiting.cancel()
        with pytest.raises(ZeroDivisionError):
            async with politeness.turn("a.test", Usage()):
                raise ZeroDivisionError
        await take(politeness, "a.test")
        return politeness._domains["a.test"].users

    assert asyncio.run(asyncio.wait_for(go(), 5)) == 0


def test_domains_are_forgotten_when_there_are_many_and_they_are_idle(monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED_DOMAINS", 4)
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.0)

    async def go():
        politeness = Politeness(longest_hold=50)
        politeness.hold("held.test", 40)
        async with politeness.turn("used.test", Usage()):
            for number in range(10):
                await take(politeness, f"h{number}.test", seconds=0)
            return set(politeness._domains)

    kept = asyncio.run(go())
    assert {"held.test", "used.test"} <= kept
    assert len(kept) <= 5


# The clock of our own process ----------------------------------------------------------------


def test_a_stall_is_noticed_and_a_busy_time_before_is_not():
    async def go():
        probe = LagProbe()
        probe.start()
        probe.start()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(0.15)
        calm, _ = probe.since(begun)
        time.sleep(0.8)
        await asyncio.sleep(0.15)
        stalled, together = probe.since(begun)
        after = probe.since(loop.time())
        probe.stop()
        probe.stop()
        return calm, stalled, together, after

    calm, stalled, together, after = asyncio.run(go())
    assert calm < 0.5
    assert after == (0, 0)
    assert together >= stalled >= 0.5


@pytest.mark.parametrize(
    ("serve", "theirs"),
    [
        (says(30.0), Failure.TIMEOUT_FIRST_BYTE),
        (says(answer(b"begun", b"Content-Length: 99"), 30.0), None),
    ],
    ids=["silent", "stalls-in-body"],
)
@pytest.mark.parametrize(("stall", "late"), [(0.6, 99.0), (99.0, 0.9)], ids=["one", "together"])
def test_a_time_out_while_we_stood_still_is_ours_and_any_other_is_theirs(
    serve, theirs, stall, late
):
    limits = replace(Limits.scaled(0.8), stall=stall, late=late)

    async def go(blocked):
        async with bad.serving({"a": serve}) as web:
            fetcher = Fetcher(Resolver(web.hosts), limits, user_agent="T/1")
            fetching = asyncio.ensure_future(fetcher.fetch("http://a.test/", "/"))
            await asyncio.sleep(0.15)
            time.sleep(blocked)
            capture = await fetching
            await fetcher.close()
            return capture

    ours = asyncio.run(go(0.9))
    assert ours.failure is Failure.INTERNAL_STALL
    assert "our process stood still for " in ours.detail
    assert asyncio.run(go(0.0)).failure is theirs


def test_a_stall_does_not_excuse_what_is_no_time_out():
    async def go():
        async with bad.serving({"a": says(0.3)}) as web:
            fetcher = Fetcher(Resolver(web.hosts), Limits(stall=0.1), user_agent="T/1")
            fetching = asyncio.ensure_future(fetcher.fetch("http://a.test/", "/"))
            await asyncio.sleep(0.1)
            time.sleep(0.3)
            return await fetching

    assert asyncio.run(go()).failure is Failure.EMPTY_REPLY


def test_waiting_for_a_turn_is_in_no_limit_and_in_no_time_told():
    async def go():
        politeness, usage = Politeness(0.8), Usage()
        async with bad.serving({"a": says(answer())}) as web:
            fetcher = Fetcher(
                Resolver(web.hosts), Limits.scaled(0.6), user_agent="T/1", politeness=politeness
            )
            await fetcher.fetch("http://a.test/", "/", usage=usage)
            return await fetcher.fetch("http://a.test/", "/", usage=usage), usage

    capture, usage = asyncio.run(go())
    assert capture.failure is None
    assert capture.elapsed < usage.waited
    assert usage.waited >= 0.7
    assert usage.shortest_gap >= 0.8
    assert (usage.requests, usage.bytes) == (2, 2 * capture.size)
    assert usage.spent < usage.waited + capture.elapsed


def test_one_address_of_many_domains_has_few_connections_and_others_do_not_wait():
    async def go():
        politeness, now, most = Politeness(of_address=2), 0, 0

        async def one(number, address):
            nonlocal now, most
            async with politeness.turn(f"h{number}.test", Usage(), address):
                now += address is not None
                most = max(most, now)
                await asyncio.sleep(0.01)
                now -= address is not None
                return time.monotonic()

        shared = [one(number, "192.0.2.1") for number in range(8)]
        *last, alone = await asyncio.gather(*shared, one(9, None))
        return most, max(last) > alone, politeness._addresses

    assert asyncio.run(go()) == (2, True, {})
