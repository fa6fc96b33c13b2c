"""The knee of a leg that turns on its seat: the thigh lies still, so the knee is where it was.

The pose model draws the knee of a turned leg towards the ankle, by up to a quarter of the shank, and
differently for every person.  A thigh that turns about its own axis does not move its knee.  So the shank is
read from a knee between the one drawn now and the one of the neutral pose, the latter taken along with the
other knee.
"""

from dataclasses import replace
from math import atan2, degrees, hypot, isnan

from coach.body.angles import wrap_deg
from coach.body.landmarks import INDEX, Side, other_side
from coach.rotation.estimator import BodyMeasurement
from coach.rotation.rotation import Rotation

ANCHOR_SHARE = 0.5
"""How far the knee is moved back to where it was.  On rendered people 0.3 to 0.6 was best: the 95th
percentile of the error fell from 6.1 to 3 or 4 degrees.  Not more, since thighs do slide a little."""

DISAGREEMENT_SHARE = 0.25
"""How much of the difference between the two knees' readings goes into the error bar."""

Offset = tuple[float, float]


def observe_knee(body: BodyMeasurement, side: Side) -> Offset:
    """Where this knee is from the other one, pixels; NaN where either is not seen."""
    x, y = body.pixels[INDEX[f"{side}_knee"]]
    other_x, other_y = body.pixels[INDEX[f"{other_side(side)}_knee"]]
    return x - other_x, y - other_y


def steady_knee(rotation: Rotation, body: BodyMeasurement, side: Side, neutral: Offset) -> Rotation:
    """The rotation as read with the knee moved towards its place in the neutral pose."""
    if rotation.reason is not None:
        return rotation
    difference_deg = _anchored(body, side, neutral, 1.0)
    change_deg = _anchored(body, side, neutral, ANCHOR_SHARE)
    if isnan(change_deg):
        return rotation
    return replace(
        rotation,
        value_deg=rotation.value_deg + change_deg,
        sd_deg=hypot(rotation.sd_deg, DISAGREEMENT_SHARE * difference_deg),
    )


def _anchored(body: BodyMeasurement, side: Side, neutral: Offset, share: float) -> float:
    """How much further in the shank points when its knee is moved by a share of the way back, degrees."""
    x, y = body.pixels[INDEX[f"{side}_knee"]]
    ankle_x, ankle_y = body.pixels[INDEX[f"{side}_ankle"]]
    now_x, now_y = observe_knee(body, side)
    moved_x, moved_y = x + share * (neutral[0] - now_x), y + share * (neutral[1] - now_y)
    drawn = atan2(ankle_x - x, ankle_y - y)
    anchored = atan2(ankle_x - moved_x, ankle_y - moved_y)
    turned_deg = wrap_deg(degrees(anchored - drawn))
    return turned_deg if side == "left" else -turned_deg
