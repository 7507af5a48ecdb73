"""The dated list of agents: the figures known for it, and what is refused in the data."""

from datetime import date

import pytest

from crawler.registry import timeline
from crawler.registry.timeline import TimelineError, parse

NOW = date(2026, 8, 22)
QUARTERS = [  # counted independently from the list's history
    ("2024-03-31", 25, 11.0),
    ("2024-06-30", 23, 12.3),
    ("2024-09-30", 40, 24.5),
    ("2024-12-31", 41, 25.2),
    ("2025-03-31", 47, 28.8),
    ("2025-06-30", 84, 49.1),
    ("2025-09-30", 96, 58.9),
    ("2025-12-31", 127, 77.3),
    ("2026-03-31", 136, 82.8),
    ("2026-06-30", 156, 95.1),
    ("2026-08-22", 163, 100.0),
]


@pytest.mark.parametrize(("day", "names", "share"), QUARTERS)
def test_list_of_a_quarter_and_what_a_copy_of_it_still_covers(day, names, share):
    then = date.fromisoformat(day)
    assert len(timeline.listed_on(then)) == names
    assert round(100 * timeline.share_still_covered(then, NOW), 1) == share


def test_totals():
    assert len(timeline.ever()) == 183
    assert timeline.last_day() == NOW
    assert len(timeline.ever() - timeline.listed_on(NOW)) == 20


def test_nothing_is_listed_before_the_first_day_and_the_last_list_stays():
    assert timeline.listed_on(date(2024, 3, 26)) == frozenset()
    assert timeline.listed_on(date(2030, 1, 1)) == timeline.listed_on(NOW)
    with pytest.raises(ValueError, match="no list is known"):
        timeline.share_still_covered(NOW, date(2023, 1, 1))
    with pytest.raises(ValueError, match="no list is known"):
        timeline.half_life(date(2023, 1, 1))


def test_half_life_is_the_age_of_the_oldest_copy_that_covers_half():
    age = timeline.half_life(NOW)
    assert age is not None
    oldest = date.fromordinal(NOW.toordinal() - age)
    assert timeline.share_still_covered(oldest, NOW) >= 0.5
    day_before = date.fromordinal(oldest.toordinal() - 1)
    assert timeline.share_still_covered(day_before, NOW) < 0.5
    assert date(2025, 6, 30) < oldest < date(2025, 9, 30)
    assert timeline.half_life(date(2024, 4, 10)) is None


def test_debt_is_what_was_listed_since_and_is_not_named():
    then = date(2026, 7, 31)
    assert timeline.missing_since(then, []) == {"exasearchbot", "lightpanda", "reflectionbot"}
    assert timeline.missing_since(then, ["ExaSearchBot"], date(2026, 8, 17)) == {"lightpanda"}


def test_staleness_is_the_part_that_a_file_lacks():
    assert timeline.staleness([], NOW) == 1
    assert timeline.staleness(timeline.listed_on(NOW), NOW) == 0
    assert timeline.staleness([n.upper() for n in timeline.listed_on(NOW)], NOW) == 0


def test_best_match_finds_the_version_of_a_copy():
    then = date(2025, 4, 22)
    copy = timeline.listed_on(then)
    assert timeline.best_match(copy) == (then, 1.0)
    assert timeline.best_match(["nobody-known"]) is None


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ('day = "2024-01-01"\nadded = ["b"]', "not later"),
        ('day = "2024-01-02"\nadded = ["A"]', "adds what is listed"),
        ('day = "2024-01-02"\nremoved = ["b"]', "removes what is not"),
    ],
)
def test_contradictions_in_the_data_are_refused(second, message):
    text = (
        f'until = "2024-02-01"\n[[change]]\nday = "2024-01-01"\nadded = ["a"]\n[[change]]\n{second}'
    )
    with pytest.raises(TimelineError, match=message):
        parse(text.encode())


def test_a_name_may_come_and_go_on_one_day():
    text = 'until = "2024-02-01"\n[[change]]\nday = "2024-01-01"\nadded = ["a"]\nremoved = ["a"]'
    versions, every, until = parse(text.encode())
    assert versions == ((date(2024, 1, 1), frozenset()),)
    assert (every, until) == ({"a"}, date(2024, 2, 1))
