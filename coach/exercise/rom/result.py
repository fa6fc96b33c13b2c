"""What the trials of a range-of-motion test come to: medians, intervals, verdicts, side differences."""

from collections import Counter
from dataclasses import dataclass
from math import nan, sqrt
from statistics import median
from typing import TypeAlias

from coach.body.landmarks import SIDES, Side
from coach.body.pose import SourceFacts
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.session import TRIALS, RomSession, ViewTally
from coach.exercise.rom.trial import DIRECTIONS, Direction, Trial
from coach.exercise.session import Tracking, ViewSummary
from coach.rotation.rotation import Verdict, compute_verdict
from coach.rotation.view import ADVICE, describe_view

SEM_DEG = 2.0
"""Standard error of measurement: the same motion seen by another camera within the gate.  Measured on
10 pairs of medians of six rendered people whom nobody had tuned on; real people also sit down anew."""

MDC_FACTOR = 2.77
"""Minimal detectable change over SEM: 1.96 times the square root of 2."""

CLINICAL_ASYMMETRY_DEG = 10.0
"""Side difference that is usually called one (Ellison 1990); it must exceed the tool's own MDC as well."""

USUAL_TRIAL_SD_DEG = 2.0
"""How much one person's trials are taken to vary before enough of them were seen to tell ..."""

USUAL_TRIAL_WEIGHT = 3
"""... and for how many trials this assumption stands."""

_MEDIAN_VARIANCE = {1: 1.0, 2: 0.5, 3: 0.449}  # of a median over that of a single value, normal distribution

Readings: TypeAlias = dict[tuple[Side, Direction], float]
"""Goniometer readings entered beside the measurement, degrees, positive in each direction."""


@dataclass(frozen=True, slots=True)
class Range:
    """How far one leg turns in one direction; degrees, positive in that direction.

    trials       those that count, at most three
    spread_deg   largest minus smallest, NaN for a single trial
    sd_deg       standard deviation of `median_deg`: trial spread and the measurement's own, which does not
                 average out
    verdict      against the reference band; None for external rotation, which has none
    """

    trials: tuple[Trial, ...]
    median_deg: float
    spread_deg: float
    sd_deg: float
    verdict: Verdict | None

    @property
    def interval95_deg(self) -> tuple[float, float]:
        """The 95 % interval."""
        return self.median_deg - 1.96 * self.sd_deg, self.median_deg + 1.96 * self.sd_deg


@dataclass(frozen=True, slots=True)
class LegResult:
    """Both directions of one leg: a range, or the reason code for having none."""

    internal: Range | str
    external: Range | str

    def get(self, direction: Direction) -> Range | str:
        """One direction."""
        return self.internal if direction == "internal" else self.external

    @property
    def arc_deg(self) -> float:
        """Internal plus external rotation; NaN unless both were measured."""
        if isinstance(self.internal, str) or isinstance(self.external, str):
            return nan
        return self.internal.median_deg + self.external.median_deg


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Side difference in one direction, left minus right."""

    difference_deg: float

    @property
    def real(self) -> bool:
        """Whether it exceeds what the tool can tell apart."""
        return abs(self.difference_deg) > MDC_FACTOR * SEM_DEG

    @property
    def large(self) -> bool:
        """Whether it is real and of the size that is usually called an asymmetry."""
        return self.real and abs(self.difference_deg) >= CLINICAL_ASYMMETRY_DEG


@dataclass(frozen=True, slots=True)
class RomSummary:
    """Everything that a range-of-motion test comes to."""

    protocol: Protocol
    complete: bool
    source: SourceFacts
    model: str
    tracking: Tracking
    view: ViewSummary
    legs: dict[Side, LegResult]
    trials: tuple[Trial, ...]
    readings: Readings

    def asymmetry(self, direction: Direction) -> Asymmetry | None:
        """The side difference; None unless both legs were measured."""
        left, right = (self.legs[side].get(direction) for side in SIDES)
        if isinstance(left, str) or isinstance(right, str):
            return None
        return Asymmetry(left.median_deg - right.median_deg)

    @property
    def measured(self) -> bool:
        """Whether there is any number."""
        return any(not isinstance(leg.get(d), str) for leg in self.legs.values() for d in DIRECTIONS)


def summarise(
    session: RomSession,
    source: SourceFacts,
    model: str,
    readings: Readings | None = None,
    *,
    complete: bool = True,
) -> RomSummary:
    """What the session came to so far."""
    reason = _why_nothing(session)
    legs = {
        side: LegResult(
            *(reason or _fold(_of(session.trials, side, direction), direction) for direction in DIRECTIONS)
        )
        for side in SIDES
    }
    return RomSummary(
        session.protocol,
        complete,
        source,
        model,
        Tracking(session.frames, session.frames_with_pose, session.lost_s, session.frames_doubted),
        _summarise_view(session.view, session.protocol),
        legs,
        tuple(session.trials),
        readings or {},
    )


def _of(trials: list[Trial], side: Side, direction: Direction) -> list[Trial]:
    return [t for t in trials if t.side == side and t.direction == direction]


def _why_nothing(session: RomSession) -> str | None:
    """Why no leg can have a value, None when one can."""
    if session.protocol.withheld is not None:
        return session.protocol.withheld
    if session.was_ready:
        return None
    view = session.view
    if view.reasons and 2 * view.good < view.angles.total():
        return view.reasons.most_common(1)[0][0]
    return "start_pose_not_seen"


def _fold(trials: list[Trial], direction: Direction) -> Range | str:
    counted = tuple(t for t in trials if t.valid)[:TRIALS]
    if counted:
        return compute_range(counted, direction)
    if not trials:
        return "not_performed"
    return Counter(t.rejected for t in trials if t.rejected).most_common(1)[0][0]


def compute_range(trials: tuple[Trial, ...], direction: Direction) -> Range:
    """The median of one to three valid trials with its uncertainty.

    The spread between trials averages out, the measurement's own error (camera, landmarks) does not.
    """
    values = [t.value_deg for t in trials]
    measurement_sd = median(t.sd_deg for t in trials)
    mean = sum(values) / len(values)
    squares = sum((v - mean) ** 2 for v in values) + USUAL_TRIAL_WEIGHT * USUAL_TRIAL_SD_DEG**2
    trial_variance = squares / (len(values) - 1 + USUAL_TRIAL_WEIGHT)
    sd_deg = sqrt(measurement_sd**2 + _MEDIAN_VARIANCE[len(values)] * trial_variance)
    middle = median(values)
    spread = max(values) - min(values) if len(values) > 1 else nan
    verdict = compute_verdict(middle, sd_deg) if direction == "internal" else None
    return Range(trials, middle, spread, sd_deg, verdict)


def _summarise_view(view: ViewTally, protocol: Protocol) -> ViewSummary:
    if protocol.withheld is not None:
        return ViewSummary("none", "not looked at", False, None)
    if not view.angles:
        return ViewSummary("front", "nobody seen", False, ADVICE["nobody_seen"])
    azimuth, elevation = (_median_of(view.angles, i) for i in (0, 1))
    ok = 2 * view.good >= view.angles.total()
    advice = ADVICE.get(view.reasons.most_common(1)[0][0]) if view.reasons and not ok else None
    return ViewSummary("front", describe_view(azimuth, elevation), ok, advice)


def _median_of(views: Counter[tuple[int, int]], column: int) -> float:
    return median(angles[column] for angles in views.elements())
