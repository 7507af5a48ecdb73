"""The page on politeness: the numbers of `v_politeness`, and nothing of a site acts on it."""

import csv
import json
import sqlite3
from contextlib import closing

import pytest
from lxml import html as lxml_html

from analysis.database import open_database
from analysis.report import site as report
from tests.factories import database
from tests.factories.database import HOSTILE, WAVE

SETTINGS = {
    "DOWNLOAD_DELAY": 1.0,
    "SURVEY_MAX_CRAWL_DELAY": 30.0,
    "SURVEY_COUNTRY": "DE",
    "NAME_SERVERS": ["192.0.2.53"],
    "SURVEY_ROBOTS_STAY_OUT": [],
}
ATTEMPTS = [
    # site, attempt, requests, bytes, waited, shortest gap, Crawl-delay, Retry-After
    (1, 1, 10, 1000, 9.0, 1.1, None, None),
    (1, 2, 5, 500, 4.0, 1.2, None, None),
    (2, 1, 3, 300, 2.0, 0.5, None, 20.0),  # too early
    (3, 1, 2, 200, 60.0, 31.0, 86400.0, None),
    (4, 1, 2, 100, 5.0, 2.0, 10.0, None),  # earlier than it asked for
    (5, 1, 0, 0, 0.0, None, None, None),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manners")
    database.build(folder / "survey.db")
    with closing(sqlite3.connect(folder / "survey.db")) as db:
        (wave,) = db.execute("SELECT wave_id FROM waves WHERE name = ?", (WAVE,)).fetchone()
        db.execute("UPDATE waves SET settings = ?", (json.dumps(SETTINGS),))
        db.execute("DELETE FROM attempts")
        for site, attempt, requests, size, waited, gap, delay, retry in ATTEMPTS:
            db.execute(
                "INSERT INTO attempts (wave_id, site_id, attempt, started_at, finished_at,"
                " requests, bytes, waited, shortest_gap, crawl_delay, retry_after)"
                " VALUES (?, ?, ?, '2026', '2026', ?, ?, ?, ?, ?, ?)",
                (wave, site, attempt, requests, size, waited, gap, delay, retry),
            )
        db.execute(
            "INSERT INTO exclusions VALUES (?, '.asked.example', '2026-11-25', ?)", (wave, HOSTILE)
        )
        db.execute(
            "UPDATE visits SET reason = 'excluded', detail = '.asked.example' WHERE visit_id = 5"
        )
        db.execute("DELETE FROM captures WHERE visit_id = 5")
        db.commit()
    with closing(open_database(folder / "survey.db")) as db:
        report.build(db, WAVE, folder / "out")
    return folder / "out"


@pytest.fixture
def page(out):
    return lxml_html.parse(out / "politeness.html").getroot()


def rows(page, section):
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    ]


def test_totals_and_what_was_not_kept(page):
    assert "from 5 sites: 22 requests and 2100 bytes" in page.text_content()
    told = [item.text_content() for item in page.xpath("//section[@aria-labelledby='kept']//li")]
    assert told == [
        "1 sites were not asked for anything.",
        "1 sites were visited more than once, after a passing failure.",
        "2 sites ask for a Crawl-delay; pauses shorter than they asked for, up to our longest: 1.",
        "1 sites sent a Retry-After.",
        "Sites with a pause shorter than our own least one: 1.",
    ]


def test_spread_and_most(page):
    spread = {label: values for label, *values in rows(page, "spread")}
    assert spread["Requests"][0] == "2"
    assert spread["Requests"][-1] == "15"
    assert spread["Bytes received"][-1] == "1500"
    most = rows(page, "most")
    assert [row[2] for row in most] == ["15", "3", "2", "2", "0"]
    assert most[0][4] == "1.10"


def test_the_list_and_the_rules_of_the_wave_are_shown_and_escaped(page, out):
    ((entry, since, why, times),) = rows(page, "excluded")
    assert (entry, since, times) == (".asked.example", "2026-11-25", "1")
    assert why
    assert not page.xpath("//main//script")
    rules = page.xpath("//section[@aria-labelledby='rules']")[0].text_content()
    assert "192.0.2.53" in rules
    assert "not stated" in rules


def test_the_rows_are_beside_the_page(out):
    with (out / "csv" / "politeness.csv").open(newline="") as stream:
        read = list(csv.DictReader(stream))
    assert sum(int(row["requests"]) for row in read) == 22
    assert "v_politeness" in (out / "sql" / "politeness.sql").read_text()


def test_a_wave_without_a_record_has_a_page_all_the_same(tmp_path):
    database.build(tmp_path / "survey.db")
    with closing(sqlite3.connect(tmp_path / "survey.db")) as db:
        db.execute("DELETE FROM attempts")
        db.commit()
    with closing(open_database(tmp_path / "survey.db")) as db:
        report.build(db, WAVE, tmp_path / "out", sites=False)
    page = lxml_html.parse(tmp_path / "out" / "politeness.html").getroot()
    assert "from 0 sites" in page.text_content()
    assert "No entry kept this wave" in page.text_content()
