"""How many of its own links a site lets an agent fetch."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judge.reach import MAX_LINKS, Reach, own_links, reach
from crawler.model import Capture, Failure

SITE = "https://site.example"
HTML = ((b"Content-Type", b"text/html"),)


def home(body: str, url: str = f"{SITE}/", **more) -> Capture:
    given = {"status": 200, "headers": HTML, "body": body.encode()} | more
    return Capture("/", url, url, **given)


def rules(body: bytes, **more) -> Capture:
    return Capture("/robots.txt", SITE, SITE, **{"status": 200, "body": body} | more)


PAGE = '<a href="/art/1">1</a> <a href="/art/2?x=1#y">2</a> <a href="/shop">3</a> <a href="/">4</a>'


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"User-agent: *\nDisallow: /art/\n", {"*": 1}),
        (b"User-agent: GPTBot\nDisallow: /\nAllow: /shop\n", {"GPTBot": 1}),
        (b"User-agent: *\nDisallow: /x\n\nUser-agent: GPTBot\nDisallow: /art/1\n",
         {"*": 3, "GPTBot": 2}),
        # All or nothing needs no links: the extent says it.
        (b"User-agent: *\nDisallow: /\n", {}),
        (b"", {}),
        # Nobody of the panels: the answer for `*` is not theirs.
        (b"User-agent: elsewhere\nDisallow: /art/\n", {}),
    ],
)  # fmt: skip
def test_links_an_agent_may_fetch(body, allowed):
    assert reach([rules(body), home(PAGE)]) == Reach(3, allowed)


def test_without_a_file_everything_may_be_fetched():
    assert reach([rules(b"User-agent: *\nDisallow: /art/", status=404), home(PAGE)]) == Reach(3, {})


@pytest.mark.parametrize(
    "captures",
    [
        [rules(b"")],
        [home(PAGE)],
        [rules(b"", status=503), home(PAGE)],
        [rules(b""), home(PAGE, status=403)],
        [rules(b""), home("%PDF-1.7", headers=((b"Content-Type", b"application/pdf"),))],
        [rules(b""), home(PAGE, status=None, failure=Failure.TIMEOUT_TOTAL)],
    ],
)
def test_what_was_not_read_has_no_links(captures):
    assert reach(captures) is None


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/a", "/a"),
        ("b?c", "/b?c"),
        (f"{SITE.upper()}/D", "/D"),
        ("//site.example/e", "/e"),
        ("https://other.example/f", None),
        ("mailto:a@site.example", None),
        ("#top", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_only_links_of_the_site_itself_count(href, path):
    assert own_links(home(f'<a href="{href}">x</a>')) == ((path,) if path else ())


def test_a_base_element_moves_relative_links():
    page = (
        '<base href="https://cdn.example/"><a href="a">x</a><a href="https://site.example/b">y</a>'
    )
    assert own_links(home(page)) == ("/b",)
    assert own_links(home('<base href="http://[">' + '<a href="/a">x</a>')) == ("/a",)


def test_links_are_bounded():
    page = "".join(f'<a href="/{n}">x</a>' for n in range(MAX_LINKS + 9))
    assert len(own_links(home(page))) == MAX_LINKS


@given(st.binary(max_size=200))
def test_no_page_raises(body):
    found = reach([rules(body), replace(home(""), body=body)])
    assert found is not None
    assert all(count <= found.links for count in found.allowed.values())


def test_a_page_without_an_address_has_no_links_of_its_own():
    assert own_links(home("<a href=/a>x</a>", "http://[")) == ()


def test_own_links_are_compared_as_browsers_ask_for_them():
    page = "<a href='/x/../a b'>x</a><a href='//%73ite.example:443//c'>y</a><a href='?'>z</a>"
    assert own_links(home(page, "https://site.example/")) == ("/a%20b", "//c", "/?")
