"""Joint angles of the legs as pure functions over landmark arrays.

ISB hip joint coordinate system (Wu et al. 2002, after Grood & Suntay 1983): flexion about the pelvis'
mediolateral axis, adduction about the floating axis, rotation about the femur's long axis.  Flexion,
adduction and internal rotation are positive on both sides.

The last axis of every result is the side, left then right, as in `coach.body.landmarks.SIDES`.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import atan2, degrees

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import indices
from coach.body.pose import Float

MIN_KNEE_FLEXION_DEG = 20.0
"""Below this the shank is too nearly in line with the femur to point anywhere."""

LOW_CONFIDENCE_KNEE_FLEXION_DEG = 30.0
"""Between `MIN_KNEE_FLEXION_DEG` and this, rotation has a value but a poor one."""

MIN_AXIS_ANGLE_DEG = 20.0
"""Closer than this to the pelvis' mediolateral axis, a femur (or trunk) leaves the angles undefined."""

MIN_SEGMENT_RATIO = 1e-6
"""A segment shorter than this share of the trunk has no direction."""

_MAX_AXIS_COSINE = float(np.cos(np.radians(MIN_AXIS_ANGLE_DEG)))
_SIDE_SIGN = np.array([-1.0, 1.0])  # left, right: internal rotation is positive on both sides
_HIPS = indices("left_hip", "right_hip")
_KNEES = indices("left_knee", "right_knee")
_ANKLES = indices("left_ankle", "right_ankle")
_SHOULDERS = indices("left_shoulder", "right_shoulder")
_LEG_ROWS = _HIPS + _KNEES + _ANKLES + _SHOULDERS


class Validity(IntEnum):
    """Why a leg's angles are, or are not, to be trusted.

    Only `OK` and `TRUNK_AXIS_UNDEFINED` carry an internal rotation.
    """

    OK = 0
    TRUNK_AXIS_UNDEFINED = 1
    LANDMARK_MISSING = 2
    PELVIS_AXIS_UNDEFINED = 3
    SEGMENT_TOO_SHORT = 4
    FEMUR_PARALLEL_TO_PELVIS_AXIS = 5
    KNEE_EXTENDED = 6
    CHIRALITY_ERROR = 7

    @property
    def reason(self) -> str:
        """The name as it appears in files and messages, e.g. `knee_extended`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class LegAngles:
    """Angles of both legs in degrees, each of shape (..., 2): left, right.  NaN where undefined.

    hip_flexion_deg            (-180, 180], with the trunk as a proxy for the pelvis
    hip_adduction_deg          [-90, 90]
    hip_internal_rotation_deg  (-180, 180]; meaningful within +-90, beyond that `validity` says
                               CHIRALITY_ERROR (left and right were exchanged)
    knee_flexion_deg           [0, 180], 0 is straight
    validity                   (..., 2) values of `Validity`
    """

    hip_flexion_deg: Float
    hip_adduction_deg: Float
    hip_internal_rotation_deg: Float
    knee_flexion_deg: Float
    validity: NDArray[np.int8]


def compute_leg_angles(landmarks: Float) -> LegAngles:
    """Angles of both legs from landmark positions in any right-handed frame and unit of length.

    `landmarks` has shape (..., 33, 3).  The shoulders serve flexion only: internal rotation, adduction and
    knee flexion do not depend on them.  Formulas: Grood & Suntay 1983 written with joint centres; equal to
    the Z-X-Y Euler decomposition of the femur in the pelvis frame.
    """
    points = _components_first(landmarks[..., _LEG_ROWS, :])  # (3, ..., 8)
    hip, knee, ankle = points[..., 0:2], points[..., 2:4], points[..., 4:6]
    pelvis = hip[..., 1:2] - hip[..., 0:1]
    trunk = 0.5 * (points[..., 6:7] + points[..., 7:8]) - 0.5 * (hip[..., 0:1] + hip[..., 1:2])
    with np.errstate(invalid="ignore", divide="ignore"):
        z, pelvis_length = _unit(pelvis)
        d, thigh_length = _unit(knee - hip)
        s, shank_length = _unit(ankle - knee)
        t, trunk_length = _unit(trunk)
        d_along_z = _dot(d, z)
        knee_flexion = _arccos_deg(_dot(d, s))
        adduction = -_SIDE_SIGN * _arcsin_deg(d_along_z)
        u = s - _dot(s, d) * d
        rotation = np.degrees(np.arctan2(_SIDE_SIGN * _dot(u, z), _dot(_cross(u, d), z)))
        flexion = _flexion_deg(d, t, z)
        findings: dict[Validity, NDArray[np.bool_] | np.bool_] = {
            Validity.TRUNK_AXIS_UNDEFINED: ~(np.abs(_dot(t, z)) <= _MAX_AXIS_COSINE),
            Validity.CHIRALITY_ERROR: np.abs(rotation) > 90.0,
            Validity.KNEE_EXTENDED: knee_flexion < MIN_KNEE_FLEXION_DEG,
            Validity.FEMUR_PARALLEL_TO_PELVIS_AXIS: np.abs(d_along_z) > _MAX_AXIS_COSINE,
            Validity.SEGMENT_TOO_SHORT: (
                np.minimum(thigh_length, shank_length) < MIN_SEGMENT_RATIO * trunk_length
            ),
            Validity.PELVIS_AXIS_UNDEFINED: pelvis_length < MIN_SEGMENT_RATIO * trunk_length,
            Validity.LANDMARK_MISSING: np.isnan(hip + knee + ankle).any(axis=0),
        }
    validity = _judge(findings, adduction.shape)
    return _blank_undefined(flexion, adduction, rotation, knee_flexion, validity)


def compute_shoulder_turn_deg(world_m: Float) -> float:
    """Turn of the shoulder line about the vertical, from world landmarks (33, 3).

    Degrees, 0 for shoulders square to the camera, positive when the right one goes backwards.
    """
    left, right = (world_m[i] for i in _SHOULDERS)
    across, _, depth = (right - left).tolist()
    return degrees(atan2(depth, -across))


def wrap_deg(change: float) -> float:
    """An angle difference brought to [-180, 180); ratios, being small, are left as they are."""
    return (change + 180.0) % 360.0 - 180.0


def _flexion_deg(d: Float, t: Float, z: Float) -> Float:
    """Angle of the femur `d` from the trunk's continuation, about the pelvis axis `z`, degrees."""
    y, _ = _unit(t - _dot(t, z) * z)
    x = _cross(y, z)
    return np.degrees(np.arctan2(_dot(d, x), -_dot(d, y)))


def _judge(
    findings: dict[Validity, NDArray[np.bool_] | np.bool_], shape: tuple[int, ...]
) -> NDArray[np.int8]:
    """Fold the findings into one `Validity` each; a later entry, the more fundamental one, wins."""
    validity = np.zeros(shape, dtype=np.int8)
    for value, found in findings.items():
        if found.any():
            validity[np.broadcast_to(found, shape)] = value
    return validity


def _blank_undefined(
    flexion: Float, adduction: Float, rotation: Float, knee_flexion: Float, validity: NDArray[np.int8]
) -> LegAngles:
    """Put NaN where an angle has no meaning, keeping what still has one."""
    if not validity.any():
        return LegAngles(flexion, adduction, rotation, knee_flexion, validity)
    nothing = (
        (validity == Validity.LANDMARK_MISSING)
        | (validity == Validity.PELVIS_AXIS_UNDEFINED)
        | (validity == Validity.SEGMENT_TOO_SHORT)
    )
    parallel = validity == Validity.FEMUR_PARALLEL_TO_PELVIS_AXIS
    no_rotation = nothing | parallel | (validity == Validity.KNEE_EXTENDED)
    no_flexion = nothing | parallel | (validity == Validity.TRUNK_AXIS_UNDEFINED)
    return LegAngles(
        np.where(no_flexion, np.nan, flexion),
        np.where(nothing, np.nan, adduction),
        np.where(no_rotation, np.nan, rotation),
        np.where(nothing, np.nan, knee_flexion),
        validity,
    )


def _components_first(vectors: Float) -> Float:
    """(..., n, 3) turned into (3, ..., n); `np.moveaxis` costs as much as the arithmetic on one frame."""
    last = vectors.ndim - 1
    return vectors.transpose(last, *range(last))


def _dot(a: Float, b: Float) -> Float:
    """Dot product over the first axis."""
    product: Float = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


def _cross(a: Float, b: Float) -> Float:
    """Cross product over the first axis; several times faster than `np.cross` on single frames."""
    return np.array((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]))


def _unit(v: Float) -> tuple[Float, Float]:
    """Direction and length over the first axis; the direction of a zero vector is NaN."""
    length = np.sqrt(_dot(v, v))
    return v / length, length


def _arccos_deg(x: Float) -> Float:
    return np.degrees(np.arccos(np.clip(x, -1.0, 1.0)))


def _arcsin_deg(x: Float) -> Float:
    return np.degrees(np.arcsin(np.clip(x, -1.0, 1.0)))
