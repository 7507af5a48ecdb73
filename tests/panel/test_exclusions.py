"""The do-not-survey list: what an entry covers, how a list is read, that nothing gets past it."""

import asyncio
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.address_guard import HostsFile, Refused, Resolver
from crawler.fetch.urls import parse_target
from crawler.model import Failure
from crawler.panel.exclusions import DoNotSurvey, Exclusion, ExclusionError, normal, read

LINES = """\
\ufeff# who asked us out
shop.example   2026-11-01 by mail, ticket 12  # her own words are filed
.press.example 2026-11-02 a publisher
*.b\u00fccher.example 2026-11-02 a publisher

192.0.2.0/24   2026-11-03 a hoster
93.184.216.34  2026-11-03 a server
2606:4700::/32 2026-11-04 a network
"""
TOML = """\
[[exclude]]
entry = "shop.example"
since = 2026-11-01
reason = "by mail"
[[exclude]]
entry = "192.0.2.0/24"
since = "2026-11-03"
reason = "a hoster"
"""


@pytest.fixture
def listed(tmp_path) -> DoNotSurvey:
    path = tmp_path / "not.txt"
    path.write_text(LINES, "utf-8")
    return DoNotSurvey(path)


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("shop.example", "shop.example"),
        ("shop.example:8080", "shop.example"),
        ("www.shop.example", None),
        ("myshop.example", None),
        ("press.example", ".press.example"),
        ("deep.www.press.example", ".press.example"),
        ("cypress.example", None),
        ("www.xn--bcher-kva.example", ".xn--bcher-kva.example"),
        ("example", None),
        ("", None),
    ],
)
def test_a_name_falls_under_its_entry(listed, host, entry):
    found = listed.host(host)
    assert (found and found.entry) == entry


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.3.1", None),
        ("93.184.216.34", "93.184.216.34/32"),
        ("93.184.216.35", None),
        ("2606:4700::1111", "2606:4700::/32"),
        ("2606:4701::1", None),
        ("::ffff:192.0.2.1", "192.0.2.0/24"),
        ("2002:c000:0201::1", "192.0.2.0/24"),
        ("2002:0808:0808::1", None),
    ],
)
def test_an_address_falls_under_its_network(listed, address, entry):
    found = listed.address(address)
    assert (found and found.entry) == entry
    assert entry is None or listed.named(entry) == found


def test_an_entry_is_known_by_its_text_with_day_and_reason(listed):
    assert listed.named("shop.example") == Exclusion(
        "shop.example", "2026-11-01", "by mail, ticket 12"
    )
    assert listed.named("other.example") is None


def test_a_list_may_be_toml(tmp_path):
    path = tmp_path / "not.toml"
    path.write_text(TOML)
    assert read(path) == (
        Exclusion("shop.example", "2026-11-01", "by mail"),
        Exclusion("192.0.2.0/24", "2026-11-03", "a hoster"),
    )
    path.write_text("")
    assert read(path) == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a", b"shop.example", "a:1: write entry, date and reason"),
        ("a", b"\nshop.example 2026-11-01", "a:2: write entry, date and reason"),
        ("a", b"shop.example yesterday asked", "a:1: shop.example yesterday: Invalid"),
        ("a", b"192.0.2.1/24 2026-11-01 asked", "has host bits set"),
        ("a", b"http://x.example/page 2026-11-01 asked", "a:1:"),
        ("a", b"localhost 2026-11-01 asked", "localhost is this machine"),
        ("a", b"\xff\xfe", "not UTF-8"),
        ("a.toml", b"[[exclude", "a.toml:"),
        ("a.toml", b"[[include]]\n", "only tables"),
        ("a.toml", b"exclude = 1\n", "only tables"),
        ("a.toml", b"exclude = [1]\n", "entry 1: entry, since and reason"),
        ("a.toml", b'[[exclude]]\nentry = "x.example"\n', "entry 1: entry, since and reason"),
        ("a.toml", b'[[exclude]]\nentry="a.example"\nsince="x"\nreason="y"\n', "entry 1: a.ex"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_why(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ExclusionError, match=words):
        DoNotSurvey(path)


def test_a_list_that_is_not_there_is_no_empty_list(tmp_path):
    with pytest.raises(ExclusionError, match="No such file"):
        DoNotSurvey(tmp_path / "none")
    with pytest.raises(ExclusionError, match="Is a directory"):
        read(tmp_path)


def test_a_changed_file_is_taken_over_and_a_broken_one_leaves_the_old_list(tmp_path):
    path = tmp_path / "not"
    path.write_text("a.example 2026-11-01 asked\n")
    standing = Exclusion("gone.example", "2026-01-01", "forgotten")
    listed = DoNotSurvey(path, [standing])
    listed.refresh()
    assert listed.host("a.example")
    path.write_text("bb.example 2026-11-02 asked\n")
    listed.refresh()
    assert listed.host("a.example") is None
    assert listed.host("bb.example")
    assert listed.host("gone.example") == standing
    path.write_text("broken\n")
    with pytest.raises(ExclusionError):
        listed.refresh()
    assert listed.host("bb.example")
    path.unlink()
    with pytest.raises(ExclusionError):
        listed.refresh()
    path.write_text("bb.example 2026-11-02 asked\n")
    os.utime(path, ns=(1, 1))
    listed.refresh()
    assert listed.host("bb.example")


@given(st.text(max_size=60))
def test_any_entry_is_normal_or_refused_and_normal_ones_stay(entry):
    try:
        once = normal(entry)
    except ValueError:
        return
    assert normal(once) == once


# In the guard ------------------------------------------------------------------------------------

ZONE = {
    "www.good.org": ["8.8.8.8"],
    "in-network.org": ["192.0.2.9", "93.184.216.34"],
    "one-of-two.org": ["8.8.4.4", "93.184.216.34"],
    "six.org": ["2606:4700::1"],
    "link.org": ["fe80::1%2", "8.8.8.8"],
}
EXCLUDED = {
    "http://shop.example/": "shop.example",
    "https://SHOP.example.:8443/x": "shop.example",
    "http://a.press.example/": ".press.example",
    "http://b\u00fccher.example/": ".xn--bcher-kva.example",
    "http://listed.test/": "192.0.2.0/24",
    "http://www.press.example:22/": ".press.example",
    "http://in-network.org/": "192.0.2.0/24",
    "http://one-of-two.org/": "93.184.216.34/32",
    "http://six.org/": "2606:4700::/32",
    "http://93.184.216.34/": "93.184.216.34/32",
    "http://1572395042/": "93.184.216.34/32",
    "http://0x5db8d822/": "93.184.216.34/32",
    "http://[::ffff:93.184.216.34]/": "93.184.216.34/32",
}


def resolve(listed: DoNotSurvey, url: str, questions: list[str]) -> list[tuple[str, int]]:
    def lookup(name):
        questions.append(name)
        return ZONE[name]

    hosts = HostsFile.parse("192.0.2.1:80 listed.test\n127.0.0.1:80 a.press.example")
    resolver = Resolver(hosts, lookup=lookup, excluded=listed)
    target = parse_target(url)
    try:
        return asyncio.run(resolver.resolve(target.host, target.port))
    finally:
        resolver.close()


@pytest.mark.parametrize("url", EXCLUDED)
def test_the_list_wins_over_hosts_file_literal_and_name_server(listed, url):
    questions: list[str] = []
    with pytest.raises(Refused) as refused:
        resolve(listed, url, questions)
    assert (refused.value.failure, refused.value.detail) == (Failure.EXCLUDED, EXCLUDED[url])
    named = listed.host(parse_target(url).host)
    assert not (named and questions)  # a name on the list is not even looked up


def test_others_are_resolved_as_before(listed):
    assert resolve(listed, "http://www.good.org/", []) == [("8.8.8.8", 80)]
    assert resolve(listed, "http://link.org/", []) == [("8.8.8.8", 80)]
