"""One frame in, one `Tick` out: live sessions, video files and replays all run this."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import Side
from coach.body.pose import Pose, SourceFacts
from coach.exercise.events import Event
from coach.rotation.rotation import Rotation

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frame:
    """One upright picture.

    time_s  seconds on the source's own clock, strictly increasing
    image   (height, width, 3) uint8, BGR.  The buffer is reused: it is valid until the next frame is asked
            for, so whoever keeps it copies it.
    """

    time_s: float
    image: Image


class FrameSource(Protocol):
    """Anything that yields frames: a file, a camera, a list in memory.  Used as a context manager."""

    @property
    def facts(self) -> SourceFacts:
        """Name, size, rate; the count and duration become exact once the frames are exhausted."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Release the device or file; idempotent."""
        ...


class PoseDetector(Protocol):
    """Finds one person in a picture."""

    @property
    def model(self) -> str:
        """Name of the network, for `summary.json`."""
        ...

    def detect(self, frame: Frame) -> Pose:
        """The pose in this frame; `Pose.missing` when nobody is there."""
        ...

    def close(self) -> None:
        """Release the network; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class SideTick:
    """One leg at one instant: anatomical angles in degrees (NaN where withheld) and where its machine is.

    measure_deg   the exercise's driving measure, as change from the start pose; NaN before it is known
    phase         "set-up", "ready", or the machine's own phase names from the spec
    rep_count     valid reps so far
    held_s        seconds held so far in the running hold, 0 when none is running
    """

    phase: str
    rotation: Rotation
    hip_flexion_deg: float
    hip_adduction_deg: float
    knee_flexion_deg: float
    measure_deg: float
    rep_count: int
    held_s: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Everything known about one instant; what every sink is given.

    raw      the pose as detected: what `landmarks.npz` stores and a replay starts from
    pose     the smoothed pose, for drawing
    working  the legs that the exercise is (so far) being done with; empty before that is known
    events   reps, holds and faults that were completed at this instant
    cue      what the coach says now, None for nothing
    """

    time_s: float
    raw: Pose
    pose: Pose
    sides: dict[Side, SideTick]
    working: tuple[Side, ...]
    events: tuple[Event, ...]
    cue: str | None


class Sink(Protocol, AbstractContextManager["Sink"]):  # type: ignore[misc]
    """Takes ticks and writes, draws, speaks or stores them."""

    def write(self, tick: Tick, image: Image | None) -> None:
        """Take one tick; `image` is the upright BGR frame, None in a replay.  Must not modify or keep it."""
        ...
