"""From where and as whom sites are asked: family of addresses, proxy, comparison with a browser."""

import asyncio
import contextlib
import json

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.fetch.address_guard import HostsFile, Resolver, Unresolved
from crawler.fetch.client import Fetcher, Limits
from crawler.model import Failure
from crawler.wave.handler import proxy_address
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, paths, says, sized
from tests.hostile.hazards import FINE, HOME_FINE, ROBOTS_FINE, home
from tests.hostile.survey import survey

BOTH = ["93.184.216.34", "2606:4700::1111"]


@pytest.mark.parametrize(("version", "expected"), [(None, BOTH), (4, BOTH[:1]), (6, BOTH[1:])])
def test_one_family_of_addresses_can_be_asked_for(version, expected):
    resolver = Resolver(lookup=lambda _: BOTH, version=version)
    assert asyncio.run(resolver.resolve("both.org", 80)) == [(each, 80) for each in expected]
    resolver.close()


def test_a_site_without_the_family_has_no_address():
    resolver = Resolver(lookup=lambda _: BOTH[:1], version=6)
    with pytest.raises(Unresolved, match="none of IPv6"):
        asyncio.run(resolver.resolve("old.org", 80))
    resolver.close()


# Proxy ----------------------------------------------------------------------------------------


def tunnels(asked: list[bytes], to: int | None = None, says_first: bytes = b"200 Yes"):
    """A proxy that connects to a port of loopback, whatever it is asked for."""

    async def behaviour(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 " + says_first + b"\r\nVia: test\r\n\r\n")
        if to is None:
            return
        there, back = await asyncio.open_connection("127.0.0.1", to)
        back.write(await reader.readuntil(b"\r\n\r\n"))
        writer.write(await there.read())
        back.close()

    return behaviour


def fetched(url, behaviour_of, hosts="", lookup=lambda _: BOTH):
    """Fetch through a proxy of that behaviour, given the port of a web server."""

    async def go():
        async with bad.serving({"web": says(sized(b"the page"))}) as web:
            port = web.hosts.addresses("web.test", 80)[0][1]
            async with bad.serving({"proxy": behaviour_of(port)}) as farm:
                proxy = farm.hosts.addresses("proxy.test", 80)[0]
                resolver = Resolver(HostsFile.parse(hosts), lookup=lookup)
                fetcher = Fetcher(resolver, Limits.scaled(4), user_agent="T/1", proxy=proxy)
                capture = await fetcher.fetch(url, "/")
                await fetcher.close()
                return capture

    return asyncio.run(go())


def test_a_proxy_is_asked_for_the_address_that_the_guard_has_passed():
    asked = []
    capture = fetched("http://site.org/", lambda port: tunnels(asked, port))
    assert (capture.body, capture.address) == (b"the page", "93.184.216.34:80")
    assert asked == [b"CONNECT 93.184.216.34:80 HTTP/1.1"]


@pytest.mark.parametrize(
    ("url", "lookup"),
    [
        ("http://10.0.0.5/", lambda _: BOTH),
        ("http://inside.org/", lambda _: ["10.0.0.5", "::1"]),
        ("http://site.org:22/", lambda _: BOTH),
    ],
)
def test_no_private_address_is_reached_through_a_proxy(url, lookup):
    asked = []
    capture = fetched(url, lambda port: tunnels(asked, port), lookup=lookup)
    assert capture.failure is Failure.PRIVATE_ADDRESS
    assert asked == []


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        (b"502 Bad Gateway", Failure.CONNECT_FAILED),
        (b"504 Late", Failure.CONNECT_FAILED),
        # what is the proxy's own fault is not the site's
        (b"407 Who are you", Failure.INTERNAL_ERROR),
        (b"403 Not there", Failure.INTERNAL_ERROR),
        (b"what", Failure.INTERNAL_ERROR),
    ],
)
def test_what_a_proxy_says_is_told_from_what_a_site_does(line, failure):
    capture = fetched("http://[2606:4700::1111]/", lambda _: tunnels([], says_first=line))
    assert (capture.failure, capture.status) == (failure, None)
    assert "the proxy" in capture.detail


def test_a_proxy_that_is_not_there_is_our_fault():
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        fetcher = Fetcher(
            Resolver(lookup=lambda _: BOTH[:1]), user_agent="T/1", proxy=("127.0.0.1", 9)
        )
        capture = loop.run_until_complete(fetcher.fetch("http://site.org/", "/"))
        loop.run_until_complete(fetcher.close())
    assert capture.failure is Failure.INTERNAL_ERROR


@pytest.mark.parametrize(
    "url", ["socks5://127.0.0.1:9", "http://127.0.0.1", "127.0.0.1:3128", "http://u:p@127.0.0.1:9"]
)
def test_only_an_http_proxy_with_its_port_is_taken(url, tmp_path):
    with pytest.raises(ValueError, match="http://host:port"):
        proxy_address(url)
    panel = tmp_path / "panel.csv"
    panel.write_text("a.test\n")
    told = CliRunner().invoke(main, ["survey", str(panel), "--wave", "w", "--proxy", url])
    assert (told.exit_code, "http://host:port" in told.output) == (2, True)


def test_a_proxy_may_be_named():
    assert proxy_address("http://localhost:3128")[1] == 3128
    assert proxy_address("") is None


# Cloaking -------------------------------------------------------------------------------------


def cloaks(to_us, to_browsers):
    async def behaviour(reader, writer):
        head = await bad.asked(reader)
        again = asyncio.StreamReader()
        again.feed_data(head)
        await (to_browsers if b"Mozilla" in head else to_us)(again, writer)

    return behaviour


def test_answers_to_a_browser_are_stored_beside_ours_and_move_nothing(tmp_path):
    no = says(answer(b"no", status=b"403 No"))
    sites = {
        "same": FINE,
        "hides": home(cloaks(no, HOME_FINE)),
        "other-rules": paths(
            {"/robots.txt": cloaks(ROBOTS_FINE, says(sized(b"# hi"))), "/": HOME_FINE}
        ),
        "patience": home(says(answer(b"", status=b"429 Slow"))),
        "pays": home(says(answer(b"", status=b"402 Pay"))),
        "closed": says(sized(b"User-agent: *\nDisallow: /\n")),
    }
    with bad.served(sites) as web:
        options = ("--delay", "0", "--retry-pauses", "", "--cloaking-check", "--country", "DE")
        found = survey(tmp_path, web.lines, [f"{name}.test" for name in sites], *options)
    assert found.code == 0, found.errors
    rows = found.rows(
        "SELECT host, resource, status, browser_status, same_body FROM v_cloaking ORDER BY 1, 2"
    )
    robots = "/robots.txt"
    assert rows == [
        ("closed.test", robots, 200, 200, 1),
        ("hides.test", "/", 403, 200, 0),
        ("hides.test", robots, 200, 200, 1),
        ("other-rules.test", "/", 200, 200, 1),
        ("other-rules.test", robots, 200, 200, 0),
        ("pays.test", robots, 200, 200, 1),
        ("same.test", "/", 200, 200, 1),
        ("same.test", robots, 200, 200, 1),
    ]
    ends = dict(found.rows("SELECT host, outcome FROM v_visits"))
    assert (ends["hides.test"], ends["same.test"]) == ("denied", "ok")
    (settings,) = found.rows("SELECT settings FROM waves")
    recorded = json.loads(settings[0])
    assert recorded["SURVEY_COUNTRY"] == "DE"
    assert recorded["SURVEY_CLOAKING_CHECK"] is True
    assert "Mozilla" in recorded["SURVEY_BROWSER"]
    assert "NAME_SERVERS" in recorded


def test_a_country_is_two_letters(tmp_path):
    panel = tmp_path / "panel.csv"
    panel.write_text("a.test\n")
    told = CliRunner().invoke(main, ["survey", str(panel), "--wave", "w", "--country", "Germany"])
    assert (told.exit_code, "two letters" in told.output) == (2, True)


def test_without_being_asked_for_nothing_is_compared(tmp_path):
    with bad.served({"same": FINE}) as web:
        found = survey(tmp_path, web.lines, ["same.test"], "--delay", "0")
    assert found.rows("SELECT count(*) FROM v_cloaking") == [(0,)]
