"""Boxes, panels, cylinders and ellipsoids for the room, in the renderer's vertex format. Numpy only.

A vertex is 15 numbers: position, normal, position again (texture coordinates), colour, and the material
with its parameter.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studio.rotations import UP, Array, unit

Triangles = NDArray[np.float32]


class Material(IntEnum):
    """How the shader paints a surface; the numbers are the shader's."""

    PLANKS = 1
    CARPET = 2
    WALL = 3
    MAT = 4
    OBJECT = 5
    GLOW = 6
    TILES = 7


def _pack(
    points: Array, normals: Array, colour: ArrayLike, material: Material, parameter: float = 0.0
) -> Triangles:
    n = len(points)
    colours = np.broadcast_to(np.asarray(colour, dtype=np.float64), (n, 3))
    kind = np.broadcast_to(np.array([float(material), parameter, 0.0]), (n, 3))
    return np.concatenate([points, normals, points, colours, kind], axis=1).astype(np.float32)


def quad(
    corners: ArrayLike, colour: ArrayLike, material: Material = Material.OBJECT, parameter: float = 0.0
) -> Triangles:
    """A flat panel through four corners in order, facing where they turn counter-clockwise."""
    p = np.asarray(corners, dtype=np.float64)
    normal = unit(np.cross(p[1] - p[0], p[2] - p[0]))
    points = p[[0, 1, 2, 0, 2, 3]]
    return _pack(points, np.broadcast_to(normal, points.shape), colour, material, parameter)


def box(
    low: ArrayLike, high: ArrayLike, colour: ArrayLike, material: Material = Material.OBJECT
) -> Triangles:
    """An axis-aligned box."""
    corners = np.stack([np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)])
    faces = []
    for axis in range(3):
        u, v = [i for i in range(3) if i != axis]
        for end in (0, 1):
            p = np.zeros((4, 3))
            p[:, axis] = corners[end, axis]
            p[:, u], p[:, v] = corners[[0, 1, 1, 0], u], corners[[0, 0, 1, 1], v]
            normal = np.zeros(3)
            normal[axis] = 1.0 if end else -1.0
            points = p[[0, 1, 2, 0, 2, 3]]
            faces.append(_pack(points, np.broadcast_to(normal, points.shape), colour, material))
    return np.concatenate(faces)


def ellipsoid(centre: ArrayLike, radii: ArrayLike, colour: ArrayLike, rings: int = 8) -> Triangles:
    """An axis-aligned ellipsoid."""
    radii = np.asarray(radii, dtype=np.float64)
    polar, around = np.linspace(0.0, np.pi, rings + 1), np.linspace(0.0, 2.0 * np.pi, 2 * rings + 1)
    p, a = np.meshgrid(polar, around, indexing="ij")
    sphere = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=-1)
    points = _grid_triangles(sphere * radii + np.asarray(centre, dtype=np.float64))
    normals = _grid_triangles(sphere / radii)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return _pack(points, normals, colour, Material.OBJECT)


def cylinder(
    base: ArrayLike, height_m: float, radius_m: float, colour: ArrayLike, sides: int = 14
) -> Triangles:
    """An upright cylinder with a lid."""
    base = np.asarray(base, dtype=np.float64)
    around = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    ring = np.stack([np.cos(around), np.sin(around), np.zeros_like(around)], axis=-1)
    low = base + radius_m * ring
    wall = _grid_triangles(np.stack([low, low + UP * height_m]))
    wall_normals = _grid_triangles(np.stack([ring, ring]))
    centre = np.broadcast_to(base, low.shape)
    lid = _grid_triangles(np.stack([low, centre])) + UP * height_m
    lid_normals = np.broadcast_to(UP, lid.shape)
    return np.concatenate(
        [
            _pack(wall, wall_normals, colour, Material.OBJECT),
            _pack(lid, lid_normals, colour, Material.OBJECT),
        ]
    )


def _grid_triangles(grid: Array) -> Array:
    """Corner list of the two triangles of every cell of a grid (rows, columns, 3)."""
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    return np.stack([a, b, c, a, c, d], axis=2).reshape(-1, 3)
