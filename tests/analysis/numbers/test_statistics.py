"""Intervals, differences and tests against scipy, against published tables, and by their laws."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics import (
    EXACT_BELOW,
    cluster_bootstrap,
    finite_population,
    holm,
    kaplan_meier,
    mcnemar,
    median_survival,
    missing_bounds,
    newcombe,
    newcombe_paired,
    post_stratified,
    weighted,
    wilson,
)

COUNTS = st.integers(1, 1_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SMALL = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CLUSTERS = st.lists(SMALL, min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("k", "n"), [(0, 1), (1, 1), (4, 11), (0, 100), (100, 100), (1, 999_316), (83_000, 1_000_000)]
)
def test_interval_equals_scipy(k, n):
    expected = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(COUNTS)
def test_interval_equals_scipy_for_any_count(counts):
    expected = stats.binomtest(*counts).proportion_ci(0.95, method="wilson")
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
    assert newcombe(0, 0, 1, 2) is None
    assert newcombe(1, 2, 0, 0) is None
    assert missing_bounds(0, 0, 0) is None
    assert cluster_bootstrap([(0, 0)], seed=1) is None
    assert weighted([(1.0, 0, 0)]) is None
    assert weighted([(0.0, 1, 2)]) is None
    assert kaplan_meier([]) == []
    assert median_survival([]) is None


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="not a share"):
        wilson(k, n)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10, (a) to (h).
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_differences_of_newcombes_table(counts, low, high):
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


@settings(max_examples=200)
@given(SMALL, SMALL)
def test_a_difference_mirrors_when_its_shares_are_swapped(first, second):
    low, high = newcombe(*first, *second)
    assert newcombe(*second, *first) == pytest.approx((-high, -low), abs=1e-12)
    assert -1 <= low <= first[0] / first[1] - second[0] / second[1] <= high <= 1


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_paired_changes_equal_scipy(gained, lost):
    pairs = gained + lost
    if pairs == 0:
        expected = 1.0
    elif pairs < EXACT_BELOW:
        expected = stats.binomtest(gained, pairs, 0.5).pvalue
    else:
        expected = stats.chi2.sf(max(0, abs(gained - lost) - 1) ** 2 / pairs, 1)
    assert mcnemar(gained, lost) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_family_of_tests_is_held_back(p_values):
    adjusted = holm(p_values)
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    assert [adjusted[i] for i in order] == sorted(adjusted)
    assert adjusted[order[0]] == pytest.approx(min(1.0, p_values[order[0]] * len(p_values)))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_unmeasured_bound_the_share():
    assert missing_bounds(10, 80, 20) == (0.1, 0.3)
    assert missing_bounds(10, 80, 20, told=5) == (0.15, 0.3)


def test_a_census_has_no_sampling_error():
    assert finite_population(100, 100) == 0
    assert finite_population(1, 1) == 0
    assert finite_population(0, 1) == 1
    assert finite_population(1, 2) == 1
    assert finite_population(37, 101) == 0.8  # the root of 64 / 100
    assert finite_population(100, 1_000_000) == pytest.approx(1, abs=1e-4)
    with pytest.raises(ValueError, match="cannot have been seen"):
        finite_population(3, 2)


@settings(max_examples=100)
@given(COUNTS)
def test_equal_weights_change_nothing(counts):
    k, n = counts
    found = weighted([(3.0, k, n)])
    assert found.share == pytest.approx(k / n)
    assert found.effective_n == pytest.approx(n)
    assert (found.low, found.high) == pytest.approx(wilson(k, n), abs=1e-9)


def test_strata_are_weighed_to_their_true_sizes():
    # Half of 10 makers of 900, all of 10 shops of 100: (450 + 100) / 1000.
    found = post_stratified(
        [(900, [(1.0, 5, 10)]), (100, [(1.0, 10, 10)]), (50, [(1.0, 0, 0)]), (7, [])]
    )
    assert found.share == pytest.approx(0.55)
    # Weights 90 and 10: (10 * 90 + 10 * 10)^2 / (10 * 90^2 + 10 * 10^2).
    assert found.effective_n == pytest.approx(1_000_000 / 82_000)
    assert 0 <= found.low < 0.55 < found.high <= 1


def test_a_stratum_counts_by_its_size_however_many_of_it_were_seen():
    # Half of 10 seen, all of 30 seen, both of 500 sites.
    assert post_stratified([(500, [(1.0, 5, 10)]), (500, [(1.0, 30, 30)])]).share == 0.75


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="negative"):
        weighted([(-1.0, 1, 2)])


@settings(max_examples=30, deadline=None)
@given(CLUSTERS)
def test_drawing_clusters_is_repeatable_and_holds_the_share_in_its_range(clusters):
    low, high = cluster_bootstrap(clusters, seed=7, rounds=200)
    shares = [k / n for k, n in clusters]
    assert min(shares) - 1e-9 <= low <= high <= max(shares) + 1e-9
    assert cluster_bootstrap(clusters, seed=7, rounds=200) == (low, high)
    assert cluster_bootstrap(clusters, seed=7) == cluster_bootstrap(clusters, seed=7, rounds=2000)


def test_clusters_of_one_site_agree_with_scipys_bootstrap():
    sites = [1] * 30 + [0] * 70
    expected = stats.bootstrap(
        (sites,), lambda x, axis: x.mean(axis=axis), n_resamples=5000, method="percentile",
        rng=1, vectorized=True,
    ).confidence_interval  # fmt: skip
    found = cluster_bootstrap([(x, 1) for x in sites], seed=1, rounds=5000)
    assert found == pytest.approx((expected.low, expected.high), abs=0.015)


def test_one_owner_with_many_sites_widens_the_interval():
    alone = cluster_bootstrap([(1, 1)] * 50 + [(0, 1)] * 50, seed=1)
    owned = cluster_bootstrap([(50, 50)] + [(0, 1)] * 50, seed=1)
    assert owned[1] - owned[0] > 2 * (alone[1] - alone[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=60))
def test_survival_equals_scipy(lags):
    steps = kaplan_meier(lags)
    ended = [time for time, event in lags if event]
    censored = [time for time, event in lags if not event]
    expected = stats.ecdf(stats.CensoredData(uncensored=ended, right=censored)).sf
    for step in steps:
        assert step.survival == pytest.approx(float(expected.evaluate(step.time)), abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy says where the formula has no value: at 0 and 1
        bounds = expected.confidence_interval(method="log-log")
    for step in steps:
        if 0 < step.survival < 1:
            exact = [float(b.evaluate(step.time)) for b in (bounds.low, bounds.high)]
            assert (step.low, step.high) == pytest.approx(exact, abs=1e-9)


def test_survival_by_hand():
    # Of five: one ends at 1, one is last seen at 2, two end at 3, one is last seen at 9.
    steps = kaplan_meier([(1, True), (2, False), (3, True), (3, True), (9, False)])
    assert [(s.time, s.at_risk, s.events) for s in steps] == [(1, 5, 1), (3, 3, 2)]
    assert [s.survival for s in steps] == pytest.approx([4 / 5, 4 / 15])
    assert median_survival(steps) == 3
    assert median_survival(steps[:1]) is None
    (last,) = kaplan_meier([(1, True)])
    assert (last.low, last.high) == (0, 0)
    # Exactly half is half.
    assert median_survival(kaplan_meier([(1, True), (2, True)])) == 1


PAIRS = st.tuples(*[st.integers(0, 200)] * 4).filter(any)


@given(PAIRS)
def test_a_paired_interval_holds_the_difference_and_turns_with_the_waves(pairs):
    both, gained, lost, neither = pairs
    low, high = newcombe_paired(both, gained, lost, neither)
    difference = (gained - lost) / sum(pairs)
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1
    assert newcombe_paired(both, lost, gained, neither) == pytest.approx((-high, -low), abs=1e-9)


@given(PAIRS)
def test_what_the_waves_have_in_common_makes_the_interval_no_wider(pairs):
    """Sites that agree in both waves: phi >= 0, and the unpaired interval is the widest."""
    both, gained, lost, neither = pairs
    if both * neither < gained * lost:
        return
    n = sum(pairs)
    low, high = newcombe_paired(*pairs)
    wide_low, wide_high = newcombe(both + gained, n, both + lost, n)
    assert wide_low - 1e-9 <= low
    assert high <= wide_high + 1e-9


def test_the_parts_of_a_paired_interval_by_hand():
    """Both 40, gained 10, lost 5, neither 45: margins 50, 50, 45, 55, n 100.

    phi = (40*45 - 10*5 - 50) / sqrt(50*50*45*55) = 1700 / 2487.47 = 0.68342. Wilson of 50/100:
    0.40383..0.59617; of 45/100: 0.35615..0.54756. Below: a = 0.09617, b = 0.09756; above:
    a = 0.09617, b = 0.09385.
    """
    below = (0.09617**2 - 2 * 0.68342 * 0.09617 * 0.09756 + 0.09756**2) ** 0.5
    above = (0.09617**2 - 2 * 0.68342 * 0.09617 * 0.09385 + 0.09385**2) ** 0.5
    low, high = newcombe_paired(40, 10, 5, 45)
    assert low == pytest.approx(0.05 - below, abs=1e-4)
    assert high == pytest.approx(0.05 + above, abs=1e-4)


def test_without_pairs_there_is_no_interval_and_without_change_it_holds_zero():
    assert newcombe_paired(0, 0, 0, 0) is None
    low, high = newcombe_paired(10, 0, 0, 0)
    assert low <= 0 <= high


def test_without_doubt_an_interval_is_the_difference():
    """With z = 0 every score interval is its share: 4/11 - 1/4 = 5/44, and (10 - 5) / 100."""
    assert newcombe(4, 11, 1, 4, z=0) == pytest.approx((5 / 44, 5 / 44))
    assert newcombe_paired(40, 10, 5, 45, z=0) == pytest.approx((0.05, 0.05))


@pytest.mark.parametrize(
    ("pairs", "shares"),
    [
        ((0, 0, 3, 7), (0, 10, 3, 10)),  # a margin is 0, so that phi has no value: Newcombe takes 0
        ((1, 0, 0, 1), (1, 2, 1, 2)),  # the correction takes n / 2 = 1 of an agreement of 1
    ],
)
def test_without_phi_a_paired_interval_is_that_of_two_samples(pairs, shares):
    assert newcombe_paired(*pairs) == pytest.approx(newcombe(*shares))
