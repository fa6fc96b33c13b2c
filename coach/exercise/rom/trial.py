"""One trial of a range-of-motion test: out of the neutral pose, a plateau at the end of range, and back.

`TrialWatch` follows one leg and returns each finished `Excursion`; `judge` makes a `Trial` of it: a value, or
the reason for having none.
"""

from collections import Counter
from dataclasses import dataclass, field
from math import isnan, nan
from statistics import median
from typing import Literal

from coach.body.landmarks import Side
from coach.exercise.rom.plateau import BRIDGE_S, PlateauFinder
from coach.exercise.rom.sample import LegSample, Pelvis, median_pelvis
from coach.exercise.series import only_seen

Direction = Literal["internal", "external"]
DIRECTIONS: tuple[Direction, Direction] = ("internal", "external")

PLATEAU_S = 2.0
"""The end of range is to be held this long; the value is taken from the furthest such stretch."""

MIN_PLATEAU_S = 1.0
"""A plateau from here up to `PLATEAU_S` still counts, with the note `short_plateau`: the leg has come to
rest, but its value stands on less than the protocol asks for.  Anything shorter is a swing, not the end of
range."""

PLATEAU_SHARE = 0.8
"""A rest at less than this share of the way that the leg went is a stop on the way, not the end of range."""

NEAR_DEG = 5.0
"""A plateau lasts as long as the leg stays this near to where it stood."""

MIN_TRIAL_DEG = 8.0
"""Smaller movements are fidgeting: stiff hips turn by 10 to 15 degrees, and a leg at rest wanders by 3."""

OFF_DEG = 4.0
"""Nearer than this to the neutral pose, a leg has not left it; `OFF_SHARE` of a large way counts as back."""

OFF_SHARE = 0.25

MAX_TRIAL_S = 30.0
"""Whatever lasts longer is not a trial: the person has changed position."""

OTHER_LEG_SHARE = 0.5
"""Where the other leg moves by more than this share of the way, the legs were not moved one at a time."""

OTHER_LED_SHARE = 0.2
"""Where the other leg goes further for more than this share of the time, this one only goes along."""

COMPENSATION_DEG = 5.0
"""Pelvis and trunk may tilt by this much since the neutral pose before they do part of the leg's work.  Trunk
and shoulder line show it as it is.  The hip line is drawn up to 8.5 degrees askew by the pose model when
nothing moves but one leg, so it counts only where the shoulder line follows it ..."""

FOLLOWING_DEG = 2.0
"""... by this much (clean trials: up to 1.8; hikes from 10 degrees on: 2.1 and more) ..."""

HIP_LINE_DEG = 9.0
"""... or from here on."""

TURN_DEG = 11.5
"""How far the pelvis may turn about the trunk; read from estimated depth, in clean trials of rendered people
up to 14 degrees off, while the rotation of those that seemed to turn by 9 to 11 was right to 3 degrees."""

CHANGE_SD_SHARE = 0.6
"""How much of an absolute angle's error stays in its change since the neutral pose: zeroing takes away the
person's and the camera's constant part.  On rendered people 0.4 of it stayed; more is assumed ..."""

MIN_SD_DEG: dict[Direction, float] = {"internal": 2.5, "external": 3.0}
"""... and never less than this.  Turned outwards the foot comes before the other leg, and the pose model is
less sure of the ankle: over ten rendered people the error's root mean square was 1.7 and 2.1 degrees."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt.

    value_deg     rotation on the plateau from the neutral pose, positive in the trial's own direction; NaN
                  when withheld
    sd_deg        standard deviation of `value_deg` as a measurement; NaN when withheld
    neutral_deg   the hip's rotation in the neutral pose, internal positive: `value_deg` counts from there
    start_s ...   when the leg left the neutral pose and when it was back
    plateau_s     (from, to) of the stretch that the value is taken from; NaN without one
    held_s        how long the whole plateau lasted
    pelvis        how pelvis and trunk stood there, as change since the neutral pose
    rejected      why the trial does not count, None when it does
    note          what is to be said of a trial that counts, None for nothing
    """

    side: Side
    direction: Direction
    value_deg: float
    sd_deg: float
    neutral_deg: float
    start_s: float
    end_s: float
    plateau_s: tuple[float, float]
    held_s: float
    pelvis: Pelvis
    rejected: str | None
    note: str | None = None

    @property
    def valid(self) -> bool:
        """Whether it counts."""
        return self.rejected is None


@dataclass(slots=True)
class Excursion:
    """One way out of the neutral pose in one direction, and back; `sign` is +1 for internal rotation."""

    sign: float
    samples: list[LegSample] = field(default_factory=list)
    plateaus: PlateauFinder = field(default_factory=PlateauFinder)
    amplitude_deg: float = 0.0
    interrupted: bool = False
    overlong: bool = False

    def add(self, sample: LegSample) -> None:
        """Take the next sample in which the leg was seen."""
        self.samples.append(sample)
        self.plateaus.update(sample)
        self.amplitude_deg = max(self.amplitude_deg, self.sign * sample.change_deg)


class TrialWatch:
    """Follows one leg.  `update` returns the excursion that a sample completes."""

    def __init__(self) -> None:
        self._excursion: Excursion | None = None
        self._last_seen_s = nan
        self._settling = 0.0  # direction of the trial that has just ended, until the leg is really back

    @property
    def excursion(self) -> Excursion | None:
        """The movement under way."""
        return self._excursion

    @property
    def moving(self) -> bool:
        """Whether a movement large enough for a trial is under way."""
        return self._excursion is not None and self._excursion.amplitude_deg >= MIN_TRIAL_DEG

    def reset(self) -> None:
        """Forget the movement under way."""
        self._excursion = None
        self._last_seen_s = nan
        self._settling = 0.0

    def update(self, sample: LegSample) -> Excursion | None:
        """Take one sample; gaps shorter than `BRIDGE_S` are bridged."""
        if isnan(sample.change_deg):
            return self._expire(sample.time_s)
        finished = self._expire(sample.time_s)
        self._last_seen_s = sample.time_s
        if self._excursion is not None:
            self._excursion.add(sample)
            if not self._is_back(self._excursion, sample):
                return finished
            self._settling = self._excursion.sign
            finished = self._take()
        self._leave(sample)
        return finished

    def _leave(self, sample: LegSample) -> None:
        """Begin an excursion with this sample if the leg is out of the neutral pose, and was in it."""
        if self._settling * sample.change_deg < OFF_DEG:
            self._settling = 0.0
        if abs(sample.change_deg) >= OFF_DEG and not self._settling:
            self._excursion = Excursion(1.0 if sample.change_deg > 0 else -1.0)
            self._excursion.add(sample)

    def finish(self) -> Excursion | None:
        """The footage is over: the movement under way, whose end was not seen."""
        return self._take()

    def _expire(self, time_s: float) -> Excursion | None:
        """What is left of a movement when the leg was out of sight, or away from neutral, for too long."""
        excursion = self._excursion
        if excursion is None:
            return None
        excursion.interrupted = time_s - self._last_seen_s > BRIDGE_S
        excursion.overlong = time_s - excursion.samples[0].time_s > MAX_TRIAL_S
        if not excursion.interrupted and not excursion.overlong:
            return None
        self._settling = excursion.sign
        return self._take()

    def _take(self) -> Excursion | None:
        excursion, self._excursion = self._excursion, None
        return excursion if excursion and excursion.amplitude_deg >= MIN_TRIAL_DEG else None

    @staticmethod
    def _is_back(excursion: Excursion, sample: LegSample) -> bool:
        return excursion.sign * sample.change_deg < max(OFF_DEG, OFF_SHARE * excursion.amplitude_deg)


def judge(excursion: Excursion, side: Side) -> Trial | None:
    """The trial that an excursion amounts to; None when the leg only went along with the other one."""
    plateau = _choose_plateau(excursion)
    stretch = plateau or excursion.samples
    way_deg = median(excursion.sign * s.change_deg for s in stretch)
    other_deg = _other_deg(excursion, stretch)
    led = sum(_other_deg(excursion, [s]) > way_deg for s in excursion.samples)
    if other_deg > way_deg or led > OTHER_LED_SHARE * len(excursion.samples):
        return None
    pelvis = median_pelvis([s.pelvis for s in stretch])
    value_deg, sd_deg, withheld = _read(stretch, excursion.sign)
    held_s = _held_s(excursion, plateau, way_deg)
    rejected = _why_rejected(excursion, held_s, other_deg > OTHER_LEG_SHARE * way_deg, pelvis) or withheld
    return Trial(
        side,
        _direction(excursion.sign),
        value_deg if plateau else nan,
        sd_deg if plateau else nan,
        stretch[0].neutral_deg,
        excursion.samples[0].time_s,
        excursion.samples[-1].time_s,
        (stretch[0].time_s, stretch[-1].time_s) if plateau else (nan, nan),
        held_s,
        pelvis,
        rejected,
        "short_plateau" if rejected is None and held_s < PLATEAU_S else None,
    )


def _other_deg(excursion: Excursion, stretch: list[LegSample]) -> float:
    """How far the other leg has moved since this one set out; 0 where it was not seen."""
    start_deg = excursion.samples[0].other_deg
    return median(only_seen([abs(s.other_deg - start_deg) for s in stretch]) or [0.0])


def _direction(sign: float) -> Direction:
    return "internal" if sign > 0 else "external"


def _choose_plateau(excursion: Excursion) -> list[LegSample]:
    """The furthest stretch at rest near the end of the way; empty when there is none."""
    reach = PLATEAU_SHARE * excursion.amplitude_deg
    ends = [
        (way_deg, stretch)
        for run in excursion.plateaus.finish()
        if run[-1].time_s - run[0].time_s >= MIN_PLATEAU_S
        and (stretch := _furthest(run, excursion.sign))
        and (way_deg := median(excursion.sign * s.change_deg for s in stretch)) >= reach
    ]
    return max(ends, key=lambda end: end[0])[1] if ends else []


def _held_s(excursion: Excursion, plateau: list[LegSample], way_deg: float) -> float:
    """How long the leg stayed where it was on the plateau; 0 without one."""
    if not plateau:
        return 0.0
    run = next(run for run in excursion.plateaus.runs if plateau[0] in run)
    near = [s for s in run if abs(excursion.sign * s.change_deg - way_deg) < NEAR_DEG]
    return near[-1].time_s - near[0].time_s if near else 0.0


def _furthest(run: list[LegSample], sign: float) -> list[LegSample]:
    """The `PLATEAU_S` of a plateau in which the leg was furthest; the whole of a shorter one."""
    best, best_deg, first = run, -1.0, 0
    for last in range(len(run)):
        while run[last].time_s - run[first + 1 if first < last else first].time_s >= PLATEAU_S:
            first += 1
        if run[last].time_s - run[first].time_s < PLATEAU_S:
            continue
        way_deg = median(sign * s.change_deg for s in run[first : last + 1])
        if way_deg > best_deg:
            best, best_deg = run[first : last + 1], way_deg
    return best


def _read(stretch: list[LegSample], sign: float) -> tuple[float, float, str | None]:
    """Value and its standard deviation, or why less than half of the stretch carries one."""
    given = [s.rotation for s in stretch if s.rotation.reason is None]
    if 2 * len(given) < len(stretch):
        reasons = Counter(s.rotation.reason for s in stretch if s.rotation.reason)
        return nan, nan, reasons.most_common(1)[0][0]
    value_deg = median(r.value_deg for r in given)
    sd_deg = max(MIN_SD_DEG[_direction(sign)], CHANGE_SD_SHARE * median(r.sd_deg for r in given))
    return sign * value_deg, sd_deg, None


def _why_rejected(excursion: Excursion, held_s: float, both_legs: bool, pelvis: Pelvis) -> str | None:
    held = held_s >= MIN_PLATEAU_S
    leaned = max(abs(pelvis.shoulder_deg), abs(pelvis.lean_deg)) > COMPENSATION_DEG
    tilted = leaned or _hip_line_tilted(pelvis)
    findings = {
        "not_returned": excursion.overlong,
        "lost_from_sight": excursion.interrupted and not held,
        "not_held": not held,
        "both_legs_moved": both_legs,
        "pelvis_turned": abs(pelvis.turn_deg) > TURN_DEG,
        "pelvis_tilted": tilted and abs(pelvis.tilt_deg) >= abs(pelvis.shoulder_deg),
        "trunk_leaned": tilted,
    }
    return next((reason for reason, found in findings.items() if found), None)


def _hip_line_tilted(pelvis: Pelvis) -> bool:
    tilt_deg = abs(pelvis.tilt_deg)
    followed = pelvis.shoulder_deg * pelvis.tilt_deg >= FOLLOWING_DEG * tilt_deg
    return tilt_deg > HIP_LINE_DEG or (tilt_deg > COMPENSATION_DEG and followed)
