"""Cameras: an index, a device path or a network stream, grabbed in a thread of its own; a file as a camera.

A camera is opened in its thread, because opening can hang.  It keeps the latest picture only.  When it is
lost it is opened again and again until it is back: the source's clock goes on meanwhile.
"""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Protocol, Self

from coach.body.pose import SourceFacts
from coach.errors import CameraError, CoachError
from coach.pipeline import Frame, Image
from coach.vision.grabber import LatestShot, Shot
from coach.vision.open_camera import CameraRequest, OpenCvCamera, explain_failure
from coach.vision.source import VideoFileSource

CameraState = Literal["opening", "live", "lost", "ended", "failed"]

OPEN_LIMIT_S: Final = 15.0
"""How long a camera may take to open."""

_RETRY_S: Final = 0.5
_TAKER_POLL_S: Final = 0.005
_FAILED_READS: Final = 10  # a USB camera may miss single pictures
_RATE_SMOOTHING: Final = 0.05
_SYS_VIDEO: Final = Path("/sys/class/video4linux")


class OpenedCamera(Protocol):
    """A camera that gives pictures."""

    def read(self) -> Image | None:
        """The next picture in an array of its own; None when there is none (any more)."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class LiveSource(Protocol):
    """What a live session needs of a camera: a `FrameSource` that also tells how it is doing."""

    @property
    def facts(self) -> SourceFacts:
        """Name, size and rate; the rate is the one measured."""
        ...

    @property
    def state(self) -> CameraState:
        """How the camera is doing."""
        ...

    @property
    def slot(self) -> LatestShot:
        """The latest picture."""
        ...

    def wait_until_open(self, limit_s: float = OPEN_LIMIT_S) -> None:
        """Return once there is a picture.  Raises `CameraError`, or `InputError` for a bad file."""
        ...

    def close(self) -> None:
        """Release it; idempotent."""
        ...


class _GrabbedSource:
    """What all of them share: the slot, the thread, the measured rate, iteration."""

    def __init__(self, name: str, fps: float) -> None:
        self.slot = LatestShot()
        self._name = name
        self._state: CameraState = "opening"
        self._problem: CoachError | None = None
        self._stop = threading.Event()
        self._number = 0
        self._last_taken_s: float | None = None
        self._interval_s = 1.0 / fps
        self._size_px = (0, 0)
        self._thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)

    @property
    def state(self) -> CameraState:
        """How the camera is doing."""
        return self._state

    @property
    def facts(self) -> SourceFacts:
        """Name, size and the rate measured; a camera has no length."""
        return SourceFacts(self._name, *self._size_px, 1.0 / self._interval_s)

    def wait_until_open(self, limit_s: float = OPEN_LIMIT_S) -> None:
        """Return once there is a picture.  Raises what went wrong, or `CameraError` after `limit_s`."""
        until_s = time.monotonic() + limit_s
        while self.slot.wait(0, 0.05) is None:
            if self._problem is not None:
                raise self._problem
            if self._state == "ended":
                raise CameraError(f"{self._name} gave no picture.")
            if time.monotonic() > until_s:
                raise CameraError(
                    f"Camera {self._name} gave no picture within {limit_s:.0f} s. Is another program using "
                    "it? Unplug it and plug it in again, or choose another one with --camera."
                )

    def __iter__(self) -> Iterator[Frame]:
        """The latest picture, again and again, until the source ends or is closed; waits while it is lost."""
        while True:
            shot = self.slot.take(0.1)
            if shot is not None:
                yield Frame(shot.time_s, shot.image)
            elif self._stop.is_set() or self._state in ("ended", "failed"):
                return

    def close(self) -> None:
        """Stop grabbing and release the camera; idempotent.  A camera that hangs is left behind."""
        self._stop.set()
        self.slot.close()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        raise NotImplementedError

    def _publish(self, time_s: float, taken_s: float, image: Image) -> None:
        self._number += 1
        if self._last_taken_s is not None and self._state == "live":
            self._interval_s += _RATE_SMOOTHING * (taken_s - self._last_taken_s - self._interval_s)
        self._last_taken_s = taken_s
        self._size_px = (image.shape[1], image.shape[0])
        self._state = "live"
        self.slot.put(Shot(time_s, taken_s, self._number, image))


class CameraSource(_GrabbedSource):
    """A camera or network stream.  Starts opening at once; `wait_until_open` tells how that went.

    Times are seconds since the source was made, taken when the picture arrives.
    """

    def __init__(
        self, request: CameraRequest, opener: Callable[[CameraRequest], OpenedCamera] = OpenCvCamera
    ) -> None:
        super().__init__(describe_address(request.address), request.fps or 30.0)
        self._request = request
        self._opener = opener
        self._zero_s = time.monotonic()
        self.losses = 0
        self._thread.start()

    def _run(self) -> None:
        camera: OpenedCamera | None = None
        try:
            while not self._stop.is_set():
                camera = self._open()
                if camera is None:
                    return
                self._grab(camera)
                camera.close()
                camera = None
        finally:
            if camera is not None:
                camera.close()
            if self._state != "failed":
                self._state = "ended"
            self.slot.close()

    def _open(self) -> OpenedCamera | None:
        """An open camera; tries for ever once it has been open before, gives up at once before that."""
        while not self._stop.is_set():
            try:
                return self._opener(self._request)
            except CameraError as error:
                if self._number == 0:
                    self._problem, self._state = error, "failed"
                    return None
            self._stop.wait(_RETRY_S)
        return None

    def _grab(self, camera: OpenedCamera) -> None:
        """Grab until the camera is lost."""
        failed = 0
        while not self._stop.is_set():
            image = camera.read()
            if image is not None:
                failed = 0
                now_s = time.monotonic()
                self._publish(now_s - self._zero_s, now_s, image)
                continue
            failed += 1
            if failed >= _FAILED_READS:
                break
            self._stop.wait(0.01)
        if self._stop.is_set():
            return
        if self._number == 0:
            self._problem, self._state = explain_failure(self._request), "failed"
            self._stop.set()
            return
        self.losses += 1
        self._state = "lost"
        self._stop.wait(_RETRY_S)


class PacedFileSource(_GrabbedSource):
    """A video file that plays in real time, like a camera; its pictures keep the file's own times.

    It waits with its first picture until that was taken, so that nothing is missed while a model loads.
    `speed` 2 plays twice as fast.  Whoever is too slow for it misses pictures, as with a camera.
    """

    def __init__(self, path: Path, speed: float = 1.0) -> None:
        self._video = VideoFileSource(path)
        super().__init__(path.name, self._video.facts.fps)
        self._speed = speed
        self._thread.start()

    def _run(self) -> None:
        start_s: float | None = None
        try:
            for frame in self._video:
                if start_s is None:
                    start_s = self._show_first(frame)
                    continue
                due_s = start_s + frame.time_s / self._speed
                if self._stop.wait(max(0.0, due_s - time.monotonic())):
                    break
                self._publish(frame.time_s, due_s, frame.image.copy())
        except CoachError as error:
            self._problem = error
        finally:
            self._video.close()
            self._state = "ended"
            self.slot.close()

    def _show_first(self, frame: Frame) -> float:
        """Publish the first picture and wait for its taker; returns when time 0 was."""
        self._publish(frame.time_s, time.monotonic(), frame.image.copy())
        while not self.slot.has_taker and not self._stop.wait(_TAKER_POLL_S):
            pass
        self._last_taken_s = None
        return time.monotonic() - frame.time_s / self._speed


def open_live_source(
    text: str, size_px: tuple[int, int] | None = None, fps: float | None = None
) -> CameraSource | PacedFileSource:
    """The source that `--camera TEXT` means: an index, a device, a URL, or a file played in real time."""
    if is_url(text) or text.startswith("/dev/"):
        return CameraSource(CameraRequest(text, size_px, fps))
    if text.isascii() and text.isdigit():
        return CameraSource(CameraRequest(int(text), size_px, fps))
    path = Path(text)
    if not path.exists():
        raise CameraError(
            f"Expected a camera's number, a device, a URL or a video file, got {text!r}, which is none of "
            "these. See: coach live --list-cameras."
        )
    return PacedFileSource(path)


def is_url(text: str) -> bool:
    """Whether this is a network address such as rtsp://... or http://..."""
    return re.match(r"[a-z][a-z0-9+.-]+://", text, re.IGNORECASE) is not None


def describe_address(address: int | str) -> str:
    """A name to show and store; never with the password that an address may hold."""
    if isinstance(address, int):
        return f"camera {address}"
    return re.sub(r"//[^/@]*@", "//", address)


def list_cameras(system: str = sys.platform, folder: Path = _SYS_VIDEO) -> list[tuple[int, str]]:
    """Index and name of each camera, where the system tells (Linux); elsewhere an empty list."""
    if not system.startswith("linux") or not folder.is_dir():
        return []
    found = []
    for device in folder.glob("video*"):
        index, name = device.name.removeprefix("video"), device / "name"
        if not index.isdigit() or _is_metadata_node(device):
            continue
        try:
            found.append((int(index), name.read_text(encoding="utf-8", errors="replace").strip()))
        except OSError:
            found.append((int(index), "unnamed camera"))
    return sorted(found)


def _is_metadata_node(device: Path) -> bool:
    """Many USB cameras come with a second node that gives no pictures."""
    try:
        return (device / "index").read_text(encoding="ascii").strip() != "0"
    except (OSError, UnicodeError):
        return False
