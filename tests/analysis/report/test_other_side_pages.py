"""Scorecard, "Does it hold?" and "What is left": each cell is the registry's or an indicator's."""

import csv
from contextlib import closing
from pathlib import Path

import pytest
from lxml import html

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.report import site
from crawler.registry import operators, routes
from tests.analysis.numbers.test_at_the_door import DAY, build


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("other") / "survey.db"
    build(path)
    return path


@pytest.fixture(scope="module")
def out(path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "site"
    with closing(open_database(path)) as connection:
        site.build(connection, DAY, folder)
    return folder


def read(page: Path):
    return html.fromstring(page.read_text("utf-8"))


def test_the_scorecard_has_every_cell_and_counts_what_is_unknown(out):
    page = read(out / "scorecard.html")
    shown = {
        (row.get("data-operator"), row.get("data-cell")): row[1].text_content().partition(":")[0]
        for row in page.xpath("//tr[@data-operator]")
    }
    cards = operators.load().entries.values()
    assert shown == {
        (card.name, cell): card.state(cell) for card in cards for cell in operators.CELLS
    }
    for row in page.xpath("//tr[@data-cell and not(@data-operator)]"):
        unknown = sum(card.state(row.get("data-cell")) == "unknown" for card in cards)
        assert row[1].text_content() == f"{unknown} of {len(cards)}"
    with (out / "csv" / "scorecard.csv").open(encoding="utf-8", newline="") as stream:
        assert {(r["operator"], r["cell"]): r["value"] for r in csv.DictReader(stream)} == shown


@pytest.mark.parametrize("name", ["paper_only", "refusal_reach", "accessibility_cost"])
def test_what_holds_is_what_the_indicators_say(path, out, name):
    with closing(open_database(path)) as connection:
        (measured,) = indicator.run(connection, DAY, [name])
    expected = {r.key: [str(r.k), str(r.n)] for r in measured.rows if r.stratum == "*"}
    page = read(out / "holds.html")
    shown = {
        row.get("data-key"): [cell.text_content() for cell in row[1:3]]
        for row in page.xpath(f"//tr[@data-indicator='{name}']")
    }
    assert shown == expected


def test_every_study_is_named_with_its_maker_and_method(out):
    (july, kim) = read(out / "holds.html").xpath("//li[@data-study]")
    assert july.text_content().startswith("july (by others, 2026-07-23): t. m.")
    assert kim.get("data-study") == "kim"


def test_every_way_is_there_with_its_source(out):
    rows = read(out / "left.html").xpath("//tr[@data-route]")
    ways = routes.load()
    assert {row.get("data-route") for row in rows} == {
        way.id for way in (*ways.removals, *ways.licences)
    }
    (request,) = [row for row in rows if row.get("data-route") == "common-crawl-request"]
    assert "(its maker documents no way)" in request.text_content()
    assert "as of 2025-11-04 (unverified)" in request.text_content()


@pytest.mark.parametrize("page", ["scorecard", "holds", "left"])
def test_each_chapter_says_what_it_cannot(out, page):
    (cannot,) = read(out / f"{page}.html").xpath("//p[@class='cannot']")
    assert cannot.text_content().startswith("What this cannot say:")
