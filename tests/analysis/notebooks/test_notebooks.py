"""Every notebook runs from top to bottom on the demo survey, into pages that need no network."""

import subprocess
import sys

import pytest
from lxml import html as lxml_html

from analysis.notebooks.show import table
from tests.paths import ROOT

NAMES = ["1_first_look", "2_headline", "3_practicality", "4_changes", "5_your_own_panel",
         "6_published_studies", "7_too_late"]  # fmt: skip


@pytest.fixture(scope="module")
def pages(two_months, tmp_path_factory):
    out = tmp_path_factory.mktemp("notebooks")
    subprocess.run(
        [sys.executable, "-m", "analysis.notebooks.run", "--db", two_months / "survey.db",
         "--out", out],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return {page.stem: page.read_text("utf-8") for page in out.iterdir()}


def test_all_are_run_and_show_results(pages):
    assert sorted(pages) == NAMES
    for text in pages.values():
        page = lxml_html.fromstring(text)
        assert page.xpath("//table//td")
        assert not page.xpath("//*[contains(@class, 'output_error')]")


def test_pages_ask_nobody_for_anything(pages):
    for text in pages.values():
        page = lxml_html.fromstring(text)
        assert not page.xpath("//script | //link | //img | //iframe")
        assert all(target.startswith("#") for target in page.xpath("//@href | //@src"))
        assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_the_changes_of_the_second_month_are_shown(pages):
    assert "hallmoor-gazette.example" in pages["4_changes"]
    assert "demo -&gt; demo-2" in pages["4_changes"]


def test_what_a_site_wrote_is_shown_as_text():
    shown = table(["a"], [("<b>\x1b[31m",), (None,), (0.12345,)])._repr_html_()
    assert "<td>&lt;b&gt;\\x1b[31m</td>" in shown
    assert "<td>–</td>" in shown
    assert "<td>0.123</td>" in shown
