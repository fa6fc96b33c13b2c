"""A whole-body pose and the measures of a body, without a mesh: what motions speak in. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np

from studio.kinematics import SIDES, LegJoints, LegPose, Side, leg_joints, sign_of
from studio.rotations import Array


@dataclass(frozen=True)
class Measures:
    """Lengths of one body in metres; the defaults are a 1.70 m adult."""

    stature_m: float = 1.70
    half_hip_m: float = 0.089
    thigh_m: float = 0.42
    shank_m: float = 0.40
    ankle_height_m: float = 0.08
    trunk_m: float = 0.46
    arm_m: float = 0.50

    @property
    def scale(self) -> float:
        """How large this body is against a 1.70 m one: hands are placed in that proportion."""
        return self.stature_m / 1.70


class Bend(NamedTuple):
    """A bend of the spine or the neck, degrees: forwards, towards the person's right, twist to the left."""

    forward_deg: float = 0.0
    right_deg: float = 0.0
    twist_deg: float = 0.0


@dataclass(frozen=True)
class ArmTarget:
    """Where a hand goes: the wrist's place, the direction of the elbow, and how the hand lies.

    `fingers` and `thumb` are directions; without `fingers` the hand continues the forearm.
    `girdle` is the share of the arm's swing that the shoulder girdle follows.
    """

    wrist: Array
    elbow_towards: Array
    fingers: Array | None = None
    thumb: Array | None = None
    girdle: float = 0.18


@dataclass(frozen=True)
class Pose:
    """One instant of a body: everything the mesh needs.

    `root` is the midpoint of the hip centres, `pelvis` its orientation, both in the world.
    """

    root: Array
    pelvis: Array
    legs: Mapping[Side, LegPose]
    arms: Mapping[Side, ArmTarget]
    spine: Bend = field(default=Bend())
    neck: Bend = field(default=Bend())

    def moved(self, shift: Array) -> Pose:
        """The same pose carried elsewhere, hands included."""
        arms = {side: replace(arm, wrist=arm.wrist + shift) for side, arm in self.arms.items()}
        return replace(self, root=self.root + shift, arms=arms)


class BodyLike(Protocol):
    """What a motion needs to know about the body it moves."""

    measures: Measures

    def flesh_below_root_m(self, pose: Pose) -> float:
        """How far pelvis, trunk and upper thighs reach below the midpoint of the hips in this pose."""
        ...


@dataclass(frozen=True)
class StickBody:
    """A body without flesh, for tests and for planning without the body model."""

    measures: Measures = Measures()

    def flesh_below_root_m(self, pose: Pose) -> float:
        """Half of an adult's pelvis: its depth, or its width when it lies on the side."""
        on_side = abs(float(pose.pelvis[2, 0])) > 0.7
        return (0.17 if on_side else 0.12) * self.measures.scale


def hip_centre(pose_root: Array, pelvis: Array, side: Side, half_hip_m: float) -> Array:
    """Centre of one hip joint."""
    return np.asarray(pose_root + pelvis @ np.array([sign_of(side) * half_hip_m, 0.0, 0.0]))


def all_leg_joints(pose: Pose, measures: Measures) -> dict[Side, LegJoints]:
    """Hip, knee and ankle centres of both legs."""
    return {
        side: leg_joints(
            hip_centre(pose.root, pose.pelvis, side, measures.half_hip_m),
            pose.legs[side],
            measures.thigh_m,
            measures.shank_m,
        )
        for side in SIDES
    }
