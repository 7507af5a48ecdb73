"""Counts into intervals."""

from math import sqrt

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided 95 % interval."""


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """Give the score interval of the share k/n, or None where nothing was measured (n = 0).

    Wilson (1927), "Probable inference, the law of succession, and statistical inference";
    recommended for small n and shares near 0 or 1 by Brown, Cai and DasGupta (2001),
    "Interval estimation for a binomial proportion". ValueError unless 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a share")
    if n == 0:
        return None
    share = k / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    # At the ends the bound is exactly 0 or 1; rounding would leave a stray 1e-17.
    return (0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)
