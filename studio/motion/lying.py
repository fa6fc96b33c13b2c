"""Exercises done lying on the side: rotation of the top leg, and the clamshell."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from studio.kinematics import (
    HipAngles,
    LegPose,
    Side,
    hip_matrix,
    leg_from_angles,
    leg_joints,
)
from studio.motion.base import FaultKind, Instant, Motion, Setting, View
from studio.pose import ArmTarget, Bend, Pose, hip_centre
from studio.rotations import UP, Array, rotation_y, rotation_z

SIDE_LYING_VIEWS = {
    "front": View(-90.0, recommended=True),
    "front-high": View(-90.0, (32.0, 45.0)),
    "three-quarter": View(-45.0),
    "foot": View(0.0),
}


class SideLying(Motion):
    """Lying on the other side, the working leg on top; the head lies towards -x for a left working leg."""

    views = SIDE_LYING_VIEWS
    mat = (-1.1, 1.1, -0.75, 0.45)

    def setup(self) -> None:
        """Lie down."""
        self.root = np.array([0.0, 0.0, 0.2])
        self.settle(sink_m=0.03)

    def lying_pelvis(self, roll_back_deg: float = 0.0) -> Array:
        """Pelvis on its side; a positive roll takes its top backwards."""
        return rotation_y(-90.0 * self.sign) @ rotation_z(self.sign * roll_back_deg)

    def arms_at(self, now: Instant) -> dict[Side, ArmTarget]:
        """The lower arm under the head, the upper hand on the floor in front of the chest."""
        headwards, k = -self.sign, self.measures.scale
        shoulder_x = self.root[0] + headwards * 0.46 * k
        lower = ArmTarget(
            np.array([shoulder_x + headwards * 0.36 * k, -0.16 * k, 0.05]),
            np.array([0.0, -1.0, 0.25]),
            np.array([headwards, 0.5, 0.0]),
            np.array([0.0, -1.0, 0.0]),
            girdle=0.22,
        )
        upper = ArmTarget(
            np.array([shoulder_x - headwards * 0.10 * k + 0.01 * now.wobble(20), -0.34 * k, 0.06]),
            np.array([-headwards, 0.0, 0.8]),
            np.array([headwards * 0.6, -1.0, -0.1]),
            np.array([headwards, 0.2, 0.0]),
        )
        return {self.side: upper, self.other: lower}

    def pose_of(
        self, now: Instant, root: Array, pelvis: Array, legs: dict[Side, LegPose], bend_deg: float = 0.0
    ) -> Pose:
        """The whole body around the given pelvis and legs; `bend_deg` straightens what the pelvis tilts."""
        spine = Bend(6.0 + now.wobble(21), self.sign * (7.0 + bend_deg), 0.0)
        neck = Bend(6.0 + now.wobble(22), -self.sign * 20.0, 0.0)
        return Pose(root, pelvis, legs, self.arms_at(now), spine, neck)


class SideLyingRotation(SideLying):
    """The top foot rises to the ceiling (internal rotation), then sinks below the knee (external)."""

    exercise = "side-lying-rotation"
    directions = (1, -1)
    settings: ClassVar = {
        "peak": Setting(35.0, 22.0, 44.0, "internal rotation at the peak, degrees"),
        "counter": Setting(30.0, 15.0, 40.0, "external rotation at the peak, degrees"),
        "hip": Setting(88.0, 70.0, 95.0, "hip flexion, degrees"),
        "knee": Setting(90.0, 80.0, 98.0, "knee flexion, degrees"),
    }
    faults: ClassVar = {
        "pelvis-roll": FaultKind(14.0, 26.0, "the pelvis rolls with the leg, degrees"),
        "pelvis-hike": FaultKind(8.0, 16.0, "the pelvis tilts sideways, degrees"),
        "thigh-lift": FaultKind(8.0, 16.0, "the thigh leaves the lower one, degrees of abduction"),
        "thigh-drift": FaultKind(18.0, 30.0, "the thigh drifts out of flexion, degrees"),
    }

    FOOT_RADIUS_M = 0.05

    def setup(self) -> None:
        """Lie down, then limit external rotation to what the floor leaves room for."""
        super().setup()
        hip_height = self.root[2] + self.measures.half_hip_m
        room = np.clip((hip_height - self.FOOT_RADIUS_M) / self.measures.shank_m, 0.0, 0.9)
        self.values["counter"] = min(self.values["counter"], float(np.rad2deg(np.arcsin(room))))

    def pose_at(self, now: Instant) -> Pose:
        """The lower leg lies still on the floor; the trunk stays when the pelvis hikes."""
        direction = np.sign(now.share)
        hike = now.fault("pelvis-hike") * direction
        roll = -now.fault("pelvis-roll") * direction + now.wobble(0)
        pelvis = self.lying_pelvis(roll) @ rotation_y(-self.sign * hike)
        angles = HipAngles(
            self.values["hip"] + now.wobble(1) - now.fault("thigh-drift"),
            -(now.wobble(2) + now.fault("thigh-lift")),
            self.degrees(now.share),
        )
        # A flexed lower thigh keeps clear of the top one and leaves it visible from the front.
        lower = LegPose(
            self.lying_pelvis() @ hip_matrix(self.other, HipAngles(18.0, 0.0, 0.0)),
            32.0,
            dorsiflexion_deg=-20.0,
        )
        legs = {
            self.side: leg_from_angles(pelvis, self.side, angles, self.values["knee"] + now.wobble(3)),
            self.other: lower,
        }
        root = self.root + UP * 0.2 * np.sin(np.deg2rad(max(hike, 0.0)))
        return self.pose_of(now, root, pelvis, legs, hike)


class BandedClamshell(SideLying):
    """Feet together, the top knee opens against a band and closes: external rotation with abduction.

    `peak` is the swing of the knee about the line from hip to ankle; the hip angles follow from it.
    """

    exercise = "banded-clamshell"
    usual_hold_s = 0.4
    band = True
    settings: ClassVar = {
        "peak": Setting(32.0, 22.0, 42.0, "opening of the knee about the hip-ankle line, degrees"),
        "hip": Setting(45.0, 38.0, 55.0, "hip flexion, degrees"),
        "knee": Setting(60.0, 45.0, 80.0, "knee flexion, degrees"),
    }
    faults: ClassVar = {
        "pelvis-roll": FaultKind(14.0, 26.0, "the pelvis rolls back as the knee opens, degrees"),
        "feet-part": FaultKind(5.0, 10.0, "the feet part, centimetres"),
    }
    CLOSED_ADDUCTION, LOWER_ADDUCTION, CLOSED_ROTATION = 9.0, -2.0, -6.0

    def pose_at(self, now: Instant) -> Pose:
        """The ankle stays on the lower one while the knee swings about the line from hip to ankle."""
        m, flexion, knee_deg = self.measures, self.values["hip"], self.values["knee"]
        closed_pelvis = self.lying_pelvis()
        pelvis = self.lying_pelvis(now.fault("pelvis-roll") + now.wobble(0))
        closed_angles = HipAngles(flexion, self.CLOSED_ADDUCTION, self.CLOSED_ROTATION)
        closed = leg_joints(
            hip_centre(self.root, closed_pelvis, self.side, m.half_hip_m),
            leg_from_angles(closed_pelvis, self.side, closed_angles, knee_deg),
            m.thigh_m,
            m.shank_m,
        )
        hip = self.hip(pelvis, self.side)
        ankle = closed.ankle + UP * 0.01 * now.fault("feet-part")
        # Opening lifts the knee: about the hip-to-ankle line that is the negative turn for a left leg.
        top = self.reach(hip, ankle, closed.knee - closed.hip, -self.sign * self.degrees(now.share))
        lower = leg_from_angles(
            closed_pelvis, self.other, HipAngles(flexion, self.LOWER_ADDUCTION, 0.0), knee_deg, -10.0
        )
        legs = {
            self.side: LegPose(top.thigh, top.knee_flexion_deg, dorsiflexion_deg=-10.0),
            self.other: lower,
        }
        return self.pose_of(now, self.root, pelvis, legs)
