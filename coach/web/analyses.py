"""Uploaded videos: a queue, one analysis at a time, and the results until somebody deletes them.

Each has a folder of its own under a random name; what the browser calls a file is only ever shown.
"""

import json
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from coach.errors import CoachError, InputError
from coach.exercise.runner import SideChoice
from coach.exercise.spec import ExerciseSpec
from coach.jobs.analyze import Job, analyze, explain_unmeasurable
from coach.jobs.recorded import OpenDetector
from coach.output.atomic import write_text
from coach.output.history import History
from coach.output.wording import describe_nothing
from coach.web.settings import Settings
from coach.web.wire import summary_to_json

ANALYSES: Final = "analyses"
FILES: Final = {
    "report.html": "text/html",
    "annotated.mp4": "video/mp4",
    "summary.json": "application/json",
    "reps.csv": "text/csv",
    "frames.csv": "text/csv",
    "landmarks.npz": "application/octet-stream",
}
"""What can be fetched of a result, by the name that is asked for."""

State = Literal["uploading", "queued", "running", "waiting", "done", "failed", "cancelled"]

_UPLOAD: Final = "upload"
_LOCK: Final = "in-use.sqlite3"
_CARD: Final = "card.json"
_WAIT_S: Final = 0.25
_AT_WORK: Final = ("running", "waiting")
_ENDED: Final = ("done", "failed", "cancelled")


class _CancelledError(Exception):
    """Raised inside an analysis that is no longer wanted."""


@dataclass(slots=True)
class Analysis:
    """One uploaded video.

    share   0..1 of the video that was analysed
    words   what went wrong, or what has to be said about the footage
    card    the result, as `summary_to_json` gives it
    """

    id: str
    name: str
    exercise: str
    side: SideChoice
    keep: bool
    remember: bool
    folder: Path
    state: State = "uploading"
    share: float = 0.0
    words: str = ""
    card: dict[str, Any] | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def upload(self) -> Path:
        """Where the video itself lies while it is needed."""
        return self.folder / _UPLOAD

    def to_json(self) -> dict[str, Any]:
        """What the page shows."""
        return {
            "id": self.id,
            "name": self.name,
            "exercise": self.exercise,
            "state": self.state,
            "share": round(self.share, 3),
            "words": self.words,
            "result": self.card,
            "files": [name for name in FILES if (self.folder / name).is_file()] if self.card else [],
        }


class Queue:
    """All analyses, running or done.  Used from the event loop's thread; the work is done in another."""

    def __init__(
        self, settings: Settings, open_detector: OpenDetector, waits: Callable[[], bool] = lambda: False
    ) -> None:
        """`waits` tells whether somebody is in front of the camera, who needs the processor now."""
        self._waits = waits
        self._settings = settings
        self._open_detector = open_detector
        self._folder = settings.folder / ANALYSES
        self._all: dict[str, Analysis] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = sqlite3.connect(self._folder / _LOCK, timeout=0.0, check_same_thread=False)
        self._load(alone=self._is_alone())

    @property
    def items(self) -> list[Analysis]:
        """The newest last."""
        return list(self._all.values())

    @property
    def full(self) -> bool:
        """Whether no more can be taken at the moment."""
        waiting = sum(item.state not in _ENDED for item in self._all.values())
        return waiting >= self._settings.limits.queue

    def find(self, key: str) -> Analysis | None:
        """One of them; keys are looked up, never joined to a path."""
        return self._all.get(key)

    def add(self, name: str, spec: ExerciseSpec, side: SideChoice, *, keep: bool, remember: bool) -> Analysis:
        """Make room for an upload."""
        key = secrets.token_hex(8)
        folder = self._folder / key
        folder.mkdir(parents=True)
        item = Analysis(key, name, spec.id, side, keep, remember, folder)
        self._all[key] = item
        return item

    def submit(self, item: Analysis) -> None:
        """The upload is there: analyse it when its turn comes."""
        item.state = "queued"
        self._worker.submit(self._work, item)

    def remove(self, item: Analysis) -> None:
        """Cancel it if it runs, and delete everything about it."""
        item.cancelled.set()
        self._all.pop(item.id, None)
        if item.state not in _AT_WORK:
            item.state = "cancelled"
            shutil.rmtree(item.folder, ignore_errors=True)

    def clear(self) -> None:
        """Delete all of them."""
        for item in self.items:
            self.remove(item)

    def close(self) -> None:
        """Cancel what runs or waits; what is done stays."""
        for item in self.items:
            if item.state not in _ENDED:
                self.remove(item)
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._lock.close()

    # -- the worker

    def _work(self, item: Analysis) -> None:
        if item.cancelled.is_set():
            return
        item.state = "running"
        try:
            self._analyse(item)
            item.state = "done"
        except _CancelledError:
            item.state = "cancelled"
        except CoachError as error:
            item.words = str(error).replace(str(item.upload), item.name).replace(item.upload.name, item.name)
            item.state = "failed"
        except Exception as error:  # noqa: BLE001  (the queue goes on, and the page tells)
            item.words = (
                f"The analysis failed: {type(error).__name__}. This is a bug in coach; please report it."
            )
            item.state = "failed"
        finally:
            if item.cancelled.is_set():
                shutil.rmtree(item.folder, ignore_errors=True)
            elif not item.keep:
                item.upload.unlink(missing_ok=True)

    def _analyse(self, item: Analysis) -> None:
        spec, longest_s = self._settings.specs[item.exercise], self._settings.limits.duration_s

        def progress(done_s: float, total_s: float | None) -> None:
            while self._waits() and not item.cancelled.is_set():
                item.state = "waiting"
                item.cancelled.wait(_WAIT_S)
            item.state = "running"
            if item.cancelled.is_set():
                raise _CancelledError
            if max(done_s, total_s or 0.0) > longest_s:
                raise InputError(f"{item.name} is longer than {longest_s / 60:.0f} minutes. Cut it.")
            item.share = min(1.0, done_s / total_s) if total_s else 0.0

        job = Job(item.upload, spec, item.folder, item.side, self._settings.model, name=item.name)
        analysis = analyze(job, progress, self._open_detector)
        problem = explain_unmeasurable(analysis.summary)
        nothing = describe_nothing(analysis.summary)
        uncounted = f"Nothing was counted: {nothing}." if nothing else None
        item.words = " ".join(words for words in (problem or uncounted, *analysis.warnings) if words)
        item.card = summary_to_json(analysis.summary, spec)
        item.share = 1.0
        if item.remember:
            with History(self._settings.history) as history:
                history.add_summary(analysis.summary, spec)
        known = {"name": item.name, "exercise": item.exercise, "words": item.words, "card": item.card}
        write_text(item.folder / _CARD, json.dumps(known))

    def _is_alone(self) -> bool:
        """Whether no other server works in this folder; from now on none is."""
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        return True

    def _load(self, *, alone: bool) -> None:
        """What earlier runs of the server left: results are taken over, everything else is removed.

        Unless another server is at work here: its uploads look just like leftovers.
        """
        folders = sorted(self._folder.glob("*/"), key=lambda f: f.stat().st_mtime)
        for folder in folders:
            try:
                known = json.loads((folder / _CARD).read_text(encoding="utf-8"))
                item = Analysis(
                    folder.name, known["name"], known["exercise"], "auto", True, False, folder, "done", 1.0,
                    known["words"], known["card"],
                )  # fmt: skip
            except (OSError, ValueError, KeyError):
                if alone:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            self._all[item.id] = item
