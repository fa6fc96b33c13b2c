"""Benchmark sets by recipe: `tune` to work on, `test` to report from, `quick` to run on every change, and
`people`, many for few pictures each, to learn rotation from; `check`, as few of others in other views;
`fresh`, further people of `test`, rendered when everything was settled."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from studio.chance import Dice, Split, random_camera, random_recipe
from studio.errors import RecipeError
from studio.motion import MOTIONS
from studio.recipe import Recipe

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
FRESH_SEEDS = {
    "seated-rotation": range(8, 12),
    "windshield-wipers": range(8, 12),
    "banded-clamshell": range(8, 12),
    "side-lying-rotation": range(8, 12),
    "posterior-capsule-stretch": range(8, 12),
    "ninety-ninety-lift": range(8, 12),
    "squat-rotation": range(16, 22),
    "standing-dissociation": range(8, 12),
}
"""Further clips of recommended views; squats 8 to 15 had their say when they were counted better."""
RETESTED = ("rom-seated",)
"""Exercises whose recommended clips are filmed by a second camera too, `NAME` and `NAMEb`."""
MOST_FPS = 12.0
"""Pictures a second of a set's clips, at most, and no motion blur: a third of the cost."""
QUICK_SEEDS = 3
"""Clips of each recommended view in the quick set: some ten minutes on two cores."""
PEOPLE_SEEDS = range(1000, 1060)
"""The people that rotation is learnt from, one cycle of each exercise whose rotation is read ..."""
FAULTY_SEEDS = {
    "windshield-wipers": range(1070, 1130),
    "banded-clamshell": range(1070, 1130),
    "ninety-ninety-lift": range(1070, 1130),
}
"""... and of those whose poses differ most some more, who all make a mistake ..."""
RAISED_SEEDS = {"side-lying-rotation": range(1200, 1216)}
"""... and some before a camera that stands high, which a pose of somebody on the side hardly shows ..."""
PEOPLE_FPS = 3.0, 2.0
"""... at so many pictures a second the first thirty, and the others: what counts is how many people."""
CHECK_SEEDS, CHECK_FPS = range(1100, 1102), 3.0
"""The people of the check, in views that are not recommended, and at how many pictures a second."""
LONGEST_HOLD_S, LONGEST_REST_S = 1.2, 0.6
"""The longest that all these hold and rest: the same picture again teaches nothing."""
NOT_READ = ("posterior-capsule-stretch", "rom-prone", "rom-supine")


@dataclass(frozen=True)
class SetClip:
    """One clip of a set: its name and its recipe."""

    name: str
    recipe: Recipe


def clips_of(name: str) -> list[SetClip]:
    """The clips of one of `SET_NAMES`, always the same. All but `test` and `fresh` are parts of `tune`.

    `RecipeError` if there is no such set.
    """
    if name not in _SETS:
        raise RecipeError(f"there is no set {name!r}; there are {', '.join(SET_NAMES)} and samples")
    return list(_SETS[name]())


def _split(split: Split) -> Iterator[SetClip]:
    for exercise, motion in MOTIONS.items():
        for view, details in motion.views.items():
            for seed in range(RECOMMENDED_SEEDS if details.recommended else OTHER_SEEDS):
                clip = _whole_clip(exercise, view, seed, split)
                yield clip
                if exercise in RETESTED and details.recommended:
                    yield _film_again(clip, split)


def _whole_clip(exercise: str, view: str, seed: int, split: Split) -> SetClip:
    recipe = random_recipe(exercise, view, seed, split, cycles=CYCLES[exercise], largest=640)
    sensor = replace(recipe.sensor, fps=min(recipe.sensor.fps, MOST_FPS), blur_samples=1)
    return SetClip(f"{exercise}_{view}_{seed}", replace(recipe, sensor=sensor))


def _fresh() -> Iterator[SetClip]:
    for exercise, seeds in FRESH_SEEDS.items():
        for view in _recommended_views(exercise):
            for seed in seeds:
                yield _whole_clip(exercise, view, seed, "test")


def _film_again(clip: SetClip, split: Split) -> SetClip:
    """The same person and movement before a second camera near the same view: test and retest."""
    recipe = clip.recipe
    dice = Dice(zlib.crc32(f"{clip.name}/again".encode()), split)
    camera = random_camera(dice, MOTIONS[recipe.exercise].views[recipe.view])
    return SetClip(f"{clip.name}b", replace(recipe, camera=camera))


def _quick() -> Iterator[SetClip]:
    """Small pictures at 10 a second of every recommended view, at most two repetitions."""
    for exercise in MOTIONS:
        for view in _recommended_views(exercise):
            for seed in range(QUICK_SEEDS):
                cycles = min(CYCLES[exercise], 2)
                recipe = random_recipe(exercise, view, seed, "tune", cycles=cycles, largest=640)
                sensor = replace(recipe.sensor, fps=10.0, width=480, height=360, blur_samples=1)
                yield SetClip(f"{exercise}_{view}_{seed}", replace(recipe, sensor=sensor))


def _people() -> Iterator[SetClip]:
    for exercise, view, recommended in _read_views():
        if recommended:
            for seed in PEOPLE_SEEDS:
                yield _one_cycle(exercise, view, seed, PEOPLE_FPS[seed >= PEOPLE_SEEDS[30]])
            for seed in FAULTY_SEEDS.get(exercise, ()):
                yield _one_cycle(exercise, view, seed, PEOPLE_FPS[1], faulty=1.0)
        elif view == "front-high":
            for seed in RAISED_SEEDS.get(exercise, ()):
                yield _one_cycle(exercise, view, seed, PEOPLE_FPS[1])


def _check() -> Iterator[SetClip]:
    for exercise, view, recommended in _read_views():
        if not recommended:
            for seed in CHECK_SEEDS:
                yield _one_cycle(exercise, view, seed, CHECK_FPS)


def _recommended_views(exercise: str) -> list[str]:
    return [view for view, details in MOTIONS[exercise].views.items() if details.recommended]


def _read_views() -> Iterator[tuple[str, str, bool]]:
    """Exercise, view and whether it is recommended, of all exercises whose rotation is read."""
    for exercise, motion in MOTIONS.items():
        if exercise not in NOT_READ:
            for view, details in motion.views.items():
                yield exercise, view, details.recommended


def _one_cycle(exercise: str, view: str, seed: int, fps: float, faulty: float = 0.25) -> SetClip:
    """One movement to each side, nobody else in the picture, no long holds and rests."""
    recipe = random_recipe(exercise, view, seed, "tune", cycles=1, fault_probability=faulty, largest=640)
    movements = tuple(
        replace(m, hold_s=min(m.hold_s, LONGEST_HOLD_S), rest_s=min(m.rest_s, LONGEST_REST_S))
        for m in recipe.movements
    )
    sensor = replace(recipe.sensor, fps=fps, blur_samples=1)
    room = replace(recipe.room, bystander=False)
    recipe = replace(recipe, movements=movements, entrance=False, sensor=sensor, room=room)
    return SetClip(f"{exercise}_{view}_{seed}", recipe)


_SETS: dict[str, Callable[[], Iterator[SetClip]]] = {
    "tune": lambda: _split("tune"),
    "test": lambda: _split("test"),
    "fresh": _fresh,
    "quick": _quick,
    "people": _people,
    "check": _check,
}
SET_NAMES = tuple(_SETS)
