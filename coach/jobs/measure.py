"""The range-of-motion test on a video or on stored landmarks: one result, and its files in a folder."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.result import Readings, RomSummary, summarise
from coach.exercise.rom.session import RomSession, resembles_neutral
from coach.jobs.recorded import LANDMARKS_SUFFIX, OpenDetector, Progress, open_detector, require_somebody
from coach.output.evidence import Evidence, EvidenceCollector
from coach.output.rom.report import write_rom_report
from coach.output.rom.summary import write_rom_summary
from coach.output.rom.wording import advise
from coach.pipeline import replay, run
from coach.rom_pipeline import RomPipeline
from coach.vision.landmark_store import LandmarkWriter, load_landmarks
from coach.vision.source import VideoFileSource
from coach.vision.subject_finder import SubjectFinder


@dataclass(frozen=True, slots=True)
class MeasureJob:
    """What to measure and where to: `path` is a video or a `landmarks.npz`, `folder` takes the results.

    `model` is lite, full, heavy, a path, or None for the default; `readings` are a goniometer's.
    """

    path: Path
    protocol: Protocol
    folder: Path
    model: str | None = None
    readings: Readings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it: the summary, and remarks on the footage."""

    summary: RomSummary
    warnings: tuple[str, ...] = ()


def measure(
    job: MeasureJob, progress: Progress | None = None, open_detector: OpenDetector = open_detector
) -> Measured:
    """Do one job and write `measure.json`, `measure.html` and, from a video, `landmarks.npz`.

    Raises `InputError`, `ModelError`, and `NotMeasurableError` when nobody is seen.  That a person was seen
    and nothing could be measured is a result; see `explain_unmeasurable`.
    """
    if job.protocol.withheld is not None:
        return _withheld(job)
    if job.path.suffix.lower() == LANDMARKS_SUFFIX:
        return _from_landmarks(job)
    return _from_video(job, progress, open_detector)


def explain_unmeasurable(summary: RomSummary) -> str | None:
    """A sentence or two for a test that gave no number at all, with what to do; else None."""
    advice = advise(summary)
    return f"{summary.source.name}: nothing could be measured. {advice}" if advice else None


def _withheld(job: MeasureJob) -> Measured:
    """A posture that no view carries: said at once, without looking at the footage."""
    if job.path.suffix.lower() == LANDMARKS_SUFFIX:
        facts = load_landmarks(job.path).source
    else:
        with VideoFileSource(job.path) as source:
            facts = source.facts
    summary = summarise(RomSession(job.protocol), facts, "", job.readings)
    write_results(summary, [], job.folder)
    return Measured(summary)


def _from_video(job: MeasureJob, progress: Progress | None, open_detector: OpenDetector) -> Measured:
    evidence = EvidenceCollector()
    pipeline = RomPipeline(job.protocol)
    with ExitStack() as stack:
        source = stack.enter_context(VideoFileSource(job.path))
        network = stack.enter_context(closing(open_detector(job.model)))
        detector = SubjectFinder(network, partial(resembles_neutral, job.protocol))
        duration_s = source.facts.duration_s
        landmarks = LandmarkWriter(job.folder / "landmarks.npz", lambda: source.facts, detector.model)
        with landmarks, evidence:
            run(
                source,
                detector,
                pipeline,
                [landmarks, evidence],
                lambda time_s: progress(time_s, duration_s) if progress else None,
            )
            require_somebody(pipeline.found_anybody, job.path)
        summary = summarise(pipeline.session, source.facts, detector.model, job.readings)
    write_results(summary, evidence.items, job.folder)
    return Measured(summary, source.warnings)


def _from_landmarks(job: MeasureJob) -> Measured:
    track = load_landmarks(job.path)
    pipeline = RomPipeline(job.protocol)
    replay(track, pipeline, [])
    require_somebody(pipeline.found_anybody, job.path)
    summary = summarise(pipeline.session, track.source, track.model, job.readings)
    write_results(summary, [], job.folder)
    return Measured(summary)


def write_results(summary: RomSummary, evidence: list[Evidence], folder: Path) -> None:
    """Write `measure.html` and `measure.json`."""
    write_rom_report(summary, evidence, folder / "measure.html")
    write_rom_summary(summary, folder / "measure.json")
