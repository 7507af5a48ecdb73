"""Whole sites for every stratum: sums, bounds and minima whatever the sizes; known results."""

from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.panel.sampling.allocation import AllocationError, Method, allocate

SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(1, 200), min_size=1)
SHARES = st.fractions(0, 1, max_denominator=100)


@st.composite
def cases(draw):
    sizes = draw(SIZES)
    minimum = draw(st.integers(1, 5))
    least = sum(min(minimum, size) for size in sizes.values())
    sample = draw(st.integers(least, least + 100))
    expected = {name: draw(SHARES) for name in sizes if draw(st.booleans())}
    return sizes, sample, minimum, expected


@settings(deadline=None, max_examples=40)
@given(cases(), st.sampled_from(Method))
def test_the_strata_add_up_and_none_gives_more_than_it_has(case, method):
    sizes, sample, minimum, expected = case
    given = allocate(sizes, sample, method, minimum=minimum, expected=expected)
    assert sum(given.values()) == min(sample, sum(sizes.values()))
    assert given.keys() == sizes.keys()
    for name, count in given.items():
        assert min(minimum, sizes[name]) <= count <= sizes[name]


@settings(deadline=None, max_examples=40)
@given(cases(), st.sampled_from(Method), st.randoms())
def test_the_order_of_strata_does_not_count(case, method, random):
    sizes, sample, minimum, expected = case
    names = list(sizes)
    random.shuffle(names)
    shuffled = {name: sizes[name] for name in names}
    again = allocate(shuffled, sample, method, minimum=minimum, expected=expected)
    assert again == allocate(sizes, sample, method, minimum=minimum, expected=expected)


@settings(deadline=None, max_examples=40)
@given(cases(), st.sampled_from(Method))
def test_a_larger_sample_takes_from_nobody(case, method):
    sizes, sample, minimum, expected = case
    less = allocate(sizes, sample, method, minimum=minimum, expected=expected)
    more = allocate(sizes, sample + 1, method, minimum=minimum, expected=expected)
    assert all(more[name] >= less[name] for name in sizes)


TABLE = [
    (Method.PROPORTIONAL, {"a": 100, "b": 400, "c": 900}, 140, {"a": 10, "b": 40, "c": 90}),
    (Method.SQUARE_ROOT, {"a": 100, "b": 400, "c": 900}, 60, {"a": 10, "b": 20, "c": 30}),
    (Method.EQUAL, {"a": 100, "b": 400, "c": 900}, 60, {"a": 20, "b": 20, "c": 20}),
    # Bounds: `a` is taken whole and the rest is shared as if it were not there.
    (Method.EQUAL, {"a": 5, "b": 400, "c": 900}, 65, {"a": 5, "b": 30, "c": 30}),
    # Ties: the first in the alphabet.
    (Method.EQUAL, {"b": 9, "a": 9, "c": 9}, 4, {"a": 2, "b": 1, "c": 1}),
    # Cochran (1977), chapter 5: n_h follows N_h S_h. Here 100*0.5 = 50 and 250*0.2 = 50.
    (Method.NEYMAN, {"a": 100, "b": 250}, 40, {"a": 20, "b": 20}),
    (Method.SQUARE_ROOT, {"a": 3, "b": 2}, 9, {"a": 3, "b": 2}),
]


@pytest.mark.parametrize(("method", "sizes", "sample", "expected"), TABLE)
def test_known_allocations(method, sizes, sample, expected):
    spread = {"b": Fraction(1, 2) - Fraction(sqrt(0.25 - 0.04)).limit_denominator(10**9)}
    assert allocate(sizes, sample, method, expected=spread) == expected


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 12), SHARES), min_size=2, max_size=3), st.integers(3, 12))
def test_neyman_is_the_best_of_all_allocations_in_whole_sites(strata, sample):
    """Held against every possible allocation; the variance is Cochran's (1977) 5.6."""
    sizes = {str(i): size for i, (size, _) in enumerate(strata)}
    shares = {str(i): share for i, (_, share) in enumerate(strata)}
    sample = min(sample, sum(sizes.values()))
    found = allocate(sizes, sample, Method.NEYMAN, expected=shares)

    def variance(counts):
        return sum(
            sizes[n] ** 2 * shares[n] * (1 - shares[n]) / count for n, count in counts.items()
        )

    def every(names, left):
        if not names:
            return [{}] if left == 0 else []
        return [
            {names[0]: count} | rest
            for count in range(1, min(left, sizes[names[0]]) + 1)
            for rest in every(names[1:], left - count)
        ]

    assert variance(found) == min(map(variance, every(list(sizes), sample)))


def test_a_claim_that_is_smaller_by_a_grain_is_smaller():
    shares = {"a": Fraction(1, 2), "b": Fraction(1, 2) - Fraction(1, 10**9)}
    sizes = {"a": 10**9, "b": 10**9}
    assert allocate(sizes, 3, Method.NEYMAN, expected=shares) == {"a": 2, "b": 1}
    swapped = {"a": shares["b"], "b": shares["a"]}
    assert allocate(sizes, 3, Method.NEYMAN, expected=swapped) == {"a": 1, "b": 2}


def test_a_certain_stratum_gets_the_minimum_until_the_others_are_full():
    sizes = {"sure": 50, "open": 10}
    shares = {"sure": Fraction(0)}
    assert allocate(sizes, 12, Method.NEYMAN, minimum=2, expected=shares) == {
        "sure": 2, "open": 10,
    }  # fmt: skip
    assert allocate(sizes, 20, Method.NEYMAN, expected=shares) == {"sure": 10, "open": 10}


def test_a_sample_too_small_for_the_strata_says_what_to_change():
    with pytest.raises(
        AllocationError, match=r"2 strata with 3 sites each .* are 5 sites.* than 4"
    ):
        allocate({"a": 2, "b": 9}, 4, minimum=3)


@pytest.mark.parametrize(("sizes", "sample", "minimum"), [({"a": 0}, 1, 1), ({}, 0, 1), ({}, 1, 0)])
def test_nothing_is_no_number_of_sites(sizes, sample, minimum):
    with pytest.raises(ValueError, match="at least one site"):
        allocate(sizes, sample, minimum=minimum)
