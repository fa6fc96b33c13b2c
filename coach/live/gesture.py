"""A raised hand: the one command that can be given from the mat."""

from math import hypot, isnan, nan
from typing import Final

from coach.body.landmarks import INDEX, SIDES
from coach.body.pose import Pose

RAISED_S: Final = 1.0
"""How long a hand has to be up."""

_LOWERED_S: Final = 0.5  # and how long down, before it can mean something again
_GAP_S: Final = 0.4  # a shorter loss of sight does not interrupt
_CLEARANCE = 0.2  # how far above everything else, in trunk lengths
_LEAST_VISIBILITY: Final = 0.6
_BODY: Final = tuple(
    INDEX[name]
    for name in ("nose", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
)


class RaisedHand:
    """`update` takes a pose and returns True once for each time that a hand was raised and kept up.

    Up means higher in the picture than head, shoulders and hips, with the elbow above the shoulder: that
    holds sitting, standing and lying.
    """

    def __init__(self) -> None:
        self._since_s = nan
        self._last_up_s = nan
        self._armed = True

    @property
    def share(self) -> float:
        """0..1: how much of the time needed the hand has been up."""
        if isnan(self._since_s) or not self._armed:
            return 0.0
        return min(1.0, (self._last_up_s - self._since_s) / RAISED_S)

    def update(self, pose: Pose) -> bool:
        """Take the next pose."""
        if pose.seen and _is_hand_up(pose):
            if isnan(self._since_s):
                self._since_s = pose.time_s
            self._last_up_s = pose.time_s
        elif not isnan(self._since_s) and pose.time_s - self._last_up_s > self._patience_s():
            self._since_s = nan
            self._armed = True
        if self._armed and self._last_up_s - self._since_s >= RAISED_S:
            self._armed = False
            return True
        return False

    def _patience_s(self) -> float:
        return _GAP_S if self._armed else _LOWERED_S


def _is_hand_up(pose: Pose) -> bool:
    image = pose.image_px
    top = min((float(image[i, 1]) for i in _BODY if not isnan(image[i, 1])), default=nan)
    shoulders = 0.5 * (image[INDEX["left_shoulder"]] + image[INDEX["right_shoulder"]])
    hips = 0.5 * (image[INDEX["left_hip"]] + image[INDEX["right_hip"]])
    trunk = hypot(*(hips - shoulders).tolist())
    for side in SIDES:
        wrist, elbow, shoulder = (INDEX[f"{side}_{part}"] for part in ("wrist", "elbow", "shoulder"))
        clear = image[wrist, 1] < top - _CLEARANCE * trunk
        straight = image[wrist, 1] < image[elbow, 1] < image[shoulder, 1]
        if clear and straight and pose.visibility[wrist] >= _LEAST_VISIBILITY:
            return True
    return False
