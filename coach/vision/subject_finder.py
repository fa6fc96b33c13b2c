"""Of several people in the picture, the one who exercises.

The pose network follows one person, and chooses by looks: somebody who stands about behind is preferred to
somebody on the floor.  Hide the one, and it finds the other.
"""

from collections.abc import Callable

import numpy as np

from coach.body.pose import Pose
from coach.exercise.subject import SubjectLock
from coach.pipeline import Frame, Image, PoseDetector

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 8.0
"""After a second look that found nobody better the next one waits this long, and then twice as long:
each costs two detections, and the network has to find its person again."""

MARGIN = 0.08
"""Heads and hands reach beyond the landmarks by this share of the body's extent."""


class SubjectFinder:
    """A detector that looks for somebody else while the one it follows is not the one to follow.

    `suits` tells whether a pose is that of somebody about to begin the exercise.  Who was once found to suit
    is followed from then on, and looked for where the network goes on with another one.  Where nobody suits,
    the network's own choice stands.
    """

    def __init__(self, detector: PoseDetector, suits: Callable[[Pose], bool]) -> None:
        self._detector = detector
        self._suits = suits
        self._lock = SubjectLock()
        self._next_look_s = -np.inf
        self._wait_s = FIRST_WAIT_S

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._detector.model

    def detect(self, frame: Frame) -> Pose:
        """The pose of the one who exercises, as far as it is known who that is."""
        pose = self._detector.detect(frame)
        if not pose.seen or self._is_subject(pose):
            return pose
        if frame.time_s < self._next_look_s:
            return pose
        other = self._find_other(frame, pose)
        if other.seen and self._is_subject(other):
            self._wait_s = FIRST_WAIT_S
            return other
        self._next_look_s = frame.time_s + self._wait_s
        self._wait_s = min(2.0 * self._wait_s, LONGEST_WAIT_S)
        return pose

    def close(self) -> None:
        """Release the network; idempotent."""
        self._detector.close()

    def _find_other(self, frame: Frame, pose: Pose) -> Pose:
        """Whom the network finds with this one painted over: at first it looks where that one was."""
        hidden = Frame(frame.time_s, _hide(frame.image, pose))
        other = self._detector.detect(hidden)
        return other if other.seen else self._detector.detect(hidden)

    def _is_subject(self, pose: Pose) -> bool:
        if self._lock.is_taken(pose.time_s):
            return self._lock.update(pose)
        if pose.time_s < self._next_look_s or not self._suits(pose):
            return False
        self._lock.take(pose)
        return True


def _hide(image: Image, pose: Pose) -> Image:
    """The picture with one person painted over."""
    low, high = np.nanmin(pose.image_px, axis=0), np.nanmax(pose.image_px, axis=0)
    margin = MARGIN * float((high - low).max())
    rows, columns = image.shape[:2]
    left, top = np.clip(low - margin, 0, (columns, rows)).astype(int)
    right, bottom = np.clip(high + margin, 0, (columns, rows)).astype(int)
    hidden = image.copy()
    hidden[top:bottom, left:right] = image.mean(axis=(0, 1)).astype(np.uint8)
    return hidden
