"""Exercises done on the back or on the front: windshield wipers and two range-of-motion tests."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from studio.kinematics import SIDES, HipAngles, LegPose, Side, leg_from_angles, sign_of
from studio.motion.base import (
    FaultKind,
    Instant,
    Motion,
    Setting,
    View,
    swing_for_rotation,
    tilt_about_side,
)
from studio.pose import ArmTarget, Bend, Pose
from studio.rotations import Array, rotation_x, rotation_z


class OnTheBack(Motion):
    """Supine, head towards +y, feet towards -y."""

    mat = (-0.9, 0.9, -0.9, 1.0)

    def setup(self) -> None:
        """Lie down."""
        self.settle(sink_m=0.025)

    def arms_at(self, reach_out_m: float, shoulder_y: float) -> dict[Side, ArmTarget]:
        """Arms out to the sides on the floor, palms up."""
        return {
            side: ArmTarget(
                np.array([sign_of(side) * reach_out_m, shoulder_y, 0.05]),
                np.array([0.0, -1.0, 0.1]),
                np.array([sign_of(side), 0.0, 0.0]),
                np.array([0.0, 1.0, 0.2]),
            )
            for side in SIDES
        }


class WindshieldWipers(OnTheBack):
    """Feet planted wide, both knees fall to one side: internal rotation of one hip, external of the other.

    Positive levels turn the working hip inwards. `peak` and `counter` are swings of the knees about the
    lines from hip to ankle.
    """

    exercise = "windshield-wipers"
    directions = (1, -1)
    alternates = True
    held = True
    usual_hold_s = 4.0
    views: ClassVar = {
        "foot-high": View(-90.0, (36.0, 46.0), recommended=True),
        "three-quarter": View(-45.0, (16.0, 32.0)),
        "foot": View(-90.0),
        "side": View(0.0),
    }
    settings: ClassVar = {
        "peak": Setting(42.0, 32.0, 48.0, "swing of the knees, degrees"),
        "counter": Setting(42.0, 32.0, 48.0, "swing of the knees the other way, degrees"),
        "start": Setting(4.0, -2.0, 8.0, "internal rotation at rest, degrees"),
        "foot_width": Setting(0.26, 0.20, 0.30, "feet from the middle, metres for a 1.70 m body"),
        "pelvis_follows": Setting(0.16, 0.08, 0.22, "pelvic roll per degree of knee swing"),
    }
    faults: ClassVar = {
        "pelvis-roll": FaultKind(16.0, 26.0, "the pelvis rolls further than it must, degrees"),
        "shoulder-lift": FaultKind(12.0, 22.0, "the trunk turns with the pelvis, degrees"),
    }
    KNEE_UP = np.array([0.0, -0.2, 1.0])

    def setup(self) -> None:
        """Lie down, then turn both knees to the wished rotation at rest."""
        self.rest_swing: dict[Side, float] = {"left": 0.0, "right": 0.0}
        super().setup()
        pelvis = rotation_x(-90.0)
        for side in SIDES:
            self.rest_swing[side] = swing_for_rotation(
                self,
                pelvis,
                side,
                ankle=self.ankle(side),
                knee_towards=self.KNEE_UP,
                rotation_deg=self.values["start"],
            )

    def ankle(self, side: Side) -> Array:
        """Where the ankle of the planted foot stays."""
        m = self.measures
        x = sign_of(side) * self.values["foot_width"] * m.scale
        return np.array([x, -m.thigh_m * 1.1, m.ankle_height_m])

    def pose_at(self, now: Instant) -> Pose:
        """The pelvis follows the knees a little; the spine turns back so that the shoulders stay down."""
        swing = self.degrees(now.share)
        roll = self.sign * (
            self.values["pelvis_follows"] * swing + now.fault("pelvis-roll") * np.sign(now.share)
        )
        pelvis = rotation_x(-90.0) @ rotation_z(-roll + now.wobble(0))
        legs: dict[Side, LegPose] = {}
        for side in SIDES:
            hip, ankle = self.hip(pelvis, side), self.ankle(side)
            resting = self.reach(hip, ankle, self.KNEE_UP, self.rest_swing[side])
            turned = self.rest_swing[side] + self.sign * swing + now.wobble(1)
            leg = self.reach(hip, ankle, self.KNEE_UP, turned)
            legs[side] = LegPose(leg.thigh, leg.knee_flexion_deg, dorsiflexion_deg=tilt_about_side(resting))
        k = self.measures.scale
        lifted = self.sign * now.fault("shoulder-lift") * np.sign(now.share)
        return Pose(
            self.root,
            pelvis,
            legs,
            self.arms_at(0.62 * k, self.root[1] + 0.44 * k),
            Bend(0.0, 0.0, 0.8 * roll - lifted),
            Bend(4.0, 0.0, 2.0 * now.wobble(3)),
        )


class RomSupine(OnTheBack):
    """On the back, thigh upright, shank level: the foot moves outwards (internal), then inwards."""

    exercise = "rom-supine"
    directions = (1, -1)
    held = True
    usual_hold_s = 2.3
    mat = (-0.6, 0.6, -0.9, 1.0)
    views: ClassVar = {
        "foot-high": View(-90.0, (30.0, 46.0), recommended=True),
        "foot": View(-90.0),
        "three-quarter": View(-45.0),
    }
    settings: ClassVar = {
        "peak": Setting(34.0, 22.0, 45.0, "internal rotation at the peak, degrees"),
        "counter": Setting(34.0, 20.0, 46.0, "external rotation at the peak, degrees"),
        "knee": Setting(90.0, 84.0, 96.0, "knee flexion, degrees"),
    }
    faults: ClassVar = {
        "pelvis-roll": FaultKind(8.0, 16.0, "the pelvis rolls towards the working side, degrees"),
        "thigh-out": FaultKind(8.0, 16.0, "the thigh abducts, degrees"),
    }

    def pose_at(self, now: Instant) -> Pose:
        """The other foot stands on the floor, knee bent."""
        m, k = self.measures, self.measures.scale
        pelvis = rotation_x(-90.0) @ rotation_z(self.sign * now.fault("pelvis-roll") + now.wobble(0))
        angles = HipAngles(
            90.0 + now.wobble(1), -(3.0 + now.wobble(2) + now.fault("thigh-out")), self.degrees(now.share)
        )
        ankle = np.array([-self.sign * 0.14 * k, -m.thigh_m * 1.1, m.ankle_height_m])
        still = self.reach(self.hip(pelvis, self.other), ankle, np.array([0.0, -0.2, 1.0]))
        legs = {
            self.side: leg_from_angles(pelvis, self.side, angles, self.values["knee"] + now.wobble(3)),
            self.other: LegPose(still.thigh, still.knee_flexion_deg, dorsiflexion_deg=tilt_about_side(still)),
        }
        arms = self.arms_at(0.42 * k, self.root[1] + 0.12 * k)
        return Pose(self.root, pelvis, legs, arms, Bend(), Bend(4.0, 0.0, 2.0 * now.wobble(4)))


class RomProne(Motion):
    """On the front, head towards +y, knee bent to a right angle: the foot moves outwards, then inwards."""

    exercise = "rom-prone"
    directions = (1, -1)
    held = True
    usual_hold_s = 2.3
    mat = (-0.45, 0.45, -1.0, 1.1)
    views: ClassVar = {
        "foot-high": View(-90.0, (36.0, 46.0)),
        "foot": View(-90.0),
        "side": View(180.0),
        "three-quarter": View(-135.0),
    }
    settings: ClassVar = {
        "peak": Setting(36.0, 22.0, 46.0, "internal rotation at the peak, degrees"),
        "counter": Setting(32.0, 20.0, 42.0, "external rotation at the peak, degrees"),
        "knee": Setting(90.0, 82.0, 96.0, "knee flexion, degrees"),
    }
    faults: ClassVar = {
        "pelvis-roll": FaultKind(8.0, 16.0, "the pelvis lifts on the working side, degrees"),
        "thigh-out": FaultKind(8.0, 16.0, "the thigh abducts, degrees"),
    }

    def setup(self) -> None:
        """Lie down."""
        self.settle(sink_m=0.02)

    def pose_at(self, now: Instant) -> Pose:
        """The forehead lies on the hands, the other leg straight and slightly turned out."""
        w, k = self.sign, self.measures.scale
        pelvis = (
            rotation_z(180.0) @ rotation_x(90.0) @ rotation_z(-w * now.fault("pelvis-roll") + now.wobble(0))
        )
        angles = HipAngles(
            -2.0 + now.wobble(1), -(3.0 + now.wobble(2) + now.fault("thigh-out")), self.degrees(now.share)
        )
        still = HipAngles(-2.0, -(6.0 + now.wobble(4)), -12.0)
        legs = {
            self.side: leg_from_angles(pelvis, self.side, angles, self.values["knee"] + now.wobble(3)),
            self.other: leg_from_angles(pelvis, self.other, still, 4.0, -50.0),
        }
        shoulder_y = self.root[1] + 0.47 * k
        arms = {
            side: ArmTarget(
                np.array([-sign_of(side) * 0.10 * k, shoulder_y + 0.24 * k, 0.05]),
                np.array([-sign_of(side), -0.2, 0.0]),
                np.array([sign_of(side), 0.3, 0.0]),
                np.array([0.0, 1.0, 0.0]),
            )
            for side in SIDES
        }
        return Pose(self.root, pelvis, legs, arms, Bend(-4.0), Bend(-6.0, 0.0, 8.0 * w))
