"""Set-up before counting: waits for the start pose to be held still, and takes the baseline from it."""

from collections import deque
from dataclasses import dataclass
from math import fsum, isnan, nan, sqrt
from statistics import median

from coach.body.landmarks import SIDES, Side, indices
from coach.exercise.measures import MEASURES
from coach.exercise.spec import ExerciseSpec, PoseRule
from coach.rotation.estimator import BodyMeasurement

STILL_SD = {"deg": 2.0, "ratio": 0.03}
"""A measure varying by less than this (one SD) is still."""

_MIN_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Baseline:
    """The start pose: median of each measure per side, and the SD of the driving one at rest."""

    values: dict[Side, dict[str, float]]
    noise: dict[Side, float]


@dataclass(frozen=True, slots=True)
class _Instant:
    time_s: float
    values: dict[Side, dict[str, float]]


class StartPose:
    """Looks for the start pose.  `update` returns the baseline at the instant when it has been held."""

    def __init__(self, spec: ExerciseSpec, sides: tuple[Side, ...] = SIDES) -> None:
        self._spec = spec
        self._sides = sides
        self._names = sorted({spec.measure, *(fault.measure for fault in spec.faults)})
        self._window: deque[_Instant] = deque()

    def reset(self) -> None:
        """Start looking afresh."""
        self._window.clear()

    def update(self, body: BodyMeasurement) -> Baseline | None:
        """Take one instant; the baseline once the last `start_still_s` were still and in the start pose."""
        if not self._fits(body):
            self._window.clear()
            return None
        self._window.append(_Instant(body.time_s, compute_measures(body, self._names)))
        span_s = body.time_s - self._window[0].time_s
        if span_s < self._spec.start_still_s or len(self._window) < _MIN_SAMPLES:
            return None
        while body.time_s - self._window[1].time_s >= self._spec.start_still_s:
            self._window.popleft()
        noise = {side: self._noise(side) for side in SIDES}
        limit = STILL_SD[MEASURES[self._spec.measure].unit]
        return self._baseline(noise) if all(sd < limit for sd in noise.values()) else None

    def _fits(self, body: BodyMeasurement) -> bool:
        if self._spec.working == "top" and find_top_side(body) is None:
            return False
        if self._spec.working == "standing" and find_standing_side(body) is None:
            return False
        if broken_rule(self._spec, body) is not None:
            return False
        low, high = self._spec.start_knee_flexion_deg
        for side in self._sides:
            leg = body.legs[side]
            if isnan(leg.shank_deg) or not low <= leg.knee_flexion_deg <= high:
                return False
        return True

    def _noise(self, side: Side) -> float:
        """SD of the driving measure over the window; 0 for a leg that need not be still."""
        if side not in self._sides:
            return 0.0
        values = [instant.values[side][self._spec.measure] for instant in self._window]
        mean = fsum(values) / len(values)
        return sqrt(fsum((v - mean) ** 2 for v in values) / len(values))

    def _baseline(self, noise: dict[Side, float]) -> Baseline:
        values = {
            side: {n: _median_seen([i.values[side][n] for i in self._window]) for n in self._names}
            for side in SIDES
        }
        return Baseline(values, noise)


def _median_seen(values: list[float]) -> float:
    seen = [v for v in values if not isnan(v)]
    return median(seen) if seen else nan


def broken_rule(spec: ExerciseSpec, body: BodyMeasurement, *, throughout: bool = False) -> PoseRule | None:
    """The first rule of the start pose that this pose breaks; with `throughout` only of those always kept."""
    for rule in spec.start_rules:
        if throughout and not rule.throughout:
            continue
        compute = MEASURES[rule.measure].compute
        kept = [rule.low <= compute(body, side) <= rule.high for side in SIDES]
        if not (all(kept) if rule.legs == "each" else any(kept)):
            return rule
    return None


def compute_measures(body: BodyMeasurement, names: list[str]) -> dict[Side, dict[str, float]]:
    """The named measures of both legs at one instant."""
    return {side: {name: MEASURES[name].compute(body, side) for name in names} for side in SIDES}


def find_top_side(body: BodyMeasurement) -> Side | None:
    """Which leg is on top of somebody lying on the side; None when neither is clearly above the other.

    Judged by the hips in the picture: the upper one, if the hip line is steeper than 30 degrees.
    """
    (lx, ly), (rx, ry) = body.pose.image_px[indices("left_hip", "right_hip")].tolist()
    if not abs(ry - ly) >= 0.577 * abs(rx - lx):  # NaN, where a hip is not seen, counts as level
        return None
    return "left" if ly < ry else "right"


def find_standing_side(body: BodyMeasurement) -> Side | None:
    """Which leg somebody stands on; None for both.

    Judged by knees and ankles in the picture: those of the raised leg are higher, together by a twelfth of
    the trunk or more.
    """
    left, right = (
        sum(MEASURES[name].compute(body, side) for name in ("knee_height", "ankle_height")) for side in SIDES
    )
    if not abs(left - right) >= 0.08:
        return None
    return "left" if left < right else "right"


def find_nearer_side(body: BodyMeasurement) -> Side | None:
    """Which side of the body faces a camera that stands beside it; None when it is not known."""
    azimuth_deg = body.view.azimuth_deg
    if isnan(azimuth_deg):
        return None
    return "left" if azimuth_deg > 0.0 else "right"
