"""The live job: camera, pose model, session, voice, window and history put together.

Three threads: the camera's grabs, one here finds the pose and runs the session on the latest picture, and
the main one shows pictures at the camera's rate with whatever is known by then.
"""

import queue
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from math import nan
from statistics import median
from typing import Final

from coach.errors import InputError
from coach.exercise.session import SessionSummary
from coach.exercise.setup import resembles_start
from coach.exercise.spec import ExerciseSpec
from coach.jobs.worker import Worker
from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.live.state import LiveState, Look, Say
from coach.live.talk import merge_says
from coach.output.recorder import Recorder
from coach.output.voice import Voice
from coach.pipeline import Frame, Image, PoseDetector, Sink, Tick
from coach.vision.camera import LiveSource
from coach.vision.grabber import Shot
from coach.vision.subject_finder import SubjectFinder

_WAIT_S: Final = 0.1
_BRIGHTNESS_STEP: Final = 16
_LATENCIES: Final = 3000
_WARM_UP: Final = 5  # the model's first pictures take several times as long

Command = Callable[[LiveSession], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """One exercise done, or left: what it came to."""

    spec: ExerciseSpec
    summary: SessionSummary
    history_id: int | None


@dataclass(slots=True)
class LiveOutputs:
    """Where states go; each may be missing.

    on_state   told each state as it comes, in the worker's thread
    on_say     told what is said outside of states
    landmarks  takes every tick, for those who want to keep the poses; given up when it fails
    warn       told in a sentence what failed while the session goes on
    """

    voice: Voice | None = None
    recorder: Recorder | None = None
    on_state: Callable[[LiveState], None] | None = None
    on_say: Callable[[Say], None] | None = None
    landmarks: Sink | None = None
    warn: Callable[[str], None] | None = None


@dataclass(slots=True)
class LiveFigures:
    """How fast it went: pictures analysed, and the age of each when its result was there, seconds."""

    analysed: int = 0
    ages_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LATENCIES))

    def describe(self, source: LiveSource) -> str:
        """The closing words about speed."""
        dropped = source.slot.dropped
        skipped = f"{dropped} of {self.analysed + dropped} pictures skipped"
        late = f", result after {1000 * median(self.ages_s):.0f} ms" if self.ages_s else ""
        return f"{source.facts.fps:.0f} pictures/s, {skipped}{late}"

    def describe_briefly(self, source: LiveSource) -> str:
        """The same for the corner of the window; rounded, so that it seldom changes."""
        share = 100 * source.slot.dropped / max(1, self.analysed + source.slot.dropped)
        return f"{source.facts.fps:.0f} pictures/s, {share:.0f} % skipped"


class Coaching(Worker):
    """Runs one exercise after the other on one source, until it is stopped or the source ends.

    `start` begins in a thread; `latest` is what to show; commands are handed over with `tell`.
    """

    def __init__(
        self,
        source: LiveSource,
        make_detector: Callable[[], PoseDetector],
        specs: Mapping[str, ExerciseSpec],
        plans: Mapping[str, Plan],
        outputs: LiveOutputs,
    ) -> None:
        super().__init__("session")
        self._source = source
        self._make_detector = make_detector
        self._specs = specs
        self._plans = plans
        self._outputs = outputs
        self._commands: queue.SimpleQueue[Command | str] = queue.SimpleQueue()
        self._latest: tuple[LiveState, Shot] | None = None
        self._exercise = ""
        self._model = ""
        self.figures = LiveFigures()
        self.finished: list[Finished] = []
        self.was_anybody_seen = False

    @property
    def exercise(self) -> str:
        """Id of the running exercise."""
        return self._exercise

    @property
    def latest(self) -> tuple[LiveState, Shot] | None:
        """The newest state and the picture that it came from; None before the first."""
        return self._latest

    def start(self, exercise: str) -> None:
        """Begin with this exercise."""
        self._exercise = exercise
        self._thread.start()

    def tell(self, command: Command) -> None:
        """Hand the session a command; it is carried out before the next picture."""
        self._commands.put(command)

    def change_exercise(self, exercise: str) -> None:
        """End this exercise and begin another one."""
        self._commands.put(exercise)

    # -- the worker

    def _work(self) -> None:
        with closing(self._make_detector()) as detector:
            self._model = detector.model
            following: str | None = self._exercise
            while following is not None and not self._stop.is_set():
                self._exercise = following
                following = self._run_exercise(detector)

    def _run_exercise(self, detector: PoseDetector) -> str | None:
        """Run until stopped or done; the id of the exercise to go on with, None to end."""
        spec, plan = self._specs[self._exercise], self._plans[self._exercise]
        recorder = self._outputs.recorder
        if recorder is not None and recorder.knows(spec):
            plan = replace(plan, explain=False)
        finder = SubjectFinder(detector, partial(resembles_start, spec))
        session = LiveSession(spec, plan, recorder.best_today(spec) if recorder is not None else None)
        try:
            while not self._stop.is_set():
                following = self._obey(session)
                if following is not None:
                    return following
                shot = self._source.slot.take(_WAIT_S)
                if shot is not None:
                    self._update(session, finder, shot)
                elif self._source.state in ("ended", "failed"):
                    break
                elif self._source.state == "lost":
                    self._tell_lost(session)
            return None
        finally:
            self._conclude(session)

    def _obey(self, session: LiveSession) -> str | None:
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return None
            if isinstance(command, str):
                return command
            command(session)

    def _update(self, session: LiveSession, detector: PoseDetector, shot: Shot) -> None:
        pose = detector.detect(Frame(shot.time_s, shot.image))
        height, width = shot.image.shape[:2]
        state = session.update(pose, Look(width, height, measure_brightness(shot.image)))
        self._latest = (state, shot)
        self.was_anybody_seen = self.was_anybody_seen or pose.seen
        self.figures.analysed += 1
        if self.figures.analysed > _WARM_UP:
            self.figures.ages_s.append(time.monotonic() - shot.taken_s)
        say = merge_says(state.says)
        if say is not None and self._outputs.voice is not None:
            self._outputs.voice.say(say, shot.taken_s - (shot.time_s - say.time_s))
        if self._outputs.recorder is not None:
            spec = self._specs[self._exercise]
            self._outputs.recorder.write(state, spec, self._plans[self._exercise])
        self._keep(state.tick)
        if self._outputs.on_state is not None:
            self._outputs.on_state(state)

    def _keep(self, tick: Tick) -> None:
        """Hand the poses on; a full disk costs them, never the session."""
        if self._outputs.landmarks is None:
            return
        try:
            self._outputs.landmarks.write(tick, None)
        except InputError as error:
            self._outputs.landmarks = None
            if self._outputs.warn is not None:
                self._outputs.warn(f"{error} The session goes on without keeping the poses.")

    def _tell_lost(self, session: LiveSession) -> None:
        time_s = self._latest[0].time_s if self._latest else nan
        for say in session.lose_camera(time_s):
            if self._outputs.voice is not None:
                self._outputs.voice.say(say, time.monotonic())
            if self._outputs.on_say is not None:
                self._outputs.on_say(say)

    def _conclude(self, session: LiveSession) -> None:
        """Store and keep what the exercise came to."""
        done = session.finish()
        recorder, number = self._outputs.recorder, None
        if recorder is not None:
            recorder.add(done)
            number = recorder.session
            recorder.finish(complete=session.complete)
        if session.found_anybody:
            summary = session.summary(self._source.facts, self._model)
            self.finished.append(Finished(self._specs[self._exercise], summary, number))


def measure_brightness(image: Image) -> float:
    """Mean of the picture, 0..1, from every 16th pixel."""
    return float(image[::_BRIGHTNESS_STEP, ::_BRIGHTNESS_STEP].mean()) / 255.0


def wait_until_open(source: LiveSource, limit_s: float, on_wait: Callable[[], bool]) -> bool:
    """Wait for the camera in small steps, showing something meanwhile; False when the person gave up.

    Raises `CameraError` with the reason when it does not open.
    """
    until_s = time.monotonic() + limit_s
    while source.slot.peek() is None:
        if not on_wait():
            return False
        if source.state in ("failed", "ended") or time.monotonic() > until_s:
            source.wait_until_open(0.0)
    return True


def next_exercise(specs: Mapping[str, ExerciseSpec], current: str, step: int) -> str:
    """The exercise `step` further in the list, going round."""
    ids = list(specs)
    return ids[(ids.index(current) + step) % len(ids)]
