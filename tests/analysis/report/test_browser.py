"""The report in a real browser: no request leaves it, it fits a phone, keys suffice."""

import itertools
from pathlib import Path

import pytest
from axe_core_python import sync_playwright

from tests.factories.browser import CHROMIUM, browsing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
PAGES = (
    "index", "numbers", "about", "questions", "question/work", "question/late", "practicality",
    "indicators",
    "indicator/effective_block", "strata", "operators", "signals", "faults", "conflicts",
    "changes", "sites", "search", "site/1", "method",
)  # fmt: skip


@pytest.fixture(scope="module")
def page():
    with browsing() as page:
        yield page


@pytest.fixture(scope="module")
def report(two_months):
    return next((two_months / "report").glob("demo-2-r*")).as_uri()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_fits_a_phone_and_can_be_read(page, report, name):
    page.media()
    for width in (1280, 360):
        page.open(f"{report}/{name}.html", width=width)
        assert page.overflow() == 0, width
    assert page.run("document.title").endswith("Opt-Out Observatory")
    assert all(url.startswith(("file:", "data:")) for url in page.requests)
    assert page.nameless() == []
    assert page.faint_texts() == []
    page.media(dark=True)
    assert page.faint_texts() == []
    page.media(printed=True)
    assert page.faint_texts() == []
    assert page.run("getComputedStyle(document.querySelector('nav')).display") == "none"


AXE = Path(sync_playwright.__file__).with_name("axe.min.js").read_text("utf-8")
FOUND = """axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_to_complain_of(page, report, name, dark):
    page.media(dark=dark)
    page.open(f"{report}/{name}.html", width=1280)
    page.run(f"{AXE};0")
    assert page.run(FOUND) == []


def test_navigation_is_one_line_on_a_desk_and_a_menu_on_a_phone(page, report):
    page.media()
    page.open(f"{report}/index.html", width=1280)
    lines = "new Set([...document.querySelectorAll('nav.desk > a')].map(a => a.offsetTop)).size"
    assert page.run(lines) == 1
    page.open(f"{report}/index.html", width=390)
    shown = "getComputedStyle(document.querySelector('nav.{}')).display"
    assert (page.run(shown.format("desk")), page.run(shown.format("phone"))) == ("none", "block")
    page.run("document.querySelector('nav.phone summary').click()")
    assert page.run("document.querySelector('nav.phone a').offsetHeight > 0")


def test_a_long_page_lists_its_sections_and_paper_has_no_navigation(page, report):
    page.media()
    page.open(f"{report}/index.html", width=1280)
    listed = page.run("[...document.querySelectorAll('nav.contents a')].map(a => a.hash)")
    assert listed == ["#findings", "#blocked", "#unmeasured", "#down", "#cite"]
    assert not page.run("document.body.innerText.includes('</')")
    page.media(printed=True)
    shown = "[...document.querySelectorAll('nav')].filter(n => n.offsetHeight).length"
    assert page.run(shown) == 0


def test_first_page_stands_above_the_permanent_one_and_is_small(page, two_months):
    front = two_months / "report" / "index.html"
    assert front.stat().st_size < 300_000
    page.open(front.as_uri())
    page.run("document.querySelector('#finding-any_signal a').click()")
    for _ in itertools.repeat(None, 200):
        if page.run("document.title").startswith("Sites with any machine-readable signal"):
            return
    raise AssertionError("the link of a finding leads nowhere")


def test_keys_alone_lead_from_the_first_page_to_the_evidence_of_a_site(page, report):
    page.media()
    page.open(f"{report}/index.html")
    focused = "document.activeElement.textContent.trim()"
    page.press("Tab", 9)
    assert page.run(focused) == "Skip to the content"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0  # it shows itself
    for _ in range(30):
        page.press("Tab", 9)
        if page.run(focused) == "Sites":
            break
    outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    _enter(page, "sites.html")
    for _ in range(30):
        page.press("Tab", 9)
        if page.run(focused) == "Find a site by its name":
            break
    _enter(page, "search.html")
    for _ in range(30):
        page.press("Tab", 9)
        if page.run("document.activeElement.id") == "host":
            break
    page.write("HALLMOOR")
    assert page.run("document.getElementById('count').textContent").startswith("1 of ")
    page.press("Tab", 9)
    assert page.run(focused) == "hallmoor-gazette.example"
    _enter(page, ".html")
    assert page.run("document.querySelector('h1').textContent") == "hallmoor-gazette.example"


def _enter(page, end):
    """Press Enter on a link and wait for the page that it leads to."""
    target = page.run("document.activeElement.href")
    assert target.endswith(end)
    page.press("Enter", 13, text="\r")
    for _ in itertools.repeat(None, 200):
        if page.run("location.href") == target and page.run("document.readyState") == "complete":
            return
    raise AssertionError(f"{target} was not opened")


def test_a_search_for_nothing_or_for_no_site_says_so(page, report):
    page.open(f"{report}/search.html")
    found = "document.getElementById('count').textContent"
    assert page.run(found) == ""
    page.run("document.getElementById('host').focus()")
    page.write("<img src=x>")
    assert page.run(found).startswith("0 of ")
    assert page.run("document.getElementById('found').children.length") == 0
