"""What a pose shows of both legs, as numbers that depend on neither the person's size and place nor the side.

Lengths in the picture are in trunk lengths, along the person's own directions there; directions in the pose
model's space are in the pelvis frame of `coach.body.angles`, x forward, y up along the trunk.  What points
sideways is positive towards the leg in question, so that a left leg and a right one read alike.
"""

import numpy as np

from coach.body.landmarks import indices
from coach.body.pose import Float

_IN_PICTURE = (("hip", "knee"), ("knee", "ankle"), ("heel", "foot_index"), ("ankle", "heel"))
_IN_SPACE = _IN_PICTURE[:2]
_LEGS, _WAYS = ("own", "other"), ("out", "down")
_SIGN = np.array([-1.0, 1.0])[:, None]  # left, right: towards the leg in question

FEATURES = (
    *(f"{leg} {a} to {b}, {way}" for leg in _LEGS for a, b in _IN_PICTURE for way in _WAYS),
    *(f"{line}, {way}" for line in ("hip line", "shoulder line") for way in _WAYS),
    *(f"{leg} {a} to {b}, {axis}" for leg in _LEGS for a, b in _IN_SPACE for axis in "xyz"),
    *(f"shoulder line, {axis}" for axis in "xyz"),
    *(f"camera, {axis}" for axis in "xyz"),
)
"""What the columns of `describe_legs` mean."""


def _rows(segments: tuple[tuple[str, str], ...], end: int) -> list[int]:
    return list(indices(*(f"{side}_{s[end]}" for side in ("left", "right") for s in segments)))


_PICTURE_FROM, _PICTURE_TO = _rows(_IN_PICTURE, 0), _rows(_IN_PICTURE, 1)
_SPACE_FROM, _SPACE_TO = _rows(_IN_SPACE, 0), _rows(_IN_SPACE, 1)
_LEFT, _RIGHT = indices("left_hip", "left_shoulder"), indices("right_hip", "right_shoulder")


def describe_legs(world_m: Float, image_px: Float) -> Float:
    """Features of T poses, (T, 33, 3) and (T, 33, 2), as (T, 2, len(FEATURES)): left leg, right leg.

    NaN where a landmark is missing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        picture = _describe_picture(image_px)
        space = _describe_space(world_m)
    return np.concatenate([picture, space], axis=2)


def _describe_picture(image_px: Float) -> Float:
    left, right = image_px[:, _LEFT], image_px[:, _RIGHT]
    middle = 0.5 * (left + right)
    trunk = middle[:, 0] - middle[:, 1]
    down = trunk / np.sum(trunk * trunk, axis=1, keepdims=True)  # its length also turns pixels to trunks
    to_right = np.stack([-down[:, 1], down[:, 0]], axis=1)
    axes = np.stack([to_right, down], axis=2)
    legs = ((image_px[:, _PICTURE_TO] - image_px[:, _PICTURE_FROM]) @ axes).reshape(len(axes), 2, -1, 2)
    lines = np.repeat(((right - left) @ axes)[:, None], 2, axis=1)
    lines[..., 1] *= _SIGN
    both = np.stack([legs, legs[:, ::-1]], axis=2)  # (T, leg in question, own and other, segment, way)
    both[..., 0] *= _SIGN[:, None]
    return np.concatenate([_flat(both), _flat(lines)], axis=2)


def _describe_space(world_m: Float) -> Float:
    across = world_m[:, _RIGHT] - world_m[:, _LEFT]
    trunk = world_m[:, (_LEFT[1], _RIGHT[1])].sum(axis=1) - world_m[:, (_LEFT[0], _RIGHT[0])].sum(axis=1)
    z = _unit(across[:, 0])
    y = _unit(trunk - np.sum(trunk * z, axis=1, keepdims=True) * z)
    axes = np.stack([np.cross(y, z), y, z], axis=2)
    legs = (_unit(world_m[:, _SPACE_TO] - world_m[:, _SPACE_FROM]) @ axes).reshape(len(axes), 2, -1, 3)
    both = np.stack([legs, legs[:, ::-1]], axis=2)
    both[..., 2] *= _SIGN[:, None]
    shoulders = np.repeat((_unit(across[:, 1])[:, None] @ axes), 2, axis=1)
    shoulders[..., :2] *= _SIGN
    camera = np.repeat(-axes[:, 2:3], 2, axis=1)
    camera[..., 2:] *= _SIGN
    return np.concatenate([_flat(both), shoulders, camera], axis=2)


def _unit(vectors: Float) -> Float:
    unit: Float = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _flat(features: Float) -> Float:
    return features.reshape(*features.shape[:2], -1)
