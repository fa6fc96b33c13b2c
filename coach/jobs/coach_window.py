"""The live window's loop: the latest picture with the latest state, at the camera's rate; and the keys."""

import time
from collections import deque
from collections.abc import Mapping
from typing import Final

from coach.exercise.spec import ExerciseSpec
from coach.jobs.coach_live import Coaching, next_exercise
from coach.jobs.controls import Controls
from coach.live.session import LiveSession
from coach.output.live_view import LiveView, ViewSettings, draw_safety
from coach.output.safety import acknowledge, is_acknowledged
from coach.output.voice import Voice
from coach.output.window import Action, Window
from coach.pipeline import Image
from coach.vision.camera import LiveSource

LINGER_S: Final = 20.0

_FRAME_WAIT_S: Final = 0.05
_DELAYS: Final = 20_000


class LiveWindow:
    """Shows one `Coaching` in one `Window`.  Main thread only.

    `delays_s` keeps, for each result, the age of its picture when it was first on the screen.
    """

    def __init__(
        self,
        window: Window,
        coaching: Coaching,
        source: LiveSource,
        specs: Mapping[str, ExerciseSpec],
        voice: Voice | None,
        *,
        mirrored: bool = True,
    ) -> None:
        self._window = window
        self._coaching = coaching
        self._source = source
        self._specs = specs
        self._voice = voice
        self._settings = ViewSettings(mirrored=mirrored)
        self._controls = Controls(window, voice, self._settings)
        self._view: LiveView | None = None
        self._exercise = ""
        self._shown_number = 0
        self.delays_s: deque[float] = deque(maxlen=_DELAYS)

    def wait_for_camera(self, spec: ExerciseSpec, limit_s: float) -> bool:
        """Show that the camera is being opened; False when the person left.  Raises `CameraError`."""
        view, settings = LiveView(spec), self._settings
        return self._controls.wait_for_camera(
            self._source, lambda: view.draw(None, None, settings, self._window.size), limit_s
        )

    def run(self, linger_s: float = LINGER_S) -> None:
        """Until the person quits, or the plan is done and its last picture has stayed for `linger_s`."""
        finished_s: float | None = None
        number = 0
        while not (self._controls.left or self._coaching.over):
            shot = self._source.slot.wait(number, _FRAME_WAIT_S) or self._source.slot.peek()
            number = shot.number if shot is not None else number
            canvas = self._draw(shot.image if shot is not None else None)
            action = self._window.show(canvas)
            self._note_delay()
            if action is not None:
                self._act(action, canvas)
            latest = self._coaching.latest
            if latest is None or latest[0].stage != "finished":
                finished_s = None
            elif finished_s is None:
                finished_s = time.monotonic()
            elif time.monotonic() - finished_s > linger_s:
                return

    def _draw(self, picture: Image | None) -> Image:
        exercise = self._coaching.exercise
        if self._view is None or exercise != self._exercise:
            self._view, self._exercise = LiveView(self._specs[exercise]), exercise
        settings = self._settings
        settings.camera_lost = self._source.state == "lost"
        settings.voice = self._voice is not None and not self._voice.muted
        self._controls.expire_message()
        latest = self._coaching.latest
        if latest is None:
            settings.message = "Loading the pose model …   q: quit"
        if self._coaching.figures.analysed % 30 == 1:
            settings.set_up_report = self._coaching.figures.describe_briefly(self._source)
        return self._view.draw(picture, latest[0] if latest else None, settings, self._window.size)

    def _note_delay(self) -> None:
        latest = self._coaching.latest
        if latest is not None and latest[1].number != self._shown_number:
            self._shown_number = latest[1].number
            self.delays_s.append(time.monotonic() - latest[1].taken_s)

    def _act(self, action: Action, canvas: Image) -> None:
        if action in _COMMANDS:
            self._coaching.tell(_COMMANDS[action])
        elif action in ("next", "previous"):
            step = 1 if action == "next" else -1
            self._coaching.change_exercise(next_exercise(self._specs, self._coaching.exercise, step))
        else:
            self._controls.act(action, canvas)


def show_safety(window: Window, *, skip: bool) -> bool:
    """The first-run screen, once per account; False when the person left."""
    if skip:
        acknowledge()
    if skip or is_acknowledged():
        return True
    while not window.closed:
        action = window.show(draw_safety(window.size), 30)
        if action == "quit":
            return False
        if action in ("pause", "skip"):
            acknowledge()
            return True
    return False


_COMMANDS: Final = {
    "pause": LiveSession.toggle_pause,
    "reset": LiveSession.reset,
    "skip": LiveSession.skip,
}
