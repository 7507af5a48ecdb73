"""Our own right to fetch, by RFC 9309 and our own product token."""

import pytest

from crawler.model import Capture, Failure
from crawler.parsers.robots import syntax as parser
from crawler.visit.access import OwnAccess, crawl_delay

URL = "https://site.example/robots.txt"
RULES = b"User-agent: OptOutObservatory\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"


def robots(status=200, body=RULES, failure=None, headers=()):
    return Capture(
        "/robots.txt", URL, URL, status=status, body=body, failure=failure, headers=headers
    )


@pytest.mark.parametrize(
    ("capture", "home", "private"),
    [
        (robots(), True, False),  # section 2.2.1: our own group shields us from *
        (robots(status=404), True, True),  # 2.3.1.3: unavailable; its body is not read
        (robots(status=403), True, True),
        (robots(status=503), False, False),  # 2.3.1.4: unreachable
        (robots(status=429), False, False),
        (robots(status=None, failure=Failure.TIMEOUT_TOTAL), False, False),
        (robots(body=b"User-agent: *\nDisallow: /\n"), False, False),
        (robots(body=b""), True, True),
        (robots(headers=((b"cf-mitigated", b"challenge"),)), True, True),
        (robots(status=503, headers=((b"cf-mitigated", b"challenge"),)), False, False),
    ],
)
def test_status_and_rules_decide(capture, home, private):
    access = OwnAccess(capture, "OptOutObservatory")
    assert access.may_fetch("https://site.example/") is home
    assert access.may_fetch("https://site.example/private/x?q=1") is private


def test_an_empty_path_is_the_root_and_the_query_belongs_to_the_path():
    access = OwnAccess(robots(body=b"User-agent: *\nDisallow: /*?secret\n"), "OptOutObservatory")
    assert access.may_fetch("https://site.example")
    assert not access.may_fetch("https://site.example/?secret=1")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example//login?return=http://a.example/",
        "http://a.example//x/login",
        "http://a.example//b://c/login",
        "http://a.example/login?http://a.example/",
    ],
)
def test_a_path_that_begins_with_two_slashes_is_compared_from_its_first_octet(url):
    access = OwnAccess(robots(body=b"User-agent: *\nDisallow: /*login\n"), "OptOutObservatory")
    assert not access.may_fetch(url)
    access = OwnAccess(robots(body=b"User-agent: *\nDisallow: //\n"), "OptOutObservatory")
    assert access.may_fetch(url) is ("example/login" in url)


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        (b"User-agent: *\nCrawl-delay: 5\n", 5.0),
        (b"User-agent: *\ncrawl-DELAY : 2.5 # please\nDisallow:\n", 2.5),
        (b"User-agent: *\nCrawl-delay: 1\nCrawl-delay: 7\n\nUser-agent: *\nCrawl-delay: 3\n", 7.0),
        (b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: optoutobservatory\nCrawl-delay: 2\n", 2.0),
        (b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: OptOutObservatory\nDisallow:\n", None),
        (b"User-agent: *\nSitemap: x\nUser-agent: OptOutObservatory\nCrawl-delay: 4\n", 4.0),
        (b"User-agent: OptOutObservatory\nUser-agent: x\nCrawl-delay: 4\n", 4.0),
        (b"User-agent: other\nCrawl-delay: 9\n", None),
        (b"Crawl-delay: 9\n", None),  # stands in no group
        (b"User-agent: *\nSitemap: 5\n", None),
        (b"User-agent: *\nCrawl-delay: 31536000\n", 31536000.0),
        (b"User-agent: *\nCrawl-delay: 0\n", 0.0),
        *(
            (b"User-agent: *\nCrawl-delay: " + value + b"\n", None)
            for value in (b"", b"-5", b"inf", b"nan", b"1e308", b"1,5", b"5 s", b"9" * 13)
        ),
    ],
)
def test_a_pause_is_what_our_own_group_asks_for_or_else_that_of_everybody(rules, seconds):
    assert crawl_delay(parser.parse(rules), "OptOutObservatory") == seconds
    assert OwnAccess(robots(body=rules), "OptOutObservatory").crawl_delay == seconds
    assert OwnAccess(robots(404, body=rules), "OptOutObservatory").crawl_delay is None


@pytest.mark.parametrize(
    ("status", "stay_out", "expected"),
    [
        (403, (), True),  # RFC 9309 section 2.3.1.3
        (403, {401, 403}, False),
        (404, {401, 403}, True),
        (503, (), False),
    ],
)
def test_an_operator_may_stay_out_where_the_rfc_would_let_us_in(status, stay_out, expected):
    url = "https://site.example/robots.txt"
    access = OwnAccess(Capture("/robots.txt", url, url, status=status), "Bot", stay_out)
    assert access.may_fetch("https://site.example/") is expected
