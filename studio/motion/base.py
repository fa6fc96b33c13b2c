"""What every exercise shares: settings, faults, views, and the rule that turns a level into a pose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from studio.errors import RecipeError
from studio.kinematics import LegPose, Side, hip_angles, leg_to_ankle, other_side, sign_of, swing_about
from studio.pose import BodyLike, Pose, hip_centre
from studio.rotations import Array

Box = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""Low corner, high corner, colour."""


class Setting(NamedTuple):
    """One adjustable quantity of an exercise: its usual value and the range that random recipes draw from."""

    usual: float
    low: float
    high: float
    meaning: str


class FaultKind(NamedTuple):
    """One way to do the exercise wrongly: the range of amounts and what the amount means."""

    low: float
    high: float
    meaning: str


@dataclass(frozen=True)
class View:
    """A camera direction for one exercise, given for the left working side and mirrored for the right.

    Azimuth is in the floor plane, 0 along +x (the person's neutral left), -90 in front of the neutral
    stance. `recommended` marks the views that the product advises.
    """

    azimuth_deg: float
    elevation_deg: tuple[float, float] = (4.0, 25.0)
    recommended: bool = False

    def azimuth_for(self, side: Side) -> float:
        """Azimuth for the given working side."""
        return self.azimuth_deg if side == "left" else 180.0 - self.azimuth_deg


def no_wobble(channel: int) -> float:
    """A body that does not sway."""
    return 0.0


def no_fault(name: str) -> float:
    """A body that makes no mistakes."""
    return 0.0


@dataclass(frozen=True)
class Instant:
    """What drives a pose: the share of the full movement (-1 to 1), the sway, the faults at this moment."""

    share: float = 0.0
    wobble: Callable[[int], float] = no_wobble
    fault: Callable[[str], float] = no_fault


STILL = Instant()


class Motion:
    """One exercise: a pose for every instant. Subclasses fill the tables and write `pose_at`.

    `side` is the working leg. `setup` runs once, when the body is known: it finds the height at which the
    body rests on the floor or the bench, and whatever else the pose needs.
    """

    exercise: ClassVar[str]
    settings: ClassVar[Mapping[str, Setting]] = {}
    faults: ClassVar[Mapping[str, FaultKind]] = {}
    views: ClassVar[Mapping[str, View]]
    directions: ClassVar[tuple[int, ...]] = (1,)
    """Signs of the levels that one repetition visits: (1, -1) is there and then the other way."""
    held: ClassVar[bool] = False
    """Whether the exercise asks for its plateaus to be held, so that they count as holds."""
    alternates: ClassVar[bool] = False
    """Whether negative levels are about the other leg."""
    usual_hold_s: ClassVar[float] = 0.5
    mat: ClassVar[tuple[float, float, float, float] | None] = (-1.0, 1.0, -1.0, 1.0)
    band: ClassVar[bool] = False
    """A resistance band around both thighs."""

    bench: tuple[float, float, float, float, float] | None = None
    """Top of a bench: x and y ranges and height; flesh is flattened on it as on the floor."""
    furniture: tuple[Box, ...] = ()

    def __init__(self, body: BodyLike, side: Side, settings: Mapping[str, float] | None = None) -> None:
        unknown = sorted(set(settings or {}) - set(self.settings))
        if unknown:
            raise RecipeError(
                f"{self.exercise}: unknown setting(s) {unknown}; expected some of {sorted(self.settings)}"
            )
        self.body, self.measures, self.side = body, body.measures, side
        self.other, self.sign = other_side(side), sign_of(side)
        self.values = {name: setting.usual for name, setting in self.settings.items()} | dict(settings or {})
        self.root = np.array([0.0, 0.0, 0.12])
        self.setup()

    def setup(self) -> None:
        """Find what depends on the body only; runs once."""

    def pose_at(self, now: Instant) -> Pose:
        """The pose at one instant."""
        raise NotImplementedError

    def degrees(self, share: float) -> float:
        """The driving angle of this exercise: the share of `peak`, or of `counter` the other way."""
        return share * self.values["peak"] if share >= 0 else share * self.values.get("counter", 0.0)

    def hip(self, pelvis: Array, side: Side, root: Array | None = None) -> Array:
        """Centre of one hip."""
        return hip_centre(self.root if root is None else root, pelvis, side, self.measures.half_hip_m)

    def reach(self, hip: Array, ankle: Array, knee_towards: Array, swing_deg: float = 0.0) -> LegPose:
        """Leg with the ankle at a fixed place, the knee swung about the line from hip to ankle."""
        towards = swing_about(ankle - hip, swing_deg, knee_towards)
        return leg_to_ankle(hip, ankle, towards, self.measures.thigh_m, self.measures.shank_m)

    def settle(self, height_m: float = 0.0, sink_m: float = 0.02) -> None:
        """Put the body down: flesh of pelvis and trunk sinks `sink_m` into a surface at `height_m`.

        Legs of an exercise may depend on the root, so this poses the body where it is and then moves the
        root only.
        """
        self.root[2] = height_m + self.body.flesh_below_root_m(self.pose_at(STILL)) - sink_m


def swing_for_rotation(
    motion: Motion, pelvis: Array, side: Side, *, ankle: Array, knee_towards: Array, rotation_deg: float
) -> float:
    """Swing of the knee about the hip-ankle line that gives the hip this much internal rotation.

    Found on a grid and refined by bisection; the solution nearest to no swing wins. Where no swing gives
    the angle, the nearest one.
    """
    hip = motion.hip(pelvis, side)

    def miss(swing_deg: float) -> float:
        leg = motion.reach(hip, ankle, knee_towards, swing_deg)
        return hip_angles(pelvis, leg.thigh, side).internal_rotation_deg - rotation_deg

    grid = np.linspace(-95.0, 95.0, 77)
    misses = np.array([miss(g) for g in grid])
    # A jump of more than 60 degrees between neighbours is the wrap at 180, not a root.
    crossing = (misses[:-1] * misses[1:] <= 0) & (np.abs(np.diff(misses)) < 60)
    roots = np.flatnonzero(crossing)
    if len(roots) == 0:
        return float(grid[np.argmin(np.abs(misses))])
    i = roots[np.argmin(np.abs(grid[roots]))]
    low, high, low_miss = float(grid[i]), float(grid[i + 1]), float(misses[i])
    for _ in range(30):
        middle = 0.5 * (low + high)
        if low_miss * miss(middle) <= 0:
            high = middle
        else:
            low, low_miss = middle, miss(middle)
    return 0.5 * (low + high)


def tilt_about_side(leg: LegPose) -> float:
    """Dorsiflexion that lays the sole of this leg's foot flat, as long as the shank stays in its plane."""
    return float(np.rad2deg(np.arctan2(leg.shank[2, 1], leg.shank[2, 2])))
