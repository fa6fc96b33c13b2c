"""A second person who stands at the back of the room."""

from __future__ import annotations

import numpy as np

from studio.camera import Camera
from studio.kinematics import SIDES, HipAngles, leg_from_angles, sign_of
from studio.mannequin import Mannequin
from studio.people import PRESETS
from studio.pose import ArmTarget, Bend, Pose
from studio.rotations import UP, Array, rotation_z, unit
from studio.timeline import Sway


class Bystander:
    """Somebody else in the picture: stands behind the person and shifts their weight a little."""

    def __init__(self, camera: Camera, target: Array, seed: int) -> None:
        rng = np.random.default_rng([seed, 99])
        self.mannequin = Mannequin(PRESETS[sorted(PRESETS)[int(rng.integers(len(PRESETS)))]])
        self._sway = Sway(seed, 2.0)
        away = unit((target - camera.eye) * np.array([1.0, 1.0, 0.0]))
        beside = np.cross(UP, away)
        offset = away * rng.uniform(1.2, 1.6) + beside * rng.choice([-1.0, 1.0]) * rng.uniform(0.7, 1.2)
        self._place = (target + offset) * np.array([1.0, 1.0, 0.0])
        # Faces about where the camera is; the neutral stance faces -y.
        self._turn_deg = float(np.rad2deg(np.arctan2(away[0], -away[1])) + 180.0 + rng.uniform(-50, 50))

    def mesh_at(self, time_s: float) -> tuple[Array, Array]:
        """Vertices and normals at one instant."""
        vertices = self.mannequin.vertices_at(self.mannequin.place(self._pose(time_s)))
        vertices[:, 2] = np.maximum(vertices[:, 2], 0.003)
        return vertices, self.mannequin.normals_of(vertices)

    def _pose(self, time_s: float) -> Pose:
        m = self.mannequin.measures
        pelvis = rotation_z(self._turn_deg + self._sway(0, time_s))
        root = self._place + UP * (m.thigh_m + m.shank_m + m.ankle_height_m - 0.004)
        arms = {
            side: ArmTarget(
                root + pelvis @ np.array([sign_of(side) * 0.27, -0.06, 0.02]) * m.scale,
                pelvis @ np.array([sign_of(side) * 0.5, 1.0, 0.0]),
            )
            for side in SIDES
        }
        legs = {s: leg_from_angles(pelvis, s, HipAngles(3.0, -4.0, -6.0), 5.0, 2.0) for s in SIDES}
        bend = Bend(self._sway(1, time_s), self._sway(2, time_s), 2.0 * self._sway(3, time_s))
        return Pose(root, pelvis, legs, arms, bend, Bend(2.0, 0.0, 4.0 * self._sway(4, time_s)))
