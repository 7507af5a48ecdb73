"""`optout panel`: what a person sees, what programs get, and what is refused."""

import csv
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cli import main
from crawler.cli.panel import DIMENSIONS, METHODS, PLACES
from crawler.demo.web import load_sites, panel_csv
from crawler.panel import reading as panels
from crawler.panel.sampling.allocation import Method
from crawler.panel.sampling.frame import Dimension, Place


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.csv").write_text(panel_csv(load_sites()), encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, ["panel", *arguments])


BUILD = ("build", "demo.csv", "--seed", "7", "--date", "2026-11-25")


def test_the_choices_are_those_of_the_code():
    assert tuple(Method) == METHODS
    assert tuple(Dimension) == DIMENSIONS
    assert tuple(Place) == PLACES


def test_a_panel_of_the_demo_web(here):
    done = run(
        *BUILD, "--sites", "40", "--out", "one.csv", "--region", "isles=GB,IE",
        "--by", "sector,region", "--licence", "CC0-1.0", "--about", "Invented sites.",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "40  drawn, seed 7" in done.output
    invented = {site.host for site in load_sites()}
    panel = panels.read(here / "one.csv", strict=True)
    assert {site.host for site in panel.sites} <= invented
    assert len(panel.sites) == 40
    assert run("validate", "one.csv").output == "40 sites, 0 faults\n"
    assert "arts / isles" in {site.stratum for site in panel.sites}

    again = run(*BUILD, "--sites", "40", "--out", "two.csv", "--region", "isles=GB,IE",
                "--by", "sector,region", "--json")  # fmt: skip
    told = json.loads(again.output)
    assert (told["drawn"], told["allocation"], told["seed"]) == (40, "square-root", 7)
    assert told["files"] == ["two.csv", "two.meta.toml", "two.methodology.md", "two.rejected.csv"]
    assert told["sha256"] == panel.sha256
    assert (here / "two.csv").read_bytes() == (here / "one.csv").read_bytes()
    assert "CC0" not in (here / "two.meta.toml").read_text()


def test_what_is_dropped_is_told_and_listed(here):
    (here / "list.csv").write_text("url\na.example\nwww.a.example\n\x1b[31m\n")
    done = run("build", "list.csv", "--date", "2026-11-25")
    lines = done.output.splitlines()
    assert lines[:5] == [
        "         3  rows; inputs: 1",
        "         1  no readable row, or no public web host",
        "         1  another row of the same site",
        "         1  sites left: the population",
        "         1  drawn, seed 1",
    ]
    rows = (here / "panel.rejected.csv").read_text().splitlines()
    assert rows[1].startswith("list.csv,3,duplicate,the same site as a.example (list.csv:2)")
    assert rows[2].startswith("list.csv,4,unreadable,")
    assert rows[2].endswith(r"\x1b[31m")


def test_everything_can_be_asked_for_at_once(here):
    (here / "never.txt").write_text(".dripping-tap.example 2026-11-01 asked\n")
    (here / "ranks.csv").write_text("3,adaeze-films.example\n")
    (here / "shares.csv").write_text("stratum,share\nrank-1k,0.5\n")
    done = run(
        *BUILD, "--country", "ng", "--country", "US", "--sector", "film", "--place", "own",
        "--ending", "example", "--lowest-rank", "9", "--cap", "1", "--ranks", "ranks.csv",
        "--exclude", "never.txt", "--by", "size", "--allocation", "neyman", "--expected",
        "shares.csv", "--minimum", "1", "--name", "Films", "--json",
    )  # fmt: skip
    told = json.loads(done.output)
    assert (told["name"], told["population"]) == ("Films", 1)
    assert [s["name"] for s in told["strata"]] == ["rank-1k"]
    assert told["dropped"]["excluded"] == 1
    assert "The sector is one of: screen." in told["rules"]
    with (here / "panel.csv").open() as file:
        assert [row["host"] for row in csv.DictReader(file)] == ["adaeze-films.example"]


def test_redirects_of_an_earlier_survey_are_taken_over(here):
    from tests.factories.database import build as build_database

    build_database(here / "old.db")
    with closing(sqlite3.connect(here / "old.db")) as db, db:
        db.execute("UPDATE captures SET final_url = 'https://new.example/' WHERE resource = '/'")
    told = json.loads(run(*BUILD, "--redirects", "old.db", "--json").output)
    assert told["files"][0] == "panel.csv"
    assert "are one site" in told["rules"][1]
    assert "redirects of an earlier survey" in (here / "panel.methodology.md").read_text()
    assert json.loads(run(*BUILD, "--by", "nothing", "--out", "b.csv", "--json").output)["by"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--by", "colour"), "--by colour: known are sector, place"),
        (("--country", "Britain"), "Britain: country is not two letters"),
        (("--sector", "bees"), "--sector bees: known are advertising (Advertising and marketing)"),
        (("--region", "isles"), "--region isles: write a name and its countries"),
        (("--region", "=GB"), "--region =GB: write a name"),
        (("--region", "isles=GBR"), "GBR: country is not two letters"),
        (("--expected", "x.csv"), "--expected: only --allocation neyman"),
        (("--sites", "3"), "strata with 2 sites each"),
        (("--exclude", "none.txt"), "none.txt: No such file"),
        (("--redirects", "none.db"), "none.db: no such file"),
        (("--ranks", "none.csv"), "none.csv: no such file"),
        (("none.csv",), "none.csv: no such file"),
        (("--out", "demo.csv"), "demo.csv: is there already"),
        (("--out", "demo.csv/x.csv"), "demo.csv"),
    ],
)
def test_what_cannot_be_done_is_refused(here, arguments, message):
    done = run(*BUILD, *arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert sorted(path.name for path in here.iterdir()) == ["demo.csv"]


def test_a_panel_is_dated_today_unless_told_otherwise(here):
    told = json.loads(run("build", "demo.csv", "--json").output)
    assert abs((datetime.now(UTC).date() - date.fromisoformat(told["date"])).days) <= 1
    assert told["drawn"] == told["population"]


def test_check_is_as_it_was(here):
    (here / "p.csv").write_text("a.example\nA.example\nb c\n")
    done = run("check", "p.csv")
    assert done.exit_code == 0
    assert "p.csv:2: a.example: already on line 1: A.example" in done.output
    assert json.loads(run("check", "p.csv", "--json").output)["accepted"] == 1
    assert run("check", "p.csv", "--strict").exit_code == 2


COUNTED = re.compile(r"(\d+) rows: (\d+) accepted, (\d+) refused, (\d+) duplicates; ")


@given(
    st.lists(
        st.sampled_from(["a.org", "A.org.", "b.org", "co.uk", "", "# x", "x\0.org", "\udcff.org",
                         "bit.ly", "c.org d.org", "1.2.3.4", "🇬🇧", "münchen.de", '"a.org'])
    )
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_accepted_refused_and_repeated_are_all_rows_and_printed(rows):
    text = "\n".join(["first.org", *rows]).encode("utf-8", "surrogateescape")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.csv"
        path.write_bytes(text)
        told = COUNTED.search(run("check", str(path)).output)
        found = json.loads(run("check", str(path), "--json").output)
    counts = [found["rows"], found["accepted"], found["rejected"], found["duplicates"]]
    assert told
    assert list(map(int, told.groups())) == counts
    written = 1 + sum(bool(row.strip()) and not row.startswith("#") for row in rows)
    assert counts[0] == sum(counts[1:]) == written


def test_a_country_that_cannot_be_read_is_told(here):
    (here / "p.csv").write_text("host,country\na.example,Britain\n")
    assert "p.csv:2: country is not two letters" in run("check", "p.csv").output
    (here / "l.csv").write_text("host,country\na.example,Britain\n")
    told = run("build", "l.csv", "--out", "o.csv").output
    assert "         1  rows whose country could not be read: unknown\n" in told


def test_a_panel_is_described(here):
    run(*BUILD, "--sites", "40", "--out", "one.csv")
    text = run("describe", "one.csv").output
    assert text.startswith("one: 40 sites of 40 registrable domains\n")
    assert "for figures of the whole the panel is worth" in text
    assert "inclusion_rules: A row belongs" in text
    told = json.loads(run("describe", "one.csv", "--json").output)
    assert told["population"] == pytest.approx(sum(group["weights"] for group in told["strata"]))
    assert told["counts"]["sector"][0].keys() == {"value", "sites"}
    (here / "bare.csv").write_text("a.example\n")
    assert "      1             not said\n" in run("describe", "bare.csv").output
    assert run("describe", "none.csv").exit_code == 2


def test_faults_of_a_panel_are_listed_and_fail(here):
    (here / "p.csv").write_text("host,weight\na.example,1\nwww.a.example,1\n")
    (here / "never.txt").write_text("a.example 2026-11-01 asked\n")
    done = run("validate", "p.csv", "--exclude", "never.txt")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "p.csv: the metadata beside the panel does not say its inclusion_rules",
        "p.csv: the metadata beside the panel does not say its licence",
        "p.csv: the metadata beside the panel does not say its source",
        "p.csv:2: a.example: on the do-not-survey list: asked",
        "p.csv:3: www.a.example: a.example is already on line 2",
        "2 sites, 5 faults",
    ]
    told = json.loads(run("validate", "p.csv", "--json").output)
    assert (told["valid"], len(told["faults"])) == (False, 4)
    assert run("validate", "p.csv", "--exclude", "none.txt").exit_code == 2


def test_two_panels_are_compared(here):
    (here / "a.csv").write_text(
        "host,stratum\nx.example,one\n" + "".join(f"{n}.example,\n" for n in range(25))
    )
    (here / "b.csv").write_text("host,stratum\nx.example,\x1b[1mtwo\ny.example,one\n")
    done = run("diff", "a.csv", "b.csv")
    lines = done.output.splitlines()
    assert lines[:3] == ["added: 1", "  y.example", "removed: 25"]
    assert lines[23:] == [
        "  and 5 more", "moved stratum: 1", r"  x.example: one -> \x1b[1mtwo",
        "changed weight: 0", "the same: 0",
    ]  # fmt: skip
    told = json.loads(run("diff", "a.csv", "b.csv", "--json").output)
    assert told["moved"] == [{"host": "x.example", "before": "one", "after": "\x1b[1mtwo"}]
    assert len(told["removed"]) == 25


def test_a_foreign_database_is_refused(here):
    (here / "x.db").write_text("no database")
    assert run(*BUILD, "--redirects", "x.db").exit_code == 2
