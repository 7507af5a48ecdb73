"""The interval chart: lengths are the numbers, words are safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from analysis.report.chart import Bar, interval_chart, round_up


def draw(*bars, end=0.5):
    return etree.fromstring(interval_chart("Title", "What.", bars, end, lambda v: f"{v:g}"))


def test_bar_and_interval_are_as_long_as_their_numbers():
    svg = draw(Bar("GPTBot", 0.2, 0.1, 0.35, "2 of 10"))
    (share,) = svg.findall("rect[@class='share']")
    assert share.get("width") == "40.00%"
    line, *ends = svg.findall("line[@class='whisker']")
    assert (line.get("x1"), line.get("x2")) == ("20.00%", "70.00%")
    assert [end.get("x1") for end in ends] == ["20.00%", "70.00%"]
    assert [tick.text for tick in svg.findall("text[@class='tick']")] == ["0", "0.25", "0.5"]
    assert svg.get("role") == "img"
    assert svg.find("desc").text == "What. GPTBot: 2 of 10."


def test_what_was_not_measured_has_a_track_and_no_bar():
    svg = draw(Bar("a", None, None, None, "not measured"), Bar("b", 0.0, None, None, "0"))
    assert len(svg.findall("rect[@class='track']")) == 2
    assert len(svg.findall("rect[@class='share']")) == 1
    assert not svg.findall("line[@class='whisker']")


def test_words_that_do_not_fit_beside_each_other_stand_in_two_lines():
    (short,) = draw(Bar("a", 0.1, 0.0, 0.2, "b")).findall("text[@class='figures']")
    (below,) = draw(Bar("a" * 40, 0.1, 0.0, 0.2, "b" * 20)).findall("text[@class='figures']")
    assert (short.get("x"), short.get("y")) == ("100%", "17")
    assert (below.get("x"), below.get("y")) == ("0", "36")
    label = draw(Bar("a" * 400, 0.1, 0.0, 0.2, "b")).find("text[@class='label']").text
    assert len(label) == 44


@given(st.text(), st.text(), st.floats(0, 0.5))
def test_any_words_make_one_well_formed_drawing(label, figures, value):
    svg = draw(Bar(label, value, 0.0, 0.5, figures))
    assert {e.tag for e in svg} <= {"title", "desc", "line", "rect", "text"}
    assert svg.find("text[@class='label']").text or not label


@pytest.mark.parametrize(
    ("highest", "end"),
    [(0, 1), (0.034, 0.05), (0.05, 0.05), (0.3, 0.5), (0.9, 1), (1.0, 1), (1.1, 2.5), (120, 250)],
)
def test_the_axis_ends_at_a_round_number(highest, end):
    assert round_up(highest) == pytest.approx(end)


@given(st.floats(1e-9, 1e9))
def test_the_axis_holds_the_highest(highest):
    assert highest <= round_up(highest) <= 25 * highest
