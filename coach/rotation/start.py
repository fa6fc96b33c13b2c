"""Rotation of which the picture shows the change alone: an assumed start pose, and the way from there.

In two exercises no direction in the picture is the rotation itself, yet something moves along with it.  In
the 90-90 the foot of the rear leg rises as its thigh turns in.  Standing on one leg, the raised knee swings
with the pelvis that turns over the standing thigh.  How far the hip is turned in the start pose is then an
assumption of the exercise, with an error bar as wide as people differ; the change from it is measured.
"""

from collections import deque
from dataclasses import dataclass, replace
from math import asin, atan2, copysign, degrees, hypot, isnan, nan, radians, sin
from statistics import median
from typing import Literal

from coach.body.landmarks import INDEX, SIDES, Side, other_side
from coach.body.spans import lasts, outlasts
from coach.rotation.leg_shape import measure_trunk_px
from coach.rotation.posture import SHANK_PER_TRUNK
from coach.rotation.rotation import Rotation

Follow = Literal["rear-shank", "raised-knee"]
FOLLOWS: tuple[Follow, ...] = ("rear-shank", "raised-knee")

START_S = 0.5
"""The start pose is learnt over this long ..."""

SETTLE_S = 0.3
"""... after the pose network has had this long to settle."""

STILL: dict[Follow, float] = {"rear-shank": 4.0, "raised-knee": 0.05}
"""What is followed may stray by this much meanwhile (degrees; trunk lengths)."""

FORGET_S = 3.0
"""Whoever is out of the exercise for this long has to be seen in its start pose again."""

CHANGE_SD_DEG: dict[Follow, float] = {"rear-shank": 2.5, "raised-knee": 2.0}
"""How far off a change is however small it is, one standard deviation ..."""

CHANGE_SD_SHARE: dict[Follow, float] = {"rear-shank": 0.15, "raised-knee": 0.2}
"""... and as a share of its size: legs differ in length, and thighs in how far they point forwards."""

SD_PER_TWIST = 0.5
"""A pelvis that turns about the vertical takes the rear hip out of its rotation by twice as much.  Degrees of
uncertainty per degree by which pelvis and shoulders together seem to have turned ..."""

MAX_TWIST_DEG = 8.0
"""... up to here, unless another reading sees the movement too, which tells better: how far two readings are
apart finds changes that are far off with an AUC of 0.92, the twist with 0.74 (72 rendered people)."""

OTHER_SHARE = 0.5
"""How much another reading counts beside the change.  Of people left out, the change of the 90-90 is off by
3.4 degrees, that of the other reading by 3.2, their mean by 2.8; standing on one leg 2.5, 1.9 and 1.9 ..."""

SD_PER_DIFFERENCE = 0.55
"""... and, in degrees of uncertainty, how much each degree counts by which they are apart."""

SD_PER_DISAGREEMENT = 0.5
"""Degrees of uncertainty per degree by which the rear shank's slope changes less than the height of its foot
says: an ankle that is drawn half way up the shank leaves the slope as it was.  More slope is no disagreement
but a shank that points away from the camera."""

USUAL_REACH, THIGH = 0.7, 0.85
"""How far in front of the hips a raised knee swings, and how long the thigh is, in trunk lengths.  The reach
of rendered people is 0.7 in their projection, and as the pose network draws them 0.5."""

MIN_FOOT_OUT, MIN_RAISED = 0.1, 0.08
"""The rear foot of the 90-90 lies at least this far out from its knee and the front one in from its own; the
joints of a raised leg are at least this much higher, knee and ankle added up.  In trunk lengths."""


_LEFT: dict[Side, float] = {"left": 1.0, "right": -1.0}


@dataclass(frozen=True, slots=True)
class Start:
    """What the exercise says of the start pose: the hip's internal rotation and how far people differ from it
    (one standard deviation), degrees; and what in the picture follows the change.
    """

    follow: Follow
    rotation_deg: float
    sd_deg: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What shows the change, at one instant.

    side       the leg whose hip turns
    place      rise of the rear foot above its knee, degrees; or of the raised knee sideways, trunk lengths
    reach      how far in front of the hips the raised knee is, in trunk lengths; NaN for the shank
    twist_deg  how far pelvis and shoulders seem to be turned; 0 for the knee
    slope_deg  of the rear shank in the picture; 0 for the knee
    """

    side: Side
    place: float
    reach: float
    twist_deg: float = 0.0
    slope_deg: float = 0.0


class StartWatch:
    """Learns the start pose, then measures the way from it.  `update` takes what one instant shows.

    How far the hip is turned at the start is the exercise's word, or better, what another reading says of
    this person.
    """

    def __init__(self, start: Start) -> None:
        self._asked = start
        self._recent: deque[tuple[float, Sight, Rotation | None]] = deque()
        self.forget()

    def forget(self) -> None:
        """The start pose is to be learnt anew."""
        self._recent.clear()
        self._start, self._was_told = self._asked, False
        self._from: Sight | None = None
        self._since_s = self._last_s = nan

    def update(self, time_s: float, sight: Sight | None, other: Rotation | None = None) -> Rotation:
        """The rotation of the leg that is seen to work, or why there is none.

        `other` is what another reading says of that leg at this instant.
        """
        if sight is None or (self._from is not None and sight.side != self._from.side):
            if isnan(self._last_s) or outlasts(time_s - self._last_s, FORGET_S):
                self.forget()
            return Rotation.withheld("start_pose_not_seen")
        self._last_s = time_s
        if self._from is None:
            self._learn(time_s, sight, other)
        if self._from is None:
            return Rotation.withheld("start_pose_not_seen")
        found = _measure(self._start, self._from, sight)
        if self._was_told and other is not None and other.reason is None:
            return _agree(found, other)
        if abs(sight.twist_deg - self._from.twist_deg) > MAX_TWIST_DEG:
            return Rotation.withheld("pelvis_turned_along")
        return found

    def _learn(self, time_s: float, sight: Sight, other: Rotation | None) -> None:
        last = self._recent[-1][1] if self._recent else None
        if last is None or last.side != sight.side:
            self._recent.clear()
            self._since_s = time_s
        self._recent.append((time_s, sight, other))
        while outlasts(time_s - self._recent[0][0], START_S):
            self._recent.popleft()
        sights = [s for _, s, _ in self._recent]
        places = [s.place for s in sights]
        still = max(places) - min(places) <= STILL[self._start.follow]
        if still and len(sights) > 1 and lasts(time_s - self._since_s, SETTLE_S + START_S):
            self._ask([told for _, _, told in self._recent if told is not None and told.reason is None])
            self._from = Sight(
                sight.side,
                median(places),
                median(s.reach for s in sights),
                median(s.twist_deg for s in sights),
                median(s.slope_deg for s in sights),
            )

    def _ask(self, others: list[Rotation]) -> None:
        """Take another reading's word for the start pose, if it has one."""
        if others:
            value_deg, sd_deg = median(o.value_deg for o in others), median(o.sd_deg for o in others)
            self._start = replace(self._asked, rotation_deg=value_deg, sd_deg=sd_deg)
            self._was_told = True


def _agree(counted: Rotation, other: Rotation) -> Rotation:
    """Both readings of one instant, the one counted from where the other had the start pose, as one."""
    apart_deg = other.value_deg - counted.value_deg
    sd_deg = hypot(counted.sd_deg, SD_PER_DIFFERENCE * apart_deg)
    return replace(counted, value_deg=counted.value_deg + OTHER_SHARE * apart_deg, sd_deg=sd_deg)


def _measure(start: Start, before: Sight, now: Sight) -> Rotation:
    sd_deg = [start.sd_deg, CHANGE_SD_DEG[start.follow]]
    if start.follow == "rear-shank":
        change_deg = now.place - before.place
        sd_deg.append(SD_PER_TWIST * (now.twist_deg - before.twist_deg))
        slope_deg = copysign(1.0, change_deg) * (now.slope_deg - before.slope_deg)
        sd_deg.append(SD_PER_DISAGREEMENT * max(0.0, abs(change_deg) - slope_deg))
    else:
        change_deg = degrees(asin(max(-1.0, min(1.0, (now.place - before.place) / before.reach))))
    sd_deg.append(CHANGE_SD_SHARE[start.follow] * change_deg)
    return Rotation(start.rotation_deg + change_deg, hypot(*sd_deg), "start-assumed")


def find_sight(
    follow: Follow,
    pixels: list[list[float]],
    hip_flexion_deg: list[float],
    azimuth_deg: float,
    shoulder_turn_deg: float,
) -> Sight | None:
    """What shows the change in one pose, None when nobody is in the exercise.

    `pixels` are all landmarks, x right and y down; hip flexion is (left, right); the last two say how far
    pelvis and shoulders are turned, their right side towards the camera positive.
    """
    if follow == "rear-shank":
        return _find_rear_shank(pixels, 0.5 * (azimuth_deg + shoulder_turn_deg))
    return _find_raised_knee(pixels, hip_flexion_deg)


def _find_rear_shank(pixels: list[list[float]], turned_deg: float) -> Sight | None:
    """The rear leg is the one whose foot lies outwards of its knee while the other's lies inwards."""
    out = {}
    trunk_px = measure_trunk_px(pixels)
    for side in SIDES:
        (kx, _), (ax, _) = pixels[INDEX[f"{side}_knee"]], pixels[INDEX[f"{side}_ankle"]]
        out[side] = (ax - kx if side == "left" else kx - ax) / trunk_px
    for side in SIDES:
        if out[side] >= MIN_FOOT_OUT and out[other_side(side)] <= -MIN_FOOT_OUT:
            (_, ky), (_, ay) = pixels[INDEX[f"{side}_knee"]], pixels[INDEX[f"{side}_ankle"]]
            up = (ky - ay) / trunk_px
            return Sight(side, _rise_deg(up), nan, turned_deg, degrees(atan2(up, out[side])))
    return None


def _rise_deg(up: float) -> float:
    """How far the foot is raised above its knee, from its height above it in the picture, in trunk lengths.

    The slope of the shank would say too much of one that points away from the camera: in the projection of
    rendered people 1.1 +- 0.3 degrees per degree of rotation, the height 1.07 +- 0.07.
    """
    return degrees(asin(max(-1.0, min(1.0, up / SHANK_PER_TRUNK))))


def _find_raised_knee(pixels: list[list[float]], hip_flexion_deg: list[float]) -> Sight | None:
    """The standing leg, and where the knee of the other one is, towards the standing leg's side."""
    trunk_px = measure_trunk_px(pixels)
    left, right = (pixels[INDEX[f"{s}_knee"]][1] + pixels[INDEX[f"{s}_ankle"]][1] for s in SIDES)
    if not abs(left - right) >= MIN_RAISED * trunk_px:
        return None
    standing: Side = "left" if left > right else "right"
    raised = other_side(standing)
    flexion_deg = hip_flexion_deg[SIDES.index(raised)]
    sideways = (pixels[INDEX[f"{raised}_knee"]][0] - _middle_hip_x(pixels)) / trunk_px
    reach = 0.5 * (USUAL_REACH + THIGH * sin(radians(min(90.0, max(0.0, flexion_deg)))))
    if isnan(sideways) or isnan(reach):
        return None
    return Sight(standing, sideways * _LEFT[standing], reach)


def _middle_hip_x(pixels: list[list[float]]) -> float:
    return 0.5 * (pixels[INDEX["left_hip"]][0] + pixels[INDEX["right_hip"]][0])
