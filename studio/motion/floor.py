"""Exercises done on the floor on hands and knees or sitting with both knees bent."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from studio.kinematics import SIDES, LegPose, Side, sign_of, thigh_from_joints
from studio.motion.base import FaultKind, Instant, Motion, Setting, View
from studio.pose import ArmTarget, Bend, Pose
from studio.rotations import UP, Array, rotation_x, rotation_y, rotation_z, unit
from studio.timeline import ease


class PosteriorCapsuleStretch(Motion):
    """On hands and knees: sit back, then shift the pelvis sideways over the working hip, and hold.

    `peak` is the sideways lean of the thighs.
    """

    exercise = "posterior-capsule-stretch"
    held = True
    usual_hold_s = 10.0
    mat = (-0.6, 0.6, -1.0, 1.0)
    views: ClassVar = {
        "side": View(0.0, recommended=True),
        "front": View(-90.0),
        "three-quarter": View(-45.0),
        "rear": View(90.0),
    }
    settings: ClassVar = {
        "peak": Setting(16.0, 12.0, 20.0, "sideways lean of the thighs, degrees"),
        "sit_back": Setting(38.0, 28.0, 46.0, "backward lean of the thighs, degrees"),
        "turn": Setting(8.0, 4.0, 12.0, "turn of the pelvis towards the working side, degrees"),
    }
    faults: ClassVar = {
        "hip-drop": FaultKind(10.0, 16.0, "one hip sinks: tilt of the hip line, degrees"),
        "sway": FaultKind(4.0, 8.0, "the pelvis sways during the hold, degrees of thigh lean"),
    }
    KNEE_HEIGHT = 0.06

    def pose_at(self, now: Instant) -> Pose:
        """The first half of the movement sits back, the second shifts sideways; knees and hands stay."""
        m, v, w = self.measures, self.values, self.sign
        share = float(np.clip(now.share, 0.0, 1.0))
        back = v["sit_back"] * float(ease(min(1.0, 2.0 * share))) + now.wobble(0)
        shifting = float(ease(np.clip(2.0 * share - 0.6, 0.0, 1.0)))
        side_lean = w * (v["peak"] * shifting + now.fault("sway") * now.wobble(8))
        pelvis = (
            rotation_z(w * v["turn"] * shifting)
            @ rotation_y(-w * now.fault("hip-drop"))
            @ rotation_x(88.0 + 0.2 * back)
        )
        lean, tip = np.deg2rad(side_lean), np.deg2rad(back)
        thigh = m.thigh_m * np.array([np.sin(lean), np.cos(lean) * np.sin(tip), np.cos(lean) * np.cos(tip)])
        root = UP * self.KNEE_HEIGHT + thigh
        legs = {side: self.kneeling_leg(pelvis, root, side) for side in SIDES}
        bend = Bend(-2.0 + 0.15 * back)
        return Pose(root, pelvis, legs, self.arms_at(), bend, Bend(-8.0, 0.0, now.wobble(3)))

    def kneeling_leg(self, pelvis: Array, root: Array, side: Side) -> LegPose:
        """Leg from the hip to the knee on the floor, shank straight back."""
        knee = np.array([sign_of(side) * self.measures.half_hip_m, 0.0, self.KNEE_HEIGHT])
        hip = self.hip(pelvis, side, root)
        reached = hip + unit(knee - hip) * self.measures.thigh_m
        ankle = reached + unit([0.0, 1.0, 0.01]) * self.measures.shank_m
        thigh, knee_deg = thigh_from_joints(hip, reached, ankle)
        return LegPose(thigh, knee_deg, dorsiflexion_deg=-60.0)

    def arms_at(self) -> dict[Side, ArmTarget]:
        """Both hands flat on the floor under the shoulders of the start position."""
        k = self.measures.scale
        return {
            side: ArmTarget(
                np.array([sign_of(side) * 0.19 * k, -0.57 * k, 0.06]),
                np.array([sign_of(side) * 0.5, 1.0, 0.0]),
                np.array([0.0, -1.0, -0.05]),
                np.array([-sign_of(side), 0.0, 0.0]),
            )
            for side in SIDES
        }


class NinetyNinetyLift(Motion):
    """Sitting with both knees at right angles, one leg in front and one beside: the rear foot lifts.

    The working leg is the rear, inwardly rotated one; `peak` is the rise of its shank above the floor.
    """

    exercise = "ninety-ninety-lift"
    held = True
    usual_hold_s = 5.0
    views: ClassVar = {
        "front": View(-90.0, recommended=True),
        "side": View(0.0),
        "three-quarter": View(-45.0),
    }
    settings: ClassVar = {
        "peak": Setting(15.0, 10.0, 20.0, "rise of the rear shank, degrees"),
        "turn": Setting(14.0, 8.0, 20.0, "turn of the pelvis away from the rear leg, degrees"),
        "tilt": Setting(14.0, 8.0, 18.0, "tilt of the pelvis off the rear hip, degrees"),
        "splay": Setting(37.0, 33.0, 42.0, "angle of the thighs in the floor plane, degrees"),
    }
    faults: ClassVar = {
        "trunk-lean": FaultKind(16.0, 26.0, "the trunk leans away from the rear leg, degrees"),
        "pelvis-twist": FaultKind(10.0, 18.0, "the pelvis turns as the foot lifts, degrees"),
        "pelvis-roll": FaultKind(10.0, 16.0, "the rear hip leaves the floor, degrees"),
    }
    KNEE_HEIGHT = 0.062

    def setup(self) -> None:
        """Sit down; both legs lie on the floor at whatever height the pelvis then has."""
        self.root = np.array([0.0, 0.0, 0.125])
        self.settle(sink_m=0.025)

    def pose_at(self, now: Instant) -> Pose:
        """Thighs and front shank stay on the floor, the rear shank rises."""
        v, w = self.values, self.sign
        pelvis = (
            rotation_z(-w * (v["turn"] + now.fault("pelvis-twist")) + now.wobble(0))
            @ rotation_y(-w * (v["tilt"] + now.fault("pelvis-roll")))
            @ rotation_x(-4.0 + now.wobble(1))
        )
        along, across = np.cos(np.deg2rad(v["splay"])), np.sin(np.deg2rad(v["splay"]))
        sideways, forwards = np.array([w * along, -across, 0.0]), np.array([-w * across, -along, 0.0])
        legs = {
            self.side: self.lying_leg(pelvis, self.side, sideways, -forwards, self.degrees(now.share) + 3.0),
            self.other: self.lying_leg(pelvis, self.other, forwards, sideways, 0.0),
        }
        k = self.measures.scale
        arms = {
            side: ArmTarget(
                np.array([sign_of(side) * 0.30 - w * 0.08, 0.24, 0.0]) * k + UP * 0.06,
                np.array([sign_of(side) * 0.4, 1.0, 0.1]),
                np.array([sign_of(side) * 0.9, 0.6, 0.0]),
                np.array([0.0, -1.0, 0.0]),
            )
            for side in SIDES
        }
        lean = w * (0.9 * v["tilt"] - now.fault("trunk-lean"))
        neck = Bend(4.0 + now.wobble(3), 0.0, now.wobble(4))
        return Pose(self.root, pelvis, legs, arms, Bend(6.0 + now.wobble(2), lean, 0.0), neck)

    def lying_leg(
        self, pelvis: Array, side: Side, thigh: Array, shank: Array, shank_rise_deg: float
    ) -> LegPose:
        """Leg with its knee on the floor; thigh and shank point along level directions, the shank raised."""
        m, hip = self.measures, self.hip(pelvis, side)
        drop = (self.KNEE_HEIGHT - hip[2]) / m.thigh_m
        knee = hip + unit(thigh * np.sqrt(1.0 - drop**2) + UP * drop) * m.thigh_m
        rise = np.deg2rad(shank_rise_deg)
        ankle = knee + (shank * np.cos(rise) + UP * np.sin(rise)) * m.shank_m
        orientation, knee_deg = thigh_from_joints(hip, knee, ankle)
        return LegPose(orientation, knee_deg, dorsiflexion_deg=5.0)
