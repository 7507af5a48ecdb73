"""Pages that set rows side by side: every figure in them is a row of the SQL, read back out."""

import csv
import json
from contextlib import closing

import pytest
from lxml import html as lxml_html

from analysis.database import open_database
from analysis.numbers import indicator, paired
from analysis.numbers.practicality import scores
from analysis.report import overview_pages, site
from analysis.waves import changes as moved
from tests.factories import indicators
from tests.factories.indicators import BEFORE, WAVE


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("overview") / "survey.db"
    indicators.build(path)
    return path


@pytest.fixture(scope="module")
def out(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("overview-report") / "out"
    with closing(open_database(path)) as db:
        site.build(db, WAVE, out)
    return out


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as connection:
        yield connection


def read(page):
    return lxml_html.fromstring(page.read_text("utf-8"))


def test_parts_and_scores_are_those_of_the_indicators(out, connection):
    found = scores(indicator.run(connection, WAVE))
    shown = {
        (row.get("data-stratum"), cell.get("data-part")): cell.get("data-value")
        for row in read(out / "practicality.html").xpath("//tr[@data-stratum]")
        for cell in row.xpath("td[@data-part]")
    }
    text = lambda value: "" if value is None else str(value)  # noqa: E731
    expected = {(s.stratum, v.part.name): text(v.value) for s in found for v in s.values}
    assert shown == expected | {(s.stratum, "score"): text(s.score) for s in found}
    assert any(shown.values())
    written = json.loads((out / "practicality.json").read_text("utf-8"))
    assert [s["score"] for s in written] == [s.score for s in found]


def test_strata_stand_beside_each_other_with_what_they_rest_on(out, connection):
    (measured,) = indicator.run(connection, WAVE, ["observability"])
    rows = {row.stratum: row for row in measured.rows}
    for line in read(out / "strata.html").xpath("//tr[@data-stratum]"):
        (cell,) = line.xpath("td[@data-indicator='observability']")
        row = rows[line.get("data-stratum")]
        assert f"{row.k} of {row.n}" in cell.text_content()
    outcomes = read(out / "strata.html").xpath("//table")[1]
    panel = next(r for r in outcomes.iter("tr") if r[0].text_content() == "whole panel")
    counts = [int(cell.text_content()) for cell in panel[1:]]
    assert counts[0] == sum(counts[1:]) == 12


def test_faults_are_those_of_the_indicator_each_with_a_place_to_look_at(out, connection):
    (measured,) = indicator.run(connection, WAVE, ["fault_codes"])
    expected = {row.key: (row.k, row.n) for row in measured.rows if row.stratum == "*"}
    assert expected.pop("any")  # no single fault
    shown = {}
    for line in read(out / "faults.html").xpath("//tr[@data-key]"):
        value = lambda field, line=line: int(  # noqa: E731
            line.xpath(f"td[@data-field='{field}']")[0].get("data-value")
        )
        shown[line.get("data-key")] = (value("k"), value("n"))
        assert line.xpath("td[@class='quote']/a")[0].text in {f"n{n}.example" for n in (1, 2, 3)}
    assert shown == expected


def test_operators_carry_the_share_that_keeps_each_agent_out(out, connection):
    (measured,) = indicator.run(connection, WAVE, ["effective_block"])
    rows = {row.key: row for row in measured.rows if row.stratum == "*"}
    lines = {
        line[0].text_content(): line[-1].text_content()
        for line in read(out / "operators.html").xpath("//tbody/tr")
    }
    for token, row in rows.items():
        assert lines[token].startswith(f"{row.k} of {row.n}, ")
    assert lines["anthropic-ai (retired)"] == "not counted"


def test_changes_are_those_of_the_movedand_all_are_in_the_csv(out, connection):
    changes = list(moved.changes(connection, BEFORE, WAVE))
    page = read(out / "changes.html")
    assert [row.get("id") for row in page.xpath("//tr[@id]")] == [c.id for c in changes]
    with (out / "csv" / "changes.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [c.id for c in changes]
    tally = {(t.kind.value, t.subject): t.sites for t in moved.tally(connection, BEFORE, WAVE)}
    assert {
        (row.get("data-kind"), row.get("data-subject")): int(row[2].text_content())
        for row in page.xpath("//tr[@data-kind]")
    } == tally


def test_headlines_then_and_now_are_those_of_pairs_counted_by_hand(out, connection):
    """GPTBot, known in both waves: n1 n2 n3 a1 a2 a3 m1 m2 m3 (n4 and m4 failed now, a4 then).

    Blocked then: n1 (STAR) n2 n3 a2 m2; now: n1 n2 n3 a2 m2. ClaudeBot: of a2 nothing is known
    now; then n1 n3 a1 m2, now n2 n3 a1 m2: n1 lost, n2 gained.
    """
    with indicator.measuring(connection, WAVE):
        rows = {row.key: row for row in paired.run(connection) if row.stratum == "*"}
    gptbot, claude = rows["access:GPTBot"], rows["access:ClaudeBot"]
    assert (gptbot.n, gptbot.gained, gptbot.lost, gptbot.then) == (9, 0, 0, 5 / 9)
    assert (claude.n, claude.gained, claude.lost) == (8, 1, 1)
    assert (claude.p, claude.difference) == (1.0, 0.0)
    # Complete in both: n1 n2 n3 a1 a3 m1 m2 m3. Train then: n2 a1 m2 m3; now: n2 a1 m2.
    train = rows["use:train"]
    assert (train.n, train.gained, train.lost, train.now) == (8, 0, 1, 3 / 8)
    page = read(out / "changes.html")
    shown = {
        row.get("data-paired"): [int(row[i].text_content()) for i in (1, 4, 5)]
        for row in page.xpath("//tr[@data-paired]")
    }
    assert shown == {key: [row.n, row.gained, row.lost] for key, row in rows.items()}


def test_a_long_movedis_cut_on_the_page_only(path, tmp_path, monkeypatch):
    monkeypatch.setattr(overview_pages, "LISTED", 3)
    with closing(open_database(path)) as db:
        site.build(db, WAVE, tmp_path / "r", sites=False)
    page = read(tmp_path / "r" / "changes.html")
    assert len(page.xpath("//tr[@id]")) == 3
    assert "The first 3 of" in page.text_content()
    rows = (tmp_path / "r" / "csv" / "changes.csv").read_text("utf-8").splitlines()
    assert len(rows) > 4


def test_the_first_wave_says_that_there_is_nothing_to_compare(path, tmp_path):
    with closing(open_database(path)) as db:
        site.build(db, BEFORE, tmp_path / "r", sites=False)
    assert "no earlier wave" in read(tmp_path / "r" / "changes.html").text_content()
