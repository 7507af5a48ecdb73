"""Addresses that name their origin, by each service's own documents, and what came of it."""

import pytest

from crawler.judge.renditions import origin_of_rendition
from crawler.judge.survival import Fate, works_read
from crawler.judge.verdicts import judge_visit
from crawler.judge.work_hosts import Control, asset_hosts
from crawler.model import Capture
from tests.factories import works

SITE = "https://site.example/"
PICTURE = "https://site.example/a.jpg"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (f"{SITE}cdn-cgi/image/width=80,quality=75/a.jpg", ("cloudflare", PICTURE)),
        (f"{SITE}cdn-cgi/image/width=80//a.jpg?v=1", ("cloudflare", f"{PICTURE}?v=1")),
        (f"{SITE}cdn-cgi/image/fit=cover/https://b.example/a.jpg",
         ("cloudflare", "https://b.example/a.jpg")),
        (f"{SITE}cdn-cgi/image/fit=cover/https:/b.example/a.jpg",
         ("cloudflare", "https://b.example/a.jpg")),
        (f"{SITE}cdn-cgi/image/width=80", None),
        ("https://i0.wp.com/site.example/a.jpg?ssl=1&w=300", ("photon", PICTURE)),
        ("https://i2.wp.com/site.example/a.jpg?w=300", ("photon", "http://site.example/a.jpg")),
        ("https://s.wp.com/site.example/a.jpg", None),
        ("https://res.cloudinary.com/demo/image/fetch/w_80,f_auto/https://site.example/a.jpg?b=1",
         ("cloudinary", f"{PICTURE}?b=1")),
        ("https://res.cloudinary.com/demo/image/fetch/https%3A%2F%2Fsite.example%2Fa.jpg",
         ("cloudinary", PICTURE)),
        ("https://res.cloudinary.com/demo/image/upload/w_80/a.jpg", None),
        (f"{SITE}_next/image?url=%2Fa.jpg&w=640&q=75", ("next", PICTURE)),
        (f"{SITE}_vercel/image?url=https%3A%2F%2Fb.example%2Fa.jpg&w=640",
         ("next", "https://b.example/a.jpg")),
        (f"{SITE}_next/image?w=640", None),
        ("https://wsrv.nl/?url=site.example/a.jpg&w=300", ("weserv", "http://site.example/a.jpg")),
        ("https://images.weserv.nl/?url=ssl:site.example/a.jpg", ("weserv", PICTURE)),
        ("https://images.weserv.nl/?url=//site.example/a.jpg",
         ("weserv", "http://site.example/a.jpg")),
        ("https://wsrv.nl/?url=https://site.example/a.jpg", ("weserv", PICTURE)),
        ("https://wsrv.nl/?w=300", None),
        ("https://img.example/sig/rs:fit:300/plain/https://site.example/a.jpg@webp",
         ("imgproxy", PICTURE)),
        ("https://img.example/sig/w:300/plain/https%3A%2F%2Fsite.example%2Fa.jpg",
         ("imgproxy", PICTURE)),
        ("https://img.example/plain/local:///a.jpg", None),
        (f"{SITE}wp-content/uploads/2026/01/a-300x200.jpg",
         ("wordpress", f"{SITE}wp-content/uploads/2026/01/a.jpg")),
        (f"{SITE}pictures/a-300x200.jpg", None),
        (f"{SITE}wp-content/uploads/a.jpg", None),
        # What names itself, or something that is no address, names nothing.
        (f"{SITE}_next/image?url=%2F_next%2Fimage%3Furl%3D%252Fa.jpg",
         ("next", f"{SITE}_next/image?url=%2Fa.jpg")),
        (f"{SITE}_next/image?url=data:image/png,x", None),
        (f"{SITE}_next/image?url=/{'a' * 2000}", None),
    ],
)  # fmt: skip
def test_the_origin_is_what_the_service_says(url, named):
    assert origin_of_rendition(url) == named


def page(html: str) -> Capture:
    return Capture("/", SITE, SITE, status=200, body=html.encode(),
                   headers=((b"Content-Type", b"text/html"),))  # fmt: skip


@pytest.mark.parametrize(
    ("html", "sample"),
    [
        ("<img src=/s.jpg srcset='/m.jpg 600w, /a.jpg 1200w, /t.jpg 90w'>", ("srcset", PICTURE)),
        ("<img src=/s.jpg srcset='/s.jpg, /a.jpg 2x'>", ("srcset", PICTURE)),
        ("<img src=/s.jpg data-srcset='/a.jpg 2.5x'>", ("srcset", PICTURE)),
        ("<img src=/a.jpg srcset='/a.jpg 900w, /s.jpg 90w'>", (None, None)),
        ("<img src=/s.jpg>", (None, None)),
        ("<img src=/s.jpg srcset='data:,x 2x'>", (None, None)),
        ("<img src='/_next/image?url=/a.jpg&w=9' srcset='/_next/image?url=/a.jpg&w=99 2x'>",
         ("next", PICTURE)),
    ],
)  # fmt: skip
def test_the_address_of_the_sample_comes_before_the_srcset(html, sample):
    (found,) = asset_hosts([page(html)]).works
    assert (found.service, found.origin) == sample


def test_only_pictures_have_an_origin():
    (found,) = asset_hosts([page("<audio src=/uploads/a-300x200.mp3></audio>")]).works
    assert (found.service, found.origin) == (None, None)


NO = works.packet(
    "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
)
YES = works.packet("<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-ALLOWED</plus:DataMining>")
NOTICE = works.packet("<dc:rights>(c) A. Maker</dc:rights>")
SMALL, LARGE = f"{SITE}uploads/a-30x20.jpg", f"{SITE}uploads/a.jpg"


def work(resource: str, url: str, xmp: bytes | None, **more: object) -> Capture:
    body = works.jpeg(*([works.app1(xmp)] if xmp else []))
    return Capture(resource, url, url, **{"status": 200, "body": body} | more)


@pytest.mark.parametrize(
    ("origin", "rendition", "wish", "notice"),
    [
        (NO, NO, Fate.KEPT, Fate.NONE),
        (NO, None, Fate.LOST, Fate.NONE),
        (NO, YES, Fate.CHANGED, Fate.NONE),
        (None, NO, Fate.APPEARED, Fate.NONE),
        (NOTICE, NOTICE, Fate.NONE, Fate.KEPT),
        (NOTICE, None, Fate.NONE, Fate.LOST),
        (None, NOTICE, Fate.NONE, Fate.APPEARED),
        (None, None, Fate.NONE, Fate.NONE),
    ],
)
def test_both_read_tell_what_became_of_it(origin, rendition, wish, notice):
    captures = [page(f"<img src={SMALL}>"), work("work:image:", SMALL, rendition),
                work("origin:image:", LARGE, origin)]  # fmt: skip
    (found,) = judge_visit(captures).works
    assert (found.service, found.origin, found.origin_seq) == ("wordpress", LARGE, 2)
    assert (found.wish, found.notice, found.control) == (wish, notice, Control.OWN)


CUT = works.jpeg(works.app1(NO))[:40]


@pytest.mark.parametrize(
    "origin",
    [
        (),
        (work("origin:image:", LARGE, NO, status=404),),
        (work("origin:image:", LARGE, NO, body=CUT),),
        (work("origin:image:", LARGE, NO, superseded=True),),
        (work("origin:image:", PICTURE, NO),),
    ],
)
def test_where_the_origin_was_not_read_nothing_is_known(origin):
    captures = [page(f"<img src={SMALL}>"), work("work:image:", SMALL, None), *origin]
    (found,) = judge_visit(captures).works
    assert (found.wish, found.notice) == (Fate.UNKNOWN, Fate.UNKNOWN)


def test_a_rendition_that_was_cut_is_never_stripped():
    captures = [page(f"<img src={SMALL}>"), work("work:image:", SMALL, None, body=CUT),
                work("origin:image:", LARGE, NO)]  # fmt: skip
    assert judge_visit(captures).works[0].wish is Fate.UNKNOWN


def test_works_that_did_not_come_or_name_nothing():
    gone, other = work("work:image:", SMALL, None, status=404), work("work:audio:", SITE + "b", NO)
    captures = [page(f"<img src={SMALL}>"), gone, other]
    (found,) = judge_visit(captures).works
    assert (found.seq, found.service, found.wish, found.origin_seq) == (2, None, None, None)
    assert works_read(captures, None) == ()
    # An origin speaks for nobody: neither for the page nor for the works.
    captures = [page(f"<img src={SMALL}>"), work("origin:image:", LARGE, NO)]
    assert not any(r.finding.statements for r in judge_visit(captures).readings)
