"""One slot between a camera and whoever looks at it: the latest picture wins, so latency stays bounded."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from coach.pipeline import Image


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as grabbed; the array is never written to again, so it may be kept.

    time_s     seconds on the source's clock, strictly increasing
    taken_s    the same instant on `time.monotonic()`: for measuring how late something is
    number     1, 2, 3 ... of all pictures grabbed
    """

    time_s: float
    taken_s: float
    number: int
    image: Image


class LatestShot:
    """The slot.  One thread puts; any number look at it or wait for the next.  Thread-safe.

    `take` is for the one consumer whose pace matters (the pose model): pictures that were replaced before it
    took them are counted in `dropped`.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._shot: Shot | None = None
        self._taken = 0
        self._closed = False
        self.dropped = 0

    def put(self, shot: Shot) -> None:
        """Replace the picture."""
        with self._changed:
            if self._shot is not None and self._shot.number > self._taken > 0:
                self.dropped += 1
            self._shot = shot
            self._changed.notify_all()

    @property
    def has_taker(self) -> bool:
        """Whether anything was taken yet."""
        return self._taken > 0

    def peek(self) -> Shot | None:
        """The latest picture, None before the first."""
        return self._shot

    def take(self, timeout_s: float) -> Shot | None:
        """The latest picture that was not taken yet; waits for it, None on timeout or once closed."""
        shot = self._next_after(lambda: self._taken, timeout_s)
        if shot is not None:
            self._taken = shot.number
        return shot

    def wait(self, after: int, timeout_s: float) -> Shot | None:
        """The latest picture with a number above `after`; None on timeout.  Does not count as taking it."""
        return self._next_after(lambda: after, timeout_s)

    def close(self) -> None:
        """Wake up everybody; the last picture may still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next_after(self, known: Callable[[], int], timeout_s: float) -> Shot | None:
        until_s = time.monotonic() + timeout_s
        with self._changed:
            while self._shot is None or self._shot.number <= known():
                left_s = until_s - time.monotonic()
                if self._closed or left_s <= 0:
                    return None
                self._changed.wait(left_s)
            return self._shot
