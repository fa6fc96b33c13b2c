"""Exercises done sitting: rotation on the floor, and the range-of-motion test on a bench."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from studio.kinematics import (
    SIDES,
    HipAngles,
    LegPose,
    Side,
    flat_foot,
    leg_from_angles,
    sign_of,
)
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
from studio.rotations import DOWN, UP, Array, rotation_x, rotation_y, rotation_z

SITTING_VIEWS = {
    "front": View(-90.0, recommended=True),
    "three-quarter": View(-45.0),
    "side": View(0.0),
}


class SeatedRotation(Motion):
    """Sitting on the floor, knees bent, feet planted wide: one knee drops inwards and comes back."""

    exercise = "seated-rotation"
    views = SITTING_VIEWS
    settings: ClassVar = {
        "peak": Setting(32.0, 22.0, 42.0, "internal rotation at the peak, degrees"),
        "start": Setting(2.0, -4.0, 8.0, "internal rotation at rest, degrees"),
        "lean": Setting(14.0, 4.0, 22.0, "how far the pelvis leans back, degrees"),
        "foot_width": Setting(0.24, 0.18, 0.32, "feet from the middle, metres for a 1.70 m body"),
        "knee": Setting(92.0, 80.0, 104.0, "knee flexion at rest, degrees"),
    }
    faults: ClassVar = {
        "pelvis-hike": FaultKind(8.0, 16.0, "the buttock lifts: degrees of pelvic tilt"),
        "pelvis-twist": FaultKind(8.0, 16.0, "the pelvis turns with the knee, degrees"),
        "trunk-lean": FaultKind(12.0, 22.0, "the trunk leans towards the working side, degrees"),
    }
    KNEE_UP = np.array([0.0, -0.3, 1.0])

    def setup(self) -> None:
        """Place the feet for the wished knee angle, then find the swings that give the wished rotations."""
        m, v = self.measures, self.values
        self.foot_x = v["foot_width"] * m.scale
        bend = np.cos(np.deg2rad(180.0 - v["knee"]))
        reach_squared = m.thigh_m**2 + m.shank_m**2 - 2.0 * m.thigh_m * m.shank_m * bend
        self.foot_y = -np.sqrt(max(reach_squared - (self.foot_x - m.half_hip_m) ** 2, 0.01))
        self.rest_swing: dict[Side, float] = {"left": 0.0, "right": 0.0}
        self.rotations = self.swings = np.zeros(1)
        self.settle()
        pelvis = self.pelvis_at(Instant())
        for side in SIDES:
            self.rest_swing[side] = self.swing_for(pelvis, side, v["start"])
        self.rotations = np.linspace(-8.0, max(v["peak"], v["start"]) + 8.0, 31)
        self.swings = np.array([self.swing_for(pelvis, self.side, r) for r in self.rotations])

    def swing_for(self, pelvis: Array, side: Side, rotation_deg: float) -> float:
        """Swing of the knee that gives the hip this much internal rotation."""
        return swing_for_rotation(
            self,
            pelvis,
            side,
            ankle=self.ankle(side),
            knee_towards=self.KNEE_UP,
            rotation_deg=rotation_deg,
        )

    def pelvis_at(self, now: Instant) -> Array:
        """Orientation of the pelvis: leaning back, swaying, and wrong where a fault says so."""
        turn = rotation_z(now.wobble(0) + self.sign * now.fault("pelvis-twist"))
        hike = rotation_y(-self.sign * now.fault("pelvis-hike"))
        return turn @ hike @ rotation_x(-self.values["lean"] + now.wobble(1))

    def ankle(self, side: Side) -> Array:
        """Where the ankle of the planted foot stays."""
        return np.array(
            [sign_of(side) * self.foot_x, self.root[1] + self.foot_y, self.measures.ankle_height_m]
        )

    def working_leg(self, pelvis: Array, now: Instant) -> LegPose:
        """The dropping leg; its foot keeps the angle it had when flat, so it tips onto its inner edge."""
        hip, ankle = self.hip(pelvis, self.side), self.ankle(self.side)
        start, peak = self.values["start"], self.values["peak"]
        swing = float(np.interp(start + now.share * (peak - start), self.rotations, self.swings))
        leg = self.reach(hip, ankle, self.KNEE_UP, swing + now.wobble(3))
        resting = self.reach(hip, ankle, self.KNEE_UP, self.rest_swing[self.side])
        return LegPose(leg.thigh, leg.knee_flexion_deg, dorsiflexion_deg=tilt_about_side(resting))

    def pose_at(self, now: Instant) -> Pose:
        """One hand props behind, the other rests on the still knee."""
        w, pelvis, k = self.sign, self.pelvis_at(now), self.measures.scale
        hip = self.hip(pelvis, self.other)
        swing = self.rest_swing[self.other] + now.wobble(2)
        still = self.reach(hip, self.ankle(self.other), self.KNEE_UP, swing)
        still = LegPose(still.thigh, still.knee_flexion_deg, foot=flat_foot(still))
        knee = hip + still.thigh @ DOWN * self.measures.thigh_m
        prop = ArmTarget(
            np.array([w * 0.24 * k, self.root[1] + 0.34 * k, 0.06]),
            np.array([w * 0.3, 1.0, 0.2]),
            np.array([w * 0.6, 0.9, 0.0]),
            np.array([w * 0.2, -1.0, 0.0]),
        )
        on_knee = ArmTarget(
            knee + np.array([-w * 0.04, 0.02, 0.09]) * k,
            np.array([-w, 0.3, -0.5]),
            np.array([0.0, -1.0, -0.5]),
            np.array([w, 0.0, 0.2]),
        )
        return Pose(
            self.root,
            pelvis,
            {self.other: still, self.side: self.working_leg(pelvis, now)},
            {self.side: prop, self.other: on_knee},
            Bend(14.0 + now.wobble(4), w * now.fault("trunk-lean"), -w * 3.0 + now.wobble(5)),
            Bend(6.0 + now.wobble(6), 0.0, now.wobble(7)),
        )


class RomSeated(Motion):
    """On the edge of a bench, shanks hanging: the foot moves outwards (internal), then inwards (external)."""

    exercise = "rom-seated"
    views = SITTING_VIEWS
    mat = None
    held = True
    usual_hold_s = 2.3
    directions = (1, -1)
    settings: ClassVar = {
        "peak": Setting(38.0, 24.0, 48.0, "internal rotation at the peak, degrees"),
        "counter": Setting(32.0, 20.0, 44.0, "external rotation at the peak, degrees"),
        "knee": Setting(88.0, 82.0, 92.0, "knee flexion, degrees"),
    }
    faults: ClassVar = {
        "pelvis-hike": FaultKind(8.0, 16.0, "the buttock lifts: degrees of pelvic tilt"),
        "thigh-out": FaultKind(8.0, 16.0, "the thigh abducts, degrees"),
        "thigh-lift": FaultKind(8.0, 16.0, "the thigh leaves the bench, degrees of flexion"),
        "knee-opens": FaultKind(12.0, 25.0, "the knee straightens, degrees"),
        "trunk-lean": FaultKind(12.0, 22.0, "the trunk leans towards the working side, degrees"),
    }
    WOOD = (0.55, 0.50, 0.45)
    LEG_WOOD = (0.30, 0.22, 0.15)

    def setup(self) -> None:
        """Build the bench under the thighs and sit down on it."""
        m = self.measures
        self.top = m.shank_m + m.ankle_height_m + 0.06
        self.root = np.array([0.0, 0.0, self.top + 0.12])
        x, front, back = 0.55, -m.thigh_m + 0.10, 0.45
        self.bench = (-x, x, front, back, self.top)
        under = self.top - 0.07
        posts = [(px, py) for px in (-x + 0.05, x - 0.11) for py in (front + 0.08, back - 0.14)]
        self.furniture = (
            ((-x, front, under), (x, back, self.top), self.WOOD),
            *(((px, py, 0.0), (px + 0.06, py + 0.06, under), self.LEG_WOOD) for px, py in posts),
        )
        self.settle(self.top, 0.025)

    def legs_at(self, pelvis: Array, now: Instant) -> dict[Side, LegPose]:
        """Both thighs level; the working one turns about its own axis."""
        working = HipAngles(
            90.0 + now.wobble(2) + now.fault("thigh-lift"),
            -(4.0 + now.wobble(3) + now.fault("thigh-out")),
            self.degrees(now.share),
        )
        # The other leg makes room for the foot that swings inwards.
        resting = HipAngles(90.0 + now.wobble(5), -(18.0 + now.wobble(6)), 10.0 + now.wobble(7))
        knee = self.values["knee"] + now.wobble(4) - now.fault("knee-opens")
        return {
            self.side: leg_from_angles(pelvis, self.side, working, knee),
            self.other: leg_from_angles(pelvis, self.other, resting, 86.0 + now.wobble(8)),
        }

    def pose_at(self, now: Instant) -> Pose:
        """Hands on the bench beside the hips."""
        w, hike, k = self.sign, now.fault("pelvis-hike"), self.measures.scale
        pelvis = rotation_z(now.wobble(0)) @ rotation_y(-w * hike) @ rotation_x(now.wobble(1))
        lift = abs(np.sin(np.deg2rad(hike))) * self.measures.half_hip_m
        arms = {
            side: ArmTarget(
                np.array([sign_of(side) * 0.30 * k, -0.02, self.top + 0.06]),
                np.array([sign_of(side) * 0.5, 1.0, 0.0]),
                np.array([sign_of(side) * 0.15, -1.0, -0.25]),
                np.array([-sign_of(side), -0.3, 0.0]),
            )
            for side in SIDES
        }
        lean = w * (0.8 * hike + now.fault("trunk-lean")) + now.wobble(10)
        return Pose(
            self.root + UP * lift,
            pelvis,
            self.legs_at(pelvis, now),
            arms,
            Bend(2.0 + now.wobble(9), lean, now.wobble(11)),
            Bend(8.0 + now.wobble(12), now.wobble(13), now.wobble(14)),
        )
