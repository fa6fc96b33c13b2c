"""One frame in, one `Tick` out: live sessions, video files and replays all run this."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import SIDES, Side
from coach.body.pose import Pose, PoseTrack, SourceFacts
from coach.body.smoothing import PoseSmoother, ZeroPhaseSmoother
from coach.exercise.events import Event
from coach.exercise.runner import ExerciseRunner, RunnerState, SideChoice
from coach.exercise.session import SessionFold, SessionSummary
from coach.exercise.spec import ExerciseSpec
from coach.rotation.estimator import BodyMeasurement, RotationEstimator
from coach.rotation.rotation import Rotation

Image = NDArray[np.uint8]

_AT_ONCE = 256  # poses of a replay: enough to share the cost of a call, little memory
_WAITING = 32  # frames of a recording; more gain nothing ...
_WAITING_BYTES = 64 * 2**20  # ... and their pictures have to be kept meanwhile


@dataclass(frozen=True, slots=True)
class Frame:
    """One upright picture.

    time_s  seconds on the source's own clock, strictly increasing
    image   (height, width, 3) uint8, BGR.  The buffer is reused: it is valid until the next frame is asked
            for, so whoever keeps it copies it or gives another one for it (`FrameSource.keep_last`).
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

    def keep_last(self, spare: Image | None) -> None:
        """The buffer of the last frame stays with whoever calls this; the source goes on with `spare`.

        With None, or a buffer of another size, the source makes itself a new one.
        """
        ...

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


class Sink(AbstractContextManager["Sink"], Protocol):
    """Takes ticks and writes, draws, speaks or stores them."""

    def write(self, tick: Tick, image: Image | None) -> None:
        """Take one tick; `image` is the upright BGR frame, None in a replay.  Must not modify or keep it."""
        ...


class PosePipeline(Protocol):
    """Takes poses and gives ticks back, possibly later; what `run` and `replay` drive."""

    def update(self, pose: Pose) -> list[Tick]:
        """Take the next pose; return the ticks that became ready, in time order."""
        ...

    def update_many(self, poses: Sequence[Pose]) -> list[Tick]:
        """The same for several poses that are at hand."""
        ...

    def flush(self) -> list[Tick]:
        """The footage is over: return the ticks still held back."""
        ...


class Pipeline:
    """Smooths, measures, counts and adds up.  `update` takes one pose, `summary` tells what it came to.

    With the default smoother ticks come a fraction of a second late, so that they can be free of phase
    shift; `flush` returns the last ones.  A causal smoother makes every tick immediate.
    """

    def __init__(
        self, spec: ExerciseSpec, side: SideChoice = "auto", smoother: PoseSmoother | None = None
    ) -> None:
        self._spec = spec
        self._smoother: PoseSmoother = smoother or ZeroPhaseSmoother()
        self._estimator = RotationEstimator(spec.reading)
        self._runner = ExerciseRunner(spec, side, self._smoother.trails_s)
        self._fold = SessionFold(spec)

    @property
    def found_anybody(self) -> bool:
        """Whether a person has been seen so far."""
        return self._fold.frames_with_pose > 0

    def update(self, pose: Pose) -> list[Tick]:
        """Take the next pose; return the ticks that became ready, in time order."""
        return self._make_ticks(self._smoother.update(pose))

    def update_many(self, poses: Sequence[Pose]) -> list[Tick]:
        """The same for several poses that are at hand, which costs less than one by one."""
        return self._make_ticks([pair for pose in poses for pair in self._smoother.update(pose)])

    def flush(self) -> list[Tick]:
        """The footage is over: return the ticks still held back, and close what was under way."""
        ticks = self._make_ticks(self._smoother.flush())
        self._fold.add(self._runner.finish())
        return ticks

    def restart(self, side: SideChoice) -> tuple[Event, ...]:
        """Go on with the next set or the other leg: counts and start pose afresh, the summary goes on.

        Returns what was still under way and has something to report.
        """
        ended = self._runner.finish()
        self._fold.add(ended)
        self._runner = ExerciseRunner(self._spec, side, self._smoother.trails_s)
        return ended

    def summary(self, source: SourceFacts, model: str, *, complete: bool = True) -> SessionSummary:
        """What the session came to so far."""
        return self._fold.summarise(source, model, complete=complete)

    def _make_ticks(self, pairs: list[tuple[Pose, Pose]]) -> list[Tick]:
        bodies = self._estimator.update_many(pairs)
        return [self._tick(raw, body) for (raw, _), body in zip(pairs, bodies, strict=True)]

    def _tick(self, raw: Pose, body: BodyMeasurement) -> Tick:
        state = self._runner.update(body)
        self._fold.update(body, state)
        sides = {side: _side_tick(body, state, side) for side in SIDES}
        return Tick(raw.time_s, raw, body.pose, sides, state.working, state.events, state.cue)


def _side_tick(body: BodyMeasurement, state: RunnerState, side: Side) -> SideTick:
    leg, machine = body.legs[side], state.legs[side]
    return SideTick(
        machine.phase,
        leg.rotation,
        leg.hip_flexion_deg,
        leg.hip_adduction_deg,
        leg.knee_flexion_deg,
        machine.change,
        machine.rep_count,
        machine.held_s,
    )


def run(
    source: FrameSource,
    detector: PoseDetector,
    pipeline: PosePipeline,
    sinks: Sequence[Sink],
    on_frame: Callable[[float], None] | None = None,
    *,
    live: bool = False,
) -> None:
    """Push every frame of a source through; `on_frame` is told each frame's time as it goes in.

    Where nobody waits for them (not `live`), the poses of some frames are taken together: run right after
    the network, which has filled the processor's caches, all the rest takes three times as long.
    """
    pictures = _Pictures()
    poses: list[Pose] = []
    for frame in source:
        poses.append(detector.detect(frame))
        if sinks:
            source.keep_last(pictures.keep(frame))
        if live or len(poses) >= min(_WAITING, _WAITING_BYTES // frame.image.nbytes):
            _hand_out(pipeline.update_many(poses), pictures, sinks)
            poses.clear()
        if on_frame is not None:
            on_frame(frame.time_s)
    _hand_out(pipeline.update_many(poses) + pipeline.flush(), pictures, sinks)


def replay(track: PoseTrack, pipeline: PosePipeline, sinks: Sequence[Sink]) -> None:
    """The same from stored landmarks, without pictures."""
    pictures = _Pictures()
    poses = iter(track)
    while several := list(islice(poses, _AT_ONCE)):
        _hand_out(pipeline.update_many(several), pictures, sinks)
    _hand_out(pipeline.flush(), pictures, sinks)


def _hand_out(ticks: list[Tick], pictures: "_Pictures", sinks: Sequence[Sink]) -> None:
    for tick in ticks:
        image = pictures.take(tick.time_s)
        for sink in sinks:
            sink.write(tick, image)


class _Pictures:
    """Frames waiting for their ticks, in buffers that go round between here and the source."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Image]] = deque()
        self._spare: list[Image] = []
        self._out: Image | None = None

    def keep(self, frame: Frame) -> Image | None:
        """Keep a frame until its tick is there; returns a buffer to be used instead, if there is one."""
        self._waiting.append((frame.time_s, frame.image))
        return self._spare.pop() if self._spare else None

    def take(self, time_s: float) -> Image | None:
        """The frame of this instant, valid until the next call; None in a replay."""
        if self._out is not None:
            self._spare.append(self._out)
            self._out = None
        if self._waiting and self._waiting[0][0] == time_s:
            self._out = self._waiting.popleft()[1]
        return self._out
