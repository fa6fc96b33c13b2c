"""Plateaus: stretches in which a leg stands still."""

from collections import deque
from dataclasses import dataclass, field
from math import nan

from coach.exercise.rom.sample import LegSample

PLATEAU_SPEED_DEG_S = 5.0
"""Slower than this, the leg stands still."""

BRIDGE_S = 0.7
"""Sight of the leg may be lost for this long within a trial."""

_SLOPE_S = 0.35  # speed is the slope over this much time on either side; at 3 frames a second three samples
_DIP_DEG = 5.0  # a plateau may waver by this much for less than `BRIDGE_S`


@dataclass(slots=True)
class PlateauFinder:
    """Finds stretches in which a leg stands still, as samples come in; knows a sample `_SLOPE_S` later."""

    _recent: deque[LegSample] = field(default_factory=deque)
    _waiting: deque[LegSample] = field(default_factory=deque)
    _run: list[LegSample] = field(default_factory=list)
    runs: list[list[LegSample]] = field(default_factory=list)

    @property
    def held_s(self) -> float:
        """How long the leg has been standing still, 0 while it moves."""
        return self._run[-1].time_s - self._run[0].time_s if self._run else 0.0

    def update(self, sample: LegSample) -> None:
        """Take the next sample in which the leg was seen."""
        self._recent.append(sample)
        self._waiting.append(sample)
        while self._waiting and self._waiting[0].time_s <= sample.time_s - _SLOPE_S:
            self._place(self._waiting.popleft())

    def finish(self) -> list[list[LegSample]]:
        """The movement is over: all stretches found, also the one under way."""
        while self._waiting:
            self._place(self._waiting.popleft())
        self._close()
        return self.runs

    def _place(self, sample: LegSample) -> None:
        while self._recent[0].time_s < sample.time_s - _SLOPE_S:
            self._recent.popleft()
        if self._run and sample.time_s - self._run[-1].time_s > BRIDGE_S:
            self._close()
        around = [s for s in self._recent if s.time_s <= sample.time_s + _SLOPE_S]
        if not abs(_slope(around)) < PLATEAU_SPEED_DEG_S:
            self._close()
            return
        if not self._run and self.runs and _resumes(self.runs[-1][-1], sample):
            self._run = self.runs.pop()
        self._run.append(sample)

    def _close(self) -> None:
        if self.held_s > 0.0:
            self.runs.append(self._run)
        self._run = []


def _resumes(last: LegSample, sample: LegSample) -> bool:
    """Whether a leg that stands still again is back where it stood just before."""
    return sample.time_s - last.time_s <= BRIDGE_S and abs(sample.change_deg - last.change_deg) < _DIP_DEG


def _slope(samples: list[LegSample]) -> float:
    """Least-squares speed, degrees a second; NaN for fewer than two samples."""
    if len(samples) < 2:
        return nan
    middle_s = sum(s.time_s for s in samples) / len(samples)
    spread = sum((s.time_s - middle_s) ** 2 for s in samples)
    return sum((s.time_s - middle_s) * s.change_deg for s in samples) / spread
