"""A benchmark clip: what the pose network saw of a person, and what that person really did.

What is not known of a clip is None; single numbers that are not known are NaN.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coach.body.angles import MIN_AXIS_ANGLE_DEG
from coach.body.landmarks import SIDES, Side
from coach.body.pose import PoseTrack
from coach.exercise.rom.trial import Direction

Float = NDArray[np.float64]
Angle = Literal["internal_rotation", "adduction", "flexion"]

ANGLES: tuple[Angle, ...] = ("internal_rotation", "adduction", "flexion")
JOINTS = tuple(f"{side}_{part}" for side in SIDES for part in ("shoulder", "hip", "knee", "ankle"))


@dataclass(frozen=True)
class Span:
    """A repetition, hold or fault of the truth; seconds of the clip's own clock.

    The peak of a repetition lasts from `peak_start_s` to `peak_end_s`.
    """

    side: Side
    start_s: float
    end_s: float
    peak_start_s: float
    peak_end_s: float
    full: bool = True


@dataclass(frozen=True)
class Expected:
    """What an analysis should find in a clip of an exercise."""

    reps: tuple[Span, ...]
    holds: tuple[Span, ...]
    faults: tuple[tuple[str, float, Span], ...]
    """Kind, amount in the studio's unit, and when."""


@dataclass(frozen=True)
class TrueTrial:
    """A trial of the range-of-motion test without a planted fault, and when it is at its peak."""

    side: Side
    direction: Direction
    peak_start_s: float
    peak_end_s: float


@dataclass(frozen=True)
class Clip:
    """A clip's landmarks, and the truth of each of their T frames.

    recommended   whether the view is one that the exercise recommends
    side          the working leg
    in_position   (T,) whether the person is in the exercise, not walking in or getting up, and the working
                  leg's rotation is defined
    hips_deg      (T, 2, 3) hips by `SIDES` and `ANGLES`, signs as in `coach.body.angles`
    joints_px     (T, 8, 2) where `JOINTS` really are, pixels
    expected      of an exercise
    trials        of the range-of-motion test
    """

    name: str
    exercise: str
    view: str
    recommended: bool
    side: Side
    track: PoseTrack
    in_position: NDArray[np.bool_] | None = None
    hips_deg: Float | None = None
    joints_px: Float | None = None
    expected: Expected | None = None
    trials: tuple[TrueTrial, ...] | None = None

    def hip_deg(self, side: Side, angle: Angle) -> Float:
        """A true angle of a hip, (T,) degrees; NaN where it is not known."""
        if self.hips_deg is None:
            return np.full(len(self.track), np.nan)
        return self.hips_deg[:, SIDES.index(side), ANGLES.index(angle)]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Frames to be scored, (T,): those in position; none where that is not known."""
        return np.zeros(len(self.track), bool) if self.in_position is None else self.in_position

    @property
    def rotation_deg(self) -> Float:
        """True internal rotation of the working leg, (T,) degrees."""
        return self.hip_deg(self.side, "internal_rotation")

    def joint_px(self, name: str) -> Float:
        """Where a joint really is, (T, 2) pixels; NaN where it is not known."""
        if self.joints_px is None:
            return np.full((len(self.track), 2), np.nan)
        return self.joints_px[:, JOINTS.index(name)]


def is_rotation_defined(rotation_deg: Float, adduction_deg: Float) -> NDArray[np.bool_]:
    """Whether there is a true rotation: no thigh near the pelvis' own axis has one (`coach.body.angles`)."""
    return (np.abs(adduction_deg) <= 90.0 - MIN_AXIS_ANGLE_DEG) & (np.abs(rotation_deg) <= 90.0)
