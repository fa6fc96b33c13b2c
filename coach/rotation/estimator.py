"""From a pose to the rotation of both femurs, each with its error bar or the reason for having none."""

from dataclasses import dataclass
from math import acos, degrees, isnan, nan, sqrt
from typing import Literal

from coach.body.angles import MIN_KNEE_FLEXION_DEG, compute_leg_angles
from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Pose
from coach.rotation.image_plane import compute_shank_angles
from coach.rotation.rotation import Rotation
from coach.rotation.view import FRONT, View, ViewGate, compute_view

MAX_FEMUR_TO_AXIS_DEG = 78.0
"""A femur lying more nearly across the view than this shows nothing of its rotation in the picture."""

_THIGHS = {side: (INDEX[f"{side}_knee"], INDEX[f"{side}_hip"]) for side in SIDES}

_NOISE_SD_DEG = 4.0  # landmark noise and landmark offsets, square-on
_SD_PER_AZIMUTH = 0.15  # degrees of error per degree off the front
_SD_PER_FEMUR_TO_AXIS = 0.15  # degrees of error per degree of foreshortening beyond ...
_FREE_FEMUR_TO_AXIS_DEG = 20.0  # ... this much
_SD_PER_DISAGREEMENT = 0.35  # degrees of error per degree between the two image references


Reference = Literal["trunk", "hips"]
REFERENCES: tuple[Reference, ...] = ("trunk", "hips")


@dataclass(frozen=True, slots=True)
class Reading:
    """How an exercise's rotation is read.

    gate       camera positions that carry it
    reference  what the shank is read against: the trunk, or the hip line where the trunk leans to the camera
    absolute   False where the posture leaves only the *change* of the image angle meaningful
    """

    gate: ViewGate = FRONT
    reference: Reference = "trunk"
    absolute: bool = True


FRONTAL = Reading()


@dataclass(frozen=True, slots=True)
class LegMeasurement:
    """One leg at one instant.

    rotation               hip internal rotation, absolute, or why it is withheld
    shank_deg              the raw image-plane angle, whose *change* drives the exercises; NaN if not seen
    hip_flexion_deg, hip_adduction_deg, knee_flexion_deg   from world landmarks; NaN where undefined
    """

    rotation: Rotation
    shank_deg: float
    hip_flexion_deg: float
    hip_adduction_deg: float
    knee_flexion_deg: float


@dataclass(frozen=True, slots=True)
class BodyMeasurement:
    """Both legs and the view at one instant; `pixels` is `pose.image_px` as plain numbers, for speed."""

    time_s: float
    pose: Pose
    pixels: list[list[float]]
    reading: Reading
    view: View
    legs: dict[Side, LegMeasurement]

    @property
    def view_reason(self) -> str | None:
        """Why rotation cannot be read from this view, None when it can."""
        return self.view.reason(self.reading.gate)


def measure_body(pose: Pose, reading: Reading = FRONTAL) -> BodyMeasurement:
    """Measure both legs in one (smoothed) pose."""
    view = compute_view(pose)
    angles = compute_leg_angles(pose.world_m)
    angles_deg = tuple(a.tolist() for a in compute_shank_angles(pose.image_px))
    shank_deg, other_deg = angles_deg if reading.reference == "trunk" else angles_deg[::-1]
    counting = view.carries_counting(reading.gate)
    view_reason = view.reason(reading.gate) or (None if reading.absolute else "not_read_in_this_exercise")
    legs = {}
    for i, side in enumerate(SIDES):
        knee_flexion_deg = float(angles.knee_flexion_deg[i])
        femur_deg = _femur_to_axis_deg(pose, side)
        reason = view_reason or _leg_reason(shank_deg[i], femur_deg, knee_flexion_deg)
        disagreement_deg = (shank_deg[i] - other_deg[i] + 180.0) % 360.0 - 180.0
        legs[side] = LegMeasurement(
            Rotation.withheld(reason)
            if reason
            else Rotation(shank_deg[i], _sd_deg(view, reading, femur_deg, disagreement_deg), "image-plane"),
            shank_deg[i] if counting else nan,
            float(angles.hip_flexion_deg[i]),
            float(angles.hip_adduction_deg[i]),
            knee_flexion_deg,
        )
    return BodyMeasurement(pose.time_s, pose, pose.image_px.tolist(), reading, view, legs)


def _leg_reason(shank_deg: float, femur_deg: float, knee_flexion_deg: float) -> str | None:
    """Why this leg's rotation cannot be read in a view that would carry it, None when it can."""
    if isnan(shank_deg):
        return "landmark_missing"
    if not femur_deg <= MAX_FEMUR_TO_AXIS_DEG:
        return "knee_extended" if knee_flexion_deg < MIN_KNEE_FLEXION_DEG else "femur_across_view"
    if abs(shank_deg) > 90.0:
        return "chirality_error"
    return None


def _sd_deg(view: View, reading: Reading, femur_deg: float, disagreement_deg: float) -> float:
    """Error bar of the image-plane angle: noise, view, foreshortening, disagreement of the references."""
    off_axis_deg = abs(view.azimuth_deg) if reading.gate.azimuth_deg[0] == 0.0 else 0.0
    foreshortening_deg = max(0.0, femur_deg - _FREE_FEMUR_TO_AXIS_DEG)
    return sqrt(
        _NOISE_SD_DEG**2
        + (_SD_PER_AZIMUTH * off_axis_deg) ** 2
        + (_SD_PER_FEMUR_TO_AXIS * foreshortening_deg) ** 2
        + (_SD_PER_DISAGREEMENT * disagreement_deg) ** 2
    )


def _femur_to_axis_deg(pose: Pose, side: Side) -> float:
    """Angle between the femur and the line towards the camera, 0..90: 0 when the camera looks along it."""
    knee, hip = _THIGHS[side]
    x, y, z = (pose.world_m[knee] - pose.world_m[hip]).tolist()
    length = sqrt(x * x + y * y + z * z)
    return degrees(acos(min(1.0, abs(z) / length))) if length > 0.0 else nan
