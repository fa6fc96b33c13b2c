"""The window on the screen: shows pictures, reads keys, goes full screen.  OpenCV's, from the main thread."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import cv2

from coach.errors import CoachError
from coach.pipeline import Image

Action = Literal[
    "pause",
    "reset",
    "skip",
    "next",
    "previous",
    "mirror",
    "voice",
    "full-screen",
    "snapshot",
    "help",
    "quit",
]

KEYS: Final[dict[int, Action]] = {
    ord(" "): "pause",
    ord("r"): "reset",
    13: "skip",
    10: "skip",
    ord("n"): "next",
    ord("p"): "previous",
    ord("m"): "mirror",
    ord("v"): "voice",
    ord("f"): "full-screen",
    ord("s"): "snapshot",
    ord("h"): "help",
    ord("q"): "quit",
    27: "quit",
}

SNAPSHOTS: Final = Path("coach_results")

_TITLE: Final = "coach"
_START_SIZE: Final = (1280, 720)
_PROBE_LIMIT_S: Final = 20.0
_PROBE: Final = "import cv2; cv2.namedWindow('coach'); cv2.destroyAllWindows()"


class WindowError(CoachError):
    """There is no screen to open a window on."""


def find_screen_problem(
    environment: Mapping[str, str] = os.environ, system: str = sys.platform
) -> str | None:
    """Why no window can be opened here, None when one can.

    Tried in a process of its own: without a usable screen the window library ends the whole process.
    """
    unixes = not system.startswith(("win", "darwin"))
    if unixes and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return "No screen is set (DISPLAY)."
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE],
            capture_output=True,
            timeout=_PROBE_LIMIT_S,
            env=dict(environment),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "The screen does not answer."
    return None if done.returncode == 0 else "The screen cannot be used."


class Window:
    """A context manager; raises `WindowError` where it cannot open.  Use it in the main thread only."""

    def __init__(self, *, full_screen: bool = False) -> None:
        try:
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(_TITLE, *_START_SIZE)
        except cv2.error as error:
            raise WindowError("This OpenCV opens no windows: use --no-display.") from error
        self._full_screen = False
        self._shown = False
        if full_screen:
            self.toggle_full_screen()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the inside, pixels."""
        _, _, width, height = cv2.getWindowImageRect(_TITLE)
        return (width, height) if width > 0 and height > 0 else _START_SIZE

    @property
    def closed(self) -> bool:
        """Whether the person has closed it with the mouse."""
        if not self._shown:
            return False
        try:
            return cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1
        except cv2.error:
            return True

    def show(self, image: Image, wait_ms: int = 1) -> Action | None:
        """Show a picture; returns what the person asked for with a key, None for nothing known."""
        cv2.imshow(_TITLE, image)
        self._shown = True
        key = cv2.waitKeyEx(max(1, wait_ms))
        return None if key < 0 else KEYS.get(_lower(key & 0xFF))

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        self._full_screen = not self._full_screen
        mode = cv2.WINDOW_FULLSCREEN if self._full_screen else cv2.WINDOW_NORMAL
        cv2.setWindowProperty(_TITLE, cv2.WND_PROP_FULLSCREEN, mode)

    def close(self) -> None:
        """Close it; idempotent."""
        try:
            cv2.destroyWindow(_TITLE)
        except cv2.error:
            return
        cv2.waitKey(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lower(key: int) -> int:
    return key + 32 if ord("A") <= key <= ord("Z") else key


def save_snapshot(canvas: Image, folder: Path = SNAPSHOTS) -> str:
    """Write what is on the screen as PNG; returns a sentence about it."""
    path = folder / f"snapshot-{datetime.now():%Y%m%d-%H%M%S-%f}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found, data = cv2.imencode(".png", canvas)
        if not found:
            return "The snapshot could not be made."
        path.write_bytes(data.tobytes())
    except OSError as error:
        return f"The snapshot could not be written: {error.strerror}"
    return f"Snapshot: {path}"
