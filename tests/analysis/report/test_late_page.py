"""The chapter on retroactivity: its sentences hold the numbers of the indicators, and no more."""

from contextlib import closing

import pytest
from lxml import html as lxml_html

from analysis.database import open_database
from analysis.report import site
from tests.analysis.numbers.test_retroactivity import CLOSED, LAST, OPEN, Panel


def chapter(db, wave, out):
    with closing(open_database(db)) as connection:
        site.build(connection, wave, out, sites=False)
    return lxml_html.fromstring((out / "question" / "late.html").read_text("utf-8"))


def sentences(page):
    return {item.get("data-agent"): item.text_content() for item in page.xpath("//li[@data-agent]")}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Four sites refuse CCBot: certain, possible, looked for and never found, in no row."""
    folder = tmp_path_factory.mktemp("late")
    panel = Panel(folder)
    hosts = ("a", "b", "c", "d")
    panel.wave("2023-12-01", {f"{host}.example": OPEN for host in hosts})
    panel.wave(LAST, {f"{host}.example": CLOSED for host in hosts})
    rows = ["a.example,CC-MAIN-2023-40,2023-09-21,2023-10-05,7",
            "b.example,CC-MAIN-2024-10,2024-02-20,2024-03-05,5"]  # fmt: skip
    absent = [(host, name, days) for name, days in (
        ("CC-MAIN-2023-40", "2023-09-21,2023-10-05"), ("CC-MAIN-2024-10", "2024-02-20,2024-03-05")
    ) for host in ("c.example", "www.c.example")]  # fmt: skip
    rows += [f"{host},{name},{days},0" for host, name, days in absent]
    panel.taken(" ".join(rows))
    return chapter(panel.db, LAST, folder / "report")


def test_each_crawl_and_agent_has_a_sentence_with_its_bounds(page):
    ccbot = sentences(page)["CCBot"]
    assert "4 sites refuse it now" in ccbot
    assert "CC-MAIN copied at least 1 and at most 3 of them before they refused" in ccbot
    assert "1 certainly, 1 more possibly, and of 1 nothing is known" in ccbot
    assert "The other 1 stand in none" in ccbot


def test_what_was_loaded_is_told_and_a_page_counts_in_its_collection(page):
    rows = [[cell.text_content() for cell in row] for row in page.xpath("//h2[@id='collections']"
            "/following::table[1]/tbody/tr")]  # fmt: skip
    assert rows == [
        ["CC-MAIN-2023-40", "2023-09-21 to 2023-10-05", "2", "1", "7"],
        ["CC-MAIN-2024-10", "2024-02-20 to 2024-03-05", "2", "1", "5"],
    ]


def test_without_an_index_nothing_is_said_of_copies(tmp_path):
    panel = Panel(tmp_path).wave(LAST, {"a.example": CLOSED})
    page = chapter(panel.db, LAST, tmp_path / "report")
    assert not sentences(page)
    assert "nothing below says whether anything was copied" in page.text_content()
