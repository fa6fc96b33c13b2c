"""Arithmetic on values seen over time, of which some may be missing (NaN)."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isnan, nan
from statistics import linear_regression, median


def only_seen(values: Iterable[float]) -> list[float]:
    """Without the NaN."""
    return [v for v in values if not isnan(v)]


def median_seen(values: list[float], least_share: float = 0.0) -> float:
    """The median of what was seen; NaN when nothing was, or less than this share of the values."""
    seen = only_seen(values)
    return median(seen) if seen and len(seen) >= least_share * len(values) else nan


def find_rises_s(points: Iterable[tuple[float, float]], level: float) -> list[float]:
    """When a quantity rose to `level`, each time, interpolated between its (time, value) points.

    The order is theirs, and they may come in reverse: the later of two has the earlier time then.
    """
    return [
        below_s + (level - below) / (above - below) * (above_s - below_s)
        for (below_s, below), (above_s, above) in pairwise(points)
        if below < level <= above
    ]


def fit_way(
    points: Sequence[tuple[float, float]], rest: float, level: float, shares: Sequence[float]
) -> tuple[float, float]:
    """When a limb leaves `rest` and when it stands at `level`, of whose way these (time, value) points are.

    A limb starts and stops so gently that neither is to be seen: both follow from when it passes certain
    levels between, those that it has after these shares of its time in a movement of minimum jerk.  NaN where
    it was not seen to pass them; the first may lie below all that was seen.
    """
    way = []
    for share in shares:
        progress = share**3 * (10 - 15 * share + 6 * share**2)
        rises_s = find_rises_s(points, rest + progress * (level - rest))
        if rises_s:
            way.append((share, rises_s[-1]))
    if len(way) < len(shares) - 1:
        return nan, nan
    slope, leaves_s = linear_regression(*zip(*way, strict=True))
    return leaves_s, leaves_s + slope
