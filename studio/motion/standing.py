"""Exercises done on the feet: rotation in a deep squat, and turning the pelvis over the stance leg."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from studio.kinematics import (
    SIDES,
    HipAngles,
    LegPose,
    Side,
    flat_foot,
    hip_angles,
    leg_from_angles,
    sign_of,
)
from studio.motion.base import FaultKind, Instant, Motion, Setting, View
from studio.pose import ArmTarget, Bend, Pose
from studio.rotations import UP, Array, rotation_x, rotation_z


class SquatRotation(Motion):
    """In a deep squat the knees drop inwards in turn, each foot pivoting about its ball.

    Positive levels are the working leg, negative ones the other; `peak` and `counter` are the swing of the
    knee about the line from hip to ankle.
    """

    exercise = "squat-rotation"
    directions = (1, -1)
    alternates = True
    usual_hold_s = 0.4
    mat = (-0.7, 0.7, -0.6, 0.6)
    views: ClassVar = {
        "three-quarter": View(-45.0, recommended=True),
        "front": View(-90.0),
        "side": View(0.0),
    }
    settings: ClassVar = {
        "peak": Setting(38.0, 26.0, 44.0, "swing of the working knee, degrees"),
        "counter": Setting(38.0, 26.0, 44.0, "swing of the other knee, degrees"),
        "height": Setting(0.36, 0.30, 0.44, "height of the hips, metres for a 1.70 m body"),
        "stance": Setting(0.24, 0.20, 0.28, "feet from the middle, metres for a 1.70 m body"),
    }
    faults: ClassVar = {
        "hips-rise": FaultKind(8.0, 16.0, "the hips rise with the turn, centimetres"),
        "trunk-lean": FaultKind(12.0, 20.0, "the trunk leans with the turn, degrees"),
    }
    SOLE_TO_BALL = 0.025

    def pose_at(self, now: Instant) -> Pose:
        """Both feet keep the balls where they are; the hands are clasped before the chest."""
        k, w = self.measures.scale, self.sign
        root = np.array([-0.03 * w * now.share, 0.17, self.values["height"]]) * k
        root = root + UP * 0.01 * now.fault("hips-rise")
        pelvis = rotation_z(now.wobble(0)) @ rotation_x(22.0 + now.wobble(1))
        swing = self.degrees(now.share)
        legs = {
            side: self.pivoting_leg(
                pelvis, root, side, max(0.0, swing if side == self.side else abs(min(swing, 0.0)))
            )
            for side in SIDES
        }
        arms = {
            side: ArmTarget(
                np.array([sign_of(side) * 0.05, -0.34, 0.62 + self.values["height"] - 0.36]) * k,
                np.array([sign_of(side), 0.0, -0.8]),
                np.array([-sign_of(side) * 0.8, -0.3, 0.4]),
                np.array([0.0, 0.0, 1.0]),
            )
            for side in SIDES
        }
        lean = w * now.fault("trunk-lean") * np.sign(now.share)
        return Pose(
            root, pelvis, legs, arms, Bend(16.0 + now.wobble(2), lean), Bend(-14.0, 0.0, now.wobble(3))
        )

    def pivoting_leg(self, pelvis: Array, root: Array, side: Side, swing_deg: float) -> LegPose:
        """Leg whose heel lifts and turns out as the knee drops inwards."""
        s, k = sign_of(side), self.measures.scale
        ball = np.array([s * self.values["stance"], -0.11, 0.0]) * k + UP * self.SOLE_TO_BALL
        foot = rotation_z(s * (18.0 - 0.85 * swing_deg)) @ rotation_x(0.95 * swing_deg)
        ankle = ball + foot @ np.array([0.0, 0.125 * k, self.measures.ankle_height_m - self.SOLE_TO_BALL])
        hip = self.hip(pelvis, side, root)
        knee_out = np.array([s * 0.55, -1.0, 0.35])
        turns = [self.reach(hip, ankle, knee_out, sign * swing_deg) for sign in (1.0, -1.0)]
        inwards = max(turns, key=lambda leg: hip_angles(pelvis, leg.thigh, side).internal_rotation_deg)
        return LegPose(inwards.thigh, inwards.knee_flexion_deg, foot=foot)


class StandingDissociation(Motion):
    """On one leg, the pelvis turns over the standing femur while the shoulders stay: both ways in turn.

    The working leg stands; the pelvis turning towards it is internal rotation of its hip.
    """

    exercise = "standing-dissociation"
    directions = (1, -1)
    usual_hold_s = 0.4
    mat = (-0.7, 0.7, -0.6, 0.6)
    views: ClassVar = {
        "front": View(-90.0, recommended=True),
        "side": View(0.0),
        "three-quarter": View(-45.0),
    }
    settings: ClassVar = {
        "peak": Setting(22.0, 15.0, 32.0, "turn of the pelvis towards the standing leg, degrees"),
        "counter": Setting(18.0, 12.0, 26.0, "turn of the pelvis away from it, degrees"),
        "raised_hip": Setting(38.0, 30.0, 80.0, "hip flexion of the raised leg, degrees"),
        "raised_knee": Setting(75.0, 60.0, 95.0, "knee flexion of the raised leg, degrees"),
    }
    faults: ClassVar = {
        "shoulders-turn": FaultKind(10.0, 20.0, "the shoulders turn with the pelvis, degrees"),
        "thigh-drops": FaultKind(15.0, 25.0, "the raised thigh sinks, degrees"),
    }

    def pose_at(self, now: Instant) -> Pose:
        """The standing foot and hip stay in place; the pelvis turns about that hip."""
        m, v, w = self.measures, self.values, self.sign
        turn = self.degrees(now.share)
        pelvis = rotation_z(w * turn) @ rotation_x(3.0 + now.wobble(0))
        height = m.thigh_m + m.shank_m + m.ankle_height_m - 0.008
        root = np.array([w * 0.03, 0.0, height]) - pelvis @ np.array([w * m.half_hip_m, 0.0, 0.0])
        ankle = np.array([w * 0.02, 0.01, m.ankle_height_m])
        standing = self.reach(self.hip(pelvis, self.side, root), ankle, np.array([0.0, -1.0, 0.0]))
        raised = HipAngles(v["raised_hip"] + now.wobble(1) - now.fault("thigh-drops"), -4.0, 0.0)
        legs = {
            self.side: LegPose(standing.thigh, standing.knee_flexion_deg, foot=flat_foot(standing)),
            self.other: leg_from_angles(pelvis, self.other, raised, v["raised_knee"] + now.wobble(2), -5.0),
        }
        still = turn - now.fault("shoulders-turn") * np.sign(now.share)
        k = m.scale
        arms = {
            side: ArmTarget(
                np.array([sign_of(side) * 0.36 * k, -0.05 * k + 0.01 * now.wobble(5), height + 0.10 * k]),
                np.array([sign_of(side) * 0.6, 1.0, 0.0]),
            )
            for side in SIDES
        }
        return Pose(root, pelvis, legs, arms, Bend(-2.0, 0.0, -w * still), Bend(4.0))
