"""The practicality score against sums done by hand."""

import math
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.numbers import indicator, practicality
from analysis.numbers.practicality import Part, Value, parse, parts, score, scores
from tests.factories import indicators

PARTS = [Part(name, name, "any_signal", "", turned=False, weight=1) for name in "abcd"]


def values(*numbers, weights=(1, 1, 1, 1)):
    return tuple(
        Value(Part(p.name, p.title, p.indicator, "", turned=False, weight=w), number, 10)
        for p, number, w in zip(PARTS, numbers, weights, strict=False)
    )


def test_the_score_is_the_geometric_mean_and_its_range_that_of_other_choices():
    found = score("*", values(0.25, 0.5, 1.0))
    assert found.score == pytest.approx((0.25 * 0.5) ** (1 / 3))  # 0.5
    # Without the worst part: sqrt(0.5); without the best: sqrt(0.125). A weight doubled lies
    # between: (0.25 * 0.25 * 0.5) ** (1/4) = 0.42 at the lowest, 0.125 ** (1/4) = 0.59 at the top.
    assert (found.low, found.high) == pytest.approx((math.sqrt(0.125), math.sqrt(0.5)))


def test_weights_count():
    found = score("*", values(0.25, 0.5, 1.0, weights=(2, 1, 1)))
    assert found.score == pytest.approx((0.25**2 * 0.5) ** (1 / 4))


def test_a_part_at_zero_makes_it_zero_unless_it_is_left_out():
    found = score("*", values(0.0, 0.5, 0.5, 0.5))
    assert (found.score, found.low, found.high) == pytest.approx((0.0, 0.0, 0.5))


def test_what_was_not_measured_is_left_out_and_two_parts_make_no_score():
    found = score("*", values(0.5, None, 0.5, 0.5))
    assert found.score == pytest.approx(0.5)
    assert [v.part.name for v in found.values if v.value is None] == ["b"]
    assert score("*", values(0.5, None, 0.5)).score is None


@given(st.lists(st.floats(0, 1), min_size=3, max_size=4))
def test_the_score_lies_between_its_parts_and_inside_its_range(numbers):
    found = score("*", values(*numbers))
    slack = 1e-12
    assert min(numbers) - slack <= found.score <= max(numbers) + slack
    assert found.low <= found.score <= found.high


def test_parts_come_from_the_rows_of_the_indicators(tmp_path):
    path = tmp_path / "survey.db"
    indicators.build(path)
    names = [part.indicator for part in parts()]
    with closing(sqlite3.connect(path)) as connection:
        measured = indicator.run(connection, indicators.WAVE, names)
    by_name = {m.indicator.name: m.rows for m in measured}
    (panel, *strata) = scores(measured)
    assert panel.stratum == "*"
    assert [s.stratum for s in strata] == sorted(s.stratum for s in strata)
    found = {v.part.name: v.value for v in panel.values}
    whole = lambda name, key: next(  # noqa: E731
        r for r in by_name[name] if (r.stratum, r.key) == ("*", key)
    )
    assert found["reach"] == whole("operator_coverage", "").mean
    assert found["effect"] == 1 - whole("ineffective_intent", "fails").share
    assert found["terms"] == 1 - whole("terms_gap", "").share


def test_what_is_unknown_is_in_no_denominator_of_a_part():
    """Of 3 yes, 1 no, 4 unknown: three quarters of what is known."""
    part = Part("a", "a", "any_signal", "yes", turned=False, weight=1, of=("yes", "no"))
    rows = [SimpleShare("yes", 3), SimpleShare("no", 1), SimpleShare("unknown", 4)]
    found = practicality._value(part, "*", rows)
    assert (found.value, found.n) == (0.75, 4)
    assert practicality._value(part, "*", rows[2:]).value is None


def SimpleShare(key, k):  # noqa: N802 - stands for the class
    nothing = dict.fromkeys(indicator.Share.__slots__)
    return indicator.Share(**nothing | {"stratum": "*", "key": key, "k": k, "n": 8})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "part"),
        ('[[part]]\nname = "a"', "missing"),
        (
            '[[part]]\nname = "a"\ntitle = "t"\nindicator = "nobody"\nkey = ""\nturned = true\n'
            "weight = 1",
            "a needs",
        ),
    ],
)
def test_a_faulty_table_is_refused(text, fault):
    with pytest.raises(ValueError, match=fault):
        parse(text)


def test_every_part_is_registered_once():
    assert len({part.name for part in practicality.parts()}) == len(practicality.parts())
