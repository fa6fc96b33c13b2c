"""One live session or one range-of-motion test that a browser's camera feeds."""

import asyncio
import json
import secrets
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from coach.body.landmarks import SIDES
from coach.errors import CoachError, InputError
from coach.exercise.rom.protocol import PROTOCOLS, ProtocolId
from coach.exercise.rom.trial import DIRECTIONS
from coach.exercise.spec import ExerciseSpec
from coach.jobs.coach_live import Coaching, LiveOutputs
from coach.jobs.measure_live import MeasureState, Measuring
from coach.jobs.recorded import OpenDetector
from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.live.state import LiveState
from coach.output.history import History
from coach.output.overlay import Overlay
from coach.output.recorder import Recorder
from coach.output.wording import degrees_text
from coach.web.outbox import Message, Outbox
from coach.web.settings import Settings
from coach.web.source import NAME, BrowserSource
from coach.web.wire import live_to_json, measure_state_to_json, rom_result_to_json, summary_to_json

MEASUREMENTS: Final = "measurements"

_COMMANDS: Final[dict[str, Callable[[LiveSession], None]]] = {
    "pause": LiveSession.toggle_pause,
    "reset": LiveSession.reset,
    "skip": LiveSession.skip,
}


class Run(Protocol):
    """What the desk needs of either kind.  Made and concluded in a worker thread, for both take their time.

    token   with which a browser that lost its connection finds back
    source  takes the pictures
    outbox  holds what is to be sent
    """

    token: str
    source: BrowserSource
    outbox: Outbox

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""
        ...

    def command(self, name: str) -> None:
        """Carry out what the person asks for; unknown commands are ignored."""
        ...

    def conclude(self) -> Message:
        """End it; the last message, of the type "over"."""
        ...


class CoachRun:
    """A coached session: the same `Coaching` that `coach live` runs."""

    def __init__(
        self,
        settings: Settings,
        open_detector: OpenDetector,
        loop: asyncio.AbstractEventLoop,
        spec: ExerciseSpec,
        plan: Plan,
    ) -> None:
        """Loads the model and starts.  Raises `ModelError`."""
        self.token = secrets.token_urlsafe(18)
        self.source = BrowserSource(settings.limits.ahead_s)
        self.outbox = Outbox(loop)
        self._spec = spec
        self._overlay = Overlay(spec)
        self._warnings: list[str] = []
        detector = open_detector(settings.model)
        self._history = self._open_history(settings)
        recorder = (
            Recorder(self._history, NAME, detector.model, self._warnings.append) if self._history else None
        )
        outputs = LiveOutputs(recorder=recorder, on_state=self._send)
        self._coaching = Coaching(self.source, lambda: detector, {spec.id: spec}, {spec.id: plan}, outputs)
        self._coaching.start(spec.id)

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""
        return self._coaching.over

    def command(self, name: str) -> None:
        """Pause, begin the set again, or end the rest."""
        if name in _COMMANDS:
            self._coaching.tell(_COMMANDS[name])

    def conclude(self) -> Message:
        """End it and tell what it came to."""
        message: Message = {"type": "over", "reason": "ended", "kind": "coach", "result": None}
        try:
            self._coaching.stop()
        except Exception as error:  # noqa: BLE001  (the page tells, and the server goes on)
            message |= {"reason": "error", "words": explain_failure(error)}
        finally:
            self.source.close()
            if self._history is not None:
                self._history.close()
        for done in self._coaching.finished:
            message["result"] = {
                **summary_to_json(done.summary, self._spec),
                "history_id": done.history_id,
                "stored": done.history_id is not None and not self._warnings,
            }
        return {**message, "warnings": self._warnings}

    def _send(self, state: LiveState) -> None:
        seq = self.source.seq_at(state.time_s)
        self.outbox.put_state(live_to_json(state, seq, self.source.facts, self._overlay))

    def _open_history(self, settings: Settings) -> History | None:
        try:
            return History(settings.history)
        except InputError as error:
            self._warnings.append(f"{error} This session is not stored.")
            return None


class MeasureRun:
    """A range-of-motion test."""

    def __init__(
        self,
        settings: Settings,
        open_detector: OpenDetector,
        loop: asyncio.AbstractEventLoop,
        protocol: ProtocolId,
    ) -> None:
        """Loads the model and starts.  Raises `ModelError`."""
        self.token = secrets.token_urlsafe(18)
        self.source = BrowserSource(settings.limits.ahead_s)
        self.outbox = Outbox(loop)
        self._id = secrets.token_hex(8)
        self._folder: Path = settings.folder / MEASUREMENTS / self._id
        self._overlay = Overlay()
        detector = open_detector(settings.model)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._measuring = Measuring(
            self.source, lambda: detector, PROTOCOLS[protocol], self._folder, self._send
        )
        self._measuring.start()

    @property
    def over(self) -> bool:
        """Whether it has ended by itself: a raised hand, or a failure."""
        return self._measuring.over

    def command(self, name: str) -> None:
        """There is nothing to ask for but the end."""

    def conclude(self) -> Message:
        """End it and tell what was measured."""
        message: Message = {"type": "over", "reason": "ended", "kind": "measure", "result": None}
        try:
            self._measuring.stop()
        except Exception as error:  # noqa: BLE001  (the page tells, and the server goes on)
            message |= {"reason": "error", "words": explain_failure(error)}
        finally:
            self.source.close()
        summary = self._measuring.summary
        if summary is not None and summary.tracking.frames_with_pose:
            message["result"] = {**rom_result_to_json(summary), "id": self._id}
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
        return message

    def _send(self, state: MeasureState) -> None:
        seq = self.source.seq_at(state.time_s)
        self.outbox.put_state(measure_state_to_json(state, seq, self.source.facts, self._overlay))


def explain_failure(error: Exception) -> str:
    """A sentence for the person, for whatever went wrong."""
    if isinstance(error, CoachError):
        return str(error)
    return f"The session failed: {type(error).__name__}. This is a bug in coach; please report it."


def list_results(folder: Path) -> list[Message]:
    """The measurements kept, newest first: when, and the value of each hip and direction in words."""
    found = []
    for path in (folder / MEASUREMENTS).glob("*/measure.json"):
        try:
            document, at = json.loads(path.read_text(encoding="utf-8")), path.stat().st_mtime
            values = {side: _values(document["sides"][side]) for side in SIDES}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        found.append({"id": path.parent.name, "at": moment, "values": values})
    return sorted(found, key=lambda item: str(item["at"]), reverse=True)


def _values(side: Message) -> dict[str, str | None]:
    return {
        way: None if "withheld" in side[way] else degrees_text(side[way]["median_deg"], side[way]["sd_deg"])
        for way in DIRECTIONS
    }
