"""Coming and going: the person walks in and gets into position, and stands up again afterwards.

The path between two poses is a blend whose lowest point is kept on the floor. It looks like a person who
gets down; it is not a study of how people do it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.kinematics import SIDES, HipAngles, LegPose, leg_from_angles, sign_of
from studio.mannequin import Mannequin
from studio.pose import ArmTarget, Bend, Pose
from studio.rotations import UP, Array, between, rotation_x, rotation_z
from studio.timeline import ease

WALK_S, TURN_S, DOWN_S = 2.6, 0.6, 3.0
ENTER_S = WALK_S + TURN_S + DOWN_S
LEAVE_S = 3.6
START_M, STEP_S = 1.9, 0.55
"""How far away the walk begins, and the duration of one step."""


class Entrance:
    """The way from standing at the side of the room to the first pose of an exercise, and back up."""

    def __init__(self, mannequin: Mannequin, first: Pose, seed: int, bench_front_m: float | None) -> None:
        self._body, self._first = mannequin, first
        self._side = 1.0 if np.random.default_rng([seed, 5]).random() < 0.5 else -1.0
        place_y = 0.0 if bench_front_m is None else bench_front_m - 0.22
        self._place = np.array([float(first.root[0]), place_y, 0.0])
        self._crouches = bench_front_m is None and first.root[2] < 0.5

    def coming(self, time_s: float) -> Pose:
        """The pose `time_s` after the clip began, up to `ENTER_S`."""
        if time_s < WALK_S + TURN_S:
            return self._on_the_floor(self._walking(time_s), 0.0)
        share = float(ease((time_s - WALK_S - TURN_S) / DOWN_S))
        return self._between_standing_and(self._first, share)

    def going(self, time_s: float, last: Pose) -> Pose:
        """The pose `time_s` after the exercise ended: back up from its last pose."""
        return self._between_standing_and(last, 1.0 - float(ease(time_s / (LEAVE_S - 0.6))))

    def _between_standing_and(self, target: Pose, share: float) -> Pose:
        if share >= 1.0:
            return target
        standing = self._standing()
        if not self._crouches:
            pose = blend(standing, target, share)
        elif share < 0.5:
            pose = blend(standing, self._crouching(), 2.0 * share)
        else:
            pose = blend(self._crouching(), target, 2.0 * share - 1.0)
        return self._on_the_floor(pose, share * self._body.lowest_m(target))

    def _on_the_floor(self, pose: Pose, lowest_m: float) -> Pose:
        """The pose moved up or down until its lowest point is where it should be."""
        return pose.moved(UP * (lowest_m - self._body.lowest_m(pose)))

    def _walking(self, time_s: float) -> Pose:
        """A few steps along x, then a turn to the front."""
        gone = min(time_s / WALK_S, 1.0)
        x = self._side * START_M * (1.0 - gone)
        turned = float(ease((time_s - WALK_S) / TURN_S))
        heading_deg = -self._side * 90.0 * (1.0 - turned)
        stride = float(1.0 - ease((time_s - WALK_S + 0.4) / 0.4))
        phase = np.pi * time_s / STEP_S
        return self._upright(self._place + np.array([x, 0.0, 0.0]), heading_deg, phase, stride)

    def _standing(self) -> Pose:
        return self._upright(self._place, 0.0, 0.0, 0.0)

    def _upright(self, place: Array, heading_deg: float, phase: float, stride: float) -> Pose:
        m = self._body.measures
        pelvis = rotation_z(heading_deg)
        root = place + UP * (m.thigh_m + m.shank_m + m.ankle_height_m)
        legs, arms = {}, {}
        for side in SIDES:
            s = sign_of(side)
            swing = stride * float(np.sin(phase)) * s
            lifted = stride * max(0.0, float(np.cos(phase)) * s)
            hip = HipAngles(4.0 + 24.0 * swing + 12.0 * lifted, -4.0, -5.0)
            legs[side] = leg_from_angles(pelvis, side, hip, 6.0 + 48.0 * lifted, 3.0)
            hand = np.array([s * 0.27, -0.06 + 0.16 * swing, 0.04]) * m.scale
            arms[side] = ArmTarget(
                root + pelvis @ hand,
                pelvis @ np.array([s * 0.5, 1.0, 0.0]),
                pelvis @ np.array([0.0, -0.2, -1.0]),
                pelvis @ np.array([0.0, -1.0, 0.2]),
            )
        return Pose(root, pelvis, legs, arms, Bend(2.0), Bend(3.0))

    def _crouching(self) -> Pose:
        """A deep crouch with the hands before the knees."""
        m = self._body.measures
        pelvis = rotation_x(20.0)
        root = self._place + UP * 0.40 * m.scale
        hip = HipAngles(125.0, -18.0, -5.0)
        legs = {side: leg_from_angles(pelvis, side, hip, 128.0, 22.0) for side in SIDES}
        arms = {
            side: ArmTarget(
                root + np.array([sign_of(side) * 0.24, -0.42, -0.12]) * m.scale,
                np.array([sign_of(side), 0.6, 0.0]),
                np.array([0.0, -0.6, -0.8]),
                np.array([-sign_of(side), 0.0, 0.2]),
            )
            for side in SIDES
        }
        return Pose(root, pelvis, legs, arms, Bend(25.0), Bend(-10.0))


def blend(start: Pose, end: Pose, share: float) -> Pose:
    """A pose on the way: joints turn along the shortest path, root and hands move along straight lines."""
    pelvis = between(start.pelvis, end.pelvis, share)
    legs = {}
    for side in SIDES:
        a, b = start.legs[side], end.legs[side]
        thigh = pelvis @ between(start.pelvis.T @ a.thigh, end.pelvis.T @ b.thigh, share)
        leg = LegPose(thigh, a.knee_flexion_deg + share * (b.knee_flexion_deg - a.knee_flexion_deg))
        feet = [p.shank.T @ p.foot_orientation for p in (a, b)]
        legs[side] = replace(leg, foot=leg.shank @ between(feet[0], feet[1], share))
    return Pose(
        start.root + share * (end.root - start.root),
        pelvis,
        legs,
        {side: _blend_arm(start.arms[side], end.arms[side], share) for side in SIDES},
        _blend_bend(start.spine, end.spine, share),
        _blend_bend(start.neck, end.neck, share),
    )


def _blend_arm(start: ArmTarget, end: ArmTarget, share: float) -> ArmTarget:
    def mixed(a: Array, b: Array) -> Array:
        return np.asarray((1.0 - share) * a + share * b)

    nearer = start if share < 0.5 else end
    fingers, thumb = nearer.fingers, nearer.thumb
    if start.fingers is not None and end.fingers is not None:
        fingers = mixed(start.fingers, end.fingers)
    if start.thumb is not None and end.thumb is not None:
        thumb = mixed(start.thumb, end.thumb)
    return ArmTarget(
        mixed(start.wrist, end.wrist),
        mixed(start.elbow_towards, end.elbow_towards),
        fingers,
        thumb,
        (1.0 - share) * start.girdle + share * end.girdle,
    )


def _blend_bend(start: Bend, end: Bend, share: float) -> Bend:
    return Bend(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
