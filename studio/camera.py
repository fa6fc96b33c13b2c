"""The pinhole camera, and where to put it. Numpy only.

Camera axes are OpenCV's: x right, y down, z forwards; pixels have their origin at the top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from studio.rotations import UP, Array, unit

NEAREST_EYE_M, LOWEST_EYE_M, FARTHEST_M = 0.3, 0.08, 7.0


@dataclass(frozen=True)
class CameraPlan:
    """Where the camera stands, relative to the person; the distance follows from keeping them in the picture.

    `azimuth_offset_deg` turns away from the direction of the exercise's view; `elevation_deg` is above the
    level, unless `height_m` fixes the height of the lens. `distance_factor` steps back from the closest fit.
    `fov_deg` is vertical, `roll_deg` turns the picture clockwise for a positive angle, `shift` aims beside
    the person, as shares of the picture.
    """

    azimuth_offset_deg: float = 0.0
    elevation_deg: float = 14.0
    height_m: float | None = None
    fov_deg: float = 50.0
    roll_deg: float = 0.0
    distance_factor: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: `rotation` has the camera axes as rows, in world coordinates."""

    eye: Array
    rotation: Array
    focal_px: float
    width: int
    height: int

    def to_camera(self, points: ArrayLike) -> Array:
        """World points (..., 3) in camera axes, metres."""
        return np.asarray((np.asarray(points, dtype=np.float64) - self.eye) @ self.rotation.T)

    def to_pixels(self, points: ArrayLike) -> Array:
        """World points (..., 3) as pixels (..., 2); not bounded to the picture."""
        p = self.to_camera(points)
        centre = np.array([self.width / 2.0, self.height / 2.0])
        return np.asarray(self.focal_px * p[..., :2] / p[..., 2:] + centre)

    def view_projection(self, near_m: float = 0.1, far_m: float = 30.0) -> Array:
        """OpenGL clip matrix of this camera (row-major, multiplies column vectors)."""
        view = np.eye(4)
        view[:3, :3] = self.rotation * np.array([1.0, -1.0, -1.0])[:, None]
        view[:3, 3] = -view[:3, :3] @ self.eye
        projection = np.zeros((4, 4))
        projection[0, 0] = 2.0 * self.focal_px / self.width
        projection[1, 1] = 2.0 * self.focal_px / self.height
        projection[2, 2] = -(far_m + near_m) / (far_m - near_m)
        projection[2, 3] = -2.0 * far_m * near_m / (far_m - near_m)
        projection[3, 2] = -1.0
        return np.asarray(projection @ view)


def focal_length_px(fov_deg: float, height: int) -> float:
    """Focal length of a camera with this vertical field of view."""
    return float(0.5 * height / np.tan(np.deg2rad(fov_deg / 2.0)))


def aim(
    eye: ArrayLike, target: ArrayLike, fov_deg: float, size: tuple[int, int], roll_deg: float = 0.0
) -> Camera:
    """Camera at `eye` looking at `target`, level apart from the roll."""
    eye = np.asarray(eye, dtype=np.float64)
    forwards = unit(np.asarray(target, dtype=np.float64) - eye)
    right = unit(np.cross(forwards, UP))
    rotation = np.stack([right, np.cross(forwards, right), forwards])
    c, s = np.cos(np.deg2rad(roll_deg)), np.sin(np.deg2rad(roll_deg))
    rotation = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ rotation
    return Camera(eye, rotation, focal_length_px(fov_deg, size[1]), *size)


def fit_camera(
    points: Array, plan: CameraPlan, view_azimuth_deg: float, size: tuple[int, int], margin: float = 0.10
) -> Camera:
    """The closest camera on the planned direction that keeps all `points` (n, 3) in the picture."""
    azimuth_deg = view_azimuth_deg + plan.azimuth_offset_deg
    target = 0.5 * (points.min(axis=0) + points.max(axis=0))
    camera = _camera_at(1.0, target, plan, azimuth_deg, size)
    for distance in np.arange(1.0, FARTHEST_M, 0.05):
        camera = _camera_at(float(distance), target, plan, azimuth_deg, size)
        if _all_in_picture(camera, points, margin):
            return _camera_at(float(distance) * plan.distance_factor, target, plan, azimuth_deg, size)
    return camera


def _camera_at(
    distance_m: float, target: Array, plan: CameraPlan, azimuth_deg: float, size: tuple[int, int]
) -> Camera:
    azimuth, elevation = np.deg2rad(azimuth_deg), np.deg2rad(plan.elevation_deg)
    if plan.height_m is not None:
        elevation = np.arcsin(np.clip((plan.height_m - target[2]) / distance_m, -0.9, 0.9))
    level = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    eye = target + distance_m * (level * np.cos(elevation) + UP * np.sin(elevation))
    eye[2] = max(eye[2], LOWEST_EYE_M)
    span = 2.0 * distance_m * np.tan(np.deg2rad(plan.fov_deg / 2.0))
    across = np.cross(UP, level)
    beside = across * plan.shift[0] * span * size[0] / size[1] + UP * plan.shift[1] * span
    return aim(eye, target + beside, plan.fov_deg, size, plan.roll_deg)


def _all_in_picture(camera: Camera, points: Array, margin: float) -> bool:
    if (camera.to_camera(points)[:, 2] < NEAREST_EYE_M).any():
        return False
    px = camera.to_pixels(points) / np.array([camera.width, camera.height])
    low, high = np.array([0.7 * margin, margin]), 1.0 - np.array([0.7 * margin, margin])
    return bool((px > low).all() and (px < high).all())
