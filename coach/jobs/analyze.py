"""The main job: one video (or its stored landmarks) in, a folder of results out."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from coach.body.pose import SourceFacts
from coach.errors import InputError
from coach.exercise.runner import SideChoice
from coach.exercise.session import SessionSummary
from coach.exercise.setup import resembles_start
from coach.exercise.spec import ExerciseSpec
from coach.jobs.recorded import LANDMARKS_SUFFIX, OpenDetector, Progress, open_detector, require_somebody
from coach.output.evidence import EvidenceCollector
from coach.output.opensim import MotWriter, TrcWriter
from coach.output.report import write_report
from coach.output.summary import write_summary
from coach.output.tables import FramesCsv, write_reps_csv
from coach.pipeline import Pipeline, Sink, replay, run
from coach.vision.landmark_store import LandmarkWriter, load_landmarks
from coach.vision.source import VideoFileSource
from coach.vision.subject_finder import SubjectFinder


@dataclass(frozen=True, slots=True)
class Job:
    """What to analyse and where to: `path` is a video or a `landmarks.npz`, `folder` takes the results.

    `model` is lite, full, heavy, a path, or None for the default; `video` says whether to draw one, `opensim`
    whether to write `angles.mot` and `landmarks.trc` as well; `name` is what to call the footage in the
    results, its file name where None.
    """

    path: Path
    spec: ExerciseSpec
    folder: Path
    side: SideChoice = "auto"
    model: str | None = None
    video: bool = True
    opensim: bool = False
    name: str | None = None

    def rename(self, facts: SourceFacts) -> SourceFacts:
        """The facts of the footage under the name to show."""
        return replace(facts, name=self.name) if self.name is not None else facts


@dataclass(frozen=True, slots=True)
class Analysis:
    """What came of one input: the summary, and remarks on the footage."""

    summary: SessionSummary
    warnings: tuple[str, ...] = ()


def analyze(
    job: Job, progress: Progress | None = None, open_detector: OpenDetector = open_detector
) -> Analysis:
    """Do one job.  Either all files appear in its folder or none.

    Raises `InputError`, `ModelError`, and `NotMeasurableError` when nobody is seen.
    """
    with _staging(job.folder) as stage:
        if job.path.suffix.lower() == LANDMARKS_SUFFIX:
            return _from_landmarks(job, stage)
        return _from_video(job, stage, progress, open_detector)


def explain_unmeasurable(summary: SessionSummary) -> str | None:
    """A sentence for a session in which this view let nothing be counted or measured, else None."""
    sides = summary.sides.values()
    if summary.view.ok or any(s.reps or s.holds or not isinstance(s.rotation, str) for s in sides):
        return None
    return (
        f"{summary.source.name}: expected the {summary.view.expected} view for this exercise, "
        f"got {summary.view.measured}, from where nothing can be measured. {summary.view.advice}"
    )


def _from_video(job: Job, stage: Path, progress: Progress | None, open_detector: OpenDetector) -> Analysis:
    with ExitStack() as stack:
        source = stack.enter_context(VideoFileSource(job.path))
        network = stack.enter_context(closing(open_detector(job.model)))
        detector = SubjectFinder(network, partial(resembles_start, job.spec))
        pipeline = Pipeline(job.spec, job.side)
        evidence = EvidenceCollector(job.spec)
        facts = source.facts
        with ExitStack() as files:
            sinks: list[Sink] = [
                files.enter_context(FramesCsv(stage / "frames.csv")),
                files.enter_context(
                    LandmarkWriter(stage / "landmarks.npz", lambda: job.rename(source.facts), detector.model)
                ),
                files.enter_context(evidence),
                *_open_exchange(job, stage, lambda: source.facts, files),
            ]
            if job.video:
                from coach.output.video import AnnotatedVideoWriter  # noqa: PLC0415 - loads PyAV

                writer = AnnotatedVideoWriter(stage / "annotated.mp4", job.spec, fps=facts.fps)
                sinks.append(files.enter_context(writer))
            run(
                source,
                detector,
                pipeline,
                sinks,
                lambda t: progress(t, facts.duration_s) if progress else None,
            )
            require_somebody(pipeline.found_anybody, job.path)
        summary = pipeline.summary(job.rename(source.facts), detector.model)
    _write_results(summary, job, evidence, stage)
    return Analysis(summary, source.warnings)


def _from_landmarks(job: Job, stage: Path) -> Analysis:
    track = load_landmarks(job.path)
    pipeline = Pipeline(job.spec, job.side)
    evidence = EvidenceCollector(job.spec)
    with ExitStack() as files:
        sinks: list[Sink] = [
            files.enter_context(FramesCsv(stage / "frames.csv")),
            files.enter_context(evidence),
            *_open_exchange(job, stage, lambda: track.source, files),
        ]
        replay(track, pipeline, sinks)
        require_somebody(pipeline.found_anybody, job.path)
    summary = pipeline.summary(job.rename(track.source), track.model, complete=track.complete)
    _write_results(summary, job, evidence, stage)
    return Analysis(summary)


def _open_exchange(job: Job, stage: Path, facts: Callable[[], SourceFacts], files: ExitStack) -> list[Sink]:
    if not job.opensim:
        return []
    return [
        files.enter_context(MotWriter(stage / "angles.mot")),
        files.enter_context(TrcWriter(stage / "landmarks.trc", facts)),
    ]


def _write_results(summary: SessionSummary, job: Job, evidence: EvidenceCollector, stage: Path) -> None:
    write_reps_csv(summary, stage / "reps.csv")
    write_report(summary, stage / "frames.csv", evidence.items, job.spec, stage / "report.html")
    write_summary(summary, stage / "summary.json")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder beside the final one; its files move over when the block ends well, else it vanishes."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".coach-", dir=folder.parent))
    except OSError as error:
        raise InputError(
            f"Expected a folder to write results to at {folder.parent}, got: {error.strerror}. "
            "Choose a writable one with --out."
        ) from error
    try:
        yield stage
        _move_over(stage, folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _move_over(stage: Path, folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        for file in sorted(stage.iterdir()):
            file.replace(folder / file.name)
    except OSError as error:
        raise InputError(
            f"Could not write the results to {folder}: {error.strerror}. Choose another folder with --out."
        ) from error
