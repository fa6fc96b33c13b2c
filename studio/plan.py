"""From a recipe to what happens in front of the camera, frame by frame, before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.camera import Camera, fit_camera
from studio.entrance import ENTER_S, LEAVE_S, Entrance
from studio.mannequin import Mannequin, Placed
from studio.motion import Instant, Motion, motion_for
from studio.pose import Pose
from studio.recipe import Recipe
from studio.rotations import Array
from studio.timeline import Sway, Timeline


@dataclass(frozen=True)
class Frame:
    """One instant: its time, the pose, and where bones and joints are."""

    time_s: float
    pose: Pose
    placed: Placed


@dataclass(frozen=True)
class ClipPlan:
    """Everything about a clip but its pixels."""

    recipe: Recipe
    mannequin: Mannequin
    motion: Motion
    timeline: Timeline
    camera: Camera
    frames: tuple[Frame, ...]
    in_position: tuple[float, float]
    """From when to when the person is in position, seconds; all the time, unless they come and go."""

    @property
    def middle(self) -> Array:
        """Middle of the space that the exercise takes, world metres."""
        points = points_in_position(self.frames, self.in_position)
        return np.asarray(0.5 * (points.min(axis=0) + points.max(axis=0)))


class Performance:
    """A recipe's motion over time: the pose at any instant."""

    def __init__(self, recipe: Recipe, mannequin: Mannequin) -> None:
        self.recipe = recipe
        self.motion = motion_for(recipe.exercise)(mannequin, recipe.side, recipe.settings)
        self._sway = Sway(recipe.seed, recipe.sway_deg)
        enter_s, leave_s = (ENTER_S, LEAVE_S) if recipe.entrance else (0.0, 0.0)
        self.timeline = Timeline(recipe.movements, enter_s + recipe.lead_s, recipe.tail_s + leave_s)
        self.in_position = (enter_s, self.timeline.duration_s - leave_s)
        self._entrance: Entrance | None = None
        if recipe.entrance:
            bench = self.motion.bench[2] if self.motion.bench else None
            self._entrance = Entrance(mannequin, self._exercise_pose(enter_s), recipe.seed, bench)

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return self.timeline.duration_s

    def pose_at(self, time_s: float) -> Pose:
        """The pose at one instant."""
        start, end = self.in_position
        if self._entrance is not None and time_s < start:
            return self._entrance.coming(time_s)
        if self._entrance is not None and time_s > end:
            return self._entrance.going(time_s - end, self._exercise_pose(end))
        return self._exercise_pose(time_s)

    def _exercise_pose(self, time_s: float) -> Pose:
        share = self.timeline.level(time_s)
        cycle = self.timeline.cycle_at(time_s)

        def fault(name: str) -> float:
            return sum(
                f.amount * abs(share)
                for f in self.recipe.faults
                if f.kind == name and (not f.cycles or cycle in f.cycles)
            )

        return self.motion.pose_at(Instant(share, lambda channel: self._sway(channel, time_s), fault))


def plan_clip(recipe: Recipe) -> ClipPlan:
    """Pose the person at every frame and put the camera where it sees them all the time."""
    mannequin = Mannequin(recipe.person)
    performance = Performance(recipe, mannequin)
    count = int(np.floor(performance.duration_s * recipe.sensor.fps))
    frames = []
    for i in range(count):
        time_s = i / recipe.sensor.fps
        pose = performance.pose_at(time_s)
        frames.append(Frame(time_s, pose, mannequin.place(pose)))
    points = points_in_position(frames, performance.in_position)
    azimuth = performance.motion.views[recipe.view].azimuth_for(recipe.side)
    camera = fit_camera(points, recipe.camera, azimuth, recipe.sensor.size)
    return ClipPlan(
        recipe,
        mannequin,
        performance.motion,
        performance.timeline,
        camera,
        tuple(frames),
        performance.in_position,
    )


def points_in_position(frames: Sequence[Frame], in_position: tuple[float, float]) -> Array:
    """All joint centres (n, 3) of the frames in which the person is in position."""
    start, end = in_position
    return np.concatenate(
        [np.stack(list(f.placed.joints.values())) for f in frames if start <= f.time_s <= end]
    )
