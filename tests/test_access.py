"""Our own right to fetch, by RFC 9309 and our own product token."""

import pytest

from crawler.access import OwnAccess, origin_of
from crawler.model import Capture, Failure

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


def test_an_origin_is_scheme_host_and_port():
    assert origin_of("https://a.example:8443/x?y") == "https://a.example:8443"
