"""How often the intervals hold the truth: `python -m tests.benchmarks.coverage --rounds 4000`.

Each line draws samples from a known population and counts how often the nominal 95 % interval
holds the true value. The seed is fixed: the same figures come again.
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np

from analysis.statistics import cluster_bootstrap, newcombe, newcombe_paired, weighted, wilson

SHARES = (0.01, 0.05, 0.1, 0.3, 0.5)
SIZES = (30, 100, 500, 5000)
WEIGHTS = np.array([1.0, 2.0, 10.0])
"""Of sites of three strata that are drawn in equal numbers."""
OWNERS = (20, 50, 200)

Interval = tuple[float, float] | None


def main() -> None:
    """Print one line a case: what, how large, and the share of intervals that hold the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4000)
    rounds = parser.parse_args().rounds
    for cases in (_wilson, _newcombe, _paired, _weighted, _clusters):
        chance = np.random.default_rng(1)
        for name, truth, draw in cases(
            chance, max(200, rounds // 8 if cases is _clusters else rounds)
        ):
            print(f"{name:64}{truth:8.3f}{_coverage(truth, draw):8.1%}")


def _coverage(truth: float, draw: Iterator[Interval]) -> float:
    held = [found is not None and found[0] <= truth <= found[1] for found in draw]
    return sum(held) / len(held)


Case = tuple[str, float, Iterator[Interval]]


def _wilson(chance: np.random.Generator, rounds: int) -> Iterator[Case]:
    for n in SIZES:
        for share in SHARES:
            drawn = chance.binomial(n, share, rounds)
            yield f"wilson, n {n}", share, (wilson(int(k), n) for k in drawn)


def _newcombe(chance: np.random.Generator, rounds: int) -> Iterator[Case]:
    for n in SIZES[:3]:
        for first, second in ((0.1, 0.05), (0.1, 0.1), (0.5, 0.3), (0.02, 0.01)):
            pairs = zip(
                chance.binomial(n, first, rounds), chance.binomial(n, second, rounds), strict=True
            )
            name = f"newcombe, {first} - {second}, n {n} each"
            yield name, first - second, (newcombe(int(a), n, int(b), n) for a, b in pairs)


def _paired(chance: np.random.Generator, rounds: int) -> Iterator[Case]:
    """Two waves of the same sites, of which few change: shares of both, gained, lost, neither."""
    for n in SIZES[:3]:
        for shares in ((0.05, 0.02, 0.01, 0.92), (0.3, 0.05, 0.05, 0.6), (0.02, 0.1, 0.1, 0.78)):
            drawn = chance.multinomial(n, shares, rounds).tolist()
            name = f"paired newcombe, {shares}, n {n}"
            yield name, shares[1] - shares[2], (newcombe_paired(*counts) for counts in drawn)


def _weighted(chance: np.random.Generator, rounds: int) -> Iterator[Case]:
    """Three strata of equal samples and very unequal weights, alike or not in their shares."""
    for n in (20, 100, 1000):
        for shares in ((0.1, 0.1, 0.1), (0.05, 0.1, 0.3), (0.3, 0.1, 0.02)):
            truth = float(np.dot(WEIGHTS, shares) / WEIGHTS.sum())
            drawn = chance.binomial(n, shares, (rounds, 3))
            yield f"weighted 1:2:10, shares {shares}, n {n} each", truth, map(_weighed(n), drawn)


def _weighed(n: int) -> Callable[[np.ndarray], Interval]:
    def interval(counts: np.ndarray) -> Interval:
        found = weighted((w, int(k), n) for w, k in zip(WEIGHTS, counts, strict=True))
        return found and (found.low, found.high)

    return interval


def _clusters(chance: np.random.Generator, rounds: int) -> Iterator[Case]:
    """Owners of 1 to 30 sites who decide for all of them; beside it Wilson, which overlooks it."""
    sizes = (1, 2, 5, 30)
    for owners in OWNERS:
        for share in (0.05, 0.3):
            held = [
                [(int(size) if yes else 0, int(size)) for size, yes in zip(
                    chance.choice(sizes, owners), chance.random(owners) < share, strict=True)]
                for _ in range(rounds)
            ]  # fmt: skip
            name = f"of 1 to 30 sites, {owners} owners who decide for all"
            yield (
                f"bootstrap, {name}",
                share,
                (cluster_bootstrap(c, seed=1, rounds=1000) for c in held),
            )
            yield f"wilson, {name}", share, (
                wilson(sum(k for k, _ in c), sum(n for _, n in c)) for c in held
            )  # fmt: skip


if __name__ == "__main__":
    main()
