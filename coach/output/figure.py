"""The body in the picture: skeleton, shank and the protractor at the knee."""

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, radians, sin
from typing import Final

import numpy as np

from coach.body.landmarks import INDEX, SEGMENTS, SIDES, Side, indices
from coach.body.pose import Pose
from coach.output.drawing import (
    SIDE_COLOURS,
    WHITE,
    Points,
    arc_points,
    draw_dot,
    draw_paths,
    tint_polygon,
)
from coach.pipeline import Image, Tick

_LEG_PARTS: Final = frozenset({"hip", "knee", "ankle", "heel", "foot_index"})
_TRUNK: Final = indices("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_PAIRS: Final = tuple((INDEX[a], INDEX[b]) for a, b in SEGMENTS)
_SEGMENT_SIDES: Final = tuple(
    next((side for side in SIDES if a.startswith(side) and b.startswith(side)), None) for a, b in SEGMENTS
)
_IS_LEG: Final = tuple(
    side is not None and {a.partition("_")[2], b.partition("_")[2]} <= _LEG_PARTS
    for (a, b), side in zip(SEGMENTS, _SEGMENT_SIDES, strict=True)
)
_LEAST_VISIBILITY: Final = 0.2
_SCALE_RAD: Final = radians(60)


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a pose lands in the picture drawn on, and the picture's unit: 1 % of its shorter edge.

    scale     size of `image` over the size of the picture that the pose was found in
    mirrored  whether `image` was flipped for display
    """

    image: Image
    scale: float = 1.0
    mirrored: bool = False

    @property
    def unit(self) -> float:
        """1 % of the shorter edge, in pixels."""
        shorter: int = min(self.image.shape[:2])
        return shorter / 100

    def place(self, points: Points) -> Points:
        """Points of the pose's picture, (..., 2), as points of this one."""
        height, width = self.image.shape[:2]
        placed = points * self.scale
        if self.mirrored:
            placed[..., 0] = width - 1 - placed[..., 0]
        # A wild landmark must not send the line drawing across a million pixels.
        reach = float(max(width, height))
        return np.clip(placed, -2.0 * reach, 3.0 * reach)

    def thickness(self, units: float) -> int:
        """A line's width in pixels, at least one."""
        return max(1, round(units * self.unit))

    def text(self, units: float) -> int:
        """A text size in pixels, at least ten: below that nobody reads it."""
        return max(10, round(units * self.unit))


@dataclass(frozen=True, slots=True)
class Shank:
    """The shank as detected: where the knee is, which way it points, how long it is, and the trunk's way.

    Angles run from the picture's x axis towards its y axis, which points down.
    """

    knee: Points
    angle_rad: float
    length_px: float
    trunk_rad: float


def wrap(angle_rad: float) -> float:
    """The same direction in [-pi, pi)."""
    return (angle_rad + pi) % (2 * pi) - pi


def find_shank(pose: Pose, side: Side) -> Shank | None:
    """The shank of one side; None where knee, ankle or trunk are unseen or shrink to a point."""
    knee, ankle = (pose.image_px[INDEX[f"{side}_{name}"]] for name in ("knee", "ankle"))
    left_shoulder, right_shoulder, left_hip, right_hip = pose.image_px[_TRUNK]
    trunk = (left_hip + right_hip - left_shoulder - right_shoulder).tolist()
    shank = (ankle - knee).tolist()
    length = hypot(*shank)
    if not (length > 1.0 and hypot(*trunk) > 1.0):  # also when any of it is NaN
        return None
    return Shank(knee, atan2(shank[1], shank[0]), length, atan2(trunk[1], trunk[0]))


def draw_skeleton(canvas: Canvas, tick: Tick) -> None:
    """All visible segments in the colours of their side; the working legs thick and on top."""
    points = canvas.place(tick.pose.image_px)
    visible = np.nan_to_num(tick.pose.visibility) >= _LEAST_VISIBILITY
    drawable: list[bool] = (np.isfinite(points).all(axis=1) & visible).tolist()
    thin, thick, halo = canvas.thickness(0.5), canvas.thickness(1.5), canvas.thickness(0.35)
    others: dict[Side | None, list[Points]] = {None: [], "left": [], "right": []}
    working: dict[Side, list[Points]] = {side: [] for side in tick.working}
    for pair, side, leg in zip(_PAIRS, _SEGMENT_SIDES, _IS_LEG, strict=True):
        if drawable[pair[0]] and drawable[pair[1]]:
            group = working[side] if leg and side in working else others[side]
            group.append(points[[*pair]])
    for side, paths in others.items():
        draw_paths(canvas.image, paths, SIDE_COLOURS[side] if side else WHITE, thin, halo)
    for side, paths in working.items():
        draw_paths(canvas.image, paths, SIDE_COLOURS[side], thick, halo)
        for at in indices(f"{side}_hip", f"{side}_knee", f"{side}_ankle"):
            if drawable[at]:
                draw_dot(canvas.image, points[at], 1.3 * canvas.unit, WHITE, halo)


def draw_arc(canvas: Canvas, shank: Shank, radius: float, reference_rad: float, side: Side) -> None:
    """The protractor: a scale (every 15 degrees) around a direction, and the sector from it to the shank."""
    knee, turned = shank.knee, wrap(shank.angle_rad - reference_rad)
    colour, thin, halo = SIDE_COLOURS[side], canvas.thickness(0.3), canvas.thickness(0.25)
    sector = arc_points(knee, radius, reference_rad, reference_rad + turned)
    if abs(turned) > radians(1):
        tint_polygon(canvas.image, canvas.place(np.vstack([knee[None], sector])), colour, 0.45)
    scale = [arc_points(knee, radius, reference_rad - _SCALE_RAD, reference_rad + _SCALE_RAD)]
    for step in range(-4, 5):
        inner = 0.90 if step % 2 == 0 else 0.94
        ray = _ray(reference_rad + step * _SCALE_RAD / 4)
        scale.append(np.array([knee + inner * radius * ray, knee + radius * ray]))
    draw_paths(canvas.image, [canvas.place(path) for path in scale], WHITE, thin)
    start = np.array([knee, knee + 1.12 * radius * _ray(reference_rad)])
    draw_paths(canvas.image, [canvas.place(start)], WHITE, canvas.thickness(0.45), halo)
    draw_paths(canvas.image, [canvas.place(sector)], colour, canvas.thickness(1.0), halo)


def _ray(angle_rad: float) -> Points:
    return np.array([cos(angle_rad), sin(angle_rad)])
