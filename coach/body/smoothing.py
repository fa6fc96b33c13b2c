"""Timestamped pose filters: causal for live use, zero-phase with a short lag for files.

Both have the same face: `update(pose)` returns the poses that became ready, `flush()` those still held back
when the source ends.  Frame rates may vary; a pose in which nobody was seen passes through as missing, is
never filled in, and leaves no trace in its neighbours.
"""

from collections import deque
from math import exp, pi
from typing import Protocol

import numpy as np

from coach.body.landmarks import LANDMARK_COUNT
from coach.body.pose import Float, Pose

_IMAGE = LANDMARK_COUNT * 2


class PoseSmoother(Protocol):
    """A stage that takes raw poses and gives back smoothed ones, possibly later.

    `trails_s`: by how much the smoothed poses trail a slow movement, in seconds of the poses' own times.
    """

    trails_s: float

    def update(self, pose: Pose) -> list[tuple[Pose, Pose]]:
        """Take the next pose; return (raw, smoothed) pairs that became ready, in time order."""
        ...

    def flush(self) -> list[tuple[Pose, Pose]]:
        """Return what is still held back; the filter is then empty and may be used again."""
        ...


class ZeroPhaseSmoother:
    """Gaussian-weighted mean over the past and the future: no phase shift, output `lag_s` late.

    `cutoff_hz` is the frequency at which the amplitude falls to 0.71 (-3 dB).  The weights follow the real
    timestamps, so uneven frame times do no harm.
    """

    def __init__(self, cutoff_hz: float = 2.5) -> None:
        self._sigma_s = (
            0.1325 / cutoff_hz
        )  # |H(f)| = exp(-2 (pi sigma f)^2) falls to 0.71 at sigma f = 0.1325
        self.lag_s = 2.5 * self._sigma_s
        self.trails_s = 0.0
        self._past: deque[tuple[Pose, Float]] = deque()  # every pose within reach of the oldest waiting one
        self._waiting: deque[Pose] = deque()

    def update(self, pose: Pose) -> list[tuple[Pose, Pose]]:
        """See `PoseSmoother.update`."""
        self._past.append((pose, _flatten(pose)))
        self._waiting.append(pose)
        ready = []
        while self._waiting[0].time_s <= pose.time_s - self.lag_s:
            ready.append(self._pop())
        return ready

    def flush(self) -> list[tuple[Pose, Pose]]:
        """See `PoseSmoother.flush`."""
        ready = [self._pop() for _ in range(len(self._waiting))]
        self._past.clear()
        return ready

    def _pop(self) -> tuple[Pose, Pose]:
        raw = self._waiting.popleft()
        while self._past[0][0].time_s < raw.time_s - self.lag_s:
            self._past.popleft()
        if not raw.seen:
            return raw, raw
        rows, weights = [], []
        for pose, row in self._past:
            offset_s = pose.time_s - raw.time_s
            if offset_s > self.lag_s:
                break
            if pose.seen:
                rows.append(row)
                weights.append(exp(-0.5 * (offset_s / self._sigma_s) ** 2))
        return raw, _unflatten(raw, _mean(_flatten(raw), np.array(rows), np.array(weights)))


class OneEuroSmoother:
    """One-Euro filter (Casiez, Roussel & Vogel 2012): causal, no lag at rest, little lag in motion.

    `min_cutoff_hz` sets how much jitter passes at rest; `beta` (1/unit) how fast the cutoff opens with
    speed.  Speeds are taken in trunk-like units (image coordinates divided by the body's extent), so that
    the same `beta` serves 480p and 4K.  After a gap longer than `max_gap_s` it starts afresh.
    """

    def __init__(self, min_cutoff_hz: float = 1.5, beta: float = 1.5, max_gap_s: float = 0.5) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self.trails_s = 1 / (2 * pi * min_cutoff_hz)  # the time constant; fast movements trail less
        self._beta = beta
        self._max_gap_s = max_gap_s
        self._last_s: float | None = None
        self._value = np.empty(0)
        self._speed = np.empty(0)

    def update(self, pose: Pose) -> list[tuple[Pose, Pose]]:
        """See `PoseSmoother.update`; always returns exactly one pair."""
        if not pose.seen:
            return [(pose, pose)]
        row = _flatten(pose)
        step_s = None if self._last_s is None else pose.time_s - self._last_s
        if step_s is None or step_s > self._max_gap_s:
            self._value, self._speed = row, np.zeros_like(row)
        elif step_s > 0:
            self._advance(row, step_s, _extent_px(pose))
        self._last_s = pose.time_s
        return [(pose, _unflatten(pose, np.where(np.isnan(row), np.nan, self._value)))]

    def flush(self) -> list[tuple[Pose, Pose]]:
        """See `PoseSmoother.flush`: nothing is ever held back, but the state is forgotten."""
        self._last_s = None
        return []

    def _advance(self, row: Float, step_s: float, extent_px: float) -> None:
        step = row - self._value
        self._value = np.where(np.isnan(self._value), row, self._value)  # a landmark seen for the first time
        step[np.isnan(step)] = 0.0
        speed = step / step_s
        speed[:_IMAGE] /= extent_px
        self._speed += _alpha(1.0, step_s) * (speed - self._speed)
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(self._speed)
        rate = 2 * pi * cutoff_hz * step_s
        self._value = self._value + rate / (rate + 1.0) * step


def _mean(row: Float, rows: Float, weights: Float) -> Float:
    """Weighted mean of `rows`; where `row` itself is NaN it stays so, other rows' NaN have no weight."""
    mean: Float = (weights @ rows) / weights.sum()
    if np.isnan(mean).any():
        seen = ~np.isnan(rows)
        with np.errstate(invalid="ignore"):
            mean = (weights @ np.where(seen, rows, 0.0)) / (weights @ seen)
        mean[np.isnan(row)] = np.nan
    return mean


def _alpha(cutoff_hz: float, step_s: float) -> float:
    """Weight of the new sample in a first-order low-pass filter."""
    rate = 2 * pi * cutoff_hz * step_s
    return rate / (rate + 1.0)


def _extent_px(pose: Pose) -> float:
    """Larger side of the box around all landmarks, at least one pixel."""
    spread = np.nanmax(pose.image_px, axis=0) - np.nanmin(pose.image_px, axis=0)
    return max(1.0, float(spread[0]), float(spread[1]))


def _flatten(pose: Pose) -> Float:
    return np.concatenate((pose.image_px.ravel(), pose.world_m.ravel()))


def _unflatten(raw: Pose, row: Float) -> Pose:
    return Pose(
        raw.time_s,
        row[:_IMAGE].reshape(LANDMARK_COUNT, 2),
        row[_IMAGE:].reshape(LANDMARK_COUNT, 3),
        raw.visibility,
    )
