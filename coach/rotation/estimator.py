"""From a pose to the rotation of both femurs, each with its error bar or the reason for having none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import acos, degrees, exp, hypot, isnan, nan

import numpy as np

from coach.body.angles import MIN_KNEE_FLEXION_DEG, compute_leg_angles, compute_shoulder_turn_deg, wrap_deg
from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Float, Pose
from coach.rotation.image_plane import compute_shank_angles
from coach.rotation.learned import LearnedReading, combine
from coach.rotation.leg_shape import (
    are_legs_mixed_up,
    compute_elevation,
    compute_leg_shape,
    compute_thigh_offset,
    find_upper_side,
)
from coach.rotation.posture import (
    Posture,
    Reference,
    compute_femur_to_camera,
    read_rotation,
)
from coach.rotation.quality import PoseWatch
from coach.rotation.rotation import MAX_SD_DEG, Rotation
from coach.rotation.start import Sight, Start, StartWatch, find_sight
from coach.rotation.view import FRONT, UNSEEN, View, ViewGate, compute_view

MAX_ASSUMED_SD_DEG = 12.0
"""`MAX_SD_DEG` where most of the doubt is about the start pose and little about the change from it."""

MAX_POSTURE_DIFFERENCE_DEG = 48.0
"""A thigh lying this much further across the view than the exercise has it is held otherwise."""

MAX_THIGH_OFFSET = 0.8
"""A knee this many thigh lengths, in the picture, from where the exercise has it is held otherwise ..."""

_SD_PER_THIGH_OFFSET = 6.0
"""... and a smaller offset adds to the uncertainty, degrees per thigh length."""

IMAGE_SD_DEG = 3.2
"""How uncertain the trunk's direction in the picture is, one standard deviation ..."""

JOINT_SD_TRUNKS = 0.035
"""... and how far off ankle and knee are, across the shank: a shank that the view shortens turns by more."""

VIEW_MEMORY_S = 4.0
"""Over how long the camera's place is averaged: it stands still, while its estimate swings with the leg."""

_SD_PER_DISAGREEMENT = 0.2  # degrees of error per degree between the trunk's and the hip line's angle
_THIGHS = {side: (INDEX[f"{side}_knee"], INDEX[f"{side}_hip"]) for side in SIDES}
_PLANTED_TOLERANCE = 0.4  # thigh lengths further, per `Posture.adduction_per_rotation`: legs differ in length
_THIGH_MARGIN_DEG = 5.0  # the thigh tells the camera's elevation less surely than the trunk does
_VIEW_JUMP_DEG = 40.0  # a change of view that is no noise: somebody has turned round
_FIRST_STEP_S = 0.1


RIGHT_ANGLES = Posture()
"""Hip and knee at right angles: the posture of the chair test."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How an exercise's rotation is read.

    gate            camera positions that carry it
    reference       what the shank's turn, which drives the exercise, is read against: the trunk, or the hip
                    line where the trunk leans to the camera
    posture         how the leg is held
    absolute        False where the posture leaves only the *change* of the image angle meaningful
    read_against    what the rotation is read against, None for the same as the turn
    upper_leg_only  whether only the upper leg of somebody lying on the side is held as `posture` says
    thigh_tolerance how far, in thigh lengths, the knee may be drawn from where `posture` has it
    start           the start pose as the exercise has it: without `absolute` the change is counted from it,
                    else it steadies the angle (see `coach.rotation.start`)
    learned         gives what was learnt of the exercise, the second opinion (see `coach.rotation.learned`)
    """

    gate: ViewGate = FRONT
    reference: Reference = "trunk"
    posture: Posture = RIGHT_ANGLES
    absolute: bool = True
    read_against: Reference | None = None
    upper_leg_only: bool = False
    thigh_tolerance: float = MAX_THIGH_OFFSET
    start: Start | None = None
    learned: Callable[[], LearnedReading] | None = None


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
    """Both legs and the view at one instant; `pixels` is `pose.image_px` as plain numbers, for speed.

    `mixed_up` says whether the picture shows no two legs: see `are_legs_mixed_up`.
    `doubts` says of which legs the pose is not to be believed, and why; nothing is measured on those.
    `known` holds what `coach.exercise.measures` has found out of it so far.
    """

    time_s: float
    pose: Pose
    pixels: list[list[float]]
    mixed_up: bool
    reading: Reading
    view: View
    legs: dict[Side, LegMeasurement]
    doubts: dict[Side, str] = field(default_factory=dict)
    known: dict[tuple[str, Side], float] = field(default_factory=dict, init=False, compare=False)

    @property
    def view_reason(self) -> str | None:
        """Why rotation cannot be read from this view, None when it can."""
        return self.view.reason(self.reading.gate)


@dataclass(frozen=True, slots=True)
class PoseAngles:
    """What one pose's landmarks say of both legs, degrees, each (left, right); NaN where undefined.

    Hips and knees are from the world landmarks, the shank's angles from the picture.
    """

    hip_flexion_deg: list[float]
    hip_adduction_deg: list[float]
    knee_flexion_deg: list[float]
    shank_to_trunk_deg: list[float]
    shank_to_hips_deg: list[float]


def compute_pose_angles(world_m: Float, image_px: Float) -> list[PoseAngles]:
    """The angles of T poses, (T, 33, 3) and (T, 33, 2); all at once costs a fraction of one by one."""
    legs = compute_leg_angles(world_m)
    columns = (
        legs.hip_flexion_deg,
        legs.hip_adduction_deg,
        legs.knee_flexion_deg,
        *compute_shank_angles(image_px),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [PoseAngles(*row) for row in rows]


class RotationEstimator:
    """Measures pose after pose, remembering where the camera stands, and doubts poses that move as no body
    does.
    """

    def __init__(self, reading: Reading = FRONTAL) -> None:
        self._reading = reading
        self._watch = PoseWatch()
        start = reading.start
        self._start = StartWatch(start) if start else None
        self._learned = reading.learned() if reading.learned else None
        self._view = UNSEEN
        self._since_s = self._last_s = nan

    def update(self, pose: Pose, raw: Pose | None = None) -> BodyMeasurement:
        """Measure both legs at the next instant; `raw` is the pose before it was smoothed, if it was."""
        return self.update_many([(raw or pose, pose)])[0]

    def update_many(self, pairs: Sequence[tuple[Pose, Pose]]) -> list[BodyMeasurement]:
        """The same for several (raw, smoothed) poses, which costs less than one by one."""
        if not pairs:
            return []
        world_m = np.array([pose.world_m for _, pose in pairs])
        image_px = np.array([pose.image_px for _, pose in pairs])
        angles = compute_pose_angles(world_m, image_px)
        learned = self._learned.read(world_m, image_px) if self._learned else [[] for _ in pairs]
        return [
            self._update(pose, raw, known, second)
            for (raw, pose), known, second in zip(pairs, angles, learned, strict=True)
        ]

    def _update(self, pose: Pose, raw: Pose, angles: PoseAngles, learned: list[Rotation]) -> BodyMeasurement:
        doubts = self._watch.update(raw)
        if self._watch.jumped:
            self._view = UNSEEN
        view = compute_view(pose)
        if not isnan(view.azimuth_deg):
            self._remember(pose, view)
        body = _measure(pose, angles, self._reading, view, self._view)
        sight = _find_sight(body) if self._start else None
        if self._start is not None and self._view.carries_rotation(self._reading.gate):
            self._follow(self._start, body, sight, learned)
        if learned and self._view.carries_counting(self._reading.gate):
            self._combine_with_learned(body, sight, learned)
        return _drop(body, doubts) if doubts else body

    def _follow(
        self, start: StartWatch, body: BodyMeasurement, sight: Sight | None, learned: list[Rotation]
    ) -> None:
        """Put in the rotation since the start pose."""
        other = learned[SIDES.index(sight.side)] if sight and learned else None
        if other is not None and other.sd_deg > MAX_SD_DEG:
            other = None
        rotation = start.update(body.time_s, sight, other)
        if rotation.sd_deg > MAX_ASSUMED_SD_DEG:
            rotation = Rotation.withheld("too_uncertain")
        for side in SIDES:
            works = sight is None or sight.side == side
            found = rotation if works else Rotation.withheld("not_the_turning_leg")
            body.legs[side] = replace(body.legs[side], rotation=found)

    def _combine_with_learned(
        self, body: BodyMeasurement, sight: Sight | None, learned: list[Rotation]
    ) -> None:
        """Put in what people whose rotation is known say as well, of the legs that they can speak of.

        Where the change is measured from a start pose they have had their say, and stand in where there is
        no such pose.
        """
        for side in self._find_learned_sides(body, sight):
            leg, other = body.legs[side], learned[SIDES.index(side)]
            if self._reading.absolute:
                body.legs[side] = replace(leg, rotation=combine(leg.rotation, other))
            elif leg.rotation.reason is not None:
                found = combine(leg.rotation, other)
                found = replace(found, mode="start-assumed" if found.reason is None else None)
                body.legs[side] = replace(leg, rotation=found)

    def _find_learned_sides(self, body: BodyMeasurement, sight: Sight | None) -> tuple[Side, ...]:
        """The legs that look like those that the rotation was learnt from."""
        if body.mixed_up:
            return ()
        if not self._reading.absolute:
            return (sight.side,) if sight else ()
        if self._reading.upper_leg_only:
            upper = find_upper_side(body.pixels)
            return (upper,) if upper else ()
        return SIDES

    def _remember(self, pose: Pose, view: View) -> None:
        jumped = abs(wrap_deg(view.azimuth_deg - self._view.azimuth_deg)) > _VIEW_JUMP_DEG
        afresh = isnan(self._view.azimuth_deg) or jumped
        if afresh:
            self._view, self._since_s, self._last_s = view, pose.time_s, pose.time_s
        memory_s = min(VIEW_MEMORY_S, pose.time_s - self._since_s + _FIRST_STEP_S)
        weight = 1.0 - exp(-(pose.time_s - self._last_s) / memory_s)
        self._last_s = pose.time_s
        self._view = View(
            self._view.azimuth_deg + weight * wrap_deg(view.azimuth_deg - self._view.azimuth_deg),
            self._view.elevation_deg + weight * (view.elevation_deg - self._view.elevation_deg),
        )
        if afresh and self._start is not None:
            self._start.forget()


NOT_FOLLOWED = ("pose_jumped", "sides_exchanged")
"""Doubts under which not even the course of a movement is to be believed, let alone its angle."""


def _drop(body: BodyMeasurement, doubts: dict[Side, str]) -> BodyMeasurement:
    """The same without what a leg that is not to be believed would say."""
    legs = dict(body.legs)
    for side, doubt in doubts.items():
        leg = replace(legs[side], rotation=Rotation.withheld(doubt))
        legs[side] = replace(leg, shank_deg=nan) if doubt in NOT_FOLLOWED else leg
    return replace(body, legs=legs, doubts=doubts)


def measure_body(pose: Pose, reading: Reading = FRONTAL) -> BodyMeasurement:
    """Measure both legs in one (smoothed) pose, knowing nothing of the poses before."""
    view = compute_view(pose)
    return _measure(pose, _angles_of(pose), reading, view, view)


def _angles_of(pose: Pose) -> PoseAngles:
    return compute_pose_angles(pose.world_m[None], pose.image_px[None])[0]


def _measure(
    pose: Pose,
    angles: PoseAngles,
    reading: Reading,
    view: View,
    steady_view: View,
) -> BodyMeasurement:
    """Measure both legs; `view` is the camera's place as this pose shows it, `steady_view` as it is known."""
    turn_deg = angles.shank_to_trunk_deg if reading.reference == "trunk" else angles.shank_to_hips_deg
    pixels = pose.image_px.tolist()
    body = BodyMeasurement(pose.time_s, pose, pixels, are_legs_mixed_up(pixels), reading, view, {})
    counting = view.carries_counting(reading.gate)
    unreadable = steady_view.reason(reading.gate) or (
        None if reading.absolute else "start_pose_not_seen" if reading.start else "not_read_in_this_exercise"
    )
    upper = find_upper_side(body.pixels) if reading.upper_leg_only else None
    for i, side in enumerate(SIDES):
        knee_flexion_deg = angles.knee_flexion_deg[i]
        image = _ImageAngle(angles.shank_to_trunk_deg[i], angles.shank_to_hips_deg[i])
        reason = unreadable
        if reason is None and reading.upper_leg_only and side != upper:
            reason = "not_the_upper_leg"
        rotation = Rotation.withheld(reason) if reason else _read(body, image, steady_view, side)
        if rotation.reason == "femur_across_view" and knee_flexion_deg < MIN_KNEE_FLEXION_DEG:
            rotation = Rotation.withheld("knee_extended")
        body.legs[side] = LegMeasurement(
            rotation,
            turn_deg[i] if counting else nan,
            angles.hip_flexion_deg[i],
            angles.hip_adduction_deg[i],
            knee_flexion_deg,
        )
    return body


def _find_sight(body: BodyMeasurement) -> Sight | None:
    """What shows the change of the rotation in this pose, None when nobody is in the exercise."""
    if body.reading.start is None or not body.pose.seen or body.mixed_up:
        return None
    flexion_deg = [body.legs[side].hip_flexion_deg for side in SIDES]
    turn_deg = compute_shoulder_turn_deg(body.pose.world_m)
    return find_sight(body.reading.start.follow, body.pixels, flexion_deg, body.view.azimuth_deg, turn_deg)


@dataclass(frozen=True, slots=True)
class _ImageAngle:
    """The shank's angle in the picture, degrees, against both references."""

    against_trunk_deg: float
    against_hips_deg: float


def _read(body: BodyMeasurement, image: _ImageAngle, steady_view: View, side: Side) -> Rotation:
    """One leg's rotation in a view that carries it, or why there is none."""
    reading, posture = body.reading, body.reading.posture
    reference = reading.read_against or reading.reference
    shank_deg = image.against_trunk_deg if reference == "trunk" else image.against_hips_deg
    reason = _find_contradiction(body, shank_deg, side)
    if reason is not None:
        return Rotation.withheld(reason)
    solution = read_rotation(shank_deg, posture, steady_view, side, reference)
    if isnan(solution.rotation_deg):
        return Rotation.withheld("femur_across_view")
    shape = compute_leg_shape(body.pixels, side)
    if reading.upper_leg_only:
        elevation_deg = compute_elevation(shape, posture.hip_flexion_deg, steady_view)
        if elevation_deg < reading.gate.elevation_deg[0] - _THIGH_MARGIN_DEG:
            return Rotation.withheld("camera_too_low")
    thigh_offset = compute_thigh_offset(shape, solution.thigh, steady_view)
    tolerance = reading.thigh_tolerance + _PLANTED_TOLERANCE * posture.adduction_per_rotation
    if not thigh_offset <= tolerance:
        return Rotation.withheld("thigh_held_otherwise")
    sd_deg = hypot(
        solution.posture_sd_deg,
        hypot(IMAGE_SD_DEG, degrees(JOINT_SD_TRUNKS / shape.shank)) / solution.gain,
        _SD_PER_DISAGREEMENT * wrap_deg(image.against_trunk_deg - image.against_hips_deg),
        _SD_PER_THIGH_OFFSET * thigh_offset,
    )
    if not sd_deg <= MAX_SD_DEG:
        return Rotation.withheld("femur_across_view")
    return Rotation(solution.rotation_deg, sd_deg, "image-plane")


def _find_contradiction(body: BodyMeasurement, shank_deg: float, side: Side) -> str | None:
    """Why the landmarks of this leg cannot be what the view and the exercise promise, None when they can."""
    if isnan(shank_deg):
        return "landmark_missing"
    if body.mixed_up:
        return "legs_mixed_up"
    expected_deg = compute_femur_to_camera(body.reading.posture, body.view, side)
    if not _femur_to_camera_deg(body.pose, side) - expected_deg <= MAX_POSTURE_DIFFERENCE_DEG:
        return "femur_across_view"
    return "chirality_error" if abs(shank_deg) > 90.0 else None


def _femur_to_camera_deg(pose: Pose, side: Side) -> float:
    """Measured angle between the thigh (hip to knee) and the direction to the camera; NaN if not seen."""
    knee, hip = _THIGHS[side]
    x, y, z = (pose.world_m[knee] - pose.world_m[hip]).tolist()
    length = hypot(x, y, z)
    return degrees(acos(max(-1.0, min(1.0, -z / length)))) if length > 0.0 else nan
