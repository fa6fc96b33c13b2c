"""What was seen before the start pose was known: whoever does not pause is found in it only afterwards."""

from collections import deque
from collections.abc import Iterator
from math import isnan, nan

from coach.body.landmarks import SIDES, Side
from coach.body.spans import lasts, outlasts
from coach.exercise.setup import broken_rule, describe_missing_pose, find_working_sides
from coach.exercise.spec import ExerciseSpec
from coach.rotation.estimator import BodyMeasurement

REMEMBERED_S = 20.0
"""Movements that were seen this much earlier can still be counted."""

SETTLING_S = 1.0
"""What is seen in the first second is not: the pose network takes about that long to settle on a picture."""


class RecentPast:
    """Remembers the latest instants in which somebody may have been exercising."""

    def __init__(self, spec: ExerciseSpec) -> None:
        self._spec = spec
        self._bodies: deque[BodyMeasurement] = deque()
        self._appeared_s = nan

    def add(self, body: BodyMeasurement) -> None:
        """Take one instant; one that no exercise looks like makes all before it forgotten."""
        if not body.pose.seen:
            self._appeared_s = nan
        elif isnan(self._appeared_s):
            self._appeared_s = body.time_s
        settled = lasts(body.time_s - self._appeared_s, SETTLING_S)
        if body.pose.seen and not (settled and self._may_be_exercising(body)):
            self._bodies.clear()
        self._bodies.append(body)
        while outlasts(body.time_s - self._bodies[0].time_s, REMEMBERED_S):
            self._bodies.popleft()

    def recall(self, sides: tuple[Side, ...]) -> Iterator[BodyMeasurement]:
        """The instants since these legs were first seen in something like the start pose."""
        in_pose = False
        for body in self._bodies:
            in_pose = in_pose or describe_missing_pose(self._spec, body, sides) is None
            if in_pose:
                yield body

    def _may_be_exercising(self, body: BodyMeasurement) -> bool:
        if broken_rule(self._spec, body, throughout=True) is not None:
            return False
        return bool(find_working_sides(self._spec, body, SIDES))
