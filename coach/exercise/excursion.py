"""One way of a leg out of the start pose and back: when it began and ended, how far it went."""

from dataclasses import dataclass, field
from math import inf, isnan, nan
from statistics import median

from coach.body.spans import lasts, outlasts
from coach.exercise.series import find_rises_s, fit_way
from coach.exercise.spec import PhaseSpec

SETTLE_S = 0.6
"""A leg below `off` that has come no closer to the start pose for this long is at rest."""

_STILL_SHARE = 0.25  # of `on`: a leg that moves by less in that time stands still
_WAY_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # of the time of a way: where its foot is extrapolated from
_TRACKING_LAG_S = 0.04  # the network's landmarks come this much later than the limb, at both ends alike
_NEAR_SHARE = 0.1  # of the level: a leg that is lower than this is nearly back
_STEEP = (0.3, 0.7)  # between these shares of the level a flank is steep; ...
_FLANK_REACH = 2.5  # ... its foot lies no further below than this many times that
_PLATEAU_SHARE = 0.9  # of the level reached: from there on the leg is at its peak
_REST_SHARE = 0.08  # of a flank's height: what lies lower belongs to the rest before or after it


@dataclass(frozen=True, slots=True)
class Sample:
    """What the machine sees of one leg: change of the measure from the start pose, and the rotation."""

    time_s: float
    change: float
    rotation_deg: float
    rotation_sd_deg: float


@dataclass(slots=True)
class Excursion:
    """One way out and back, in the direction of `phase`.

    trails_s    by how much the samples trail what the network saw: seconds
    amplitude   largest change in the phase's direction, in the measure's unit
    """

    phase: PhaseSpec
    sign: float
    samples: list[Sample] = field(default_factory=list)
    trails_s: float = 0.0
    on_since_s: float = nan
    reached: bool = False
    lowest: int | None = None  # which sample came closest to the start pose, once below `off`
    amplitude: float = field(init=False)

    def __post_init__(self) -> None:
        self._find_amplitude()

    def _find_amplitude(self) -> None:
        self.amplitude = max((self.sign * s.change for s in self.samples), default=-inf)

    def add(self, sample: Sample) -> None:
        """Go on with the next sample."""
        self.samples.append(sample)
        self.amplitude = max(self.amplitude, self.sign * sample.change)

    @property
    def level(self) -> float:
        """The change reached, less what is a mere spike: high among the samples of the upper half."""
        values = [self.sign * s.change for s in self.samples]
        half = 0.5 * max(values)
        upper = sorted(v for v in values if v >= half)
        return upper[(4 * len(upper)) // 5]

    @property
    def start_s(self) -> float:
        """When the leg began to move: the foot of the rising flank, extrapolated no further than seen."""
        foot_s, first_s = self._foot_s(self.samples, self._rest_level(self.samples)), self.samples[0].time_s
        return first_s if isnan(foot_s) else max(foot_s - self.late_s, first_s)

    @property
    def end_s(self) -> float:
        """When the leg came to rest: the foot of the falling flank, extrapolated no further than seen."""
        falling = self.samples[::-1]
        foot_s, last_s = self._foot_s(falling, self._rest_level(falling)), self.samples[-1].time_s
        return last_s if isnan(foot_s) else min(foot_s - self.late_s, last_s)

    @property
    def expected_end_s(self) -> float:
        """When a sample will show the leg back in the start pose, NaN while that is too far off to tell."""
        falling = self.samples[::-1]
        near_s = self._passed_s(self._flank(falling), _NEAR_SHARE * self.level)
        return nan if isnan(near_s) else self._foot_s(falling, 0.0)

    @property
    def stands_still(self) -> bool:
        """Whether the leg has stayed where it is for the settling time."""
        last_s = self.samples[-1].time_s
        latest = [s.change for s in self.samples[self.still_from :]]
        still = max(latest) - min(latest) <= _STILL_SHARE * self.phase.on
        return still and lasts(last_s - self.samples[0].time_s, SETTLE_S)

    @property
    def still_from(self) -> int:
        """Which sample is the first of the latest settling time."""
        last_s = self.samples[-1].time_s
        return next(i for i, s in enumerate(self.samples) if not outlasts(last_s - s.time_s, SETTLE_S))

    @property
    def plateau(self) -> list[Sample]:
        """The samples around the peak."""
        lowest = _PLATEAU_SHARE * self.level
        return [s for s in self.samples if self.sign * s.change >= lowest]

    @property
    def late_s(self) -> float:
        """How much later than the leg itself its samples are."""
        return _TRACKING_LAG_S + self.trails_s

    def change_at(self, index: int) -> float:
        """Change in the phase's direction at one of the samples."""
        return self.sign * self.samples[index].change

    def cut_at(self, index: int) -> list[Sample]:
        """End the excursion at this sample; returns it and the later ones."""
        rest = self.samples[index:]
        del self.samples[index + 1 :]
        self._find_amplitude()
        return rest

    def join(self, later: "Excursion") -> "Excursion":
        """This excursion and a later one in the same direction as one."""
        seen_s = self.samples[-1].time_s
        samples = [*self.samples, *(s for s in later.samples if s.time_s > seen_s)]
        reached = self.reached or later.reached
        return Excursion(self.phase, self.sign, samples, self.trails_s, reached=reached)

    def _foot_s(self, samples: list[Sample], rest: float) -> float:
        """The foot of the first flank in `samples`, which rises from `rest`; NaN if it begins higher."""
        points = [(s.time_s, self.sign * s.change) for s in self._flank(samples)]
        return fit_way(points, rest, self.level, _WAY_SHARES)[0]

    def _rest_level(self, samples: list[Sample]) -> float:
        """Where the leg rests at the foot of the first flank, which need not be exactly the start pose.

        About the start pose where the leg goes straight on to the other side.
        """
        values = [self.sign * s.change for s in self._flank(samples)]
        lowest = min(values)
        near = lowest + _REST_SHARE * max(0.0, self.level - lowest)
        rest = median(v for v in values if v <= near)
        return max(rest, -0.5 * self.phase.off)

    def _flank(self, samples: list[Sample]) -> list[Sample]:
        """The samples up to the peak, from shortly before the leg began to move: not the movement before."""
        plateau = _PLATEAU_SHARE * self.level
        peak = next(i for i, s in enumerate(samples) if self.sign * s.change >= plateau)
        flank = samples[: peak + 1]
        low_s, high_s = (self._passed_s(flank, share * self.level) for share in _STEEP)
        if isnan(low_s) or isnan(high_s):
            return flank
        reach_s = max(_FLANK_REACH * abs(high_s - low_s), SETTLE_S)
        return [s for s in flank if not outlasts(min(abs(s.time_s - low_s), abs(s.time_s - high_s)), reach_s)]

    def _passed_s(self, flank: list[Sample], level: float) -> float:
        """When the flank last passed `level` on its way to the peak at its end, NaN if it was never below."""
        rises_s = find_rises_s([(s.time_s, self.sign * s.change) for s in flank], level)
        return rises_s[-1] if rises_s else nan
