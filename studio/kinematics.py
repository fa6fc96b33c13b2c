"""Legs: hip angles, the hinge knee and two-bone inverse kinematics. Numpy only.

**Convention** (Grood and Suntay 1983, ISB 2002): flexion about the mediolateral axis of the pelvis, then
adduction about the floating axis, then rotation about the long axis of the femur (hip centre to knee
centre). Flexion, adduction and *internal* rotation are positive on both sides::

    thigh = pelvis · Rx(-flexion) · Ry(s · adduction) · Rz(-s · internal rotation)      s = +1 left, -1 right
    shank = thigh · Rx(knee flexion)

In the neutral stance femur and shank hang straight down and the kneecap faces forwards (-y).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from studio.rotations import (
    DOWN,
    UP,
    Array,
    angle_between_deg,
    perpendicular,
    rotation_about,
    rotation_x,
    rotation_y,
    rotation_z,
    unit,
)

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


def sign_of(side: Side) -> float:
    """+1 for the person's left, -1 for the right: where that side lies along +x."""
    return 1.0 if side == "left" else -1.0


def other_side(side: Side) -> Side:
    """The opposite side."""
    return "right" if side == "left" else "left"


class HipAngles(NamedTuple):
    """Hip angles in degrees; each is positive for the named movement on either side."""

    flexion_deg: float
    adduction_deg: float
    internal_rotation_deg: float


@dataclass(frozen=True)
class LegPose:
    """One leg: where the thigh points, how far the knee bends, how the foot sits.

    `foot` is the world orientation of the foot; without it the foot follows the shank, with the toes
    raised by `dorsiflexion_deg`.
    """

    thigh: Array
    knee_flexion_deg: float
    foot: Array | None = None
    dorsiflexion_deg: float = 0.0

    @property
    def shank(self) -> Array:
        """World orientation of the shank: the knee is a pure hinge."""
        return self.thigh @ rotation_x(self.knee_flexion_deg)

    @property
    def foot_orientation(self) -> Array:
        """World orientation of the foot."""
        return self.shank @ rotation_x(-self.dorsiflexion_deg) if self.foot is None else self.foot


class LegJoints(NamedTuple):
    """Joint centres of one leg in the world, metres."""

    hip: Array
    knee: Array
    ankle: Array


def hip_matrix(side: Side, angles: HipAngles) -> Array:
    """Orientation of the thigh relative to the pelvis for the given hip angles."""
    s = sign_of(side)
    return (
        rotation_x(-angles.flexion_deg)
        @ rotation_y(s * angles.adduction_deg)
        @ rotation_z(-s * angles.internal_rotation_deg)
    )


def hip_angles(pelvis: Array, thigh: Array, side: Side) -> HipAngles:
    """Inverse of `hip_matrix`.

    Ranges: flexion and rotation (-180, 180], adduction [-90, 90]. At ±90° of adduction flexion and
    rotation are about the same axis and only their sum is meaningful.
    """
    s = sign_of(side)
    relative = pelvis.T @ thigh  # = Rx(a) · Ry(b) · Rz(c)
    a = np.arctan2(-relative[1, 2], relative[2, 2])
    b = np.arcsin(np.clip(relative[0, 2], -1.0, 1.0))
    c = np.arctan2(-relative[0, 1], relative[0, 0])
    return HipAngles(float(-np.rad2deg(a)), float(s * np.rad2deg(b)), float(-s * np.rad2deg(c)))


def leg_from_angles(
    pelvis: Array, side: Side, hip: HipAngles, knee_flexion_deg: float, dorsiflexion_deg: float = 0.0
) -> LegPose:
    """A leg posed by its joint angles."""
    return LegPose(pelvis @ hip_matrix(side, hip), knee_flexion_deg, dorsiflexion_deg=dorsiflexion_deg)


def thigh_from_joints(hip: ArrayLike, knee: ArrayLike, ankle: ArrayLike) -> tuple[Array, float]:
    """Thigh orientation and knee flexion (degrees) that three joint centres imply.

    The knee is taken as a hinge, so the shank lies in the thigh's sagittal plane. Undefined (an arbitrary
    rotation) when the knee is straight.
    """
    hip, knee, ankle = (np.asarray(p, dtype=np.float64) for p in (hip, knee, ankle))
    up, shank = unit(hip - knee), unit(ankle - knee)
    back = perpendicular(shank, up)
    return np.stack([np.cross(back, up), back, up], axis=1), angle_between_deg(-up, shank)


def leg_to_ankle(
    hip: ArrayLike, ankle: ArrayLike, knee_towards: ArrayLike, thigh_m: float, shank_m: float
) -> LegPose:
    """Two-bone inverse kinematics: the leg from `hip` that puts the ankle at `ankle`.

    The knee bulges towards the direction `knee_towards`. A target out of reach is approached as far as the
    leg goes, along the same line.
    """
    hip = np.asarray(hip, dtype=np.float64)
    reach = np.asarray(ankle, dtype=np.float64) - hip
    length = np.clip(np.linalg.norm(reach), abs(thigh_m - shank_m) + 0.02, (thigh_m + shank_m) * 0.9995)
    along = unit(reach)
    foot_of_height = (thigh_m**2 - shank_m**2 + length**2) / (2.0 * length)
    height = np.sqrt(max(thigh_m**2 - foot_of_height**2, 0.0))
    knee = hip + along * foot_of_height + perpendicular(knee_towards, along) * height
    return LegPose(*thigh_from_joints(hip, knee, hip + along * length))


def swing_about(axis: ArrayLike, angle_deg: float, vector: ArrayLike) -> Array:
    """`vector` turned by `angle_deg` about `axis`."""
    return rotation_about(axis, angle_deg) @ np.asarray(vector, dtype=np.float64)


def flat_foot(leg: LegPose) -> Array:
    """Foot orientation with the sole on the floor and the toes where the shank points them."""
    forwards = (leg.shank @ np.array([0.0, -1.0, 0.0])) * [1.0, 1.0, 0.0]
    if np.linalg.norm(forwards) < 0.15:  # shank nearly level: its own forwards is up or down
        forwards = (leg.thigh @ DOWN) * [1.0, 1.0, 0.0]
    back = -unit(forwards)
    return np.stack([np.cross(back, UP), back, UP], axis=1)


def leg_joints(hip: ArrayLike, leg: LegPose, thigh_m: float, shank_m: float) -> LegJoints:
    """Forward kinematics of one leg from its hip centre."""
    hip = np.asarray(hip, dtype=np.float64)
    knee = hip + leg.thigh @ DOWN * thigh_m
    return LegJoints(hip, knee, knee + leg.shank @ DOWN * shank_m)
