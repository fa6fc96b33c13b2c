"""Contact sheets: many people or poses on one picture, to be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from studio.chance import random_recipe
from studio.clip import Stage
from studio.kinematics import SIDES, hip_angles
from studio.motion import MOTIONS
from studio.plan import ClipPlan, plan_clip
from studio.recipe import Recipe
from studio.renderer import Renderer
from studio.sensor import Image, Sensor, SensorPlan
from studio.timeline import Movement

TILE = (400, 300)


def random_recipes(count: int, seed: int) -> list[Recipe]:
    """Random people in random rooms, going through the exercises and their views in turn."""
    pairs = [(exercise, view) for exercise, motion in MOTIONS.items() for view in motion.views]
    recipes = []
    for i in range(count):
        exercise, view = pairs[(i * 7) % len(pairs)]
        recipes.append(random_recipe(exercise, view, seed + i))
    return recipes


def view_recipes(exercise: str, seed: int) -> list[Recipe]:
    """One person in every view of an exercise."""
    first = random_recipe(exercise, next(iter(MOTIONS[exercise].views)), seed, fault_probability=0.0)
    plain = replace(first, sway_deg=0.0)
    return [
        replace(
            plain,
            view=view,
            camera=replace(plain.camera, height_m=None, elevation_deg=sum(v.elevation_deg) / 2),
        )
        for view, v in MOTIONS[exercise].views.items()
    ]


def pose_pictures(recipe: Recipe, levels: Iterable[float]) -> list[Image]:
    """One labelled picture per level, from one still camera."""
    levels = list(levels)
    movements = tuple(Movement(level or 1e-6, 0.5, 0.5, 0.5, 0.5, cycle=i) for i, level in enumerate(levels))
    small = replace(recipe.sensor, width=TILE[0], height=TILE[1], fps=4.0, blur_samples=1)
    plan = plan_clip(replace(recipe, movements=movements, sensor=small))
    sensor = Sensor(small, recipe.seed)
    out = []
    with Renderer(TILE) as renderer:
        stage = Stage(plan, renderer)
        for times in plan.timeline.times:
            i = round(0.5 * (times.peak_start_s + times.peak_end_s) * small.fps)
            out.append(_labelled(sensor.expose(stage.exposure(i)), plan, i))
    return out


def _labelled(picture: Image, plan: ClipPlan, index: int) -> Image:
    out, pose = picture.copy(), plan.frames[index].pose
    lines = [f"{plan.recipe.exercise} {plan.recipe.view} {plan.recipe.side}"]
    for side in SIDES:
        a = hip_angles(pose.pelvis, pose.legs[side].thigh, side)
        knee = pose.legs[side].knee_flexion_deg
        lines.append(
            f"{side[0].upper()} flex {a.flexion_deg:.0f} add {a.adduction_deg:.0f}"
            f" IR {a.internal_rotation_deg:.0f} knee {knee:.0f}"
        )
    out[: 13 * len(lines) + 4] = out[: 13 * len(lines) + 4] // 3
    for i, line in enumerate(lines):
        place = (4, 12 + 13 * i)
        cv2.putText(out, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def write_sheet(path: Path, pictures: list[Image], columns: int = 4) -> None:
    """Tile pictures into one PNG."""
    blank = np.zeros((TILE[1], TILE[0], 3), dtype=np.uint8)
    padded = pictures + [blank] * (-len(pictures) % columns)
    rows = [np.hstack(padded[i : i + columns]) for i in range(0, len(padded), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])


def clean(recipe: Recipe) -> Recipe:
    """The same clip through a perfect camera."""
    sensor = SensorPlan(width=recipe.sensor.width, height=recipe.sensor.height, noise=0.0, vignette=0.0)
    return replace(recipe, sensor=sensor)
