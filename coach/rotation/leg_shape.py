"""How thigh and shank lie in the picture, measured in trunk lengths along the person's own directions."""

from dataclasses import dataclass
from math import cos, hypot, nan, radians

from coach.body.landmarks import INDEX, SIDES, Side
from coach.rotation.view import View

THIGH_PER_TRUNK = 0.8
"""Length of the thigh over that of the trunk's line as the pose model draws both, middle of people."""

DRAWN_LOW = 0.15
"""How much too far down the trunk the knee is drawn (and the hip too high), in thigh lengths."""

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
    return hypot(shape.thigh_right * scale - expected[0], shape.thigh_down * scale - expected[1] - DRAWN_LOW)
