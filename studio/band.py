"""The resistance band around both thighs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from studio.mannequin import Mannequin
from studio.primitives import Triangles, quad
from studio.rotations import Array, perpendicular, unit

FROM, TO = 0.74, 0.86
"""Where on the thighs the band lies: shares of the way from hip to knee."""
HALF_WIDTH_M, STANDS_OFF_M = 0.03, 0.005


def band_around_thighs(
    mannequin: Mannequin, vertices: Array, joints: Mapping[str, Array], colour: tuple[float, float, float]
) -> Triangles:
    """A strip along the convex hull of both thighs just above the knees."""
    thighs = [joints[f"{s}_knee"] - joints[f"{s}_hip"] for s in ("left", "right")]
    along = unit(thighs[0] + thighs[1])
    middle = 0.25 * sum(joints[f"{s}_{j}"] for s in ("left", "right") for j in ("hip", "knee"))
    across = perpendicular(joints["left_knee"] - joints["right_knee"], along)
    upwards = np.cross(along, across)
    points = vertices[_slab(mannequin)] - middle
    flat, depth = np.stack([points @ across, points @ upwards], axis=1), points @ along
    corners = flat[ConvexHull(flat).vertices]
    centre = corners.mean(axis=0)
    ring = []
    for corner in corners:
        near = np.linalg.norm(flat - corner, axis=1) < 0.12
        outside = corner + STANDS_OFF_M * (corner - centre) / np.linalg.norm(corner - centre)
        ring.append(middle + across * outside[0] + upwards * outside[1] + along * np.median(depth[near]))
    half = along * HALF_WIDTH_M
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return np.concatenate([quad([a - half, b - half, b + half, a + half], colour) for a, b in pairs])


def _slab(mannequin: Mannequin) -> NDArray[np.intp]:
    """Indices of the thighs' outer vertices at the height of the band."""
    hip, knee = mannequin.heads["upperleg01.L"][2], mannequin.heads["lowerleg01.L"][2]
    share = (hip - mannequin.mesh.rest[:, 2]) / (hip - knee)
    return np.flatnonzero(mannequin.mesh.thigh_shell & (share > FROM) & (share < TO))
