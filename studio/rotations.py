"""Rotation matrices and directions, numpy only.

World axes throughout the studio: +x the person's left (in the neutral stance), -y the way the person
faces, +z up; metres and degrees. A matrix maps local coordinates to the world: its columns are the
local axes (left, back, up) as seen in the world.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

UP: Array = np.array([0.0, 0.0, 1.0])
DOWN: Array = -UP


def rotation_x(angle_deg: float) -> Array:
    """Right-handed rotation about +x: turns +y towards +z."""
    c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_y(angle_deg: float) -> Array:
    """Right-handed rotation about +y: turns +z towards +x."""
    c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(angle_deg: float) -> Array:
    """Right-handed rotation about +z: turns +x towards +y."""
    c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def unit(vector: ArrayLike) -> Array:
    """`vector` scaled to length 1; a zero vector stays zero."""
    v = np.asarray(vector, dtype=np.float64)
    return np.asarray(v / (np.linalg.norm(v) + 1e-12))


def perpendicular(vector: ArrayLike, axis: ArrayLike) -> Array:
    """The unit direction of `vector` once its part along `axis` is taken away."""
    v, a = np.asarray(vector, dtype=np.float64), unit(axis)
    return unit(v - a * (a @ v))


def angle_between_deg(a: ArrayLike, b: ArrayLike) -> float:
    """Unsigned angle between two directions, 0 to 180."""
    return float(np.rad2deg(np.arccos(np.clip(unit(a) @ unit(b), -1.0, 1.0))))


def rotation_about(axis: ArrayLike, angle_deg: float) -> Array:
    """Right-handed rotation about any axis (Rodrigues)."""
    x, y, z = unit(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = np.deg2rad(angle_deg)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross))


def axis_and_angle(rotation: Array) -> tuple[Array, float]:
    """Unit axis and angle (0 to 180 degrees) of a rotation matrix."""
    r = rotation
    skew = 0.5 * np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    sine, cosine = float(np.linalg.norm(skew)), 0.5 * (float(np.trace(r)) - 1.0)
    angle_deg = float(np.rad2deg(np.arctan2(sine, cosine)))
    if cosine > -0.9:
        return (skew / sine if sine > 0 else np.array([0.0, 0.0, 1.0])), angle_deg
    # Near a half turn the skew part vanishes: the axis is the best column of the symmetric part.
    symmetric = 0.5 * (r + r.T) - cosine * np.eye(3)
    axis = unit(symmetric[:, int(np.argmax(np.diag(symmetric)))])
    return (axis if axis @ skew >= 0 else -axis), angle_deg


def fraction_of(rotation: Array, share: float) -> Array:
    """The same turn, only `share` of the way (0 = none, 1 = all)."""
    axis, angle_deg = axis_and_angle(rotation)
    return rotation_about(axis, share * angle_deg)


def between(start: Array, end: Array, share: float) -> Array:
    """The orientation `share` of the way from `start` to `end` along the shortest turn."""
    return fraction_of(end @ start.T, share) @ start


def align(source: ArrayLike, target: ArrayLike) -> Array:
    """The smallest rotation that takes the direction `source` to the direction `target`."""
    a, b = unit(source), unit(target)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -0.999999:  # opposite directions: any perpendicular axis will do
        helper = [1.0, 0.0, 0.0] if abs(a[0]) < 0.9 else [0.0, 1.0, 0.0]
        return rotation_about(np.cross(a, helper), 180.0)
    return rotation_about(axis, float(np.rad2deg(np.arctan2(np.linalg.norm(axis), cosine))))


def frame_from(direction: ArrayLike, towards: ArrayLike) -> Array:
    """Columns: `direction`, the part of `towards` across it, and their cross product."""
    first = unit(direction)
    second = perpendicular(towards, first)
    return np.stack([first, second, np.cross(first, second)], axis=1)
