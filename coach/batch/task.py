"""One video of a batch, done in whatever process has it: the same function for the pool and for a cluster."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coach import __version__
from coach.batch.extras import have
from coach.batch.places import VIDEOS, Place, fetch_remote, is_url, open_place, remote_state
from coach.batch.records import RECORD, InputState, Outcome, Task, failure, hash_file
from coach.errors import CoachError, InputError, ModelError, NotMeasurableError, UsageError

if TYPE_CHECKING:
    from coach.jobs.analyze import Job
    from coach.jobs.recorded import OpenDetector
    from coach.pipeline import PoseDetector
    from coach.vision.model_store import Model

Report = Callable[[float], None]
"""Told the share done, 0..1, as a video goes."""


@dataclass(slots=True)
class Toolbox:
    """What a worker process keeps from one video to the next: the model, read and checked once."""

    models: dict[str | None, "Model"] = field(default_factory=dict)

    def open_detector(self, task: Task) -> "OpenDetector":
        """Makes detectors with the model that the task was planned with, and with no other."""

        def make(choice: str | None) -> "PoseDetector":
            from coach.vision.detector import MediaPipeDetector  # noqa: PLC0415
            from coach.vision.model_store import find_model  # noqa: PLC0415

            if choice not in self.models:
                self.models[choice] = find_model(choice, progress=False)
            model = self.models[choice]
            if model.sha256 != task.settings.model_sha256:
                raise ModelError(
                    f"Expected the pose model {task.settings.model_sha256[:12]}, got {model.sha256[:12]} "
                    f"({model.path}). Every worker needs the same one."
                )
            return MediaPipeDetector(model)

        return make


def find_finished(task: Task, place: Place) -> Outcome | None:
    """The outcome of an earlier run if it still holds: same settings, same input; None otherwise."""
    known = Outcome.from_bytes(place.read(f"{VIDEOS}/{task.key}/{RECORD}"))
    if known is None or known.digest != task.digest or known.status == "failed" or known.state is None:
        return None
    try:
        size, modified = _look_at(task.source)
        if size != known.state.size:
            return None
        same = known.source == task.source and modified == known.state.modified
        if not same and (is_url(task.source) or hash_file(Path(task.source)) != known.state.sha256):
            return None
    except (InputError, OSError):
        return None
    return replace(known, source=task.source)


def do_task(task: Task, toolbox: Toolbox | None = None, report: Report | None = None) -> Outcome:
    """Do one video and put its results and record in place.  Whatever goes wrong becomes the outcome."""
    start_s = time.process_time()
    try:
        if task.version != __version__:
            raise UsageError(f"This worker runs coach {__version__}, expected {task.version}. Update it.")
        return _do(task, toolbox or Toolbox(), report, start_s)
    except CoachError as error:
        return replace(failure(task, str(error), error.exit_code), cpu_s=_since(start_s))
    except Exception as error:  # noqa: BLE001 (one bad video must not stop the rest, whatever it provokes)
        reason = f"coach stumbled over it ({type(error).__name__}: {error}); please report this"
        return replace(failure(task, reason, 1), cpu_s=_since(start_s))


def _do(task: Task, toolbox: Toolbox, report: Report | None, start_s: float) -> Outcome:
    from coach.jobs.analyze import Job  # noqa: PLC0415 (heavy; who only asks what is done needs none of it)

    place = open_place(task.out)
    with place.scratch() as work:
        path, state = _take_in(task, work)
        folder = work / "results"
        job = Job(
            path,
            task.spec,
            folder,
            task.side,
            task.settings.model,
            task.settings.video,
            task.settings.opensim,
        )
        outcome = _analyze(job, task, toolbox, report)
        outcome = replace(outcome, state=state, cpu_s=_since(start_s))
        if outcome.files and have("pyarrow"):
            _publish_frames(task, place, folder, work)
        folder.mkdir(exist_ok=True)
        (folder / RECORD).write_bytes(outcome.to_bytes())
        place.publish(folder, f"{VIDEOS}/{task.key}")
    return outcome


def _analyze(job: "Job", task: Task, toolbox: Toolbox, report: Report | None) -> Outcome:
    def progress(done_s: float, total_s: float | None) -> None:
        if report and total_s:
            report(min(1.0, done_s / total_s))

    from coach.jobs.analyze import analyze, explain_unmeasurable  # noqa: PLC0415

    outcome = Outcome(task.key, task.source, task.spec.id, task.digest, "done")
    try:
        analysis = analyze(job, progress, toolbox.open_detector(task))
    except NotMeasurableError as error:
        return replace(outcome, status="not-measurable", exit_code=error.exit_code, reason=str(error))
    outcome = replace(outcome, files=True, warnings=analysis.warnings)
    problem = explain_unmeasurable(analysis.summary)
    if problem:
        code = NotMeasurableError.exit_code
        return replace(outcome, status="not-measurable", exit_code=code, reason=problem)
    return outcome


def _publish_frames(task: Task, place: Place, folder: Path, work: Path) -> None:
    from coach.batch.dataset import frames_name, write_frames  # noqa: PLC0415 (needs pyarrow)

    target = work / "frames.parquet"
    write_frames(folder / "frames.csv", task.key, target)
    place.publish_file(target, frames_name(task.key, task.spec.id))


def _take_in(task: Task, work: Path) -> tuple[Path, InputState]:
    """The input as a local file, and how it looked."""
    size, modified = _look_at(task.source)
    path = Path(task.source)
    if is_url(task.source):
        path = work / "input" / task.source.rpartition("/")[2]
        path.parent.mkdir()
        fetch_remote(task.source, path)
    try:
        return path, InputState(size, modified, hash_file(path))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _look_at(source: str) -> tuple[int, str]:
    if is_url(source):
        return remote_state(source)
    try:
        found = Path(source).stat()
    except OSError as error:
        raise InputError(f"There is no file {source}: {error.strerror}. Check the name.") from error
    return found.st_size, str(found.st_mtime_ns)


def _since(start_s: float) -> float:
    return round(time.process_time() - start_s, 3)
