"""When a person moves: repetitions with their own tempo, pauses, holds and half-done attempts. Numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from studio.rotations import Array


@dataclass(frozen=True)
class Movement:
    """One excursion from rest to a level and back.

    `level` is a share of the exercise's full movement: 1 is the peak, negative the opposite direction.
    `back_s` = 0 goes straight on to the next movement without coming back to rest; `rest_s` follows the
    return. Movements of one repetition (internal, then external) share a `cycle` number.
    """

    level: float
    out_s: float = 1.5
    hold_s: float = 0.5
    back_s: float = 1.5
    rest_s: float = 0.5
    partial: bool = False
    cycle: int = 0


@dataclass(frozen=True)
class MovementTimes:
    """When a movement happened, seconds from the first frame."""

    movement: Movement
    start_s: float
    peak_start_s: float
    peak_end_s: float
    end_s: float


def ease(share: ArrayLike) -> Array:
    """Minimum-jerk progress from 0 to 1, clamped outside."""
    u = np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
    return np.asarray(u**3 * (10.0 - 15.0 * u + 6.0 * u**2))


class Curve:
    """Minimum-jerk interpolation through (time, value) keys; constant before and after."""

    def __init__(self, keys: Sequence[tuple[float, float]]) -> None:
        self._times = np.array([time for time, _ in keys])
        self._values = np.array([value for _, value in keys])

    def __call__(self, time_s: float) -> float:
        """The value at a time."""
        last = len(self._times) - 1
        i = int(np.clip(np.searchsorted(self._times, time_s, side="right") - 1, 0, last - 1))
        span = self._times[i + 1] - self._times[i]
        progress = ease((time_s - self._times[i]) / span) if span > 0 else 1.0
        return float(self._values[i] + (self._values[i + 1] - self._values[i]) * progress)


class Timeline:
    """The level of the movement over time, and when each movement began, peaked and ended."""

    def __init__(self, movements: Sequence[Movement], lead_s: float = 1.0, tail_s: float = 0.6) -> None:
        keys, spans = [(0.0, 0.0), (lead_s, 0.0)], []
        time = lead_s
        for movement in movements:
            start, time = time, time + movement.out_s
            keys.append((time, movement.level))
            peak_start, time = time, time + max(movement.hold_s, 1e-3)
            keys.append((time, movement.level))
            peak_end = time
            if movement.back_s > 0:
                time += movement.back_s
                keys.append((time, 0.0))
            spans.append([start, peak_start, peak_end, time])
            if movement.back_s > 0 and movement.rest_s > 0:
                time += movement.rest_s
                keys.append((time, 0.0))
        if movements and movements[-1].back_s <= 0:
            raise ValueError("the last movement must come back to rest: back_s > 0")
        self.duration_s = time + tail_s
        self.level = Curve([*keys, (self.duration_s, 0.0)])
        self._mark_crossings(movements, spans)
        self.times = tuple(MovementTimes(m, *span) for m, span in zip(movements, spans, strict=True))

    def _mark_crossings(self, movements: Sequence[Movement], spans: list[list[float]]) -> None:
        """A movement that goes straight on ends, and the next one starts, where the level is nearest rest."""
        for i, movement in enumerate(movements[:-1]):
            if movement.back_s <= 0:
                grid = np.linspace(spans[i][2], spans[i + 1][1], 201)
                crossing = float(grid[int(np.argmin([abs(self.level(t)) for t in grid]))])
                spans[i][3] = spans[i + 1][0] = crossing

    def cycle_at(self, time_s: float) -> int | None:
        """The cycle of the movement under way, None at rest."""
        for times in self.times:
            if times.start_s <= time_s <= times.end_s:
                return times.movement.cycle
        return None


class Sway:
    """Slow, smooth unrest of a living body: sums of sinusoids, one per channel, about `size_deg` at most."""

    CHANNELS = 40

    def __init__(self, seed: int, size_deg: float) -> None:
        rng = np.random.default_rng(seed)
        self._frequency_hz = rng.uniform(0.15, 1.1, (self.CHANNELS, 3))
        self._phase = rng.uniform(0.0, 2.0 * np.pi, (self.CHANNELS, 3))
        self._size_deg = size_deg

    def __call__(self, channel: int, time_s: float) -> float:
        """The deviation of one channel at a time, degrees."""
        i = channel % self.CHANNELS
        waves = np.sin(2.0 * np.pi * self._frequency_hz[i] * time_s + self._phase[i])
        return float(self._size_deg * waves.mean())
