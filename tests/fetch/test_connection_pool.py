"""Connections that are kept: which ones, for how long, and what they must never bring about."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from crawler.fetch import connection_pool
from crawler.fetch.address_guard import Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.politeness import Politeness
from crawler.model import Capture
from tests.factories import bad_server as bad
from tests.factories.bad_server import (
    answer,
    asked,
    certificate,
    chunked,
    says,
    server_context,
    sized,
)

OK = b"HTTP/1.1 200 OK\r\n"
LIMITS = Limits(dns=0.5, connect=0.5, tls=0.5, first_byte=0.5, total=2.0)


def talks(*answers: bytes) -> bad.Behaviour:
    """Give an answer to each request on one connection; the last one again and again."""

    async def behaviour(reader, writer) -> None:
        turns = list(answers)
        while True:
            await asked(reader)
            writer.write(turns.pop(0) if len(turns) > 1 else turns[0])
            await writer.drain()

    return behaviour


def fetched(
    sites: dict[str, bad.Behaviour], *urls: str, pause: float = 0.0, **options: Any
) -> tuple[list[Capture], list[bad.Contact]]:
    """Fetch URLs one after another; what came, and the connections in order."""
    tls, politeness = options.pop("tls", None), options.pop("politeness", None)

    async def go():
        async with bad.serving(sites, tls) as web:
            resolver = options.pop("resolver", Resolver)(web.hosts)
            fetcher = Fetcher(resolver, LIMITS, user_agent="T/1", politeness=politeness, **options)
            captures = []
            for url in urls:
                captures.append(await fetcher.fetch(url, "/r"))
                await asyncio.sleep(pause)
            await fetcher.close()
            await asyncio.sleep(0.02)
            return captures, web.contacts

    return asyncio.run(go())


A, B = "http://a.test/1", "http://a.test/2"


@pytest.mark.parametrize(
    "whole",
    [
        sized(b"ok"),
        sized(b""),
        chunked(b"o", b"k"),
        answer(b"no", b"Content-Length: 2", status=b"404 Not Found"),
    ],
)
def test_an_answer_with_a_certain_end_leaves_the_connection_for_the_next(whole):
    captures, contacts = fetched({"a": talks(whole)}, A, B, A)
    assert len(contacts) == 1
    assert len({(c.status, c.body, c.address, c.size, c.failure) for c in captures}) == 1


@pytest.mark.parametrize(
    "unsure",
    {
        "no length": answer(b"ok"),
        "wants to close": sized(b"ok", b"Connection: Close"),
        "http/1.0": sized(b"ok").replace(b"HTTP/1.1", b"HTTP/1.0"),
        "two lengths": sized(b"ok", b"Content-Length: 2"),
        "length and chunks": chunked(b"ok").replace(OK, OK + b"Content-Length: 2\r\n"),
        "more than it said": sized(b"ok") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "trailers": chunked(b"ok", end=b"0\r\nX: 1\r\n\r\n"),
        "no end of the chunks": chunked(b"ok", end=b"0\r\n"),
        "bad chunk": chunked(b"ok", end=b"zz\r\n"),
        "redirect": answer(b"", b"Location: /1", b"Content-Length: 0", status=b"302 Found"),
    }.values(),
)  # fmt: skip
def test_any_other_answer_does_not(unsure):
    async def once(reader, writer):
        await asked(reader)
        writer.write(unsure)
        if b"Content-Length" not in unsure and b"chunked" not in unsure:
            writer.write_eof()
        await reader.read()

    captures, contacts = fetched({"a": once}, A, A)
    assert len(contacts) == 2
    assert captures[0].body == captures[1].body
    assert b"evil" not in captures[1].body


def test_what_is_closed_after_an_answer_is_opened_again():
    for pause in (0.0, 0.05):
        captures, contacts = fetched({"a": says(sized(b"ok"))}, A, B, A, pause=pause)
        assert [capture.body for capture in captures] == [b"ok"] * 3
        assert len(contacts) == 3


def test_a_server_that_leaves_the_second_request_unanswered_loses_no_answer():
    unanswered = []

    async def once(reader, writer):
        await asked(reader)
        writer.write(sized(b"ok"))
        unanswered.append((await reader.read())[:6])

    captures, contacts = fetched({"a": once}, A, B, A, politeness=Politeness(delay=0.1))
    assert [capture.body for capture in captures] == [b"ok"] * 3
    assert len(contacts) == 3
    assert all(other.opened - one.closed >= 0.08 for one, other in pairwise(contacts))
    assert sorted(unanswered) == [b"", b"", b"GET /2"]  # and never again


def test_half_an_answer_on_a_kept_connection_is_an_answer_cut_short():
    captures, contacts = fetched({"a": talks(sized(b"ok"), b"HTTP/1.1 200 OK\r\nConte")}, A, B)
    assert len(contacts) == 1
    assert captures[1].data_loss or captures[1].failure


def test_what_is_said_unasked_is_heard_by_nobody():
    async def blurts(reader, writer):
        await asked(reader)
        writer.write(sized(b"ok"))
        await asyncio.sleep(0.05)
        writer.write(sized(b"evil"))
        await reader.read()

    captures, contacts = fetched({"a": blurts}, A, B, pause=0.1)
    assert [capture.body for capture in captures] == [b"ok"] * 2
    assert len(contacts) == 2
    assert contacts[0].closed < contacts[1].opened


def test_another_origin_of_the_domain_waits_until_the_kept_connection_is_closed():
    sites = {"a.family": talks(sized(b"a")), "b.family": talks(sized(b"b"))}
    urls = [f"http://{name}.test/" for name in ("a.family", "b.family", "a.family")]
    captures, contacts = fetched(sites, *urls, politeness=Politeness(delay=0.1))
    assert [capture.body for capture in captures] == [b"a", b"b", b"a"]
    for one, other in pairwise(contacts):
        assert other.opened - one.closed >= 0.08


def test_a_pause_lies_between_two_requests_on_one_connection():
    moments = []

    async def notes(reader, writer):
        while True:
            await asked(reader)
            moments.append(asyncio.get_running_loop().time())
            writer.write(sized(b"ok"))

    _, contacts = fetched({"a": notes}, A, B, A, politeness=Politeness(delay=0.1))
    assert len(contacts) == 1
    assert min(b - a for a, b in pairwise(moments)) >= 0.1


def test_a_connection_is_not_kept_for_a_pause_that_outlasts_it(monkeypatch):
    monkeypatch.setattr("crawler.fetch.client.KEEP_SECONDS", 0.05)
    _, contacts = fetched({"a": talks(sized(b"ok"))}, A, B, politeness=Politeness(delay=0.1))
    assert len(contacts) == 2
    assert contacts[1].opened - contacts[0].closed >= 0.08


def test_an_idle_connection_is_closed_after_a_while(monkeypatch):
    monkeypatch.setattr(connection_pool, "KEEP_SECONDS", 0.05)
    _, contacts = fetched({"a": talks(sized(b"ok")), "b": talks(sized(b"ok"))},
                          A, "http://b.test/", A, pause=0.12)  # fmt: skip
    assert len(contacts) == 3
    assert all(contact.closed < float("inf") for contact in contacts)


def test_only_so_many_are_kept():
    sites = {name: talks(sized(b"ok")) for name in "abc"}
    urls = [f"http://{name}.test/" for name in "abca"]
    _, contacts = fetched(sites, *urls, politeness=Politeness(connections=1))
    assert [contact.name for contact in contacts] == ["a", "b", "c", "a"]


def test_the_guard_is_asked_before_a_kept_connection_is_used_again():
    class Moving(Resolver):
        turn = 0

        async def resolve(self, _, port):
            self.turn += 1
            return await super().resolve("ab"[self.turn > 1] + ".test", port)

    captures, contacts = fetched(
        {"a": talks(sized(b"a")), "b": talks(sized(b"b"))}, A, A, resolver=Moving
    )
    assert [capture.body for capture in captures] == [b"a", b"b"]
    assert len(contacts) == 2


def test_over_tls_one_handshake_serves_many_requests_and_the_verdict_stays(tmp_path):
    contexts = {"a": server_context(certificate(tmp_path, "a.test"))}
    urls = ["https://a.test/1", "https://a.test/2"]
    captures, contacts = fetched({"a": talks(sized(b"ok"))}, *urls, tls=contexts)
    assert [capture.tls for capture in captures] == ["unverified: self-signed certificate"] * 2
    # The first connection only finds the certificate wanting.
    assert len([contact for contact in contacts if contact.path]) == 1


def test_who_asks_as_somebody_else_shares_no_connection_and_says_that_it_closes():
    heard = []

    async def notes(reader, writer):
        while head := await asked(reader):
            heard.append((len(heard), b"Connection: close" in head, b"Browser/1" in head))
            writer.write(sized(b"ok"))

    async def go():
        async with bad.serving({"a": notes}) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1")
            for agent in (None, "Browser/1", "Browser/1", None):
                await fetcher.fetch(A, "/r", user_agent=agent)
            await fetcher.close()
            return len(web.contacts)

    assert asyncio.run(go()) == 4
    assert [(close, browser) for _, close, browser in heard] == [
        (False, False), (True, True), (True, True), (False, False),
    ]  # fmt: skip


def test_a_condition_is_put_on_a_kept_connection_and_a_304_keeps_it():
    heard = []

    async def notes(reader, writer):
        while head := await asked(reader):
            heard.append(b'If-None-Match: "x"' in head)
            writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n" if heard[-1] else sized(b"ok"))

    async def go():
        async with bad.serving({"a": notes}) as web:
            fetcher = Fetcher(Resolver(web.hosts), LIMITS, user_agent="T/1")
            conditions = {B: (("If-None-Match", '"x"'),)}
            captures = [await fetcher.fetch(url, "/r", conditions=conditions) for url in (A, B, A)]
            await fetcher.close()
            return [capture.status for capture in captures], len(web.contacts)

    assert asyncio.run(go()) == ([200, 304, 200], 1)
    assert heard == [False, True, False]


def test_a_408_that_crosses_the_second_request_is_not_its_answer():
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    captures, contacts = fetched({"a": talks(sized(b"ok"), late)}, A, B, A)
    assert [capture.status for capture in captures] == [200] * 3
    assert [len(contacts), len({contact.name for contact in contacts})] == [3, 1]


def test_a_host_that_closes_unannounced_costs_one_request_in_vain_at_most():
    heard = []

    async def closes(reader, writer):
        heard.append(await asked(reader))
        writer.write(sized(b"ok"))
        if await reader.read():  # taken, and not answered
            heard.append(b"in vain")

    captures, _ = fetched({"a": closes}, A, B, A, B, A)
    assert [capture.body for capture in captures] == [b"ok"] * 5
    assert heard.count(b"in vain") == 1
    # Whether it is kept or not, a request is the same octets: waves of one web are comparable.
    assert not any(b"Connection" in head for head in heard)


def test_kept_connections_count_among_those_of_an_address(monkeypatch):
    monkeypatch.setattr("crawler.fetch.client.public_address", lambda _: True)
    sites = {name: talks(sized(b"ok")) for name in "abc"}
    urls = [f"http://{name}.test/" for name in "abc"]
    _, contacts = fetched(sites, *urls, politeness=Politeness(of_address=2))
    for each in contacts:
        assert sum(one.opened <= each.opened < one.closed for one in contacts) <= 2
    assert contacts[0].closed < contacts[2].opened


def test_the_server_sees_the_end_of_a_connection_that_is_not_kept(monkeypatch):
    monkeypatch.setattr("crawler.fetch.client.KEEP_SECONDS", 0.05)
    heard = []

    async def notes(reader, writer):
        heard.append(await asked(reader))
        writer.write(sized(b"ok"))

        if not await reader.read():
            heard.append(b"closed")

    fetched({"a": notes}, A, B, politeness=Politeness(delay=0.1))
    assert [head[:5] for head in heard] == [b"GET /", b"close", b"GET /", b"close"]
