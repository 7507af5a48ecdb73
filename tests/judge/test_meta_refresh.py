"""Where a home page sends the browser: recorded with its words, never followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judge.meta_refresh import MAX_URL, SentOn, sent_on
from crawler.judge.verdicts import judge_visit, stopped_visit
from crawler.model import Capture
from crawler.store import facts
from crawler.store.database import writing
from crawler.store.forget import forget
from crawler.wave import rejudge
from tests.store.test_facts import make_panel, visit, wave_of

PAGE = "https://a.site.example/dir/"
HTML = (b"Content-Type", b"text/html; charset=utf-8")


def home(body="", *headers, **more):
    fields = {"url": PAGE, "final_url": PAGE, "status": 200, "headers": (HTML, *headers)}
    return Capture("/", body=body.encode("utf-8", "replace"), **fields | more)


def meta(content, equiv="refresh"):
    return f"<meta http-equiv={equiv} content='{content}'>"


def there(*captures):
    found = sent_on(captures)
    return found and (found.seconds, found.to, found.other_domain)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("300", (300, PAGE, False)),
        ("0;url=next", (0, PAGE + "next", False)),
        ("0;url=", (0, PAGE, False)),
        ("5; //B.Example/x", (5, "https://b.example/x", True)),
        ("0;url=https://site.example/", (0, "https://site.example/", False)),
        ("0;url=http://b.site.example:8080/", (0, "http://b.site.example:8080/", False)),
        # Suffixes of the private section part two domains.
        ("0;url=https://me.github.io/", (0, "https://me.github.io/", True)),
        ("0;url=http://192.0.2.1/", (0, "http://192.0.2.1/", True)),
        ("0;url=  /a ", (0, "https://a.site.example/a", False)),
        # Addresses without a host.
        ("0;url=about:blank", (0, "about:blank", None)),
        ("0;url=mailto:us@site.example", (0, "mailto:us@site.example", None)),
    ],
)
def test_the_address_is_whole_and_its_domain_is_compared(content, expected):
    assert there(home(meta(content))) == expected


def test_an_international_name_is_the_same_in_both_spellings():
    own = "https://xn--mnchen-3ya.example/"
    page = home(meta("0;url=https://www.m\u00fcnchen.example/"), url=own, final_url=own)
    assert there(page) == (0, "https://www.xn--mnchen-3ya.example/", False)


@pytest.mark.parametrize(
    "body",
    [
        "<p>stays",
        meta("soon"),
        "<meta http-equiv=refresh>",
        meta("0;url=/a", equiv="refresh-x"),
        meta("0;url=JavaScript:alert(1)"),
        meta("0;url=java\tscript:alert(1)"),
        meta("0;url=http://["),
        meta("0;url=/" + "x" * MAX_URL),
        f"<noscript>{meta('0;url=/a')}</noscript>",
        f"<template>{meta('0;url=/a')}</template>",
        f"<!--{meta('0;url=/a')}-->",
    ],
)
def test_a_page_that_browsers_do_not_leave_is_none(body):
    assert there(home(body)) is None


def test_the_first_that_is_obeyed_counts():
    body = meta("later;url=/0") + meta("1;url=/1", equiv="REFRESH") + meta("0;url=/2")
    assert there(home(body)) == (1, "https://a.site.example/1", False)


def test_it_counts_in_the_body_too():
    assert there(home("<body><p>Moved" + meta("0"))) == (0, PAGE, False)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://cdn.example/x/", (0, "https://cdn.example/x/y", True)),
        ("/x/", (0, "https://a.site.example/x/y", False)),
        ("http://[", (0, PAGE + "y", False)),
    ],
)
def test_relative_addresses_go_by_the_base_of_the_page(base, expected):
    assert there(home(f"<base href='{base}'>" + meta("0;url=y"))) == expected


def test_the_header_field_comes_first_and_knows_no_base():
    body = "<base href=https://cdn.example/>" + meta("0;url=/meta")
    page = home(body, (b"Refresh", b"3;url=/field"))
    assert sent_on([page]) == SentOn(
        0, 3, "https://a.site.example/field", False, "refresh: 3;url=/field", None
    )
    text = home("<meta http-equiv=refresh content=0>", (b"refresh", b"3"))
    plain = home("words", (b"refresh", b"3"), headers=((b"refresh", b"3"),))
    assert there(text) == there(plain) == (3, PAGE, False)


def test_two_header_fields_are_one_value():
    fields = [(b"Refresh", b"3"), (b"Refresh", b"url=/x")]
    assert there(home("", *fields)) == (3, "https://a.site.example/x", False)


def test_the_words_and_their_place_are_kept():
    page = home("<html>\n" + meta("0;url=/next"))
    assert sent_on([Capture("/robots.txt", PAGE, PAGE), page]) == SentOn(
        1, 0, "https://a.site.example/next", False, meta("0;url=/next"), 2
    )


@pytest.mark.parametrize(
    "captures",
    [
        (),
        (home(meta("0;url=/a"), superseded=True),),
        (home(meta("0;url=/a"), status=404),),
        (home(meta("0;url=/a"), status=403),),
        (home(meta("0;url=/a"), coding_error=True),),
        (home("words " + meta("0;url=/a"), headers=((b"Content-Type", b"text/plain"),)),),
        (Capture("/ai.txt", PAGE, PAGE, status=200, headers=(HTML,), body=b"<p>"),),
    ],
)
def test_only_a_home_page_that_was_read_sends_on(captures):
    assert sent_on(captures) is None


def test_a_judged_visit_has_it_and_one_that_was_stopped_has_not():
    page = home(meta("0;url=//b.example/"))
    found = judge_visit([page]).refresh
    assert found is not None
    assert found.other_domain is True
    assert stopped_visit([page], "time").refresh is None


@given(
    st.text(st.sampled_from("0;,url='\"/.:[]@#? \tjavascript")) | st.text(),
    st.text(st.sampled_from("htps:/[].x")),
)
def test_whatever_a_page_says_it_never_raises_and_is_bounded(content, base):
    value = content.encode("utf-8", "replace")
    page = home(f'<base href="{base}">' + meta(content), (b"Refresh", value))
    found = sent_on([page])
    assert found is None or (len(found.to) <= 300 and len(found.quote) <= 300)


def test_it_is_stored_shown_and_forgotten(tmp_path):
    path = tmp_path / "survey.db"
    rules = Capture("/robots.txt", PAGE, PAGE, status=200, body=b"User-agent: *\nDisallow:\n")
    page = home("<html>\n" + meta("3;url=https://b.example/"))
    with writing(path) as connection:
        wave = wave_of(connection, make_panel(tmp_path, "a.example", "c.example"))
        facts.put_visits(
            connection, wave, [visit("a.example", rules, page), visit("c.example", rules, home())]
        )
    for _ in range(2):  # judging again puts it in the place of the first
        rejudge.judge_wave(path, "w")
    with writing(path) as connection:
        shown = "SELECT host, final_url, seconds, sent_to, other_domain, line FROM v_refreshes"
        assert connection.execute(shown).fetchall() == [
            ("a.example", PAGE, 3, "https://b.example/", 1, 2)
        ]
        forget(connection, "a.example", "asked")
        assert connection.execute("SELECT * FROM refreshes").fetchall() == []
