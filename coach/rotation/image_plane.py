"""Rotation read in the picture: the direction of the shank against the trunk or against the hip line.

Where the camera looks along the thigh, the angle that the shank makes in the image *is* the rotation of the
femur; depth, the weakest coordinate of a monocular pose, drops out to first order.
"""

import numpy as np

from coach.body.landmarks import indices
from coach.body.pose import Float

_SIDE_SIGN = np.array([-1.0, 1.0])  # left, right
_ROWS = indices(
    "left_hip", "right_hip", "left_knee", "right_knee",
    "left_ankle", "right_ankle", "left_shoulder", "right_shoulder",
)  # fmt: skip


def compute_shank_angles(image_px: Float) -> tuple[Float, Float]:
    """Rotation of both shanks in the image against (trunk, hip line), degrees in (-180, 180].

    `image_px` has shape (..., 33, 2), x right and y down, and shows the person's front.  Each result has
    shape (..., 2): left, right.  0 is a shank parallel to the trunk (or square to the hip line) pointing
    away from the head; internal rotation, the foot moving outwards, is positive on both sides.
    NaN where a landmark is missing or a segment has no length.
    """
    rows = image_px[..., _ROWS, :]
    x, y = rows[..., 0], rows[..., 1]  # (..., 8) each
    shank_x, shank_y = x[..., 4:6] - x[..., 2:4], y[..., 4:6] - y[..., 2:4]
    hip_x, hip_y = x[..., 1:2] - x[..., 0:1], y[..., 1:2] - y[..., 0:1]
    trunk_x = 0.5 * (x[..., 6:7] + x[..., 7:8] - x[..., 0:1] - x[..., 1:2])
    trunk_y = 0.5 * (y[..., 6:7] + y[..., 7:8] - y[..., 0:1] - y[..., 1:2])
    against_trunk = _angle_from(trunk_y, -trunk_x, shank_x, shank_y)
    against_hips = _angle_from(hip_x, hip_y, shank_x, shank_y)
    return against_trunk, against_hips


def _angle_from(right_x: Float, right_y: Float, shank_x: Float, shank_y: Float) -> Float:
    """Angle of the shank from the direction square to `right`, the person's right in the image."""
    outwards = shank_x * right_x + shank_y * right_y
    downwards = shank_x * right_y - shank_y * right_x
    angle = np.degrees(np.arctan2(_SIDE_SIGN * outwards, downwards))
    undefined = (outwards == 0.0) & (downwards == 0.0)
    return np.where(undefined, np.nan, angle)
