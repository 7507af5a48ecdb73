"""The page in a real browser: by keyboard alone, wide and narrow, bright, dark and printed."""

import time

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import load_sites
from tests.checker.test_server import PAINTER, serving
from tests.factories.browser import CHROMIUM, browsing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
WIDTHS = (1280, 375)
TAB, ENTER = ("Tab", 9), ("Enter", 13)
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture(scope="module")
def place():
    with serve_sites(load_sites()) as server, serving(server.hosts()) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def page():
    with browsing() as page:
        yield page


def wait(page, selector):
    """Wait for an element of a page that may still be on its way."""
    for _ in range(600):
        # Between two pages there is no document to ask.
        if page.run(
            f"document.readyState === 'complete' && !!document.querySelector('{selector}')"
        ):
            return
        time.sleep(0.05)
    raise AssertionError(selector)


def is_readable(page):
    assert page.overflow() == 0
    assert page.nameless() == []
    for look in ({}, {"dark": True}, {"printed": True}):
        page.media(**look)
        assert page.faint_texts() == [], look
    page.media()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_alone_leads_to_the_mend(page, place, width):
    page.requests.clear()
    page.open(f"{place}/", width=width)
    page.press(*TAB)
    assert page.run(FOCUSED) == "Skip to the content"
    for _ in range(3):
        if page.run(FOCUSED) == "site":
            break
        page.press(*TAB)
    assert page.run(FOCUSED) == "site"
    is_readable(page)
    page.write(PAINTER)
    page.press(*ENTER, text="\r")
    wait(page, "ol.asked, .answer")
    wait(page, ".answer")
    assert "2 of 8" in page.run("document.querySelector('.reached').textContent")
    assert page.run("document.querySelectorAll('script').length") == 0
    is_readable(page)
    seen = set()
    for _ in range(12):
        page.press(*TAB)
        seen.add(page.run("document.activeElement.tagName"))
        # Whatever is reached is shown to be reached.
        assert page.run(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " || document.activeElement.className === 'skip'"
        )
    assert {"A", "PRE", "SUMMARY"} <= seen
    assert all(url.startswith((place, "data:")) for url in page.requests)


def test_a_click_takes_the_whole_text(page, place):
    page.open(f"{place}/")
    page.run(f"document.querySelector('#site').value = '{PAINTER}',"
             " document.querySelector('form').requestSubmit()")  # fmt: skip
    wait(page, ".answer")
    assert page.run("getComputedStyle(document.querySelector('pre')).userSelect") == "all"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_mistake_is_told_where_it_was_made(page, place, width):
    page.open(f"{place}/", width=width)
    page.run("document.querySelector('#site').value = '127.0.0.1',"
             " document.querySelector('form').requestSubmit()")  # fmt: skip
    wait(page, "[role=alert]")
    assert page.run("document.querySelector('#site').getAttribute('aria-invalid')") == "true"
    assert page.run("document.querySelector('#site').value") == "127.0.0.1"
    is_readable(page)
