"""The smallest sets of mechanisms, against a search that looks at every set."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.numbers.mechanisms import MOST, smallest

REACHES = st.dictionaries(st.sampled_from("abcdef"), st.frozensets(st.integers(0, 6)), max_size=6)


def by_brute_force(reach, goal):
    """Look at all sets of all mechanisms, useful or not."""
    every = chain.from_iterable(combinations(sorted(reach), n) for n in range(len(reach) + 1))
    enough = [s for s in every if goal <= set().union(*(reach[name] for name in s))]
    fewest = min(map(len, enough), default=0)
    return tuple(s for s in enough if len(s) == fewest)


@given(REACHES)
def test_everybody_is_reached_by_as_few_as_a_search_through_all_sets_finds(reach):
    assert smallest(reach) == by_brute_force(reach, set().union(*reach.values()))


@given(REACHES, st.frozensets(st.integers(0, 7), max_size=4))
def test_so_are_some_and_somebody_out_of_reach_is_told(reach, goal):
    assert smallest(reach, goal) == by_brute_force(reach, goal)


def test_what_a_greedy_search_gets_wrong():
    """The largest first leaves 1 and 4 to two others; the two smaller ones are enough."""
    reach = {"large": {2, 3, 5, 6}, "left": {1, 2, 3}, "right": {4, 5, 6}}
    assert smallest(reach) == (("left", "right"),)


def test_nothing_is_needed_for_nobody_and_too_many_are_refused():
    assert smallest({}) == ((),)
    assert smallest({"a": {1}}, {2}) == ()
    with pytest.raises(ValueError, match="too many"):
        smallest({str(n): {n} for n in range(MOST + 1)})
