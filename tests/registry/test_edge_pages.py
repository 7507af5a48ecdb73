"""Marks of challenges, parking and edge errors: what bears them, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model import Capture
from crawler.registry import edge_pages
from crawler.registry.edge_pages import EdgePageError, PageKind, parse, recognise

URL = "https://site.example/"


def capture(status=200, body=b"", *headers):
    return Capture("/", URL, URL, status=status, body=body, headers=headers)


CASES = [
    ("cloudflare-mitigated", capture(403, b"", (b"CF-Mitigated", b" Challenge "))),
    ("cloudflare-interstitial", capture(503, b"<TITLE>Just a moment...</title> _cf_chl_opt")),
    ("aws-waf-challenge", capture(202, b"", (b"x-amzn-waf-action", b"challenge"))),
    ("aws-waf-captcha", capture(405, b"", (b"x-amzn-waf-action", b"captcha"))),
    ("vercel-mitigated", capture(429, b"", (b"x-vercel-mitigated", b"challenge"))),
    ("datadome-captcha", capture(403, b"var dd={} https://geo.captcha-delivery.com/x.js")),
    ("human-captcha", capture(403, b"window._pxAppId = 1 <div id=px-captcha>")),
    ("imperva-incident", capture(200, b"/_Incapsula_Resource? Incapsula incident ID: 1")),
    ("anubis", capture(200, b'<script id="anubis_challenge" type="application/json">')),
    ("sedo", capture(200, b'<frame src="https://sedoparking.com/a">')),
    ("parkingcrew", capture(200, b"https://www.parkingcrew.net/x")),
    ("bodis", capture(200, b"<script>window.park = 1</script> https://www.bodis.com/")),
    ("afternic-lander", capture(200, b'<script>window.location.href="/lander"</script>')),
    ("hugedomains", capture(200, b"https://www.hugedomains.com/domain_profile.cfm?d=x")),
    ("cloudflare-origin", capture(522, b"", (b"Server", b"cloudflare"))),
    ("cloudfront-origin", capture(502, b"", (b"X-Cache", b"Error from cloudfront"))),
    ("fastly-unknown-domain", capture(500, b"Fastly error: unknown domain: site.example")),
    ("varnish-guru", capture(503, b"<h3>Guru Meditation:</h3> Varnish cache server")),
]
LOOK_ALIKES = [
    capture(200, b"<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js>"),
    capture(200, b"<title>Just a moment...</title> a poem"),
    capture(200, b"", (b"cf-mitigated", b"off")),
    capture(200, b"<p>How sedoparking.com makes money</p>"),
    capture(200, b"var dd= captcha-delivery.com"),  # the script beside an ordinary page
    capture(500, b"", (b"Server", b"cloudflare")),  # the site's own 500, passed on
    capture(522, b"", (b"Server", b"nginx")),
    capture(200, b"Fastly error: unknown domain"),
    capture(200, b" " * edge_pages.LOOK + b'id="anubis_challenge"'),
    capture(None, b'id="anubis_challenge"'),
]


@pytest.mark.parametrize(("mark", "page"), CASES, ids=[mark for mark, _ in CASES])
def test_a_page_that_bears_a_mark_is_told_by_it(mark, page):
    found = [each for kind in PageKind if (each := recognise(page, kind))]
    assert [each.id for each in found] == [mark]


def test_every_mark_has_its_case():
    assert [mark for mark, _ in CASES] == [page.id for page in edge_pages.load()]


@pytest.mark.parametrize("page", LOOK_ALIKES)
def test_what_only_looks_like_it_is_an_ordinary_page(page):
    assert [recognise(page, kind) for kind in PageKind] == [None] * 3


GOOD = {
    "id": '"x"',
    "kind": '"parked"',
    "who": '"X"',
    "seen": '"2020-01/2020-02"',
    "source": '"s"',
    "verified": "false",
    "body": '["x"]',
}


def listed(**changes: str | None) -> bytes:
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return ("[[page]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())).encode()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"who": None}, "missing or unknown: who"),
        ({"colour": '"red"'}, "missing or unknown: colour"),
        ({"id": '"X y"'}, "id: small letters"),
        ({"kind": '"tomato"'}, "kind: 'tomato' is none of challenge"),
        ({"seen": '"2020"'}, "seen: two months"),
        ({"body": None, "statuses": "[503]"}, "a status alone is no mark"),
        ({"body": '["Xx"]'}, "lower case"),
        ({"headers": '{ Server = "x" }'}, "lower case"),
    ],
)
def test_a_faulty_entry_is_refused_by_name(changes, problem):
    with pytest.raises(EdgePageError, match=problem):
        parse(listed(**changes))


def test_an_id_stands_once():
    assert len(parse(listed())) == 1
    with pytest.raises(EdgePageError, match="twice"):
        parse(listed() + listed())


@given(st.binary(max_size=400), st.integers(100, 999))
def test_any_page_can_be_looked_at(body, status):
    for kind in PageKind:
        recognise(capture(status, body, (b"\xff", body)), kind)
