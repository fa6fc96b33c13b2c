"""How thigh and shank lie in the picture, measured in trunk lengths along the person's own directions."""

from dataclasses import dataclass
from math import acos, cos, degrees, hypot, isnan, nan, radians

from coach.body.landmarks import INDEX, SIDES, Side
from coach.rotation.view import View

THIGH_PER_TRUNK = 0.8
"""Length of the thigh over that of the trunk's line as the pose model draws both, middle of people."""

DRAWN_LOW = 0.15
"""How much too far down the trunk the knee is drawn (and the hip too high), in thigh lengths."""

MIN_KNEE_GAP, MIN_ANKLE_GAP = 0.1, 0.03
"""Knees and ankles nearer to each other than this, in trunk lengths, are one leg drawn twice.  On rendered
people knees were at least 0.16 apart, and ankles, which the clamshell lays together, 0.04."""

MAX_CROSSING = 0.15
"""Knees in the wrong order along the hip line by more than this, in trunk lengths, are exchanged; a thigh
that is held in the air reached 0.1."""

_LEGS = {side: tuple(INDEX[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle")) for side in SIDES}
_TRUNK = tuple(INDEX[name] for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"))


@dataclass(frozen=True, slots=True)
class LegShape:
    """One leg in the picture, in lengths of the trunk as the picture shows it; NaN where not seen.

    thigh_right, thigh_down   the thigh, hip to knee, to the person's right and down the trunk
    shank                     length of the shank
    """

    thigh_right: float
    thigh_down: float
    shank: float


def compute_leg_shape(pixels: list[list[float]], side: Side) -> LegShape:
    """The shape of a leg from the landmarks' pixels, x right and y down, of somebody seen from the front."""
    (lhx, lhy), (rhx, rhy), (lsx, lsy), (rsx, rsy) = (pixels[i] for i in _TRUNK)
    (hip_x, hip_y), (knee_x, knee_y), (ankle_x, ankle_y) = (pixels[i] for i in _LEGS[side])
    down_x, down_y = 0.5 * (lhx + rhx - lsx - rsx), 0.5 * (lhy + rhy - lsy - rsy)
    squared = down_x * down_x + down_y * down_y
    if not squared > 0.0:
        return LegShape(nan, nan, nan)
    thigh_x, thigh_y = knee_x - hip_x, knee_y - hip_y
    return LegShape(
        (thigh_y * down_x - thigh_x * down_y) / squared,
        (thigh_x * down_x + thigh_y * down_y) / squared,
        hypot(ankle_x - knee_x, ankle_y - knee_y) / squared**0.5,
    )


def compute_thigh_offset(shape: LegShape, expected: tuple[float, float], view: View) -> float:
    """How far the knee is from where the posture puts it, in thigh lengths; NaN where not seen.

    `expected` is the thigh as `coach.rotation.posture.project_thigh` gives it.
    """
    scale = cos(radians(view.elevation_deg)) / THIGH_PER_TRUNK
    return hypot(shape.thigh_right * scale - expected[0], measure_thigh_down(shape, view) - expected[1])


def measure_thigh_down(shape: LegShape, view: View) -> float:
    """How far the thigh reaches down the trunk in the picture, in its own lengths; NaN if not seen."""
    return shape.thigh_down * cos(radians(view.elevation_deg)) / THIGH_PER_TRUNK - DRAWN_LOW


def measure_trunk_px(pixels: list[list[float]]) -> float:
    """Length of the trunk's line in the picture; NaN where it has none."""
    (lhx, lhy), (rhx, rhy), (lsx, lsy), (rsx, rsy) = (pixels[i] for i in _TRUNK)
    return 0.5 * hypot(lhx + rhx - lsx - rsx, lhy + rhy - lsy - rsy) or nan


def compute_elevation(shape: LegShape, hip_flexion_deg: float, view: View) -> float:
    """How high the camera stands as the thigh shows it, degrees, positive towards the head; NaN if not seen.

    A thigh at right angles to the trunk that points up the trunk in the picture is seen from the foot end.
    The pose network draws the trunk of somebody on the side as seen more squarely than it is.
    """
    down = measure_thigh_down(shape, view)
    return hip_flexion_deg - degrees(acos(max(-1.0, min(1.0, down)))) if not isnan(down) else nan


def find_upper_side(pixels: list[list[float]]) -> Side | None:
    """Which leg is on top of somebody lying on the side; None when neither is clearly above the other.

    Judged by the hips in the picture: the upper one, if the hip line is steeper than 30 degrees.
    """
    (lx, ly), (rx, ry) = (pixels[_LEGS[side][0]] for side in SIDES)
    if not abs(ry - ly) >= 0.577 * abs(rx - lx):  # NaN, where a hip is not seen, counts as level
        return None
    return "left" if ly < ry else "right"


def are_legs_mixed_up(pixels: list[list[float]]) -> bool:
    """Whether the picture shows one leg drawn onto the other, or knees crossed over against the hips.

    In none of these exercises do the knees pass each other, and lying on top of each other they are still
    a thigh's thickness apart.
    """
    left, right = (tuple(pixels[i] for i in _LEGS[side]) for side in SIDES)
    (lsx, lsy), (rsx, rsy) = pixels[_TRUNK[2]], pixels[_TRUNK[3]]
    hips, knees, ankles = ((r[0] - a[0], r[1] - a[1]) for a, r in zip(left, right, strict=True))
    middle_x, middle_y = 0.5 * (left[0][0] + right[0][0]), 0.5 * (left[0][1] + right[0][1])
    trunk = hypot(0.5 * (lsx + rsx) - middle_x, 0.5 * (lsy + rsy) - middle_y)
    if hypot(*knees) < MIN_KNEE_GAP * trunk or hypot(*ankles) < MIN_ANKLE_GAP * trunk:
        return True
    return knees[0] * hips[0] + knees[1] * hips[1] < -MAX_CROSSING * trunk * hypot(*hips)
