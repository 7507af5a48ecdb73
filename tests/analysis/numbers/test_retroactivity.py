"""Indicators I-46 to I-48 on panels made by hand: what was captured before it was refused."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import open_database
from analysis.numbers import indicator
from crawler.cli import main

OPEN, CLOSED = "User-agent: *\nDisallow: /private/\n", "User-agent: CCBot\nDisallow: /\n"
HEADER = "host,collection,first_seen,last_seen,pages\n"


def run(*arguments):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return result.output


class Panel:
    """A database with waves of sites, {host: robots.txt}, and public captures."""

    def __init__(self, folder):
        self.folder, self.db = folder, folder / "survey.db"

    def wave(self, day, sites):
        told = [{"domain": host, "robotsTxt": text} for host, text in sites.items()]
        file = self.folder / f"{day}.json"
        file.write_text(json.dumps(told))
        run("import", "robots-json", file, "--db", self.db, "--wave", day, "--date", day)
        return self

    def taken(self, rows):
        file = self.folder / "taken.csv"
        file.write_text(HEADER + "".join(row + "\n" for row in rows.split()))
        run("history", "import", file, "--db", self.db)
        return self

    def measure(self, name, wave):
        with closing(open_database(self.db)) as connection:
            (found,) = indicator.run(connection, wave, [name])
        return {row.key: row for row in found.rows if row.stratum == "*"}

    def counts(self, name, wave):
        return {key: (row.k, row.n) for key, row in self.measure(name, wave).items()}


LAST = "2024-08-06"


def build(path):
    """Write a survey that has a row for each of the three indicators; its wave is LAST."""
    panel = Panel(path.parent)
    panel.db = path
    named = {"a.example": CLOSED, "b.example": CLOSED.replace("CCBot", "GPTBot")}
    panel.wave("2023-10-06", dict.fromkeys(named, OPEN)).wave(LAST, named)
    panel.taken(
        "a.example,CC-MAIN-2023-40,2023-09-25,2023-09-25,3"
        " b.example,CC-MAIN-2019-51,2023-09-01,2023-09-05,7"
    )


@pytest.fixture
def panel(tmp_path):
    return Panel(tmp_path)


THREE = dict.fromkeys(("a.example", "b.example", "c.example"), CLOSED)


@pytest.fixture
def example(panel):
    """Closed between 2 January 2025 and 30 June 2026; a.example was taken before, b in between."""
    panel.wave("2025-01-02", dict.fromkeys(THREE, OPEN)).wave("2026-06-30", THREE)
    return panel.taken(
        """
        a.example,CC-MAIN-2024-51,2024-12-01,2024-12-01,10
        a.example,CC-MAIN-2025-26,2025-06-10,2025-06-12,30
        b.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,0
        b.example,CC-MAIN-2025-26,2025-06-14,2025-06-14,40
        c.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,0
        c.example,CC-MAIN-2025-26,2025-06-10,2025-06-20,0
        www.c.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,0
        www.c.example,CC-MAIN-2025-26,2025-06-10,2025-06-20,0
        c.example,CC-MAIN-2026-30,2026-07-20,2026-07-21,9
        """
    )


def ccbot(**counts):
    return {f"CC-MAIN CCBot (unverified) {key}": value for key, value in counts.items()}


def test_one_of_three_was_surely_captured_before_two_possibly_and_one_not(example):
    found = example.counts("after_capture", "2026-06-30")
    assert found == ccbot(certain=(1, 3), possible=(2, 3), unknown=(0, 3))


def test_a_site_without_a_row_is_unknown_and_never_not_captured(example):
    sites = THREE | {"d.example": CLOSED}
    example.wave("2026-07-01", sites)
    found = example.counts("after_capture", "2026-07-01")
    assert found == ccbot(certain=(1, 4), possible=(2, 4), unknown=(1, 4))


def test_a_host_that_was_looked_for_without_www_alone_is_unknown(panel):
    panel.wave("2025-01-02", {"c.example": OPEN}).wave("2026-06-30", {"c.example": CLOSED})
    panel.taken("c.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,0")
    assert panel.counts("after_capture", "2026-06-30") == ccbot(unknown=(1, 1))
    panel.taken("www.c.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,5")
    assert panel.counts("after_capture", "2026-06-30") == ccbot(
        certain=(1, 1), possible=(1, 1), unknown=(0, 1)
    )


def test_a_capture_on_the_day_of_the_last_open_look_is_possible_and_not_certain(panel):
    panel.wave("2025-01-02", {"a.example": OPEN}).wave("2026-06-30", {"a.example": CLOSED})
    panel.taken("a.example,CC-MAIN-2025-05,2025-01-02,2025-01-20,1")
    assert panel.counts("after_capture", "2026-06-30") == ccbot(
        certain=(0, 1), possible=(1, 1), unknown=(0, 1)
    )


def test_a_site_that_was_never_seen_open_is_never_certain(panel):
    """The refusal may be older than the first wave: left-censored."""
    panel.wave("2026-06-30", {"a.example": CLOSED})
    panel.taken("a.example,CC-MAIN-2024-51,2024-12-01,2024-12-12,7")
    assert panel.counts("after_capture", "2026-06-30") == ccbot(
        certain=(0, 1), possible=(1, 1), unknown=(0, 1)
    )


def test_a_site_that_opened_again_counts_from_its_last_refusal(panel):
    for day, text in (("2024-01-01", CLOSED), ("2025-01-01", OPEN), ("2026-01-01", CLOSED)):
        panel.wave(day, {"a.example": text})
    panel.taken("a.example,CC-MAIN-2024-30,2024-07-01,2024-07-09,7")
    assert panel.counts("after_capture", "2026-01-01")["CC-MAIN CCBot (unverified) certain"] == (
        1, 1
    )  # fmt: skip


def test_another_crawl_is_not_counted_and_an_open_site_neither(panel):
    sites = {"a.example": CLOSED, "b.example": OPEN}
    panel.wave("2025-01-02", dict.fromkeys(sites, OPEN)).wave("2026-06-30", sites)
    panel.taken(
        "a.example,OTHER-2024,2024-12-01,2024-12-12,7 b.example,CC-MAIN-1,2024-01-01,2024-01-01,5"
    )
    assert panel.counts("after_capture", "2026-06-30") == ccbot(unknown=(1, 1))


def test_an_operator_counts_for_the_collections_that_it_is_said_to_use(panel):
    closed = "User-agent: GPTBot\nDisallow: /\n"
    panel.wave("2023-01-02", {"a.example": OPEN, "b.example": OPEN})
    panel.wave("2026-06-30", {"a.example": closed, "b.example": closed})
    panel.taken(
        "a.example,CC-MAIN-2018-51,2018-12-01,2018-12-12,7"
        " b.example,CC-MAIN-2022-05,2022-01-02,2022-01-20,7"
    )
    found = panel.counts("after_capture", "2026-06-30")
    assert found["CC-MAIN GPTBot (unverified) certain"] == (1, 2)
    assert found["CC-MAIN GPTBot (unverified) unknown"] == (1, 2)


def test_pages_before_over_all_pages(example):
    """a: 10 certain, 30 more possible; b: 40 possible; c: 9 later. 89 in all."""
    found = example.counts("locked_in", "2026-06-30")
    assert found == ccbot(certain=(10, 89), possible=(80, 89))


def test_days_from_the_announcement_for_sites_captured_in_between(panel, monkeypatch):
    """GPTBot was announced on 7 August 2023; only the crawl of 2019 is said to be used."""
    closed = "User-agent: GPTBot\nDisallow: /\n"
    panel.wave("2023-10-06", {"a.example": OPEN, "b.example": OPEN})
    panel.wave("2024-08-06", {"a.example": closed, "b.example": closed})
    panel.taken(
        "a.example,CC-MAIN-2019-51,2023-09-01,2023-09-05,7"
        " b.example,CC-MAIN-2019-51,2022-01-02,2022-01-20,7"
    )
    found = panel.measure("wasted_window", "2024-08-06")
    assert {key: (row.n, row.median) for key, row in found.items()} == {
        "CC-MAIN GPTBot (unverified) certain": (1, 60.0),
        "CC-MAIN GPTBot (unverified) possible": (1, 365.0),
    }


def test_without_public_captures_nothing_is_said(panel):
    panel.wave("2026-06-30", THREE)
    for name in ("after_capture", "locked_in", "wasted_window"):
        assert panel.counts(name, "2026-06-30") == {}


def test_the_table_of_the_indicators_is_the_view(tmp_path):
    """Three looks, one of them cut short; a site reopened, one refuses by the star."""
    star = CLOSED.replace("CCBot", "*")
    hosts = [f"s{n}.example" for n in range(5)]
    panel = Panel(tmp_path)
    panel.wave("2023-10-06", dict(zip(hosts, (OPEN, OPEN, CLOSED, star, OPEN), strict=True)))
    panel.wave("2024-03-01", dict(zip(hosts, (OPEN, CLOSED, OPEN, star, CLOSED), strict=True)))
    panel.wave(LAST, dict(zip(hosts, (CLOSED, CLOSED, CLOSED, star, OPEN), strict=True)))
    panel.taken("s0.example,CC-MAIN-2023-40,2023-09-21,2023-10-05,7")
    with closing(open_database(panel.db)) as connection:
        with indicator.measuring(connection, LAST):
            table = connection.execute(
                "SELECT host, agent, last_open, first_closed FROM opt_outs ORDER BY 1, 2"
            ).fetchall()
        view = connection.execute(
            "SELECT host, agent, last_open, first_closed FROM v_opt_outs JOIN corpus_users"
            " USING (agent) WHERE wave = ? ORDER BY 1, 2",
            (LAST,),
        ).fetchall()
    assert table == view
    assert [row for row in table if row[1] == "CCBot"] == [
        ("s0.example", "CCBot", "2024-03-01", LAST),
        ("s1.example", "CCBot", "2023-10-06", "2024-03-01"),
        ("s2.example", "CCBot", "2024-03-01", LAST),
        ("s3.example", "CCBot", None, "2023-10-06"),
    ]
