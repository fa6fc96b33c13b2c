"""From a pose to the rotation of both femurs, each with its error bar or the reason for having none."""

from dataclasses import dataclass
from math import acos, degrees, isnan, sqrt

from coach.body.angles import MIN_KNEE_FLEXION_DEG, LegAngles, compute_leg_angles
from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Pose
from coach.rotation.image_plane import compute_shank_angles
from coach.rotation.rotation import Rotation
from coach.rotation.view import View, compute_view

MAX_FEMUR_TO_AXIS_DEG = 78.0
"""A femur lying more nearly across the view than this shows nothing of its rotation in the picture."""

_NOISE_SD_DEG = 4.0  # landmark noise and landmark offsets, square-on
_SD_PER_AZIMUTH = 0.15  # degrees of error per degree off the front
_SD_PER_FEMUR_TO_AXIS = 0.15  # degrees of error per degree of foreshortening beyond ...
_FREE_FEMUR_TO_AXIS_DEG = 20.0  # ... this much
_SD_PER_DISAGREEMENT = 0.35  # degrees of error per degree between the two image references


@dataclass(frozen=True, slots=True)
class LegMeasurement:
    """One leg at one instant.

    rotation               hip internal rotation, absolute, or why it is withheld
    shank_to_trunk_deg     the raw image-plane angle, whose *change* drives the exercises; NaN if not seen
    hip_flexion_deg, hip_adduction_deg, knee_flexion_deg   from world landmarks; NaN where undefined
    """

    rotation: Rotation
    shank_to_trunk_deg: float
    hip_flexion_deg: float
    hip_adduction_deg: float
    knee_flexion_deg: float


@dataclass(frozen=True, slots=True)
class BodyMeasurement:
    """Both legs and the view at one instant."""

    time_s: float
    pose: Pose
    view: View
    legs: dict[Side, LegMeasurement]


def measure_body(pose: Pose) -> BodyMeasurement:
    """Measure both legs in one (smoothed) pose."""
    view = compute_view(pose)
    angles = compute_leg_angles(pose.world_m)
    against_trunk, against_hips = (a.tolist() for a in compute_shank_angles(pose.image_px))
    counting = view.carries_counting()
    legs = {
        side: LegMeasurement(
            _rotation(pose, view, angles, i, side, against_trunk[i], against_hips[i]),
            against_trunk[i] if counting else float("nan"),
            float(angles.hip_flexion_deg[i]),
            float(angles.hip_adduction_deg[i]),
            float(angles.knee_flexion_deg[i]),
        )
        for i, side in enumerate(SIDES)
    }
    return BodyMeasurement(pose.time_s, pose, view, legs)


def _rotation(
    pose: Pose,
    view: View,
    angles: LegAngles,
    i: int,
    side: Side,
    against_trunk_deg: float,
    against_hips_deg: float,
) -> Rotation:
    """The image-plane rotation of one leg if this view carries it."""
    reason = view.reason()
    if reason is not None:
        return Rotation.withheld(reason)
    if isnan(against_trunk_deg):
        return Rotation.withheld("landmark_missing")
    femur_deg = _femur_to_axis_deg(pose, side)
    if not femur_deg <= MAX_FEMUR_TO_AXIS_DEG:
        straight = angles.knee_flexion_deg[i] < MIN_KNEE_FLEXION_DEG
        return Rotation.withheld("knee_extended" if straight else "femur_across_view")
    if abs(against_trunk_deg) > 90.0:
        return Rotation.withheld("chirality_error")
    disagreement_deg = abs((against_trunk_deg - against_hips_deg + 180.0) % 360.0 - 180.0)
    sd_deg = sqrt(
        _NOISE_SD_DEG**2
        + (_SD_PER_AZIMUTH * view.azimuth_deg) ** 2
        + (_SD_PER_FEMUR_TO_AXIS * max(0.0, femur_deg - _FREE_FEMUR_TO_AXIS_DEG)) ** 2
        + (_SD_PER_DISAGREEMENT * disagreement_deg) ** 2
    )
    return Rotation(against_trunk_deg, sd_deg, "image-plane")


def _femur_to_axis_deg(pose: Pose, side: Side) -> float:
    """Angle between the femur and the line towards the camera, 0..90: 0 when the camera looks along it."""
    x, y, z = (pose.world_m[INDEX[f"{side}_knee"]] - pose.world_m[INDEX[f"{side}_hip"]]).tolist()
    length = sqrt(x * x + y * y + z * z)
    return degrees(acos(min(1.0, abs(z) / length))) if length > 0.0 else float("nan")
