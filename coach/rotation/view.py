"""Where the camera stands relative to the pelvis, measured from the pose, and what that view can carry."""

from dataclasses import dataclass
from math import asin, atan2, degrees, isnan, nan, sqrt

from coach.body.landmarks import indices
from coach.body.pose import Pose

_TRUNK = indices("left_hip", "right_hip", "left_shoulder", "right_shoulder")

COUNTING_MARGIN_DEG = 20.0
"""A *change* survives a worse view than an absolute angle: how much further off counting still works."""


@dataclass(frozen=True, slots=True)
class ViewGate:
    """The camera positions from which an exercise can be read, in the terms of `View`.

    Bounds of the azimuth's absolute value, and of the elevation, in degrees.  Beyond them the shank read in
    the image plane was off by more than its error bar on rendered people.
    """

    azimuth_deg: tuple[float, float]
    elevation_deg: tuple[float, float]


FRONT = ViewGate((0.0, 25.0), (-35.0, 35.0))

GATES = {
    "front": FRONT,
    "three-quarter": ViewGate((15.0, 70.0), (-45.0, 35.0)),
    "side": ViewGate((55.0, 125.0), (-40.0, 40.0)),
    "foot-end-high": ViewGate((0.0, 25.0), (-47.0, -22.0)),
}
"""The gate of each view that a spec may ask for."""


@dataclass(frozen=True, slots=True)
class View:
    """The camera's direction as seen from the pelvis, in degrees; NaN when nobody is seen.

    azimuth_deg    0 in front of the belly, positive towards the person's left, +-180 behind the back
    elevation_deg  0 square to the trunk, positive towards the head, negative towards the feet
    """

    azimuth_deg: float
    elevation_deg: float

    def carries_rotation(self, gate: ViewGate = FRONT) -> bool:
        """Whether rotation can be read in the image plane from here."""
        return self.reason(gate) is None

    def carries_counting(self, gate: ViewGate = FRONT) -> bool:
        """Whether changes of rotation can be followed from here."""
        return self._reason(gate, COUNTING_MARGIN_DEG) is None

    def reason(self, gate: ViewGate = FRONT) -> str | None:
        """Why rotation cannot be read from here, None when it can."""
        return self._reason(gate, 0.0)

    def _reason(self, gate: ViewGate, margin_deg: float) -> str | None:
        if isnan(self.azimuth_deg):
            return "nobody_seen"
        turned = abs(self.azimuth_deg)
        if turned > gate.azimuth_deg[1] + margin_deg:
            behind = turned > 90.0 and gate.azimuth_deg[1] <= 90.0
            return "camera_behind" if behind else "camera_too_far_to_the_side"
        if turned < gate.azimuth_deg[0] - margin_deg:
            return "camera_too_far_to_the_front"
        if self.elevation_deg > gate.elevation_deg[1] + margin_deg:
            return "camera_too_high"
        if self.elevation_deg < gate.elevation_deg[0] - margin_deg:
            return "camera_too_low"
        return None


UNSEEN = View(nan, nan)

_VIEW_NAMES = ((30.0, "front"), (65.0, "three-quarter"), (115.0, "side"), (180.0, "back"))

ADVICE = {
    "nobody_seen": "Step into the picture so that your whole body is visible.",
    "camera_behind": "Turn round, or move the camera to the other side: it must see your front.",
    "camera_too_far_to_the_side": "Turn so that your knees point at the camera, or move the camera round.",
    "camera_too_far_to_the_front": "Turn so that the camera sees you more from the side, or move it round.",
    "camera_too_high": "Move the camera towards your knees: it looks too much from the head end.",
    "camera_too_low": "Move the camera towards your chest: it looks too much from the foot end.",
    "femur_across_view": "Turn so that your knees point at the camera.",
    "thigh_held_otherwise": "Hold your thigh as the exercise describes, with your knees towards the camera.",
    "not_the_upper_leg": "Only the upper leg is measured; change sides for the other one.",
    "not_the_turning_leg": "Only the leg that turns is measured; change sides for the other one.",
    "pose_jumped": "Somebody else came into the picture, or you were hidden: be alone in it.",
    "sides_exchanged": "Left and right were mixed up: show both legs, one beside the other.",
    "legs_mixed_up": "Left and right were mixed up: show both legs, one beside the other.",
    "leg_trembles": "The leg was not seen well: more light, and nothing in front of it.",
    "limb_length_changed": "The leg was not seen well: more light, and nothing in front of it.",
    "not_read_in_this_exercise": "Its change is followed; measure the angle itself with coach measure.",
    "start_pose_not_seen": "Take up the start pose and hold still for a second before you move.",
    "pelvis_turned_along": "Keep pelvis and chest facing forwards: a pelvis that turns hides the rotation.",
    "feet_too_wide": "To have the angle measured, put your feet closer together; this wide it is not told.",
    "too_uncertain": "Move only the hip: chest, pelvis and the other thigh stay, or the angle is not sure.",
    "knee_extended": "Bend the knee: with a straight leg the rotation of the thigh cannot be seen.",
}
"""What to do about each reason for withholding; reasons without an entry have no remedy but a better view."""


def compute_view(pose: Pose) -> View:
    """The camera's direction in the pelvis frame, from world landmarks.

    The frame is that of `coach.body.angles`: z to the person's right, y along the trunk, x forward.  World
    landmarks share the camera's axes, so the direction towards the camera is minus the optical axis; the
    few degrees by which the line of sight differs from the axis are ignored.
    """
    if not pose.seen:
        return UNSEEN
    (lhx, lhy, lhz), (rhx, rhy, rhz), (lsx, lsy, lsz), (rsx, rsy, rsz) = pose.world_m[_TRUNK].tolist()
    zx, zy, zz = rhx - lhx, rhy - lhy, rhz - lhz
    tx, ty, tz = 0.5 * (lsx + rsx - lhx - rhx), 0.5 * (lsy + rsy - lhy - rhy), 0.5 * (lsz + rsz - lhz - rhz)
    z_length = sqrt(zx * zx + zy * zy + zz * zz)
    if z_length == 0.0 or isnan(z_length):
        return UNSEEN
    zx, zy, zz = zx / z_length, zy / z_length, zz / z_length
    along = tx * zx + ty * zy + tz * zz
    yx, yy, yz = tx - along * zx, ty - along * zy, tz - along * zz
    y_length = sqrt(yx * yx + yy * yy + yz * yz)
    if y_length == 0.0 or isnan(y_length):
        return UNSEEN
    x_depth = yx / y_length * zy - yy / y_length * zx  # z component of y cross z
    azimuth_deg = degrees(atan2(zz, -x_depth))
    return View(azimuth_deg, degrees(asin(max(-1.0, min(1.0, -yz / y_length)))))


def describe_view(azimuth_deg: float, elevation_deg: float) -> str:
    """The view in words with its two angles, e.g. "front, 12 degrees to the left, 5 degrees to the feet"."""
    turned = abs(azimuth_deg)
    name = next(name for limit, name in _VIEW_NAMES if turned <= limit)
    across = "left" if azimuth_deg > 0 else "right"
    along = "head" if elevation_deg > 0 else "feet"
    return f"{name}, {turned:.0f}° to the {across}, {abs(elevation_deg):.0f}° to the {along}"
