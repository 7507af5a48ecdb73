import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from analysis.statistics import wilson

COUNTS = st.integers(1, 1_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n"), [(0, 1), (1, 1), (4, 11), (0, 100), (100, 100), (1, 999_316), (83_000, 1_000_000)]
)
def test_interval_equals_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(COUNTS)
def test_interval_equals_scipy_for_any_count(counts):
    expected = binomtest(*counts).proportion_ci(0.95, method="wilson")
    assert wilson(*counts) == pytest.approx((expected.low, expected.high), abs=1e-12)


@settings(max_examples=200)
@given(COUNTS)
def test_interval_holds_the_share_and_mirrors_its_complement(counts):
    k, n = counts
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_published_example_of_newcombe_1998():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nothing_measured_has_no_interval():
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="not a share"):
        wilson(k, n)
