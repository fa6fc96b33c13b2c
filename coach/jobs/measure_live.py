"""The range-of-motion test in front of a camera; trials are found as `coach measure` finds them in a video.

The result comes a third of a second late, because the pipeline smooths without phase shift; only the body
that is drawn is smoothed at once.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from coach.body.landmarks import SIDES, Side
from coach.body.pose import Pose, SourceFacts
from coach.body.smoothing import OneEuroSmoother
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.result import Readings, RomSummary, summarise
from coach.exercise.rom.session import resembles_neutral
from coach.exercise.rom.trial import Direction
from coach.jobs.coach_live import measure_brightness
from coach.jobs.measure import write_results
from coach.jobs.rom_guide import RomGuide
from coach.jobs.worker import Worker
from coach.live.gesture import RaisedHand
from coach.live.preview import make_preview_tick
from coach.live.state import Look, Say
from coach.output.evidence import EvidenceCollector
from coach.pipeline import Frame, Image, PoseDetector, Tick, run
from coach.rom_pipeline import RomPipeline
from coach.rotation.estimator import measure_body
from coach.vision.camera import LiveSource
from coach.vision.landmark_store import LandmarkWriter
from coach.vision.subject_finder import SubjectFinder

_WAIT_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class MeasureState:
    """One instant of the test.

    tick      the pose of this instant, with the newest rotations known
    prompt    the one line to show
    counts    trials that count, per leg and direction
    held_s    how long the end of the range has been held
    complete  whether nothing is left to do
    upcoming  the leg and direction to do next
    """

    time_s: float
    tick: Tick
    prompt: str
    counts: dict[tuple[Side, Direction], int]
    held_s: float
    complete: bool
    upcoming: tuple[Side, Direction] | None = None
    says: tuple[Say, ...] = ()


class Measuring(Worker):
    """Runs one test on one source in a thread of its own, until `stop`, a raised hand, or the source's end.

    on_state  told each state as it comes, in the worker's thread
    readings  a goniometer's, to store beside the result
    folder    takes `measure.html`, `measure.json` and `landmarks.npz`, once somebody was seen
    """

    def __init__(
        self,
        source: LiveSource,
        make_detector: Callable[[], PoseDetector],
        protocol: Protocol,
        folder: Path,
        on_state: Callable[[MeasureState], None] | None = None,
        readings: Readings | None = None,
    ) -> None:
        super().__init__("measuring")
        self._readings = readings
        self._source = source
        self._make_detector = make_detector
        self._protocol = protocol
        self._folder = folder
        self._on_state = on_state
        self.summary: RomSummary | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def _work(self) -> None:
        with closing(self._make_detector()) as detector:
            self._measure(detector)

    def _measure(self, detector: PoseDetector) -> None:
        pipeline = RomPipeline(self._protocol)
        finder = SubjectFinder(detector, partial(resembles_neutral, self._protocol))
        watcher = _Watcher(self._protocol, finder, pipeline, self._show)
        evidence = EvidenceCollector()
        landmarks = LandmarkWriter(self._folder / "landmarks.npz", lambda: self._source.facts, detector.model)
        with landmarks, evidence:
            run(_Pictures(self._source, self._stop), watcher, pipeline, [landmarks, evidence], live=True)
            if not pipeline.found_anybody:
                landmarks.discard()
        self.summary = summarise(pipeline.session, self._source.facts, detector.model, self._readings)
        if pipeline.found_anybody:
            write_results(self.summary, evidence.items, self._folder)

    def _show(self, state: MeasureState, *, hand: bool) -> None:
        if self._on_state is not None:
            self._on_state(state)
        if hand:
            self._stop.set()


class CameraWatch:
    """`update` tells, once each, that the camera was lost and that it is back."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._lost = False

    def update(self) -> tuple[Say, ...]:
        """What to say now."""
        lost = self._source.state == "lost"
        if lost == self._lost:
            return ()
        self._lost = lost
        text = "I lost the camera. Waiting for it." if lost else "The camera is back."
        return (Say(text, "stop", time.monotonic()),)


class _Pictures:
    """A live source's pictures until it ends or somebody asks to stop; a lost camera is waited for."""

    def __init__(self, source: LiveSource, stop: threading.Event) -> None:
        self._source = source
        self._stop = stop

    @property
    def facts(self) -> SourceFacts:
        return self._source.facts

    def __iter__(self) -> Iterator[Frame]:
        while not self._stop.is_set():
            shot = self._source.slot.take(_WAIT_S)
            if shot is not None:
                yield Frame(shot.time_s, shot.image)
            elif self._source.state in ("ended", "failed"):
                return

    def keep_last(self, spare: Image | None) -> None:
        """Each picture is an array of its own: there is nothing to give back."""

    def close(self) -> None:
        self._stop.set()


class _Watcher:
    """A detector that also tells what each picture showed, before the pipeline gets to it."""

    def __init__(
        self,
        protocol: Protocol,
        detector: PoseDetector,
        pipeline: RomPipeline,
        show: Callable[..., None],
    ) -> None:
        self._protocol = protocol
        self._detector = detector
        self._pipeline = pipeline
        self._show = show
        self._smoother = OneEuroSmoother()
        self._guide = RomGuide(protocol)
        self._hand = RaisedHand()
        self._told = 0

    @property
    def model(self) -> str:
        return self._detector.model

    def detect(self, frame: Frame) -> Pose:
        pose = self._detector.detect(frame)
        height, width = frame.image.shape[:2]
        look = Look(width, height, measure_brightness(frame.image))
        raw, smooth = self._smoother.update(pose)[0]
        known = self._pipeline.newest
        trials = self._pipeline.session.trials[self._told :]
        self._told += len(trials)
        prompt, says = self._guide.update(smooth, look, known[1] if known else None, trials)
        state = MeasureState(
            pose.time_s,
            _draw_now(raw, smooth, known[0] if known else None, self._protocol),
            prompt,
            dict(self._guide.counts),
            max((leg.held_s for leg in known[1].legs.values()), default=0.0) if known else 0.0,
            self._guide.complete,
            self._guide.upcoming,
            says,
        )
        self._show(state, hand=self._hand.update(pose))
        return pose

    def close(self) -> None:
        self._detector.close()


def _draw_now(raw: Pose, smooth: Pose, known: Tick | None, protocol: Protocol) -> Tick:
    """The body of this instant with the rotations of the newest tick."""
    if known is None:
        return make_preview_tick(raw, measure_body(smooth, protocol.reading))
    return replace(known, time_s=raw.time_s, raw=raw, pose=smooth, events=(), working=known.working or SIDES)
