"""The first page and the findings in words: each figure is the SQL's, and addresses stay."""

import re
import sqlite3
import struct
from contextlib import closing
from datetime import date

import pytest
from lxml import etree
from lxml import html as lxml_html

from analysis.database import AnalysisError, open_database
from analysis.numbers import indicator
from analysis.numbers.indicator import Share, Spread
from analysis.numbers.questions import Finding, questions
from analysis.report import chart, sentences, site
from analysis.report.chart import Mark
from tests.factories import three_waves

NUMBER = re.compile(r"\d+(?:\.\d+)?")
NAMED = {"95", "10", "90", "0"}
"""What a sentence may say beside a row's figures: its interval's and its percentiles' names."""


@pytest.fixture(scope="module")
def measured(two_months):
    with closing(open_database(two_months / "survey.db")) as db:
        found = indicator.run(db, "demo-2", [i.name for i in indicator.indicators()])
    return {m.indicator.name: m for m in found}


@pytest.fixture(scope="module")
def pages(two_months):
    (folder,) = (two_months / "report").glob("demo-2-r*")
    return [lxml_html.parse(p).getroot() for p in (two_months / "report" / "index.html",
            folder / "questions.html", *sorted((folder / "question").glob("*.html")))]  # fmt: skip


def row_of(measured, told):
    rows = measured[told.get("data-indicator")].rows
    (row,) = (r for r in rows if r.stratum == "*" and r.key == told.get("data-key"))
    return row


def figures(row):
    """Every number that a row has, written as a reader would."""
    if isinstance(row, Spread):
        levels = (row.p10, row.median, row.p90)
        return {str(row.n)} | {w for v in levels for w in (f"{v:.3g}", f"{100 * v:.1f}")}
    shares = (row.share, row.low, row.high, row.weighted_share)
    return {str(row.k), str(row.n)} | {f"{100 * v:.1f}" for v in shares if v is not None}


def test_every_number_of_a_sentence_is_of_the_row_that_it_names(pages, measured):
    seen = 0
    for page in pages:
        for told in page.xpath("//p[@data-indicator]"):
            row, text = row_of(measured, told), told.text_content()
            assert set(NUMBER.findall(text)) <= figures(row) | NAMED, text
            if row.n >= sentences.FEW:
                assert str(row.n) in NUMBER.findall(text)
                assert isinstance(row, Spread) or f"{row.k} of {row.n}" in text or row.k == 0 or (
                    str(row.k) in NUMBER.findall(text)
                )  # fmt: skip
                seen += 1
            else:
                assert "%" not in text
    assert seen >= 25


def test_every_finding_names_a_key_that_its_indicator_can_have(measured):
    for question in questions():
        for finding in question.findings:
            assert measured[finding.indicator].indicator.label(finding.key)
            shown = set(re.findall(r"\{(\w+)\}", finding.says))
            spread = measured[finding.indicator].indicator.kind == "distribution"
            assert shown <= (
                {"n", "median", "p10", "p90", "median_share", "p10_share", "p90_share"}
                if spread
                else {"k", "n", "figures"}
            )
            assert "n" in shown


def share(**values):
    known = dict.fromkeys(Share.__slots__) | {"stratum": "*", "key": "", "label": "all"}
    return Share(**known | values)


def test_few_units_make_no_finding(measured):
    told = Finding("any_signal", "", "{k} of {n} ({figures})")
    known = measured["any_signal"]
    for n, words in ((9, "withheld, since only 9 could be counted"), (10, "3 of 10 (30.0\xa0%)")):
        one = type(known)(known.indicator, (share(k=3, n=n, share=3 / n),))
        found = sentences.sentence(told, one)
        assert words in found.text
        assert found.told is (n == 10)
    heavy = share(k=3, n=10, share=0.3, low=0.1, high=0.6, weighted_share=0.5)
    found = sentences.sentence(told, type(known)(known.indicator, (heavy,)))
    assert "95\xa0% interval 10.0–60.0\xa0%; by the panel’s weights 50.0\xa0%" in found.text
    assert not sentences.sentence(told, type(known)(known.indicator, ())).told


def test_what_was_cited_stays_where_it_is_when_the_next_wave_is_reported(tmp_path):
    three_waves.build(tmp_path / "db")
    out = tmp_path / "r"
    with closing(open_database(tmp_path / "db")) as db:
        waves = [name for (name,) in db.execute("SELECT name FROM waves ORDER BY started_at")]
        site.publish(db, waves[1], out)
        (first,) = (p for p in out.iterdir() if p.is_dir())
        before = {p: p.read_bytes() for p in first.rglob("*") if p.is_file()}
        index = site.publish(db, waves[2], out, sites=False)
    assert before == {p: p.read_bytes() for p in first.rglob("*") if p.is_file()}
    front = lxml_html.parse(index).getroot()
    assert f"{first.name}/index.html" in front.xpath("//section[@aria-labelledby='cite']//@href")
    for target in front.xpath("//a/@href"):
        name, _, anchor = target.partition("#")
        page = (out / name) if name else index
        assert page.is_file()
        assert not anchor or f'id="{anchor}"' in page.read_text("utf-8")
    (out / "mine").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with closing(open_database(tmp_path / "db")) as db, pytest.raises(AnalysisError, match="not a"):
        site.publish(db, waves[2], tmp_path / "other")


def test_places_of_two_waves_are_never_the_same():
    names = ("2026-11", "a/b", "a b", "../..", "", "ä")
    assert len({site.place(name, 5) for name in names}) == len(names)
    assert site.place("2026-11", 5) == "2026-11-r5"
    assert site.place("2026-11", None) == "2026-11-unjudged"
    assert all(re.fullmatch(r"[\w-][\w.-]*", site.place(name, 5), re.ASCII) for name in names)


def test_figures_are_files_of_their_own(two_months):
    (folder,) = (two_months / "report").glob("demo-2-r*")
    for page in (folder / "index.html", folder / "indicator" / "any_signal.html"):
        links = lxml_html.parse(page).xpath("//figure//a/@href")
        assert links
        assert all((page.parent / link).is_file() for link in links)
    drawn = etree.parse(folder / "figure" / "blocked.svg").getroot()
    assert drawn.get("width") == "720"
    painted = (folder / "figure" / "blocked.png").read_bytes()
    assert painted.startswith(b"\x89PNG")
    assert struct.unpack(">II", painted[16:24]) == (1440, 2 * int(drawn.get("height")))


def drawn_lines(*marks):
    svg = chart.line_chart("t", marks, 0.5, lambda share: f"{100 * share:g} %")
    root = etree.fromstring(str(svg))
    return {name: root.findall(f"line[@class='{name}']") for name in ("line", "break", "whisker")}


def test_no_line_joins_two_rulesets():
    marks = [Mark(date(2026, m, 1), f"w{m}", 0.1 * m, 0.0, 0.5, 4 + (m > 2)) for m in (1, 2, 3, 4)]
    found = drawn_lines(*marks)
    assert [len(found[name]) for name in ("line", "break", "whisker")] == [2, 1, 4]
    (cut,) = found["break"]
    ends = [float(line.get(x).rstrip("%")) for line in found["line"] for x in ("x1", "x2")]
    assert ends[1] < float(cut.get("x1").rstrip("%")) < ends[2]


def test_waves_of_one_day_stand_side_by_side():
    found = drawn_lines(
        Mark(date(2026, 1, 1), "a", 0.1, None, None, 5),
        Mark(date(2026, 1, 1), "b", 0.4, None, None, 5),
    )
    (line,) = found["line"]
    assert (line.get("x1"), line.get("x2")) == ("5.00%", "95.00%")
    assert not found["whisker"]


def test_site_pages_say_in_one_sentence_what_the_site_says(two_months):
    (folder,) = (two_months / "report").glob("demo-2-r*")
    with closing(sqlite3.connect(two_months / "survey.db")) as db:
        ids = dict(db.execute("SELECT host, site_id FROM sites"))
    told = {
        host: lxml_html.parse(folder / "site" / f"{number}.html")
        .xpath("//p[@data-sentence]")[0]
        .text
        for host, number in ids.items()
        if (folder / "site" / f"{number}.html").is_file()
    }
    assert told["adaeze-films.example"] == (
        "Its robots.txt keeps none of 8 major AI training agents out, and it says nothing else"
        " about training."
    )
    assert "Too little of this site could be read to say what it asks of AI." in told.values()
    assert not [host for host, text in told.items() if "none of 0" in text]
