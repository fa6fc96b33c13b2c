"""`Pose`: one person at one instant.  `PoseTrack`: the same over time.  `SourceFacts`: where it was seen.

All are validated once, here, so that nothing downstream has to.  Missing is NaN, never zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import LANDMARK_COUNT

Float = NDArray[np.float64]

_POSE_SHAPES = {
    "image_px": (LANDMARK_COUNT, 2),
    "world_m": (LANDMARK_COUNT, 3),
    "visibility": (LANDMARK_COUNT,),
}


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of the footage: file name (no folder), upright frame size, nominal rate and length.

    `frame_count` and `duration_s` are what the container claims until the source is exhausted, and what
    was really read afterwards; None where nobody knows (a camera).
    """

    name: str
    width_px: int
    height_px: int
    fps: float
    frame_count: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Pose:
    """All landmarks at one timestamp.

    time_s      seconds on the source's own clock
    image_px    (33, 2) pixels, x to the right and y down, in the upright picture; NaN where unseen
    world_m     (33, 3) metres, x right, y down, z away from the camera, origin mid-hip; NaN where unseen
    visibility  (33,) 0..1, NaN where unseen

    A pose in which nobody was seen holds NaN throughout: see `Pose.missing` and `Pose.seen`.
    """

    time_s: float
    image_px: Float
    world_m: Float
    visibility: Float

    def __post_init__(self) -> None:
        if (self.image_px.shape, self.world_m.shape, self.visibility.shape) == tuple(_POSE_SHAPES.values()):
            return
        wrong = [
            f"expected {name!r} to have shape {shape}, got {getattr(self, name).shape}"
            for name, shape in _POSE_SHAPES.items()
            if getattr(self, name).shape != shape
        ]
        raise ValueError("; ".join(wrong))

    @classmethod
    def missing(cls, time_s: float) -> "Pose":
        """The pose of nobody."""
        return cls(
            time_s,
            np.full((LANDMARK_COUNT, 2), np.nan),
            np.full((LANDMARK_COUNT, 3), np.nan),
            np.full(LANDMARK_COUNT, np.nan),
        )

    @property
    def seen(self) -> bool:
        """Whether anybody was found at this instant."""
        return bool(self.visibility[0] == self.visibility[0])  # NaN differs from itself


@dataclass(frozen=True, slots=True)
class PoseTrack:
    """Poses of one source in time order.

    time_s (T,) strictly increasing · image_px (T, 33, 2) · world_m (T, 33, 3) · visibility (T, 33);
    units as in `Pose`.  `complete` is False when the run that saved them was broken off.
    """

    time_s: Float
    image_px: Float
    world_m: Float
    visibility: Float
    source: SourceFacts
    model: str = field(default="")
    complete: bool = True

    def __post_init__(self) -> None:
        n = len(self.time_s)
        expected = {
            "time_s": (n,),
            "image_px": (n, LANDMARK_COUNT, 2),
            "world_m": (n, LANDMARK_COUNT, 3),
            "visibility": (n, LANDMARK_COUNT),
        }
        wrong = [
            f"expected {name!r} to have shape {shape}, got {getattr(self, name).shape}"
            for name, shape in expected.items()
            if getattr(self, name).shape != shape
        ]
        if not wrong and n > 1 and not bool(np.all(np.diff(self.time_s) > 0)):
            wrong.append("expected 'time_s' to increase strictly, got a step back or a repeat")
        if wrong:
            raise ValueError("; ".join(wrong))

    def __len__(self) -> int:
        return len(self.time_s)

    def __iter__(self) -> Iterator[Pose]:
        for i in range(len(self)):
            yield Pose(
                float(self.time_s[i]),
                self.image_px[i].astype(np.float64),
                self.world_m[i].astype(np.float64),
                self.visibility[i].astype(np.float64),
            )
