"""Ticks for drawing while nothing is counted yet."""

from math import nan
from typing import Final

from coach.body.pose import Pose
from coach.pipeline import SideTick, Tick
from coach.rotation.estimator import BodyMeasurement

SET_UP: Final = "set-up"
"""The phase of a leg that is not being counted."""


def make_preview_tick(raw: Pose, body: BodyMeasurement) -> Tick:
    """A tick for drawing while nothing is counted."""
    sides = {
        side: SideTick(
            SET_UP,
            leg.rotation,
            leg.hip_flexion_deg,
            leg.hip_adduction_deg,
            leg.knee_flexion_deg,
            nan,
            0,
            0.0,
        )
        for side, leg in body.legs.items()
    }
    return Tick(raw.time_s, raw, body.pose, sides, (), (), None)
