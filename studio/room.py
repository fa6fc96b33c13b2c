"""The room around the person: floor, walls, window, mat, furniture and light, from a plan and a seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio import furniture
from studio.camera import Camera
from studio.motion.base import Box
from studio.people import Colour
from studio.primitives import Material, Triangles, box, quad
from studio.rotations import UP, Array

WALL_HEIGHT_M = 2.7
FLOOR_MATERIAL = {"planks": Material.PLANKS, "carpet": Material.CARPET, "tiles": Material.TILES}


@dataclass(frozen=True)
class RoomPlan:
    """What the room looks like. Colours are sRGB, 0 to 1.

    `key_angle_deg` is where the main light comes from, counted from the camera's side around the person.
    `brightness` 1 is a well-lit room, 0.35 a dim one; `warmth` -1 is cool daylight, +1 a warm lamp.
    `clutter` is the number of pieces of furniture, placed by `seed`. `bystander` puts a second person at
    the back of the room.
    """

    floor: Literal["planks", "carpet", "tiles"] = "planks"
    floor_colour: Colour = (0.62, 0.47, 0.33)
    wall_colour: Colour = (0.82, 0.80, 0.76)
    mat_colour: Colour | None = (0.30, 0.42, 0.50)
    light: Literal["lamp", "window"] = "lamp"
    key_angle_deg: float = 45.0
    brightness: float = 1.0
    warmth: float = 0.2
    clutter: int = 4
    bystander: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Light:
    """The lights of a scene, ready for the shader."""

    key_position: Array
    key_colour: Array
    fill_position: Array
    fill_colour: Array
    sky_colour: Array
    ground_colour: Array
    softness: float


@dataclass(frozen=True)
class Wall:
    """A wall: the direction in which it lies from the middle of the room, and how far."""

    azimuth_deg: float
    distance_m: float

    @property
    def outwards(self) -> Array:
        """Unit direction from the middle of the room to the wall."""
        a = np.deg2rad(self.azimuth_deg)
        return np.array([np.cos(a), np.sin(a), 0.0])

    @property
    def along(self) -> Array:
        """Unit direction along the wall."""
        return np.cross(UP, self.outwards)


def build_room(
    plan: RoomPlan, camera: Camera, mat: tuple[float, float, float, float] | None, own: Iterable[Box]
) -> Triangles:
    """All fixed surfaces of the scene. `own` are the boxes that the exercise itself needs."""
    rng = np.random.default_rng(plan.seed)
    parts = [_floor(plan)]
    walls = [w for w in _walls(rng) if w.outwards @ camera.eye < w.distance_m - 0.3]
    for wall in walls:
        parts.append(_wall_panel(wall, plan.wall_colour))
    if plan.light == "window" and walls:
        parts += _window(walls[int(rng.integers(len(walls)))], rng)
    if mat is not None and plan.mat_colour is not None:
        x0, x1, y0, y1 = mat
        parts.append(box((x0, y0, 0.0), (x1, y1, 0.004), plan.mat_colour, Material.MAT))
    parts += [box(low, high, colour) for low, high, colour in own]
    parts += _clutter(plan, walls, camera, rng)
    return np.concatenate(parts)


def light_for(plan: RoomPlan, camera: Camera, target: Array) -> Light:
    """Key light by the plan, a weak fill from the other side, and the room's own glow."""
    towards = camera.eye - target
    angle = np.arctan2(towards[1], towards[0]) + np.deg2rad(plan.key_angle_deg)
    distance, height = (3.2, 2.2) if plan.light == "window" else (2.3, 2.7)
    key = target * [1, 1, 0] + distance * np.array([np.cos(angle), np.sin(angle), 0.0]) + UP * height
    fill = 3.0 * np.array([np.cos(angle + 2.0), np.sin(angle + 2.0), 0.0]) + UP * 1.5
    warm = np.array([1.0, 0.94, 0.86]) if plan.warmth > 0 else np.array([0.90, 0.96, 1.06])
    tint = 1.0 + abs(plan.warmth) * (warm - 1.0)
    strength = plan.brightness
    key_strength = 2.4 if plan.light == "window" else 1.6
    return Light(
        key,
        key_strength * strength * tint,
        fill,
        0.28 * strength * np.array([0.95, 1.0, 1.1]),
        0.52 * strength * (0.5 + 0.5 * tint),
        0.22 * strength * np.array([1.0, 0.93, 0.85]),
        0.010 if plan.light == "window" else 0.006,
    )


def _floor(plan: RoomPlan) -> Triangles:
    s = 9.0
    corners = [(-s, -s, 0), (s, -s, 0), (s, s, 0), (-s, s, 0)]
    return quad(corners, plan.floor_colour, FLOOR_MATERIAL[plan.floor])


def _walls(rng: np.random.Generator) -> list[Wall]:
    return [
        Wall(azimuth, float(rng.uniform(low, high)))
        for azimuth, low, high in ((90, 1.9, 3.2), (0, 2.3, 3.4), (180, 2.3, 3.4), (-90, 2.6, 3.6))
    ]


def _wall_panel(wall: Wall, colour: Colour) -> Triangles:
    middle, half = wall.outwards * wall.distance_m, wall.along * 9.0
    top = UP * WALL_HEIGHT_M
    return quad(
        [middle + half, middle - half, middle - half + top, middle + half + top], colour, Material.WALL
    )


def _window(wall: Wall, rng: np.random.Generator) -> list[Triangles]:
    """A bright window with a frame and a cross bar."""
    middle = wall.outwards * (wall.distance_m - 0.02) + wall.along * rng.uniform(-1.2, 1.2)
    half, low, high = (
        wall.along * rng.uniform(0.4, 0.8),
        UP * rng.uniform(0.7, 1.0),
        UP * rng.uniform(1.9, 2.3),
    )
    inner = -wall.outwards * 0.02
    frame, edge = (0.9, 0.9, 0.88), wall.along * 0.06
    pane = [middle - half + low, middle + half + low, middle + half + high, middle - half + high]
    rim = [
        middle - half - edge + low * 0.94,
        middle + half + edge + low * 0.94,
        middle + half + edge + high * 1.03,
        middle - half - edge + high * 1.03,
    ]
    bar = [
        p + inner * 2
        for p in (
            middle - edge * 0.4 + low,
            middle + edge * 0.4 + low,
            middle + edge * 0.4 + high,
            middle - edge * 0.4 + high,
        )
    ]
    glow = np.asarray(rng.uniform([0.80, 0.86, 0.92], [0.95, 0.97, 1.0]))
    return [
        quad(rim, frame),
        quad([p + inner for p in pane], glow, Material.GLOW, float(rng.uniform(1.5, 4.0))),
        quad(bar, frame),
    ]


def _clutter(plan: RoomPlan, walls: list[Wall], camera: Camera, rng: np.random.Generator) -> list[Triangles]:
    """Furniture along the walls that the camera sees, clear of the person and of the line of sight."""
    out: list[Triangles] = []
    taken: list[Array] = []
    for _ in range(plan.clutter * 4):
        if len(out) >= plan.clutter or not walls:
            break
        wall = walls[int(rng.integers(len(walls)))]
        hangs = rng.random() < 0.25
        back = wall.outwards * (wall.distance_m - 0.03) + wall.along * rng.uniform(-2.4, 2.4)
        piece = furniture.picture if hangs else furniture.PIECES[int(rng.integers(len(furniture.PIECES)))]
        triangles = piece(rng)
        front = back - wall.outwards * 0.5
        if not _is_clear(front, camera, taken):
            continue
        taken.append(front)
        out.append(furniture.placed(triangles, back[0], back[1], wall.azimuth_deg - 90.0))
    return out


def _is_clear(place: Array, camera: Camera, taken: list[Array]) -> bool:
    """Away from the mat, from the camera and from other pieces, and not in front of the person."""
    sight = -camera.eye[:2] / (np.linalg.norm(camera.eye[:2]) + 1e-9)
    depth = float((place[:2] - camera.eye[:2]) @ sight)
    beside = abs(float(place[:2] @ np.array([-sight[1], sight[0]])))
    in_sight = 0.0 < depth < np.linalg.norm(camera.eye[:2]) + 0.6 and beside < 1.4
    return bool(
        np.linalg.norm(place[:2]) > 1.5
        and np.linalg.norm(place[:2] - camera.eye[:2]) > 1.2
        and not in_sight
        and all(np.linalg.norm(place - t) > 1.05 for t in taken)
    )
