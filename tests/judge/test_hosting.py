"""Which platform a visit shows, how surely, and by what."""

import json
import lzma
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.demo.web import load_sites
from crawler.judge.hosting import MAX_EVIDENCE, detect
from crawler.judge.work_hosts import asset_hosts
from crawler.model import Capture, Failure
from crawler.registry.platforms import Strength

SITE = "https://studio.example"
HTML = (b"Content-Type", b"text/html")


def home(body: str = "<html>", *headers: tuple[bytes, bytes], url: str = f"{SITE}/") -> Capture:
    return Capture("/", url, url, status=200, headers=(HTML, *headers), body=body.encode())


def robots(body: str) -> Capture:
    url = f"{SITE}/robots.txt"
    return Capture("/robots.txt", url, url, status=200, body=body.encode())


def seen(*captures: Capture) -> list[tuple[str, Strength]]:
    assets = asset_hosts(captures)
    found = detect(captures, assets.hosts if assets else ())
    assert found is not None
    return [(sighting.platform, sighting.strength) for sighting in found]


SQUARE = (
    '<img src="https://images.squarespace-cdn.com/1"><img src="//images.squarespace-cdn.com/2">'
)
CASES = [
    ("squarespace", "sure", [home("<html>", (b"Server", b"Squarespace"))]),
    ("squarespace", "likely", [robots("# Squarespace Robots Txt\nUser-agent: *\nDisallow: /x\n")]),
    ("squarespace", "likely", [robots("User-agent: *\nDisallow: /config\nDisallow: /account$\n")]),
    ("squarespace", "likely", [home(SQUARE)]),
    ("squarespace", "sure", [home(SQUARE), robots("# squarespace robots txt\n")]),
    ("squarespace", "hint", [home(SQUARE + "<img src=1><img src=2><img src=3>")]),
    ("squarespace", "hint", [home('<img src="https://static1.squarespace.com/1">')]),
    ("wix", "sure", [home("<html>", (b"X-Wix-Request-Id", b"1"))]),
    ("wix", "sure", [home(url="https://me.wixsite.com/")]),
    ("wordpress", "likely", [home('<meta name="generator" content="WordPress 6.8.2" />')]),
    ("wordpress", "likely", [home('<link href="/wp-content/themes/a.css">')]),
    ("wordpress", "likely", [home("<script src='https://studio.example/wp-includes/a.js'>")]),
    ("wordpress", "sure", [home("<meta name=Generator content='WordPress 5'>'/wp-content/a'")]),
    ("bluesky", "sure", [home("<meta name=generator content=bskyweb>", url="https://bsky.app/")]),
    ("shopify", "likely", [robots("# we use Shopify as our ecommerce platform\n")]),
    ("ghost", "likely",
     [robots("User-agent: *\nDisallow: /ghost/\nDisallow: /members/api/comments/counts/\n")]),
    ("substack", "likely", [robots("User-agent: *\nDisallow: /action/\nDisallow: /publish\n")]),
    ("tumblr", "sure", [home("<html>", (b"x-tumblr-user", b"me"))]),
    ("blogger", "hint", [home("<html>", (b"Server", b"GSE"))]),
    ("blogger", "likely", [home('<img src="https://1.bp.blogspot.com/a"><img src=b><img src=c>',
                                (b"Server", b"GSE"))]),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "strength", "captures"), CASES)
def test_a_platform_is_seen(platform, strength, captures):
    assert seen(*captures) == [(platform, Strength(strength))]


@pytest.mark.parametrize(
    "captures",
    [
        [home()],
        [home('<img src="https://other.example/wp-content/1.jpg">')],  # a picture from elsewhere
        [home('<img src="https://i.ytimg.com/1"><img src="https://i.ytimg.com/2">')],
        [home('<meta name="description" content="WordPress 6">')],
        [robots("# dark visitors robots.txt\nUser-agent: GPTBot\nDisallow: /\n")],
        [robots("User-agent: *\nDisallow: /ghost/\n")],
        [replace(robots("# squarespace robots txt\n"), status=404)],
        [home("%PDF /wp-content/", (b"X-A", b"1"), url=f"{SITE}/")],
        [home(), replace(home("<html>", (b"Server", b"Squarespace")), resource="/ai.txt")],
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_not(captures):
    assert seen(*captures) == []


@pytest.mark.parametrize(
    "captures",
    [
        [],
        [Capture("/", SITE, SITE, failure=Failure.DNS_NXDOMAIN)],
        [replace(home("<html>", (b"Server", b"Squarespace")), superseded=True)],
    ],
)
def test_where_nothing_answered_nothing_is_known(captures):
    assert detect(captures) is None


def test_a_refusal_shows_its_platform_as_well():
    refused = replace(home("<html>", (b"Server", b"Squarespace")), status=403)
    assert seen(refused) == [("squarespace", Strength.SURE)]


def test_a_redirect_tells_where_the_site_lives():
    moved = replace(home(), final_url="https://me.substack.com/")
    assert seen(moved) == [("substack", Strength.SURE)]
    assert seen(replace(home(), final_url="https://[")) == []


def test_the_surest_is_the_main_one_then_services_hosting_and_software():
    vercel = (b"x-vercel-id", b"iad1::1")
    assert seen(home('<meta name="generator" content="Ghost 5">', vercel)) == [
        ("vercel", Strength.SURE),
        ("ghost", Strength.LIKELY),
    ]
    assert [name for name, _ in seen(home("<html>", vercel, (b"Server", b"Framer/1")))] == [
        "framer",
        "vercel",
    ]
    both = '<meta name="generator" content="WordPress 6"><meta name="generator" content="Ghost 5">'
    assert [name for name, _ in seen(home(both))] == ["ghost", "wordpress"]


def test_evidence_names_its_place_and_is_bounded():
    page = "<html>\n\n<a href='/wp-content/x\x1b'>\n<meta name=generator content='WordPress 1'>"
    found = detect([robots("User-agent: *\n"), home(page)])
    by_carrier = {e.carrier: e for e in found[0].evidence}
    assert (by_carrier["path"].seq, by_carrier["path"].line) == (1, 3)
    assert by_carrier["path"].quote.startswith("/wp-content/x\ufffd")
    assert by_carrier["generator"].line == 4
    many = "".join(f"<meta name=generator content='WordPress {n}'>" for n in range(50))
    assert len(detect([home(many)])[0].evidence) == MAX_EVIDENCE


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes_are_looked_at(body, value):
    url = f"{SITE}/"
    captures = [
        Capture("/", url, url, status=200, headers=((b"server", value),), body=b"<html>" + body),
        Capture("/robots.txt", url, url, status=200, body=body),
    ]
    assert detect(captures) is not None


# What their files bear: a header, a comment, or the rules that the platform writes. Of the other
# sites that the demo panel calls a platform's, none bears a mark of it.
DEMO = {
    "florian-aster-studio": "squarespace",
    "quiet-loom-textiles": "squarespace",
    "studio-peregrine": "squarespace",
    "marrow-and-moss-shop": "shopify",
    "lucia-ferro-portraits": "wix",
    "open-hearth-journal": "ghost",
    "letters-from-the-delta": "substack",
    "quartz-dispatch": "substack",
}


def test_demo_sites_that_bear_the_marks_of_a_platform_are_told_and_no_others():
    found = {}
    for site in load_sites():
        captures = [
            Capture(
                answer.path,
                f"https://{site.host}{answer.path}",
                f"https://{site.host}{answer.path}",
                status=answer.status,
                headers=tuple((k.encode(), v.encode()) for k, v in answer.headers),
                body=answer.body,
            )
            for answer in site.answers
            if answer.path in {"/", "/robots.txt"}
        ]
        if shown := detect(captures):
            found[site.host.removesuffix(".example")] = shown[0].platform
            assert site.platform == shown[0].platform
    assert found == DEMO


TRACES = {
    "wix": r"(?i)pepyaka",
    "framer": r"(?i)framer/",
    "netlify": r"(?i)^netlify$",
}


def test_real_answers_are_told_by_their_server(corpus: Path):
    """Headers of answers of July 2026 against the server that they name."""
    looked = 0
    with lzma.open(corpus / "responses" / "http.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        headers = tuple(
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, value in row["headers"] or ()
        )
        server = " ".join(value for name, value in row["headers"] or () if name.lower() == "server")
        capture = Capture("/", row["url"], row["url"], status=200, headers=headers)
        shown = {sighting.platform for sighting in detect([capture]) or ()}
        for platform, trace in TRACES.items():
            assert (platform in shown) == bool(re.search(trace, server)), (row["id"], platform)
            looked += platform in shown
    assert looked >= 8
