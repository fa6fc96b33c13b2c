"""Arithmetic on values seen over time, of which some may be missing (NaN)."""

from collections.abc import Iterable
from itertools import pairwise
from math import isnan, nan
from statistics import median


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
