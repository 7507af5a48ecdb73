"""Interval-censored times against another program, by hand, and by simulation."""

import warnings
from math import inf

import numpy as np
import pytest

from analysis.numbers.survival import bootstrap, kaplan_meier, turnbull

# Days between the ends of Common Crawl's collections of 2023 to 2025 and 7 August 2023.
CRAWLS = (0, 55, 130, 200, 250, 290, 320, 350, 380, 420, 460, 500, 540, 580, 620, 660, 700)


def seen(times, generator, missing):
    """What crawls see of true times: each misses a site with this chance."""
    for time in times:
        looks = [day for day in CRAWLS[1:] if generator.random() > missing]
        opened = max((day for day in looks if day < time), default=0)
        closed = min((day for day in looks if day >= time), default=inf)
        yield float(opened), float(closed)


def test_by_hand():
    """Turnbull's own case: (0, 2], (1, 3], (2, inf): one third and two thirds cannot be."""
    estimate = turnbull([(0, 2), (1, 3), (2, inf), (1, 2)])
    assert list(zip(estimate.left, estimate.right, strict=True)) == [(1, 2), (2, 3)]
    # Maximise (p)(1)(1-p)(p) with p the mass of (1, 2]: p = 2/3.
    assert estimate.mass == pytest.approx([2 / 3, 1 / 3], abs=1e-6)
    assert estimate.share(1) == (0.0, 0.0)
    assert estimate.share(1.5) == pytest.approx((0, 2 / 3), abs=1e-6)
    assert estimate.share(2) == pytest.approx((2 / 3, 2 / 3), abs=1e-6)
    assert estimate.quantile(0.5) == (1, 2)
    assert estimate.quantile(0.9) == (2, 3)


def test_who_has_not_had_the_event_keeps_quantiles_open():
    estimate = turnbull([(0, 10), (12, inf), (12, inf)])
    assert estimate.quantile(0.5) is None
    assert turnbull([]) is None
    assert kaplan_meier([]) == []
    # Exactly half by 1.
    assert turnbull([(0, 1), (1, 2)]).quantile(0.5) == (0, 1)


def test_a_bootstrap_can_be_repeated():
    pairs = [(float(i % 13), float(i % 13 + 1 + i % 5)) for i in range(60)]
    first, again = (bootstrap(pairs, [3.5, 6.5, 9.5], seed=5, rounds=40) for _ in range(2))
    other = bootstrap(pairs, [3.5, 6.5, 9.5], seed=6, rounds=40)
    assert first == again != other


@pytest.mark.parametrize("pair", [(2, 2), (3, 2), (-1, 2)])
def test_what_is_no_interval_is_refused(pair):
    with pytest.raises(ValueError, match="0 <= left < right"):
        turnbull([pair])


@pytest.mark.parametrize("seed", range(5))
def test_the_estimate_is_that_of_another_program(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import KaplanMeierFitter

        generator = np.random.default_rng(seed)
        pairs = list(seen(generator.exponential(200, 150), generator, 0.4))
        # Its intervals hold both ends: in whole days (a, b] is [a + 1, b].
        fitted = KaplanMeierFitter().fit_interval_censoring(
            [left + 1 for left, _ in pairs],
            [right for _, right in pairs],
            tol=1e-9,
            show_progress=False,
        )
    estimate = turnbull(pairs)
    survival = fitted.survival_function_["NPMLE_estimate_lower"]
    for right in estimate.right:
        if right < inf:
            assert estimate.share(right)[0] == pytest.approx(1 - survival[right], abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_kaplan_and_meier_are_those_of_another_program(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import KaplanMeierFitter

        generator = np.random.default_rng(seed)
        times = generator.integers(1, 40, 80)
        events = generator.random(80) < 0.6
        fitted = KaplanMeierFitter().fit(times, events)
    for step in kaplan_meier(zip(times, events, strict=True)):
        assert step.share == pytest.approx(1 - float(fitted.predict(step.time)))
        assert step.at_risk == (times >= step.time).sum()


def test_intervals_cover_the_truth_at_gaps_like_those_of_crawls():
    """Half of all captures missing; the true share by 365 days is 1 - exp(-365/300)."""
    truth = 1 - np.exp(-365 / 300)
    held = 0
    rounds = 60
    for seed in range(rounds):
        generator = np.random.default_rng(seed)
        pairs = list(seen(generator.exponential(300, 120), generator, 0.5))
        ((low, high),) = bootstrap(pairs, [365], seed=seed, rounds=60)
        held += low <= truth <= high
    assert held >= 0.93 * rounds
    # And they do say something: far from 0 to 1.
    assert high - low < 0.5


def test_the_day_first_seen_is_too_late():
    """Kaplan and Meier take the day of the look; with long gaps that moves every share down."""
    generator = np.random.default_rng(1)
    times = generator.exponential(300, 2000)
    pairs = list(seen(times, generator, 0.5))
    watched = [(closed, True) if closed < inf else (opened, False) for opened, closed in pairs]
    km = max(step.share for step in kaplan_meier(watched) if step.time <= 365)
    low, high = turnbull(pairs).share(365)
    truth = 1 - np.exp(-365 / 300)
    assert km < truth - 0.03
    assert low - 0.03 <= truth <= high + 0.03
