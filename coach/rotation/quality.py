"""Is the pose to be believed?  What can be told for free, leg by leg, from pose after pose.

The network says "visible" of legs that it has wrong, so its own word counts for nothing here.  What gives a
wrong pose away is that it moves as no body does: legs that tremble, a body that is elsewhere at once, left
and right changing places, limbs that change their length.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot, isnan, log, nan

from coach.body.landmarks import SIDES, Side, indices
from coach.body.pose import Pose
from coach.body.spans import lasts, outlasts

MAX_ACCELERATION = 12.0
"""Knee or ankle, body extents per second squared, mean over `_TREMBLE_S`: more is no movement of a leg.
Brisk repetitions reach 7."""

JUMP_EXTENTS = 0.35
"""A trunk that is this far from where it was, in body extents, within `_STEP_S` is another one."""

MAX_LENGTH_CHANGE = 0.4
"""Natural logarithm of a limb's length over its usual one; beyond it the limb is not the one it was."""

DISTRUST_S = 0.6
"""How long after a jump nothing is believed."""

_TREMBLE_S = 0.6
_LAG_S = 0.1  # accelerations are taken over this step, so that frame rates compare
_TIE_S = 0.001  # of two instants that are as near as that, the earlier is taken
_STEP_S = 0.25
_CROSSED_SHARE = 0.4  # exchanged legs lie this much nearer to each other's old places than to their own
_CROSSED_EXTENTS = 0.12
_USUAL_S = 3.0
_MAX_EXCHANGED_S = 3.0  # after this long, what looked like an exchange is how it is
_ROWS = indices(*(f"{side}_{part}" for part in ("shoulder", "hip", "knee", "ankle") for side in SIDES))
_KNEES_AND_ANKLES: dict[Side, tuple[int, int]] = {"left": (4, 6), "right": (5, 7)}  # of `_ROWS`
_LIMBS = {
    side: tuple(indices(*(f"{side}_{end}" for end in ends)) for ends in (("hip", "knee"), ("knee", "ankle")))
    for side in SIDES
}

_Point = Sequence[float]


@dataclass(frozen=True, slots=True)
class _Instant:
    time_s: float
    extent_px: float
    trunk: _Point
    points: list[_Point]  # of `_ROWS`


@dataclass(slots=True)
class _Leg:
    accelerations: deque[tuple[float, float]] = field(default_factory=deque)
    usual_length: list[float] = field(default_factory=lambda: [nan, nan])  # logarithms: thigh, shank


class PoseWatch:
    """Follows one person.  `update` takes each (raw) pose and says which legs are not to be believed."""

    def __init__(self) -> None:
        self._recent: deque[_Instant] = deque()
        self._legs = {side: _Leg() for side in SIDES}
        self._jumped_s = nan
        self._exchanged_since_s = nan
        self.jumped = False

    def update(self, pose: Pose) -> dict[Side, str]:
        """Take the next pose; returns the doubt about each leg that there is one about."""
        self.jumped = False
        if not pose.seen:
            return {}
        now = _observe(pose)
        last = self._recent[-1] if self._recent else None
        if last is not None and not outlasts(now.time_s - last.time_s, _STEP_S):
            self._compare(last, now)
        elif last is not None:
            self._forget()
        step_s = 0.0 if last is None else now.time_s - last.time_s
        self._recent.append(now)
        while outlasts(now.time_s - self._recent[0].time_s, 3 * _LAG_S) and len(self._recent) > 3:
            self._recent.popleft()
        steps = self._find_steps(now)
        doubts: dict[Side, str] = {}
        for side in SIDES:
            leg = self._legs[side]
            trembles = steps is not None and _trembles(leg, now, side, *steps)
            stretched = _is_stretched(leg, pose, side, step_s)
            doubt = self._doubt_both(now.time_s) or ("leg_trembles" if trembles else None)
            if doubt or stretched:
                doubts[side] = doubt or "limb_length_changed"
        return doubts

    def _forget(self) -> None:
        self._recent.clear()
        self._legs = {side: _Leg() for side in SIDES}
        self._exchanged_since_s = nan

    def _compare(self, last: _Instant, now: _Instant) -> None:
        extent = max(last.extent_px, now.extent_px)
        if _apart(last.trunk, now.trunk) > JUMP_EXTENTS * extent:
            self._forget()
            self.jumped = True
            self._jumped_s = now.time_s
            return
        straight = _moved(last, now, "left", "left") + _moved(last, now, "right", "right")
        if not straight > 2 * _CROSSED_EXTENTS * extent:
            return
        crossed = _moved(last, now, "left", "right") + _moved(last, now, "right", "left")
        if crossed < _CROSSED_SHARE * straight:
            self._exchanged_since_s = now.time_s if isnan(self._exchanged_since_s) else nan
            self._jumped_s = now.time_s

    def _doubt_both(self, time_s: float) -> str | None:
        if not (isnan(self._jumped_s) or lasts(time_s - self._jumped_s, DISTRUST_S)):
            return "pose_jumped"
        exchanged_s = time_s - self._exchanged_since_s
        return None if isnan(exchanged_s) or lasts(exchanged_s, _MAX_EXCHANGED_S) else "sides_exchanged"

    def _find_steps(self, now: _Instant) -> tuple[_Instant, _Instant] | None:
        """The instants one and two lags ago; None where there are none nearby."""
        before, first = self._at(now.time_s - _LAG_S), self._at(now.time_s - 2 * _LAG_S)
        if before is None or first is None or not first.time_s < before.time_s < now.time_s:
            return None
        return first, before

    def _at(self, time_s: float) -> _Instant | None:
        """The instant nearest to a time, the earlier of two; None if none is within about half a lag."""
        found, found_off_s = None, 0.6 * _LAG_S
        for instant in self._recent:
            off_s = abs(instant.time_s - time_s)
            if off_s < found_off_s - _TIE_S:
                found, found_off_s = instant, off_s
        return found


def _trembles(leg: _Leg, now: _Instant, side: Side, first: _Instant, before: _Instant) -> bool:
    """Whether knee or ankle have lately been thrown about; notes their acceleration."""
    early_s, late_s = before.time_s - first.time_s, now.time_s - before.time_s
    worst = 0.0
    for i in _KNEES_AND_ANKLES[side]:
        (ax, ay), (bx, by), (cx, cy) = first.points[i], before.points[i], now.points[i]
        x, y = (cx - bx) / late_s - (bx - ax) / early_s, (cy - by) / late_s - (by - ay) / early_s
        worst = max(worst, 2.0 * hypot(x, y) / (early_s + late_s))
    leg.accelerations.append((now.time_s, worst / now.extent_px))
    while outlasts(now.time_s - leg.accelerations[0][0], _TREMBLE_S):
        leg.accelerations.popleft()
    mean = sum(a for _, a in leg.accelerations) / len(leg.accelerations)
    return len(leg.accelerations) > 2 and mean > MAX_ACCELERATION


def _is_stretched(leg: _Leg, pose: Pose, side: Side, step_s: float) -> bool:
    """Whether thigh or shank differ from their usual length, which is learnt slowly."""
    stretched = False
    for i, (a, b) in enumerate(_LIMBS[side]):
        (ax, ay, az), (bx, by, bz) = pose.world_m[a].tolist(), pose.world_m[b].tolist()
        length = hypot(ax - bx, ay - by, az - bz)
        if not length > 0.0:
            continue
        usual = leg.usual_length[i]
        change = 0.0 if isnan(usual) else log(length) - usual
        stretched = stretched or abs(change) > MAX_LENGTH_CHANGE
        leg.usual_length[i] = log(length) if isnan(usual) else usual + min(1.0, step_s / _USUAL_S) * change
    return stretched


def _observe(pose: Pose) -> _Instant:
    points: list[_Point] = pose.image_px[_ROWS].tolist()
    xs, ys = [x for x, _ in points if not isnan(x)], [y for _, y in points if not isnan(y)]
    extent = max(1.0, max(xs) - min(xs), max(ys) - min(ys)) if xs and ys else 1.0
    middle = 0.25 * sum(x for x, _ in points[:4]), 0.25 * sum(y for _, y in points[:4])
    return _Instant(pose.time_s, extent, middle, points)


def _apart(a: _Point, b: _Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _moved(last: _Instant, now: _Instant, from_side: Side, to_side: Side) -> float:
    """How far knee and ankle are from where the other instant had those of the given side, pixels."""
    (knee, ankle), (to_knee, to_ankle) = _KNEES_AND_ANKLES[from_side], _KNEES_AND_ANKLES[to_side]
    return _apart(last.points[knee], now.points[to_knee]) + _apart(last.points[ankle], now.points[to_ankle])
