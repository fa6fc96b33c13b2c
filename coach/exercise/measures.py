"""The quantities that specs may name, computed for one leg at one instant.

A measure is signed and continuous where it can be; specs use its absolute value or its change from the
start pose.  Units: "deg" for angles, "ratio" for lengths as a share of another length of the same body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, degrees, hypot, isnan, nan

from coach.body.angles import compute_shoulder_turn_deg, wrap_deg
from coach.body.landmarks import INDEX, Side, indices, other_side
from coach.rotation.estimator import BodyMeasurement

_SHORTEST_ARM_RATIO = 0.05  # of the trunk: an upper arm or forearm shorter in the picture points nowhere
_NOSE_AHEAD_M = 0.19  # how far an adult's nose lies ahead of the line of the shoulders
_LEAN_AS_TURN = 0.4
_TURN_PER_LEAD_DEG = 80.0  # rotation that takes a knee one trunk length further inwards than the other
_KNEES_AHEAD = 0.25  # trunk lengths to one side of the hips: from there on the knees point that way
_PAIRS = {part: indices(f"left_{part}", f"right_{part}") for part in ("shoulder", "hip", "knee")}
_LEFT_SHOULDER, _RIGHT_SHOULDER = INDEX["left_shoulder"], INDEX["right_shoulder"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with its unit ("deg" or "ratio") and what it means in words."""

    unit: str
    meaning: str
    compute: Callable[[BodyMeasurement, Side], float]


def _point(body: BodyMeasurement, name: str) -> tuple[float, float]:
    x, y = body.pixels[INDEX[name]]
    return x, y


def _middle(body: BodyMeasurement, part: str) -> tuple[float, float]:
    left, right = _PAIRS[part]
    (ax, ay), (bx, by) = body.pixels[left], body.pixels[right]
    return 0.5 * (ax + bx), 0.5 * (ay + by)


def _trunk(body: BodyMeasurement) -> tuple[float, float]:
    (hx, hy), (sx, sy) = _middle(body, "hip"), _middle(body, "shoulder")
    return sx - hx, sy - hy


def _hip_internal_rotation(body: BodyMeasurement, side: Side) -> float:
    return body.legs[side].shank_deg


def _hip_flexion(body: BodyMeasurement, side: Side) -> float:
    """Bend of the hip; no hip stretches by 160 degrees, so what looks like it is a bend of more than 180."""
    bend_deg = body.legs[side].hip_flexion_deg
    return bend_deg + 360.0 if bend_deg < -160.0 else bend_deg


def _hip_flexion_lead(body: BodyMeasurement, side: Side) -> float:
    """How much further this hip is bent than the other."""
    return body.legs[side].hip_flexion_deg - body.legs[other_side(side)].hip_flexion_deg


def _knee_flexion(body: BodyMeasurement, side: Side) -> float:
    return body.legs[side].knee_flexion_deg


def _shank_elevation(body: BodyMeasurement, side: Side) -> float:
    """Rise of the ankle above the knee as an angle of the shank in the picture."""
    (kx, ky), (ax, ay) = _point(body, f"{side}_knee"), _point(body, f"{side}_ankle")
    return degrees(atan2(ky - ay, abs(ax - kx)))


def _shank_tilt(body: BodyMeasurement, side: Side) -> float:
    """Slope of the shank from upright in the picture, the knee inwards of the ankle positive.

    Unlike the rotation it does not follow the trunk when that leans.
    """
    if isnan(body.legs[side].shank_deg):
        return nan
    (kx, ky), (ax, ay) = _point(body, f"{side}_knee"), _point(body, f"{side}_ankle")
    return degrees(atan2(ax - kx if side == "left" else kx - ax, ay - ky))


def _foot_rise(body: BodyMeasurement, side: Side) -> float:
    """Rise of the ankle above the knee: mean of the shank's slope and of its height in percent of the trunk.

    The slope alone says little of a shank that points at the camera, the height alone of one that turns
    towards it on the way.
    """
    (_, ky), (_, ay) = _point(body, f"{side}_knee"), _point(body, f"{side}_ankle")
    height_percent = 100.0 * _ratio(ky - ay, hypot(*_trunk(body)))
    return 0.5 * (_shank_elevation(body, side) + height_percent)


def _knee_opening(body: BodyMeasurement, side: Side) -> float:
    """Lift of the knee off the other, by somebody lying on the side.

    The mean of the thigh's turn outwards and of the knee's height in percent of the trunk.  The turn alone
    says nothing of a foot that lifts along with the knee, which it should not.
    """
    return 0.5 * (100.0 * _knee_height(body, side) - _hip_internal_rotation(body, side))


def _raised_knee_offset(body: BodyMeasurement, side: Side) -> float:
    """Sideways place of the other, raised knee from the foot stood on, which stays where it is.

    The knee goes with the pelvis that turns over this hip.
    """
    inwards_px = _point(body, f"{other_side(side)}_knee")[0] - _point(body, f"{side}_ankle")[0]
    return _ratio(inwards_px if side == "left" else -inwards_px, hypot(*_trunk(body)))


def _leg_turn(body: BodyMeasurement, side: Side) -> float:
    """How far this leg has turned inwards over the ball of its foot: half the hip's rotation as it is told,
    and half what the knee's place says of it.  Either may be wrong of one leg, seldom both alike.
    """
    return 0.5 * (body.legs[side].rotation.value_deg + _turn_by_knees(body, side))


def _knee_lead(body: BodyMeasurement, side: Side) -> float:
    """The same as the knee's place says alone: of legs that are both believed, in a view to count from."""
    return nan if body.doubts or isnan(body.legs[side].shank_deg) else _turn_by_knees(body, side)


def _turn_by_knees(body: BodyMeasurement, side: Side) -> float:
    """Turn of this leg inwards, degrees, by the place of its knee against the other one, each inwards of its
    own foot, so that a trunk that leans and a camera that stands to one side cancel.
    """
    (lkx, _), (lax, _) = _point(body, "left_knee"), _point(body, "left_ankle")
    (rkx, _), (rax, _) = _point(body, "right_knee"), _point(body, "right_ankle")
    left_lead_px = (lax - lkx) - (rkx - rax)
    lead = _ratio(left_lead_px if side == "left" else -left_lead_px, hypot(*_trunk(body)))
    return _TURN_PER_LEAD_DEG * lead


def _both_shanks_tilt(body: BodyMeasurement, side: Side) -> float:
    """How far both shanks go together to this leg's inside: half of what their rotations differ by.

    Where both knees sink to one side, one thigh turns in as the other turns out; a leg that is drawn badly
    then shows half of the movement still.
    """
    return 0.5 * (body.legs[side].shank_deg - body.legs[other_side(side)].shank_deg)


def _trunk_incline(body: BodyMeasurement, side: Side) -> float:
    """Angle of the trunk from upright in the picture: 0 sitting or standing, 90 lying, whichever way."""
    x, y = _trunk(body)
    return degrees(atan2(abs(x), -y))


def _knee_height(body: BodyMeasurement, side: Side) -> float:
    return _height_above_hips(body, f"{side}_knee")


def _ankle_height(body: BodyMeasurement, side: Side) -> float:
    return _height_above_hips(body, f"{side}_ankle")


def _sits_back(body: BodyMeasurement, side: Side) -> float:
    """How much somebody sits on the floor rather than squats.

    Who sits has the knee above the hips and leans back; who squats has it level with them and leans forwards.
    The knee's height as a share of the shank's, less the trunk's tilt towards the camera in units of 60
    degrees and that to where the knees point in the picture in units of 20, as that shows less of it.
    Rendered people came to 0.4 and more sitting, to 0.2 and less squatting.
    """
    knee = _knee_height(body, side)
    trunk_x, trunk_y = _trunk(body)
    knees_ahead = _ratio(_middle(body, "knee")[0] - _middle(body, "hip")[0], hypot(trunk_x, trunk_y))
    pointing = max(-1.0, min(1.0, knees_ahead / _KNEES_AHEAD))
    forwards_deg = pointing * degrees(atan2(trunk_x, -trunk_y))
    tilt = body.view.elevation_deg / 60.0 + forwards_deg / 20.0
    return _ratio(knee, knee - _ankle_height(body, side)) - tilt


def _lies_back(body: BodyMeasurement, side: Side) -> float:
    """How much somebody seen from the feet lies on the back rather than sits on a chair.

    The picture of both is alike.  Who lies has the trunk pointing away from the camera, which looks down on
    it, and the knees well bent: the knee's bend beyond a right angle, less the camera's elevation.  Of
    rendered people the knee that tells more came to 32 degrees and more lying, to 23 and less sitting.
    """
    return body.legs[side].knee_flexion_deg - 90.0 - body.view.elevation_deg


def _height_above_hips(body: BodyMeasurement, name: str) -> float:
    """Height in the picture above the middle of the hips, in trunk lengths."""
    return _ratio(_middle(body, "hip")[1] - _point(body, name)[1], hypot(*_trunk(body)))


def _trunk_lean(body: BodyMeasurement, side: Side) -> float:
    """Image direction of the trunk from upright, positive towards the given side of a person facing us."""
    x, y = _trunk(body)
    return degrees(atan2(x if side == "left" else -x, -y))


def _hip_line_tilt(body: BodyMeasurement, side: Side) -> float:
    """Slope of the hip line against the trunk in the image; positive when this side's hip is hiked."""
    (lx, ly), (rx, ry) = _point(body, "left_hip"), _point(body, "right_hip")
    tx, ty = _trunk(body)
    across_x, across_y = (lx - rx, ly - ry) if side == "left" else (rx - lx, ry - ly)
    return degrees(atan2(across_x * tx + across_y * ty, abs(across_x * ty - across_y * tx)))


def _shoulder_tilt(body: BodyMeasurement, side: Side) -> float:
    """Slope of the shoulder line in the picture, positive when this side's shoulder is the higher one.

    The steadiest sign of a trunk that leans sideways: the hips are hidden by thighs, the shoulders are not.
    """
    (lx, ly), (rx, ry) = _point(body, "left_shoulder"), _point(body, "right_shoulder")
    tilt = degrees(atan2(ly - ry, abs(lx - rx)))
    return tilt if side == "right" else -tilt


def _trunk_roll(body: BodyMeasurement, side: Side) -> float:
    """Roll of somebody lying on the side, this side backwards positive.

    The shoulders' roll, less half of the hips': the hip landmarks go along with a knee that opens even when
    the pelvis is still, the shoulders hardly do.
    """
    return _depth_angle(body, "shoulder", side) - 0.5 * _depth_angle(body, "hip", side)


def _depth_angle(body: BodyMeasurement, part: str, side: Side) -> float:
    """How far the line to this side's shoulder (or hip) points away from the camera."""
    line = body.pose.world_m[INDEX[f"{side}_{part}"]] - body.pose.world_m[INDEX[f"{other_side(side)}_{part}"]]
    x, y, z = line.tolist()
    return degrees(atan2(z, hypot(x, y)))


def _body_height(body: BodyMeasurement, side: Side) -> float:
    """Mean of the head's height in the picture and the hips' above the lower foot, in trunk lengths."""
    hip_y = _middle(body, "hip")[1]
    foot_y = max(_point(body, "left_ankle")[1], _point(body, "right_ankle")[1])
    return _ratio(0.5 * (foot_y - hip_y - _point(body, "nose")[1]), hypot(*_trunk(body)))


def _pelvis_roll(body: BodyMeasurement, side: Side) -> float:
    """Turn of the pelvis about the trunk's long axis; positive when this side's hip goes backwards."""
    azimuth = body.view.azimuth_deg
    return -azimuth if side == "left" else azimuth


def _shoulder_turn(body: BodyMeasurement, side: Side) -> float:
    """Turn of the shoulder line about the vertical, from world landmarks; this side backwards positive."""
    turn = compute_shoulder_turn_deg(body.pose.world_m)
    return -turn if side == "left" else turn


def _chest_turn(body: BodyMeasurement, side: Side) -> float:
    """Turn of chest and head: mean of the shoulder line's and of the nose's, seen from between the shoulders.

    Legs that lift drag the shoulders' depth along, but not the nose.  A trunk that leans seems to turn by up
    to two fifths of its lean, which is taken off.
    """
    world_m = body.pose.world_m
    left, right, nose = (world_m[i] for i in (_LEFT_SHOULDER, _RIGHT_SHOULDER, INDEX["nose"]))
    x, y, _ = (left - right).tolist()
    nose_x, nose_y, _ = (nose - 0.5 * (left + right)).tolist()
    aside_m = _ratio(nose_x * x + nose_y * y, hypot(x, y))
    head_turn = degrees(atan2(aside_m, _NOSE_AHEAD_M))
    turn = 0.5 * (_shoulder_turn(body, side) + (head_turn if side == "left" else -head_turn))
    return turn + _LEAN_AS_TURN * _shoulder_tilt(body, side)


def _elbow_flexion(body: BodyMeasurement, side: Side) -> float:
    """Bend of this side's elbow in the picture, 0 is straight."""
    shoulder, elbow, wrist = (_point(body, f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist"))
    upper = (elbow[0] - shoulder[0], elbow[1] - shoulder[1])
    lower = (wrist[0] - elbow[0], wrist[1] - elbow[1])
    if not min(hypot(*upper), hypot(*lower)) > _SHORTEST_ARM_RATIO * hypot(*_trunk(body)):
        return nan
    return abs(wrap_deg(degrees(atan2(lower[1], lower[0]) - atan2(upper[1], upper[0]))))


def _feet_gap(body: BodyMeasurement, side: Side) -> float:
    """Distance between the ankles, as a share of this side's shank."""
    (lx, ly), (rx, ry) = _point(body, "left_ankle"), _point(body, "right_ankle")
    return _ratio(hypot(lx - rx, ly - ry), _shank_px(body, side))


def _feet_distance(body: BodyMeasurement, side: Side) -> float:
    """Distance between the ankles, as a share of the trunk."""
    (lx, ly), (rx, ry) = _point(body, "left_ankle"), _point(body, "right_ankle")
    return _ratio(hypot(lx - rx, ly - ry), hypot(*_trunk(body)))


def _ankle_offset(body: BodyMeasurement, side: Side) -> float:
    """Place of the ankle to the person's left of the middle of the hips, as a share of the shank."""
    return _ratio(_sideways_px(body, f"{side}_ankle"), _shank_px(body, side))


def _other_knee_offset(body: BodyMeasurement, side: Side) -> float:
    """Place of the other knee to the person's left of the middle of the hips, as a share of the trunk."""
    return _ratio(_sideways_px(body, f"{other_side(side)}_knee"), hypot(*_trunk(body)))


def _sideways_px(body: BodyMeasurement, name: str) -> float:
    (x, y), (hx, hy), (tx, ty) = _point(body, name), _middle(body, "hip"), _trunk(body)
    return _ratio((x - hx) * -ty + (y - hy) * tx, hypot(tx, ty))


def _shank_px(body: BodyMeasurement, side: Side) -> float:
    (kx, ky), (ax, ay) = _point(body, f"{side}_knee"), _point(body, f"{side}_ankle")
    return hypot(ax - kx, ay - ky)


def _ratio(part: float, whole: float) -> float:
    return nan if isnan(whole) or whole == 0.0 else part / whole


MEASURES: dict[str, Measure] = {
    "hip_internal_rotation": Measure(
        "deg", "rotation of the thigh, inwards positive", _hip_internal_rotation
    ),
    "both_shanks_tilt": Measure(
        "deg",
        "turn of both thighs together, this one inwards and the other outwards positive",
        _both_shanks_tilt,
    ),
    "hip_flexion": Measure("deg", "bend of the hip", _hip_flexion),
    "hip_flexion_lead": Measure("deg", "how much further this hip is bent than the other", _hip_flexion_lead),
    "knee_flexion": Measure("deg", "bend of the knee, 0 is straight", _knee_flexion),
    "trunk_incline": Measure("deg", "angle of the trunk from upright, 90 lying", _trunk_incline),
    "knee_height": Measure("ratio", "height of the knee above the hips, in trunk lengths", _knee_height),
    "ankle_height": Measure("ratio", "height of the ankle above the hips, in trunk lengths", _ankle_height),
    "sits_back": Measure("ratio", "how much somebody sits rather than squats, 0.3 between", _sits_back),
    "lies_back": Measure("deg", "how much somebody lies rather than sits, 27 between", _lies_back),
    "shank_elevation": Measure("deg", "rise of the ankle above the knee", _shank_elevation),
    "foot_rise": Measure("deg", "rise of the foot above the knee", _foot_rise),
    "knee_opening": Measure("deg", "lift of the knee off the other, lying on the side", _knee_opening),
    "shank_tilt": Measure("deg", "sideways slope of the shank, knee inwards positive", _shank_tilt),
    "leg_turn": Measure("deg", "turn of the leg inwards over the ball of its foot", _leg_turn),
    "knee_lead": Measure("deg", "turn of the leg inwards as the knee's place says alone", _knee_lead),
    "raised_knee_offset": Measure(
        "ratio", "place of the other, raised knee towards this foot, in trunk lengths", _raised_knee_offset
    ),
    "trunk_lean": Measure("deg", "sideways lean of the trunk, towards this side positive", _trunk_lean),
    "hip_line_tilt": Measure("deg", "hike of this side's hip", _hip_line_tilt),
    "pelvis_roll": Measure("deg", "turn of the pelvis, this side's hip backwards positive", _pelvis_roll),
    "shoulder_tilt": Measure("deg", "slope of the shoulder line, this side higher positive", _shoulder_tilt),
    "trunk_roll": Measure("deg", "roll of the trunk, this side backwards positive", _trunk_roll),
    "body_height": Measure("ratio", "height of head and hips, in trunk lengths", _body_height),
    "shoulder_turn": Measure("deg", "turn of the shoulders, this side backwards positive", _shoulder_turn),
    "chest_turn": Measure("deg", "turn of chest and head, this side backwards positive", _chest_turn),
    "elbow_flexion": Measure("deg", "bend of the elbow, 0 is straight", _elbow_flexion),
    "feet_gap": Measure("ratio", "distance between the ankles, in shank lengths", _feet_gap),
    "feet_distance": Measure("ratio", "distance between the ankles, in trunk lengths", _feet_distance),
    "ankle_offset": Measure("ratio", "sideways place of the ankle, in shank lengths", _ankle_offset),
    "other_knee_offset": Measure(
        "ratio", "sideways place of the other knee, in trunk lengths", _other_knee_offset
    ),
}
"""Every measure by the name that specs use."""


def measure(body: BodyMeasurement, name: str, side: Side) -> float:
    """The named measure of one leg; several rules ask for the same one, which is computed once."""
    value = body.known.get((name, side))
    if value is None:
        value = body.known[name, side] = MEASURES[name].compute(body, side)
    return value
