"""The sample clips: every exercise and test once, at the lengths that people do them."""

from __future__ import annotations

from studio.camera import CameraPlan
from studio.kinematics import Side
from studio.people import PRESETS
from studio.recipe import FaultPlan, Recipe
from studio.room import RoomPlan
from studio.sensor import SensorPlan
from studio.sets import SetClip
from studio.timeline import Movement

SENSOR = SensorPlan(fps=15.0, noise=1.2, crf=26)
ROOMS = (
    RoomPlan(clutter=4, seed=3),
    RoomPlan("carpet", (0.55, 0.53, 0.50), (0.70, 0.76, 0.80), (0.45, 0.25, 0.45), warmth=-0.4, seed=8),
    RoomPlan(
        "planks", (0.45, 0.33, 0.23), (0.86, 0.82, 0.74), (0.25, 0.40, 0.30), "window", clutter=6, seed=11
    ),
    RoomPlan("tiles", (0.72, 0.68, 0.62), (0.90, 0.90, 0.88), (0.70, 0.42, 0.30), clutter=3, seed=21),
)


def sample_clips() -> list[SetClip]:
    """The samples, always the same."""
    there_and_back = _trials(3, 1.6, 2.4)
    return [
        _sample("seated-rotation", "left", 0, _reps(4, 1.5, 0.7, half_done=2)),
        _sample("side-lying-rotation", "left", 1, _both_ways(3, 1.5, 0.5)),
        _sample("banded-clamshell", "right", 2, _reps(6, 1.0, 0.4, half_done=4)),
        _sample("windshield-wipers", "left", 3, _both_ways(1, 2.0, 30.0)),
        _sample("posterior-capsule-stretch", "right", 4, _reps(2, 2.0, 10.0)),
        _sample("ninety-ninety-lift", "left", 1, _reps(3, 1.1, 5.0)),
        _sample("squat-rotation", "right", 2, _both_ways(3, 1.2, 0.4)),
        _sample("standing-dissociation", "left", 0, _both_ways(3, 1.3, 0.4)),
        _sample("rom-seated", "right", 1, there_and_back),
        _sample("rom-supine", "left", 0, there_and_back, elevation_deg=40.0),
        _sample("rom-prone", "right", 4, there_and_back, view="foot-high", elevation_deg=42.0),
        _sample("seated-rotation", "left", 3, (), name="seated_rest"),
        _sample(
            "banded-clamshell",
            "left",
            0,
            _reps(4, 1.1, 0.4),
            name="banded_clamshell_pelvis_rolls",
            faults=(FaultPlan("pelvis-roll", 20.0, (2, 3)),),
        ),
    ]


def _sample(
    exercise: str,
    side: Side,
    person: int,
    movements: tuple[Movement, ...],
    *,
    name: str | None = None,
    view: str | None = None,
    elevation_deg: float = 12.0,
    faults: tuple[FaultPlan, ...] = (),
) -> SetClip:
    """One sample from its recommended view."""
    views = {
        "windshield-wipers": "foot-high",
        "posterior-capsule-stretch": "side",
        "squat-rotation": "three-quarter",
        "rom-supine": "foot-high",
    }
    shown = view or views.get(exercise, "front")
    camera = CameraPlan(elevation_deg=40.0 if shown == "foot-high" else elevation_deg, fov_deg=52.0)
    recipe = Recipe(
        exercise=exercise,
        side=side,
        view=shown,
        person=list(PRESETS.values())[person],
        camera=camera,
        room=ROOMS[person % len(ROOMS)],
        sensor=SENSOR,
        movements=movements,
        lead_s=1.5 if movements else 12.0,
        tail_s=1.0,
        faults=faults,
        sway_deg=0.8,
        seed=person + 10,
    )
    return SetClip(name or f"{exercise.replace('-', '_')}_{side}", recipe)


def _reps(count: int, tempo_s: float, hold_s: float, half_done: int | None = None) -> tuple[Movement, ...]:
    """Repetitions one way, none quite like the other; one of them may be only half done."""
    return tuple(
        Movement(
            level=0.38 if i == half_done else 1.0 - 0.03 * (i % 3),
            out_s=tempo_s * (1.0 + 0.12 * (i % 2)),
            hold_s=hold_s * (1.0 + 0.03 * (i % 2)),
            back_s=tempo_s * (1.1 - 0.1 * (i % 3)),
            rest_s=0.6 + 0.5 * (i % 2),
            partial=i == half_done,
            cycle=i,
        )
        for i in range(count)
    )


def _both_ways(count: int, tempo_s: float, hold_s: float) -> tuple[Movement, ...]:
    """Repetitions that go one way, straight on the other way, and back."""
    out: list[Movement] = []
    for i in range(count):
        tempo = tempo_s * (1.0 + 0.1 * (i % 2))
        out.append(Movement(1.0 - 0.02 * i, tempo, hold_s, 0.0, cycle=i))
        out.append(Movement(-0.95 + 0.02 * i, 1.5 * tempo, hold_s, tempo, 0.8, cycle=i))
    return tuple(out)


def _trials(count: int, tempo_s: float, hold_s: float) -> tuple[Movement, ...]:
    """Range-of-motion trials: all internal ones, then all external ones, each held."""
    return tuple(
        Movement(sign * (1.0 - 0.02 * i), tempo_s, hold_s, tempo_s, 0.8, cycle=i if sign > 0 else count + i)
        for sign in (1, -1)
        for i in range(count)
    )
