"""Random recipes: people, clothes, rooms, cameras and tempos from a seed. Numpy only.

Two splits never meet: every continuous quantity is drawn from one half of the cells of its range, `tune`
from the even cells and `test` from the odd ones. Both cover the whole range, and no body, camera, tempo or
colour of one split occurs in the other.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Literal, TypeVar

import numpy as np

from studio.camera import CameraPlan
from studio.motion import Motion, View, motion_for
from studio.people import Colour, Hair, Look, Person, Shape
from studio.recipe import FaultPlan, Recipe
from studio.room import RoomPlan
from studio.sensor import SensorPlan
from studio.timeline import Movement

Split = Literal["tune", "test"]
Choice = TypeVar("Choice")
CELLS = 10
SKIN_LIGHT, SKIN_MIDDLE, SKIN_DARK = (0.91, 0.76, 0.69), (0.68, 0.48, 0.36), (0.24, 0.15, 0.11)
HAIR_COLOURS = (
    (0.04, 0.03, 0.03),
    (0.10, 0.07, 0.05),
    (0.22, 0.13, 0.08),
    (0.45, 0.30, 0.16),
    (0.70, 0.56, 0.34),
    (0.40, 0.16, 0.08),
)
FLOOR_COLOURS = ((0.62, 0.47, 0.33), (0.50, 0.50, 0.52), (0.42, 0.30, 0.20), (0.75, 0.70, 0.62))
SIZES = ((640, 480), (640, 360), (848, 480), (480, 640), (360, 640))
FRAME_RATES = (10.0, 12.0, 15.0, 20.0, 24.0, 25.0, 30.0)


class Dice:
    """Random draws that keep to one split."""

    def __init__(self, seed: int, split: Split | None = None) -> None:
        self.rng = np.random.default_rng([seed, {None: 0, "tune": 1, "test": 2}[split]])
        self._split = split

    def between(self, low: float, high: float) -> float:
        """Uniform over the split's half of the range."""
        if self._split is None or high <= low:
            return float(self.rng.uniform(low, high))
        parity = 0 if self._split == "tune" else 1
        cell = 2 * int(self.rng.integers(CELLS // 2)) + parity
        # A hair's breadth inside the cell, so that rounding cannot carry a draw over its border.
        return float(low + (high - low) * (cell + self.rng.uniform(0.001, 0.999)) / CELLS)

    def one_of(self, options: Sequence[Choice]) -> Choice:
        """Any of the options; kinds of things are shared by the splits."""
        return options[int(self.rng.integers(len(options)))]

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def colour(self, low: float, high: float) -> Colour:
        """A colour within these limits; most things are muted, a few are gaudy."""
        raw = np.array([self.between(low, high) for _ in range(3)])
        muted = self.between(0.1, 0.5) if self.rng.random() < 0.75 else 1.0
        return _colour(raw.mean() + muted * (raw - raw.mean()))


def random_person(dice: Dice) -> Person:
    """Any adult: short to tall, thin to heavy, young to old, every skin tone."""
    gender = 1.0 if dice.happens(0.5) else 0.0
    middle = 1.65 if gender else 1.77
    shape = Shape(
        stature_m=dice.between(middle - 0.15, middle + 0.16),
        gender=gender,
        age=dice.between(0.66, 0.98),
        weight=dice.between(0.25, 0.95),
        muscle=dice.between(0.30, 0.75),
        proportions=dice.between(0.2, 0.9),
        african=dice.between(0.0, 1.0),
        asian=dice.between(0.0, 1.0),
        caucasian=dice.between(0.0, 1.0),
        hip_share=dice.between(0.100, 0.112),
    )
    return Person(shape, random_look(dice, shape))


def random_look(dice: Dice, shape: Shape) -> Look:
    """Skin, hair and clothes."""
    tone = dice.between(0.0, 2.0)
    pair = (SKIN_LIGHT, SKIN_MIDDLE) if tone < 1 else (SKIN_MIDDLE, SKIN_DARK)
    skin = np.array(pair[0]) + (np.array(pair[1]) - np.array(pair[0])) * (tone % 1.0)
    hair = np.array(dice.one_of(HAIR_COLOURS))
    grey = np.clip((shape.age - 0.78) / 0.15, 0.0, 1.0) * dice.between(0.3, 1.0)
    hair = (1.0 - grey) * hair + grey * np.array([0.72, 0.71, 0.70])
    styles: tuple[Hair, ...] = ("bald", "short", "short", "short")
    if shape.gender > 0.5:
        styles = ("short", "bun", "bun", "long")
    return Look(
        skin=_colour(skin),
        shirt=dice.colour(0.06, 0.88),
        trousers=dice.colour(0.05, 0.60),
        footwear_colour=dice.colour(0.08, 0.90),
        hair_colour=_colour(hair),
        hair=dice.one_of(styles),
        sleeve=dice.one_of((0.35, 0.55, 0.6, 0.95, 1.8)),
        striped=dice.happens(0.15),
        legwear=dice.one_of(("shorts", "leggings", "leggings", "sweatpants", "loose", "loose")),
        trouser_fit_m=dice.between(0.010, 0.034),
        footwear=dice.one_of(("bare", "socks", "socks", "shoes")),
    )


def _colour(values: np.ndarray) -> Colour:
    r, g, b = (float(round(v, 4)) for v in values)
    return r, g, b


def random_room(dice: Dice) -> RoomPlan:
    """Any room: floor, walls, light and clutter."""
    base = dice.between(0.45, 0.95)
    dim = dice.happens(0.25)
    return RoomPlan(
        floor=dice.one_of(("planks", "planks", "carpet", "tiles")),
        floor_colour=_colour(np.array(dice.one_of(FLOOR_COLOURS)) * dice.between(0.8, 1.15)),
        wall_colour=_colour(np.clip(base * np.array(dice.colour(0.85, 1.08)), 0.1, 0.97)),
        mat_colour=None if dice.happens(0.25) else dice.colour(0.10, 0.75),
        light=dice.one_of(("lamp", "lamp", "window")),
        key_angle_deg=dice.one_of((-1.0, 1.0)) * dice.between(25.0, 110.0),
        brightness=dice.between(0.32, 0.55) if dim else dice.between(0.75, 1.25),
        warmth=dice.between(-1.0, 1.0),
        clutter=int(dice.rng.integers(1, 9)),
        bystander=dice.happens(0.08),
        seed=int(dice.rng.integers(1 << 31)),
    )


def random_camera(dice: Dice, view: View) -> CameraPlan:
    """A webcam near the given view: on the floor, a chair, a table or a shelf."""
    low, high = view.elevation_deg
    height = None
    if high < 30.0 and dice.happens(0.5):
        # On the floor, on a chair, on a table.
        spot = dice.one_of(((0.10, 0.30), (0.42, 0.60), (0.70, 0.95)))
        height = dice.between(*spot)
    return CameraPlan(
        azimuth_offset_deg=dice.between(-12.0, 12.0),
        elevation_deg=dice.between(low, high),
        height_m=height,
        fov_deg=dice.between(40.0, 66.0),
        roll_deg=dice.between(-3.0, 3.0),
        distance_factor=dice.between(1.0, 1.35),
        shift=(dice.between(-0.06, 0.06), dice.between(-0.05, 0.05)),
    )


def random_sensor(dice: Dice, room: RoomPlan, largest: int | None = None) -> SensorPlan:
    """Any webcam; dim rooms are noisier."""
    width, height = dice.one_of(SIZES)
    if largest is not None and max(width, height) > largest:
        width, height = (640, 480) if width > height else (480, 640)
    dim = room.brightness < 0.6
    return SensorPlan(
        fps=dice.one_of(FRAME_RATES),
        width=width,
        height=height,
        exposure=dice.between(0.9, 1.2) * (1.25 if dim else 1.0),
        cast=dice.between(-0.6, 0.6),
        focus_px=dice.between(0.0, 1.0),
        noise=dice.between(3.0, 6.5) if dim else dice.between(0.8, 3.5),
        vignette=dice.between(0.0, 0.3),
        blur_samples=dice.one_of((1, 1, 1, 2)),
        crf=round(dice.between(20, 31)),
    )


def random_settings(dice: Dice, motion: type[Motion]) -> dict[str, float]:
    """The exercise's settings within their ranges."""
    return {name: round(dice.between(s.low, s.high), 3) for name, s in motion.settings.items()}


def random_movements(dice: Dice, motion: type[Motion], cycles: int) -> tuple[Movement, ...]:
    """Repetitions with their own tempo, fatigue, pauses, and now and then one that is only half done."""
    tempo = dice.between(0.9, 2.2)
    hold = motion.usual_hold_s * (dice.between(0.8, 1.2) if motion.held else dice.between(0.3, 2.0))
    rest, fatigue = dice.between(0.2, 1.3), dice.one_of((0.0, 0.0, 0.2))
    half_done = set()
    if cycles > 2 and not motion.held and dice.happens(0.7):
        half_done = {int(dice.rng.integers(1, cycles))}
    pause_after = int(dice.rng.integers(cycles)) if dice.happens(0.5) else -1
    passes_through = dice.happens(0.5)
    out: list[Movement] = []
    for cycle in range(cycles):
        partial = cycle in half_done
        for i, direction in enumerate(motion.directions):
            amplitude = dice.between(0.30, 0.45) if partial else dice.between(0.88, 1.05)
            last = i == len(motion.directions) - 1
            pause = dice.between(2.0, 4.0) if last and cycle == pause_after else 0.0
            out.append(
                Movement(
                    level=round(direction * amplitude * (1.0 - fatigue * cycle / cycles), 4),
                    out_s=round(tempo * dice.between(0.75, 1.3) * (0.7 if partial else 1.0), 3),
                    hold_s=round(hold * dice.between(0.7, 1.4), 3),
                    back_s=round(tempo * dice.between(0.75, 1.3) * (0.7 if partial else 1.0), 3)
                    if last or not passes_through
                    else 0.0,
                    rest_s=round(rest * dice.between(0.3, 1.8) + pause, 3),
                    partial=partial,
                    cycle=cycle,
                )
            )
    return tuple(out)


def random_fault(dice: Dice, motion: type[Motion], cycles: int) -> tuple[FaultPlan, ...]:
    """One fault of the exercise, made in some of the repetitions."""
    kind = dice.one_of(sorted(motion.faults))
    low, high = motion.faults[kind].low, motion.faults[kind].high
    first = int(dice.rng.integers(0, max(1, cycles - 1)))
    return (FaultPlan(kind, round(dice.between(low, high), 2), tuple(range(first, cycles))),)


def random_recipe(
    exercise: str,
    view: str,
    seed: int,
    split: Split | None = None,
    *,
    cycles: int = 3,
    fault_probability: float = 0.25,
    largest: int | None = None,
) -> Recipe:
    """A clip by seed: person, clothes, room, camera, tempo and, sometimes, a fault."""
    motion = motion_for(exercise)
    dice = Dice(zlib.crc32(f"{exercise}/{view}/{seed}".encode()), split)
    room = random_room(dice)
    faults = random_fault(dice, motion, cycles) if motion.faults and dice.happens(fault_probability) else ()
    return Recipe(
        exercise=exercise,
        side=dice.one_of(("left", "right")),
        view=view,
        person=random_person(dice),
        camera=random_camera(dice, motion.views[view]) if view in motion.views else CameraPlan(),
        room=room,
        sensor=random_sensor(dice, room, largest),
        movements=random_movements(dice, motion, cycles),
        lead_s=round(dice.between(1.0, 2.2), 3),
        settings=random_settings(dice, motion),
        faults=faults,
        sway_deg=round(dice.between(0.5, 1.5), 3),
        seed=int(dice.rng.integers(1 << 31)),
        entrance=dice.happens(0.06),
    )
