"""From a pose to the rotation of both femurs, each with its error bar or the reason for having none."""

from dataclasses import dataclass
from math import acos, degrees, exp, hypot, isnan, nan

from coach.body.angles import MIN_KNEE_FLEXION_DEG, compute_leg_angles, wrap_deg
from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Pose
from coach.rotation.image_plane import compute_shank_angles
from coach.rotation.posture import (
    Posture,
    Reference,
    compute_femur_to_camera,
    read_rotation,
)
from coach.rotation.rotation import Rotation
from coach.rotation.view import FRONT, UNSEEN, View, ViewGate, compute_view

MAX_SD_DEG = 15.0
"""A rotation less certain than this says nothing and is withheld."""

MAX_POSTURE_DIFFERENCE_DEG = 48.0
"""A thigh lying this much further across the view than the exercise has it is held otherwise."""

VIEW_MEMORY_S = 4.0
"""Over how long the camera's place is averaged: it stands still, while its estimate swings with the leg."""

_SD_PER_DISAGREEMENT = 0.2  # degrees of error per degree between the trunk's and the hip line's angle
_THIGHS = {side: (INDEX[f"{side}_knee"], INDEX[f"{side}_hip"]) for side in SIDES}
_VIEW_JUMP_DEG = 40.0  # a change of view that is no noise: somebody has turned round
_FIRST_STEP_S = 0.1


RIGHT_ANGLES = Posture()
"""Hip and knee at right angles: the posture of the chair test."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How an exercise's rotation is read.

    gate       camera positions that carry it
    reference  what the shank is read against: the trunk, or the hip line where the trunk leans to the camera
    posture    how the leg is held
    absolute   False where the posture leaves only the *change* of the image angle meaningful
    """

    gate: ViewGate = FRONT
    reference: Reference = "trunk"
    posture: Posture = RIGHT_ANGLES
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


class RotationEstimator:
    """Measures pose after pose, remembering where the camera stands.  `update` takes a (smoothed) pose."""

    def __init__(self, reading: Reading = FRONTAL) -> None:
        self._reading = reading
        self._view = UNSEEN
        self._since_s = self._last_s = nan

    def update(self, pose: Pose) -> BodyMeasurement:
        """Measure both legs at the next instant."""
        view = compute_view(pose)
        if not isnan(view.azimuth_deg):
            self._remember(pose.time_s, view)
        return _measure(pose, self._reading, view, self._view)

    def _remember(self, time_s: float, view: View) -> None:
        jumped = abs(wrap_deg(view.azimuth_deg - self._view.azimuth_deg)) > _VIEW_JUMP_DEG
        if isnan(self._view.azimuth_deg) or jumped:
            self._view, self._since_s, self._last_s = view, time_s, time_s
            return
        memory_s = min(VIEW_MEMORY_S, time_s - self._since_s + _FIRST_STEP_S)
        weight = 1.0 - exp(-(time_s - self._last_s) / memory_s)
        self._last_s = time_s
        self._view = View(
            self._view.azimuth_deg + weight * wrap_deg(view.azimuth_deg - self._view.azimuth_deg),
            self._view.elevation_deg + weight * (view.elevation_deg - self._view.elevation_deg),
        )


def measure_body(pose: Pose, reading: Reading = FRONTAL) -> BodyMeasurement:
    """Measure both legs in one (smoothed) pose, knowing nothing of the poses before."""
    view = compute_view(pose)
    return _measure(pose, reading, view, view)


def _measure(pose: Pose, reading: Reading, view: View, steady_view: View) -> BodyMeasurement:
    """Measure both legs; `view` is the camera's place as this pose shows it, `steady_view` as it is known."""
    angles = compute_leg_angles(pose.world_m)
    shank_deg, other_deg = (a.tolist() for a in compute_shank_angles(pose.image_px))
    if reading.reference == "hips":
        shank_deg, other_deg = other_deg, shank_deg
    counting = view.carries_counting(reading.gate)
    unreadable = view.reason(reading.gate) or (None if reading.absolute else "not_read_in_this_exercise")
    legs = {}
    for i, side in enumerate(SIDES):
        knee_flexion_deg = float(angles.knee_flexion_deg[i])
        reason = unreadable or _leg_reason(pose, reading, view, side, shank_deg[i])
        if reason == "femur_across_view" and knee_flexion_deg < MIN_KNEE_FLEXION_DEG:
            reason = "knee_extended"
        disagreement_deg = wrap_deg(shank_deg[i] - other_deg[i])
        legs[side] = LegMeasurement(
            Rotation.withheld(reason)
            if reason
            else _read_rotation(shank_deg[i], disagreement_deg, reading, steady_view, side),
            shank_deg[i] if counting else nan,
            float(angles.hip_flexion_deg[i]),
            float(angles.hip_adduction_deg[i]),
            knee_flexion_deg,
        )
    return BodyMeasurement(pose.time_s, pose, pose.image_px.tolist(), reading, view, legs)


def _leg_reason(pose: Pose, reading: Reading, view: View, side: Side, shank_deg: float) -> str | None:
    """Why this leg cannot be read in a view that would carry it, None when it can."""
    if isnan(shank_deg):
        return "landmark_missing"
    expected_deg = compute_femur_to_camera(reading.posture, view, side)
    if not _femur_to_camera_deg(pose, side) - expected_deg <= MAX_POSTURE_DIFFERENCE_DEG:
        return "femur_across_view"
    return "chirality_error" if abs(shank_deg) > 90.0 else None


def _read_rotation(
    shank_deg: float, disagreement_deg: float, reading: Reading, view: View, side: Side
) -> Rotation:
    """The rotation that explains the picture, or why there is none."""
    rotation_deg, sd_deg = read_rotation(shank_deg, reading.posture, view, side, reading.reference)
    if isnan(rotation_deg):
        return Rotation.withheld("femur_across_view")
    sd_deg = hypot(sd_deg, _SD_PER_DISAGREEMENT * disagreement_deg)
    if not sd_deg <= MAX_SD_DEG:
        return Rotation.withheld("femur_across_view")
    return Rotation(rotation_deg, sd_deg, "image-plane")


def _femur_to_camera_deg(pose: Pose, side: Side) -> float:
    """Measured angle between the thigh (hip to knee) and the direction to the camera; NaN if not seen."""
    knee, hip = _THIGHS[side]
    x, y, z = (pose.world_m[knee] - pose.world_m[hip]).tolist()
    length = hypot(x, y, z)
    return degrees(acos(max(-1.0, min(1.0, -z / length)))) if length > 0.0 else nan
