"""The guard: which addresses are public, what a name may resolve to, and why not."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.address_guard import (
    HostsFile,
    Lookup,
    Refused,
    Resolver,
    Unresolved,
    public_address,
    system_lookup,
)
from crawler.fetch.limits import Failed
from crawler.fetch.urls import parse_target
from crawler.model import Failure

PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:93.184.216.34",
    "64:ff9b::5db8:d822",
    "2002:5db8:d822::1",
]
NOT_PUBLIC = [
    # IPv4: IANA special-purpose registry
    "0.0.0.0", "10.0.0.5", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.10",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    # IPv6: loopback, unspecified, link and site local, unique local, multicast, documentation
    "::", "::1", "fe80::1", "fe80::1%1", "fec0::1", "fd00::1", "fc00::1", "ff02::1",
    "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1", "2606:4700::1%eth0",
    # an IPv4 address inside: mapped, compatible, NAT64 (RFC 6052, 8215), 6to4, Teredo
    "::ffff:127.0.0.1", "::ffff:10.0.0.5", "::7f00:1", "::93.184.216.34", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d822", "2002:7f00:1::", "2002:a00:5::1",
    "2001:0:5db8:d822::1", "2001:0:7f00:1::",
    "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_global_unicast_is_public(address: str) -> None:
    assert public_address(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_everything_else_is_not_public(address: str) -> None:
    assert not public_address(address)


@given(st.ip_addresses())
def test_a_public_address_is_public_by_the_standard_library_too(address) -> None:
    embeds = getattr(address, "ipv4_mapped", None) or address in ip_network("64:ff9b::/96")
    if public_address(address) and not embeds:
        assert address.is_global
        assert not address.is_multicast


# Names in DNS as the test's resolver answers them.
ZONE: dict[str, Iterable[str] | Exception] = {
    "good.org": ["93.184.216.34"],
    "twice.org": ["93.184.216.34", "93.184.216.34"],
    "six.org": ["2606:4700::1111", "2606:4700::2222", "93.184.216.34"],
    "inside.org": ["10.0.0.5"],
    "mixed.org": ["10.0.0.5", "93.184.216.34", "::1"],
    "zero.org": ["0.0.0.0"],
    "mapped.org": ["::ffff:127.0.0.1"],
    "nat64.org": ["64:ff9b::7f00:1"],
    "link.org": ["fe80::1%2"],
    "metadata.org": ["169.254.169.254"],
    "empty.org": [],
    "gone.org": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    "servfail.org": socket.gaierror(socket.EAI_AGAIN, "Temporary failure"),
    "fail.org": socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"),
    "nodata.org": socket.gaierror(-5, "No address associated with hostname"),
    "family.org": socket.gaierror(-9, "Address family not supported"),
    "odd.org": UnicodeError("label too long"),
}


def zone_lookup(questions: list[str] | None = None) -> Lookup:
    def lookup(name: str) -> Iterable[str]:
        if questions is not None:
            questions.append(name)
        found = ZONE[name]
        if isinstance(found, Exception):
            raise found
        return found

    return lookup


HOSTS = HostsFile.parse(
    "127.0.0.1:8000 shop.test\n[::1]:9 six.test\n192.168.0.10 lan.test good.org"
)


def resolve(url: str, questions: list[str] | None = None) -> list[tuple[str, int]]:
    target = parse_target(url)
    resolver = Resolver(HOSTS, lookup=zone_lookup(questions))
    try:
        return asyncio.run(resolver.resolve(target.host, target.port))
    finally:
        resolver.close()


TRICKS = {
    # literals, as inet_aton reads them
    "http://127.0.0.1/": Failure.PRIVATE_ADDRESS,
    "http://127.1/": Failure.PRIVATE_ADDRESS,
    "http://2130706433/": Failure.PRIVATE_ADDRESS,
    "http://0x7f000001/": Failure.PRIVATE_ADDRESS,
    "http://0x7f.1/": Failure.PRIVATE_ADDRESS,
    "http://0177.0.0.1/": Failure.PRIVATE_ADDRESS,
    "http://017700000001/": Failure.PRIVATE_ADDRESS,
    "http://127.0.0.1./": Failure.PRIVATE_ADDRESS,
    "http://0/": Failure.PRIVATE_ADDRESS,
    "http://10.0.0.5/": Failure.PRIVATE_ADDRESS,
    "http://0xa000005/": Failure.PRIVATE_ADDRESS,
    "http://012.0.0.5/": Failure.PRIVATE_ADDRESS,
    "http://10.5/": Failure.PRIVATE_ADDRESS,
    "http://0x/": Failure.PRIVATE_ADDRESS,
    "http://0xA9.0376.43518/": Failure.PRIVATE_ADDRESS,  # 169.254.169.254
    "http://4294967295/": Failure.PRIVATE_ADDRESS,
    "http://4294967296/": Failure.BAD_REDIRECT,
    "http://1.2.3.4.5/": Failure.BAD_REDIRECT,
    "http://256.256.256.256/": Failure.BAD_REDIRECT,
    "http://09.0.0.1/": Failure.BAD_REDIRECT,
    "http://167772165/": Failure.PRIVATE_ADDRESS,
    "http://169.254.169.254/latest/meta-data/": Failure.PRIVATE_ADDRESS,
    "http://\uff11\uff12\uff17.0.0.1/": Failure.PRIVATE_ADDRESS,  # full-width digits
    "http://\u2460\u2461\u2466.0.0.1/": Failure.PRIVATE_ADDRESS,  # circled digits
    "http://127\u30020\u30020\u30021/": Failure.PRIVATE_ADDRESS,  # ideographic full stops
    "http://[::1]/": Failure.PRIVATE_ADDRESS,
    "http://[::]/": Failure.PRIVATE_ADDRESS,
    "http://[::ffff:10.0.0.5]/": Failure.PRIVATE_ADDRESS,
    "http://[::ffff:a00:5]/": Failure.PRIVATE_ADDRESS,
    "http://[64:ff9b::a00:5]/": Failure.PRIVATE_ADDRESS,
    "http://[2002:a00:5::1]/": Failure.PRIVATE_ADDRESS,
    "http://[::127.0.0.1]/": Failure.PRIVATE_ADDRESS,
    "http://[0:0:0:0:0:ffff:7f00:0001]/": Failure.PRIVATE_ADDRESS,
    "http://[fd00::1]/": Failure.PRIVATE_ADDRESS,
    "http://[fe80::1]/": Failure.PRIVATE_ADDRESS,
    "http://[fe80::1%25eth0]/": Failure.BAD_REDIRECT,
    "http://[fe80::1%eth0]/": Failure.BAD_REDIRECT,
    "http://[::1]127.0.0.1/": Failure.BAD_REDIRECT,
    "http://[::ffff:127.1]/": Failure.BAD_REDIRECT,
    "http://[127.0.0.1]/": Failure.BAD_REDIRECT,
    "http://[::1": Failure.BAD_REDIRECT,
    "http://[v1.x]/": Failure.BAD_REDIRECT,
    "http://[::x]/": Failure.BAD_REDIRECT,
    # names
    "http://localhost/": Failure.PRIVATE_ADDRESS,
    "http://foo.LOCALHOST./": Failure.PRIVATE_ADDRESS,
    "http://inside.org/": Failure.PRIVATE_ADDRESS,
    "http://zero.org/": Failure.PRIVATE_ADDRESS,
    "http://mapped.org/": Failure.PRIVATE_ADDRESS,
    "http://nat64.org/": Failure.PRIVATE_ADDRESS,
    "http://link.org/": Failure.PRIVATE_ADDRESS,
    "http://metadata.org/": Failure.PRIVATE_ADDRESS,
    # a name of the hosts file does not open its address to others
    "http://127.0.0.1:8000/": Failure.PRIVATE_ADDRESS,
    "http://192.168.0.10/": Failure.PRIVATE_ADDRESS,
    # ports
    "http://93.184.216.34:22/": Failure.PRIVATE_ADDRESS,
    "http://twice.org:6379/": Failure.PRIVATE_ADDRESS,
    "http://twice.org:0/": Failure.PRIVATE_ADDRESS,
    "http://twice.org:99999/": Failure.BAD_REDIRECT,
    "http://twice.org:x/": Failure.BAD_REDIRECT,
    # user information and other disguises
    "http://twice.org@127.0.0.1/": Failure.BAD_REDIRECT,
    "http://a:b@twice.org/": Failure.BAD_REDIRECT,
    "http://127.0.0.1\\@twice.org/": Failure.PRIVATE_ADDRESS,
    "http://twice.org\\.inside.org/": None,
    "http://%31%32%37.0.0.1/": Failure.PRIVATE_ADDRESS,
    "http://%E2%91%A0%E2%91%A1%E2%91%A6.1/": Failure.PRIVATE_ADDRESS,  # escaped circled digits
    "http://twice.org\r\nX: 1/": Failure.BAD_REDIRECT,
    "http://tw\tice.org/": None,  # browsers drop it, too
    "http://127.0\t.0.1/": Failure.PRIVATE_ADDRESS,
    "http:127.0.0.1": Failure.PRIVATE_ADDRESS,
    "http:\\\\127.0.0.1\\x": Failure.PRIVATE_ADDRESS,
    "\x01http://127.0.0.1/": Failure.PRIVATE_ADDRESS,
    "http://twice.org%2f@127.0.0.1/": Failure.BAD_REDIRECT,
    "http://@127.0.0.1/": Failure.PRIVATE_ADDRESS,
    "http://twice.org%00.inside.org/": Failure.BAD_REDIRECT,
    "http://twice.org%0d%0aX/": Failure.BAD_REDIRECT,
    "http://twice.org%20/": Failure.BAD_REDIRECT,
    "http://twice.org:80:80/": Failure.BAD_REDIRECT,
    "http://twice.org:022/": Failure.PRIVATE_ADDRESS,
    "http://twice.org:-80/": Failure.BAD_REDIRECT,
    "http://twice.org:65616/": Failure.BAD_REDIRECT,  # 80 in 16 bits
    "http://twice.org#@127.0.0.1/": None,
    "http:///127.0.0.1/x": Failure.PRIVATE_ADDRESS,
    "http://" + "a" * 64 + ".org/": Failure.BAD_REDIRECT,
    "http://" + "a." * 127 + "org/": Failure.BAD_REDIRECT,
    "http://" + "\u00fc" * 5000 + ".org/": Failure.BAD_REDIRECT,
    "http://\u2488com.\u0000/": Failure.BAD_REDIRECT,
    "http://\ufffd.org/": Failure.BAD_REDIRECT,
    "file:///etc/passwd": Failure.REDIRECT_SCHEME,
    "ftp://twice.org/": Failure.REDIRECT_SCHEME,
    "javascript:alert(1)": Failure.REDIRECT_SCHEME,
    "gopher://twice.org/": Failure.REDIRECT_SCHEME,
    "//twice.org/": Failure.BAD_REDIRECT,
    # no such name; special-use names are never asked for (ZONE has none of them)
    "http://unlisted.test/": Failure.DNS_NXDOMAIN,
    "http://shop.example/": Failure.DNS_NXDOMAIN,
    "http://x.invalid/": Failure.DNS_NXDOMAIN,
    "http://printer.local/": Failure.DNS_NXDOMAIN,
    "http://expyuzz4wqqyqhjn.onion/": Failure.DNS_NXDOMAIN,
    "http://metadata.google.internal/": Failure.DNS_NXDOMAIN,
    "http://router.home.arpa/": Failure.DNS_NXDOMAIN,
    "http://gone.org/": Failure.DNS_NXDOMAIN,
    "http://odd.org/": Failure.DNS_NXDOMAIN,
    "http://servfail.org/": Failure.DNS_FAILURE,
    "http://fail.org/": Failure.DNS_FAILURE,
    "http://nodata.org/": Failure.DNS_NO_ADDRESS,
    "http://family.org/": Failure.DNS_NO_ADDRESS,
    "http://empty.org/": Failure.DNS_NO_ADDRESS,
}


@pytest.mark.parametrize("url", TRICKS)
def test_a_trick_is_refused_with_its_reason(url: str) -> None:
    expected = TRICKS[url]
    if expected is None:
        assert resolve(url) == [("93.184.216.34", 80)]
        return
    with pytest.raises(Failed) as refused:
        resolve(url)
    assert refused.value.failure is expected
    assert len(refused.value.detail) < 400


ALLOWED = {
    "http://twice.org/": [("93.184.216.34", 80)],
    "https://twice.org./": [("93.184.216.34", 443)],
    "https://TWICE.org:8443/": [("93.184.216.34", 8443)],
    "http://1572395042/": [("93.184.216.34", 80)],
    "http://[2606:4700::1111]:8080/": [("2606:4700::1111", 8080)],
    # private answers are dropped where a public one remains
    "http://mixed.org/": [("93.184.216.34", 80)],
    # families alternate, the system's first choice first
    "http://six.org/": [
        ("2606:4700::1111", 80),
        ("93.184.216.34", 80),
        ("2606:4700::2222", 80),
    ],
    # the hosts file: its address and port for both schemes, before DNS is asked
    "http://shop.test/": [("127.0.0.1", 8000)],
    "https://shop.test/": [("127.0.0.1", 8000)],
    "http://shop.test:9999/": [("127.0.0.1", 8000)],
    "http://six.test/": [("::1", 9)],
    "http://lan.test/": [("192.168.0.10", 80)],
    "https://lan.test/": [("192.168.0.10", 443)],
    "https://good.org/": [("192.168.0.10", 443)],
}


@pytest.mark.parametrize("url", ALLOWED)
def test_an_allowed_address_is_returned_as_a_literal_to_connect_to(url: str) -> None:
    assert resolve(url) == ALLOWED[url]


@pytest.mark.parametrize(
    "url", ["http://shop.test/", "http://127.0.0.1/", "http://x.test/", "http://localhost/"]
)
def test_no_name_server_is_asked_for_listed_literal_or_special_names(url: str) -> None:
    questions: list[str] = []
    with contextlib.suppress(Refused, Unresolved):
        resolve(url, questions)
    assert questions == []


def test_an_answer_is_asked_for_once_within_its_time_and_rebinding_changes_nothing() -> None:
    answers = iter((["93.184.216.34"], ["127.0.0.1"]))

    async def twice(ttl: float) -> list[list[tuple[str, int]]]:
        resolver = Resolver(lookup=lambda _name: next(answers), ttl=ttl)
        return [await resolver.resolve("rebind.org", 80) for _ in range(3)]

    assert asyncio.run(twice(60)) == [[("93.184.216.34", 80)]] * 3
    with pytest.raises(Refused):  # without the cache the second answer is guarded as the first
        asyncio.run(twice(0))


def test_the_cache_keeps_a_bounded_number_of_names() -> None:
    async def many() -> int:
        resolver = Resolver(lookup=lambda _name: ["93.184.216.34"])
        for number in range(4200):
            resolver._keep(f"n{number}.org", ["93.184.216.34"])
        await resolver.resolve("one-more.org", 80)
        return len(resolver._cache)

    assert asyncio.run(many()) == 4096


def test_silent_name_servers_do_not_delay_others_while_the_pool_is_large_enough() -> None:
    release = threading.Event()

    def lookup(name: str) -> list[str]:
        if name.startswith("silent"):
            release.wait(5)
        return ["93.184.216.34"]

    async def mixed() -> bool:
        resolver = Resolver(lookup=lookup, workers=16)
        silent = [asyncio.ensure_future(resolver.resolve(f"silent{n}.org", 80)) for n in range(15)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            await resolver.resolve("healthy.org", 80)
        waiting = not any(task.done() for task in silent)
        release.set()
        await asyncio.gather(*silent)
        resolver.close()
        return waiting

    assert asyncio.run(mixed())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("127.0.0.1", "hosts:1: 127.0.0.1 has no name"),
        ("\n# c\n300.0.0.1 a.test", "hosts:3: '300.0.0.1' does not appear"),
        ("127.0.0.1:0 a.test", "hosts:1: not a port"),
        ("127.0.0.1:65536 a.test", "hosts:1: not a port"),
        ("127.0.0.1:\u0661 a.test", "hosts:1: not a port"),
        ("127.0.0.1: a.test", "hosts:1: not a port"),
        ("[::1 a.test", "hosts:1: not an address"),
        ("[::1]80 a.test", "hosts:1: not an address"),
        ("a.test 127.0.0.1", "hosts:1: 'a.test' does not appear"),
        ("127.0.0.1 \u2028\ufffd", "hosts:"),
    ],
)
def test_a_bad_hosts_line_is_an_error_that_names_file_and_line(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="hosts:") as raised:
        HostsFile.parse(text)
    assert str(raised.value).startswith(problem)


def test_a_hosts_file_is_read_with_comments_mark_and_several_addresses(tmp_path) -> None:
    path = tmp_path / "hosts"
    path.write_text(
        "\ufeff# all\n127.0.0.1:80 A.test. b.test # c\n[::1] a.test\n::1 b\u00fccher.test\n",
        "utf-8",
    )
    hosts = HostsFile.read(path)
    assert hosts.addresses("a.test", 443) == [("127.0.0.1", 80), ("::1", 443)]
    assert hosts.addresses("xn--bcher-kva.test", 80) == [("::1", 80)]
    assert "b.test" in hosts
    assert "c.test" not in hosts


def test_the_system_is_asked_without_search_domains(monkeypatch) -> None:
    seen = []

    def getaddrinfo(name, port, **kwargs):
        seen.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert system_lookup("intranet") == ["93.184.216.34"]
    assert seen == ["intranet."]


URLS = st.text(max_size=60) | st.builds(
    "{}://{}{}".format, st.sampled_from(["http", "HTTPS"]), st.text(max_size=40), st.text()
)


LOCATIONS = st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode())


@given(URLS, LOCATIONS)
def test_any_address_becomes_a_sendable_target_or_a_failure(url: str, location: bytes) -> None:
    try:
        target = parse_target(url)
    except Failed:
        target = parse_target("http://good.org/a?b")
    with contextlib.suppress(Failed):
        target = target.follow(location)
    assert parse_target(target.url) == target
    sent = f"{target.path}{target.authority}"
    assert sent.isascii()
    assert sent.isprintable()
    assert " " not in sent


# A resolver that makes addresses up (wildcard DNS of a provider) -------------------------------


def invented(zone: dict[str, list[str]], *names: str) -> list[object]:
    """What each name comes to where every name that `zone` lacks gets 93.184.216.99."""

    async def go() -> list[object]:
        lookup = lambda name: zone.get(name, ["93.184.216.99"])  # noqa: E731
        resolver = Resolver(lookup=lookup, probes=["nobody-has-this.com"])
        asked = [resolver.resolve(name, 80) for name in names]
        found = await asyncio.gather(*asked, return_exceptions=True)
        resolver.close()
        return list(found)

    return asyncio.run(go())


def test_an_address_that_unknown_names_get_too_is_no_address(caplog):
    real, made_up = invented({"real.org": ["93.184.216.34"]}, "real.org", "made-up.org")
    assert real == [("93.184.216.34", 80)]
    assert isinstance(made_up, Unresolved)
    assert made_up.failure is Failure.DNS_NXDOMAIN
    assert "93.184.216.99" in made_up.detail
    assert "makes up addresses" in caplog.text


def test_a_resolver_that_says_nxdomain_is_believed(caplog):
    def lookup(name: str) -> list[str]:
        if name == "nobody-has-this.com":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ["93.184.216.34"]

    resolver = Resolver(lookup=lookup, probes=["nobody-has-this.com"])
    assert asyncio.run(resolver.resolve("real.org", 80)) == [("93.184.216.34", 80)]
    resolver.close()
    assert [record for record in caplog.records if record.name != "asyncio"] == []
