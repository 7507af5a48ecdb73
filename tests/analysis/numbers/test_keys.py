"""Every row says in words what it counts, and every title is about one row that is named."""

import io
import re
from contextlib import closing

import pytest
from rich.console import Console

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.indicator import Indicator, Measured, Share
from analysis.report import site
from analysis.terminal.indicators import print_indicators
from tests.factories import indicators
from tests.factories.indicators import WAVE

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
