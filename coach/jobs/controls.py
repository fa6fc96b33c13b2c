"""What both windows do alike: wait for the camera, obey the keys, show a message for a moment."""

import time
from collections.abc import Callable
from typing import Final

from coach.jobs.coach_live import wait_until_open
from coach.output.live_view import ViewSettings
from coach.output.voice import Voice
from coach.output.window import Action, Window, save_snapshot
from coach.pipeline import Image
from coach.vision.camera import LiveSource

_MESSAGE_S: Final = 3.0


class Controls:
    """The keys of one window and what they have set; `quit` is true once the person wants to leave."""

    def __init__(self, window: Window, voice: Voice | None, settings: ViewSettings) -> None:
        self.quit = False
        self._window = window
        self._voice = voice
        self._settings = settings
        self._message_until_s = 0.0

    @property
    def left(self) -> bool:
        """Whether the person has quit or closed the window."""
        return self.quit or self._window.closed

    def wait_for_camera(self, source: LiveSource, draw: Callable[[], Image], limit_s: float) -> bool:
        """Show that the camera is being opened; False when the person left.  Raises `CameraError`."""
        self._settings.message = "Opening the camera …   q: quit"

        def show() -> bool:
            return self._window.show(draw(), 30) != "quit" and not self._window.closed

        return wait_until_open(source, limit_s, show)

    def act(self, action: Action, canvas: Image) -> None:
        """Obey a key that means the same in each window; `canvas` is what it shows."""
        settings = self._settings
        if action == "quit":
            self.quit = True
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

    def expire_message(self) -> None:
        """Take the message away when it has stood long enough."""
        if time.monotonic() > self._message_until_s:
            self._settings.message = ""

    def _tell(self, message: str) -> None:
        self._settings.message = message
        self._message_until_s = time.monotonic() + _MESSAGE_S
