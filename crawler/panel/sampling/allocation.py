"""How many sites of each stratum: whole numbers that add up, within every stratum's size.

The share of a stratum of N sites follows a measure of it:

- proportional: N (Bowley 1926); every site has the same weight, small strata nearly vanish;
- square-root: the square root of N, the power allocation of Bankier (1988), "Power allocations:
  determining sample sizes for subnational areas", with exponent 1/2: a compromise between
  figures for the whole and figures for each stratum;
- equal: 1; the best for comparing strata, the worst for the whole;
- Neyman: N times the standard deviation of what is measured (Neyman 1934, "On the two different
  aspects of the representative method"), for a share p the root of p(1-p): the smallest
  variance for the whole.

A stratum cannot give more than it has nor less than a minimum, and nobody surveys half a site.
All three are met at once by giving out one site after another to the stratum with the greatest
measure / sqrt(n(n+1)), n being what it has: Wright (2012), "The equivalence of Neyman optimum
allocation for sampling and equal proportions for apportioning the U.S. House of
Representatives", shows that this is the exact optimum in whole numbers. (References from
memory, unverified.) Arithmetic is in whole numbers, so that no machine rounds differently.
"""

import heapq
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from math import lcm

HALF = Fraction(1, 2)
"""The share assumed where none is known: the one whose standard deviation is greatest."""


class Method(StrEnum):
    """What the share of a stratum follows."""

    SQUARE_ROOT = "square-root"
    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"


class AllocationError(ValueError):
    """The strata cannot be served; the message says what to change."""


def allocate(
    sizes: Mapping[str, int],
    sample: int,
    method: Method = Method.SQUARE_ROOT,
    *,
    minimum: int = 1,
    expected: Mapping[str, Fraction] | None = None,
) -> dict[str, int]:
    """Share a sample among strata of the given sizes; they add up to min(sample, all sites).

    Every stratum gives at least `minimum` sites, or all it has. `expected` are shares (0..1)
    for Neyman's method. Equal claims go to the stratum first in the alphabet. Raises
    AllocationError if the sample is too small for all minima; ValueError for sizes below 1.
    """
    if minimum < 1 or sample < 1 or any(size < 1 for size in sizes.values()):
        raise ValueError("sample, minimum and every stratum are at least one site")
    given = {name: min(minimum, sizes[name]) for name in sorted(sizes)}
    least = sum(given.values())
    if least > sample:
        raise AllocationError(
            f"{len(sizes)} strata with {minimum} sites each (or all they have) are {least} sites,"
            f" more than {sample}: draw more, ask for fewer of each, or stratify by less"
        )
    squares = _squares(sizes, method, expected or {})
    claims = [
        (-_claim(squares[name], count), name)
        for name, count in given.items()
        if count < sizes[name]
    ]
    heapq.heapify(claims)
    for _ in range(min(sample, sum(sizes.values())) - least):
        _, name = claims[0]
        given[name] += 1
        if given[name] < sizes[name]:
            heapq.heapreplace(claims, (-_claim(squares[name], given[name]), name))
        else:
            heapq.heappop(claims)
    return given


def _squares(
    sizes: Mapping[str, int], method: Method, expected: Mapping[str, Fraction]
) -> dict[str, int]:
    """Return the squares of the measures, which are rational where measures are not, as wholes."""
    squares = {name: _square(name, sizes[name], method, expected) for name in sizes}
    common = lcm(*(square.denominator for square in squares.values()))
    return {name: int(square * common) for name, square in squares.items()}


def _square(name: str, size: int, method: Method, expected: Mapping[str, Fraction]) -> Fraction:
    """Return the square of a stratum's measure, which is rational where the measure is not."""
    if method is Method.EQUAL:
        return Fraction(1)
    if method is Method.SQUARE_ROOT:
        return Fraction(size)
    if method is Method.PROPORTIONAL:
        return Fraction(size**2)
    share = expected.get(name, HALF)
    return size**2 * share * (1 - share)


def _claim(square: int, given: int) -> int:
    """Return the square of a claim, scaled: unequal claims of up to 2^31 sites stay unequal.

    Two fractions with denominators below 2^62 that differ do so by more than 2^-124.
    """
    return (square << 128) // (given * (given + 1))
