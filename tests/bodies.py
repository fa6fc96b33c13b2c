"""A synthetic body with known joint angles, seen by a camera with a known place.

Body axes: X forward, Y towards the head, Z to the person's right; metres, origin mid-hip.
"""

from dataclasses import dataclass, replace
from functools import cache
from math import cos, radians, sin

import numpy as np
from hypothesis import settings

from coach.body.landmarks import INDEX, LANDMARK_COUNT, SIDES, indices
from coach.body.pose import Pose

# Whoever draws bodies at random does so on busy machines too: time limits per example would only flicker.
settings.register_profile("bodies", deadline=None)
settings.load_profile("bodies")

HIP_HALF_WIDTH_M, THIGH_M, SHANK_M, TRUNK_M, SHOULDER_HALF_WIDTH_M = 0.1, 0.42, 0.4, 0.5, 0.2
SIGN = {"left": -1.0, "right": 1.0}


@dataclass(frozen=True)
class Leg:
    """Joint angles in degrees: flexion, adduction and internal rotation positive on both sides."""

    flexion: float = 90.0
    adduction: float = 0.0
    rotation: float = 0.0
    knee: float = 90.0


SITTING = Leg()
STANDING = Leg(flexion=0.0, knee=5.0)


@dataclass(frozen=True)
class Camera:
    """Azimuth 0 in front, positive to the person's left; elevation positive towards the head.

    `roll` turns the person in the picture clockwise: 0 head up, 90 head right, -90 head left.
    A `fov` of 0 is a camera infinitely far away (`distance_m` then sets the scale only).
    """

    azimuth: float = 0.0
    elevation: float = 0.0
    roll: float = 0.0
    distance_m: float = 3.0
    fov: float = 50.0
    width: int = 1280
    height: int = 720


UPRIGHT = Camera()
HEAD_LEFT = Camera(roll=-90.0)  # somebody lying on the right side, the left leg on top
HEAD_RIGHT = Camera(roll=90.0)  # somebody lying on the left side, the right leg on top


def _turn(axis, angle):
    """Rotation matrix about X, Y or Z by an angle in degrees."""
    c, s = cos(radians(angle)), sin(radians(angle))
    if axis == "X":
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    if axis == "Y":
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def _build_upper_body():
    points = np.full((LANDMARK_COUNT, 3), np.nan)
    points[INDEX["nose"]] = 0.12, 0.68, 0.0
    for side, sign in SIGN.items():
        places = {
            f"{side}_shoulder": (0.0, TRUNK_M, SHOULDER_HALF_WIDTH_M),
            f"{side}_elbow": (0.05, 0.25, 0.25),
            f"{side}_wrist": (0.2, 0.1, 0.25),
            f"{side}_pinky": (0.28, 0.1, 0.25),
            f"{side}_index": (0.28, 0.12, 0.25),
            f"{side}_thumb": (0.28, 0.14, 0.25),
            f"{side}_eye_inner": (0.1, 0.72, 0.02),
            f"{side}_eye": (0.1, 0.72, 0.03),
            f"{side}_eye_outer": (0.1, 0.72, 0.04),
            f"{side}_ear": (0.0, 0.7, 0.07),
            f"mouth_{side}": (0.1, 0.64, 0.03),
        }
        for name, (x, y, z) in places.items():
            points[INDEX[name]] = x, y, sign * z
    return points


_UPPER_BODY = _build_upper_body()
_LEG_ROWS = {s: indices(*(f"{s}_{p}" for p in ("hip", "knee", "ankle", "heel", "foot_index"))) for s in SIDES}
_SHANK = np.array([[0, -SHANK_M, 0], [-0.05, -SHANK_M - 0.05, 0], [0.15, -SHANK_M - 0.06, 0]])


def build_body(left=SITTING, right=SITTING, *, side_bend=0.0):
    """(33, 3) body-frame points; `side_bend` moves the shoulders to the person's left, degrees."""
    points = _UPPER_BODY @ _turn("X", -side_bend).T if side_bend else _UPPER_BODY.copy()
    for side, leg in (("left", left), ("right", right)):
        sign = SIGN[side]
        femur = _turn("Z", leg.flexion) @ _turn("X", sign * leg.adduction) @ _turn("Y", sign * leg.rotation)
        hip = np.array([0.0, 0.0, sign * HIP_HALF_WIDTH_M])
        knee = hip - THIGH_M * femur[:, 1]
        points[_LEG_ROWS[side]] = [hip, knee, *(knee + _SHANK @ (femur @ _turn("Z", -leg.knee)).T)]
    return points


@cache
def _camera_axes(camera):
    a, e = radians(camera.azimuth), radians(camera.elevation)
    away = -np.array([cos(e) * cos(a), sin(e), -cos(e) * sin(a)])
    up = np.array([0.0, 1.0, 0.0]) - away[1] * away
    up /= np.linalg.norm(up)
    return _turn("Z", camera.roll) @ np.stack([np.cross(away, up), -up, away])


def look(points, camera):
    """Body-frame points in the camera's axes (x right, y down, z away), origin still mid-hip."""
    return points @ _camera_axes(camera).T


def project(world_m, camera):
    """Pixels of points in the camera's axes, by a pinhole looking at the middle of the hips."""
    middle = np.array([camera.width / 2, camera.height / 2])
    if not camera.fov:
        return middle + world_m[:, :2] * 0.25 * camera.height
    focal = 0.5 * camera.width / np.tan(np.radians(camera.fov / 2))
    return middle + focal * world_m[:, :2] / (camera.distance_m + world_m[:, 2:])


def build_pose(time_s=0.0, left=SITTING, right=SITTING, camera=UPRIGHT, *, side_bend=0.0):
    """What a perfect detector would say."""
    world_m = look(build_body(left, right, side_bend=side_bend), camera)
    return Pose(time_s, project(world_m, camera), world_m, np.full(LANDMARK_COUNT, 0.99))


def rotated(leg, rotation):
    """The same leg with another internal rotation."""
    return replace(leg, rotation=rotation)


def min_jerk(share):
    """0..1 as 0..1, the way people move."""
    s = np.clip(share, 0.0, 1.0)
    return s**3 * (10 - 15 * s + 6 * s**2)


@dataclass(frozen=True)
class Movement:
    """One way out and back: `level` is reached `out_s` after `start_s`, kept, and left again."""

    start_s: float
    level: float
    out_s: float = 1.5
    stay_s: float = 0.5
    back_s: float = 1.5

    @property
    def end_s(self):
        return self.start_s + self.out_s + self.stay_s + self.back_s

    @property
    def peak_s(self):
        return self.start_s + self.out_s + self.stay_s / 2

    def at(self, time_s):
        t = np.asarray(time_s, float)
        falling = t - self.start_s - self.out_s - self.stay_s
        return self.level * (min_jerk((t - self.start_s) / self.out_s) - min_jerk(falling / self.back_s))


def plan(levels, *, first_s=2.0, half_s=1.5, stay_s=0.5, rest_s=1.0):
    """Movements one after the other, with a rest after each."""
    movements, start_s = [], first_s
    for level in levels:
        movements.append(Movement(start_s, level, half_s, stay_s, half_s))
        start_s = movements[-1].end_s + rest_s
    return movements


def follow(movements, time_s):
    """The angle at each time."""
    return sum((m.at(time_s) for m in movements), np.zeros_like(np.asarray(time_s, float)))


def clock(end_s, fps=30.0, start_s=0.0):
    """Frame times."""
    return start_s + np.arange(round((end_s - start_s) * fps)) / fps


def film(times_s, left=None, right=None, camera=UPRIGHT, leg=SITTING, *, noise_m=0.0, seed=0):
    """Poses of a body whose legs' rotations follow the arrays `left` and `right` (degrees)."""
    rng = np.random.default_rng(seed)
    zeros = np.zeros(len(times_s))
    for t, lr, rr in zip(
        times_s, zeros if left is None else left, zeros if right is None else right, strict=True
    ):
        pose = build_pose(float(t), rotated(leg, float(lr)), rotated(leg, float(rr)), camera)
        if noise_m:
            world_m = pose.world_m + rng.normal(0, noise_m, pose.world_m.shape)
            pose = Pose(pose.time_s, project(world_m, camera), world_m, pose.visibility)
        yield pose


def read_by_geometry(protocol):
    """The same test without the second opinion: that has learnt from people, and these are stick figures."""
    return replace(protocol, reading=replace(protocol.reading, learned=None))
