"""The window of a range-of-motion test in front of a camera: the latest picture with the latest state."""

import queue
import time
from collections.abc import Callable
from typing import Final

from coach.body.landmarks import SIDES
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.result import Range, RomSummary
from coach.exercise.rom.trial import DIRECTIONS
from coach.jobs.controls import Controls
from coach.jobs.measure_live import CameraWatch, MeasureState, Measuring
from coach.live.state import Say
from coach.output.live_view import ViewSettings
from coach.output.rom.view import WAYS, RomShown, RomView
from coach.output.voice import Voice
from coach.output.window import Window
from coach.output.wording import degrees_text
from coach.vision.camera import LiveSource

LINGER_S: Final = 20.0

_FRAME_WAIT_S: Final = 0.05
_LAST_WORDS_S: Final = 2.5


class MeasuringWindow:
    """Shows one `Measuring` in one `Window`; `tell` is handed what has to be said.  Main thread only."""

    def __init__(
        self,
        window: Window,
        source: LiveSource,
        protocol: Protocol,
        voice: Voice | None,
        tell: Callable[[Say], None],
    ) -> None:
        self._window = window
        self._source = source
        self._tell = tell
        self._view = RomView(protocol)
        self._settings = ViewSettings()
        self._controls = Controls(window, voice, self._settings)
        self._shown: RomShown | None = None
        self._watch = CameraWatch(source)

    def wait_for_camera(self, limit_s: float) -> bool:
        """Show that the camera is being opened; False when the person left.  Raises `CameraError`."""
        return self._controls.wait_for_camera(
            self._source, lambda: self._view.draw(None, None, self._settings, self._window.size), limit_s
        )

    def run(
        self, measuring: Measuring, states: "queue.SimpleQueue[MeasureState]", linger_s: float = LINGER_S
    ) -> None:
        """Until all is measured or the person ends it; then the result stays for `linger_s`."""
        self._settings.message = "Loading the pose model …   q: quit"
        number, complete_s = 0, float("inf")
        while not (self._controls.left or measuring.over):
            number = self._show_next(number)
            if self._take(states) and complete_s == float("inf"):
                complete_s = time.monotonic()
            if time.monotonic() > complete_s + _LAST_WORDS_S:
                break
        measuring.stop()
        if self._shown is None or measuring.summary is None or self._window.closed:
            return
        results = describe_results(measuring.summary)
        self._shown = RomShown(self._shown.tick, "", self._shown.counts, None, 0.0, results)
        self._controls.quit, until_s = False, time.monotonic() + linger_s
        while results and not self._controls.left and time.monotonic() < until_s:
            number = self._show_next(number)

    def _take(self, states: "queue.SimpleQueue[MeasureState]") -> bool:
        """Take what came meanwhile; whether the test is complete."""
        complete = False
        for say in self._watch.update():
            self._tell(say)
        while True:
            try:
                state = states.get_nowait()
            except queue.Empty:
                return complete
            for say in state.says:
                self._tell(say)
            complete = complete or state.complete
            self._shown = RomShown(state.tick, state.prompt, state.counts, state.upcoming, state.held_s)

    def _show_next(self, number: int) -> int:
        """Show the next picture and obey a key; returns the picture's number."""
        shot = self._source.slot.wait(number, _FRAME_WAIT_S) or self._source.slot.peek()
        settings = self._settings
        settings.camera_lost = self._source.state == "lost"
        if self._shown is not None:
            self._controls.expire_message()
        canvas = self._view.draw(
            shot.image if shot is not None else None, self._shown, settings, self._window.size
        )
        action = self._window.show(canvas)
        if action is not None:
            self._controls.act(action, canvas)
        return shot.number if shot is not None else number


def describe_results(summary: RomSummary) -> tuple[str, ...]:
    """A line for each leg that was measured, such as "Left: in 25° ± 3°, out 41° ± 4°"."""
    lines = []
    for side in SIDES:
        found = [(way, summary.legs[side].get(way)) for way in DIRECTIONS]
        parts = [
            f"{WAYS[way]} {degrees_text(result.median_deg, result.sd_deg)}"
            for way, result in found
            if isinstance(result, Range)
        ]
        if parts:
            lines.append(f"{side.capitalize()}: {', '.join(parts)}")
    return tuple(lines)
