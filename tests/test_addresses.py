"""Addresses are resolved as the URL Standard says, whatever a page or a header writes."""

import shutil

import pytest

from crawler.addresses import document_base, host_of, origin_of, resolve, web_address
from tests.addresses_against_node import differing

BASE = "http://a.example/d/e?q#f"
RESOLVED = {
    # RFC 3986 section 5.4, as the URL Standard has them
    "": "http://a.example/d/e?q",
    "g": "http://a.example/d/g",
    "./g/.": "http://a.example/d/g/",
    "../../../g": "http://a.example/g",
    "?y": "http://a.example/d/e?y",
    "#s": "http://a.example/d/e?q#s",
    "g;x=1/../y": "http://a.example/d/y",
    # no authority, and backslashes: "special authority ignore slashes state"
    "///b.example/x": "http://b.example/x",
    "http:///b.example/x": "http://b.example/x",
    "https:b.example": "https://b.example/",
    "http:g": "http://a.example/d/g",
    "\\\\b.example\\x": "http://b.example/x",
    "/\\b.example": "http://b.example/",
    "http:\\/\\/b.example\\/x": "http://b.example//x",
    # dot segments where a scheme or an authority stands, and escaped ones
    "http://b.example/x/../y": "http://b.example/y",
    "//b.example/./y": "http://b.example/y",
    "/x/%2e%2E/y": "http://a.example/y",
    "//b.example//x//../y": "http://b.example//x/y",
    # hosts
    "//%62.Example:80": "http://b.example/",
    "//b%C3%BCcher.example": "http://xn--bcher-kva.example/",
    "//a_b-.example": "http://a_b-.example/",
    "//\u2603.example": "http://xn--n3h.example/",
    "//0x7f.1": "http://127.0.0.1/",
    "//[::FFFF:7f00:1]": "http://[::ffff:7f00:1]/",
    # what no URI may hold
    '/{1}/"v"/<y>/`/^/|': "http://a.example/%7B1%7D/%22v%22/%3Cy%3E/%60/%5E/|",
    "?{1}\"v'<y>|": "http://a.example/d/e?{1}%22v%27%3Cy%3E|",
    " /a b\t\n": "http://a.example/a%20b",
    "/\u00fc%zz": "http://a.example/%C3%BC%zz",
    "//login?return=http://a/": "http://login/?return=http://a/",
    "mailto:me": "mailto:me",
}
REFUSED = ("http://[", "//b.example:x", "//b.example:65536", "//b%00.example", "//b c.example")
REFUSED += (
    "//256.1.1.1",
    "//[fe80::1%25eth0]",
    "http://",
    "//b<.example",
    "//\u00a0\ufffd.example",
)


@pytest.mark.parametrize("reference", RESOLVED, ids=ascii)
def test_a_reference_leads_where_the_standard_says(reference: str) -> None:
    assert resolve(reference, BASE) == RESOLVED[reference]
    assert resolve(RESOLVED[reference]) == RESOLVED[reference]


@pytest.mark.parametrize("reference", REFUSED, ids=ascii)
def test_what_is_no_address_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="Invalid"):
        resolve(reference, BASE)
    assert web_address(reference, BASE) is None


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/x#f", "http://a.example/x"),
        ("HTTPS://b.example", "https://b.example/"),
        ("mailto:me", None),
        ("javascript:x", None),
        ("//b.example:0/", None),
        ("/\ud800", None),  # no text that UTF-8 can hold
    ],
)
def test_only_what_can_be_asked_for_is_a_web_address(reference: str, url: str | None) -> None:
    assert web_address(reference, BASE) == url


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://User@WWW.B.Example:8443/x", "www.b.example"),
        ("http:\\\\b\u00fccher.example", "xn--bcher-kva.example"),
        ("https:///%62.example", "b.example"),
        ("mailto:me@b.example", ""),
        ("/path", ""),
        ("http://[", ""),
    ],
)
def test_a_host_is_read_as_browsers_read_it(address: str, host: str) -> None:
    assert host_of(address) == host


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://a.example:8443/x?y://z/") == "https://a.example:8443"


@pytest.mark.parametrize(
    ("href", "base"),
    [
        (None, "http://a.example/d/e?q#f"),
        ("/x/", "http://a.example/x/"),
        ("//b.example", "http://b.example/"),
        ("http://[", "http://a.example/d/e?q#f"),
        ("data:,x", "http://a.example/d/e?q#f"),
        (" JavaScript:x", "http://a.example/d/e?q#f"),
    ],
)
def test_a_base_that_says_nothing_leaves_the_address_of_the_page(
    href: str | None, base: str
) -> None:
    assert resolve("#s", document_base(BASE, href)) == resolve("#s", base)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
def test_a_second_implementation_comes_to_the_same() -> None:
    assert differing(3000, seed=1) == []
