"""Every row says in words what it counts, and every title is about one row that is named."""

import io
import re
from contextlib import closing

import pytest
from lxml import html
from rich.console import Console

from analysis.database import open_database
from analysis.numbers import indicator, keys, summary
from analysis.numbers.indicator import Indicator, Measured, Share
from analysis.report import site
from analysis.terminal.indicators import print_indicators
from analysis.terminal.summary import print_summary
from crawler.model import Outcome, Reason, RobotsState
from tests.factories import indicators
from tests.factories.indicators import WAVE
from tests.paths import ROOT

COMPUTED = [i for i in indicator.indicators() if i.sql]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "survey.db"
    indicators.build(path)
    return path


@pytest.fixture(scope="module")
def measured(path):
    with closing(open_database(path)) as connection:
        return indicator.run(connection, WAVE)


def shown(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_title_is_about_one_row_that_the_header_names(measured):
    for m in measured:
        if m.rows:
            first = m.primary()
            assert first is not None, m.indicator.name
            assert first.stratum == "*"
            assert first.label == m.indicator.label(first.key)


def test_no_row_has_a_key_without_words(measured):
    rows = [(m.indicator, row) for m in measured for row in m.rows]
    assert rows
    for chosen, row in rows:
        assert row.label, (chosen.name, row.key)
        assert (row.label == "all") is (row.key == "" and not chosen.keys)


def test_different_keys_have_different_words(measured):
    for m in measured:
        labels = {row.key: row.label for row in m.rows}
        assert len(set(labels.values())) == len(labels), m.indicator.name


def test_a_key_that_the_header_does_not_name_is_refused():
    closed = Indicator("x", "I-99", "t", "q", "l", primary="a", keys="a = the first; *>b = {} to b")
    assert [closed.label("a"), closed.label("c>b")] == ["the first", "c to b"]
    with pytest.raises(ValueError, match=r"x.sql: no words for the key 'c'"):
        closed.label("c")
    with pytest.raises(ValueError, match="no words"):
        Indicator("x", "I-99", "t", "q", "l").label("a")


@pytest.mark.parametrize(
    ("primary", "key"), [("b", "b"), ("(first)", "a"), ("(largest)", "c"), ("(all)", "")]
)
def test_the_primary_row(primary, key):
    nothing = dict.fromkeys(Share.__slots__)
    rows = [Share(**nothing | {"stratum": s, "key": k, "n": n}) for s in "*s"
            for k, n in (("c", 5), ("b", 2), ("a", 5), ("", 1))]  # fmt: skip
    if primary == "(first)":
        rows = [row for row in rows if row.key]
    if primary == "(largest)":
        rows = [row for row in rows if row.key != "a"]
    found = Measured(Indicator("x", "I-99", "t", "q", "l", primary=primary, keys="* = {}"), rows)
    assert (found.primary().stratum, found.primary().key) == ("*", key)
    assert found.primary("nowhere") is None


def test_header_fields_come_together():
    given = [name for name in indicator.COMPUTED if name not in {"waves", "primary"}]
    head = "".join(f"-- {name}: x\n" for name in given)
    with pytest.raises(ValueError, match="primary and keys together"):
        indicator._indicator("odd", head + "SELECT 1")


def test_pages_show_the_words_and_the_row_of_the_title(path, tmp_path, measured):
    with closing(open_database(path)) as connection:
        site.build(connection, WAVE, tmp_path / "report", sites=False)
    every = shown((tmp_path / "report" / "indicators.html").read_text("utf-8"))
    for m in measured:
        if not m.rows:
            continue
        first = m.primary()
        text = (tmp_path / "report" / "indicator" / f"{m.indicator.name}.html").read_text("utf-8")
        assert re.search(r'<p class="lead" data-key="([^"]*)"', text)[1].replace(
            "&gt;", ">") == first.key  # fmt: skip
        page = shown(text).replace("&gt;", ">").replace("&#39;", "'")
        assert all(row.label in page for row in m.rows if row.stratum == "*")
        assert first.label in every.replace("&#39;", "'")


def test_the_terminal_shows_the_words_and_the_row_of_the_title_first(measured):
    page = io.StringIO()
    print_indicators([m for m in measured if m.rows], Console(width=250, file=page), strata=False)
    text = page.getvalue()
    for m in measured:
        if m.rows:
            place = text.index(f"{m.indicator.id} {m.indicator.name}:")
            rule, first = re.search(r"\n +(─+) *\n(.*)\n", text[place:]).groups()
            assert rule
            assert first.strip().startswith(m.primary().label[:40]), m.indicator.name


@pytest.fixture(scope="module")
def published(two_months):
    with closing(open_database(two_months / "survey.db")) as connection:
        yield connection, summary.run(connection, "demo-2")


def test_every_published_number_names_its_keys(published):
    """All keys of the demo web; and each word of a closed list, whether a site has it or not."""
    rows = [(result, row) for result in published[1].results for row in result.rows]
    for result, row in rows:
        assert row.label == result.label(row.key)
        assert (row.label == "all") is (row.key == ""), (row.definition, row.key)
        assert not re.search(r"[{}*]", row.label)
    for result in published[1].results:
        labels = {row.key: row.label for row in result.rows}
        assert len(set(labels.values())) == len(labels), result.number.definition
    numbers = {number.definition: number for number in summary.numbers()}
    for definition, words in (
        ("robots_state", RobotsState), ("use_reserved", ("train", "search", "ai_input")),
        ("outcomes", [f"{outcome}:{reason}" for outcome in Outcome for reason in Reason]),
        ("unmeasured", [f"{outcome}:{reason}" for outcome in Outcome for reason in Reason]),
    ):  # fmt: skip
        assert all(numbers[definition].label(word) for word in words)
    with pytest.raises(ValueError, match=r"robots_state.sql: no words for the key 'gone'"):
        numbers["robots_state"].label("gone")


def test_pages_and_terminal_show_the_words_of_published_numbers(published, tmp_path):
    connection, found = published
    site.build(connection, "demo-2", tmp_path / "report", sites=False)
    page = html.parse(tmp_path / "report" / "numbers.html")
    shown_rows = {
        element.get("data-key"): " ".join(element.text_content().split())
        for element in page.xpath("//th[@data-key]")
    }
    told = io.StringIO()
    print_summary(found, Console(width=250, file=told))
    for definition in ("unmeasured", "outcomes", "robots_state", "use_reserved"):
        result = found[definition]
        rows = [row for row in result.rows if row.stratum == "*"]
        assert rows
        for row in rows:
            assert shown_rows[row.key].startswith(row.label)
            if definition in {"unmeasured", "use_reserved"}:
                assert row.label in told.getvalue()
    changes = html.parse(tmp_path / "report" / "changes.html")
    for row in changes.xpath("//tr[@data-paired]"):
        key = row.get("data-paired")
        assert row[0].text_content() == keys.label(keys.HEADLINES, key) != key


def test_no_table_of_the_report_begins_with_a_bare_key(published, tmp_path):
    """Keys that are no name of an agent, a signal or a site are shown by their words only."""
    connection, found = published
    site.build(connection, "demo-2", tmp_path / "report", sites=False)
    measured = indicator.run(connection, "demo-2")
    names = {row.key for result in found.results for row in result.rows if row.label == row.key}
    bare = {row.key for result in found.results for row in result.rows if row.label != row.key}
    bare |= {row.key for m in measured for row in m.rows if row.label not in {row.key, "all"}}
    heads = [
        (file.name, " ".join(head.text_content().split()))
        for file in sorted((tmp_path / "report").rglob("*.html"))
        for head in html.parse(file).xpath(
            "//tbody/tr[td[@class='n'] and not(@data-kind)]/th[@scope='row']"
        )
    ]
    assert len(heads) > 500
    for file, head in heads:
        if file in {"signals.html", "faults.html", "operators.html", "politeness.html"}:
            continue  # signals, faults, operators and figures by name: no row of a number alone
        assert head not in bare - names - {""}, (file, head)


def test_notebooks_show_words_and_never_keys():
    for notebook in sorted((ROOT / "analysis" / "notebooks").glob("[0-9]*.py")):
        for line in notebook.read_text("utf-8").splitlines():
            shown_key = re.search(r"\b\w+\.key\b(?!\s*==)", line)
            assert not shown_key, (notebook.name, line)
