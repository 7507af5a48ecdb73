"""Every spelling of a host meets in one key; what is no public host is refused with a remedy."""

import re
import socket

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.hosts import HostError, normalise, registrable, suffix_list_date, twin

ACCEPTED = [
    ("example.org", "example.org"),
    ("EXAMPLE.Org", "example.org"),
    ("example.org.", "example.org"),
    ("  example.org\t", "example.org"),
    ("www.example.org", "www.example.org"),
    ("http://example.org", "example.org"),
    ("https://example.org", "example.org"),
    ("HTTPS://Example.ORG/", "example.org"),
    ("example.org/", "example.org"),
    ("example.org:443", "example.org"),
    ("http://example.org:80/", "example.org"),
    ("example.org:8080", "example.org:8080"),
    ("example.org.:8443", "example.org:8443"),
    ("example.org:65535", "example.org:65535"),
    ("münchen.de", "xn--mnchen-3ya.de"),
    ("MÜNCHEN.DE", "xn--mnchen-3ya.de"),
    ("mu\u0308nchen.de", "xn--mnchen-3ya.de"),
    ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ("XN--MNCHEN-3YA.DE", "xn--mnchen-3ya.de"),
    ("faß.de", "xn--fa-hia.de"),  # UTS 46 non-transitional: not fass.de
    ("ｅxample。org", "example.org"),  # full width letter, ideographic dot
    ("例え.jp", "xn--r8jz45g.jp"),
    ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
    ("paypаl.com", "xn--paypl-7ve.com"),  # Cyrillic a: another host, kept as itself
    ("hg--69.com", "hg--69.com"),
    ("r3---sn-4g5.example.com", "r3---sn-4g5.example.com"),
    ("my_site.example.org", "my_site.example.org"),
    ("_dmarc.example.org", "_dmarc.example.org"),
    ("-a.org", "-a.org"),
    ("a-.org", "a-.org"),
    ("☃.net", "xn--n3h.net"),
    ("💩.la", "xn--ls8h.la"),
    ("xn--ls8h.la", "xn--ls8h.la"),
    ("1und1.de", "1und1.de"),
    ("123.com", "123.com"),
    ("1.2.3.4.com", "1.2.3.4.com"),
    ("a" * 63 + ".com", "a" * 63 + ".com"),
    ("shop.artist.example", "shop.artist.example"),
]

REFUSED = [
    ("", "no host name"),
    ("   ", "no host name"),
    (":443", "no host name"),
    ("https://", "no host name"),
    (".", "empty part"),
    ("..", "empty part"),
    (".example.org", "empty part"),
    ("example..org", "empty part"),
    ("example.org..", "empty part"),
    ("example.org/robots.txt", "a path"),
    ("https://example.org/a/b", "a path"),
    ("//example.org", "a path"),
    ("https://example.org//", "a path"),
    ("https://example.org/?a=1", "a query"),
    ("example.org?", "a query"),
    ("example.org#top", "a fragment"),
    ("user@example.org", "a user name"),
    ("https://user:pw@example.org/", "a user name"),
    ("ftp://example.org", "not a web address"),
    ("file:///etc/passwd", "not a web address"),
    ("javascript:alert(1)", "port"),
    ("mailto:a@example.org", "a user name"),
    ("example.org:", "port"),
    ("example.org:0", "port"),
    ("example.org:65536", "port"),
    ("example.org:+80", "port"),
    ("example.org:٨٠", "port"),
    ("example.org:000080", "port"),
    ("*.example.org", "wildcard"),
    ("*", "wildcard"),
    ("127.0.0.1", "IP address"),
    ("127.0.0.1.", "IP address"),
    ("127.0.0.1:8080", "IP address"),
    ("http://127.1/", "IP address"),
    ("2130706433", "IP address"),
    ("0x7f000001", "IP address"),
    ("0x7F.1", "IP address"),
    ("0177.0.0.1", "IP address"),
    ("１２７.0.0.1", "IP address"),
    ("127。0。0。1", "IP address"),
    ("1.2.3.0x", "IP address"),
    ("example.123", "IP address"),
    ("[::1]", "IPv6"),
    ("https://[::1]:8080/", "IPv6"),
    ("::1", "IPv6"),
    ("::ffff:127.0.0.1", "IPv6"),
    ("[::ffff:7f00:1]", "IPv6"),
    ("localhost", "localhost"),
    ("LOCALHOST.", "localhost"),
    ("foo.localhost", "localhost"),
    ("intranet", "single word"),
    ("com", "single word"),
    ("a b.org", "a character"),
    ("a,b.org", "a character"),
    ("a%2e.org", "a character"),
    ("a\\b.org", "a character"),
    ("a\x00.org", "a character"),
    ("a\x7f.org", "a character"),
    ("a" * 64 + ".org", "63 bytes"),
    ("a." * 127 + "org", "253 bytes"),
    ("a" * 1_000_000, "253 bytes"),
    ("ü" * 1_000_000, "253 bytes"),
    ("ü." * 60 + "ü" * 30 + ".org", "253 bytes in its ASCII form"),
    ("a\u200bb.org", "U\\+200B"),
    ("a\u200db.org", "U\\+200D"),
    ("a\u00adb.org", "U\\+00AD"),
    ("\ufeffexample.org", "U\\+FEFF"),
    ("a\u202eb.org", "U\\+202E"),
    ("a\u2066b.org", "U\\+2066"),
    ("a\u0085b.org", "U\\+0085"),
    ("\ud800.org", "U\\+D800"),
    ("xn--0.org", "international name"),
    ("xn--.org", "international name"),
    ("1א.com", "international name"),  # RFC 5893 section 2, rule 1
    ("a⒈.org", "international name"),
    ("ü" * 63 + ".org", "63 bytes"),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED)
def test_spellings_of_a_host_meet_in_one_ascii_key(text: str, expected: str) -> None:
    assert normalise(text).ascii == expected


@pytest.mark.parametrize(("text", "problem"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_what_is_no_public_host_is_refused(text: str, problem: str) -> None:
    with pytest.raises(HostError, match=problem):
        normalise(text)


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("XN--MNCHEN-3YA.de:8080", "münchen.de:8080"),
        ("пример.рф", "пример.рф"),
        ("Example.org", "example.org"),
    ],
)
def test_display_form_shows_the_letters_people_know(text: str, display: str) -> None:
    assert normalise(text).display == display


HOSTLIKE = st.text(st.sampled_from("aZ09-._:/@?#[]*xn üß。א１\u200d\ud800"), max_size=40)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=80), HOSTLIKE, HOSTLIKE.map("xn--{}.org".format)))
@example("xn--a-ecp.ru")
def test_any_text_gives_a_host_or_a_host_error(text: str) -> None:
    try:
        host = normalise(text)
    except HostError:
        return
    assert re.fullmatch(r"[a-z0-9_.-]+(:[0-9]+)?", host.ascii)
    assert len(host.ascii.partition(":")[0]) <= 253
    assert normalise(host.ascii) == host
    assert isinstance(registrable(host.ascii), tuple)


@pytest.mark.parametrize(
    ("host", "public", "private"),
    [
        ("www.example.org", "example.org", "example.org"),
        ("example.org:8080", "example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk", "example.co.uk"),
        ("me.github.io", "github.io", "me.github.io"),
        ("github.io", "github.io", None),
        ("co.uk", None, None),
        ("www.ck", "www.ck", "www.ck"),  # an exception rule of the list
        ("a.b.foo.ck", "b.foo.ck", "b.foo.ck"),  # a wildcard rule
        ("www.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("shop.artist.example", "artist.example", "artist.example"),  # RFC 2606
        ("a.b.test", "b.test", "b.test"),
        ("a.b.invalid", "b.invalid", "b.invalid"),
        ("a.b.no-such-suffix", "b.no-such-suffix", "b.no-such-suffix"),
    ],
)
def test_registrable_domains_under_both_sets_of_rules(
    host: str, public: str | None, private: str | None
) -> None:
    assert registrable(host) == (public, private)


def test_suffix_list_is_bundled_dated_and_needs_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the suffix list went to the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    registrable.cache_clear()
    assert registrable("a.b.example.com") == ("example.com", "example.com")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", suffix_list_date())


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("site.example", "www.site.example"),
        ("www.site.example", "site.example"),
        ("site.co.uk", "www.site.co.uk"),
        ("shop.site.example", None),
        ("www.shop.site.example", None),
        ("co.uk", None),
        ("site.example:8080", None),
    ],
)
def test_the_other_name_of_a_site(host, other):
    assert twin(host) == other
