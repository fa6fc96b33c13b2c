"""The range-of-motion protocols: a neutral pose, then trials of each leg both ways, found by themselves.

`RomSession.update` takes one measured body at a time, live or from a file; `finish` closes what is under way;
`coach.exercise.rom.result.summarise` makes values, intervals and verdicts of the trials.
"""

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from math import atan2, degrees, fsum, isnan, nan, sqrt
from statistics import median

from coach.body.angles import wrap_deg
from coach.body.landmarks import INDEX, SIDES, Side, other_side
from coach.body.pose import Pose
from coach.exercise.measures import MEASURES
from coach.exercise.rom.knee import Offset, observe_knee, steady_knee
from coach.exercise.rom.plateau import BRIDGE_S
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.sample import LegSample, Pelvis, median_pelvis
from coach.exercise.rom.trial import PLATEAU_S, Trial, TrialWatch, judge
from coach.exercise.series import median_seen
from coach.rotation.estimator import BodyMeasurement, LegMeasurement, measure_body
from coach.rotation.rotation import Rotation

NEUTRAL_S = 0.8
"""The neutral pose is taken over this long, held still."""

STILL_SD_DEG = 2.0
"""A shank that varies by less than this (one SD) is still."""

NEUTRAL_SHARE = 0.5
"""How much of the rotation measured in the neutral pose is believed.  Its shanks hang straight down, so that
it is none, but for how people sit; and the trunk's line, which it is read against, is drawn askew as much."""

CREEP_DEG = 0.8
"""Nor may it be another one in the second half of that time: at 2 degrees a second a trial is under way."""

MAX_NEUTRAL_DEG = 12.0
"""A shank further from neutral than this is not hanging straight: its trials cannot start from there."""

MAX_RESTING_DEG = 35.0
"""The other leg may make room for the foot that swings inwards, but not more than this."""

REST_DEG = 8.0
"""A still pose this near to the neutral one replaces it, so that the next trial starts from where the person
is now; anything further off is a movement, or another position."""

LOST_S = 3.0
"""Somebody out of sight for this long has to take up the neutral pose again."""

TRIALS = 3
"""Trials per direction and leg that the protocol asks for; later ones are not needed."""

_HIPS = INDEX["left_hip"], INDEX["right_hip"]
_SHOULDERS = INDEX["left_shoulder"], INDEX["right_shoulder"]
_MIN_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class LegState:
    """One leg after an instant.

    phase       "set-up", "ready", "internal", "external" or "hold"
    rotation    the measured rotation, counted from the neutral pose
    change_deg  turn of the shank in the picture since the neutral pose, NaN when unknown
    held_s      seconds of the plateau under way
    valid       trials that count, so far
    """

    phase: str
    rotation: Rotation
    change_deg: float
    held_s: float
    valid: int


@dataclass(frozen=True, slots=True)
class RomState:
    """All that is known after an instant; `trials` are those that it completed, rejected ones too."""

    ready: bool
    legs: dict[Side, LegState]
    working: tuple[Side, ...]
    trials: tuple[Trial, ...]
    prompt: str


@dataclass(slots=True)
class ViewTally:
    """Where the camera stood, over all instants with somebody in view."""

    angles: Counter[tuple[int, int]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    good: int = 0

    def note(self, body: BodyMeasurement) -> None:
        """Take one instant."""
        if isnan(body.view.azimuth_deg):
            return
        self.angles[round(body.view.azimuth_deg), round(body.view.elevation_deg)] += 1
        reason = body.view_reason
        if reason is None:
            self.good += 1
        else:
            self.reasons[reason] += 1


@dataclass(frozen=True, slots=True)
class _Instant:
    time_s: float
    angle_deg: dict[Side, float]
    rotation_deg: dict[Side, float]
    knee: dict[Side, Offset]
    pelvis: Pelvis


@dataclass(frozen=True, slots=True)
class _Neutral:
    angle_deg: dict[Side, float]
    rotation_deg: dict[Side, float]
    knee: dict[Side, Offset]
    pelvis: Pelvis

    def count(self, body: BodyMeasurement, side: Side) -> Rotation:
        """The rotation of a leg since this pose."""
        rotation = steady_knee(body.legs[side].rotation, body, side, self.knee[side])
        if rotation.reason is not None:
            return rotation
        if isnan(self.rotation_deg[side]):
            return Rotation.withheld("neutral_not_measured")
        return replace(rotation, value_deg=rotation.value_deg - self.rotation_deg[side])


class RomSession:
    """Finds the trials.  `update` takes one measured body and returns what is known after it."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.trials: list[Trial] = []
        self.view = ViewTally()
        self.frames = 0
        self.frames_with_pose = 0
        self.frames_doubted = 0
        self.lost_s = 0.0
        self.was_ready = False
        self._window: deque[_Instant] = deque()
        self._neutral: _Neutral | None = None
        self._anchor: dict[Side, float] = {}  # the first neutral pose: later ones stay near it
        self._watches = {side: TrialWatch() for side in SIDES}
        self._change = dict.fromkeys(SIDES, nan)
        self._last_s = nan
        self._last_seen_s = nan

    def update(self, body: BodyMeasurement) -> RomState:
        """Take the next instant."""
        self._count(body)
        found: list[Trial] = []
        instant = _observe(body)
        if self._neutral is not None:
            found = self._follow(body, instant, self._neutral)
        self._look_for_neutral(body, instant)
        self.trials += found
        return self._state(body, tuple(found))

    def finish(self) -> tuple[Trial, ...]:
        """The footage is over: the trial under way, if its plateau was seen."""
        found = [
            trial
            for side in SIDES
            if (excursion := self._watches[side].finish()) and (trial := judge(excursion, side))
        ]
        self.trials += found
        return tuple(found)

    def _count(self, body: BodyMeasurement) -> None:
        self.frames += 1
        step_s = 0.0 if isnan(self._last_s) else body.time_s - self._last_s
        self._last_s = body.time_s
        if body.pose.seen:
            self.frames_with_pose += 1
            self.frames_doubted += bool(body.doubts)
            self.view.note(body)
        else:
            self.lost_s += step_s

    def _follow(self, body: BodyMeasurement, instant: _Instant, neutral: _Neutral) -> list[Trial]:
        pelvis = instant.pelvis.minus(neutral.pelvis)
        for side in SIDES:
            self._change[side] = wrap_deg(instant.angle_deg[side] - neutral.angle_deg[side])
        found = []
        moved_on = False
        for side in SIDES:
            if not abs(neutral.angle_deg[side]) <= MAX_NEUTRAL_DEG:
                continue
            other_deg = self._change[other_side(side)]
            rotation = neutral.count(body, side)
            neutral_deg = NEUTRAL_SHARE * neutral.rotation_deg[side]
            sample = LegSample(body.time_s, self._change[side], other_deg, rotation, neutral_deg, pelvis)
            excursion = self._watches[side].update(sample)
            if excursion is None:
                continue
            trial = judge(excursion, side)
            found += [trial] if trial else []
            moved_on = moved_on or excursion.overlong
        if moved_on:
            self._forget()
        elif not all(isnan(change) for change in self._change.values()):
            self._last_seen_s = body.time_s
        elif body.time_s - self._last_seen_s > LOST_S:
            self._forget()
        return found

    def _forget(self) -> None:
        self._neutral = None
        self._anchor = {}
        self._window.clear()
        for side in SIDES:
            self._watches[side].reset()
            self._change[side] = nan

    def _look_for_neutral(self, body: BodyMeasurement, instant: _Instant) -> None:
        """Take the neutral pose, or renew it, once it has been held still."""
        if not self._fits(body, instant):
            self._window.clear()
            return
        if self._window and body.time_s - self._window[-1].time_s > BRIDGE_S:
            self._window.clear()
        self._window.append(instant)
        if body.time_s - self._window[0].time_s < NEUTRAL_S or len(self._window) < _MIN_SAMPLES:
            return
        while body.time_s - self._window[1].time_s >= NEUTRAL_S:
            self._window.popleft()
        if all(self._still(side) for side in SIDES):
            self._take_neutral(body.time_s)

    def _still(self, side: Side) -> bool:
        """Neither wavering nor creeping away, which would take the neutral pose along."""
        angles_deg = [i.angle_deg[side] for i in self._window]
        half = len(angles_deg) // 2
        creep_deg = abs(median(angles_deg[-half:]) - median(angles_deg[:half]))
        return _sd(angles_deg) < STILL_SD_DEG and creep_deg < CREEP_DEG

    def _take_neutral(self, time_s: float) -> None:
        self._neutral = _Neutral(
            {side: median(i.angle_deg[side] for i in self._window) for side in SIDES},
            {side: median_seen([i.rotation_deg[side] for i in self._window]) for side in SIDES},
            {side: _median_offset([i.knee[side] for i in self._window]) for side in SIDES},
            median_pelvis([i.pelvis for i in self._window]),
        )
        self._anchor = self._anchor or self._neutral.angle_deg
        self.was_ready = True
        self._last_seen_s = time_s

    def _fits(self, body: BodyMeasurement, instant: _Instant) -> bool:
        """Whether both legs are in the protocol's start pose, near the neutral one that is known."""
        for side in SIDES:
            leg, angle_deg = body.legs[side], instant.angle_deg[side]
            if not abs(angle_deg) <= MAX_RESTING_DEG:
                return False
            if self._anchor and not abs(wrap_deg(angle_deg - self._anchor[side])) <= REST_DEG:
                return False
            if not _is_bent(leg, self.protocol):
                return False
        hanging = any(
            abs(instant.angle_deg[side]) <= MAX_NEUTRAL_DEG and not isnan(instant.rotation_deg[side])
            for side in SIDES
        )
        return hanging and (_sits(body) or not self.protocol.upright)

    def _state(self, body: BodyMeasurement, found: tuple[Trial, ...]) -> RomState:
        ready = self._neutral is not None
        legs = {side: self._leg_state(side, body, ready=ready) for side in SIDES}
        working = tuple(side for side in SIDES if self._watches[side].moving)
        if len(working) > 1:
            working = (max(working, key=lambda side: abs(self._change[side])),)
        return RomState(ready, legs, working, found, _prompt(ready, legs, working, found))

    def _leg_state(self, side: Side, body: BodyMeasurement, *, ready: bool) -> LegState:
        excursion = self._watches[side].excursion
        valid = sum(trial.valid for trial in self.trials if trial.side == side)
        held_s = excursion.plateaus.held_s if excursion and self._watches[side].moving else 0.0
        phase = "ready" if ready else "set-up"
        if excursion is not None and self._watches[side].moving:
            phase = "hold" if held_s > 0.0 else "internal" if excursion.sign > 0 else "external"
        rotation = Rotation.withheld("neutral_not_measured")
        if self._neutral is not None:
            rotation = self._neutral.count(body, side)
        return LegState(phase, rotation, self._change[side], held_s, valid)


def observe_pelvis(body: BodyMeasurement) -> Pelvis:
    """Pelvis and trunk as the picture shows them, degrees; only the size of a change means anything.

    tilt  slope of the hip line · shoulder  of the shoulder line · lean  sideways lean of the trunk
    turn  of the pelvis about the trunk
    """
    return Pelvis(
        _slope_deg(body, *_HIPS),
        _slope_deg(body, *_SHOULDERS),
        MEASURES["trunk_lean"].compute(body, "left"),
        body.view.azimuth_deg,
    )


def _slope_deg(body: BodyMeasurement, left: int, right: int) -> float:
    (lx, ly), (rx, ry) = body.pixels[left], body.pixels[right]
    return degrees(atan2(ry - ly, lx - rx))


def _observe(body: BodyMeasurement) -> _Instant:
    return _Instant(
        body.time_s,
        {side: body.legs[side].shank_deg for side in SIDES},
        {side: body.legs[side].rotation.value_deg for side in SIDES},
        {side: observe_knee(body, side) for side in SIDES},
        observe_pelvis(body),
    )


def resembles_neutral(protocol: Protocol, pose: Pose) -> bool:
    """Whether somebody in this pose is about to be measured rather than doing something else."""
    if not pose.seen:
        return False
    body = measure_body(pose, protocol.reading)
    bent = all(_is_bent(leg, protocol) for leg in body.legs.values())
    return bent and (_sits(body) or not protocol.upright)


def _is_bent(leg: LegMeasurement, protocol: Protocol) -> bool:
    return _within(leg.knee_flexion_deg, protocol.knee_flexion_deg) and _within(
        leg.hip_flexion_deg, protocol.hip_flexion_deg
    )


def _sits(body: BodyMeasurement) -> bool:
    """Trunk upright in the picture, knees not clearly above the hips: on a chair, not on the floor."""
    (lx, ly), (rx, ry) = (body.pixels[i] for i in _HIPS)
    (lsx, lsy), (rsx, rsy) = (body.pixels[i] for i in _SHOULDERS)
    up, across = 0.5 * (ly + ry - lsy - rsy), 0.5 * abs(lsx + rsx - lx - rx)
    knee_y = 0.5 * (body.pixels[INDEX["left_knee"]][1] + body.pixels[INDEX["right_knee"]][1])
    return up > 0.0 and across < up and knee_y > 0.5 * (ly + ry) - 0.25 * up


def _prompt(
    ready: bool, legs: dict[Side, LegState], working: tuple[Side, ...], found: tuple[Trial, ...]
) -> str:
    """What to do now, in words for the live guide."""
    if not ready:
        return "Take up the start pose and hold still."
    if found:
        return "That one counts." if found[-1].valid else "That one does not count. Once more."
    if not working:
        return "Turn one leg as far as it goes, and stay there for two seconds."
    state = legs[working[0]]
    if state.held_s >= PLATEAU_S:
        return "Come back slowly."
    return "Hold." if state.phase == "hold" else "As far as it goes without force."


def _median_offset(offsets: list[Offset]) -> Offset:
    return median_seen([x for x, _ in offsets]), median_seen([y for _, y in offsets])


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _sd(values: list[float]) -> float:
    mean = fsum(values) / len(values)
    return sqrt(fsum((v - mean) ** 2 for v in values) / len(values))
