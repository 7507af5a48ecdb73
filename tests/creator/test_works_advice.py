"""What a check says of the works on a page."""

import asyncio

import pytest

from crawler.checker import single_visit
from crawler.checker.page import advice_page
from crawler.checker.single_visit import visit
from crawler.cli.check import told
from crawler.creator.advice import advise
from crawler.demo.web import Answer, DemoSite, load_sites
from crawler.parsers.containers.segment import Problem
from crawler.signals.reading.work import extracted
from crawler.wave.workers import StoppedError
from tests.factories import works
from tests.factories.demo_fetch import DemoFetch

SMALL, LARGE = "/uploads/a-30x20.jpg", "/uploads/a.jpg"
PLUS = "<plus:DataMining>http://ns.useplus.org/ldf/vocab/{}</plus:DataMining>"
NOTICE = "<dc:rights>(c) A. Maker</dc:rights>"


def picture(*told):
    return works.jpeg(works.app1(works.packet("".join(told))))


MINED = works.assertion({"cawg.data_mining": {"use": "notAllowed"}})
NO, YES = picture(PLUS.format("DMI-PROHIBITED-AIMLTRAINING")), picture(PLUS.format("DMI-ALLOWED"))


def told_of(html, **files):
    """The lines on the works of a page on a.example."""
    answers = [Answer("/", headers=(("Content-Type", "text/html"),), body=html.encode())]
    answers += [Answer(path, body=body) for path, body in files.items()]
    return advise(
        asyncio.run(visit(DemoFetch([DemoSite("a.example", tuple(answers))]), "a.example"))
    )


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({SMALL: NO, LARGE: NO}, ["on your own host", "says no to training AI"]),
        ({SMALL: picture(), LARGE: NO}, ["says nothing", "what it says on AI was lost",
                                         "https://a.example/uploads/a.jpg"]),
        ({SMALL: YES, LARGE: NO}, ["may be trained", "is another there"]),
        ({SMALL: picture(), LARGE: picture(NOTICE)}, ["the notice of rights was lost"]),
        ({SMALL: picture(NOTICE)}, ["notice of rights.", "not read too", "is unknown"]),
        ({SMALL: NO[:30]}, ["could not be read, so it is unknown"]),
        ({}, ["could not be read, so it is unknown", "on a.example"]),
        ({SMALL: picture(PLUS.format("DMI-PROHIBITED-SEECONSTRAINT"),
                         "<plus:OtherConstraints>Ask</plus:OtherConstraints>")},
         ["needs your terms"]),
        ({SMALL: works.jpeg(works.app1(works.packet(PLUS.format("DMI-ALLOWED"))),
                            works.app11(works.store(works.manifest(MINED))))},
         ["different things"]),
    ],
)  # fmt: skip
def test_where_it_lies_what_it_says_and_who_strips_it(files, words):
    (line,) = told_of(f"<img src={SMALL}>", **files).works
    for each in words:
        assert each in line
    assert ("lost on the way:" in line) is any("was lost" in each for each in words)


def test_another_use_is_not_training():
    entry = works.assertion({"cawg.ai_inference": {"use": "notAllowed"}})
    data = works.jpeg(works.app11(works.store(works.manifest(entry))))
    (line,) = told_of("<img src=/a.jpg>", **{"/a.jpg": data}).works
    assert "says nothing on training AI, but" in line


def test_the_section_is_shown_and_left_out_where_there_is_none():
    advice = told_of("<img src=/a.jpg>", **{"/a.jpg": NO})
    assert "The works on your page" in list(told(advice))
    assert "The works on your page" in advice_page(advice, inline=True)
    without = told_of("<p>Words</p>")
    assert "The works on your page" not in list(told(without))
    assert "The works on your page" not in advice_page(without, inline=True)


def test_the_gallery_of_the_demo_web_is_told_who_strips_its_pictures():
    sites = load_sites()
    found = advise(asyncio.run(visit(DemoFetch(sites), "thumbnail-gallery.example")))
    assert "whoever makes the pictures for thumbnail-gallery.example takes it out" in found.works[0]


def test_a_work_for_a_library_is_read_in_a_process_that_may_be_stopped(monkeypatch):
    asked = []

    class Stopping:
        def __init__(self, _):
            pass

        async def ask(self, function, *_):
            asked.append(function.__name__)
            raise StoppedError("kept: cpu_cap")

        def close(self):
            asked.append("closed")

    monkeypatch.setattr(single_visit, "Desk", Stopping)
    site = DemoSite("a.example", (
        Answer("/", headers=(("Content-Type", "text/html"),), body=b"<a href=/a.pdf>A</a>"),
        Answer("/a.pdf", body=works.pdf(works.XMP)),
    ))  # fmt: skip
    result = asyncio.run(visit(DemoFetch([site]), "a.example"))
    (kept,) = (c for c in result.captures if c.resource == "work:document:")
    assert extracted(kept).problem is Problem.TRUNCATED
    assert asked == ["kept", "closed"]
