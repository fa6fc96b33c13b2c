"""How the legs are held, learnt from the first moments in position: what an exercise leaves open."""

from math import isnan, nan

from coach.body.landmarks import SIDES, Side
from coach.body.pose import Pose
from coach.rotation.leg_shape import LegShape, compute_leg_shape, find_upper_side, measure_thigh_down
from coach.rotation.posture import Posture, bend_hip, bend_knee, compute_shank_length, find_flexion
from coach.rotation.view import View

LEARN_S = 1.0
"""How long it is learnt how shank and thigh lie in the picture, from when somebody is in position ..."""

REST_ROTATION_DEG = 12.0
"""... with the hip turned in by about this much, as in a squat at rest: a planted foot moves the thigh."""

_SETTLING_S = 0.6
_LONGEST_STEP_S = 0.1


class PostureWatch:
    """Averages what the first `LEARN_S` in position show of both legs.

    It then stays as it is, for a change from the start pose must not be mistaken for another start pose.
    `postures` is what is known so far; a hip's flexion is told at once (see `settled`), a knee's little by
    little, since the network needs some frames to settle.
    """

    def __init__(self, asked: Posture, upper_leg_only: bool) -> None:
        self._asked = asked
        self._upper_leg_only = upper_leg_only
        self.forget()

    def forget(self) -> None:
        """The posture is to be learnt anew."""
        self.postures = dict.fromkeys(SIDES, self._asked)
        self._shank = dict.fromkeys(SIDES, compute_shank_length(self._asked))
        self._flexion_deg = dict.fromkeys(SIDES, self._asked.hip_flexion_deg)
        self._learnt_s, self._learnt_at_s = 0.0, nan

    @property
    def settled(self) -> bool:
        """Whether the hip's flexion, where it is taken from the thigh, is known."""
        return self._asked.flexion_from_thigh == 0.0 or self._learnt_s >= LEARN_S

    def learn(self, pose: Pose, view: View) -> None:
        """Take the next pose of somebody in position."""
        leaves_open = self._asked.knee_from_shank or self._asked.flexion_from_thigh > 0.0
        if not leaves_open or self._learnt_s >= LEARN_S:
            return
        pixels = pose.image_px.tolist()
        if self._upper_leg_only and find_upper_side(pixels) is None:
            return
        since_s = 0.0 if isnan(self._learnt_at_s) else pose.time_s - self._learnt_at_s
        self._learnt_at_s = pose.time_s
        step_s = min(since_s, _LONGEST_STEP_S)
        self._learnt_s += step_s
        for side in SIDES:
            shape = compute_leg_shape(pixels, side)
            if not isnan(shape.shank):
                self._average(shape, view, side, step_s)

    def _average(self, shape: LegShape, view: View, side: Side, step_s: float) -> None:
        share = step_s / self._learnt_s if self._learnt_s > 0.0 else 1.0
        slow_share = step_s / (_SETTLING_S + self._learnt_s)
        flexion_deg = _see_flexion(shape, self._asked, view, side)
        self._flexion_deg[side] += share * (flexion_deg - self._flexion_deg[side])
        self._shank[side] += slow_share * (shape.shank - self._shank[side])
        self.postures[side] = bend_knee(bend_hip(self._asked, self._flexion_deg[side]), self._shank[side])


def see_posture(asked: Posture, pixels: list[list[float]], view: View, side: Side) -> Posture:
    """How a leg is held as far as one pose alone shows it."""
    shape = compute_leg_shape(pixels, side)
    return bend_knee(bend_hip(asked, _see_flexion(shape, asked, view, side)), shape.shank)


def _see_flexion(shape: LegShape, posture: Posture, view: View, side: Side) -> float:
    """The hip's flexion at rest, degrees, from how the thigh lies in the picture; NaN if not seen."""
    if isnan(shape.shank) or isnan(view.azimuth_deg):
        return nan
    return find_flexion(measure_thigh_down(shape, view), REST_ROTATION_DEG, posture, view, side)
