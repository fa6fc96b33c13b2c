"""A browser's camera as a `LiveSource`: pictures are put in as they arrive, the engine takes the latest."""

import time
from collections import deque
from typing import Final

from coach.body.pose import SourceFacts
from coach.errors import CameraError
from coach.pipeline import Image
from coach.vision.camera import OPEN_LIMIT_S, CameraState
from coach.vision.grabber import LatestShot, Shot
from coach.web.settings import AHEAD_S

NAME: Final = "browser camera"

_REMEMBERED: Final = 64
_TICK_S: Final = 0.001
_RATE_SMOOTHING: Final = 0.1
_FIRST_INTERVAL_S: Final = 1 / 15


class BrowserSource:
    """Takes pictures with the browser's own times and gives them out on one clock that never steps back.

    Every page load brings a clock of its own, named by `clock`; where it begins on this source's clock is
    settled with its first picture.  A reconnected page keeps its clock, so a gap is as long as it really was.
    """

    def __init__(self, ahead_s: float = AHEAD_S) -> None:
        self._ahead_s = ahead_s
        self.slot = LatestShot()
        self._zero_s = time.monotonic()
        self._connected = False
        self._closed = False
        self._offsets: dict[str, float] = {}
        self._last_s: float | None = None
        self._number = 0
        self._size_px = (0, 0)
        self._interval_s = _FIRST_INTERVAL_S
        self._seqs: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)

    @property
    def facts(self) -> SourceFacts:
        """Name, size and measured rate."""
        return SourceFacts(NAME, *self._size_px, 1.0 / self._interval_s)

    @property
    def state(self) -> CameraState:
        """ "lost" while the browser is away."""
        if self._closed:
            return "ended"
        if not self._connected:
            return "lost" if self._number else "opening"
        return "live" if self._number else "opening"

    def connect(self) -> None:
        """The browser is there (again)."""
        self._connected = True

    def disconnect(self) -> None:
        """The browser went away, perhaps for a moment."""
        self._connected = False

    def put(self, clock: str, seq: int, browser_s: float, image: Image, taken_s: float) -> bool:
        """Take a picture; False when it is no newer than the last one.

        taken_s  `time.monotonic()` when it arrived
        """
        time_s = self._place(clock, browser_s, taken_s)
        if self._last_s is not None and time_s <= self._last_s:
            return False
        if self._last_s is not None:
            self._interval_s += _RATE_SMOOTHING * (min(time_s - self._last_s, 1.0) - self._interval_s)
        self._last_s = time_s
        self._number += 1
        self._size_px = (image.shape[1], image.shape[0])
        self._seqs.append((time_s, seq))
        self.slot.put(Shot(time_s, taken_s, self._number, image))
        return True

    def seq_at(self, time_s: float) -> int | None:
        """The browser's number of the picture of this instant."""
        return next((seq for at, seq in reversed(tuple(self._seqs)) if at == time_s), None)

    def wait_until_open(self, limit_s: float = OPEN_LIMIT_S) -> None:
        """Return once there is a picture.  Raises `CameraError`."""
        if self.slot.wait(0, limit_s) is None:
            raise CameraError("The browser sent no picture.")

    def close(self) -> None:
        """No more pictures; idempotent."""
        self._closed = True
        self.slot.close()

    def _place(self, clock: str, browser_s: float, taken_s: float) -> float:
        now_s = taken_s - self._zero_s
        if clock not in self._offsets or browser_s + self._offsets[clock] > now_s + self._ahead_s:
            begins_s = now_s if self._last_s is None else max(now_s, self._last_s + _TICK_S)
            self._offsets = {clock: begins_s - browser_s}
        return browser_s + self._offsets[clock]
