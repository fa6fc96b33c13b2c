"""A recipe: everything that defines a clip. The same recipe gives the same frames."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from studio.camera import CameraPlan
from studio.errors import RecipeError
from studio.motion import motion_for
from studio.people import Person
from studio.plain import from_plain, to_plain
from studio.room import RoomPlan
from studio.sensor import SensorPlan
from studio.timeline import Movement

PICTURE_VERSION = 1
"""Counted up when the same recipe gives other pictures or another truth: old clips are then out of date."""


@dataclass(frozen=True)
class FaultPlan:
    """A mistake: its kind (see the exercise), its amount, and the cycles in which it is made (none: all)."""

    kind: str
    amount: float
    cycles: tuple[int, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """One clip.

    `settings` are the exercise's own (peak angles, posture); what is missing takes its usual value.
    `lead_s` and `tail_s` are the stillness before and after. `sway_deg` is the unrest of the body.
    `entrance` lets the person walk in and get into position first and get up afterwards.
    """

    exercise: str
    side: Literal["left", "right"] = "left"
    view: str = "front"
    person: Person = field(default_factory=Person)
    camera: CameraPlan = field(default_factory=CameraPlan)
    room: RoomPlan = field(default_factory=RoomPlan)
    sensor: SensorPlan = field(default_factory=SensorPlan)
    movements: tuple[Movement, ...] = (Movement(1.0, cycle=0), Movement(1.0, cycle=1))
    lead_s: float = 1.0
    tail_s: float = 0.6
    settings: Mapping[str, float] = field(default_factory=dict)
    faults: tuple[FaultPlan, ...] = ()
    sway_deg: float = 1.0
    entrance: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        problems = _problems_of(self)
        if problems:
            raise RecipeError("; ".join(problems))

    def digest(self) -> str:
        """Names the clip: changes when anything in the recipe or in the way of drawing changes."""
        text = json.dumps([PICTURE_VERSION, to_plain(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _problems_of(recipe: Recipe) -> list[str]:
    motion = motion_for(recipe.exercise)
    problems = []
    if recipe.view not in motion.views:
        problems.append(f"view: expected one of {sorted(motion.views)}, got {recipe.view!r}")
    unknown = sorted(set(recipe.settings) - set(motion.settings))
    if unknown:
        problems.append(f"settings: unknown {unknown}; {recipe.exercise} has {sorted(motion.settings)}")
    for fault in recipe.faults:
        if fault.kind not in motion.faults:
            problems.append(f"faults: unknown {fault.kind!r}; {recipe.exercise} has {sorted(motion.faults)}")
    if recipe.movements and recipe.movements[-1].back_s <= 0:
        problems.append("movements: the last one must come back to rest (back_s > 0)")
    if any(m.out_s <= 0 for m in recipe.movements):
        problems.append("movements: out_s must be positive")
    if -1 not in motion.directions and any(m.level < 0 for m in recipe.movements):
        problems.append(f"movements: {recipe.exercise} goes one way only, levels must not be negative")
    if recipe.sensor.fps <= 0 or recipe.sensor.width % 2 or recipe.sensor.height % 2:
        problems.append("sensor: fps must be positive, width and height even")
    return problems


def recipe_from_plain(data: Any, name: str = "recipe") -> Recipe:
    """A recipe from JSON or TOML values."""
    problems: list[str] = []
    recipe = from_plain(Recipe, data, name, problems)
    if recipe is None or problems:
        raise RecipeError("\n".join(problems))
    return recipe


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from a .toml or .json file; the truth file of a clip works too."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise RecipeError(f"{path} is not valid {path.suffix[1:].upper()}: {error}") from error
    return recipe_from_plain(data.get("recipe", data), path.name)
