"""Counts reps of one leg: excursions of the driving measure from the start pose, folded into cycles.

An *excursion* leaves the start pose in one direction and comes back.  It reaches its phase when it passes
the phase's `on` threshold for long enough; it ends below `off`, once the leg has come to rest or turned
round.  A rep is every phase of the spec's cycle, once, each with its return; anything less is partial.
"""

from dataclasses import dataclass, field
from math import isnan, nan
from statistics import median

from coach.body.landmarks import Side
from coach.exercise.events import Rep
from coach.exercise.spec import ExerciseSpec, PhaseSpec

PARTIAL_SHARE = 0.6
"""An excursion below this share of the person's own median amplitude is a partial rep, not a full one."""

PARTIAL_FLOOR = 0.75
"""An excursion that did not reach `on` is a partial rep from this share of `on` upwards, else fidgeting."""

NOISE_FACTOR = 3.0
"""A movement counts only when it exceeds the noise at rest (one SD) this many times."""

_REST_SHARE = 0.15  # of the peak: near enough to the start pose to call it the end
_SETTLE_S = 0.6  # the longest wait below `off` for the leg to come to rest
_EARLY_SHARE, _LATE_SHARE = 0.06, 0.16  # two points on a flank, from which its foot is extrapolated
_PLATEAU_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Sample:
    """What the machine sees of one leg: change of the measure from the start pose, and the rotation."""

    time_s: float
    change: float
    rotation_deg: float
    rotation_sd_deg: float


@dataclass(slots=True)
class Excursion:
    """One way out and back, in the direction of `phase`."""

    phase: PhaseSpec
    sign: float
    samples: list[Sample] = field(default_factory=list)
    on_since_s: float = nan
    reached: bool = False
    below_since_s: float = nan

    @property
    def amplitude(self) -> float:
        """Largest change in the phase's direction, in the measure's unit."""
        return max(self.sign * s.change for s in self.samples)

    @property
    def start_s(self) -> float:
        """When the leg began to move: the foot of the rising flank, extrapolated."""
        return self._foot_s(self.samples, +1.0)

    @property
    def end_s(self) -> float:
        """When the leg came to rest: the foot of the falling flank, extrapolated no further than seen."""
        return min(self._foot_s(self.samples[::-1], -1.0), self.samples[-1].time_s)

    @property
    def plateau(self) -> list[Sample]:
        """The samples around the peak."""
        level = _PLATEAU_SHARE * self.amplitude
        return [s for s in self.samples if self.sign * s.change >= level]

    def _foot_s(self, samples: list[Sample], forwards: float) -> float:
        amplitude = self.amplitude
        peak = next(i for i, s in enumerate(samples) if self.sign * s.change >= _PLATEAU_SHARE * amplitude)
        flank = samples[: peak + 1]
        early = _crossing_s(flank, self.sign, _EARLY_SHARE * amplitude)
        late = _crossing_s(flank, self.sign, _LATE_SHARE * amplitude)
        foot = early - (late - early)
        limit = samples[0].time_s
        return max(foot, limit) if forwards > 0 else min(foot, limit)


def _crossing_s(flank: list[Sample], sign: float, level: float) -> float:
    """When the flank last rose through `level`, going backwards from the peak at its end."""
    for i in range(len(flank) - 1, -1, -1):
        if sign * flank[i].change < level:
            return flank[min(i + 1, len(flank) - 1)].time_s
    return flank[0].time_s


class LegMachine:
    """Rep counter of one leg.  `update` takes one sample and returns the reps that it completes."""

    def __init__(self, spec: ExerciseSpec, side: Side) -> None:
        self._spec = spec
        self._side = side
        self._phases = {phase.name: phase for phase in spec.phases}
        self._noise = 0.0
        self._amplitudes: list[float] = []
        self.last_amplitude = 0.0
        self.reset()

    def reset(self, noise: float = 0.0) -> None:
        """Forget the movement under way (not the count); `noise` is the SD of the measure at rest."""
        self._noise = noise
        self._recent: list[
            Sample
        ] = []  # the quiet stretch before an excursion, where its start is looked for
        self._excursion: Excursion | None = None
        self._done: list[Excursion] = []  # excursions of the running cycle
        self._last_seen_s = nan
        self._wait_for_rest = False
        self._voided: set[str] = set()

    @property
    def phase(self) -> str:
        """Name of the phase the leg is in, "ready" at rest, "moving" between."""
        if self._excursion is None:
            return "ready"
        return self._excursion.phase.name if self._is_on(self._excursion) else "moving"

    @property
    def moving(self) -> bool:
        """Whether an excursion or a cycle is under way."""
        return self._excursion is not None or bool(self._done)

    @property
    def current_amplitude(self) -> float:
        """Largest change of the excursion under way, 0 at rest."""
        return self._excursion.amplitude if self._excursion else 0.0

    @property
    def stuck_since_s(self) -> float:
        """Start of an excursion that has outlasted the longest rep, NaN if there is none."""
        if self._excursion and self._last_seen_s - self._excursion.samples[0].time_s > self._spec.rep.max_s:
            return self._excursion.samples[0].time_s
        return nan

    def note_fault(self, fault_id: str) -> None:
        """A form fault is active: it sticks to the rep under way."""
        if self.moving:
            self._voided.add(fault_id)

    def update(self, sample: Sample) -> list[Rep]:
        """Take one sample (`change` NaN when the leg is not seen); return reps, full and partial."""
        if isnan(sample.change):
            return []
        if sample.time_s - self._last_seen_s > self._spec.rep.bridge_s:
            self._abandon()
        self._last_seen_s = sample.time_s
        if self._excursion is None:
            return self._at_rest(sample)
        return self._in_excursion(self._excursion, sample)

    def _abandon(self) -> None:
        """The leg was out of sight for too long to know what it did: nothing under way may count."""
        self._excursion = None
        self._done, self._recent = [], []
        self._voided = set()
        self._wait_for_rest = True

    def _at_rest(self, sample: Sample) -> list[Rep]:
        self._remember(sample)
        phase, sign = self._leaving(sample.change)
        if phase is None:
            self._wait_for_rest = False
            return self._expire(sample)
        if self._wait_for_rest:
            return []
        self._excursion = Excursion(phase, sign, list(self._recent))
        self._recent = []
        self._advance(self._excursion, sample)
        return []

    def _in_excursion(self, excursion: Excursion, sample: Sample) -> list[Rep]:
        excursion.samples.append(sample)
        self._advance(excursion, sample)
        if not self._has_ended(excursion, sample):
            return []
        self._excursion = None
        self._recent = _tail_at_rest(excursion)
        return self._fold(excursion)

    def _leaving(self, change: float) -> tuple[PhaseSpec | None, float]:
        """The phase that a change from the start pose heads for, if it is beyond that phase's `off`."""
        for phase in self._phases.values():
            sign = 1.0 if phase.direction == "increase" else -1.0
            if sign * change >= max(phase.off, NOISE_FACTOR * self._noise):
                return phase, sign
        return None, 0.0

    def _advance(self, excursion: Excursion, sample: Sample) -> None:
        on = max(excursion.phase.on, NOISE_FACTOR * self._noise)
        if excursion.sign * sample.change < on:
            excursion.on_since_s = nan
            return
        if isnan(excursion.on_since_s):
            excursion.on_since_s = sample.time_s
        if sample.time_s - excursion.on_since_s >= excursion.phase.min_s:
            excursion.reached = True

    def _is_on(self, excursion: Excursion) -> bool:
        return excursion.reached and excursion.sign * excursion.samples[-1].change >= excursion.phase.off

    def _has_ended(self, excursion: Excursion, sample: Sample) -> bool:
        change = excursion.sign * sample.change
        if change >= max(excursion.phase.off, NOISE_FACTOR * self._noise):
            excursion.below_since_s = nan
            return False
        if isnan(excursion.below_since_s):
            excursion.below_since_s = sample.time_s
        turned_round = self._leaving(sample.change)[0] is not None
        at_rest = change <= _REST_SHARE * 0.5 * excursion.amplitude
        return turned_round or at_rest or sample.time_s - excursion.below_since_s >= _SETTLE_S

    def _fold(self, excursion: Excursion) -> list[Rep]:
        """Add a finished excursion to the cycle under way; return the reps that this settles."""
        if excursion.phase.name not in self._spec.rep.cycle:
            return []
        reps = []
        if not excursion.reached:
            if excursion.amplitude < PARTIAL_FLOOR * excursion.phase.on:
                return []
            return [self._close([*self._done, excursion], full=False)]
        if any(done.phase.name == excursion.phase.name for done in self._done):
            reps.append(self._close(self._done, full=False))
        self._done = [*self._done, excursion]
        if len(self._done) == len(self._spec.rep.cycle):
            reps.append(self._close(self._done, full=True))
        return reps

    def _expire(self, sample: Sample) -> list[Rep]:
        """A cycle left half-way for longer than a whole rep may take is partial."""
        if self._done and sample.time_s - self._done[0].samples[0].time_s > self._spec.rep.max_s:
            return [self._close(self._done, full=False)]
        return []

    def _close(self, excursions: list[Excursion], *, full: bool) -> Rep:
        first, last = excursions[0], excursions[-1]
        amplitude = sum(e.amplitude for e in excursions)
        faults = list(self._faults(excursions, amplitude, full))
        voids = {"range", "tempo"} | {f.id for f in self._spec.faults if f.voids_rep}
        valid = not voids.intersection(faults)
        peak = first.plateau
        rep = Rep(
            self._side,
            first.start_s,
            median(s.time_s for s in peak),
            last.end_s,
            median(s.rotation_deg for s in peak),
            median(s.rotation_sd_deg for s in peak),
            valid,
            tuple(faults),
        )
        self.last_amplitude = amplitude
        if valid:
            self._amplitudes.append(amplitude)
        self._done, self._voided = [], set()
        return rep

    def _faults(self, excursions: list[Excursion], amplitude: float, full: bool) -> list[str]:
        rep = self._spec.rep
        faults = sorted(self._voided)
        small = len(self._amplitudes) >= 2 and amplitude < PARTIAL_SHARE * median(self._amplitudes)
        if not full or small:
            faults.append("range")
        first, last = excursions[0], excursions[-1]
        out_s, back_s = first.plateau[0].time_s - first.start_s, last.end_s - last.plateau[-1].time_s
        if full and (min(out_s, back_s) < rep.min_half_s or last.end_s - first.start_s < rep.min_s):
            faults.append("tempo")
        return faults

    def _remember(self, sample: Sample) -> None:
        self._recent.append(sample)
        while sample.time_s - self._recent[0].time_s > 1.5:
            self._recent.pop(0)


def _tail_at_rest(excursion: Excursion) -> list[Sample]:
    """The end of an excursion may already be the start of the next one."""
    end_s = excursion.end_s
    return [s for s in excursion.samples if s.time_s >= end_s]
