"""The page in a real browser: with the keyboard alone, without scripts, wide and narrow."""

import pytest

from crawler.demo.server import serve_sites
from crawler.demo.web import load_sites
from tests.chromium import CHROMIUM, Chromium
from tests.test_serve import PAINTER, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
WIDTHS = {"wide": (1280, 900), "narrow": (375, 740)}


@pytest.fixture(scope="module")
def port():
    with serve_sites(load_sites()) as server, serving(server.hosts()) as port:
        yield port


@pytest.fixture(params=WIDTHS)
def browser(request, tmp_path):
    found = Chromium(tmp_path / "profile", *WIDTHS[request.param])
    yield found
    found.close()


def test_the_keyboard_alone_leads_to_the_mend(browser, port, tmp_path):
    browser.scripts(allowed=False)
    browser.open(f"http://127.0.0.1:{port}/")
    focused = "document.activeElement.id || document.activeElement.textContent.trim()"
    browser.press("Tab")
    assert browser.value(focused) == "Skip to the content"
    for _ in range(3):
        if browser.value(focused) == "site":
            break
        browser.press("Tab")
    assert browser.value(focused) == "site"
    browser.write(PAINTER)
    browser.picture(tmp_path / "ask.png")
    browser.press("Enter")
    browser.wait("!!document.querySelector('.answer')")
    assert "asks 2 of the 8" in browser.value("document.querySelector('.answer').textContent")
    assert browser.value("document.querySelectorAll('script').length") == 0
    seen = set()
    for _ in range(12):
        browser.press("Tab")
        seen.add(browser.value("document.activeElement.tagName"))
        # Whatever is reached is shown to be reached.
        assert browser.value(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " || document.activeElement.className === 'skip'"
        )
    assert {"A", "PRE", "SUMMARY"} <= seen
    # Nothing is wider than the window, but what scrolls by itself.
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    browser.picture(tmp_path / "answer.png")


def test_a_click_takes_the_whole_text(browser, port):
    browser.open(f"http://127.0.0.1:{port}/")
    browser.value(f"document.querySelector('#site').value = '{PAINTER}',"
                  " document.querySelector('form').requestSubmit()")  # fmt: skip
    browser.wait("!!document.querySelector('.answer')")
    assert browser.value("getComputedStyle(document.querySelector('pre')).userSelect") == "all"


def test_a_mistake_is_told_where_it_was_made(browser, port):
    browser.open(f"http://127.0.0.1:{port}/")
    browser.value("document.querySelector('#site').value = '127.0.0.1',"
                  " document.querySelector('form').requestSubmit()")  # fmt: skip
    browser.wait("!!document.querySelector('[role=alert]')")
    assert browser.value("document.querySelector('#site').getAttribute('aria-invalid')") == "true"
    assert browser.value("document.querySelector('#site').value") == "127.0.0.1"
