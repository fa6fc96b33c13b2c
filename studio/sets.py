"""Benchmark sets by recipe: `tune` to work on, `test` to report from, `quick` to run on every change."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from studio.chance import Dice, Split, random_camera, random_recipe
from studio.motion import MOTIONS
from studio.recipe import Recipe

SetName = Literal["tune", "test", "quick"]
SET_NAMES: tuple[SetName, ...] = ("tune", "test", "quick")
CYCLES = {
    "side-lying-rotation": 3,
    "seated-rotation": 4,
    "windshield-wipers": 2,
    "posterior-capsule-stretch": 1,
    "ninety-ninety-lift": 2,
    "banded-clamshell": 5,
    "squat-rotation": 3,
    "standing-dissociation": 3,
    "rom-seated": 2,
    "rom-prone": 1,
    "rom-supine": 2,
}
"""Repetitions of one clip: enough to count, short enough to render."""
RECOMMENDED_SEEDS, OTHER_SEEDS = 8, 2
"""Clips of each recommended view, and of each other view."""
RETESTED = ("rom-seated",)
"""Exercises whose recommended clips are filmed by a second camera too, `NAME` and `NAMEb`."""
MOST_FPS = 12.0
"""Pictures a second of a set's clips, at most, and no motion blur: a third of the cost."""
QUICK_SEEDS = 3
"""Clips of each recommended view in the quick set: some ten minutes on two cores."""


@dataclass(frozen=True)
class SetClip:
    """One clip of a set: its name and its recipe."""

    name: str
    recipe: Recipe


def clips_of(name: SetName) -> list[SetClip]:
    """The clips of a set, always the same. `quick` is a small part of `tune`: never of `test`."""
    if name == "quick":
        return list(_quick())
    return list(_split(name))


def _split(split: Split) -> Iterator[SetClip]:
    for exercise, motion in MOTIONS.items():
        for view, details in motion.views.items():
            for seed in range(RECOMMENDED_SEEDS if details.recommended else OTHER_SEEDS):
                recipe = random_recipe(exercise, view, seed, split, cycles=CYCLES[exercise], largest=640)
                sensor = replace(recipe.sensor, fps=min(recipe.sensor.fps, MOST_FPS), blur_samples=1)
                clip = SetClip(f"{exercise}_{view}_{seed}", replace(recipe, sensor=sensor))
                yield clip
                if exercise in RETESTED and details.recommended:
                    yield _film_again(clip, split)


def _film_again(clip: SetClip, split: Split) -> SetClip:
    """The same person and movement before a second camera near the same view: test and retest."""
    recipe = clip.recipe
    dice = Dice(zlib.crc32(f"{clip.name}/again".encode()), split)
    camera = random_camera(dice, MOTIONS[recipe.exercise].views[recipe.view])
    return SetClip(f"{clip.name}b", replace(recipe, camera=camera))


def _quick() -> Iterator[SetClip]:
    """Small pictures at 10 a second of every recommended view, at most two repetitions."""
    for exercise, motion in MOTIONS.items():
        for view in (v for v, details in motion.views.items() if details.recommended):
            for seed in range(QUICK_SEEDS):
                cycles = min(CYCLES[exercise], 2)
                recipe = random_recipe(exercise, view, seed, "tune", cycles=cycles, largest=640)
                sensor = replace(recipe.sensor, fps=10.0, width=480, height=360, blur_samples=1)
                yield SetClip(f"{exercise}_{view}_{seed}", replace(recipe, sensor=sensor))
