"""References: whatever is joined by the short way comes out as `urljoin` has it (RFC 3986 5.2)."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.html.references import Base

ADDRESSES = (
    "http://x.example/",
    "https://x.example",
    "https://x.example:8443/a/b?c",
    "http://X.example/a/",
    "http://u@x.example/",
    "https://x.example?q",
    "https://x.example/a;b/c#f",
)
PIECES = st.sampled_from(
    [
        "/",
        "//",
        "a",
        "b.c",
        ".",
        "..",
        "?",
        "=",
        "&",
        "#",
        ";",
        "%20",
        "~",
        "-",
        "_",
        ":",
        "80",
        " ",
    ]
    + ["http://", "https://", "HTTP://", "mailto:", "x.example", "@", "[", "ü"]
)


def outcome(join, *arguments):
    try:
        return join(*arguments)
    except ValueError:
        return ValueError


@given(st.sampled_from(ADDRESSES), st.lists(PIECES, max_size=9).map("".join))
def test_every_reference_is_joined_as_by_the_library(address, reference):
    expected = outcome(urljoin, address, reference)
    assert outcome(Base(address).join, reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "address"),
    [
        ("", "/a/b", "https://x.example/a/b"),
        ("", "c", "https://x.example/d/c"),
        ("/e/", "c", "https://x.example/e/c"),
        ("https://y.example/", "/a", "https://y.example/a"),
        ("mailto:me", "/a", "/a"),
        ("", "http://y.example/a?b=c", "http://y.example/a?b=c"),
        ("", "http://y.example", "http://y.example"),
        ("", "../c", "https://x.example/c"),
    ],
)
def test_what_the_page_states_as_its_base_counts(base, reference, address):
    assert Base("https://x.example/d/page", base).join(reference) == address


def test_a_base_that_is_no_address_is_refused():
    with pytest.raises(ValueError, match="Invalid IPv6"):
        Base("https://x.example/", "http://[")
