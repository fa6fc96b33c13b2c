"""A small session with known numbers, shared by the tests of the sinks and writers."""

from collections.abc import Callable
from math import nan, pi, sin

import numpy as np
import pytest

from coach.body.landmarks import INDEX, LANDMARK_COUNT, Side
from coach.body.pose import Pose, SourceFacts
from coach.exercise.events import Event, Fault, Hold, Rep
from coach.exercise.session import (
    NotAssessed,
    RotationRange,
    SessionSummary,
    SideSummary,
    Tracking,
    ViewSummary,
)
from coach.exercise.spec import ExerciseSpec, find_spec
from coach.pipeline import SideTick, Tick
from coach.rotation.rotation import Rotation

# A person sitting and facing the camera, as fractions of the picture: the person's left is on our right.
_SEATED = {
    "nose": (0.50, 0.15),
    "left_shoulder": (0.58, 0.30),
    "right_shoulder": (0.42, 0.30),
    "left_elbow": (0.62, 0.42),
    "right_elbow": (0.38, 0.42),
    "left_wrist": (0.60, 0.52),
    "right_wrist": (0.40, 0.52),
    "left_hip": (0.55, 0.55),
    "right_hip": (0.45, 0.55),
    "left_knee": (0.57, 0.60),
    "right_knee": (0.43, 0.60),
    "right_ankle": (0.43, 0.85),
    "right_heel": (0.43, 0.87),
    "right_foot_index": (0.43, 0.90),
}


def seated_pose(time_s: float, left_deg: float, width: int, height: int) -> Pose:
    """Seated; the left shank is turned outwards by `left_deg` in the picture."""
    image = np.full((LANDMARK_COUNT, 2), (0.5 * width, 0.15 * height))
    for name, (x, y) in _SEATED.items():
        image[INDEX[name]] = x * width, y * height
    angle = np.radians(left_deg)
    knee, shank = image[INDEX["left_knee"]], 0.25 * height
    direction = np.array([np.sin(angle), np.cos(angle)])
    for name, share in (("left_ankle", 1.0), ("left_heel", 1.08), ("left_foot_index", 1.2)):
        image[INDEX[name]] = knee + share * shank * direction
    return Pose(time_s, image, np.zeros((LANDMARK_COUNT, 3)), np.full(LANDMARK_COUNT, 0.9))


def side_tick(measure_deg: float, *, phase: str = "ready", reps: int = 0, held_s: float = 0.0) -> SideTick:
    rotation = (
        Rotation.withheld("unseen")
        if np.isnan(measure_deg)
        else Rotation(measure_deg + 5.0, 4.0, "image-plane")
    )
    return SideTick(phase, rotation, 90.0, 4.0, 88.0, measure_deg, reps, held_s)


@pytest.fixture
def spec() -> ExerciseSpec:
    return find_spec("seated-rotation")


@pytest.fixture
def make_tick() -> Callable[..., Tick]:
    """A tick at `time_s` whose left leg has moved by `left_deg` since the start pose."""

    def make(
        time_s: float,
        left_deg: float = 0.0,
        *,
        phase: str = "ready",
        events: tuple[Event, ...] = (),
        cue: str | None = None,
        size: tuple[int, int] = (320, 240),
        reps: int = 0,
        held_s: float = 0.0,
        seen: bool = True,
        working: tuple[Side, ...] = ("left",),
    ) -> Tick:
        pose = seated_pose(time_s, left_deg, *size) if seen else Pose.missing(time_s)
        sides: dict[Side, SideTick] = {
            "left": side_tick(left_deg if seen else nan, phase=phase, reps=reps, held_s=held_s),
            "right": side_tick(nan),
        }
        return Tick(time_s, pose, pose, sides, working, events, cue)

    return make


@pytest.fixture
def session_ticks(make_tick: Callable[..., Tick]) -> list[Tick]:
    """Three reps of 2 s after 1 s in the start pose, at 20 fps, peaks 35, 36 and 20 degrees."""
    ticks = [make_tick(i / 20) for i in range(20)]
    for number, peak in enumerate((35.0, 36.0, 20.0)):
        start = 1.0 + 2.0 * number
        for i in range(40):
            time_s = start + i / 20
            done = i == 39
            events = (rep(number, peak),) if done else ()
            ticks.append(
                make_tick(
                    time_s,
                    peak * sin(pi * i / 40),
                    phase="ready" if done or i < 4 else "turning",
                    events=events,
                    reps=number + done,
                )
            )
    return ticks


def rep(number: int, peak: float) -> Rep:
    start = 1.0 + 2.0 * number
    partial = peak < 25.0
    return Rep(
        "left", start, start + 1.0, start + 1.95, peak + 5.0, 4.0, not partial, ("range",) if partial else ()
    )


@pytest.fixture
def summary() -> SessionSummary:
    left = SideSummary(
        reps=(rep(0, 35.0), rep(1, 36.0), rep(2, 20.0)),
        holds=(Hold("left", 7.0, 12.5, 5.012345, 5.0, True),),
        rotation=RotationRange(-3.21, 41.04, 4.0, "image-plane", "cannot-tell"),
    )
    right = SideSummary((), (), "The right leg was hidden.")
    return SessionSummary(
        exercise="seated-rotation",
        complete=True,
        source=SourceFacts("morning.mp4", 320, 240, 20.0, 140, 7.0),
        model="full",
        tracking=Tracking(140, 138, 0.1),
        view=ViewSummary("front", "front, 4° off", True, None),
        sides={"left": left, "right": right},
        faults=(
            Fault("range", "left", 5.0, 6.95, "A little further.", "minor"),
            Fault("trunk-lean", None, 3.2, 3.9, "Sit tall.", "major"),
        ),
        not_assessed=(NotAssessed("buttock-lift", "The hips were covered."),),
    )
