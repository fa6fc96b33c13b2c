"""One subject: who took up the start pose stays the one whose movement counts.

A pose detector that loses somebody may go on with a bystander as if nothing had happened.  That other
person is elsewhere in the picture, or of another size, from one frame to the next; the subject is not.
"""

from math import hypot, isnan, nan

from coach.body.landmarks import indices
from coach.body.pose import Pose
from coach.body.spans import outlasts

MAX_STEP_EXTENTS = 0.5
"""A body further than this, in its extents, from where the subject's was belongs to somebody else ..."""

MAX_SIZE_RATIO = 1.8
"""... and so does a body that is this much larger or smaller."""

FORGET_S = 20.0
"""A subject who has not been seen for this long is given up: anybody may take up the start pose then."""

_BODY = indices(
    *(f"{side}_{part}" for side in ("left", "right") for part in ("shoulder", "hip", "knee", "ankle"))
)


class SubjectLock:
    """Follows the subject's place and size in the picture.  `update` says whether a pose is theirs."""

    def __init__(self) -> None:
        self._place: tuple[float, float] | None = None
        self._extent_px = nan
        self._seen_s = nan

    def take(self, pose: Pose) -> None:
        """This one is the subject from now on."""
        self._follow(pose.time_s, *_place(pose))

    def is_taken(self, time_s: float) -> bool:
        """Whether there is a subject who has not been given up."""
        return self._place is not None and not outlasts(time_s - self._seen_s, FORGET_S)

    def update(self, pose: Pose) -> bool:
        """Whether this pose is the subject's; anybody's, as long as there is none, or once given up."""
        x, y, extent_px = _place(pose)
        if isnan(extent_px):
            return True
        if self._place is None or not self.is_taken(pose.time_s):
            self._place = None
            return True
        step = hypot(x - self._place[0], y - self._place[1]) / max(extent_px, self._extent_px)
        ratio = max(extent_px, self._extent_px) / min(extent_px, self._extent_px)
        if step > MAX_STEP_EXTENTS or ratio > MAX_SIZE_RATIO:
            return False
        self._follow(pose.time_s, x, y, extent_px)
        return True

    def _follow(self, time_s: float, x: float, y: float, extent_px: float) -> None:
        self._place, self._extent_px, self._seen_s = (x, y), extent_px, time_s


def _place(pose: Pose) -> tuple[float, float, float]:
    """Middle and extent of the box around trunk and legs, pixels; NaN where nobody is seen.

    The box, not the trunk: somebody who turns over on the spot stays in it.
    """
    xs, ys = pose.image_px[_BODY].T.tolist()
    if isnan(sum(xs)):
        return nan, nan, nan
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return 0.5 * (left + right), 0.5 * (top + bottom), max(1.0, right - left, bottom - top)
