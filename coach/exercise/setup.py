"""Set-up before counting: waits for the start pose to be held still, and takes the baseline from it."""

from collections import deque
from dataclasses import dataclass
from math import fsum, isnan, sqrt

from coach.body.landmarks import SIDES, Side, indices
from coach.body.pose import Pose
from coach.body.spans import lasts
from coach.exercise.measures import MEASURES, measure
from coach.exercise.series import median_seen
from coach.exercise.spec import ExerciseSpec, PoseRule
from coach.rotation.estimator import BodyMeasurement, measure_body

STILL_SD = {"deg": 2.0, "ratio": 0.03}
"""A measure varying by less than this (one SD) is still ..."""

TREND_SHARE = 0.75
"""... unless it goes one way: its halves differ by more than this share of it, and by more than chance ..."""

TREND_PER_ON = 0.2
"""... and by more than this share of the movement that leads into a phase.  The pose network needs about a
second to settle on a new picture, and footage may begin with the start pose."""

SETTLED_SHARE = 0.5
"""What form is judged by may move by this share of what is a fault while the start pose is held, not more.
Where a half of it is a single frame, which trembles, it may move by all of it."""

_ENOUGH_SAMPLES = 5  # the fewest frames that tell a start pose ...
_MIN_SAMPLES, _SELDOM_S = 3, 0.6  # ... or where they are seldom, this many over that many seconds

SideValues = dict[Side, dict[str, float]]
"""Measures by name, of both legs."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The start pose: median of each measure per side, and the SD of the driving one at rest."""

    values: SideValues
    noise: dict[Side, float]


@dataclass(frozen=True, slots=True)
class _Instant:
    time_s: float
    values: SideValues


class StartPose:
    """Looks for the start pose.  `update` returns the baseline at the instant when it has been held.

    Where the exercise says which leg works, only that one has to be still: the other may be hidden under it.
    `missing` says what somebody has to do to be in it, None for no more than to hold still.
    """

    def __init__(self, spec: ExerciseSpec, sides: tuple[Side, ...] = SIDES) -> None:
        self._spec = spec
        self._sides = sides
        self._watched = sides
        self.missing: str | None = None
        self._window: deque[_Instant] = deque()

    def reset(self) -> None:
        """Start looking afresh."""
        self._window.clear()

    def update(self, body: BodyMeasurement) -> Baseline | None:
        """Take one instant; the baseline once the last `start_still_s` were still and in the start pose."""
        watched = find_working_sides(self._spec, body, self._sides)
        self.missing = describe_missing_pose(self._spec, body, watched)
        if watched != self._watched or self.missing is not None:
            self._window.clear()
            self._watched = watched
        if self.missing is not None:
            return None
        self._window.append(_Instant(body.time_s, compute_measures(body, self._spec.measures)))
        if not self._has_seen_enough():
            return None
        while lasts(body.time_s - self._window[1].time_s, self._spec.start_still_s):
            self._window.popleft()
        driving = self._find_driving()
        noise = {side: self._noise(side, driving) for side in SIDES}
        limit = STILL_SD[MEASURES[self._spec.measure].unit]
        chance = 3.0 / sqrt(len(self._window))  # of the noise: 1.5 standard errors of what halves differ by
        drift = max(TREND_SHARE * limit, TREND_PER_ON * min(phase.on for phase in self._spec.phases))
        still = all(
            noise[s] < limit and self._trend(s, driving) < max(drift, chance * noise[s])
            for s in self._watched
        )
        return self._baseline(noise) if still and self._is_settled() else None

    def _has_seen_enough(self) -> bool:
        """Whether the pose was seen for `start_still_s`, in few frames for longer."""
        span_s, frames = self._window[-1].time_s - self._window[0].time_s, len(self._window)
        seldom = frames >= _MIN_SAMPLES and lasts(span_s, _SELDOM_S)
        return lasts(span_s, self._spec.start_still_s) and (seldom or frames >= _ENOUGH_SAMPLES)

    def _is_settled(self) -> bool:
        """Whether nothing that form is judged by, as a change from here on, is still on its way."""
        changes = [fault for fault in self._spec.faults if fault.is_change]
        trends = [(self._trend(s, f.measure), f.threshold) for s in self._watched for f in changes]
        share = SETTLED_SHARE if len(self._window) // 2 > 1 else 1.0
        return not any(trend > share * threshold for trend, threshold in trends)

    def _find_driving(self) -> str:
        """What is told of the legs all the time: of what may drive the phases, the first that is."""
        told = (
            name
            for name in self._spec.driving
            if not any(isnan(i.values[s][name]) for i in self._window for s in self._watched)
        )
        return next(told, self._spec.measure)

    def _noise(self, side: Side, driving: str) -> float:
        """SD of the driving measure over the window; 0 for a leg that need not be still."""
        if side not in self._watched:
            return 0.0
        values = [instant.values[side][driving] for instant in self._window]
        mean = fsum(values) / len(values)
        return sqrt(fsum((v - mean) ** 2 for v in values) / len(values))

    def _trend(self, side: Side, name: str) -> float:
        """How far a measure has gone from the first half of the window to the second; NaN where not seen."""
        values = [instant.values[side][name] for instant in self._window]
        half = len(values) // 2
        return abs(fsum(values[-half:]) - fsum(values[:half])) / half

    def _baseline(self, noise: dict[Side, float]) -> Baseline:
        values = {
            side: {n: median_seen([i.values[side][n] for i in self._window]) for n in self._spec.measures}
            for side in SIDES
        }
        return Baseline(values, noise)


def broken_rule(spec: ExerciseSpec, body: BodyMeasurement, *, throughout: bool = False) -> PoseRule | None:
    """The first rule of the start pose that this pose breaks; with `throughout` only of those always kept."""
    for rule in spec.start_rules:
        if throughout and not rule.throughout:
            continue
        kept = [rule.low <= measure(body, rule.measure, side) <= rule.high for side in SIDES]
        if not (all(kept) if rule.legs == "each" else any(kept)):
            return rule
    return None


def resembles_start(spec: ExerciseSpec, pose: Pose) -> bool:
    """Whether somebody in this pose is about to begin the exercise rather than doing something else."""
    return pose.seen and broken_rule(spec, measure_body(pose, spec.reading)) is None


def compute_measures(body: BodyMeasurement, names: list[str]) -> SideValues:
    """The named measures of both legs at one instant."""
    return {side: {name: measure(body, name, side) for name in names} for side in SIDES}


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

    Knee and ankle of the raised leg are higher in the picture, and its hip and knee are bent more.  A bend
    of 200 degrees counts as much as a height of one trunk: one of the two shows in any view from the front.
    """
    left, right = (
        sum(measure(body, name, side) for name in ("knee_height", "ankle_height"))
        + sum(measure(body, name, side) for name in ("hip_flexion", "knee_flexion")) / 200.0
        for side in SIDES
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


FIND_SIDE = {"top": find_top_side, "standing": find_standing_side, "nearer": find_nearer_side}
"""How the working leg is found, for the exercises that prescribe it."""

NOT_IN_PLACE: dict[str, str] = {
    "top": "Lie on your side.",
    "standing": "Stand on one leg.",
    "nearer": "Turn your side to the camera.",
}
"""What to do where it cannot be told which leg works."""


def find_working_sides(
    spec: ExerciseSpec, body: BodyMeasurement, sides: tuple[Side, ...]
) -> tuple[Side, ...]:
    """Which of `sides` work in this pose; all of them where the exercise does not prescribe it, else none
    where it cannot be told.
    """
    if spec.working not in FIND_SIDE:
        return sides
    side = FIND_SIDE[spec.working](body)
    if side is None:
        return ()
    return (side,) if side in sides else sides


def can_follow(spec: ExerciseSpec, body: BodyMeasurement, side: Side) -> bool:
    """Whether this leg is seen well enough to follow what drives the phases."""
    return any(not isnan(measure(body, name, side)) for name in spec.driving)


def describe_missing_pose(spec: ExerciseSpec, body: BodyMeasurement, watched: tuple[Side, ...]) -> str | None:
    """What to do to be in the start pose, None in it; `watched` are the legs that work."""
    rule = broken_rule(spec, body)
    if rule is not None:
        return rule.cue
    if not watched:
        return NOT_IN_PLACE[spec.working]
    low, high = spec.start_knee_flexion_deg
    flexions = [body.legs[side].knee_flexion_deg for side in watched]
    if any(flexion < low for flexion in flexions):
        return "Bend your knees a little more."
    if any(flexion > high for flexion in flexions):
        return "Stretch your knees a little."
    if not all(can_follow(spec, body, side) for side in watched):
        return "The legs must be seen well: more light, and nothing in front of them."
    return None
