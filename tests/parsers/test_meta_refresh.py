"""WHATWG HTML, shared declarative refresh steps, read by the numbers of its steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.meta_refresh import MAX_SECONDS, Refresh, parse_refresh


@pytest.mark.parametrize(
    ("value", "seconds", "url"),
    [
        # Examples 1 and 2 of the section "Refresh state": a page every 300 s, a slide after 20 s.
        ("300", 300, None),
        ("20; URL=page4.html", 20, "page4.html"),
        # Steps 3 to 7: blanks before the time; no time but a dot is 0.
        ("\t\n\f\r 7", 7, None),
        (".", 0, None),
        (".5;url=/a", 0, "/a"),
        ("007", 7, None),
        ("0" * 5000 + "1", 1, None),
        ("1" + "0" * 9, MAX_SECONDS, None),
        ("9" * 5000, MAX_SECONDS, None),
        # Step 8: digits and dots behind the time say nothing.
        ("1.9.9;/a", 1, "/a"),
        # Step 10: `;`, `,` or a blank, once, with blanks around.
        ("5;/a", 5, "/a"),
        ("5,/a", 5, "/a"),
        ("5 /a", 5, "/a"),
        ("5 \t; \n/a", 5, "/a"),
        ("5;;/a", 5, ";/a"),
        ("5;", 5, None),
        ("5 , ", 5, None),
        # Steps 11.2 to 11.7: `url` in any case and `=`, blanks between.
        ("0;uRl=/a", 0, "/a"),
        ("0; url \t= \n/a", 0, "/a"),
        ("0;url=", 0, ""),
        ("0;url==/a", 0, "=/a"),
        # Else what begins with `u` is the address, and its quotes are part of it.
        ("0;u", 0, "u"),
        ("0;up/a", 0, "up/a"),
        ("0;ur'/a", 0, "ur'/a"),
        ("0;url", 0, "url"),
        ("0;url/a", 0, "url/a"),
        ("0;url '/a'", 0, "url '/a'"),
        # Steps 11.8 to 11.10: quotes, to the end of the value if not closed.
        ("0;url='/a'", 0, "/a"),
        ('0;url="/a" rest', 0, "/a"),
        ("0;'/a'", 0, "/a"),
        ("0;url='/a\"b", 0, '/a"b'),
        ("0;url=''", 0, ""),
        ("0;'", 0, ""),
        ("0;url='url=/a'", 0, "url=/a"),
        ("0;url=/a\n/b", 0, "/a\n/b"),
    ],
)  # fmt: skip
def test_a_value_is_read_step_by_step(value, seconds, url):
    assert parse_refresh(value) == Refresh(seconds, url)


@pytest.mark.parametrize(
    "value",
    [
        # Step 6: neither digit nor dot; "past the end" is no dot.
        "", " ", "soon", "-1;url=/a", "+5", ";url=/a", "url=/a", "\u00a05", "\u0665", "\u00b2",
        # Step 10.1: something else behind the time.
        "5s", "5:url=/a", "5/a", "1.5e3", "5\v/a", "5\u00a0;/a",
    ],
)  # fmt: skip
def test_a_value_that_browsers_ignore_is_none(value):
    assert parse_refresh(value) is None


@given(st.text(st.sampled_from("0195. ;,\t\nuUrRlL='\"/a\u0665\ud800")) | st.text())
def test_it_never_raises_and_finds_nothing_that_is_not_there(value):
    found = parse_refresh(value)
    if found is not None:
        assert 0 <= found.seconds <= MAX_SECONDS
        assert found.url is None or found.url in value


@given(st.integers(0, MAX_SECONDS), st.text().filter(lambda url: '"' not in url))
def test_what_is_written_properly_comes_back(seconds, url):
    assert parse_refresh(f'{seconds}; url="{url}"') == Refresh(seconds, url)
