"""Which hosts serve the works on a home page, and whose they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.judge.work_hosts import MAX_HOSTS, Control, asset_hosts, page_facts
from crawler.model import Capture, Failure
from crawler.signals import links

SITE = "https://painter.example/"
HTML = ((b"Content-Type", b"text/html"),)


def home(body: str, url: str = SITE, **more) -> Capture:
    given = {"status": 200, "headers": HTML, "body": body.encode()} | more
    return Capture("/", url, url, **given)


def found(body: str, url: str = SITE) -> dict[str, tuple[Control, str | None, int]]:
    read = asset_hosts([home(body, url)])
    assert read is not None
    return {
        host.origin: (
            host.control,
            host.platform,
            host.images + host.audio + host.videos + host.documents,
        )
        for host in read.hosts
    }


OWN = {"https://painter.example": (Control.OWN, None, 0)}


@pytest.mark.parametrize(
    ("address", "origin", "control", "platform"),
    [
        ("https://img.painter.example/a.jpg", "https://img.painter.example", "domain", None),
        ("http://painter.example:8080/a", "http://painter.example:8080", "domain", None),
        ("//static1.squarespace.com/a", "https://static1.squarespace.com", "platform",
         "squarespace"),
        ("https://i.etsystatic.com/a", "https://i.etsystatic.com", "platform", "etsy"),
        ("https://cdn.jsdelivr.net/a", "https://cdn.jsdelivr.net", "shared-cdn", None),
        ("https://d1.cloudfront.net/a", "https://d1.cloudfront.net", "tenant-cdn", None),
        ("https://elsewhere.example/a", "https://elsewhere.example", "unknown", None),
        ("HTTPS://ELSEWHERE.example.:443/a", "https://elsewhere.example", "unknown", None),
    ],
)  # fmt: skip
def test_whose_host_it_is(address, origin, control, platform):
    assert found(f'<img src="{address}">') == OWN | {origin: (Control(control), platform, 1)}


def test_the_own_host_comes_first_and_counts_what_it_serves():
    page = '<img src="https://x.example/1"><img src=/a.jpg><img src=/a.jpg#x><video src=v.mp4>'
    read = asset_hosts([home(page)])
    own, other = read.hosts
    assert (own.images, own.videos, own.audio, own.documents) == (1, 1, 0, 0)
    assert own.example == "https://painter.example/a.jpg"
    assert other.host == "x.example"


def test_on_a_platform_pictures_of_its_hosts_are_the_platforms():
    # tumblr.com is one registrable domain for all: no creator controls its hosts of pictures.
    assert found('<img src="https://64.media.tumblr.com/a">', "https://me.tumblr.com/") == {
        "https://me.tumblr.com": (Control.OWN, "tumblr", 0),
        "https://64.media.tumblr.com": (Control.PLATFORM, "tumblr", 1),
    }


def test_players_count_where_the_platform_is_known():
    page = (
        '<iframe src="https://www.youtube-nocookie.com/embed/1"></iframe>'
        '<iframe src="https://w.soundcloud.com/player/?url=1"></iframe>'
        '<iframe src="https://www.instagram.com/p/1"></iframe>'
        '<iframe src="https://maps.example/"></iframe>'
    )
    read = asset_hosts([home(page)])
    assert [(h.platform, h.videos, h.audio) for h in read.hosts[1:]] == [
        ("youtube", 1, 0),
        ("soundcloud", 0, 1),
    ]


def test_documents_count_where_the_host_is_somebodys_we_know():
    page = '<a href="/cv.pdf">1</a><a href="https://ministry.example/law.pdf">2</a>'
    assert found(page) == {"https://painter.example": (Control.OWN, None, 1)}


@pytest.mark.parametrize(
    "address",
    ["data:image/png;base64,xx", "mailto:a@b.example", "http://[", "https://a:99999/x", "blob:1",
     "https://u\x01.example/", "https://[::1]/a", "/" + "a" * 3000],
)  # fmt: skip
def test_what_is_no_address_on_the_web_is_passed_over(address):
    assert found(f'<img src="{address}">') == OWN


def test_a_base_moves_all_addresses():
    assert found('<base href="https://x.example/y/"><img src=a>') == OWN | {
        "https://x.example": (Control.UNKNOWN, None, 1)
    }
    assert found('<base href="http://["><img src=a>')["https://painter.example"][2] == 1


def test_the_number_of_hosts_is_bounded():
    page = "".join(f'<img src="https://h{n}.example/">' for n in range(MAX_HOSTS + 5))
    read = asset_hosts([home(page)])
    assert (len(read.hosts), read.cut) == (MAX_HOSTS, True)
    assert asset_hosts([home("", truncated=True)]).cut


@pytest.mark.parametrize(
    "captures",
    [
        [],
        [Capture("/robots.txt", SITE, SITE, status=200)],
        [home("<img src=a>", status=403)],
        [home("<img src=a>", superseded=True)],
        [home("%PDF", headers=((b"Content-Type", b"application/pdf"),))],
        [home("", status=None, failure=Failure.TIMEOUT_TOTAL)],
        [home("<img src=a>", url="file:///x")],
    ],
)
def test_what_was_not_read_has_no_hosts(captures):
    assert asset_hosts(captures) is None


@given(st.text(max_size=200) | st.text("<>img src=\"'/:.#[]@", max_size=200))
def test_any_page_is_read(body):
    page = replace(home(""), body=f"<html>{body}".encode("utf-8", "replace"))
    read = asset_hosts([page])
    assert read.hosts[0].control is Control.OWN


def test_one_job_finds_all_that_a_visit_goes_on_by():
    captures = [home('<a href="/terms">Terms of use</a><img src="https://elsewhere.example/a">')]
    assert page_facts(captures) == (links(captures), asset_hosts(captures))
    assert page_facts([]) == ((), None)


def test_a_page_without_an_address_serves_nothing():
    assert asset_hosts([home("<img src=/a.png>", "http://[")]) is None


def test_the_spellings_of_a_host_are_one_host():
    page = "<img src=//IMG.b\u00fccher.example/a><img src='https://img.xn--bcher-kva.example./b'>"
    others = {origin: how[2] for origin, how in found(page).items() if "img" in origin}
    assert others == {"https://img.xn--bcher-kva.example": 2}
