"""The live window's loop: the latest picture with the latest state, at the camera's rate; and the keys."""

import time
from collections import deque
from collections.abc import Mapping
from typing import Final

from coach.exercise.spec import ExerciseSpec
from coach.jobs.coach_live import Coaching, next_exercise, wait_until_open
from coach.live.session import LiveSession
from coach.output.live_view import LiveView, ViewSettings, draw_safety
from coach.output.safety import acknowledge, is_acknowledged
from coach.output.voice import Voice
from coach.output.window import Action, Window, save_snapshot
from coach.pipeline import Image
from coach.vision.camera import LiveSource

LINGER_S: Final = 20.0

_FRAME_WAIT_S: Final = 0.05
_MESSAGE_S: Final = 3.0
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
        self._view: LiveView | None = None
        self._exercise = ""
        self._message_until_s = 0.0
        self._quit = False
        self._shown_number = 0
        self.delays_s: deque[float] = deque(maxlen=_DELAYS)

    def wait_for_camera(self, spec: ExerciseSpec, limit_s: float) -> bool:
        """Show that the camera is being opened; False when the person left.  Raises `CameraError`."""
        view = LiveView(spec)
        self._settings.message = "Opening the camera …   q: quit"

        def show() -> bool:
            image = view.draw(None, None, self._settings, self._window.size)
            return self._window.show(image, 30) != "quit" and not self._window.closed

        opened = wait_until_open(self._source, limit_s, show)
        self._settings.message = ""
        return opened

    def run(self, linger_s: float = LINGER_S) -> None:
        """Until the person quits, or the plan is done and its last picture has stayed for `linger_s`."""
        finished_s: float | None = None
        number = 0
        while not (self._quit or self._coaching.over or self._window.closed):
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
        if time.monotonic() > self._message_until_s:
            settings.message = ""
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
        settings = self._settings
        if action == "quit":
            self._quit = True
        elif action in _COMMANDS:
            self._coaching.tell(_COMMANDS[action])
        elif action in ("next", "previous"):
            step = 1 if action == "next" else -1
            self._coaching.change_exercise(next_exercise(self._specs, self._coaching.exercise, step))
        elif action == "mirror":
            settings.mirrored = not settings.mirrored
        elif action == "help":
            settings.help = not settings.help
        elif action == "full-screen":
            self._window.toggle_full_screen()
        elif action == "voice" and self._voice is not None:
            self._voice.hush()
        elif action == "voice":
            self._tell("Nothing here can speak. See: coach doctor")
        elif action == "snapshot":
            self._tell(save_snapshot(canvas))

    def _tell(self, message: str) -> None:
        self._settings.message = message
        self._message_until_s = time.monotonic() + _MESSAGE_S


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
